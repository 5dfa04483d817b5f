/* A number on a scale. */

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
