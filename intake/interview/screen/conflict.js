/* Two versions of one answer, shown to choose; and entries that came too late for a draft that was closed. */

const ANSWERING = new Set(["answer", "reason"]);
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
  const versions = [version(screen, "mine", message.mine, gone ? null : () => decide(true))];
  if (!gone) versions.push(version(screen, "theirs", message.theirs, () => decide(false)));
  const last = gone ? screen.button("lb-button", "understood", () => decide(false)) : screen.button("lb-link", "decide_later", () => dialog.close());
  const parts = [disputedName(screen, op), el("div", { class: "lb-versions" }, ...versions)];
  const dialog = dialogOf(screen, gone ? "conflict_gone" : "conflict", parts, last, () => {
    if (link.disputes[0] !== dispute) showDisputes(screen);
    link.showNotice();
  });
}

/** What was typed and cannot be saved any more, to be read and copied. */
function showLate(screen, ops) {
  const answers = ops.filter((op) => ANSWERING.has(op.op));
  const said = (op) => write(el("dd", { class: "lb-personal" }), [String(op.value) || screen.say("empty")[0]], screen.languages);
  const rows = answers.flatMap((op) => [el("dt", {}, ...disputedName(screen, op).childNodes), said(op)]);
  const forget = () => ops.forEach((op) => screen.link.mirror.forget(op.op_id));
  if (!rows.length) { forget(); return; }
  whenIdle(screen, () => showRows(screen, rows, forget));
}

function showRows(screen, rows, forget) {
  const understood = screen.button("lb-button", "understood", () => { forget(); dialog.close(); });
  const dialog = dialogOf(screen, "late", [el("dl", { class: "lb-late" }, ...rows)], understood, () => {});
}

function dialogOf(screen, name, parts, last, closed) {
  const back = document.activeElement;
  // The heading has the focus, no button: a key stroke under way decides nothing.
  const title = screen.words("h2", { id: `${screen.view}-${name}`, tabindex: -1, autofocus: true }, name);
  const end = () => { dialog.remove(); back?.focus?.({ preventScroll: true }); closed(); };
  const dialog = el("dialog", { class: "lb-dialog", "aria-labelledby": title.id, onclose: end },
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
