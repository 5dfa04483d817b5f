"""Records as columns of text: gathered, put together class by class, brought up to date, packed into bytes.

`Sheets` are what a form's records say, untyped: one table for the root and one for every repeat, by nodeset, in which
each text is kept once and rows point to it (dictionary encoding). Whoever has the sheets of all classes of sensitivity
that a login may open has what its records say; `intake.tables` types them. The only file that imports pyarrow.

Columns whose names begin with '#' are ours: in the root table, of one of the classes only, the envelope; in a repeat's
table `#row` (the record's place in the root table, from 0), `#entry` (what the entry's key adds to the record's:
'/haus/kind[1]/impfung[2]') and `#parent` (the same of what holds it, '' for the record). All others are nodesets.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from intake.store.division import merged
from intake.submission import Record, RecordValue
from validation.errors import DataError

Sheets: TypeAlias = dict[str, Any]
"""{nodeset: pyarrow.Table} of a form, the root's first."""

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

ENVELOPE = ("#id", "#version", "#form", "#municipality", "#subject", "#ended")
"""Texts of the envelope: the record's id, the form's version and hash, AGS, person, end of the interview (ISO)."""

_RECEIVED, _ROW, _ENTRY, _PARENT = "#received", "#row", "#entry", "#parent"
_INNER = (_ROW, _ENTRY, _PARENT)
_TEXT = pa.dictionary(pa.int32(), pa.string())
_MOMENT = pa.timestamp("us", "UTC")
_FLUSH = 2_000
_NUMBERS = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Head:
    """The envelope of a record, as far as tables show it."""

    id: str
    version: str
    form: str
    municipality: str
    subject: str
    ended: str
    received: str | datetime | None


@dataclass(slots=True)
class _Rows:
    """Rows of one table while they are gathered; in the root table `keys` and `parents` are ''."""

    rows: list[int]
    keys: list[str]
    parents: list[str]
    records: list[Record]

    def inside(self, step: str, values: Sequence[RecordValue | None]) -> _Rows:
        """The entries of a repeat in these rows."""
        found = _Rows([], [], [], [])
        for row, above, value in zip(self.rows, self.keys, values, strict=True):
            if isinstance(value, list):
                found.rows += [row] * len(value)
                found.keys += [f"{above}{step}[{number}]" for number in range(1, len(value) + 1)]
                found.parents += [above] * len(value)
                found.records += value
        return found


class Gathering:
    """Takes records one by one and makes sheets of them. A bounded number of records is held as such."""

    def __init__(self, root: str, repeats: Collection[str], *, heads: bool = True) -> None:
        """`repeats` are the nodesets that make tables; `heads`: whether the envelope is kept."""
        self._root = root
        self._keeps_heads = heads
        self._heads: list[Head] = []
        self._records: list[Record] = []
        self._count = 0
        self._made: dict[str, list[Any]] = {nodeset: [] for nodeset in (root, *repeats)}

    def add(self, head: Head, record: Record) -> None:
        """The next record, or what there is of it in a class; an empty one has its row too."""
        self._heads.append(head)
        self._records.append(record)
        if len(self._records) >= _FLUSH:
            self._flush()

    def sheets(self) -> Sheets:
        """What was gathered."""
        self._flush()
        for nodeset in self._made:
            self._keep(nodeset, _Rows([], [], [], []), {})
        return {nodeset: _joined(parts) for nodeset, parts in self._made.items()}

    def _flush(self) -> None:
        count = len(self._records)
        waiting = [
            (self._root, _Rows([*range(self._count, self._count + count)], [""] * count, [""] * count, self._records))
        ]
        while waiting:
            nodeset, rows = waiting.pop()
            answers: dict[str, Any] = {}
            for key in sorted(set().union(*rows.records)):
                values = [record.get(key) for record in rows.records]
                if key in self._made and key != self._root:
                    waiting.append((key, rows.inside(key.removeprefix(nodeset), values)))
                    values = [None if isinstance(value, list) else value for value in values]
                texts = _texts(values, silent=_is_bookkeeping(key, nodeset))
                if texts.null_count < len(texts):
                    answers[key] = texts
            self._keep(nodeset, rows, answers)
        self._count += count
        self._heads, self._records = [], []

    def _keep(self, nodeset: str, rows: _Rows, answers: dict[str, Any]) -> None:
        if nodeset != self._root:
            ours = {_ROW: pa.array(rows.rows, pa.int32()), _ENTRY: _coded(rows.keys), _PARENT: _coded(rows.parents)}
        elif self._keeps_heads:
            heads = self._heads if rows.rows else []
            ours = {name: _coded([getattr(head, name[1:]) or None for head in heads]) for name in ENVELOPE}
            ours[_RECEIVED] = _moments([head.received for head in heads])
        else:
            ours = {_ROW: pa.array(rows.rows, pa.int32())}
        self._made[nodeset].append(pa.table({**ours, **answers}))


