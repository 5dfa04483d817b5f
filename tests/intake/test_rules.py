"""The table of rules: what is wrong with it is refused with file, row, column and remedy."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from intake.rules import COLUMNS, FORM_RULES, OWNERS, SEVERITIES, read_rules
from intake.xlsform import read_xlsform
from scenario import registers
from validation.errors import StudyError
from validation.layout import layout

DATA = Path(__file__).parents[2] / "data"
GOOD = {
    "name": "probe", "table": "kontakt", "column": "kontakt-datum", "kind": "each",
    "expression": ". <= today() and count(instance('austritt')/root/item[fall-person = ${fall-person}]) = 0",
    "severity": "error", "owner": "manager", "message_de": "Falsch.", "message_en": "Wrong.", "valid_from": "",
    "valid_to": "",
}  # fmt: skip


def written(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """A table of rules, each row `GOOD` but for what is said."""
    with (path / "rules.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**GOOD, **row} for row in rows)
    return path / "rules.csv"


def test_a_rule_says_what_it_reads_and_where_it_looks(tmp_path: Path) -> None:
    (rule,) = read_rules(written(tmp_path, {"valid_from": "2026-01-01"}))
    assert rule.reads == ("fall-person", "kontakt-datum")
    assert rule.looks == {"austritt": ("fall-person",)}
    assert (rule.since, rule.until, rule.row) == (dt.date(2026, 1, 1), None, 2)
    assert (rule.message(), rule.message("en"), rule.message("uk")) == ("Falsch.", "Wrong.", "Falsch.")


def test_no_table_means_no_rules(tmp_path: Path) -> None:
    assert read_rules(tmp_path / "rules.csv") == ()


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"name": ""}, "rules.empty", "name"),
        ({"name": "Zwei Wörter"}, "rules.name", "name"),
        ({"name": FORM_RULES[0]}, "rules.twice", "name"),
        ({"message_en": " "}, "rules.empty", "message_en"),
        ({"kind": "unique"}, "rules.unknown_word", "kind"),
        ({"severity": "schlimm"}, "rules.unknown_word", "severity"),
        ({"owner": "niemand"}, "rules.unknown_word", "owner"),
        ({"valid_to": "31.12.2026"}, "rules.day", "valid_to"),
        ({"expression": ". <= today("}, "rules.expression", "expression"),
        ({"expression": "heute() = 1"}, "rules.expression", "expression"),
        ({"expression": "count(1, 2) = 1"}, "rules.expression", "expression"),
        ({"expression": "${a/b} = 1"}, "rules.not_a_column", "expression"),
        ({"expression": "/andere/spalte = 1"}, "rules.not_a_column", "expression"),
        ({"expression": "instance('x')/liste/zeile = 1"}, "rules.not_a_column", "expression"),
        ({"expression": "current() = 1"}, "rules.not_a_column", "expression"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(tmp_path: Path, row: dict[str, str], code: str, column: str) -> None:
    with pytest.raises(StudyError) as error:
        read_rules(written(tmp_path, {"name": "erste"}, row))
    assert (error.value.code, error.value.fields["row"], error.value.fields["column"]) == (code, "3", column)
    assert "Zeile 3" in str(error.value)
    assert "line 3" in error.value.text("en")


def test_a_name_twice_and_a_table_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as error:
        read_rules(written(tmp_path, {}, {}))
    assert error.value.code == "rules.twice"
    with pytest.raises(StudyError) as error:
        read_rules(written(tmp_path, columns=COLUMNS[:-1]))
    assert error.value.code == "rules.unreadable"
    (tmp_path / "rules.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError) as error:
        read_rules(tmp_path / "rules.csv")
    assert error.value.code == "rules.unreadable"


def test_the_shipped_rules_read_columns_that_the_shipped_forms_and_lists_have() -> None:
    rules = read_rules(DATA / "rules.csv")
    assert {rule.severity for rule in rules} == set(SEVERITIES)
    assert {rule.owner for rule in rules} <= set(OWNERS)
    known = {
        name: {"KEY", "PARENT_KEY", *(column.name for column in table.columns)}
        for form in ("erstgespraech", "fortschreibung", "kontakt", "austritt", *registers.FORMS)
        for name, table in layout(read_xlsform(DATA / "forms" / f"{form}.md")).items()
    }
    for path in (DATA / "lists").glob("*.csv"):
        known[path.stem] = set(path.read_text(encoding="utf-8").splitlines()[0].split(","))
    for rule in rules:
        assert rule.column in known[rule.table], rule.name
        for table, columns in ((rule.table, rule.reads), *rule.looks.items()):
            assert set(columns) <= known[table], (rule.name, table)
