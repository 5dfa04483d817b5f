"""Counting and protecting a whole report: what one table tells, another must not give away."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reports.bundle import Bundle
from reports.collect import years_with_data
from reports.disclosure.ledger import Ledger, read_published
from scenario.town import AGS, DISTRICTS, Town, althengstett, bundle_of

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def published() -> Ledger:
    return read_published(DATA / "demo" / "published.csv")


def values(bundle: Bundle, key: str) -> dict[str, object]:
    return {row.key: row.cells[0].value for row in bundle.tables[key].rows}


def small_town(private: int = 0, before: int = 0, other: int = 0) -> Town:
    town = Town("08999009")
    town.arrive(40, 2017)
    if before:
        town.arrive(before, 2021, "privat_ua", "UA")
    town.leave(8, 2022)
    town.leave(other, 2022, "untergetaucht")
    town.arrive(10, 2022)
    if private:
        town.arrive(private, 2022, "privat_ua", "UA")
    town.house({"Dorf": 2})
    town.post(0.5)
    return town


def test_the_published_year_comes_out_of_records(published: Ledger) -> None:
    bundle = bundle_of(althengstett(), ledger=published)
    tables = bundle.tables
    assert tables["bridge_in"].number().value == 360
    assert values(bundle, "bridge_out") == {"independent": 250, "other_exits": 18, "still_there": 92}
    assert values(bundle, "kinds") == {"assigned": 92, "private": 18}
    assert values(bundle, "nationalities") == {"SY": 41, "UA": 18, "PS": 12, "AF": 9, "_rest": 30}
    assert tables["nationalities"].rest is not None
    assert len(tables["nationalities"].rest.members) == 11
    assert values(bundle, "districts").keys() == DISTRICTS.keys()
    assert tables["districts"].number().value == 110
    assert tables["places"].number("total", "sites").value == 10
    assert str(tables["posts"].number("total", "approved").value) == "1.75"
    assert bundle.differs == ()
    assert tables["nationalities"].number("SY").source == "1"


def test_no_other_table_tells_the_split_of_a_year(published: Ledger) -> None:
    """62 and 3 exits in 2022: 65 is printed, the split isn't, and the cumulative one is public already."""
    bundle = bundle_of(althengstett(), ledger=published)
    assert values(bundle, "exits_year") == {}
    assert bundle.tables["flows"].number("2022", "exits").value == 65


def test_an_earlier_year_does_not_tell_apart_what_the_published_one_would_give_away(published: Ledger) -> None:
    """250 - 188 and 18 - 15: with the cumulative split of 2021 beside the public one of 2022, the 3 would be told."""
    bundle = bundle_of(althengstett(), year=2021, ledger=published)
    assert values(bundle, "bridge_out") == {"all_exits": 203, "still_there": 85}
    assert bundle.tables["bridge_out"].coarsened


def test_a_figure_that_differs_from_the_published_one_is_unmarked_and_named(published: Ledger) -> None:
    town = althengstett()
    town.present()[0]["person-staatsangehoerigkeit"] = "AF"
    bundle = bundle_of(town, ledger=published)
    assert values(bundle, "nationalities")["SY"] == 40
    assert bundle.tables["nationalities"].number("SY").source == ""
    assert "Staatsangehörigkeit Syrien (31.12.2022)" in bundle.differs


@pytest.mark.parametrize(("private", "before", "folded"), [(12, 0, False), (3, 0, True), (12, 2, True), (0, 0, False)])
def test_a_small_private_group_is_counted_with_the_others(private: int, before: int, folded: bool) -> None:
    """The headline less the flow table is the private group: with 3 in it, both must count everybody."""
    bundle = bundle_of(small_town(private, before))
    assert bundle.folded is folded
    stock = bundle.tables["kinds"].number().value
    flow = bundle.tables["flows"].number("total", "stock_end").value
    assert stock == 42 + private + before
    if flow is not None:
        assert stock - flow == (0 if folded else private)
    assert bundle.tables["bridge_out"].number("still_there").value in (None, flow)


