/* What stands around the questions: head, tools, navigation. */

function drawForm(screen, message) {
  const sameDraft = screen.draft === message.draft && screen.formId === message.form && Boolean(screen.main?.isConnected);
  const held = screen.root.contains(document.activeElement) && (sameDraft ? heldPlace(screen) : {}); // from the work list to the first heading
  if (!sameDraft) { screen.touched.clear(); screen.reviewed = screen.moreOpen = screen.begun = false; }
  Object.assign(screen, {
    draft: message.draft, formId: message.form, sections: message.sections, state: message.state,
    allLanguages: message.all_languages, paradata: message.paradata === true,
    case: message.case ? { ...message.case } : null, views: new Map(), pages: new Map(), printing: null, leaving: false,
    demo: message.demo, plain: message.plain,
  });
  if (!sameDraft) { // what was answered was left before
    for (const [key, node] of Object.entries(screen.state)) if (node.value && node.problems?.length) screen.touched.add(key);
  }
  screen.dress(message);
  screen.lists.renew(message.lists);
  screen.outbox.sequence = Math.max(screen.outbox.sequence, message.sequence || 0);
  screen.remember(message.draft);
  screen.number = el("bdi", { class: "lb-case lb-personal" });
  screen.number.textContent = message.number;
  screen.main = el("div", { class: "lb-main", id: `${screen.view}-main`, tabindex: -1 });
  const head = drawHead(screen, message);
  screen.nav = drawNavigation(screen);
  screen.root.replaceChildren(drawSkip(screen), head, el("div", { class: "lb-columns" }, screen.nav, screen.main));
  screen.measure?.disconnect();
  screen.measure = new ResizeObserver(() => {
    screen.root.style.setProperty("--lb-head", `${head.offsetHeight}px`); // what sticks below it, and where jumps land
    showLine(screen.nav, screen.items[screen.page].node);
  });
  screen.measure.observe(head);
  if (sameDraft) screen.page = Math.min(screen.page, screen.items.length - 1);
  else screen.page = firstPage(screen, message);
  showPage(screen, screen.page, false);
  leaveClosedPage(screen);
  if (held) takePlace(screen, held);
  showSaving(screen);
}

function drawSkip(screen) {
  const skip = (event) => {
    event.preventDefault();
    (screen.main.querySelector("section:not([hidden]) h2") || screen.main).focus();
  };
  return screen.words("a", { class: "lb-skip", href: `#${screen.main.id}`, onclick: skip }, [screen.say("skip")[0]]);
}

/** A quiet button of the head with its picture; its name is in the first language only. */
function toolButton(screen, kind, name, act) {
  const said = screen.say(name)[0];
  return screen.words("button", { type: "button", class: `lb-tool lb-tool-${kind}`, "data-keep": kind, title: said, onclick: act }, [said]);
}

function quietButton(screen, name, act) { return screen.button("lb-button lb-quiet", name, act); }

function actions(...buttons) { return el("div", { class: "lb-actions" }, ...buttons); }

function drawHead(screen, message) {
  screen.titleText = screen.words("h1", { class: "lb-title" }, [message.title]);
  screen.progress = el("span");
  screen.bar = el("progress", { "aria-label": screen.say("progress_label")[0] });
  screen.pill = el("p", { class: "lb-pill" }); // changes with every answer: seen, not said; bad news stand in the banner
  screen.banner = el("div", { class: "lb-banner", role: "alert", hidden: true });
  const menu = { type: "button", class: "lb-menu", "aria-expanded": "false", "aria-controls": `${screen.view}-nav`, onclick: () => toggleMenu(screen) };
  screen.menu = screen.words("button", menu, [screen.say("sections")[0]]);
  const undo = toolButton(screen, "undo", "undo", () => takeBack(screen));
  const where = el("div", { class: "lb-where" }, el("p", {}, screen.progress), el("p", {}, screen.number), screen.mark(message),
    drawCorrection(screen, message), drawHolder(screen, message),
    message.restricted ? screen.words("p", { class: "lb-restricted" }, [message.restricted]) : null);
  return el("header", { class: "lb-head" },
    screen.titleText,
    el("div", { class: "lb-head-line" }, where,
      el("div", { class: "lb-tools" }, undo, privacyButton(screen), ...drawMore(screen), screen.pill, screen.alone?.wayOut() ?? null)),
    screen.bar, screen.menu, screen.banner);
}

