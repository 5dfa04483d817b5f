"""Two judges, one law: what the row engine says of any tables, the columns say too, row by row and rule by rule."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from conformance.documents import stand_ins
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from intake.xlsform import read_xlsform
from scenario.feature_forms import FILES, SURVEYS
from scenario.function_forms import FUNCTIONS, OPERATORS, watched
from scenario.random_tables import NOW, ZONE, RandomTables, differences, smallest, verdict
from scenario.xforms import survey
from validation import read_form, rows, verdicts
from validation.errors import FormError
from validation.form import Form
from validation.xpath.functions import table

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "data" / "forms").glob("*.md"))
CONFORMANCE = ROOT.parent / "shared" / "conformance" / "forms"
WATCHED = {**FUNCTIONS, **OPERATORS}
SEEDS = st.integers(0, 2**32 - 1)
# A seed has no smaller seed: tables are cut down by `smallest` instead.
once = settings(phases=[Phase.generate], database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
bounded = settings(once, max_examples=1, derandomize=True)
full = settings(once, max_examples=150)


@cache
def drawn(name: str) -> RandomTables:
    """The tables of a form by name: of a function, a construct, a shipped form."""
    if name in WATCHED:
        return RandomTables(watched(WATCHED[name]))
    return RandomTables(survey(SURVEYS[name]) if name in SURVEYS else read_xlsform(ROOT / f"data/forms/{name}.md"))


def agree(tables: RandomTables, seed: int, count: int, instances: Mapping[str, str] = FILES) -> None:
    """Both judges on tables of a seed; where they part, the smallest tables that show it."""
    form, options = tables.form, {"default_now": NOW, "instances": instances}
    given_tables = tables.draw(random.Random(seed), count)
    parted = differences(
        verdict(rows.masks, form, given_tables, **options), verdict(verdicts.masks, form, given_tables, **options),
        given_tables,
    )  # fmt: skip
    if parted:
        small = smallest(rows.masks, verdicts.masks, form, given_tables, **options)
        left = differences(
            verdict(rows.masks, form, small, **options), verdict(verdicts.masks, form, small, **options), small
        )
        shown = "\n".join(f"{name}: {frame.to_dict('list')}" for name, frame in small.items())
        pytest.fail(f"seed {seed}, {count} rows; rows / columns\n" + "\n".join([*parted, "cut down:", *left, shown]))


def test_every_function_is_watched() -> None:
    assert FUNCTIONS.keys() == table().keys()
    for name, expressions in FUNCTIONS.items():
        assert all(f"{name}(" in text for text in expressions if name not in ("true", "false", "current", "now"))


@pytest.mark.parametrize("name", [*WATCHED, *SURVEYS])
@bounded
@given(seed=SEEDS)
def test_both_judges_agree(name: str, seed: int) -> None:
    agree(drawn(name), seed, 5)


@pytest.mark.parametrize("name", [*SURVEYS, *SHIPPED])
@bounded
@given(seed=SEEDS)
def test_both_judges_agree_on_what_is_relevant(name: str, seed: int) -> None:
    tables = drawn(name)
    given_tables = tables.draw(random.Random(seed), 4)
    options = {"default_now": NOW, "zone": ZONE, "instances": FILES}
    one, other = (judge.relevance(tables.form, given_tables, **options) for judge in (rows, verdicts))
    assert {nodeset: mask.tolist() for nodeset, mask in one.items()} == {
        nodeset: mask.tolist() for nodeset, mask in other.items()
    }


@pytest.mark.parametrize("name", SHIPPED)
@bounded
@given(seed=SEEDS)
def test_both_judges_agree_on_a_shipped_form(name: str, seed: int) -> None:
    agree(drawn(name), seed, 2)


@pytest.mark.long
@pytest.mark.parametrize("name", [*WATCHED, *SURVEYS])
@full
@given(seed=SEEDS, count=st.integers(0, 12))
def test_both_judges_agree_on_many_tables(name: str, seed: int, count: int) -> None:
    agree(drawn(name), seed, count)


@pytest.mark.long
@pytest.mark.parametrize("name", SHIPPED)
@settings(full, max_examples=60)
@given(seed=SEEDS, count=st.integers(0, 8))
def test_both_judges_agree_on_many_tables_of_a_shipped_form(name: str, seed: int, count: int) -> None:
    agree(drawn(name), seed, count)


# --- forms of other projects


def loaded(name: str) -> Form:
    """A form of the conformance cases; skipped where they, or the form, cannot be had."""
    if not CONFORMANCE.exists():
        pytest.skip(f"the forms of other projects are not here: {CONFORMANCE}")
    try:
        return read_form((CONFORMANCE / name).read_bytes())
    except FormError as error:
        pytest.skip(f"refused: {', '.join(problem.code for problem in error.problems)}")


FOREIGN = sorted(path.name for path in CONFORMANCE.glob("*.xml")) or ["none"]
SLOW = {"web-forms--bench9-alt-93d3a5.xml"}  # 5 seconds a record, by rows


@pytest.mark.parametrize("name", sorted({*FOREIGN[::6]} - SLOW))
@bounded
@given(seed=SEEDS)
def test_both_judges_agree_on_some_forms_of_other_projects(name: str, seed: int) -> None:
    form = loaded(name)
    agree(RandomTables(form), seed, 2, stand_ins(form))


@pytest.mark.long
@pytest.mark.parametrize("name", FOREIGN)
@settings(full, max_examples=8)
@given(seed=SEEDS, count=st.integers(1, 6))
def test_both_judges_agree_on_forms_of_other_projects(name: str, seed: int, count: int) -> None:
    form = loaded(name)
    agree(RandomTables(form), seed, 1 if name in SLOW else count, stand_ins(form))
