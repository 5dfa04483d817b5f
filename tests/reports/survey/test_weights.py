"""Weights: margins met, all 1 where the sample is the population, within the cap; empty cells named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.survey.weights import CAP, Weights, weigh

AGES, SEXES = ("young", "old"), ("w", "m")
people = st.lists(st.tuples(st.sampled_from(AGES), st.sampled_from(SEXES)), min_size=1, max_size=60)


def columns(rows: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {"age": [age for age, _ in rows], "sex": [sex for _, sex in rows]}


def sums(weights: Weights, answers: list[str]) -> dict[str, float]:
    return {
        each: sum(w for w, answer in zip(weights.values, answers, strict=True) if answer == each) for each in answers
    }


@given(people)
def test_a_sample_like_its_population_is_not_weighted(rows: list[tuple[str, str]]) -> None:
    sample = columns(rows)
    margins = {name: {each: 100.0 * answers.count(each) for each in answers} for name, answers in sample.items()}
    found = weigh(sample, margins)
    assert found.values == pytest.approx([1.0] * len(rows))
    assert found.effective == pytest.approx(len(rows))
    assert (found.capped, found.met, found.empty) == (0, True, ())


@settings(max_examples=60, deadline=None)
@given(people, st.integers(20, 80), st.integers(20, 80))
def test_margins_are_met_and_the_mean_is_one(rows: list[tuple[str, str]], young: int, women: int) -> None:
    rows += [(age, sex) for age in AGES for sex in SEXES]  # every cell has somebody: it can be met
    sample, margins = (
        columns(rows),
        {"age": {"young": young, "old": 100 - young}, "sex": {"w": women, "m": 100 - women}},
    )
    found = weigh(sample, margins, cap=1e9)
    size = len(rows)
    assert sum(found.values) == pytest.approx(size)
    if found.met:
        for name, margin in margins.items():
            for answer, total in sums(found, sample[name]).items():
                assert total == pytest.approx(size * margin[answer] / 100, abs=1e-5 * size)
    assert 0 < found.effective <= size + 1e-9


@settings(max_examples=60, deadline=None)
@given(people, st.integers(0, 100), st.floats(1.0, 5.0))
def test_no_weight_passes_the_cap(rows: list[tuple[str, str]], young: int, cap: float) -> None:
    found = weigh(columns(rows), {"age": {"young": young, "old": 100 - young}}, cap=cap)
    assert all(1 / cap - 1e-6 <= each <= cap + 1e-6 for each in found.values)
    assert len(found.values) == len(rows)


def test_one_question_is_the_plain_quotient() -> None:
    found = weigh({"age": ["young"] * 6 + ["old"] * 4}, {"age": {"young": 30, "old": 70}})
    assert found.values == pytest.approx([0.5] * 6 + [1.75] * 4)
    assert found.effective == pytest.approx(100 / (6 * 0.25 + 4 * 1.75**2))


def test_a_cell_without_anybody_is_named_and_the_others_keep_their_proportion() -> None:
    found = weigh({"age": ["young"] * 5 + ["old"] * 5}, {"age": {"young": 30, "old": 60, "child": 10, "none": 0}})
    assert found.empty == (("age", "child"),)
    assert found.values == pytest.approx([2 / 3] * 5 + [4 / 3] * 5)
    assert found.met


def test_who_did_not_answer_keeps_a_share_of_their_own() -> None:
    found = weigh({"age": ["young", "young", "old", "", "?"]}, {"age": {"young": 1, "old": 1}})
    assert found.values == pytest.approx([0.75, 0.75, 1.5, 1.0, 1.0])


def test_a_cap_says_that_a_margin_is_not_met() -> None:
    found = weigh({"age": ["young"] * 99 + ["old"]}, {"age": {"young": 1, "old": 1}})
    assert max(found.values) == pytest.approx(CAP)
    assert sum(found.values) == pytest.approx(100)
    assert not found.met
    assert found.capped == 1


def test_what_cannot_be_weighted() -> None:
    assert weigh({}, {}) == Weights(())
    assert weigh({"age": []}, {"age": {"young": 1}}).values == ()
    assert weigh({"age": []}, {}).effective == 0.0
    assert weigh({"age": ["", ""]}, {"age": {"young": 1}}).values == (1.0, 1.0)
    for cap, margin in ((0.5, {"young": 1}), (4, {"young": 0}), (4, {}), (4, {"young": 2, "old": -1})):
        with pytest.raises(ValueError, match=r"cap|margins"):
            weigh({"age": ["young"]}, {"age": margin}, cap=cap)
