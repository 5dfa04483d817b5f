/* The focus is never lost, and what happens away from it is said once. */

/** Do what may take away the node that has the focus; then the focus is near where it was, and it is said why. */
function keepingFocus(screen, act) {
  const held = document.activeElement;
  const question = held?.closest?.("[data-key]");
  if (!screen.root.contains(held) || !question) { act(); return; }
  const label = question.querySelector(".lb-label .lb-first")?.textContent || "";
  const places = [...screen.main.querySelectorAll("[data-key]")];
  act();
  if (held.isConnected && held.getClientRects().length) return;
  if (question.isConnected && question.getClientRects().length) { screen.views.get(question.dataset.key)?.focus?.(); return; }
  if (screen.root.contains(document.activeElement) && document.activeElement.getClientRects().length) return; // somebody cared for it
  focusNear(screen, places, question);
  screen.announce("question_gone", { name: label });
}

/** Bring what got the focus out from under the head: of a text box Chromium shows the caret only, and heeds no scroll-margin. */
function showFocused(screen, target) {
  const head = screen.root.querySelector(".lb-head");
  if (screen.pressed || !head || !target.closest(".lb-main") || getComputedStyle(head).position !== "sticky") return;
  if (target.getBoundingClientRect().top < head.getBoundingClientRect().bottom) target.scrollIntoView({ block: "nearest" });
}

/** The place of a question that went: the one after it, else before it, else the heading. Its box is not entered, so that no key stroke lands in it. */
function focusNear(screen, places, gone) {
  const at = places.indexOf(gone);
  const near = [...places.slice(at + 1), ...places.slice(0, at).reverse()].find((node) => node.isConnected && node.getClientRects().length);
  const target = near || screen.main.querySelector("section:not([hidden]) [data-focus]");
  if (near) {
    near.setAttribute("tabindex", "-1");
    near.addEventListener("blur", () => near.removeAttribute("tabindex"), { once: true });
  }
  target?.focus();
}

/** What was taken back is shown and said. */
function showUndone(screen, key) {
  const label = plainText(screen.state[key]?.label?.[0]);
  if (!key) { screen.announce("undo_nothing"); return; }
  showQuestion(screen, key);
  screen.announce("undone", { name: label || screen.say("entry")[0] });
}

/** A region that says what is written into it, once; it stays when the screen is drawn anew. */
function liveRegion() { return el("div", { class: "lb-live", "aria-live": "polite", "aria-atomic": "true" }); }
