"""The suite of scenarios (scenarios.jsonl): a form, the steps taken on it, and what must then hold.

A step is a call `{id, call, args}`, whose result later steps name as '#id', or an expectation `{expect, matcher, not,
args}`. Only scenarios marked `usable` are run.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

from conformance.cases import Result, Skip, reason_to_skip
from conformance.expressions import Case, read_cases

from scenario.steps import Answer, Event, Opener, Scenario, Spot, StepFailedError, UnknownStepError
from validation import Instance, read_form
from validation.errors import LotsenbuchError
from validation.form import Control
from validation.markdown import Mark, formatted

__all__ = ["read_cases", "run"]

_UUID = re.compile(r"uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_TYPES: Mapping[str, type] = {"number": float, "bigint": int, "string": str}
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
            found = _look(found, step)
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
        matcher = _MATCHERS.get(step["matcher"])
        if matcher is None:
            raise UnknownStepError(step["matcher"])
        seen = self.value(step["expect"])
        wanted = [self.value(item) for item in step["args"]]
        if bool(matcher(seen, *wanted)) is bool(step["not"]):
            raise StepFailedError(f"{'not ' if step['not'] else ''}{step['matcher']} {wanted!r}, came {_shown(seen)}")


def _shown(seen: Any) -> str:
    return repr(seen.text) if isinstance(seen, Answer) else repr(seen)[:300]


def _look(found: Any, name: str) -> Any:
    if found is None or (isinstance(found, Scenario) and name == "instanceRoot"):
        return found  # upstream writes `?.`
    if isinstance(found, Answer | Spot | _Outcome | _Text):
        return found.look(name)
    if isinstance(found, Event) and name == "eventType":
        return found.kind
    if isinstance(found, Mapping):
        return found[name]
    if isinstance(found, list | tuple | str) and name == "length":
        return len(found)
    if isinstance(found, list) and name.isdigit():
        return found[int(name)]
    if isinstance(found, str) and name == "xpathReference":
        return found
    if isinstance(found, dt.datetime) and name == "epochNanoseconds":
        return int(found.timestamp() * 1000)  # records keep milliseconds
    raise UnknownStepError(f"{type(found).__name__}.{name}")


# --- what the calls give


class _Text:
    """A label or hint as a tree of elements."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = marks

    def look(self, name: str) -> Any:
        if name == "formatted":
            return [_element(mark) for mark in self.marks]
        raise UnknownStepError(f"label.{name}")


def _element(mark: Mark) -> dict[str, Any]:
    """An element in the scenarios' words; what it does not have is left out."""
    if isinstance(mark, str):
        return {"value": mark}
    found: dict[str, Any] = {"elementName": mark.element, "children": [_element(child) for child in mark.children]}
    if mark.url:
        found["url"] = mark.url
    if mark.style:
        found["properties"] = {"style": dict(mark.style)}
    return found