/** The button for what is rarely needed, and the panel it opens. */
function drawMore(screen) {
  const panel = el("div", { id: `${screen.view}-more`, class: "lb-panel", role: "group", "aria-label": screen.say("more")[0] });
  const button = toolButton(screen, "more", "more", () => toggle(panel.hidden));
  button.setAttribute("aria-controls", panel.id);
  const act = (name, does) => {
    const chosen = () => { toggle(false); button.focus(); does(); };
    return screen.words("button", { type: "button", class: "lb-link", onclick: chosen }, [screen.say(name)[0]]);
  };
  const leave = () => (screen.case ? act("stop_here", () => screen.leave()) : null);
  const links = () => el("div", { class: "lb-panel-links" }, act("print", () => drawPrint(screen)), act("keyboard", () => showKeys(screen)), leave());
  const toggle = (open) => {
    screen.moreOpen = open;
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    panel.replaceChildren(...(open ? [settingFields(screen, "head"), links()] : [])); // as things are when it is opened
  };
  const holder = el("div", { class: "lb-more" }, button, panel);
  holder.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) { toggle(false); button.focus(); } });
  holder.addEventListener("focusout", (event) => { if (event.relatedTarget && !holder.contains(event.relatedTarget)) toggle(false); });
  screen.root.onpointerdown = (event) => { if (screen.moreOpen && !event.target.closest?.(".lb-more")) toggle(false); };
  toggle(Boolean(screen.moreOpen));
  return [holder];
}

/** All pages as a list, those of each layer under its name. */
function drawNavigation(screen) {
  const nav = el("nav", { id: `${screen.view}-nav`, class: "lb-nav", "aria-label": screen.say("sections")[0] });
  let list = null;
  let layer = null;
  screen.items = pagesOf(screen.sections).map((item, at) => {
    const label = item.kind === "section" ? el("span") : screen.words("span", {}, [screen.say(item.kind)[0]]);
    const count = el("span", { class: "lb-count" });
    const button = el("button", { type: "button", onclick: () => screen.go(at, true) }, label, count);
    if (!list || layer !== item.layer) {
      layer = item.layer;
      list = el("ol", { class: layer ? "lb-layer" : null });
      if (layer) {
        const title = screen.words("p", { class: "lb-layer-name", id: `${screen.view}-layer-${at}` }, [layerName(screen, layer)[0]]);
        list.setAttribute("aria-labelledby", title.id);
        nav.append(title);
      }
      nav.append(list);
    }
    const node = el("li", { class: `lb-item-${item.kind}` }, button);
    list.append(node);
    return { ...item, label, count, button, node };
  });
  return nav;
}

function toggleMenu(screen, open = screen.menu.getAttribute("aria-expanded") !== "true") {
  screen.menu.setAttribute("aria-expanded", String(open));
  screen.nav.classList.toggle("lb-open", open);
}

/** Where the focus is, by name, so that it is found again when all is drawn anew. */
function heldPlace(screen) {
  const held = document.activeElement;
  if (!screen.root.contains(held)) return null;
  return { keep: held.closest("[data-keep]")?.dataset.keep, key: held.closest("[data-key]")?.dataset.key };
}

function takePlace(screen, { keep, key }) {
  const node = keep && screen.root.querySelector(`[data-keep="${CSS.escape(keep)}"]`);
  if (node) node.focus({ preventScroll: true });
  else if (key) screen.views.get(key)?.focus?.();
  else screen.main.querySelector("section:not([hidden]) [data-focus]")?.focus({ preventScroll: true });
}
