"""How numbers, dates and sentences read, in German and English.

Numbers reach a sentence as `SafeNumber`s only; what else is put into one is text or a date. A raw number is refused,
so a figure that nobody protected cannot slip into prose.
"""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.disclosure.safe import SafeNumber, SafeTable, Value
from validation.messages import area, say

LOCALES = {"de": "de_DE", "en": "en_GB"}
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: Value, language: str = "de", decimals: int = 0) -> str:
    """1234.5 -> 1.234,5 (de) or 1,234.5 (en), rounded half up to a number of decimals; a true minus sign."""
    from babel.numbers import format_decimal

    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(rounded, format=pattern, locale=LOCALES[language]).replace("-", MINUS)


def signed(value: Value, language: str = "de", decimals: int = 0) -> str:
    """A change: +7, −3, ±0."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0:
        return "±0"
    text = number(rounded, language, decimals)
    return text if rounded < 0 else f"+{text}"


def percent(value: Value, language: str = "de", decimals: int = 1) -> str:
    """37.27 -> 37,3 % (R8: one decimal)."""
    return number(value, language, decimals) + (f"{NO_BREAK}%" if language == "de" else "%")


def day(date: dt.date, language: str = "de") -> str:
    """31.12.2022 (de), 31 December 2022 (en)."""
    from babel.dates import format_date

    return format_date(date, format="dd.MM.yyyy" if language == "de" else "d MMMM yyyy", locale=LOCALES[language])


def spell(value: Value, language: str = "de") -> str:
    """Two to twelve as a word, everything else as digits (one needs a gender: `counted`)."""
    if isinstance(value, int) and 2 <= value <= 12:
        return say(f"report_word.number_{value}", language)
    return number(value, language, 0 if value == int(value) else 2)


def counted(value: Value, noun: str, language: str = "de", *, words: bool = True) -> str:
    """A number with its noun: `keine Person`, `eine Person`, `zwei Personen`, `110 Personen`.

    noun: key in the catalogue; `report_noun.<noun>_none`, `_one` and `_many` hold the three forms.
    """
    if value == 0:
        return say(f"report_noun.{noun}_none", language)
    if value == 1:
        return say(f"report_noun.{noun}_one", language)
    figure = spell(value, language) if words else number(value, language, 0 if value == int(value) else 2)
    return f"{figure}{NO_BREAK}{say(f'report_noun.{noun}_many', language)}"


def enumerated(parts: Sequence[str], language: str = "de") -> str:
    """a, b und c."""
    if len(parts) < 2:
        return "".join(parts)
    comma_and = f" {say('report_word.and', language)} "
    return ", ".join(parts[:-1]) + comma_and + parts[-1]


def majority(part: SafeNumber, whole: SafeNumber) -> bool:
    """May `die meisten` be said? Only above one half; never of a hidden number."""
    return part.value is not None and whole.value is not None and 2 * part.value > whole.value


@dataclass(frozen=True, slots=True)
class Counted:
    """A number with a noun in a sentence. `digits`: never spelled out."""

    value: SafeNumber
    noun: str
    digits: bool = False


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in a sentence."""

    value: SafeNumber


@dataclass(frozen=True, slots=True)
class Decimals:
    """A number with a fixed number of decimals in a sentence."""

    value: SafeNumber
    decimals: int


Part = SafeNumber | Counted | Percent | Decimals | str | dt.date


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text and the footnote sign of the publication its figure comes from (empty: none)."""

    text: str
    mark: str = ""


def runs(code: str, language: str, parts: Mapping[str, Part], sign: str = "·") -> tuple[Run, ...]:
    """The catalogue's sentence with its parts, as text and footnote signs. TypeError for a raw number."""
    sentences = area(code.partition(".")[0])[code]
    template = sentences.get(language) or sentences["de"]
    found: list[Run] = []
    for literal, name, _spec, _conversion in string.Formatter().parse(template):
        if literal:
            found.append(Run(literal))
        if name:
            found.append(_run(parts[name], language, sign))
    return tuple(found)


def figure(value: SafeNumber, language: str, decimals: int = 0, sign: str = "·") -> Run:
    """A number by itself, with the footnote sign of its source; the sign of secrecy when hidden."""
    return Run(sign if value.value is None else number(value.value, language, decimals), value.source)


def _run(part: Part, language: str, sign: str) -> Run:
    match part:
        case str():
            return Run(part)
        case dt.date():
            return Run(day(part, language))
        case SafeNumber():
            return figure(part, language, _decimals(part), sign)
        case Counted(value=value, noun=noun, digits=digits):
            if value.value is None:
                return Run(f"{sign}{NO_BREAK}{say(f'report_noun.{noun}_many', language)}")
            return Run(counted(value.value, noun, language, words=not digits), value.source)
        case Percent(value=value):
            return Run(sign if value.value is None else percent(value.value, language), value.source)
        case Decimals(value=value, decimals=decimals):
            return figure(value, language, decimals, sign)
    raise TypeError(f"a sentence takes SafeNumbers, texts and dates, not {type(part).__name__}")


def _decimals(value: SafeNumber) -> int:
    return 2 if isinstance(value.value, Decimal) and value.value != int(value.value) else 0


def require_table(table: object) -> SafeTable:
    """The table, or TypeError: nothing is printed that is not a SafeTable."""
    if not isinstance(table, SafeTable):
        raise TypeError(f"only a SafeTable is printed, not {type(table).__name__}")
    return table


def require_number(value: object) -> SafeNumber:
    """The number, or TypeError: nothing is printed that is not a SafeNumber."""
    if not isinstance(value, SafeNumber):
        raise TypeError(f"only a SafeNumber is printed, not {type(value).__name__}")
    return value
