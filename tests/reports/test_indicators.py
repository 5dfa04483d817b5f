from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.entitycolumns import Saved
from reports import snapshot
from reports.as_of import Followed
from reports.indicators import COLUMNS, UNITS, UNIVERSES, compute, read_indicators
from scenario.records import (
    EXIT_COLUMNS,
    GOAL_COLUMNS,
    INTAKE_COLUMNS,
    TEXT,
    TOWN,
    UPDATE_COLUMNS,
    entry,
    frame,
    left,
    tables,
)
from validation.errors import ReportError

SHIPPED = Path(__file__).parents[2] / "data" / "indicators.csv"
Figures = dict[tuple[str, str], tuple[float | None, float | None, float | None, int]]
DAY, SINCE = dt.date(2022, 12, 31), dt.date(2018, 1, 1)


IDS = {"_entity": TEXT, "_creates": "boolean"}
SAVES = {
    "aufenthalt-status": "status",
    "sprache-deutsch_gesamt": "deutsch_gesamt",
    "sprache-quelle": "quelle",
    "arbeit-erwerbsstatus": "erwerbsstatus",
    "teilhabe-behoerdenpost": "behoerdenpost",
    "wohnen-wohnform": "wohnform",
}
GOAL_SAVES = {"handlungsfeld": "handlungsfeld", "stand": "stand", "faellig": "faellig"}
SAVED = (
    Saved("erstgespraech", "erstgespraech", "person", "_entity", "_creates", SAVES, True, True),
    Saved("erstgespraech", "erstgespraech-ziel", "ziel", "_entity", "_creates", GOAL_SAVES, False, False),
    Saved("fortschreibung", "fortschreibung", "person", "_entity", "_creates", SAVES, True, True),
    Saved("fortschreibung", "fortschreibung-ziel", "ziel", "_entity", "_creates", GOAL_SAVES, False, False),
    Saved("austritt", "austritt", "person", "_entity", "_creates", {"stand-wohnform": "wohnform"}, True, True),
)
ENVELOPE = {"_municipality": TEXT, "_subject": TEXT, **IDS}
HOME = "uuid:P-3:2019-01-01"


def about(person: str) -> dict[str, object]:
    return {"_municipality": TOWN, "_subject": person, "_entity": person, "_creates": True}


def update(person: str, day: str, **more: object) -> dict[str, object]:
    row = {"KEY": f"uuid:f:{person}:{day}", "fall-gemeinde": TOWN, "fall-person": person, "fall-datum": day}
    return row | about(person) | {name.replace("__", "-"): value for name, value in more.items()}


def talk(key: str, day: str, topics: str, **more: object) -> dict[str, object]:
    row = {"KEY": key, "fall-gemeinde": TOWN, "fall-durch": "im", "fall-mit": "person", "kontakt-datum": day}
    return row | {"kontakt-themen": topics} | {name.replace("__", "-"): value for name, value in more.items()}