class _Outcome:
    """The first thing that is wrong with a whole record."""

    def __init__(self, scenario: Scenario) -> None:
        found = [one for one in scenario.instance.violations() if one.kind in ("required", "constraint")]
        self.kind = found[0].kind if found else "ok"
        self.prompt = Event("QUESTION", found[0].path) if found else None
        self.scenario = scenario

    def look(self, name: str) -> Any:
        if name == "outcome":
            return self.kind
        if name == "failedPrompt":
            return {"node": Spot(self.scenario, self.prompt.path)} if self.prompt is not None else None
        raise UnknownStepError(f"outcome.{name}")


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
    "getValidationOutcome": _Outcome,
    "getQuestionLabelText": lambda scenario, wanted: scenario.instance.label(scenario.here(wanted)),
    "getQuestionLabel": lambda scenario, wanted: _Text(scenario.instance.styled_label(scenario.here(wanted))),
    "getQuestionHint": lambda scenario, wanted: _Text(scenario.instance.styled_hint(scenario.here(wanted))),
    "getSelectedOptionLabels": lambda scenario, wanted: [
        _Text(formatted([text])) for text in _selected(scenario, wanted)
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


# --- expectations


def _plain(value: Any) -> Any:
    """Numbers in one spelling: '10.0' is '10' in a record that keeps what was typed."""
    if isinstance(value, str):
        return " ".join(whole[1] if (whole := _WHOLE.fullmatch(part)) else part for part in value.split(" "))
    return value


def _same(seen: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return seen is wanted
    return _equal(seen, wanted)


def _equal(seen: Any, wanted: Any) -> bool:
    if isinstance(seen, Mapping) and "node" in seen and isinstance(wanted, Event):
        return seen["node"].path == wanted.path
    return bool(_plain(seen) == _plain(wanted))


def _equal_answer(seen: Answer, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return (seen.text == "OK") is wanted
    return bool(_equal(seen.text, wanted.text if isinstance(wanted, Answer) else wanted))


def _close(seen: Answer, wanted: tuple[float, float]) -> bool:
    number, near = wanted
    return math.isclose(float(seen.text or "nan"), number, abs_tol=near)


def _offered(seen: list[tuple[str, str]], wanted: list[tuple[str, str | None]], *, ordered: bool) -> bool:
    if len(seen) != len(wanted):
        return False
    found = seen if ordered else sorted(seen)
    hoped = wanted if ordered else sorted(wanted, key=lambda pair: pair[0])
    return all(a == b and (label is None or label == text) for (a, text), (b, label) in zip(found, hoped, strict=True))


def _classes(seen: Spot, wanted: list[str]) -> bool:
    return sorted(seen.scenario.form.attributes.get("body/class", "").split()) == sorted(wanted)


def _appearances(seen: Spot) -> list[str]:
    element = seen.element
    return sorted(element.appearance) if element is not None else []


def _object(seen: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return isinstance(seen, list) and len(seen) == len(wanted) and all(map(_object, seen, wanted))
    if isinstance(wanted, Mapping):
        return all(_object(_look(seen, name), item) for name, item in wanted.items())
    return bool(seen == wanted)


def _xml(seen: Scenario | Mapping[str, str], wanted: str) -> bool:
    text = seen.instance.to_xml() if isinstance(seen, Scenario) else seen["xml"]
    return canonicalize(text, strip_text=True) == canonicalize(wanted, strip_text=True)


def _meta(scenario: Scenario, name: str, uri: str) -> str:
    """The text of an element of the record's metadata. Names of the form's own namespace stand in none in a record."""
    wanted = "" if uri == "http://www.w3.org/2002/xforms" else uri
    top = next(scenario.instance.root.elements())
    for block in top.elements():
        if (block.name, block.namespace) == ("meta", wanted):
            return next((node.value for node in block.elements() if (node.name, node.namespace) == (name, wanted)), "")
    return ""


def _deprecated(seen: Scenario, wanted: Mapping[str, Any]) -> bool:
    uri = wanted["metaNamespaceURI"]
    return _meta(seen, "deprecatedID", uri) == _meta(wanted["sourceScenario"], "instanceID", uri) != ""


def _edited(seen: Scenario, wanted: Mapping[str, Any]) -> bool:
    uri = wanted["metaNamespaceURI"]
    made = _meta(seen, "instanceID", uri)
    return _UUID.fullmatch(made) is not None and made != _meta(wanted["sourceScenario"], "instanceID", uri)


def _computed(seen: Scenario, wanted: Mapping[str, str]) -> bool:
    return _UUID.fullmatch(_meta(seen, "instanceID", wanted["metaNamespaceURI"])) is not None


_MATCHERS: Mapping[str, Callable[..., Any]] = {
    "toBe": _same,
    "toEqual": _equal,
    "toBeNull": lambda seen: seen is None,
    "toEqualTreeReference": _same,
    "toEqualAnswer": _equal_answer,
    "toHaveAnswerCloseTo": _close,
    "toBeTypeOf": lambda seen, name: type(seen) is _TYPES[name],
    "toMatch": lambda seen, wanted: re.search(wanted["regex"], seen) is not None,
    "toMatchObject": _object,
    "toStartWith": lambda seen, start: seen.startswith(start),
    "toContain": lambda seen, part: part in seen,
    "toBeGreaterThanOrEqual": lambda seen, other: seen >= other,
    "toBeLessThanOrEqual": lambda seen, other: seen <= other,
    "toBeRelevant": lambda seen: seen.relevant,
    "toBeNonRelevant": lambda seen: not seen.relevant,
    "toBeReadonly": lambda seen: seen.scenario.instance.readonly(seen.path),
    "toBeEnabled": lambda seen: not seen.scenario.instance.readonly(seen.path),
    "toHaveAppearance": lambda seen, name: name in _appearances(seen),
    "notToHaveAppearance": lambda seen, name: name not in _appearances(seen),
    "toYieldAppearances": lambda seen, names: _appearances(seen) == sorted(names),
    "toYieldClasses": _classes,
    "toContainChoices": lambda seen, wanted: _offered(seen, wanted, ordered=True),
    "toContainChoicesInAnyOrder": lambda seen, wanted: _offered(seen, wanted, ordered=False),
    "toHaveSerializedSubmissionXML": _xml,
    "toHavePreparedSubmissionXML": _xml,
    "toHaveDeprecatedIDFromSource": _deprecated,
    "toHaveEditedPreloadInstanceID": _edited,
    "toHaveComputedPreloadInstanceID": _computed,
    "toHaveValidityStatus": lambda seen, wanted: (
        wanted == "ok" and not [one for one in seen.scenario.violations(seen.path) if one.kind != "warning"]
    ),
    "toHaveConstraintMessage": lambda seen, text: seen.message("constraint") == text,
    "toHaveRequiredMessage": lambda seen, text: seen.message("required") == text,
    "toHaveValidityMessage": lambda seen, text: (seen.message("required") or seen.message("constraint")) == text,
    "toHaveDefaultRequiredMessage": lambda seen: seen.message("required") == seen.default_message("required"),
}
