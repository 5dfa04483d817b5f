"""The suite of scenarios (scenarios.jsonl): a form, the steps taken on it, and what must then hold.

A step is a call `{id, call, args}`, whose result later steps name as '#id', or an expectation `{expect, matcher, not,
args}`. Only scenarios marked `usable` are run.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.cases import Result, Skip, reason_to_skip
from conformance.expectations import MATCHERS, Outcome, Text, look
from conformance.expressions import Case, read_cases

from scenario.steps import Answer, Event, Opener, Scenario, Spot, StepFailedError, UnknownStepError
from validation import Instance, read_form
from validation.errors import LotsenbuchError
from validation.form import Control
from validation.markdown import formatted

__all__ = ["read_cases", "run"]

_CONSTANTS = {
    "AnswerResult.OK": "ok",
    "ANSWER_REQUIRED_BUT_EMPTY": "required",
    "ANSWER_CONSTRAINT_VIOLATED": "constraint",
}


def name_of(case: Case) -> str:
    """'file | test': what skip patterns are matched against."""
    return f"{case['source'].rpartition('/test/')[2].removesuffix('.test.ts')} | {case['test']}"


def run(
    cases: Iterator[Case], skips: Sequence[Skip], suite: str, files: Path, open_instance: Opener = Instance
) -> Iterator[Result]:
    """One result a usable scenario. `files` is the directory of the forms that steps name."""
    for case in cases:
        if not case["usable"]:
            continue
        name = name_of(case)
        reason = reason_to_skip(skips, suite, name)
        if reason:
            yield Result(name, "skipped", reason)
            continue
        try:
            _Play(files, open_instance).play(case["steps"])
        except Exception as error:  # noqa: BLE001 - a crash is a failed case, and the other cases still run
            yield Result(name, "failed", f"{type(error).__name__}: {error}")
        else:
            yield Result(name, "passed")


class _Play:
    """One run through the steps of one scenario."""

    def __init__(self, files: Path, open_instance: Opener) -> None:
        self.files = files
        self.open_instance = open_instance
        self.results: dict[int, Any] = {}

    def play(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Take every step. A scenario that says an error must come fails where none does."""
        refused = False
        for step in steps:
            awaited = step.get("matcher") == "toBeInstanceOf" and step.get("expect") is None
            if awaited:
                if not refused:
                    raise StepFailedError("nothing was refused")
                refused = False
            elif not refused:
                try:
                    self.step(step)
                except LotsenbuchError:
                    if not any(later.get("matcher") == "toBeInstanceOf" for later in steps):
                        raise
                    refused = True
        if refused:
            raise StepFailedError("refused, and no step awaited it")

    def step(self, step: Mapping[str, Any]) -> None:
        if "call" in step:
            self.results[step["id"]] = self.call(step["call"], [self.value(item) for item in step["args"]])
        elif "expect_fn" in step:
            self.must_throw(step)
        else:
            self.expect(step)

    def must_throw(self, step: Mapping[str, Any]) -> None:
        try:
            for inner in step["expect_fn"]:
                self.step(inner)
        except LotsenbuchError:
            return
        raise StepFailedError("nothing was refused")

    # --- values

    def value(self, written: Any) -> Any:
        """An argument: a value, a list of values, or the result of an earlier step with its properties."""
        if isinstance(written, list):
            return [self.value(item) for item in written]
        if isinstance(written, Mapping) and "$" in written:
            return self.named(written["$"])
        if isinstance(written, Mapping):
            return {key: self.value(item) for key, item in written.items()}
        return written

    def named(self, name: str) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        number, *properties = name.removeprefix("#").split(".")
        found = self.results[int(number)]
        for step in properties:
            found = look(found, step)
        return found

    # --- calls

    def call(self, name: str, args: list[Any]) -> Any:
        target, _, method = name.rpartition(".")
        if name == "Scenario.init":
            return self.init(*args)
        if name in _FREE:
            return _FREE[name](*args)
        if target.startswith("#"):
            return self.method(self.named(target), method, args)
        raise UnknownStepError(name)

    def method(self, target: Any, name: str, args: list[Any]) -> Any:
        known = next((table for kind, table in _METHODS if isinstance(target, kind)), {})
        if name not in known:
            raise UnknownStepError(f"{type(target).__name__}.{name}")
        return known[name](target, *args)

    def init(self, *args: Any) -> Scenario:
        first, *rest = args
        options = rest[1] if len(rest) > 1 else {}
        text = rest[0]["xml"] if rest else (self.files / first).read_text("utf-8")
        form = read_form(text)
        named = (source.rpartition("/")[2] for source in form.external.values())
        paths = [self.files / file for file in named if (self.files / file).is_file()]
        points = options.get("geolocationProvider")
        return Scenario(
            form,
            open_instance=self.open_instance,
            files={path.name: path.read_text("utf-8") for path in paths},
            location=(lambda: next(points)) if points is not None else None,
            xml=options.get("editInstance"),
            edit="editInstance" in options,
        )

    # --- expectations

    def expect(self, step: Mapping[str, Any]) -> None:
        matcher = MATCHERS.get(step["matcher"])
        if matcher is None:
            raise UnknownStepError(step["matcher"])
        seen = self.value(step["expect"])
        wanted = [self.value(item) for item in step["args"]]
        if bool(matcher(seen, *wanted)) is bool(step["not"]):
            raise StepFailedError(f"{'not ' if step['not'] else ''}{step['matcher']} {wanted!r}, came {_shown(seen)}")


