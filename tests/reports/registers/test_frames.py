"""The annual report and the registers' report say the same of one town and day. All figures are counted by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from intake.study import open_study
from reports import snapshot
from reports.as_of import followed_tables
from reports.disclosure.policy import CLASSES, Policy
from reports.indicators import compute, read_indicators
from reports.registers import funding, housing, posts
from reports.registers.frames import registers_of, sites_of
from reports.registers.listing import Listing
from reports.registers.making import REGISTERS
from reports.registers.reading import Registers, Scope, read_registers
from reports.registers.site import sites
from reports.sources import Tables
from scenario.lives import OTHER, TOWN, TOWNS, interview, left, study_of
from scenario.records import frame
from scenario.register_records import Answers, keep, post

SHIPPED = Path(__file__).parents[3] / "data" / "indicators.csv"
YEAR_END, AUTUMN, MIDSUMMER = dt.date(2024, 12, 31), dt.date(2024, 8, 31), dt.date(2024, 6, 30)

SHARED = {
    "gemeinden/geteilt": "ja", "gemeinden/anteil[1]/anteil_ags": TOWN, "gemeinden/anteil[1]/anteil_prozent": 60,
    "gemeinden/anteil[2]/anteil_ags": OTHER, "gemeinden/anteil[2]/anteil_prozent": 40,
}  # fmt: skip
AWAY = {
    "abwesenheiten/abwesenheit_erfasst": "ja", "abwesenheiten/abwesenheit[1]/art": "sonst",
    "abwesenheiten/abwesenheit[1]/von": dt.date(2024, 10, 15), "abwesenheiten/abwesenheit[1]/vertretung": "nein",
}  # fmt: skip


def _posts() -> Iterator[tuple[str, Answers]]:
    """S-01 is shared 60 to 40; it falls from 1.0 to 0.5 in the middle of 2024, and its holder is away from October on.
    S-02 is filled from April. S-03 is no integration management. The other town has an S-01 of its own, and a post
    that ended without a last day."""
    halves = [
        (1, {"stelle__bis": "2024-06-30", "kosten__kosten_jahr": 60000, "kosten__zuschuss_jahr": 40000}, SHARED),
        (0.5, {"stelle__von": "2024-07-01", "stelle__entgeltgruppe": "s12", "kosten__zuschuss_jahr": 20000},
         SHARED | AWAY),
    ]  # fmt: skip
    for volume, more, beside in halves:
        name, answers = post(TOWN, "S-01", volume, volume, **more)
        yield name, dict(answers) | beside
    yield post(TOWN, "S-02", 0.75, 0.75, stelle__besetzt_seit="2024-04-01", kosten__kosten_jahr=50000,
               kosten__zuschuss_jahr=48000)  # fmt: skip
    yield post(TOWN, "S-03", 0.5, 0.5, stelle__rolle="ib")
    yield post(OTHER, "S-01", 1, 0.8)
    yield post(OTHER, "S-02", 1, 1, stelle__status="beendet", stelle__bis=None)


def _sites() -> Iterator[tuple[str, Answers]]:
    """U-01: ten places, four of them from July to September, six from December; four persons and a homeless one.
    U-02: in use until November, and nobody noted that the person there moved."""
    common = {"unterkunft/gemeinde": TOWN, "unterkunft/type": "gu", "unterkunft/in_use_from": dt.date(2020, 1, 1)}
    first: dict[str, Any] = {
        "unterkunft/id": "U-01", "unterkunft/ortsteil": "Neuhengstett", "unterkunft/units": 3,
        "unterkunft/places": 10, "unterkunft/places_usable": 9, "nutzbarkeit/einschraenkung": "ja",
        "nutzbarkeit/zeitraum[1]/nutzbar_von": dt.date(2024, 7, 1),
        "nutzbarkeit/zeitraum[1]/nutzbar_bis": dt.date(2024, 9, 30), "nutzbarkeit/zeitraum[1]/nutzbar_plaetze": 4,
        "nutzbarkeit/zeitraum[2]/nutzbar_von": dt.date(2024, 12, 1), "nutzbarkeit/zeitraum[2]/nutzbar_plaetze": 6,
    }  # fmt: skip
    for number in range(1, 6):
        first[f"belegung/bewohner[{number}]/person"] = f"P-00000{number}"
        first[f"belegung/bewohner[{number}]/von"] = dt.date(2024, 1, 1)
    first["belegung/bewohner[5]/not_im"] = "ja"
    second = {
        "unterkunft/id": "U-02", "unterkunft/ortsteil": "Ottenbronn", "unterkunft/units": 1, "unterkunft/places": 5,
        "unterkunft/in_use_to": dt.date(2024, 11, 30), "belegung/bewohner[1]/person": "P-000006",
        "belegung/bewohner[1]/von": dt.date(2024, 1, 1),
    }  # fmt: skip
    yield "unterkunft", common | first
    yield "unterkunft", common | second


def _funding() -> tuple[str, Answers]:
    """The district applies for three towns; the record is kept by the first."""
    answers: dict[str, Any] = {
        "foerderung/gemeinde": TOWN, "foerderung/id": "F-2023", "foerderung/antragsteller": "kreis",
        "foerderung/stichtag": dt.date(2023, 9, 15), "nachweis/zeitraum_von": dt.date(2024, 1, 1),
    }  # fmt: skip
    for number, (ags, heads) in enumerate({TOWN: 1000, OTHER: 60, "08117024": 1016}.items(), start=1):
        answers |= {f"koepfe/kopf[{number}]/ags": ags, f"koepfe/kopf[{number}]/heads": heads}
    return "foerderung", answers


@dataclass(frozen=True)
class Office:
    """The records of one study as either report reads them."""

    tables: Tables
    registers: Registers

    def annual(self, town: str, date: dt.date) -> tuple[snapshot.State, dict[str, float | None]]:
        """The state of the annual report, and its indicators."""
        state = snapshot.state(self.tables, town, date)
        found = compute(read_indicators(SHIPPED), state, since=dt.date(2018, 1, 1))
        return state, dict(zip(found["code"], found["value"], strict=True))

    def reported(self, town: str, date: dt.date, audience: str = "internal") -> dict[str, Listing]:
        """The listings of posts, funding and accommodations of one town."""
        policy = Policy(audience, dict.fromkeys(CLASSES, 0))
        scope = Scope(date, {town: TOWNS[town]}, policy, audience != "internal", names=TOWNS)
        made = [*posts.listings(self.registers, scope), *funding.listings(self.registers, scope)]
        return {each.key: each for each in [*made, *housing.listings(self.registers, scope)]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    study = study_of(tmp_path_factory.mktemp("reckoning") / "study")
    with study.store() as store:
        for number, (name, answers) in enumerate([*_posts(), *_sites(), _funding()], start=1):
            keep(store, name, {path: value for path, value in answers.items() if value is not None}, number)
        for number in (1, 2, 3, 4, 6):
            interview(store, f"P-00000{number}")
        interview(store, "P-000007", town=OTHER)
        left(store, "P-000004", "2024-11-15")  # who left, but is still noted in U-01
    again = open_study(study.dir)
    with again.store() as store:
        read = read_registers(again, store, {form for each in REGISTERS.values() for form in each.forms})
    return Office(followed_tables(again), read)


def row_of(listing: Listing, *begins: object) -> dict[str, Any]:
    """The row that begins with some values, by the keys of the heads."""
    (row,) = [row for row in listing.rows if row[: len(begins)] == begins]
    return {head.key: value for head, value in zip(listing.heads, row, strict=True)}


@pytest.mark.parametrize(
    ("town", "date", "approved", "filled"),
    [
        (TOWN, MIDSUMMER, "1.35", "1.35"),  # 0.6 x 1.0 + 0.75
        (TOWN, dt.date(2024, 7, 1), "1.05", "1.05"),  # 0.6 x 0.5 + 0.75
        (TOWN, YEAR_END, "1.05", "0.75"),  # the holder of S-01 is away and nobody stands in
        (TOWN, dt.date(2024, 3, 31), "1.35", "0.6"),  # S-02 is not filled yet
        (OTHER, MIDSUMMER, "1.4", "1.2"),  # 0.4 x 1.0, and 0.8 of its own S-01
        (OTHER, YEAR_END, "1.2", "0.8"),  # 0.4 x 0.5
    ],
)
def test_both_reports_count_a_shared_post_alike_on_every_day(
    office: Office, town: str, date: dt.date, approved: str, filled: str
) -> None:
    state, figures = office.annual(town, date)
    management = state.posts[state.posts["rolle"] == "im"]
    assert [round(management[name].sum(), 9) for name in ("approved", "filled")] == [float(approved), float(filled)]
    assert [round(figures[code] or 0, 9) for code in ("P01", "P01b")] == [float(approved), float(filled)]
    said = row_of(office.reported(town, date)["volumes"], TOWNS[town], "Integrationsmanagement")
    assert [said["approved"], said["filled"]] == [Decimal(approved), Decimal(filled)]


def test_both_reports_have_the_same_months(office: Office) -> None:
    """Approved: six times 1.35, six times 1.05. Filled: S-01 six times 0.6, three times 0.3; S-02 nine times 0.75."""
    state, figures = office.annual(TOWN, YEAR_END)
    management = state.posts_months[state.posts_months["rolle"] == "im"]
    by_day = management.groupby("date")[["approved", "filled"]].sum().round(9)
    months = office.reported(TOWN, YEAR_END)["months"]
    assert [each.date() for each in by_day.index] == [row[0] for row in months.rows]
    for name in ("approved", "filled"):
        assert by_day[name].tolist() == [float(str(months.cell(place, name))) for place in range(12)]
    assert by_day["filled"].tolist() == [0.6] * 3 + [1.35] * 3 + [1.05] * 3 + [0.75] * 3
    assert round(figures["P02"] or 0, 3) == 78.125  # 11.25 of 14.4
    assert "78,1 %" in months.notes[0]


@pytest.mark.parametrize(
    ("date", "cost", "grant"),
    [
        (MIDSUMMER, 86_000, 72_000),  # 0.6 x 60,000 + 50,000; 0.6 x 40,000 + 48,000
        (YEAR_END, 67_100, 60_000),  # 0.6 x 57,000 x 0.5 by the table + 50,000; 0.6 x 20,000 + 48,000
    ],
)
def test_both_reports_cover_the_same_cost(office: Office, date: dt.date, cost: float, grant: float) -> None:
    _, figures = office.annual(TOWN, date)
    assert round(figures["P05"] or 0, 6) == round(100 * grant / cost, 6)
    shown = f"{100 * grant / cost:.1f} %".replace(".", ",")
    assert row_of(office.reported(TOWN, date)["indicators"], "P05")["value"] == shown


@pytest.mark.parametrize("town", [TOWN, OTHER])
def test_both_reports_divide_the_same_grant_by_the_same_heads(office: Office, town: str) -> None:
    """Heads are not the persons advised; the posts that follow are those of the whole application."""
    _, figures = office.annual(town, YEAR_END)
    said = office.reported(town, YEAR_END)
    assert [round(figures[code] or 0, 2) for code in ("P04", "P06", "P06b")] == [796.08, 25, 32]
    assert said["results"].cell(0, "heads") == 2076
    assert row_of(said["indicators"], "P04")["value"] == "796,08 EUR"
    assert row_of(said["indicators"], "P06")["value"] == "25 bis 32"


@pytest.mark.parametrize(
    ("date", "sites", "usable", "occupied", "rate"),
    [
        (MIDSUMMER, 2, 15, 6, "40.0"),  # ten and five; where periods are kept, other days have all places
        (AUTUMN, 2, 9, 6, "66.7"),  # four and five
        (dt.date(2024, 11, 30), 2, 15, 6, "40.0"),
        (YEAR_END, 1, 6, 5, "83.3"),  # U-02 is not in use any more, and nobody lives there
    ],
)
def test_both_reports_count_places_by_the_day(
    office: Office, date: dt.date, sites: int, usable: int, occupied: int, rate: str
) -> None:
    state, figures = office.annual(TOWN, date)
    assert (len(state.sites), state.sites["places"].sum(), state.sites["occupied"].sum()) == (sites, usable, occupied)
    assert (figures["W03"], round(figures["W02"] or 0, 1)) == (sites, float(rate))
    last = row_of(office.reported(TOWN, date)["occupancy"], date)
    assert [last[name] for name in ("sites", "usable", "occupied", "rate")] == [sites, usable, occupied, Decimal(rate)]


def test_who_lives_in_a_site_that_is_closed_lives_in_none(office: Office) -> None:
    assert office.annual(TOWN, MIDSUMMER)[0].placements["person"].tolist() == [
        "P-000001", "P-000002", "P-000003", "P-000004", "P-000006",
    ]  # fmt: skip
    assert "P-000006" not in office.annual(TOWN, YEAR_END)[0].placements["person"].tolist()
    _, closed = sites(office.registers)
    assert [len(closed.people(date)) for date in (dt.date(2024, 11, 30), dt.date(2024, 12, 1))] == [1, 0]


def test_both_reports_look_after_the_same_people_by_district(office: Office) -> None:
    """P-000005 lives there apart, P-000004 has left, the house of P-000006 is closed."""
    for date, by_district in ((MIDSUMMER, {"Neuhengstett": 4, "Ottenbronn": 1}), (YEAR_END, {"Neuhengstett": 3})):
        state = office.annual(TOWN, date)[0]
        housed = state.placements[state.placements["person"].isin(state.persons["person"])]
        assert housed["ortsteil"].value_counts().to_dict() == by_district
        told = office.reported(TOWN, date, "public")["districts"]
        assert {row[0]: row[1] for row in told.rows[: len(by_district)]} == by_district


def test_towards_the_public_what_is_held_is_never_called_filled(office: Office) -> None:
    """The annual report prints 0.75 as filled on that day; 1.05 stands here, and says what it is."""
    made = office.reported(TOWN, YEAR_END, "public")
    assert row_of(made["volumes"], "Althengstett", "Integrationsmanagement")["held"] == Decimal("1.05")
    assert not {"filled", "rate"} & {head.key for key in ("volumes", "months") for head in made[key].heads}
    assert not any("%" in note for key in ("volumes", "months") for note in made[key].notes)


def test_a_post_whose_holder_is_away_is_not_called_filled(office: Office) -> None:
    made = office.reported(TOWN, YEAR_END)["posts"]
    assert [(row[1], row[2], row[-3]) for row in made.rows] == [
        ("S-01", "Abwesenheit", 0), ("S-02", "besetzt", Decimal("0.75")), ("S-03", "besetzt", Decimal("0.5")),
    ]  # fmt: skip


def test_a_post_of_another_town_has_a_number_of_its_own_and_stands_behind(office: Office) -> None:
    state = office.annual(OTHER, YEAR_END)[0]
    assert state.posts["id"].tolist() == ["S-01", f"{TOWN}-S-01"]
    assert state.posts["absent"].tolist() == [False, True]


def test_what_nobody_stated_stays_unknown() -> None:
    rows = {"unterkunft": [{"KEY": "u1", "unterkunft-gemeinde": TOWN, "unterkunft-id": "U-01"}]}
    (site,) = sites(Registers(rows))
    assert (site.usable_on(YEAR_END), site.units) == (None, None)
    used, placed = sites_of([site], TOWN, YEAR_END)
    assert used[["units", "places", "occupancy", "ortsteil"]].isna().all(axis=None)
    assert placed.empty


def test_tables_become_rows_of_texts() -> None:
    columns = {"KEY": "string", "stelle-vzae_bewilligt": "Float64", "stelle-von": "datetime64[us]", "n": "Int64"}
    made = registers_of({"stelle": frame(columns, [
        {"KEY": "s1", "stelle-vzae_bewilligt": 0.6, "stelle-von": "2024-02-29", "n": 5}, {"KEY": "s2"},
    ])})  # fmt: skip
    assert list(made.rows("stelle")) == [
        {"KEY": "s1", "stelle-vzae_bewilligt": "0.6", "stelle-von": "2024-02-29", "n": "5"}, {"KEY": "s2"},
    ]  # fmt: skip
    assert made.rows("unterkunft") == ()
