"""What an import will do, before it does anything: `planned`, and `carried_out`, which does all of it or nothing.

    plan = planned(store, found, source, terms)
    print(plan.to_text())                 what is new, changed, unchanged, refused, by row, never by value
    carried_out(store, plan, reason="late")

Every record is judged as the data contract judges stored ones (`validation.schema.check`): types, choices, required,
constraints, relevance. A record whose instanceID is there already and that says something else is a change, and a
change needs a reason. The hash of the file stands, sealed, in an event and with each record it brought.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from intake.exchange.rebuilt import Arrival
from intake.how import kept
from intake.media import instances
from intake.publishing import PublishedForm
from intake.saying import with_ids
from intake.store import Receipt, Store
from intake.store.audit import Witness
from intake.store.caselocks import KIND, held, judge_lock
from intake.store.corrections import ELSEWHERE, REASONS
from intake.store.restriction import left_out
from intake.submission import Record, Submission, answer_named, canonical
from intake.tables import tables
from validation.errors import DataError, Place, Problem, StoreError, UsageError
from validation.form import Form
from validation.layout import question_label
from validation.messages import say
from validation.schema import check, sentence
from validation.xform import read_form

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
STATES = (NEW, CHANGED, UNCHANGED, REFUSED)
ACCEPTABLE = ("required", "constraint", "relevant", "choice", "type", "unknown_column")
"""Rules that records may be taken with though they break them; `lotsenbuch check` goes on saying so."""

SHOWN = 30
"""Records that the text names; JSON has all."""

ABOUT = "import"
"""What the event says that an import leaves: 'import <form id>'; the rest is sealed in its detail."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from: the name of a file or address, its format, and the SHA-256 of its bytes in hex."""

    name: str
    format: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How records are taken.

    `author` brings them; `zone` is the study's; `municipalities` are the study's {AGS: name}, empty for any.
    `municipality` is that of records whose form has no question `gemeinde`. `version` is the version of the form that
    they are taken with; '' for the one each record names, else the newest. `accept` are rules of `ACCEPTABLE`.
    """

    author: str
    zone: str
    now: dt.datetime
    municipalities: Mapping[str, str] = field(default_factory=dict)
    municipality: str = ""
    version: str = ""
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that breaks a rule, as a row of `validation.schema.Report.failures` without its key."""

    nodeset: str
    column: str
    rule: str


