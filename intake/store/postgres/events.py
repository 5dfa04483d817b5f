"""The events of a team's store: written by the server with their place in the chain, listed, and judged here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from intake.store import Event
from intake.store.chain import Anchor, Break, Link, breaks, digest_of
from intake.store.postgres.connection import Connection, Row
from intake.store.postgres.losses import OpenedBy
from intake.store.postgres.persons import Persons
from intake.store.ring import ANCHOR, STUDY
from intake.store.rows import about_detail, as_stored, detail_of, detail_text
from intake.store.sealing import derive, seal, signer_of, unseal
from validation.errors import DataError, StoreError

ABOUT_THE_GONE = frozenset(("erasure", "withdrawal"))
"""Kinds of events that outlive the keys of the subject they name: their detail is sealed for the study."""

_CHUNK = 500


class TeamEvents:
    """What happened, in its order, as far as this login sees it."""

    def __init__(self, connection: Connection, persons: Persons, stamp: Callable[[], str]) -> None:
        self._connection = connection
        self._persons = persons
        self._stamp = stamp

    def note(
        self, kind: str, municipality: str, subject: str, about: str, detail: Mapping[str, str], *, form: str = ""
    ) -> Event:
        """Inside a transaction that has begun to write: an event that is no submission; its detail is sealed for its
        subject, or for the study where that will not last."""
        for plain in (municipality, subject, about, form):
            if any(ord(character) < 0x20 for character in plain):
                raise DataError("store.control_character")
        ((received,),) = self._connection.call("draw_moment", self._stamp())
        parts: list[tuple[int, str, bytes]] = []
        owner = STUDY if kind in ABOUT_THE_GONE else subject
        if detail:
            text = detail_text(detail)
            name = "staff" if self._persons.ring.holds("staff") else "general"
            self._persons.ring.key(name)
            held = self._persons.held([owner])
            if (key := held.key(owner, name, 1 << 62)) is None:
                raise StoreError("store.no_person")
            parts.append((0, name, seal(key, text, about_detail(kind, about, received, owner))))
        number = self.write(kind, municipality, subject, about, form=form, parts=parts)
        actor, moment = self._persons.login, datetime.fromisoformat(received)  # not read back: not all may
        return Event(number, kind, "", 0, form, municipality, subject, about, actor, moment)

    def write(
        self,
        kind: str,
        municipality: str = "",
        subject: str = STUDY,
        about: str = "",
        *,
        form: str = "",
        parts: Sequence[tuple[int, str, bytes]] = (),
        files: Sequence[tuple[int, int, str, bytes, bytes]] = (),
    ) -> int:
        """Inside a transaction: append an event that is no submission; its number. Parts are event (0 for the one that
        is written), class and content; files event, place, class, head and content."""
        ((number, _),) = self._connection.call(
            "append", kind, "", 0, form, municipality, subject, about, self._stamp(), [event for event, _, _ in parts],
            [name for _, name, _ in parts], [sealed for _, _, sealed in parts], [each[0] for each in files],
            [each[1] for each in files], [each[2] for each in files], [each[3] for each in files],
            [each[4] for each in files],
        )  # fmt: skip
        return int(number)

    def listed(self, after: int, kinds: Iterable[str] | None, last: int | None = None) -> list[Event]:
        """Every event after a number (and up to one), or those of some kinds. An evaluator is told of submissions and
        restrictions, and not by whom."""
        wanted = None if kinds is None else sorted(kinds)
        asked = (after, wanted, 1 << 62 if last is None else last)
        try:
            rows = self._connection.call("event_rows", *asked)
        except StoreError as error:
            if error.code != "store.not_allowed" or "general" not in self._persons.ring.classes:
                raise
            rows = self._connection.call("evaluated", *asked)
        return [_event(row) for row in rows]

    def detail(self, number: int) -> dict[str, str]:
        """What an event that is no submission tells; empty where there is nothing, or it cannot be opened."""
        events = self.listed(number - 1, None, number)
        if not events or events[0].kind == "submission" or not self._persons.ring.classes:
            return {}
        event = events[0]
        owner = STUDY if event.kind in ABOUT_THE_GONE else event.subject
        received = as_stored(event.received)
        held = self._persons.held([owner])
        for *_, name, written_by, sealed in self._connection.call("content", [number]):
            if name is not None and (key := held.key(owner, name, written_by)) is not None:
                return detail_of(unseal(key, sealed, about_detail(event.kind, event.about, received, owner)))
        return {}

    # --- the chain

    def links(self, after: int = 0, opened_by: OpenedBy | None = None) -> Iterator[tuple[Link, bytes]]:
        """Every event after a number as the chain sees it, with the digest of what it carries now. Who may not fetch
        what events carry judges the chain alone: its digests are taken as they stand. `opened_by` learns of them."""
        while rows := self._connection.call("event_rows", after, None, 1 << 62, _CHUNK):
            after = rows[-1][0]
            carried = self._carried([row[0] for row in rows])
            for row in rows:
                link = _link(row)
                if opened_by is not None:
                    labels = None if carried is None else [label for label, _ in carried.get(link.number, ())]
                    opened_by.add(link.number, link.kind, link.subject, labels)
                yield link, link.digest if carried is None else digest_of(carried.get(link.number, ()))

    def heads(self) -> dict[str, tuple[int, bytes]]:
        rows = self._connection.call("heads")
        return {municipality: (place, bytes(code)) for municipality, place, code in rows}

    def anchor(self, store: str) -> Anchor:
        return Anchor.signed(self._signer(), store, self._stamp(), self.heads())

    def verify(self, anchors: Iterable[Anchor], store: str) -> list[Break]:
        """Of the municipalities this login sees; what anchors say of others is nothing it could judge. Keys that are
        gone without a word are found by who is in office: an erasure may have been told to another municipality."""
        signers = [signer_of(self._signer())] if self._persons.ring.holds(ANCHOR) else []
        reworded = [Break(number, "", 0, "content") for number in self._reworded()]
        opened_by = OpenedBy()
        found = breaks(self.links(0, opened_by), anchors, store=store, signers=signers)
        told = [each for each in found if each.kind != "missing" or self._is_told_of(each.municipality)]
        return [*told, *reworded, *(Break(number, "", 0, "keys") for number in self._keyless(opened_by))]

    def _keyless(self, opened_by: OpenedBy) -> list[int]:
        ((office,),) = self._connection.call("in_office")
        while office:
            rows = self._connection.call("person_keys", opened_by.subjects())
            if not sum(1 for _ in self.links(opened_by.last, opened_by)):  # whoever changes keys meanwhile tells of it
                return opened_by.lost({(subject, name): since for subject, name, _, _, since in rows})
        return []

    def _is_told_of(self, municipality: str) -> bool:
        """Whether this login is given the events of a municipality; '' is what is about none."""
        ((_, _, role, _, own, *_),) = self._connection.call("whoami")
        return role in ("auditor", "protection") or "*" in own or municipality in own

    def _reworded(self) -> Iterator[int]:
        """The first event of each form that is not what it was: the form's hash stands in the chain."""
        whole = {
            row[2] for row in self._connection.call("form_rows", None)
            if hashlib.sha256(row[3].encode()).hexdigest() == row[2]
        }  # fmt: skip
        seen = {""}
        for event in self.listed(0, None):
            if event.form not in seen and event.form not in whole:
                yield event.number
            seen.add(event.form)

    def _signer(self) -> bytes:
        return derive(self._persons.ring.key(ANCHOR), "anchor signature")

    def _carried(self, numbers: list[int]) -> dict[int, list[tuple[str, bytes]]] | None:
        """What events wrote, labelled; None for a login that is not given it."""
        try:
            rows = self._connection.call("carried", numbers)
        except StoreError as error:
            if error.code == "store.not_allowed":
                return None
            raise
        found: dict[int, list[tuple[str, bytes]]] = {}
        for number, label, sealed in rows:
            found.setdefault(number, []).append((label, bytes(sealed)))
        return found


def _event(row: Row) -> Event:
    number, kind, submission, version, form, municipality, subject, about, actor, received = row[:10]
    return Event(
        number, kind, submission, version, form, municipality, subject, about, actor, datetime.fromisoformat(received)
    )


def _link(row: Row) -> Link:
    (number, kind, submission, version, form, municipality, subject, about, actor, received, place, digest, previous,
     code) = row  # fmt: skip
    return Link(
        number, municipality, place, kind, submission, version, form, subject, about, actor, received, bytes(digest),
        bytes(previous), bytes(code),
    )  # fmt: skip
