/* One question: label, media, hint, what is wrong, control, reasons for no answer. */

function drawQuestion(screen, element, entry) {
  const key = screen.key(element, entry);
  const parts = questionParts(screen, element, key);
  const { node, control } = parts;
  node.addEventListener("focusout", () => screen.calmly(() => {
    const here = document.activeElement;
    const given = screen.outbox.latest(key) ?? screen.state[key]?.value;
    if (!document.hasFocus() || control.node.contains(here) || (node.contains(here) && !given)) return; // still answering, or on the way to a reason
    if (!screen.touched.has(key)) { screen.touched.add(key); screen.refresh(key); showCounts(screen); } else screen.refresh(key);
  }));
  parts.guidance.addEventListener("toggle", () => describeControl(screen, key, parts));
  screen.views.set(key, { focus: () => control.focus(), update: (state) => updateQuestion(screen, key, parts, state) });
  if (screen.state[key]) screen.views.get(key).update(screen.state[key]);
  return node;
}

function questionContext(screen, key, ids) {
  return {
    ids, key, screen, languages: screen.languages, say: (name, fields) => screen.say(name, fields), lists: screen.lists,
    list: (id) => screen.lists.rows(id),
    emit: (value, now) => {
      const before = screen.outbox.latest(key) ?? screen.state[key].value;
      if (value === before && !(now && screen.outbox.timers.has(key))) return;
      if (now) screen.outbox.push("answer", key, value); else screen.outbox.soon(key, value);
    },
  };
}

/** The nodes of a question. A label belongs to the one field a control has; a control with several is named by it. */
function questionParts(screen, element, key) {
  const base = `${screen.view}-${key}`.replaceAll("/", "-");
  const ids = { input: base, label: `${base}-label`, hint: `${base}-hint`, guidance: `${base}-guidance`, problems: `${base}-problems`,
    last: `${base}-last` };
  const control = (CONTROLS[element.control] || unsupportedControl)(element, questionContext(screen, key, ids));
  const shows = element.control === "note" || element.control === "output";
  const field = control.node.id === ids.input ? control.node : control.node.querySelector(`#${CSS.escape(ids.input)}`);
  const single = !shows && field?.matches("input, textarea, select, button");
  const label = el(single ? "label" : "div", { id: ids.label, for: single ? ids.input : null });
  const mark = screen.words("span", { class: "lb-required" }, [screen.say("required")[0]]);
  const media = el("div", { hidden: true });
  const hint = el("div", { id: ids.hint, class: "lb-hint" });
  const more = el("div", { id: ids.guidance, class: "lb-hint" });
  const guidance = el("details", { class: "lb-guidance", hidden: true }, screen.words("summary", {}, [screen.say("guidance")[0]]), more);
  const problems = el("div", { id: ids.problems, class: "lb-problems" });
  const overrides = el("div", { hidden: true });
  const reasons = missingReasons(screen, element, key);
  const last = followUp(screen, element, key, ids);
  const node = el("div", { class: `lb-question lb-kind-${element.control}`, "data-key": key, "data-name": element.name },
    el("div", { class: "lb-label" }, label, mark), media, hint, guidance, last.above, problems, overrides, control.node,
    last.below, reasons.node);
  return { ids, node, control, label, mark, media, hint, more, guidance, problems, overrides, reasons, last, said: null };
}

function updateQuestion(screen, key, parts, state) {
  parts.node.hidden = !state.relevant;
  if (!state.relevant) return;
  write(parts.label, state.label, screen.languages);
  parts.mark.hidden = !state.required || state.readonly;
  parts.hint.hidden = !state.hint.some(hasText);
  write(parts.hint, state.hint, screen.languages);
  parts.guidance.hidden = !state.guidance;
  write(parts.more, state.guidance, screen.languages);
  showMedia(screen, parts, state);
  const shown = screen.visible(key, state);
  showProblems(screen, key, parts, shown);
  if (!screen.outbox.holds(key)) parts.control.set(controlState(parts, state, shown));
  else describeControl(screen, key, parts);
  parts.last.set(state, parts.control.node);
  parts.reasons.set(state);
}

const controlState = (parts, state, shown) => ({ ...state, hint: state.hint.some(hasText), guidance: Boolean(state.guidance) && parts.guidance.open, shown,
  last: !parts.last.above.hidden });

function describeControl(screen, key, parts) {
  const state = screen.state[key];
  if (state?.relevant && parts.control.target) describe(parts.control.target, parts.ids, controlState(parts, state, screen.visible(key, state)));
}

function showMedia(screen, parts, state) {
  const media = state.media?.label;
  const given = media ? JSON.stringify(media) : "";
  if ((parts.media.dataset.files || "") === given) return;
  parts.media.dataset.files = given;
  parts.media.hidden = !media;
  parts.media.replaceChildren(...(media ? [labelMedia(screen, media, state.label)] : []));
}

/** What is wrong, said once when it comes up; beside a doubt the reasons for which it may stand. */
function showProblems(screen, key, parts, shown) {
  const doubts = shown.filter((problem) => problem.kind === "warning");
  const kept = doubts.some((problem) => problem.reason);
  parts.node.classList.toggle("lb-wrong", shown.length > doubts.length);
  parts.node.classList.toggle("lb-warned", shown.length > 0 && shown.length === doubts.length && !kept);
  parts.node.classList.toggle("lb-kept-answer", kept);
  const texts = JSON.stringify(shown.map(({ kind, text }) => [kind, text]));
  if (texts !== parts.said) {
    const line = ({ kind, text }) => screen.words("p", { class: kind === "warning" ? "lb-warning" : "lb-error" }, text);
    const offers = shown.filter(({ offer }) => offer).map(({ offer }) => offerButton(screen, key, offer));
    parts.problems.replaceChildren(...shown.map(line), ...offers);
    if (shown.length && parts.said !== null && !screen.reviewed) screen.announce(shown[0].text, {}, true); // it stands on the page
    parts.said = texts;
  }
  parts.overrides.hidden = !doubts.length;
  if (!doubts.length) parts.overrides.replaceChildren();
  else if (!parts.overrides.firstChild) parts.overrides.append(overrideButtons(screen, key, doubts[0]));
  else pressReason(parts.overrides, doubts[0].reason);
}

/** What can be taken instead of an answer that is wrong, in one click. */
function offerButton(screen, key, offer) {
  return screen.words("button", { type: "button", class: "lb-link", onclick: () => { screen.outbox.push("answer", key, offer); screen.refresh(key); } },
    "take_offer", { offer });
}