def together(classes: Sequence[Sheets]) -> Sheets:
    """The sheets of all classes as one; the first has the envelope. ValueError when they are not of the same records,
    DataError when two say different things of one answer."""
    found = {}
    for number, nodeset in enumerate(classes[0]):
        tables = [sheets[nodeset] for sheets in classes]
        if number:
            tables = _aligned(tables)
        elif len({len(table) for table in tables}) != 1:
            raise ValueError("not of the same records")
        columns: dict[str, Any] = {}
        for name, column in ((name, table[name]) for table in tables for name in table.column_names):
            whole = column.combine_chunks()
            columns[name] = _either(name, columns[name], whole) if name in columns else whole
        found[nodeset] = pa.table(columns)
    return found


def updated(old: Sheets, new: Sheets, places: Places) -> Sheets:
    """Sheets of a class with other records: the n-th of `new` replaces that at `places[n]` or, where there is none yet,
    comes after the last."""
    found = {}
    for number, nodeset in enumerate(old):
        if number:
            before, after = old[nodeset], new[nodeset]
            stays = pc.invert(pc.is_in(before[_ROW], value_set=pa.array(places, pa.int32())))
            rows = pa.array(places[after[_ROW].to_numpy()], pa.int32())
            after = after.set_column(after.column_names.index(_ROW), _ROW, rows)
            found[nodeset] = _joined([before.filter(stays), after])
        else:
            count = len(old[nodeset])
            order = np.arange(max(count, int(places.max(initial=-1)) + 1))
            order[places] = count + np.arange(len(places))
            whole = _joined([old[nodeset], new[nodeset]]).take(order)
            if _ROW in whole.column_names:
                whole = whole.set_column(whole.column_names.index(_ROW), _ROW, pa.array(range(len(order)), pa.int32()))
            found[nodeset] = whole
    return found


def of_form(sheets: Sheets, form_hash: str) -> Sheets:
    """The records that were collected with one version of a form."""
    root, *_ = sheets
    mine = np.asarray(pc.fill_null(pc.equal(_decoded(sheets[root]["#form"]), form_hash), False))
    rows = np.cumsum(mine) - 1
    found = {root: sheets[root].filter(pa.array(mine))}
    for nodeset, table in sheets.items():
        if nodeset != root:
            kept = table.filter(pa.array(mine[table[_ROW].to_numpy()]))
            moved = pa.array(rows[kept[_ROW].to_numpy()], pa.int32())
            found[nodeset] = kept.set_column(kept.column_names.index(_ROW), _ROW, moved)
    return found


def packed(sheets: Sheets) -> bytes:
    """The sheets as bytes (Arrow IPC streams, one after another)."""
    target = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    for nodeset, table in sheets.items():
        named = table.replace_schema_metadata({"nodeset": nodeset})
        with pa.ipc.new_stream(target, named.schema, options=options) as stream:
            stream.write_table(named)
    return target.getvalue()


def unpacked(content: bytes | memoryview) -> Sheets:
    """The inverse of `packed`. ValueError for anything else."""
    found: Sheets = {}
    source = pa.BufferReader(content)
    try:
        while source.tell() < source.size():
            table = pa.ipc.open_stream(source).read_all()
            table.validate(full=True)
            found[table.schema.metadata[b"nodeset"].decode()] = table
    except (pa.ArrowException, KeyError, TypeError, OSError) as error:
        raise ValueError("no sheets") from error
    return found


# --- what tables are made of


