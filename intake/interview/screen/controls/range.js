/* A number on a scale: a slider, stars, or a list to pick from. */

/** The steps of a scale from start to end as the texts they are stored as; at most a thousand. */
function scaleSteps({ start = "0", end = "10", step = "1" }) {
  const by = Math.abs(Number(step)) || 1;
  const digits = Math.max(...[start, end, step].map((text) => (text.split(".")[1] || "").length));
  const count = Math.min(Math.floor(Math.abs(end - start) / by + 1e-9), 999);
  return Array.from({ length: count + 1 }, (_, at) => (Number(start) + Math.sign(end - start) * at * by).toFixed(digits));
}

function rangeControl(question, context) {
  const has = (word) => question.appearance.includes(word);
  if (has("picker")) return pickerControl(question, context);
  if (has("rating")) return ratingControl(question, context);
  const { start = "0", end = "10", step = "1" } = question.attributes;
  const marks = scaleSteps(question.attributes);
  const shown = el("output", { for: context.ids.input, class: "lb-range-value" });
  const input = el("input", {
    id: context.ids.input, min: Math.min(start, end), max: Math.max(start, end), step: Math.abs(step) || 1, type: "range", // last: it begins in the middle
    oninput: () => { shown.textContent = input.value; input.classList.remove("lb-unset"); context.emit(input.value, false); },
    onchange: () => context.emit(input.value, true),
  });
  const ticks = has("no-ticks") || marks.length > 21 ? null : el("div", { class: "lb-ticks", "aria-hidden": "true" }, ...marks.map(() => el("span")));
  const ends = [start, end].map((text) => { const node = el("bdi", { class: "lb-range-end" }); node.textContent = text; return node; });
  if (Number(start) > Number(end)) input.dir = "rtl"; // a scale that falls
  const clear = clearButton(context, () => input.focus());
  return {
    node: el("div", { class: `lb-range${has("vertical") ? " lb-vertical" : ""}` }, ends[0],
      el("div", { class: "lb-slide" }, input, ticks), ends[1], shown, clear),
    target: input, focus: () => input.focus(),
    set(state) {
      if (state.value) input.value = state.value;
      input.classList.toggle("lb-unset", !state.value);
      input.setAttribute("aria-valuetext", state.value || context.say("not_chosen")[0]);
      shown.textContent = state.value || "–";
      input.disabled = state.readonly;
      clear.hidden = !state.value || state.readonly || state.required;
      describe(input, context.ids, state);
    },
  };
}

function clearButton(context, after) {
  const node = el("button", { type: "button", class: "lb-link lb-clear", onclick: () => { context.emit("", true); after(); } });
  return write(node, context.say("clear"), context.languages);
}

function pickerControl(question, context) {
  const node = el("select", { id: context.ids.input, class: "lb-input lb-pick", onchange: () => context.emit(node.value, true) },
    write(el("option", { value: "" }), [context.say("not_chosen")[0]], context.languages),
    ...scaleSteps(question.attributes).map((text) => { const option = el("option", { value: text }); option.textContent = text; return option; }));
  return {
    node, target: node, focus: () => node.focus(),
    set(state) {
      const known = [...node.options].some((option) => option.value === state.value);
      if (state.value && !known) node.append(el("option", { value: state.value }, state.value)); // kept, though the scale has changed
      node.value = state.value;
      node.disabled = state.readonly;
      describe(node, context.ids, state);
    },
  };
}

function ratingControl(question, context) {
  const steps = scaleSteps(question.attributes);
  const stars = steps.map((text) => {
    const onchange = () => context.emit(text, true);
    const input = el("input", { type: "radio", id: `${context.ids.input}-${text}`, name: context.ids.input, value: text, onchange });
    const label = el("label", { for: input.id, class: "lb-star" });
    label.textContent = context.say("stars", { number: text, of: steps.at(-1) })[0];
    return { input, node: el("span", { class: "lb-star-box" }, input, label) };
  });
  const clear = clearButton(context, () => stars[0].input.focus());
  const node = el("div", { class: "lb-rating", role: "radiogroup", "aria-labelledby": context.ids.label }, ...stars.map((star) => star.node), clear);
  return {
    node, target: node, focus: () => (stars.find(({ input }) => input.checked) || stars[0]).input.focus(),
    set(state) {
      const at = steps.indexOf(state.value);
      stars.forEach(({ input, node: box }, number) => {
        input.checked = number === at;
        input.disabled = state.readonly;
        box.classList.toggle("lb-lit", number <= at);
      });
      clear.hidden = !state.value || state.readonly || state.required;
      describe(node, context.ids, state);
    },
  };
}
