/* A record that was handed in is changed: why, who has its draft, and what to do when somebody else changed it meanwhile. */

const WHY = ["late", "changed", "typo"];

/** One button for each reason. */
function whyButtons(screen, prefix, choose) {
  return WHY.map((reason) => screen.button("lb-button lb-quiet", `${prefix}_${reason}`, () => choose(reason)));
}

/** Texts that came with a message: they are rarely needed. */
function learn(screen, texts) { screen.ui = screen.ui.map((known, at) => ({ ...known, ...texts[at] })); }

/** The store wants to know why before it takes the record: everything is saved, and a click hands it in. */
function askWhy(screen, message) {
  if (!screen.outbox.confirm(message.op_id)) return;
  learn(screen, message.ui);
  const choose = (reason) => { dialog.close(); screen.outbox.push("submit", null, reason); };
  const buttons = el("div", { class: "lb-actions" }, ...whyButtons(screen, "why", choose));
  const dialog = dialogOf(screen, "why", [buttons], screen.button("lb-link", "decide_later", () => dialog.close()), () => {});
}

/** Both versions of a record. Nothing is decided by closing: the newer version stays, and ours waits as a draft. */
function showOvertaken(screen, message) {
  if (!screen.outbox.confirm(message.op_id)) return;
  learn(screen, message.ui);
  const decide = (keep) => {
    screen.link?.mirror.wipe(message.draft);
    dialog.close();
    screen.model.send({ type: "decide", draft: message.draft, keep, view: screen.view });
  };
  const rows = message.rows.map((row) => el("section", { class: "lb-differing" },
    write(el("p", { class: "lb-conflict-label" }), row.label, screen.languages),
    el("div", { class: "lb-versions" }, version(screen, "mine", row.mine, null), version(screen, "newer", row.theirs, null))));
  const parts = [screen.words("p", { class: "lb-muted" }, [screen.say("overtaken_by", message)[0]]),
    ...(rows.length ? rows : [screen.words("p", {}, "overtaken_none")]),
    el("div", { class: "lb-actions" }, screen.button("lb-button", "overtaken_mine", () => decide("mine")),
      screen.button("lb-button lb-quiet", "overtaken_theirs", () => decide("theirs")))];
  const dialog = dialogOf(screen, "overtaken", parts, screen.button("lb-link", "decide_later", () => dialog.close()), () => {});
}

/** That a record which was handed in is being corrected, since when and why; null for a new one. */
function drawCorrection(screen, { case: details }) {
  if (typeof details?.correction !== "string") return null;
  const when = dateText(screen, details.started, 0);
  const said = details.correction ? screen.say("correction", { when, reason: screen.say(`correction_${details.correction}`)[0] })
    : screen.say("correction_now", { when });
  return screen.words("p", { class: "lb-correction" }, [said[0]]);
}

/** Who has the draft, where that is somebody else or it was taken over. */
function drawHolder(screen, { case: details }) {
  screen.holder = el("p", { class: "lb-holder", hidden: true });
  fillHolder(screen, details?.holder);
  return screen.holder;
}

function fillHolder(screen, holder) {
  if (!screen.holder || holder === undefined) return;
  screen.holder.hidden = !holder;
  if (!holder) return;
  const said = screen.say(holder.mine ? "holder_mine" : "holder_other", { holder: holder.name, since: holder.since })[0];
  write(screen.holder, [said], screen.languages);
}

/** A draft that somebody else has is asked about before it is opened. */
function askTakeOver(screen, draft, ask, back) {
  const close = () => { ask.hidden = true; ask.replaceChildren(); back.focus(); };
  const question = screen.words("p", { id: `${screen.view}-take-${draft.id}` }, "take_over_ask", draft);
  const no = screen.button("lb-button lb-quiet", "cancel", close);
  const yes = screen.button("lb-button", "take_over_yes", () => askDesk(screen, "take", { draft: draft.id }));
  ask.setAttribute("aria-labelledby", question.id);
  ask.replaceChildren(question, el("div", { class: "lb-row-actions" }, yes, no));
  ask.hidden = false;
  no.focus();
}
