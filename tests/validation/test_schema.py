from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from intake.xlsform import read_xlsform
from scenario.contract_tables import GOOD, NOON, Row, broken, form, frames, tables
from scenario.xforms import survey
from validation.errors import UsageError
from validation.instance import Instance
from validation.layout import layout
from validation.schema import FAILURE_COLUMNS, LIMIT, check, compile_schemas, judged

ROOT = Path(__file__).parents[2]


def faults(given_tables: Mapping[str, pd.DataFrame], **options: object) -> set[tuple[str, str, str, str]]:
    found = check(form(), given_tables, **options).failures  # type: ignore[arg-type]
    return {tuple(row) for row in found[["table", "key", "column", "rule"]].to_numpy().tolist()}


def test_good_records_pass() -> None:
    report = check(form(), tables())
    assert report.passed
    assert report.failures.empty
    assert list(report.failures.columns) == list(FAILURE_COLUMNS)
    assert report.counts.to_numpy().tolist() == [
        ["probe", 2, 2, 0, 0],
        ["probe-kind", 2, 2, 0, 0],
        ["probe-impfung", 2, 2, 0, 0],
    ]
    assert {name: len(frame) for name, frame in report.ok.items()} == {
        "probe": 2,
        "probe-kind": 2,
        "probe-impfung": 2,
    }


def test_no_records_pass() -> None:
    assert check(form(), frames({})).passed


@pytest.mark.parametrize(
    ("root", "child", "shot", "fault"),
    [
        ({"name": None}, {}, {}, ("probe", "uuid:2", "name", "required")),
        ({"alter": 120}, {}, {}, ("probe", "uuid:2", "alter", "constraint")),
        ({"alter": 14}, {}, {}, ("probe", "uuid:2", "arbeit-beruf", "relevant")),
        ({"alter": None}, {}, {}, ("probe", "uuid:2", "arbeit-beruf", "relevant")),
        ({"arbeit-beruf": None}, {}, {}, ("probe", "uuid:2", "arbeit-beruf", "required")),
        ({"arbeit-beruf": "x" * 20}, {}, {}, ("probe", "uuid:2", "arbeit-beruf", "constraint")),
        ({"land": "XX", "ort": None}, {}, {}, ("probe", "uuid:2", "land", "choice")),
        ({"ort": "CW"}, {}, {}, ("probe", "uuid:2", "ort", "choice")),
        ({"sprachen": "ar tr"}, {}, {}, ("probe", "uuid:2", "sprachen", "choice")),
        ({"datum": pd.Timestamp("2026-05-05")}, {}, {}, ("probe", "uuid:2", "datum", "constraint")),
        ({}, {"vorname": None}, {}, ("probe-kind", "uuid:2/kind[1]", "vorname", "required")),
        ({}, {"groesse": -0.5}, {}, ("probe-kind", "uuid:2/kind[1]", "groesse", "constraint")),
        ({}, {}, {"am": None}, ("probe-impfung", "uuid:2/kind[1]/impfung[1]", "am", "required")),
        (
            {},
            {},
            {"am": pd.Timestamp("2026-05-05")},
            ("probe-impfung", "uuid:2/kind[1]/impfung[1]", "am", "constraint"),
        ),
    ],
)
def test_each_rule_is_found_at_its_record_alone(
    root: Row, child: Row, shot: Row, fault: tuple[str, str, str, str]
) -> None:
    given_tables = tables(root, child, shot)
    assert faults(given_tables) == {fault}
    report = check(form(), given_tables)
    assert len(report.ok[fault[0]]) == 1
    counts = report.counts.set_index("table").loc[fault[0]]
    assert (counts["rows"], counts["ok"], counts["failed"], counts["failures"]) == (2, 1, 1, 1)


def test_a_calculated_value_is_not_compared() -> None:
    assert check(form(), tables({"anzahl": "99"})).passed


def test_messages_name_the_question_in_both_languages_and_never_the_answer() -> None:
    secret = "Geheimnisträgerin Müller-Lüdenscheidt"
    given_tables = tables({"name": secret, "alter": 777, "arbeit-beruf": secret}, {"vorname": None})
    german = check(form(), given_tables).failures
    english = check(form(), given_tables, language="en").failures
    assert german["message"].tolist() == [
        "Alter: Bitte 0 bis 119.",
        # The form's own message quotes an answer, so the general one stands in.
        "Beruf: Die Antwort passt nicht zu den Regeln des Formulars; bitte prüfen.",
        "Vorname: Es fehlt eine Antwort; bitte nachtragen oder den Grund angeben, warum sie fehlt.",
    ]
    assert english["message"].iloc[0] == "Age: Please 0 to 119."
    for report in (german, english):
        assert secret not in report.to_csv()
        assert "777" not in report.to_csv()


