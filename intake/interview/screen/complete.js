/* Python leaves out what is empty or usual (intake/interview/wire.py); everything here may count on it. */

function complete(message) {
  if (message.type !== "form" && message.type !== "ack") return;
  for (const nodes of [message.state, message.patch]) {
    for (const [key, node] of Object.entries(nodes ?? {})) if (node?.label) nodes[key] = completeState(node, message.same);
  }
  message.sections?.forEach(completeElement);
}

function completeState(node, same) {
  const whole = { relevant: true, hint: node.label.map(() => ""), ...node };
  if (!("value" in node)) return whole;
  if (Number.isInteger(node.problems)) whole.problems = same[node.problems]; // said once for all of them
  if (typeof node.reasons === "string") whole.reasons = { value: "", open: true, list: node.reasons };
  return { required: false, readonly: false, problems: [], ...whole };
}

function completeElement(element) {
  element.kind ??= "question";
  if (element.kind === "question") { element.type ??= "string"; element.appearance ??= []; element.attributes ??= {}; }
  element.children?.forEach(completeElement);
}
