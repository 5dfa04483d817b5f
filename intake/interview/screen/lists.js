/* The choices of questions. Those in sight come with the form; a list that is searched comes when somebody is about to search it, once. */

const LISTS_AHEAD = 500; // ms after the focus went somewhere: then the lists of this page and the next are brought, so that nobody waits for one
const LIST_AGAIN = 5000; // ms without an answer until a list is asked for again

/** The lists by their ids, which are made from what is in them: rows [value, label in each language, media?]. */
class ChoiceLists {
  constructor(screen) {
    this.screen = screen;
    this.known = new Map(); // id -> rows; of a list that was not asked for yet, how many there are
    this.wanted = new Map(); // id -> {promise, resolve} of what was asked for and is not here yet
    this.soon = null;
    this.bringing = false;
    screen.root.addEventListener("focusin", () => { clearTimeout(this.soon); this.soon = setTimeout(() => this.ahead(), LISTS_AHEAD); });
  }
  has(id) { return Array.isArray(this.known.get(id)); }
  rows(id) { return this.has(id) ? this.known.get(id) : []; }
  size(id) { return this.has(id) ? this.known.get(id).length : this.known.get(id) ?? 0; }
  /** What a message says of lists: rows, or how many there are. */
  take(lists) {
    for (const [id, given] of Object.entries(lists)) {
      if (this.has(id)) continue;
      this.known.set(id, given);
      if (this.has(id)) this.over(id, given);
    }
  }
  /** The form is drawn anew: what of the old one was waited for and is in this one still is. */
  renew(lists) {
    for (const id of this.wanted.keys()) if (!(id in lists)) this.over(id, null);
    this.take(lists);
    this.again();
  }
  /** The rows of a list, as soon as they are here; null when no question has it any more. */
  get(id) {
    if (this.has(id)) return Promise.resolve(this.rows(id));
    if (!this.wanted.has(id)) {
      const waiting = {};
      waiting.promise = new Promise((resolve) => { waiting.resolve = resolve; });
      this.wanted.set(id, waiting);
      this.ask(id);
    }
    return this.wanted.get(id).promise;
  }
  ask(list) {
    this.screen.model.send({ type: "list", view: this.screen.view, list });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), LIST_AGAIN);
  }
  /** Ask for all that is missing: nobody answered, or somebody does again. */
  again() { for (const id of this.wanted.keys()) this.ask(id); }
  receive({ list, rows }) {
    if (rows) this.take({ [list]: rows });
    else this.over(list, null);
  }
  over(id, rows) {
    this.wanted.get(id)?.resolve(rows);
    this.wanted.delete(id);
    if (!this.wanted.size) clearTimeout(this.timer);
  }
  /** Bring what is searched on the page on screen and the one behind it, one list after the other: an answer never waits for more than one. */
  async ahead() {
    if (this.bringing) return;
    this.bringing = true;
    for (let id = this.missing(); id && await this.get(id);) id = this.missing();
    this.bringing = false;
  }
  missing() {
    const { screen } = this;
    const pages = screen.main?.isConnected ? screen.items.slice(screen.page).filter((item) => isOpen(screen, item)).slice(0, 2) : [];
    const sections = pages.filter((item) => item.section).map((item) => item.section);
    return [...screen.asked(sections)].map(({ state }) => state.list).find((id) => id && !this.has(id));
  }
  stop() { clearTimeout(this.timer); clearTimeout(this.soon); }
}
