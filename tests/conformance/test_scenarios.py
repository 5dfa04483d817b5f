from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conformance.cases import Result, Skip
from conformance.scenarios import run

from validation import Instance

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Fundbüro</h:title><model><instance>
 <fund id="fund"><art/><farbe>rot</farbe><stueck jr:template=""><zahl/></stueck><summe/>
 <meta><instanceID/></meta></fund></instance>
 <bind nodeset="/fund/art" required="true()"/><bind nodeset="/fund/farbe" relevant="/fund/art = 'tasche'"/>
 <bind nodeset="/fund/stueck/zahl" type="int" constraint=". &lt; 10" jr:constraintMsg="zu viele"/>
 <bind nodeset="/fund/summe" type="int" calculate="sum(/fund/stueck/zahl)"/></model></h:head>
 <h:body><select1 ref="/fund/art"><label>Art</label><item><label>Tasche</label><value>tasche</value></item>
 <item><label>Schirm</label><value>schirm</value></item></select1><input ref="/fund/farbe"><label>Farbe</label></input>
 <group ref="/fund/stueck"><repeat nodeset="/fund/stueck"><input ref="/fund/stueck/zahl"/></repeat></group>
 </h:body></h:html>"""


def call(number: int, name: str, *args: Any) -> dict[str, Any]:
    return {"id": number, "call": name, "args": list(args)}


def expect(seen: str, matcher: str, *args: Any, negated: bool = False) -> dict[str, Any]:
    return {"expect": {"$": seen}, "matcher": matcher, "not": negated, "args": list(args)}


START = call(1, "Scenario.init", "Fundbüro", {"xml": FORM})
SCENARIOS: dict[str, list[dict[str, Any]]] = {
    "answers": [
        START,
        call(2, "#1.answer", "/fund/art", "tasche"),
        call(3, "#1.answerOf", "/fund/farbe"),
        call(4, "stringAnswer", "rot"),
        expect("#3", "toEqualAnswer", {"$": "#4"}),
    ],
    "the way": [
        START,
        call(2, "#1.next", "/fund/art"),
        call(3, "#1.answer", "tasche"),
        call(4, "#1.next", "/fund/farbe"),
        call(5, "#1.next", "/fund/stueck"),
        call(6, "#1.createNewRepeat", {"assertCurrentReference": "/fund/stueck"}),
        call(7, "#1.next", "/fund/stueck[1]/zahl"),
        call(8, "#1.answer", 7),
        call(9, "#1.answerOf", "/fund/summe"),
        call(10, "intAnswer", 7),
        expect("#9", "toEqualAnswer", {"$": "#10"}),
        call(11, "#1.countRepeatInstancesOf", "/fund/stueck"),
        expect("#11", "toBe", 1),
    ],
    "choices": [
        START,
        call(2, "#1.choicesOf", "/fund/art"),
        call(3, "choice", "schirm", "Schirm"),
        call(4, "choice", "tasche"),
        expect("#2", "toContainChoicesInAnyOrder", [{"$": "#3"}, {"$": "#4"}]),
    ],
    "wrong answers": [
        START,
        call(2, "#1.createNewRepeat", "/fund/stueck"),
        call(3, "#1.answer", "/fund/stueck[1]/zahl", 12),
        expect("#3", "toHaveConstraintMessage", "zu viele"),
        call(4, "#1.answer", "/fund/stueck[1]/zahl", "zwölf"),
        expect("#4.stringValue", "toBe", ""),
        expect("#4.value", "toBeNull"),
        expect("#4", "toHaveValidityStatus", {"$": "AnswerResult.OK"}, negated=True),
    ],
    "relevance": [
        START,
        call(2, "#1.getInstanceNode", "/fund/farbe"),
        expect("#2", "toBeNonRelevant"),
        call(3, "#1.answer", "/fund/art", "tasche"),
        expect("#2", "toBeRelevant"),
    ],
    "editing": [
        START,
        call(2, "#1.answer", "/fund/art", "schirm"),
        call(3, "#1.editCurrentInstance"),
        call(4, "#3.answerOf", "/fund/art"),
        expect("#4", "toEqualAnswer", {"$": "#2"}),
        expect(
            "#3",
            "toHaveDeprecatedIDFromSource",
            {"sourceScenario": {"$": "#1"}, "metaNamespaceURI": "http://www.w3.org/2002/xforms"},
        ),
    ],
    "a form that is refused": [
        call(1, "Scenario.init", "Fundbüro", {"xml": FORM.replace("sum(", "no-such-function(")}),
        {"expect": None, "matcher": "toBeInstanceOf", "not": False, "args": [{"fn": True}]},
    ],
}


def cases(scenarios: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for name, steps in scenarios.items():
        yield {"source": "own/test/fund.test.ts", "test": name, "steps": steps, "usable": True}


def states(scenarios: dict[str, list[dict[str, Any]]], **more: Any) -> list[Result]:
    return list(run(cases(scenarios), [], "scenarios", Path(), **more))


def test_right_scenarios_pass() -> None:
    assert {result.name: result.detail for result in states(SCENARIOS) if result.state != "passed"} == {}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_whose_last_expectation_is_turned_round_fails(name: str) -> None:
    steps = SCENARIOS[name]
    last = steps[-1]
    if last["expect"] is None:
        turned: list[dict[str, Any]] = [START, last]
    else:
        turned = [*steps[:-1], {**last, "not": not last["not"]}]
    assert [result.state for result in states({name: turned})] == ["failed"]


class Mute(Instance):
    """An instance that never has a value, a choice or anything wrong."""

    def value(self, path: str) -> str:  # noqa: ARG002
        return ""

    def choices(self, path: str, language: str | None = None) -> list[tuple[str, str]]:  # noqa: ARG002
        return []

    def violations(self, language: str | None = None) -> list[Any]:  # noqa: ARG002
        return []


def test_an_instance_that_says_nothing_passes_nothing_that_asks_for_something() -> None:
    asking = {name: SCENARIOS[name] for name in ("answers", "the way", "choices", "wrong answers")}
    assert {result.state for result in states(asking, open_instance=Mute)} == {"failed"}


@pytest.mark.parametrize(
    "step", [call(2, "#1.dance"), call(2, "waltz"), expect("#1", "toBeGreen"), call(2, "#1.next", "/fund/farbe")]
)
def test_an_unknown_or_impossible_step_fails(step: dict[str, Any]) -> None:
    assert [result.state for result in states({"x": [START, step]})] == ["failed"]


def test_a_refusal_nobody_awaits_fails() -> None:
    refused = SCENARIOS["a form that is refused"][:1]
    assert [result.state for result in states({"x": refused})] == ["failed"]


def test_only_usable_scenarios_run_and_skips_are_named() -> None:
    found = [{**case, "usable": case["test"] != "editing"} for case in cases(SCENARIOS)]
    results = list(run(iter(found), [Skip("scenarios", r"fund \| relevance", "why")], "scenarios", Path()))
    assert len(results) == len(SCENARIOS) - 1
    assert [result.detail for result in results if result.state == "skipped"] == ["why"]
