/* What Python has not confirmed yet, kept in this browser until it has: sealed with a key that no script can read out.

   In the open lie only random ids, the form's id and times; what was done is sealed (AES-GCM). An entry goes away when
   Python confirms it, when the interview is handed in, and after seven days. Nothing is ever put into local or session
   storage. Where a browser gives no such place, `broken` says so and everything else goes on as without it. */

const MIRROR_NAME = "lotsenbuch";
const MIRROR_KEPT = 7 * 24 * 3600 * 1000; // ms
const MIRROR_PATIENCE = 2000; // ms until an interview opens without what the mirror may hold
const MIRRORED = new Set(["answer", "reason", "add_repeat", "remove_repeat", "override", "how", "undo"]);

class Mirror {
  constructor(page, place) {
    this.name = place ? `${MIRROR_NAME}.${place}` : MIRROR_NAME; // each study its own: no entry of one reaches another's store
    this.page = page; // the id of this page: what it holds is not taken over while it lives
    this.before = goneBefore(swapPage(page)); // a promise: the page before it in this tab, once it is gone
    this.held = new Map(); // op id -> operation of this page that is not confirmed
    this.found = []; // entries that other pages left behind, opened
    this.dirty = new Set();
    this.allowed = true;
    this.broken = false;
    const opened = this.open().catch(() => { this.broken = true; });
    this.opened = Promise.race([opened, new Promise((resolve) => setTimeout(resolve, MIRROR_PATIENCE))]);
  }
  async open() {
    this.database = await asked(Object.assign(indexedDB.open(this.name, 1), {
      onupgradeneeded: ({ target }) => { target.result.createObjectStore("keys"); target.result.createObjectStore("entries", { keyPath: "id" }); },
    }));
    this.database.onversionchange = () => this.database.close();
    this.key = await this.sealingKey();
    await this.scan();
  }
  /** Find what pages that are gone by now left behind. */
  async scan() {
    if (!this.key || this.broken) return;
    const before = await this.before;
    const kept = await asked(this.database.transaction("entries").objectStore("entries").getAll());
    const living = await livingPages();
    living.delete(before);
    const found = [];
    for (const entry of kept.sort((one, other) => one.at - other.at || one.order - other.order)) {
      if (entry.page === this.page) continue;
      const operation = Date.now() - entry.at < MIRROR_KEPT ? await this.unsealed(entry) : null;
      if (!operation) this.dirty.add(entry.id);
      else if (!living.has(entry.page)) found.push({ ...entry, operation });
    }
    this.found = found.filter((entry) => !this.held.has(entry.id) && !this.dirty.has(entry.id));
    this.write();
  }
  /** The key of this browser: made once, never readable, so that it is worth nothing outside it. */
  async sealingKey() {
    const known = await asked(this.database.transaction("keys").objectStore("keys").get("seal"));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const keys = this.database.transaction("keys", "readwrite").objectStore("keys");
    keys.add(made, "seal").onerror = (event) => event.preventDefault(); // another page was quicker: its key is the key
    await finished(keys.transaction);
    return asked(this.database.transaction("keys").objectStore("keys").get("seal"));
  }
  async sealed(operation) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const { op_id: id, draft, form, at, order } = operation;
    const content = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: letters(id + draft) }, this.key, letters(JSON.stringify(operation)));
    return { id, draft, form, at, order, page: this.page, iv, content };
  }
  async unsealed({ id, draft, iv, content }) {
    try {
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: letters(id + draft) }, this.key, content)));
    } catch { return null; }
  }
  /** Keep an operation as it is now; called again it keeps its newest value. */
  keep(operation) {
    if (!this.allowed || this.broken || !operation.draft || !MIRRORED.has(operation.op)) return;
    this.held.set(operation.op_id, operation);
    this.dirty.add(operation.op_id);
    this.write();
  }
  forget(id) {
    this.held.delete(id);
    this.found = this.found.filter((entry) => entry.id !== id);
    this.dirty.add(id);
    this.write();
  }
  /** The setting of the study: where it is off, nothing stays behind. */
  allow(allowed) {
    this.allowed = allowed;
    if (!allowed) for (const id of [...this.held.keys(), ...this.found.map((entry) => entry.id)]) this.forget(id);
  }
  /** Everything of a draft goes: it was handed in. */
  wipe(draft) {
    for (const { op_id: id } of this.of(draft)) this.forget(id);
  }
  /** What pages that are gone did to a draft and Python may not have, in order; from now on it is this page's. */
  adopt(draft) {
    const mine = this.of(draft);
    this.found = this.found.filter((entry) => entry.draft !== draft);
    mine.forEach((operation) => this.keep(operation));
    return mine;
  }
  of(draft) { return [...this.found.map((entry) => entry.operation), ...this.held.values()].filter((operation) => operation.draft === draft); }
  /** The form of a draft that left something behind, and the ids of what it left: [form, ids]. */
  left(draft) {
    const mine = this.of(draft);
    return [mine[0]?.form, mine.map((operation) => operation.op_id)];
  }
  /** Drafts with entries that were not transferred, without their content: [{draft, form, since: Date, count}]. */
  drafts() {
    const entries = [...this.found, ...this.held.values()];
    return [...new Set(entries.map((entry) => entry.draft))].map((draft) => {
      const mine = entries.filter((entry) => entry.draft === draft);
      return { draft, form: mine[0].form, since: new Date(Math.min(...mine.map((entry) => entry.at))), count: mine.length };
    });
  }
  /** One writing at a time; what changes meanwhile is written next. */
  async write() {
    if (this.writing || !this.key || this.broken) return;
    this.writing = true;
    try {
      while (this.dirty.size) {
        const ids = [...this.dirty];
        this.dirty.clear();
        const entries = await Promise.all(ids.map((id) => (this.held.has(id) ? this.sealed(this.held.get(id)) : null)));
        const transaction = this.database.transaction("entries", "readwrite", { durability: "relaxed" });
        const store = transaction.objectStore("entries");
        ids.forEach((id, at) => { if (entries[at]) store.put(entries[at]); else store.delete(id); });
        transaction.commit?.();
        await finished(transaction);
      }
    } catch { this.broken = true; } finally { this.writing = false; this.settle?.(); }
  }
  /** When all that was kept so far is in its place, or cannot be. */
  settled() {
    if (!this.writing && !this.dirty.size) return Promise.resolve();
    return Promise.race([new Promise((resolve) => { this.settle = resolve; }), new Promise((resolve) => setTimeout(resolve, MIRROR_PATIENCE))]);
  }
}

