/* Files that a person hands in: chosen, dropped, photographed or drawn; shown with name and size. */

const DRAWN = ["signature", "draw", "annotate"];

function uploadControl(question, context) {
  const { screen, key, ids } = context;
  const words = question.appearance;
  const family = (question.attributes.mediatype || "").split("/")[0];
  const camera = words.includes("new-front") || words.includes("front") ? "user" : words.includes("new") ? "environment" : null;
  const input = el("input", {
    id: ids.input, type: "file", class: "lb-file",
    accept: question.attributes.accept || (["image", "audio", "video"].includes(family) ? question.attributes.mediatype : null), capture: camera,
    onchange: () => { if (input.files[0]) taken(input.files[0]); input.value = ""; },
  });
  const choose = el("label", { class: "lb-button lb-quiet lb-file-button", for: ids.input });
  const drop = write(el("span", { class: "lb-muted lb-drop-words" }), context.say("upload_drop"), context.languages);
  const remove = write(el("button", { type: "button", class: "lb-link", onclick: () => { screen.outbox.push("detach", key, null); input.focus(); } }),
    context.say("upload_remove"), context.languages);
  const help = el("p", { class: "lb-help lb-upload-help", id: `${ids.input}-help` });
  const preview = el("div", { class: "lb-preview" });
  const moving = uploadProgress(context, () => stop());
  const pad = question.appearance.some((word) => DRAWN.includes(word)) ? drawingPad(context, (file) => send(file)) : null;
  const node = el("div", { class: "lb-upload" }, preview, pad?.node, el("div", { class: "lb-upload-line" }, input, choose, drop, remove), moving.node, help);
  let state = { value: "", readonly: false };
  let under = null;
  let seen = null;
  let problem = screen.files.wasInterrupted(key) ? context.say("upload_again") : null;

  ["dragenter", "dragover"].forEach((name) => node.addEventListener(name, (event) => { if (state.readonly) return; event.preventDefault();
    node.classList.add("lb-over"); }));
  ["dragleave", "drop"].forEach((name) => node.addEventListener(name, () => node.classList.remove("lb-over")));
  node.addEventListener("drop", (event) => { event.preventDefault(); if (!state.readonly && event.dataTransfer?.files[0]) taken(event.dataTransfer.files[0]);
    });

  function taken(file) {
    if (pad && words.includes("annotate")) pad.over(file).catch(() => send(file));
    else send(file);
  }
  function send(file) {
    stop();
    say(null);
    under = screen.files.send(key, file);
    follow(file.name);
  }
  /** Wait for the file that is on its way; a control that is drawn anew while it is goes on waiting. */
  function follow(name) {
    const mine = under;
    mine.moved = (share) => moving.show(share, name);
    mine.moved(mine.share);
    draw();
    mine.promise.then((upload) => {
      if (under === mine) { under = null; draw(); }
      if (mine.told) return;
      mine.told = true;
      screen.outbox.push("attach", key, { upload });
    }, ({ text }) => { if (under === mine) { under = null; say(text); } });
  }
  function stop() { const mine = under; under = null; mine?.cancel(); draw(); }
  function say(texts) {
    problem = texts;
    if (texts) screen.announce(texts);
    draw();
  }
  function draw() {
    moving.node.hidden = !under;
    write(help, problem || [], context.languages);
    const described = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== help.id);
    if (problem) described.push(help.id);
    if (described.length) input.setAttribute("aria-describedby", described.join(" ")); else input.removeAttribute("aria-describedby");
    const picture = camera && family === "image";
    write(choose, context.say(state.value ? "upload_replace" : picture ? "upload_photo" : "upload_choose"), context.languages);
    [choose, drop, input].forEach((each) => { each.hidden = state.readonly; });
    drop.hidden ||= Boolean(under);
    remove.hidden = !state.value || state.readonly || Boolean(under);
    if (pad) pad.node.hidden = Boolean(state.value) || state.readonly || Boolean(under);
  }
  function show(name) {
    if (seen === name) return;
    if (seen === "" && name) screen.announce("upload_done", { name }, true); // its name stands in the question, covered where it must be
    if (seen) screen.files.forget(key); // its preview goes
    seen = name;
    preview.replaceChildren();
    if (!name) return;
    const written = el("bdi", { class: "lb-file-name" });
    written.textContent = name;
    const size = el("bdi", { class: "lb-muted", dir: context.languages[0].dir });
    const line = el("p", { class: "lb-file-line" }, written, " ", size);
    preview.append(line);
    screen.file({ key, name }).then((file) => {
      if (seen !== name) return;
      size.textContent = fileSize(file.size, context);
      preview.prepend(filePreview(file, name, context));
    }, () => { if (seen === name) write(size, context.say("upload_no_preview"), context.languages); });
  }
  return {
    node, target: input, focus: () => input.focus(),
    set(next) {
      if (next.value !== state.value && next.value) problem = null;
      state = next;
      const going = under ? null : screen.files.underWay(key);
      if (going) { under = going; follow(going.file.name); }
      show(next.value);
      describe(input, ids, next);
      draw();
      input.removeAttribute("aria-required"); // not allowed for a file; the mark beside the label says it
    },
  };
}

