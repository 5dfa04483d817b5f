"""The keys a login holds, and with them those of persons: fetched sealed, opened here."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from intake.store.codes import is_ours
from intake.store.postgres.connection import Connection
from intake.store.ring import CLASSES, ClassKey, PersonKey, Ring
from intake.store.rows import about_person
from intake.store.sealing import derive, seal, unseal
from validation.errors import StoreError

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Held:
    """Keys of subjects: {(subject, class): (key, the event from which on it opens)}."""

    keys: Mapping[tuple[str, str], tuple[bytes, int]] = field(repr=False)

    def key(self, subject: str, name: str, written_by: int) -> bytes | None:
        """What opens something that this event wrote; None where it is gone or not this login's."""
        key, since = self.keys.get((subject, name), (None, 0))
        return key if since <= written_by else None


class Persons:
    """What one login can open. Keeps no person's key between two calls, so that one that is erased is gone here too."""

    def __init__(self, connection: Connection, login: str, private: bytes) -> None:
        """Nothing is read yet."""
        self._connection = connection
        self._login = login
        self._private = private
        self._ring: Ring | None = None
        self._rotations = -1

    @property
    def login(self) -> str:
        """The id of the login."""
        return self._login

    @property
    def ring(self) -> Ring:
        """The class keys as they were fetched last. StoreError 'store.unsealable' for another private key,
        'store.forged' for keys that nobody in office gave."""
        if self._ring is None:
            rows = [ClassKey(*row) for row in self._connection.call("class_keys")]
            ring = Ring.opened(self._login, self._private, rows)
            if not is_ours(dict(self._connection.call("vouchers")), self._login, self._private, ring):
                raise StoreError("store.forged", path=self._connection.path)
            self._ring = ring
        return self._ring

    def copy_key(self, name: str) -> bytes:
        """What seals derived copies of a class: of this login only, and until the class key is exchanged."""
        self.forget_ring()
        return derive(self.ring.key(name) + self._private, "derived columns")

    def forget_ring(self) -> None:
        """Fetch the class keys again when they are next asked for."""
        self._ring = None

    def begin(self) -> None:
        """Inside a transaction, before anything is written: alone from here on, with the keys that hold now."""
        ((rotations,),) = self._connection.call("writing")
        if rotations != self._rotations:
            self._ring = None
            self._rotations = rotations

    def held(self, subjects: Collection[str]) -> Held:
        """The keys of subjects as far as this login opens them."""
        for _ in range(_TRIES):
            rows = self._connection.call("person_keys", list(subjects)) if subjects else []
            if all(self.ring.generation(row[1]) == row[2] for row in rows if self.ring.holds(row[1])):
                break
            self._ring = None  # somebody replaced the keys between the two questions, or since the ring was fetched
        found: dict[tuple[str, str], tuple[bytes, int]] = {}
        for subject, name, generation, wrapped, since in rows:
            if self.ring.holds(name):
                found[subject, name] = (self.ring.unwrap(PersonKey(subject, name, generation, wrapped)), since)
        return Held(found)

    def named(self, subjects: Collection[str], held: Held) -> dict[str, str]:
        """{subject: person's id}; without whom nobody is behind, who was erased, and whom this login may not name."""
        if not self.ring.holds("identity") or not subjects:
            return {}
        found = {}
        for subject, sealed in self._connection.call("persons", list(subjects)):
            if (key := held.key(subject, "identity", 1 << 62)) is not None:
                found[subject] = unseal(key, sealed, about_person(subject)).decode()
        return found

    def subjects_of(self, person: str) -> list[str]:
        """The subjects behind whom this person stands, oldest first, as far as this login sees them."""
        return [subject for (subject,) in self._connection.call("find_person", self.ring.tag(person))]

    def codes(self, persons: Iterable[str], submissions: Iterable[str]) -> list[bytes]:
        """What a draft about these persons, or revising these submissions, is found by without being opened."""
        words = {*(f"draft about {each}" for each in persons), *(f"draft of {each}" for each in submissions)}
        return sorted(map(self.ring.tag, words))

    def new_subject(self, person: str, municipality: str, told: str) -> tuple[str, dict[str, bytes]]:
        """Inside a transaction: a random subject and its keys, one of every class; `person` is '' for nobody."""
        subject = secrets.token_hex(16)
        made = self.ring.new_person_keys(subject)
        tag = self.ring.tag(person) if person else None
        sealed = seal(made["identity"][0], person.encode(), about_person(subject)) if person else None
        self._connection.call("add_subject", subject, tag, sealed, municipality, told, *_columns(made.values()))
        return subject, {name: key for name, (key, _) in made.items()}

    def keys_for(self, subject: str, names: Iterable[str]) -> dict[str, bytes]:
        """Inside a transaction: a subject's keys of these classes; those that were taken away are made anew.

        StoreError 'store.erased' for a subject that has none at all.
        """
        held = self.held([subject])
        keys = {name: key for name in CLASSES if (key := held.key(subject, name, 1 << 62)) is not None}
        if not keys:
            raise StoreError("store.erased")
        missing = [name for name in names if name not in keys]
        if missing:
            made = self.ring.new_person_keys(subject, missing)
            self._connection.call("add_keys", subject, *_columns(made.values()))
            keys.update({name: key for name, (key, _) in made.items()})
        return keys


def _columns(made: Iterable[tuple[bytes, PersonKey]]) -> tuple[list[str], list[int], list[bytes]]:
    rows = [row for _, row in made]
    return [row.name for row in rows], [row.generation for row in rows], [row.wrapped for row in rows]
