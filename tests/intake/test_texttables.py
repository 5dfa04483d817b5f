"""The tables of a store as texts: named as everywhere, read without pandas, entities among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.deadlines import due, read_deadlines
from intake.publishing import publish
from intake.store import Store
from intake.tables import tables as typed
from intake.texttables import About, TextTables, read_choices
from scenario.dated import NOW, OTHER, PLAN, TOWN, dated, forms_of, hold, put
from scenario.interview import workbook
from validation.errors import StudyError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with dated(tmp_path) as opened:
        publish(opened, workbook(tmp_path, PLAN, "plan.md"))
        yield opened


def tables(store: Store) -> TextTables:
    return TextTables(store, forms_of(store), zone=dt.UTC, lists={"farbe": [{"name": "rot", "warm": "ja"}]})


def test_tables_and_columns_are_called_as_everywhere(store: Store) -> None:
    goals = ({"faellig": "2026-02-01", "stand": "a"}, {"faellig": "2026-03-01"})
    put(store, "aufnahme", "P-1", goals=goals, fallnummer="A/1", gemeinde=TOWN, name="Layla")
    made = tables(store)
    frames = typed(forms_of(store)(store.forms()[0].hash), store.submissions("aufnahme"))
    for name, frame in frames.items():
        assert made.has(name)
        assert made.columns(name) == set(frame.columns) - {"name"}, "who somebody is, is no column"
        assert made.texts(name, "KEY") == list(frame["KEY"])
        assert made.count(name) == len(frame)
    assert made.texts("aufnahme-ziel", "PARENT_KEY") == list(frames["aufnahme-ziel"]["PARENT_KEY"])
    assert made.texts("aufnahme-ziel", "stand") == ["a", ""]


def test_rows_know_whose_they_are(store: Store) -> None:
    key = put(store, "aufnahme", "P-1", goals=({"stand": "a"},), fallnummer="A/1")
    post = put(store, "stelle", town=OTHER, id="S-1")
    made = tables(store)
    assert made.about("aufnahme-ziel") == [About(f"{key}/ziel[1]", "P-1", TOWN, "A/1")]
    assert made.about("stelle") == [About(post, "", OTHER, "S-1")]
    assert made.numbers() == {"P-1": "A/1"}


def test_a_dataset_is_a_table_of_what_its_entities_are_now(store: Store) -> None:
    hold(store, "plan", gemeinde=TOWN, person="P-1", fallnummer="A/1", termin="2026-03-09", telefon="1",
         ziel__1__was="B1", ziel__1__faellig="2026-03-05")  # fmt: skip
    hold(store, "plan", NOW + dt.timedelta(days=1), gemeinde=TOWN, person="P-1", termin="2026-03-30", ziel__1__was="C")
    made = tables(store)
    assert made.has("person")
    assert made.texts("person", "name") == ["P-1"]
    assert made.texts("person", "termin") == ["2026-03-30"]
    assert (made.texts("person", "_since"), made.texts("person", "_changed")) == (["2026-03-02"], ["2026-03-03"])
    assert made.texts("ziel", "person") == ["P-1", "P-1"]
    assert {(each.person, each.municipality) for each in made.about("ziel")} == {("P-1", TOWN)}
    assert "telefon" not in made.columns("person"), "who somebody is, is no column"
    assert [made.sensitivity("person", name) for name in ("termin", "klinik")] == ["general", "special"]
    assert made.columns("ziel") == {"name", "label", "_since", "_changed", "person", "was", "faellig"}


def test_deadlines_stand_on_datasets_and_a_property_nobody_declares_is_refused(store: Store, tmp_path: Path) -> None:
    hold(store, "plan", gemeinde=TOWN, person="P-1", fallnummer="A/1", zustaendig="S-1", ziel__1__was="B1",
         ziel__1__faellig="2026-03-05")  # fmt: skip
    head = "name,table,kind,day,after,open,lead_days,owner,message_de,message_en"
    owner = "instance('person')/root/item[name = ${person}]/zustaendig"
    for column in ("faellig", "fallig"):
        text = f"{head}\nziel,ziel,due,${{{column}}},,true(),30,{owner},Ziel,Goal\n"
        (tmp_path / "deadlines.csv").write_text(text, encoding="utf-8")
        rows = read_deadlines(tmp_path / "deadlines.csv")
        if column == "faellig":
            (found,) = due(rows, tables(store), now=NOW)
            assert (found.person, found.owner, found.municipality, found.number) == ("P-1", "S-1", TOWN, "A/1")
        else:
            with pytest.raises(StudyError, match="fallig"):
                due(rows, tables(store), now=NOW)


def test_choice_lists_with_all_their_columns(store: Store, tmp_path: Path) -> None:
    made = tables(store)
    assert made.has("farbe")
    assert made.texts("farbe", "warm") == ["ja"]
    assert made.about("farbe") == []
    assert not made.has("gibtesnicht")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "zahl.csv").write_text("name,wert\neins,1\n", encoding="utf-8")
    assert read_choices(tmp_path) == {"zahl": [{"name": "eins", "wert": "1"}]}
    (tmp_path / "lists" / "zahl.csv").write_bytes(b"name\n\xff\n")
    with pytest.raises(StudyError, match=r"zahl\.csv"):
        read_choices(tmp_path)
