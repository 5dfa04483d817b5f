"""What scenarios expect: how the results of calls are looked into, and when they are what they should be."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import canonicalize

from scenario.steps import Answer, Event, Scenario, Spot, UnknownStepError
from validation.markdown import Mark

_UUID = re.compile(r"uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_WHOLE = re.compile(r"(-?\d+)\.0+")
_TYPES: Mapping[str, type] = {"number": float, "bigint": int, "string": str}


class Text:
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


class Outcome:
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


def look(found: Any, name: str) -> Any:
    """A property of what a call gave, by the name it has upstream. UnknownStepError where there is none."""
    if found is None or (isinstance(found, Scenario) and name == "instanceRoot"):
        return found  # upstream writes `?.`
    if isinstance(found, Answer | Spot | Outcome | Text):
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
        return all(_object(look(seen, name), item) for name, item in wanted.items())
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


MATCHERS: Mapping[str, Callable[..., Any]] = {
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