const letters = (text) => new TextEncoder().encode(text);
const asked = (request) => new Promise((resolve, reject) => {
  Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error), onblocked: () => reject(new Error("blocked")) });
});
const finished = (transaction) => new Promise((resolve, reject) => {
  Object.assign(transaction, { oncomplete: resolve, onabort: () => reject(transaction.error), onerror: () => reject(transaction.error) });
});

/* A page holds a lock of its name while it lives; the browser frees it when the page goes, however it goes. */
const PAGE_LOCK = "lotsenbuch.page.";
const PAGE_PATIENCE = 1500; // ms until a page that does not answer counts as gone, whatever its lock says

function liveAs(page, signal) {
  if ("BroadcastChannel" in window) {
    const door = new BroadcastChannel(PAGE_LOCK + page);
    door.onmessage = () => door.postMessage("here");
    signal.addEventListener("abort", () => door.close());
  }
  navigator.locks?.request(PAGE_LOCK + page, { signal }, () => new Promise((resolve) => signal.addEventListener("abort", resolve))).catch(() => {});
}

/** Remember the page of this tab, an id of chance, and say which it was before. */
function swapPage(page) {
  try {
    const before = sessionStorage.getItem(PAGE_LOCK);
    sessionStorage.setItem(PAGE_LOCK, page);
    return before;
  } catch { return null; } // storage may be forbidden: the locks say enough, a moment later
}

/** The page before this one in its tab if it is gone, else null: that of a duplicated tab lives on in the other, and answers. Else its lock is freed,
    a moment late. */
async function goneBefore(page) {
  if (!page || !navigator.locks || !("BroadcastChannel" in window)) return page;
  const door = new BroadcastChannel(PAGE_LOCK + page);
  const answered = new Promise((resolve) => { door.onmessage = () => resolve(null); });
  door.postMessage("there?");
  const freed = navigator.locks.request(PAGE_LOCK + page, { mode: "shared", signal: AbortSignal.timeout(PAGE_PATIENCE) }, () => page).catch(() => page);
  try { return await Promise.race([answered, freed]); } finally { door.close(); }
}

async function livingPages() {
  const { held = [] } = (await navigator.locks?.query()) || {};
  return new Set(held.filter(({ name }) => name.startsWith(PAGE_LOCK)).map(({ name }) => name.slice(PAGE_LOCK.length)));
}
