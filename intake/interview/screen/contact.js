/* The quick contact: a small panel on the work list. What is saved is judged in Python, by the form. */

const CONTACT_AGAIN = 5000; // ms; the same message again, which Python takes once only
const FIRST_MINUTES = "30"; // before anybody has entered a contact

/** Open the panel at a place: for a case, or for whoever is chosen in it. */
function openContact(screen, row, place) {
  closeContact(screen, false);
  screen.desk.wanted = { row, place, back: document.activeElement };
  askDesk(screen, "contact");
}

function closeContact(screen, focus) {
  const { panel } = screen.desk;
  if (!panel) return;
  clearTimeout(panel.timer);
  panel.form.remove();
  screen.desk.panel = null;
  if (focus && panel.back?.isConnected) panel.back.focus();
}

function drawContact(screen, message) {
  const { wanted } = screen.desk;
  if (!wanted || screen.desk.panel) return;
  const { last } = message;
  const panel = {
    ...wanted, message, attempt: 0, drafts: new Map(), together: true, people: wanted.row ? [wanted.row] : [], finding: !wanted.row,
    answers: { durch: "im", mit: "person", datum: message.today, kanal: last.kanal || "", minuten: last.minuten || FIRST_MINUTES, stunden: "", anzahl: "",
      themen: [], zustaendig: last.zustaendig || "", gemeinde: "" },
  };
  screen.desk.wanted = null;
  screen.desk.panel = panel;
  panel.answers.gemeinde = wanted.row?.ags || last.gemeinde || (message.choices.gemeinde.length === 1 ? message.choices.gemeinde[0][0] : "");
  const title = screen.words(wanted.row ? "h4" : "h2", { tabindex: -1, id: `${screen.view}-contact` }, "contact");
  if (wanted.row) title.append(": ", personal(wanted.row.person));
  panel.who = el("div", { class: "lb-contact-who" });
  panel.long = el("div", { class: "lb-contact-long" });
  panel.alert = el("div", { class: "lb-contact-alert", role: "alert", hidden: true });
  panel.wrong = el("div", { class: "lb-contact-wrong" });
  panel.save = screen.words("button", { type: "submit", class: "lb-button" }, "contact_save");
  panel.form = el("form", { class: "lb-contact", "aria-labelledby": title.id, novalidate: true,
    onsubmit: (event) => { event.preventDefault(); saveContact(screen, panel, false); } },
    title, panel.wrong, panel.who, el("div", { class: "lb-contact-line" }, drawDay(screen, panel), panel.long), pickOne(screen, panel, "kanal"),
      pickMany(screen, panel, "themen"), drawRest(screen, panel), panel.alert,
    el("div", { class: "lb-row-actions" }, panel.save, screen.button("lb-link", "contact_all", () => saveContact(screen, panel, true)),
      screen.button("lb-link", "cancel", () => closeContact(screen, true))));
  drawWho(screen, panel);
  wanted.place.append(panel.form);
  title.focus();
}

// ---- fields -------------------------------------------------------------------------------------------------------------

/** Choices as a row of ticks: [{value, text, on}], one or many of them. */
function ticks(screen, name, legend, kind, choices, changed) {
  const group = `${screen.view}-contact-${name}`;
  const row = choices.map(({ value, text, on }) => {
    const input = el("input", { type: kind, name: group, value, checked: on, onchange: (event) => changed(value, event.target.checked) });
    return el("label", { class: "lb-opt" }, input, screen.words("span", {}, [text]));
  });
  return el("fieldset", { class: "lb-opts", "data-name": name }, screen.words("legend", {}, [legend]), el("div", { class: "lb-opt-row" }, ...row));
}

function pickOne(screen, panel, name, changed = () => {}, values = null) {
  const choices = panel.message.choices[name].filter(([value]) => !values || values.includes(value));
  return ticks(screen, name, panel.message.labels[name], "radio", choices.map(([value, text]) => ({ value, text, on: panel.answers[name] === value })),
    (value) => { panel.answers[name] = value; changed(); });
}

