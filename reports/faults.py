"""What the quality report prints: counts of records, hits, queries and missing answers, for internal use.

Only how many, which question, which rule and which case; never an answer, nor what somebody wrote on a query. The
tables count faults and records, not persons in categories, so nothing in them is hidden; the page says that it is for
internal use. They travel to the notebook's kernel as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from intake.checking import CheckReport, check_store
from intake.findings import record_of, words_of
from intake.review import CORRECTED, GONE, SETTLED, WAIVED, Query, ReviewState, finding_of, state
from intake.rules import FILE, OWNERS, SEVERITIES, Rule, read_rules
from intake.store import Store
from intake.store.derived import FOLDER
from intake.study import Study
from intake.tables import published_forms
from intake.versions import RENAMES, read_renames
from reports.codebook.counts import Counts, figures
from reports.disclosure.safe import Cell, Column, Row, SafeTable
from validation.errors import ReportError
from validation.form import Form
from validation.layout import layout, question_label
from validation.messages import say

Progress = Callable[[str], None]

AGES = (7, 30, 90)
"""Days up to which a query is of an age; what is older comes last."""

HOWS = (CORRECTED, SETTLED, WAIVED, GONE)
REASONS = ("unknown", "refused", "not_applicable", "not_recorded")
PARTS = ("unanswered", *REASONS)
"""How an answer can be missing: without a reason, or with one."""

LISTED = 40
"""Cases with open queries that are named, the longest open first; `lotsenbuch review list` has all queries."""

NAMED = 6
"""Questions that are named of one kind of fault."""

LEAST = 1
"""Per cent of answers that must be missing for a question to be named."""

LATER = "vertiefung"
"""The layer of questions that are asked later, in any order: they are not missing."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The content of one quality report. `tables` by key, `not_judged` names rules that saw no row. `as_of`: when the
    last record was received, ISO with zone, '' for none; `day`: the day of the report, ISO."""

    title: str
    language: str
    demo: bool
    plain: bool
    as_of: str
    day: str
    tables: Mapping[str, SafeTable]
    not_judged: tuple[str, ...] = ()

    def to_json(self) -> str:
        """As text."""
        made: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        made["tables"] = {key: table.to_json() for key, table in self.tables.items()}
        return json.dumps(made, ensure_ascii=False, sort_keys=True)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The faults in a file; ReportError when it is damaged or another program's."""
        try:
            made = json.loads(path.read_text(encoding="utf-8"))
            made["tables"] = {key: SafeTable.from_json(table) for key, table in made["tables"].items()}
            made["not_judged"] = tuple(made["not_judged"])
            return cls(**made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReportError("report.bundle", path=path.name) from error


def gather(study: Study, *, now: dt.datetime, language: str = "de", progress: Progress | None = None) -> Faults:
    """Check the study, read its queries, count what is missing. StoreError and StudyError as store and study."""
    tell = progress or (lambda _text: None)
    with study.store() as store:
        report = check_store(
            store, title=study.title, demo=study.demo, zone=study.zone, copies=study.dir / FOLDER,
            directory=study.dir, now=now, progress=tell,
        )  # fmt: skip
        found = state(store)
        forms = published_forms(store)
        missing = _missing(study, store, forms, language, tell)
    rules = {rule.name: rule for rule in read_rules(study.dir / FILE)}
    by_table = {table: newest for newest, *_ in forms.values() for table in layout(newest)}
    names = _Names(rules, by_table, language)
    tables = {
        "records": _records(report, language), **_hits(report, language), **_queries(found, now, language), **missing,
        "waiting": _waiting(found, names, now), "waivers": _waivers(found, names, now.astimezone(study.tz).date()),
    }  # fmt: skip
    last = report.as_of
    return Faults(
        study.title, language, study.demo, study.is_plain, last.astimezone(study.tz).isoformat() if last else "",
        now.astimezone(study.tz).date().isoformat(), tables, _not_judged(report),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Names:
    """What rules and questions are called."""

    rules: Mapping[str, Rule]
    forms: Mapping[str, Form]
    language: str

    def what(self, query: Query) -> str:
        return words_of(finding_of(query), self.rules, self.forms, self.language)

    def questions(self, queries: Iterable[Query]) -> str:
        """The questions of queries, each once."""
        found = dict.fromkeys(
            question_label(self.forms[query.table], query.nodeset, self.language)
            if query.nodeset and query.table in self.forms else query.column
            for query in queries
        )  # fmt: skip
        return _few([*found], self.language)


# --- tables


def _table(
    key: str, columns: Iterable[str], rows: Iterable[tuple[str, Sequence[int | Decimal], Sequence[str]]],
    language: str, *, total: bool = True, decimals: Mapping[str, int] = {},
) -> SafeTable:  # fmt: skip
    """A table of counts: rows are (label, numbers, small print)."""
    heads = tuple(
        Column(name, say(f"quality.column_{name}", language), decimals=decimals.get(name, 0)) for name in columns
    )
    made = [
        Row(f"r{number}", label, tuple(Cell(value) for value in values), (), tuple(small))
        for number, (label, values, small) in enumerate(rows, start=1)
    ]
    whole = None
    if total and made:
        sums = (sum((row.cells[at].value or 0 for row in made), start=0) for at in range(len(heads)))
        whole = Row("total", say("quality.total", language), tuple(Cell(value) for value in sums))
    return SafeTable(
        key, say(f"quality.title_{key.partition('-')[0]}", language), heads, tuple(made), whole, "",
        say(f"quality.stub_{key.partition('-')[0]}", language),
    )  # fmt: skip


def _records(report: CheckReport, language: str) -> SafeTable:
    rows = [
        (f"{each.form.title} ({each.form.version})",
         (each.records, each.entries, each.failed, len(each.problems)), ())
        for each in report.forms
    ]  # fmt: skip
    return _table("records", ("records", "entries", "failed", "failures"), rows, language)


def _hits(report: CheckReport, language: str) -> dict[str, SafeTable]:
    """What was found: by what is wrong, by question, and by who mends it. What the form says of any question is one
    line with its questions below."""
    kinds: dict[tuple[str, str, str], _Kind] = {}
    questions: Counter[tuple[str, str]] = Counter()
    owners: Counter[tuple[str, str]] = Counter()
    found = [(say(f"quality.fault_{finding.rule}", language), SEVERITIES[0], OWNERS[0], finding, each.form)
             for each in report.forms for finding in each.problems]  # fmt: skip
    found += [(hit.rule.message(language), hit.rule.severity, hit.rule.owner, hit.finding, hit.form)
              for hit in report.rules.hits]  # fmt: skip
    for what, severity, owner, finding, form in found:
        label = question_label(form, finding.nodeset, language) if finding.nodeset else finding.column
        kind = kinds.setdefault((what, severity, owner), _Kind())
        kind.hits += 1
        kind.records |= {finding.record} - {""}
        kind.questions[label] += 1
        questions[label, form.title] += 1
        owners[owner, severity] += 1
    order = sorted(kinds, key=lambda each: (SEVERITIES.index(each[1]), -kinds[each].hits))
    names = Counter(label for label, _ in questions)
    said = {word: say(f"check.severity_{word}", language) for word in SEVERITIES}
    said |= {word: say(f"check.owner_{word}", language) for word in OWNERS}
    return {
        "hits": _table(
            "hits", ("hits", "cases"),
            [(each[0], (kinds[each].hits, len(kinds[each].records)),
              (f"{said[each[1]]}, {said[each[2]]}: {kinds[each].named(language)}",)) for each in order],
            language, total=False,
        ),
        "questions": _table(
            "questions", ("hits",),
            [(label if names[label] == 1 else f"{label} ({form})", (number,), ())
             for (label, form), number in questions.most_common(12)],
            language,
        ),
        "owners": _table(
            "owners", SEVERITIES,
            [(said[owner], [owners[owner, severity] for severity in SEVERITIES], ()) for owner in OWNERS
             if any(owners[owner, severity] for severity in SEVERITIES)],
            language,
        ),
    }  # fmt: skip


@dataclass(slots=True)
class _Kind:
    """What is wrong in one way: how often, in which records, with which questions."""

    hits: int = 0
    records: set[str] = field(default_factory=set)
    questions: Counter[str] = field(default_factory=Counter)

    def named(self, language: str) -> str:
        """The questions, the most frequent first, each with how often where there are several."""
        if len(self.questions) == 1:
            return next(iter(self.questions))
        return _few([f"{label} ({count})" for label, count in self.questions.most_common()], language)


def _few(questions: Sequence[str], language: str) -> str:
    """The first questions, and how many more there are."""
    more = [say("quality.more_questions", language, count=len(questions) - NAMED)] if len(questions) > NAMED else []
    return ", ".join([*questions[:NAMED], *more])


def _queries(found: ReviewState, now: dt.datetime, language: str) -> dict[str, SafeTable]:
    """Open queries by age, closed ones by how they were closed."""
    waiting: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for query in found.open:
        place = next((at for at, days in enumerate(AGES) if query.age(now) <= days), len(AGES))
        waiting[place] += 1
        answered[place] += bool(query.answers)
    ages = [say("quality.up_to", language, days=days) for days in AGES]
    ages.append(say("quality.older", language, days=AGES[-1]))
    closed: dict[str, list[int]] = {how: [] for how in HOWS}
    for query in found.queries.values():
        if not query.is_open:
            closed.setdefault(query.how, []).append(query.age(now))
    return {
        "ages": _table("ages", ("open", "answered"),
                       [(label, (waiting[at], answered[at]), ()) for at, label in enumerate(ages)], language),
        "closed": _table(
            "closed", ("number", "days"),
            [(say(f"quality.how_{how}", language), (len(days), _middle(days)), ()) for how, days in closed.items()
             if days],
            language, total=False,
        ),
    }  # fmt: skip


def _middle(days: Sequence[int]) -> int:
    """The median, the upper one of two."""
    return sorted(days)[len(days) // 2]


def _missing(
    study: Study, store: Store, forms: Mapping[str, Sequence[Form]], language: str, tell: Progress
) -> dict[str, SafeTable]:
    """Per form the questions of which answers are missing, by reason, the share of those asked last."""
    found = {}
    for form_id, versions in forms.items():
        tell(say("quality.counting", language, form=versions[0].title))
        renamed = read_renames(study.dir / RENAMES, form_id)
        counts = figures(store, versions, zone=study.zone, renames=renamed).counts
        rows: list[tuple[str, tuple[int | Decimal, ...], tuple[str, ...]]] = [
            (question_label(versions[0], nodeset, language), (each.asked, _share(each), *_by_reason(each)), ())
            for nodeset, each in counts.items()
            if each.asked and _share(each) >= LEAST and _is_demanded(versions[0], nodeset)
        ]  # fmt: skip
        if rows:
            rows.sort(key=lambda row: -row[1][1])
            given = [reason for at, reason in enumerate(PARTS, start=2) if any(row[1][at] for row in rows)]
            kept = [0, 1, *(at for at, reason in enumerate(PARTS, start=2) if reason in given)]
            shown = [(label, tuple(values[at] for at in kept), small) for label, values, small in rows]
            key, columns = f"missing-{form_id}", ("asked", "share", *given)
            made = _table(key, columns, shown, language, total=False, decimals={"share": 1})
            found[key] = _named(made, versions[0].title)
    return found


def _named(table: SafeTable, form: str) -> SafeTable:
    made = table.to_json()
    made["title"] = f"{table.title}: {form}"
    return SafeTable.from_json(made)


def _is_demanded(form: Form, nodeset: str) -> bool:
    """Whether a question wants an answer or a reason for none, now: it is required or offers reasons, and is not one
    for later."""
    bind = form.binds.get(nodeset)
    if bind is None or form.control(nodeset) is None or nodeset.endswith("__missing"):
        return False
    return bool(bind.required or bind.columns.get("missing")) and bind.columns.get("layer") != LATER


def _by_reason(counts: Counts) -> tuple[int, ...]:
    return (counts.unanswered, *(counts.reasons.get(reason, 0) for reason in REASONS))


def _share(counts: Counts) -> Decimal:
    return (Decimal(counts.missing) * 100 / Decimal(counts.asked)).quantize(Decimal("0.1"))


# --- lists


def _waiting(found: ReviewState, names: _Names, now: dt.datetime) -> SafeTable:
    """Cases with open queries, the longest open first: how many, for how long, and who is to mend which question."""
    language, cases = names.language, dict[tuple[str, str], list[Query]]()
    for query in found.open:
        cases.setdefault((record_of(query.key), query.owner), []).append(query)
    rows = [
        (queries[0].case.partition(", ")[0], (len(queries), max(query.age(now) for query in queries)),
         (f"{say(f'check.owner_{owner}', language)}: {names.questions(queries)}",))
        for (_, owner), queries in cases.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: -row[1][1])
    return _table("waiting", ("open", "age"), rows[:LISTED], language, total=False)


def _waivers(found: ReviewState, names: _Names, today: dt.date) -> SafeTable:
    """Waivers that hold, the first to end first; why stands with the query, not here."""
    queries = {query.hit: query for query in found.queries.values()}
    holding = sorted((each for each in found.waivers.values() if each.until >= today), key=lambda each: each.until)
    rows = [
        (query.case, ((each.until - today).days,), (names.what(query),))
        for each in holding
        if (query := queries.get(each.hit)) is not None
    ]
    return _table("waivers", ("left",), rows, names.language, total=False)


def _not_judged(report: CheckReport) -> tuple[str, ...]:
    """Rules that saw no row: the study has no such table, or nobody has answered yet."""
    return tuple(str(rule) for rule, judged in report.rules.counts[["rule", "judged"]].to_numpy() if not judged)
