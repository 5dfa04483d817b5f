/* One line or several to type in. */

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
