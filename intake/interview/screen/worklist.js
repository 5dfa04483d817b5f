/* The way in, "Meine Fälle": open drafts, cases, what can be begun; and the page after an interview was handed in. */

const SEARCH_AFTER = 200; // ms after the last key stroke

function drawStart(screen, message) {
  const before = Boolean(screen.ui);
  const panel = screen.desk?.heading.isConnected ? screen.desk.panel : null;
  screen.dress(message);
  screen.outbox.drop();
  screen.remember(null);
  const desk = { forms: message.forms, contact: message.contact, words: "", people: message.cases.people, shown: 0 };
  screen.desk = desk;
  desk.heading = screen.words("h1", { tabindex: -1 }, [message.title]);
  desk.drafts = el("ul", { class: "lb-rows" });
  desk.draftsTitle = screen.words("h2", { tabindex: -1, id: `${screen.view}-drafts` }, "drafts");
  desk.noDrafts = screen.words("p", { class: "lb-muted" }, "drafts_none");
  desk.draftsPart = el("section", { class: "lb-desk-part", "aria-labelledby": desk.draftsTitle.id }, desk.draftsTitle, desk.drafts, desk.noDrafts);
  desk.cases = el("ul", { class: "lb-rows" });
  desk.kinds = el("div", { class: "lb-kinds", role: "group", "aria-label": screen.say("kinds")[0] });
  desk.under = el("div", { class: "lb-under" });
  desk.place = el("div", { class: "lb-contact-place" });
  const cases = screen.words("h2", { id: `${screen.view}-cases` }, "cases");
  screen.root.replaceChildren(el("div", { class: "lb-start lb-desk" },
    el("header", { class: "lb-desk-head" }, el("div", {}, desk.heading, message.study ? screen.words("p", { class: "lb-muted" }, [message.study]) : null),
      el("div", { class: "lb-tools" }, screen.mark(message), privacyButton(screen))),
    message.text ? screen.words("p", { class: "lb-banner", role: "alert" }, message.text) : null,
    drawFinder(screen), drawBegin(screen), desk.place,
    desk.draftsPart,
    message.due ? drawDue(screen) : null,
    el("section", { class: "lb-desk-part", "aria-labelledby": cases.id }, el("div", { class: "lb-desk-line" }, cases, desk.kinds), desk.cases, desk.under)));
  fillDrafts(screen, message.drafts);
  fillCases(screen, message.cases);
  if (panel) { desk.panel = panel; desk.place.append(panel.form); }
  if (before) desk.heading.focus({ preventScroll: true });
}

const askDesk = (screen, what, fields = {}) => screen.model.send({ type: "desk", view: screen.view, what, ...fields });

/** What Python answers on the work list. */
function receiveDesk(screen, message) {
  if (!screen.desk?.heading.isConnected) return; // an interview was opened meanwhile
  ({
    list: () => (message.for === "contact" ? showPeople(screen, message) : showFound(screen, message)),
    case: () => showCase(screen, message),
    due: () => showDue(screen, message),
    open: () => screen.model.send({ type: "open", draft: message.draft, view: screen.view }),
    discarded: () => { askList(screen, {}); screen.announce("discarded"); screen.desk.draftsTitle.focus(); },
    contact: () => drawContact(screen, message),
    contact_saved: () => contactSaved(screen, message),
    contact_kept: () => contactSaved(screen, message),
    contact_refused: () => contactRefused(screen, message),
  })[message.what]?.();
}

// ---- search -----------------------------------------------------------------------------------------------------------

