"""Rules between records find what is planted, in the row where it is, and nothing else."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from intake import rowwise
from intake.crosscheck import COUNT_COLUMNS, HIT_COLUMNS, RuleRun, read_lists, run_rules
from intake.rules import COLUMNS, Rule, read_rules
from scenario import registers
from validation.errors import StudyError

DATA = Path(__file__).parents[2] / "data"
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
TOWN = "08235007"
NAME = "Mohammed Ahmad"

Row = dict[str, Any]
World = dict[str, list[Row]]

_COLUMNS_OF: Mapping[str, tuple[str, ...]] = {
    "erstgespraech": (
        "KEY", "_subject", "_municipality", "_received", "fall-gemeinde", "fall-person", "fall-fallnummer",
        "fall-plan_kopf", "fall-datum", "person-name", "person-geburtsdatum", "aufenthalt-zuweisung",
        "aufenthalt-status", "wohnen-unterkunft", "wohnen-wohnform", "haushalt-personen", "bildung-schuljahre",
        "arbeit-wochenstunden", "arbeit-jobcenter", "wohnen-wohnflaeche",
    ),
    "fortschreibung": (
        "KEY", "_subject", "_received", "fall-gemeinde", "fall-person", "fall-datum", "veraenderung-aufenthalt-status",
        "veraenderung-wohnen-unterkunft",
    ),
    "fortschreibung-ziel": ("KEY", "PARENT_KEY", "handlungsfeld", "verantwortlich", "stelle"),
    "austritt": ("KEY", "_subject", "_received", "fall-gemeinde", "fall-person", "austritt-datum", "stand-status"),
    "kontakt": ("KEY", "_subject", "_received", "fall-person", "kontakt-datum", "kontakt-kanal", "kontakt-minuten"),
    "unterkunft": ("KEY", "_received", "unterkunft-id", "unterkunft-gemeinde", "unterkunft-places", "unterkunft-rent"),
    "unterkunft-bewohner": ("KEY", "PARENT_KEY", "person", "von", "bis", "not_im"),
    "stelle": ("KEY", "_received", "stelle-id", "stelle-gemeinde", "stelle-von", "stelle-bis"),
}  # fmt: skip
COLUMNS_OF = {
    table: _COLUMNS_OF.get(table, ()) + registers.COLUMNS_OF.get(table, ())
    for table in (*_COLUMNS_OF, *registers.COLUMNS_OF)
}
DAYS = ("datum", "zuweisung", "von", "bis", *registers.DAYS)
NUMBERS = ("personen", "schuljahre", "wochenstunden", "wohnflaeche", "minuten", "places", "rent", *registers.NUMBERS)


def interview(person: str, **more: Any) -> Row:
    return {
        "KEY": f"uuid:e-{person}", "_subject": person, "fall-person": person, "fall-gemeinde": TOWN,
        "fall-fallnummer": f"{TOWN}-{person}", "fall-datum": "2024-03-05", "person-name": f"Name {person}",
        "person-geburtsdatum": f"1990-01-{1 + len(person) % 20:02}", "aufenthalt-zuweisung": "2024-03-01",
        "aufenthalt-status": "ag", "wohnen-unterkunft": "U-01", "haushalt-personen": 2,
    } | {name.replace("__", "-"): value for name, value in more.items()}  # fmt: skip


def leaving(person: str, day: str = "2025-06-30", **more: Any) -> Row:
    return {"KEY": f"uuid:a-{person}", "_subject": person, "fall-person": person, "fall-gemeinde": TOWN,
            "austritt-datum": day, "stand-status": "ag"} | more  # fmt: skip


def followed(person: str, day: str = "2024-09-05", **more: Any) -> Row:
    return {"KEY": f"uuid:f-{person}", "_subject": person, "fall-person": person, "fall-gemeinde": TOWN,
            "fall-datum": day, "veraenderung-aufenthalt-status": "ag"} | more  # fmt: skip


def resident(number: int, person: str, since: str = "2024-03-01", until: str = "", house: str = "u1") -> Row:
    return {"KEY": f"uuid:{house}/belegung/bewohner[{number}]", "PARENT_KEY": f"uuid:{house}", "person": person,
            "von": since, "bis": until}  # fmt: skip


def good() -> World:
    """Three persons, one of whom left and came back, in a house with three places."""
    back = interview("P-3", KEY="uuid:e-P-3b", aufenthalt__zuweisung="2025-07-01", fall__datum="2025-07-02")
    back["fall-fallnummer"] += "-2"
    return {
        "erstgespraech": [interview("P-1", fall__plan_kopf="P-1"), interview("P-22"), interview("P-3"), back],
        "austritt": [leaving("P-3")],
        "fortschreibung": [followed("P-1", **{"veraenderung-wohnen-unterkunft": "U-01"})],
        "fortschreibung-ziel": [{"KEY": "uuid:f-P-1/ziele/ziel[1]", "PARENT_KEY": "uuid:f-P-1", "handlungsfeld": "arb",
                                 "verantwortlich": "jc"}],
        "kontakt": [{"KEY": "uuid:k-1", "_subject": "P-1", "fall-person": "P-1", "kontakt-datum": "2026-01-05"}],
        "unterkunft": [
            {"KEY": "uuid:u1", "unterkunft-id": "U-01", "unterkunft-gemeinde": TOWN, "unterkunft-places": 3},
            {"KEY": "uuid:u2", "unterkunft-id": "U-02", "unterkunft-gemeinde": TOWN, "unterkunft-places": 9},
        ],
        "unterkunft-bewohner": [
            resident(1, "P-1"), resident(2, "P-22"), resident(3, "P-3", until="2025-06-30"),
            resident(4, "P-3", "2025-07-01"),
        ],
        "stelle": [
            {"KEY": "uuid:s1", "stelle-id": "S-01", "stelle-gemeinde": TOWN, "stelle-von": "2024-01-01",
             "stelle-bis": "2024-12-31"},
            {"KEY": "uuid:s2", "stelle-id": "S-01", "stelle-gemeinde": TOWN, "stelle-von": "2025-01-01"},
        ],
    } | registers.good()  # fmt: skip


def frames(world: World) -> dict[str, pd.DataFrame]:
    """The tables as `intake.tables` gives them."""
    made = {}
    for table, columns in COLUMNS_OF.items():
        frame = pd.DataFrame(world[table], columns=list(columns), dtype="object")
        for column in columns:
            last = column.rpartition("-")[2]
            if column == "_received":
                given = frame[column].fillna("2026-02-01T10:00:00+00:00")
                frame[column] = pd.to_datetime(given, utc=True).astype("datetime64[us, UTC]")
            elif last in DAYS or last == "geburtsdatum":
                frame[column] = pd.to_datetime(frame[column].replace("", None)).astype("datetime64[us]")
            else:
                frame[column] = frame[column].astype("Float64" if last in NUMBERS else "string")
        made[table] = frame
    return made


def found(world: World, rules: tuple[Rule, ...] | None = None) -> RuleRun:
    return run_rules(rules or shipped(), frames(world), now=NOW, zone="Europe/Berlin", lists=lists())


@functools.cache
def shipped() -> tuple[Rule, ...]:
    return read_rules(DATA / "rules.csv")


@functools.cache
def lists() -> dict[str, pd.DataFrame]:
    return read_lists(DATA)


def hits(run: RuleRun) -> set[tuple[str, str]]:
    return {(str(rule), str(key)) for rule, key in run.hits[["rule", "key"]].to_numpy()}


def _planted() -> Iterator[tuple[str, dict[str, Any], set[tuple[str, str]]]]:
    """What is planted, {table: rows added, or (row, column): value}, and the hits it makes."""
    person = interview("P-1", KEY="uuid:zwei", aufenthalt__zuweisung="2025-01-01")
    person["fall-fallnummer"] += "-2"
    yield (
        "two open plans", {"erstgespraech": [person]},
        {("ein_plan_je_person", "uuid:e-P-1"), ("ein_plan_je_person", "uuid:zwei"),
         ("episoden_ueberschneiden", "uuid:zwei")},
    )  # fmt: skip
    yield (
        "overlapping episodes", {("erstgespraech", 3, "aufenthalt-zuweisung"): "2025-06-29"},
        {("episoden_ueberschneiden", "uuid:e-P-3b")},
    )  # fmt: skip
    yield (
        "one case twice", {("erstgespraech", 3, "fall-fallnummer"): f"{TOWN}-P-3"},
        {("fallnummer_doppelt", "uuid:e-P-3"), ("fallnummer_doppelt", "uuid:e-P-3b")},
    )  # fmt: skip
    yield "plan head", {("erstgespraech", 0, "fall-plan_kopf"): "P-9"}, {("plan_kopf_unbekannt", "uuid:e-P-1")}
    yield (
        "a status that came later",
        {("erstgespraech", 0, "aufenthalt-status"): "ae16g", ("erstgespraech", 0, "fall-datum"): "2024-02-29"},
        {("status_zum_gespraech_ungueltig", "uuid:e-P-1")},
    )  # fmt: skip
    yield "unknown house", {("erstgespraech", 0, "wohnen-unterkunft"): "U-77"}, {("unterkunft_unbekannt", "uuid:e-P-1")}
    yield (
        "one person twice",
        {("erstgespraech", 0, "person-name"): NAME, ("erstgespraech", 1, "person-name"): "محمد أحمد",
         ("erstgespraech", 0, "person-geburtsdatum"): "1990-02-01",
         ("erstgespraech", 1, "person-geburtsdatum"): "1990-01-02"},
        {("moegliche_doppelte_person", "uuid:e-P-1"), ("moegliche_doppelte_person", "uuid:e-P-22")},
    )  # fmt: skip
    yield "exit of nobody", {"austritt": [leaving("P-9")]}, {("austritt_ohne_erstgespraech", "uuid:a-P-9")}
    yield (
        "exit before entry", {"austritt": [leaving("P-1", "2024-02-29")]},
        {("austritt_ohne_beginn", "uuid:a-P-1"), ("fortschreibung_nach_austritt", "uuid:f-P-1")},
    )  # fmt: skip
    yield (
        "two exits of one entry", {"austritt": [leaving("P-22"), leaving("P-22", "2025-07-30", KEY="uuid:a2")]},
        {("austritt_ohne_beginn", "uuid:a2")},
    )  # fmt: skip
    yield (
        "contact after exit", {"austritt": [leaving("P-1")]}, {("austritt_vor_letztem_kontakt", "uuid:a-P-1")},
    )  # fmt: skip
    yield (
        "exit, contact and move before birth",
        {"austritt": [leaving("P-1", "2026-02-01")], ("erstgespraech", 0, "person-geburtsdatum"): "2026-03-01"},
        {("austritt_vor_geburt", "uuid:a-P-1"), ("kontakt_vor_geburt", "uuid:k-1"),
         ("einzug_vor_geburt", "uuid:u1/belegung/bewohner[1]")},
    )  # fmt: skip
    yield (
        "a status that came after the exit",
        {"austritt": [leaving("P-22", "2024-02-29", **{"stand-status": "ae16g"})],
         ("erstgespraech", 1, "aufenthalt-zuweisung"): "2024-01-01"},
        {("status_zum_austritt_ungueltig", "uuid:a-P-22")},
    )  # fmt: skip
    yield (
        "follow-up of nobody",
        {"fortschreibung": [followed("P-9")]},
        {("fortschreibung_ohne_erstgespraech", "uuid:f-P-9")},
    )
    yield (
        "follow-up before the interview", {("fortschreibung", 0, "fall-datum"): "2024-03-04"},
        {("fortschreibung_vor_erstgespraech", "uuid:f-P-1")},
    )  # fmt: skip
    yield (
        "follow-up after the exit", {"fortschreibung": [followed("P-22", "2025-09-01")], "austritt": [leaving("P-22")]},
        {("fortschreibung_nach_austritt", "uuid:f-P-22")},
    )  # fmt: skip
    yield (
        "two follow-ups on a day", {"fortschreibung": [followed("P-1", KEY="uuid:f2")]},
        {("fortschreibung_doppelt", "uuid:f-P-1"), ("fortschreibung_doppelt", "uuid:f2")},
    )  # fmt: skip
    yield (
        "a status that had ended at the follow-up",
        {"fortschreibung": [followed("P-22", "2027-07-01", **{"veraenderung-aufenthalt-status": "ae104c"})]},
        {("status_zur_fortschreibung_ungueltig", "uuid:f-P-22")},
    )  # fmt: skip
    yield (
        "unknown house in a follow-up", {("fortschreibung", 0, "veraenderung-wohnen-unterkunft"): "U-77"},
        {("unterkunft_der_fortschreibung_unbekannt", "uuid:f-P-1")},
    )  # fmt: skip
    yield (
        "a goal of the Jobcenter's plan", {("erstgespraech", 0, "arbeit-jobcenter"): "plan"},
        {("ziel_doppelt_mit_jobcenter", "uuid:f-P-1/ziele/ziel[1]")},
    )  # fmt: skip
    yield "contact with nobody", {("kontakt", 0, "fall-person"): "P-9"}, {("kontakt_person_unbekannt", "uuid:k-1")}
    yield (
        "a house number twice", {("unterkunft", 1, "unterkunft-id"): "U-01"},
        {("unterkunft_doppelt", "uuid:u1"), ("unterkunft_doppelt", "uuid:u2")},
    )  # fmt: skip
    yield (
        "too full on one day", {("unterkunft", 0, "unterkunft-places"): 2},
        {("unterkunft_ueberbelegt", f"uuid:u1/belegung/bewohner[{number}]") for number in (1, 2, 3, 4)},
    )  # fmt: skip
    yield (
        "at two places", {"unterkunft-bewohner": [resident(1, "P-1", "2025-01-01", house="u2")]},
        {("zugleich_in_zwei_unterkuenften", "uuid:u2/belegung/bewohner[1]")},
    )  # fmt: skip
    yield (
        "a resident without interview", {"unterkunft-bewohner": [resident(1, "P-9", house="u2")]},
        {("bewohner_ohne_erstgespraech", "uuid:u2/belegung/bewohner[1]")},
    )  # fmt: skip
    yield (
        "approvals overlap", {("stelle", 0, "stelle-bis"): "2025-01-01"},
        {("bewilligungen_ueberschneiden", "uuid:s2")},
    )  # fmt: skip
    yield from registers.planted()


PLANTED = {name: (changes, expected) for name, changes, expected in _planted()}


def test_a_good_world_has_no_hit_and_every_rule_was_judged_or_says_why_not() -> None:
    run = found(good())
    assert hits(run) == set()
    assert list(run.hits.columns) == list(HIT_COLUMNS)
    assert list(run.counts.columns) == list(COUNT_COLUMNS)
    assert not run.counts["skipped"].any()
    assert run.counts.set_index("rule")["judged"]["ein_plan_je_person"] == 4


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(name: str) -> None:
    changes, expected = PLANTED[name]
    world = good()
    for place, value in changes.items():
        if isinstance(place, str):
            world[place] += value
        else:
            table, row, column = place
            world[table][row][column] = value
    assert hits(found(world)) == expected


def test_every_shipped_rule_but_the_outliers_has_been_planted() -> None:
    planted = {rule for _, expected in PLANTED.values() for rule, _ in expected}
    assert planted == {rule.name for rule in read_rules(DATA / "rules.csv") if rule.kind != "outlier"}


def test_a_number_far_from_the_others_is_a_note() -> None:
    world = good()
    world["erstgespraech"] += [interview(f"P-{at}0", haushalt__personen=1 + at % 6) for at in range(4, 40)]
    world["erstgespraech"][5]["haushalt-personen"] = 190
    noted = found(world).hits
    row = noted[noted["rule"] == "auffaellig_personen"]
    assert row[["key", "column", "severity"]].to_numpy().tolist() == [["uuid:e-P-50", "haushalt-personen", "note"]]


def test_a_hit_holds_no_answer() -> None:
    world = good()
    for row, name in ((0, NAME), (1, "Muhamad Achmed")):
        world["erstgespraech"][row] |= {"person-name": name, "person-geburtsdatum": "1990-02-01"}
    run = found(world)
    assert len(run.hits) == 2
    text = run.hits.to_csv() + run.counts.to_csv()
    assert not any(secret in text for secret in (NAME, "Muhamad", "1990"))


class TestOwnRules:
    """Rules as an evaluator writes them."""

    def own(self, path: Path, **row: str) -> tuple[Rule, ...]:
        values = {
            "name": "probe", "table": "kontakt", "column": "kontakt-datum", "kind": "each", "expression": "true()",
            "severity": "error", "owner": "manager", "message_de": "Falsch.", "message_en": "Wrong.",
        } | row  # fmt: skip
        file = path / "rules.csv"
        pd.DataFrame([values], columns=list(COLUMNS)).to_csv(file, index=False)
        return read_rules(file)

    def test_a_rule_is_judged_where_its_column_has_an_answer(self, tmp_path: Path) -> None:
        rules = self.own(tmp_path, column="kontakt-minuten", expression="false()")
        assert hits(found(good(), rules)) == set()
        world = good()
        world["kontakt"][0]["kontakt-minuten"] = 30
        assert hits(found(world, rules)) == {("probe", "uuid:k-1")}

    def test_the_dot_is_the_answer_and_today_the_day_of_the_check(self, tmp_path: Path) -> None:
        world = good()
        world["kontakt"][0]["kontakt-datum"] = "2026-11-22"
        assert hits(found(world, self.own(tmp_path, expression=". <= today()"))) == set()
        world["kontakt"][0]["kontakt-datum"] = "2026-11-23"
        assert hits(found(world, self.own(tmp_path, expression=". <= today()"))) == {("probe", "uuid:k-1")}

    @pytest.mark.parametrize(("since", "until", "is_hit"), [
        ("2026-02-02", "", True), ("2026-02-03", "", False), ("", "2026-02-02", True), ("", "2026-02-01", False),
    ])  # fmt: skip
    def test_validity_goes_by_the_day_of_receipt_in_the_zone(
        self, tmp_path: Path, since: str, until: str, *, is_hit: bool
    ) -> None:
        world = good()
        world["kontakt"][0]["_received"] = "2026-02-01T23:30:00+00:00"  # half past midnight in Berlin
        rules = self.own(tmp_path, expression="false()", valid_from=since, valid_to=until)
        assert bool(hits(found(world, rules))) == is_hit

    def test_a_table_that_is_not_there_skips_the_rule_and_says_so(self, tmp_path: Path) -> None:
        rules = self.own(tmp_path, expression="count(instance('nirgends')/root/item[a = ${KEY}]) = 0")
        run = found(good(), rules)
        assert run.counts[["judged", "hits", "skipped"]].to_numpy().tolist() == [[0, 0, "nirgends"]]

    @pytest.mark.parametrize("expression", [
        "${kontakt-dtum} != ''", "count(instance('austritt')/root/item[fall-persn = ${fall-person}]) = 0",
    ])  # fmt: skip
    def test_a_column_that_is_not_there_is_refused(self, tmp_path: Path, expression: str) -> None:
        with pytest.raises(StudyError) as error:
            found(good(), self.own(tmp_path, expression=expression))
        assert error.value.code == "rules.unknown_column"

    @pytest.mark.parametrize("expression", [
        "count(instance('austritt')/root/item[fall-person = ${fall-person} and austritt-datum < .]) = 0",
        "count(instance('austritt')/root/item[${fall-person} = fall-person]) = 0",
        "count(instance('austritt')/root/item[fall-person = ${fall-person} or austritt-datum > ${kontakt-datum}]) = 0",
        "count(instance('austritt')/root/item) = 4",
        "count(instance('austritt')/root/item[KEY = ${kontakt-kanal}]) = 0 and "
        "count(instance('austritt')/root/item[fall-person = ${fall-person}]) = 0",
        "count(instance('austritt')/root/item[fall-person = ${fall-person}]) = "
        "count(instance('austritt')/root/item[KEY != ''])",
        "instance('austritt')/root/item[fall-person = ${fall-person}][1]/austritt-datum = '2026-01-05'",
    ])  # fmt: skip
    def test_the_index_changes_no_verdict(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str
    ) -> None:
        world = good()
        world["austritt"] += [
            leaving("P-1", "2026-01-05"),
            leaving("P-22"),
            leaving("P-1", "2025-01-01", KEY="uuid:a9"),
        ]
        world["kontakt"] += [
            world["kontakt"][0] | {"KEY": f"uuid:k-{at}", "fall-person": f"P-{at}"} for at in (22, 3, 9)
        ]
        rules = self.own(tmp_path, expression=expression)
        with_index = hits(found(world, rules))
        monkeypatch.setattr(rowwise, "_equality", lambda _predicates: None)
        assert hits(found(world, rules)) == with_index

    def test_an_expression_that_fails_on_a_row_is_refused_by_its_row(self, tmp_path: Path) -> None:
        with pytest.raises(StudyError) as error:
            found(good(), self.own(tmp_path, expression="regex(${fall-person}, concat('(', ${fall-person}))"))
        assert error.value.code in ("rules.failed", "rules.expression")


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "kaputt.csv").write_bytes(b"name\n\xff\xfe")
    with pytest.raises(StudyError, match="kaputt"):
        read_lists(tmp_path)
