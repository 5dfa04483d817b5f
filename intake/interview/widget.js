/* The interview on screen: draws what Python describes and says back what the person did. It holds no rule of the form.

   Python sends   {type: "form" | "start" | "ack" | "unsaved" | "refused" | "submitted", ...}
   this sends     {type: "hello" | "open" | "new" | "overview"} and {type: "op", op_id, sequence, op, key, value}
   An element of the description has an `id`; its state stands under the `key`: the id, or "<entry>/<id>" inside a repeat. */

const RESEND_AFTER = 5000; // ms; the same op_id again, which Python takes once only
const TYPING = 150; // ms after a key stroke until it is sent
const MEMORY = "lotsenbuch.draft"; // session storage: the opaque id of the draft on screen, so that a reload finds it

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

class Screen {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.view = crypto.randomUUID();
    this.outbox = new Outbox((op) => model.send(op), () => this.showSaving());
    this.touched = new Set();
    this.reviewed = false;
    this.page = 0;
    this.failure = null;
    this.pressed = false;
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
  receive(message) {
    if (message.view && message.view !== this.view) return;
    ({
      start: () => this.drawStart(message), form: () => this.drawForm(message), ack: () => (this.pressed ? this.calmly(() => this.acknowledge(message)) : this.acknowledge(message)), submitted: () => this.drawSubmitted(message),
      lost: () => { this.outbox.drop(); this.remember(null); this.alert(message.text); },
      unsaved: () => { this.failure = message.text; this.outbox.unsaved(message.op_id); },
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

  // ---- the way in -------------------------------------------------------------------------------------------------
  drawStart(message) {
    this.dress(message);
    this.outbox.drop();
    this.remember(null);
    const drafts = message.drafts.map((draft) => {
      const open = this.words("button", { type: "button", class: "lb-button lb-quiet", onclick: () => this.model.send({ type: "open", draft: draft.id, view: this.view }) }, "continue");
      open.setAttribute("aria-label", `${this.say("continue")[0]}: ${draft.title} ${draft.number || ""} ${draft.when}`);
      return el("li", { class: "lb-card lb-draft" }, el("div", {}, this.words("strong", {}, [draft.number ? `${draft.title} · ${draft.number}` : draft.title]), this.words("p", { class: "lb-muted" }, "draft_when", { when: draft.when })), open);
    });
    const heading = this.words("h1", { tabindex: -1 }, [message.title]);
    this.root.replaceChildren(el("div", { class: "lb-start" }, this.mark(message), heading, message.text ? this.words("p", { class: "lb-banner", role: "alert" }, message.text) : null,
      this.words("h2", {}, "new_interview"),
      el("div", { class: "lb-actions" }, ...message.forms.map((form) => this.words("button", { type: "button", class: "lb-button", onclick: () => this.model.send({ type: "new", form: form.id, view: this.view }) }, [form.title]))),
      this.words("h2", {}, "open_drafts"), drafts.length ? el("ul", { class: "lb-drafts" }, ...drafts) : this.words("p", { class: "lb-muted" }, "no_drafts")));
  }
  drawSubmitted(message) {
    if (message.op_id && !this.outbox.confirm(message.op_id)) return;
    this.remember(null);
    const heading = this.words("h1", { tabindex: -1 }, "done_title");
    this.root.replaceChildren(el("div", { class: "lb-start lb-done" }, heading, this.words("p", {}, "done_text", { number: message.number }),
      el("div", { class: "lb-actions" }, this.button("lb-button", "to_overview", () => this.model.send({ type: "overview", view: this.view })))));
    heading.focus();
  }

  // ---- the form ---------------------------------------------------------------------------------------------------
  drawForm(message) {
    const sameDraft = this.draft === message.draft && this.formId === message.form;
    if (!sameDraft) { this.touched.clear(); this.reviewed = false; this.page = 0; }
    Object.assign(this, { draft: message.draft, formId: message.form, sections: message.sections, state: message.state, lists: message.lists });
    if (!sameDraft) for (const [key, node] of Object.entries(this.state)) if (node.value && node.problems?.length) this.touched.add(key); // was answered and left before
    this.dress(message);
    this.outbox.sequence = Math.max(this.outbox.sequence, message.sequence || 0);
    this.remember(message.draft);
    this.views = new Map();
    this.titleText = this.words("h1", { class: "lb-title" }, [message.title]);
    this.number = el("bdi", { class: "lb-case" });
    this.number.textContent = message.number;
    this.progress = el("span");
    this.bar = el("progress", { "aria-label": this.say("progress_label")[0] });
    this.pill = el("p", { class: "lb-pill", role: "status" });
    this.banner = el("div", { class: "lb-banner", role: "alert", hidden: true });
    const select = el("select", { id: `${this.view}-second`, class: "lb-select", onchange: () => this.outbox.push("language", null, select.value) });
    const choices = message.all_languages.filter((language) => language.name !== this.languages[0].name);
    select.append(this.words("option", { value: "" }, [this.say("no_second")[0]]), ...choices.map((language) => { const option = el("option", { value: language.name, lang: language.code }); option.textContent = language.name.replace(/ \(.*\)$/, ""); return option; }));
    select.value = this.languages[1]?.name || "";
    const language = choices.length ? el("div", { class: "lb-second-choice" }, write(el("label", { for: select.id }), [this.say("second_language")[0]], this.languages), select) : null;
    this.menu = this.words("button", { type: "button", class: "lb-menu", "aria-expanded": "false", "aria-controls": `${this.view}-nav`, onclick: () => this.toggleMenu() }, "sections");
    this.list = el("ol", {});
    this.nav = el("nav", { id: `${this.view}-nav`, class: "lb-nav", "aria-label": this.say("sections")[0] }, this.list);
    this.main = el("div", { class: "lb-main" });
    const head = el("header", { class: "lb-head" }, el("div", { class: "lb-head-line" }, el("div", { class: "lb-name" }, this.titleText, el("p", { class: "lb-muted" }, this.progress, " ", this.number)), el("div", { class: "lb-tools" }, this.mark(message), language, this.pill)), this.bar, this.menu, this.banner);
    this.root.replaceChildren(head, el("div", { class: "lb-columns" }, this.nav, this.main));
    this.measure?.disconnect();
    this.measure = new ResizeObserver(() => this.root.style.setProperty("--lb-head", `${head.offsetHeight}px`)); // what sticks below it, and where jumps land
    this.measure.observe(head);
    this.pages = new Map();
    const review = { id: "review", kind: "review" };
    this.items = [...this.sections, review].map((section, at) => {
      const label = section === review ? this.words("span", {}, [this.say("review")[0]]) : el("span");
      const count = el("span", { class: "lb-count" });
      const button = el("button", { type: "button", onclick: () => this.go(at, true) }, label, count);
      const item = { section, label, count, button, node: el("li", {}, button) };
      this.list.append(item.node);
      return item;
    });
    this.page = Math.min(this.page, this.items.length - 1);
    if (!this.open(this.items[this.page])) this.page = this.items.findIndex((item) => this.open(item));
    this.go(this.page, false);
    if (sameDraft && message.why === "language") select.focus({ preventScroll: true });
    this.showSaving();
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
      const page = item.section.kind === "review" ? this.drawReview() : this.drawSection(item.section, at);
      this.pages.set(item.section.id, page);
      this.main.append(page);
    }
    this.pages.get(item.section.id).hidden = false;
    this.toggleMenu(false);
    this.showCounts();
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
  drawSection(section, at) {
    const heading = el("h2", { tabindex: -1, "data-focus": true, id: `${this.view}-${section.id}` });
    const legend = el("p", { class: "lb-muted lb-legend" });
    const body = el("div", { class: "lb-body" });
    const back = this.button("lb-button lb-quiet", "back", () => this.step(-1));
    const page = el("section", { "aria-labelledby": heading.id }, legend, heading, body, el("div", { class: "lb-actions" }, back, this.button("lb-button", "next", () => this.step(1))));
    const hint = el("p", { class: "lb-hint" });
    body.append(hint);
    this.views.set(section.id, { update: (state) => {
      write(heading, state.label, this.languages);
      write(hint, state.hint, this.languages);
      const open = this.items.filter((item) => this.open(item) && item.section.kind !== "review");
      write(legend, [this.say("section_of", { number: open.findIndex((item) => item.section === section) + 1, count: open.length })[0]], this.languages);
      back.hidden = !this.items.slice(0, at).some((item) => this.open(item));
    } });
    if (section.kind === "repeat") body.append(this.draw(section, "", 3, true));
    else body.append(...section.children.map((child) => this.draw(child, "", 3)));
    this.views.get(section.id).update(this.state[section.id]);
    return page;
  }
  draw(element, entry, level, bare = false) {
    return { question: () => this.drawQuestion(element, entry), group: () => this.drawGroup(element, entry, level), repeat: () => this.drawRepeat(element, entry, level, bare) }[element.kind]();
  }
  key(element, entry) { return entry ? `${entry}/${element.id}` : element.id; }
  watch(key, update) {
    const before = this.views.get(key);
    this.views.set(key, { update: (state) => { before?.update(state); update(state); } });
    if (this.state[key]) update(this.state[key]);
  }
  drawGroup(element, entry, level) {
    const key = this.key(element, entry);
    const heading = el(`h${level}`, { id: `${this.view}-${key}` });
    const hint = el("p", { class: "lb-hint" });
    const node = el("div", { class: "lb-group", role: "group", "aria-labelledby": heading.id }, heading, hint, ...element.children.map((child) => this.draw(child, entry, Math.min(level + 1, 6))));
    this.watch(key, (state) => {
      node.hidden = !state.relevant;
      heading.hidden = !state.label.some(Boolean);
      write(heading, state.label, this.languages);
      write(hint, state.hint, this.languages);
    });
    return node;
  }
  drawRepeat(element, entry, level, bare) {
    const key = this.key(element, entry);
    const heading = el(`h${level}`, { hidden: bare });
    const cards = el("div", { class: "lb-cards" });
    const add = el("button", { type: "button", class: "lb-button lb-quiet lb-add", onclick: () => { this.expected = key; this.outbox.push("add_repeat", key, null); } });
    const none = this.words("p", { class: "lb-muted" }, "no_entries");
    const drawn = new Map();
    const node = el("div", { class: "lb-repeat" }, heading, none, cards, add);
    this.watch(key, (state) => {
      node.hidden = !state.relevant;
      write(heading, state.label, this.languages);
      write(add, this.say("add").map((text, at) => text.replace("{name}", state.label[at] || state.label[0] || this.say("entry")[at])), this.languages);
      add.hidden = !state.can_add;
      none.hidden = state.entries.length > 0;
      let lost = false;
      for (const [id, card] of [...drawn]) {
        if (state.entries.includes(id)) continue;
        lost ||= card.node.contains(document.activeElement);
        card.node.remove();
        drawn.delete(id);
        for (const name of [...this.views.keys()]) if (name.startsWith(`${id}/`)) this.views.delete(name);
      }
      state.entries.forEach((id, at) => {
        const fresh = !drawn.has(id);
        if (fresh) drawn.set(id, this.drawCard(element, key, id, level + 1));
        const card = drawn.get(id);
        if (cards.children[at] !== card.node) cards.insertBefore(card.node, cards.children[at] || null);
        card.number(state, at + 1);
        if (fresh && this.expected === key) { this.expected = null; card.title.focus(); card.node.scrollIntoView({ block: "nearest" }); }
      });
      if (lost) (add.hidden ? heading : add).focus();
    });
    return node;
  }
  drawCard(element, key, id, level) {
    const title = el(`h${Math.min(level, 6)}`, { tabindex: -1, id: `${this.view}-card-${id}` });
    const remove = this.button("lb-link", "remove", () => { ask.hidden = false; remove.hidden = true; yes.focus(); });
    const yes = this.button("lb-link lb-danger", "remove_yes", () => this.outbox.push("remove_repeat", key, id));
    const ask = el("span", { class: "lb-ask", hidden: true }, this.words("span", {}, "remove_ask"), yes, this.button("lb-link", "cancel", () => { ask.hidden = true; remove.hidden = false; remove.focus(); }));
    const node = el("div", { class: "lb-card", role: "group", "aria-labelledby": title.id }, el("div", { class: "lb-card-head" }, title, remove, ask), ...element.children.map((child) => this.draw(child, id, Math.min(level + 1, 6))));
    return { node, title, number: (state, at) => {
      write(title, state.label.map((text) => (text ? `${text} ${at}` : "")).some(Boolean) ? state.label.map((text) => (text ? `${text} ${at}` : "")) : this.say("entry").map((text) => `${text} ${at}`), this.languages);
      if (ask.hidden) remove.hidden = !state.can_remove;
    } };
  }
  drawQuestion(element, entry) {
    const key = this.key(element, entry);
    const base = `${this.view}-${key}`.replaceAll("/", "-");
    const ids = { input: base, label: `${base}-label`, hint: `${base}-hint`, problems: `${base}-problems` };
    const context = {
      ids, languages: this.languages, say: (name) => this.say(name), list: (id) => this.lists[id] || [],
      emit: (value, now) => {
        const before = this.outbox.latest(key) ?? this.state[key].value;
        if (value === before && !(now && this.outbox.timers.has(key))) return;
        if (now) this.outbox.push("answer", key, value); else this.outbox.soon(key, value);
      },
    };
    const control = (CONTROLS[element.control] || unsupportedControl)(element, context);
    const single = !["date", "select", "note", "output", "unsupported", "select1"].includes(element.control);
    const label = el(single ? "label" : "span", { id: ids.label, for: single ? ids.input : null });
    const mark = el("span", { class: "lb-required" });
    write(mark, [this.say("required")[0]], this.languages);
    const hint = el("div", { id: ids.hint, class: "lb-hint" });
    const problems = el("div", { id: ids.problems, class: "lb-problems" });
    const reasons = el("div", { class: "lb-reasons", role: "group", "aria-label": this.say("no_answer")[0] });
    const node = el("div", { class: `lb-question lb-kind-${element.control}`, "data-key": key, "data-name": element.name }, el("div", { class: "lb-label" }, label, mark), hint, problems, control.node, reasons);
    node.addEventListener("focusout", () => this.calmly(() => { // leaving the question, not moving inside it
      if (node.contains(document.activeElement) || !document.hasFocus()) return;
      if (!this.touched.has(key)) { this.touched.add(key); this.refresh(key); this.showCounts(); } else this.refresh(key);
    }));
    this.views.set(key, { focus: () => control.focus(), update: (state) => {
      node.hidden = !state.relevant;
      if (!state.relevant) return;
      write(label, state.label, this.languages);
      mark.hidden = !state.required || state.readonly;
      hint.hidden = !state.hint.some(Boolean);
      write(hint, state.hint, this.languages);
      const shown = this.visible(key, state);
      node.classList.toggle("lb-wrong", shown.some((problem) => problem.kind !== "warning"));
      node.classList.toggle("lb-warned", shown.length > 0 && shown.every((problem) => problem.kind === "warning"));
      const texts = shown.map((problem) => this.words("p", { class: problem.kind === "warning" ? "lb-warning" : "lb-error" }, problem.text));
      if (problems.textContent !== texts.map((text) => text.textContent).join("")) problems.replaceChildren(...texts);
      if (!this.outbox.holds(key)) control.set({ ...state, hint: state.hint.some(Boolean), shown });
      else if (control.target) describe(control.target, ids, { ...state, hint: state.hint.some(Boolean), shown });
      this.drawReasons(reasons, element, key, state);
    } });
    if (this.state[key]) this.views.get(key).update(this.state[key]);
    return node;
  }
  drawReasons(node, element, key, state) {
    node.hidden = !state.reasons || state.readonly;
    if (!state.reasons) return;
    const isChoice = ["select", "select1"].includes(element.control);
    const list = this.lists[state.reasons.list] || [];
    if (node.dataset.list !== state.reasons.list) {
      node.dataset.list = state.reasons.list;
      node.replaceChildren(...list.map(([value, ...texts]) => {
        const button = this.words("button", { type: "button", class: "lb-reason", value }, texts);
        button.addEventListener("click", () => {
          const given = this.outbox.latest(key) ?? this.state[key].value;
          if (given && !isChoice) return; // what was typed is cleared by hand
          if (given) this.outbox.push("answer", key, "");
          this.outbox.push("reason", key, button.getAttribute("aria-pressed") === "true" ? "" : value);
        });
        return button;
      }));
    }
    [...node.children].forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === state.reasons.value));
      button.setAttribute("aria-disabled", String(!state.reasons.open && !isChoice));
    });
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
  showCounts() {
    const wrong = new Map();
    for (const { key, state, section } of this.asked()) if (this.visible(key, state).some((problem) => problem.kind !== "warning")) wrong.set(section, (wrong.get(section) || 0) + 1);
    let answered = 0;
    let asked = 0;
    this.items.forEach((item, at) => {
      const state = this.state[item.section.id];
      item.node.hidden = !this.open(item);
      if (at === this.page) item.button.setAttribute("aria-current", "step"); else item.button.removeAttribute("aria-current");
      if (item.section.kind === "review") return;
      write(item.label, [state.label[0]], this.languages); // who is asked looks at the questions, not at the list
      if (!item.node.hidden) { answered += state.answered; asked += state.asked; }
      const errors = wrong.get(item.section) || 0;
      item.count.className = `lb-count${errors ? " lb-count-wrong" : state.asked && state.answered === state.asked ? " lb-count-full" : ""}`;
      item.count.textContent = errors ? this.say(errors === 1 ? "error_one" : "error_many", { count: errors })[0] : state.asked ? `${state.answered}/${state.asked}` : "";
      item.count.setAttribute("aria-label", errors ? item.count.textContent : this.say("answered_of", { answered: state.answered, asked: state.asked })[0]);
      item.count.setAttribute("role", "img");
    });
    write(this.progress, [this.say("progress", { answered, asked })[0]], this.languages);
    this.bar.max = asked || 1;
    this.bar.value = answered;
  }
  showSaving() {
    if (!this.pill) return;
    const now = this.outbox.failed ? "not_saved" : this.outbox.empty ? "saved" : "saving";
    this.pill.className = `lb-pill lb-pill-${now}`;
    write(this.pill, [this.say(now)[0]], this.languages);
    if (!this.outbox.failed) { this.banner.hidden = true; this.banner.replaceChildren(); return; }
    if (!this.banner.hidden && this.banner.dataset.kind === this.outbox.failed) return;
    this.banner.dataset.kind = this.outbox.failed;
    this.banner.hidden = false;
    const silent = this.outbox.failed === "silent";
    this.banner.replaceChildren(this.words("span", {}, silent ? "no_connection" : this.failure),
      silent ? this.button("lb-link", "reload", () => window.location.reload()) : this.button("lb-link", "try_again", () => this.outbox.again()));
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
    this.showCounts();
    this.showSaving();
  }
  drawReview() {
    this.reviewed = true;
    const found = [...this.asked()].flatMap((question) => question.state.problems.map((problem) => ({ ...question, problem })));
    const link = ({ key, state, names, section, problem }) => {
      const texts = this.languages.map((_, at) => [...names.map((name) => name[at] || name[0]), `${(state.label[at] || state.label[0]).replace(/:$/, "").replace(/([^?!.…])$/, "$1:")} ${problem.text[at] || problem.text[0]}`].join(", "));
      return el("li", {}, this.words("a", { href: "#", onclick: (event) => { event.preventDefault(); this.go(this.items.findIndex((item) => item.section === section), false); this.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "center" }); this.views.get(key)?.focus(); } }, texts));
    };
    const errors = found.filter(({ problem }) => problem.kind !== "warning");
    const warnings = found.filter(({ problem }) => problem.kind === "warning");
    const grouped = (problems) => this.sections.flatMap((section) => {
      const here = problems.filter((item) => item.section === section);
      return here.length ? [this.words("h4", {}, this.state[section.id].label), el("ul", {}, ...here.map(link))] : [];
    });
    const heading = this.words("h2", { tabindex: -1, "data-focus": errors.length ? null : true }, "review");
    const summary = errors.length ? el("div", { class: "lb-summary", tabindex: -1, "data-focus": true, role: "group", "aria-labelledby": `${this.view}-summary` },
      this.words("h3", { id: `${this.view}-summary` }, errors.length === 1 ? "summary_one" : "summary_many", { count: errors.length }), ...grouped(errors)) : this.words("p", { class: "lb-complete" }, "complete");
    const soft = warnings.length ? el("div", { class: "lb-summary lb-soft" }, this.words("h3", {}, "warnings"), ...grouped(warnings)) : null;
    this.views.forEach((_, key) => { if (this.state[key]) this.refresh(key); });
    return el("section", {}, heading, summary, soft, this.words("p", { class: "lb-muted" }, errors.length ? "submit_later" : "submit_ready"),
      el("div", { class: "lb-actions" }, this.button("lb-button lb-quiet", "back", () => this.step(-1)), this.button("lb-button", "submit", () => this.outbox.push("submit", null, null))));
  }
}

function render({ model, el: root }) {
  root.classList.add("lb");
  const screen = new Screen(model, root);
  const receive = (message) => screen.receive(message);
  const leaving = (event) => { screen.outbox.flush(); if (!screen.outbox.empty) event.preventDefault(); };
  model.on("msg:custom", receive);
  window.addEventListener("beforeunload", leaving);
  screen.hello();
  return () => { model.off("msg:custom", receive); window.removeEventListener("beforeunload", leaving); screen.outbox.drop(); };
}

export default { render };
