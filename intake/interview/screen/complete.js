/* Python leaves out what is empty (intake/interview/wire.py); everything here may count on it. */

function complete(message) {
  if (message.type !== "form" && message.type !== "ack") return;
  for (const nodes of [message.state, message.patch]) {
    for (const [key, node] of Object.entries(nodes ?? {})) if (node?.label) nodes[key] = completeState(node);
  }
  message.sections?.forEach(completeElement);
}

function completeState(node) {
  const hint = node.label.map(() => "");
  return "value" in node ? { required: false, readonly: false, problems: [], hint, ...node } : { hint, ...node };
}

function completeElement(element) {
  if (element.kind === "question") { element.appearance ??= []; element.attributes ??= {}; }
  element.children?.forEach(completeElement);
}
