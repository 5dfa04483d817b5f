/* The cases of the work list: a row each, what was handed in for it and what can be begun, a page at a time. */

function fillCases(screen, cases) {
  const { desk } = screen;
  desk.people = cases.people;
  const rows = cases.rows.map((row) => drawRow(screen, row));
  if (cases.start === 0) keepingPlace(screen, () => desk.cases.replaceChildren(...rows));
  else desk.cases.append(...rows);
  desk.shown = cases.start + rows.length;
  desk.cases.hidden = desk.shown === 0;
  fillKinds(screen, cases.counts);
  fillUnder(screen, cases);
  markCases(screen);
  if (cases.start > 0) rows[0]?.querySelector("button").focus();
}

/** Draw the rows anew without taking away the panel that is open in one, or the focus. */
function keepingPlace(screen, draw) {
  const { desk } = screen;
  const held = document.activeElement;
  const row = desk.cases.contains(held) ? held.closest("[data-case]")?.dataset.case : null;
  const { panel, done } = desk;
  draw();
  if (panel && !panel.form.isConnected) ((panel.row && rowOf(screen, panel.row.key)?.querySelector(".lb-contact-place")) || desk.place).append(panel.form);
  if (done) (rowOf(screen, done.key)?.querySelector(".lb-contact-place") || desk.place).replaceChildren(screen.words("p", { class: "lb-done-note" },
    done.said));
  desk.done = null;
  if (held?.isConnected) held.focus({ preventScroll: true });
  else if (row) (rowOf(screen, row)?.querySelector("button") || desk.heading).focus({ preventScroll: true });
}

/** People or what was recorded about nobody; nothing to choose where there is only one kind. */
function fillKinds(screen, counts) {
  const { desk } = screen;
  const button = (people, name, count) => {
    const node = screen.button("lb-kind", name, () => { if (desk.people !== people) askList(screen, { people }); }, { count });
    node.setAttribute("aria-pressed", String(desk.people === people));
    node.dataset.keep = name;
    return node;
  };
  const held = desk.kinds.contains(document.activeElement) && document.activeElement.dataset.keep;
  desk.kinds.hidden = !counts.other || !(counts.people || desk.words);
  desk.kinds.replaceChildren(button(true, "people", counts.people), button(false, "others", counts.other));
  if (held) desk.kinds.querySelector(`[data-keep="${held}"]`).focus();
}

function fillUnder(screen, { total }) {
  const { desk } = screen;
  const rest = total - desk.shown;
  if (total === 0) desk.under.replaceChildren(desk.words ? "" : screen.words("p", { class: "lb-muted" }, "cases_none"));
  else desk.under.replaceChildren(screen.words("p", { class: "lb-muted" }, "shown", { shown: desk.shown, total }),
    rest > 0 ? screen.button("lb-button lb-quiet", "more", () => askList(screen, { start: desk.shown }), { count: Math.min(rest, 50) }) : "");
}

function drawRow(screen, row) {
  const { desk } = screen;
  const name = row.person || row.forms[0];
  const title = el("h3");
  if (row.person) title.append(personal(row.person));
  else write(title, [row.forms[0]], screen.languages);
  const facts = screen.words("p", { class: "lb-muted" }, [[row.place, ...(row.person ? row.forms : [])].join(" · ")]);
  const last = screen.words("p", { class: "lb-muted" }, "case_last", { when: row.when });
  const contacts = { count: row.contacts, when: row.contact_when };
  if (row.contacts) last.append(" · ", screen.words("span", {}, row.contacts === 1 ? "case_contact" : "case_contacts", contacts));
  if (row.number) last.append(" · ", personal(row.number));
  const more = el("div", { class: "lb-row-more", id: `${screen.view}-case-${row.key}`, hidden: true });
  const place = el("div", { class: "lb-contact-place" });
  const open = screen.button("lb-button lb-quiet", "case_open", () => toggleCase(screen, row, more, open));
  open.setAttribute("aria-expanded", "false");
  open.setAttribute("aria-controls", more.id);
  open.setAttribute("aria-label", `${screen.say("case_open")[0]}: ${name} ${row.when}`);
  const contact = desk.contact && row.person ? screen.button("lb-button lb-quiet", "contact_short", () => openContact(screen, row, place)) : null;
  contact?.setAttribute("aria-label", screen.say("contact_for", { person: row.person })[0]);
  return el("li", { class: "lb-row", "data-case": row.key }, el("div", { class: "lb-row-main" }, title, facts, last),
    el("div", { class: "lb-row-actions" }, contact, open), place, more);
}

function toggleCase(screen, row, more, button) {
  const open = more.hidden;
  more.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  if (open) askDesk(screen, "case", { case: row.key });
}

const rowOf = (screen, key) => key && screen.desk.cases.querySelector(`[data-case="${CSS.escape(key)}"]`);

function showCase(screen, message) {
  const more = rowOf(screen, message.case)?.querySelector(".lb-row-more");
  if (!more) return;
  const begin = message.begin.filter((form) => !screen.desk.contact || form.id !== "kontakt");
  more.replaceChildren(screen.words("h4", {}, "case_entries"), el("ul", { class: "lb-entries" },
    ...message.entries.map((entry) => drawEntry(screen, entry, message.case))),
    ...(begin.length ? [screen.words("h4", {}, "case_begin"), el("div", { class: "lb-row-actions lb-row-begin" },
      ...begin.map((form) => screen.words("button", {
      type: "button", class: "lb-button lb-quiet", onclick: () => askDesk(screen, "begin", { case: message.case, form: form.id }),
    }, [form.title])))] : []),
    ...(message.household ? [el("div", { class: "lb-row-actions lb-row-begin" },
      screen.button("lb-button lb-quiet", "household", () => askDesk(screen, "household", { case: message.case })))] : []));
}

/** A record that was handed in; to change it, the reason is the click that opens it. */
function drawEntry(screen, entry, key) {
  const group = entry.group ? ` · ${screen.say("case_group")[0]}` : "";
  const version = entry.version > 1 ? ` · ${screen.say("case_version", entry)[0]}` : "";
  const text = screen.words("span", {}, [`${screen.say("case_entry", entry)[0]}${group}${version}`]);
  if (entry.draft) return el("li", {}, text, screen.button("lb-link", "revise_draft",
    () => screen.model.send({ type: "open", draft: entry.draft, view: screen.view })));
  const why = screen.words("p", { id: `${screen.view}-why-${key}-${entry.submission}` }, "revise_why");
  const reasons = el("div", { class: "lb-why", role: "group", "aria-labelledby": why.id, hidden: true }, why, el("div", { class: "lb-row-actions" },
    ...whyButtons(screen, "reason", (reason) => askDesk(screen, "revise", { submission: entry.submission, reason }))));
  const button = screen.button("lb-link", "revise", () => {
    if (entry.free) { askDesk(screen, "revise", { submission: entry.submission, reason: "" }); return; } // within a day, by its author
    reasons.hidden = !reasons.hidden;
    button.setAttribute("aria-expanded", String(!reasons.hidden));
    if (!reasons.hidden) reasons.querySelector("button").focus();
  });
  if (!entry.free) button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-label", `${screen.say("revise")[0]}: ${screen.say("case_entry", entry)[0]}`);
  return el("li", {}, text, button, reasons);
}
