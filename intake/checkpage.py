"""The page of a check (`lotsenbuch check --html`): by form, question, rule and case. It stands alone and prints."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from intake.rules import SEVERITIES
from validation.messages import say

if TYPE_CHECKING:
    from intake.checking import CheckReport, FormCheck

_STYLE = """
:root { color-scheme: light; --ink: #1c2327; --line: #c8d0d6; --soft: #f2f5f7; --accent: #00498c; }
body { font: 16px/1.5 "Fira Sans", system-ui, "Segoe UI", Roboto, sans-serif; color: var(--ink); margin: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
p.summary { font-size: 1.125rem; border-left: 4px solid var(--accent); padding: .5rem 1rem; background: var(--soft); }
p.demo { background: #ffe9a8; margin: 0; padding: .5rem 1rem; font-weight: 600; text-align: center; }
.scroll { overflow-x: auto; margin-bottom: 1.5rem; } table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { main { max-width: none; padding: 0; } thead { display: table-header-group; } }
"""


def page(report: CheckReport, language: str) -> str:
    """The whole page as HTML."""

    def text(code: str, **fields: object) -> str:
        return html.escape(say(f"check.{code}", language, **fields))

    parts = [
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{'DEMO - ' if report.demo else ''}{text('title')}: {html.escape(report.title)}</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>",
        f'<p class="demo">{text("demo")}</p>' if report.demo else "",
        f"<main>\n<h1>{text('title')}</h1>\n<p>{text('study', title=report.title)}<br>{_as_of(report, language)}</p>",
        f'<p class="summary">{html.escape(report.summary(language))}</p>',
        f"<p>{text('never_values')}</p>" if not report.ok else "",
        f"<h2>{text('what_was_checked')}</h2>",
        _table(
            say("check.by_form", language),
            [say(f"check.column_{name}", language)
             for name in ("form", "version", "records", "entries", "failed", "failures")],
            [[found.form.title, found.form.version, found.records, found.entries, found.failed, len(found.problems)]
             for found in report.forms],
            language,
        ),
    ]  # fmt: skip
    for found in report.forms:
        if found.problems:
            parts.append(
                f"<h2>{text('problems')}: {html.escape(found.form.title)} ({html.escape(found.form.version)})</h2>"
            )
            parts.append(_by_question(found, language))
            parts.append(_by_case(found, language))
    parts += _rules(report, language)
    parts += [f"<p>{html.escape(note.text(language))}</p>" for note in report.not_judged]
    return "\n".join(part for part in [*parts, "</main>\n</body>\n</html>\n"] if part)


def _rules(report: CheckReport, language: str) -> list[str]:
    """What the rules between records found, by rule and by case; and which rules were not judged."""
    rules, parts = report.rules, list[str]()
    if rules.hits:
        parts.append(f"<h2>{html.escape(say('check.rules', language))}</h2>")
        counted: dict[str, list[str | int]] = {}
        severities = {hit.rule.name: hit.rule.severity for hit in rules.hits}
        for hit in rules.hits:
            severity = say(f"check.severity_{hit.rule.severity}", language)
            owner = say(f"check.owner_{hit.rule.owner}", language)
            row = counted.setdefault(hit.rule.name, [severity, owner, hit.what(language), 0])
            row[-1] = int(row[-1]) + 1
        names = [say(f"check.column_{name}", language) for name in ("severity", "owner", "what", "hits")]
        worst_first = sorted(counted, key=lambda name: SEVERITIES.index(severities[name]))
        parts.append(_table(say("check.by_rule", language), names, [counted[name] for name in worst_first], language))
        rows: list[list[str | int]] = [[hit.where(language), hit.what(language)] for hit in rules.hits]
        rows.sort(key=lambda row: str(row[0]))
        names = [say("check.column_case", language), say("check.column_what", language)]
        parts.append(_table(say("check.by_case", language), names, rows, language))
    skipped = [say("check.rule_skipped", language, rule=rule, table=table) for rule, table in rules.skipped.items()]
    return [*parts, *(f"<p>{html.escape(text)}</p>" for text in skipped)]


def _as_of(report: CheckReport, language: str) -> str:
    if report.as_of is None:
        return ""
    moment = report.as_of.astimezone(ZoneInfo(report.zone))
    written = f"{moment:%d.%m.%Y, %H:%M}" if language == "de" else f"{moment:%d %B %Y, %H:%M}"
    return html.escape(say("check.as_of", language, moment=written))


def _by_question(found: FormCheck, language: str) -> str:
    cases: dict[str, set[str]] = {}
    for problem in found.problems:
        cases.setdefault(problem.what(found.form, language), set()).add(problem.key)
    often = sorted(cases.items(), key=lambda item: -len(item[1] - {""}))
    rows = [[what, len(keys - {""}) or say("check.whole_table", language)] for what, keys in often]
    names = [say("check.column_what", language), say("check.column_cases", language)]
    return _table(say("check.by_question", language), names, rows, language)


def _by_case(found: FormCheck, language: str) -> str:
    rows: list[list[str | int]] = [
        [problem.where(found.form, language), problem.what(found.form, language)] for problem in found.problems
    ]
    rows.sort(key=lambda row: str(row[0]))
    names = [say("check.column_case", language), say("check.column_what", language)]
    return _table(say("check.by_case", language), names, rows, language)


def _table(caption: str, names: Sequence[str], rows: Sequence[Sequence[str | int]], language: str) -> str:
    numeric = [any(isinstance(row[at], int) for row in rows) for at in range(len(names))]
    head = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{html.escape(name)}</th>'
        for name, number in zip(names, numeric, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{' class=n' if number else ''}>{html.escape(_shown(cell, language))}</td>"
            for cell, number in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _shown(cell: str | int, language: str) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell:,}".replace(",", ".") if language == "de" else f"{cell:,}"
