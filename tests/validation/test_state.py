"""The live nodes below an instance: scheduling, circles, entries, finding nodes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario.xforms import NOW, form, inputs, live
from validation.form import Form
from validation.records import new_record
from validation.state import ROUNDS, State, whole

REPEAT = '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>'


def state(read: Form) -> State:
    return State(read, new_record(read), now=NOW, language=None, instances={}, random=random.Random(1))


@pytest.mark.parametrize(
    ("text", "cut"),
    [("2.9", "2"), ("-2.9", "-2"), ("2", "2"), ("0.0", "0"), ("x", "x"), ("", ""), ("1.5.5", "1.5.5"), ("NaN", "NaN")],
)
def test_1_a_whole_number_is_cut_not_rounded(text: str, cut: str) -> None:
    assert whole(text) == cut


@pytest.mark.parametrize(
    "path",
    ["", "/", "/data/none", "/data/a[0]", "/data/a[2]", "/data/a[x]", "/data/[1]", "/other/a", "data//a", "/data/@x"],
)  # fmt: skip
def test_2_a_path_to_nothing_finds_nothing(path: str) -> None:
    found = state(form("<a/>", "", inputs("a"))).locate(path)
    assert found is None


@given(st.text(max_size=30))
def test_3_any_text_is_a_path_or_none(path: str) -> None:
    opened = state(form("<a/>", "", inputs("a")))
    found = opened.locate(path)
    assert found is None or found in opened.nodesets


def test_4_nothing_is_scheduled_for_a_text_that_was_there() -> None:
    opened = state(form("<a>1</a><b/>", '<bind nodeset="/data/b" calculate="/data/a"/>', inputs("a")))
    opened.schedule_all()
    opened.settle()
    node = opened.locate("/data/a")
    assert node is not None
    assert not opened.set_text(node, "1")
    assert opened.touched.keys() == {opened.locate("/data/b")}
    assert opened.set_text(node, "2")


def test_5_a_circle_of_relevances_that_never_settles_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """a is relevant where c is not, b where a is not, c where b is not: no state satisfies all three."""
    evaluated = []
    whole_evaluation = State.evaluate
    monkeypatch.setattr(State, "evaluate", lambda *args, **kw: evaluated.append(1) or whole_evaluation(*args, **kw))
    opened = state(
        form(
            "<a>1</a><b>1</b><c>1</c>",
            """<bind nodeset="/data/a" relevant="/data/c = ''"/><bind nodeset="/data/b" relevant="/data/a = ''"/>
               <bind nodeset="/data/c" relevant="/data/b = ''"/>""",
            inputs("a", "b", "c"),
        )
    )
    opened.schedule_all()
    opened.settle()
    assert ROUNDS < len(evaluated) <= 3 * (ROUNDS + 1)


def test_6_an_entry_that_was_taken_away_is_not_computed_any_more() -> None:
    opened = state(form("<r><a/></r>", '<bind nodeset="/data/r/a" calculate="position(..)"/>', REPEAT))
    opened.schedule_all()
    entry = opened.locate("/data/r[1]")
    assert entry is not None
    opened.remove_entry(entry)
    opened.settle()
    assert opened.locate("/data/r[1]") is None
    assert entry not in opened.nodesets
    assert entry.string_value() == ""


def test_7_ids_of_entries_are_never_used_twice() -> None:
    opened = state(form("<r><a/></r>", "", REPEAT))
    parent = opened.locate("/data")
    assert parent is not None
    seen = {opened.entries(parent, "/data/r")[0].entry}
    for _ in range(5):
        entry = opened.add_entry(parent, "/data/r")
        assert entry.entry not in seen
        seen.add(entry.entry)
        opened.remove_entry(entry)


def test_7a_a_foreign_record_may_hold_a_question_twice() -> None:
    read = form("<a/><b/>", '<bind nodeset="/data/b" calculate="sum(/data/a)"/>', inputs("a"))
    record = live(read, xml="<data><a>1</a><a>2</a></data>")
    assert (record.value("/data/b"), record.value("/data/a[2]")) == ("3", "2")
    record.answer("/data/a[2]", "5")
    assert record.changed() == ["/data/a[2]", "/data/b"]


def test_8_names_with_a_prefix_and_attributes_are_found() -> None:
    opened = state(form("<orx:m x='1'><orx:i>2</orx:i></orx:m>"))
    found = opened.locate("/data/orx:m/orx:i")
    assert found is not None
    assert found.value == "2"
    attribute = opened.locate("/data/orx:m/@x")
    assert attribute is not None
    assert opened.nodesets[attribute] == "/data/orx:m/@x"


def test_a_repeat_whose_relevance_cannot_be_computed_is_offered() -> None:
    read = form(
        "<r jr:template=''><a/></r>",
        """<bind nodeset="/data/r" relevant="digest('x', 'y') = 'z'"/>""",
        REPEAT,
    )
    found = state(read)
    top = found.locate("/data")
    assert top is not None
    assert found.repeat_relevant(top, "/data/r") is True
    top.relevant = False
    assert found.repeat_relevant(top, "/data/r") is False
