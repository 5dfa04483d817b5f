/* Filling in by oneself: a start page, the questionnaire, a word of thanks; nothing of anybody before.

   The line is a WebSocket of ours that looks to the screen of the interview as a notebook's model does. */

const ALONE_AGAIN = 2000; // ms between two attempts to reach the program
const ALONE_THANKS = 20000; // ms until a kiosk goes back to its start by itself
const ALONE_HERE = 10000; // ms between two words that somebody is there
const ALONE_SECRET = "lotsenbuch.self."; // local storage, with the token's beginning: what tells this browser from others

class AloneLine {
  constructor(receive, cut) {
    this.receive = receive;
    this.cut = cut;
    this.listeners = new Set();
    this.status = new Set();
    const signal = (set) => ({ connect: (act) => set.add(act), disconnect: (act) => set.delete(act) });
    this.widget_manager = { kernel: { connectionStatusChanged: signal(this.status), statusChanged: signal(new Set()), reconnect: () => this.reopen() } };
  }
  open() {
    return new Promise((done, failed) => {
      const socket = new WebSocket(new URL("talk", location.href.replace(/^http/, "ws").replace(/#.*$/, "")));
      socket.onopen = () => { this.socket = socket; done(); };
      socket.onmessage = ({ data }) => this.take(JSON.parse(data));
      socket.onclose = () => { failed(new Error("closed")); if (this.socket === socket) { this.socket = null; this.tell("disconnected"); this.cut(); } };
    });
  }
  async reopen() { if (!this.socket) await this.cut(true); }
  tell(status) { for (const act of this.status) act(this, status); }
  take(message) {
    const buffers = (message.buffers || []).map((text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer));
    if (!this.receive(message)) for (const listen of this.listeners) listen(message, buffers);
  }
  // ---- what the screen expects of a model
  get() { return ""; }
  on(_name, listen) { this.listeners.add(listen); }
  off(_name, listen) { this.listeners.delete(listen); }
  send(message) { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }
}

class Alone {
  constructor(root) {
    this.root = root;
    this.token = decodeURIComponent(location.hash.slice(1));
    this.line = new AloneLine((message) => this.receive(message), () => this.cut());
    this.said = 0;
    const busy = ({ target }) => { if (!this.asking?.contains(target)) this.here(); }; // its button is not taken away under a press
    for (const name of ["pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(name, busy, { capture: true, passive: true });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // a page from memory shows what was typed
    addEventListener("pagehide", () => this.clear());
    addEventListener("hashchange", () => location.reload());
  }
  async enter(again = false) {
    try { await this.line.open(); } catch { this.cut(); return; }
    this.line.send({ type: "enter", token: this.token, secret: this.secret(), again });
  }
  /** The line is gone: a kiosk begins anew, because nobody knows who will be there; a link goes on where it was. */
  cut() {
    if (this.waiting || this.ended) return;
    if (this.kiosk || !this.screen) this.show("no_line", {});
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.kiosk) this.restart(); else this.enter(Boolean(this.screen));
    }, ALONE_AGAIN);
  }
  /** Back to the start, with a new page. It is asked for once the program answers: a browser's own error page stays. */
  restart() {
    this.ended = true;
    this.clear();
    fetch(location.pathname).then(() => location.reload()).catch(() => {
      this.show("no_line", {});
      setTimeout(() => this.restart(), ALONE_AGAIN);
    });
  }
  secret() {
    const name = ALONE_SECRET + this.token.replace(/[\s-]/g, "").slice(0, 6).toLowerCase();
    let known = null;
    try { known = localStorage.getItem(name); } catch { /* storage may be forbidden: then a link opens once */ }
    if (!known) {
      known = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      this.keep = () => { try { localStorage.setItem(name, known); } catch { /* as above */ } };
    }
    this.forget = () => { try { localStorage.removeItem(name); sessionStorage.clear(); } catch { /* nothing is there */ } };
    return known;
  }
  here() {
    this.asking?.remove();
    this.asking = null;
    if (Date.now() - this.said < ALONE_HERE && !this.idle) return;
    this.said = Date.now();
    this.idle = false;
    this.line.send({ type: "here" });
  }
  receive(message) {
    const act = {
      welcome: () => this.welcome(message), closed: () => this.closed(message), form: () => this.begun(message), idle: () => this.ask(message),
      over: () => this.restart(),
      ready: () => { this.line.tell("connected"); },
    }[message.type];
    act?.();
    return Boolean(act) && message.type !== "form";
  }
  clear() { this.stop?.(); this.stop = null; this.root.replaceChildren(); }

  // ---- pages
  words(tag, attributes, name) { const node = el(tag, attributes); node.textContent = this.language?.ui[name] ?? name; return node; }
  welcome(message) {
    Object.assign(this, { kiosk: message.kiosk, message });
    if (this.kiosk) this.forget();
    const wished = navigator.languages.map((code) => code.slice(0, 2)).find((code) => message.languages.some((each) => each.code === code));
    this.choose(message.languages.find((each) => each.code === wished && !message.kiosk) ?? message.languages[0]);
  }
  choose(language) {
    this.language = language;
    Object.assign(document.documentElement, { lang: language.code, dir: language.dir });
    const { message } = this;
    const buttons = message.languages.map((each) => {
      const chosen = { "aria-pressed": String(each === language), onclick: () => this.choose(each) };
      const button = el("button", { type: "button", class: "lb-alone-language", lang: each.code, dir: each.dir, ...chosen });
      button.textContent = each.name.replace(/ \(.*\)$/, "");
      return button;
    });
    const begin = this.words("button", { type: "button", class: "lb-button lb-alone-begin" }, message.resume ? "go_on" : "begin");
    begin.addEventListener("click", () => { begin.disabled = true; this.keep?.(); this.line.send({ type: "begin", language: language.name }); });
    const title = this.words("h1", { class: "lb-alone-title" }, plainText(language.title));
    document.title = plainText(language.title);
    const paragraphs = language.intro.map((text) => write(el("p", {}), [text], [{ ...language, words: language.ui }]));
    const marks = ["plain", "demo"].filter((name) => message[name]).map((name) => this.words("p", { class: "lb-mark" }, name));
    this.draw(buttons.length > 1 ? el("div", { class: "lb-alone-languages", role: "group" }, ...buttons) : null, ...marks,
      this.words("p", { class: "lb-alone-study" }, message.study), title, ...paragraphs,
      language.unreviewed ? this.words("p", { class: "lb-unreviewed" }, "unreviewed") : null,
      message.resume ? this.words("p", {}, "resumed") : null, el("div", { class: "lb-actions" }, begin));
  }
  draw(...nodes) {
    this.clear();
    this.root.replaceChildren(el("div", { class: "lb lb-alone" }, el("div", { class: "lb-alone-page" }, ...nodes)));
  }
  show(name, { button = null, act = null }) {
    const heading = this.words("h1", { tabindex: -1, class: "lb-alone-title" }, this.language ? `${name}_title` : "…");
    this.draw(heading, this.words("p", {}, this.language ? `${name}_text` : ""), button ? el("div", { class: "lb-actions" }, this.action(button, act)) : null);
    heading.focus();
  }
  action(name, act) { const button = this.words("button", { type: "button", class: "lb-button" }, name); button.addEventListener("click", act); return button; }
  closed(message) {
    this.ended = true;
    this.draw(...message.text.map((text, at) => this.words("p", { lang: ["de", "en"][at], class: at ? "lb-muted" : "lb-alone-title" }, text)));
  }
  begun() {
    if (this.screen && this.root.contains(this.screen.root)) return;
    this.clear();
    scrollTo(0, 0); // the start page may have been scrolled
    const holder = el("div", { class: "lb lb-alone" });
    this.root.replaceChildren(holder);
    const link = new Link(this.line);
    const screen = new Screen(link.model, holder);
    Object.assign(screen, { alone: this });
    link.mirror.allow(false);
    link.begin(screen);
    this.screen = screen;
    const receive = (message, buffers) => link.receive(message, buffers);
    this.line.on("msg:custom", receive);
    this.stop = () => { this.line.off("msg:custom", receive); screen.outbox.drop(); screen.files.close(); screen.stop(); link.stop(); this.screen = null; };
  }
  /** The way out of the middle, in the head of the questionnaire. */
  wayOut() {
    const out = this.words("button", { type: "button", class: "lb-link lb-alone-out" }, this.kiosk ? "stop" : "later");
    out.addEventListener("click", () => { this.screen.outbox.flush(); this.line.send({ type: "leave" }); });
    return out;
  }
  thank() {
    this.forget();
    this.ended = true;
    const next = () => this.restart();
    this.show("thanks", this.kiosk ? { button: "again", act: next } : {});
    if (this.kiosk) setTimeout(next, ALONE_THANKS);
  }
  ask({ seconds }) {
    this.idle = true;
    const text = this.words("p", {}, this.kiosk ? (this.message.keeps ? "still_there_kept" : "still_there") : "still_there_link");
    const bar = el("div", { class: "lb-alone-ask", role: "alertdialog", "aria-label": text.textContent }, text, this.action("yes", () => this.here()));
    this.asking?.remove();
    this.asking = bar;
    this.root.append(el("div", { class: "lb" }, bar));
    this.asking = bar.parentNode;
    setTimeout(() => { if (this.asking === bar.parentNode) bar.remove(); }, seconds * 1000);
  }
}

new Alone(document.getElementById("here")).enter();
