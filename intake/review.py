"""From hits to mended records: queries, answers, waivers and locks, as a projection of events.

A hit of the check becomes a query (events of kind 'query') on the record it is in. It is answered in words, and closed
by what makes the hit go: a correction through the form, which has its reason there. A query can also be settled (looked
at, right as it is) or waived until a day with a reason (kind 'review'): then the hit makes no query until that day has
passed. Notes make no queries; they stand in the report.

What an event carries in plain is its number's query and the act; rule, question, record and every word are sealed for
the person the record is about and go with the person's keys. Who may not open them sees none of it. State is nothing
but the events: `state(store)` reads it anew. Locks are in `intake.store.caselocks`; the store itself obeys them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from intake.checking import CheckReport
from intake.findings import Finding, record_of
from intake.rules import FORM_RULES, OWNERS, SEVERITIES
from intake.store import Event, Store
from intake.store.caselocks import KIND as REVIEW
from intake.store.caselocks import LOCK, UNLOCK, Lock, about_case, about_period, held
from intake.store.restriction import left_out
from intake.store.ring import CLASSES
from validation.errors import StoreError, UsageError

QUERY = "query"
OPENED, ANSWERED, CLOSED, WAIVED = "opened", "answered", "closed", "waived"

CORRECTED, SETTLED, GONE = "corrected", "settled", "gone"
"""How a query was closed, beside WAIVED: the hit went after a correction; somebody decided; the rule is no more."""

OPEN_STATES = (OPENED, ANSWERED)

Hit = tuple[str, str, str, str]
"""What makes two hits the same: table, key, column, rule."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Words of somebody on a query: when, by which login (id), what. Never in a log or a report."""

    when: dt.datetime
    actor: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A question to whoever must mend something.

    `number` is that of the event that opened it, `case` what the record was called then; `how` and `closed` are set
    once it is closed, `closing` is the number of that event; `event` that of the correction, 0 where none is named."""

    number: int
    opened: dt.datetime
    municipality: str
    subject: str
    table: str
    key: str
    nodeset: str
    column: str
    rule: str
    severity: str
    owner: str
    case: str = ""
    state: str = OPENED
    answers: tuple[Remark, ...] = ()
    closed: dt.datetime | None = None
    how: str = ""
    event: int = 0
    closing: int = 0

    @property
    def hit(self) -> Hit:
        return self.table, self.key, self.column, self.rule

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def age(self, now: dt.datetime) -> int:
        """Whole days since it was opened, up to its closing."""
        return ((self.closed or now) - self.opened).days


@dataclass(frozen=True, slots=True)
class Waiver:
    """A hit that is let be up to a day, that day included, and why."""

    number: int
    when: dt.datetime
    actor: str
    hit: Hit
    until: dt.date
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReviewState:
    """All queries by number, the last waiver of each hit, and the locks that hold."""

    queries: Mapping[int, Query]
    waivers: Mapping[Hit, Waiver]
    locks: tuple[Lock, ...]

    @property
    def open(self) -> list[Query]:
        """What waits for somebody, the oldest first."""
        return [query for query in self.queries.values() if query.is_open]

    def waived(self, day: dt.date) -> frozenset[Hit]:
        """The hits that are let be on a day."""
        return frozenset(hit for hit, waiver in self.waivers.items() if waiver.until >= day)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `update` did: numbers of the queries it opened and closed, and how many hits were waived."""

    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    waived: int = 0


def finding_of(query: Query) -> Finding:
    """What a query is about, as the check names it."""
    return Finding(query.table, query.key, query.case, None, query.nodeset, query.column, query.rule)


def state(store: Store) -> ReviewState:
    """Queries, waivers and locks as the events say, as far as this login may open them."""
    queries: dict[int, Query] = {}
    waivers: dict[Hit, Waiver] = {}
    events = store.events(kinds=[QUERY, REVIEW])
    for event in events:
        act, _, rest = event.about.partition(" ")
        if event.kind == REVIEW and act == WAIVED:
            detail = store.detail(event.number)
            if (until := _day(detail.get("until", ""))) is not None:
                hit = _hit(detail)
                waivers[hit] = Waiver(event.number, event.received, event.actor, hit, until, detail.get("reason", ""))
        elif event.kind == QUERY and act == OPENED:
            if (query := _opened(event, store.detail(event.number))) is not None:
                queries[event.number] = query
        elif event.kind == QUERY and act in (ANSWERED, CLOSED):
            _went_on(queries, event, act, rest.split(), store)
    return ReviewState(queries, waivers, tuple(held(events)))


