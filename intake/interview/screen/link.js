/* Between the screen and Python: everything that is sent and received passes here.

   Adds what is needed so that nothing is lost (the draft's id, what the mirror kept), notices when nobody answers any
   more, comes back by itself when the connection does, and tells other windows that show the same draft. */

const BEAT = 1000; // ms between two looks at the clock
const PING_AFTER = 4000; // ms of silence until Python is asked whether it is there
const PATIENCE = 6000; // ms until no answer counts as no connection
const ASLEEP = 5000; // ms between two looks that should be one second apart: the computer slept
const RECONNECT_AFTER = 3000; // ms between two attempts to connect anew
const BLIP = 700; // ms a line may be down before anybody is told
const GONE = new Set(["dead", "restarting", "autorestarting", "terminating"]); // a kernel that has forgotten us

class Link {
  constructor(model) {
    this.page = crypto.randomUUID();
    this.real = model;
    this.model = { send: (...what) => this.send(...what) };
    this.ending = new AbortController();
    liveAs(this.page, this.ending.signal);
    this.mirror = new Mirror(this.page, model.get("place"));
    this.chain = Promise.resolve();
    this.trouble = null; // null | "cut": it may come back by itself | "gone": only a new page helps
    this.disputes = [];
    this.others = new Set();
    this.heard = this.looked = Date.now();
    this.asked = null; // when the oldest message without an answer was sent
  }
  /** Begin to watch; the screen has been made with `this.model`. */
  begin(screen) {
    this.screen = screen;
    this.said = {}; // what was said once of the draft on screen
    screen.link = this;
    this.outbox = screen.outbox;
    this.outbox.mirror = this.mirror;
    this.outbox.mayEnd = () => { if (this.disputes.length) showDisputes(screen); return !this.disputes.length; };
    this.outbox.standing = (key) => {
      const state = screen.state?.[key];
      const reason = this.outbox.latest(key, "reason") ?? state?.reasons?.value ?? "";
      return { was: state && "value" in state ? [this.outbox.latest(key) ?? state.value, reason] : undefined, label: state?.label };
    };
    const { signal } = this.ending;
    this.beats = setInterval(() => this.look(), BEAT);
    const wake = () => { if (!document.hidden) { this.asked = null; this.ping(); } };
    document.addEventListener("visibilitychange", wake, { signal });
    for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, wake, { signal });
    window.addEventListener("pagehide", () => { this.outbox.flush(); this.tell("left"); }, { signal });
    this.watchKernel();
    this.windows = "BroadcastChannel" in window ? new BroadcastChannel("lotsenbuch") : null;
    this.windows?.addEventListener("message", ({ data }) => this.overhear(data));
  }
  stop() { this.tell("left"); clearInterval(this.beats); clearTimeout(this.blip); this.ending.abort(); this.windows?.close(); this.unwatch?.(); }

  // ---- sending and receiving -----------------------------------------------------------------------------------------
  send(message, ...rest) {
    if (message.type === "new") this.fresh = this.wanted = null;
    if (message.draft && (message.type === "hello" || message.type === "open")) {
      const known = message.type === "open" ? this.mirror.opened.then(() => this.mirror.scan()).catch(() => {}) : this.mirror.opened;
      known.then(() => this.pass(this.named(message), rest));
      return;
    }
    this.pass(message, rest);
  }
  /** A message that asks for a draft, with what Python needs to begin it anew and to know its operations again. */
  named(message) {
    this.wanted = message.draft;
    const [form, mirrored] = this.mirror.left(message.draft);
    return form ? { ...message, form, mirrored } : message;
  }
  pass(message, rest) {
    this.asked ??= Date.now();
    if (this.trouble === "gone") return;
    try { this.real.send(message, ...rest); } catch { this.fail("gone"); }
  }
  receive(message, buffers) {
    if (message.view && message.view !== this.screen.view) return;
    this.hear();
    if (message.type === "pong") return;
    this.chain = this.chain.then(() => this.take(message, buffers)).catch((error) => reportError(error));
  }
  async take(message, buffers) {
    const { screen } = this;
    if (message.type === "start" || (message.type === "form" && (message.draft || this.wanted))) await this.mirror.opened;
    if (message.type === "ack") {
      const act = () => {
        this.outbox.sequence = message.sequence ?? this.outbox.sequence;
        this.giveWay(message.elsewhere ? message.patch : {}, () => screen.receive(message, buffers));
      };
      if (screen.pressed) screen.calmly(act); else act();
      if (message.op_id) this.tell("changed");
      else if (message.elsewhere && !this.others.size) this.elsewhere(true);
      return;
    }
    if (message.type === "conflict") { this.dispute(message); return; }
    if (message.type === "form") this.prepare(message);
    if (message.type === "start") this.tell("left");
    const late = this.late(message);
    screen.receive(message, buffers);
    if (message.type === "form") this.opened(message);
    if (late.length) showLate(screen, late);
  }
  /** What was done to a draft that is closed by now. Behind the handing in, too: the line may be slow, and somebody types on. */
  late({ type, op_id, gone }) {
    if (type === "lost") return this.outbox.all;
    if (gone) return this.mirror.adopt(gone);
    if (type !== "submitted" || this.outbox.current?.op_id !== op_id) return [];
    document.activeElement?.blur(); // what stands in a box belongs to it
    const behind = this.outbox.all.filter((op) => op.op !== "submit");
    this.outbox.cutOff();
    this.mirror.wipe(this.screen.draft);
    behind.forEach((op) => this.mirror.keep(op));
    return behind;
  }
  /** Draw another window's answers, also in the box that has the focus: boxes do not overwrite themselves under the caret. */
  giveWay(patch, draw) {
    const held = document.activeElement;
    const key = this.screen.root.contains(held) ? held.closest("[data-key]")?.dataset.key : undefined;
    if (key === undefined || !(key in patch) || this.outbox.holds(key)) { draw(); return; }
    this.outbox.muted = key;
    held.blur();
    draw();
    if (held.isConnected) held.focus({ preventScroll: true });
    this.outbox.muted = null;
  }
  /** Before an interview is drawn: its id, and what was done to it and not confirmed, so that it is seen at once. */
  prepare(message) {
    const { screen, outbox } = this;
    if (message.case) {
      if (!message.draft) message.draft = this.wanted || (this.fresh ??= crypto.randomUUID().replaceAll("-", ""));
      this.mirror.allow(message.mirror === true);
    }
    if (outbox.place.draft !== message.draft) { outbox.drop(); this.disputes = []; this.others.clear(); }
    outbox.place = { draft: message.draft, form: message.form };
    outbox.sequence = message.sequence || 0;
    const asked = new Set(this.disputes.map(({ op }) => op.op_id));
    if (message.draft && this.mirror.allowed) outbox.restore(this.mirror.adopt(message.draft).filter((op) => !asked.has(op.op_id)));
    for (const { op, key, value } of outbox.all) {
      if (op === "answer" && message.state[key] && "value" in message.state[key]) message.state[key].value = value;
    }
    if (screen.draft !== message.draft) this.said = {};
  }
  opened() {
    this.outbox.next();
    this.tell("here");
    this.showNotice();
    this.mirror.opened.then(() => { if (this.mirror.broken && !this.said.broken) { this.said.broken = true; showUnmirrored(this.screen); } });
  }
  /** Drafts with entries that were not transferred: [{draft, form, since: Date, count}]. Known once the start view is drawn. */
  mirrored() { return this.mirror.allowed ? this.mirror.drafts() : []; }

  // ---- whether anybody is there --------------------------------------------------------------------------------------
  hear() {
    this.heard = Date.now();
    this.asked = null;
    if (this.trouble === "cut") this.recover();
  }
  look() {
    const now = Date.now();
    if (now - this.looked > ASLEEP) { this.asked = null; this.looked = now; this.ping(); return; }
    this.looked = now;
    if (this.trouble === "cut" && now - (this.tried || 0) > RECONNECT_AFTER) this.reconnect();
    if (document.hidden) return; // clocks of hidden pages are slow, and nobody looks
    if (this.asked !== null && now - this.asked > PATIENCE) this.fail("cut");
    else if (this.asked === null && now - this.heard > PING_AFTER) this.ping();
  }
  ping() { if (this.screen.ui) this.pass({ type: "ping", view: this.screen.view }, []); }
  reconnect() {
    this.tried = Date.now();
    const kernel = this.kernel();
    if (kernel?.reconnect) kernel.reconnect().then(() => { this.ping(); this.outbox.again(); }).catch(() => {});
    else this.ping();
  }
  fail(trouble) {
    if (this.trouble === trouble || this.trouble === "gone") return;
    this.trouble = trouble;
    this.tried = Date.now();
    showSaving(this.screen);
  }
  recover() {
    this.trouble = null;
    this.outbox.failed = null;
    this.outbox.again();
    this.screen.lists.again();
    showSaving(this.screen);
  }
  kernel() { try { return this.real.widget_manager?.kernel ?? null; } catch { return null; } }
  /** JupyterLab and Voila say at once when the kernel ends or the line is cut; elsewhere only the silence does. */
  watchKernel() {
    const kernel = this.kernel();
    if (!kernel?.connectionStatusChanged) return;
    const line = (_, status) => {
      clearTimeout(this.blip);
      if (status === "connected") { this.asked = null; this.ping(); this.outbox.again(); } else this.blip = setTimeout(() => this.fail("cut"), BLIP);
    };
    const life = (_, status) => { if (GONE.has(status)) this.fail("gone"); };
    kernel.connectionStatusChanged.connect(line);
    kernel.statusChanged?.connect(life);
    this.unwatch = () => { kernel.connectionStatusChanged.disconnect(line); kernel.statusChanged?.disconnect(life); };
  }
  /** A new page, once all that was typed is in the mirror. */
  async renew() {
    this.outbox.flush();
    await this.mirror.settled();
    this.renewing = true;
    window.location.reload();
  }

  // ---- other windows -------------------------------------------------------------------------------------------------
  tell(what) { if (this.outbox.place.draft) this.windows?.postMessage({ what, draft: this.outbox.place.draft, page: this.page }); }
  overhear({ what, draft, page }) {
    if (draft !== this.outbox.place.draft || !this.screen.main?.isConnected) return;
    if (what === "left") this.others.delete(page);
    else this.others.add(page);
    if (what === "here") this.tell("also");
    if (what === "changed") this.ping();
    this.showNotice();
  }
  elsewhere(told) { this.said.elsewhere = told; this.showNotice(); }
  showNotice() {
    const open = this.disputes.length && !document.querySelector("dialog[open]");
    showNotice(this.screen, open ? "undecided" : this.others.size ? "two_windows" : this.said?.elsewhere ? "went_on_elsewhere" : null);
  }
  /** Two versions of one answer: the stored one is shown, ours waits in the mirror until somebody has chosen. */
  dispute(message) {
    const op = this.outbox.taken(message.op_id, false);
    if (!op) return;
    if (this.outbox.holds(op.key)) { this.mirror.forget(op.op_id); return; } // somebody still types there: the newest is asked about
    this.disputes.push({ op, message });
    this.giveWay({ [message.key]: true }, () => this.screen.refresh(message.key));
    showSaving(this.screen);
    showDisputes(this.screen);
  }
}
