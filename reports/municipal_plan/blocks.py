"""Blocks that only this report has: tables of texts, facts, and lights. A figure in them comes from a SafeNumber."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from reports.blocks import Block, typst_text
from reports.disclosure import SafeNumber
from reports.municipal_plan import lights
from reports.municipal_plan.collecting import DECIMALS, SHARE
from reports.wording import NO_BREAK, number, percent, require_number, signed
from validation.messages import say

DASH = "–"
"""Stands where there is nothing to tell; what is hidden has the sign of the policy."""

_SHAPES = {
    "good": '<circle cx="6" cy="6" r="6" fill="#1b6e3c"/>',
    "middle": '<path d="M6 0 12 12H0Z" fill="#b4560a"/>',
    "bad": '<path d="M0 0H12V12H0Z" fill="#a11d1d"/>',
    "none": '<circle cx="6" cy="6" r="5" fill="none" stroke="#4d5a69" stroke-width="2"/>',
}


@dataclass(frozen=True, slots=True)
class Lamp:
    """A light: a shape and its word. code: of `lights.CODES`."""

    code: str
    word: str

    @property
    def shape(self) -> str:
        """good: a disc, middle: a triangle, bad: a square, none: a ring."""
        groups = {"good": lights.GOOD, "middle": lights.MIDDLE, "bad": lights.BAD}
        return next((name for name, codes in groups.items() if self.code in codes), "none")

    def as_html(self) -> str:
        """The shape is for the eye; a screen reader has the word."""
        svg = f'<svg class="lamp" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{_SHAPES[self.shape]}</svg>'
        return svg + html.escape(self.word, quote=False)

    def as_typst(self) -> str:
        return f"#lamp({typst_text(self.shape)}, {typst_text(self.word)})"


Text = str | Lamp


@dataclass(frozen=True)
class TextTable(Block):
    """A table of texts. widths: of the columns, in parts of the width; 0 as wide as needed.  numbers: columns set to
    the right."""

    key: str
    title: str
    heads: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]
    numbers: frozenset[int] = frozenset()
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.heads) for row in (*self.rows, self.widths)):
            raise ValueError(f"table {self.key}: rows and heads differ")

    def as_html(self) -> str:
        head = "".join(f'<th scope="col"{self._class(at)}>{_html(text)}</th>' for at, text in enumerate(self.heads))
        body = "".join(f"<tr>{self._html_row(row)}</tr>" for row in self.rows)
        note = f'<figcaption class="note">{_html(self.note)}</figcaption>' if self.note else ""
        return (
            f'<figure class="table texts" id="tabelle-{html.escape(self.key)}"><div class="scroll" tabindex="0">'
            f"<table><caption>{_html(self.title)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}</figure>"
        )

    def _html_row(self, row: tuple[Text, ...]) -> str:
        first, *others = row
        cells = "".join(f"<td{self._class(at)}>{_html(text)}</td>" for at, text in enumerate(others, start=1))
        return f'<th scope="row">{_html(first)}</th>{cells}'

    def _class(self, at: int) -> str:
        return ' class="number"' if at in self.numbers else ""

    def as_typst(self) -> str:
        widths = ", ".join(f"{width}fr" if width else "auto" for width in self.widths)
        lines = [f"table.header({', '.join(f'[#strong[{_typst(text)}]]' for text in self.heads)})"]
        lines += [", ".join(f"[{_typst(text)}]" for text in row) for row in self.rows]
        body, numbers = ",\n  ".join(lines), "".join(f"{at}, " for at in sorted(self.numbers))
        note = f"#note[#{typst_text(self.note)}]" if self.note else ""
        return f"#texttable({typst_text(self.title)}, ({widths},), ({numbers}),\n  {body},\n)\n{note}"


@dataclass(frozen=True)
class Facts(Block):
    """Terms with a text each, below each other."""

    terms: tuple[tuple[str, Text], ...]

    def as_html(self) -> str:
        rows = "".join(f"<div><dt>{_html(term)}</dt><dd>{_html(text)}</dd></div>" for term, text in self.terms)
        return f'<dl class="listing words">{rows}</dl>'

    def as_typst(self) -> str:
        return "".join(f"#fact({typst_text(term)}, [{_typst(text)}])\n" for term, text in self.terms)


@dataclass(frozen=True)
class Quote(Block):
    """A text of the plan, as it stands there; printed larger."""

    text: str

    def as_html(self) -> str:
        return f'<p class="lead">{_html(self.text)}</p>'

    def as_typst(self) -> str:
        return f"#lead[#{typst_text(self.text)}]"


def _html(text: Text) -> str:
    return html.escape(text, quote=False) if isinstance(text, str) else text.as_html()


def _typst(text: Text) -> str:
    return f"#{typst_text(text)}" if isinstance(text, str) else text.as_typst()


def value_text(value: SafeNumber, unit: str, language: str, sign: str) -> str:
    """A value of an indicator in its unit: 12,5 %, 48, 3,25; the sign where it is hidden."""
    found = require_number(value).value
    if found is None:
        return sign
    digits = DECIMALS.get(unit, 2)
    return percent(found, language, digits) if unit == SHARE else number(found, language, digits)


def count_text(value: SafeNumber, language: str, sign: str) -> str:
    """A count: 1.234, with up to two digits after the comma where it is no whole number; the sign where hidden."""
    found = require_number(value).value
    if found is None:
        return sign
    return number(found, language, 0 if found == int(found) else 2)


def points_text(value: SafeNumber, language: str, sign: str) -> str:
    """A difference in percentage points: +3,4."""
    found = require_number(value).value
    return sign if found is None else signed(found, language, 1)


def range_text(values: Iterable[SafeNumber], language: str, sign: str) -> str:
    """Two bounds: −12,0 bis +3,4; the sign where hidden."""
    texts = [points_text(value, language, sign) for value in values]
    word = say("municipal.to", language)
    return sign if sign in texts else f"{NO_BREAK}{word}{NO_BREAK}".join(texts)
