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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LANGUAGES = ("de", "en")  # what the program itself speaks
CLIENT_LANGUAGES = ("ar", "uk")  # what a person interviewed may read beside it
SPOKEN = LANGUAGES + CLIENT_LANGUAGES


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: {code: {language: sentence}}. Codes are dotted, e.g. `store.wrong_key`."""
    found: dict[str, dict[str, str]] = {}
    top = files("validation").joinpath("locale")
    for code, sentences in _entries(top):
        found[code] = dict(sentences)
    for language in CLIENT_LANGUAGES:
        for code, sentence in _entries(top.joinpath(language)):
            found.setdefault(code, {})[language] = sentence
    return found


def _entries(folder: Traversable) -> Iterator[tuple[str, Any]]:
    """(code, what the files say of it) for every file of a folder."""
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            for area, codes in tomllib.loads(entry.read_text(encoding="utf-8")).items():
                for name, said in codes.items():
                    yield f"{area}.{name}", said


def say(code: str, language: str = "de", /, **fields: object) -> str:
    """The sentence for a code in a language (German where the language has none). An unknown code raises KeyError."""
    sentences = catalogue()[code]
    sentence = sentences.get(language) or sentences["de"]
    return string.Formatter().vformat(sentence, (), {name: str(value) for name, value in fields.items()})
