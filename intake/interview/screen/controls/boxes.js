/* Choices that are all in sight. */

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
