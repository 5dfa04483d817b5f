/* What is known of before: shown above the box and confirmed by a click, or asked about below it where the answer differs. */

/** The line above the box of a question and the one below it. What they say comes from Python (`last` in the state). */
function followUp(screen, element, key, ids) {
  if (!screen.ui[0].last_ask) return { above: el("div", { hidden: true }), below: el("div", { hidden: true }), set: () => {} }; // no follow-up
  const said = el("span", {});
  const still = screen.button("lb-reason lb-still", "last_still", () => {
    if (still.getAttribute("aria-pressed") === "true") screen.outbox.push("answer", key, "");
    else screen.outbox.push("how", key, "confirmed");
  });
  still.setAttribute("aria-describedby", ids.last);
  const above = el("div", { class: "lb-last", hidden: true }, el("div", { id: ids.last, class: "lb-last-said" }, said), still);
  const why = el("span", { id: `${ids.last}-why`, class: "lb-last-said" });
  const buttons = [["changed", "last_changed"], ["corrected", "last_wrong"]].map(([how, name]) => {
    const button = screen.words("button", { type: "button", class: "lb-reason", value: how }, name);
    button.addEventListener("click", () => screen.outbox.push("how", key, button.getAttribute("aria-pressed") === "true" ? "" : how));
    return button;
  });
  const otherwise = screen.words("span", { class: "lb-last-default" }, "last_default");
  const below = el("div", { class: "lb-last lb-last-differs", role: "group", "aria-labelledby": why.id, hidden: true }, why, ...buttons, otherwise);
  return { above, below, set(state, control) {
    const last = state.readonly ? null : state.last;
    const line = last && aboveText(screen, last);
    above.hidden = !line;
    if (line) write(said, line, screen.languages);
    above.classList.toggle("lb-carried", Boolean(last) && last.mode !== "proactive" && last.state === "same");
    still.hidden = !last || last.mode === "household" || (last.mode === "carry" && last.state === "same");
    still.setAttribute("aria-pressed", String(last?.state === "same"));
    const answering = !EASILY_CHOSEN.has(element.control) && control.contains(document.activeElement); // half an answer differs from everything
    const asks = last?.state === "differs" && (!answering || !below.hidden);
    if (asks && below.hidden && !screen.reviewed) screen.announce("last_differs", {}, true);
    below.hidden = !asks;
    if (!asks) return;
    write(why, last.mode === "proactive" ? screen.say("last_before") : lastText(screen, last, "last_before_said"), screen.languages);
    pressReason(below, last.how);
    otherwise.hidden = Boolean(last.how);
  } };
}

/** What stands above a box; null where nothing does: the answer of before is asked about below it, or it is asked blind. */
function aboveText(screen, last) {
  if (last.mode === "household") return screen.say("last_household");
  if (last.mode === "reactive" || (last.mode === "carry" && last.state === "differs")) return null;
  if (last.state === "open") return lastText(screen, last, "last_ask");
  if (last.state === "differs") return lastText(screen, last, "last_was");
  return lastText(screen, last, last.mode === "carry" ? "last_carried" : "last_confirmed");
}

/** A text with the answer of before and its day, each isolated: they may run in another direction. */
function lastText(screen, last, name) {
  const isolated = (text) => `\u2068${text}\u2069`;
  return screen.languages.map((_, at) => screen.say(name, {
    last: isolated(dateText(screen, last.text[at] || last.text[0], at).replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/, (whole, day, time) =>
      `${dateText(screen, day, at)}, ${time}`)),
    when: isolated(dateText(screen, last.on, at)),
  })[at]);
}

/** How an answer came about, for paper; empty where it is no follow-up. */
function lastOnPaper(screen, state) {
  const { last } = state;
  if (!last) return [];
  if (last.state === "open") return lastText(screen, last, "last_was");
  if (last.state === "same") return aboveText(screen, last);
  return lastText(screen, last, last.how === "corrected" ? "last_paper_corrected" : "last_paper_changed");
}
