"""One catalogue for everything a person reads: German first, English beside it.

`locale/*.toml` holds a table per code with the keys `de` and `en`; the files split by area so that a translator
opens one. A sentence may name fields in braces. Fields are names of questions, files and functions, never answers.
"""

from __future__ import annotations

import functools
import string
import tomllib
from importlib.resources import files

LANGUAGES = ("de", "en")


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences: {code: {language: sentence}}. Codes are dotted, e.g. `store.wrong_key`."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(files("validation").joinpath("locale").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            for area, codes in tomllib.loads(entry.read_text(encoding="utf-8")).items():
                for name, sentences in codes.items():
                    found[f"{area}.{name}"] = sentences
    return found


def say(code: str, language: str = "de", **fields: object) -> str:
    """The sentence for a code in a language (German where the language has none). An unknown code raises KeyError."""
    sentences = catalogue()[code]
    sentence = sentences.get(language) or sentences["de"]
    return string.Formatter().vformat(sentence, (), {name: str(value) for name, value in fields.items()})
