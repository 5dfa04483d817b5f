"""Visits without network: what was kept in a laptop's own store is brought to the home store, exactly once.

    outcome = push(laptop, home)             # again at any time, also after it was killed: nothing is sent twice
    push(laptop, home, take={"uuid:…": "mine"})

Everything is known by the id and version of a submission, so a version that is there with the same content is not sent
again. Where the home store has another version n, nothing is sent of that submission until a person has decided. A
correction that needed no reason on the laptop gets `corrections.ELSEWHERE`: the home store cannot know when.
Both stores say in an event that it happened; what the laptop's says is where the next time begins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from intake.store import Entry, Store
from intake.store.corrections import ELSEWHERE
from intake.store.rows import is_same
from intake.submission import Submission
from validation.errors import StoreBusy, StoreError, StoreFull

MINE, THEIRS = "mine", "theirs"

_LEFT = frozenset(
    ("store.erased", "store.not_allowed", "store.version_taken", "store.other_form", "store.unread", "store.conflict",
     "store.stale", "store.stale_draft", "store.no_draft", "store.name_taken", "store.op_reused", "store.no_reason")
)  # fmt: skip

Progress = Callable[[int, int], None]
"""Told after each version how many of how many were looked at."""


@dataclass(frozen=True, slots=True)
class Left:
    """A version, or a draft (version 0), that was not sent. `why` is a code of the catalogue, 'push.conflict' where
    both stores have this version with other content. `here` and `there` say when each received it, None for
    what was not looked up."""

    submission: str
    version: int
    why: str
    here: datetime
    there: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, ids only: versions that were sent, how many were there already, what was left, forms that were
    published at home, drafts that went there."""

    sent: tuple[tuple[str, int], ...]
    known: int
    left: tuple[Left, ...]
    forms: tuple[str, ...]
    drafts: tuple[str, ...]


@dataclass
class _Run:
    sent: list[tuple[str, int]] = field(default_factory=list)
    known: int = 0
    left: list[Left] = field(default_factory=list)
    first_left: list[int] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    decided: dict[str, tuple[str, int]] = field(default_factory=dict)


