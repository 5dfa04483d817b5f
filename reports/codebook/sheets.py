"""A codebook as sheets of a workbook: one row a question, one row a choice, one row a frequency.

All cells are text (`intake.excel.write`), so nothing that a form says can be a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reports.codebook.counts import Figures
from reports.codebook.entries import Choice, Codebook, Entry
from reports.codebook.tables import missing_lines, value_lines
from reports.codebook.words import CODED, coded, language_name, said, sensitivity, share, told, type_of
from reports.wording import day
from validation.messages import LANGUAGES, say

_WORDED = ("relevant", "required", "constraint", "warning", "choice_filter")
_PLAIN = ("calculate", "count")
_MESSAGES = ("constraint", "required", "warning")


def sheets(
    codebook: Codebook, figures: Figures | None = None, *, language: str = "de", demo: str = ""
) -> Mapping[str, Sequence[Sequence[str]]]:
    """{title: rows}, the first row of each being the heads."""
    made = {
        say("codebook.sheet_about", language): [*_about(codebook, figures, language, demo)],
        say("codebook.sheet_questions", language): [
            _question_heads(codebook, figures, language),
            *(_question(codebook, each, figures, language) for each in codebook.entries),
        ],
        say("codebook.sheet_choices", language): [*_choices(codebook, language)],
    }
    if figures is not None:
        made[say("codebook.sheet_frequencies", language)] = [*_frequencies(codebook, figures, language)]
    return made


def _about(codebook: Codebook, figures: Figures | None, language: str, demo: str) -> Iterator[list[str]]:
    yield [f"{say('codebook.title', language)}: {codebook.title}"]
    if demo:
        yield [demo]
    yield [say("codebook.form_line", language, form=codebook.form_id, version=codebook.version or "–")]
    names = ", ".join(language_name(codebook, each, language) for each in codebook.languages)
    yield [say("codebook.languages", language, names=names)]
    yield [say("codebook.numbers", language)]
    if figures is None:
        yield [say("codebook.no_figures", language)]
        return
    yield [say("codebook.internal", language)]
    moment = day(figures.as_of.date(), language) if figures.as_of is not None else "–"
    yield [say("codebook.figures_of", language, records=figures.records, moment=moment)]
    if figures.restricted:
        yield [say("codebook.restricted", language, count=figures.restricted)]
    yield [say("codebook.how", language)]


def _question_heads(codebook: Codebook, figures: Figures | None, language: str) -> list[str]:
    def text(code: str) -> str:
        return say(f"codebook.{code}", language)

    names = [language_name(codebook, each, language) for each in codebook.languages]
    heads = [text(f"column_{name}") for name in ("number", "name")] + [text("fact_nodeset"), text("column_kind")]
    heads += [text("fact_type"), "type", "control", text("column_table"), text("column_column")]
    heads += [f"{text(code)}: {name}" for code in ("label", "fact_hint", "fact_guidance") for name in names]
    for rule in _WORDED:
        heads += [f"{text(f'fact_{rule}')} ({code})" for code in LANGUAGES] + [rule]
    heads += [text(f"fact_{rule}") for rule in _PLAIN]
    heads += [f"{text('fact_message')} {rule}: {name}" for rule in _MESSAGES for name in names]
    heads += [text("column_list"), text("fact_reasons"), text("fact_sensitivity"), "sensitivity"]
    heads += [part for name in CODED for part in (text(f"fact_{name}"), name)]
    heads += [text("fact_preload"), text("fact_versions")]
    if figures is not None:
        counted = ("rows", "answered", "not_relevant", "unanswered", "fact_reasons", "unread", "column_missing_share")
        heads += [f"{text(name)} ({text('internal_short')})" for name in counted]
    return heads


def _question(codebook: Codebook, entry: Entry, figures: Figures | None, language: str) -> list[str]:
    names = [each.name for each in codebook.languages]
    row = [entry.number, entry.name, entry.nodeset, say(f"codebook.{_kind(entry)}", language)]
    row += [type_of(entry, language), entry.type, entry.control, entry.table, entry.column]
    row += [texts.get(name, "") for texts in (entry.labels, entry.hints, entry.guidance) for name in names]
    for name in _WORDED:
        rule = entry.rules.get(name)
        row += [rule.words.get(code, "") if rule else "" for code in LANGUAGES] + [rule.expression if rule else ""]
    row += [entry.rules[name].expression if name in entry.rules else "" for name in _PLAIN]
    row += [entry.messages.get(rule, {}).get(name, "") for rule in _MESSAGES for name in names]
    row += [entry.list_name, " ".join(each.value for each in entry.reasons)]
    row += [sensitivity(entry.sensitivity, language), entry.sensitivity]
    row += [part for name in CODED for part in (coded(name, entry, language), entry.columns.get(name, ""))]
    row += [entry.preload, ", ".join(entry.versions)]
    counts = figures.counts.get(entry.nodeset) if figures is not None else None
    if counts is not None and told(counts):
        numbers = (counts.rows, counts.answered, counts.not_relevant, counts.unanswered)
        row += [*map(str, numbers), str(sum(counts.reasons.values())), str(counts.unread)]
        row.append(share(counts.missing, counts.asked, language))
    return row


def _kind(entry: Entry) -> str:
    return "section" if entry.kind == "group" else entry.kind


def _choices(codebook: Codebook, language: str) -> Iterator[list[str]]:
    names = [language_name(codebook, each, language) for each in codebook.languages]
    yield [
        *(say(f"codebook.{code}", language) for code in ("column_list", "fact_nodeset", "value")),
        *(f"{say('codebook.label', language)}: {name}" for name in names),
        say("codebook.fact_sensitivity", language),
    ]
    for entry in codebook.entries:
        for listed, choices in ((entry.list_name, entry.choices or ()), ("missing", entry.reasons)):
            for choice in choices:
                yield [listed, entry.nodeset, choice.value, *_labels(codebook, choice), choice.sensitivity]


def _labels(codebook: Codebook, choice: Choice) -> Iterator[str]:
    return (choice.labels.get(each.name, "") for each in codebook.languages)


def _frequencies(codebook: Codebook, figures: Figures, language: str) -> Iterator[list[str]]:
    heads = ("column_number", "fact_nodeset", "label", "column_kind", "value", "label", "count", "share")
    yield [f"{say(f'codebook.{name}', language)}" for name in heads[:-1]] + [
        f"{say('codebook.share', language)} ({say('codebook.internal_short', language)})"
    ]
    for entry in codebook.entries:
        counts = figures.counts.get(entry.nodeset)
        if counts is None or not told(counts):
            continue
        head = [entry.number, entry.nodeset, said(codebook, entry.labels, language)]
        for kind, whole, lines in (
            ("missing", counts.rows, missing_lines(entry, counts, codebook, language)),
            ("answers", counts.answered, value_lines(entry, counts, codebook, language)),
        ):
            for value, label, count in lines:
                yield [
                    *head,
                    say(f"codebook.{kind}", language),
                    value,
                    label,
                    str(count),
                    share(count, whole, language),
                ]
