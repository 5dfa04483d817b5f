from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.entitycolumns import Saved
from intake.study import Study
from intake.submission import Submission
from reports import snapshot
from reports.as_of import Followed, Said, as_of, followed_tables, held
from scenario.records import GOAL_COLUMNS, INTAKE_COLUMNS, OTHER_TOWN, TOWN, Row, entry, frame, left, tables
from validation.errors import ReportError

TEXT, DATE = "string", "datetime64[us]"
INTAKE_SAVES = {"wohnen-wohnform": "wohnform", "sprache-deutsch_gesamt": "deutsch_gesamt"}
LATER_SAVES = {
    "wohnen-wohnform": "wohnform", "wohnen-einzug": "einzug", "sprache-niveau": "deutsch_gesamt", "letzter": "letzter",
}  # fmt: skip
GOAL_SAVES = {"handlungsfeld": "handlungsfeld", "stand": "stand", "faellig": "faellig"}
LATER_GOAL_SAVES = {**GOAL_SAVES, "grund": "grund"}
SAVED = (
    Saved("erstgespraech", "erstgespraech", "person", "_entity", "_creates", INTAKE_SAVES, True, True),
    Saved("erstgespraech", "erstgespraech-ziel", "ziel", "_entity", "_creates", GOAL_SAVES, False, False),
    Saved("folge", "folge", "person", "_entity", "_creates", LATER_SAVES, True, True),
    Saved("folge", "folge-ziel", "ziel", "_entity", "_creates", LATER_GOAL_SAVES, False, False),
)
IDS = {"_entity": TEXT, "_creates": "boolean"}
LATER = {
    "KEY": TEXT, "_municipality": TEXT, "_subject": TEXT, "fall-datum": DATE, "wohnen-wohnform": TEXT,
    "wohnen-wohnform__how": TEXT, "wohnen-einzug": DATE, "sprache-niveau": TEXT, "sprache-niveau__how": TEXT,
    "sprache-niveau_ab": DATE, "letzter": TEXT, **IDS,
}  # fmt: skip
LATER_GOALS = {**GOAL_COLUMNS, "stand__how": TEXT, "grund": TEXT, **IDS}


def later(person: str, day: str, key: str = "", town: str = TOWN, **more: object) -> Row:
    """One follow-up."""
    row = {"KEY": key or f"uuid:f:{person}:{day}", "_municipality": town, "_subject": person, "fall-datum": day,
           "_entity": person, "_creates": True}  # fmt: skip
    return row | {name.replace("__", "-", 1): value for name, value in more.items()}


def goal(name: str, above: str, number: int = 1, **more: object) -> Row:
    return {"KEY": f"{above}/ziele/ziel[{number}]", "PARENT_KEY": above, "_entity": name, "_creates": True, **more}


def followed(
    entries: Sequence[Row], again: Sequence[Row], goals: Sequence[Row] = (), later_goals: Sequence[Row] = (),
    exits: Sequence[Row] = (),
) -> Followed:  # fmt: skip
    made = tables(entries, exits)
    rows = [{"_entity": row["fall-person"], "_creates": True, **row} for row in entries]
    made["erstgespraech"] = frame({**INTAKE_COLUMNS, **IDS}, rows)
    made["erstgespraech-ziel"] = frame({**GOAL_COLUMNS, **IDS}, goals)
    return Followed(made | {"folge": frame(LATER, again), "folge-ziel": frame(LATER_GOALS, later_goals)}, SAVED)


def living(given_tables: Mapping[str, pd.DataFrame], day: str) -> list[object]:
    state = snapshot.state(given_tables, TOWN, dt.date.fromisoformat(day))
    return state.persons["wohnform"].fillna("").tolist()


HOME = "uuid:P-1:2020-01-01"


# --- answers


def test_a_change_holds_from_the_day_of_its_record() -> None:
    found = followed(
        [entry("P-1", "2020-01-01"), entry("P-2", "2020-01-01")],
        [later("P-1", "2021-06-01", wohnen__wohnform="priv_miete"), later("P-2", "2021-07-01")],
    )
    assert [living(found, day)[0] for day in ("2021-05-31", "2021-06-01")] == ["au_gu", "priv_miete"]
    assert living(found, "2022-01-01") == ["priv_miete", "au_gu"]  # an empty answer says nothing
    state = snapshot.state(found, TOWN, dt.date(2021, 12, 31))
    assert state.persons["wohnen-wohnform"].tolist() == ["priv_miete", "au_gu"]
    assert state.episodes["wohnform"].tolist() == ["au_gu", "au_gu"]  # episodes are those of the intake
    assert state.first["wohnen-wohnform"].tolist() == ["au_gu", "au_gu"]
    assert state.before["wohnen-wohnform"].tolist() == ["au_gu", "au_gu"]
    assert state.persons["wohnen-wohnform__asked"].astype("string").fillna("").tolist() == ["2021-06-01", ""]