# --- pandera's own report


def by_pandera(given_tables: Mapping[str, pd.DataFrame]) -> set[tuple[str, str, str, str]]:
    """(table, KEY, column, sentence) as pandera reports them, for checks that name records."""
    found = set()
    schemas = compile_schemas(form(), judged(form(), given_tables))
    for name, frame in given_tables.items():
        try:
            schemas[name].validate(frame, lazy=True)
        except SchemaErrors as errors:
            for row in errors.failure_cases.itertuples():
                key = frame["KEY"].iloc[int(row.index)]
                found.add((name, "" if pd.isna(key) else str(key), str(row.column), str(row.check)))
    return found


def by_us(given_tables: Mapping[str, pd.DataFrame]) -> set[tuple[str, str, str, str]]:
    found = check(form(), given_tables).failures
    return {tuple(row) for row in found[["table", "key", "column", "message"]].to_numpy().tolist()}


def test_panderas_report_and_ours_agree() -> None:
    given_tables = tables({"name": None, "alter": 200, "land": "XX", "ort": None, "sprachen": "xx"}, {"vorname": None})
    given_tables["probe-impfung"].loc[1, "PARENT_KEY"] = "uuid:9/kind[1]"
    given_tables["probe-kind"].loc[0, "KEY"] = None
    ours = by_us(given_tables)
    assert len(ours) == 8
    assert by_pandera(given_tables) == ours


DTYPES = ["string[pyarrow]", "string[python]", "str", "object", "category", "Int64", "Int32", "int64", "float64",
          "Float64", "boolean", "bool", "datetime64[us]", "datetime64[ns]", "datetime64[us, UTC]",
          "datetime64[us, Europe/Berlin]"]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_column_of_any_dtype_is_refused_where_pandera_refuses_it(dtype: str) -> None:
    usual = frames({})["probe"].assign(_subject=pd.Series([], dtype="string"))
    schema = compile_schemas(form())["probe"]
    for name in usual:
        frame = usual.assign(**{name: pd.Series([], dtype=dtype)})
        try:
            schema.validate(frame, lazy=True)
            wanted = set()
        except SchemaErrors as errors:
            wanted = {("probe", "", str(error.column_name), "dtype") for error in errors.schema_errors}
        if dtype == "category" and usual[name].dtype == "string" and name != "_subject":
            wanted = set()  # answers and keys may be categories of texts
        assert faults({**frames({}), "probe": frame}) == wanted


def test_pandera_keeps_a_few_failure_cases_and_we_name_all() -> None:
    rows = [{**GOOD, "KEY": f"uuid:{number}", "alter": 500} for number in range(LIMIT + 20)]
    given_tables = frames({"probe": rows})
    assert len(faults(given_tables)) == LIMIT + 20
    assert len(by_pandera(given_tables)) == LIMIT


def test_a_pandera_user_takes_the_schema_and_adds_checks() -> None:
    schema = compile_schemas(form())["probe"]
    frame = tables()["probe"]
    assert schema.validate(frame, lazy=True).equals(frame)
    grown = schema.add_columns({"alter": pa.Column("Int64", pa.Check.le(30), nullable=True)})
    with pytest.raises(SchemaErrors):
        grown.validate(frame, lazy=True)
    with pytest.raises(SchemaErrors):
        schema.validate(frame.assign(land="XX"), lazy=True)
    with pytest.raises(SchemaErrors):
        schema.validate(frame.assign(name=pd.Series([None, "A"], dtype="string")), lazy=True)


@pytest.mark.parametrize("name", ["austritt", "kontakt"])
def test_a_schema_is_written_as_yaml_and_read_again(name: str) -> None:
    for schema in compile_schemas(read_xlsform(ROOT / f"data/forms/{name}.md")).values():
        assert pa.DataFrameSchema.from_yaml(schema.to_yaml()) == schema


def test_a_schema_is_written_as_code_that_judges_the_same() -> None:
    schema = compile_schemas(form())["probe"]
    code: dict[str, pa.DataFrameSchema] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the code that pandera writes imports it by its old name
        exec(schema.to_script(), code)
    frame = tables()["probe"]
    for wrong in ({}, {"land": "XX"}, {"sprachen": "ar tr"}, {"name": None}, {"KEY": "uuid:1"}):
        given_frame = frame.assign(**{name: pd.Series(["A", value], dtype="string") for name, value in wrong.items()})
        if wrong.keys() <= {"land", "sprachen"}:
            given_frame.loc[0, list(wrong)] = frame.loc[0, list(wrong)]
        if "KEY" in wrong:
            given_frame["KEY"] = pd.Series(["uuid:1", "uuid:1"], dtype="string")
        for written in (schema, code["schema"]):
            if wrong:
                with pytest.raises(SchemaErrors):
                    written.validate(given_frame, lazy=True)
            else:
                written.validate(given_frame, lazy=True)


