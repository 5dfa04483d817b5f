"""The injection test: faults of every kind planted in good tables are found, each of them, and nothing else is.

What was measured stands in `intake/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from intake.simulation.faults import KINDS, Kind, planted
from intake.xlsform import read_xlsform
from scenario.faulty import NOW, faulty_form, first_interviews, made_up
from scenario.workbooks import markdown
from validation.form import Form
from validation.schema import Report, check

PLACE = ["table", "key", "column", "rule"]

pytestmark = pytest.mark.filterwarnings("ignore:Parsing dates in")


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return faulty_form(tmp_path_factory.mktemp("faulty"))


@pytest.fixture(scope="module")
def good(form: Form) -> dict[str, pd.DataFrame]:
    return made_up(form, 180)


@pytest.fixture(scope="module")
def few(form: Form) -> dict[str, pd.DataFrame]:
    return made_up(form, 60, seed=2)


def places(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    return set(frame[PLACE].fillna("").itertuples(index=False, name=None))


def assert_found(report: Report, faults: pd.DataFrame) -> None:
    """Found / planted is 100 % for every kind, and there is no false alarm."""
    found = places(report.failures)
    shares = {
        kind: len(places(some) & found) / len(places(some)) for kind, some in faults.groupby("kind", observed=True)
    }
    assert set(shares.values()) == {1.0}, {kind: share for kind, share in shares.items() if share < 1}
    assert found - places(faults) == set()


def assert_injected(form: Form, good: Mapping[str, pd.DataFrame], each: int) -> pd.DataFrame:
    assert check(form, good, default_now=NOW).failures.empty
    spoilt, faults = planted(form, good, seed=1, each=each, default_now=NOW)
    assert_found(check(form, spoilt, default_now=NOW), faults)
    return faults


def test_faults_of_all_kinds_are_found_and_nothing_else(form: Form, good: dict[str, pd.DataFrame]) -> None:
    counts = assert_injected(form, good, 3)["kind"].value_counts()
    assert len(KINDS) >= 30
    assert counts.to_dict() == {kind.name: kind.most or 3 for kind in KINDS}


@pytest.mark.long
def test_faults_in_ten_thousand_cases_are_found_and_nothing_else(form: Form) -> None:
    counts = assert_injected(form, made_up(form, 10_000), 100)["kind"].value_counts()
    assert counts.to_dict() == {kind.name: kind.most or 100 for kind in KINDS}


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_alone_is_found_by_its_rule(form: Form, few: dict[str, pd.DataFrame], kind: Kind) -> None:
    spoilt, faults = planted(form, few, [kind.name], seed=2, default_now=NOW)
    assert faults["kind"].tolist() == [kind.name]
    assert set(check(form, spoilt, default_now=NOW).failures["rule"]) == {kind.rule}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("number", "each"), [(20, 1), pytest.param(10_000, 20, marks=pytest.mark.long)])
def test_faults_in_first_interviews_are_found_and_nothing_else(number: int, each: int) -> None:
    form, good = first_interviews(number)
    faults = assert_injected(form, good, each)
    lacking = {kind.name for kind in KINDS} - set(faults["kind"])
    if number == 10_000:
        # The form has no moments but those of its own clock, no times, places, yes/no values, ranges and totals, and
        # no number or day without a rule.
        none = {"type_datetime", "type_time", "type_geopoint", "type_boolean", "off_scale", "sum_that_differs"}
        assert lacking <= none | {"other_dtype"}
    assert faults["kind"].nunique() >= 25


def test_the_same_seed_plants_the_same_faults_and_the_tables_given_stay_good(
    form: Form, few: dict[str, pd.DataFrame]
) -> None:
    before = {name: frame.copy() for name, frame in few.items()}
    first, again, other = (planted(form, few, seed=seed, default_now=NOW) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first[1], again[1])
    assert all(first[0][name].equals(again[0][name]) for name in first[0])
    assert not first[1].equals(other[1])
    for name, frame in few.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_a_form_without_a_place_for_a_kind_gets_none(tmp_path: Path) -> None:
    bare = read_xlsform(markdown(tmp_path, "| survey | type | name | label |\n| | text | a | A |\n"))
    good = made_up(bare, 5)
    spoilt, faults = planted(bare, good, ["too_small", "orphaned_entry", "record_twice"], seed=1)
    assert faults["kind"].tolist() == ["record_twice"]
    assert len(spoilt[bare.id]) == 6


def test_an_unknown_kind_is_refused(form: Form, good: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(ValueError, match="no kind of fault: nonsense"):
        planted(form, good, ["nonsense"], seed=1)
