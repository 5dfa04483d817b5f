/* Bytes that travel beside messages: pictures, sounds and videos of the form, and files that a person handed in. */

const FILE_PATIENCE = 30000; // ms until a file that nobody answers for counts as not there; drawn again, it is asked for again
const CHUNK = 1_000_000; // bytes sent at once; the next when Python has these
const CHUNK_AGAIN = 5000; // ms until a piece that nobody confirmed is sent again
const CHUNK_TRIES = 6;
const UPLOADING = "lotsenbuch.uploading"; // session storage: opaque ids of questions whose file is on its way

/** What was fetched for one screen, as addresses that only this page knows. */
class Files {
  constructor(screen) {
    this.screen = screen;
    this.known = new Map();
    this.sending = new Map();
    this.interrupted = new Set();
    try { this.interrupted = new Set(JSON.parse(sessionStorage.getItem(UPLOADING) || "[]")); } catch { /* as in note() */ }
  }
  /** {url, mime, size} of a file of the form (its name) or of the one handed in for a question ({key, name}). Asked for once; rejects where there is
      nothing to show. */
  get(what) {
    const asked = typeof what === "string" ? { name: what } : { key: what.key };
    const id = typeof what === "string" ? `form ${this.screen.formId} ${what}` : `${this.screen.draft} ${what.key} ${what.name || ""}`;
    if (!this.known.has(id)) {
      const entry = { ...asked };
      entry.promise = new Promise((resolve, reject) => { entry.resolve = resolve; entry.reject = reject; });
      entry.promise.catch(() => this.known.delete(id));
      entry.late = setTimeout(() => entry.reject(new Error("no answer")), FILE_PATIENCE);
      this.known.set(id, entry);
      this.screen.model.send({ type: "file", view: this.screen.view, ...asked });
    }
    return this.known.get(id).promise;
  }
  receive({ name, key, mime, size, missing }, buffers) {
    for (const entry of this.known.values()) {
      if (entry.url || entry.late === null || (key !== undefined && key !== null ? entry.key !== key : entry.key || entry.name !== name)) continue;
      clearTimeout(entry.late);
      entry.late = null;
      if (missing || !buffers?.length) entry.reject(new Error("no such file"));
      else { entry.url = addressOf(buffers[0], mime); entry.resolve({ url: entry.url, mime, size }); }
    }
  }
  /** What was handed in for a question is not shown any more. */
  forget(key) {
    for (const [id, entry] of this.known) if (entry.key === key) { this.free(entry); this.known.delete(id); }
  }
  free({ url, late }) { clearTimeout(late); if (url) URL.revokeObjectURL(url); }
  /** Send a file piece by piece: {promise, cancel, share, moved}. The promise gives the id under which Python holds it; it rejects with {text} where
      Python refuses or nobody answers. */
  send(key, file) {
    const id = crypto.randomUUID();
    const under = { key, file, at: 0, tries: 0, share: 0, moved: () => {} };
    under.promise = new Promise((resolve, reject) => { under.resolve = () => resolve(id); under.reject = reject; });
    this.sending.set(id, under);
    this.note();
    this.piece(id);
    under.cancel = () => { this.drop(id); under.reject({ text: null }); };
    return under;
  }
  async piece(id) {
    const under = this.sending.get(id);
    const { key, file, at } = under;
    let bytes;
    try { bytes = await file.slice(at, at + CHUNK).arrayBuffer(); } catch { this.drop(id); under.reject({ text: this.screen.say("upload_unreadable") });
      return; }
    if (!this.sending.has(id)) return;
    clearTimeout(under.timer);
    under.timer = setTimeout(() => {
      under.tries += 1;
      if (under.tries < CHUNK_TRIES) this.piece(id);
      else { this.drop(id); under.reject({ text: this.screen.say("upload_failed") }); }
    }, CHUNK_AGAIN);
    this.screen.model.send({ type: "chunk", view: this.screen.view, upload: id, key, at, size: file.size, name: file.name }, undefined, [bytes]);
  }
  sent({ upload, received, text }) {
    const under = this.sending.get(upload);
    if (!under) return;
    if (text) { this.drop(upload); under.reject({ text }); return; }
    if (received === under.at && received < under.file.size) return; // an answer to a piece sent twice
    under.at = received;
    under.tries = 0;
    under.share = received / under.file.size;
    under.moved(under.share);
    if (received < under.file.size) this.piece(upload);
    else { this.drop(upload); under.resolve(); }
  }
  drop(id) {
    clearTimeout(this.sending.get(id)?.timer);
    this.sending.delete(id);
    this.note();
  }
  /** The file of a question that is on its way, undefined where none is. */
  underWay(key) { return [...this.sending.values()].find((under) => under.key === key); }
  /** Remember for a reload which questions wait for a file: the bytes are gone then, and the screen says so. Nothing of the file is kept. */
  note() {
    const waiting = [...this.sending.values()].map(({ key }) => `${this.screen.draft} ${key}`);
    try { if (waiting.length) sessionStorage.setItem(UPLOADING, JSON.stringify(waiting)); else sessionStorage.removeItem(UPLOADING);
      } catch { /* storage may be forbidden: then a reload says nothing */ }
    showSaving(this.screen);
  }
  wasInterrupted(key) { return this.interrupted.delete(`${this.screen.draft} ${key}`); }
  /** The interview is left: what was on its way stops, so that it can never reach another one, and nothing stays in this page. */
  leave() {
    [...this.sending.values()].forEach((under) => under.cancel());
    this.close();
  }
  close() {
    this.sending.forEach(({ timer }) => clearTimeout(timer));
    this.sending.clear();
    this.known.forEach(this.free);
    this.known.clear();
  }
}

/** An address for bytes. A drawing (SVG) can hold scripts: as data it can be shown in <img> and never be opened as a page of ours. */
function addressOf(bytes, mime) {
  if (mime !== "image/svg+xml") return URL.createObjectURL(new Blob([bytes], { type: mime }));
  const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  return `data:${mime};base64,${btoa(Array.from(view, (byte) => String.fromCharCode(byte)).join(""))}`;
}
