"""The chain of events: no false alarm, and every change before an anchor is found and named."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.store.chain import START, Anchor, Break, Link, breaks, digest_of
from intake.store.sealing import new_key
from validation.errors import DataError

KEY = new_key()
TOWNS = ("08235007", "08111000")


def chained(towns: list[str]) -> list[Link]:
    """One event after the other in these municipalities."""
    heads: dict[str, tuple[int, bytes]] = {}
    links = []
    for number, town in enumerate(towns, start=1):
        place, head = heads.get(town, (0, START))
        bare = Link(
            number, town, place + 1, "submission", f"uuid:{number}", 1, "form", "subject", "", "actor",
            "2026-01-02T03:04:05.000006+00:00", digest_of([("part general", bytes([number]))]), head, b"",
        )  # fmt: skip
        links.append(dataclasses.replace(bare, hash=bare.linked()))
        heads[town] = (place + 1, links[-1].hash)
    return links


def heads_of(links: list[Link]) -> dict[str, tuple[int, bytes]]:
    return {link.municipality: (link.place, link.hash) for link in links}


def judged(links: list[Link], *anchors: Anchor) -> list[Break]:
    return breaks([(link, link.digest) for link in links], anchors, store="s")


towns = st.lists(st.sampled_from(TOWNS), min_size=1, max_size=12)


@given(towns=towns, data=st.data())
def test_what_was_appended_holds_under_every_anchor_on_the_way(towns: list[str], data: st.DataObject) -> None:
    links = chained(towns)
    cut = data.draw(st.integers(0, len(links)))
    anchor = Anchor.signed(KEY, "s", "2026", heads_of(links[:cut]))
    assert judged(links, anchor, Anchor.read(anchor.line())) == []


@given(towns=towns, data=st.data())
def test_a_change_an_omission_and_a_cut_are_found_at_their_place(towns: list[str], data: st.DataObject) -> None:
    links = chained(towns)
    anchor = Anchor.signed(KEY, "s", "2026", heads_of(links))
    at = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.sampled_from(["kind", "submission", "form", "subject", "about", "actor", "received"]))
    changed = [*links[:at], dataclasses.replace(links[at], **{field: "other"}), *links[at + 1 :]]
    assert judged(changed)[0] == Break(links[at].number, links[at].municipality, links[at].place, "event")
    assert judged([*links[:at], *links[at + 1 :]], anchor) != []
    assert judged(links[:at], anchor)[0].kind == "missing"
    assert breaks([(link, b"" if link is links[at] else link.digest) for link in links])[0].number == at + 1


def test_who_computes_the_whole_chain_anew_is_found_by_the_anchor_only() -> None:
    links = chained([TOWNS[0]] * 5)
    anchor = Anchor.signed(KEY, "s", "2026", heads_of(links))
    forged, head = [], START
    for link in links:
        bare = dataclasses.replace(link, actor="nobody", previous=head)
        forged.append(dataclasses.replace(bare, hash=bare.linked()))
        head = forged[-1].hash
    assert judged(forged) == []
    assert judged(forged, anchor) == [Break(5, TOWNS[0], 5, "anchor")]


def test_an_anchor_that_was_changed_or_signed_by_another_is_not_believed() -> None:
    links = chained([TOWNS[0]])
    anchor = Anchor.signed(KEY, "s", "2026", heads_of(links))
    assert [found.kind for found in judged(links, dataclasses.replace(anchor, made="2027"))] == ["signature"]
    stranger = Anchor.signed(new_key(), "s", "2026", heads_of(links))
    assert judged(links, stranger) == []
    assert [b.kind for b in breaks([], [stranger], store="s", signers=[anchor.signer])] == ["signature"]
    assert breaks([], [Anchor.signed(KEY, "other store", "2026", heads_of(links))], store="s") == []


def test_two_anchors_that_contradict_each_other_are_told_of() -> None:
    links = chained([TOWNS[0]])
    right = Anchor.signed(KEY, "s", "2026", heads_of(links))
    other = Anchor.signed(KEY, "s", "2026", {TOWNS[0]: (1, bytes(32))})
    for order in ((right, other), (other, right)):
        assert [found.kind for found in judged(links, *order)] == ["anchor"]


def test_the_digest_knows_labels_and_not_their_order() -> None:
    parts = [("part general", b"a"), ("part special", b"b")]
    assert digest_of(parts) == digest_of(parts[::-1])
    assert digest_of(parts) != digest_of([("part general", b"b"), ("part special", b"a")])
    assert digest_of([]) == hashlib.sha256(b"").digest()


def test_a_separator_in_a_text_is_refused_and_in_a_stored_one_found() -> None:
    [link] = chained([TOWNS[0]])
    crafted = dataclasses.replace(link, submission="a\x1fb")
    with pytest.raises(DataError, match="Steuerzeichen"):
        crafted.metadata()
    assert [found.kind for found in judged([crafted])] == ["event"]


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"heads": {"x": 1}}', "nothing"])
def test_a_line_that_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(DataError, match="Anker"):
        Anchor.read(line)
