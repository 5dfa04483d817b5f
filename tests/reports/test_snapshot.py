from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.publishing import freeze
from intake.study import Study, create_study
from intake.submission import Submission
from reports import snapshot
from reports.registers.post import COVERED
from scenario.records import OTHER_TOWN, TOWN, entry, left, tables
from scenario.stores import Clock
from validation.errors import DataError, ReportError

DAY = dt.date(2022, 12, 31)
LISTS = Path(__file__).parents[2] / "data" / "lists"


# --- episodes


def test_an_exit_closes_the_entry_before_it_and_who_comes_back_starts_again() -> None:
    found = snapshot.episodes(
        tables(
            [entry("P-1", "2020-02-01"), entry("P-1", "2021-05-01", "familiennachzug"), entry("P-2", "2020-03-01")],
            [left("P-1", "2020-11-30", "umzug_de")],
        )
    )
    assert found[["person", "start", "end", "zugangsart", "grund"]].astype("string").fillna("").values.tolist() == [
        ["P-1", "2020-02-01", "2020-11-30", "lra", "umzug_de"],
        ["P-1", "2021-05-01", "", "familiennachzug", ""],
        ["P-2", "2020-03-01", "", "lra", ""],
    ]


def test_episodes_of_two_towns_are_apart() -> None:
    found = snapshot.episodes(
        tables(
            [entry("P-1", "2020-01-01"), entry("P-1", "2021-01-01", fall__gemeinde=OTHER_TOWN)],
            [left("P-1", "2021-01-01", "umverteilung")],
        )
    )
    assert snapshot.of_municipality(found, TOWN)["end"].notna().tolist() == [True]
    assert snapshot.of_municipality(found, OTHER_TOWN)["end"].isna().tolist() == [True]


def test_without_records_there_are_no_episodes() -> None:
    found = snapshot.episodes(tables())
    assert found.empty
    assert list(snapshot.balance(found, [2022])["stock_end"]) == [0]
    assert snapshot.cumulative(found, dt.date(2018, 1, 1), DAY).total == 0
    assert list(snapshot.years(found)) == []


