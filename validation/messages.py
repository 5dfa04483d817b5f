"""One catalogue for everything a person reads: German first, English beside it.

`locale/*.toml` holds a table per code with the keys `de` and `en`; the files split by area so that a translator
opens one. A sentence may name fields in braces. Fields are names of questions, files and functions, never answers.

What the person interviewed reads stands in further languages as well, one folder a language: `locale/ar/*.toml` has a
table per area and a line per sentence. What is missing there is said in German.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LANGUAGES = ("de", "en")  # what the program itself speaks
CLIENT_LANGUAGES = ("ar", "uk")  # what a person interviewed may read beside it
SPOKEN = LANGUAGES + CLIENT_LANGUAGES


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: {code: {language: sentence}}. Codes are dotted, e.g. `store.wrong_key`."""
    areas = dict.fromkeys(name for _, file in _files() for name in tomllib.loads(file.read_text(encoding="utf-8")))
    return {code: sentences for name in areas for code, sentences in area(name).items()}


@functools.cache
def area(name: str) -> dict[str, dict[str, str]]:
    """The sentences whose codes begin with `<name>.`; empty where there are none. Only files that have some are parsed:
    an interview needs a quarter of the catalogue."""
    found: dict[str, dict[str, str]] = {}
    for language, file in _files():
        text = file.read_text(encoding="utf-8")
        if f"[{name}." in text or f"[{name}]" in text:
            for code, said in tomllib.loads(text).get(name, {}).items():
                found.setdefault(f"{name}.{code}", {}).update({language: said} if language else said)
    return found


def _files() -> Iterator[tuple[str, Traversable]]:
    """Every file of the catalogue with the language it is in, '' where it is in those of the program."""
    top = files("validation").joinpath("locale")
    for language in ("", *CLIENT_LANGUAGES):
        for entry in sorted(top.joinpath(language).iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".toml"):
                yield language, entry


def say(code: str, language: str = "de", /, **fields: object) -> str:
    """The sentence for a code in a language (German where the language has none). An unknown code raises KeyError."""
    sentences = area(code.partition(".")[0])[code]
    sentence = sentences.get(language) or sentences["de"]
    return string.Formatter().vformat(sentence, (), {name: str(value) for name, value in fields.items()})