def town() -> Followed:
    """Two of the opening stock, three assigned since, one private; two sites, two posts, ten goals, four follow-ups,
    five talks, five children, two head counts."""
    goal = {"PARENT_KEY": HOME, "handlungsfeld": "spr", "_creates": True}
    site = {"unterkunft-gemeinde": TOWN, "unterkunft-in_use_from": "2017-01-01", "unterkunft-units": 2}
    post = {"stelle-gemeinde": TOWN, "stelle-rolle": "im", "stelle-von": "2018-01-01"}
    heads = {"foerderung-gemeinde": TOWN, "parameter-satz": 796.08, "parameter-kosten_unten": 51_000.0,
             "parameter-kosten_oben": 64_000.0}  # fmt: skip
    entries = [
        entry("P-1", "2017-06-01"),
        entry("P-2", "2017-06-01"),
        entry("P-3", "2019-01-01", person__staatsangehoerigkeit="SY", person__geburtsdatum="2010-01-01",
              person__geschlecht="w", fall__datum="2019-01-10", fall__plan_fuer="haushalt",
              aufenthalt__status="ae25_2_1", sprache__deutsch_gesamt="a1", sprache__quelle="zertifikat",
              arbeit__erwerbsstatus="schule"),
        entry("P-4", "2019-01-01", person__staatsangehoerigkeit="AF", person__geburtsdatum="2004-12-31",
              person__geschlecht="m", wohnen__wohnform="priv_miete", fall__datum="2018-12-01",
              fall__plan_fuer="mit_eltern", fall__plan_kopf="P-3", aufenthalt__status="dul60a",
              sprache__deutsch_gesamt="a2", sprache__quelle="einschaetzung", arbeit__erwerbsstatus="arbeitslos",
              teilhabe__behoerdenpost="nein"),
        entry("P-5", "2022-03-01", person__geschlecht="w", person__geburtsdatum="1990-01-01",
              person__staatsangehoerigkeit="SY", wohnen__wohnform=None, fall__datum="2022-03-10",
              aufenthalt__status="ae24", sprache__deutsch_gesamt="a1", sprache__quelle="einstufung",
              sprache__kurs="ik_allg", sprache__kursstatus="running", arbeit__erwerbsstatus="arbeitslos",
              teilhabe__behoerdenpost="nein"),
        entry("P-6", "2022-03-01", "privat_ua", person__staatsangehoerigkeit="UA"),
    ]  # fmt: skip
    exits = [left("P-1", "2019-01-01", "selbst_wohn"), left("P-2", "2022-05-01", "abschiebung")]
    goals = [
        goal | {"stand": "reached", "faellig": "2022-03-01"},
        goal | {"stand": "partly", "faellig": "2022-04-01"},
        goal | {"stand": "reached", "faellig": "2021-04-01"},
        goal | {"stand": "running", "faellig": "2022-12-30"},
        goal | {"stand": "running", "faellig": "2022-12-31"},
        goal | {"stand": "running", "faellig": "2022-05-05"},  # cancelled in a follow-up
        goal | {"stand": "postponed", "faellig": "2022-11-01"},
        goal | {"stand": "adapted", "faellig": "2023-01-01"},
        goal | {"stand": "agreed"},
    ]
    goals = [{**each, "KEY": f"{HOME}/ziele/ziel[{at}]", "_entity": f"g{at}"} for at, each in enumerate(goals, start=1)]
    updates = [
        update("P-3", "2021-05-01"),
        update("P-3", "2022-07-01", sprache__deutsch_gesamt="b1", sprache__quelle="zertifikat"),
        update("P-4", "2022-06-01", sprache__deutsch_gesamt="b1", sprache__quelle="zertifikat",
               arbeit__erwerbsstatus="svp_voll", teilhabe__behoerdenpost="ja"),
        update("P-5", "2022-09-01"),
    ]  # fmt: skip
    again = [
        {"KEY": f"{updates[1]['KEY']}/ziele/ziel[1]", "PARENT_KEY": updates[1]["KEY"], "_entity": "g6",
         "_creates": False, "stand": "cancelled"},
        {"KEY": f"{updates[3]['KEY']}/ziele/ziel[1]", "PARENT_KEY": updates[3]["KEY"], "_entity": "new",
         "_creates": True, "stand": "agreed", "handlungsfeld": "arb"},
    ]  # fmt: skip
    born = (
        (HOME, "K1", "2018-06-01", "ue3"),
        (HOME, "K2", "2021-01-01", "keine"),
        (HOME, "K5", None, "gs"),
        ("uuid:P-5:2022-03-01", "K1", "2018-06-01", "ue3"),
        ("uuid:P-5:2022-03-01", "K3", "2012-01-01", "gs"),
        ("uuid:P-5:2022-03-01", "K4", "2019-12-31", "keine"),
        ("uuid:P-1:2017-06-01", "K9", "2019-12-31", "ue3"),
    )
    made = tables(
        sites=[
            site | {"KEY": "uuid:s1", "unterkunft-id": "U1", "unterkunft-places": 4},
            site | {"KEY": "uuid:s2", "unterkunft-id": "U2"},
        ],
        stays=[{"PARENT_KEY": key, "person": who, "von": "2022-03-01"}
               for key, who in (("uuid:s1", "P-3"), ("uuid:s1", "P-4"), ("uuid:s2", "P-6"))],
        posts=[
            post | {"KEY": "uuid:p1", "stelle-id": "1", "stelle-vzae_bewilligt": 1.0, "stelle-vzae_besetzt": 1.0,
                    "kosten-kosten_jahr": 60_000.0, "kosten-zuschuss_jahr": 45_000.0},
            post | {"KEY": "uuid:p2", "stelle-id": "2", "stelle-vzae_bewilligt": 0.75, "stelle-vzae_besetzt": 0.0},
        ],
        children=[{"PARENT_KEY": key, "kind_id": name, "kind_geburtsdatum": day, "kita_schule": place}
                  for key, name, day, place in born],
        talks=[
            talk("uuid:t1", "2022-02-01", "wohnen sprache", fall__person="P-3", kontakt__verweis_stand="angenommen"),
            talk("uuid:t2", "2022-03-01", "sprache", fall__mit="gruppe", kontakt__verweis_stand="offen"),
            talk("uuid:t3", "2022-04-01", "arbeit", fall__mit="ueber", fall__person="P-4",
                 kontakt__verweis_stand="nicht"),
            talk("uuid:t4", "2022-05-01", "wohnen", fall__durch="ehrenamt"),
            talk("uuid:t5", "2021-12-31", "krise", fall__person="P-6"),
        ],
        participants=[{"PARENT_KEY": "uuid:t2", "teilnehmer": who} for who in ("P-3", "P-5")],
        funding=[
            heads | {"KEY": "uuid:f1", "foerderung-stichtag": "2021-09-15"},
            heads | {"KEY": "uuid:f2", "foerderung-stichtag": "2022-09-15"},
        ],
    )  # fmt: skip
    made["foerderung-kopf"] = frame({"PARENT_KEY": TEXT, "ags": TEXT, "heads": "Int64"}, [
        {"PARENT_KEY": "uuid:f1", "ags": TOWN, "heads": 66}, {"PARENT_KEY": "uuid:f2", "ags": TOWN, "heads": 2076},
    ])  # fmt: skip
    made["erstgespraech"] = frame(INTAKE_COLUMNS | IDS, [row | about(str(row["fall-person"])) for row in entries])
    made["erstgespraech-ziel"] = frame(GOAL_COLUMNS | IDS, goals)
    rows = [row | about(str(row["fall-person"])) for row in exits]
    rows[1]["stand-wohnform"] = "priv_miete"
    made["austritt"] = frame(EXIT_COLUMNS | ENVELOPE | {"stand-wohnform": TEXT}, rows)
    made["fortschreibung"] = frame(UPDATE_COLUMNS | ENVELOPE | dict.fromkeys(SAVES, TEXT), updates)
    made["fortschreibung-ziel"] = frame(GOAL_COLUMNS | IDS, again)
    return Followed(made, SAVED)


