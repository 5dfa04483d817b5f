from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import snapshot
from reports.indicators import COLUMNS, UNITS, UNIVERSES, compute, read_indicators
from scenario.records import TOWN, entry, left, tables
from validation.errors import ReportError

SHIPPED = Path(__file__).parents[2] / "data" / "indicators.csv"
DAY, SINCE = dt.date(2022, 12, 31), dt.date(2018, 1, 1)


def town() -> dict[str, pd.DataFrame]:
    """Two of the opening stock, three assigned since, one private; two sites, two posts, five goals."""
    goal = {"PARENT_KEY": "uuid:P-3:2019-01-01", "handlungsfeld": "spr"}
    site = {"unterkunft-gemeinde": TOWN, "unterkunft-in_use_from": "2017-01-01", "unterkunft-units": 2}
    post = {"stelle-gemeinde": TOWN, "stelle-rolle": "im", "stelle-von": "2018-01-01"}
    return tables(
        [
            entry("P-1", "2017-06-01"),
            entry("P-2", "2017-06-01"),
            entry("P-3", "2019-01-01", person__staatsangehoerigkeit="SY", person__geburtsdatum="2010-01-01",
                  person__geschlecht="w"),
            entry("P-4", "2019-01-01", person__staatsangehoerigkeit="AF", person__geburtsdatum="2004-12-31",
                  person__geschlecht="m", wohnen__wohnform="priv_miete"),
            entry("P-5", "2022-03-01", person__geschlecht="w", person__geburtsdatum="1990-01-01",
                  person__staatsangehoerigkeit="SY", wohnen__wohnform=None),
            entry("P-6", "2022-03-01", "privat_ua", person__staatsangehoerigkeit="UA"),
        ],
        [left("P-1", "2019-01-01", "selbst_wohn"), left("P-2", "2022-05-01", "abschiebung")],
        sites=[
            site | {"KEY": "uuid:s1", "unterkunft-id": "U1", "unterkunft-places": 4},
            site | {"KEY": "uuid:s2", "unterkunft-id": "U2"},
        ],
        stays=[{"PARENT_KEY": key, "person": who, "von": "2022-03-01"}
               for key, who in (("uuid:s1", "P-3"), ("uuid:s1", "P-4"), ("uuid:s2", "P-6"))],
        posts=[
            post | {"KEY": "uuid:p1", "stelle-id": "1", "stelle-vzae_bewilligt": 1.0, "stelle-vzae_besetzt": 1.0},
            post | {"KEY": "uuid:p2", "stelle-id": "2", "stelle-vzae_bewilligt": 0.75, "stelle-vzae_besetzt": 0.0},
        ],
        goals=[
            goal | {"stand": "reached", "faellig": "2022-03-01"},
            goal | {"stand": "partly", "faellig": "2022-04-01"},
            goal | {"stand": "reached", "faellig": "2021-04-01"},
            goal | {"stand": "running", "faellig": "2022-12-30"},
            goal | {"stand": "running", "faellig": "2022-12-31"},
            goal | {"stand": "agreed"},
        ],
    )  # fmt: skip


def shipped(given_tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str], tuple[float, float | None, float, int]]:
    found = compute(read_indicators(SHIPPED), snapshot.state(given_tables, TOWN, DAY), since=SINCE)
    return {
        (row.code, row.reference): (
            row.numerator,
            None if pd.isna(row.denominator) else row.denominator,
            None if pd.isna(row.value) else round(row.value, 2),
            row.missing,
        )
        for row in found.itertuples()
    }


@pytest.mark.parametrize(
    ("code", "reference", "expected"),
    [
        ("B01", "date", (4, None, 4, 0)),
        ("B02", "year", (5, None, 5, 0)),
        ("B03", "since", (5, None, 5, 0)),
        ("B04", "year", (2, None, 2, 0)),
        ("B05", "year", (1, None, 1, 0)),
        ("B06", "since", (1, None, 1, 0)),
        ("B06", "year", (0, None, 0, 0)),
        ("B07", "since", (1, 5, 20.0, 0)),
        ("B08", "date", (1, None, 1, 1)),  # P-5's housing is not stated
        ("B11", "date", (3, None, 3, 0)),
        ("B12", "date", (1, 3, 33.33, 1)),  # P-4 is 18 on that day; P-6's date of birth is not stated
        ("B13", "date", (2, 3, 66.67, 1)),
        ("P01", "date", (1.75, None, 1.75, 0)),
        ("P01b", "date", (1.0, None, 1.0, 0)),
        ("P03", "date", (4, 1.0, 4.0, 0)),
        ("P03b", "date", (4, 1.75, 2.29, 0)),
        ("W02", "date", (2, 4, 50.0, 1)),  # the places of U2 are not known
        ("W03", "date", (2, None, 2, 0)),
        ("W03b", "date", (4, None, 4, 0)),
        ("G01", "year", (1, 2, 50.0, 1)),
        ("G03", "date", (1, 2, 50.0, 1)),
    ],
)
def test_each_shipped_indicator(code: str, reference: str, expected: tuple[float, float | None, float, int]) -> None:
    assert shipped(town())[code, reference] == expected


