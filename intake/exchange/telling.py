"""What records say beside their answers, overheard while they are gathered, and put into the columns of an extract.

    told = Telling(versions, renames)
    sheets = gathered(form, told.overheard(submissions), merged)
    take = told.added(take, sheets, profile)

A row has a word on how an answer came about only where the extract shows the answer. In the pseudonymous profile ids
are coded like all others, so that a goal is the same in every table; the public one has nothing of both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from intake.columnar import Sheets, identities, keys, replaced, texts
from intake.exchange.beside import HOW, ID, own_places, widened
from intake.exchange.profiles import PUBLIC, Profile, id_change
from intake.how import how_of
from intake.renames import renamed
from intake.saying import Place, text_of
from intake.submission import Submission
from validation.form import Form
from validation.layout import Column, Table
from validation.xform import LB

if TYPE_CHECKING:
    from intake.exchange.extract import Extract

_POSITION = re.compile(r"\[\d+\]")


def may_tell(versions: Iterable[Form]) -> bool:
    """Whether records of these forms can say anything beside their answers."""
    return any(LB in form.namespaces.values() or own_places(form) for form in versions)


class Telling:
    """What is said beside answers, by nodeset (as the newest version has it) and key of the row."""

    def __init__(self, versions: Sequence[Form], renames: Mapping[str, str] | None = None) -> None:
        self._forms = {form.hash: form for form in versions}
        self._renames = renames or {}
        self._places: dict[str, list[tuple[Form, Place]]] = {}
        for form in versions:
            for place in own_places(form):
                self._places.setdefault(self._now(place.nodeset), []).append((form, place))
        self._how: dict[str, dict[str, str]] = {}
        self._ids: dict[str, dict[str, str]] = {}

    def overheard(
        self, submissions: Iterable[Submission], without: Collection[str] = frozenset()
    ) -> Iterator[Submission]:
        """The same submissions; of what these ids say, nothing is kept."""
        for each in submissions:
            if each.form_hash in self._forms and each.id not in without:
                self._hear(each)
            yield each

    def added(self, take: Extract, whole: Sheets, profile: Profile) -> Extract:
        """An extract with the columns for it; `whole` are the sheets with the keys of the store, in the order of the
        extract's. Every question that is asked again has one, where any record says how."""
        if profile.name == PUBLIC:
            return take
        tables, sheets = {}, take.sheets
        for name, table in take.layout.items():
            rows = identities(whole) if table.parent is None else keys(whole, table.nodeset)[0].to_pylist()
            # what a question is called in the newest version, also where its series breaks
            bases = {column.nodeset: self._now(take.home(column.nodeset)[1]) for column in table.columns}
            asked = {
                column.nodeset
                for column in table.columns
                if self._how and (bases[column.nodeset] in self._how or _is_asked_again(column))
            }
            for nodeset in asked:
                said = self._how.get(bases[nodeset], {})
                answered = texts(sheets, table.nodeset, nodeset).is_valid().to_pylist()
                words = [said.get(key) if there else None for key, there in zip(rows, answered, strict=True)]
                sheets = replaced(sheets, table.nodeset, f"{nodeset}{HOW}", words)
            shown = []
            for place in self._in(table):
                code = id_change(profile, [(form, f"{there.nodeset}{ID}") for form, there in self._places[place]])
                if code is not None:
                    ids = self._ids.get(place, {})
                    codes = [code(ids[key]) if key in ids else None for key in rows]
                    sheets = replaced(sheets, table.nodeset, f"{place}{ID}", codes)
                    shown.append(place)
            tables[name] = widened(table, asked, shown)
        return replace(take, layout=tables, sheets=sheets)

    @property
    def is_told(self) -> bool:
        """Whether any record said something."""
        return bool(self._how or self._ids)

    # --- within

    def _hear(self, each: Submission) -> None:
        for path, how in how_of(each.record, self._forms[each.form_hash]).items():
            nodeset = self._now(_POSITION.sub("", path))
            self._how.setdefault(nodeset, {})[each.id + _below(path[: path.rfind("]") + 1])] = how
        for now, places in self._places.items():
            for place in [place for form, place in places if form.hash == each.form_hash]:
                for above, entry in place.entries(each.record):
                    if name := text_of(entry, f"{place.nodeset}{ID}"):
                        self._ids.setdefault(now, {})[each.id + _below(above)] = name

    def _now(self, nodeset: str) -> str:
        return renamed(nodeset, self._renames)

    def _in(self, table: Table) -> Iterator[str]:
        """The places whose entries are the rows of a table."""
        for now, places in self._places.items():
            repeats = places[0][1].repeats
            if table.parent is None if not repeats else table.nodeset == self._now(repeats[-1]):
                yield now


def _is_asked_again(column: Column) -> bool:
    return "follow_up" in column.bind.columns and not column.name.endswith("__missing")


def _below(entry: str) -> str:
    """What the key of an entry adds to that of its record: '/ziele/ziel[2]' of '/data/ziele/ziel[2]'."""
    return entry.removeprefix(f"/{entry.split('/')[1]}") if entry else ""
