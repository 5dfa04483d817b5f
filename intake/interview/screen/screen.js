/* The interview on screen: draws what Python describes and says back what the person did. It holds no rule of the form.

   Python sends   {type: "form" | "start" | "ack" | "unsaved" | "refused" | "lost" | "submitted", ...}
   this sends     {type: "hello" | "open" | "new" | "overview"} and {type: "op", op_id, sequence, op, key, value}
   An element of the description has an `id`; its state stands under the `key`: the id, or "<entry>/<id>" inside a repeat. */

const MEMORY = "lotsenbuch.draft"; // session storage: the opaque id of the draft on screen, so that a reload finds it
const SAID_FOR = 6000; // ms a message stays in sight

class Screen {
  constructor(model, root) {
    this.model = model;
    this.outer = root;
    this.root = el("div", { class: "lb-stage" });
    this.live = liveRegion();
    root.append(this.root, this.live);
    this.listening = new AbortController();
    this.private = isPrivateTab();
    root.classList.toggle("lb-private", this.private);
    listenToKeys(this, this.listening.signal);
    this.root.addEventListener("focusin", (event) => showFocused(this, event.target));
    this.view = crypto.randomUUID();
    this.outbox = new Outbox((op) => model.send(op), () => showSaving(this));
    this.touched = new Set();
    this.reviewed = false;
    this.page = 0;
    this.failure = null;
    this.pressed = null; // one object a press
    this.files = new Files(this);
    this.lists = new ChoiceLists(this);
    root.addEventListener("pointerdown", () => { this.pressed = {}; this.calmly(() => {}); }, true);
  }
  /** Do what may move things on the page, but never under a pressed pointer: the click would land somewhere else. */
  calmly(act) {
    const press = this.pressed;
    if (!press) { setTimeout(act); return; }
    const ends = ["pointerup", "pointercancel", "blur"];
    const end = (event) => {
      if (event?.type === "blur" && event.target !== window) return; // only a question lost the focus, to what is pressed
      clearTimeout(late);
      ends.forEach((name) => window.removeEventListener(name, end, true));
      setTimeout(() => {
        if (this.pressed === press) this.pressed = null;
        if (this.pressed) this.calmly(act); else act(); // it was pressed again meanwhile
      });
    };
    const late = setTimeout(end, 1000);
    ends.forEach((name) => window.addEventListener(name, end, true));
  }
  hello() {
    let draft = null;
    try { draft = sessionStorage.getItem(MEMORY); } catch { /* storage may be forbidden: the start view lists the drafts */ }
    this.model.send({ type: "hello", view: this.view, draft });
  }
  remember(draft) {
    if (!draft) this.files.leave();
    try { if (draft) sessionStorage.setItem(MEMORY, draft); else sessionStorage.removeItem(MEMORY); } catch { /* as above */ }
  }
  /** {url, mime, size} of a picture, sound or video: of the form by its name, of what was handed in by {key, name}. */
  file(what) { return this.files.get(what); }
  receive(message, buffers) {
    if (message.view && message.view !== this.view) return;
    complete(message);
    ({
      start: () => drawStart(this, message), desk: () => receiveDesk(this, message), form: () => drawForm(this, message),
      ack: () => (this.pressed ? this.calmly(() => this.acknowledge(message)) : this.acknowledge(message)), submitted: () => drawSubmitted(this, message),
      why: () => askWhy(this, message), overtaken: () => showOvertaken(this, message),
      lost: () => { this.outbox.drop(); this.remember(null); this.alert(message.text); },
      unsaved: () => { this.failure = message.busy ? "store_busy" : message.text; this.outbox.unsaved(message.op_id); },
      list: () => this.lists.receive(message), file: () => this.files.receive(message, buffers), chunk: () => this.files.sent(message),
      refused: () => { this.failure = message.text; const known = this.outbox.confirm(message.op_id); if (known || !message.op_id) this.alert(message.text); },
    })[message.type]?.();
  }
  say(name, fields = {}) {
    return this.ui.map((texts) => (texts[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => fields[key] ?? whole));
  }
  words(tag, attributes, name, fields) { return write(el(tag, attributes), Array.isArray(name) ? name : this.say(name, fields), this.languages); }
  button(className, name, onclick, fields) { return this.words("button", { type: "button", class: className, onclick }, name, fields); }
  mark(message) {
    const said = ["plain", "demo"].filter((name) => message[name]).map((name) => this.say(name)[0]);
    return said.length ? this.words("p", { class: "lb-mark" }, [said.join(" · ")]) : null;
  }
  dress(message) {
    this.ui = message.ui;
    this.languages = message.languages.map((language, at) => ({ ...language, words: message.ui[at] }));
    this.outer.lang = this.languages[0].code;
    this.outer.dir = this.languages[0].dir;
  }
  /** Say something once, in the first language; `name` is a text of the screen or the texts themselves.
      It shows for a moment, unless it stands on the page already (`onlyHeard`). */
  announce(name, fields, onlyHeard = false) {
    const said = el("bdi", { lang: this.languages[0].code, dir: this.languages[0].dir });
    said.textContent = Array.isArray(name) ? plainText(name[0]) : this.say(name, fields)[0];
    this.live.replaceChildren(said);
    this.live.classList.toggle("lb-said", !onlyHeard);
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.live.classList.remove("lb-said"), SAID_FOR);
  }
  /** Back to the work list as soon as everything is saved. */
  leave() {
    this.outbox.flush();
    this.leaving = true;
    this.leaveIfSaved();
  }
  leaveIfSaved() {
    if (!this.leaving || !this.outbox.empty) return;
    this.leaving = false;
    this.model.send({ type: "overview", view: this.view });
  }
  stop() { clearTimeout(this.saying); this.lists.stop(); this.listening.abort(); this.measure?.disconnect(); }

