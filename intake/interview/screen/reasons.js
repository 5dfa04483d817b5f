/* One click on a reason: why there is no answer, and why a doubtful one is right after all. */

const OVERRIDES = ["asked", "as_told", "later"];

/** Buttons with the reasons for which a warning is kept as it is; the chosen one is pressed, a second click withdraws it. */
function overrideButtons(screen, key, problem) {
  const why = screen.words("span", { id: `${screen.view}-${key}-why-${crypto.randomUUID()}`.replaceAll("/", "-"), class: "lb-overrides-why" }, "override");
  const node = el("div", { class: "lb-overrides", role: "group", "aria-labelledby": why.id }, why, ...OVERRIDES.map((reason) => {
    const button = screen.words("button", { type: "button", class: "lb-reason", value: reason }, `override_${reason}`);
    button.addEventListener("click", () => screen.outbox.push("override", key, button.getAttribute("aria-pressed") === "true" ? "" : reason));
    return button;
  }));
  pressReason(node, problem.reason);
  return node;
}

function pressReason(node, reason) {
  for (const button of node.querySelectorAll("button.lb-reason")) button.setAttribute("aria-pressed", String(button.value === reason));
}

/** The reasons why a question has no answer. Where one would clear what somebody typed, it asks first. */
function missingReasons(screen, element, key) {
  const buttons = el("div", { class: "lb-reasons", role: "group", "aria-label": screen.say("no_answer")[0] });
  const ask = el("div", { class: "lb-reason-ask", hidden: true });
  const current = () => screen.outbox.latest(key) ?? screen.state[key].value;
  const give = (reason) => {
    if (current()) screen.outbox.push("answer", key, "");
    screen.outbox.push("reason", key, reason);
  };
  const pressed = (reason) => buttons.querySelector(`button[value="${CSS.escape(reason)}"]`);
  const close = (reason) => { ask.hidden = true; ask.replaceChildren(); pressed(reason)?.focus(); };
  const question = (reason, texts) => {
    const does = screen.say("reason_yes").map((text, at) => text.replace("{reason}", () => plainText(texts[at] ?? texts[0])));
    const yes = screen.words("button", { type: "button", class: "lb-link lb-danger", onclick: () => { close(reason); give(reason); } }, does);
    const why = screen.words("span", { id: `${screen.view}-${key}-ask`.replaceAll("/", "-") }, "reason_ask");
    yes.setAttribute("aria-describedby", why.id);
    ask.replaceChildren(why, yes, screen.button("lb-link", "cancel", () => close(reason)));
    ask.hidden = false;
    yes.focus();
  };
  const draw = (list) => buttons.replaceChildren(...list.map(([value, ...labels]) => {
    const texts = labels.slice(0, screen.languages.length);
    const button = screen.words("button", { type: "button", class: "lb-reason", value }, texts);
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-pressed") === "true") screen.outbox.push("reason", key, "");
      else if (current() && !EASILY_CHOSEN.has(element.control)) question(value, texts);
      else give(value);
    });
    return button;
  }));
  let drawn = null;
  const node = el("div", { hidden: true }, buttons, ask);
  return { node, set(state) {
    node.hidden = !state.reasons || state.readonly;
    if (!state.reasons) return;
    if (drawn !== state.reasons.list) { drawn = state.reasons.list; draw(screen.lists.rows(drawn)); }
    if (!current() && !ask.hidden && !ask.contains(document.activeElement)) { ask.hidden = true; ask.replaceChildren(); }
    pressReason(buttons, state.reasons.value);
  } };
}

const EASILY_CHOSEN = new Set(["select1", "acknowledge"]); // one click brings the answer back
