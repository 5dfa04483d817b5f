/* Places by hand: a point as latitude and longitude, a line or an area as one point a line. */

const withPoints = (text) => text.trim().replaceAll(/(\d),(\d)/g, "$1.$2");

function placeControl(question, context) {
  let rest = ["0", "0"]; // height and accuracy, which nobody types: what a device has found is kept
  const fields = ["latitude", "longitude"].map((name) => {
    const id = `${context.ids.input}-${name}`;
    const input = el("input", {
      id, class: "lb-input lb-number", type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", dir: "ltr",
      oninput: () => context.emit(text(), false), onblur: () => context.emit(text(), true),
    });
    return { input, box: el("div", { class: "lb-part lb-degrees" }, write(el("label", { for: id }), context.say(name), context.languages), input) };
  });
  const text = () => {
    const typed = fields.map(({ input }) => withPoints(input.value));
    if (!typed.some(Boolean)) return "";
    return typed.every(Boolean) ? [...typed, ...rest].join(" ") : typed.join(" ");
  };
  const node = el("div", { class: "lb-date", role: "group", "aria-labelledby": context.ids.label }, ...fields.map((field) => field.box));
  return {
    node, target: node, focus: () => fields[0].input.focus(),
    set(state) {
      const wrong = state.shown.some((problem) => problem.kind !== "warning");
      const parts = state.value.split(" ");
      if (text() !== state.value && !node.contains(document.activeElement)) {
        if (parts.length === 4) rest = parts.slice(2);
        fields.forEach(({ input }, at) => { input.value = parts[at] || ""; });
      }
      fields.forEach(({ input }) => {
        input.readOnly = state.readonly;
        if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      });
      describe(node, context.ids, state);
      node.removeAttribute("aria-invalid"); // a group may not carry it; its boxes do
    },
  };
}

/** The points of a line or an area. An area is closed by its first point again, which nobody has to type. */
function pathControl(question, context) {
  const closes = question.control === "shape";
  const point = (line) => { const parts = withPoints(line).split(/[\s;]+/); return [...parts, "0", "0"].slice(0, Math.max(parts.length, 4)).join(" "); };
  const text = () => {
    const points = node.value.split("\n").map((line) => line.trim()).filter(Boolean).map(point);
    if (closes && points.length > 2 && points.at(-1) !== points[0]) points.push(points[0]);
    return points.join(";");
  };
  const lines = (value) => {
    const points = value.split(";").map((each) => each.trim()).filter(Boolean);
    if (closes && points.length > 3 && points.at(-1) === points[0]) points.pop();
    return points.map((each) => each.replace(/ 0 0$/, "")).join("\n");
  };
  const node = el("textarea", {
    id: context.ids.input, class: "lb-input lb-points", rows: 4, autocomplete: "off", spellcheck: "false", dir: "ltr",
    oninput: () => context.emit(text(), false), onblur: () => context.emit(text(), true),
  });
  const help = write(el("p", { class: "lb-help" }), context.say("points_help"), context.languages);
  return {
    node: el("div", {}, node, help), target: node, focus: () => node.focus(),
    set(state) {
      if (text() !== state.value && document.activeElement !== node) node.value = lines(state.value);
      node.readOnly = state.readonly;
      describe(node, context.ids, state);
    },
  };
}
