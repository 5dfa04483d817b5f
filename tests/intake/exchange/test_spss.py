from __future__ import annotations

import csv
import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from intake.exchange import spss
from intake.exchange.extract import Note, extract_submissions
from intake.exchange.spss import DTA, SAV, Program, write
from intake.how import with_how
from intake.submission import Submission
from scenario import told
from scenario.exchanged import FULL, MISSING, TEXT, answered, form, sent
from validation.errors import UsageError
from validation.form import Form

READERS = {SAV: pyreadstat.read_sav, DTA: pyreadstat.read_dta}
REASON_CODES = {SAV: {"unknown": -99, "refused": -98}, DTA: {"unknown": "a", "refused": "b"}}


def written(
    folder: Path, program: Program, *submissions: Submission, source: Form | None = None, split: bool = False,
    language: str = "de",
) -> tuple[Any, Any, list[Note]]:  # fmt: skip
    """The root table read again with its metadata, and the notes."""
    take = extract_submissions(source or form(), submissions)
    paths, notes = write(take, program, folder, language=language, split=split)
    assert [path.name for path in paths[:2]] == [f"probe{program.ending}", "probe.variables.csv"]
    frame, told = READERS[program](paths[0], user_missing=True)
    return frame, told, notes


@pytest.mark.parametrize("program", [SAV, DTA])
def test_answers_are_numbers_days_and_texts_with_labels(program: Program, tmp_path: Path) -> None:
    frame, told, notes = written(tmp_path, program, sent(1, FULL), sent(2, {}))
    first = frame.iloc[0]
    assert (first["alter"], first["vzae"], first["geboren"]) == (7, 0.75, dt.date(1980, 2, 29))
    assert first["wann"] == dt.datetime(2026, 5, 4, 10, 0)  # noqa: DTZ001 - these programs know no zones
    assert (first["name"], first["notiz"], first["sprachen"]) == ("Ayşe 🏠\nZeile", "=1+1", "ar de")
    assert told.variable_value_labels["wohnen"][first["wohnen"]] == "Unterkunft"
    assert told.column_names_to_labels["wohnen"] == "Wohnen"
    assert frame.iloc[1][["alter", "wohnen", "geboren"]].isna().all()
    assert [note.code for note in notes] == []


@pytest.mark.parametrize("program", [SAV, DTA])
def test_reasons_are_missing_values_with_labels(program: Program, tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, program, sent(1, FULL), sent(2, MISSING))
    codes = REASON_CODES[program]
    assert (frame["alter"][1], frame["wohnen"][1]) == (codes["refused"], codes["refused"])
    assert told.variable_value_labels["alter"][codes["refused"]] == "keine Angabe"
    assert not {"alter__missing", "wohnen__missing"} & set(frame)
    assert told.variable_value_labels["geboren__missing"][frame["geboren__missing"][1]] == "weiß nicht"
    if program is SAV:
        assert told.missing_ranges["alter"] == [{"lo": -99.0, "hi": -96.0}]
        plain, _ = pyreadstat.read_sav(tmp_path / "probe.sav")
        assert plain["alter"].isna().tolist() == [False, True]
    else:
        assert told.missing_user_values["alter"] == ["b"]


@pytest.mark.parametrize("program", [SAV, DTA])
def test_how_an_answer_came_about_is_a_number_with_labels(program: Program, tmp_path: Path) -> None:
    (first, *others) = told.lives(3)
    said = [replace(first, record=with_how(first.record, {"/data/alter": "corrected"}, told.form())), *others]
    paths, _ = write(extract_submissions(told.form(), said), program, tmp_path)
    frame, meta = READERS[program](paths[0])
    assert first.record["/data/alter"]
    assert frame["alter__how_2"].fillna(0).tolist() == [3, *([0] * len(others))]
    assert list(meta.variable_value_labels["alter__how_2"].values()) == ["bestätigt", "geändert", "berichtigt", "neu"]
    assert meta.column_names_to_labels["alter__how_2"] == "Alter – wie die Antwort zustande kam"
    assert frame["wohnung__entity"].tolist() == [each.record["/data/wohnung/meta/entity/@id"] for each in said]


def test_an_answer_that_looks_like_a_missing_value_moves_them(tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, SAV, sent(1, answered(alter="-98")), sent(2, MISSING))
    assert frame["alter"].tolist() == [-98, -998]
    assert told.missing_ranges["alter"] == [{"lo": -999.0, "hi": -996.0}]


@pytest.mark.parametrize("program", [SAV, DTA])
def test_where_a_row_has_both_the_reason_keeps_its_variable(program: Program, tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, program, sent(1, answered(alter="5", alter__missing="refused")))
    assert frame["alter"].tolist() == [5]
    assert told.variable_value_labels["alter__missing"][frame["alter__missing"][0]] == "keine Angabe"


def test_a_reason_that_is_none_keeps_its_variable(tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, SAV, sent(1, answered(alter__missing="vergessen")))
    assert told.variable_value_labels["alter__missing"][frame["alter__missing"][0]] == "vergessen"


def test_choices_that_are_numbers_stay_these_numbers(tmp_path: Path) -> None:
    numbered = form(TEXT.replace("| wg |", "| 10 |").replace("| gu |", "| 20 |").replace("| klinik |", "| 30 |"))
    frame, told, _ = written(tmp_path, SAV, sent(1, answered(wohnen="20")), source=numbered)
    assert frame["wohnen"].tolist() == [20]
    assert told.variable_value_labels["wohnen"][30] == "Klinik"


