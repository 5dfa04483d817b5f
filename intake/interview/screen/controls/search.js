/* Choices that are searched for. */

const SHOWN_AT_ONCE = 100; // options drawn in an open list; more are drawn when the end is reached, or found by typing
const SHORT_LIST = 12; // so many are chosen by touch without a keyboard on screen
const SEARCHED = new WeakMap(); // a list of choices as it is searched

/** A text as it is compared: without marks, case and spellings, "ß" as "ss". */
const searchable = (text) => plain(text).replaceAll("ß", "ss");

/** A list with its texts as they are compared: [{row, names}]. A German name can be typed with "ae" for "ä". */
function searchIndex(list, context) {
  if (!SEARCHED.has(list)) {
    SEARCHED.set(list, list.map((row) => ({ row, names: choiceTexts(row, context).map(plainText).flatMap((text) => {
      const spelt = text.toLowerCase().replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue");
      return spelt === text.toLowerCase() ? [searchable(text)] : [searchable(text), searchable(spelt)];
    }) })));
  }
  return SEARCHED.get(list);
}

/** Those rows that hold what is asked for: first the ones that begin with it, then words that do, then the rest. */
function searchFor(index, asked) {
  const ranked = [[], [], []];
  for (const { row, names } of index) {
    let best = 3;
    for (const name of names) {
      const at = name.indexOf(asked);
      if (at === 0) best = 0;
      else if (at > 0) best = Math.min(best, /[\s(/-]/.test(name[at - 1]) ? 1 : 2);
    }
    if (best < 3) ranked[best].push(row);
  }
  return ranked.flat();
}

const LIST_SLOW = 1000; // ms a list may take until somebody is told that it is coming

/** A box to type in over a list that is searched in every language shown (ARIA combobox with list autocomplete).

    The list comes when the box takes the focus, unless it is here already (lists.js); what is chosen shows without it. */
function searchControl(question, context) {
  const one = question.control === "select1";
  let choices = []; // while the list is not here, those that are chosen
  let coming = ""; // the id of a list that is not here
  let opening = null; // how the list was to be opened when it was not here: all of it, or what was typed
  let pressed = []; // keys that were pressed before it was here
  let byValue = new Map();
  let current = { value: "", readonly: false, list: "" };
  let found = [];
  let drawn = 0;
  let active = -1;
  let telling = 0;
  const listId = `${context.ids.input}-list`;
  const input = el("input", {
    id: context.ids.input, class: "lb-input", type: "text", role: "combobox", "aria-labelledby": context.ids.label, autocomplete: "off", spellcheck: "false",
      dir: "auto",
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", "aria-haspopup": "listbox",
    oninput: () => { open(); showSecond(); },
    onclick: () => { if (list.hidden) open(true); else if (!input.value || isChosen()) close(); }, onkeydown: (event) => key(event),
      onblur: () => { leave(); context.screen.calmly(showSecond); }, onfocus: () => bring(),
  });
  const list = el("ul", { id: listId, class: "lb-list", role: "listbox", "aria-labelledby": context.ids.label, "aria-multiselectable": one ? null : "true",
    hidden: true });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 80) more(); });
  const help = el("p", { class: "lb-help" });
  const chips = el("ul", { class: "lb-chips", "aria-labelledby": context.ids.label });
  const second = el("p", { class: "lb-search-second", hidden: true });
  const node = el("div", { class: "lb-search" }, one ? null : chips, el("div", { class: "lb-anchor" }, input, list), second, help);
  const onward = moveOn(question, context, node);
  const names = () => current.value.split(" ").filter(Boolean);
  const textOf = (value) => (byValue.has(value) ? choiceName(byValue.get(value), context) : value);
  const isHeld = () => document.activeElement === input;
  const isShown = () => one && input.value === textOf(current.value);
  const isTyped = () => input.value.trim() && !isChosen();
  const isChosen = () => one && Boolean(current.value) && textOf(current.value) === input.value;

  /** What is chosen in the second language, below the box: that holds one only. */
  function showSecond() {
    const row = isChosen() ? byValue.get(current.value) : null;
    const text = row && choiceTexts(row, context)[1];
    const words = plainText(text);
    second.hidden = !words || words === input.value;
    write(second, second.hidden ? [] : ["", text], context.languages);
  }
  function open(all = false) {
    if (current.readonly) return;
    if (coming) { close(); found = []; opening = all; bring(); return; }
    const asked = searchable(input.value.trim());
    const everything = all && (!asked || isChosen());
    found = everything || !asked ? choices : searchFor(searchIndex(choices, context), asked);
    active = everything && one ? found.findIndex((row) => row[0] === current.value) : one && asked && found.length === 1 ? 0 : -1;
    draw();
    tell(everything ? [] : !found.length ? context.say("results_none") : found.length === 1 ? context.say("results_one")
      : context.say("results_many", { count: found.length }));
  }
  /** Have the list brought; it opens when it is here, where it was to be opened. Nobody is told, unless it takes long. */
  function bring() {
    if (!coming || input.hasAttribute("aria-busy") || current.readonly) return;
    const id = coming;
    let told = null;
    const wait = () => {
      if (!input.isConnected) return;
      const name = context.screen.link?.trouble ? "list_waits" : "list_coming";
      if (name !== told && (isHeld() || isTyped())) tell(context.say(told = name));
      slow = setTimeout(wait, LIST_SLOW);
    };
    let slow = setTimeout(wait, LIST_SLOW);
    input.setAttribute("aria-busy", "true");
    context.lists.get(id).then(() => {
      clearTimeout(slow);
      input.removeAttribute("aria-busy");
      if (context.lists.has(current.list)) arrived(told);
      else if (isHeld() && current.list !== id) bring(); // it is another one meanwhile
    });
  }
  function arrived(told) {
    const [shown, wanted, waiting] = [isShown(), opening, pressed];
    coming = "";
    opening = null;
    pressed = [];
    hold(context.list(current.list));
    if (told) tell([]);
    if (shown) input.value = textOf(current.value);
    if (!one) drawChips();
    showSecond();
    if (isHeld()) { if (wanted !== null) open(wanted); waiting.forEach(key); } else if (isTyped()) leave();
  }
  /** Say how many are found: at once on screen, to a screen reader when typing pauses. */
  function tell(texts) {
    write(help, texts, context.languages);
    clearTimeout(telling);
    if (texts.length) telling = setTimeout(() => context.screen.announce(texts, {}, true), 600);
  }
  function draw() {
    drawn = 0;
    list.replaceChildren();
    more();
    while (active >= drawn) more();
    const opening = list.hidden && found.length;
    list.hidden = !found.length;
    if (opening) list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", String(!list.hidden));
    point();
  }
  function more() {
    const picked = new Set(names());
    list.append(...found.slice(drawn, drawn + SHOWN_AT_ONCE).map((row, at) => {
      const place = drawn + at;
      const option = el("li", { id: `${listId}-${place}`, role: "option", "aria-selected": String(picked.has(row[0])), "aria-setsize": found.length,
        "aria-posinset": place + 1, onclick: () => pick(row[0]) });
      return write(option, choiceTexts(row, context), context.languages);
    }));
    drawn = Math.min(found.length, drawn + SHOWN_AT_ONCE);
  }
  function point() {
    list.querySelector(".lb-active")?.classList.remove("lb-active");
    const option = list.children[active];
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.classList.add("lb-active");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function close() { // a page that becomes shorter under a pressed pointer would move what is clicked
    if (context.screen.pressed && !isHeld()) context.screen.calmly(() => { if (!isHeld()) shut(); });
    else shut();
  }
  function shut() {
    list.hidden = true;
    active = -1;
    opening = null;
    pressed = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  /** Choose it. What may move the page waits in `calmly`, where a click elsewhere chose it: see `leave`. */
  function pick(value, calmly = (act) => act()) {
    const picked = names();
    const withIt = () => choices.map((choice) => choice[0]).filter((name) => name === value || picked.includes(name)); // in the order of the list
    const next = one ? [value] : picked.includes(value) ? picked.filter((name) => name !== value) : withIt();
    current = { ...current, value: next.join(" ") };
    context.emit(current.value, true);
    onward.chosen();
    input.value = one ? textOf(value) : "";
    clearTimeout(telling);
    input.removeAttribute("aria-invalid");
    calmly(() => { write(help, [], context.languages); if (!one) drawChips(); showSecond(); });
    close();
  }
  function move(to) {
    if (list.hidden) { open(true); if (active >= 0 || !found.length) return; }
    while (to >= drawn && drawn < found.length) more();
    active = Math.max(0, Math.min(to, found.length - 1));
    point();
  }
  const keys = {
    ArrowDown: (event) => { if (event.altKey) open(true); else move(active + 1); },
    ArrowUp: (event) => { if (event.altKey) close(); else move(active < 0 ? Math.min(found.length || choices.length, SHOWN_AT_ONCE) - 1 : active - 1); },
    PageDown: () => move(active + 10),
    PageUp: () => move(active - 10),
  };
  /** Remember a key for a list that is on its way: who types quickly chooses what they would have seen. */
  function early(event) {
    event.preventDefault();
    event.stopPropagation();
    const closed = opening === null;
    opening ??= true;
    if (!closed || !isChosen()) pressed.push(event); // the first one only opens where something is chosen
    bring();
  }
  function key(event) {
    if (coming && !event.ctrlKey && !event.metaKey && (event.key in keys || (event.key === "Enter" && opening !== null))) early(event);
    else if (event.key in keys && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      keys[event.key](event);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      if (active >= 0) pick(found[active][0]);
    } else if (event.key === "Escape" && (!list.hidden || (input.value && !isChosen()))) { // what was chosen before stands again: nothing is lost by it
      event.stopPropagation();
      if (list.hidden || (one && current.value)) input.value = one && current.value ? textOf(current.value) : "";
      input.removeAttribute("aria-invalid");
      tell([]);
      showSecond();
      close();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) { // back to the text
      active = -1;
      point();
    } else if (event.key === "Backspace" && !one && !input.value && names().length) pick(names().at(-1));
  }
  /** What stands below a box that was left: not before the click is done that left it. */
  function settle(texts) { context.screen.calmly(() => { if (!isHeld()) write(help, texts, context.languages); }); }
  function leave() {
    close();
    if (coming && isTyped()) return; // it is looked up when the list is here
    clearTimeout(telling);
    const typed = searchable(input.value.trim());
    if (isChosen()) settle([]);
    else if (typed) {
      const exact = searchIndex(choices, context).find((each) => each.names.includes(typed))?.row;
      if (exact && !(one && names().includes(exact[0]))) pick(exact[0], (act) => context.screen.calmly(act));
      else if (exact) input.value = one ? textOf(exact[0]) : "";
      else { // what was typed stays; the list says what it needs
        settle(context.say("choose_from_list"));
        context.screen.announce("choose_from_list", {}, true);
        input.setAttribute("aria-invalid", "true");
      }
    } else {
      settle([]);
      if (one && current.value) { current = { ...current, value: "" }; context.emit("", true); }
    }
  }
  function drawChips() {
    chips.replaceChildren(...names().map((value) => {
      const text = write(el("span"), byValue.has(value) ? choiceTexts(byValue.get(value), context) : [value], context.languages);
      const remove = el("button", { type: "button", class: "lb-chip-remove", disabled: current.readonly,
        "aria-label": `${context.say("remove")[0]}: ${textOf(value)}`, onclick: () => { pick(value); input.focus(); close(); } });
      remove.textContent = "×";
      return el("li", { class: "lb-chip" }, text, remove);
    }));
    chips.hidden = !chips.children.length;
  }
  function hold(rows) {
    choices = rows;
    byValue = new Map(choices.map((row) => [row[0], row]));
  }
  function take(state) {
    const here = context.lists.has(state.list);
    const rows = here ? context.list(state.list) : state.chosen || [];
    coming = here ? "" : state.list;
    if (choices === rows) return;
    hold(rows);
    if (!list.hidden) open(true); // the list changed under an open box
    else if (isHeld()) bring();
  }
  return {
    node, target: input, focus: () => input.focus(),
    set(state) {
      const changed = current.value !== state.value;
      const shown = isShown();
      current = { value: state.value, readonly: state.readonly, list: state.list };
      take(state);
      if (context.lists.size(state.list) <= SHORT_LIST && matchMedia("(pointer: coarse)").matches) input.setAttribute("inputmode", "none");
      else input.removeAttribute("inputmode");
      const typing = isHeld() || (input.value && !state.value && input.hasAttribute("aria-invalid"));
      if (one && (changed || !input.value ? !typing : shown)) input.value = textOf(state.value);
      if (!one) drawChips();
      showSecond();
      input.readOnly = state.readonly;
      const wrong = input.getAttribute("aria-invalid") && help.textContent;
      describe(input, context.ids, state);
      if (wrong) input.setAttribute("aria-invalid", "true");
      onward.saved();
    },
  };
}
