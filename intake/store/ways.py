"""The ways into a store: what a passphrase, a recovery key, a keyring or a key file opens, and for whom.

    secret --(passphrase: Argon2id)--> the way's key --AES-GCM--> the login's private key
                                                     --X25519---> the database key

A way has a key pair of its own, so that a new database key can be sealed for every way by whoever changes it, without
anybody else's secret. A code over all ways, made with the database key, shows that nobody else wrote them. While the
database key is being changed, each way holds both: the one before and the next.

This file decides and seals; `wayfile` keeps what `Ways.written` gives. Source: RFC 9106, section 4.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intake.store.sealing import derive, new_key, public_of, seal, seal_for, stretch, tag, unseal, unseal_with
from validation.errors import StoreError, WrongKey

PASSPHRASE, KEYRING, RECOVERY, FILE = "passphrase", "keyring", "recovery", "file"
KINDS = (PASSPHRASE, KEYRING, RECOVERY, FILE)

SHORTEST = 12
"""Characters of a passphrase, at least."""

_FORMAT = 1
_REFUSALS = {
    PASSPHRASE: "ways.wrong_passphrase",
    KEYRING: "ways.wrong_keyring",
    RECOVERY: "ways.wrong_recovery",
    FILE: "store.wrong_key",
}


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a way gives: the login's id and private key (X25519, 32 bytes), and the database key (32 bytes).

    `name` is what colleagues read, for the first login of a new store; '' when nobody said.
    """

    login: str
    private: bytes = field(repr=False)
    database: bytes = field(repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess at a passphrase costs (Argon2id). The default is RFC 9106's second recommended option."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Secret:
    """What a person or a machine brings along: `text` of a passphrase, `material` of everything else."""

    kind: str
    text: str = field(default="", repr=False)
    material: bytes = field(default=b"", repr=False)

    @classmethod
    def passphrase(cls, text: str) -> Secret:
        """The same letters are the same passphrase, however the keyboard composed them; spaces around are no part."""
        return cls(PASSPHRASE, text=unicodedata.normalize("NFC", text).strip())

    def judge(self) -> None:
        """StoreError 'ways.short_passphrase' for a passphrase nobody should begin to use."""
        if self.kind == PASSPHRASE and (len(self.text) < SHORTEST or len(set(self.text)) < SHORTEST // 2):
            raise StoreError("ways.short_passphrase", shortest=SHORTEST)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in. `label` says whose and which; `databases` is the database key sealed for the way, twice while it is
    being changed. `cost` and `salt` are of passphrases, None and empty elsewhere."""

    id: str
    kind: str
    login: str
    label: str
    made: str
    public: bytes
    sealed: bytes
    databases: tuple[bytes, ...]
    salt: bytes = b""
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A way that opened. `databases` holds the database key; two while it is being changed, the one before first."""

    way: str
    login: str
    private: bytes = field(repr=False)
    databases: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways into one store. Immutable. `revision` counts every change; `codes` say who wrote it."""

    ways: tuple[Way, ...] = ()
    revision: int = 0
    codes: tuple[bytes, ...] = ()

    def unlock(self, secret: Secret, where: object = "") -> Found:
        """What the secret opens. It tries every way of its kind: a passphrase costs that much, right or wrong.

        `where` is what a refusal calls the store. WrongKey 'ways.wrong_passphrase', 'ways.wrong_recovery',
        'ways.wrong_keyring', 'store.wrong_key' (key file).
        """
        tried = (_opened(way, secret) for way in self.ways if way.kind == secret.kind)
        found = [each for each in tried if each is not None]
        if not found:
            raise WrongKey(_REFUSALS[secret.kind], path=where)
        return found[0]

    def proven(self, database: bytes) -> Ways:
        """Itself, when whoever wrote it had this database key. StoreError 'ways.changed'."""
        code = self._code(database)
        if not any(hmac.compare_digest(code, each) for each in self.codes):
            raise StoreError("ways.changed")
        return self

    @property
    def changing(self) -> bool:
        """Whether the database key is being changed, or was when a crash ended it."""
        return any(len(way.databases) > 1 for way in self.ways)

    def with_way(self, way: Way, database: bytes) -> Ways:
        return self._now((*self.ways, way), database)

    def without(self, way_ids: Iterable[str], database: bytes) -> Ways:
        """StoreError 'ways.unknown' for a way there is not, 'ways.last' when none would be left."""
        gone = set(way_ids)
        for unknown in gone - {way.id for way in self.ways}:
            raise StoreError("ways.unknown", way=unknown)
        left = tuple(way for way in self.ways if way.id not in gone)
        if not left:
            raise StoreError("ways.last")
        return self._now(left, database)

    def offering(self, *databases: bytes) -> Ways:
        """The same ways to these database keys: one, or the one before and the next."""
        ways = tuple(
            replace(way, databases=tuple(seal_for(way.public, key, _database(way.id)) for key in databases))
            for way in self.ways
        )
        return self._now(ways, *databases)

    def written(self) -> bytes:
        """As text (JSON), which `read` takes back. It holds nothing secret."""
        told = {"format": _FORMAT, **self._told(), "codes": [code.hex() for code in self.codes]}
        return (json.dumps({**told, "sum": _sum(told)}, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def read(cls, content: bytes) -> Ways:
        """StoreError 'ways.newer' for a format of a newer program; ValueError for what is none or was damaged."""
        try:
            told = json.loads(content)
        except ValueError as error:
            raise ValueError("no ways") from error
        if not isinstance(told, dict) or told.pop("sum", None) != _sum(told):
            raise ValueError("no ways")
        if isinstance(told.get("format"), int) and told["format"] > _FORMAT:
            raise StoreError("ways.newer")
        try:
            ways = tuple(_way(each) for each in told["ways"])
            return cls(ways, int(told["revision"]), tuple(bytes.fromhex(code) for code in told["codes"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no ways") from error

    def _now(self, ways: tuple[Way, ...], *databases: bytes) -> Ways:
        unsigned = Ways(ways, self.revision + 1)
        return replace(unsigned, codes=tuple(unsigned._code(database) for database in databases))

    def _code(self, database: bytes) -> bytes:
        return tag(derive(database, "ways"), json.dumps(self._told(), sort_keys=True))

    def _told(self) -> dict[str, Any]:
        return {"revision": self.revision, "ways": [_said(way) for way in self.ways]}


def new_way(
    secret: Secret, unlocked: Unlocked, *, label: str, made: str, way_id: str = "", cost: Cost | None = None
) -> Way:
    """A way for a login to the store it has unlocked. `made` is a date; `way_id` is drawn when it is ''."""
    way_id = way_id or new_way_id()
    salt = secrets.token_bytes(16) if secret.kind == PASSPHRASE else b""
    paid = (cost or Cost()) if secret.kind == PASSPHRASE else None
    key = _key(secret, salt, paid)
    public = public_of(derive(key, "way database"))
    about = _about(way_id, secret.kind, unlocked.login)
    return Way(
        id=way_id,
        kind=secret.kind,
        login=unlocked.login,
        label=label,
        made=made,
        public=public,
        sealed=seal(derive(key, "way login"), unlocked.private, about),
        databases=(seal_for(public, unlocked.database, _database(way_id)),),
        salt=salt,
        cost=paid,
    )


def new_way_id() -> str:
    """Eight hexadecimal digits."""
    return secrets.token_hex(4)


def founded(key: bytes, *, name: str = "") -> Unlocked:
    """The first login of a store that is founded with a key, and its database key: all of it follows from the key, so
    that whoever lost the ways but has the key has lost nothing."""
    return replace(founded_before(key, name=name), database=derive(key, "lotsenbuch founding database"))


def founded_before(key: bytes, *, name: str = "") -> Unlocked:
    """The same for a store whose database key is the key itself: made before there were ways, or opened by `key`."""
    login = derive(key, "lotsenbuch founding login").hex()[:16]
    return Unlocked(login, derive(key, "lotsenbuch founding private"), key, name)


def drawn(*, name: str = "") -> Unlocked:
    """The first login of a new store, and its database key, at random."""
    return Unlocked(secrets.token_hex(8), new_key(), new_key(), name)


def _opened(way: Way, secret: Secret) -> Found | None:
    key = _key(secret, way.salt, way.cost)
    try:
        private = unseal(derive(key, "way login"), way.sealed, _about(way.id, way.kind, way.login))
        pair = derive(key, "way database")
        databases = tuple(unseal_with(pair, sealed, _database(way.id)) for sealed in way.databases)
    except StoreError:
        return None
    return Found(way.id, way.login, private, databases)


def _key(secret: Secret, salt: bytes, cost: Cost | None) -> bytes:
    if cost is None:
        return derive(secret.material, f"way {secret.kind}")
    return stretch(secret.text, salt, passes=cost.passes, memory_kib=cost.memory_kib, lanes=cost.lanes)


def _about(way_id: str, kind: str, login: str) -> str:
    return f"way {way_id} {kind} {login}"


def _database(way_id: str) -> str:
    return f"way {way_id} database"


def _sum(told: Mapping[str, Any]) -> str:
    """Shows damage, not intent: anybody can make it."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _said(way: Way) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": way.id, "kind": way.kind, "login": way.login, "label": way.label, "made": way.made,
        "public": way.public.hex(), "sealed": way.sealed.hex(), "databases": [each.hex() for each in way.databases],
    }  # fmt: skip
    if way.cost is not None:
        cost = {"passes": way.cost.passes, "memory_kib": way.cost.memory_kib, "lanes": way.cost.lanes}
        told |= {"salt": way.salt.hex(), "argon2id": cost}
    return told


def _way(told: Mapping[str, Any]) -> Way:
    cost = told.get("argon2id")
    if told["kind"] not in KINDS or (told["kind"] == PASSPHRASE) != (cost is not None):
        raise ValueError("no way")
    return Way(
        id=str(told["id"]), kind=told["kind"], login=str(told["login"]), label=str(told["label"]),
        made=str(told["made"]), public=bytes.fromhex(told["public"]), sealed=bytes.fromhex(told["sealed"]),
        databases=tuple(bytes.fromhex(each) for each in told["databases"]), salt=bytes.fromhex(told.get("salt", "")),
        cost=None if cost is None else Cost(int(cost["passes"]), int(cost["memory_kib"]), int(cost["lanes"])),
    )  # fmt: skip
