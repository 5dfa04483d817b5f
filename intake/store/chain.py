"""The chain that makes a change of the past visible: one per municipality, over what is never secret.

    hash = SHA256(previous hash | SHA256(metadata) | digest of the ciphertexts)

Plaintext is never hashed, so the chain says nothing about it and goes on being right when a person's keys are erased.
An anchor is a signed statement of all heads at a moment; kept outside, it shows later that nothing before it was
changed, left out, put in another order or cut off. What came after the last anchor is held only by itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intake.store.sealing import is_signed, sign, signer_of
from validation.errors import DataError

START = bytes(32)
"""What stands before the first event of a chain."""

_BETWEEN = "\x1f"
_CONTROL = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Link:
    """An event as the chain sees it. `place` counts from 1 within the municipality's chain; texts are '' where an
    event has none. `digest` is `digest_of` what it carries."""

    number: int
    municipality: str
    place: int
    kind: str
    submission: str
    version: int
    form: str
    subject: str
    about: str
    actor: str
    received: str
    digest: bytes
    previous: bytes
    hash: bytes

    def metadata(self) -> bytes:
        """What is hashed of the plain columns: their texts in this order, with a separator none of them can hold."""
        texts = (
            "1", self.municipality, str(self.place), self.kind, self.submission, str(self.version), self.form,
            self.subject, self.about, self.actor, self.received,
        )  # fmt: skip
        if _CONTROL.search("".join(texts)):
            raise DataError("store.control_character")
        return _BETWEEN.join(texts).encode()

    def linked(self) -> bytes:
        """The hash this link ought to have."""
        return hashlib.sha256(self.previous + hashlib.sha256(self.metadata()).digest() + self.digest).digest()


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: the event's number (0 where it is missing), its chain and place, and what is wrong.

    `kind`: 'content' (ciphertext changed), 'event' (plain columns or hash changed), 'order' (place or predecessor),
    'missing' (an anchor knows an event that is not there), 'anchor' (an anchor knows it otherwise), 'signature' (the
    anchor itself is not ours), 'store' (the anchor is ours and names another store), 'keys' (the keys of what an event
    carries are gone, and nothing says why).
    """

    number: int
    municipality: str
    place: int
    kind: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """All heads of a store at a moment, signed. `heads` maps a municipality to place and hash; `signer` is Ed25519."""

    store: str
    made: str
    heads: Mapping[str, tuple[int, bytes]]
    signer: bytes
    signature: bytes

    @classmethod
    def signed(cls, private: bytes, store: str, made: str, heads: Mapping[str, tuple[int, bytes]]) -> Anchor:
        bare = cls(store, made, dict(heads), signer_of(private), b"")
        return cls(store, made, bare.heads, bare.signer, sign(private, bare.message()))

    def message(self) -> bytes:
        """What is signed."""
        return json.dumps(
            ["lotsenbuch anchor", self.store, self.made, [[m, n, h.hex()] for m, (n, h) in sorted(self.heads.items())]],
            separators=(",", ":"),
        ).encode("ascii")

    def holds(self) -> bool:
        """Whether its signature is that of its signer."""
        return is_signed(self.signer, self.message(), self.signature)

    def line(self) -> str:
        """One line of JSON, for a file of anchors."""
        heads = {m: {"place": n, "hash": h.hex()} for m, (n, h) in sorted(self.heads.items())}
        return json.dumps(
            {"store": self.store, "made": self.made, "heads": heads, "signer": self.signer.hex(),
             "signature": self.signature.hex()},
            separators=(",", ":"),
        )  # fmt: skip

    @classmethod
    def read(cls, line: str) -> Anchor:
        """The anchor of a line. DataError 'store.not_an_anchor'."""
        try:
            told = json.loads(line)
            heads = {str(m): (int(head["place"]), bytes.fromhex(head["hash"])) for m, head in told["heads"].items()}
            return cls(
                str(told["store"]), str(told["made"]), heads, bytes.fromhex(told["signer"]),
                bytes.fromhex(told["signature"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError("store.not_an_anchor") from error


def _is_sound(link: Link) -> bool:
    try:
        return link.linked() == link.hash
    except DataError:  # a control character got in: never by us
        return False


def digest_of(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """The digest of what an event carries: labelled ciphertexts ('part general', …), in any order."""
    inner = sorted([(label.encode(), hashlib.sha256(sealed).digest()) for label, sealed in parts])
    return hashlib.sha256(b"".join([len(label).to_bytes(4, "big") + label + code for label, code in inner])).digest()


def breaks(
    links: Iterable[tuple[Link, bytes]],
    anchors: Iterable[Anchor] = (),
    *,
    store: str = "",
    signers: Iterable[bytes] = (),
) -> list[Break]:
    """Where the chains do not hold, in the order of events; empty when all is well.

    `links` are all events in the order of their numbers, each with the digest of what it carries now. Anchors of
    another store are none of ours; `signers`, when given, are the only ones believed.
    """
    found: list[Break] = []
    heads: dict[str, tuple[int, bytes]] = {}
    trusted = frozenset(signers)
    believed = []
    for anchor in anchors:
        if store and anchor.store != store:
            if anchor.signer in trusted and anchor.holds():  # nobody else signs with this key: the id was changed
                found.append(Break(0, "", 0, "store"))
            continue
        if anchor.holds() and (not trusted or anchor.signer in trusted):
            believed.append(anchor)
        else:
            found.append(Break(0, "", 0, "signature"))
    wanted = {(m, place): code for anchor in believed for m, (place, code) in anchor.heads.items() if place}
    differing = {
        key for anchor in believed for m, (place, code) in anchor.heads.items()
        if place and wanted[key := (m, place)] != code
    }  # fmt: skip
    for link, now in links:
        place, head = heads.get(link.municipality, (0, START))
        if link.place != place + 1 or link.previous != head:
            found.append(Break(link.number, link.municipality, link.place, "order"))
        elif link.digest != now:
            found.append(Break(link.number, link.municipality, link.place, "content"))
        elif not _is_sound(link):
            found.append(Break(link.number, link.municipality, link.place, "event"))
        key = (link.municipality, link.place)
        if key in wanted and (wanted.pop(key) != link.hash or key in differing):
            found.append(Break(link.number, link.municipality, link.place, "anchor"))
        heads[link.municipality] = (link.place, link.hash)
    found.extend(Break(0, municipality, place, "missing") for municipality, place in sorted(wanted))
    return found
