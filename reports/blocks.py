"""What a chapter is made of: headings, sentences, tiles, tables, charts, lists and notes.

Every block is a frozen value that knows its caption, its alternative text and its note, and shows itself twice: as HTML
and as Typst (for the PDF). Numbers come out of SafeTables and SafeNumbers only; anything else raises TypeError.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.disclosure.safe import Cell, Column, Row, SafeNumber, SafeTable, share
from reports.wording import NO_BREAK, Part, Run, figure, percent, require_number, require_table, runs, signed
from validation.messages import say

HTML = "text/html"
TYPST = "text/vnd.typst"
VEGALITE = "application/vnd.vegalite.v6+json"
CHART_MARK = "<!--chart:{key}-->"
SIGN = 4
"""Letters up to which a term is a sign; longer ones are words and get room."""

NARROW = "\N{NARROW NO-BREAK SPACE}"
"""Stands between a figure and its footnote sign, so that `110 1)` is never read as 1101, copied or aloud."""


def typst_text(text: str) -> str:
    """Text as a Typst string literal: nothing in it is read as markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def html_runs(parts: tuple[Run, ...]) -> str:
    """Runs as HTML; a footnote sign links to its source."""
    return "".join(html.escape(run.text, quote=False) + _html_mark(run.mark) for run in parts)


def typst_runs(parts: tuple[Run, ...]) -> str:
    """Runs as Typst content."""
    return "".join(f"#{typst_text(run.text)}{_typst_mark(run.mark)}" for run in parts)


def _html_mark(mark: str) -> str:
    return f'{NARROW}<sup><a href="#quelle-{mark}">{mark})</a></sup>' if mark else ""


def _typst_mark(mark: str) -> str:
    return f'#mark("{NARROW}", <quelle-{mark}>, {typst_text(mark + ")")})' if mark else ""