def test_a_change_holds_from_its_own_day_where_that_is_said_anew() -> None:
    moved = {"wohnen__wohnform": "priv_miete", "wohnen__einzug": "2021-03-15"}
    found = followed([entry("P-1", "2020-01-01")], [later("P-1", "2021-06-01", **moved)])
    assert [living(found, day) for day in ("2021-03-14", "2021-03-15")] == [["au_gu"], ["priv_miete"]]
    again = later("P-1", "2021-09-01", wohnen__wohnform="priv_fam", wohnen__einzug="2021-03-15")
    found = followed([entry("P-1", "2020-01-01")], [later("P-1", "2021-06-01", **moved), again])
    assert [living(found, day) for day in ("2021-08-31", "2021-09-01")] == [["priv_miete"], ["priv_fam"]]


def test_the_day_beside_a_question_is_its_own_and_other_names_of_questions_do_not_matter() -> None:
    rows = [{"KEY": HOME} | entry("P-1", "2020-01-01", sprache__deutsch_gesamt="a1")]
    found = followed(rows, [later("P-1", "2021-06-01", sprache__niveau="b1", sprache__niveau_ab="2021-04-01")])
    days = ("2021-03-31", "2021-04-01")
    states = [snapshot.state(found, TOWN, dt.date.fromisoformat(day)).persons for day in days]
    assert [each["sprache-deutsch_gesamt"].tolist() for each in states] == [["a1"], ["b1"]]


def test_a_correction_holds_since_the_answer_it_corrects() -> None:
    rows = [
        later("P-1", "2021-06-01", wohnen__wohnform="priv_miete"),
        later("P-1", "2021-12-01", wohnen__wohnform="priv_fam", wohnen__wohnform__how="corrected"),
    ]
    found = followed([entry("P-1", "2020-01-01")], rows)
    assert [living(found, day) for day in ("2021-05-31", "2021-06-01", "2022-01-01")] == [
        ["au_gu"], ["priv_fam"], ["priv_fam"],
    ]  # fmt: skip
    first = followed([entry("P-1", "2020-01-01")], [{**rows[1], "wohnen-wohnform": "obdach"}])
    assert living(first, "2020-01-01") == ["obdach"]


def test_a_record_of_another_town_or_after_the_episode_changes_nothing() -> None:
    found = followed(
        [entry("P-1", "2020-01-01"), entry("P-1", "2022-02-01"), entry("P-2", "2020-01-01")],
        [
            later("P-1", "2021-12-31", wohnen__wohnform="priv_miete"),  # between two episodes
            later("P-1", "2021-01-05", wohnen__wohnform="obdach"),  # in the first
            later("P-2", "2021-01-01", town=OTHER_TOWN, wohnen__wohnform="priv_miete"),
        ],
        exits=[left("P-1", "2021-12-01")],
    )
    assert living(found, "2021-06-01") == ["obdach", "au_gu"]
    assert living(found, "2022-03-01") == ["au_gu", "au_gu"]


def test_what_only_later_forms_ask_is_a_column_and_another_type_is_refused() -> None:
    found = followed([entry("P-1", "2020-01-01")], [later("P-1", "2021-01-01", letzter="x")])
    assert snapshot.state(found, TOWN, dt.date(2021, 1, 1)).persons["letzter"].tolist() == ["x"]
    wrong = dict(found) | {"folge-ziel": found["folge-ziel"].astype({"faellig": "string"})}
    wrong["folge-ziel"] = frame(LATER_GOALS | {"faellig": TEXT}, [goal("g1", "uuid:f:P-1:2021-01-01", faellig="bald")])
    with pytest.raises(ReportError, match="faellig"):
        snapshot.state(Followed(wrong, SAVED), TOWN, dt.date(2021, 1, 1))


# --- goals


