"""What HTML and XLSX of a codebook both say: names of types and columns, shares, and the languages of texts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from intake.interview.description import Language
from reports.codebook.counts import Counts
from reports.codebook.entries import Codebook, Entry
from reports.wording import percent
from validation.messages import area, say

CODED = ("purpose", "retention", "follow_up", "layer")
"""Our columns whose values are codes, in the order in which they are told."""
_AREAS = {"purpose": "register", "retention": "register", "follow_up": "codebook", "layer": "codebook"}
_CHOOSING = frozenset({"select1", "select", "rank", "range", "upload", "trigger"})


def said(codebook: Codebook, texts: Mapping[str, str], language: str) -> str:
    """A text in the language of the page; in the form's first that has it where it lacks it, '' where none has."""
    own = next((each.name for each in codebook.languages if each.code.split("-")[0] == language), "")
    return texts.get(own) or next(iter(texts.values()), "")


def type_of(entry: Entry, language: str) -> str:
    """What kind of answer a question takes, in words."""
    if entry.kind in ("note", "repeat", "group"):
        return say(f"codebook.type_{entry.kind}", language)
    asked = say(f"codebook.type_{entry.control}", language) if entry.control in _CHOOSING else ""
    kind = word("codebook", "type", entry.type, language)
    told = asked if asked and (entry.choices is not None or entry.control in ("upload", "trigger")) else ""
    parts = [told] if told else [part for part in (asked, kind) if part]
    if entry.kind in ("calculated", "automatic"):
        parts.insert(0, say(f"codebook.{entry.kind}", language))
    return ", ".join(parts)


def coded(name: str, entry: Entry, language: str) -> str:
    """The values of one of our columns in words; '' where it is empty."""
    values = entry.columns.get(name, "").split()
    return ", ".join(word(_AREAS[name], name, value, language) for value in values)


def word(place: str, kind: str, value: str, language: str) -> str:
    """A code of a form in words; the code where the catalogue does not know it: forms may have their own."""
    code = f"{place}.{kind}_{value}"
    return say(code, language) if code in area(place) else value


def sensitivity(name: str, language: str) -> str:
    """A class of protection in words; '' for none."""
    return word("register", "class", name, language) if name else ""


def share(part: int, whole: int, language: str) -> str:
    """A share in per cent; '–' of nothing."""
    return percent(Decimal(100 * part) / whole, language) if whole else "–"


def language_name(codebook: Codebook, language: Language, page: str) -> str:
    """What a language is called, with a mark where no native speaker has read it."""
    name = language.name or language.code
    return f"{name} ({say('codebook.unreviewed', page)})" if language.code in codebook.unreviewed else name


def told(counts: Counts | None) -> bool:
    """Whether there is anything to tell of a question's answers."""
    return counts is not None and counts.shown != "closed" and counts.rows > 0
