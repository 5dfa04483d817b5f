"""Which rules of a form cannot be judged where not all that was answered is there, or not as it was answered.

A login that may not open every class of sensitivity lacks the questions of the others. A pseudonymous export lacks
texts, places and everything that is not general; ids are codes, answers that a sensitive choice raises are gone, and
dates stand on other days of the calendar. A rule that reads any of these, itself or over calculations and relevances,
would find what nobody did wrong.

Years between two dates of one person are taken to be what they were, as in an age. They are, but for an interview on a
birthday, where the days between fall otherwise around a 29 February.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from intake.partitions import faults_of
from intake.store.division import Division
from validation.dag import Computation
from validation.form import Form
from validation.layout import KEY, Column, Table, choice_values, layout
from validation.report import Report, report_of

_CODE = re.compile(r"[0-9a-f]{20}(?: [0-9a-f]{20})*")
_DAY = re.compile(r"""['"]\d{4}-""")
_CALENDAR = re.compile(rf"{_DAY.pattern}|format-date")
_DATES = ("date", "dateTime")
_ANSWERS = ("type", "choice", "relevant", "required", "constraint")


@dataclass(frozen=True, slots=True)
class Unjudged:
    """`rules` are pairs of nodeset and rule; `missing` are columns left out on purpose: {(table, name): nodeset}."""

    rules: frozenset[tuple[str, str]]
    missing: Mapping[tuple[str, str], str]


def unjudged(form: Form, tables: Mapping[str, pd.DataFrame], *, as_answered: bool = False) -> Unjudged:
    """What is not to be asked of tables of this form without the columns that are not there; of those of a pseudonymous
    export, unless what is there stands there as it was answered."""
    missing, coded, hiding, moved = _changed(form, tables)
    if as_answered:
        coded, moved = set(), set()
    columns = [(table, column) for table in layout(form).values() for column in table.columns]
    reads = _reads(form)
    unknown = _unknown(form, reads, {*missing.values(), *coded, *hiding}, moved)

    def is_known(nodeset: str, *kinds: str) -> bool:
        return all(
            not read & unknown and not (read & moved and _CALENDAR.search(item.expression.source))
            for item, read in reads
            if item.kind in kinds and item.nodeset == nodeset
        )

    rules: set[tuple[str, str]] = set()
    for _, column in columns:
        nodeset = column.nodeset
        steps = nodeset.split("/")
        shown = all(is_known("/".join(steps[:end]), "relevant") for end in range(2, len(steps) + 1))
        answered = nodeset not in coded
        judged = {
            "type": answered,
            "choice": answered and is_known(nodeset, "items"),
            "relevant": shown,
            "required": shown and nodeset not in hiding and is_known(nodeset, "required"),
            "constraint": answered and is_known(nodeset, "constraint"),
        }
        rules.update((nodeset, rule) for rule, is_judged in judged.items() if not is_judged)
    return Unjudged(frozenset(rules), missing)


def fair(form: Form, tables: Mapping[str, pd.DataFrame], report: Report, unasked: Unjudged) -> Report:
    """The report without what is so because of what is not there."""
    shapes = layout(form)
    faults = []
    for fault in faults_of(report):
        column = shapes[fault.table].column(fault.column) if fault.table in shapes else None
        if (fault.table, fault.column) in unasked.missing and fault.rule == "missing_column":
            continue
        # a rule of a group stands on the key of the record; what it reads is not looked into
        if column is None and fault.column == KEY and fault.rule in _ANSWERS:
            continue
        if column is None or (column.nodeset, fault.rule) not in unasked.rules:
            faults.append(fault)
    return report_of(form, tables, faults, fallbacks=report.fallbacks)


def _changed(
    form: Form, tables: Mapping[str, pd.DataFrame]
) -> tuple[dict[tuple[str, str], str], set[str], set[str], set[str]]:
    """Columns that are not there, by (table, name), and the nodesets of codes, of answers some of which are left out,
    and of dates that moved."""
    division = Division(form)
    missing: dict[tuple[str, str], str] = {}
    coded, hiding, moved = set[str](), set[str](), set[str]()
    for table in layout(form).values():
        frame = tables.get(table.name)
        for column in table.columns:
            if frame is None or column.name not in frame:
                missing[table.name, column.name] = column.nodeset
                continue
            if column.type in _DATES:
                # of an entry about a person of its own they move with that person, not with the record
                (coded if table.parent is not None and _is_about_somebody(table) else moved).add(column.nodeset)
            elif _is_coded(frame[column.name]):
                coded.add(column.nodeset)
            if _hides(form, division, column):
                hiding.add(column.nodeset)
    return missing, coded, hiding, moved


def _is_about_somebody(table: Table) -> bool:
    return any(column.nodeset.rpartition("/")[2] == "person" for column in table.columns)


def _is_coded(values: pd.Series) -> bool:
    texts = [text for text in values.dropna().unique().tolist() if isinstance(text, str)]
    return bool(texts) and all(_CODE.fullmatch(text) for text in texts)


def _hides(form: Form, division: Division, column: Column) -> bool:
    """Whether an answer may be of another class than its question."""
    usual = division.class_of(column.nodeset)
    return any(division.class_of(column.nodeset, value) != usual for value in choice_values(form, column.nodeset) or ())


def _reads(form: Form) -> list[tuple[Computation, frozenset[str]]]:
    """Every computation with the nodesets it reads."""
    found: dict[int, set[str]] = {number: set() for number in range(len(form.graph.computations))}
    for nodeset, triggers in form.graph.triggers.items():
        for trigger in triggers:
            found[trigger.number].add(nodeset)
    return [(item, frozenset(found[number])) for number, item in enumerate(form.graph.computations)]


def _unknown(
    form: Form, reads: Iterable[tuple[Computation, frozenset[str]]], changed: set[str], moved: set[str]
) -> set[str]:
    """The nodesets of which it is not known what the interview had there."""
    unknown, before = set(changed), -1
    while len(unknown) > before:
        before = len(unknown)
        for item, read in reads:
            if item.kind in ("calculate", "relevant", "count", "items") and (
                read & unknown or (read & moved and _DAY.search(item.expression.source))
            ):
                below = f"{item.nodeset}/"
                unknown.add(item.nodeset)
                unknown.update(nodeset for nodeset in form.order if nodeset.startswith(below))
    return unknown
