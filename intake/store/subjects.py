"""Who an event is about and the keys for it, as rows of the SQLite store: logins' rings, subjects, persons, drafts.

Everything here runs inside the transaction of whoever calls. Keys that were opened once are remembered under the bytes
they were wrapped in, so nothing that is gone from the file is ever found here.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Sequence

from intake.store.connection import Connection, Value, as_bytes
from intake.store.ring import CLASSES, DRAFT, INDEX, STUDY, ClassKey, Login, PersonKey, Ring
from intake.store.rows import about_draft, about_person
from intake.store.sealing import derive, new_key, public_of, seal, unseal
from intake.store.vouching import Vouching
from validation.errors import StoreBusy, StoreError, WrongKey

_REMEMBERED = 1 << 17
"""Keys that are remembered at most; about 40 MB."""

PersonRow = tuple[Value, Value, Value, Value]
"""A person's subject and sealed id, generation and wrapping of the subject's identity key."""


class SqliteKeys:
    """The keys one login can open in a store. `ring` and `login` are as of the last `refresh`."""

    def __init__(self, connection: Connection, login: str, private: bytes) -> None:
        """WrongKey 'store.no_login' when the store does not know the login, or knows it no more; StoreError
        'store.forged' when its class keys are not those that were given to it."""
        self._connection = connection
        self._login = login
        self._private = private
        self._opened: dict[bytes, bytes] = {}
        self.vouching = Vouching(connection)
        self.login, self.ring, self._rotations = self._loaded()

    def refresh(self, rotations: int | None = None) -> None:
        """Take over what another process did to the keys. Asked at the beginning of every call that uses them: whoever
        went on with an exchanged class key would write what nobody can read. `rotations` is how often keys were
        exchanged, where that was read already."""
        if (self._count() if rotations is None else rotations) != self._rotations:
            self.login, self.ring, self._rotations = self._loaded()

    # --- subjects and persons

    def subject_of(self, person: str) -> str | None:
        """The subject of a person (NFC); None when the store knows nobody of this id."""
        rows = self._connection.execute(
            "SELECT s.subject, s.sealed, i.generation, i.wrapped FROM person AS s"
            " LEFT JOIN person_key AS i ON i.subject = s.subject AND i.name = 'identity' WHERE s.tag = ?",
            (self.ring.tag(person),),
        )
        return self._same(person, rows[0]) if rows else None

    def tag(self, person: str) -> bytes:
        """The code by which a person (NFC) is found, which no exchange of keys changes; empty, which finds nobody,
        where the login may look nobody up."""
        return self.ring.tag(person) if self.ring.holds(INDEX) else b""

    def subject_for(
        self, person: str, tag: bytes, row: PersonRow | None, added: str, number: int
    ) -> tuple[str, dict[str, bytes]]:
        """The subject of a person (NFC) without keys, or a fresh one, as `new_subject`, where `row`, what is found by
        `tag`, is nothing. StoreError 'store.class_closed' when this login may look nobody up."""
        if row is not None:
            return self._same(person, row), {}
        return self.new_subject(added, number, person, tag or self.ring.tag(person))

    def new_subject(
        self, added: str, number: int, person: str = "", tag: bytes = b"", subject: str | None = None
    ) -> tuple[str, dict[str, bytes]]:
        """A fresh subject with its keys by class, for a person, found by `tag`, or for nobody; `number` is that of the
        event it is made for. `subject` is drawn at random unless an older schema drew it."""
        subject = secrets.token_hex(16) if subject is None else subject
        self._connection.execute("INSERT INTO subject (key, added) VALUES (?, ?)", (subject, added))
        made = self._make(subject, CLASSES, number)
        if person:
            self._connection.execute(
                "INSERT INTO person (subject, tag, sealed) VALUES (?, ?, ?)",
                (subject, tag, seal(made["identity"], person.encode(), about_person(subject))),
            )
        return subject, made

    def needed(self, subject: str, names: Iterable[str], number: int) -> dict[str, bytes]:
        """The keys of a subject by class, to seal with; a missing one is made for the event of this number."""
        rows = self._connection.execute(
            "SELECT name, generation, wrapped FROM person_key WHERE subject = ?", (subject,)
        )
        wanted = set(names)
        found = {
            str(name): self._unwrap(subject, str(name), generation, wrapped)
            for name, generation, wrapped in rows
            if name in wanted
        }
        missing = [name for name in CLASSES if name in wanted and name not in found]
        return found | (self._make(subject, missing, number) if missing else {})

    def opened(self, subject: str, name: str, generation: Value, wrapped: Value) -> bytes | None:
        """A subject's key of a class from its row; None where there is no row, or the login may not open the class."""
        if wrapped is None or not self.ring.holds(name):
            return None
        return self._unwrap(subject, name, generation, wrapped)

    def person(self, subject: str, sealed: Value, generation: Value, wrapped: Value) -> str:
        """A person's id from its row and that of the subject's identity key; the subject where it cannot be opened, ''
        where it is nobody."""
        if not isinstance(sealed, bytes):
            return ""
        known = self._opened.get(sealed)
        if known is None:
            key = self.opened(subject, "identity", generation, wrapped)
            if key is None:
                return subject
            known = self.unseal(key, sealed, about_person(subject))
            self._remember(sealed, known)
        return known.decode()

    def unseal(self, key: bytes, sealed: Value, about: str) -> bytes:
        """What was sealed. StoreError 'store.damaged' when it does not open: who has the key is meant to read it."""
        try:
            return unseal(key, as_bytes(sealed), about)
        except StoreError as error:
            raise StoreError("store.damaged", path=self._connection.path) from error

    def copy_key(self, name: str) -> bytes:
        """The key of derived copies of a class, that no other login has. StoreError 'store.class_closed'."""
        return derive(self.ring.key(name) + self._private, "derived columns")

    def forget(self) -> None:
        """Nothing that was opened is remembered any more."""
        self._opened.clear()

    # --- drafts

    def new_draft(self, draft: str) -> tuple[bytes, int, bytes]:
        """The fresh key of a draft, the generation it is wrapped under, and the wrapped key."""
        key = new_key()
        return key, self.ring.generation(DRAFT), seal(self.ring.key(DRAFT), key, about_draft(draft, "key"))

    def draft(self, draft: str, generation: Value, wrapped: Value) -> bytes:
        """The key of a draft from its row."""
        wrapped = as_bytes(wrapped)
        known = self._opened.get(wrapped)
        if known is None:
            known = self.unseal(self._class_key(DRAFT, generation), wrapped, about_draft(draft, "key"))
            self._remember(wrapped, known)
        return known

    # --- taking keys away

    @contextlib.contextmanager
    def permitted(self) -> Iterator[None]:
        """Inside, keys and persons may go. Only in a transaction: when it breaks off, so does the permit."""
        self._connection.execute("INSERT INTO setting (name, value) VALUES ('permit', '')")
        yield
        self._connection.execute("DELETE FROM setting WHERE name = 'permit'")

    def rotate(self, names: Iterable[str]) -> None:
        """Exchange class keys: wrap every key below them anew, and them for each login that stays. Inside `permitted`.
        StoreError 'store.class_closed' when this login does not hold one of them, 'store.forged' when somebody was let
        in past this program."""
        run = self._connection.execute
        fresh = self.ring.rotated(names := tuple(names))
        for name in names:
            rows = run("SELECT subject, generation, wrapped FROM person_key WHERE name = ?", (name,))
            for subject, generation, wrapped in rows:
                key = self.ring.unwrap(PersonKey(str(subject), name, int(generation or 0), as_bytes(wrapped)))
                row = fresh.wrap(str(subject), name, key)
                run(
                    "UPDATE person_key SET generation = ?, wrapped = ? WHERE subject = ? AND name = ?",
                    (row.generation, row.wrapped, subject, name),
                )
            run("DELETE FROM class_key WHERE name = ?", (name,))
        if DRAFT in names:
            for draft, wrapped in run("SELECT id, wrapped FROM draft"):
                about = about_draft(str(draft), "key")
                again = seal(fresh.key(DRAFT), self.unseal(self.ring.key(DRAFT), wrapped, about), about)
                run(
                    "UPDATE draft SET generation = ?, wrapped = ? WHERE id = ?",
                    (fresh.generation(DRAFT), again, draft),
                )
        self.vouching.for_keys(list(names), fresh)
        for login in self.logins():
            self.vouching.check_login(login, self.ring)
            self.insert(row for row in fresh.wrapped_for(login) if row.name in names)
        run("UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'rotations'")
        self.ring = fresh
        self._rotations = -1  # whether this transaction ends well or not, the file is asked again

    # --- logins

    def logins(self) -> list[Login]:
        """Those that may come in, in the order in which they were added."""
        rows = self._connection.execute("SELECT id, name, role, public FROM login WHERE removed IS NULL ORDER BY rowid")
        return [Login(str(found), str(name), str(role), as_bytes(public)) for found, name, role, public in rows]

    def insert(self, rows: Iterable[ClassKey]) -> None:
        for row in rows:
            self._connection.execute(
                "INSERT INTO class_key (name, generation, login, wrapped) VALUES (?, ?, ?, ?)",
                (row.name, row.generation, row.login, row.wrapped),
            )

    # --- within

    def _same(self, person: str, row: Sequence[Value]) -> str:
        """The subject of a row that was found by the person's tag."""
        subject, sealed, generation, wrapped = row
        if self.ring.holds("identity") and self.person(str(subject), sealed, generation, wrapped) != person:
            raise StoreError("store.forged", path=self._connection.path)  # the tag of another person
        return str(subject)

    def _loaded(self) -> tuple[Login, Ring, int]:
        rotations = self._count()  # first: what is exchanged meanwhile is noticed at the next call
        found = [login for login in self.logins() if login.id == self._login]
        if not found or found[0].public != public_of(self._private):
            raise WrongKey("store.no_login", path=self._connection.path)
        rows = self._connection.execute(
            "SELECT name, generation, login, wrapped FROM class_key WHERE login = ?", (self._login,)
        )
        ring = Ring.opened(
            self._login,
            self._private,
            (
                ClassKey(str(name), int(number or 0), str(login), as_bytes(sealed))
                for name, number, login, sealed in rows
            ),
        )
        try:
            self.vouching.check_keys(self._login, self._private, ring)
        except StoreError:
            if self._count() != rotations:  # exchanged between the two statements
                return self._loaded()
            raise
        return found[0], ring, rotations

    def _count(self) -> int:
        return self._connection.number("SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'rotations'")

    def _make(self, subject: str, names: Iterable[str], number: int) -> dict[str, bytes]:
        made = self.ring.new_person_keys(subject, names)
        self._connection.insert(
            "person_key (subject, name, generation, since, wrapped)",
            [(row.subject, row.name, row.generation, number, row.wrapped) for _, row in made.values()],
        )
        for key, row in made.values():
            self._remember(row.wrapped, key)
        return {name: key for name, (key, _) in made.items()}

    def _unwrap(self, subject: str, name: str, generation: Value, wrapped: Value) -> bytes:
        wrapped = as_bytes(wrapped)
        known = self._opened.get(wrapped)
        if known is None:
            row = PersonKey(subject, name, int(generation or 0), wrapped)
            self._class_key(name, generation)
            try:
                known = self.ring.unwrap(row)
            except StoreError as error:
                raise StoreError("store.damaged", path=self._connection.path) from error
            self._remember(wrapped, known)
        return known

    def _class_key(self, name: str, generation: Value) -> bytes:
        """The class key of a generation, which another process may have made a moment ago."""
        if self.ring.generation(name) != generation:
            self.login, self.ring, self._rotations = self._loaded()
            if self.ring.generation(name) != generation:
                raise StoreBusy("store.busy", path=self._connection.path)
        return self.ring.key(name)

    def _remember(self, sealed: bytes, content: bytes) -> None:
        if len(self._opened) >= _REMEMBERED:
            self._opened.clear()
        self._opened[sealed] = content


