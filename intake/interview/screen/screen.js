/* The interview on screen: draws what Python describes and says back what the person did. It holds no rule of the form.

   Python sends   {type: "form" | "start" | "ack" | "unsaved" | "refused" | "lost" | "submitted", ...}
   this sends     {type: "hello" | "open" | "new" | "overview"} and {type: "op", op_id, sequence, op, key, value}
   An element of the description has an `id`; its state stands under the `key`: the id, or "<entry>/<id>" inside a repeat. */

const MEMORY = "lotsenbuch.draft"; // session storage: the opaque id of the draft on screen, so that a reload finds it

class Screen {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.view = crypto.randomUUID();
    this.outbox = new Outbox((op) => model.send(op), () => showSaving(this));
    this.touched = new Set();
    this.reviewed = false;
    this.page = 0;
    this.failure = null;
    this.pressed = false;
    this.files = new Files(this);
    root.addEventListener("pointerdown", () => { this.pressed = true; this.calmly(() => {}); }, true);
  }
  /** Do what may move things on the page, but never under a pressed pointer: the click would land somewhere else. */
  calmly(act) {
    if (!this.pressed) { setTimeout(act); return; }
    const ends = ["pointerup", "pointercancel", "blur"];
    const end = () => {
      clearTimeout(late);
      ends.forEach((name) => window.removeEventListener(name, end, true));
      setTimeout(() => { this.pressed = false; act(); });
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
    try { if (draft) sessionStorage.setItem(MEMORY, draft); else sessionStorage.removeItem(MEMORY); } catch { /* as above */ }
  }
  /** {url, mime, size} of a picture, sound or video: of the form by its name, of what was handed in by {key, name}. */
  file(what) { return this.files.get(what); }
  receive(message, buffers) {
    if (message.view && message.view !== this.view) return;
    ({
      start: () => drawStart(this, message), form: () => drawForm(this, message), ack: () => (this.pressed ? this.calmly(() => this.acknowledge(message)) : this.acknowledge(message)), submitted: () => drawSubmitted(this, message),
      lost: () => { this.outbox.drop(); this.remember(null); this.alert(message.text); },
      unsaved: () => { this.failure = message.text; this.outbox.unsaved(message.op_id); },
      file: () => this.files.receive(message, buffers), chunk: () => this.files.sent(message),
      refused: () => { this.failure = message.text; const known = this.outbox.confirm(message.op_id); if (known || !message.op_id) this.alert(message.text); },
    })[message.type]?.();
  }
  say(name, fields = {}) {
    return this.ui.map((texts) => Object.entries(fields).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), texts[name] ?? name));
  }
  words(tag, attributes, name, fields) { return write(el(tag, attributes), Array.isArray(name) ? name : this.say(name, fields), this.languages); }
  button(className, name, onclick, fields) { return this.words("button", { type: "button", class: className, onclick }, name, fields); }
  mark(message) { return message.demo ? this.words("p", { class: "lb-mark" }, [this.say("demo")[0]]) : null; }
  dress(message) {
    this.ui = message.ui;
    this.languages = message.languages;
    this.root.lang = this.languages[0].code;
    this.root.dir = this.languages[0].dir;
  }

  toggleMenu(open = this.menu.getAttribute("aria-expanded") !== "true") {
    this.menu.setAttribute("aria-expanded", String(open));
    this.nav.classList.toggle("lb-open", open);
  }
  open(item) { return item.section.kind === "review" || this.state[item.section.id]?.relevant !== false; }
  go(at, focus) {
    this.outbox.flush();
    this.page = at;
    const item = this.items[at];
    this.pages.forEach((page) => { page.hidden = true; });
    if (item.section.kind === "review") { this.pages.get("review")?.remove(); this.pages.delete("review"); }
    if (!this.pages.has(item.section.id)) {
      const page = item.section.kind === "review" ? drawReview(this) : drawSection(this, item.section, at);
      this.pages.set(item.section.id, page);
      this.main.append(page);
    }
    this.pages.get(item.section.id).hidden = false;
    this.toggleMenu(false);
    showCounts(this);
    if (focus) {
      this.pages.get(item.section.id).querySelector("[data-focus]")?.focus({ preventScroll: true });
      this.root.scrollIntoView({ block: "start" });
    }
  }
  step(by) {
    let at = this.page + by;
    while (this.items[at] && !this.open(this.items[at])) at += by;
    if (this.items[at]) this.go(at, true);
  }
  draw(element, entry, level, bare = false) {
    return { question: () => drawQuestion(this, element, entry), group: () => drawGroup(this, element, entry, level), repeat: () => drawRepeat(this, element, entry, level, bare) }[element.kind]();
  }
  key(element, entry) { return entry ? `${entry}/${element.id}` : element.id; }
  watch(key, update) {
    const before = this.views.get(key);
    this.views.set(key, { update: (state) => { before?.update(state); update(state); } });
    if (this.state[key]) update(this.state[key]);
  }

  // ---- what is wrong, and how far we are ---------------------------------------------------------------------------
  visible(key, state) { // what is not judged yet is not called wrong
    return (this.reviewed || this.touched.has(key)) && !this.outbox.holds(key) ? state.problems : [];
  }
  refresh(key) { this.views.get(key)?.update(this.state[key]); }
  /** Every question that is asked, in the order of the form: [{key, state, section, names}]. */
  *asked(elements = this.sections, entry = "", names = [], section = null) {
    for (const element of elements) {
      const state = this.state[this.key(element, entry)];
      if (!state || state.relevant === false) continue;
      if (element.kind === "question") yield { key: this.key(element, entry), state, section, names };
      else if (element.kind === "group") yield* this.asked(element.children, entry, names, section || element);
      else for (const [at, id] of state.entries.entries()) yield* this.asked(element.children, id, [...names, state.label.map((text, language) => `${text || this.say("entry")[language]} ${at + 1}`)], section || element);
    }
  }
  alert(text) {
    this.banner?.replaceChildren(this.words("span", {}, text), this.button("lb-link", "close", () => { this.banner.hidden = true; }));
    if (this.banner) { this.banner.dataset.kind = "refused"; this.banner.hidden = false; }
  }
  acknowledge(message) {
    const mine = this.outbox.confirm(message.op_id);
    if (!this.state) return;
    Object.assign(this.lists, message.lists);
    if (message.draft) { this.draft = message.draft; this.remember(message.draft); }
    if (message.number !== undefined) this.number.textContent = message.number;
    for (const [key, state] of Object.entries(message.patch)) {
      if (state === null) delete this.state[key]; else this.state[key] = state;
    }
    for (const [key, state] of Object.entries(message.patch)) if (state !== null) this.views.get(key)?.update(state);
    if (mine && !(message.op_key in message.patch)) this.refresh(message.op_key);
    const reviewing = this.items[this.page].section.kind === "review";
    const changed = Object.keys(message.patch).length > 0;
    if (message.refused || (reviewing && changed)) this.go(this.items.length - 1, message.refused || this.pages.get("review")?.contains(document.activeElement));
    showCounts(this);
    showSaving(this);
  }
}
