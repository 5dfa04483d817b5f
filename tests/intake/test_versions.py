from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from pyxform.xls2xform import convert

from intake.publishing import PublishedForm
from intake.study import create_study
from intake.submission import Record, Submission
from intake.tables import breaks, study_breaks, study_tables, tables
from intake.versions import RENAMES, merge, read_renames
from scenario.xforms import NOW
from validation.errors import DataError
from validation.form import Form
from validation.xform import read_form

FORM = """
| survey | type | name | label |
|---|---|---|---|
| | text | name | Name |
| | integer | alter | Alter |
| | select_multiple sprache | sprachen | Sprachen |
| | begin_group | haus | Haus |
| | text | ort | Ort |
| | begin_repeat | kind | Kind |
| | text | vorname | Vorname |
| | integer | jahr | Jahr |
| | end_repeat | | |
| | end_group | | |
| choices | list_name | name | label |
|---|---|---|---|
| | sprache | ar | Arabisch |
| | sprache | de | Deutsch |
| settings | form_id | version |
|---|---|---|
| | probe | 1 |
"""


KIND = FORM[FORM.index("| | begin_repeat") : FORM.index("| | end_group")]


@cache
def xform(number: int, *changes: tuple[str, str]) -> str:
    text = FORM.replace("| | probe | 1 |", f"| | probe | {number} |")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return convert(text, file_type=".md", validate=False).xform


@cache
def version(number: int, *changes: tuple[str, str]) -> Form:
    return read_form(xform(number, *changes))


def sent(number: int, form: Form, record: Record) -> Submission:
    return Submission(f"uuid:{number}", "probe", form.version, form.hash, "08235007", "P-1", record, NOW, NOW, "a")


def listed(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in column]


@pytest.mark.parametrize(
    ("old", "new", "column", "kinds"),
    [
        ("| integer | alter | Alter |", "| text | alter | Alter |", "alter", ("string", "int")),
        ("| select_multiple sprache | sprachen |", "| select_one sprache | sprachen |", "sprachen",
         ("string", "string many")),
    ],
)  # fmt: skip
def test_a_question_of_another_kind_has_a_column_of_each(
    old: str, new: str, column: str, kinds: tuple[str, str]
) -> None:
    newest, older = version(2, (old, new)), version(1)
    records = [sent(1, newest, {f"/data/{column}": "7"}), sent(2, older, {f"/data/{column}": "8", "/data/name": "A"})]
    made = tables(newest, records, earlier=[older])["probe"]
    assert listed(made[column]) == ["7", None]
    assert [str(value) for value in made[f"{column}__v1"].dropna()] == ["8"]
    assert made[f"{column}__v1"].isna().tolist() == [True, False]
    assert (str(made[column].dtype), str(made[f"{column}__v1"].dtype)) == (
        "string",
        "Int64" if kinds[1] == "int" else "string",
    )
    assert listed(made["name"]) == [None, "A"]
    [row] = breaks(newest, [older]).to_dict("records")
    assert row == {
        "table": "probe", "column": column, "old_column": f"{column}__v1", "nodeset": f"/data/{column}",
        "kind": kinds[0], "old_kind": kinds[1], "versions": "1",
    }  # fmt: skip


def test_a_break_inside_a_repeat_follows_the_version_of_the_record() -> None:
    newest, older = version(2, ("| integer | jahr |", "| text | jahr |")), version(1)
    entries: Record = {"/data/haus/kind": [{"/data/haus/kind/jahr": "1"}, {"/data/haus/kind/jahr": "2"}]}
    made = tables(newest, [sent(1, older, entries), sent(2, newest, entries)], earlier=[older])["probe-kind"]
    assert listed(made["jahr"]) == [None, None, "1", "2"]
    assert listed(made["jahr__v1"]) == [1, 2, None, None]


def test_versions_of_one_kind_share_a_column_and_a_third_kind_has_its_own() -> None:
    newest = version(4, ("| integer | alter |", "| date | alter |"))
    third, second, first = version(3, ("| integer | alter |", "| text | alter |")), version(2), version(1)
    records = [sent(n, form, {"/data/alter": "5"}) for n, form in enumerate([third, second, first])]
    made = tables(newest, records, earlier=[third, second, first])["probe"]
    assert listed(made["alter__v3"]) == ["5", None, None]
    assert listed(made["alter__v2"]) == [None, 5, 5]
    assert breaks(newest, [third, second, first])["versions"].tolist() == ["3", "2, 1"]


