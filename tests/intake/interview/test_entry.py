"""What is typed and what is held."""

from __future__ import annotations

import pytest

from intake.interview.entry import entered, shown


@pytest.mark.parametrize(
    ("typed", "kind", "language", "lexical"),
    [
        (" 12 ", "int", "de", "12"),
        ("1,5", "decimal", "de", "1.5"),
        ("1.234,5", "decimal", "de", "1234.5"),
        ("1.5", "decimal", "de", "1.5"),
        ("1,5", "decimal", "en", "1,5"),
        ("1,2,3", "decimal", "de", "1,2,3"),
        (" zwei Wörter ", "string", "de", " zwei Wörter "),
        ("1,5", "string", "de", "1,5"),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(typed: str, kind: str, language: str, lexical: str) -> None:
    assert entered(typed, kind, language) == lexical


def test_only_numbers_get_a_comma() -> None:
    assert shown("1.5", "decimal", "de") == "1,5"
    assert shown("1.5", "decimal", "en") == "1.5"
    assert shown("1.2.3", "decimal", "de") == "1.2.3"
    assert shown("1.5", "string", "de") == "1.5"