def nodesets(sheets: Sheets, nodeset: str) -> list[str]:
    """What is answered in a table, sorted."""
    return sorted(
        name for name in sheets[nodeset].column_names
        if not name.startswith("#") and sheets[nodeset][name].null_count < len(sheets[nodeset])
    )  # fmt: skip


def used(sheets: Sheets, nodeset: str, name: str) -> tuple[list[str], Places]:
    """The different texts of a column and for each row which of them it is, -1 for none; ([], all -1) where the table
    does not have the column."""
    table = sheets[nodeset]
    if name not in table.column_names:
        return [], np.full(len(table), -1)
    coded = table[name].combine_chunks()
    codes = np.asarray(pc.fill_null(coded.indices, -1)).astype(np.int64)
    there = np.zeros(len(coded.dictionary) + 1, dtype=bool)
    there[codes] = True  # the last one is that of -1
    there[-1] = False
    numbers = np.append(np.cumsum(there[:-1]) - 1, -1)
    return coded.dictionary.filter(pa.array(there[:-1])).to_pylist(), numbers[codes]


def texts(sheets: Sheets, nodeset: str, name: str) -> Any:
    """A column as a pyarrow array of texts; nulls where the table does not have it."""
    table = sheets[nodeset]
    if name not in table.column_names:
        return pa.nulls(len(table), pa.large_string())
    return pc.cast(_decoded(table[name]), pa.large_string())


def keys(sheets: Sheets, nodeset: str) -> tuple[Any, Any]:
    """The keys of the rows of a repeat, and of what holds them, as pyarrow arrays of texts."""
    root, *_ = sheets
    table = sheets[nodeset]
    records = pc.fill_null(texts(sheets, root, "#id").take(table[_ROW].combine_chunks()), "")
    own, above = (
        pc.binary_join_element_wise(records, texts(sheets, nodeset, name), pa.scalar("", pa.large_string()))
        for name in (_ENTRY, _PARENT)
    )
    return own, above


def identities(sheets: Sheets) -> list[str]:
    """The ids of the records in their order."""
    root, *_ = sheets
    found: list[str] = _decoded(sheets[root]["#id"]).to_pylist()
    return found


def ends(sheets: Sheets) -> dict[str, datetime]:
    """{record: when its interview ended}."""
    root, *_ = sheets
    moments = _decoded(sheets[root]["#ended"]).to_pylist()
    return {record: datetime.fromisoformat(moment) for record, moment in zip(identities(sheets), moments, strict=True)}


def is_within(sheets: Sheets, tables: Collection[str]) -> bool:
    """Whether nothing is said outside these tables."""
    return all(nodeset in tables or not len(table) for nodeset, table in sheets.items())


def received(sheets: Sheets) -> Any:
    """When the store took the records: numpy datetime64[us] in UTC, NaT where it has not."""
    root, *_ = sheets
    moments = sheets[root][_RECEIVED].combine_chunks()
    return moments.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)


# --- within


def _texts(values: Iterable[RecordValue | None], *, silent: bool) -> Any:
    """Answers as an encoded column; '' is none. Lists of what is no repeat are kept as JSON; of `silent` keys only
    they."""
    values = list(values)
    try:
        coded = pa.array(values, pa.string()).dictionary_encode()
    except pa.ArrowTypeError:
        written = [
            orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if isinstance(value, list) else value
            for value in values
        ]
        silenced = [text if isinstance(value, list) or not silent else None
                    for text, value in zip(written, values, strict=True)]  # fmt: skip
        return _without_empty(pa.array(silenced, pa.string()).dictionary_encode())
    return pa.nulls(len(values), _TEXT) if silent else _without_empty(coded)


def _without_empty(coded: Any) -> Any:
    at = pc.index(coded.dictionary, "").as_py()
    if at < 0:
        return coded
    indices = pc.if_else(pc.equal(coded.indices, at), pa.scalar(None, pa.int32()), coded.indices)
    return pa.DictionaryArray.from_arrays(indices, coded.dictionary)


def _coded(values: Sequence[str | None]) -> Any:
    return pa.array(values, pa.string()).dictionary_encode()