function pickMany(screen, panel, name) {
  const choices = panel.message.choices[name].map(([value, text]) => ({ value, text, on: false }));
  return ticks(screen, name, panel.message.labels[name], "checkbox", choices, (value, on) => {
    panel.answers[name] = on ? [...panel.answers[name], value] : panel.answers[name].filter((each) => each !== value);
  });
}

/** Today, yesterday, or a day of one's own. */
function drawDay(screen, panel) {
  const { today, yesterday } = panel.message;
  const other = el("input", { type: "date", class: "lb-input lb-day", max: today, hidden: true, "aria-label": screen.say("day")[0],
    oninput: () => { panel.answers.datum = other.value; } });
  const days = [{ value: today, text: screen.say("today")[0], on: true }, { value: yesterday, text: screen.say("yesterday")[0] },
    { value: "", text: screen.say("other_day")[0] }];
  const node = ticks(screen, "datum", screen.say("contact_when")[0], "radio", days, (value) => {
    other.hidden = value !== "";
    panel.answers.datum = value || other.value;
    if (!value) other.focus();
  });
  node.lastChild.append(other);
  return node;
}

function lineField(screen, panel, name, kind) {
  const id = `${screen.view}-contact-${name}`;
  const input = el("input", { id, class: `lb-input ${kind === "text" ? "" : "lb-number"}`, type: "text", inputmode: kind, autocomplete: "off",
    oninput: () => { panel.answers[name] = input.value.trim(); } });
  input.value = panel.answers[name];
  return el("div", { class: "lb-contact-field", "data-name": name }, screen.words("label", { for: id }, [panel.message.labels[name]]), input);
}

/** What is mostly the same: folded away. */
function drawRest(screen, panel) {
  const id = `${screen.view}-contact-gemeinde`;
  panel.town = el("select", { id, class: "lb-select", onchange: () => { panel.answers.gemeinde = panel.town.value; } }, el("option", { value: "" }));
  for (const [value, text] of panel.message.choices.gemeinde) {
    const option = el("option", { value });
    option.textContent = text;
    panel.town.append(option);
  }
  panel.town.value = panel.answers.gemeinde;
  panel.about = el("div", {});
  panel.rest = el("details", { class: "lb-others" }, screen.words("summary", {}, "contact_rest"), el("div", { class: "lb-contact-rest" },
    panel.about, pickOne(screen, panel, "durch", () => drawWho(screen, panel)),
    el("div", { class: "lb-contact-line" }, el("div", { class: "lb-contact-field", "data-name": "gemeinde" },
      screen.words("label", { for: id }, [panel.message.labels.gemeinde]), panel.town), lineField(screen, panel, "zustaendig", "text"))));
  panel.rest.open = !panel.answers.gemeinde;
  return panel.rest;
}

// ---- with whom ----------------------------------------------------------------------------------------------------------

/** With whom; and how long, which is asked of volunteers in hours. */
function drawWho(screen, panel) {
  const volunteers = panel.answers.durch === "ehrenamt";
  const count = panel.people.length;
  const finder = drawPeopleFinder(screen, panel);
  const another = screen.button("lb-link", "contact_another", () => { panel.finding = true; drawWho(screen, panel); panel.finder.focus(); });
  const chosen = panel.people.map((row) => el("li", {}, personal(row.person), el("button", {
    type: "button", class: "lb-chosen-remove", "aria-label": screen.say("contact_remove", row)[0],
    onclick: () => choosePeople(screen, panel, panel.people.filter((each) => each !== row), "contact_removed", row),
  }, "×")));
  const line = el("div", { class: "lb-opt-row" }, count ? el("ul", { class: "lb-chosen" }, ...chosen) : null, panel.finding ? null : another);
  const together = ticks(screen, "together", panel.message.labels.mit, "radio", [
    { value: "1", text: screen.say("contact_together")[0], on: panel.together },
      { value: "", text: screen.say("contact_each", { count })[0], on: !panel.together },
  ], (value) => { panel.together = Boolean(value); });
  panel.who.replaceChildren(...(volunteers ? [] : [el("fieldset", { class: "lb-opts", "data-name": "person" }, screen.words("legend", {}, "contact_who"), line,
    panel.finding ? finder : ""), count > 1 ? together : ""]));
  panel.about.replaceChildren(...(volunteers || count > 1 ? [] : [pickOne(screen, panel, "mit", () => {}, ["person", "ueber"])]));
  panel.long.replaceChildren(...(volunteers ? [lineField(screen, panel, "stunden", "decimal"),
    lineField(screen, panel, "anzahl", "numeric")] : [lineField(screen, panel, "minuten", "numeric")]));
}

