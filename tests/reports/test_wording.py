"""Numbers, dates and sentences as a German and an English reader write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from reports.disclosure.safe import SafeNumber
from reports.wording import (
    Counted,
    Decimals,
    Percent,
    Run,
    counted,
    day,
    enumerated,
    majority,
    number,
    percent,
    require_number,
    require_table,
    runs,
    signed,
    spell,
)


def safe(value: int | Decimal | None, source: str = "") -> SafeNumber:
    return SafeNumber(value, "t[a]", source)


@pytest.mark.parametrize(
    ("value", "decimals", "german", "english"),
    [
        (0, 0, "0", "0"),
        (1234, 0, "1.234", "1,234"),
        (Decimal("1234.5"), 1, "1.234,5", "1,234.5"),
        (Decimal("62.857"), 1, "62,9", "62.9"),
        (Decimal("0.25"), 1, "0,3", "0.3"),
        (-7, 0, "\N{MINUS SIGN}7", "\N{MINUS SIGN}7"),
        (1_000_000, 0, "1.000.000", "1,000,000"),
    ],
)
def test_numbers(value: int | Decimal, decimals: int, german: str, english: str) -> None:
    assert number(value, "de", decimals) == german
    assert number(value, "en", decimals) == english


@pytest.mark.parametrize(("value", "text"), [(7, "+7"), (-3, "\N{MINUS SIGN}3"), (0, "±0"), (Decimal("0.001"), "±0")])
def test_changes(value: int | Decimal, text: str) -> None:
    assert signed(value) == text


def test_shares_have_one_decimal() -> None:
    assert percent(Decimal("37.2727")) == "37,3\N{NO-BREAK SPACE}%"
    assert percent(Decimal("37.2727"), "en") == "37.3%"


def test_dates() -> None:
    assert day(dt.date(2022, 12, 31)) == "31.12.2022"
    assert day(dt.date(2022, 12, 31), "en") == "31 December 2022"
    assert day(dt.date(2023, 1, 5)) == "05.01.2023"


def test_number_words() -> None:
    assert [spell(n) for n in (1, 2, 10, 12, 13)] == ["1", "zwei", "zehn", "zwölf", "13"]
    assert spell(11, "en") == "eleven"
    assert spell(Decimal("1.75")) == "1,75"


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "keine Person"), (1, "eine Person"), (2, "zwei Personen"), (12, "zwölf Personen"), (110, "110 Personen")],
)
def test_nouns_follow_their_number(n: int, text: str) -> None:
    assert counted(n, "person").replace("\N{NO-BREAK SPACE}", " ") == text


def test_enumerations() -> None:
    assert [enumerated(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a und b", "a, b und c"]
    assert enumerated(["a", "b"], "en") == "a and b"


def test_most_means_more_than_half() -> None:
    assert not majority(safe(41), safe(110))
    assert not majority(safe(55), safe(110))
    assert majority(safe(56), safe(110))
    assert not majority(safe(None), safe(110))
    assert not majority(safe(56), safe(None))
    assert not majority(safe(0), safe(0))


def test_a_sentence_carries_the_footnote_signs_of_its_figures() -> None:
    parts = {"n": Counted(safe(110, "1"), "person"), "name": "Althengstett", "day": dt.date(2022, 12, 31)}
    found = runs("report_glance.stock", "de", parts)
    text = "".join(run.text for run in found).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "Am 31.12.2022 begleitete das Integrationsmanagement in Althengstett 110 Personen."
    assert [run.mark for run in found if run.mark] == ["1"]


def test_hidden_numbers_print_the_sign() -> None:
    assert Run("·\N{NO-BREAK SPACE}Personen") in runs(
        "report_glance.stock",
        "de",
        {"n": Counted(safe(None), "person"), "name": "X", "day": dt.date(2022, 1, 1)},
    )
    assert runs("report_glance.more", "de", {"n": safe(None)})[1] == Run("·")
    parts = {"rate": Percent(safe(None)), "independent": safe(3), "total": safe(5)}
    assert runs("report_flow.rate", "de", parts)[1] == Run("·")


def test_decimals_and_plain_numbers() -> None:
    parts = {"approved": Decimals(safe(Decimal("1.5")), 2), "posts": Counted(safe(2), "post")}
    assert "1,50" in [run.text for run in runs("report_post.approved", "de", parts)]
    assert runs("report_glance.more", "de", {"n": safe(Decimal("1.75"))})[1].text == "1,75"


@pytest.mark.parametrize("raw", [25, 2.5, Decimal(2), True, None, [1]])
def test_a_raw_number_is_refused(raw: object) -> None:
    with pytest.raises(TypeError, match="SafeNumber"):
        runs("report_glance.more", "de", {"n": raw})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="SafeNumber"):
        require_number(raw)
    with pytest.raises(TypeError, match="SafeTable"):
        require_table(raw)
