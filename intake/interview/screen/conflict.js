/* Two versions of one answer, shown to choose; and entries that came too late for a draft that was closed. */

const TYPING_STILL = 1500; // ms since the last key stroke during which no window opens under somebody's fingers

/** Ask about the first dispute. Nothing is decided by closing: the stored version stays, and ours waits. */
function showDisputes(screen) { whenIdle(screen, () => askWhich(screen)); }

function whenIdle(screen, act) {
  const left = screen.outbox.typedAt + TYPING_STILL - Date.now();
  if (left <= 0) act(); else setTimeout(() => whenIdle(screen, act), left);
}

function askWhich(screen) {
  const { link } = screen;
  const [dispute] = link.disputes;
  if (!dispute || document.querySelector("dialog[open]")) { link.showNotice(); return; }
  const { op, message } = dispute;
  const decide = (mine) => {
    link.disputes.shift();
    if (mine) {
      if (message.op === "answer") screen.views.get(message.key)?.update({ ...screen.state[message.key], value: message.value });
      screen.outbox.push(message.op, message.key, message.value);
    }
    link.mirror.forget(op.op_id);
    dialog.close();
    showSaving(screen);
  };
  const gone = message.theirs === null;
  const versions = gone ? [version(screen, "mine", message.mine)] : [version(screen, "mine", message.mine, () => decide(true)), version(screen, "theirs", message.theirs, () => decide(false))];
  const last = gone ? screen.button("lb-button", "understood", () => decide(false)) : screen.button("lb-link", "decide_later", () => dialog.close());
  const dialog = dialogOf(screen, gone ? "conflict_gone" : "conflict", [disputedName(screen, op), el("div", { class: "lb-versions" }, ...versions)], last, () => {
    if (link.disputes[0] !== dispute) showDisputes(screen);
    link.showNotice();
  });
}

/** What was typed and cannot be saved any more, to be read and copied. */
function showLate(screen, ops) {
  const rows = ops.filter((op) => ["answer", "reason"].includes(op.op)).flatMap((op) => [el("dt", {}, ...disputedName(screen, op).childNodes), write(el("dd"), [String(op.value) || screen.say("empty")[0]], screen.languages)]);
  const forget = () => ops.forEach((op) => screen.link.mirror.forget(op.op_id));
  if (!rows.length) { forget(); return; }
  whenIdle(screen, () => showRows(screen, rows, forget));
}

function showRows(screen, rows, forget) {
  const dialog = dialogOf(screen, "late", [el("dl", { class: "lb-late" }, ...rows)], screen.button("lb-button", "understood", () => { forget(); dialog.close(); }), () => {});
}

function dialogOf(screen, name, parts, last, closed) {
  const back = document.activeElement;
  const title = screen.words("h2", { id: `${screen.view}-${name}`, tabindex: -1, autofocus: true }, name); // no button has the focus: a key stroke under way decides nothing
  const dialog = el("dialog", { class: "lb-dialog", "aria-labelledby": title.id, onclose: () => { dialog.remove(); back?.focus?.({ preventScroll: true }); closed(); } },
    title, screen.words("p", { class: "lb-hint" }, `${name}_text`), ...parts, el("div", { class: "lb-actions" }, last));
  screen.root.append(dialog);
  dialog.showModal();
  return dialog;
}

function version(screen, whose, texts, choose) {
  const shown = texts.map((text, at) => text || screen.say("empty")[at]);
  const parts = [screen.words("h3", {}, `version_${whose}`), write(el("p", { class: "lb-version-text lb-personal" }), shown, screen.languages)];
  return el("section", { class: "lb-version" }, ...parts, choose ? screen.button("lb-button", `keep_${whose}`, choose) : null);
}

function disputedName(screen, op) {
  const label = screen.state?.[op.key]?.label ?? op.label ?? [];
  return write(el("p", { class: "lb-conflict-label" }), label, screen.languages);
}