@dataclass(frozen=True, slots=True)
class Item:
    """What happens to one record. `questions` are the nodesets whose answers change; `problems` and `faults` say why it
    is refused, or, in a state other than REFUSED, what was accepted."""

    place: Place
    id: str
    state: str
    form_hash: str = ""
    questions: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    faults: tuple[Fault, ...] = ()
    submission: Submission | None = field(default=None, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import will do. `problems` are those of the whole file: with one of them nothing can be done; `remarks`
    stand against nothing."""

    source: Source
    items: tuple[Item, ...]
    forms: Mapping[str, Form] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """{state: how many records}, every state."""
        found = Counter(item.state for item in self.items)
        return {state: found[state] for state in STATES}

    @property
    def ok(self) -> bool:
        """Whether nothing is refused."""
        return not self.problems and not self.counts[REFUSED]

    def without_refused(self) -> Plan:
        """The same without the records that are refused. What stands against the whole file stays."""
        return replace(self, items=tuple(item for item in self.items if item.state != REFUSED))

    def why(self, item: Item, language: str = "de") -> list[str]:
        """What stands against a record, in words."""
        said = [_placed(problem, language) for problem in item.problems]
        return said + [self._what(item, fault, language) for fault in item.faults]

    def _what(self, item: Item, fault: Fault, language: str) -> str:
        return sentence(self.forms[item.form_hash], fault.nodeset, fault.column, fault.rule, language)

    def broken(self, language: str = "de") -> list[tuple[str, str, list[str]]]:
        """(rule, what is wrong in words, ids of the records) for every question and rule, the most frequent first."""
        found: dict[tuple[str, str], list[str]] = {}
        for item in self.items:
            for fault in item.faults:
                sentence = self._what(item, fault, language)
                ids = found.setdefault((fault.rule, sentence), [])
                if item.id not in ids:
                    ids.append(item.id)
        rows = [(rule, sentence, ids) for (rule, sentence), ids in found.items()]
        return sorted(rows, key=lambda row: (-len(row[2]), row[1]))

    def to_text(self, language: str = "de") -> str:
        """What will happen, for the terminal: counts first, then what is refused, then what changes."""
        counts = self.counts
        used = sorted({f"{form.title} ({form.version})" for form in self.forms.values()})
        lines = [say("import.plan", language, file=self.source.name, forms=", ".join(used) or "–")]
        lines += [f"  {say(f'import.state_{state}', language)}: {counts[state]}" for state in STATES]
        lines += [f"  {_placed(remark, language)}" for remark in self.remarks]
        lines += [f"  {_placed(problem, language)}" for problem in self.problems[:SHOWN]]
        lines += _more(len(self.problems), language)
        for state in (REFUSED, CHANGED):
            chosen = [item for item in self.items if item.state == state]
            lines += [f"  {_where(item, language)}: {self._words(item, language)}" for item in chosen[:SHOWN]]
            lines += _more(len(chosen), language)
        return "\n".join(lines)

    def _words(self, item: Item, language: str) -> str:
        if item.state == REFUSED:
            return " ".join(self.why(item, language))
        form = self.forms[item.form_hash]
        labels = (question_label(form, nodeset.partition("/@")[0], language) for nodeset in item.questions)
        return say("import.changes", language, questions=", ".join(dict.fromkeys(labels)))

    def as_dict(self, language: str = "de") -> dict[str, object]:
        """For a program: everything, with the sentences in a language."""
        return {
            "file": self.source.name, "format": self.source.format, "sha256": self.source.sha256,
            "counts": self.counts, "problems": [_placed(problem, language) for problem in self.problems],
            "remarks": [_placed(remark, language) for remark in self.remarks],
            "broken": [
                {"rule": rule, "message": sentence, "count": len(ids), "records": ids}
                for rule, sentence, ids in self.broken(language)
            ],
            "records": [
                {
                    "sheet": item.place.sheet, "row": item.place.row, "id": item.id, "state": item.state,
                    "questions": list(item.questions), "why": self.why(item, language),
                }
                for item in self.items
            ],
        }  # fmt: skip


def planned(
    store: Store,
    form_id: str,
    arrivals: Sequence[Arrival],
    source: Source,
    terms: Terms,
    *,
    problems: Sequence[Problem] = (),
) -> Plan:
    """What taking these records of a form into the store would do; nothing is changed. `problems` are those of the
    file. UsageError for a rule that cannot be accepted, DataError 'import.unknown_form'."""
    if strange := [rule for rule in terms.accept if rule not in ACCEPTABLE]:
        raise UsageError("import.unknown_rule", rule=strange[0], known=", ".join(ACCEPTABLE))
    published = {each.version: each for each in store.forms() if each.form_id == form_id}
    if not published:
        raise DataError("import.unknown_form", form=form_id)
    if problems:
        return Plan(source, (), problems=tuple(problems))
    return _Planning(store, published, source, terms).run(arrivals)


class _Planning:
    """The store as it is now, looked at once."""

    def __init__(self, store: Store, published: Mapping[str, PublishedForm], source: Source, terms: Terms) -> None:
        self.store, self.published, self.source, self.terms = store, published, source, terms
        self.newest = list(published.values())[-1]
        self.forms = {each.hash: read_form(each.xform) for each in published.values()}
        Witness(store).saw_tables(list(self.forms.values()))
        self.here = {each.id: each for each in store.submissions(self.newest.form_id)}
        self.ever = {event.submission for event in store.events(kinds=["submission"])}
        self.restricted = left_out(store)
        self.locks = bool(held(store.events(kinds=[KIND])))
        self.zone = ZoneInfo(terms.zone)

    def run(self, arrivals: Sequence[Arrival]) -> Plan:
        first: dict[str, Arrival] = {}
        items = []
        for arrival in arrivals:
            items.append(self._item(arrival, first.get(arrival.id)))
            first.setdefault(arrival.id, arrival)
        items = self._judged(items)
        used = {item.form_hash for item in items if item.form_hash}
        forms = {name: form for name, form in self.forms.items() if name in used}
        return Plan(self.source, tuple(items), forms)

    def _item(self, arrival: Arrival, before: Arrival | None) -> Item:
        """New, changed, unchanged or refused, by what is in the store; the answers are judged afterwards."""
        problems = []
        wanted = self.terms.version or arrival.version
        published = self.published.get(wanted) if wanted else self.newest
        if published is None:
            fields = {"version": wanted, "known": ", ".join(self.published)}
            problems.append(Problem("import.unknown_version", arrival.place, fields))
        if before is not None:
            fields = {"other": str(before.place.row or before.place.sheet)}
            problems.append(Problem("import.twice", arrival.place, fields))
        town = answer_named(arrival.record, "gemeinde") or self.terms.municipality
        if not town:
            problems.append(Problem("import.no_town", arrival.place, {}))
        elif self.terms.municipalities and town not in self.terms.municipalities:
            problems.append(Problem("import.unknown_town", arrival.place, {}))
        known = self.here.get(arrival.id)
        if known is None and arrival.id in self.ever:
            problems.append(Problem("import.gone", arrival.place, {}))
        if known is not None and known.unread:
            problems.append(Problem("import.unread", arrival.place, {}))
        if arrival.id in self.restricted:
            problems.append(Problem("import.restricted", arrival.place, {}))
        if problems or published is None:
            return Item(arrival.place, arrival.id, REFUSED, problems=tuple(problems))
        arrival = self._identified(arrival, published, known)
        made = self._submission(arrival, published, town, known)
        if known is None:
            return Item(arrival.place, arrival.id, NEW, published.hash, submission=made, files=arrival.files)
        if canonical(known.record) == canonical(made.record) and known.form_hash == made.form_hash:
            return Item(arrival.place, arrival.id, UNCHANGED, published.hash)
        if locked := self._locked(made, arrival.place):
            return Item(arrival.place, arrival.id, REFUSED, problems=locked)
        questions = tuple(_differing(known.record, made.record))
        return Item(arrival.place, arrival.id, CHANGED, published.hash, questions, submission=made, files=arrival.files)

    def _identified(self, arrival: Arrival, published: PublishedForm, known: Submission | None) -> Arrival:
        """With ids for what the record creates, where its file has no columns for them."""
        form = self.forms[published.hash]
        return replace(arrival, record=with_ids(arrival.record, known.record if known else {}, form))

    def _locked(self, made: Submission, place: Place) -> tuple[Problem, ...]:
        """What the store will say to a change of a locked case or period."""
        try:
            if self.locks:
                judge_lock(made, self.store)
        except StoreError as error:
            return (Problem(error.code, place, error.fields),)
        return ()

    def _submission(
        self, arrival: Arrival, published: PublishedForm, town: str, known: Submission | None
    ) -> Submission:
        ended = arrival.ended or (known.ended if known else self.terms.now)
        source = {"sha256": self.source.sha256, "format": self.source.format, "row": str(arrival.place.row)}
        return Submission(
            id=arrival.id,
            form_id=published.form_id,
            form_version=published.version,
            form_hash=published.hash,
            municipality=town,
            subject=answer_named(arrival.record, "person"),
            record=kept(arrival.record, known.record, self.forms[published.hash]) if known else arrival.record,
            started=(arrival.started or ended).astimezone(self.zone),
            ended=ended.astimezone(self.zone),
            author=self.terms.author,
            version=known.version + 1 if known else 1,
            paradata={"imported": {**source, **({"notes": dict(arrival.notes)} if arrival.notes else {})}},
        )

    def _judged(self, items: Sequence[Item]) -> list[Item]:
        """The items with what the contract says of their answers."""
        faults: dict[str, list[Fault]] = {}
        for published in self.published.values():
            made = [each.submission for each in items if each.submission and each.form_hash == published.hash]
            if made:
                for key, fault in self._faults(published, made):
                    faults.setdefault(key, []).append(fault)
        judged = []
        for item in items:
            found = tuple(faults.get(item.id, ())) if item.submission is not None else ()
            refused = any(fault.rule not in self.terms.accept for fault in found)
            judged.append(replace(item, faults=found, state=REFUSED if refused else item.state))
        return judged

    def _faults(self, published: PublishedForm, made: Sequence[Submission]) -> Iterable[tuple[str, Fault]]:
        """(id of the record, what is wrong with it); what is wrong with a whole column is wrong with each record."""
        form, ids = self.forms[published.hash], {each.id for each in made}
        report = check(
            form, tables(form, made, zone=self.terms.zone), default_now={each.id: each.ended for each in made},
            zone=self.terms.zone, instances=instances(form, published.lists),
        )  # fmt: skip
        for _, key, nodeset, column, rule, *_ in report.failures.to_numpy():
            for name in [_record_of(str(key), ids)] if key else sorted(ids):
                yield name, Fault(str(nodeset), str(column), str(rule))


def _record_of(key: str, ids: set[str]) -> str:
    """The record of the KEY of an entry."""
    while key not in ids and "/" in key:
        key = key.rpartition("/")[0]
    return key


def _differing(before: Record, after: Record) -> Iterable[str]:
    """The nodesets whose answers differ; for a repeat the repeat's own."""
    return (key for key in sorted({*before, *after}) if before.get(key) != after.get(key))


def _placed(problem: Problem, language: str) -> str:
    place = problem.place.text(language)
    return f"{place}: {problem.text(language)}" if place else problem.text(language)


def _where(item: Item, language: str) -> str:
    return item.place.text(language) or item.id


def _more(count: int, language: str) -> list[str]:
    return [f"  {say('import.more', language, count=count - SHOWN)}"] if count > SHOWN else []


# --- doing it


def carried_out(store: Store, plan: Plan, *, reason: str = "") -> list[Receipt]:
    """Write what a plan says; receipts of what is new and changed, in the order of the file.

    Records without files come in one transaction: all or none. Those with files follow, each with its files; what a
    crash leaves out there is new at the next import of the same file. DataError 'import.refused' where the plan
    refuses something, UsageError 'import.no_reason' where something changes and nobody said why, StoreError as the
    store.
    """
    if not plan.ok:
        raise DataError("import.refused", count=plan.counts[REFUSED] or len(plan.problems))
    if plan.counts[CHANGED] and not reason.strip():
        raise UsageError("import.no_reason", count=plan.counts[CHANGED], known=", ".join((*REASONS, ELSEWHERE)))
    work = [item for item in plan.items if item.state in (NEW, CHANGED) and item.submission is not None]
    offered = [(_reasoned(item, reason), item.files) for item in work]
    drafts = _drafts(store, [(made, files) for made, files in offered if files])
    try:
        receipts = store.append_many([made for made, files in offered if not files])
    except BaseException:
        for draft in drafts.values():
            store.journal.discard(draft)
        raise
    receipts += [store.journal.submit(draft, made) for made, _ in offered if (draft := drafts.get(made.id, ""))]
    if receipts:
        _note(store, plan, work, reason)
    place = {made.id: at for at, (made, _) in enumerate(offered)}
    return sorted(receipts, key=lambda receipt: place[receipt.submission])


def _reasoned(item: Item, reason: str) -> Submission:
    if item.submission is None:
        raise ValueError(item.state)
    return replace(item.submission, reason=reason.strip() if item.state == CHANGED else None)


def _drafts(store: Store, offered: Iterable[tuple[Submission, Mapping[str, bytes]]]) -> dict[str, str]:
    """{id: draft with the files}, through which they come; none where one of them cannot be kept."""
    made: dict[str, str] = {}
    try:
        for submission, files in offered:
            draft = secrets.token_hex(16)
            store.journal.start(submission.form_hash, submission.municipality, submission.author, "", draft_id=draft)
            made[submission.id] = draft
            for name, content in files.items():
                store.attachments.put(draft, name, content)
    except BaseException:
        for draft in made.values():
            store.journal.discard(draft)
        raise
    return made


def _note(store: Store, plan: Plan, work: Sequence[Item], reason: str) -> None:
    """The event of an import, one for each town, so that who sees the town's records sees it. A login that seals
    nothing leaves the detail unsaid."""
    about = f"{ABOUT} {' '.join(sorted({form.id for form in plan.forms.values()}))}".strip()
    source = {"file": plan.source.name, "format": plan.source.format, "sha256": plan.source.sha256, "reason": reason}
    states: dict[str, Counter[str]] = {}
    for item in work:
        if item.submission is not None:
            states.setdefault(item.submission.municipality, Counter())[item.state] += 1
    for town, found in states.items():
        counts = {state: str(found[state]) for state in (NEW, CHANGED)}
        try:
            store.note("review", municipality=town, about=about, detail={**source, **counts})
        except StoreError as error:
            if error.code != "store.class_closed":
                raise
            store.note("review", municipality=town, about=about)