@pytest.mark.parametrize("swap", [False, True])
def test_a_question_that_became_a_repeat_or_a_group_is_a_break_and_loses_nothing(swap: bool) -> None:
    plain = version(2 if swap else 1, (KIND,
                                       "| | text | kind | Kind |\n"))  # fmt: skip
    repeated = version(1 if swap else 2)
    records = [
        sent(1, plain, {"/data/haus/kind": "drei"}),
        sent(2, repeated, {"/data/haus/kind": [{"/data/haus/kind/vorname": "B"}]}),
    ]
    newest, older = (plain, repeated) if swap else (repeated, plain)
    made = tables(newest, records, earlier=[older])
    column = "haus-kind" if swap else "haus-kind__v1"
    assert listed(made["probe"][column]) == ["drei", None]
    assert listed(made["probe-kind"]["vorname"]) == ["B"]
    [row] = breaks(newest, [older]).to_dict("records")
    assert (row["kind"], row["old_kind"]) == (("string", "repeat") if swap else ("repeat", "string"))


def test_versions_that_fit_have_no_breaks() -> None:
    assert breaks(version(2, ("| text | name |", "| text | vorname |")), [version(1)]).empty
    assert "old_column" in breaks(version(1)).columns


def test_a_renamed_question_and_group_go_on_under_the_new_name() -> None:
    newest = version(
        2,
        ("| text | name | Name |", "| text | rufname | Name |"),
        ("begin_group | haus", "begin_group | wohnung"),
        (KIND, ""),
    )
    older = version(1, (KIND, ""))
    records = [
        sent(1, older, {"/data/name": "alt", "/data/haus/ort": "A"}),
        sent(2, newest, {"/data/rufname": "neu", "/data/wohnung/ort": "B"}),
    ]
    plain = tables(newest, records, earlier=[older])["probe"]
    assert {"name", "rufname", "haus-ort", "wohnung-ort"} <= set(plain.columns)
    renames = {"/data/name": "/data/rufname", "/data/haus": "/data/wohnung"}
    made = tables(newest, records, earlier=[older], renames=renames)["probe"]
    assert listed(made["rufname"]) == ["alt", "neu"]
    assert listed(made["wohnung-ort"]) == ["A", "B"]
    assert not {"name", "haus-ort"} & set(made.columns)
    assert breaks(newest, [older], renames).empty


def test_a_renamed_question_of_another_kind_is_a_break_under_the_new_name() -> None:
    newest, older = version(2, ("| integer | alter | Alter |", "| text | jahre | Alter |")), version(1)
    records = [sent(1, older, {"/data/alter": "5"}), sent(2, newest, {"/data/jahre": "sechs"})]
    made = tables(newest, records, earlier=[older], renames={"/data/alter": "/data/jahre"})["probe"]
    assert listed(made["jahre"]) == [None, "sechs"]
    assert listed(made["jahre__v1"]) == [5, None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/data/name", "/data/alter"),
        ("/data/alt", "/data/weg"),
        ("/data/alt", "/data/haus/kind/vorname"),
        ("/data/haus/kind", "/data/haus/ort"),
    ],
)
def test_a_renaming_that_cannot_be_is_refused(old: str, new: str) -> None:
    older = version(1, ("| text | name |", "| text | alt |"))
    with pytest.raises(DataError, match=r"renames\.csv"):
        merge(version(2), [older], {old: new})


def test_renames_are_read_for_their_form(tmp_path: Path) -> None:
    file = tmp_path / RENAMES
    assert read_renames(file, "probe") == {}
    file.write_text("form,old,new\nprobe,/data/a,/data/b\nandere,/data/a,/data/c\n", encoding="utf-8")
    assert read_renames(file, "probe") == {"/data/a": "/data/b"}
    file.write_text("form,alt,neu\nprobe,/data/a,/data/b\n", encoding="utf-8")
    with pytest.raises(DataError, match="form, old und new"):
        read_renames(file, "probe")


def test_a_study_has_its_breaks_and_takes_its_renames(tmp_path: Path) -> None:
    changes = (("| integer | alter |", "| text | alter |"), ("| text | name |", "| text | rufname |"))
    study = create_study(tmp_path / "study", municipalities={"08235007": "Althengstett"})
    with study.store() as store:
        for number, given, name in ((1, (), "name"), (2, changes, "rufname")):
            form = version(number, *given)
            text = xform(number, *given)
            store.publish(PublishedForm("probe", form.version, form.hash, text, b"", "probe.md", {}))
            store.append(sent(number, form, {"/data/alter": "7", f"/data/{name}": "A"}))
    made = study_tables(study)["probe"]
    assert listed(made["alter__v1"]) == [7, None]
    assert {"name", "rufname"} <= set(made)
    assert study_breaks(study)[["form", "column", "old_column"]].to_numpy().tolist() == [
        ["probe", "alter", "alter__v1"]
    ]
    (study.dir / RENAMES).write_text("form,old,new\nprobe,/data/name,/data/rufname\n", encoding="utf-8")
    made = study_tables(study)["probe"]
    assert listed(made["rufname"]) == ["A", "A"]
    assert "name" not in made
