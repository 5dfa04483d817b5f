from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exchange.guard import guarded, unguarded
from scenario.formulas import PAYLOADS

SIGNS = "=+-@|%＝＋－＠\t\r\n"


def test_there_are_forty_payloads() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_no_formula_any_more_and_comes_back(payload: str) -> None:
    made = guarded(payload)
    assert made.lstrip(" \u00a0\ufeff\u200b")[:1] not in [*SIGNS]
    assert unguarded(made) == payload


@pytest.mark.parametrize("text", ["", "Ayşe", "1980-02-29", "0049", "a=b", "'quoted' word", "''", "(+49) 170", "🏠"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@|% \t\r\n\u00a0a1＝"), max_size=8) | st.text())
def test_every_text_comes_back_and_none_begins_with_a_sign(text: str) -> None:
    made = guarded(text)
    assert unguarded(made) == text
    assert not made.startswith(tuple(SIGNS))
