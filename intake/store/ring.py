"""The keys of a store and who may hold them: class keys wrapped per login, persons' keys wrapped by class keys.

    login's private key --X25519--> class key (identity, special, staff, general) --AES-GCM--> a person's key of a class
                                                                                  --AES-GCM--> what was answered

Taking a person's keys away makes everything said by and about the person unreadable, in every copy that is made from
then on; a new class key makes the old one worthless. This file decides and seals; rows are the store's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intake.store.sealing import new_key, new_keys, public_of, seal, seal_all, seal_for, tagging, unseal, unseal_with
from validation.errors import StoreError

CLASSES = ("identity", "special", "staff", "general")
"""The classes of sensitivity, strictest first."""

DRAFT, INDEX, ANCHOR = "draft", "index", "anchor"
"""Keys beside the classes: of drafts (undivided), of the tags by which a person is found, of the anchors' signature."""

STUDY = "0" * 32
"""The subject of events about no person in particular; it has keys like a person and is never erased."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "manager": (*CLASSES, DRAFT, INDEX, ANCHOR),
    "evaluator": ("general",),
    "publisher": (),
    "auditor": (),
    "protection": (*CLASSES, DRAFT, INDEX, ANCHOR),
    "administrator": (),
}
"""What each role's login can open. In a team, rows are decided by the server besides: data protection officers need
the class keys to rotate them, and are given no content to open with them."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who may come in. `id` is random (16 hexadecimal digits); `name` is what colleagues read; `public` is X25519."""

    id: str
    name: str
    role: str
    public: bytes


@dataclass(frozen=True, slots=True)
class ClassKey:
    """A class key, wrapped for one login. `generation` counts from 1 and grows with each rotation."""

    name: str
    generation: int
    login: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A subject's key of a class, wrapped by the class key of `generation`."""

    subject: str
    name: str
    generation: int
    wrapped: bytes


class Ring:
    """The class keys one login can open. Immutable; a rotation makes another one."""

    def __init__(self, keys: Mapping[str, tuple[int, bytes]]) -> None:
        """`keys` maps a class to its generation and key."""
        self._keys = dict(keys)
        self._tagging = tagging(self.key(INDEX)) if INDEX in self._keys else None

    @classmethod
    def new(cls) -> Ring:
        """Fresh keys of everything, for a new store."""
        return cls({name: (1, new_key()) for name in (*CLASSES, DRAFT, INDEX, ANCHOR)})

    @classmethod
    def opened(cls, login: str, private: bytes, rows: Iterable[ClassKey]) -> Ring:
        """The keys wrapped for a login, of the newest generation. StoreError 'store.unsealable'."""
        newest: dict[str, ClassKey] = {}
        for row in rows:
            if row.login == login and (row.name not in newest or newest[row.name].generation < row.generation):
                newest[row.name] = row
        return cls(
            {name: (row.generation, unseal_with(private, row.wrapped, _about(row))) for name, row in newest.items()}
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of sensitivity that can be opened, strictest first."""
        return tuple(name for name in CLASSES if name in self._keys)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that can be opened: classes, and what is beside them."""
        return tuple(self._keys)

    def holds(self, name: str) -> bool:
        return name in self._keys

    def generation(self, name: str) -> int:
        return self._held(name)[0]

    def key(self, name: str) -> bytes:
        """A class key. StoreError 'store.class_closed' when this login may not open the class."""
        return self._held(name)[1]

    def wrapped_for(self, login: Login) -> list[ClassKey]:
        """Everything a login's role may hold, as far as it is held here, wrapped for it."""
        rows = []
        for name in ROLES[login.role]:
            if name in self._keys:
                generation, key = self._keys[name]
                row = ClassKey(name, generation, login.id, b"")
                rows.append(ClassKey(name, generation, login.id, seal_for(login.public, key, _about(row))))
        return rows

    def rotated(self, names: Iterable[str]) -> Ring:
        """The same ring with fresh keys of these classes, one generation on. Wrap them for whoever stays."""
        fresh = {name: (self.generation(name) + 1, new_key()) for name in names}
        return Ring({**self._keys, **fresh})

    def new_person_keys(self, subject: str, names: Iterable[str] = CLASSES) -> dict[str, tuple[bytes, PersonKey]]:
        """Fresh keys of a subject: the key itself and its row, by class."""
        names = tuple(names)
        keys, above = new_keys(len(names)), [self._held(name) for name in names]
        wrapped = seal_all(
            [(held[1], key, _about_person(name, subject)) for name, key, held in zip(names, keys, above, strict=True)]
        )
        return {
            name: (key, PersonKey(subject, name, held[0], sealed))
            for name, key, held, sealed in zip(names, keys, above, wrapped, strict=True)
        }

    def wrap(self, subject: str, name: str, key: bytes) -> PersonKey:
        """A subject's key as a row."""
        generation, above = self._held(name)
        return PersonKey(subject, name, generation, seal(above, key, _about_person(name, subject)))

    def unwrap(self, row: PersonKey) -> bytes:
        """A subject's key from its row. StoreError 'store.class_closed', 'store.unsealable'."""
        return unseal(self.key(row.name), row.wrapped, _about_person(row.name, row.subject))

    def tag(self, person: str) -> bytes:
        """The code under which a person is found without being named. It follows from a key that never rotates.
        StoreError 'store.class_closed' when this login may look nobody up."""
        if self._tagging is None:
            raise StoreError("store.class_closed", name=INDEX)
        return self._tagging(person)

    def _held(self, name: str) -> tuple[int, bytes]:
        if name not in self._keys:
            raise StoreError("store.class_closed", name=name)
        return self._keys[name]


def new_login(login_id: str, name: str, role: str) -> tuple[Login, bytes]:
    """A login and its private key. ValueError for a role there is not."""
    if role not in ROLES:
        raise ValueError("a role is one of " + ", ".join(ROLES))
    private = new_key()
    return Login(login_id, name, role, public_of(private)), private


def _about_person(name: str, subject: str) -> str:
    return f"person key {name} {subject}"


def _about(row: ClassKey) -> str:
    return f"class key {row.name} {row.generation} {row.login}"
