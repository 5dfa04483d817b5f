/* The last page: what is still wrong with links to each field, what is doubted with its reasons, and handing in. */

function drawReview(screen) {
  screen.reviewed = true;
  const found = [...screen.asked()].flatMap((question) => question.state.problems.map((problem) => ({ ...question, problem })));
  const errors = found.filter(({ problem }) => problem.kind !== "warning");
  const warnings = found.filter(({ problem }) => problem.kind === "warning" && !problem.reason);
  const kept = found.filter(({ problem }) => problem.kind === "warning" && problem.reason);
  const heading = screen.words("h2", { tabindex: -1, "data-focus": errors.length ? null : true, id: `${screen.view}-review` }, "review");
  screen.views.forEach((_, key) => { if (screen.state[key]) screen.refresh(key); });
  return el("section", { "aria-labelledby": heading.id }, heading,
    errors.length ? drawErrors(screen, errors) : screen.words("p", { class: "lb-complete" }, "complete"),
    warnings.length ? drawWarnings(screen, warnings) : null, kept.length ? drawKept(screen, kept) : null,
    screen.words("p", { class: "lb-muted" }, errors.length ? "submit_later" : "submit_ready"),
    actions(quietButton(screen, "back", () => screen.step(-1)), screen.button("lb-button", "submit", () => screen.outbox.push("submit", null, null))),
    screen.alone ? null : actions(quietButton(screen, "print", () => drawPrint(screen)),
      screen.case ? quietButton(screen, "stop_here", () => screen.leave()) : null));
}

function drawErrors(screen, errors) {
  const title = screen.words("h3", { id: `${screen.view}-summary` }, errors.length === 1 ? "summary_one" : "summary_many", { count: errors.length });
  return el("div", { class: "lb-summary", tabindex: -1, "data-focus": true, role: "group", "aria-labelledby": title.id }, title,
    ...bySection(screen, errors, (found) => el("li", {}, questionLink(screen, found, problemText(screen, found)))));
}

function drawWarnings(screen, warnings) {
  return el("div", { class: "lb-summary lb-soft" }, screen.words("h3", {}, "warnings"), ...bySection(screen, warnings, (found) => drawDoubt(screen, found)));
}

/** A warning with its link and its reasons: one click keeps the answer, or withdraws that. */
function drawDoubt(screen, found) {
  return el("li", { "data-doubt": found.key }, questionLink(screen, found, problemText(screen, found)), overrideButtons(screen, found.key, found.problem));
}

/** The warnings that were overridden, shortly. */
function drawKept(screen, kept) {
  const summary = screen.words("summary", {}, kept.length === 1 ? "kept_one" : "kept_many", { count: kept.length });
  const open = kept.some((found) => found.key === screen.doubted); // just kept: its reason stays in sight
  return el("details", { class: "lb-kept", open }, summary, el("ul", {}, ...kept.map((found) => drawDoubt(screen, found))));
}

function bySection(screen, problems, row) {
  return screen.sections.flatMap((section) => {
    const here = problems.filter((item) => item.section === section);
    return here.length ? [screen.words("h4", {}, screen.state[section.id].label), el("ul", {}, ...here.map(row))] : [];
  });
}

/** "Ziel 2, Was soll erreicht werden?" in each language. A label that another language lacks is not said twice: '' there. */
function questionName(screen, { names, state }) {
  return screen.languages.map((language, at) => {
    const label = state.label[at] || state.label[0];
    if (label?.m && at > 0) return "";
    return [...names.map((name) => name[at] || name[0]), label?.m ? `\u2068${plainText(label)}\u2069` : plainText(label)].join(comma(language)); // isolated
  });
}

/** What stands between the parts of a list in a language. */
const comma = (language) => (/^(ar|fa|prs|ps|ckb|ur|ug|sd)\b/.test(language.code) ? "، " : ", ");

function problemText(screen, found) {
  const { text } = found.problem;
  const ended = (name) => name.replace(/:(\u2069?)$/, "$1").replace(/([^?!.…؟\u2069]\u2069?)$/, "$1:");
  return questionName(screen, found).map((name, at) => `${name && ended(name)} ${plainText(text[at]) || plainText(text[0])}`.trim());
}

function questionLink(screen, { key }, texts) {
  return screen.words("a", { href: "#", onclick: (event) => { event.preventDefault(); showQuestion(screen, key); } }, texts);
}
