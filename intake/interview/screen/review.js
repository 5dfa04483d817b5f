/* The last page: what is wrong or doubtful, and handing in. */

function drawReview(screen) {
  screen.reviewed = true;
  const found = [...screen.asked()].flatMap((question) => question.state.problems.map((problem) => ({ ...question, problem })));
  const link = ({ key, state, names, section, problem }) => {
    const texts = screen.languages.map((_, at) => [...names.map((name) => name[at] || name[0]), `${(state.label[at] || state.label[0]).replace(/:$/, "").replace(/([^?!.…])$/, "$1:")} ${problem.text[at] || problem.text[0]}`].join(", "));
    return el("li", {}, screen.words("a", { href: "#", onclick: (event) => { event.preventDefault(); screen.go(screen.items.findIndex((item) => item.section === section), false); screen.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "center" }); screen.views.get(key)?.focus(); } }, texts));
  };
  const errors = found.filter(({ problem }) => problem.kind !== "warning");
  const warnings = found.filter(({ problem }) => problem.kind === "warning");
  const grouped = (problems) => screen.sections.flatMap((section) => {
    const here = problems.filter((item) => item.section === section);
    return here.length ? [screen.words("h4", {}, screen.state[section.id].label), el("ul", {}, ...here.map(link))] : [];
  });
  const heading = screen.words("h2", { tabindex: -1, "data-focus": errors.length ? null : true }, "review");
  const summary = errors.length ? el("div", { class: "lb-summary", tabindex: -1, "data-focus": true, role: "group", "aria-labelledby": `${screen.view}-summary` },
    screen.words("h3", { id: `${screen.view}-summary` }, errors.length === 1 ? "summary_one" : "summary_many", { count: errors.length }), ...grouped(errors)) : screen.words("p", { class: "lb-complete" }, "complete");
  const soft = warnings.length ? el("div", { class: "lb-summary lb-soft" }, screen.words("h3", {}, "warnings"), ...grouped(warnings)) : null;
  screen.views.forEach((_, key) => { if (screen.state[key]) screen.refresh(key); });
  return el("section", {}, heading, summary, soft, screen.words("p", { class: "lb-muted" }, errors.length ? "submit_later" : "submit_ready"),
    el("div", { class: "lb-actions" }, screen.button("lb-button lb-quiet", "back", () => screen.step(-1)), screen.button("lb-button", "submit", () => screen.outbox.push("submit", null, null))));
}