function choosePeople(screen, panel, people, said, row) {
  panel.people = people;
  panel.finding = true;
  panel.answers.gemeinde = people.find((each) => each.ags)?.ags || panel.answers.gemeinde;
  panel.town.value = panel.answers.gemeinde;
  drawWho(screen, panel);
  panel.finder.focus();
  tell(screen, said, row);
}

function drawPeopleFinder(screen, panel) {
  const id = `${screen.view}-contact-find`;
  const list = el("ul", { class: "lb-people", id: `${id}-list`, hidden: true });
  const input = el("input", { id, class: "lb-input", type: "text", autocomplete: "off", spellcheck: "false", "aria-controls": list.id, oninput: () => {
    clearTimeout(panel.soon);
    panel.words = input.value.trim();
    list.hidden = true;
    if (panel.words) panel.soon = setTimeout(() => askDesk(screen, "list", { words: panel.words, people: true, start: 0, for: "contact" }), SEARCH_AFTER);
  }, onkeydown: (event) => {
    if (event.key === "Enter" && input.value.trim()) { event.preventDefault(); list.querySelector("button")?.click(); }
    if (event.key === "Escape" && !list.hidden) list.hidden = true;
  } });
  Object.assign(panel, { finder: input, peopleList: list });
  return el("div", { class: "lb-contact-field" }, screen.words("label", { for: id }, "contact_find"), input, list);
}

/** The first few people found; where nobody is, what was typed itself, for somebody who has no record yet. */
function showPeople(screen, { words, cases }) {
  const { panel } = screen.desk;
  if (!panel?.peopleList || words !== panel.words) return;
  const known = new Set(panel.people.map((row) => row.person));
  const rows = cases.rows.filter((row) => row.person && !known.has(row.person)).slice(0, 6);
  const found = rows.length ? rows : known.has(words) ? [] : [{ person: words, place: "", ags: "" }];
  panel.peopleList.replaceChildren(...found.map((row) => {
    const button = el("button", { type: "button", class: "lb-link", onclick: () => choosePeople(screen, panel, [...panel.people, row], "contact_added",
      row) }, personal(row.person));
    if (row.place) button.append(` · ${row.place}`);
    return el("li", {}, button);
  }));
  panel.peopleList.hidden = !found.length;
  tell(screen, rows.length === 1 ? "found_one" : rows.length ? "found_many" : "results_none", { count: rows.length });
}

// ---- saving -------------------------------------------------------------------------------------------------------------

/** One contact for each record that is to be made: {draft, answers}. A draft keeps its id, so that nothing is saved twice. */
function contactsOf(panel) {
  const answers = { ...panel.answers, themen: panel.answers.themen.join(" ") };
  const draft = (name) => { if (!panel.drafts.has(name)) panel.drafts.set(name, crypto.randomUUID().replaceAll("-", "")); return panel.drafts.get(name); };
  if (answers.durch === "ehrenamt") return [{ draft: draft("*"), answers: { ...answers, mit: "", person: "", minuten: "", zustaendig: "" } }];
  const plain = { ...answers, stunden: "", anzahl: "" };
  if (panel.people.length > 1 && panel.together) return [{ draft: draft("*"), answers: { ...plain, mit: "gruppe",
    teilnehmer: panel.people.map((row) => row.person) } }];
  if (!panel.people.length) return [{ draft: draft("*"), answers: plain }];
  return panel.people.map((row) => ({ draft: draft(row.person), answers: { ...plain, person: row.person, gemeinde: row.ags || plain.gemeinde } }));
}

