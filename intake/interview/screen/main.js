function render({ model, el: root }) {
  root.classList.add("lb");
  const screen = new Screen(model, root);
  const receive = (message) => screen.receive(message);
  const leaving = (event) => { screen.outbox.flush(); if (!screen.outbox.empty) event.preventDefault(); };
  model.on("msg:custom", receive);
  window.addEventListener("beforeunload", leaving);
  screen.hello();
  return () => { model.off("msg:custom", receive); window.removeEventListener("beforeunload", leaving); screen.outbox.drop(); };
}

export default { render };
