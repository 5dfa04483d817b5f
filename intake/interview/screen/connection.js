/* Whether everything is saved, and what to do when it is not. */

/** Pill and banner; one banner for one trouble, and a word when it is over. */
function showSaving(screen) {
  if (!screen.pill?.isConnected) return;
  const trouble = screen.link?.trouble ?? (screen.outbox.failed === "silent" ? "cut" : screen.outbox.failed);
  const now = trouble || screen.link?.disputes.length ? "not_saved" : screen.outbox.empty && !screen.files.sending.size ? "saved" : "saving";
  const bare = now === "saved" && screen.unmirrored;
  screen.pill.className = `lb-pill lb-pill-${now}`;
  const held = now === "saved" && !screen.case ? "only_here" : now; // a form without a study lives in this program only
  write(screen.pill, [screen.say(bare ? "saved_unmirrored" : held)[0]], screen.languages);
  if (screen.outbox.all.some((op) => MIRRORED.has(op.op))) screen.unmirrored = false;
  if (!trouble) { endTrouble(screen); return; }
  if (!screen.banner.hidden && screen.banner.dataset.kind === trouble) return;
  screen.troubled = true;
  screen.banner.dataset.kind = trouble;
  screen.banner.hidden = false;
  const kept = screen.link?.mirror && !screen.link.mirror.broken && screen.link.mirror.allowed;
  const name = `${trouble === "gone" ? "kernel_gone" : "no_connection"}${kept ? "" : "_unmirrored"}`;
  const again = screen.button("lb-link", "try_again", () => screen.outbox.again());
  const renew = screen.button("lb-link", "reload", () => screen.link.renew());
  screen.banner.replaceChildren(screen.words("span", {}, trouble === "unsaved" ? screen.failure : name), trouble === "unsaved" ? again : renew);
}

function endTrouble(screen) {
  if (!screen.banner.hidden && screen.banner.dataset.kind !== "refused") { screen.banner.hidden = true; screen.banner.replaceChildren(); }
  if (!screen.troubled || !screen.outbox.empty) return;
  screen.troubled = false;
  screen.announce("saved");
}

/** This browser keeps nothing back: said once, in the pill, until the next change. */
function showUnmirrored(screen) {
  screen.unmirrored = true;
  showSaving(screen);
  screen.announce("saved_unmirrored");
}

/** A calm line below the head: another window, or a choice that waits. Said once. */
function showNotice(screen, name) {
  if (!screen.banner?.isConnected) return;
  if (!screen.noticed?.isConnected) { screen.noticed = el("div", { class: "lb-notice", hidden: true }); screen.banner.after(screen.noticed); }
  if ((screen.noticed.dataset.name || null) === name && screen.noticed.hidden === !name) return;
  screen.noticed.hidden = !name;
  screen.noticed.dataset.name = name || "";
  screen.noticed.replaceChildren();
  if (!name) return;
  const acts = { undecided: ["decide_now", () => showDisputes(screen)], went_on_elsewhere: ["close", () => screen.link.elsewhere(false)] };
  const act = acts[name] ? screen.button("lb-link", ...acts[name]) : null;
  screen.noticed.append(screen.words("span", {}, [screen.say(name)[0]]), ...(act ? [act] : []));
  screen.announce(name, {}, true); // it stands below the head
}
