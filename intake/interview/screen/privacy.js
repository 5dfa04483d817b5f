/* The privacy key: names, case numbers, other cases and answers that identify a person are hidden while the person looks at the screen.

   The state belongs to the tab. Escape does not end it, so that nothing shows by a slip. What draws such a text gives it the class `lb-personal`. */

const PRIVATE_MEMORY = "lotsenbuch.private";
const CASE_NUMBER = "fallnummer"; // the question whose answer is the case number, as Python has it
const PRIVATE_KEY = "F2"; // free in browsers and screen readers, and no letter that a text could hold

function privacyButton(screen) {
  const button = toolButton(screen, "hide", "hide", () => setPrivate(screen, !screen.private));
  button.title = `${screen.say("hide")[0]} (${PRIVATE_KEY})`;
  button.setAttribute("aria-pressed", String(screen.private));
  button.setAttribute("aria-keyshortcuts", PRIVATE_KEY);
  return button;
}

function isPrivateTab() {
  try { return sessionStorage.getItem(PRIVATE_MEMORY) === "1"; } catch { return false; }
}

function setPrivate(screen, on) {
  screen.private = on;
  try { if (on) sessionStorage.setItem(PRIVATE_MEMORY, "1"); else sessionStorage.removeItem(PRIVATE_MEMORY); } catch { /* the tab forgets it at a reload */ }
  screen.outer.classList.toggle("lb-private", on);
  screen.outer.querySelectorAll(".lb-tool-hide").forEach((button) => button.setAttribute("aria-pressed", String(on)));
  screen.announce(on ? "hidden_on" : "hidden_off");
}

const isPersonal = (element) => element.sensitivity === "identity" || element.name === CASE_NUMBER;

/** Cover an answer that identifies a person: in private it shows while one is in it, and is reached by a click or by Tab. */
function veil(screen, key, node) {
  const show = () => {
    node.classList.add("lb-shown");
    screen.views.get(key)?.focus();
    if (node.contains(document.activeElement) && document.activeElement !== cover) return;
    node.setAttribute("tabindex", "-1"); // what is only shown has no box to go to
    node.focus();
  };
  const cover = screen.words("button", { type: "button", class: "lb-veil", onclick: show, onfocus: show }, "covered");
  node.classList.add("lb-identity");
  (node.querySelector(".lb-hint") || node.querySelector(".lb-label")).after(cover);
  node.addEventListener("focusout", (event) => { if (!node.contains(event.relatedTarget)) node.classList.remove("lb-shown"); });
  node.addEventListener("focusin", () => node.classList.add("lb-shown"));
}
