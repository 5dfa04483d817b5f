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
  const answered = layerItems(screen, layer).reduce((sum, item) => sum + screen.state[item.section.id].answered, 0);
  return { open, answered, done: open.length === 0 && answered > 0 };
}

function layerItems(screen, layer) { return screen.items.filter((item) => item.kind === "section" && item.layer === layer && isOpen(screen, item)); }

function drawStop(screen, layer) {
  const { open, done } = layerState(screen, layer);
  const heading = screen.words("h2", { tabindex: -1, "data-focus": true, id: `${screen.view}-stop` }, stopTitle(screen, layer, done));
  const text = done ? `stop_complete${layer === HELD_AFTER ? "_held" : ""}` : open.length ? "stop_missing" : "stop_untouched";
  const missing = open.map((found) => el("li", {}, questionLink(screen, found, questionName(screen, found))));
  return el("section", { class: "lb-stop", "aria-labelledby": heading.id },
    screen.words("p", { class: "lb-muted lb-legend" }, [screen.say("layer_end", { name: layerName(screen, layer)[0] })[0]]), heading,
    screen.words("p", { class: done ? "lb-complete" : null }, text), missing.length ? el("div", { class: "lb-missing" }, el("ul", {}, ...missing)) : null,
    layerSections(screen, layer), screen.words("p", { class: "lb-muted" }, "submit_later"), ...stopActions(screen, layer));
}

function stopTitle(screen, layer, done) {
  if (done && screen.ui[0][`layer_${layer}_done`]) return screen.say(`layer_${layer}_done`);
  const name = layerName(screen, layer);
  return screen.say(done ? "layer_done" : "layer_open").map((text, at) => text.replace("{name}", () => name[at]));
}

/** What is answered in each section of a layer, as links. */
function layerSections(screen, layer) {
  const rows = layerItems(screen, layer).map((item) => {
    const { label, answered, asked } = screen.state[item.section.id];
    const link = screen.words("a", { href: "#", onclick: (event) => { event.preventDefault(); screen.go(screen.items.indexOf(item), true); } }, label);
    const count = screen.words("span", { class: "lb-count" }, [screen.say("answered_of", { answered, asked })[0]]);
    count.classList.toggle("lb-count-full", asked > 0 && answered === asked);
    return el("li", {}, link, count);
  });
  return el("div", { class: "lb-answered" }, screen.words("h3", {}, "stop_answered"), el("ul", {}, ...rows));
}

/** Back and on; below it to stop here, after the layer that makes an interview to hand it in, and paper. */
function stopActions(screen, layer) {
  const next = screen.items.slice(screen.page + 1).find((item) => item.kind === "section" && isOpen(screen, item));
  const review = () => screen.go(screen.items.length - 1, true);
  const on = next ? screen.words("button", { type: "button", class: "lb-button", onclick: () => screen.step(1) }, stopNext(screen, next.layer))
    : screen.button("lb-button", "review", review);
  const leave = screen.case ? quietButton(screen, "stop_here", () => screen.leave()) : null;
  const held = next && layer === HELD_AFTER ? quietButton(screen, "review", review) : null;
  return [actions(quietButton(screen, "back", () => screen.step(-1)), on), actions(leave, held, quietButton(screen, "print", () => drawPrint(screen)))];
}

function stopNext(screen, layer) {
  const name = layerName(screen, layer);
  return screen.say("stop_next").map((text, at) => text.replace("{name}", () => name[at]));
}