def test_every_shipped_indicator_is_tested_above() -> None:
    marks = test_each_shipped_indicator.pytestmark[0].args[1]
    assert {(case[0], case[1]) for case in marks} == {(i.code, i.reference) for i in read_indicators(SHIPPED)}


def test_one_record_more_changes_the_figures() -> None:
    more = town()
    extra = tables([entry("P-7", "2022-06-01", person__staatsangehoerigkeit="ER")])["erstgespraech"]
    more["erstgespraech"] = pd.concat([more["erstgespraech"], extra], ignore_index=True)
    found = shipped(more)
    assert found["B01", "date"][0] == 5
    assert found["B03", "since"][0] == 6
    assert found["B11", "date"][0] == 4


def test_without_posts_there_is_no_caseload() -> None:
    found = shipped(tables([entry("P-1", "2020-01-01")]))
    assert found["P03", "date"] == (1, 0, None, 0)
    assert found["W02", "date"] == (0, 0, None, 0)


def test_names_in_two_languages() -> None:
    b07 = next(indicator for indicator in read_indicators(SHIPPED) if indicator.code == "B07")
    assert (b07.name(), b07.name("en"), b07.name("tr")) == (
        "Verselbständigungsquote",
        "Independence rate",
        "Verselbständigungsquote",
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["SY", "AF", None]), st.sampled_from(["w", "m", None])), min_size=1))
def test_counted_and_missing_are_all(persons: list[tuple[str | None, str | None]]) -> None:
    rows = [
        entry(f"P-{n}", "2020-01-01", person__staatsangehoerigkeit=nation, person__geschlecht=sex)
        for n, (nation, sex) in enumerate(persons)
    ]
    found = shipped(tables(rows))
    women, known, _, missing = found["B13", "date"]
    assert known is not None
    assert known + missing == len(persons) == found["B01", "date"][0]
    assert women == sum(sex == "w" for _, sex in persons)
    assert found["B11", "date"][0] == len({nation for nation, _ in persons if nation})


# --- a table that is wrong

GOOD = {
    "code": "X1",
    "label::Deutsch (de)": "Probe",
    "label::English (en)": "Sample",
    "universe": "stock",
    "measure": "sum",
    "numerator": "true()",
    "denominator": "",
    "denominator_universe": "",
    "reference": "date",
    "unit": "persons",
}


def written(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "indicators.csv"
    pd.DataFrame([{name: row.get(name, "") for name in columns} for row in rows], columns=list(columns)).to_csv(
        path, index=False
    )
    return path


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"universe": "menschen"}, "indicator.unknown_word", "menschen"),
        ({"measure": "mean"}, "indicator.unknown_word", "mean"),
        ({"reference": "heute"}, "indicator.unknown_word", "heute"),
        ({"unit": "EUR"}, "indicator.unknown_word", "EUR"),
        ({"denominator_universe": "x", "denominator": "true()"}, "indicator.unknown_word", "denominator_universe"),
        ({"numerator": ""}, "indicator.empty", "numerator"),
        ({"label::English (en)": ""}, "indicator.empty", "label::English"),
        ({"code": ""}, "indicator.empty", "code"),
        ({"unit": "%"}, "indicator.no_denominator", "%"),
        ({"denominator_universe": "posts"}, "indicator.no_denominator", "denominator"),
        ({"numerator": "age <"}, "indicator.expression", "numerator"),
        ({"numerator": "alter_in_jahren(age)"}, "indicator.expression", "numerator"),
        ({"numerator": "../person"}, "indicator.not_a_row", "person"),
        ({"numerator": "/data/x"}, "indicator.not_a_row", "/data/x"),
        ({"numerator": "//x"}, "indicator.not_a_row", "numerator"),
        ({"denominator": "count(*) > 1", "unit": "%"}, "indicator.not_a_row", "denominator"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, change: dict[str, str], code: str, named: str) -> None:
    path = written(tmp_path, GOOD, GOOD | {"code": "X2"} | change)
    with pytest.raises(ReportError) as refused:
        read_indicators(path)
    assert refused.value.code == code
    for language in ("de", "en"):
        assert named in refused.value.text(language)
        assert "3" in refused.value.text(language)


def test_a_column_that_the_universe_lacks_is_named_when_it_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD | {"numerator": "blutgruppe = 'A'"})
    with pytest.raises(ReportError, match="blutgruppe"):
        compute(read_indicators(path), snapshot.state(town(), TOWN, DAY), since=SINCE)


def test_twice_the_same_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="Zeile 3"):
        read_indicators(written(tmp_path, GOOD, GOOD))
    assert len(read_indicators(written(tmp_path, GOOD, GOOD | {"reference": "year"}))) == 2


@pytest.mark.parametrize("content", [b"", b"code,unit\nX,%\n", b"\xff\xfe\x00", b'code,"unit\n'])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "indicators.csv"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=r"indicators\.csv"):
        read_indicators(path)
    with pytest.raises(ReportError, match=r"nowhere\.csv"):
        read_indicators(tmp_path / "nowhere.csv")


def test_every_universe_and_unit_is_in_use() -> None:
    used = read_indicators(SHIPPED)
    assert {indicator.unit for indicator in used} == set(UNITS)
    assert {name for indicator in used for name in (indicator.universe, indicator.denominator_universe)} >= set(
        UNIVERSES
    ) - {"placements"}
