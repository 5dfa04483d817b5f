"""How the questions of a form were answered in a study: frequencies, every kind of missing apart. For internal use.

Nothing here is protected: small numbers are shown. So free text is never tabulated, nor who somebody is, nor what is
said about staff; and where a login may not open everything a question needs, it gets no figures at all, because half of
the answers would pass for all. A record is judged by the version of the form it was collected with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from intake.media import instances
from intake.renames import renamed
from intake.store import Store
from intake.store.audit import Witness
from intake.store.division import Division
from intake.store.restriction import left_out
from intake.submission import Record, Submission
from validation.datatypes import canonical, read
from validation.form import Form
from validation.layout import KEY, Column, Table, choice_texts, choice_values, layout, takes_many
from validation.xpath.parser import Expression, references

Shown = Literal["values", "years", "spread", "text", "identity", "staff", "closed"]
"""What is told of the answers: how often each value, each year; where numbers lie; nothing, for the reason named."""

TOGETHER = 5_000
"""Records that are judged together: so many that opening a table does not count, few enough to be held."""

FEW = 15
"""Different numbers up to which each is counted; more are told by where they lie."""

_NUMBERS = frozenset({"int", "decimal"})
_DATES = frozenset({"date", "dateTime"})
_WITHHELD: Mapping[str, Shown] = {"identity": "identity", "staff": "staff"}
_STRICT = frozenset({"identity", "staff", "closed"})


@dataclass(frozen=True, slots=True)
class Counts:
    """One question. `rows` are the records, or entries of its repeat, whose version of the form has it, all sorts of
    missing included: rows = answered + not_relevant + unanswered + reasons + unread.

    `unread` were erased, or withdrawn. `values` are texts of answers with how often (of several answers each one
    counts), most frequent first where there is no list; `unlisted` how many are in no list or not of the type; `spread`
    is the least, the quartiles and the greatest of numbers. Both are empty where `shown` says that they are withheld.
    """

    shown: Shown
    rows: int = 0
    answered: int = 0
    not_relevant: int = 0
    unanswered: int = 0
    unread: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    values: tuple[tuple[str, int], ...] = ()
    unlisted: int = 0
    spread: tuple[Decimal, ...] = ()

    @property
    def asked(self) -> int:
        """Rows in which the question was asked and can be read."""
        return self.rows - self.not_relevant - self.unread

    @property
    def missing(self) -> int:
        """Of those asked, how many have no answer, with a reason or without."""
        return self.unanswered + sum(self.reasons.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """All counts of a form by nodeset. `records` were read, `restricted` left out; `as_of`: when the last one came."""

    records: int
    restricted: int
    as_of: datetime | None
    counts: Mapping[str, Counts]


def figures(
    store: Store,
    versions: Sequence[Form],
    *,
    zone: str = "Europe/Berlin",
    renames: Mapping[str, str] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Figures:
    """Count the answers to a form, of which `versions` are the published ones, newest first.

    `zone` and `renames` are those of the study (`intake.versions.read_renames`). `progress` is told how many records
    were counted, some thousand together.
    What is read is written to the log of accesses first; whose processing is restricted is left out. StoreError as the
    store.
    """
    Witness(store).saw_tables(versions)
    gone = left_out(store)
    frozen = {each.hash: each for each in store.forms()}
    judges = {
        form.hash: _Judge(form, store.classes, instances(form, frozen[form.hash].lists), zone, renames or {})
        for form in versions
    }
    tallies: dict[str, _Tally] = {}
    for form in versions:
        judges[form.hash].enter(tallies)
    records = restricted = 0
    waiting: dict[str, list[Submission]] = {form_hash: [] for form_hash in judges}

    def count(form_hash: str) -> None:
        nonlocal records
        judges[form_hash].count(waiting[form_hash], tallies)
        records += len(waiting[form_hash])
        waiting[form_hash].clear()
        if progress is not None:
            progress(records)

    for submission in store.submissions(versions[0].id):
        if submission.id in gone:
            restricted += 1
            continue
        together = waiting[submission.form_hash]
        together.append(submission)
        if len(together) == TOGETHER:
            count(submission.form_hash)
    for form_hash, left in waiting.items():
        if left:
            count(form_hash)
    counted = {nodeset: tally.counts() for nodeset, tally in tallies.items()}
    return Figures(records, restricted, store.last_received(), counted)


class _Tally:
    """The counts of a question while they grow."""

    def __init__(self, shown: Shown, many: bool, kind: str, values: Sequence[str] | None) -> None:
        self.shown = shown
        self.many = many
        self.kind = kind
        self.listed = values
        self.rows = self.answered = self.not_relevant = self.unanswered = self.unread = self.unlisted = 0
        self.reasons: Counter[str] = Counter()
        self.values: Counter[str] = Counter()

    def answer(self, text: str) -> None:
        self.answered += 1
        if self.shown not in ("values", "years", "spread"):
            return
        for part in text.split() if self.many else (text,):
            known = self._known(part)
            if known is None:
                self.unlisted += 1
            else:
                self.values[known] += 1

    def _known(self, text: str) -> str | None:
        """What is counted of an answer; None for one that is in no list or not of the type, whose text is not shown."""
        if self.listed is not None:
            return text if text in self.listed else None
        try:
            value = read(text, self.kind)
        except (ValueError, OverflowError):
            return None
        return text[:4] if self.shown == "years" else str(value) if self.kind in _NUMBERS else text

    def counts(self) -> Counts:
        if self.shown == "closed":
            return Counts("closed")
        shown, values = self.shown, self._ordered()
        spread: tuple[Decimal, ...] = ()
        if self.kind in _NUMBERS and self.listed is None and self.shown == "values" and len(values) > FEW:
            shown, values, spread = "spread", (), _spread(self.values)
        return Counts(
            shown, self.rows, self.answered, self.not_relevant, self.unanswered, self.unread, dict(self.reasons),
            values, self.unlisted, spread,
        )  # fmt: skip

    def _ordered(self) -> tuple[tuple[str, int], ...]:
        if self.listed is not None:
            return tuple((value, self.values[value]) for value in self.listed)
        if self.kind in _NUMBERS:
            return tuple(sorted(self.values.items(), key=lambda pair: Decimal(pair[0])))
        return tuple(sorted(self.values.items()))


def _spread(values: Mapping[str, int]) -> tuple[Decimal, ...]:
    """Least, quartiles and greatest of counted numbers: each is one of the numbers."""
    ordered = sorted((Decimal(text), count) for text, count in values.items())
    total = sum(count for _, count in ordered)
    found = []
    for quarter in range(5):
        place, before = min(total - 1, total * quarter // 4), 0
        for number, count in ordered:
            before += count
            if place < before:
                found.append(number)
                break
    return tuple(found)


class _Judge:
    """Counts the records of one version of a form."""

    def __init__(
        self, form: Form, classes: Sequence[str], files: Mapping[str, str], zone: str, renames: Mapping[str, str]
    ) -> None:
        self.form = form
        self.files = files
        self.zone = zone
        self.renames = renames
        self.division = Division(form)
        self.tables = tuple(layout(form).values())
        self.reasons = {f"{nodeset}__missing" for nodeset, bind in form.binds.items() if bind.columns.get("missing")}
        self.needs = {
            column.nodeset: self._needs(column.nodeset)
            for table in self.tables
            for column in table.columns
            if column.nodeset not in self.reasons
        }
        self.closed = {nodeset for nodeset, needed in self.needs.items() if not needed <= set(classes)}

    def count(self, submissions: Sequence[Submission], tallies: dict[str, _Tally]) -> None:
        """Add records to the tallies."""
        from intake.tables import tables
        from validation.verdicts import relevance

        frames = tables(self.form, submissions, zone=self.zone)
        ended = {each.id: each.ended for each in submissions}
        asked = relevance(self.form, frames, default_now=ended, zone=self.zone, instances=self.files)
        places = {name: {key: at for at, key in enumerate(frame[KEY])} for name, frame in frames.items()}
        for submission in submissions:
            unread = frozenset(submission.unread)
            entries: dict[str, list[tuple[str, Record]]] = {}
            for table in self.tables:
                entries[table.name] = rows = [*self._rows(table, submission, entries)]
                for column in table.columns:
                    if column.nodeset in self.needs:
                        tally, is_asked = tallies[self._now(column.nodeset)], asked[column.nodeset]
                        for key, record in rows:
                            at = places[table.name][key]
                            self._one(column.nodeset, record, bool(is_asked[at]), unread, tally)

    def enter(self, tallies: dict[str, _Tally]) -> None:
        """A tally for every question of this version. Newer versions come first and say what is shown of it, but what
        one of them withholds is withheld."""
        for table in self.tables:
            for column in table.columns:
                if column.nodeset in self.needs:
                    values = choice_values(self.form, column.nodeset)
                    order = None if values is None else [*choice_texts(self.form, column.nodeset)]
                    many = takes_many(self.form, column.nodeset)
                    shown = self._shown(column, is_listed=values is not None)
                    tally = tallies.setdefault(self._now(column.nodeset), _Tally(shown, many, column.type, order))
                    if shown in _STRICT and tally.shown != "closed":
                        tally.shown = shown

    def _one(self, nodeset: str, record: Record, asked: bool, unread: frozenset[str], tally: _Tally) -> None:
        tally.rows += 1
        text = record.get(nodeset, "")
        if self.needs[nodeset] & unread:
            tally.unread += 1
        elif isinstance(text, str) and text:
            tally.answer(text)
        else:
            reason = record.get(f"{nodeset}__missing", "") if f"{nodeset}__missing" in self.reasons else ""
            if isinstance(reason, str) and reason:
                tally.reasons[reason] += 1
            elif asked:
                tally.unanswered += 1
            else:
                tally.not_relevant += 1

    def _rows(
        self, table: Table, submission: Submission, entries: Mapping[str, list[tuple[str, Record]]]
    ) -> Iterator[tuple[str, Record]]:
        """(KEY, record) of each row of a table in a record."""
        if table.parent is None:
            yield submission.id, submission.record
            return
        above = next(each for each in self.tables if each.name == table.parent)
        for key, inside in entries[above.name]:
            found = inside.get(table.nodeset)
            for number, entry in enumerate(found if isinstance(found, list) else (), start=1):
                yield f"{key}{table.nodeset.removeprefix(above.nodeset)}[{number}]", entry

    def _now(self, nodeset: str) -> str:
        """What a nodeset of this version is called today."""
        return renamed(nodeset, self.renames)

    def _shown(self, column: Column, *, is_listed: bool) -> Shown:
        if column.nodeset in self.closed:
            return "closed"
        withheld = _WITHHELD.get(self.division.class_of(column.nodeset))
        if withheld is not None:
            return withheld
        kind = canonical(column.type) or "string"
        if is_listed or kind in _NUMBERS or kind == "boolean":
            return "values"
        return "years" if kind in _DATES else "text"

    def _needs(self, nodeset: str) -> frozenset[str]:
        """The classes that must be open to tell of a question: its own, those of its choices, and those of what decides
        whether it is asked."""
        steps = nodeset.split("/")
        above = ["/".join(steps[:end]) for end in range(2, len(steps) + 1)]
        found = {self.division.class_of(nodeset, " ".join(choice_texts(self.form, nodeset)))}
        found.add(self.division.class_of(nodeset))
        for each in above:
            bind = self.form.binds.get(each)
            if bind is not None and bind.relevant is not None:
                found.update(self._read(bind.relevant, each))
        return frozenset(found)

    def _read(self, expression: Expression, here: str) -> Iterator[str]:
        for nodeset in references(expression, here):
            if nodeset in self.form.binds:
                yield self.division.class_of(nodeset)
                yield self.division.class_of(nodeset, " ".join(choice_texts(self.form, nodeset)))
