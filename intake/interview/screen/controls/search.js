/* Choices that are searched for. */

const SHOWN_AT_ONCE = 100; // options drawn in an open list; more are found by typing

/** A box to type in over a list that is searched in every language shown (ARIA combobox with list autocomplete). */
function searchControl(question, context) {
  const one = question.control === "select1";
  let choices = [];
  let current = { value: "", readonly: false };
  let found = [];
  let active = -1;
  const listId = `${context.ids.input}-list`;
  const input = el("input", {
    id: context.ids.input, class: "lb-input", type: "text", role: "combobox", "aria-labelledby": context.ids.label, autocomplete: "off", spellcheck: "false", dir: "auto",
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", "aria-haspopup": "listbox",
    oninput: () => open(), onclick: () => open(true), onkeydown: (event) => key(event), onblur: () => leave(),
  });
  const list = el("ul", { id: listId, class: "lb-list", role: "listbox", "aria-labelledby": context.ids.label, "aria-multiselectable": one ? null : "true", hidden: true });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  const help = el("p", { class: "lb-help", role: "status" });
  const chips = el("ul", { class: "lb-chips", "aria-labelledby": context.ids.label });
  const node = el("div", { class: "lb-search" }, one ? null : chips, el("div", { class: "lb-anchor" }, input, list), help);
  const names = () => current.value.split(" ").filter(Boolean);
  const textOf = (value) => choices.find((choice) => choice[0] === value);

  function open(all = false) {
    if (current.readonly) return;
    const asked = plain(input.value.trim());
    const everything = all && (!asked || (one && textOf(current.value)?.[1] === input.value));
    const score = (choice) => Math.min(...choice.slice(1).map((text) => { const at = plain(text).indexOf(asked); return at < 0 ? 9 : at === 0 ? 0 : /[\s(/-]/.test(plain(text)[at - 1]) ? 1 : 2; }));
    found = everything ? choices : choices.map((choice) => [score(choice), choice]).filter(([points]) => points < 9).sort((a, b) => a[0] - b[0]).map(([, choice]) => choice);
    active = one && !everything && found.length === 1 ? 0 : everything && one ? found.findIndex((choice) => choice[0] === current.value) : -1;
    draw();
  }
  function draw() {
    list.replaceChildren(...found.slice(0, SHOWN_AT_ONCE).map((choice, at) => {
      const picked = names().includes(choice[0]);
      const option = el("li", { id: `${listId}-${at}`, role: "option", "aria-selected": String(picked), class: at === active ? "lb-active" : null, onclick: () => pick(choice[0]) });
      return write(option, choice.slice(1), context.languages);
    }));
    const opening = list.hidden && found.length;
    list.hidden = !found.length;
    if (opening) list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", String(!list.hidden));
    write(help, !found.length && input.value.trim() ? context.say("nothing_found") : found.length > SHOWN_AT_ONCE ? context.say("type_to_find") : [], context.languages);
    point();
  }
  function point() {
    [...list.children].forEach((option, at) => option.classList.toggle("lb-active", at === active));
    if (active >= 0 && list.children[active]) {
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }
  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function pick(value) {
    const picked = names();
    const next = one ? [value] : picked.includes(value) ? picked.filter((name) => name !== value) : choices.map((choice) => choice[0]).filter((name) => name === value || picked.includes(name));
    current = { ...current, value: next.join(" ") };
    context.emit(current.value, true);
    input.value = one ? textOf(value)?.[1] || value : "";
    write(help, [], context.languages);
    input.removeAttribute("aria-invalid");
    if (!one) drawChips();
    close();
  }
  function key(event) {
    const last = Math.min(found.length, SHOWN_AT_ONCE) - 1;
    const moves = { ArrowDown: Math.min(active + 1, last), ArrowUp: active < 0 ? last : Math.max(active - 1, 0) };
    if (event.key in moves) {
      event.preventDefault();
      if (list.hidden) open(true); else { active = moves[event.key]; point(); }
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      pick(found[active][0]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && !one && !input.value && names().length) pick(names().at(-1));
  }
  function leave() {
    const typed = plain(input.value.trim());
    const exact = choices.filter((choice) => choice.slice(1).some((text) => plain(text) === typed));
    if (typed && exact.length && !(one && names().includes(exact[0][0]))) pick(exact[0][0]);
    else if (one && !typed && current.value) { current = { ...current, value: "" }; context.emit("", true); }
    else if (typed && !exact.length) { // what was typed stays; the list says what it needs
      write(help, context.say("choose_from_list"), context.languages);
      input.setAttribute("aria-invalid", "true");
    }
    close();
  }
  function drawChips() {
    chips.replaceChildren(...names().map((value) => {
      const text = write(el("span"), (textOf(value) || [value, value]).slice(1), context.languages);
      const remove = el("button", { type: "button", class: "lb-chip-remove", disabled: current.readonly, "aria-label": `${context.say("remove")[0]}: ${textOf(value)?.[1] || value}`, onclick: () => { pick(value); input.focus(); } });
      remove.textContent = "×";
      return el("li", { class: "lb-chip" }, text, remove);
    }));
    chips.hidden = !chips.children.length;
  }
  return {
    node, target: input, focus: () => input.focus(),
    set(state) {
      choices = context.list(state.list);
      const changed = current.value !== state.value;
      current = { value: state.value, readonly: state.readonly };
      const typing = document.activeElement === input || (input.value && !state.value && input.hasAttribute("aria-invalid"));
      if (one && (changed || !input.value) && !typing) input.value = textOf(state.value)?.[1] ?? state.value;
      if (!one) drawChips();
      input.readOnly = state.readonly;
      const wrong = input.getAttribute("aria-invalid") && help.textContent;
      describe(input, context.ids, state);
      if (wrong) input.setAttribute("aria-invalid", "true");
    },
  };
}