def test_a_value_in_no_list_comes_after_the_others(tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, SAV, sent(1, answered(wohnen="zelt")), sent(2, answered(wohnen="wg")))
    assert frame["wohnen"].tolist() == [4, 1]
    assert told.variable_value_labels["wohnen"][4] == "zelt"


def test_a_column_with_an_ill_typed_text_is_text(tmp_path: Path) -> None:
    frame, _, _ = written(tmp_path, SAV, sent(1, answered(alter="alt")), sent(2, MISSING))
    assert frame["alter"].tolist() == ["alt", ""]
    assert "alter__missing" in frame


@pytest.mark.parametrize("program", [SAV, DTA])
def test_choices_are_split_on_demand(program: Program, tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, program, sent(1, answered(sprachen="ar")), sent(2, {}), split=True)
    assert (frame["sprachen_ar"][0], frame["sprachen_de"][0]) == (1, 0)
    assert frame["sprachen_ar"].isna().tolist() == [False, True]
    assert told.column_names_to_labels["sprachen_ar"] == "Sprachen: Arabisch"


def test_labels_stand_in_any_language(tmp_path: Path) -> None:
    _, told, _ = written(tmp_path, SAV, sent(1, FULL), language="ar")
    assert told.column_names_to_labels["wohnen"] == "سكن"
    assert "ملجأ" in told.variable_value_labels["wohnen"].values()


@pytest.mark.parametrize("program", [SAV, DTA])
def test_names_are_what_the_program_takes_and_each_once(program: Program, tmp_path: Path) -> None:
    long = "x" * 70
    strange = TEXT
    for old, new in (("name", "größe"), ("notiz", "with"), ("vzae", "_v"), ("uhr", long), ("bild", f"{long}2")):
        strange = strange.replace(f" {old} | {old.capitalize() if old not in ('vzae',) else 'VZÄ'} |", f" {new} | X |")
    frame, _, notes = written(tmp_path, program, sent(1, FULL), source=form(strange))
    names = list(frame)
    assert {"groesse", "with_", "v_v", "KEY", "v_version"} <= set(names)
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= program.names
    assert [note.code for note in notes].count("export.name_cut") == 2


def test_what_is_too_long_is_cut_between_letters_and_told(tmp_path: Path) -> None:
    text = "ü" * 20_000
    frame, _, notes = written(tmp_path, SAV, sent(1, answered(notiz=text)), sent(2, answered(name="a  ")))
    assert frame["notiz"][0] == "ü" * (32_767 // 2)
    told = {note.code: note for note in notes}
    assert told["export.text_cut"].fields == {"table": "probe", "variable": "notiz", "count": "1"}
    assert told["export.blanks_cut"].fields["variable"] == "name"
    assert text[:5] not in told["export.text_cut"].text()
    frame, _, notes = written(tmp_path, DTA, sent(1, answered(notiz=text, name="a  ")))
    assert (frame["notiz"][0], frame["name"][0], notes) == (text, "a  ", [])


@pytest.mark.parametrize(("program", "most"), [(SAV, 256), (DTA, 80)])
def test_long_labels_are_cut_told_and_kept_beside(program: Program, most: int, tmp_path: Path) -> None:
    label = "Ein sehr langer Fragetext " * 12
    worded = form(TEXT.replace("| Wohnen |", f"| {label.strip()} |"))
    _, told, notes = written(tmp_path, program, sent(1, FULL), source=worded)
    assert told.column_names_to_labels["wohnen"] == label[:most]
    assert "export.labels_cut" in [note.code for note in notes]
    with (tmp_path / "probe.variables.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["column"] == "wohnen"]
    assert rows[0]["label"] == label.strip()
    assert {row["value"] for row in rows[1:]} >= {"wg", "gu", "klinik", "refused"}


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(UsageError, match=r"lotsenbuch\[spss\]"):
        spss.write(extract_submissions(form(), []), SAV, tmp_path)


@pytest.mark.parametrize("program", [SAV, DTA])
def test_a_form_without_records_has_its_variables(program: Program, tmp_path: Path) -> None:
    frame, _, _ = written(tmp_path, program)
    assert len(frame) == 0
    assert "wohnen" in frame


@pytest.mark.parametrize("program", [SAV, DTA])
def test_a_date_that_nobody_answered_is_a_date_still(program: Program, tmp_path: Path) -> None:
    frame, told, _ = written(tmp_path, program, sent(1, {}))
    assert frame["geboren"].isna().tolist() == [True]
    assert told.original_variable_types["geboren"].upper().startswith(("DATETIME", "%T"))


def test_value_labels_of_stata_are_those_of_their_variable(tmp_path: Path) -> None:
    """pyreadstat names a set after variable and place: `a` in place 11 would take the labels of `a1` in place 1."""
    rows = "".join(f"| | select_one {'wohnen' if name != 'a' else 'sprache'} | {name} | X | X | X | | general |\n"
                   for name in ("b", "a1", *(f"c{at}" for at in range(9)), "a"))  # fmt: skip
    crowded = form(TEXT[: TEXT.index("| | text | person")] + rows + TEXT[TEXT.index("| choices") :])
    _, told, _ = written(tmp_path, DTA, sent(1, answered(a1="gu", a="ar")), source=crowded)
    assert told.variable_value_labels["a1"][2] == "Unterkunft"
    assert told.variable_value_labels["a_"][2] == "Arabisch"
