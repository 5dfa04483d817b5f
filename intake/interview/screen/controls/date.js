/* A date as three fields. */

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