@pytest.mark.parametrize(
    ("entries", "exits", "code", "case"),
    [
        ([], [left("P-1", "2020-01-01")], "snapshot.exit_without_entry", "uuid:exit:P-1:2020-01-01"),
        ([entry("P-1", "2020-01-02")], [left("P-1", "2020-01-01")], "snapshot.overlap", "F-P-1"),
        ([entry("P-1", "2020-01-01"), entry("P-1", "2020-02-01")], [], "snapshot.overlap", "F-P-1"),
        (
            [entry("P-1", "2020-01-01"), entry("P-1", "2020-02-01")],
            [left("P-1", "2020-03-01")],
            "snapshot.overlap",
            "F-P-1",
        ),
        ([entry("P-1", None)], [], "snapshot.no_entry_date", "F-P-1"),
        ([entry("P-1", None, fall__fallnummer=None)], [], "snapshot.no_entry_date", "uuid:P-1:None"),
        ([entry("P-1", "2020-01-01", fall__person=None)], [], "snapshot.no_entry_date", "F-P-1"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_case_number(entries, exits, code, case) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError) as refused:
        snapshot.episodes(tables(entries, exits))
    assert refused.value.code == code
    assert case in str(refused.value)
    assert case in refused.value.text("en")


def test_a_fault_in_one_town_does_not_stop_the_report_of_another() -> None:
    faulty = [entry("P-2", "2020-01-02", fall__gemeinde=OTHER_TOWN)]
    given_tables = tables([entry("P-1", "2020-01-01"), *faulty], [left("P-2", "2019-01-01", town=OTHER_TOWN)])
    assert len(snapshot.state(given_tables, TOWN, DAY).persons) == 1
    with pytest.raises(DataError, match="F-P-2"):
        snapshot.state(given_tables, OTHER_TOWN, DAY)
    nobodys = tables([entry("P-1", "2020-01-01"), entry("P-2", "2020-01-01", fall__gemeinde=None)])
    with pytest.raises(DataError, match="F-P-2"):
        snapshot.state(nobodys, TOWN, DAY)


def test_a_missing_question_and_an_ill_typed_column_are_named() -> None:
    given = tables([entry("P-1", "2020-01-01")])
    with pytest.raises(ReportError, match="aufenthalt-zuweisung"):
        snapshot.episodes(given | {"erstgespraech": given["erstgespraech"].drop(columns="aufenthalt-zuweisung")})
    text = given["erstgespraech"].astype({"aufenthalt-zuweisung": "string"})
    with pytest.raises(ReportError, match="lotsenbuch check"):
        snapshot.episodes(given | {"erstgespraech": text})


def test_a_form_never_published_has_no_rows() -> None:
    only = {"erstgespraech": tables([entry("P-1", "2020-01-01")])["erstgespraech"]}
    state = snapshot.state(only, TOWN, DAY)
    assert len(state.persons) == 1
    assert state.sites.empty
    assert state.posts.empty
    assert state.goals.empty


# --- stock, flow, balance


def test_the_day_of_exit_is_no_day_in_stock_and_the_day_of_entry_is() -> None:
    found = snapshot.episodes(tables([entry("P-1", "2020-03-01")], [left("P-1", "2020-03-10")]))
    days = ["2020-02-29", "2020-03-01", "2020-03-09", "2020-03-10"]
    assert [len(snapshot.stock(found, dt.date.fromisoformat(day))) for day in days] == [0, 1, 1, 0]


def test_an_exit_on_new_years_eve_belongs_to_the_old_year() -> None:
    found = snapshot.episodes(tables([entry("P-1", "2020-01-01")], [left("P-1", "2020-12-31")]))
    row = snapshot.balance(found, [2020]).iloc[0]
    assert (row["stock_start"], row["entries"], row["exits"], row["stock_end"]) == (0, 1, 1, 0)


def test_the_balance_shows_kinds_reasons_and_what_is_missing() -> None:
    found = snapshot.episodes(
        tables(
            [
                entry("P-1", "2019-01-01"),
                entry("P-2", "2020-01-01", "geburt"),
                entry("P-3", "2020-06-01", None),
                entry("P-4", "2020-07-01", "privat_ua"),
            ],
            [
                left("P-1", "2020-05-01", "einbuergerung"),
                left("P-2", "2020-06-01", None),
                left("P-3", "2020-07-01", "abschiebung"),
            ],
        )
    )
    (row,) = snapshot.balance(found, [2020]).to_dict("records")
    assert row == {
        "year": 2020,
        "stock_start": 1,
        "in_geburt": 1,
        "in_lra": 0,
        "in_privat_ua": 1,
        "in_missing": 1,
        "entries": 3,
        "independent": 1,
        "other_exits": 1,
        "out_missing": 1,
        "exits": 3,
        "stock_end": 1,
    }


def test_a_balance_that_does_not_add_up_names_the_year() -> None:
    backwards = pd.DataFrame(
        {
            "person": ["P-1"],
            "start": pd.to_datetime(["2021-06-01"]),
            "end": pd.to_datetime(["2020-06-01"]),
            "zugangsart": ["lra"],
            "grund": ["sonst"],
        }
    )
    with pytest.raises(ReportError) as refused:
        snapshot.balance(backwards, [2019, 2020])
    assert refused.value.fields == {"year": "2020"}  # no counts: nobody protected them


def test_the_cumulative_figure_counts_persons_once_and_leaves_private_ones_out() -> None:
    found = snapshot.episodes(
        tables(
            [
                entry("P-1", "2017-06-01"),  # opening stock, gone, back, still there
                entry("P-1", "2020-01-01"),
                entry("P-2", "2017-06-01"),  # opening stock, into independence on the first day
                entry("P-3", "2016-01-01"),  # gone before
                entry("P-4", "2019-01-01"),  # assigned, other exit
                entry("P-5", "2022-04-01", "privat_ua"),
                entry("P-6", "2022-04-01", None),
                entry("P-7", "2023-01-01"),  # after the date
            ],
            [
                left("P-1", "2019-01-01", "umzug_de"),
                left("P-2", "2018-01-01", "selbst_arbeit"),
                left("P-3", "2017-12-31", "selbst_wohn"),
                left("P-4", "2021-01-01", "abschiebung"),
            ],
        )
    )
    bridge = snapshot.cumulative(found, dt.date(2018, 1, 1), DAY)
    assert bridge == snapshot.Bridge(
        opening=2, assigned=1, total=3, independent=1, other_exits=1, stock=1, private=1, unknown=1
    )


# --- state


def full() -> dict[str, pd.DataFrame]:
    site = {"unterkunft-gemeinde": TOWN, "unterkunft-type": "gu", "unterkunft-in_use_from": "2017-01-01"}
    post = {"stelle-gemeinde": TOWN, "stelle-rolle": "im", "stelle-von": "2018-01-01", "stelle-status": "besetzt"}
    stay = {"PARENT_KEY": "uuid:s1", "von": "2020-01-01"}
    goal = {"PARENT_KEY": "uuid:P-1:2020-01-01", "handlungsfeld": "spr"}
    return tables(
        [
            entry("P-1", "2020-01-01", person__staatsangehoerigkeit="SY", person__geburtsdatum="1990-12-31"),
            entry("P-2", "2020-01-01", person__staatsangehoerigkeit="SY", person__geburtsdatum="2016-01-01"),
            entry("P-3", "2020-01-01", "privat_ua", person__staatsangehoerigkeit="UA", wohnen__wohnform="priv_fam"),
            entry("P-4", "2020-01-01"),
            entry("P-5", "2020-01-01", fall__gemeinde=OTHER_TOWN, person__staatsangehoerigkeit="AF"),
        ],
        [left("P-4", "2022-12-31", "selbst_wohn")],
        sites=[
            site | {"KEY": "uuid:s1", "unterkunft-id": "U1", "unterkunft-name": "Haus am Markt",
                    "unterkunft-ortsteil": "Kernort", "unterkunft-units": 3, "unterkunft-places": 5,
                    "unterkunft-places_usable": 4},
            site | {"KEY": "uuid:s2", "unterkunft-id": "U2", "unterkunft-ortsteil": "Kernort"},
            site | {"KEY": "uuid:s3", "unterkunft-id": "U3", "unterkunft-in_use_to": "2022-12-30"},
            site | {"KEY": "uuid:s4", "unterkunft-id": "U4", "unterkunft-gemeinde": OTHER_TOWN},
        ],
        stays=[
            stay | {"person": "P-1"},
            stay | {"person": "P-2", "bis": "2023-01-01"},
            stay | {"person": "P-3", "bis": "2022-12-31"},
            stay | {"person": "P-9", "not_im": "ja"},
            stay | {"person": "P-5", "PARENT_KEY": "uuid:s4"},
        ],
        posts=[
            post | {"KEY": "uuid:p1", "stelle-id": "1", "stelle-vzae_bewilligt": 1.0, "stelle-vzae_besetzt": 1.0},
            post | {"KEY": "uuid:p2", "stelle-id": "2", "stelle-vzae_bewilligt": 0.75, "stelle-vzae_besetzt": 0.75,
                    "stelle-bis": "2022-12-31"},
            post | {"KEY": "uuid:p3", "stelle-id": "3", "stelle-vzae_bewilligt": 5.0, "stelle-bis": "2022-12-30"},
            post | {"KEY": "uuid:p4", "stelle-id": "4", "stelle-gemeinde": OTHER_TOWN, "stelle-vzae_bewilligt": 9.0},
        ],
        absences=[
            {"PARENT_KEY": "uuid:p1", "von": "2022-10-01", "bis": "2022-12-31", "vertretung": "nein"},
            {"PARENT_KEY": "uuid:p2", "von": "2022-10-01", "vertretung": "ja"},
        ],
        goals=[
            goal | {"stand": "running", "faellig": "2022-06-01"},
            goal | {"stand": "running", "faellig": "2023-06-01"},
            goal | {"stand": "reached", "faellig": "2022-06-01"},
            goal | {"PARENT_KEY": "uuid:P-4:2020-01-01", "handlungsfeld": "woh"},
            goal | {"PARENT_KEY": "uuid:P-5:2020-01-01", "stand": "running"},
        ],
    )  # fmt: skip


def test_persons_and_their_categories() -> None:
    state = snapshot.state(full(), TOWN, DAY)
    assert state.persons["person"].tolist() == ["P-1", "P-2", "P-3"]
    assert state.persons["age"].tolist()[:2] == [32, 6]
    assert state.persons["age"].isna().tolist() == [False, False, True]
    assert state.persons["assigned"].tolist() == [True, True, False]
    assert state.persons["wohnen-wohnform"].tolist() == ["au_gu", "au_gu", "priv_fam"]
    assert snapshot.nationalities(state).to_dict("records") == [
        {"nationality": "SY", "n": 2},
        {"nationality": "UA", "n": 1},
    ]
    assert state.persons["zugangsart"].tolist() == ["lra", "lra", "privat_ua"]
    assert snapshot.exits(state.episodes, dt.date(2022, 1, 1), DAY)["grund"].tolist() == ["selbst_wohn"]


def test_a_person_without_nationality_is_a_row_of_its_own() -> None:
    state = snapshot.state(tables([entry("P-1", "2020-01-01")]), TOWN, DAY)
    assert snapshot.nationalities(state).values.tolist() == [[snapshot.MISSING, 1]]


def test_accommodation_is_half_open_and_knows_its_places() -> None:
    state = snapshot.state(full(), TOWN, DAY)
    rows = snapshot.accommodation(state)
    assert rows["site"].tolist() == ["U1", "U2"]
    assert rows["n"].tolist() == [2, 0]
    assert rows["occupied"].tolist() == [3, 0]  # P-9 is no case of the integration management
    assert rows["occupancy"].iloc[0] == 0.75
    assert state.placements["person"].tolist() == ["P-1", "P-2"]
    assert rows["occupancy"].isna().tolist() == [False, True]
    assert rows["places"].tolist() == [4, pd.NA]


def test_posts_count_to_their_last_day_and_an_absence_without_substitute_empties_one() -> None:
    state = snapshot.state(full(), TOWN, DAY)
    assert state.posts[["id", "approved", "filled", "absent"]].values.tolist() == [
        ["1", 1.0, 0.0, True],
        ["2", 0.75, 0.75, False],
    ]


def test_goals_of_the_year_include_those_of_who_left_in_it() -> None:
    state = snapshot.state(full(), TOWN, DAY)
    assert state.goals["field"].tolist() == ["spr", "spr", "spr", "woh"]
    assert state.goals["status"].fillna("").tolist() == ["running", "reached", "running", ""]
    assert state.goals["in_stock"].tolist() == [True, True, True, False]
    assert state.goals["open"].tolist() == [True, False, True, True]


def test_no_figure_of_one_town_is_in_the_state_of_another() -> None:
    state = snapshot.state(full(), OTHER_TOWN, DAY)
    assert state.persons["person"].tolist() == ["P-5"]
    assert state.placements["person"].tolist() == ["P-5"]
    assert state.posts["id"].tolist() == ["4"]
    assert len(state.goals) == 1


@pytest.mark.parametrize(
    ("municipality", "date", "code"),
    [
        ("08235999", DAY, "snapshot.unknown_municipality"),
        ("8235007", DAY, "snapshot.unknown_municipality"),
        (TOWN, dt.date(2019, 12, 31), "snapshot.no_data"),
    ],
)
def test_a_town_or_a_date_without_data_is_refused(municipality: str, date: dt.date, code: str) -> None:
    with pytest.raises(ReportError) as refused:
        snapshot.state(full(), municipality, date)
    assert refused.value.code == code


def test_tables_alone_have_no_second_time() -> None:
    with pytest.raises(ReportError, match="Wissensstand"):
        snapshot.state(full(), TOWN, DAY, dt.datetime(2022, 1, 1, tzinfo=dt.UTC))


def test_the_shipped_lists_say_the_same_as_the_counting_rules() -> None:
    def codes(name: str) -> list[dict[str, str]]:
        with (LISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    assert {row["name"] for row in codes("austrittsgrund") if row["gruppe"] == "selbst"} == snapshot.INDEPENDENT
    assert {row["name"] for row in codes("zugangsart")} > snapshot.PRIVATE
    assert {row["name"] for row in codes("zielstand")} > snapshot.CLOSED_GOALS
    assert {row["name"] for row in codes("vertretung")} > COVERED
    assert all((row["phase"] == "au") == row["name"].startswith("au_") for row in codes("wohnform"))  # B08


# --- laws

days = st.dates(dt.date(2017, 1, 1), dt.date(2023, 12, 31))


@st.composite
def lives(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Up to twelve persons, each with episodes one after the other, the last perhaps open."""
    entries, exits = [], []
    for number in range(draw(st.integers(0, 12))):
        moments = sorted(draw(st.lists(days, min_size=1, max_size=5)))
        for index, day in enumerate(moments):
            if index % 2 == 0:
                kind = draw(st.sampled_from(["lra", "geburt", "privat_ua", None]))
                entries.append(entry(f"P-{number}", day, kind, KEY=f"uuid:{number}:{index}"))
            else:
                exits.append(left(f"P-{number}", day, draw(st.sampled_from(["selbst_wohn", "abschiebung", None]))))
    return tables(entries, exits)


@settings(deadline=None, max_examples=40)
@given(lives())
def test_the_balance_holds_whatever_happened(given_tables: dict[str, pd.DataFrame]) -> None:
    rows = snapshot.balance(snapshot.episodes(given_tables), range(2017, 2024))
    assert (rows["stock_start"] + rows["entries"] - rows["exits"] == rows["stock_end"]).all()
    assert rows["stock_start"].tolist()[1:] == rows["stock_end"].tolist()[:-1]
    kinds = rows[[name for name in rows if name.startswith("in_")]].sum(axis=1)
    assert (kinds == rows["entries"]).all()
    assert (rows["independent"] + rows["other_exits"] + rows["out_missing"] == rows["exits"]).all()


@settings(deadline=None, max_examples=40)
@given(lives(), days)
def test_stock_counted_day_by_day_is_all_entries_less_all_exits(
    given_tables: dict[str, pd.DataFrame], day: dt.date
) -> None:
    came = given_tables["erstgespraech"]["aufenthalt-zuweisung"] <= pd.Timestamp(day)
    went = given_tables["austritt"]["austritt-datum"] <= pd.Timestamp(day)
    found = snapshot.episodes(given_tables)
    assert len(snapshot.stock(found, day)) == came.sum() - went.sum()
    assert snapshot.stock(found, day)["person"].is_unique


@settings(deadline=None, max_examples=40)
@given(lives(), days, days)
def test_the_bridge_adds_up_and_ends_at_the_stock(
    given_tables: dict[str, pd.DataFrame], one: dt.date, other: dt.date
) -> None:
    since, date = min(one, other), max(one, other)
    found = snapshot.episodes(given_tables)
    bridge = snapshot.cumulative(found, since, date)
    assert bridge.opening + bridge.assigned == bridge.total
    assert bridge.independent + bridge.other_exits + bridge.stock == bridge.total
    assert bridge.stock + bridge.private + bridge.unknown == snapshot.stock(found, date)["person"].nunique()


# --- two times


class Town:
    """A study with one form, whose clock the test moves; every record it gets is told apart by its number."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.clock = Clock(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        with study.store(clock=self.clock) as store:
            store.publish(freeze(study.dir / "forms" / "austritt.md"))
        self.round = 0

    def send(self, events: list[tuple[int, dt.date]]) -> list[tuple[str, dt.date, dt.datetime]]:
        """Store the events one after the other, later ones of a number as new versions; gives key, day, received."""
        self.round += 1
        versions: Counter[str] = Counter()
        sent = []
        with self.study.store(clock=self.clock) as store:
            published = store.forms()[0]
            for number, day in events:
                key = f"uuid:{self.round}:{number}"
                versions[key] += 1
                now = self.clock.move(hours=1)
                store.append(
                    Submission(
                        id=key,
                        form_id=published.form_id,
                        form_version=published.version,
                        form_hash=published.hash,
                        municipality=TOWN,
                        subject="P-000001",
                        record={"/data/austritt/datum": day.isoformat()},
                        started=now,
                        ended=now,
                        author="a",
                        version=versions[key],
                        reason="berichtigt" if versions[key] > 1 else None,
                    )
                )
                sent.append((key, day, now))
        return sent

    def known(self, at: dt.datetime | None) -> dict[str, str]:
        """{key: day of exit} of this round's records, as known at a time."""
        rows = snapshot.study_tables(self.study, known_at=at)["austritt"]
        rows = rows[rows["KEY"].str.startswith(f"uuid:{self.round}:")]
        return dict(zip(rows["KEY"], rows["austritt-datum"].dt.date.astype(str), strict=True))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(create_study(tmp_path_factory.mktemp("two-times") / "study"))


@settings(deadline=None, max_examples=15)
@given(events=st.lists(st.tuples(st.integers(1, 3), days), min_size=1, max_size=5))
def test_what_is_known_at_a_time_never_uses_later_events(town: Town, events: list[tuple[int, dt.date]]) -> None:
    sent = town.send(events)
    for at in (*(received for _, _, received in sent), sent[0][2] - dt.timedelta(minutes=1), None):
        until = [(key, day) for key, day, received in sent if at is None or received <= at]
        assert town.known(at) == {key: str(day) for key, day in until}


def as_now(study: Study) -> snapshot.State:
    return snapshot.state(study, TOWN, DAY)


def test_a_later_correction_changes_the_later_knowledge_only(demo_copy: Study) -> None:
    before = as_now(demo_copy)
    person = before.episodes[before.episodes["end"].isna()].iloc[0]
    with demo_copy.store() as store:
        asked = next(iter(store.submissions("austritt", municipality=TOWN)))
        answers = {"fall/person": person["person"], "austritt/datum": DAY.isoformat(), "austritt/grund": "umzug_de"}
        record = asked.record | {f"/data/{name}": answer for name, answer in answers.items()}
        last = store.last_received()
        store.append(replace(asked, id="uuid:new", record=record, subject=person["person"], version=1, reason=None))
    after = as_now(demo_copy)
    assert (len(before.persons), len(after.persons)) == (110, 109)
    assert snapshot.cumulative(after.episodes, dt.date(2018, 1, 1), DAY).other_exits == 19
    assert snapshot.balance(after.episodes, [2022])["exits"].tolist() == [66]
    then = snapshot.state(demo_copy, TOWN, DAY, known_at=last)
    for part in ("episodes", "persons", "sites", "placements", "posts", "goals"):
        pd.testing.assert_frame_equal(getattr(then, part), getattr(before, part))


def test_the_published_figures_come_out_of_the_demos_records(demo_study: Study) -> None:
    tables_now = snapshot.study_tables(demo_study)
    state = snapshot.state(tables_now, TOWN, DAY)
    bridge = snapshot.cumulative(state.episodes, dt.date(2018, 1, 1), DAY)
    assert bridge == snapshot.Bridge(
        opening=100, assigned=260, total=360, independent=250, other_exits=18, stock=92, private=18, unknown=0
    )
    assert len(state.persons) == 110
    nations = snapshot.nationalities(state).set_index("nationality")["n"]
    assert nations[["SY", "PS", "AF", "UA"]].tolist() == [41, 12, 9, 18]
    assert len(nations) == 15
    assert nations.drop(["SY", "PS", "AF", "UA"]).sum() == 30
    sites = snapshot.accommodation(state)
    assert (len(sites), sites["n"].sum(), sites["ortsteil"].nunique()) == (10, 110, 3)
    assert state.posts["approved"].sum() == 1.75
    rows = snapshot.balance(state.episodes, range(2018, 2023))
    assert rows["stock_start"].iloc[0] == 100
    assert rows["stock_end"].tolist()[-1] == 110
    with pytest.raises(ReportError, match="08235999"):
        snapshot.state(demo_study, "08235999", DAY)