def _shown(seen: Any) -> str:
    return repr(seen.text) if isinstance(seen, Answer) else repr(seen)[:300]


# --- what the calls give


def _init_points(*points: str) -> Iterator[str]:
    return itertools.chain(points, itertools.repeat(points[-1]))


_FREE: Mapping[str, Callable[..., Any]] = {
    "r": lambda name: name,
    "intAnswer": str,
    "stringAnswer": str,
    "booleanAnswer": bool,
    "answerText": lambda text: text.replace(", ", " "),
    "choice": lambda value, label=None: (value, label),
    "getRef": lambda path: path,
    "getNodeForReference": lambda scenario, path: scenario.node(path),
    "createGeolocationProvider": _init_points,
    "flushPromises": lambda: None,
    "LocalDate.parse": lambda text: text,
    "Temporal.Now.instant": lambda: dt.datetime.now(dt.UTC),
    "Temporal.Instant.from": dt.datetime.fromisoformat,
    "expectedFractionalDays": lambda number, near: (number, near),
    "expectedDistance": lambda number, near: (number, near),
    "x.toBeString": lambda *_: None,  # static types of TypeScript: nothing happens when the tests run
    "x.toEqualTypeOf": lambda *_: None,
}


def _answer(scenario: Scenario, *args: Any) -> Answer:
    """answer(value) at the current stop, answer(path, value), answer(path, choice, choice, …)."""
    if len(args) == 1:
        event = scenario.event()
        element = scenario.elements[scenario.nodeset(event.path)]
        note = isinstance(element, Control) and element.kind == "input" and scenario.instance.readonly(event.path)
        if event.kind != "QUESTION" or note:
            return Answer(scenario, event.path)  # loops upstream pass over what is no question; the record does not
        return scenario.answer(event.path, args[0])
    path, *values = args
    scenario.stand_at(path)
    return scenario.answer(path, values[0] if len(values) == 1 else values)


def _selected(scenario: Scenario, wanted: Mapping[str, str]) -> list[str]:
    path = scenario.here(wanted)
    labels = dict(scenario.instance.choices(path))
    return [labels[value] for value in scenario.instance.value(path).split()]


def _spot(scenario: Scenario, path: str) -> Spot:
    found = scenario.node(path)
    if found is None:
        raise StepFailedError(f"there is no {path}")
    return found


