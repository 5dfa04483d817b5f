/* Whether everything is saved, and what to do when it is not. */

function showSaving(screen) {
  if (!screen.pill) return;
  const now = screen.outbox.failed ? "not_saved" : screen.outbox.empty ? "saved" : "saving";
  screen.pill.className = `lb-pill lb-pill-${now}`;
  write(screen.pill, [screen.say(now)[0]], screen.languages);
  if (!screen.outbox.failed) { screen.banner.hidden = true; screen.banner.replaceChildren(); return; }
  if (!screen.banner.hidden && screen.banner.dataset.kind === screen.outbox.failed) return;
  screen.banner.dataset.kind = screen.outbox.failed;
  screen.banner.hidden = false;
  const silent = screen.outbox.failed === "silent";
  screen.banner.replaceChildren(screen.words("span", {}, silent ? "no_connection" : screen.failure),
    silent ? screen.button("lb-link", "reload", () => window.location.reload()) : screen.button("lb-link", "try_again", () => screen.outbox.again()));
}
