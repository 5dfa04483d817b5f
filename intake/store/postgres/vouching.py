"""Shows that logins and class keys of a team's store were written by a login that holds everything.

The server's administrator can write any row: a login of their own, for which the next rotation would wrap every key, or
a class key of their own choosing. So each is vouched for with a code under a key that does not lie open on the server,
and that key by the private key of each login that holds it. Put back as a whole, an older state still fits: anchors
show that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from intake.store.ring import ANCHOR, CLASSES, DRAFT, INDEX, Login, Ring
from intake.store.sealing import derive, tag

NAMES = (*CLASSES, DRAFT, INDEX, ANCHOR)


def of_login(login: Login, ring: Ring) -> tuple[str, str]:
    """The name and code of a login's role and public key."""
    return f"login {login.id}", _code(ring, f"login {login.id} {login.role} {login.public.hex()}")


def of_key(name: str, ring: Ring) -> tuple[str, str]:
    """The name and code of a class key."""
    words = f"class key {name} {ring.generation(name)} {hashlib.sha256(ring.key(name)).hexdigest()}"
    return f"class key {name}", _code(ring, words)


def of_holder(login: str, private: bytes, ring: Ring) -> tuple[str, str]:
    """The name and code by which a login knows the key that all other codes are made with."""
    return f"holder {login}", tag(derive(private, "lotsenbuch holder"), ring.key(ANCHOR).hex()).hex()


def fits(said: Mapping[str, str], vouched: tuple[str, str]) -> bool:
    """Whether the server says what it ought to."""
    name, code = vouched
    return hmac.compare_digest(said.get(name, "").encode(), code.encode())


def is_ours(said: Mapping[str, str], login: str, private: bytes, ring: Ring) -> bool:
    """Whether a login's class keys are those that were given to it. Who does not hold everything cannot tell, and seals
    nothing that others could not open."""
    if not ring.holds(ANCHOR):
        return True
    held = (of_key(name, ring) for name in NAMES if ring.holds(name))
    return fits(said, of_holder(login, private, ring)) and all(fits(said, each) for each in held)


def _code(ring: Ring, words: str) -> str:
    return tag(derive(ring.key(ANCHOR), "lotsenbuch vouching"), words).hex()
