"""Whom a draft is about: what stands last under 'person' in it, and which submissions it revises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from intake.store.rows import nfc
from validation.errors import FormError
from validation.tree import Node, parse

Operation = tuple[str, Mapping[str, object]]
"""An operation's id and payload."""


def changes_whom(payload: Mapping[str, object]) -> bool:
    """Whether after this operation a draft may be about somebody else."""
    return payload["op"] in ("undo", "setting") or (payload["op"] == "answer" and _is_person(payload))


def whom(xml: str | None, operations: Sequence[Operation]) -> tuple[set[str], set[str]]:
    """The persons and the submissions a draft is about. `xml` is the record it started from, None for none."""
    undone = {each for _, payload in operations if payload["op"] == "undo" for each in _texts(payload.get("of"))}
    persons = _persons(xml)
    revised = set()
    for op, payload in operations:
        if payload["op"] == "setting":
            revised.add(str(payload.get("value", "")).split(" ")[-1])
        elif payload["op"] == "answer" and op not in undone and _is_person(payload):
            persons = {nfc(str(payload.get("value") or ""))}
    return persons - {""}, revised - {""}


def _is_person(payload: Mapping[str, object]) -> bool:
    return str(payload.get("path", "")).endswith("/person")


def _texts(value: object) -> Iterable[str]:
    return map(str, value) if isinstance(value, (list, tuple)) else ()


def _persons(xml: str | None) -> set[str]:
    try:
        document = parse(xml) if xml else None
    except FormError:
        return set()
    below = [] if document is None else list(document.elements())
    found = set()
    while below:
        node: Node = below.pop()
        children = list(node.elements())
        below += children
        if node.name == "person" and not children:
            found.add(nfc(node.value))
    return found