def test_verdicts_on_tables_are_never_written() -> None:
    given_tables = tables({"alter": 200})
    schema = compile_schemas(form(), judged(form(), given_tables))["probe"]
    with pytest.warns(UserWarning, match="constraint"):
        written = schema.to_yaml()
    again = pa.DataFrameSchema.from_yaml(written)
    assert [column.checks for column in again.columns.values() if column.checks] == []
    assert again.validate(given_tables["probe"], lazy=True) is not None


@pytest.mark.parametrize("many", ["ar de", "de", "  ar   de ", "", "ar tr", "tr", "arde", "ar,de", "\n"])
def test_a_choice_of_many_is_judged_alike_with_and_without_verdicts(many: str) -> None:
    given_tables = tables({"sprachen": many})
    found = ("probe", "uuid:2", "sprachen", "choice") in faults(given_tables)
    try:
        compile_schemas(form())["probe"].validate(given_tables["probe"], lazy=True)
    except SchemaErrors:
        assert found
    else:
        assert not found


def test_the_readme_shows_how_to_take_a_schema() -> None:
    text = (ROOT / "validation" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert any("to_yaml" in block for block in blocks)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_schema_without_verdicts_says_what_always_holds() -> None:
    columns = compile_schemas(form())["probe"].columns
    assert not columns["name"].nullable
    assert columns["arbeit-beruf"].nullable  # required only where it is asked
    assert columns["KEY"].unique
    assert columns["alter"].title == "Alter"
    assert str(columns["alter"].dtype) == "Int64"


# --- tables that are wrong


def test_texts_may_be_categories() -> None:
    given_tables = tables({"land": "XX", "ort": None})
    given_tables["probe"] = given_tables["probe"].astype({"land": "category", "name": "category", "KEY": "category"})
    assert faults(given_tables) == {("probe", "uuid:2", "land", "choice")}
    given_tables["probe"] = tables()["probe"].assign(name=pd.Series([1, 2], dtype="category"))
    assert faults(given_tables) == {("probe", "", "name", "dtype")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing column", {("probe", "", "name", "missing_column")}),
        ("unknown column", {("probe", "", "neu", "unknown_column")}),
        ("missing table", {("probe-impfung", "", "", "missing_table")}),
        ("unknown table", {("probe-fremd", "", "", "unknown_table")}),
        ("other form", set()),
        ("wrong dtype", {("probe", "", "name", "dtype")}),
        ("fractions", {("probe", "", "alter", "dtype")}),
        ("numpy", set()),  # pandas' own types of the same kind will do
        # The column is text because of this record: one fault, not two.
        ("ill-typed", {("probe", "uuid:2", "alter", "type")}),
        ("two columns", {("probe", "", "name", "duplicate_column")}),
        ("number as name", {("probe", "", "7", "unknown_column")}),
        ("infinite", {("probe-kind", "uuid:2/kind[1]", "groesse", "type")}),
        ("no character", {("probe", "uuid:2", "name", "type")}),
        ("half a character", {("probe", "uuid:2", "name", "type")}),  # no text column can hold it
        ("things", {("probe", "", "sprachen", "dtype"), ("probe", "uuid:2", "sprachen", "choice")}),
        ("duplicate key", {("probe", "uuid:1", "KEY", "duplicate_key")}),
        ("orphan", {("probe-kind", "uuid:2/kind[1]", "PARENT_KEY", "orphan")}),
        ("nobody's", {("probe-kind", "uuid:2/kind[1]", "PARENT_KEY", "orphan")}),
    ],
)
def test_a_table_that_is_wrong_is_a_named_failure(name: str, expected: set[tuple[str, str, str, str]]) -> None:
    assert faults(broken(name)) >= expected
    if name not in ("ill-typed", "orphan", "nobody's"):
        assert faults(broken(name)) == expected


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("missing key", "missing_column"),
        ("missing root", "missing_table"),
        ("no key", "no_key"),
        ("things as keys", "no_key"),
        ("no columns", "missing_column"),
    ],
)
def test_what_leaves_nothing_to_hold_on_to_is_a_failure_too(name: str, rule: str) -> None:
    assert rule in {fault[3] for fault in faults(broken(name))}