  go(at, focus) {
    if (focus) this.leaving = false; // who goes on does not want to leave any more
    showPage(this, at, focus);
  }
  step(by) { stepPage(this, by); }
  draw(element, entry, level, bare = false) {
    if (element.kind === "group") return drawGroup(this, element, entry, level);
    if (element.kind === "repeat") return drawRepeat(this, element, entry, level, bare);
    const node = drawQuestion(this, element, entry);
    if (isPersonal(element)) veil(this, this.key(element, entry), node);
    return node;
  }
  key(element, entry) { return entry ? `${entry}/${element.id}` : element.id; }
  watch(key, update) {
    const before = this.views.get(key);
    this.views.set(key, { ...before, update: (state) => { before?.update(state); update(state); } });
    if (this.state[key]) update(this.state[key]);
  }

  // ---- what is wrong, and how far we are ---------------------------------------------------------------------------
  visible(key, state) { // what is not judged yet is not called wrong
    return (this.reviewed || this.touched.has(key)) && !this.outbox.waits(key) ? state.problems : [];
  }
  refresh(key) { this.views.get(key)?.update(this.state[key]); }
  /** Every question that is asked, in the order of the form: [{key, state, section, names}]. */
  *asked(elements = this.sections, entry = "", names = [], section = null) {
    for (const element of elements) {
      const state = this.state[this.key(element, entry)];
      if (!state || state.relevant === false) continue;
      if (element.kind === "question") yield { key: this.key(element, entry), state, section, names };
      else if (element.kind === "group") yield* this.asked(element.children, entry, names, section || element);
      else for (const [at, id] of state.entries.entries()) {
        yield* this.asked(element.children, id, [...names, entryName(this, state, at + 1)], section || element);
      }
    }
  }
  alert(text) {
    this.banner?.replaceChildren(this.words("span", {}, text), this.button("lb-link", "close", () => { this.banner.hidden = true; }));
    if (this.banner) { this.banner.dataset.kind = "refused"; this.banner.hidden = false; }
  }
  acknowledge(message) {
    const mine = this.outbox.confirm(message.op_id);
    if (!this.state) return;
    this.lists.take(message.lists);
    if (message.draft && message.draft !== this.draft) {
      this.draft = message.draft;
      rememberPage(this);
    }
    if (message.draft) this.remember(message.draft);
    fillHolder(this, message.holder);
    if (message.number !== undefined) this.number.textContent = message.number;
    for (const [key, state] of Object.entries(message.patch)) {
      if (state === null) { delete this.state[key]; this.files.forget(key); } else this.state[key] = state;
    }
    keepingFocus(this, () => {
      for (const [key, state] of Object.entries(message.patch)) if (state !== null) this.views.get(key)?.update(state);
      if (mine && !(message.op_key in message.patch)) this.refresh(message.op_key);
    });
    if (message.refused) this.go(this.items.length - 1, true);
    else if (Object.keys(message.patch).length > 0) {
      leaveClosedPage(this);
      redrawPage(this);
    }
    this.printing?.();
    if ("undone" in message) showUndone(this, message.undone);
    showCounts(this);
    showSaving(this);
    this.leaveIfSaved();
  }
}
