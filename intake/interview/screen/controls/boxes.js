/* Choices that are all in sight. */

/** The texts of a choice in the languages shown, and the picture, sound or video behind them, if there is one. */
const choiceTexts = (row, context) => row.slice(1, 1 + context.languages.length);
const choiceExtras = (row, context) => (row.length > 1 + context.languages.length
  ? drawChoiceMedia(context.screen, row.at(-1), choiceTexts(row, context)) : null);
const choiceName = (row, context) => plainText(choiceTexts(row, context).find((text) => plainText(text)) || row[0]);

/** Radio buttons or check boxes. A value is the choices' names, separated by spaces, in the order of the list. */
function boxesControl(question, context) {
  const one = question.control === "select1";
  const looks = boxLooks(question.appearance);
  const node = el("div", { class: `lb-choices ${looks.names.join(" ")}`, role: one ? "radiogroup" : "group", "aria-labelledby": context.ids.label });
  if (looks.columns) node.style.setProperty("--lb-cols", looks.columns);
  const clear = write(el("button", { type: "button", class: "lb-link lb-clear", onclick: () => { boxes.forEach((box) => { box.checked = false; });
    context.emit("", true); boxes[0]?.focus(); } }), context.say("clear"), context.languages);
  const onward = moveOn(question, context, node);
  let boxes = [];
  let drawn = null;
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value).join(" ");
  return {
    node, target: node, focus: () => (boxes.find((box) => box.checked) || boxes[0])?.focus(),
    set(state) {
      if (drawn !== state.list) {
        const focused = boxes.find((box) => box === document.activeElement)?.value;
        drawn = state.list;
        const rows = context.list(state.list);
        node.style.setProperty("--lb-count", rows.length);
        node.classList.toggle("lb-likert-ends", rows.length > 7 && looks.names.includes("lb-likert"));
        boxes = [];
        node.replaceChildren(...rows.map((row, at) => {
          const id = `${context.ids.input}-${at}`;
          const box = el("input", { id, type: one ? "radio" : "checkbox", name: context.ids.input, value: row[0],
            onchange: () => { context.emit(chosen(), true); onward.chosen(); } });
          boxes.push(box);
          const extras = choiceExtras(row, context);
          return el("div", { class: `lb-choice${extras ? " lb-has-media" : ""}` }, box, write(el("label", { for: id }), choiceTexts(row, context),
            context.languages), extras);
        }), clear);
        boxes.find((box) => box.value === focused)?.focus();
      }
      const wanted = new Set(state.value.split(" "));
      boxes.forEach((box) => { box.checked = wanted.has(box.value); box.disabled = state.readonly; });
      clear.hidden = !one || !state.value || state.readonly || state.required;
      describe(node, context.ids, state);
      if (!one) node.removeAttribute("aria-invalid");
      onward.saved();
    },
  };
}

/** How boxes are laid out: in columns ("columns", "columns-pack", "columns-2"), in one row ("list"), as a scale ("likert"), without circles ("no-buttons"). */
function boxLooks(appearance) {
  const columns = appearance.find((word) => /^columns-[1-9]\d?$/.test(word))?.slice("columns-".length);
  const names = [
    columns || appearance.includes("columns") ? "lb-cols" : null,
    appearance.includes("columns-pack") || appearance.includes("list") ? "lb-packed" : null,
    appearance.includes("likert") ? "lb-likert" : null,
    appearance.includes("no-buttons") ? "lb-no-buttons" : null,
  ].filter(Boolean);
  return { columns, names };
}

/** With "quick" a choice leads on to the next question, once Python knows it: only then it is certain which one that is. Arrow keys only look
    around; Enter goes on. */
function moveOn(question, context, node) {
  const quick = question.control === "select1" && question.appearance.includes("quick");
  let looking = false;
  let waiting = false;
  if (quick) {
    node.addEventListener("pointerdown", () => { looking = false; });
    node.addEventListener("keydown", (event) => {
      looking = event.key.startsWith("Arrow");
      if (event.key === "Enter" && event.target.checked) { event.preventDefault(); waiting = true; go(); }
    });
  }
  function go() {
    setTimeout(() => {
      const here = node.closest(".lb-question");
      if (!waiting || !here?.contains(document.activeElement)) { waiting = false; return; }
      waiting = false;
      const all = [...here.closest("section, .lb-main").querySelectorAll(".lb-question")].filter((each) => each.offsetParent);
      const next = all[all.indexOf(here) + 1];
      if (next) context.screen.views.get(next.dataset.key)?.focus();
    });
  }
  return {
    chosen() { waiting = quick && !looking; },
    saved() { if (waiting && !context.screen.outbox.holds(context.key)) go(); },
  };
}