def test_every_failure_has_a_sentence() -> None:
    for name in ("missing column", "unknown column", "missing table", "unknown table", "wrong dtype", "ill-typed",
                 "two columns", "half a character", "duplicate key", "orphan", "no key", "missing root"):  # fmt: skip
        for language in ("de", "en"):
            messages = check(form(), broken(name), language=language).failures["message"]
            assert (messages.str.len() > 20).all()
            assert not messages.str.contains("vierzig").any()


# --- time


TIMED = """
| survey | type | name | label | constraint |
|---|---|---|---|---|
| | date | tag | Tag | . = today() |
| settings | form_id | form_title |
|---|---|---|
| | zeit | Zeit |
"""


def timed(key: str = "uuid:1") -> dict[str, pd.DataFrame]:
    return frames({"zeit": [{"KEY": key, "tag": pd.Timestamp("2026-05-05")}]}, survey(TIMED))


def test_today_is_the_day_in_the_studys_zone() -> None:
    late = {"end": dt.datetime(2026, 5, 4, 22, 30, tzinfo=dt.UTC), "datum": pd.Timestamp("2026-05-05")}
    assert check(form(), tables(late)).passed
    assert not check(form(), tables(late), zone="UTC").passed


def test_a_record_without_end_time_takes_the_time_that_is_given() -> None:
    of = survey(TIMED)
    assert check(of, timed(), default_now=dt.datetime(2026, 5, 5, 1, 0, tzinfo=dt.UTC)).passed
    assert not check(of, timed(), default_now=dt.datetime(2026, 5, 4, 1, 0, tzinfo=dt.UTC)).passed
    assert check(of, timed(), default_now={"uuid:1": dt.datetime(2026, 5, 4, 22, 30, tzinfo=dt.UTC)}).passed
    with pytest.raises(UsageError, match="default_now"):
        check(of, timed())
    with pytest.raises(UsageError):
        check(of, timed(), default_now={"uuid:2": NOON})


def test_a_form_that_never_asks_for_the_time_needs_none() -> None:
    of = survey("| survey | type | name | label |\n| | text | a | A |\n| settings | form_id |\n| | ohne |")
    assert check(of, frames({"ohne": [{"KEY": "uuid:1", "a": "x"}]}, of)).passed


# --- the check and the interview are one judge

answers = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", "A"]),
        "alter": st.sampled_from(["", "3", "14", "15", "40", "120"]),
        "datum": st.sampled_from(["", "2020-01-01", "2026-05-04", "2026-05-05"]),
        "land": st.sampled_from(["", "SY", "DE", "XX"]),
        "ort": st.sampled_from(["", "HAL", "CW", "XX"]),
        "sprachen": st.sampled_from(["", "ar", "de ar", "tr"]),
        "beruf": st.sampled_from(["", "Koch", "x" * 20]),
        "children": st.lists(st.tuples(st.sampled_from(["", "B"]), st.sampled_from(["", "1.5", "-1"])), max_size=3),
    }
)


@settings(max_examples=60, deadline=None)
@given(answers)
def test_an_answered_interview_and_its_row_get_the_same_verdict(given_answers: dict[str, object]) -> None:
    instance = Instance(form(), now=NOON)
    wanted = dict(given_answers)
    children = wanted.pop("children")
    assert isinstance(children, list)
    for name, value in wanted.items():
        instance.answer("/data/arbeit/beruf" if name == "beruf" else f"/data/{name}", str(value))
    for entry in instance.entries("/data/kind"):
        instance.remove_repeat(entry)
    for first_name, height in children:
        path = instance.add_repeat("/data/kind")
        for shot in instance.entries(f"{path}/impfung"):
            instance.remove_repeat(shot)
        instance.answer(f"{path}/vorname", first_name)
        instance.answer(f"{path}/groesse", height)
    expected = {(v.path, "choice" if v.kind == "type" else v.kind) for v in instance.violations()}

    row: dict[str, object] = {"KEY": "uuid:1", "end": NOON}
    for column in layout(form())["probe"].columns:
        text = instance.value(column.nodeset) if column.name not in ("end", "anzahl") else ""
        if text:
            kinds = {"int": int, "date": pd.Timestamp}
            row[column.name] = kinds.get(column.type, str)(text)
    kinder = [
        {
            "KEY": f"uuid:1/kind[{number}]",
            "PARENT_KEY": "uuid:1",
            "vorname": first_name or None,
            "groesse": float(height) if height else None,
        }
        for number, (first_name, height) in enumerate(children, start=1)
    ]
    found = check(form(), frames({"probe": [row], "probe-kind": kinder})).failures
    got = {
        (key.replace("uuid:1", "/data") + "/" + nodeset.rpartition("kind/")[2] if "kind[" in key else nodeset, rule)
        for key, nodeset, rule in found[["key", "nodeset", "rule"]].to_numpy().tolist()
    }
    assert got == expected
