"""How a question was answered, as tables of HTML: every kind of missing, and the answers themselves."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from decimal import Decimal

from reports.codebook.counts import Counts
from reports.codebook.entries import Codebook, Entry
from reports.codebook.words import said, share
from reports.wording import number
from validation.messages import say

Line = tuple[str, str, int]
"""A value (or ''), what it is called, and how often it is."""


def missing_lines(entry: Entry, counts: Counts, codebook: Codebook, language: str) -> list[Line]:
    """Answered, not asked, unanswered, each reason and what cannot be read; those that do not occur are left out, but
    for the first three."""
    labels = {choice.value: said(codebook, choice.labels, language) for choice in entry.reasons}
    lines: list[Line] = [
        ("", say(f"codebook.{name}", language), getattr(counts, name))
        for name in ("answered", "not_relevant", "unanswered")
    ]
    for value in [*labels, *sorted(counts.reasons.keys() - labels.keys())]:
        if counts.reasons.get(value):
            label = labels.get(value) or value
            lines.append((value, say("codebook.reason", language, label=label), counts.reasons[value]))
    if counts.unread:
        lines.append(("", say("codebook.unread", language), counts.unread))
    return lines


def value_lines(entry: Entry, counts: Counts, codebook: Codebook, language: str) -> list[Line]:
    """The answers with how often each was given, and those that fit in no line; of a list that is not long also what
    nobody chose."""
    labels = {choice.value: said(codebook, choice.labels, language) for choice in entry.choices or ()}
    long = len(counts.values) > 40
    lines = [(value, labels.get(value, ""), count) for value, count in counts.values if count or not long]
    if counts.unlisted:
        lines.append(("", say("codebook.unlisted", language), counts.unlisted))
    return lines


def missing_table(entry: Entry, counts: Counts, codebook: Codebook, language: str) -> str:
    """The table of what was answered and what is missing, as shares of all rows."""
    lines = missing_lines(entry, counts, codebook, language)
    total = say("codebook.rows", language)
    rows = [
        *_rows(lines, counts.rows, language, coded=False),
        f'<tr><th scope="row">{html.escape(total)}</th><td class="n">{counts.rows}</td><td class="n"></td></tr>',
    ]
    heads = ("state", "count", "share_rows")
    return _table(
        rows, [say(f"codebook.{name}", language) for name in heads], say("codebook.answered_or_not", language)
    )


def counted_table(entry: Entry, counts: Counts, codebook: Codebook, language: str) -> str:
    """How often each answer was given, or where numbers lie; a sentence where neither is told."""
    if counts.shown in ("text", "identity", "staff"):
        return f"<p>{html.escape(say(f'codebook.shown_{counts.shown}', language))}</p>"
    if counts.shown == "spread":
        names = ("least", "lower", "middle", "upper", "greatest")
        fields = {name: _number(value, language) for name, value in zip(names, counts.spread, strict=True)}
        return f"<p>{html.escape(say('codebook.spread', language, **fields))}</p>"
    lines = value_lines(entry, counts, codebook, language)
    caption = say("codebook.answers", language)
    if counts.shown == "years":
        caption = f"{caption} {say('codebook.by_year', language)}"
    heads = [say(f"codebook.{name}", language) for name in ("value", "label", "count", "share_answered")]
    coded = bool(entry.choices)
    table = _table(
        [*_rows(lines, counts.answered, language, coded=coded)], heads if coded else heads[:1] + heads[2:], caption
    )
    several = entry.control in ("select", "rank")
    return table + (f'<p class="quiet">{html.escape(say("codebook.several", language))}</p>' if several else "")


def _rows(lines: Sequence[Line], whole: int, language: str, *, coded: bool) -> Iterator[str]:
    for value, label, count in lines:
        code = f"<code>{html.escape(value)}</code>" if value else ""
        named = f'<th scope="row">{code}</th><td>{html.escape(label)}</td>' if coded else ""
        named = named or f'<th scope="row">{html.escape(label) or code}</th>'
        yield f'<tr>{named}<td class="n">{count}</td><td class="n">{share(count, whole, language)}</td></tr>'


def _table(rows: Sequence[str], heads: Sequence[str], caption: str) -> str:
    numbers = len(heads) - 2
    head = "".join(
        f'<th scope="col"{" class=n" if at >= numbers else ""}>{html.escape(text)}</th>'
        for at, text in enumerate(heads)
    )
    label = html.escape(caption)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}"><table><caption>{label}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _number(value: Decimal, language: str) -> str:
    exponent = value.normalize().as_tuple().exponent
    return number(value, language, -exponent if isinstance(exponent, int) and exponent < 0 else 0)
