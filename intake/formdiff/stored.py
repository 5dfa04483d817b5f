"""A new version of a form tried on the answers of a study, before it is published. Nothing is written.

Every record is carried over by the map of the comparison and judged by the new form, as it was judged by its own. What
was wrong before is not counted again. Told are questions, rules and the ids of records, never an answer; of choices
that vanish only how often they were taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from intake.checking import check_submissions
from intake.formdiff.changes import FormDiff
from intake.formdiff.comparing import compare
from intake.renames import renamed
from intake.store import Store
from intake.store.audit import Witness
from intake.store.restriction import left_out
from intake.submission import Record, RecordValue, Submission
from intake.versions import Break, merge
from validation.form import Form
from validation.layout import takes_many


@dataclass(frozen=True, slots=True)
class Invalid:
    """A rule of the new form that records break which were right before; `rule` as in `validation.schema`."""

    nodeset: str
    rule: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What becomes of the records of a study. All are ids of records, in the order of the store.

    `unchanged` keep every answer in its place and stay right; `moved` have answers that get another place; `lost` have
    answers to a question (old nodeset) that has none any more. A record may be in several of these and in `invalid`,
    but not in `unchanged` then. `wrong_before` counts those that were wrong by their own form already; `unread` those
    of which this login sees only a part; `restricted` are left out. `vanished` says how often each choice was taken
    that the new form does not offer, by old nodeset; `breaks` where series break in the merged tables.
    """

    records: int
    restricted: int
    unread: int
    wrong_before: int
    unchanged: tuple[str, ...]
    moved: tuple[str, ...]
    lost: Mapping[str, tuple[str, ...]]
    invalid: tuple[Invalid, ...]
    vanished: Mapping[str, Mapping[str, int]]
    breaks: tuple[Break, ...]

    @property
    def ok(self) -> bool:
        """Whether every record comes through whole and right, and every series goes on."""
        return not (self.lost or self.invalid or self.vanished or self.breaks)


