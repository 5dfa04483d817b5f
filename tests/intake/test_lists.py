"""The choice lists: complete in their languages, stable codes, and what is made is what is shipped."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from intake.lists import (
    ARABIC,
    COLUMNS,
    ENGLISH,
    GERMAN,
    UKRAINIAN,
    Row,
    as_csv,
    language_rows,
    municipality_rows,
    nationality_rows,
    write_lists,
)

DATA = Path(__file__).parents[2] / "data"
FILES = sorted((DATA / "lists").glob("*.csv"))
NAMES = [path.stem for path in FILES]


def rows(name: str) -> list[Row]:
    with (DATA / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("staatsangehoerigkeit", nationality_rows),
        ("sprachen", language_rows),
        ("gemeinde", lambda: municipality_rows(DATA / "municipalities.csv")),
    ],
)
def test_made_lists_are_what_is_shipped(name: str, made: object) -> None:
    assert (DATA / "lists" / f"{name}.csv").read_text(encoding="utf-8") == as_csv(made())


def test_writing_the_lists_of_a_study_touches_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "municipalities.csv").write_text("ags,name\n08235007,Althengstett\n", encoding="utf-8")
    (tmp_path / "lists" / "geschlecht.csv").write_text("mine", encoding="utf-8")
    written = write_lists(tmp_path)
    assert sorted(path.name for path in written) == ["gemeinde.csv", "sprachen.csv", "staatsangehoerigkeit.csv"]
    assert (tmp_path / "lists" / "geschlecht.csv").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "lists" / "gemeinde.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "08235007,Althengstett,Althengstett,Althengstett,Althengstett"
    ]


# What a person interviewed is asked; the other lists are filled in by the office alone.
CLIENT_LISTS = frozenset(
    re.findall(r"(?:select_(?:one|multiple) |instance\(')(\w+)", (DATA / "forms/erstgespraech.md").read_text("utf-8"))
)


@pytest.mark.parametrize("name", NAMES)
def test_every_choice_has_a_code_of_its_own_and_a_label_in_each_language(name: str) -> None:
    listed = rows(name)
    codes = [row["name"] for row in listed]
    assert len(codes) == len(set(codes))
    languages = list(COLUMNS.values()) if name in CLIENT_LISTS else [GERMAN, ENGLISH]
    assert [column for column in listed[0] if column.startswith("label")] == languages
    for row in listed:
        assert re.fullmatch(r"[A-Za-z0-9_]+", row["name"])
        assert all(row[language].strip() == row[language] != "" for language in languages)
    for language in languages:
        labels = [row[language] for row in listed]
        assert len(labels) == len(set(labels)), "two choices with the same label cannot be told apart"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("staatsangehoerigkeit", "gemeinde")])
def test_our_own_codes_are_lower_case(name: str) -> None:
    assert [row["name"] for row in rows(name) if row["name"] != row["name"].lower()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_list_names_its_source(name: str) -> None:
    table = (DATA / "lists" / "README.md").read_text(encoding="utf-8").split("## Sources")[1]
    named = {word for line in table.splitlines() if line.startswith("| ") for word in re.split(r"[ ,|]+", line)}
    assert name in named


@pytest.mark.parametrize("name", NAMES)
def test_sensitivity_of_a_choice_is_a_class_that_exists(name: str) -> None:
    assert {row.get("sensitivity", "") for row in rows(name)} <= {"", "special"}


def test_nationalities_have_the_corrections_of_the_field() -> None:
    listed = {row["name"]: row for row in nationality_rows()}
    assert listed["PS"][GERMAN] == "Palästina"
    assert listed["XK"][GERMAN] == "Kosovo"
    assert list(listed)[-2:] == ["XXA", "XXX"]
    assert [row["destatis"] for row in (listed["SY"], listed["XXA"], listed["FR"])] == ["475", "997", ""]
    assert not {"EU", "UN", "ZZ", "AC", "IC"} & set(listed)
    assert len(listed) == 249 + 1 + 2  # ISO 3166-1, Kosovo, ours


def test_languages_begin_with_the_common_ones_and_hold_what_cldr_lacks() -> None:
    listed = language_rows()
    assert [row["name"] for row in listed[:2]] == ["ar", "kmr"]
    labels = {row["name"]: row[GERMAN] for row in listed}
    assert (labels["kmr"], labels["mnk"], labels["prs"]) == ("Kurmandschi", "Mandinka", "Dari")
    assert not {"la", "tlh", "und", "zxx", "fa_AF", "man"} & set(labels)
    named = {row["name"]: (row[ARABIC], row[UKRAINIAN]) for row in listed}
    assert named["rom"] == ("لغة الروما", "ромська")
    assert named["bar"] == ("Bavarian", "баеріш"), "CLDR has no Arabic name: the English one stands"
    common = [row["haeufig"] == "1" for row in listed]
    assert common == sorted(common, reverse=True)


def test_an_ags_keeps_its_leading_zero() -> None:
    assert [row["name"] for row in municipality_rows(DATA / "municipalities.csv")] == [
        "08235007",
        "08999001",
        "08999002",
    ]


def test_towns_that_do_not_exist_say_so() -> None:
    with (DATA / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        towns = list(csv.DictReader(file))
    assert [(town["ags"], town["invented"]) for town in towns] == [
        ("08235007", "no"),
        ("08999001", "yes"),
        ("08999002", "yes"),
    ]
    assert all("erfunden" in town["name"] for town in towns if town["invented"] == "yes")


def test_validity_dates_are_days_and_in_order() -> None:
    for row in rows("aufenthaltsstatus"):
        days = [row[column] for column in ("valid_from", "valid_to") if row[column]]
        assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day in days)
        assert days == sorted(days)
