"""The catalogue: every sentence in both languages, with the same fields, and every code used in the code is there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from validation.messages import CLIENT_LANGUAGES, LANGUAGES, SPOKEN, area, catalogue, say

ROOT = Path(__file__).parents[2]
PACKAGES = ("validation", "intake", "reports")
FILE_ENDINGS = frozenset(
    ("css", "csv", "db", "html", "ipynb", "js", "json", "key", "md", "pdf", "svg", "toml", "typ", "xlsx", "xml")
)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def fields_in(language: str, sentence: str) -> set[str]:
    """The fields without the language in the names of those that are words themselves: `rule_de` is `rule`."""
    return {name.removesuffix(f"_{language}") for name in fields(sentence)}


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_sentence_stands_in_both_languages_with_the_same_fields(code: str) -> None:
    sentences = catalogue()[code]
    assert set(LANGUAGES) <= set(sentences) <= set(SPOKEN)
    assert all(sentence.strip() for sentence in sentences.values())
    own = {language: fields_in(language, sentence) for language, sentence in sentences.items()}
    assert all(names == own["de"] for names in own.values())


# What a person reads in their own language: the screen, errors, reasons for a missing answer, conditions in words.
CLIENT_CODES = re.compile(
    r"screen\..*|alone_page\..*|missing\..*|interview\.(required_.*|type_.*|upload_.*|questions|gone|elsewhere|other_case|unreadable|broken)"
    r"|interview\.person_.*"
    r"|answer\.(required|constraint|warning|too_many_entries|expected_.*)|words\..*"
)


@pytest.mark.parametrize("language", CLIENT_LANGUAGES)
def test_what_a_client_reads_is_said_in_their_language(language: str) -> None:
    codes = {code for code in catalogue() if CLIENT_CODES.fullmatch(code)}
    lacking = sorted(code for code in codes if language not in catalogue()[code])
    assert not lacking, f"add to the files of validation/locale/{language}: {', '.join(lacking)}"


@pytest.mark.parametrize("language", CLIENT_LANGUAGES)
def test_the_files_of_a_language_say_that_nobody_has_read_them(language: str) -> None:
    files = sorted((ROOT / "validation" / "locale" / language).glob("*.toml"))
    assert files
    assert all("UNREVIEWED" in path.read_text(encoding="utf-8").partition("\n[")[0] for path in files)


def test_a_sentence_is_said_in_the_language_of_the_client() -> None:
    assert say("screen.done_text", "uk", number="F-1") == "Номер справи: F-1"
    assert len({say("screen.saved", language) for language in SPOKEN}) == len(SPOKEN)


@pytest.mark.parametrize("name", ["screen", "store", "cli", "report_figure", "nothing"])
def test_an_area_has_the_sentences_of_all_files_that_name_it(name: str) -> None:
    found = {code: said for code, said in catalogue().items() if code.partition(".")[0] == name}
    assert area(name) == found
    assert bool(found) == (name != "nothing")


def codes_in_the_code() -> set[str]:
    areas = "|".join(sorted({code.split(".")[0] for code in catalogue()}))
    pattern = re.compile(rf"""["']((?:{areas})\.[a-z0-9_]+)["']""")
    texts = [path.read_text(encoding="utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    named = {code for text in texts for code in pattern.findall(text)}
    return {code for code in named if code.split(".")[1] not in FILE_ENDINGS}


def test_every_code_that_the_code_names_is_in_the_catalogue() -> None:
    assert codes_in_the_code() - set(catalogue()) == set()


def test_a_language_we_do_not_have_gets_the_german_sentence() -> None:
    assert say("place.row", "ar") == say("place.row", "de")


def test_fields_are_put_in_as_text_and_never_interpreted() -> None:
    assert "{count.__class__}" in say("form.refused", count="{count.__class__}")
