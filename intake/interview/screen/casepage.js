/* The first page: whose interview this is, in which languages, who interprets. Nothing on it is required. */

const INTERPRETERS = ["none", "professional", "volunteer", "relative", "phone"];

function drawCase(screen) {
  const heading = screen.words("h2", { tabindex: -1, "data-focus": true, id: `${screen.view}-case` }, "case");
  const details = screen.case || {};
  const begun = screen.begun || details.new === false;
  const row = (name, text, personal = false) => {
    if (!text) return [];
    const value = el("bdi", { class: personal ? "lb-personal" : null });
    value.textContent = text;
    return [screen.words("dt", {}, name), el("dd", {}, value)];
  };
  return el("section", { class: "lb-case-page", "aria-labelledby": heading.id }, heading,
    el("dl", { class: "lb-facts" }, ...row("case_form", screen.titleText.textContent), ...row("case_number", screen.number.textContent, true),
      ...row("case_date", dateText(screen, details.started || "", 0)),
      ...row("case_study", details.study), ...row("case_author", details.author, true)),
    settingFields(screen, "case"),
    el("div", { class: "lb-actions" }, screen.button("lb-button", begun ? "next" : "case_begin", () => screen.step(1))));
}

/** The choice of languages and of who interprets; `place` tells the two places apart where it stands. */
function settingFields(screen, place) {
  const names = screen.allLanguages;
  const second = screen.languages[1]?.name || "";
  const first = screen.languages[0].name;
  const choose = (one, other) => screen.outbox.push("language", null, { first: one, second: other === one ? first : other });
  const named = (language) => ({ value: language.name, texts: [language.name.replace(/ \(.*\)$/, "")], code: language.code });
  const none = (name) => ({ value: "", texts: [screen.say(name)[0]] });
  const fields = names.length > 1 ? [
    selectField(screen, `${place}-first`, "first_language", names.map(named), first, (value) => choose(value, second)),
    selectField(screen, `${place}-second`, "second_language", [none("no_second"), ...names.filter((language) => language.name !== first).map(named)], second,
      (value) => choose(first, value)),
  ] : [];
  if (screen.case && screen.paradata) { // it is kept as paradata only
    const kinds = INTERPRETERS.map((kind) => ({ value: kind, texts: screen.say(`interpreter_${kind}`).slice(0, 1) }));
    fields.push(selectField(screen, `${place}-interpreter`, "interpreter", [none("not_chosen"), ...kinds], screen.case.interpreter || "", (value) => {
      screen.case.interpreter = value;
      screen.outbox.push("setting", "interpreter", value);
      if (place === "head" && screen.items[screen.page].kind === "case") screen.go(screen.page, false);
    }));
  }
  return el("div", { class: "lb-settings" }, ...fields, unreviewedNote(screen));
}

/** Said once where a language is shown whose texts nobody has read who speaks it. */
function unreviewedNote(screen) {
  return screen.languages.some((language) => language.unreviewed) ? screen.words("p", { class: "lb-unreviewed" }, "text_unreviewed") : null;
}

function selectField(screen, name, text, choices, value, changed) {
  const id = `${screen.view}-${name}`;
  const select = el("select", { id, class: "lb-select", "data-keep": name, onchange: () => changed(select.value) });
  select.append(...choices.map((choice) => {
    const option = el("option", { value: choice.value, lang: choice.code });
    option.textContent = choice.texts[0];
    return option;
  }));
  select.value = value;
  return el("div", { class: "lb-setting" }, screen.words("label", { for: id }, text), select);
}

/** An ISO date as people of a language write it; anything else as it is. */
function dateText(screen, value, at, style = { dateStyle: "medium" }) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (!found) return value;
  const day = new Date(Date.UTC(found[1], found[2] - 1, found[3]));
  const locale = `${screen.languages[at].code}-u-ca-gregory-nu-latn`; // one calendar and one kind of digits in all languages
  try { return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(day); } catch { return value; }
}