def test_goals_are_followed_across_records() -> None:
    agreed = {"handlungsfeld": "spr", "stand": "running", "faellig": "2021-06-01"}
    one, two = "uuid:f:P-1:2021-05-01", "uuid:f:P-1:2021-11-01"
    found = followed(
        [entry("P-1", "2020-01-01")],
        [later("P-1", "2021-05-01"), later("P-1", "2021-11-01")],
        [goal("g1", HOME, 1, **agreed), goal("g2", HOME, 2, **agreed)],
        [
            goal("g1", one, 1, stand="postponed", faellig="2021-12-01", _creates=False),
            goal("g2", one, 2, stand="not_reached", grund="kein Kurs", _creates=False),
            goal("g3", one, 3, handlungsfeld="arb", stand="agreed", faellig="2022-02-01"),
            goal("g1", two, 1, stand="reached", erreicht_am="2021-10-01", gas_ist="1", _creates=False),
            goal("g9", two, 2, stand="reached", _creates=False),  # no record creates it
        ],
    )

    def goals(day: str) -> list[list[str]]:
        rows = snapshot.state(found, TOWN, dt.date.fromisoformat(day)).goals.sort_values("goal")
        return rows[["goal", "field", "status", "due", "open"]].astype("string").fillna("").values.tolist()

    assert goals("2021-04-30") == [
        ["g1", "spr", "running", "2021-06-01", "True"], ["g2", "spr", "running", "2021-06-01", "True"],
    ]  # fmt: skip
    assert goals("2021-05-01") == [
        ["g1", "spr", "postponed", "2021-12-01", "True"], ["g2", "spr", "not_reached", "2021-06-01", "False"],
        ["g3", "arb", "agreed", "2022-02-01", "True"],
    ]  # fmt: skip
    assert goals("2021-11-01")[0] == ["g1", "spr", "reached", "2021-12-01", "False"]
    state = snapshot.state(found, TOWN, dt.date(2021, 12, 31))
    assert state.goals.set_index("goal").loc["g2", "reason"] == "kein Kurs"
    assert state.goals["person"].unique().tolist() == ["P-1"]


def test_a_goal_goes_on_in_the_next_episode() -> None:
    found = followed(
        [entry("P-1", "2020-01-01"), entry("P-1", "2022-01-01")],
        [later("P-1", "2022-03-01")],
        [goal("g1", HOME, stand="running", handlungsfeld="spr")],
        [goal("g1", "uuid:f:P-1:2022-03-01", stand="reached", _creates=False)],
        exits=[left("P-1", "2021-12-01")],
    )
    state = snapshot.state(found, TOWN, dt.date(2022, 12, 31))
    assert state.goals[["goal", "status", "in_stock"]].values.tolist() == [["g1", "reached", True]]
    assert snapshot.state(found, TOWN, dt.date(2022, 2, 1)).goals.empty


# --- properties

days = st.dates(dt.date(2020, 1, 2), dt.date(2022, 12, 31)).map(pd.Timestamp)
hows = st.sampled_from(["", "changed", "confirmed", "new"])
saids = st.builds(Said, day=days, value=st.sampled_from("abc"), how=hows)


@given(st.sampled_from(["a", "b", None]), st.lists(saids, max_size=6), days)
def test_what_comes_after_a_day_never_changes_what_held_on_it(first: str | None, said: list[Said], day) -> None:  # type: ignore[no-untyped-def]
    inorder = sorted(said, key=lambda each: each.day)
    until = [each for each in inorder if each.day <= day]
    assert held(first, inorder, day) == held(first, until, day) == (until[-1].value if until else first)


@given(st.sampled_from(["a", "b"]), st.lists(saids, max_size=5), saids, days)
def test_a_correction_leaves_no_trace_of_what_it_corrects(first, said, last, day) -> None:  # type: ignore[no-untyped-def]
    inorder = sorted(said, key=lambda each: each.day)
    corrected = replace(last, day=pd.Timestamp("2023-01-01"), how="corrected", value="z")
    found = held(first, [*inorder, corrected], day)
    assert found == "z" or found == held(first, inorder, day)
    assert held(first, [*inorder, corrected], pd.Timestamp("2023-01-01")) == "z"


ROWS = [
    later("P-1", "2021-01-01", wohnen__wohnform="priv_miete"),
    later("P-1", "2021-06-01", wohnen__wohnform="priv_fam", wohnen__wohnform__how="corrected"),
    later("P-1", "2021-06-01", key="uuid:f2", wohnen__wohnform="obdach"),
    later("P-2", "2021-03-01", wohnen__wohnform="priv_eig", wohnen__einzug="2020-12-01"),
]
GOALS = [
    goal("g1", "uuid:f:P-1:2021-01-01", stand="postponed", _creates=False),
    goal("g1", "uuid:f2", stand="reached", _creates=False),
    goal("g2", "uuid:f:P-1:2021-06-01", 2, stand="agreed"),
]


