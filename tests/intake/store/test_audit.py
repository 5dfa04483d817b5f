"""Who saw what: a line for each person opened, before anything is shown, and no counting of people who work here."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.interview.session import Session
from intake.store import Store, open_store
from intake.store.audit import Witness, log, told
from intake.study import shipped
from intake.tables import tables
from intake.xlsform import read_xlsform
from scenario.cases import answer, desk, office, person, send
from scenario.stores import KEY, START, Clock, Opener, divided, published, submission
from validation.errors import StoreBusy
from validation.xform import read_form

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"author|actor|zustaendig|login\.(id|name)", re.IGNORECASE)


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        opened.publish(published())
        opened.append(submission(1))
        opened.append(submission(2, subject="P-2"))
        yield opened


def accesses(store: Store) -> list[tuple[str, str]]:
    return [(each.subject, each.about) for each in store.events(kinds=["access"])]


def test_a_person_is_one_line_a_session_and_nobody_is_none(store: Store) -> None:
    witness = Witness(store)
    for _ in range(3):
        witness.saw("P-2", "interview", municipality="08235007")
    witness.saw("", "interview")
    witness.saw("P-nobody", "interview")
    subject = store.subject_of("P-2")
    assert subject
    assert accesses(store) == [(subject, "interview")]
    witness.saw("P-2", "paper", municipality="08235007")
    Witness(store).saw("P-2", "interview", municipality="08235007")
    assert [about for _, about in accesses(store)] == ["interview", "paper", "interview"]
    with pytest.raises(ValueError, match="interview"):
        witness.saw("P-2", "everything")
    assert store.verify() == []


def test_the_log_tells_of_a_person_and_of_a_day(store: Store, clock: Clock) -> None:
    witness = Witness(store)
    witness.saw("P-000001", "interview", municipality="08235007")
    clock.move(days=2)
    witness.saw("P-2", "disclosure", municipality="08235007")
    store.note("access", about="tables probe")
    assert [each.view for each in log(store)] == ["interview", "disclosure", "tables"]
    assert [each.view for each in log(store, person="P-2")] == ["disclosure", "tables"]  # tables hold everybody
    assert [each.view for each in log(store, since=START.date() + timedelta(days=1))] == ["disclosure", "tables"]
    assert log(store, person="P-nobody") == log(store, since=date(2030, 1, 1)) == []
    line = log(store, person="P-2")[0]
    assert line.actor == store.login.name
    assert line.subject == store.subject_of("P-2")
    assert "P-2" not in str(told(line))


def test_special_answers_of_everybody_are_one_line_for_those_who_open_them(tmp_path: Path) -> None:
    special, plain = read_form(divided().xform), read_form(divided(kind="general").xform)
    with open_store(tmp_path / "store.db", key=KEY, create=True) as store:
        witness = Witness(store)
        witness.saw_tables([plain])
        assert accesses(store) == []
        Witness(store).saw_tables([plain, special])  # an earlier version had them
        for _ in range(2):
            witness.saw_tables([special])
        assert [about for _, about in accesses(store)] == ["tables divided"]


def opened_again(store: Store) -> tuple[object, Session]:
    here = desk(store)
    person(here, 1, alter="30")
    assert accesses(store) == []  # who enters it knows it
    here = desk(store)
    return here, here.resume(here.revise(store.entries()[0].submission, "typo"))


def test_opening_a_record_in_the_interview_is_a_line_and_what_is_done_in_it_is_none(tmp_path: Path) -> None:
    with office(tmp_path) as store:
        here, session = opened_again(store)
        subject = store.subject_of("P-000001")
        assert accesses(store) == [(subject, "interview")]
        answer(session, alter="31")
        assert session.draft is not None
        here.resume(session.draft.id)  # type: ignore[attr-defined]
        assert send(session, "submit")["type"] == "submitted"
        assert accesses(store) == [(subject, "interview")]
        assert store.events(kinds=["access"])[0].municipality == "08235007"


def test_nothing_is_shown_without_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path) as store:
        here = desk(store)
        person(here, 1)
        draft = here.revise(store.entries()[0].submission, "typo")

        def busy(*_: object, **__: object) -> None:
            raise StoreBusy("store.busy", path="store.db")

        monkeypatch.setattr(type(store), "note", busy)
        with pytest.raises(StoreBusy):
            here.resume(draft)


# --- no statistic per manager


def test_no_table_has_a_column_of_who_entered_it() -> None:
    for path in sorted((shipped() / "forms").glob("*.md")):
        form = read_xlsform(path)
        for name, frame in tables(form, []).items():
            asked = {nodeset.rsplit("/", 1)[-1] for nodeset in form.binds}
            ours = [column for column in frame.columns if column.rsplit("-", 1)[-1] not in asked]
            assert not [each for each in ours if NAMED.search(each)], (path.name, name)


def test_no_indicator_counts_by_who_did_it() -> None:
    with (shipped() / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = [cell for row in csv.DictReader(file) for cell in row.values() if cell]
    assert rows
    assert [cell for cell in rows if re.search(r"\b(author|actor|login|zustaendig|durch_wen)\b", cell)] == []


GROUPING = {"groupby", "value_counts", "pivot_table", "crosstab", "Counter", "nunique"}


def grouped_by_person(source: str) -> list[int]:
    """The lines on which something is grouped or counted by who did it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in GROUPING and NAMED.search(ast.unparse(node)):
            found.append(node.lineno)
    return found


def test_no_code_groups_by_who_did_it() -> None:
    sources = [path for package in ("intake", "reports", "validation") for path in (ROOT / package).rglob("*.py")]
    assert len(sources) > 100
    assert {
        str(path): lines for path in sources if (lines := grouped_by_person(path.read_text(encoding="utf-8")))
    } == {}
    assert grouped_by_person("Counter(each.author for each in found)\nframe.groupby('actor')") == [1, 2]


def test_no_sql_groups_by_who_did_it() -> None:
    found = [
        str(path)
        for suffix in ("sql", "py")
        for path in (ROOT / "intake" / "store").rglob(f"*.{suffix}")
        if re.search(r"GROUP BY[^;)\n]*\b(actor|author|login)\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []
