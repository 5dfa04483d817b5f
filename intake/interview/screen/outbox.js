/* What the person did and Python has not confirmed yet. */

const RESEND_AFTER = 5000; // ms; the same op_id again, which Python takes once only
const TYPING = 150; // ms after a key stroke until it is sent; the mirror has it at once

/** The operations that Python has not confirmed yet: one under way at a time, the newest answer per question waiting.

    An operation has its id from its first key stroke, and says what this window knew then (`base`, `was`), so that
    Python can tell whether another window was there meanwhile. What was sent once is never changed. */
class Outbox {
  constructor(send, changed) {
    this.send = send;
    this.changed = changed;
    this.waiting = [];
    this.restored = new Set(); // op ids that Python may have taken already: another value needs another operation
    this.current = null;
    this.sequence = 0; // operations of the draft that this window knows of
    this.order = 0;
    this.failed = null; // null | "unsaved" | "silent"
    this.timers = new Map(); // what is being typed: key -> {op, id of the clock}
    this.mirror = null;
    this.place = {}; // {draft, form} the operations belong to
    this.muted = null; // a question whose box is being given another window's answer: what it echoes is nobody's
    this.typedAt = 0;
    this.mayEnd = () => true; // whether nothing stands in the way of handing in
    this.standing = () => ({}); // what stood at a question: {was: [answer, reason], label}
  }
  get empty() { return !this.current && !this.waiting.length && !this.timers.size; }
  /** Everything unconfirmed, in order. */
  get all() { return [...(this.current ? [this.current] : []), ...this.waiting, ...[...this.timers.values()].map(({ op }) => op)]; }
  holds(key) { return this.latest(key) !== undefined; }
  /** Whether anything done to a question is not confirmed yet: an answer, a reason, a kept warning. */
  waits(key) { return this.all.some((op) => op.key === key); }
  /** The newest value of a question that is not confirmed, undefined where all is. */
  latest(key, kind = "answer") { return this.all.findLast((op) => op.key === key && op.op === kind)?.value; }
  made(op, key, value) {
    const known = { base: this.sequence, ...this.standing(key), ...this.place };
    const made = { type: "op", op_id: crypto.randomUUID(), op, key, value, ...known, at: Date.now(), order: this.order += 1 };
    this.mirror?.keep(made);
    return made;
  }
  revalue(op, value) {
    if (op.value === value) return;
    op.value = value;
    this.mirror?.keep(op);
  }
  soon(key, value) { // the first key stroke starts the clock, so that steady typing is saved too
    if (this.muted === key) return;
    this.typedAt = Date.now();
    const typed = this.timers.get(key);
    if (typed) this.revalue(typed.op, value);
    else this.timers.set(key, { op: this.made("answer", key, value), id: setTimeout(() => this.flush(key), TYPING) });
    this.changed();
  }
  flush(only) {
    for (const key of [...this.timers.keys()]) if (only === undefined || key === only) this.queue(this.typed(key));
  }
  typed(key) {
    const { op, id } = this.timers.get(key);
    clearTimeout(id);
    this.timers.delete(key);
    return op;
  }
  push(op, key, value) {
    if ((op === "answer" && this.muted === key) || (op === "submit" && !this.mayEnd())) return;
    const typing = op === "answer" && this.timers.has(key);
    if (op !== "answer") this.flush();
    const next = typing ? this.typed(key) : this.made(op, key, value);
    if (typing) this.revalue(next, value);
    this.queue(next);
  }
  queue(op) {
    const last = this.waiting.at(-1);
    const again = op.op === "answer" && last?.op === "answer" && last.key === op.key && !this.restored.has(last.op_id);
    if (again) { this.revalue(last, op.value); this.mirror?.forget(op.op_id); } else this.waiting.push(op);
    this.next();
  }
  /** Operations from before the page was loaded, before all others. */
  restore(ops) {
    const known = new Set(this.all.map((op) => op.op_id));
    this.waiting.unshift(...ops.filter((op) => !known.has(op.op_id)));
    ops.forEach((op) => this.restored.add(op.op_id));
    this.order = Math.max(this.order, ...ops.map((op) => op.order));
  }
  next() {
    if (!this.current && this.waiting.length) { this.current = this.waiting.shift(); this.transmit(); }
    this.changed();
  }
  transmit() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.failed ??= "silent"; this.changed(); this.transmit(); }, RESEND_AFTER);
    const { type, op_id, op, key, value, base, was, draft } = this.current; // the rest is for the mirror
    this.send({ type, op_id, op, key, value, base, was, draft });
  }
  confirm(opId) { return Boolean(this.taken(opId, true)); }
  /** The operation under way is not under way any more; without `done` the mirror keeps it until somebody has decided. */
  taken(opId, done) {
    const op = this.current;
    if (!op || op.op_id !== opId) return null;
    clearTimeout(this.timer);
    this.current = null;
    this.failed = null;
    if (done) this.mirror?.forget(opId);
    this.next();
    return op;
  }
  unsaved(opId) { if (this.current?.op_id === opId) { this.failed = "unsaved"; this.changed(); } }
  again() { if (this.current) { this.flush(); this.transmit(); } }
  /** Send nothing of what is behind the operation under way. */
  cutOff() {
    this.timers.forEach(({ id }) => clearTimeout(id));
    this.timers.clear();
    this.waiting = [];
  }
  drop() {
    clearTimeout(this.timer);
    this.cutOff();
    this.current = this.failed = null;
  }
}