def update(store: Store, report: CheckReport, *, now: dt.datetime) -> Outcome:
    """Open a query for each new hit of a check and close those whose hit is gone.

    For logins that open every class of sensitivity, StoreError 'review.all_classes' for others: an answer that one may
    not read would look as if it were missing, and a hit one cannot see as if it were mended. A query on a record whose
    processing is restricted stays as it is. StoreError as `Store.note`.
    """
    if not set(CLASSES) <= set(store.classes):
        raise StoreError("review.all_classes")
    known, records, gone = state(store), _records(store), left_out(store)
    waived = known.waived(now.date())
    current = {_hit_of(told[0]): told for told in _hits(report)}
    waiting = {query.hit: query for query in known.open}
    settled = {query.hit: query.closing for query in known.queries.values() if query.how == SETTLED}
    opened = []
    for hit, (finding, severity, owner, case) in current.items():
        if hit in waiting or hit in waived or severity == SEVERITIES[-1] or finding.record not in records:
            continue
        last = records[finding.record]
        if last.number < settled.get(hit, 0):
            continue
        detail = {
            **_told(hit), "nodeset": finding.nodeset, "severity": severity, "owner": owner, "case": case,
        }  # fmt: skip
        made = store.note(QUERY, municipality=last.municipality, subject=last.subject, about=OPENED, detail=detail)
        opened.append(made.number)
    closed = []
    for hit, query in waiting.items():
        record = record_of(query.key)
        if hit in current or record in gone or not (how := _mended(query, report, records)):
            continue
        event = records[record].number if how == CORRECTED and records[record].number > query.number else 0
        _note(store, query, f"{CLOSED} {query.number} {how} {event}", {})
        closed.append(query.number)
    return Outcome(tuple(opened), tuple(closed), sum(hit in waived for hit in current))


def answer(store: Store, number: int, text: str) -> None:
    """Say something on an open query. UsageError 'review.unknown', 'review.closed', 'review.no_text'."""
    _note(store, _one(store, number), f"{ANSWERED} {number}", {"text": _words(text)})


def close(store: Store, number: int, reason: str) -> None:
    """Settle an open query: looked at, right as it is. The hit asks again once its record has a newer version.
    UsageError as `answer`."""
    _note(store, _one(store, number), f"{CLOSED} {number} {SETTLED} 0", {"text": _words(reason)})


def waive(store: Store, number: int, reason: str, until: dt.date, *, today: dt.date) -> None:
    """Let the hit of an open query be up to a day, and close the query. UsageError as `answer`, and
    'review.until_past' for a day before today."""
    query = _one(store, number)
    if until < today:
        raise UsageError("review.until_past", day=until.isoformat())
    detail = {**_told(query.hit), "until": until.isoformat(), "reason": _words(reason)}
    store.note(REVIEW, municipality=query.municipality, subject=query.subject, about=WAIVED, detail=detail)
    _note(store, query, f"{CLOSED} {number} {WAIVED} 0", {})


def lock_case(store: Store, person: str, *, unlock: bool = False, reason: str = "") -> None:
    """Lock what is stored about a person, or unlock it again. StoreError 'store.no_person', UsageError
    'review.locked_already', 'review.not_locked'."""
    subject = store.subject_of(person)
    if subject is None:
        raise StoreError("store.no_person")
    is_locked = any(lock.subject == subject for lock in held(store.events(kinds=[REVIEW])))
    _refuse_again(is_locked=is_locked, unlock=unlock)
    towns = [event.municipality for event in store.events(kinds=["submission"]) if event.subject == subject]
    about = about_case(UNLOCK if unlock else LOCK)
    store.note(REVIEW, municipality=towns[-1] if towns else "", subject=subject, about=about, detail=_reason(reason))


