/* Questions with the same choices as one table: "table-list" groups, and rows that a form lays out itself. */

const MATRIX_COLUMNS = 7; // with more choices each row is drawn as a list of its own

/** The nodes of what stands below one another; questions that are rows of one table are drawn as one. */
function drawChildren(screen, children, entry, level) {
  const nodes = [];
  for (let at = 0; at < children.length; at += 1) {
    const rows = matrixRows(children, at);
    if (rows.length) nodes.push(drawMatrix(screen, rows, entry, children[at - 1]));
    else nodes.push(screen.draw(children[at], entry, level));
    at += Math.max(rows.length - 1, 0);
  }
  return nodes;
}

/** The questions from one on that are rows of one table: at most one head ("label") and then rows ("list-nolabel" or "list") of one kind. None where
    there are less than two. */
function matrixRows(children, from) {
  const rows = [];
  for (const child of children.slice(from)) {
    const row = child.kind === "question" && ["select1", "select"].includes(child.control)
      && ["list-nolabel", "list"].some((word) => child.appearance.includes(word));
    if (!row && !(child.control === "header" && !rows.length)) break;
    if (row && rows.some((other) => other.control !== "header" && other.control !== child.control)) break;
    rows.push(child);
  }
  return rows.length > 1 ? rows : [];
}

function drawMatrix(screen, rows, entry, before) {
  const [first] = rows;
  const head = el("tr", { role: "row" });
  const body = el("tbody", { role: "rowgroup" });
  const named = before?.control === "note" ? `${screen.view}-${screen.key(before, entry)}`.replaceAll("/", "-") : null;
  const table = el("table", { class: "lb-matrix", role: "table", "aria-labelledby": named && `${named}-label` }, el("thead", { role: "rowgroup" }, head), body);
  let shown = null;
  const drawHead = () => {
    const states = rows.map((row) => screen.state[screen.key(row, entry)]).filter((state) => state?.relevant && state.list);
    const list = states[0]?.list ?? null;
    body.querySelectorAll("tr").forEach((row) => row.classList.toggle("lb-own-choices", row.dataset.list !== list)); // filtered otherwise than the head
    if (list === shown) return;
    shown = list;
    const choices = screen.lists.rows(list);
    table.classList.toggle("lb-stacked", choices.length > MATRIX_COLUMNS);
    head.replaceChildren(el("td", { role: "cell" }),
      ...choices.map((row) => write(el("th", { scope: "col", role: "columnheader" }), row.slice(1, 1 + screen.languages.length), screen.languages)));
  };
  rows.slice(Number(first.control === "header")).forEach((row) => body.append(drawMatrixRow(screen, row, entry)));
  rows.forEach((row) => screen.watch(screen.key(row, entry), drawHead));
  return table;
}

/** One question as a row: what is asked, why not and what is wrong stand in its head, each choice in a cell. */
function drawMatrixRow(screen, element, entry) {
  const cells = el("tr", { role: "row" });
  const node = screen.draw({ ...element, cells }, entry, 4);
  cells.prepend(el("th", { scope: "row", role: "rowheader" }, node));
  cells.addEventListener("focusout", (event) => { // the boxes stand outside of the question's own node: tell it that it was left
    if (event.target !== node && !node.contains(event.target) && !cells.contains(event.relatedTarget)) node.dispatchEvent(new FocusEvent("focusout"));
  });
  screen.watch(screen.key(element, entry), (state) => { cells.hidden = !state.relevant; });
  return cells;
}

/** The boxes of one row, in `question.cells`. */
function matrixControl(question, context) {
  const one = question.control === "select1";
  const { cells } = question;
  let boxes = [];
  let drawn = null;
  const clear = write(el("button", { type: "button", class: "lb-link lb-clear", onclick: () => { boxes.forEach((box) => { box.checked = false; });
    context.emit("", true); boxes[0]?.focus(); } }), context.say("clear"), context.languages);
  return {
    node: el("div", {}, clear), target: null, focus: () => (boxes.find((box) => box.checked) || boxes[0])?.focus(),
    set(state) {
      if (drawn !== state.list) {
        drawn = state.list;
        cells.dataset.list = state.list;
        cells.querySelectorAll("td").forEach((cell) => cell.remove());
        boxes = context.list(state.list).map((row, at) => {
          const id = `${context.ids.input}-${at}`;
          const chosen = () => context.emit(boxes.filter((each) => each.checked).map((each) => each.value).join(" "), true);
          const box = el("input", { id, type: one ? "radio" : "checkbox", name: context.ids.input, value: row[0],
            "aria-labelledby": `${context.ids.label} ${id}-name`, onchange: chosen });
          const name = write(el("span", { id: `${id}-name`, class: "lb-cell-name" }), choiceTexts(row, context), context.languages);
          cells.append(el("td", { role: "cell" }, el("label", { class: "lb-choice lb-cell", for: id }, box, name)));
          return box;
        });
      }
      const wanted = new Set(state.value.split(" "));
      const described = [state.hint && context.ids.hint, state.shown.length && context.ids.problems].filter(Boolean).join(" ");
      boxes.forEach((box) => {
        box.checked = wanted.has(box.value);
        box.disabled = state.readonly;
        if (described) box.setAttribute("aria-describedby", described); else box.removeAttribute("aria-describedby");
      });
      clear.hidden = !one || !state.value || state.readonly || state.required;
    },
  };
}

/** A head without rows below: what can be chosen, to read. */
function headerControl(question, context) {
  const node = el("ul", { class: "lb-header-choices" });
  const draw = (row) => write(el("li"), choiceTexts(row, context), context.languages);
  return { node, target: null, focus: () => {}, set(state) { node.replaceChildren(...context.list(state.list).map(draw)); } };
}
