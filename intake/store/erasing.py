"""Taking away what may no longer be read in a SQLite store: erasure (Art. 17 GDPR), withdrawn consent, raised classes.

Nothing is deleted from the past: the keys go, and with them what was sealed. The class keys above them are exchanged,
so that neither an old class key nor an old row is worth anything with what is in the store from then on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from intake.store import Event, erasures
from intake.store.connection import Connection, Value
from intake.store.derived import FOLDER, drop
from intake.store.division import Division
from intake.store.erasures import Erasure
from intake.store.events import ABOUT_THE_GONE, SqliteEvents
from intake.store.resealing import SqliteResealing
from intake.store.ring import CLASSES, DRAFT
from intake.store.rows import about_draft, as_stored, nfc
from intake.store.subjects import SqliteKeys
from validation.errors import FormError, StoreError
from validation.tree import Node, parse

_CONSENTED = ("special",)
"""What goes when consent is withdrawn."""
_CLASSES = {"erasure": CLASSES, "withdrawal": _CONSENTED}


class SqliteErasing:
    """Erases, withdraws and seals anew; each is one transaction and one event."""

    def __init__(
        self,
        connection: Connection,
        keys: SqliteKeys,
        events: SqliteEvents,
        division_of: Callable[[str], Division | None],
        store: str,
    ) -> None:
        """`division_of` gives how records of a form (by its hash) are divided; `store` is the store's id."""
        self._connection = connection
        self._keys = keys
        self._events = events
        self._store = store
        self._resealing = SqliteResealing(connection, keys, events, division_of)

    def erase(self, person: str, reason: str) -> Event:
        return self._forget("erasure", person, reason)

    def withdraw(self, person: str, reason: str) -> Event:
        return self._forget("withdrawal", person, reason)

    def reseal(self, form_hash: str) -> Event | None:
        with self._connection.transaction():
            self._hold()
            event = self._resealing.reseal(form_hash)
        if event is not None:
            self._clean()
        return event

    def erased(self) -> list[tuple[str, tuple[str, ...], datetime]]:
        return [(each.subject, _CLASSES[each.kind], each.received) for each in self._events.listed(0, ABOUT_THE_GONE)]

    def catch_up(self) -> None:
        """Forget again what the list beside the store knows of and the store does not, because it is an older copy; and
        list what the list lacks. Left to others where this login could not do it."""
        if set(self._keys.ring.classes) != set(CLASSES) or not self._keys.ring.holds(DRAFT):
            return
        path = erasures.list_of(self._connection.path)
        events = self._events.listed(0, ABOUT_THE_GONE)
        listed = erasures.read_vouched(path, self._store, self._keys.ring)
        done = {(each.subject, moment) for each in events for moment in (as_stored(each.received), each.about)}
        for each in listed:
            if each.store == self._store and (each.subject, each.received) not in done and self._has_keys(each):
                kind = "erasure" if set(each.classes) == set(CLASSES) else "withdrawal"
                with self._connection.transaction():
                    self._hold()
                    if self._has_keys(each):
                        self._take(kind, each.subject, each.received, {})
                self._clean()
        ours = [self._entry(each) for each in events]
        lacking = [each for each in ours if each not in listed]
        if lacking:
            erasures.write(path, [*listed, *lacking])

    # --- within

    def _forget(self, kind: str, person: str, reason: str) -> Event:
        path = erasures.list_of(self._connection.path)
        entries: list[Erasure] = []
        try:
            with self._connection.transaction():
                self._hold()
                listed = erasures.read_vouched(path, self._store, self._keys.ring)  # nobody else adds to it meanwhile
                subject = self._keys.subject_of(person)
                if subject is None:
                    raise StoreError("store.no_person")
                for each in (*self._mistaken(subject), subject):
                    event = self._take(kind, each, "", {"reason": reason})
                    entries.append(self._entry(event))
                erasures.write(path, [*listed, *entries])
        except BaseException:
            if entries and set(entries) & set(listed := erasures.read(path)):
                erasures.write(path, [each for each in listed if each not in entries])
            raise
        self._clean()
        return event

    def _entry(self, event: Event) -> Erasure:
        """What the list says of an event; of one that was done again, what it said of the first."""
        moment = event.about or as_stored(event.received)
        return erasures.entry(self._keys.ring, self._store, event.subject, _CLASSES[event.kind], moment)

    def _mistaken(self, subject: str) -> list[str]:
        """Subjects of nobody else: all that was ever said under them was later corrected to be about this one."""
        rows = self._connection.execute(
            "SELECT DISTINCT e.subject FROM event AS e"
            " JOIN event AS m ON m.submission = e.submission AND m.kind = 'submission' AND m.subject = ?1"
            " WHERE e.kind = 'submission' AND e.subject <> ?1"
            " AND EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = e.subject)"
            " AND NOT EXISTS (SELECT 1 FROM event AS o WHERE o.kind = 'submission' AND o.subject = e.subject"
            "  AND ?1 <> (SELECT n.subject FROM event AS n WHERE n.kind = 'submission' AND n.submission = o.submission"
            "             ORDER BY n.version DESC LIMIT 1))",
            (subject,),
        )
        return [str(found) for (found,) in rows]

    def _hold(self) -> None:
        """StoreError 'store.class_closed' unless this login holds what has to be exchanged."""
        self._keys.refresh()
        for name in (*CLASSES, DRAFT):
            self._keys.ring.key(name)

    def _take(self, kind: str, subject: str, about: str, detail: dict[str, str]) -> Event:
        """Inside a transaction. `about` is '' or the time of the first erasure, where an older copy came back."""
        run = self._connection.execute
        drafts = self._drafts(subject)
        if kind == "withdrawal" and drafts and not about:
            raise StoreError("store.open_draft")
        places = run(
            "SELECT municipality FROM event WHERE subject = ? AND kind = 'submission' ORDER BY number DESC LIMIT 1",
            (subject,),
        )
        event = self._events.note(kind, str(places[0][0]) if places else "", subject, about, detail)
        names = _CLASSES[kind]
        with self._keys.permitted():
            for name in names:
                run("DELETE FROM person_key WHERE subject = ? AND name = ?", (subject, name))
            if kind == "erasure":
                run("DELETE FROM person WHERE subject = ?", (subject,))
                for draft in drafts:
                    self._drop(draft, as_stored(event.received))
            self._keys.rotate((*names, DRAFT) if kind == "erasure" else names)
        return event

    def _drop(self, draft: str, closed: str) -> None:
        """A draft of somebody who is erased: closed, as if it had been discarded."""
        run = self._connection.execute
        run("INSERT INTO closed_draft (draft, submission, closed) VALUES (?, NULL, ?)", (draft, closed))
        for table, column in (("draft_attachment", "draft"), ("operation", "draft"), ("draft", "id")):
            run(f"DELETE FROM {table} WHERE {column} = ?", (draft,))  # noqa: S608 - names of ours

    def _clean(self) -> None:
        """Leave nothing of it in the log, in memory, or in what was derived."""
        self._keys.forget()
        drop(self._connection.path.parent / FOLDER)
        self._connection.empty_log()

    def _has_keys(self, erasure: Erasure) -> bool:
        rows = self._connection.execute("SELECT name FROM person_key WHERE subject = ?", (erasure.subject,))
        return bool({str(name) for (name,) in rows} & set(erasure.classes))

    # --- drafts

    def _drafts(self, subject: str) -> list[str]:
        """The drafts about a person: what stands last under 'person' in them, or what they revise, says so."""
        rows = self._connection.execute(
            "SELECT s.sealed, i.generation, i.wrapped FROM person AS s"
            " JOIN person_key AS i ON i.subject = s.subject AND i.name = 'identity' WHERE s.subject = ?",
            (subject,),
        )
        person = self._keys.person(subject, *rows[0]) if rows else ""
        submissions = self._connection.execute(
            "SELECT DISTINCT submission FROM event WHERE subject = ? AND kind = 'submission'", (subject,)
        )
        revised = {str(found) for (found,) in submissions}
        drafts = self._connection.execute("SELECT id, generation, wrapped, head FROM draft")
        return [
            str(draft)
            for draft, generation, wrapped, head in drafts
            if self._is_about(str(draft), self._keys.draft(str(draft), generation, wrapped), head, person, revised)
        ]

    def _is_about(self, draft: str, key: bytes, head: Value, person: str, revised: set[str]) -> bool:
        operations = [
            (str(op), json.loads(self._keys.unseal(key, sealed, about_draft(draft, f"operation {sequence!s} {op!s}"))))
            for sequence, op, sealed in self._connection.execute(
                "SELECT sequence, op, sealed FROM operation WHERE draft = ? ORDER BY sequence", (draft,)
            )
        ]
        undone = {each for _, payload in operations if payload["op"] == "undo" for each in payload.get("of", ())}
        said = _persons(json.loads(self._keys.unseal(key, head, about_draft(draft, "head")))["xml"])
        for op, payload in operations:
            if payload["op"] == "setting" and str(payload.get("value", "")).split(" ")[-1] in revised:
                return True
            if payload["op"] == "answer" and op not in undone and _LAST.search(str(payload.get("path", ""))):
                said = {nfc(str(payload.get("value") or ""))}
        return person in said


_LAST = re.compile(r"/person$")


def _persons(xml: str | None) -> set[str]:
    """What stands under 'person' in the record that a draft starts from."""
    if not xml:
        return set()
    try:
        document = parse(xml)
    except FormError:
        return set()
    return {nfc(each.value) for each in _below(document) if each.name == "person" and not list(each.elements())}


def _below(node: Node) -> Iterable[Node]:
    for child in node.elements():
        yield child
        yield from _below(child)
