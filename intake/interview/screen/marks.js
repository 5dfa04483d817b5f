/* Styled texts: the tree that Python made of a form's Markdown, drawn with a fixed list of elements and nothing else.

   A mark is a string or {e: element, c: [mark, …], u?: address of a link, s?: {property: value}, n?: first number}. */

const MARK_TAGS = {
  p: "p", h1: "p", h2: "p", h3: "p", h4: "p", h5: "p", h6: "p", ul: "ul", ol: "ol", li: "li", strong: "strong", em: "em", a: "a", span: "span", div: "div",
}; // a heading within a text is a line in bold: the headings of the page say where one is
const MARK_BLOCKS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "div"]);
const MARK_STYLES = ["color", "font-family", "text-align"];
const MARK_ADDRESS = /^(?:https?:\/\/|mailto:|tel:)/i;
const LATIN = "[\\p{Nd}\\p{sc=Latn}]";
const LATIN_WORD = `${LATIN}[\\p{Nd}\\p{sc=Latn}\\p{M}]*`;
const LATIN_SIGNS = "[ .:/@&+'’,;§]"; // between two words; between two numbers one alone: "1, 2, 3" is read from the right
const LATIN_JOIN = `(?: ?[-–] ?|${LATIN_SIGNS}|(?<=[\\p{sc=Latn}\\p{M}])${LATIN_SIGNS}{2,4}|${LATIN_SIGNS}{2,4}(?=\\p{sc=Latn}))`;
const EASTERN = "\\p{sc=Arab}\\p{sc=Hebr}\\p{sc=Syrc}\\p{sc=Thaa}";
const TO_ISOLATE = { // what runs against the direction of a text, with the signs that stand inside it: +49 7051 160-0, B1, 10–20
  rtl: new RegExp(`(?:\\+|§{1,2} ?)?${LATIN_WORD}(?:${LATIN_JOIN}${LATIN_WORD})*(?: ?[%€])?`, "gu"),
  ltr: new RegExp(`[${EASTERN}](?:[${EASTERN}\\p{M}\\s]*[${EASTERN}\\p{M}])?`, "gu"),
};

/** The nodes of a text (a string or a tree) in a direction. */
function drawText(text, direction) {
  if (typeof text === "string") return isolated(text, direction);
  return text.flatMap((mark) => (typeof mark === "string" ? isolated(mark, direction) : [drawMark(mark, direction)]));
}

function drawMark(mark, direction) {
  const linked = mark.e === "a" && MARK_ADDRESS.test(mark.u);
  const tag = mark.e === "a" && !linked ? "span" : Object.hasOwn(MARK_TAGS, mark.e) ? MARK_TAGS[mark.e] : "span";
  const node = el(tag, { class: /^h[1-6]$/.test(mark.e) ? `lb-heading lb-heading-${mark.e[1]}` : null });
  if (linked) for (const [name, value] of Object.entries({ href: mark.u, target: "_blank", rel: "noopener noreferrer" })) node.setAttribute(name, value);
  if (mark.e === "ol" && Number.isInteger(mark.n)) node.start = mark.n;
  for (const name of MARK_STYLES) if (mark.s && Object.hasOwn(mark.s, name)) node.style.setProperty(name, String(mark.s[name]));
  if (mark.s?.color) node.classList.add("lb-coloured");
  node.append(...drawText(mark.c || [], direction));
  return node;
}

/** A text with what runs the other way set apart, so that it keeps its own order: a phone number in an Arabic sentence. */
function isolated(text, direction) {
  const found = [...text.matchAll(TO_ISOLATE[direction] || TO_ISOLATE.ltr)];
  if (!found.length || found[0][0].length === text.length) return [text];
  const nodes = [];
  let at = 0;
  for (const { 0: part, index } of found) {
    const inner = el("bdi", { dir: direction === "rtl" ? "ltr" : "rtl" });
    inner.textContent = part;
    nodes.push(text.slice(at, index), inner);
    at = index + part.length;
  }
  return [...nodes, text.slice(at)].filter((part) => part !== "");
}

const isTree = (text) => Array.isArray(text);
const hasBlocks = (text) => isTree(text) && text.some((mark) => MARK_BLOCKS.has(mark.e));