def _moments(values: Sequence[str | datetime | None]) -> Any:
    """Moments, or their texts in UTC as a store has them."""
    if any(isinstance(value, datetime) for value in values):
        return pa.array(values, _MOMENT)
    return pc.cast(pa.array(values, pa.string()), _MOMENT)


def _decoded(column: Any) -> Any:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.dictionary_decode()


def _joined(tables: Sequence[Any]) -> Any:
    """Tables one below another, with one dictionary a column; what one does not have is null in it."""
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries().combine_chunks()


def _aligned(tables: Sequence[Any]) -> list[Any]:
    """The same entries of a repeat in each class's table, in the order of records and entries."""
    steps = sorted(
        {(step, parent) for table in tables for step, parent in _pairs(table)},
        key=lambda pair: [int(number) for number in _NUMBERS.findall(pair[0])],
    )
    rank = {step: number for number, (step, _) in enumerate(steps)}
    codes = [_codes(table, rank) for table in tables]
    whole = np.unique(np.concatenate(codes))
    ours = {
        _ROW: pa.array(whole // max(len(steps), 1), pa.int32()),
        _ENTRY: _picked([step for step, _ in steps], whole % max(len(steps), 1)),
        _PARENT: _picked([parent for _, parent in steps], whole % max(len(steps), 1)),
    }
    found = [pa.table(ours)]
    for table, code in zip(tables, codes, strict=True):
        order = np.argsort(code, kind="stable")
        at = np.searchsorted(code[order], whole)
        there = (at < len(code)) & (code[order][np.minimum(at, len(code) - 1)] == whole) if len(code) else at < 0
        taken = pa.array(order[np.where(there, at, 0)] if len(code) else at, pa.int64(), mask=~there)
        found.append(table.drop_columns(_INNER).take(taken))
    return found


def _pairs(table: Any) -> set[tuple[str, str]]:
    """The different entries of a table, each with what holds it."""
    steps, parents = table[_ENTRY].combine_chunks(), table[_PARENT].combine_chunks()
    pairs = np.unique(np.stack([np.asarray(steps.indices), np.asarray(parents.indices)]), axis=1)
    return {(steps.dictionary[step].as_py(), parents.dictionary[parent].as_py()) for step, parent in pairs.T.tolist()}


def _codes(table: Any, rank: dict[str, int]) -> Places:
    """A number for each row of a repeat's table, that sorts by record and entry and is the same in every class."""
    steps = table[_ENTRY].combine_chunks()
    ranks = np.array([rank.get(step, 0) for step in steps.dictionary.to_pylist()] or [0], dtype=np.int64)
    rows: Places = table[_ROW].to_numpy().astype(np.int64) * max(len(rank), 1) + ranks[np.asarray(steps.indices)]
    return rows


def _picked(values: Sequence[str], codes: Places) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(values, pa.string()))


def _either(name: str, first: Any, second: Any) -> Any:
    """One column of what two classes say. Only a list of what is no repeat may have been divided."""
    if name == _ROW:
        return first
    ours, theirs = _decoded(first), _decoded(second)
    both = np.flatnonzero(np.asarray(pc.and_(ours.is_valid(), theirs.is_valid())))
    whole = pc.coalesce(ours, theirs)
    if len(both):
        values = whole.to_pylist()
        for at in both.tolist():
            values[at] = _merged_list(name, ours[at].as_py(), theirs[at].as_py())
        whole = pa.array(values, pa.string())
    return whole.dictionary_encode()


def _merged_list(name: str, first: str, second: str) -> str:
    try:
        parts = [{name: orjson.loads(text)} for text in (first, second)]
    except ValueError as error:
        raise DataError("store.parts_differ", key=name) from error
    return orjson.dumps(merged(parts)[name], option=orjson.OPT_SORT_KEYS).decode()


def _is_bookkeeping(name: str, nodeset: str) -> bool:
    """Attributes, the order of children, and the meta block beside the instance's name: no answers."""
    name = re.sub(r"\{[^}]*\}", "", name)
    step = name.removeprefix(nodeset).split("/")
    return (
        "/@" in name
        or name.endswith("/order()")
        or (len(step) > 1 and step[1].rpartition(":")[2] == "meta" and step[-1].rpartition(":")[2] != "instanceName")
    )
