"""Where submissions are kept: the protocol every store obeys, and `open_store`, which opens one.

    with open_store("store.db", key_file=Path("store.key")) as store:
        receipt = store.append(submission)

A store only grows. A change is a new version of a submission with its reason; nothing is updated or deleted, apart
from drafts, which go when they are submitted or discarded, and the keys of persons, which go when they are erased. A
call that returns has been committed to disk; a call that raises has changed nothing. Importing this module loads no
database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from intake.publishing import PublishedForm
from intake.store.ring import STUDY, Login
from intake.submission import Submission
from validation.errors import StoreError

if TYPE_CHECKING:
    from intake.store.chain import Anchor, Break, Link
    from intake.store.rows import Opened
    from intake.store.ways import Unlocked

__all__ = [
    "Attachment", "Attachments", "Clock", "Draft", "DraftInfo", "Entry", "Event", "Journal", "Op", "Receipt", "Store",
    "open_store",
]  # fmt: skip

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a version of a submission is on disk. `number` is its place in the order of all events, from 1."""

    submission: str
    version: int
    number: int
    received: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a submission without its content, for a list. `number` is its place in the order of all events,
    `subject` the person's id, '' for forms about no person; the rest as in `Submission`."""

    number: int
    submission: str
    version: int
    form_id: str
    form_hash: str
    municipality: str
    subject: str
    received: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, without its content: `number` is its place in the order of everything, from 1.

    `kind` is submission, review, query, export, access, erasure, withdrawal, restriction, reseal, login, key, handover,
    backup or anchor. `submission`, `form` (a hash) and `about` are '', `version` is 0 where an event has none.
    `subject` is the random key of whom it is about (`intake.store.ring.STUDY` for nobody), `actor` the id of the login.
    `received` is what the clock said; only `number` says the order.
    """

    number: int
    kind: str
    submission: str
    version: int
    form: str
    municipality: str
    subject: str
    about: str
    actor: str
    received: datetime


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """A draft without its content, for a work list. `sequence` is the number of operations; `changed` the last one's
    time, `started` when there is none. `municipality` and `author` may be '' when nobody has said yet."""

    id: str
    form_hash: str
    municipality: str
    author: str
    language: str
    started: datetime
    changed: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An interview that is not submitted. `xml` is the instance it started from, None for an empty form; `sequence`
    the last acknowledged operation, 0 when there is none. `language` is the one it started in."""

    id: str
    form_hash: str
    municipality: str
    author: str
    language: str
    xml: str | None
    started: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class Op:
    """One thing done in a draft. `payload` is JSON with the kind in "op": answer, add_repeat, remove_repeat, attach,
    undo, override, language, visit or setting; `intake.interview.course` says what else each of them holds.
    `sequence` counts from 1 without gaps."""

    op_id: str
    sequence: int
    payload: Mapping[str, object]
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was handed in, without its content. `name` is what the record says, in NFC; `size` counts bytes,
    `sha256` is in hex."""

    name: str
    sha256: str
    size: int


class Attachments(Protocol):
    """Files that were handed in. They belong to a draft until it is submitted and go away with it when it is discarded;
    on submission those that the record names come to the submission, in the same transaction, and stay."""

    def put(self, draft_id: str, name: str, content: bytes) -> Attachment:
        """Keep a file for a draft. The same again changes nothing. StoreError 'store.name_taken' when another file of
        the draft has this name, 'store.no_draft'."""
        ...

    def listed(self, owner: str) -> tuple[Attachment, ...]:
        """The files of a draft or of a submission (all versions), by its id, in their order; empty when unknown."""
        ...

    def content(self, owner: str, name: str) -> bytes:
        """A file of a draft or of a submission. StoreError 'store.no_attachment'."""
        ...


class Journal(Protocol):
    """Drafts, operation by operation. An operation is acknowledged only after it is on disk."""

    def start(
        self,
        form_hash: str,
        municipality: str,
        author: str,
        language: str,
        xml: str | None = None,
        *,
        draft_id: str | None = None,
        operations: Iterable[Mapping[str, object]] = (),
        files_of: str | None = None,
    ) -> Draft:
        """A new draft of a published form, empty or with the first `operations` (payloads, their ids are drawn) and
        the files of the submission `files_of`: all of it or nothing. StoreError 'store.unknown_form', ValueError for
        an unknown kind of operation.

        `draft_id` (32 hexadecimal digits, drawn at random; else ValueError) is chosen by who may have to send the
        beginning again: while this draft of this form is open it is returned as it is. StoreError 'store.no_draft'
        where a draft of this id was closed or is of another form.
        """
        ...

    def draft(self, draft_id: str) -> Draft:
        """The draft. StoreError 'store.no_draft' when it was submitted, discarded or never was."""
        ...

    def drafts(self) -> list[DraftInfo]:
        """All drafts, oldest first."""
        ...

    def record(self, draft_id: str, op_id: str, sequence: int, payload: Mapping[str, object]) -> int:
        """Keep an operation and return the sequence under which it is kept.

        The same `op_id` with the same payload again changes nothing and returns the first one's sequence, whatever
        sequence it comes with. Otherwise `sequence` must be the last plus one; if it is not, somebody else goes on
        with this draft: StoreError 'store.stale_draft' with both numbers. 'store.no_draft' when the draft is closed,
        'store.op_reused' when the `op_id` belongs to another payload. ValueError for an unknown kind of operation.
        """
        ...

    def replay(self, draft_id: str, after: int = 0) -> list[Op]:
        """Every operation after a sequence in order; empty where there is none. StoreError 'store.no_draft'."""
        ...

    def submit(self, draft_id: str, submission: Submission, *, sequence: int | None = None) -> Receipt:
        """Append the submission with the attachments its record names and close the draft: all or nothing.

        Sent again, it returns the same receipt. `sequence` is the last operation that the submission knows of:
        StoreError 'store.stale_draft' when another window did something since, which would be lost.
        """
        ...

    def discard(self, draft_id: str) -> None:
        """Delete a draft with its operations and attachments. StoreError 'store.no_draft'."""
        ...

    def is_closed(self, draft_id: str) -> bool:
        """Whether a draft of this id was submitted or discarded; False where there never was one."""
        ...

    def became(self, draft_id: str) -> str | None:
        """The id of the submission that a draft became; None where it is open, was discarded or never was."""
        ...


class Store(Protocol):
    """What a study needs of a store. Each call is one transaction. Times are aware; `known_at` None means now.

    Every method may raise StoreBusy (another writer holds it), StoreFull (nothing was saved; the store goes on
    working once there is space) and StoreError 'store.damaged'. A store belongs to the thread that opened it.
    """

    @property
    def journal(self) -> Journal:
        """The drafts."""
        ...

    @property
    def attachments(self) -> Attachments:
        """The files that were handed in."""
        ...

    def publish(self, form: PublishedForm) -> None:
        """Freeze a form. The same hash again changes nothing: the first one stays. StoreError 'store.version_taken'
        when another form has this id and version."""
        ...

    def form(self, hash: str) -> PublishedForm:  # noqa: A002 - it is called hash everywhere else
        """The frozen form with this hash; its lists are read when they are asked for, while the store is open.
        StoreError 'store.unknown_form'."""
        ...

    def form_file(self, hash: str, name: str) -> bytes | None:  # noqa: A002 - as above
        """One of the `lists` of the frozen form with this hash, None when it has none of this name."""
        ...

    def forms(self) -> tuple[PublishedForm, ...]:
        """Every frozen form in the order of publishing."""
        ...

    def append(self, submission: Submission) -> Receipt:
        """Keep a version of a submission; `submission.received` is ignored, the store's clock says it.

        The same version with the same content again is a no-op with the same receipt. StoreError: 'store.stale' when
        the version is not the latest plus one (both are named), 'store.conflict' when a first version is there with
        other content, 'store.no_reason' for a later version without reason (`corrections`: within 24 hours the same
        author needs none), 'store.unknown_form', 'store.other_form' when the form of that hash has another id or
        version, or earlier versions were made with another form id, 'store.erased' when the person of the latest
        version was erased, 'store.unread' when the submission was read without all its classes and would lose them,
        'store.class_closed' when this login may not write. DataError when the record is none.
        """
        ...

    def append_many(self, submissions: Iterable[Submission]) -> list[Receipt]:
        """Keep many, all or none, in their order; receipts in the same order. Nobody else writes meanwhile."""
        ...

    def submissions(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> Iterator[Submission]:
        """The latest version of each submission as known at a time, in the order of their first versions.

        What is iterated is what was there at the call; later appends do not show. None selects all. What was erased is
        left out; what this login may not open, or was withdrawn, is named in `Submission.unread`.
        """
        ...

    def opened(self, form_id: str, *, after: int = 0) -> Iterator[Opened]:
        """As `submissions` of a form, in the same order, class by class and not put together; only versions whose event
        came after a number."""
        ...

    def visible(self, form_id: str) -> int | None:
        """How many records `opened` yields where that may shrink without any of `heads` telling so (a person moved to a
        town this login does not see); None where heads tell everything."""
        ...

    def copy_key(self, name: str) -> bytes:
        """What seals derived copies of a class: only this login has it, and only until the class key is exchanged.
        StoreError 'store.class_closed'."""
        ...

    def count(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> int:
        """How many `submissions` would yield."""
        ...

    def entries(self, after: int = 0) -> list[Entry]:
        """What was received, every version in its order, after the entry with this number; no record is read, and
        what was erased is left out."""
        ...

    def history(self, submission_id: str) -> list[Submission]:
        """Every version of a submission, first to latest; empty when there is none of this id. Erased ones have an
        empty record, and the subject's random key instead of a person."""
        ...

    def last_received(self) -> datetime | None:
        """The latest time at which a submission was received; None while there is none."""
        ...

    # --- who may come in

    @property
    def id(self) -> str:
        """The store's random id, 32 hexadecimal digits."""
        ...

    @property
    def login(self) -> Login:
        """As whom the store was opened."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of sensitivity that this login can open, strictest first."""
        ...

    def logins(self) -> list[Login]:
        """Who may come in, in the order in which they were added."""
        ...

    def add_login(self, name: str, role: str) -> tuple[Login, bytes]:
        """A new login and its private key (32 bytes), which is kept nowhere; one event 'login'. ValueError for a role
        there is not (`ring.ROLES`), StoreError 'store.class_closed' when this login does not hold what the role may."""
        ...

    def remove_login(self, login_id: str) -> None:
        """Take a login away and exchange the class keys it held; one event 'login'. StoreError 'store.unknown_login',
        'store.own_login' for the one the store is open as, 'store.class_closed'."""
        ...

    # --- what happened

    def subject_of(self, person: str) -> str | None:
        """The random key of a person; None when nobody of this id is here (any more)."""
        ...

    def note(
        self,
        kind: str,
        *,
        municipality: str = "",
        subject: str = STUDY,
        about: str = "",
        detail: Mapping[str, str] = {},
    ) -> Event:
        """Write an event that is no submission. `about` stays readable for everybody with the file; `detail` is sealed
        under the subject's key and goes with it. StoreError 'store.no_person' for an unknown subject,
        'store.class_closed' when there is a detail and this login can seal none."""
        ...

    def events(self, after: int = 0, *, kinds: Iterable[str] | None = None) -> list[Event]:
        """Everything that happened after the event with this number, in its order; None selects all kinds."""
        ...

    def detail(self, number: int) -> Mapping[str, str]:
        """What the event with this number tells; empty where there is nothing, it was erased or is not for this
        login, and for submissions."""
        ...

    # --- what goes

    def erase(self, person: str, *, reason: str) -> Event:
        """Delete the keys of a person (Art. 17 GDPR) with the drafts about the person, and exchange all class keys:
        what was said by and about the person can be opened by nobody any more. The event, with the reason, stays.

        StoreError 'store.no_person', 'store.class_closed'.
        """
        ...

    def withdraw(self, person: str, *, reason: str) -> Event:
        """The same for the class 'special' only: consent was withdrawn. StoreError as `erase`, and 'store.open_draft'
        while there is a draft about the person: what it holds would come back."""
        ...

    def reseal(self, form_hash: str) -> Event | None:
        """Seal anew what earlier versions of a form called less sensitive than this one does, under new keys; one event
        for all, None when there is nothing to do. StoreError 'store.unknown_form', 'store.class_closed'."""
        ...

    def erased(self) -> list[tuple[str, tuple[str, ...], datetime]]:
        """Every erasure and withdrawal: the subject, the classes that went, and when."""
        ...

    # --- the chain

    def links(self, after: int = 0) -> Iterator[tuple[Link, bytes]]:
        """Every event after a number as the chain sees it, with the digest of what it carries now
        (`chain.digest_of`)."""
        ...

    def heads(self) -> dict[str, tuple[int, bytes]]:
        """{municipality: place and hash of its last event}; '' for what is about none."""
        ...

    def anchor(self) -> Anchor:
        """All heads, signed. StoreError 'store.class_closed' when this login may not."""
        ...

    def verify(self, anchors: Iterable[Anchor] = ()) -> list[Break]:
        """Where the chains do not hold by themselves and against anchors kept outside; empty when all is well."""
        ...

    def close(self) -> None:
        """Give the file free. Closing twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def utc_now() -> datetime:
    """The computer's clock, in UTC."""
    return datetime.now(UTC)


