/* The layers of a form: their names, and the page at the end of each where one may stop. */

const HELD_AFTER = "plan"; // an interview counts as held when this layer is done

/** The name of a layer in each language; one that the catalogue does not know is called as the form calls it. */
function layerName(screen, layer) { return screen.ui.map((texts) => texts[`layer_${layer}`] ?? layer); }

/** Every question of a layer that still needs something: {key, state, names, section, problem}. */
function* openInLayer(screen, layer) {
  for (const question of screen.asked()) {
    if ((question.section.layer || "") !== layer) continue;
    for (const problem of question.state.problems) if (problem.kind !== "warning") yield { ...question, problem };
  }
}

/** {open: what still needs something, answered: how many questions have an answer, done} of a layer. */
function layerState(screen, layer) {
  const open = [...openInLayer(screen, layer)];
  const answered = screen.items.reduce((sum, item) => sum + (item.kind === "section" && item.layer === layer && isOpen(screen, item) ? screen.state[item.section.id].answered : 0), 0);
  return { open, answered, done: open.length === 0 && answered > 0 };
}

function drawStop(screen, layer) {
  const { open, done } = layerState(screen, layer);
  const name = layerName(screen, layer);
  const known = done && screen.ui[0][`layer_${layer}_done`];
  const title = known ? screen.say(`layer_${layer}_done`) : screen.ui.map((texts, at) => (texts[done ? "layer_done" : "layer_open"] || "").replace("{name}", name[at]));
  const heading = screen.words("h2", { tabindex: -1, "data-focus": true, id: `${screen.view}-stop` }, title);
  const text = done ? screen.words("p", { class: "lb-complete" }, `stop_complete${layer === HELD_AFTER ? "_held" : ""}`) : screen.words("p", {}, open.length ? "stop_missing" : "stop_untouched");
  const missing = !open.length ? null : el("div", { class: "lb-missing" }, el("ul", {}, ...open.map((found) => el("li", {}, questionLink(screen, found, questionName(screen, found))))));
  return el("section", { class: "lb-stop", "aria-labelledby": heading.id }, screen.words("p", { class: "lb-muted lb-legend" }, "layer_end", { name: name[0] }), heading, text,
    missing, layerSections(screen, layer), screen.words("p", { class: "lb-muted" }, "submit_later"), ...stopActions(screen, layer));
}

/** What is answered in each section of a layer, as links. */
function layerSections(screen, layer) {
  const items = screen.items.filter((item) => item.kind === "section" && item.layer === layer && isOpen(screen, item));
  const rows = items.map((item) => {
    const { label, answered, asked } = screen.state[item.section.id];
    const link = screen.words("a", { href: "#", onclick: (event) => { event.preventDefault(); screen.go(screen.items.indexOf(item), true); } }, label);
    return el("li", {}, link, screen.words("span", { class: asked && answered === asked ? "lb-count lb-count-full" : "lb-count" }, [screen.say("answered_of", { answered, asked })[0]]));
  });
  return el("div", { class: "lb-answered" }, screen.words("h3", {}, "stop_answered"), el("ul", {}, ...rows));
}

function stopActions(screen, layer) {
  const next = screen.items.slice(screen.page + 1).find((item) => item.kind === "section" && isOpen(screen, item));
  const names = next && layerName(screen, next.layer);
  const go = names && screen.button("lb-button", "stop_next", () => screen.step(1));
  if (go) write(go, screen.say("stop_next").map((text, at) => text.replace("{name}", names[at])), screen.languages);
  const review = layer === HELD_AFTER || !next ? screen.button(next ? "lb-button lb-quiet" : "lb-button", "review", () => screen.go(screen.items.length - 1, true)) : null;
  const leave = screen.case ? screen.button("lb-button lb-quiet", "stop_here", () => screen.leave()) : null;
  const back = screen.button("lb-button lb-quiet", "back", () => screen.step(-1));
  return [el("div", { class: "lb-actions" }, back, go || review), go && (leave || review) ? el("div", { class: "lb-actions" }, leave, review) : leave && el("div", { class: "lb-actions" }, leave)];
}
