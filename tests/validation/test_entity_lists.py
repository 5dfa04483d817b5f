"""Lists of entities that are not there: what is read from them is empty, and records are judged as they were made."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import pandas as pd
import pytest

from intake.simulate import fill
from scenario.xforms import NOW, form, inputs, live
from validation import rows, verdicts
from validation.form import Form
from validation.rows import Masks

MARKED = '<instance id="ziel" src="jr://file-csv/ziel.csv" lb:entities="yes"/>'
CHOICE = """<{kind} ref="/data/wahl"><itemset nodeset="instance('ziel')/root/item[stand = 'offen']"><value ref="name"/>
            <label ref="label"/></itemset></{kind}>"""
LIST = "name,label,stand\nz1,Arbeit,offen\nz2,Wohnung,erreicht\n"
Judge = Callable[..., Masks]


def reading(kind: str = "select1", model: str = MARKED) -> Form:
    """A form that chooses a goal, keeps its state at the first look, and asks `warum` only where it was reached."""
    binds = """<bind nodeset="/data/wahl" required="true()"/>
               <bind nodeset="/data/stand" calculate="once(instance('ziel')/root/item[name = 'z2']/stand)"/>
               <bind nodeset="/data/warum" relevant="/data/stand = 'erreicht'" required="true()"/>"""
    return form("<wahl/><stand/><warum/>", model + binds, CHOICE.format(kind=kind) + inputs("warum"))


def judged(judge: Judge, source: Form, **cells: str) -> dict[tuple[str, str], list[bool]]:
    """The verdicts on one record, without the list."""
    frame = pd.DataFrame({"KEY": ["uuid:1"], **{name: [text] for name, text in cells.items()}}, dtype="string")
    found = judge(source, {"test": frame}, zone="Europe/Berlin", default_now=dt.datetime.now(dt.UTC))
    return {pair: mask.tolist() for pair, mask in found.bad.get("test", {}).items()}


def test_what_is_read_of_a_list_that_is_absent_is_empty_and_no_error() -> None:
    record = live(reading())
    assert (record.value("/data/stand"), record.choices("/data/wahl"), record.problems()) == ("", [], [])
    assert not record.relevant("/data/warum")


def test_a_list_of_the_forms_own_entities_needs_no_mark() -> None:
    own = '<meta><entity dataset="ziel" id="" create="1"/></meta>'
    plain = MARKED.replace(' lb:entities="yes"', "")
    assert form(f"<a/>{own}", plain, inputs("a")).entity_lists == {"ziel"}
    assert form("<a/>", plain, inputs("a")).entity_lists == frozenset()


@pytest.mark.parametrize("kind", ["select1", "select"])
def test_any_value_answers_a_question_over_an_absent_list_and_only_there(kind: str) -> None:
    record = live(reading(kind))
    assert record.takes_any_choice("/data/wahl")
    record.answer("/data/wahl", "z9")
    assert record.violations() == []
    there = live(reading(kind), instances={"ziel": LIST})
    assert not there.takes_any_choice("/data/wahl")
    there.answer("/data/wahl", "z9")
    assert [each.kind for each in there.violations() if each.path == "/data/wahl"] == ["type"]
    there.answer("/data/wahl", "z1")
    assert [each.path for each in there.violations()] == ["/data/warum"]


def test_what_a_record_keeps_with_once_stays_when_it_is_opened_without_the_list() -> None:
    record = live(reading(), instances={"ziel.csv": LIST})
    record.answer("/data/wahl", "z1")
    record.answer("/data/warum", "weil")
    again = live(reading(), xml=record.to_xml())
    assert (again.value("/data/stand"), again.value("/data/warum")) == ("erreicht", "weil")
    assert again.violations() == []
    changed = live(reading(), xml=record.to_xml(), instances={"ziel": LIST.replace("erreicht", "offen")})
    assert changed.value("/data/stand") == "erreicht"


@pytest.mark.parametrize("judge", [rows.masks, verdicts.masks])
def test_judges_say_of_a_record_without_the_list_what_was_said_of_it_with_it(judge: Judge) -> None:
    source = reading()
    assert judged(judge, source, wahl="z9", stand="erreicht", warum="weil") == {}
    assert judged(judge, source, wahl="z9", stand="erreicht", warum="") == {("warum", "required"): [True]}
    assert judged(judge, source, wahl="", stand="offen", warum="weil") == {
        ("wahl", "required"): [True], ("warum", "relevant"): [True],
    }  # fmt: skip


def test_a_record_is_made_up_without_the_list() -> None:
    record = fill(reading(), {}, rng=random.Random(1), now=NOW)
    assert record.value("/data/wahl").startswith("E-")