def lock_period(
    store: Store, municipality: str, first: dt.date, last: dt.date, *, unlock: bool = False, reason: str = ""
) -> None:
    """Lock what a municipality's records first received on these days say, or unlock just that lock. UsageError as
    `lock_case`, and 'review.period' where the last day is before the first."""
    if last < first:
        raise UsageError("review.period")
    is_locked = any(
        (lock.municipality, lock.first, lock.last) == (municipality, first, last)
        for lock in held(store.events(kinds=[REVIEW]))
        if not lock.is_case
    )
    _refuse_again(is_locked=is_locked, unlock=unlock)
    about = about_period(UNLOCK if unlock else LOCK, first, last)
    store.note(REVIEW, municipality=municipality, about=about, detail=_reason(reason))


# --- hits


def _hits(report: CheckReport) -> Iterator[tuple[Finding, str, str, str]]:
    """What a check found in records, with severity, owner and case: what the form says is an error of the case."""
    for each in report.forms:
        for finding in each.problems:
            if finding.key:
                yield finding, SEVERITIES[0], OWNERS[0], finding.where(each.form)
    yield from ((hit.finding, hit.rule.severity, hit.rule.owner, hit.where()) for hit in report.rules.hits)


def _hit_of(finding: Finding) -> Hit:
    return finding.table, finding.key, finding.column, finding.rule


def _mended(query: Query, report: CheckReport, records: Mapping[str, Event]) -> str:
    """Why the hit of an open query is no more; '' where that cannot be told."""
    if record_of(query.key) not in records:
        return GONE  # erased: nobody can mend it, and nothing is left to be wrong
    rules = {str(name): str(skipped) for name, skipped in report.rules.counts[["rule", "skipped"]].to_numpy()}
    if query.rule in rules:
        return "" if rules[query.rule] else CORRECTED
    return CORRECTED if query.rule in FORM_RULES else GONE


def _records(store: Store) -> dict[str, Event]:
    """The last event of each record that is there still."""
    erased = {subject for subject, classes, _ in store.erased() if set(classes) == set(CLASSES)}
    found = {event.submission: event for event in store.events(kinds=["submission"])}
    return {record: event for record, event in found.items() if event.subject not in erased}


# --- events


def _opened(event: Event, detail: Mapping[str, str]) -> Query | None:
    """None where this login may not know, or nobody any more."""
    if not detail:
        return None
    table, key, column, rule = _hit(detail)
    return Query(
        event.number, event.received, event.municipality, event.subject, table, key, detail.get("nodeset", ""), column,
        rule, detail.get("severity", SEVERITIES[0]), detail.get("owner", OWNERS[0]),
        detail.get("case", ""),
    )  # fmt: skip


def _went_on(queries: dict[int, Query], event: Event, act: str, words: Sequence[str], store: Store) -> None:
    number = int(words[0]) if words and words[0].isdigit() else 0
    query = queries.get(number)
    if query is None or not query.is_open:
        return
    text = store.detail(event.number).get("text", "")
    said = (*query.answers, Remark(event.received, event.actor, text)) if text else query.answers
    if act == ANSWERED:
        queries[number] = replace(query, state=ANSWERED, answers=said)
        return
    how, by = words[1] if len(words) > 1 else SETTLED, words[2] if len(words) > 2 else "0"
    queries[number] = replace(
        query, state=CLOSED, answers=said, closed=event.received, how=how, event=int(by) if by.isdigit() else 0,
        closing=event.number,
    )  # fmt: skip


def _one(store: Store, number: int) -> Query:
    query = state(store).queries.get(number)
    if query is None:
        raise UsageError("review.unknown", number=number)
    if not query.is_open:
        raise UsageError("review.closed", number=number)
    return query


def _note(store: Store, query: Query, about: str, detail: Mapping[str, str]) -> None:
    store.note(QUERY, municipality=query.municipality, subject=query.subject, about=about, detail=detail)


def _told(hit: Hit) -> dict[str, str]:
    return dict(zip(("table", "key", "column", "rule"), hit, strict=True))


def _hit(detail: Mapping[str, str]) -> Hit:
    return detail.get("table", ""), detail.get("key", ""), detail.get("column", ""), detail.get("rule", "")


def _reason(text: str) -> dict[str, str]:
    return {"reason": text.strip()} if text.strip() else {}


def _words(text: str) -> str:
    if not text.strip():
        raise UsageError("review.no_text")
    return text.strip()


def _refuse_again(*, is_locked: bool, unlock: bool) -> None:
    if unlock != is_locked:
        raise UsageError("review.not_locked" if unlock else "review.locked_already")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
