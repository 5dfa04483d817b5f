"""A second person of a household: only what is shared comes along, under a pseudonym of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from intake.how import how_of
from intake.interview.worklist import Worklist
from intake.store import Store
from intake.store.restriction import restrict
from scenario.cases import answer, send
from scenario.followed import TEXT
from scenario.interview import Talk, store
from validation.errors import StoreError

HEAD = {
    "gemeinde": "08235007", "person": "P-000001", "fallnummer": "A/1", "deutsch": "b1", "telefon": "07051 4711",
    "wohnt": "Calw", "einreise": "2015", "wohl": "3",
}  # fmt: skip
CHILDREN = """
| | begin_group | kinder | Kinder | Children | الأطفال | | | ${wohnt} != '' | | | | | |
| | begin_repeat | kind | Kind | Child | طفل | | | | | | | | |
| | text | vorname | Vorname | First name | الاسم | yes | | | | identity | carry | | |
| | begin_repeat | geschenk | Geschenk | Present | هدية | | | | | | | | |
| | text | wunsch | Wunsch | Wish | أمنية | | | | | general | carry | | |
| | end_repeat | | | | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | |
"""
"""Children are asked for because of an answer that a household shares."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path, TEXT) as made:
        yield made


def head(work: Worklist) -> str:
    """The case of a first person."""
    session = work.begin("fortschreibung")
    answer(session, **HEAD)
    assert send(session, "submit")["type"] == "submitted"
    return str(work.start()["cases"]["rows"][0]["key"])


def work_list(opened: Store) -> Worklist:
    return Worklist(opened, zone=UTC, author="tester", form_id="fortschreibung")


def test_what_a_household_shares_is_there_already_marked_and_nothing_else_is(opened: Store) -> None:
    work = work_list(opened)
    case = head(work)
    assert work.answer({"what": "case", "case": case})["household"] is True
    draft = work.answer({"what": "household", "case": case})["draft"]
    talk = Talk(work_list(opened).resume(draft))  # another program: what is marked is in the journal
    given = {path.rsplit("/", 1)[-1]: value for path, value in talk.session.answers.items()}
    person = given.pop("person")
    assert given == {"gemeinde": "08235007", "telefon": "07051 4711", "wohnt": "Calw", "einreise": "2015"}
    assert person != "P-000001"
    assert talk["person"]["problems"] == []
    for name in ("telefon", "wohnt", "einreise"):
        assert talk[name]["last"] == {"mode": "household", "state": "same", "text": [], "on": "", "how": ""}
    assert "last" not in talk["deutsch"]
    talk.send("undo")
    assert talk["wohnt"]["value"] == "Calw"
    talk.answer("wohnt", "Nagold")
    assert "last" not in talk["wohnt"]


@pytest.mark.parametrize(("shared", "taken"), [("", []), ("household", ["Mila"])])
def test_a_list_asked_for_because_of_what_was_taken_over_begins_without_an_empty_entry(
    tmp_path: Path, shared: str, taken: list[str]
) -> None:
    goals = "| | begin_group | ziele |"
    asked = CHILDREN.strip().replace("identity | carry | |", f"identity | carry | {shared} |")
    with store(tmp_path, TEXT.replace(goals, f"{asked}\n{goals}")) as made:
        work = work_list(made)
        first = work.begin("fortschreibung")
        answer(first, **HEAD)
        first.course.take("child", {"op": "answer", "path": "/data/kinder/kind/vorname", "value": "Mila"}, work.now())
        assert send(first, "submit")["type"] == "submitted"
        draft = work.begin_household(str(work.start()["cases"]["rows"][0]["key"]))
        second = work_list(made).resume(draft)
        children = second.instance.entries("/data/kinder/kind")
        assert [second.instance.value(f"{each}/vorname") for each in children] == taken
        assert len(second.instance.entries("/data/ziele/ziel")) == 1  # asked of everybody
        if not taken:
            answer(second, deutsch="a2")
            assert send(second, "submit")["type"] == "submitted"


def test_it_becomes_a_case_of_its_own_that_says_nothing_of_the_first(opened: Store) -> None:
    work = work_list(opened)
    draft = work.begin_household(head(work))
    session = work.resume(draft)
    person = session.instance.value("/data/kopf/person")
    answer(session, fallnummer="A/2", deutsch="a2")
    assert send(session, "submit")["type"] == "submitted"
    second = opened.submissions("fortschreibung")
    record = next(each for each in second if each.subject == person).record
    assert how_of(record, session.form) == {}
    assert "P-000001" not in str(record)
    assert sorted(row["person"] for row in work.start()["cases"]["rows"]) == sorted(["P-000001", person])


def test_taking_over_is_written_down_as_opening_the_first_ones_record(opened: Store) -> None:
    case = head(work_list(opened))
    before = len(opened.events(kinds=["access"]))
    work_list(opened).begin_household(case)
    (seen,) = opened.events(kinds=["access"])[before:]
    assert (seen.about, seen.subject) == ("interview", opened.subject_of("P-000001"))


def test_where_processing_is_restricted_or_nothing_is_shared_it_is_not_offered(opened: Store, tmp_path: Path) -> None:
    work = work_list(opened)
    case = head(work)
    restrict(opened, "P-000001", reason="Widerspruch")
    assert work.answer({"what": "case", "case": case})["household"] is False
    with pytest.raises(StoreError):
        work.begin_household(case)
    with pytest.raises(StoreError):
        work.begin_household("nobody")
    assert opened.journal.drafts() == []
    (tmp_path / "other").mkdir()
    with store(tmp_path / "other", TEXT.replace("| household |", "| |")) as other:
        plain = work_list(other)
        assert plain.answer({"what": "case", "case": head(plain)})["household"] is False
