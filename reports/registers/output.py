"""Listings as a page, as sheets of a workbook, as plain data, as lines on the screen.

What records say is text and stays text: nothing of it becomes markup or a formula.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

from reports.registers.listing import Listing
from validation.messages import say

Section = tuple[str, str, tuple[Listing, ...]]
"""Key and heading of a register with what is said of it."""

_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
TITLE = 31
"""Letters the name of a sheet may have."""
_STYLE = """
body { max-width: 76rem; }
p { max-width: 52rem; }
figure { margin: 1.8rem 0 .8rem; }
table { font-size: .875rem; width: auto; min-width: min(36rem, 100%); }
thead th { max-width: 9rem; }
caption::before { content: none; }
th, td { padding: .4rem .6rem; }
td, thead th:not(:first-child) { padding-right: .6rem; }
td { white-space: normal; overflow-wrap: break-word; }
td.number { white-space: nowrap; }
td.text, thead th.text { text-align: left; }
.alert { border-left: 4px solid var(--warning); background: #fdf3ec; padding: .5rem 1rem; }
.internal { border-left: 4px solid var(--accent); background: var(--wash); padding: .5rem 1rem; margin-top: 1.5rem; }
nav ul { list-style: none; margin: 1.5rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; }
nav a { display: inline-block; padding: .3rem 0; }
@media print { @page { size: A4 landscape; } nav { display: none; } .scroll { overflow: visible; } }
"""


@dataclass(frozen=True, slots=True)
class Output:
    """What is given out: `title` and `subtitle` above, `audience` as a sentence on who may read it, `demo` where the
    data are synthetic or lie open, '' else."""

    title: str
    subtitle: str
    audience: str
    sections: tuple[Section, ...]
    language: str = "de"
    demo: str = ""

    def html(self) -> str:
        """One page that stands alone, prints on A4 and can be read aloud."""
        return "\n".join(self._page()) + "\n"

    def _page(self) -> Iterator[str]:
        text = html.escape
        style = files("reports.factory").joinpath("templates/report.css").read_text(encoding="utf-8")
        yield f'<!doctype html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{text(self.title)}, {text(self.subtitle)}</title>"
        yield f"<style>\n{style}{_STYLE}</style>\n</head>\n<body>"
        yield f'<a class="skip" href="#inhalt">{text(say("report_frame.skip", self.language))}</a>'
        yield f'<p class="demo" role="note">{text(self.demo)}</p>' if self.demo else ""
        yield f'<header>\n<p class="kicker">{text(self.subtitle)}</p>\n<h1>{text(self.title)}</h1>\n</header>'
        yield f'<p class="internal">{text(self.audience)}</p>'
        if len(self.sections) > 1:
            links = "".join(f'<li><a href="#{key}">{text(name)}</a></li>' for key, name, _ in self.sections)
            yield f'<nav aria-label="{text(say("registers.contents", self.language))}"><ul>{links}</ul></nav>'
        yield '<main id="inhalt">'
        for key, name, listings in self.sections:
            yield f'<section aria-labelledby="{key}">\n<h2 id="{key}">{text(name)}</h2>'
            for listing in listings:
                yield from self._listing(listing)
            yield "</section>"
        yield "</main>"
        yield f'<footer class="demo">{text(self.demo)}</footer>' if self.demo else ""
        yield "</body>\n</html>"

    def _listing(self, listing: Listing) -> Iterator[str]:
        text = html.escape
        for alert in listing.alerts:
            yield f'<p class="alert">{text(alert)}</p>'
        if not listing.rows:
            yield f"<h3>{text(listing.title)}</h3>\n<p>{text(listing.empty)}</p>"
        else:
            kinds = ["number" if head.numeric else "text" for head in listing.heads]
            heads = "".join(f'<th scope="col" class="{kind}">{text(head.label)}</th>'
                            for kind, head in zip(kinds, listing.heads, strict=True))  # fmt: skip
            title = text(listing.title)
            yield f'<figure class="table"><div class="scroll" tabindex="0" role="group" aria-label="{title}">'
            yield f"<table><caption>{title}</caption><thead><tr>{heads}</tr></thead>\n<tbody>"
            rows = [*listing.texts(self.language)]
            for place, row in enumerate(rows):
                is_total = ' class="total"' if listing.total and place == len(rows) - 1 else ""
                first = (
                    f'<th scope="row" class="{kinds[0]}">{text(row[0])}</th>' if kinds[0] == "text" else _cell(row[0])
                )
                rest = "".join(_cell(cell, kind) for cell, kind in zip(row[1:], kinds[1:], strict=True))
                yield f"<tr{is_total}>{first}{rest}</tr>"
            yield "</tbody></table></div></figure>"
        for note in listing.notes:
            yield f'<p class="note">{text(note)}</p>'

    def sheets(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """A sheet a listing, and the first with what all of them are."""
        about = [[self.title], [self.subtitle], [self.audience], *([[self.demo]] if self.demo else [])]
        made: dict[str, Sequence[Sequence[str]]] = {say("registers.sheet_about", self.language): about}
        for _, name, listings in self.sections:
            for listing in listings:
                rows = [[head.label for head in listing.heads], *map(list, listing.texts(self.language))]
                said = [*listing.alerts, *([listing.empty] if not listing.rows else []), *listing.notes]
                made[_title(f"{name} {listing.title}", made)] = [*rows, *([text] for text in said if text)]
        return made

    def data(self) -> dict[str, object]:
        """Plain data for `json.dumps`: numbers as numbers, those with decimals as text, days as ISO text."""
        return {
            "title": self.title, "subtitle": self.subtitle, "audience": self.audience, "demo": self.demo,
            "registers": {key: {each.key: _data(each) for each in listings} for key, _, listings in self.sections},
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """What is shown on a screen: per listing its title, alerts and rows."""
        yield from filter(None, (f"{self.title}, {self.subtitle}", self.demo, self.audience))
        for _, name, listings in self.sections:
            yield f"\n== {name} =="
            for listing in listings:
                yield f"\n{listing.title}"
                yield from (f"! {alert}" for alert in listing.alerts)
                yield from _aligned(listing, self.language) if listing.rows else (f"  {listing.empty}",)


def _cell(text: str, kind: str = "number") -> str:
    return f'<td class="{kind}">{html.escape(text)}</td>'


def _title(wanted: str, taken: Mapping[str, object]) -> str:
    """A name that a sheet may have and no other has."""
    name = _NO_TITLE.sub(" ", wanted)[:TITLE].strip()
    number = 1
    while name.casefold() in {each.casefold() for each in taken}:
        number += 1
        name = f"{name[: TITLE - 3].strip()} {number}"
    return name


def _data(listing: Listing) -> dict[str, object]:
    def plain(value: object) -> object:
        if isinstance(value, Decimal):
            return f"{value:f}"
        return value.isoformat() if isinstance(value, dt.date) else value

    keys = [head.key for head in listing.heads]
    return {
        "title": listing.title,
        "rows": [dict(zip(keys, map(plain, row), strict=True)) for row in listing.rows],
        "total": listing.total, "alerts": [*listing.alerts], "notes": [*listing.notes],
    }  # fmt: skip


def _aligned(listing: Listing, language: str) -> Iterator[str]:
    """Columns as wide as what is in them, numbers to the right."""
    rows = [tuple(head.label for head in listing.heads), *listing.texts(language)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(listing.heads))]
    for row in rows:
        cells = (
            text.rjust(width) if head.numeric else text.ljust(width)
            for text, width, head in zip(row, widths, listing.heads, strict=True)
        )
        yield "  " + "  ".join(cells).rstrip()