def found(connection: Connection, login: str, private: bytes, name: str, added: str) -> None:
    """Make what every store begins with, inside a transaction: its id, its class keys, its first login, the subject of
    events about nobody."""
    run = connection.execute
    ring = Ring.new()
    first = Login(login, name, "manager", public_of(private))
    run("INSERT INTO setting (name, value) VALUES ('store', ?), ('rotations', '0')", (secrets.token_hex(16),))
    run(
        "INSERT INTO login (id, name, role, public, added) VALUES (?, ?, ?, ?, ?)",
        (first.id, first.name, first.role, first.public, added),
    )
    run("INSERT INTO subject (key, added) VALUES (?, ?)", (STUDY, added))
    vouching = Vouching(connection)
    vouching.for_holder(login, private, ring)
    vouching.for_login(first, ring)
    vouching.for_keys(list(ring.names), ring)
    for row in ring.wrapped_for(first):
        run(
            "INSERT INTO class_key (name, generation, login, wrapped) VALUES (?, ?, ?, ?)",
            (row.name, row.generation, row.login, row.wrapped),
        )
    for _, key in ring.new_person_keys(STUDY).values():
        run(
            "INSERT INTO person_key (subject, name, generation, since, wrapped) VALUES (?, ?, ?, 0, ?)",
            (key.subject, key.name, key.generation, key.wrapped),
        )