class Block:
    """How every block shows itself to a notebook."""

    def as_html(self) -> str:
        raise NotImplementedError

    def as_typst(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        return {HTML: self.as_html(), TYPST: self.as_typst(), "text/plain": type(self).__name__}


@dataclass(frozen=True)
class Heading(Block):
    """A heading. level 2: a chapter, 3: a section (1 is the report's title, set by the template)."""

    text: str
    level: int = 2
    key: str = ""

    def as_html(self) -> str:
        anchor = f' id="{html.escape(self.key)}"' if self.key else ""
        return f"<h{self.level}{anchor}>{html.escape(self.text, quote=False)}</h{self.level}>"

    def as_typst(self) -> str:
        return f"#heading(level: {self.level - 1}, {typst_text(self.text)})"


@dataclass(frozen=True)
class Sentence(Block):
    """A paragraph of one or more catalogue sentences, each (code, {field: SafeNumber, text or date})."""

    codes: tuple[tuple[str, Mapping[str, Part]], ...]
    language: str = "de"
    sign: str = "·"
    lead: bool = False

    def __post_init__(self) -> None:
        self.runs()

    def runs(self) -> tuple[Run, ...]:
        """The paragraph's text and footnote signs."""
        found: list[Run] = []
        for code, parts in self.codes:
            found.extend([Run(" ")] if found else [])
            found.extend(_opened(runs(code, self.language, parts, self.sign)))
        return tuple(found)

    def as_html(self) -> str:
        name = ' class="lead"' if self.lead else ""
        return f"<p{name}>{html_runs(self.runs())}</p>"

    def as_typst(self) -> str:
        body = typst_runs(self.runs())
        return f"#lead[{body}]" if self.lead else f"{body}\n"


def _opened(found: tuple[Run, ...]) -> tuple[Run, ...]:
    """A sentence opens with a capital, also where it opens with a number word."""
    if not found or not found[0].text:
        return found
    first = Run(found[0].text[0].upper() + found[0].text[1:], found[0].mark)
    return (first, *found[1:])


@dataclass(frozen=True)
class Note(Block):
    """A smaller remark without figures of its own, e.g. what was put together and why."""

    text: str

    def as_html(self) -> str:
        return f'<p class="note">{html.escape(self.text, quote=False)}</p>'

    def as_typst(self) -> str:
        return f"#note[#{typst_text(self.text)}]"


@dataclass(frozen=True)
class Listing(Block):
    """A list of texts. `terms`: (term, text) pairs. `anchor`: terms are footnote signs that others link to."""

    terms: tuple[tuple[str, str], ...]
    anchor: str = ""

    def as_html(self) -> str:
        rows = []
        for term, text in self.terms:
            mark = f' id="{html.escape(self.anchor)}-{html.escape(term)}"' if self.anchor else ""
            shown = f"{term})" if self.anchor else term
            rows.append(f"<div{mark}><dt>{html.escape(shown)}</dt><dd>{html.escape(text, quote=False)}</dd></div>")
        name = "listing" if all(len(term) <= SIGN for term, _ in self.terms) else "listing words"
        return f'<dl class="{name}">{"".join(rows)}</dl>'

    def as_typst(self) -> str:
        rows = []
        for term, text in self.terms:
            label = f" <{self.anchor}-{term}>" if self.anchor else ""
            shown = f"{term})" if self.anchor else term
            rows.append(f"#term({typst_text(shown)}, {typst_text(text)}){label}\n")
        return "".join(rows)


@dataclass(frozen=True)
class Tile:
    """One figure at a glance: label, number, its unit, and the change on last year (None: none is told, and why)."""

    label: str
    value: SafeNumber
    change: SafeNumber | None = None
    change_note: str = ""
    unit: str = ""
    decimals: int = 0

    def __post_init__(self) -> None:
        require_number(self.value)
        if self.change is not None:
            require_number(self.change)

    def change_text(self, language: str) -> str:
        """`+7 gegenüber 2021`; the note when the change is not told."""
        if self.change is None or self.change.value is None:
            return self.change_note
        return f"{signed(self.change.value, language, self.decimals)}{NO_BREAK}{self.change_note}"


@dataclass(frozen=True)
class Tiles(Block):
    """The tiles of a page, read in the order given."""

    tiles: tuple[Tile, ...]
    language: str = "de"
    sign: str = "·"

    def as_html(self) -> str:
        cells = []
        for tile in self.tiles:
            run = figure(tile.value, self.language, tile.decimals, self.sign)
            unit = f' <span class="unit">{html.escape(tile.unit)}</span>' if tile.unit else ""
            cells.append(
                f'<div class="tile"><dt>{html.escape(tile.label, quote=False)}</dt>'
                f'<dd class="figure">{html_runs((run,))}{unit}</dd>'
                f'<dd class="change">{html.escape(tile.change_text(self.language), quote=False)}</dd></div>'
            )
        return f'<dl class="tiles">{"".join(cells)}</dl>'

    def as_typst(self) -> str:
        cells = []
        for tile in self.tiles:
            run = typst_runs((figure(tile.value, self.language, tile.decimals, self.sign),))
            texts = ", ".join(typst_text(t) for t in (tile.label, tile.unit, tile.change_text(self.language)))
            cells.append(f"tile([{run}], {texts})")
        return f"#tiles({', '.join(cells)})"


@dataclass(frozen=True)
class Table(Block):
    """A SafeTable with its caption. `note`: where the numbers come from and what a sign means."""

    table: SafeTable
    language: str = "de"
    note: str = ""
    percent_of_total: bool = False

    def __post_init__(self) -> None:
        require_table(self.table)

    def rows(self) -> list[Row]:
        """All rows, the total last."""
        return [*self.table.rows, *([self.table.total] if self.table.total else [])]

    def cell(self, cell: Cell, column: Column) -> Run:
        """What a cell prints."""
        number = SafeNumber(cell.value, f"{self.table.key}[{column.key}]", cell.source)
        return figure(number, self.language, column.decimals, self.table.sign)

    def shares(self, row: Row) -> str:
        """The row's share of the total in per cent, from the printed numbers."""
        part = SafeNumber(row.cells[0].value, f"{self.table.key}[{row.key}]")
        quotient = share(part, self.table.number())
        return self.table.sign if quotient.value is None else percent(quotient.value, self.language)

    def as_html(self) -> str:
        heads = [self.table.stub, *(column.label for column in self.table.columns)]
        heads += [say("report.share", self.language)] if self.percent_of_total else []
        head = "".join(f'<th scope="col">{html.escape(text, quote=False)}</th>' for text in heads)
        body = []
        for row in self.rows():
            kind = "total" if row is self.table.total else "rest" if row.members else ""
            label = html.escape(row.label, quote=False)
            if row.member_labels:
                named = html.escape(", ".join(row.member_labels), quote=False)
                label += f'<span class="members">{named}</span>'
            cells = "".join(
                f"<td>{html_runs((self.cell(cell, column),))}</td>"
                for cell, column in zip(row.cells, self.table.columns, strict=True)
            )
            cells += f"<td>{html.escape(self.shares(row))}</td>" if self.percent_of_total else ""
            name = f' class="{kind}"' if kind else ""
            body.append(f'<tr{name}><th scope="row">{label}</th>{cells}</tr>')
        note = f'<figcaption class="note">{html.escape(self.note, quote=False)}</figcaption>' if self.note else ""
        return (
            f'<figure class="table" id="tabelle-{self.table.key}"><div class="scroll" tabindex="0">'
            f"<table><caption>{html.escape(self.table.title, quote=False)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{note}</figure>"
        )

    def as_typst(self) -> str:
        width = len(self.table.columns) + int(self.percent_of_total)
        heads = [self.table.stub, *(column.label for column in self.table.columns)]
        heads += [say("report.share", self.language)] if self.percent_of_total else []
        lines = [f"table.header({', '.join(f'[#strong({typst_text(text)})]' for text in heads)})"]
        for row in self.rows():
            strong = row is self.table.total
            label = f"#{typst_text(row.label)}"
            if row.member_labels:
                label += f"#members({typst_text(', '.join(row.member_labels))})"
            cells = [
                self._typst_cell(self.cell(c, column)) for c, column in zip(row.cells, self.table.columns, strict=True)
            ]
            cells += [f"#{typst_text(self.shares(row))}"] if self.percent_of_total else []
            lines += ["table.hline(stroke: 0.7pt + ink)"] if strong else []
            lines.append(", ".join(f"[#strong[{text}]]" if strong else f"[{text}]" for text in (label, *cells)))
        body = ",\n  ".join(lines)
        note = f"#note[#{typst_text(self.note)}]" if self.note else ""
        return f"#datatable({width}, {typst_text(self.table.title)},\n  {body},\n)\n{note}"

    @staticmethod
    def _typst_cell(run: Run) -> str:
        """A number with room for a footnote sign behind it, so that digits stand under digits."""
        return f"#slot[#{typst_text(run.text)}][{_typst_mark(run.mark)}]"


@dataclass(frozen=True)
class Chart(Block):
    """A Vega-Lite picture of a SafeTable. `alt` says what there is to see, `spec` is drawn by the renderer."""

    table: SafeTable
    spec: Mapping[str, Any] = field(hash=False)
    caption: str
    alt: str
    note: str = ""

    def __post_init__(self) -> None:
        require_table(self.table)
        if not self.alt:
            raise ValueError("a chart needs an alternative text")

    def as_html(self) -> str:
        note = f'<span class="note">{html.escape(self.note, quote=False)}</span>' if self.note else ""
        return (
            f'<figure class="chart" id="abbildung-{self.table.key}"><div role="img" '
            f'aria-label="{html.escape(self.alt)}">{CHART_MARK.format(key=self.table.key)}</div>'
            f'<figcaption><span class="caption">{html.escape(self.caption, quote=False)}</span>{note}</figcaption>'
            "</figure>"
        )

    def as_typst(self) -> str:
        note = f"#note[#{typst_text(self.note)}]" if self.note else ""
        file = typst_text(f"chart-{self.table.key}.svg")
        return f"#chart({file}, {typst_text(self.caption)}, {typst_text(self.alt)})\n{note}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        spec = {**json.loads(json.dumps(self.spec)), "usermeta": {"key": self.table.key, "alt": self.alt}}
        return {**super()._repr_mimebundle_(include, exclude), VEGALITE: spec, "text/plain": self.alt}
