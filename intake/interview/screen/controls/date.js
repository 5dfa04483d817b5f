/* Dates and times as fields to type in: no calendar to leaf through for a year of birth. */

const FIELDS = {
  date: ["day", "month", "year"], "month-year": ["month", "year"], year: ["year"], time: ["hour", "minute"],
  dateTime: ["day", "month", "year", "hour", "minute"],
};

const CALENDARS = new Set(["ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist"]); // a form may wish for them; none is drawn

/** What the fields say: a date, a time, or both; what is not complete stays as it is typed and is judged in Python. */
function momentText(kind, typed) {
  const two = (name) => (typed[name] ? typed[name].padStart(2, "0") : "");
  if (!Object.values(typed).some(Boolean)) return "";
  const whole = { ...typed, ...("month" in typed ? {} : { month: "1" }), ...("day" in typed ? {} : { day: "1" }) };
  const partial = (kind === "year" && !typed.year) || (kind === "month-year" && !(typed.year && typed.month));
  const padded = (part) => (whole[part] || "").padStart(whole[part] ? 2 : 0, "0");
  const date = partial ? `${typed.year || ""}-${two("month")}` : [whole.year, padded("month"), padded("day")].join("-");
  const time = `${two("hour")}:${two("minute")}`;
  if (kind === "time") return time;
  return kind === "dateTime" ? `${date}T${time}` : date;
}

/** The fields of a value; a text that is no moment stands whole in the field of the year or the hour. */
function momentFields(kind, value) {
  const [date, time] = kind === "time" ? ["", value] : value.split("T");
  const days = /^(\d*)-(\d*)(?:-(\d*))?$/.exec(date);
  const clock = /^(\d*):(\d*)/.exec(time || "");
  const bare = (text) => (text || "").replace(/^0(?=\d)/, "");
  return {
    year: days ? days[1] : date, month: days ? bare(days[2]) : "", day: days ? bare(days[3]) : "",
    hour: clock ? clock[1] : time || "", minute: clock ? clock[2] : "",
  };
}

function dateControl(question, context) {
  const kind = question.control === "date" ? ["month-year", "year"].find((word) => question.appearance.includes(word)) || "date" : question.control;
  const fields = FIELDS[kind].map((name) => {
    const id = `${context.ids.input}-${name}`;
    const input = el("input", {
      id, class: `lb-input lb-${name}`, type: "text", inputmode: "numeric", autocomplete: "off", maxlength: name === "year" ? 4 : 2,
      oninput: () => context.emit(text(), false), onblur: () => context.emit(text(), true),
    });
    return { name, input, box: el("div", { class: "lb-part" }, write(el("label", { for: id }), context.say(name), context.languages), input) };
  });
  const text = () => momentText(kind, Object.fromEntries(fields.map(({ name, input }) => [name, input.value.trim()])));
  const note = question.appearance.some((word) => CALENDARS.has(word))
    ? write(el("p", { class: "lb-help" }), context.say("gregorian"), context.languages) : null;
  const node = el("div", { class: "lb-date", role: "group", "aria-labelledby": context.ids.label }, note, ...fields.map((field) => field.box));
  return {
    node, target: node, focus: () => fields[0].input.focus(),
    set(state) {
      const wrong = state.shown.some((problem) => problem.kind !== "warning");
      if (text() !== state.value && !node.contains(document.activeElement)) {
        const found = momentFields(kind, state.value);
        fields.forEach(({ name, input }) => { input.value = found[name]; });
      }
      fields.forEach(({ input }) => {
        input.readOnly = state.readonly;
        if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      });
      describe(node, context.ids, state);
      node.removeAttribute("aria-invalid"); // a group may not carry it; its boxes do
    },
  };
}