def push(
    laptop: Store,
    home: Store,
    *,
    take: Mapping[str, str] | None = None,
    drafts: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Bring what `laptop` received since the last time to `home`. `take` decides conflicts: {submission: 'mine' (the
    laptop's content becomes the home's next version) or 'theirs' (the laptop's stays where it is)}; a decision about
    what is no conflict changes nothing. With `drafts`, open interviews move as well.

    StoreError 'push.itself' for one store and itself, 'push.unknown' for a decision about what is not here; and what
    the two stores raise. What was sent until then is sent.
    """
    if laptop.id == home.id:
        raise StoreError("push.itself")
    decisions = dict(take or {})
    marks = _Marks.of(laptop, home.id)
    entries = laptop.entries()
    for name, side in decisions.items():
        if side not in (MINE, THEIRS) or all(each.submission != name for each in entries):
            raise StoreError("push.unknown", submission=name)
    waiting = [each for each in entries if each.number > marks.through and each.version > marks.given_up(each)]
    run = _Run()
    there = {(each.submission, each.version): each for each in home.entries()} if waiting or decisions else {}
    for at, entry in enumerate(waiting, start=1):
        if all(each.submission != entry.submission for each in run.left):
            _one(laptop, home, entry, there, decisions, run)
        if progress:
            progress(at, len(waiting))
    if drafts:
        _move_drafts(laptop, home, run)
    if waiting or run.drafts:
        home.note("export", about=f"push {laptop.id}", detail={"sent": str(len(run.sent)), "known": str(run.known)})
        marks.keep(laptop, home.id, entries[-1].number if entries else 0, run)
    return Outcome(tuple(run.sent), run.known, tuple(run.left), tuple(run.forms), tuple(run.drafts))


def _one(
    laptop: Store,
    home: Store,
    entry: Entry,
    there: Mapping[tuple[str, int], Entry],
    decisions: Mapping[str, str],
    run: _Run,
) -> None:
    """Bring one version, or say why not."""
    if entry.submission in run.decided:
        return
    versions = laptop.history(entry.submission)
    offered = _offered(versions[entry.version - 1])
    known = there.get((entry.submission, entry.version))
    try:
        if known is None and (other := _base(home, versions[: entry.version - 1])) is not None:
            _decide(laptop, home, entry, other, decisions.get(entry.submission), run)
        elif known is None:
            _publish(laptop, home, offered.form_hash, run)
            _send(laptop, home, offered)
            run.sent.append((offered.id, offered.version))
        elif is_same(home.history(entry.submission)[entry.version - 1], offered):
            run.known += 1
        else:
            _decide(laptop, home, entry, known.received, decisions.get(entry.submission), run)
    except StoreError as error:
        if error.code not in _LEFT or isinstance(error, StoreBusy | StoreFull):
            raise
        run.left.append(Left(entry.submission, entry.version, error.code, entry.received))
        run.first_left.append(entry.number)


def _base(home: Store, before: Sequence[Submission]) -> datetime | None:
    """When home received its latest version, if that is not what the next one here corrects: somebody decided for
    theirs, and a correction of ours must not undo that unseen."""
    latest = home.history(before[-1].id)[-1:] if before else []
    if not latest or latest[0].version != before[-1].version or "general" in latest[0].unread:
        return None  # what is missing or erased there is refused by the store itself
    return None if is_same(latest[0], _offered(before[-1])) else latest[0].received


def _decide(laptop: Store, home: Store, entry: Entry, received: datetime | None, side: str | None, run: _Run) -> None:
    """Both have this version, or the one before it, with other content."""
    if side is None:
        run.left.append(Left(entry.submission, entry.version, "push.conflict", entry.received, received))
        run.first_left.append(entry.number)
        return
    mine = laptop.history(entry.submission)[-1]
    if side == MINE:
        latest = home.history(entry.submission)[-1]
        wanted = replace(_offered(mine), version=latest.version + 1, reason=mine.reason or ELSEWHERE)
        if not is_same(latest, replace(wanted, version=latest.version)):  # else it was killed behind the sending
            _publish(laptop, home, wanted.form_hash, run)
            _send(laptop, home, wanted)
            run.sent.append((wanted.id, wanted.version))
    run.decided[entry.submission] = (side, mine.version)


def _offered(version: Submission) -> Submission:
    """A version as the home store gets it: the same each time, so that it is known again."""
    needs = version.version > 1 and not (version.reason or "").strip()
    return replace(version, received=None, reason=ELSEWHERE if needs else version.reason)


def _publish(laptop: Store, home: Store, form_hash: str, run: _Run) -> None:
    if form_hash not in run.forms and all(each.hash != form_hash for each in home.forms()):
        home.publish(laptop.form(form_hash))
        run.forms.append(form_hash)


def _send(laptop: Store, home: Store, offered: Submission) -> None:
    """Append a version at home, with its files by way of a draft there, in which they arrive one by one."""
    files = laptop.attachments.listed(offered.id)
    if not files:
        home.append(offered)
        return
    draft = _draft_for(laptop, home, offered)
    if not home.journal.is_closed(draft):
        home.journal.start(offered.form_hash, offered.municipality, offered.author, "", draft_id=draft)
        for file in files:
            home.attachments.put(draft, file.name, laptop.attachments.content(offered.id, file.name))
    try:
        home.journal.submit(draft, offered)
    except StoreError as error:
        if error.code in _LEFT and not home.journal.is_closed(draft):
            home.journal.discard(draft)
        raise


def _draft_for(laptop: Store, home: Store, offered: Submission) -> str:
    """The id of the draft at home through which a version comes: the same each time, unless somebody discarded it."""
    attempt = 0
    while True:
        words = f"push {laptop.id} {offered.id} {offered.version} {attempt}"
        draft = hashlib.sha256(words.encode()).hexdigest()[:32]
        if not home.journal.is_closed(draft) or home.journal.became(draft) is not None:
            return draft
        attempt += 1


def _move_drafts(laptop: Store, home: Store, run: _Run) -> None:
    """Open interviews go home: every operation under its own id, then the laptop's is discarded."""
    for info in laptop.journal.drafts():
        try:
            draft = laptop.journal.draft(info.id)
            _publish(laptop, home, draft.form_hash, run)
            home.journal.start(
                draft.form_hash, draft.municipality, draft.author, draft.language, draft.xml, draft_id=draft.id
            )
            for file in laptop.attachments.listed(draft.id):
                home.attachments.put(draft.id, file.name, laptop.attachments.content(draft.id, file.name))
            done = 0
            while steps := laptop.journal.replay(draft.id, done):
                for step in steps:
                    done = home.journal.record(draft.id, step.op_id, step.sequence, step.payload)
            laptop.journal.discard(draft.id)
            run.drafts.append(draft.id)
        except StoreError as error:
            if error.code not in _LEFT or isinstance(error, StoreBusy | StoreFull):
                raise
            run.left.append(Left(info.id, 0, error.code, info.changed))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the laptop knows of earlier times: everything up to the event `through` is settled, and of `settled`
    {submission: version} a person decided."""

    through: int = 0
    settled: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, laptop: Store, home_id: str) -> _Marks:
        through, settled = 0, {}
        for event in laptop.events(kinds=["export"]):
            if event.about == f"push {home_id}":
                told = laptop.detail(event.number)
                through = max(through, int(told.get("through", "0")))
                if "decided" in told:
                    settled[told["decided"]] = int(told["version"])
        return cls(through, settled)

    def given_up(self, entry: Entry) -> int:
        """The version up to which nothing of a submission is sent any more."""
        return self.settled.get(entry.submission, 0)

    def keep(self, laptop: Store, home_id: str, last: int, run: _Run) -> None:
        """Write what was decided and how far it went."""
        about = f"push {home_id}"
        for name, (side, version) in run.decided.items():
            laptop.note("export", about=about, detail={"decided": name, "version": str(version), "take": side})
        through = min([last, *(number - 1 for number in run.first_left)])
        detail = {"through": str(through), "sent": str(len(run.sent)), "left": str(len(run.left))}
        laptop.note("export", about=about, detail=detail)