def test_few_other_exits_are_not_told_apart() -> None:
    bundle = bundle_of(small_town(other=3))
    assert values(bundle, "bridge_out") == {"all_exits": 11, "still_there": 39}
    assert values(bundle_of(small_town()), "bridge_out") == {"independent": 8, "other_exits": 0, "still_there": 42}


@pytest.mark.parametrize(("returned", "told"), [(0, True), (2, False), (6, True)])
def test_few_who_came_back_are_not_told_by_the_difference_of_two_tables(returned: int, told: bool) -> None:
    """The flow table counts episodes, the bridge persons."""
    town = Town("08999009")
    town.arrive(40, 2017)
    town.leave(8, 2019)
    for row in town.people[:returned]:
        again = pd.Timestamp(2021, 4, 1)
        town.people.append({**row, "KEY": f"{row['KEY']}-2", "aufenthalt-zuweisung": again})
    town.arrive(10, 2021)
    tables = bundle_of(town).tables
    assert tables["flows"].number("total", "entries").value == 10 + returned
    assert tables["bridge_in"].number().value == (50 if told else None)
    assert any("zweites Mal" in note for note in tables["bridge_in"].coarsened) is not told


def test_who_lives_elsewhere_is_no_difference_of_two_totals() -> None:
    town = small_town()
    town.stays = town.stays[3:]
    bundle = bundle_of(town)
    assert bundle.tables["districts"].number().value == bundle.tables["kinds"].number().value == 42
    assert bundle.tables["districts"].number("_elsewhere").hidden


def test_units_and_places_that_are_not_stated_are_hidden_and_not_counted() -> None:
    town = small_town()
    town.sites[0] |= {"unterkunft-units": None, "unterkunft-places": None, "unterkunft-places_usable": None}
    bundle = bundle_of(town)
    assert [cell.value for cell in bundle.tables["sites"].rows[0].cells] == [None, None]
    assert [bundle.tables["places"].number("Dorf", name).value for name in ("sites", "units", "places")] == [2, 3, 13]


def test_absence_has_no_kind() -> None:
    bundle = bundle_of(althengstett())
    labels = [row.label for row in bundle.tables["posts"].rows]
    assert labels == ["Stelle 1: Integrationsmanagement (Abwesenheit)", "Stelle 2: Integrationsmanagement"]
    assert "mutterschutz" not in bundle.to_json()


def test_a_commissioner_carries_no_caseload() -> None:
    town = small_town()
    town.post(1.0, role="ib")
    assert str(bundle_of(town).tables["posts"].number("total", "approved").value) == "0.50"


def test_goals_are_held_against_persons_not_goals() -> None:
    town = small_town()
    town.aim(["spr"], ["running"])
    for row in town.present()[:2]:
        town.goals += [{**town.goals[0], "PARENT_KEY": row["KEY"], "handlungsfeld": "arb"} for _ in range(6)]
    assert values(bundle_of(town), "goals_field") == {}


def test_missing_answers_are_a_category() -> None:
    town = small_town()
    for row in town.present()[:7]:
        row["person-staatsangehoerigkeit"] = None
    table = bundle_of(town).tables["nationalities"]
    assert table.number("_missing").value == 7
    assert [row.label for row in table.rows if row.key == "_missing"] == ["ohne Angabe"]


def test_years_with_data_begin_with_the_programme() -> None:
    tables = small_town().tables()
    assert list(years_with_data(tables, "08999009")) == [2018, 2019, 2020, 2021, 2022]
    assert list(years_with_data(tables, AGS)) == []


def test_english_labels() -> None:
    bundle = bundle_of(small_town(), language="en")
    assert bundle.tables["flows"].columns[1].label == "Entries"
    assert bundle.tables["nationalities"].total is not None
    assert bundle.tables["nationalities"].total.label == "Total"
