/* How far we are and what is wrong, beside each page in the navigation and above the whole. */

function showCounts(screen) {
  const wrong = new Map();
  for (const { key, state, section } of screen.asked()) {
    if (screen.visible(key, state).some((problem) => problem.kind !== "warning")) wrong.set(section, (wrong.get(section) || 0) + 1);
  }
  const layer = screen.items[screen.page].layer;
  let answered = 0;
  let asked = 0;
  screen.items.forEach((item, at) => {
    item.node.hidden = !isOpen(screen, item);
    if (at === screen.page) item.button.setAttribute("aria-current", "step"); else item.button.removeAttribute("aria-current");
    if (item.kind === "stop") countStop(screen, item);
    if (item.kind !== "section" || item.node.hidden) return;
    const state = screen.state[item.section.id];
    if (!layer || item.layer === layer) { answered += state.answered; asked += state.asked; }
    countSection(screen, item, state, wrong.get(item.section) || 0);
  });
  const name = layer ? [`${layerName(screen, layer)[0]} · `] : [""];
  write(screen.progress, [name[0] + screen.say("progress", { answered, asked })[0]], screen.languages);
  screen.bar.max = asked || 1;
  screen.bar.value = answered;
}

function countSection(screen, item, state, errors) {
  write(item.label, [state.label[0]], screen.languages); // who is asked looks at the questions, not at the list
  const full = state.asked && state.answered === state.asked;
  const text = errors ? screen.say(errors === 1 ? "error_one" : "error_many", { count: errors })[0] : state.asked ? `${state.answered}/${state.asked}` : "";
  const spoken = errors ? text : screen.say("answered_of", { answered: state.answered, asked: state.asked })[0];
  writeCount(item.count, text, spoken, errors ? "wrong" : full ? "full" : "");
}

function countStop(screen, item) {
  const { open, done } = layerState(screen, item.layer);
  const text = open.length ? screen.say(open.length === 1 ? "open_one" : "open_many", { count: open.length })[0] : "";
  writeCount(item.count, text, done ? screen.say("nothing_open")[0] : text, done ? "full" : "");
}

function writeCount(node, text, spoken, kind) {
  node.className = `lb-count${kind ? ` lb-count-${kind}` : ""}`;
  node.textContent = text;
  for (const [name, value] of [["aria-label", spoken], ["role", "img"]]) if (spoken) node.setAttribute(name, value); else node.removeAttribute(name);
}