function drawFinder(screen) {
  const { desk } = screen;
  const id = `${screen.view}-find`;
  desk.input = el("input", { id, type: "search", class: "lb-input", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-hint`, oninput: () => {
    clearTimeout(desk.timer);
    desk.timer = setTimeout(() => search(screen, desk.input.value), SEARCH_AFTER);
  } });
  desk.result = screen.words("p", { class: "lb-muted lb-found", hidden: true }, [""]);
  desk.input.addEventListener("focus", () => askDesk(screen, "prepare"), { once: true });
  const form = el("form", { role: "search", class: "lb-find", onsubmit: (event) => { event.preventDefault(); clearTimeout(desk.timer); search(screen,
    desk.input.value); } },
    screen.words("label", { for: id, class: "lb-find-label" }, "search"), screen.words("p", { class: "lb-muted", id: `${id}-hint` }, "search_hint"),
      desk.input, desk.result);
  return form;
}

function search(screen, words) {
  if (words.trim() === screen.desk.words) return;
  screen.desk.words = words.trim();
  screen.desk.asked = true;
  askList(screen, { people: null });
}

/** The list anew, with the words that are looked for now. */
function askList(screen, { start = 0, people = screen.desk.people }) {
  askDesk(screen, "list", { words: screen.desk.words, people, start });
}

function showFound(screen, { words, drafts, cases }) {
  const { desk } = screen;
  if (words !== desk.words) return; // somebody typed on
  if (cases.start === 0) fillDrafts(screen, drafts);
  fillCases(screen, cases);
  const count = cases.counts.people + cases.counts.other + drafts.length;
  desk.result.hidden = !words;
  const said = count === 0 ? screen.say("found_none") : count === 1 ? screen.say("found_one") : screen.say("found_many", { count });
  write(desk.result, said, screen.languages);
  if (desk.asked && words) tell(screen, said);
  desk.asked = false;
}

// ---- what can be begun ------------------------------------------------------------------------------------------------

function drawBegin(screen) {
  const { desk } = screen;
  const start = (form) => screen.model.send({ type: "new", form, view: screen.view });
  const button = (form, look) => screen.words("button", { type: "button", class: look, onclick: () => start(form.id) }, [form.title]);
  const forms = desk.forms.filter((form) => !desk.contact || form.id !== "kontakt");
  const contact = desk.contact ? screen.button("lb-button", "contact", () => openContact(screen, null, desk.place)) : null;
  const others = forms.slice(1);
  const more = others.length ? el("details", { class: "lb-others" }, screen.words("summary", {}, "other_forms"),
    el("div", {}, ...others.map((form) => button(form, "lb-link")))) : null;
  const begin = el("div", { class: "lb-desk-begin", role: "group", "aria-label": screen.say("new_case")[0] }, contact,
    ...forms.slice(0, 1).map((form) => button(form, contact ? "lb-button lb-quiet" : "lb-button")), more);
  return begin;
}

// ---- drafts -----------------------------------------------------------------------------------------------------------

function fillDrafts(screen, drafts) {
  const { desk } = screen;
  const unsent = new Map((screen.link?.mirrored() || []).map((each) => [each.draft, each]));
  const rows = drafts.map((draft) => drawDraft(screen, draft, unsent.get(draft.id)));
  const known = new Set(drafts.map((draft) => draft.id));
  if (!desk.words) rows.unshift(...[...unsent.values()].filter((each) => !known.has(each.draft)).map((each) => drawUnknown(screen, each)));
  desk.drafts.replaceChildren(...rows);
  desk.drafts.hidden = !rows.length;
  desk.noDrafts.hidden = Boolean(rows.length);
  desk.draftsPart.hidden = Boolean(desk.words && !rows.length);
}

/** A draft that the program does not know yet: only this browser has its entries. */
function drawUnknown(screen, { draft, form, since, count }) {
  const when = since.toLocaleString(screen.languages[0].code, { dateStyle: "medium", timeStyle: "short" });
  const open = screen.button("lb-button lb-quiet", "resume", () => screen.model.send({ type: "open", draft, form, view: screen.view }));
  const title = screen.desk.forms.find((each) => each.id === form)?.title;
  return el("li", { class: "lb-row" }, el("div", { class: "lb-row-main" }, screen.words("h3", {}, title ? [title] : "draft_unknown"),
    screen.words("p", { class: "lb-muted" }, "draft_since", { when }), unsentNote(screen, count)),
    el("div", { class: "lb-row-actions" }, open));
}

const unsentNote = (screen, count) => screen.words("p", { class: "lb-unsent" }, count === 1 ? "draft_unsent_one" : "draft_unsent_many", { count });

function answersText(screen, count) {
  return screen.say(count === 0 ? "draft_nothing" : count === 1 ? "draft_answer" : "draft_answers", { count })[0];
}

function drawDraft(screen, draft, unsent) {
  const who = [draft.person, draft.number].filter(Boolean).join(" · ");
  const title = screen.words("h3", {}, [draft.title]);
  if (who) title.append(" · ", personal(who));
  const how = answersText(screen, draft.answers);
  const named = `${draft.title} ${who} ${draft.when}`;
  const does = draft.holder ? "take_over" : "resume";
  const open = screen.button("lb-button lb-quiet", does, () => {
    if (draft.holder) askTakeOver(screen, draft, ask, open);
    else screen.model.send({ type: "open", draft: draft.id, view: screen.view });
  });
  open.setAttribute("aria-label", `${screen.say(does)[0]}: ${named}`);
  const ask = el("div", { class: "lb-discard", role: "group", hidden: true });
  const discard = screen.button("lb-link", "discard", () => askDiscard(screen, draft, ask, how));
  discard.setAttribute("aria-label", `${screen.say("discard")[0]}: ${named}`);
  return el("li", { class: "lb-row" },
    el("div", { class: "lb-row-main" }, title, screen.words("p", { class: "lb-muted" },
      [[draft.place, how, screen.say("draft_meta", draft)[0]].filter(Boolean).join(" · ")]),
      typeof draft.reason === "string" ? screen.words("p", { class: "lb-muted" }, draft.reason ? "draft_revises" : "draft_revises_now",
        { reason: screen.say(`reason_${draft.reason}`)[0] }) : null,
      draft.holder ? screen.words("p", { class: "lb-holder" }, "draft_holder", draft) : null,
      draft.overtaken ? screen.words("p", { class: "lb-unsent" }, "draft_overtaken") : null, unsent ? unsentNote(screen, unsent.count) : null),
    el("div", { class: "lb-row-actions" }, open, draft.holder ? null : discard), ask);
}

/** Discarding is asked a second time, and what is lost is said. */
function askDiscard(screen, draft, ask, what) {
  const close = () => { ask.hidden = true; ask.replaceChildren(); ask.parentNode.querySelector(".lb-row-actions .lb-link").focus(); };
  const question = screen.words("p", { id: `${screen.view}-ask-${draft.id}` }, "discard_ask", { what });
  const no = screen.button("lb-button lb-quiet", "cancel", close);
  ask.setAttribute("aria-labelledby", question.id);
  ask.replaceChildren(question, el("div", { class: "lb-row-actions" }, screen.button("lb-button lb-final", "discard_yes", () => {
    screen.link?.mirror.wipe(draft.id);
    askDesk(screen, "discard", { draft: draft.id });
  }), no));
  ask.hidden = false;
  no.focus();
}

/** Say what is seen already to those who do not see it. */
function tell(screen, said, fields) {
  screen.announce(said, fields);
  screen.live.classList.remove("lb-said");
}

/** A pseudonym or case number: the privacy key covers it. */
function personal(text, tag = "bdi") {
  const node = el(tag, { class: "lb-personal" });
  node.textContent = text;
  return node;
}

// ---- after an interview -----------------------------------------------------------------------------------------------

function drawSubmitted(screen, message) {
  if (message.op_id && !screen.outbox.confirm(message.op_id)) return;
  screen.remember(null);
  if (screen.alone) { screen.alone.thank(); return; }
  const heading = screen.words("h1", { tabindex: -1 }, "done_title");
  screen.root.replaceChildren(el("div", { class: "lb-start lb-done" }, screen.mark(screen), heading,
    screen.words("p", {}, message.entry ? "done_entry" : "done_text", { number: message.number }),
    el("div", { class: "lb-actions" }, screen.button("lb-button", "to_overview", () => screen.model.send({ type: "overview", view: screen.view })))));
  heading.focus();
}
