function render({ model, el: root }) {
  root.classList.add("lb");
  const link = new Link(model);
  const screen = new Screen(link.model, root);
  link.begin(screen);
  const receive = (message, buffers) => link.receive(message, buffers);
  const leaving = (event) => { // what the mirror keeps is there again; without it the browser asks
    screen.outbox.flush();
    if (screen.files.sending.size && !link.renewing) event.preventDefault(); // a file on its way is kept nowhere yet
    if (!screen.outbox.empty && (link.mirror.broken || !link.mirror.allowed) && !link.renewing) event.preventDefault();
  };
  model.on("msg:custom", receive);
  window.addEventListener("beforeunload", leaving);
  screen.hello();
  return () => {
    model.off("msg:custom", receive);
    window.removeEventListener("beforeunload", leaving);
    screen.outbox.drop();
    screen.files.close();
    screen.stop();
    link.stop();
  };
}

export default { render };
