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

/** Put a text into a node in the one or two languages shown: ["Ja", "Yes"]. Equal texts are shown once. */
function write(node, texts, languages) {
  const wanted = (texts || []).filter((text, at, all) => text && all.indexOf(text) === at);
  const now = [...node.children].map((child) => child.textContent);
  if (now.length === wanted.length && now.every((text, at) => text === wanted[at])) return node;
  node.replaceChildren();
  wanted.forEach((text) => {
    const at = texts.indexOf(text);
    const language = languages[at] || languages[0];
    const part = el("bdi", { lang: language.code, dir: language.dir, class: at ? "lb-second" : "lb-first" });
    part.textContent = text;
    if (node.childNodes.length) node.append(" ");
    node.append(part);
  });
  return node;
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function describe(target, ids, state) {
  const described = [state.hint && ids.hint, state.shown.length && ids.problems].filter(Boolean).join(" ");
  if (described) target.setAttribute("aria-describedby", described);
  else target.removeAttribute("aria-describedby");
  if (state.shown.some((problem) => problem.kind !== "warning")) target.setAttribute("aria-invalid", "true");
  else target.removeAttribute("aria-invalid");
  if (state.required && target.getAttribute("role") !== "group") target.setAttribute("aria-required", "true");
  else target.removeAttribute("aria-required");
}