@settings(max_examples=6, deadline=None)
@given(st.permutations(ROWS), st.permutations(GOALS), st.sampled_from(["2020-12-31", "2021-05-01", "2021-12-31"]))
def test_the_order_in_which_records_lie_does_not_matter(rows: list[Row], goals: list[Row], day: str) -> None:
    entries = [entry("P-1", "2020-01-01"), entry("P-2", "2020-01-01")]
    date = dt.date.fromisoformat(day)

    def made(again: Sequence[Row], more: Sequence[Row]) -> list[pd.DataFrame]:
        found = followed(entries, again, [goal("g1", HOME, stand="running")], more)
        state = snapshot.state(found, TOWN, date)
        return [state.persons, state.goals]

    for one, other in zip(made(ROWS, GOALS), made(rows, goals), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_plain_mapping_comes_back_as_it_is() -> None:
    given_tables = dict(followed([entry("P-1", "2020-01-01")], [later("P-1", "2021-01-01", wohnen__wohnform="obdach")]))
    assert as_of(given_tables, snapshot.episodes(given_tables, TOWN), dt.date(2022, 1, 1)) is given_tables
    assert living(given_tables, "2022-01-01") == ["au_gu"]


# --- the shipped forms


def test_a_follow_up_of_the_shipped_form_changes_the_state_once_it_is_known(demo_copy: Study) -> None:
    date = dt.date(2022, 12, 31)
    tables_before = followed_tables(demo_copy)
    before = snapshot.state(tables_before, TOWN, date)
    person = before.persons[before.persons["wohnform"].str.startswith("au_").fillna(False)].iloc[0]
    mine = before.goals[before.goals["in_stock"]].iloc[0]
    with demo_copy.store() as store:
        last = store.last_received()
        form = next(each for each in store.forms() if each.form_id == "fortschreibung")
        for number, (who, ziel) in enumerate([(person["person"], None), (mine["person"], mine["goal"])]):
            record: dict[str, object] = {
                "/data/fall/gemeinde": TOWN, "/data/fall/person": who, "/data/fall/datum": "2022-12-30",
                "/data/meta/entity/@id": who, "/data/meta/entity/@create": "1", "/data/meta/entity/@update": "1",
            }  # fmt: skip
            if ziel is None:
                record["/data/veraenderung/wohnen/wohnform"] = "priv_miete"
            else:
                top = "/data/ziele/ziel"
                record[top] = [
                    {f"{top}/meta/entity/@id": ziel, f"{top}/meta/entity/@update": "1", f"{top}/stand": "cancelled",
                     f"{top}/grund": "weggezogen"},
                    {f"{top}/meta/entity/@id": "new", f"{top}/meta/entity/@create": "1", f"{top}/stand": "agreed",
                     f"{top}/handlungsfeld": "woh"},
                ]  # fmt: skip
            now = dt.datetime(2022, 12, 30, 12, tzinfo=dt.UTC)
            store.append(
                Submission(
                    id=f"uuid:later:{number}",
                    form_id=form.form_id,
                    form_version=form.version,
                    form_hash=form.hash,
                    municipality=TOWN,
                    subject=who,
                    record=record,
                    started=now,
                    ended=now,
                    author="a",
                )
            )
    after = snapshot.state(followed_tables(demo_copy), TOWN, date)
    pd.testing.assert_frame_equal(after.episodes, before.episodes)
    changed = after.persons.set_index("person")["wohnform"].compare(before.persons.set_index("person")["wohnform"])
    assert changed.index.tolist() == [person["person"]]
    assert changed["self"].tolist() == ["priv_miete"]
    goals = after.goals.set_index("goal")
    assert goals.loc[mine["goal"], ["status", "reason"]].tolist() == ["cancelled", "weggezogen"]
    assert goals.loc["new", ["person", "field", "in_stock"]].tolist() == [mine["person"], "woh", True]
    assert len(goals) == len(before.goals) + 1
    then = followed_tables(demo_copy, known_at=last)
    for name in ("erstgespraech", "erstgespraech-ziel", "fortschreibung", "fortschreibung-ziel"):
        pd.testing.assert_frame_equal(then[name], tables_before[name])
