/* The clock of every contestant, in the page: the same for all of them.

   `untilTyped`     ms from a call until a field can be typed in: it is visible and enabled, a frame with it is painted,
                    the page is free again and the field takes the focus. `onward` is a button on the way to it, which
                    is pressed as soon as it is there.
   `untilShown`     ms from the change event of a select until another question is visible and painted. */

const painted = (then) => requestAnimationFrame(() => setTimeout(then));
const visible = (node) => node.isConnected && node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;

window.untilTyped = (selector, start, onward = null, patience = 60000) => new Promise((resolve, reject) => {
  const begin = performance.now();
  let gone = !onward;
  const look = () => {
    if (performance.now() - begin > patience) { reject(new Error(`no field ${selector}`)); return; }
    const next = gone ? null : document.querySelector(onward);
    if (next && visible(next)) { gone = true; next.click(); }
    const field = [...document.querySelectorAll(selector)].find((node) => visible(node) && !node.disabled && !node.readOnly);
    if (!field) { requestAnimationFrame(look); return; }
    painted(() => {
      field.focus();
      if (document.activeElement === field) resolve(performance.now() - begin); else requestAnimationFrame(look);
    });
  };
  start();
  look();
});

const until = (wanted, patience = 20000) => new Promise((resolve, reject) => {
  const begin = performance.now();
  const look = () => {
    if (wanted()) { painted(() => resolve(performance.now())); return; }
    if (performance.now() - begin > patience) reject(new Error("it never came")); else requestAnimationFrame(look);
  };
  look();
});

/** `yes` and `no` act on the select, `shown` says whether the dependent question is there. */
window.untilShown = async (yes, no, shown, times) => {
  const taken = [];
  let changed = null;
  const note = () => { changed ??= performance.now(); };
  document.addEventListener("change", note, true);
  for (let turn = 0; turn < times; turn += 1) {
    no();
    await until(() => !shown());
    // Nobody answers at once. The wait is never in step with the frames.
    await new Promise((resolve) => setTimeout(resolve, 10 + (turn % 11) * 5));
    changed = null;
    yes();
    if (changed === null) throw new Error("no change event");
    const seen = await until(shown);
    taken.push(seen - changed);
  }
  document.removeEventListener("change", note, true);
  return taken;
};
