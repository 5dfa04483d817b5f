/* Choices that are put in order. */

/** A list whose entries are moved: by buttons, with Alt and an arrow key, or by dragging. Not answered until somebody has moved an entry or kept the order. */
function rankControl(question, context) {
  const list = el("ol", { class: "lb-rank-list" });
  const help = write(el("p", { class: "lb-help" }), context.say("rank_help"), context.languages);
  const open = write(el("p", { class: "lb-help", id: `${context.ids.input}-open` }), context.say("rank_open"), context.languages);
  const confirm = write(el("button", { type: "button", class: "lb-button lb-quiet", onclick: () => { keep(order()); focusOn(order()[0]); } }),
    context.say("rank_confirm"), context.languages);
  const clear = write(el("button", { type: "button", class: "lb-link lb-clear", onclick: () => { context.emit("", true); focusOn(order()[0]); } }),
    context.say("clear"), context.languages);
  const node = el("div", { class: "lb-rank", role: "group", "aria-labelledby": context.ids.label }, help, list, open, confirm, clear);
  let rows = new Map();
  let state = { value: "", readonly: false };
  let drawn = null;
  const items = () => [...list.children];
  const order = () => items().map((item) => item.dataset.value);
  const nameOf = (value) => choiceName(rows.get(value), context);
  const focusOn = (value, way = "down") => {
    const item = items().find((each) => each.dataset.value === value);
    const buttons = [...(item?.querySelectorAll("button") || [])];
    const able = buttons.filter((button) => button.getAttribute("aria-disabled") !== "true");
    (able.find((button) => button.dataset.way === way) || able[0])?.focus();
  };

  function keep(values) { context.emit(values.join(" "), true); }
  function move(value, to, way) {
    const values = order();
    const from = values.indexOf(value);
    if (state.readonly || to < 0 || to >= values.length || to === from) return;
    values.splice(to, 0, values.splice(from, 1)[0]);
    place(values);
    keep(values);
    if (way) focusOn(value, way);
    context.screen.announce("rank_moved", { name: nameOf(value), place: to + 1, count: values.length });
  }
  function place(values) {
    const known = new Map(items().map((item) => [item.dataset.value, item]));
    values.forEach((value, at) => { if (list.children[at] !== known.get(value)) list.insertBefore(known.get(value), list.children[at] || null); });
    items().forEach((item, at, all) => {
      item.querySelector(".lb-rank-place").textContent = `${at + 1}.`;
      item.querySelector("[data-way=up]").setAttribute("aria-disabled", String(at === 0 || state.readonly));
      item.querySelector("[data-way=down]").setAttribute("aria-disabled", String(at === all.length - 1 || state.readonly));
    });
  }
  function draw(row) {
    const [value] = row;
    const button = (way, sign) => {
      const made = el("button", { type: "button", class: "lb-rank-move", "data-way": way,
        "aria-label": `${choiceName(row, context)} ${context.say(`rank_${way}`)[0]}`,
        onclick: () => move(value, order().indexOf(value) + (way === "up" ? -1 : 1), way) });
      made.textContent = sign;
      return made;
    };
    const extras = choiceExtras(row, context);
    const handle = el("span", { class: "lb-rank-handle", "aria-hidden": "true" });
    handle.textContent = "⠿";
    const item = el("li", { class: "lb-rank-item", "data-value": value }, handle, el("span", { class: "lb-rank-place", "aria-hidden": "true" }),
      el("div", { class: "lb-rank-body" },
        write(el("span", { class: "lb-rank-name" }), choiceTexts(row, context), context.languages), extras), button("up", "↑"), button("down", "↓"));
    item.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || !event.altKey) return;
      event.preventDefault();
      move(value, order().indexOf(value) + by, by < 0 ? "up" : "down");
    });
    handle.addEventListener("pointerdown", (event) => drag(event, item, handle));
    return item;
  }
  function drag(event, item, handle) {
    if (state.readonly || event.button) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    item.classList.add("lb-dragged");
    const before = order();
    const moved = ({ clientY }) => {
      const other = items().find((each) => each !== item && clientY > each.getBoundingClientRect().top && clientY < each.getBoundingClientRect().bottom);
      if (!other) return;
      const values = order().filter((value) => value !== item.dataset.value);
      const box = other.getBoundingClientRect();
      values.splice(values.indexOf(other.dataset.value) + Number(clientY > box.top + box.height / 2), 0, item.dataset.value);
      place(values);
    };
    const end = () => {
      ["pointermove", "pointerup", "pointercancel"].forEach((name, at) => handle.removeEventListener(name, at ? end : moved));
      item.classList.remove("lb-dragged");
      const values = order();
      if (values.join(" ") === before.join(" ")) return;
      keep(values);
      context.screen.announce("rank_moved", { name: nameOf(item.dataset.value), place: values.indexOf(item.dataset.value) + 1, count: values.length });
    };
    ["pointermove", "pointerup", "pointercancel"].forEach((name, at) => handle.addEventListener(name, at ? end : moved));
  }
  return {
    node, target: node, focus: () => focusOn(order()[0]),
    set(next) {
      state = next;
      if (drawn !== next.list) {
        drawn = next.list;
        const held = items().find((item) => item.contains(document.activeElement))?.dataset.value;
        rows = new Map(context.list(next.list).map((row) => [row[0], row]));
        list.replaceChildren(...[...rows.values()].map(draw));
        if (rows.has(held)) focusOn(held);
      }
      const given = next.value.split(" ").filter((value) => rows.has(value));
      place([...given, ...[...rows.keys()].filter((value) => !given.includes(value))]);
      const whole = given.length === rows.size && rows.size > 0;
      list.classList.toggle("lb-unset", !whole);
      open.hidden = whole || next.readonly || !rows.size;
      if (confirm.contains(document.activeElement) && whole) focusOn(order()[0]);
      confirm.hidden = open.hidden;
      clear.hidden = !next.value || next.readonly || next.required;
      describe(node, context.ids, next);
      node.removeAttribute("aria-invalid"); // a group may not carry it
      node.removeAttribute("aria-required");
    },
  };
}
