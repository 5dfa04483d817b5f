/* The entries of a repeat as cards. */

function drawRepeat(screen, element, entry, level, bare) {
  const key = screen.key(element, entry);
  const heading = el(`h${level}`, { hidden: bare, tabindex: -1 });
  const cards = el("div", { class: "lb-cards" });
  const more = () => { screen.expected = key; screen.outbox.push("add_repeat", key, null); };
  const add = el("button", { type: "button", class: "lb-button lb-quiet lb-add", onclick: more });
  const none = screen.words("p", { class: "lb-muted" }, "no_entries");
  const drawn = new Map();
  const node = el("div", { class: "lb-repeat", "data-key": key }, heading, none, cards, add);
  screen.watch(key, (state) => {
    node.hidden = !state.relevant;
    write(heading, state.label, screen.languages);
    const named = (at) => plainText(state.label[at]) || plainText(state.label[0]) || screen.say("entry")[at];
    write(add, screen.say("add").map((text, at) => text.replace("{name}", () => named(at))), screen.languages);
    add.hidden = !state.can_add;
    none.hidden = state.entries.length > 0;
    let lost = false;
    for (const [id, card] of [...drawn]) {
      if (state.entries.includes(id)) continue;
      lost ||= card.node.contains(document.activeElement);
      card.node.remove();
      drawn.delete(id);
      for (const name of [...screen.views.keys()]) if (name.startsWith(`${id}/`)) screen.views.delete(name);
    }
    state.entries.forEach((id, at) => {
      const fresh = !drawn.has(id);
      if (fresh) drawn.set(id, drawCard(screen, element, key, id, level + 1));
      const card = drawn.get(id);
      if (cards.children[at] !== card.node) cards.insertBefore(card.node, cards.children[at] || null);
      card.number(state, at + 1);
      if (fresh && screen.expected === key) { screen.expected = null; card.title.focus(); card.node.scrollIntoView({ block: "nearest" }); }
    });
    if (lost) (add.hidden ? heading : add).focus();
  });
  return node;
}

function drawCard(screen, element, key, id, level) {
  const title = el(`h${Math.min(level, 6)}`, { tabindex: -1, id: `${screen.view}-card-${id}` });
  const remove = screen.button("lb-link", "remove", () => { ask.hidden = false; remove.hidden = true; yes.focus(); });
  const yes = screen.button("lb-link lb-danger", "remove_yes", () => screen.outbox.push("remove_repeat", key, id));
  const no = screen.button("lb-link", "cancel", () => { ask.hidden = true; remove.hidden = false; remove.focus(); });
  const ask = el("span", { class: "lb-ask", hidden: true }, screen.words("span", {}, "remove_ask"), yes, no);
  const children = drawChildren(screen, element.children, id, Math.min(level + 1, 6));
  const head = el("div", { class: "lb-card-head" }, title, remove, ask);
  const node = el("div", { class: "lb-card", role: "group", "aria-labelledby": title.id }, head, ...children);
  return { node, title, number: (state, at) => {
    write(title, entryName(screen, state, at), screen.languages);
    if (ask.hidden) remove.hidden = !state.can_remove;
  } };
}

/** "Ziel 2" in each language; "Eintrag 2" where a repeat has no name. */
function entryName(screen, state, number) {
  const named = state.label.some((text) => plainText(text));
  if (!named) return screen.say("entry").map((text) => `${text} ${number}`);
  return state.label.map((text) => plainText(text) && `${plainText(text)} ${number}`);
}
