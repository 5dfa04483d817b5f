/* The filled form as a page for signature: every question that is asked with its answer, in both languages. No file is written. */

function drawPrint(screen) {
  screen.outbox.flush();
  const around = [...screen.root.children].filter((node) => !node.hidden);
  const back = document.activeElement;
  const paper = el("article", { class: "lb-paper" });
  const leave = () => {
    screen.printing = null;
    view.remove();
    around.forEach((node) => { node.hidden = false; });
    (back?.isConnected && back.getClientRects().length ? back : screen.main).focus();
  };
  const bar = actions(quietButton(screen, "print_back", leave), screen.button("lb-button", "print_now", () => window.print()));
  bar.classList.add("lb-print-bar");
  const view = el("div", { class: "lb-print" }, bar, paper);
  around.forEach((node) => { node.hidden = true; });
  screen.root.append(view);
  screen.printing = () => paper.replaceChildren(...paperParts(screen)); // an answer may still be under way
  screen.printing();
  paper.querySelector("h1").focus();
  window.scrollTo(0, 0);
}

function paperParts(screen) {
  const title = screen.words("h1", { tabindex: -1 }, [screen.titleText.textContent]);
  const details = screen.case || {};
  const facts = [
    ["case_number", [screen.number.textContent], true], ["case_date", screen.languages.map((_, at) => dateText(screen, details.started || "", at))],
    ["case_study", [details.study]], ["interpreter", isInterpreted(screen) ? screen.say(`interpreter_${details.interpreter}`) : []],
  ];
  const rows = facts.filter(([, texts]) => texts[0]).map(([name, texts, personal]) => paperRow(screen, screen.say(name), texts, personal));
  const head = [screen.mark(screen), title, rows.length ? el("dl", { class: "lb-paper-facts" }, ...rows) : null, unreviewedNote(screen)];
  return [...head, ...paperSections(screen), paperSignatures(screen)].filter(Boolean);
}

function isInterpreted(screen) { return Boolean(screen.case?.interpreter) && screen.case.interpreter !== "none"; }

function paperSections(screen) {
  let layer = "";
  const begun = new Set(screen.sections.filter((section) => screen.state[section.id]?.answered).map((section) => section.layer));
  const isPrinted = (item) => item.kind === "section" && isOpen(screen, item) && begun.has(item.section.layer); // not a layer still to come
  return screen.items.filter(isPrinted).flatMap(({ section }) => {
    const fresh = (section.layer || "") !== layer;
    layer = section.layer || "";
    const level = layer ? 3 : 2;
    const body = section.kind === "repeat" ? paperEntries(screen, section, "", level + 1) : paperElements(screen, section.children, "", level + 1);
    if (!body.length) return [];
    const part = el("section", {}, screen.words(`h${level}`, {}, screen.state[section.id].label), ...body);
    return fresh ? [screen.words("h2", { class: "lb-paper-layer" }, layerName(screen, layer)), part] : [part];
  });
}

/** Questions in lists, groups and entries under their headings. */
function paperElements(screen, elements, entry, level) {
  const parts = [];
  for (const element of elements) {
    const state = screen.state[screen.key(element, entry)];
    if (!state?.relevant) continue;
    if (element.kind === "question") {
      const row = paperQuestion(screen, element, state);
      if (row && parts.at(-1)?.tagName !== "DL") parts.push(el("dl", {}));
      if (row) parts.at(-1).append(row);
    } else if (element.kind === "repeat") parts.push(paperHeading(screen, state.label, level), ...paperEntries(screen, element, entry, Math.min(level + 1, 6)));
    else {
      const inner = paperElements(screen, element.children, entry, Math.min(level + 1, 6));
      if (inner.length) parts.push(paperHeading(screen, state.label, level), ...inner);
    }
  }
  return parts.filter(Boolean);
}

function paperHeading(screen, label, level) { return label.some(hasText) ? screen.words(`h${level}`, {}, label) : null; }

function paperEntries(screen, element, entry, level) {
  const state = screen.state[screen.key(element, entry)];
  if (!state.entries.length) return [screen.words("p", {}, "no_entries")];
  const inner = Math.min(level + 1, 6);
  return state.entries.map((id, at) => el("div", { class: "lb-paper-entry" }, screen.words(`h${level}`, {}, entryName(screen, state, at + 1)),
    ...paperElements(screen, element.children, id, inner)));
}

function paperQuestion(screen, element, state) {
  if (["note", "header"].includes(element.control)) return null;
  const row = paperRow(screen, state.label, answerTexts(screen, element, state), isPersonal(element));
  const last = lastOnPaper(screen, state);
  if (last.length) row.querySelector("dd").append(screen.words("div", { class: "lb-paper-last" }, last));
  return row;
}

function paperRow(screen, label, texts, personal) {
  const answer = screen.words("dd", {}, texts.length ? texts : ["–"]);
  answer.classList.toggle("lb-personal", Boolean(personal));
  answer.classList.toggle("lb-paper-empty", !texts.length);
  if (texts.length === 1) answer.querySelectorAll("bdi").forEach((part) => { part.dir = "auto"; part.removeAttribute("lang"); }); // typed: in no known language
  return el("div", { class: "lb-paper-row" }, screen.words("dt", {}, label), answer);
}

/** An answer in words, in each language; one text where it is the same in all; none where there is no answer. */
function answerTexts(screen, element, state) {
  if (state.reasons?.value) return paperChoice(screen, screen.lists.rows(state.reasons.list), state.reasons.value);
  if (!state.value) return [];
  if (element.control === "acknowledge") return screen.say("acknowledge");
  if (state.list) {
    const rows = [...(state.chosen || []), ...screen.lists.rows(state.list)]; // the list may not be here
    const chosen = (element.control === "select1" ? [state.value] : state.value.split(" ")).map((value) => paperChoice(screen, rows, value));
    const ranked = (text, place) => (element.control === "rank" ? `${place + 1}. ${text}` : text);
    return screen.languages.map((language, at) => chosen.map((texts, place) => ranked(texts[at] ?? texts[0], place)).join(comma(language)));
  }
  if (element.control === "secret") return ["•••"];
  if (/^\d{4}-\d{2}-\d{2}$/.test(state.value)) return screen.languages.map((_, at) => dateText(screen, state.value, at, dateStyle(element)));
  const moment = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(state.value);
  if (moment) return screen.languages.map((_, at) => `${dateText(screen, moment[1], at)}, ${moment[2]}`);
  return [/^\d{2}:\d{2}:/.test(state.value) ? state.value.slice(0, 5) : state.value];
}

/** How much of a date a form asks for. */
function dateStyle({ appearance }) {
  if (appearance.includes("year")) return { year: "numeric" };
  return appearance.includes("month-year") ? { year: "numeric", month: "long" } : undefined;
}

/** The label of a choice in each language; its value where there is no such choice. */
function paperChoice(screen, rows, value) {
  const row = rows.find((choice) => choice[0] === value);
  return row ? row.slice(1, 1 + screen.languages.length).map((text) => plainText(text) || value) : [value];
}

function paperSignatures(screen) {
  const who = ["signature_person", "signature_manager"];
  if (isInterpreted(screen)) who.push("signature_interpreter");
  const rule = () => el("div", { class: "lb-rule" });
  const line = (name) => el("div", { class: "lb-signature" }, rule(), screen.words("p", {}, "signature_place"), rule(), screen.words("p", {}, name));
  return el("section", { class: "lb-signatures" }, screen.words("h2", {}, "signatures"), ...who.map(line));
}
