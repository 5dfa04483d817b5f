/* Which control draws what Python calls it. Every maker takes (question, context) and returns {node, target, set(state), focus()}
   and calls `context.emit(value, now)` when the person has changed something; `now` is true where nothing more is to be
   expected (a box was left, a choice was made). Nothing here knows a rule of the form. */

const CONTROLS = {
  text: lineControl, textarea: lineControl, integer: lineControl, decimal: lineControl, date: dateControl, time: dateControl, dateTime: dateControl,
  secret: lineControl, place: placeControl, trace: pathControl, shape: pathControl,
  select1: selectControl, select: selectControl, rank: rankControl, upload: uploadControl, header: headerControl, acknowledge: acknowledgeControl,
  range: rangeControl, note: outputControl, output: outputControl, unsupported: unsupportedControl,
};
