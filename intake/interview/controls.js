/* One question's control each. Every maker returns {node, target, set(state), focus()} and calls `emit(value, now)` when the
   person has changed something; `now` is true where nothing more is to be expected (a box was left, a choice was made).
   Nothing here knows a rule of the form. Text reaches the page through textContent and value only, never as markup.
   intake/interview/widget.py puts this file before widget.js: together they are one module. */

const SEARCH_FROM = 6; // radio buttons up to five choices, a searchable list above
const BOXES_UP_TO = 12; // check boxes up to twelve choices, a searchable list above
const SHOWN_AT_ONCE = 100; // options drawn in an open list; more are found by typing

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Put a text into a node in the one or two languages shown: ["Ja", "Yes"]. Equal texts are shown once. */
function write(node, texts, languages) {
  const wanted = (texts || []).filter((text, at, all) => text && all.indexOf(text) === at);
  const now = [...node.children].map((child) => child.textContent);
  if (now.length === wanted.length && now.every((text, at) => text === wanted[at])) return node;
  node.replaceChildren();
  wanted.forEach((text) => {
    const at = texts.indexOf(text);
    const language = languages[at] || languages[0];
    const part = el("bdi", { lang: language.code, dir: language.dir, class: at ? "lb-second" : "lb-first" });
    part.textContent = text;
    if (node.childNodes.length) node.append(" ");
    node.append(part);
  });
  return node;
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function describe(target, ids, state) {
  const described = [state.hint && ids.hint, state.shown.length && ids.problems].filter(Boolean).join(" ");
  if (described) target.setAttribute("aria-describedby", described);
  else target.removeAttribute("aria-describedby");
  if (state.shown.some((problem) => problem.kind !== "warning")) target.setAttribute("aria-invalid", "true");
  else target.removeAttribute("aria-invalid");
  if (state.required && target.getAttribute("role") !== "group") target.setAttribute("aria-required", "true");
  else target.removeAttribute("aria-required");
}

function lineControl(question, context) {
  const many = question.control === "textarea";
  const number = question.control === "integer" || question.control === "decimal";
  const node = el(many ? "textarea" : "input", {
    id: context.ids.input, class: `lb-input${number ? " lb-number" : ""}`, autocomplete: "off", dir: "auto", rows: many ? 3 : null,
    type: many ? null : "text", spellcheck: number ? "false" : null,
    inputmode: { integer: "numeric", decimal: "decimal" }[question.control] || (question.appearance.includes("numbers") ? "numeric" : null),
    oninput: () => context.emit(node.value, false),
    onblur: () => context.emit(node.value, true),
  });
  return {
    node, target: node, focus: () => node.focus(),
    set(state) {
      if (node.value !== state.value && document.activeElement !== node) node.value = state.value;
      node.readOnly = state.readonly;
      describe(node, context.ids, state);
    },
  };
}

function dateControl(question, context) {
  const parts = ["day", "month", "year"].map((name) => {
    const id = `${context.ids.input}-${name}`;
    const input = el("input", {
      id, class: `lb-input lb-${name}`, type: "text", inputmode: "numeric", autocomplete: "off", maxlength: name === "year" ? 4 : 2,
      oninput: () => context.emit(text(), false), onblur: () => context.emit(text(), true),
    });
    const label = write(el("label", { for: id }), context.say(name), context.languages);
    return { name, input, box: el("div", { class: "lb-part" }, label, input) };
  });
  const [day, month, year] = parts.map((part) => part.input);
  const text = () => {
    const typed = [year, month, day].map((input) => input.value.trim());
    if (typed.every((part) => !part)) return "";
    return [typed[0], ...typed.slice(1).map((part) => (part ? part.padStart(2, "0") : ""))].join("-");
  };
  const node = el("div", { class: "lb-date", role: "group", "aria-labelledby": context.ids.label }, ...parts.map((part) => part.box));
  return {
    node, target: node, focus: () => day.focus(),
    set(state) {
      if (text() !== state.value && !node.contains(document.activeElement)) {
        const pieces = state.value.split("-");
        [year.value, month.value, day.value] = pieces.length === 3 ? pieces.map((piece, at) => (at ? piece.replace(/^0(?=\d)/, "") : piece)) : [state.value, "", ""];
      }
      parts.forEach((part) => {
        part.input.readOnly = state.readonly;
        if (state.shown.some((problem) => problem.kind !== "warning")) part.input.setAttribute("aria-invalid", "true");
        else part.input.removeAttribute("aria-invalid");
      });
      describe(node, context.ids, state);
      node.removeAttribute("aria-invalid"); // a group may not carry it; its three boxes do
    },
  };
}

/** Radio buttons or check boxes. A value is the choices' names, separated by spaces, in the order of the list. */
function boxesControl(question, context) {
  const one = question.control === "select1";
  const node = el("div", { class: "lb-choices", role: one ? "radiogroup" : "group", "aria-labelledby": context.ids.label });
  const clear = write(el("button", { type: "button", class: "lb-link lb-clear", onclick: () => { boxes.forEach((box) => { box.checked = false; }); context.emit("", true); boxes[0]?.focus(); } }), context.say("clear"), context.languages);
  let boxes = [];
  let drawn = null;
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value).join(" ");
  return {
    node, target: node, focus: () => (boxes.find((box) => box.checked) || boxes[0])?.focus(),
    set(state) {
      if (drawn !== state.list) {
        const focused = boxes.find((box) => box === document.activeElement)?.value;
        drawn = state.list;
        boxes = [];
        node.replaceChildren(...context.list(state.list).map(([value, ...texts], at) => {
          const id = `${context.ids.input}-${at}`;
          const box = el("input", { id, type: one ? "radio" : "checkbox", name: context.ids.input, value, onchange: () => context.emit(chosen(), true) });
          boxes.push(box);
          return el("div", { class: "lb-choice" }, box, write(el("label", { for: id }), texts, context.languages));
        }), clear);
        boxes.find((box) => box.value === focused)?.focus();
      }
      const wanted = new Set(state.value.split(" "));
      boxes.forEach((box) => { box.checked = wanted.has(box.value); box.disabled = state.readonly; });
      clear.hidden = !one || !state.value || state.readonly || state.required;
      describe(node, context.ids, state);
      if (!one) node.removeAttribute("aria-invalid");
    },
  };
}

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

