function render({ model, el: root }) {
  root.classList.add("lb");
  const screen = new Screen(model, root);
  const receive = (message, buffers) => screen.receive(message, buffers);
  const leaving = (event) => { screen.outbox.flush(); if (!screen.outbox.empty) event.preventDefault(); };
  model.on("msg:custom", receive);
  window.addEventListener("beforeunload", leaving);
  screen.hello();
  return () => { model.off("msg:custom", receive); window.removeEventListener("beforeunload", leaving); screen.outbox.drop(); screen.files.close(); };
}

export default { render };
