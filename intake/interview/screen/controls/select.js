/* Which control a list of choices gets. */

const SEARCH_FROM = 6; // radio buttons up to five choices, a searchable list above
const BOXES_UP_TO = 12; // check boxes up to twelve choices, a searchable list above
const LAID_OUT_UP_TO = 60; // boxes where the form says how to lay them out, a searchable list above

function selectControl(question, context) {
  if (question.cells) return matrixControl(question, context);
  const words = question.appearance;
  const searched = words.includes("minimal") || words.includes("autocomplete") || words.includes("search");
  const laidOut = boxLooks(words).names.length > 0;
  const limit = searched ? -1 : laidOut ? LAID_OUT_UP_TO : question.control === "select1" ? SEARCH_FROM - 1 : BOXES_UP_TO;
  const makers = [boxesControl, searchControl];
  const wanted = (state) => Number(context.lists.size(state.list) > limit);
  const holder = el("div");
  let kind = null;
  let inner = null;
  return {
    node: holder, get target() { return inner?.target; }, focus: () => inner?.focus(),
    set(state) {
      if (kind === null || (kind === 0 && wanted(state) === 1)) { // a list that grows gets its search; it keeps it when it shrinks
        kind = wanted(state);
        inner = makers[kind](question, context);
        holder.replaceChildren(inner.node);
      }
      inner.set(state);
    },
  };
}