def shipped(given_tables: Mapping[str, pd.DataFrame], *codes: str) -> Figures:
    asked = [each for each in read_indicators(SHIPPED) if not codes or each.code in codes]
    found = compute(asked, snapshot.state(given_tables, TOWN, DAY), since=SINCE)
    return {
        (row.code, row.reference): (
            None if pd.isna(row.numerator) else row.numerator,
            None if pd.isna(row.denominator) else row.denominator,
            None if pd.isna(row.value) else round(row.value, 2),
            row.missing,
        )
        for row in found.itertuples()
    }


@cache
def of_the_town() -> Figures:
    return shipped(town())


TOPICS = dict.fromkeys(
    ("kinder", "gesundheit", "bildung", "anerkennung", "aufenthalt", "leistungen", "post", "teilhabe", "krise",
     "rueckkehr", "anderes"), 0,
) | {"wohnen": 1, "sprache": 2, "arbeit": 1}  # fmt: skip


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
        ("B10", "date", (2, 3, 66.67, 1)),
        ("B10b", "date", (1, 3, 33.33, 1)),
        ("B15g1", "date", (1, 3, 33.33, 1)),
        ("B15g2", "date", (1, 3, 33.33, 1)),
        ("B15g3", "date", (0, 3, 0.0, 1)),
        ("B15g4", "date", (1, 3, 33.33, 1)),
        ("B15g5", "date", (0, 3, 0.0, 1)),
        ("B15g6", "date", (0, 3, 0.0, 1)),
        ("P02", "year", (12, 21, 57.14, 0)),  # the ends of twelve months
        ("P04", "date", (1_652_662, 2076, 796.08, 0)),  # of the last head count
        ("P05", "date", (45_000, 60_000, 75.0, 1)),  # the costs of the second post are not known
        ("P06", "date", (25, None, 25, 0)),
        ("P06b", "date", (32, None, 32, 0)),
        ("I01", "date", (3, 4, 75.0, 0)),  # P-3 and P-5 have a plan, P-4 is in that of P-3
        ("I01b", "date", (1, 2, 50.0, 1)),  # of P-4 and P-5; the age of P-6 is not known
        ("I02", "year", (1, None, 1, 0)),  # P-5's first goal was agreed in a follow-up
        ("I03", "year", (3, 2, 1.5, 0)),
        ("I04", "year", (184, None, 184, 0)),  # 1 March to 1 September
        ("I04b", "year", (0, 1, 0.0, 0)),
        ("I05", "year", (3, None, 3, 0)),  # volunteers' talks and those of last year are none of them
        ("I05b", "year", (3, 4, 0.75, 0)),
        ("I05c", "year", (3, 1.0, 3.0, 0)),
        *[(f"I06.{topic}", "year", (n, 3, round(100 * n / 3, 2), 0)) for topic, n in TOPICS.items()],
        ("I07", "year", (1, 2, 50.0, 1)),
        ("I08", "year", (2, 4, 50.0, 0)),  # P-3 and P-5; about P-4 was spoken without P-4
        ("S01", "date", (1, 2, 50.0, 1)),
        ("S02", "date", (1, 1, 100.0, 2)),  # P-3; P-5 and P-6 were not asked again
        ("S02b", "date", (1, None, 1, 2)),  # P-4: an estimate, then a certificate
        ("S03", "date", (1, 1, 100.0, 1)),
        ("E01", "date", (1, 2, 50.0, 1)),  # K1 (named by two parents) and K4
        ("E01b", "date", (0, 1, 0.0, 1)),
        ("E02", "date", (1, 1, 100.0, 1)),
        ("A01", "date", (1, 2, 50.0, 1)),
        ("A02", "date", (1, 2, 50.0, 1)),
        ("A03", "year", (1, None, 1, 2)),  # P-4
        ("W01", "year", (1, None, 1, 1)),  # P-2, who left
        ("V05", "date", (1, 2, 50.0, 1)),
        ("V05b", "date", (1, 2, 50.0, 1)),
        ("G01", "year", (1, 2, 50.0, 2)),
        ("G01b", "year", (1, None, 1, 2)),
        ("G01c", "year", (1, None, 1, 2)),
        ("G01d", "year", (0, None, 0, 2)),
        ("G03", "date", (2, 4, 50.0, 2)),
    ],
)
def test_each_shipped_indicator(code: str, reference: str, expected: tuple[float, float | None, float, int]) -> None:
    assert of_the_town()[code, reference] == expected


