/* The keys of the interview beyond those every page has, and the window that names them. None is a single letter. */

const KEYS = [ // what is shown under "Tastatur": names of texts
  ["key_tab", "key_tab_does"], ["key_arrows", "key_arrows_does"], ["key_space", "key_space_does"], ["key_next", "key_next_does"], ["key_back", "key_back_does"],
  ["key_hide", "key_hide_does"], ["key_undo", "key_undo_does"], ["key_escape", "key_escape_does"],
];
const TYPED_IN = "textarea, input:not([type=radio], [type=checkbox], [type=range], [type=button])";

function listenToKeys(screen, signal) {
  document.addEventListener("keydown", (event) => {
    if (!screen.outer.isConnected || event.defaultPrevented) return;
    const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (event.key === PRIVATE_KEY && plainKey && screen.ui) { event.preventDefault(); setPrivate(screen, !screen.private); }
    if (document.querySelector("dialog[open]")) return;
    const here = screen.root.contains(document.activeElement) || document.activeElement === document.body;
    if (!here || !screen.items || screen.printing || !screen.main?.isConnected) return;
    const by = event.altKey && !event.ctrlKey ? { PageDown: 1, PageUp: -1 }[event.key] : 0;
    if (by) { event.preventDefault(); screen.step(by); }
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
    if (undo && !document.activeElement.matches(TYPED_IN)) { event.preventDefault(); takeBack(screen); } // in a box the browser's own undo stays
  }, { signal });
}

function takeBack(screen) {
  if (document.activeElement?.matches("input, textarea")) document.activeElement.blur(); // what was typed is sent before it is taken back
  screen.outbox.push("undo", null, null);
}

function showKeys(screen) {
  const title = screen.words("h2", { id: `${screen.view}-keys` }, [screen.say("keyboard")[0]]);
  const close = screen.words("button", { type: "button", class: "lb-button", onclick: () => dialog.close() }, [screen.say("close")[0]]);
  const rows = KEYS.flatMap(([key, does]) => [screen.words("dt", {}, [screen.say(key)[0]]), screen.words("dd", {}, [screen.say(does)[0]])]);
  const back = document.activeElement;
  const closed = () => { dialog.remove(); back?.focus(); };
  const dialog = el("dialog", { class: "lb-dialog", "aria-labelledby": title.id, onclose: closed }, title, el("dl", { class: "lb-keys" }, ...rows), close);
  screen.root.append(dialog);
  dialog.showModal();
}