/** How far a file on its way is, and the way out. */
function uploadProgress(context, cancel) {
  const bar = el("progress", { max: 1 });
  const text = el("span", { class: "lb-muted" });
  const stop = write(el("button", { type: "button", class: "lb-link", onclick: cancel }), context.say("upload_cancel"), context.languages);
  const node = el("div", { class: "lb-sending", hidden: true }, text, bar, stop);
  return { node, show(share, name) {
    bar.value = share;
    write(text, context.say("upload_sending", { name }), context.languages);
    bar.setAttribute("aria-label", context.say("upload_sending", { name })[0]);
  } };
}

function fileSize(bytes, context) {
  const [value, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 100_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const { code } = context.languages[0];
  const style = { style: "unit", unit, maximumFractionDigits: 1, numberingSystem: "latn" };
  return `(${new Intl.NumberFormat(code === "und" ? "de" : code, style).format(value)})`;
}

/** A picture, a sound or a video that can be seen and played; a sentence for what cannot. */
function filePreview({ url, mime }, name, context) {
  const none = () => write(el("p", { class: "lb-muted" }), context.say("upload_no_preview"), context.languages);
  const failed = (event) => event.target.replaceWith(none());
  if (mime.startsWith("image/")) return el("img", { src: url, alt: name, onerror: failed });
  if (mime.startsWith("audio/")) return el("audio", { src: url, controls: true, preload: "metadata", "aria-label": name, onerror: failed });
  if (mime.startsWith("video/")) return el("video", { src: url, controls: true, preload: "metadata", "aria-label": name, onerror: failed });
  return none();
}

/** A field to sign or draw in; `over` puts a picture under it. Whoever cannot draw chooses a file below. */
function drawingPad(context, done) {
  const canvas = el("canvas", { class: "lb-pad", width: 800, height: 300, role: "img", "aria-label": context.say("draw_pad")[0] });
  const pen = canvas.getContext("2d");
  const keep = write(el("button", { type: "button", class: "lb-button lb-quiet", disabled: true,
    onclick: () => canvas.toBlob((blob) => { done(new File([blob], "zeichnung.png", { type: "image/png" })); wipe(); }, "image/png") }),
      context.say("draw_keep"), context.languages);
  const again = write(el("button", { type: "button", class: "lb-link", disabled: true, onclick: () => wipe() }), context.say("draw_clear"), context.languages);
  const help = write(el("p", { class: "lb-help lb-drawing-help" }), context.say("draw_pad"), context.languages);
  const node = el("div", { class: "lb-drawing" }, help, canvas, el("div", { class: "lb-upload-line" }, keep, again));
  const ready = (on) => { keep.disabled = !on; again.disabled = !on; };
  function wipe() {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    ready(false);
  }
  const point = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) * (canvas.width / box.width), (clientY - box.top) * (canvas.height / box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pen, { strokeStyle: "#10142c", lineWidth: 3 * (canvas.width / canvas.getBoundingClientRect().width), lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    pen.moveTo(...point(event));
    pen.lineTo(...point(event));
    pen.stroke();
    ready(true);
    const moved = (move) => { pen.lineTo(...point(move)); pen.stroke(); };
    const end = () => { canvas.removeEventListener("pointermove", moved); };
    canvas.addEventListener("pointermove", moved);
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, end, { once: true }));
  });
  wipe();
  return { node, async over(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, 1600 / picture.width);
    Object.assign(canvas, { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    ready(true);
  } };
}