def try_on(
    store: Store,
    new: Form,
    versions: Sequence[Form],
    *,
    renames: Mapping[str, str] | None = None,
    zone: str,
    files: Mapping[str, bytes] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Trial:
    """Carry the records of a form over to `new`. `versions` are its published versions, newest first; `files` those the
    new one reads, as a frozen form keeps them.

    That answers were read is written to the log of accesses first; whose processing is restricted is left out.
    StoreError as the store, DataError for renamings that cannot be.
    """
    given = renames or {}
    breaks = merge(new, [each for each in versions if each.hash != new.hash], given).breaks
    Witness(store).saw_tables(versions)
    gone = left_out(store)
    frozen = {each.hash: each for each in store.forms()}
    trial = _Trial(new, given, zone, files or {})
    known = list(store.submissions(versions[0].id))
    kept = [each for each in known if each.id not in gone]
    for number, version in enumerate(versions):
        if progress is not None:
            progress(number, len(versions))
        trial.version(version, [each for each in kept if each.form_hash == version.hash], frozen[version.hash].lists)
    return trial.result([each.id for each in kept], len(known) - len(kept), breaks)


class _Trial:
    """Versions carried over one after the other."""

    def __init__(self, new: Form, renames: Mapping[str, str], zone: str, files: Mapping[str, bytes]) -> None:
        self.new = new
        self.renames = renames
        self.zone = zone
        self.files = files
        self.moved: set[str] = set()
        self.unread: set[str] = set()
        self.wrong: set[str] = set()
        self.lost: dict[str, set[str]] = defaultdict(set)
        self.invalid: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.vanished: dict[str, Counter[str]] = defaultdict(Counter)

    def version(self, old: Form, submissions: Sequence[Submission], lists: Mapping[str, bytes]) -> None:
        """Carry over what was collected with one version."""
        if not submissions:
            return
        diff = compare(old, self.new, self.renames)
        carrying = _Carrying(diff, self.renames)
        carried = []
        for each in submissions:
            told = _Told(set(), set())
            record = carrying.record(each.record, told)
            carried.append(self._as_new(each, record))
            if each.unread:
                self.unread.add(each.id)
            if told.moved:
                self.moved.add(each.id)
            for nodeset in told.lost:
                self.lost[nodeset].add(each.id)
        self._count_vanished(old, diff, submissions)
        before = self._faults(old, submissions, lists)
        for nodeset, rule, record_id in self._faults(self.new, carried, self.files):
            was = {(renamed(place, self.renames), fault, number) for place, fault, number in before}
            if (nodeset, rule, record_id) not in was:
                self.invalid[nodeset, rule].add(record_id)
        self.wrong.update(record_id for _, _, record_id in before)

    def result(self, ids: Sequence[str], restricted: int, breaks: tuple[Break, ...]) -> Trial:
        def ordered(some: Collection[str]) -> tuple[str, ...]:
            return tuple(each for each in ids if each in some)

        touched = self.moved.union(*self.lost.values(), *self.invalid.values())
        return Trial(
            records=len(ids),
            restricted=restricted,
            unread=len(self.unread),
            wrong_before=len(self.wrong),
            unchanged=tuple(each for each in ids if each not in touched),
            moved=ordered(self.moved),
            lost={nodeset: ordered(found) for nodeset, found in self.lost.items()},
            invalid=tuple(Invalid(*place, ordered(found)) for place, found in sorted(self.invalid.items())),
            vanished={nodeset: dict(found) for nodeset, found in self.vanished.items()},
            breaks=breaks,
        )

    def _as_new(self, submission: Submission, record: Record) -> Submission:
        new = self.new
        return replace(submission, form_id=new.id, form_version=new.version, form_hash=new.hash, record=record)

    def _faults(
        self, form: Form, submissions: Sequence[Submission], files: Mapping[str, bytes]
    ) -> set[tuple[str, str, str]]:
        """(nodeset, rule, record) of everything that is wrong with records by a form."""
        found = check_submissions(form, submissions, zone=self.zone, files=files).problems
        return {(each.nodeset, each.rule, each.key.split("/")[0]) for each in found if each.key}

    def _count_vanished(self, old: Form, diff: FormDiff, submissions: Sequence[Submission]) -> None:
        gone = {
            change.old_nodeset: frozenset(change.values) for change in diff.changes if change.kind == "choices_removed"
        }
        many = {nodeset: takes_many(old, nodeset) for nodeset in gone}
        for submission in submissions if gone else ():
            for nodeset, text in _answers(submission.record):
                if nodeset in gone:
                    taken = set(text.split()) if many[nodeset] else {text}
                    self.vanished[nodeset].update(taken & gone[nodeset])
        self.vanished = defaultdict(Counter, {key: found for key, found in self.vanished.items() if found})


@dataclass(slots=True)
class _Told:
    """What was found out about a record on the way: nodesets of the old form."""

    moved: set[str]
    lost: set[str]


class _Carrying:
    """Carries records over, key by key."""

    def __init__(self, diff: FormDiff, renames: Mapping[str, str]) -> None:
        self.map = diff.map
        self.renames = renames

    def record(self, record: Record, told: _Told) -> Record:
        """The record as one of the new form; `told` is filled with what moved and what was lost."""
        made: Record = {}
        for key, value in record.items():
            target = self._target(key)
            if isinstance(value, list):
                made[target or key] = [self.record(entry, told) for entry in value]
            elif target is None:
                if value:
                    told.lost.add(key)
            else:
                made[target] = value
                if target != key and value:
                    told.moved.add(key)
        return made

    def _target(self, key: str) -> str | None:
        """Where a key goes; what is no answer (attributes, the order, repeats) goes with what it stands at."""
        if key in self.map:
            return self.map[key]
        return renamed(key, self.renames)


def _answers(record: Mapping[str, RecordValue]) -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, str):
            yield key, value
        else:
            for entry in value:
                yield from _answers(entry)