function saveContact(screen, panel, keep) {
  if (panel.timer) return; // under way
  panel.attempt += 1;
  panel.sending = { attempt: panel.attempt, keep, contacts: contactsOf(panel) };
  write(panel.save, screen.say("contact_saving"), screen.languages);
  panel.alert.hidden = true;
  panel.wrong.replaceChildren();
  const send = () => { askDesk(screen, "contact_save", panel.sending); panel.timer = setTimeout(late, CONTACT_AGAIN); };
  const late = () => { alertContact(screen, panel); send(); };
  send();
}

function contactAnswered(screen) {
  const { panel } = screen.desk;
  if (!panel?.timer) return null;
  clearTimeout(panel.timer);
  panel.timer = null;
  write(panel.save, screen.say("contact_save"), screen.languages);
  return panel;
}

function contactSaved(screen, { what, saved }) {
  const panel = contactAnswered(screen);
  if (!panel) return;
  if (what === "contact_kept") { screen.model.send({ type: "open", draft: saved[0], view: screen.view }); return; }
  const said = saved.length === 1 ? screen.say("contact_saved_one") : screen.say("contact_saved_many", { count: saved.length });
  const key = panel.row?.key;
  closeContact(screen, true);
  screen.desk.done = { said, key };
  tell(screen, said);
  askList(screen, {});
}

function contactRefused(screen, { saved, problems, draft, gone }) {
  const panel = contactAnswered(screen);
  if (!panel) return;
  const done = new Set(saved);
  panel.people = panel.people.filter((row) => !done.has(panel.drafts.get(row.person)));
  if (gone) panel.drafts.forEach((id, name) => { if (id === draft) panel.drafts.delete(name); }); // discarded: saving it again makes another
  if (saved.length) drawWho(screen, panel);
  if (!panel.answers.gemeinde) panel.rest.open = true;
  const title = screen.words("p", { class: "lb-summary-title", id: `${screen.view}-contact-wrong` }, "contact_wrong");
  const summary = el("div", { class: "lb-summary", tabindex: -1, role: "group", "aria-labelledby": title.id }, title,
    el("ul", {}, ...problems.map((problem) => el("li", {}, contactLink(screen, panel, problem)))));
  panel.wrong.replaceChildren(summary);
  summary.focus();
}

/** What is wrong, under the name that its field has on the panel, as a link to it; words only where the panel does not ask. */
function contactLink(screen, panel, { name, label, text }) {
  const field = contactField(panel, name);
  const called = (field && fieldName(field)) || plainText(label);
  const words = [`${called && called.replace(/([^?!.…])$/, "$1:")} ${plainText(text)}`.trim()];
  if (!field) return screen.words("span", {}, words);
  const show = (event) => {
    event.preventDefault();
    if (panel.rest.contains(field)) panel.rest.open = true;
    field.scrollIntoView({ block: "center" });
    (field.querySelector("input:checked") || field.querySelector("input:not([hidden]), select, button")).focus({ preventScroll: true });
  };
  return screen.words("a", { href: "#", onclick: show }, words);
}

/** The field of the panel that asks for an answer; undefined where none does now. */
function contactField(panel, name) {
  const asked = name === "teilnehmer" ? "person" : name;
  return [...panel.form.querySelectorAll("[data-name]")].find((field) => field.dataset.name === asked);
}

const fieldName = (field) => field.querySelector("legend, label").textContent;

function alertContact(screen, panel) {
  panel.alert.replaceChildren(screen.words("p", {}, "contact_waiting"));
  panel.alert.hidden = false;
}
