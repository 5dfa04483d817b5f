"""Sealing: what is sealed comes back under the same key and words, and under no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.store import sealing
from validation.errors import StoreError


@given(content=st.binary(max_size=200), about=st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_is_sealed_comes_back(content: bytes, about: str) -> None:
    key = sealing.new_key()
    sealed = sealing.seal(key, content, about)
    assert len(sealed) == len(content) + 28
    assert sealing.unseal(key, sealed, about) == content


@given(place=st.integers(0, 43), bit=st.integers(0, 7))
def test_a_changed_bit_another_key_and_other_words_are_refused(place: int, bit: int) -> None:
    key = sealing.new_key()
    sealed = bytearray(sealing.seal(key, b"sixteen bytes ok", "here"))
    for wrong_key, about in ((sealing.new_key(), "here"), (key, "there")):
        with pytest.raises(StoreError, match="versiegelter Teil"):
            sealing.unseal(wrong_key, bytes(sealed), about)
    sealed[place] ^= 1 << bit
    with pytest.raises(StoreError, match="versiegelter Teil"):
        sealing.unseal(key, bytes(sealed), "here")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(11), bytes(32), bytes(60)])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(StoreError):
        sealing.unseal(sealing.new_key(), sealed, "")
    with pytest.raises(StoreError):
        sealing.unseal_with(sealing.new_key(), sealed, "")


def test_only_the_receiver_opens_what_is_sealed_for_them() -> None:
    private, other = sealing.new_key(), sealing.new_key()
    sealed = sealing.seal_for(sealing.public_of(private), b"key", "class")
    assert sealing.unseal_with(private, sealed, "class") == b"key"
    with pytest.raises(StoreError):
        sealing.unseal_with(other, sealed, "class")


def test_the_same_passphrase_gives_the_same_key_only_with_the_same_salt() -> None:
    def stretched(phrase: str, salt: bytes) -> bytes:
        return sealing.stretch(phrase, salt, passes=1, memory_kib=64, lanes=1)

    assert stretched("eins zwei", bytes(16)) == stretched("eins zwei", bytes(16))
    assert (
        len({stretched("eins zwei", bytes(16)), stretched("eins", bytes(16)), stretched("eins zwei", b"s" * 16)}) == 3
    )


def test_signatures_are_ed25519() -> None:
    """RFC 8032, section 7.1, test 1."""
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert sealing.signer_of(private).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert sealing.is_signed(sealing.signer_of(private), b"", sealing.sign(private, b""))
    assert not sealing.is_signed(sealing.signer_of(private), b"x", sealing.sign(private, b""))


def test_each_purpose_has_its_own_key() -> None:
    assert len({sealing.derive(bytes(32), "a"), sealing.derive(bytes(32), "b"), bytes(32)}) == 3


def test_a_key_of_tags_taken_in_once_gives_the_same_codes_each_time() -> None:
    key = sealing.new_key()
    tagged = sealing.tagging(key)
    assert [tagged(text) for text in ("P-1", "ü", "P-1")] == [sealing.tag(key, text) for text in ("P-1", "ü", "P-1")]


def test_what_is_sealed_together_has_keys_and_nonces_of_its_own() -> None:
    keys = sealing.new_keys(3)
    sealed = sealing.seal_all([(key, b"same", f"about {at}") for at, key in enumerate(keys)])
    assert len({*keys}) == len({each[:12] for each in sealed}) == 3
    assert [len(key) for key in keys] == [sealing.KEY] * 3
    for at, (key, each) in enumerate(zip(keys, sealed, strict=True)):
        assert sealing.unseal(key, each, f"about {at}") == b"same"
    assert sealing.seal_all([]) == sealing.new_keys(0) == []
