/* The way in and the way out: the list of interviews, and the page after one was handed in. */

function drawStart(screen, message) {
  screen.dress(message);
  screen.outbox.drop();
  screen.remember(null);
  const drafts = message.drafts.map((draft) => {
    const open = screen.words("button", { type: "button", class: "lb-button lb-quiet", onclick: () => screen.model.send({ type: "open", draft: draft.id, view: screen.view }) }, "continue");
    open.setAttribute("aria-label", `${screen.say("continue")[0]}: ${draft.title} ${draft.number || ""} ${draft.when}`);
    return el("li", { class: "lb-card lb-draft" }, el("div", {}, screen.words("strong", {}, [draft.number ? `${draft.title} · ${draft.number}` : draft.title]), screen.words("p", { class: "lb-muted" }, "draft_when", { when: draft.when })), open);
  });
  const heading = screen.words("h1", { tabindex: -1 }, [message.title]);
  screen.root.replaceChildren(el("div", { class: "lb-start" }, screen.mark(message), heading, message.text ? screen.words("p", { class: "lb-banner", role: "alert" }, message.text) : null,
    screen.words("h2", {}, "new_interview"),
    el("div", { class: "lb-actions" }, ...message.forms.map((form) => screen.words("button", { type: "button", class: "lb-button", onclick: () => screen.model.send({ type: "new", form: form.id, view: screen.view }) }, [form.title]))),
    screen.words("h2", {}, "open_drafts"), drafts.length ? el("ul", { class: "lb-drafts" }, ...drafts) : screen.words("p", { class: "lb-muted" }, "no_drafts")));
}

function drawSubmitted(screen, message) {
  if (message.op_id && !screen.outbox.confirm(message.op_id)) return;
  screen.remember(null);
  const heading = screen.words("h1", { tabindex: -1 }, "done_title");
  screen.root.replaceChildren(el("div", { class: "lb-start lb-done" }, heading, screen.words("p", {}, "done_text", { number: message.number }),
    el("div", { class: "lb-actions" }, screen.button("lb-button", "to_overview", () => screen.model.send({ type: "overview", view: screen.view })))));
  heading.focus();
}
