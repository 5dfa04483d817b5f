"""Seals bytes: fresh keys, AES-GCM, X25519, Argon2id, Ed25519. The only file that imports `cryptography`.

`about` says what sealed bytes are about; it is not secret, but opening them under other words fails, so nothing that
was sealed for one place can be moved to another. A refusal never says what was inside.

Sources: NIST SP 800-38D (AES-GCM, random nonces of 96 bits), RFC 5869 (HKDF), RFC 7748 (X25519), RFC 9106 (Argon2id),
RFC 8032 (Ed25519).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from validation.errors import StoreError

KEY = 32
"""Bytes of every key."""

_NONCE = 12


def new_key() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY)


def new_keys(count: int) -> list[bytes]:
    """So many fresh random keys."""
    return _cut(os.urandom(KEY * count), KEY)


def seal(key: bytes, content: bytes, about: str) -> bytes:
    """Nonce, ciphertext and its code: 28 bytes longer than the content."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def seal_all(wanted: Sequence[tuple[bytes, bytes, str]]) -> list[bytes]:
    """`seal` of each (key, content, about); the system is asked for all nonces at once."""
    nonces = _cut(os.urandom(_NONCE * len(wanted)), _NONCE)
    return [
        nonce + AESGCM(key).encrypt(nonce, content, about.encode())
        for nonce, (key, content, about) in zip(nonces, wanted, strict=True)
    ]


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """What was sealed. StoreError 'store.unsealable' for another key, other words or changed bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreError("store.unsealable") from error


def _cut(drawn: bytes, size: int) -> list[bytes]:
    return [drawn[at : at + size] for at in range(0, len(drawn), size)]


def derive(key: bytes, purpose: str) -> bytes:
    """The key for one purpose that follows from another key; the way back is closed."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=purpose.encode()).derive(key)


def stretch(passphrase: str, salt: bytes, *, passes: int, memory_kib: int, lanes: int) -> bytes:
    """A key from a passphrase with Argon2id. `salt` has 16 bytes; memory is in KiB."""
    return Argon2id(salt=salt, length=KEY, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(
        passphrase.encode()
    )


def tag(key: bytes, text: str) -> bytes:
    """A keyed code (HMAC-SHA256) by which the same text is found again without saying which it is."""
    return hmac.digest(key, text.encode(), hashlib.sha256)


def tagging(key: bytes) -> Callable[[str], bytes]:
    """`tag` of one key, which is taken in once."""
    ready = hmac.new(key, digestmod=hashlib.sha256)

    def tagged(text: str) -> bytes:
        code = ready.copy()
        code.update(text.encode())
        return code.digest()

    return tagged


def public_of(private: bytes) -> bytes:
    """The public X25519 key that belongs to a private one (both 32 bytes; any random 32 bytes are a private key)."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_for(public: bytes, content: bytes, about: str) -> bytes:
    """Seal for whoever holds the private key: the sender's one-time public key, then as `seal`."""
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    return sender + seal(_agreed(shared, sender, public), content, about)


def unseal_with(private: bytes, sealed: bytes, about: str) -> bytes:
    """What was sealed for the public key of this private one. StoreError 'store.unsealable'."""
    sender = sealed[:KEY]
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(sender))
    except ValueError as error:
        raise StoreError("store.unsealable") from error
    return unseal(_agreed(shared, sender, public_of(private)), sealed[KEY:], about)


def _agreed(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY, salt=sender + receiver, info=b"lotsenbuch x25519").derive(shared)


def signer_of(private: bytes) -> bytes:
    """The public Ed25519 key that belongs to a private one (any random 32 bytes)."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """The Ed25519 signature, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this signer's for this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