def test_every_shipped_indicator_is_tested_above() -> None:
    marks = test_each_shipped_indicator.pytestmark[0].args[1]
    assert {(case[0], case[1]) for case in marks} == {(i.code, i.reference) for i in read_indicators(SHIPPED)}


def test_one_record_more_changes_the_figures() -> None:
    extra = tables([entry("P-7", "2022-06-01", person__staatsangehoerigkeit="ER")])["erstgespraech"]
    both = pd.concat([town()["erstgespraech"], extra], ignore_index=True)
    found = shipped(Followed({**town(), "erstgespraech": both}, SAVED))
    assert found["B01", "date"][0] == 5
    assert found["B03", "since"][0] == 6
    assert found["B11", "date"][0] == 4


def test_without_posts_there_is_no_caseload() -> None:
    found = shipped(tables([entry("P-1", "2020-01-01")]))
    assert found["P03", "date"] == (1, 0, None, 0)
    assert found["W02", "date"] == (0, 0, None, 0)
    assert found["I04", "year"] == (None, None, None, 0)
    assert found["P04", "date"] == (0, 0, None, 0)


def test_the_shipped_table_knows_every_code_of_the_lists() -> None:
    def codes(name: str) -> list[dict[str, str]]:
        with (SHIPPED.parent / "lists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    with SHIPPED.open(encoding="utf-8", newline="") as file:
        written = {row["code"]: row["numerator"] for row in csv.DictReader(file)}
    for group in ("g1", "g2", "g3", "g4", "g5", "g6"):
        listed = " ".join(row["name"] for row in codes("aufenthaltsstatus") if row["gruppe"] == group)
        assert written[f"B15{group}"] == f"selected('{listed}', aufenthalt-status)"
    assert {row["name"] for row in codes("thema")} == set(TOPICS)
    assert " ".join(row["name"] for row in codes("niveau")) in written["S02"]
    assert {"keiner", "running"} <= {row["name"] for name in ("kurs", "kursstatus") for row in codes(name)}
    schools = written["E02"].split("'")[1].split()
    assert {row["name"] for row in codes("kita_schule")} == {*schools, "keine", "u3", "ue3", "tagespflege"}


def test_names_in_two_languages() -> None:
    b07 = next(indicator for indicator in read_indicators(SHIPPED) if indicator.code == "B07")
    assert (b07.name(), b07.name("en"), b07.name("tr")) == (
        "Verselbständigungsquote",
        "Independence rate",
        "Verselbständigungsquote",
    )


@settings(deadline=None, max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(["SY", "AF", None]), st.sampled_from(["w", "m", None])), min_size=1))
def test_counted_and_missing_are_all(persons: list[tuple[str | None, str | None]]) -> None:
    rows = [
        entry(f"P-{n}", "2020-01-01", person__staatsangehoerigkeit=nation, person__geschlecht=sex)
        for n, (nation, sex) in enumerate(persons)
    ]
    found = shipped(tables(rows), "B01", "B11", "B13")
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
        ({"measure": "median", "denominator": "true()"}, "indicator.median_ratio", "denominator"),
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
