"""What a survey's report prints: counted from the records, protected here, and nothing else travels on."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self

from intake.interview.alone.links import FILE as LEDGER
from intake.interview.alone.links import Links, Participation
from intake.selfcompletion import PART
from intake.study import Study
from intake.submission import Submission
from reports.disclosure import Policy, protect, read_policy
from reports.disclosure.safe import Cell, Column, Row, SafeTable
from reports.survey.reading import INVITED, MARGINS, Counts, read_counts
from reports.survey.weights import CAP, Weights, weigh
from validation.errors import ReportError
from validation.form import Form
from validation.instance import Instance
from validation.messages import say

INTERNAL = "internal"
AUDIENCES = ("public", "council", INTERNAL)
NO_ANSWER = "_none"
STEPS = (1, 5, 10)
"""In which steps weighted shares may be printed, in per cent."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a survey: `name`, what it asks, its group, and its answers {code: label}, none for an open one."""

    name: str
    nodeset: str
    label: str
    section: str
    answers: Mapping[str, str]
    several: bool = False


@dataclass(frozen=True)
class Survey:
    """A report's figures. `tables` by key; `texts`: {question: what people wrote}, for internal use only, else empty.
    `weighting` says in words how was weighted; '' where it was not."""

    title: str
    form: str
    language: str
    audience: str
    demo: bool
    plain: bool
    day: str
    tables: Mapping[str, SafeTable]
    sections: Sequence[tuple[str, Sequence[str]]]
    texts: Mapping[str, Sequence[str]]
    weighting: Sequence[str] = ()
    notes: Sequence[str] = ()

    def to_json(self) -> str:
        """The figures as text, for the notebook."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "tables"}
        return json.dumps({**plain, "tables": {key: table.to_json() for key, table in self.tables.items()}})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Back from a file. ReportError when it is damaged or not safe."""
        try:
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            tables = {key: SafeTable.from_json(each) for key, each in data.pop("tables").items()}
            return cls(tables=tables, **data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReportError("survey.unreadable", path=path) from error


def gather(study: Study, form: Form, records: Sequence[Submission], *, audience: str, language: str) -> Survey:
    """The figures of one form. ReportError for what is wrong with the tables of totals or the policy."""
    policy = read_policy(study.dir / "disclosure.toml", "council" if audience == INTERNAL else audience)
    questions = questions_of(form, language)
    known = {each.name: each.answers for each in questions if each.answers and not each.several}
    margins = read_counts(study.dir / MARGINS, "population", form.id, known)
    invited = read_counts(study.dir / INVITED, "invited", form.id, known)
    answers = {each.name: [str(record.record.get(each.nodeset, "")) for record in records] for each in questions}
    weights = weigh(answers, margins) if margins and records else None
    links = Links(study.key_path.parent / LEDGER).participation(form.id)
    step = _step(weights, policy, audience)
    shown = weights if step else None
    tables: dict[str, SafeTable] = {"response": _response(study, records, invited, links, language)}
    for each in questions:
        if each.answers:
            made = _several if each.several else _single
            tables[each.name] = made(each, answers[each.name], shown, step, policy, language)
    for each in questions:
        if each.name in invited:
            tables[f"response-{each.name}"] = _by_group(each, tables[each.name], invited[each.name], language)
    # the effective size follows from the sizes of all groups, so it would tell one that is hidden
    told = audience == INTERNAL or all(
        tables[name].rest is None and not tables[name].number().hidden for name in margins
    )
    texts = {
        each.label: sorted({text for text in answers[each.name] if text}) for each in questions if not each.answers
    }
    days = [record.ended.astimezone(study.tz).date() for record in records]
    return Survey(
        f"{study.title}: {form.title}", form.id, language, audience, study.demo, study.is_plain,
        max(days, default=dt.date(2000, 1, 1)).isoformat(), tables, _sections(questions),
        {label: said for label, said in texts.items() if said} if audience == INTERNAL else {},
        _weighting(weights, step, questions, margins, told, language), _open(questions, language, audience),
    )  # fmt: skip


def questions_of(form: Form, language: str) -> list[Question]:
    """The questions outside repeats that have answers to choose from or are open, in the order of the form."""
    instance = Instance(form, now=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    wanted = next((name for name in form.languages if name.endswith(f"({language})")), None)
    repeats = tuple(f"{each}/" for each in form.repeats)
    found = []
    for nodeset in form.binds:
        control = form.control(nodeset)
        if control is None or nodeset.startswith(repeats) or control.kind not in ("select1", "select", "input"):
            continue
        several, choosing = control.kind == "select", control.kind != "input"
        if not choosing and (form.binds[nodeset].type != "string" or form.binds[nodeset].readonly is not None):
            continue
        answers = dict(instance.choices(nodeset, wanted)) if choosing else {}
        parent = nodeset.rsplit("/", 1)[0]
        section = instance.label(parent, wanted) if parent.count("/") > 1 else form.title
        found.append(
            Question(nodeset.rsplit("/", 1)[-1], nodeset, instance.label(nodeset, wanted), section, answers, several)
        )
    return found


def _sections(questions: Sequence[Question]) -> list[tuple[str, list[str]]]:
    sections: dict[str, list[str]] = {}
    for each in questions:
        if each.answers:
            sections.setdefault(each.section, []).append(each.name)
    return list(sections.items())


def _response(
    study: Study, records: Sequence[Submission], invited: Counts, links: Participation, language: str
) -> SafeTable:
    """Invited, begun, handed in: sizes of the survey itself, which are announced with it and hide nobody."""
    mark = study.alone.mark if study.alone else ""
    part = sum(1 for each in records if mark and any(
        key.rsplit("/", 1)[-1] == mark and value == PART for key, value in each.record.items()))  # fmt: skip
    whole = (
        invited.get("", {}).get("") or links.made or max((sum(each.values()) for each in invited.values()), default=0)
    )
    sizes = {"invited": whole, "begun": links.begun, "taken_part": len(records), "incomplete": part}
    known = [(name, size) for name, size in sizes.items() if size or name == "taken_part"]
    rows = tuple(Row(name, say(f"survey.row_{name}", language), (Cell(size),)) for name, size in known)
    column = Column("n", say("survey.column_n", language))
    return SafeTable("response", say("survey.table_response", language), (column,), rows, None)


def _by_group(question: Question, table: SafeTable, invited: Mapping[str, int], language: str) -> SafeTable:
    """Who answered of those invited, by the answer that tells the group. It is the question's own protected table with
    the invitations beside it, so that two tables with different totals cannot be held against each other."""
    heads = (
        Column("invited", say("survey.column_invited", language)),
        replace(table.columns[0], label=say("survey.column_answered", language)),
        Column("rate", say("survey.column_rate", language), 0, 1),
    )

    def widened(row: Row, members: Sequence[str]) -> Row:
        value = row.cells[0].value
        whole = sum(invited[each] for each in members) if all(each in invited for each in members) else None
        rate = Decimal(value * 100) / whole if whole and value is not None else None
        return _with(row, (Cell(whole), row.cells[0], Cell(rate)))

    rows = tuple(widened(row, row.members or (row.key,)) for row in table.rows)
    total = widened(table.total, tuple(invited)) if table.total else None
    title = say("survey.table_group", language, question=question.label)
    made = _table(table, heads, rows, total)
    return replace(made, key=f"response-{question.name}", title=title, stub=question.label, coarsened=())


def _single(
    question: Question, answers: Sequence[str], weights: Weights | None, step: int, policy: Policy, language: str
) -> SafeTable:
    """How many gave each answer, those who gave none among them, so that all tables of a survey have one total."""
    coded = [each if each in question.answers else NO_ANSWER for each in answers]
    counted = Counter(coded)
    named = {**question.answers, NO_ANSWER: say("survey.no_answer", language)}
    table = protect(
        {each: counted[each] for each in named}, policy, key=question.name, title=question.label, labels=named,
        column=say("survey.column_n", language), stub=say("survey.stub", language), language=language, fixed=True,
    )  # fmt: skip
    return _shared(table, [frozenset({each}) for each in coded], weights, step, language)


def _several(
    question: Question, answers: Sequence[str], weights: Weights | None, step: int, policy: Policy, language: str
) -> SafeTable:
    """How many chose each answer. Each row stands alone: it is printed where neither who chose it nor who did not are
    too few; no sum of the rows is."""
    chosen = [frozenset(each.split()) & set(question.answers) for each in answers]
    whole, threshold = len(chosen), policy.threshold("person")
    rows = []
    for code, label in question.answers.items():
        value = sum(code in each for each in chosen)
        safe = all(n == 0 or n >= threshold for n in (value, whole - value, whole))
        rows.append(Row(code, label, (Cell(value if safe else None),)))
    blank = SafeTable(
        question.name, question.label, (Column("n", say("survey.column_n", language), threshold),), tuple(rows), None,
        stub=say("survey.stub_several", language), sign=policy.sign,
    )  # fmt: skip
    return _shared(blank, chosen, weights, step, language)


def _shared(
    table: SafeTable, given: Sequence[frozenset[str]], weights: Weights | None, step: int, language: str
) -> SafeTable:
    """The table with shares of all who handed in, in whole per cent, and weighted ones in steps of `step`; none for a
    row that is hidden. `given` are the answers of each person. Shares of those who answered only would tell how
    many did not."""
    heads = [Column("share", say("survey.column_share", language))]
    if weights is not None:
        heads.append(Column("weighted", say("survey.column_weighted", language)))
    kinds: list[tuple[Sequence[float], int]] = [([1.0] * len(given), 1), *([(weights.values, step)] if weights else [])]

    def widened(row: Row) -> Row:
        if row.cells[0].value is None:
            return _with(row, (*row.cells, *(Cell(None) for _ in heads)))
        members = frozenset(row.members or (row.key,))
        who = [bool(each & members) for each in given]
        return _with(row, (*row.cells, *(Cell(_percent(who, values, by)) for values, by in kinds)))

    total = table.total
    if total is not None:
        shown = None if total.cells[0].value is None or not given else 100
        total = _with(total, (*total.cells, *(Cell(shown) for _ in heads)))
    return _table(table, (*table.columns, *heads), tuple(widened(row) for row in table.rows), total)


def _percent(who: Sequence[bool], weights: Sequence[float], step: int) -> int | None:
    whole = sum(weights)
    part = sum(weight for there, weight in zip(who, weights, strict=True) if there)
    if whole <= 0:
        return None
    return step * int(Decimal(100 * part / whole / step).quantize(Decimal(1), ROUND_HALF_UP))


def _step(weights: Weights | None, policy: Policy, audience: str) -> int:
    """In which steps of per cent weighted shares are printed; 0: not at all.

    Who knows the margins knows the weight of each group, and could tell from a count and its exact weighted share how
    many of each group are in it; and from a group's share, how many did not say theirs. So an exchange of fewer people
    than the threshold, between the heaviest and the lightest group or a group and nobody, must be lost in the rounding.
    An internal report prints whole per cents.
    """
    if weights is None or not weights.values:
        return 0
    if audience == INTERNAL:
        return 1
    spread = max(weights.values) - min(weights.values)
    need = 100 * policy.threshold("person") * max(spread, 1.0) / len(weights.values)
    return next((step for step in STEPS if step >= need), 0)


def _weighting(
    weights: Weights | None, step: int, questions: Sequence[Question], margins: Counts, told: bool, language: str
) -> list[str]:
    """In words: what was weighted by, the effective size (where it may be `told`), the cap, cells without anybody."""
    if weights is None:
        return []
    named = {each.name: each for each in questions}
    by = ", ".join(named[name].label for name in margins)
    said = [say("survey.weighted_by", language, questions=by, cap=f"{CAP:g}")]
    if told:
        said.append(say("survey.effective", language, size=round(weights.effective), whole=len(weights.values)))
    if step != 1:
        said.append(say("survey.rounded" if step else "survey.withheld", language, step=step))
    if not weights.met:
        said.append(say("survey.not_met", language, cap=f"{CAP:g}"))
    said += [
        say("survey.empty_cell", language, question=named[name].label, answer=named[name].answers[answer])
        for name, answer in weights.empty
    ]
    return said


def _open(questions: Sequence[Question], language: str, audience: str) -> list[str]:
    names = [each.label for each in questions if not each.answers]
    return (
        [say("survey.open_left_out", language, questions=" · ".join(names))] if names and audience != INTERNAL else []
    )


def _with(row: Row, cells: tuple[Cell, ...]) -> Row:
    return Row(row.key, row.label, cells, row.members, row.member_labels)


def _table(table: SafeTable, columns: tuple[Column, ...], rows: tuple[Row, ...], total: Row | None) -> SafeTable:
    return SafeTable(
        table.key, table.title, columns, rows, total, table.population, table.stub, table.sign, table.notes,
        table.coarsened,
    )  # fmt: skip
