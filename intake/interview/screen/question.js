/* One question: label, hint, control, reasons for no answer, what is wrong. */

function drawQuestion(screen, element, entry) {
  const key = screen.key(element, entry);
  const base = `${screen.view}-${key}`.replaceAll("/", "-");
  const ids = { input: base, label: `${base}-label`, hint: `${base}-hint`, problems: `${base}-problems` };
  const context = {
    ids, key, screen, languages: screen.languages, say: (name, fields) => screen.say(name, fields), list: (id) => screen.lists[id] || [],
    emit: (value, now) => {
      const before = screen.outbox.latest(key) ?? screen.state[key].value;
      if (value === before && !(now && screen.outbox.timers.has(key))) return;
      if (now) screen.outbox.push("answer", key, value); else screen.outbox.soon(key, value);
    },
  };
  const control = (CONTROLS[element.control] || unsupportedControl)(element, context);
  const single = !["date", "select", "note", "output", "unsupported", "select1"].includes(element.control);
  const label = el(single ? "label" : "span", { id: ids.label, for: single ? ids.input : null });
  const mark = el("span", { class: "lb-required" });
  write(mark, [screen.say("required")[0]], screen.languages);
  const hint = el("div", { id: ids.hint, class: "lb-hint" });
  const problems = el("div", { id: ids.problems, class: "lb-problems" });
  const reasons = el("div", { class: "lb-reasons", role: "group", "aria-label": screen.say("no_answer")[0] });
  const node = el("div", { class: `lb-question lb-kind-${element.control}`, "data-key": key, "data-name": element.name }, el("div", { class: "lb-label" }, label, mark), hint, problems, control.node, reasons);
  node.addEventListener("focusout", () => screen.calmly(() => { // leaving the question, not moving inside it
    if (node.contains(document.activeElement) || !document.hasFocus()) return;
    if (!screen.touched.has(key)) { screen.touched.add(key); screen.refresh(key); showCounts(screen); } else screen.refresh(key);
  }));
  screen.views.set(key, { focus: () => control.focus(), update: (state) => {
    node.hidden = !state.relevant;
    if (!state.relevant) return;
    write(label, state.label, screen.languages);
    mark.hidden = !state.required || state.readonly;
    hint.hidden = !state.hint.some(Boolean);
    write(hint, state.hint, screen.languages);
    const shown = screen.visible(key, state);
    node.classList.toggle("lb-wrong", shown.some((problem) => problem.kind !== "warning"));
    node.classList.toggle("lb-warned", shown.length > 0 && shown.every((problem) => problem.kind === "warning"));
    const texts = shown.map((problem) => screen.words("p", { class: problem.kind === "warning" ? "lb-warning" : "lb-error" }, problem.text));
    if (problems.textContent !== texts.map((text) => text.textContent).join("")) problems.replaceChildren(...texts);
    if (!screen.outbox.holds(key)) control.set({ ...state, hint: state.hint.some(Boolean), shown });
    else if (control.target) describe(control.target, ids, { ...state, hint: state.hint.some(Boolean), shown });
    drawReasons(screen, reasons, element, key, state);
  } });
  if (screen.state[key]) screen.views.get(key).update(screen.state[key]);
  return node;
}

function drawReasons(screen, node, element, key, state) {
  node.hidden = !state.reasons || state.readonly;
  if (!state.reasons) return;
  const isChoice = ["select", "select1"].includes(element.control);
  const list = screen.lists[state.reasons.list] || [];
  if (node.dataset.list !== state.reasons.list) {
    node.dataset.list = state.reasons.list;
    node.replaceChildren(...list.map(([value, ...texts]) => {
      const button = screen.words("button", { type: "button", class: "lb-reason", value }, texts);
      button.addEventListener("click", () => {
        const given = screen.outbox.latest(key) ?? screen.state[key].value;
        if (given && !isChoice) return; // what was typed is cleared by hand
        if (given) screen.outbox.push("answer", key, "");
        screen.outbox.push("reason", key, button.getAttribute("aria-pressed") === "true" ? "" : value);
      });
      return button;
    }));
  }
  [...node.children].forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === state.reasons.value));
    button.setAttribute("aria-disabled", String(!state.reasons.open && !isChoice));
  });
}
