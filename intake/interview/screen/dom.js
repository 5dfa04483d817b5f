/* Making nodes and putting texts into them. Text reaches the page through textContent and value only, never as markup. */

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const WRITTEN = new WeakMap(); // what stands in a node, so that the same text is not drawn again under a reader's eyes

/** A text of a form as plain words. It is a string, a tree (marks.js), or either with what to know of it: {t, l, d, m}. */
function plainText(text) {
  if (typeof text === "string") return text;
  if (!text) return "";
  if (!isTree(text)) return plainText(text.t);
  return text.map((mark) => (typeof mark === "string" ? mark : plainText(mark.c) + (MARK_BLOCKS.has(mark.e) ? " " : ""))).join("").trim();
}

/** Whether a text has something to show: words, or a note why there are none. */
const hasText = (text) => Boolean(plainText(text) || text?.m);

/** Put a text into a node in the one or two languages shown: ["Ja", "Yes"]. Equal texts are shown once.

    A text that is not in the language of its column says so: {t: text, l: code, d: direction, m: "missing" | "withheld" or nothing}. */
function write(node, texts, languages) {
  const given = JSON.stringify([texts || [], languages.map((language) => language.code)]);
  if (WRITTEN.get(node) === given && node.firstChild) return node;
  WRITTEN.set(node, given);
  node.replaceChildren();
  const seen = [];
  (texts || []).forEach((text, at) => {
    const column = languages[at] || languages[0];
    const words = plainText(text);
    const fresh = words && !seen.includes(words);
    if (fresh) seen.push(words);
    if (!fresh && !(text?.m && column.words)) return;
    if (node.childNodes.length) node.append(" ");
    node.append(drawPart(fresh ? text : { ...text, t: "" }, at, languages));
  });
  return node;
}

/** One language's part of a text, at its place among those shown; with a note where it is not in that language. */
function drawPart(text, at, languages) {
  const column = languages[at] || languages[0];
  const elsewhere = typeof text === "object" && !isTree(text);
  const content = elsewhere ? text.t : text;
  const [code, direction] = elsewhere && plainText(content) ? [text.l, text.d] : [column.code, column.dir];
  const part = el(hasBlocks(content) ? "div" : "bdi", { lang: code, dir: direction, class: at ? "lb-second" : "lb-first" });
  part.append(...drawText(content, direction));
  const name = elsewhere && text.m ? `text_${text.m}` : "";
  const why = column.words?.[name];
  if (why) {
    const spoken = why === languages[0].words?.[name] ? languages[0] : column; // a language the program does not speak itself
    const note = el("small", { class: "lb-note", lang: spoken.code, dir: spoken.dir });
    note.textContent = why;
    part.append(plainText(content) ? " " : "", note);
  }
  return part;
}

const SAME_LETTERS = { ى: "ي", ی: "ي", ک: "ك", ة: "ه" }; // as keyboards of different countries have them

/** A text as it is searched: without accents, vowel signs, stretched lines and apostrophes, in small letters. */
const plain = (text) => text.normalize("NFD").replace(/[\p{M}\u0640ʼ’'`]/gu, "").replace(/[ىیکة]/g, (letter) => SAME_LETTERS[letter]).toLowerCase();

function describe(target, ids, state) {
  const beside = [state.hint && ids.hint, state.guidance && ids.guidance, state.last && ids.last, state.shown.length && ids.problems];
  const described = beside.filter(Boolean).join(" ");
  if (described) target.setAttribute("aria-describedby", described);
  else target.removeAttribute("aria-describedby");
  if (state.shown.some((problem) => problem.kind !== "warning")) target.setAttribute("aria-invalid", "true");
  else target.removeAttribute("aria-invalid");
  if (state.required && target.getAttribute("role") !== "group") target.setAttribute("aria-required", "true");
  else target.removeAttribute("aria-required");
}
