/* One line or several to type in. */

const GROUPING = { de: ".", en: ",", uk: "\u202f", ar: "." };

/** A whole number with its thousands apart: 12000 as 12.000; anything else as it is. */
function grouped(text, language) {
  const found = /^([+-]?)(\d{4,})([.,]\d*)?$/.exec(text);
  if (!found) return text;
  return found[1] + found[2].replace(/\B(?=(\d{3})+$)/g, GROUPING[language.slice(0, 2)] || "\u202f") + (found[3] || "");
}

function lineControl(question, context) {
  const has = (word) => question.appearance.includes(word);
  const many = question.control === "textarea";
  const number = question.control === "integer" || question.control === "decimal";
  const groups = has("thousands-sep");
  const hides = question.control === "secret" || has("masked");
  const apart = (text) => (groups ? grouped(text, context.languages[0].code) : text);
  const node = el(many ? "textarea" : "input", {
    id: context.ids.input, class: `lb-input${number ? " lb-number" : ""}${hides ? " lb-masked" : ""}`, autocomplete: "off", dir: "auto", rows: many ? 3 : null,
    type: many ? null : "text", spellcheck: number || hides || has("url") ? "false" : null,
    inputmode: { integer: "numeric", decimal: "decimal" }[question.control] || (has("numbers") ? "numeric" : has("url") ? "url" : null),
    onfocus: () => { if (groups && node.value === apart(known)) node.value = known; },
    oninput: () => context.emit(node.value, false),
    onblur: () => { if (node.value !== apart(known)) context.emit(node.value, true); else if (groups) node.value = apart(known); },
  });
  let known = "";
  const counter = has("counter") && question.control === "integer" ? counterButtons(context, node) : null;
  return {
    node: counter ? el("div", { class: "lb-counter" }, counter.less, node, counter.more) : node, target: node, focus: () => node.focus(),
    set(state) {
      known = state.value;
      if (document.activeElement !== node && node.value !== apart(known)) node.value = apart(known);
      node.readOnly = state.readonly;
      if (counter) [counter.less, counter.more].forEach((button) => { button.disabled = state.readonly; });
      describe(node, context.ids, state);
    },
  };
}

/** One less and one more, for those who count along. */
function counterButtons(context, node) {
  const step = (by) => {
    if (node.value && !/^[+-]?\d+$/.test(node.value)) { node.focus(); return; } // not ours to replace
    node.value = String(Number(node.value || 0) + by);
    context.emit(node.value, true);
  };
  const button = (sign, name, by) => {
    const labelled = { "aria-controls": context.ids.input, "aria-label": context.say(name)[0] };
    const made = el("button", { type: "button", class: "lb-button lb-quiet lb-step", ...labelled, onclick: () => step(by) });
    made.textContent = sign;
    return made;
  };
  return { less: button("−", "one_less", -1), more: button("+", "one_more", 1) };
}