def open_store(
    target: str | Path,
    *,
    key: bytes | None = None,
    key_file: Path | None = None,
    passphrase: str | None = None,
    recovery: str | None = None,
    keyring: bool = False,
    descriptor: int | None = None,
    unlocked: Unlocked | None = None,
    create: bool = False,
    plaintext: bool = False,
    take_over: bool = False,
    clock: Clock = utc_now,
    wait: float = 5.0,
) -> Store:
    """Open the store in the file `target`, or of the team at an address `postgresql://…`, by one of its ways
    (`intake.store.ways`).

    `key_file` is a file of `intake.store.keys`, `key` its 32 bytes (of a store without ways: the database key itself,
    and no ways are made); `passphrase` and `recovery` are what a person types; `keyring` asks the operating system;
    `descriptor` is an open file that gives a key file's bytes or a passphrase; `unlocked` comes from another process
    that has opened the store already.

    With `create`, a store that is not there is made, and with it a key file that is not there; what is there is
    opened as it is. Without, no store is ever created. `plaintext` allows a store that is not encrypted, and makes one
    so. `take_over` takes the lock of a network drive from whoever has it. `clock` gives the time of receipt and must be
    aware; `wait` is how many seconds to wait for another writer.

    Raises WrongKey (the way does not fit, or the file is no store), StoreBusy, StoreFull and StoreError (no such
    file, unusable key file, made by a newer Lotsenbuch, damaged, not writable, a synchronised folder, or an address
    that is no file); no file is changed then. TypeError unless exactly one way is given.
    """
    from intake.store.bringing import brought

    given = brought(
        key=key, key_file=key_file, passphrase=passphrase, recovery=recovery, keyring=keyring, descriptor=descriptor,
        unlocked=unlocked,
    )  # fmt: skip
    if str(target).startswith(("postgresql://", "postgres://")):
        from intake.store.postgres.opening import open_given

        return open_given(str(target), given, clock=clock, wait=wait)
    if "://" in str(target):
        raise StoreError("store.not_a_file", target=str(target).split("://", 1)[0])
    from intake.store.opening import open_sqlite

    return open_sqlite(
        Path(target), given, create=create, clock=clock, wait=wait, plaintext=plaintext, take_over=take_over
    )
