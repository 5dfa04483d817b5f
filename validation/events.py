"""What happens by itself: actions (setvalue, setgeopoint) at their events, and preloaded metadata.

ODK XForms, "Actions" and "Preload Attributes". `odk-instance-first-load` fires for a new record only,
`odk-instance-load` also for a restored one, `odk-new-repeat` for every entry that was not in the form's definition,
`xforms-value-changed` after everything that depends on the change has been computed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping

from validation.datatypes import canonical, datetime_text
from validation.errors import AnswerError, XPathError
from validation.form import Action, Bind
from validation.state import State
from validation.tree import Node
from validation.xpath.evaluator import to_string

Location = Callable[[], str]

EVENT_ROUNDS = 16
"""How often changes may trigger changes: circles stop, and a text that doubles each time stays small."""


def targets(state: State, action: Action, origin: Node | None) -> list[Node]:
    """The nodes an action sets: those that share every repeat entry with `origin`, all of them where that is None."""
    if action.target is not None:
        found = state.evaluate(action.target, origin or next(state.root.elements()))
        return [node for node in found if node in state.nodesets] if isinstance(found, list) else []
    steps = action.ref.strip("/").split("/")
    if origin is None:
        return state.at(action.ref)
    line = state.nodesets[origin].strip("/").split("/")
    shared = next((n for n, (a, b) in enumerate(zip(steps, line, strict=False)) if a != b), min(len(steps), len(line)))
    scope = origin
    for _ in range(len(line) - shared):
        scope = scope.parent or scope
    return state.find(steps[shared:], scope)


def refuse_ambiguous(state: State, node: Node) -> None:
    """AnswerError where a change of this node would set several nodes at once: the form does not say which."""
    nodeset = state.nodesets[node]
    for action in state.form.actions:
        if action.trigger == nodeset and "xforms-value-changed" in action.events:
            try:
                ambiguous = len(targets(state, action, node)) > 1
            except XPathError:
                continue
            if ambiguous:
                raise AnswerError("answer.ambiguous_target", name=action.ref)


def load(state: State, *, first: bool, location: Location | None) -> None:
    """Fire the load events, after everything has been computed once."""
    events = {"odk-instance-first-load", "odk-instance-load"} if first else {"odk-instance-load"}
    state.fired.clear()
    for action in state.form.actions:
        if events.intersection(action.events):
            _run(state, action, None, location)
    state.settle()
    follow(state, location)


def follow(state: State, location: Location | None) -> None:
    """Fire what changed answers and new entries trigger, until nothing new is triggered."""
    for _ in range(EVENT_ROUNDS):
        created, state.created = state.created, []
        fired, state.fired = list(state.fired), {}
        if not created and not fired:
            return
        for entry in created:
            if entry in state.nodesets:
                _fire(state, "odk-new-repeat", entry, location)
        for node in fired:
            if node in state.nodesets:
                _fire(state, "xforms-value-changed", node, location)
        state.settle()


def _fire(state: State, event: str, origin: Node, location: Location | None) -> None:
    nodeset = state.nodesets[origin]
    for action in state.form.actions:
        place = action.repeat if event == "odk-new-repeat" else action.trigger
        if place == nodeset and event in action.events:
            _run(state, action, origin, location)


def _run(state: State, action: Action, origin: Node | None, location: Location | None) -> None:
    try:
        for node in targets(state, action, origin):
            if action.kind == "setgeopoint":
                if location is not None:
                    state.answer_text(node, location())
            elif action.kind == "recordaudio":
                continue  # no client of ours records; the question stays, to be filled by one that does
            elif action.value is not None:
                state.answer_text(node, to_string(state.evaluate(action.value, node)))
            else:
                state.answer_text(node, action.literal)
    except XPathError as error:
        state.refused_actions[action] = error.problems[0]


def preload(state: State, properties: Mapping[str, str]) -> None:
    """Fill the metadata of a new record: start, today, properties of the device and user, the instance's id."""
    for bind in _preloading(state.form.binds.values(), ("uid", "date", "timestamp", "property")):
        for node in state.at(bind.nodeset):
            text = _preloaded(state, bind, properties)
            if text is not None:
                state.set_text(node, text)


def _preloading(binds: Iterable[Bind], kinds: tuple[str, ...]) -> Iterable[Bind]:
    return (bind for bind in binds if bind.preload in kinds)


def _preloaded(state: State, bind: Bind, properties: Mapping[str, str]) -> str | None:
    params = (bind.preload_params or "").strip()
    if bind.preload == "uid":
        return new_id(state)
    if bind.preload == "date":
        return state.now.date().isoformat()
    if bind.preload == "timestamp":
        return datetime_text(state.now) if params == "start" else None
    name = params.removeprefix("uri:").lower()
    given = {key.lower(): value for key, value in properties.items()}
    return given.get(name)


def finish(state: State) -> None:
    """Set the end of the interview: what a record is given when it is handed in."""
    for bind in _preloading(state.form.binds.values(), ("timestamp",)):
        if (bind.preload_params or "").strip() == "end":
            for node in state.at(bind.nodeset):
                day = canonical(bind.type) == "date"
                state.set_text(node, state.now.date().isoformat() if day else datetime_text(state.now))


def new_id(state: State) -> str:
    """'uuid:' and a random UUID (version 4)."""
    return f"uuid:{uuid.UUID(int=state.random.getrandbits(128), version=4)}"
