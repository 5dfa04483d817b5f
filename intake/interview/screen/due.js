/* "Was ansteht": what is overdue, comes, or is open since a day; and a mark at each case. Asked for after the list was drawn. */

const DUE_STATES = ["overdue", "coming", "since"];

/** The place of the list, empty until Python has looked. */
function drawDue(screen) {
  const { desk } = screen;
  const title = screen.words("h2", { tabindex: -1, id: `${screen.view}-due` }, "due");
  desk.due = {
    title,
    kinds: el("div", { class: "lb-kinds", role: "group", "aria-labelledby": title.id }),
    list: el("ul", { class: "lb-rows" }),
    under: el("div", { class: "lb-under" }, screen.words("p", { class: "lb-muted" }, "due_looking")),
    marks: {},
    state: null,
    shown: 0,
  };
  desk.due.list.hidden = true;
  desk.due.kinds.hidden = true;
  setTimeout(() => { if (desk === screen.desk && desk.due.list.isConnected) askDesk(screen, "due"); });
  desk.due.part = el("section", { class: "lb-desk-part lb-due", "aria-labelledby": title.id },
    el("div", { class: "lb-desk-line" }, title, desk.due.kinds), desk.due.list, desk.due.under);
  return desk.due.part;
}

function showDue(screen, message) {
  const { due } = screen.desk;
  due.marks = message.cases || {};
  markCases(screen);
  if (message.text) { // the study's table is wrong; the list of cases goes on
    due.under.replaceChildren(screen.words("p", { class: "lb-banner", role: "alert" }, message.text));
    return;
  }
  due.state = message.state;
  const rows = (message.rows || []).map((row) => drawDueRow(screen, row));
  if (message.start) due.list.append(...rows);
  else due.list.replaceChildren(...rows);
  due.shown = (message.start || 0) + rows.length;
  due.list.hidden = due.shown === 0;
  fillDueKinds(screen, message.counts);
  const rest = message.total - due.shown;
  if (rest > 0) due.under.replaceChildren(screen.button("lb-button lb-quiet", "due_more",
    () => askDesk(screen, "due", { state: due.state, start: due.shown }), { count: Math.min(rest, message.page) }));
  else due.under.replaceChildren(due.shown ? "" : screen.words("p", { class: "lb-muted" }, "due_none"));
  if (message.start) rows[0]?.querySelector("button")?.focus();
}

/** Which of the three is shown; only those that have something. */
function fillDueKinds(screen, counts) {
  const { due } = screen.desk;
  const held = due.kinds.contains(document.activeElement);
  due.kinds.replaceChildren(...DUE_STATES.filter((state) => counts[state]).map((state) => {
    const node = screen.button("lb-kind", `due_${state}`, () => askDesk(screen, "due", { state }), { count: counts[state] });
    node.setAttribute("aria-pressed", String(state === due.state));
    return node;
  }));
  due.kinds.hidden = !due.kinds.childNodes.length;
  if (held) due.kinds.querySelector('[aria-pressed="true"]')?.focus();
}

function drawDueRow(screen, row) {
  const who = row.person || row.number;
  const what = screen.words("h3", {}, [row.what]);
  const line = screen.words("p", { class: "lb-muted" }, [[row.when, row.place, row.owner].filter(Boolean).join(" · ")]);
  for (const text of new Set([row.person, row.number])) if (text) line.append(" · ", personal(text));
  const go = row.person ? screen.button("lb-button lb-quiet", "due_case", () => goToCase(screen, row)) : null;
  go?.setAttribute("aria-label", screen.say("due_case_of", { person: who, what: row.what })[0]);
  return el("li", { class: row.warn ? "lb-row lb-due-warn" : "lb-row" }, el("div", { class: "lb-row-main" }, what, line),
    el("div", { class: "lb-row-actions" }, go));
}

/** Find the case by its pseudonym and go there; what is searched for stands in the box, so that it can be taken back. */
function goToCase(screen, row) {
  const { desk } = screen;
  desk.input.value = row.person;
  desk.input.focus(); // the list that holds the button goes
  desk.wanted = row.case;
  search(screen, row.person);
}

/** The marks of the cases shown, and the focus where somebody wanted to go. Who searches sees cases and drafts only. */
function markCases(screen) {
  const { desk } = screen;
  if (!desk.due) return;
  desk.due.part.hidden = Boolean(desk.words);
  for (const row of desk.cases.querySelectorAll("[data-case]")) {
    const [overdue, coming] = desk.due.marks[row.dataset.case] || [0, 0];
    row.querySelector(".lb-chips")?.remove();
    if (!overdue && !coming) continue;
    const chips = el("p", { class: "lb-chips" });
    if (overdue) chips.append(screen.words("span", { class: "lb-chip lb-chip-overdue" }, "due_chip_overdue", { count: overdue }));
    if (coming) chips.append(" ", screen.words("span", { class: "lb-chip" }, "due_chip_coming", { count: coming }));
    row.querySelector(".lb-row-main").append(chips);
  }
  const wanted = desk.wanted && rowOf(screen, desk.wanted);
  if (!wanted) return;
  desk.wanted = null;
  wanted.scrollIntoView({ block: "nearest" });
  wanted.querySelector('[aria-expanded]')?.focus();
}
