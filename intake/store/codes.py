"""Codes by which a login that holds everything vouches for logins and class keys. Pure: rows are the stores' business.

Who can write rows past this program (the database key in an office, the server's administrator in a team) could put
there a login of their own, for which the next rotation would wrap every key, or a class key of their own choosing. So
each is vouched for with a code under a key that such a person does not hold, and that key by the private key of each
login that holds it. Put back as a whole, an older state still fits: anchors show that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from intake.store.ring import ANCHOR, Login, Ring
from intake.store.sealing import derive, tag


def of_login(login: Login, ring: Ring) -> tuple[str, str]:
    """The name and code of a login's role and public key. StoreError 'store.class_closed' for who may not vouch."""
    return f"login {login.id}", _code(ring, f"login {login.id} {login.role} {login.public.hex()}")


def of_key(name: str, ring: Ring) -> tuple[str, str]:
    """The name and code of a class key. StoreError 'store.class_closed'."""
    words = f"class key {name} {ring.generation(name)} {hashlib.sha256(ring.key(name)).hexdigest()}"
    return f"class key {name}", _code(ring, words)


def of_holder(login: str, private: bytes, ring: Ring) -> tuple[str, str]:
    """The name and code by which a login knows the key that all other codes are made with."""
    return f"holder {login}", tag(derive(private, "lotsenbuch holder"), ring.key(ANCHOR).hex()).hex()


def fits(said: Mapping[str, str], vouched: tuple[str, str]) -> bool:
    """Whether the codes that a store says, by name, say what they ought to of this one."""
    name, code = vouched
    return hmac.compare_digest(said.get(name, "").encode(), code.encode())


def is_ours(said: Mapping[str, str], login: str, private: bytes, ring: Ring) -> bool:
    """Whether a login's class keys are those that were given to it. Who does not hold everything cannot tell, and seals
    nothing that others could not open."""
    if not ring.holds(ANCHOR):
        return True
    return fits(said, of_holder(login, private, ring)) and all(fits(said, of_key(name, ring)) for name in ring.names)


def _code(ring: Ring, words: str) -> str:
    return tag(derive(ring.key(ANCHOR), "lotsenbuch vouching"), words).hex()
