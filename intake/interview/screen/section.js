/* A page of questions, and the groups on it. */

function drawSection(screen, section) {
  const heading = el("h2", { tabindex: -1, "data-focus": true, id: `${screen.view}-${section.id}` });
  const legend = el("p", { class: "lb-muted lb-legend" });
  const body = el("div", { class: "lb-body" });
  const back = screen.button("lb-button lb-quiet", "back", () => screen.step(-1));
  const page = el("section", { "aria-labelledby": heading.id }, legend, heading, body, actions(back, screen.button("lb-button", "next", () => screen.step(1))));
  const hint = el("p", { class: "lb-hint" });
  body.append(hint);
  screen.views.set(section.id, { update: (state) => {
    write(heading, state.label, screen.languages);
    write(hint, state.hint, screen.languages);
    const open = screen.items.filter((item) => item.kind === "section" && item.layer === (section.layer || "") && isOpen(screen, item));
    write(legend, [screen.say("section_of", { number: open.findIndex((item) => item.section === section) + 1, count: open.length })[0]], screen.languages);
  } });
  if (section.kind === "repeat") body.append(screen.draw(section, "", 3, true));
  else body.append(...drawChildren(screen, section.children, "", 3));
  screen.views.get(section.id).update(screen.state[section.id]);
  return page;
}

function drawGroup(screen, element, entry, level) {
  const key = screen.key(element, entry);
  const heading = el(`h${level}`, { id: `${screen.view}-${key}` });
  const hint = el("p", { class: "lb-hint" });
  const children = drawChildren(screen, element.children, entry, Math.min(level + 1, 6));
  const node = el("div", { class: "lb-group", role: "group", "aria-labelledby": heading.id }, heading, hint, ...children);
  screen.watch(key, (state) => {
    node.hidden = !state.relevant;
    const named = state.label.some(hasText);
    heading.hidden = !named;
    if (named) node.setAttribute("role", "group"); else node.removeAttribute("role");
    write(heading, state.label, screen.languages);
    write(hint, state.hint, screen.languages);
  });
  return node;
}
