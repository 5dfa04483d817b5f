/* Pictures, sound and video of a question and of its choices. Nothing plays by itself; what is missing is named. */

/** The media of a question's label: {image, audio, video, big-image: file name, or one name for each language shown}. */
function labelMedia(screen, media, texts) {
  const node = el("div", { class: "lb-media" });
  const title = plainText(texts[0]);
  const larger = mediaNames(screen, media["big-image"]);
  for (const [name, language] of mediaNames(screen, media.image || media["big-image"])) {
    node.append(mediaPicture(screen, name, larger.find(([, other]) => !other || other === language)?.[0] || null, title));
  }
  for (const kind of ["audio", "video"]) {
    for (const [name, language] of mediaNames(screen, media[kind])) node.append(mediaPlayer(screen, kind, name, language, title));
  }
  return node;
}

/** The media of a choice beside its label: a click on the picture chooses as one on the label does, the players choose nothing. */
function drawChoiceMedia(screen, media, texts) {
  const title = plainText((texts || []).find((text) => plainText(text)));
  const node = el("span", { class: "lb-choice-media" });
  for (const [name] of mediaNames(screen, media.image || media["big-image"])) {
    const picture = mediaPicture(screen, name, null, title);
    picture.addEventListener("click", () => node.closest(".lb-choice")?.querySelector("input")?.click());
    node.append(picture);
  }
  for (const [name, language] of mediaNames(screen, media.audio)) node.append(playButton(screen, name, language, title));
  for (const [name, language] of mediaNames(screen, media.video)) {
    const show = () => mediaDialog(screen, title, mediaPlayer(screen, "video", name, language, title));
    node.append(choiceButton(screen, "lb-watch", "media_video", language, title, show));
  }
  return node;
}

/** [[file name, its language or null where all share it]] of one kind of medium. */
function mediaNames(screen, names) {
  if (!names) return [];
  if (!Array.isArray(names)) return [[names, null]];
  return names.map((name, at) => [name, screen.languages[at]]).filter(([name]) => name);
}

function mediaPicture(screen, name, big, title) {
  const picture = el("img", { class: "lb-picture", alt: title, hidden: true });
  const enlarge = () => mediaDialog(screen, title, mediaPicture(screen, big, null, title));
  const larger = big && screen.words("button", { type: "button", class: "lb-enlarge", hidden: true, onclick: enlarge }, [screen.say("media_larger")[0]]);
  const node = el("span", { class: "lb-figure" }, picture, larger);
  fetched(screen, name, "image/", node, (url) => { picture.src = url; picture.hidden = false; if (larger) larger.hidden = false; });
  return node;
}

function mediaPlayer(screen, kind, name, language, title) {
  const player = el(kind, { controls: true, preload: "metadata", class: `lb-${kind}`, "aria-label": called(title, language), playsinline: kind === "video" });
  const node = el("div", { class: "lb-figure" }, language ? languageMark(language) : null, player);
  fetched(screen, name, `${kind}/`, node, (url) => { player.src = url; });
  return node;
}

function languageMark(language) {
  const node = el("bdi", { class: "lb-note", lang: language.code, dir: language.dir });
  node.textContent = language.name.replace(/\s*\([^()]*\)\s*$/, "");
  return node;
}

const called = (title, language) => [title, language?.name].filter(Boolean).join(", ");

function choiceButton(screen, className, name, language, title, onclick) {
  const label = called(`${screen.say(name)[0]}: ${title}`, language);
  const button = el("button", { type: "button", class: className, "aria-label": label, onclick: () => onclick(button) });
  if (language) button.append(languageMark(language));
  return button;
}

/** A button that plays a sound from its beginning and stops it. One sound at a time. */
function playButton(screen, name, language, title) {
  const label = (button, act) => button.setAttribute("aria-label", called(`${screen.say(act)[0]}: ${title}`, language));
  return choiceButton(screen, "lb-play", "media_play", language, title, (button) => {
    const before = screen.sound;
    before?.stop();
    if (before?.button === button) return;
    const stop = () => {
      sound.player?.pause();
      if (screen.sound === sound) screen.sound = null;
      button.classList.remove("lb-playing");
      label(button, "media_play");
    };
    const sound = { button, stop, player: null };
    screen.sound = sound;
    button.classList.add("lb-playing");
    label(button, "media_stop");
    fetchedFile(screen, name, "audio/").then((url) => {
      if (screen.sound !== sound) return null;
      sound.player = new Audio(url);
      sound.player.addEventListener("ended", stop);
      return sound.player.play();
    }).catch(() => { if (screen.sound === sound) { stop(); button.replaceWith(missingFile(screen, name)); } });
  });
}

/** A dialog with a picture or a video; Escape or its button closes it, the focus goes back by itself. */
function mediaDialog(screen, title, content) {
  const close = screen.words("button", { type: "button", class: "lb-button lb-quiet", onclick: () => dialog.close() }, [screen.say("close")[0]]);
  const dialog = el("dialog", { class: "lb-dialog lb-media-dialog", "aria-label": title, onclose: () => dialog.remove() }, content, close);
  screen.root.append(dialog);
  dialog.showModal();
}

/** The address of a file of a kind; rejects where there is none, or where it is something else. */
async function fetchedFile(screen, name, kind) {
  const { url, mime } = await screen.file(name);
  if (!String(mime).startsWith(kind) || !/^(blob:|data:image\/svg\+xml;)/.test(url)) throw new Error("another kind of file");
  return url;
}

/** Fetch a file as soon as its place comes into sight, and put the file's name there when it cannot be had. */
function fetched(screen, name, kind, node, use) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    fetchedFile(screen, name, kind).then(use, () => node.replaceChildren(missingFile(screen, name)));
  }, { rootMargin: "400px" });
  seen.observe(node);
}

function missingFile(screen, name) {
  return screen.words("small", { class: "lb-note" }, [screen.say("media_missing", { name: `\u2068${name}\u2069` })[0]]); // a name keeps its own direction
}