def _addable(scenario: Scenario, path: str) -> bool:
    return scenario.node(path) is not None and scenario.addable(scenario.form.repeats[scenario.nodeset(path)])


def _create(scenario: Scenario, wanted: str | Mapping[str, str]) -> None:
    scenario.add(wanted if isinstance(wanted, str) else scenario.here(wanted))


def _payload(scenario: Scenario) -> dict[str, Any]:
    """What would be sent, and where to."""
    return {
        "xml": scenario.instance.to_xml(),
        "submissionMeta": {"submissionAction": scenario.form.attributes.get("submission/action")},
    }


def _attribute(scenario: Scenario, path: str, name: str) -> str:
    return scenario.instance.value(f"{path}/@{name}")


def _count(scenario: Scenario, path: str) -> int:
    return len(scenario.instance.entries(path))


def _index(scenario: Scenario, path: str) -> Event | None:
    return next((event for event in scenario.events() if event.path == path), None)


_SCENARIO: Mapping[str, Callable[..., Any]] = {
    "answer": _answer,
    "answerOf": Answer,
    "next": lambda scenario, path: scenario.move(scenario.position + 1, path),
    "atQuestion": lambda scenario: scenario.event().kind == "QUESTION",
    "atTheEndOfForm": lambda scenario: scenario.event().kind == "END_OF_FORM",
    "jumpToBeginningOfForm": lambda scenario: setattr(scenario, "position", 0),
    "refAtIndex": lambda scenario: scenario.event().path,
    "indexOf": _index,
    "getInstanceNode": _spot,
    "attributeOf": _attribute,
    "choicesOf": lambda scenario, path: scenario.instance.choices(path),
    "createNewRepeat": _create,
    "proposed_addExplicitCreateNewRepeatCallHere": lambda scenario, path, options: (
        scenario.add(path) if options["explicitRepeatCreation"] else None
    ),
    "proposed_canCreateOrRemoveRepeat": _addable,
    "removeRepeat": lambda scenario, path: scenario.instance.remove_repeat(path),
    "countRepeatInstancesOf": _count,
    "setLanguage": lambda scenario, name: scenario.instance.set_language(name),
    "proposed_serializeAndRestoreInstanceState": lambda scenario: scenario.again(edit=False),
    "editCurrentInstance": lambda scenario: scenario.again(edit=True),
    "newInstance": lambda scenario: Scenario(
        scenario.form, open_instance=scenario.open_instance, files=scenario.files, location=scenario.location
    ),
    "proposed_serializeInstance": lambda scenario: scenario.instance.to_xml(),
    "prepareWebFormsInstancePayload": _payload,
    "getValidationOutcome": Outcome,
    "getQuestionLabelText": lambda scenario, wanted: scenario.instance.label(scenario.here(wanted)),
    "getQuestionLabel": lambda scenario, wanted: Text(scenario.instance.styled_label(scenario.here(wanted))),
    "getQuestionHint": lambda scenario, wanted: Text(scenario.instance.styled_hint(scenario.here(wanted))),
    "getSelectedOptionLabels": lambda scenario, wanted: [
        Text(formatted([text])) for text in _selected(scenario, wanted)
    ],
    "proposed_getSelectedOptionLabelsAsText": _selected,
    "proposed_getAvailableOptionLabels": lambda scenario, wanted: [
        label for _, label in scenario.instance.choices(scenario.here(wanted))
    ],
    "getFormDef": lambda scenario: scenario,
    "isRepeatRelevant": lambda scenario, path: _spot(scenario, path).relevant,
}
_METHODS: Sequence[tuple[type, Mapping[str, Callable[..., Any]]]] = (
    (Scenario, _SCENARIO),
    (Answer, {"getValue": lambda answer: answer.text, "toString": lambda answer: answer.text}),
    (list, {"size": len, "isEmpty": lambda found: not found}),
)
