/* What the person did and Python has not confirmed yet. */

const RESEND_AFTER = 5000; // ms; the same op_id again, which Python takes once only
const TYPING = 150; // ms after a key stroke until it is sent

/** The operations that Python has not confirmed yet: one under way at a time, the newest answer per question waiting. */
class Outbox {
  constructor(send, changed) {
    this.send = send;
    this.changed = changed;
    this.waiting = [];
    this.current = null;
    this.sequence = 0;
    this.failed = null; // null | "unsaved" | "silent"
    this.timers = new Map();
  }
  get empty() { return !this.current && !this.waiting.length && !this.timers.size; }
  holds(key) { return this.latest(key) !== undefined; }
  /** The newest value of a question that is not confirmed, undefined where all is. */
  latest(key) {
    const waiting = [this.current, ...this.waiting].filter((op) => op?.key === key && op.op === "answer");
    return this.timers.get(key)?.value ?? waiting.at(-1)?.value;
  }
  soon(key, value) { // the first key stroke starts the clock, so that steady typing is saved too
    const typed = this.timers.get(key);
    if (typed) typed.value = value;
    else this.timers.set(key, { value, id: setTimeout(() => this.flush(key), TYPING) });
    this.changed();
  }
  flush(only) {
    for (const [key, { value, id }] of [...this.timers]) {
      if (only !== undefined && key !== only) continue;
      clearTimeout(id);
      this.timers.delete(key);
      this.push("answer", key, value);
    }
  }
  push(op, key, value) {
    if (op !== "answer") this.flush();
    else { clearTimeout(this.timers.get(key)?.id); this.timers.delete(key); }
    const last = this.waiting.at(-1);
    if (op === "answer" && last?.op === "answer" && last.key === key) last.value = value;
    else this.waiting.push({ type: "op", op_id: crypto.randomUUID(), sequence: this.sequence += 1, op, key, value });
    this.next();
  }
  next() {
    if (!this.current && this.waiting.length) { this.current = this.waiting.shift(); this.transmit(); }
    this.changed();
  }
  transmit() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.failed ??= "silent"; this.changed(); this.transmit(); }, RESEND_AFTER);
    this.send(this.current);
  }
  confirm(opId) {
    if (this.current?.op_id !== opId) return false;
    clearTimeout(this.timer);
    this.current = null;
    this.failed = null;
    this.next();
    return true;
  }
  unsaved(opId) { if (this.current?.op_id === opId) { this.failed = "unsaved"; this.changed(); } }
  again() { if (this.current) { this.flush(); this.transmit(); } }
  drop() { clearTimeout(this.timer); this.timers.forEach(({ id }) => clearTimeout(id)); this.timers.clear(); this.waiting = []; this.current = null; }
}
