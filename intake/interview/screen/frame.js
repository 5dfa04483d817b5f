/* What stands around the questions: head, navigation, progress. */

function drawForm(screen, message) {
  const sameDraft = screen.draft === message.draft && screen.formId === message.form;
  if (!sameDraft) { screen.touched.clear(); screen.reviewed = false; screen.page = 0; }
  Object.assign(screen, { draft: message.draft, formId: message.form, sections: message.sections, state: message.state, lists: message.lists });
  if (!sameDraft) for (const [key, node] of Object.entries(screen.state)) if (node.value && node.problems?.length) screen.touched.add(key); // was answered and left before
  screen.dress(message);
  screen.outbox.sequence = Math.max(screen.outbox.sequence, message.sequence || 0);
  screen.remember(message.draft);
  screen.views = new Map();
  screen.titleText = screen.words("h1", { class: "lb-title" }, [message.title]);
  screen.number = el("bdi", { class: "lb-case" });
  screen.number.textContent = message.number;
  screen.progress = el("span");
  screen.bar = el("progress", { "aria-label": screen.say("progress_label")[0] });
  screen.pill = el("p", { class: "lb-pill", role: "status" });
  screen.banner = el("div", { class: "lb-banner", role: "alert", hidden: true });
  const select = el("select", { id: `${screen.view}-second`, class: "lb-select", onchange: () => screen.outbox.push("language", null, select.value) });
  const choices = message.all_languages.filter((language) => language.name !== screen.languages[0].name);
  select.append(screen.words("option", { value: "" }, [screen.say("no_second")[0]]), ...choices.map((language) => { const option = el("option", { value: language.name, lang: language.code }); option.textContent = language.name.replace(/ \(.*\)$/, ""); return option; }));
  select.value = screen.languages[1]?.name || "";
  const language = choices.length ? el("div", { class: "lb-second-choice" }, write(el("label", { for: select.id }), [screen.say("second_language")[0]], screen.languages), select) : null;
  screen.menu = screen.words("button", { type: "button", class: "lb-menu", "aria-expanded": "false", "aria-controls": `${screen.view}-nav`, onclick: () => screen.toggleMenu() }, "sections");
  screen.list = el("ol", {});
  screen.nav = el("nav", { id: `${screen.view}-nav`, class: "lb-nav", "aria-label": screen.say("sections")[0] }, screen.list);
  screen.main = el("div", { class: "lb-main" });
  const head = el("header", { class: "lb-head" }, el("div", { class: "lb-head-line" }, el("div", { class: "lb-name" }, screen.titleText, el("p", { class: "lb-muted" }, screen.progress, " ", screen.number)), el("div", { class: "lb-tools" }, screen.mark(message), language, screen.pill)), screen.bar, screen.menu, screen.banner);
  screen.root.replaceChildren(head, el("div", { class: "lb-columns" }, screen.nav, screen.main));
  screen.measure?.disconnect();
  screen.measure = new ResizeObserver(() => screen.root.style.setProperty("--lb-head", `${head.offsetHeight}px`)); // what sticks below it, and where jumps land
  screen.measure.observe(head);
  screen.pages = new Map();
  const review = { id: "review", kind: "review" };
  screen.items = [...screen.sections, review].map((section, at) => {
    const label = section === review ? screen.words("span", {}, [screen.say("review")[0]]) : el("span");
    const count = el("span", { class: "lb-count" });
    const button = el("button", { type: "button", onclick: () => screen.go(at, true) }, label, count);
    const item = { section, label, count, button, node: el("li", {}, button) };
    screen.list.append(item.node);
    return item;
  });
  screen.page = Math.min(screen.page, screen.items.length - 1);
  if (!screen.open(screen.items[screen.page])) screen.page = screen.items.findIndex((item) => screen.open(item));
  screen.go(screen.page, false);
  if (sameDraft && message.why === "language") select.focus({ preventScroll: true });
  showSaving(screen);
}

function showCounts(screen) {
  const wrong = new Map();
  for (const { key, state, section } of screen.asked()) if (screen.visible(key, state).some((problem) => problem.kind !== "warning")) wrong.set(section, (wrong.get(section) || 0) + 1);
  let answered = 0;
  let asked = 0;
  screen.items.forEach((item, at) => {
    const state = screen.state[item.section.id];
    item.node.hidden = !screen.open(item);
    if (at === screen.page) item.button.setAttribute("aria-current", "step"); else item.button.removeAttribute("aria-current");
    if (item.section.kind === "review") return;
    write(item.label, [state.label[0]], screen.languages); // who is asked looks at the questions, not at the list
    if (!item.node.hidden) { answered += state.answered; asked += state.asked; }
    const errors = wrong.get(item.section) || 0;
    item.count.className = `lb-count${errors ? " lb-count-wrong" : state.asked && state.answered === state.asked ? " lb-count-full" : ""}`;
    item.count.textContent = errors ? screen.say(errors === 1 ? "error_one" : "error_many", { count: errors })[0] : state.asked ? `${state.answered}/${state.asked}` : "";
    item.count.setAttribute("aria-label", errors ? item.count.textContent : screen.say("answered_of", { answered: state.answered, asked: state.asked })[0]);
    item.count.setAttribute("role", "img");
  });
  write(screen.progress, [screen.say("progress", { answered, asked })[0]], screen.languages);
  screen.bar.max = asked || 1;
  screen.bar.value = answered;
}
