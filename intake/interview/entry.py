"""Between what is typed and shown on screen and what the record holds: a decimal has its comma in German."""

from __future__ import annotations

import re


def shown(value: str, kind: str, language: str) -> str:
    """A lexical value as it is written in a language: a decimal has its comma in German."""
    is_number = kind == "decimal" and language == "de" and re.fullmatch(r"[+-]?\d*\.\d*", value)
    return value.replace(".", ",") if is_number else value


def entered(text: str, kind: str, language: str) -> str:
    """What was typed as the lexical value it means; text that means no number is kept as it is."""
    text = text if kind == "string" else text.strip()
    if kind == "decimal" and language == "de" and re.fullmatch(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d*", text):
        return text.replace(".", "").replace(",", ".")
    return text