function selectControl(question, context) {
  const limit = question.control === "select1" ? SEARCH_FROM - 1 : BOXES_UP_TO;
  const makers = [boxesControl, searchControl];
  const wanted = (state) => Number(context.list(state.list).length > limit);
  const holder = el("div");
  let kind = null;
  let inner = null;
  return {
    node: holder, get target() { return inner?.target; }, focus: () => inner?.focus(),
    set(state) {
      if (kind === null || (kind === 0 && wanted(state) === 1)) { // a list that grows gets its search; it keeps it when it shrinks
        kind = wanted(state);
        inner = makers[kind](question, context);
        holder.replaceChildren(inner.node);
      }
      inner.set(state);
    },
  };
}

function acknowledgeControl(question, context) {
  const box = el("input", { id: context.ids.input, type: "checkbox", onchange: () => context.emit(box.checked ? "OK" : "", true) });
  const label = write(el("label", { for: context.ids.input }), context.say("acknowledge"), context.languages);
  return {
    node: el("div", { class: "lb-choice" }, box, label), target: box, focus: () => box.focus(),
    set(state) {
      box.checked = state.value === "OK";
      box.disabled = state.readonly;
      describe(box, context.ids, state);
    },
  };
}

function rangeControl(question, context) {
  const { start = "0", end = "10", step = "1" } = question.attributes;
  const shown = el("output", { for: context.ids.input, class: "lb-range-value" });
  const input = el("input", {
    id: context.ids.input, type: "range", min: Math.min(start, end), max: Math.max(start, end), step: Math.abs(step) || 1,
    oninput: () => { shown.textContent = input.value; input.classList.remove("lb-unset"); context.emit(input.value, false); }, onchange: () => context.emit(input.value, true),
  });
  const ends = [start, end].map((text) => { const end_ = el("bdi", { class: "lb-range-end" }); end_.textContent = text; return end_; });
  return {
    node: el("div", { class: "lb-range" }, ends[0], input, ends[1], shown), target: input, focus: () => input.focus(),
    set(state) {
      if (state.value) input.value = state.value;
      input.classList.toggle("lb-unset", !state.value);
      input.setAttribute("aria-valuetext", state.value || context.say("not_chosen")[0]);
      shown.textContent = state.value || "–";
      input.disabled = state.readonly;
      describe(input, context.ids, state);
    },
  };
}

function outputControl(question, context) {
  const node = el("output", { id: context.ids.input, class: "lb-output", dir: "auto", "aria-labelledby": context.ids.label });
  return { node, target: node, focus: () => {}, set(state) { node.textContent = state.value; node.hidden = !state.value; } };
}

function unsupportedControl(question, context) {
  const node = el("p", { class: "lb-unsupported" });
  write(node, context.say("not_drawn").map((text) => text.replace("{type}", question.type)), context.languages);
  return { node, target: node, focus: () => {}, set() {} };
}

const CONTROLS = {
  text: lineControl, textarea: lineControl, integer: lineControl, decimal: lineControl, date: dateControl, select1: selectControl, select: selectControl,
  acknowledge: acknowledgeControl, range: rangeControl, note: outputControl, output: outputControl, unsupported: unsupportedControl,
};
