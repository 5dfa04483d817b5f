/* The pages of an interview and the way between them: case data, sections, the end of each layer, review. */

const NAV_EDGE = 3; // px, its padding
const PAGE_MEMORY = "lotsenbuch.page"; // session storage: {draft, page}, opaque ids, so that a reload comes back to the same page

/** Every page of a form, in order: {id, kind: "case" | "section" | "stop" | "review", layer, section?}. */
function pagesOf(sections) {
  const pages = [{ id: "case", kind: "case", layer: "" }];
  sections.forEach((section, at) => {
    const layer = section.layer || "";
    pages.push({ id: section.id, kind: "section", layer, section });
    if (layer && layer !== sections[at + 1]?.layer) pages.push({ id: `stop-${layer}`, kind: "stop", layer });
  });
  return [...pages, { id: "review", kind: "review", layer: "" }];
}

const PAGE_MAKERS = {
  case: (screen) => drawCase(screen), section: (screen, item) => drawSection(screen, item.section),
  stop: (screen, item) => drawStop(screen, item.layer), review: (screen) => drawReview(screen),
};

/** Whether a page has something to show now: a section without a single question that is asked has not. */
function isOpen(screen, item) {
  if (item.kind === "stop") return screen.items.some((other) => other.kind === "section" && other.layer === item.layer && isOpen(screen, other));
  if (item.kind === "case" && screen.alone) return false; // who fills in by themselves is no case
  return item.kind !== "section" || isShown(screen, item.section, "");
}

function isShown(screen, element, entry) {
  const state = screen.state[screen.key(element, entry)];
  if (!state?.relevant) return false;
  return element.kind !== "group" || element.children.some((child) => isShown(screen, child, entry));
}

/** The page to begin on: the one that was open before a reload, the case data of a new interview, the section where somebody
    went on last, else the first. */
function firstPage(screen, message) {
  const known = message.draft && pageBefore(message.draft);
  const wanted = known || (message.case && (message.case.new ? "case" : sectionWith(screen, message.at)));
  const at = wanted ? screen.items.findIndex((item) => item.id === wanted && isOpen(screen, item)) : -1;
  return at >= 0 ? at : Math.max(0, screen.items.findIndex((item) => item.kind !== "case" && isOpen(screen, item)));
}

/** The id of the section that holds an element, by its key. */
function sectionWith(screen, key) {
  const id = key?.split("/").at(-1);
  return screen.sections.find((section) => holdsElement(section, id))?.id;
}

function pageBefore(draft) {
  try {
    const known = JSON.parse(sessionStorage.getItem(PAGE_MEMORY));
    return known?.draft === draft ? known.page : null;
  } catch { return null; } // storage may be forbidden
}

function rememberPage(screen) {
  if (!screen.draft) return;
  try { sessionStorage.setItem(PAGE_MEMORY, JSON.stringify({ draft: screen.draft, page: screen.items[screen.page].id })); } catch { /* as above */ }
}

/** Show a page; with `focus` its heading (or the summary of errors) takes the focus. */
function showPage(screen, at, focus) {
  const item = screen.items[at];
  const changed = screen.page !== at || !screen.pages.size;
  screen.outbox.flush();
  screen.page = at;
  for (const other of screen.items) {
    const page = screen.pages.get(other.id);
    if (page) page.hidden = true;
    if (page && other.kind !== "section") { page.remove(); screen.pages.delete(other.id); } // drawn from what is known then
  }
  if (!screen.pages.has(item.id)) {
    const page = PAGE_MAKERS[item.kind](screen, item);
    screen.pages.set(item.id, page);
    screen.main.append(page);
  }
  const page = screen.pages.get(item.id);
  page.hidden = false;
  toggleMenu(screen, false);
  showCounts(screen);
  screen.begun ||= item.kind === "section";
  if (item.kind === "section" && changed && screen.paradata) screen.outbox.push("visit", item.id, null);
  if (changed) showLine(screen.nav, item.node);
  rememberPage(screen);
  if (!focus) return;
  page.querySelector("[data-focus]")?.focus({ preventScroll: true });
  screen.root.scrollIntoView({ block: "start" });
}

/** Bring a line of the navigation into sight, and cut none above it. */
function showLine(nav, line) {
  nav.style.paddingBottom = "";
  const height = nav.clientHeight;
  if (nav.scrollHeight <= height) return;
  const least = line.offsetTop < nav.scrollTop ? line.offsetTop : Math.max(nav.scrollTop, line.offsetTop + line.offsetHeight - height);
  const first = [...nav.querySelectorAll("li:not([hidden]), .lb-layer-name")].find((other) => other.offsetTop >= least - NAV_EDGE);
  const top = Math.max(0, first.offsetTop - NAV_EDGE);
  const lack = top + height - nav.scrollHeight; // so that the last line may be far from the end
  if (lack > 0) nav.style.paddingBottom = `${lack + NAV_EDGE}px`;
  nav.scrollTop = top;
}

/** Draw a page anew that says how things stand, and keep the focus with what it was on. */
function redrawPage(screen) {
  const item = screen.items[screen.page];
  if (item.kind === "section") return;
  const targets = (page) => [...page.querySelectorAll("[data-focus], a, button, select, summary")];
  const before = screen.pages.get(item.id);
  const held = before?.contains(document.activeElement) && document.activeElement;
  const place = held && targets(before).indexOf(held);
  screen.doubted = held && held.closest("[data-doubt]")?.dataset.doubt;
  showPage(screen, screen.page, false);
  if (!held) return;
  const page = screen.pages.get(item.id);
  const row = screen.doubted && page.querySelector(`[data-doubt="${CSS.escape(screen.doubted)}"]`);
  const same = !screen.doubted && !held.matches("[data-focus]") ? targets(page)[place] : null;
  const target = row ? row.querySelector("[aria-pressed=true]") || row.querySelector("a") : same;
  (target || page.querySelector("[data-focus]")).focus({ preventScroll: true });
}

function stepPage(screen, by) {
  let at = screen.page + by;
  while (screen.items[at] && !isOpen(screen, screen.items[at])) at += by;
  if (screen.items[at]) screen.go(at, true);
}

/** When the page on screen has nothing to show any more, go to the one before it and say so. */
function leaveClosedPage(screen) {
  const item = screen.items[screen.page];
  if (isOpen(screen, item)) return;
  let at = screen.page;
  while (at > 0 && !isOpen(screen, screen.items[at])) at -= 1;
  showPage(screen, at, true);
  if (item.section) screen.announce("section_gone", { name: plainText(screen.state[item.section.id]?.label?.[0]) });
}

/** Go to a question, wherever it is, and put the focus into it. Nothing happens for a key that is not on screen. */
function showQuestion(screen, key) {
  const at = screen.items.findIndex((item) => item.section && holdsElement(item.section, key.split("/").at(-1)));
  if (at < 0 || !isOpen(screen, screen.items[at])) return false;
  showPage(screen, at, false);
  screen.root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "center" });
  screen.views.get(key)?.focus?.();
  return true;
}

const holdsElement = (element, id) => element.id === id || (element.children || []).some((child) => holdsElement(child, id));
