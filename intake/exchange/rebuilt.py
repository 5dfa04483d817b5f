"""From tables of texts back to records, through the form: nothing is dropped, nothing is coerced.

    rows = central.read(form, {"erstgespraech.csv": data})
    found = records(form, rows, zone="Europe/Berlin", now=now)
    found.arrivals, found.problems

The tables are those of `validation.layout` (KEY, PARENT_KEY, a column a question), each cell the lexical text that a
submission carries. Every text goes into the record as it stands; an empty cell becomes an unanswered question where the
form, by these answers, asks it, and no element where it does not: what the interview would have sent. What the form
does not know is a problem, unless a person said that it is to be kept or left out. What stands beside answers
(`beside.py`) is taken where the file has it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from intake.exchange.beside import HOW, ID, is_beside, shapes
from intake.how import HOWS
from intake.record import record_from_xml
from intake.saying import ENTITY
from intake.submission import Record
from validation.errors import Place, Problem
from validation.form import Form
from validation.instance import Instance
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Column, Table, children_of, root_of
from validation.reading import clark
from validation.tree import NOT_XML, Node, serialize
from validation.xform import LB

if TYPE_CHECKING:
    import pandas as pd

_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")
_ENTRY = re.compile(r"\[(\d{1,9})\]$")
META = "meta-"


@dataclass(frozen=True, slots=True)
class Rows:
    """Tables as a file had them, in the names of `validation.layout`.

    tables    {table name: frame of texts}, '' for an empty cell; the index are the numbers of the rows in the file.
              Columns and tables the form does not know stand under the names that the file has.
    sheets    {table name: the file or sheet it stands in}, for messages
    notes     {KEY: what the file says about a record beside its answers}
    files     {KEY: {name: content}} what was handed in with it
    versions  {KEY: the version of the form it names}; others name none
    problems  what the reader could not read as anything the form knows
    """

    tables: Mapping[str, pd.DataFrame]
    sheets: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record as it came. `id` is its instanceID, `place` the sheet and row, `ended` when it was made (None where
    nothing says so), `version` the version of the form that it names, '' for none. Notes and files as in `Rows`."""

    id: str
    record: Record = field(repr=False)
    place: Place = field(default_factory=Place)
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    version: str = ""
    notes: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Records in the order of the file, and what stands against taking them. Both may be there; with a problem nothing
    should be taken."""

    arrivals: tuple[Arrival, ...]
    problems: tuple[Problem, ...] = ()


def records(
    form: Form,
    rows: Rows,
    *,
    zone: str,
    now: dt.datetime,
    instances: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
    leave_out: Collection[str] = (),
) -> Rebuilt:
    """The records of tables.

    `now` judges records that say nothing of their own end. `keep` are names of columns that the form does not know and
    that go into the record under their own name; `leave_out` columns and tables that are not taken, or that are not
    there and should be. `instances` as `Instance` takes them.
    """
    return _Rebuilding(form, rows, zone, now, instances, frozenset(keep), frozenset(leave_out)).run()


class _Rebuilding:
    """Tables as texts by nodeset, ready to be put together record by record."""

    def __init__(
        self,
        form: Form,
        rows: Rows,
        zone: str,
        now: dt.datetime,
        instances: Mapping[str, str] | None,
        keep: frozenset[str],
        leave_out: frozenset[str],
    ) -> None:
        self.form, self.rows, self.zone, self.now = form, rows, ZoneInfo(zone), now
        self.instances, self.keep, self.leave_out = instances, keep, leave_out
        self.shapes = shapes(form)
        self.root = next(iter(self.shapes.values()))
        self.by_nodeset = {table.nodeset: table for table in self.shapes.values()}
        self.problems = list(rows.problems)
        self.frames = {
            name: frame for name, frame in rows.tables.items() if name in self.shapes and name not in leave_out
        }
        self.texts: dict[str, list[str]] = {}
        self.extra: dict[str, dict[str, list[str]]] = {}
        self.keys: dict[str, list[str]] = {}
        self.entries: dict[str, dict[str, list[int]]] = {}

    def run(self) -> Rebuilt:
        self._look_at_names()
        if self.root.name not in self.frames:
            return Rebuilt((), tuple(self.problems))
        for name, frame in self.frames.items():
            self._take(self.shapes[name], frame)
        if self.problems:
            return Rebuilt((), tuple(self.problems))
        return Rebuilt(tuple(self._arrival(at) for at in range(len(self.keys[self.root.name]))), ())

    # --- what is there

    def _look_at_names(self) -> None:
        """Name every table and column that the form or the file has alone."""
        for name in self.rows.tables:
            if name not in self.shapes and name not in self.leave_out:
                self._problem("import.unknown_table", name, name=name, form=self.form.id)
        for name, table in self.shapes.items():
            if name not in self.rows.tables:
                if name not in self.leave_out:
                    self._problem("import.missing_table", name, name=name)
                continue
            there = {str(column) for column in self.rows.tables[name].columns}
            known = self._known(table)
            for column in sorted(there - known - self.keep - self.leave_out):
                self._problem("import.unknown_column", name, column=column, form=self.form.id)
            for column in sorted((there - known) & self.keep):
                if not _NAME.fullmatch(column):
                    self._problem("import.not_a_name", name, column=column)
            for wanted in table.columns:
                if wanted.name not in there and wanted.name not in self.leave_out and not self._may_lack(wanted):
                    self._problem("import.missing_column", name, column=wanted.name)

    def _known(self, table: Table) -> set[str]:
        ours = {KEY, PARENT_KEY, *(column.name for column in table.columns)}
        return ours if table.parent else {*ours, *ENVELOPE, *(f"{META}{name}" for name in _META_NAMES)}

    def _may_lack(self, column: Column) -> bool:
        """Whether nothing is ever answered there: a text that the form shows, and what stands beside answers."""
        bind = column.bind
        always = bind.readonly is not None and bind.readonly.source.strip() in ("true()", "1")
        return is_beside(column.nodeset) or (always and bind.calculate is None and bind.preload is None)

    def _take(self, table: Table, frame: pd.DataFrame) -> None:
        """Keep the texts of a table; name keys that are missing or doubled, and texts that XML cannot hold."""
        numbers = [int(number) for number in frame.index]
        named = {str(column): [_text(value) for value in frame[column]] for column in frame.columns}
        for name in named:
            for number, text in zip(numbers, named[name], strict=True):
                if text and not text.isprintable() and NOT_XML.search(text):
                    self._problem("import.not_text", table.name, row=number, column=name)
        keys = named.get(KEY, [""] * len(numbers))
        self._look_at_keys(table, keys, numbers)
        self.keys[table.name] = keys
        if table.parent is not None:
            self._hang(table, named.get(PARENT_KEY, [""] * len(numbers)), numbers)
        self.texts |= {column.nodeset: named[column.name] for column in table.columns
                       if column.name in named and column.name not in self.leave_out}  # fmt: skip
        self._look_at_beside(table, numbers)
        kept = {name: named[name] for name in sorted((named.keys() - self._known(table)) & self.keep)}
        metas = {name: texts for name, texts in named.items() if not table.parent and name in _metas()}
        self.extra[table.nodeset] = {**kept, **metas}

    def _look_at_beside(self, table: Table, numbers: Sequence[int]) -> None:
        """Look at the columns beside answers that the file has."""
        for column in table.columns:
            if column.nodeset not in self.texts:
                continue
            if column.nodeset.endswith(HOW):
                self._look_at_how(table, column, numbers)
            elif column.nodeset.endswith(ID) and f"{column.nodeset.removesuffix('id')}update" not in self.form.binds:
                self._look_at_ids(table, column, numbers)

    def _look_at_how(self, table: Table, column: Column, numbers: Sequence[int]) -> None:
        """Name what is no word for how an answer came about, and words beside which there is no answer."""
        answers = self.texts.get(column.nodeset.removesuffix(HOW))
        if answers is None:
            return
        for number, how, answer in zip(numbers, self.texts[column.nodeset], answers, strict=True):
            if how and (how not in HOWS or not answer):
                code = "import.how_unknown" if how not in HOWS else "import.how_alone"
                self._problem(code, table.name, row=number, column=column.name, known=", ".join(HOWS))

    def _look_at_ids(self, table: Table, column: Column, numbers: Sequence[int]) -> None:
        """Name the ids that two rows make: a row was copied."""
        seen: dict[str, int] = {}
        for number, name in zip(numbers, self.texts[column.nodeset], strict=True):
            if name and seen.setdefault(name, number) != number:
                other = str(seen[name])
                self._problem("import.same_id", table.name, row=number, column=column.name, other=other)

    def _look_at_keys(self, table: Table, keys: Sequence[str], numbers: Sequence[int]) -> None:
        seen: dict[str, int] = {}
        for key, number in zip(keys, numbers, strict=True):
            if not key and table.parent is None:
                self._problem("import.no_key", table.name, row=number, column=KEY)
            elif key and table.parent is not None and key in seen:
                self._problem("import.same_key", table.name, row=number, column=KEY, other=str(seen[key]))
            seen.setdefault(key, number)

    def _hang(self, table: Table, parents: Sequence[str], numbers: Sequence[int]) -> None:
        """Which entries belong to what, in the order that their keys say, else in that of the file."""
        above = str(table.parent)
        known = {_text(value) for value in self.frames[above][KEY]} if above in self.frames else set()
        below: dict[str, list[int]] = {}
        for at, (parent, number) in enumerate(zip(parents, numbers, strict=True)):
            if not parent or parent not in known:
                self._problem("import.orphan", table.name, row=number, column=PARENT_KEY)
            below.setdefault(parent, []).append(at)
        keys = self.keys[table.name]
        for entries in below.values():
            marks = [_ENTRY.search(keys[at]) for at in entries]
            if all(marks):
                entries.sort(key=lambda at: int(_ENTRY.findall(keys[at])[0]))
        self.entries[table.name] = below

    def _problem(self, code: str, table: str, *, row: int = 0, column: str = "", **fields: str) -> None:
        place = Place(self.rows.sheets.get(table, table), row, column)
        self.problems.append(Problem(code, place, {"column": column, **fields}))

    # --- putting together

    def _arrival(self, at: int) -> Arrival:
        key = self.keys[self.root.name][at]
        top = root_of(self.form)
        made = self._filled(top, self.root.nodeset, self.root, at)
        ended = self._moment("end", at) or moment_in(self.rows.notes.get(key, {}), self.zone)
        document = Node.document(made)
        instance = Instance(
            self.form, now=(ended or self.now).astimezone(self.zone), xml=serialize(document), instances=self.instances
        )
        _prune(made, next(instance.root.elements()), self.form, f"/{top.qualified}")
        number = int(self.frames[self.root.name].index[at])
        return Arrival(
            key, record_from_xml(serialize(document), self.form),
            Place(self.rows.sheets.get(self.root.name, self.root.name), number),
            self._moment("start", at), ended, self.rows.versions.get(key, ""),
            self.rows.notes.get(key, {}), self.rows.files.get(key, {}),
        )  # fmt: skip

    def _moment(self, params: str, at: int) -> dt.datetime | None:
        """What the question that preloads the start or end says, in the zone."""
        for column in self.root.columns:
            if (column.bind.preload, column.bind.preload_params) == ("timestamp", params):
                texts = self.texts.get(column.nodeset)
                return instant(texts[at], self.zone) if texts else None
        return None

    def _filled(self, node: Node, nodeset: str, table: Table, at: int) -> Node:
        made = node.shallow()
        for inner, child in children_of(self.form, node, nodeset):
            if inner in self.by_nodeset:
                repeat = self.by_nodeset[inner]
                for entry in self.entries.get(repeat.name, {}).get(self.keys[table.name][at], []):
                    made.append(self._filled(child, inner, repeat, entry))
            elif any(True for _ in child.elements()):
                made.append(self._filled(child, inner, table, at))
            else:
                leaf = child.shallow()
                leaf.value = self._answer(leaf, inner, at)
                if leaf.value and (how := self._beside(f"{inner}{HOW}", at)):
                    leaf.set_attribute(clark(LB, "how"), how)
                made.append(leaf)
        if nodeset.endswith(ENTITY) and (name := self._beside(f"{nodeset.removesuffix(ENTITY)}{ID}", at)):
            made.set_attribute("id", name)
        if nodeset == table.nodeset or (node.name == "meta" and nodeset.count("/") == 2):
            self._append_extra(made, nodeset, table, at)
        return made

    def _beside(self, nodeset: str, at: int) -> str:
        return self.texts[nodeset][at] if nodeset in self.texts else ""

    def _answer(self, leaf: Node, nodeset: str, at: int) -> str:
        if nodeset in self.texts:
            return self.texts[nodeset][at]
        if nodeset.count("/") == 3 and nodeset.split("/")[2].rpartition(":")[2] == "meta":
            texts = self.extra[self.root.nodeset].get(f"{META}{leaf.name}")
            if leaf.name == "instanceID":
                return (texts[at] if texts else "") or self.keys[self.root.name][at]
            return texts[at] if texts else ""
        return ""

    def _append_extra(self, made: Node, nodeset: str, table: Table, at: int) -> None:
        """What is kept though the form does not know it, and what of the metadata the form has no element for."""
        is_meta = nodeset != table.nodeset
        for name, texts in self.extra.get(table.nodeset, {}).items():
            if name.startswith(META) is not is_meta or not texts[at]:
                continue
            local = name.removeprefix(META) if is_meta else name
            if not any(child.name == local for child in made.elements()):
                child = Node.element(local, namespace=made.namespace, prefix=made.prefix if is_meta else "")
                child.value = texts[at]
                made.append(child)


_META_NAMES = ("instanceID", "instanceName", "deprecatedID", "userID", "deviceID", "timeStart", "timeEnd", "audit")


def _metas() -> frozenset[str]:
    return frozenset(f"{META}{name}" for name in _META_NAMES)


def instant(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """A moment as ISO 8601 writes it, in the zone where it says none; None for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def moment_in(notes: Mapping[str, str], zone: ZoneInfo) -> dt.datetime | None:
    """When a record was handed in, by what Central and Kobo say beside the answers."""
    said = (notes.get(name, "") for name in ("SubmissionDate", "submissionDate", "_submission_time", "end"))
    return next((found for text in said if text and (found := instant(text, zone))), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _prune(made: Node, judged: Node, form: Form, nodeset: str) -> None:
    """Take away what is empty and, in the judged record, not relevant; an answer stays, wherever it stands."""
    twins: dict[str, Iterator[Node]] = {}
    for child in list(made.elements()):
        queue = twins.setdefault(child.qualified, _named(judged, child.qualified))
        twin = next(queue, None)
        if twin is None:
            continue  # kept though the form does not know it
        if child.name == "entity" and made.name == "meta":
            _speak(child, twin)
        if any(True for _ in child.elements()):
            _prune(child, twin, form, f"{nodeset}/{child.qualified}")
        if not twin.is_relevant() and not child.value and not any(True for _ in child.elements()):
            made.remove(child)


def _speak(made: Node, judged: Node) -> None:
    """Say of an entity what the form computes: tables have no columns for it."""
    made.attributes.update(judged.attributes)
    label, computed = made.child("label"), judged.child("label")
    if label is not None and computed is not None:
        label.value = computed.value


def _named(node: Node, name: str) -> Iterator[Node]:
    return iter([child for child in node.elements() if child.qualified == name])
