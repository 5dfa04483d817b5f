"""The events of a SQLite store: written with their place in the chain, listed, and judged against it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from intake.store import Event
from intake.store.chain import START, Anchor, Break, Link, breaks, digest_of
from intake.store.connection import Connection, Value, as_bytes
from intake.store.ring import ANCHOR, STUDY
from intake.store.rows import about_detail, detail_of, detail_text, file_labelled, part_label
from intake.store.sealing import derive, seal, signer_of
from intake.store.subjects import SqliteKeys
from validation.errors import StoreError

ABOUT_THE_GONE = frozenset(("erasure", "withdrawal"))
"""Kinds of events that outlive the keys of the subject they name: their detail is sealed for the study."""

_CHUNK = 500
_PLAIN = "number, kind, submission, version, form, municipality, subject, about, actor, received"

# What events wrote: their own by its key, what they sealed anew of others by an index that holds nothing else.
_PARTS = """
    SELECT event, class, written_by, sealed FROM part WHERE event BETWEEN ?1 AND ?2 AND written_by = event
    UNION ALL SELECT event, class, written_by, sealed FROM part
    WHERE written_by BETWEEN ?1 AND ?2 AND written_by <> event"""
_WITH_FILES = """
    SELECT event FROM attachment WHERE event BETWEEN ?1 AND ?2 AND written_by = event
    UNION SELECT written_by FROM attachment WHERE written_by BETWEEN ?1 AND ?2 AND written_by <> event"""
_FILES = """
    SELECT event, place, class, head, sealed FROM attachment WHERE event = ?1 AND written_by = event
    UNION ALL SELECT event, place, class, head, sealed FROM attachment WHERE written_by = ?1 AND written_by <> event"""

_LINK = """number, municipality, place, kind, submission, version, form, subject, about, actor, received, digest,
    previous, hash"""
_WRITE = f"INSERT INTO event ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - ours

# The first event of each subject of which something cannot be opened by anybody, though nobody took the keys away.
_KEYLESS = """
    SELECT min(e.number) FROM event AS e
    JOIN (SELECT event, class, max(written_by) AS written_by FROM part GROUP BY event, class
          UNION ALL SELECT a.event, a.class, a.written_by FROM attachment AS a WHERE a.written_by = (
              SELECT max(b.written_by) FROM attachment AS b WHERE b.event = a.event AND b.place = a.place)) AS p
      ON p.event = e.number
    WHERE NOT EXISTS (
        SELECT 1 FROM person_key AS k WHERE k.name = p.class AND k.since <= p.written_by AND k.subject =
            CASE WHEN e.kind IN ('erasure', 'withdrawal') THEN '00000000000000000000000000000000' ELSE e.subject END)
      AND NOT EXISTS (
        SELECT 1 FROM event AS g WHERE g.subject = e.subject AND e.kind NOT IN ('erasure', 'withdrawal')
          AND (g.kind = 'erasure' OR g.kind = 'withdrawal' AND p.class = 'special'))
    GROUP BY e.subject ORDER BY 1"""


class Part(NamedTuple):
    """A sealed part. `event` is whose it is; None for the event that is being written."""

    name: str
    sealed: bytes
    event: int | None = None


class File(NamedTuple):
    """A sealed attachment, as `Part`."""

    place: int
    name: str
    head: bytes
    sealed: bytes
    event: int | None = None


Head = tuple[int, bytes]
"""The place and hash of the last event of a chain; 0 and `START` where there is none yet."""


class SqliteEvents:
    """What happened, in its order. Writing happens inside the transaction of whoever calls."""

    def __init__(self, connection: Connection, keys: SqliteKeys, stamp: Callable[[], str]) -> None:
        """`stamp` gives the time as it is stored."""
        self._connection = connection
        self._keys = keys
        self._stamp = stamp

    def next(self) -> int:
        """The number the next event will have."""
        return self._connection.number("SELECT coalesce(max(number), 0) + 1 FROM event")

    def following(self, municipality: str) -> tuple[int, Head]:
        """The same, and the head of the municipality's chain."""
        rows = self._connection.execute(
            "SELECT (SELECT max(number) + 1 FROM event), place, hash FROM event WHERE municipality = ?"
            " ORDER BY place DESC LIMIT 1",
            (municipality,),
        )
        if not rows:
            return self.next(), (0, START)
        number, place, code = rows[0]
        return int(number or 0), (int(place or 0), as_bytes(code))

    def write(
        self,
        kind: str,
        *,
        municipality: str = "",
        subject: str = STUDY,
        submission: str = "",
        version: int = 0,
        form: str = "",
        about: str = "",
        received: str | None = None,
        number: int | None = None,
        head: Head | None = None,
        parts: Sequence[Part] = (),
        files: Sequence[File] = (),
    ) -> Event:
        """Write an event with what it carries. `number`, `head` and `received` are the next, the chain's and now unless
        they are given. DataError 'store.control_character'."""
        run = self._connection.execute
        if number is None or head is None:
            following, head = self.following(municipality)
            number = following if number is None else number
        place, previous = head
        received = self._stamp() if received is None else received
        carried = [(part_label(part.event or number, part.name, number), part.sealed) for part in parts]
        for each in files:
            carried += file_labelled(each.event or number, each.place, each.name, number, each.sealed, each.head)
        link = Link(
            number, municipality, place + 1, kind, submission, version, form, subject, about, self._keys.login.id,
            received, digest_of(carried), previous, b"",
        )  # fmt: skip
        run(
            _WRITE,
            (
                number, municipality, link.place, kind, submission, version, form, subject, about, link.actor,
                received, link.digest, previous, link.linked(),
            ),
        )  # fmt: skip
        self._connection.insert(
            "part (event, class, written_by, sealed)",
            [(part.event or number, part.name, number, part.sealed) for part in parts],
        )
        for each in files:
            run(
                "INSERT INTO attachment (event, place, class, written_by, head, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                (each.event or number, each.place, each.name, number, each.head, each.sealed),
            )
        return Event(
            number, kind, submission, version, form, municipality, subject, about, link.actor,
            datetime.fromisoformat(received),
        )  # fmt: skip

    def note(self, kind: str, municipality: str, subject: str, about: str, detail: Mapping[str, str]) -> Event:
        """Write an event that is no submission; its detail is sealed for its subject, or for the study where that
        will not last."""
        if not self._connection.execute("SELECT 1 FROM subject WHERE key = ?", (subject,)):
            raise StoreError("store.no_person")
        parts: list[Part] = []
        number, received = self.next(), self._stamp()
        if detail:
            text = detail_text(detail)
            name = "staff" if self._keys.ring.holds("staff") else "general"
            self._keys.ring.key(name)
            owner = STUDY if kind in ABOUT_THE_GONE else subject
            if not self._connection.execute("SELECT 1 FROM person_key WHERE subject = ?", (owner,)):
                raise StoreError("store.no_person")  # a key for somebody who was erased would bring them back
            (key,) = self._keys.needed(owner, [name], number).values()
            parts.append(Part(name, seal(key, text, about_detail(kind, about, received, owner))))
        return self.write(
            kind, municipality=municipality, subject=subject, about=about, received=received, number=number, parts=parts
        )

    def listed(self, after: int, kinds: Iterable[str] | None) -> list[Event]:
        """Every event after a number, or those of some kinds."""
        chosen, values = "", tuple[Value, ...]((after,))
        if kinds is not None:
            chosen, values = "AND kind IN (SELECT value FROM json_each(?))", (after, json.dumps(sorted(kinds)))
        rows = self._connection.execute(
            f"SELECT {_PLAIN} FROM event WHERE number > ? {chosen} ORDER BY number",  # noqa: S608 - ours
            values,
        )
        return [_event(row) for row in rows]

    def detail(self, number: int) -> dict[str, str]:
        """What an event that is no submission tells; empty where there is nothing, or it cannot be opened any more."""
        rows = self._connection.execute(
            "SELECT e.kind, e.subject, e.about, e.received, p.class, p.written_by, p.sealed"
            " FROM event AS e JOIN part AS p ON p.event = e.number WHERE e.number = ? AND e.kind <> 'submission'"
            " ORDER BY p.written_by DESC LIMIT 1",
            (number,),
        )
        told: dict[str, str] = {}
        for kind, subject, about, received, name, by, sealed in rows:
            owner = STUDY if kind in ABOUT_THE_GONE else str(subject)
            keys = self._connection.execute(
                "SELECT generation, wrapped FROM person_key WHERE subject = ? AND name = ? AND since <= ?",
                (owner, name, by),
            )
            key = self._keys.opened(owner, str(name), *keys[0]) if keys else None
            if key is not None:
                words = about_detail(str(kind), str(about), str(received), owner)
                told |= detail_of(self._keys.unseal(key, sealed, words))
        return told

    # --- the chain

    def links(self, after: int = 0) -> Iterator[tuple[Link, bytes]]:
        """Every event after a number as the chain sees it, with the digest of what it carries now."""
        last = after
        while rows := self._connection.execute(
            f"SELECT {_LINK} FROM event WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608 - ours
            (last, _CHUNK),
        ):
            first, last = int(rows[0][0] or 0), int(rows[-1][0] or 0)
            parts, files = self._parts(first, last), self._with_files(first, last)
            for row in rows:
                number = int(row[0] or 0)
                carried = parts.get(number, []) + (self._files(number) if number in files else [])
                yield _link(row), digest_of(carried)

    def heads(self) -> dict[str, tuple[int, bytes]]:
        rows = self._connection.execute(
            "SELECT e.municipality, e.place, e.hash FROM event AS e JOIN"
            " (SELECT municipality, max(place) AS place FROM event GROUP BY municipality) USING (municipality, place)"
        )
        return {str(municipality): (int(place or 0), as_bytes(code)) for municipality, place, code in rows}

    def anchor(self, store: str) -> Anchor:
        return Anchor.signed(self._signer(), store, self._stamp(), self.heads())

    def verify(self, anchors: Iterable[Anchor], store: str) -> list[Break]:
        signers = [signer_of(self._signer())] if self._keys.ring.holds(ANCHOR) else []
        strays = self._connection.execute(
            "SELECT event FROM (SELECT event, written_by FROM part UNION SELECT event, written_by FROM attachment)"
            " WHERE event NOT IN (SELECT number FROM event) OR written_by NOT IN (SELECT number FROM event)"
        )
        found = breaks(self.links(), anchors, store=store, signers=signers)
        beside = [*(number for (number,) in strays), *self._reworded()]
        found += [Break(int(number or 0), "", 0, "content") for number in beside]
        return [*found, *(Break(int(number or 0), "", 0, "keys") for (number,) in self._connection.execute(_KEYLESS))]

    def _reworded(self) -> Iterator[Value]:
        """The first event of each form that is not what it was: the form's hash stands in the chain."""
        for number, form, xform in self._connection.execute(
            "SELECT e.number, e.form, f.xform FROM (SELECT min(number) AS number, form FROM event WHERE form <> ''"
            " GROUP BY form) AS e LEFT JOIN form AS f ON f.hash = e.form ORDER BY e.number"
        ):
            if xform is None or hashlib.sha256(str(xform).encode()).hexdigest() != form:
                yield number

    def _signer(self) -> bytes:
        return derive(self._keys.ring.key(ANCHOR), "anchor signature")

    def _parts(self, first: int, last: int) -> dict[int, list[tuple[str, bytes]]]:
        """What events wrote of parts, labelled."""
        found: dict[int, list[tuple[str, bytes]]] = {}
        for event, name, by, sealed in self._connection.execute(_PARTS, (first, last)):
            label = part_label(int(event or 0), str(name), int(by or 0))
            found.setdefault(int(by or 0), []).append((label, as_bytes(sealed)))
        return found

    def _with_files(self, first: int, last: int) -> frozenset[Value]:
        return frozenset(number for (number,) in self._connection.execute(_WITH_FILES, (first, last)))

    def _files(self, number: int) -> list[tuple[str, bytes]]:
        """What an event wrote of attachments, labelled. One event at a time: they may be large."""
        return [
            item
            for event, place, name, head, sealed in self._connection.execute(_FILES, (number,))
            for item in file_labelled(
                int(event or 0), int(place or 0), str(name), number, as_bytes(sealed), as_bytes(head)
            )
        ]


def _event(row: Sequence[Value]) -> Event:
    number, kind, submission, version, form, municipality, subject, about, actor, received = row
    return Event(
        int(number or 0), str(kind), str(submission), int(version or 0), str(form), str(municipality), str(subject),
        str(about), str(actor), datetime.fromisoformat(str(received)),
    )  # fmt: skip


def _link(row: Sequence[Value]) -> Link:
    (number, municipality, place, kind, submission, version, form, subject, about, actor, received, digest, previous,
     code) = row  # fmt: skip
    return Link(
        int(number or 0), str(municipality), int(place or 0), str(kind), str(submission), int(version or 0), str(form),
        str(subject), str(about), str(actor), str(received), as_bytes(digest), as_bytes(previous), as_bytes(code),
    )  # fmt: skip
