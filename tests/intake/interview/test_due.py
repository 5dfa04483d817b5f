"""*Was ansteht* on the work list: found when asked for, by page and state, and again when something came in."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.deadlines import COLUMNS, FILE
from intake.interview.due import PAGE
from intake.interview.worklist import Worklist
from intake.store import Store
from scenario.dated import OTHER, TOWN, dated, put
from scenario.interview import KEY

HERE = "count(instance('austritt')/root/item[person = ${person}]) = 0"
ROWS = f"""{",".join(COLUMNS)}
termin,aufnahme,appointment,${{termin}},,{HERE},30,${{zustaendig}},Termin,Appointment
stelle,stelle,due,${{bis}},,true(),30,'',Stelle endet,Post ends
seit,aufnahme,since,${{zuweisung}},,true(),0,'',Seit der Zuweisung,Since assignment
"""
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / FILE).write_text(ROWS, encoding="utf-8")
    with dated(tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Worklist:
    return worklist(store, tmp_path / FILE)


def worklist(store: Store, file: Path | None, language: str = "de") -> Worklist:
    towns = {TOWN: "Althengstett", OTHER: "Schönhöfen"}
    return Worklist(store, zone=dt.UTC, author="tester", municipalities=towns, deadlines=file, language=language)


def day(days: int) -> str:
    return (TODAY + dt.timedelta(days)).isoformat()


def asked(desk: Worklist, **wanted: object) -> dict[str, Any]:
    return desk.answer({"what": "due", **wanted})


def test_overdue_first_with_case_number_place_and_owner(store: Store, desk: Worklist) -> None:
    first = put(store, "aufnahme", "P-1", termin=day(-3), fallnummer="A/1", zustaendig="S-1")
    put(store, "aufnahme", "P-2", OTHER, termin=day(3))
    assert desk.start()["due"] is True
    said = asked(desk)
    assert (said["state"], said["total"], said["counts"]) == ("overdue", 1, {"overdue": 1, "coming": 1, "since": 0})
    shown = (TODAY - dt.timedelta(3)).strftime("%d.%m.%Y")
    assert said["rows"] == [{
        "case": first, "person": "P-1", "number": "A/1", "place": "Althengstett", "what": "Termin", "warn": False,
        "when": f"überfällig seit {shown}", "owner": "S-1",
    }]  # fmt: skip
    assert [row["place"] for row in asked(desk, state="coming")["rows"]] == ["Schönhöfen"]
    assert sorted(said["cases"].values()) == [[0, 1], [1, 0]]


def test_what_comes_in_is_looked_at_and_nothing_twice(
    store: Store, desk: Worklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intake.interview import due as module

    times: list[int] = []
    kept = module.due
    monkeypatch.setattr(module, "due", lambda *given, **named: times.append(1) or kept(*given, **named))
    put(store, "aufnahme", "P-1", termin=day(3))
    assert asked(desk)["counts"]["coming"] == 1
    assert asked(desk, state="coming")["total"] == 1
    assert len(times) == 1
    put(store, "austritt", "P-1", datum=day(0))
    assert asked(desk)["counts"]["coming"] == 0
    assert len(times) == 2


def test_pages(store: Store, desk: Worklist) -> None:
    for number in range(PAGE + 2):
        put(store, "aufnahme", f"P-{number:03}", termin=day(number))
    assert len(asked(desk)["rows"]) == PAGE
    rest = asked(desk, state="coming", start=PAGE)
    assert ([row["person"] for row in rest["rows"]], rest["total"]) == ([f"P-{PAGE:03}", f"P-{PAGE + 1:03}"], PAGE + 2)
    assert asked(desk, state="Unsinn", start="x")["start"] == 0


def test_what_is_about_nobody_is_named_by_its_number(store: Store, desk: Worklist) -> None:
    post = put(store, "stelle", id="S-9", bis=day(5))
    (row,) = asked(desk)["rows"]
    assert (row["case"], row["person"], row["number"]) == (post, "", "S-9")


def test_without_a_table_nothing_is_shown_and_a_wrong_one_is_said(store: Store, tmp_path: Path) -> None:
    assert worklist(store, None).start()["due"] is False
    assert worklist(store, tmp_path / "fehlt.csv").start()["due"] is False
    (tmp_path / FILE).write_text(ROWS.replace("${termin}", "${termine}"), encoding="utf-8")
    for language, word in (("de", "keine Spalte"), ("en", "no column")):
        said = asked(worklist(store, tmp_path / FILE, language))
        assert said["rows"] == []
        assert word in said["text"][0]


def test_no_table_of_pandas_and_no_converter_is_loaded(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin=day(3))
    store.close()
    code = f"""
import datetime as dt, sys
from pathlib import Path
from intake.interview.worklist import Worklist
from intake.store import open_store
with open_store(Path({str(tmp_path)!r}) / "store.db", key={KEY!r}) as store:
    desk = Worklist(store, zone=dt.UTC, author="x", deadlines=Path({str(tmp_path / FILE)!r}))
    assert desk.answer({{"what": "due"}})["total"] == 1
sys.exit(bool({{"pandas", "pyxform", "numpy"}} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
