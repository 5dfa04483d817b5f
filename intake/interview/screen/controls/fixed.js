/* What is only shown, and what is only acknowledged. */

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

function outputControl(question, context) {
  const node = el("output", { id: context.ids.input, class: "lb-output", dir: "auto", "aria-labelledby": context.ids.label });
  return { node, target: node, focus: () => {}, set(state) { node.textContent = state.value; node.hidden = !state.value; } };
}

function unsupportedControl(question, context) {
  const node = el("p", { class: "lb-unsupported" });
  write(node, context.say("not_drawn").map((text) => text.replace("{type}", question.type)), context.languages);
  return { node, target: node, focus: () => {}, set() {} };
}
