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
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from intake.checking import CheckReport, check_store
from intake.findings import words_of
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
LISTED = 40
"""Open queries that are named one by one, the oldest first; `lotsenbuch review list` has all."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The content of one quality report. `tables` by key; `waiting`, `waivers` and `not_judged` are (case or rule,
    words) pairs; `hits` counts what the check found, `open` the queries that wait, beyond those listed as well.
    `as_of`: when the last record was received, ISO with zone, '' for none; `day`: the day of the report, ISO."""

    title: str
    language: str
    demo: bool
    plain: bool
    as_of: str
    day: str
    tables: Mapping[str, SafeTable]
    waiting: tuple[tuple[str, str], ...] = ()
    waivers: tuple[tuple[str, str], ...] = ()
    not_judged: tuple[tuple[str, str], ...] = ()

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
            for name in ("waiting", "waivers", "not_judged"):
                made[name] = tuple((str(term), str(text)) for term, text in made[name])
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
    }  # fmt: skip
    last = report.as_of
    return Faults(
        study.title, language, study.demo, study.is_plain, last.astimezone(study.tz).isoformat() if last else "",
        now.astimezone(study.tz).date().isoformat(), tables, _waiting(found, names, now),
        _waivers(found, names, now.astimezone(study.tz).date()), _not_judged(report, names),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Names:
    """What rules and questions are called."""

    rules: Mapping[str, Rule]
    forms: Mapping[str, Form]
    language: str

    def what(self, query: Query) -> str:
        return words_of(finding_of(query), self.rules, self.forms, self.language)


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
    """What was found: by what is wrong, by question, and by who mends it."""
    wrong: dict[tuple[str, str, str], set[str]] = {}
    count: Counter[tuple[str, str, str]] = Counter()
    questions: Counter[str] = Counter()
    owners: Counter[tuple[str, str]] = Counter()
    hits = [(finding.what(each.form, language), SEVERITIES[0], OWNERS[0], finding, each.form)
            for each in report.forms for finding in each.problems]  # fmt: skip
    hits += [(hit.what(language), hit.rule.severity, hit.rule.owner, hit.finding, hit.form)
             for hit in report.rules.hits]  # fmt: skip
    for what, severity, owner, finding, form in hits:
        wrong.setdefault((what, severity, owner), set()).add(finding.record)
        count[what, severity, owner] += 1
        label = question_label(form, finding.nodeset, language) if finding.nodeset else finding.column
        questions[f"{label} ({form.title})"] += 1
        owners[owner, severity] += 1
    order = sorted(wrong, key=lambda each: (SEVERITIES.index(each[1]), -count[each]))
    said = {word: say(f"check.severity_{word}", language) for word in SEVERITIES}
    said |= {word: say(f"check.owner_{word}", language) for word in OWNERS}
    return {
        "hits": _table(
            "hits", ("hits", "cases"),
            [(each[0], (count[each], len(wrong[each] - {""})), (said[each[1]], said[each[2]])) for each in order],
            language, total=False,
        ),
        "questions": _table(
            "questions", ("hits",), [(label, (number,), ()) for label, number in questions.most_common(12)], language
        ),
        "owners": _table(
            "owners", SEVERITIES,
            [(said[owner], [owners[owner, severity] for severity in SEVERITIES], ()) for owner in OWNERS
             if any(owners[owner, severity] for severity in SEVERITIES)],
            language,
        ),
    }  # fmt: skip


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
        counts = figures(store, versions, renamed=renamed).counts
        rows: list[tuple[str, tuple[int | Decimal, ...], tuple[str, ...]]] = [
            (question_label(versions[0], nodeset, language),
             (each.asked, *_by_reason(each), _share(each)), ())
            for nodeset, each in counts.items()
            if each.asked and each.missing and versions[0].control(nodeset) is not None
            and not nodeset.endswith("__missing")
        ]  # fmt: skip
        if rows:
            rows.sort(key=lambda row: -row[1][-1])
            columns = ("asked", "unanswered", *REASONS, "share")
            found[f"missing-{form_id}"] = _named(
                _table(f"missing-{form_id}", columns, rows, language, total=False, decimals={"share": 1}),
                versions[0].title,
            )
    return found


def _named(table: SafeTable, form: str) -> SafeTable:
    made = table.to_json()
    made["title"] = f"{table.title}: {form}"
    return SafeTable.from_json(made)


def _by_reason(counts: Counts) -> tuple[int, ...]:
    return (counts.unanswered, *(counts.reasons.get(reason, 0) for reason in REASONS))


def _share(counts: Counts) -> Decimal:
    return (Decimal(counts.missing) * 100 / Decimal(counts.asked)).quantize(Decimal("0.1"))


# --- lists


def _waiting(found: ReviewState, names: _Names, now: dt.datetime) -> tuple[tuple[str, str], ...]:
    language = names.language
    return tuple(
        (query.case, say("quality.waiting", language, what=names.what(query), days=query.age(now),
                         owner=say(f"check.owner_{query.owner}", language),
                         state=say(f"review.state_{query.state}", language)))
        for query in found.open[:LISTED]
    )  # fmt: skip


def _waivers(found: ReviewState, names: _Names, today: dt.date) -> tuple[tuple[str, str], ...]:
    """Waivers that hold, the first to end first; why is for `lotsenbuch review show`."""
    queries = {query.hit: query for query in found.queries.values()}
    holding = sorted((each for each in found.waivers.values() if each.until >= today), key=lambda each: each.until)
    return tuple(
        (query.case, say("quality.waived_until", names.language, what=names.what(query), day=each.until.isoformat()))
        for each in holding
        if (query := queries.get(each.hit)) is not None
    )


def _not_judged(report: CheckReport, names: _Names) -> tuple[tuple[str, str], ...]:
    """Rules that saw no row, and why."""
    found = []
    for rule, judged, lacking in report.rules.counts[["rule", "judged", "skipped"]].to_numpy():
        if lacking:
            found.append((str(rule), say("quality.no_table", names.language, table=lacking)))
        elif not judged:
            found.append((str(rule), say("quality.no_rows", names.language)))
    return tuple(found)
