"""What the records of a form say now, as sheets: from the derived copies where they fit, else from the events.

A copy is tied to the heads of all chains of its store. When they have moved, only what came since is read, if it is
certain that the copy's heads lie on these chains and that nothing came but submissions and what changes no answer;
otherwise everything is read anew. Without a copy the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson

from intake.columnar import Gathering, Head, Sheets, identities, packed, together, unpacked, updated
from intake.store import Store
from intake.store.chain import START, Link
from intake.store.derived import Copies
from intake.store.rows import Opened
from validation.errors import StoreError
from validation.form import Form
from validation.layout import layout

FORMAT = 1
"""Of the copies. Another one, or another order of what is gathered, needs another number."""

MOST_NEW = 5_000
"""Events since a copy was made, above which everything is read anew."""

MANY_NEW = 200
"""Events since a copy was made, above which it is tied to the new heads even if they brought nothing for it."""

_HARMLESS = frozenset(("submission", "review", "query", "export", "access", "restriction", "backup", "anchor"))
"""Kinds of events that take nothing away and move nothing."""

_Heads: TypeAlias = dict[str, list[Any]]
_Classes: TypeAlias = dict[str, Sheets]


def latest(store: Store, forms: Sequence[Form], directory: Path | None = None) -> Sheets:
    """The latest versions of all records of a form as far as this login may open them; `forms` are its published
    versions, newest first. `directory` is where copies are kept, None for none. StoreError as the store."""
    return _Latest(store, forms, directory).sheets()


class _Latest:
    def __init__(self, store: Store, forms: Sequence[Form], directory: Path | None) -> None:
        self._store = store
        self._form = forms[0].id
        self._nodesets = list(dict.fromkeys(table.nodeset for form in forms for table in layout(form).values()))
        self._classes = store.classes or ("",)  # who may open nothing still sees that there is something
        self._hashes = [form.hash for form in forms]
        self._shape: dict[str, object] = {
            "format": FORMAT, "forms": self._hashes, "classes": [*self._classes],
        }  # fmt: skip
        self._copies, self._keys = None, dict[str, bytes]()
        if directory is not None and store.classes:
            self._copies = Copies(directory, store=store.id, login=store.login.id, form=self._form)
            self._keys = {name: store.copy_key(name) for name in store.classes}

    def sheets(self) -> Sheets:
        heads, count = self._heads(), self._store.visible(self._form)
        found = self._kept()
        since = None if found is None else self._since(found[0], heads)
        if found is not None and since is not None:
            header, made = found
            changed = any(link.kind == "submission" and link.form in self._hashes for link in since)
            if changed:
                made = self._renewed(made, header["last"])
            if count in (None, _count(made)):  # else some went that this login's chains do not tell of
                if changed or len(since) >= MANY_NEW:
                    self._keep(made, heads, since[-1].number)
                return together(list(made.values()))
        made, last = self._gathered(self._store.opened(self._form))
        least = max(last, sum(place for place, _ in heads.values()) - 1)  # numbers have gaps, but none twice
        self._keep(made, heads, max([last, *(event.number for event in self._store.events(least))]))
        return together(list(made.values()))

    def _heads(self) -> _Heads:
        return {place: [number, code.hex()] for place, (number, code) in self._store.heads().items()}

    # --- copies

    def _kept(self) -> tuple[Mapping[str, Any], _Classes] | None:
        """The copies and their header, if all are there, of this shape and of one moment."""
        headers: list[Mapping[str, Any]] = []
        classes: _Classes = {}
        for name, key in self._keys.items():
            copy = None if self._copies is None else self._copies.read(name, key)
            if copy is None or any(copy[0].get(part) != said for part, said in self._shape.items()):
                return None
            try:
                classes[name] = unpacked(copy[1])
            except ValueError:
                return None
            headers.append(copy[0])
            if copy[0] != headers[0] or list(classes[name]) != self._nodesets:
                return None
        return (headers[0], classes) if headers else None

    def _keep(self, made: _Classes, heads: _Heads, last: int) -> None:
        """Write copies, unless something came meanwhile: they would be right, but not what these heads say."""
        if self._copies is not None and self._heads() == heads:
            header = {**self._shape, "heads": heads, "last": last}
            for name, sheets in made.items():
                if not self._copies.write(name, self._keys[name], header, packed(sheets)):
                    return

    def _since(self, header: Mapping[str, Any], heads: _Heads) -> list[Link] | None:
        """The events since; None where the copy cannot be brought up to date by their submissions."""
        if header["heads"] == heads:
            return []
        ends: _Heads = dict(header["heads"])
        if any(place not in heads for place in ends):
            return None
        found: list[Link] = []
        try:
            for link, _ in self._store.links(header["last"]):
                end = ends.get(link.municipality, [0, START.hex()])
                follows = [link.place - 1, link.previous.hex()] == end
                if not follows or link.kind not in _HARMLESS or len(found) >= MOST_NEW:
                    return None
                found.append(link)
                ends[link.municipality] = [link.place, link.hash.hex()]
        except StoreError as error:
            if error.code != "store.not_allowed":
                raise
            return None  # an evaluator is not given a team's chains
        return found if ends == heads else None

    # --- records

    def _gathered(self, records: Iterable[Opened]) -> tuple[_Classes, int]:
        """The sheets of records by class, and the greatest number of their events."""
        root, *repeats = self._nodesets
        first, *others = self._classes
        into = {first: Gathering(root, repeats), **{name: Gathering(root, repeats, heads=False) for name in others}}
        last = 0
        for record in records:
            last = max(last, record.number)
            try:
                parts = {name: orjson.loads(text) for name, text in record.parts.items()}
                head = _head(record, parts.get("general", {}).get("envelope", {}))
                for name, gathering in into.items():
                    gathering.add(head, parts[name]["record"] if name in parts else {})
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError("store.damaged", path=self._store.id) from error
        return {name: gathering.sheets() for name, gathering in into.items()}, last

    def _renewed(self, classes: _Classes, after: int) -> _Classes:
        """The sheets with what was submitted after an event: corrections in their place, new ones at the end."""
        records = list(self._store.opened(self._form, after=after))
        if not records:
            return classes
        first, *_ = classes.values()
        known = {record: place for place, record in enumerate(identities(first))}
        places = [known.setdefault(record.plain.submission, len(known)) for record in records]
        made, _ = self._gathered(records)
        return {name: updated(classes[name], sheets, np.array(places)) for name, sheets in made.items()}


def _head(record: Opened, envelope: Mapping[str, str]) -> Head:
    plain = record.plain
    return Head(
        plain.submission, plain.form_version, plain.form_hash, plain.municipality, record.subject,
        envelope.get("ended", plain.received), plain.received,
    )  # fmt: skip


def _count(classes: _Classes) -> int:
    first, *_ = classes.values()
    root, *_ = first.values()
    return len(root)
