"""Records as columns of text: gathered, put together class by class, brought up to date, packed into bytes.

`Sheets` are what a form's records say, untyped: one table for the root and one for every repeat, by nodeset, in which
each text is kept once and rows point to it (dictionary encoding). Whoever has the sheets of all classes of sensitivity
that a login may open has what its records say; `intake.tables` types them. Of the store, the only file that imports
pyarrow; typed tables leave as files by `intake.exchange.parquet`.

Columns whose names begin with '#' are ours: in the root table, of one of the classes only, the envelope; in a repeat's
table `#row` (the record's place in the root table, from 0) and `#entry` (what the entry's key adds to the record's:
'/haus/kind[1]/impfung[2]'). All others are nodesets.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
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
from validation.layout import is_meta

Sheets: TypeAlias = dict[str, Any]
"""{nodeset: pyarrow.Table} of a form, the root's first."""

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

ENVELOPE = ("#id", "#version", "#form", "#municipality", "#subject", "#ended")
"""Texts of the envelope: the record's id, the form's version and hash, AGS, person, end of the interview (ISO)."""

_RECEIVED, _ROW, _ENTRY = "#received", "#row", "#entry"
_MOMENT = pa.timestamp("us", "UTC")
_NOTHING = pa.scalar("", pa.large_string())
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


@dataclass(frozen=True, slots=True)
class _Said:
    """What some rows say under one key: the n-th value is that of the row at `places[n]`."""

    places: list[int]
    values: list[RecordValue]

    def only(self, kind: type[str] | type[list[Any]]) -> _Said:
        """Those that are texts, or those that are lists."""
        kept = [(at, value) for at, value in zip(self.places, self.values, strict=True) if isinstance(value, kind)]
        return _Said([at for at, _ in kept], [value for _, value in kept])


@dataclass(slots=True)
class _Rows:
    """Rows of one table while they are gathered; in the root table the `keys` are ''."""

    rows: list[int]
    keys: list[str]
    records: list[Record]

    def inside(self, step: str, said: _Said) -> _Rows:
        """The entries of a repeat in these rows."""
        found = _Rows([], [], [])
        for at, value in zip(said.places, said.values, strict=True):
            if isinstance(value, list):
                above = self.keys[at]
                found.rows += [self.rows[at]] * len(value)
                found.keys += [f"{above}{step}[{number}]" for number in range(1, len(value) + 1)]
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
            self._keep(nodeset, _Rows([], [], []), {})
        return {nodeset: _joined(parts) for nodeset, parts in self._made.items()}

    def _flush(self) -> None:
        count = len(self._records)
        waiting = [(self._root, _Rows([*range(self._count, self._count + count)], [""] * count, self._records))]
        while waiting:
            nodeset, rows = waiting.pop()
            answers: dict[str, Any] = {}
            for key, said in sorted(_by_key(rows.records).items()):
                if key in self._made and key != self._root:
                    waiting.append((key, rows.inside(key.removeprefix(nodeset), said)))
                    said = said.only(str)  # noqa: PLW2901 - the rest of it
                if _is_bookkeeping(key):
                    said = said.only(list)  # noqa: PLW2901 - the rest of it
                if said.values:
                    answers[key] = _spread(said, len(rows.records))
            self._keep(nodeset, rows, answers)
        self._count += count
        self._heads, self._records = [], []

    def _keep(self, nodeset: str, rows: _Rows, answers: dict[str, Any]) -> None:
        if nodeset != self._root:
            ours = {_ROW: pa.array(rows.rows, pa.int32()), _ENTRY: _coded(rows.keys)}
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
            whole = _whole(column)
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
    return _chosen(sheets, np.asarray(pc.fill_null(pc.equal(_decoded(sheets[root]["#form"]), form_hash), False)))


def without(sheets: Sheets, records: Collection[str]) -> Sheets:
    """All but the records with these ids."""
    if not records:
        return sheets
    return _chosen(sheets, np.array([record not in records for record in identities(sheets)], dtype=bool))


def _chosen(sheets: Sheets, mine: Any) -> Sheets:
    """The records for which `mine` is true."""
    root, *_ = sheets
    rows = np.cumsum(mine) - 1
    found = {root: sheets[root].filter(pa.array(mine))}
    for nodeset, table in sheets.items():
        if nodeset != root:
            kept = table.filter(pa.array(mine[table[_ROW].to_numpy()]))
            moved = pa.array(rows[kept[_ROW].to_numpy()], pa.int32())
            found[nodeset] = kept.set_column(kept.column_names.index(_ROW), _ROW, moved)
    return found


def moved(sheets: Sheets, nodeset: str, name: str, to: str, versions: Collection[str] | None = None) -> Sheets:
    """Sheets in which a table says under another name what it says under this one: in records of these versions of the
    form, in all for None. What is said under the other name already stays."""
    table = sheets[nodeset]
    if name not in table.column_names or name == to:
        return sheets
    texts_here = _decoded(table[name])
    if versions is None:
        goes = pa.array(np.ones(len(table), dtype=bool))
    else:
        root, *_ = sheets
        found = pc.is_in(_decoded(sheets[root]["#version"]), value_set=pa.array([*versions], pa.large_string()))
        goes = found.take(pa.array(places(sheets, nodeset)))
    nothing = pa.nulls(len(table), pa.large_string())
    there = _decoded(table[to]) if to in table.column_names else nothing
    stays = pc.if_else(goes, nothing, texts_here)
    arrives = pc.coalesce(there, pc.if_else(goes, texts_here, nothing))
    return {**sheets, nodeset: _set(_set(table, name, stays), to, arrives)}


def recoded(
    sheets: Sheets, nodeset: str, name: str, change: Callable[[str, int], str | None], beside: Places | None = None
) -> Sheets:
    """Sheets in which every text of a column is `change(text, number)` instead, None for nothing. `beside` are the
    numbers of the rows (0 where it is None); each pair is asked for once."""
    found, codes = used(sheets, nodeset, name)
    if not found:
        return sheets
    numbers = np.zeros(len(codes), dtype=np.int64) if beside is None else beside
    pairs, of_row = np.unique(np.stack([codes, np.where(codes < 0, 0, numbers)]), axis=1, return_inverse=True)
    made = [None if code < 0 else change(found[code], number) for code, number in pairs.T.tolist()]
    texts_made = pa.array(made, pa.large_string()).take(pa.array(of_row.reshape(-1)))
    return {**sheets, nodeset: _set(sheets[nodeset], name, texts_made)}


def only(sheets: Sheets, names: Mapping[str, Collection[str]]) -> Sheets:
    """The tables of these nodesets with these columns; what is ours stays."""
    return {
        nodeset: table.select([each for each in table.column_names if each.startswith("#") or each in names[nodeset]])
        for nodeset, table in sheets.items()
        if nodeset in names
    }


def places(sheets: Sheets, nodeset: str) -> Places:
    """For each row of a table the place of its record in the root table."""
    root, *_ = sheets
    if nodeset == root:
        return np.arange(len(sheets[root]))
    found: Places = sheets[nodeset][_ROW].to_numpy().astype(np.int64)
    return found


def anonymous(sheets: Sheets, order: Places) -> Sheets:
    """The root table alone, its rows in this order of places: their id is their number from 1, the rest of the envelope
    is not there."""
    root, *_ = sheets
    table = sheets[root].take(pa.array(order))
    for name in ENVELOPE:
        table = _set(table, name, pa.nulls(len(table), pa.large_string()))
    table = _set(table, "#id", pa.array(range(1, len(table) + 1)).cast(pa.large_string()))
    return {root: table.set_column(table.column_names.index(_RECEIVED), _RECEIVED, pa.nulls(len(table), _MOMENT))}


def replaced(sheets: Sheets, nodeset: str, name: str, values: Sequence[str | None]) -> Sheets:
    """Sheets in which a column of a table says this, row by row."""
    return {**sheets, nodeset: _set(sheets[nodeset], name, pa.array(values, pa.large_string()))}


def shifted(sheets: Sheets, days: Places) -> Sheets:
    """Sheets whose records were received so many days later, one number a record."""
    root, *_ = sheets
    moments = received(sheets) + days.astype("timedelta64[D]")
    at = sheets[root].column_names.index(_RECEIVED)
    return {**sheets, root: sheets[root].set_column(at, _RECEIVED, pa.array(moments).cast(_MOMENT))}


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
    coded = _whole(table[name])
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
    return _decoded(table[name])


def keys(sheets: Sheets, nodeset: str) -> tuple[Any, Any]:
    """The keys of the rows of a repeat, and of what holds them, as pyarrow arrays of texts."""
    root, *_ = sheets
    table = sheets[nodeset]
    records = pc.fill_null(texts(sheets, root, "#id").take(_whole(table[_ROW])), "")
    steps = _whole(table[_ENTRY])
    above = pa.array([_above(step) for step in steps.dictionary.to_pylist()], pa.large_string())
    return (
        pc.binary_join_element_wise(records, steps.dictionary_decode(), _NOTHING),
        pc.binary_join_element_wise(records, above.take(steps.indices), _NOTHING),
    )


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


def lists(column: Any) -> Any:
    """A column of texts as a pyarrow array of lists of what stands between blanks; null stays null."""
    return pc.utf8_split_whitespace(pc.utf8_trim_whitespace(pa.array(column).cast(pa.large_string())))


def moment_texts(sheets: Sheets) -> Any:
    """The same as texts of ISO 8601 in UTC with milliseconds ('2026-05-04T08:30:00.000Z'), null where it has not."""
    moments = pa.array(received(sheets)).cast(pa.timestamp("ms"), safe=False)
    return pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string())


# --- within


def _by_key(records: Sequence[Record]) -> dict[str, _Said]:
    """What the records say under each key; '' says nothing. Most keys are in few records."""
    found: dict[str, _Said] = {}
    adding: dict[str, tuple[Callable[[int], None], Callable[[RecordValue], None]]] = {}  # run for every answer there is
    for at, record in enumerate(records):
        for key, value in record.items():
            if value or isinstance(value, list):
                try:
                    add_place, add_value = adding[key]
                except KeyError:
                    found[key] = said = _Said([], [])
                    adding[key] = add_place, add_value = said.places.append, said.values.append
                add_place(at)
                add_value(value)
    return found


def _spread(said: _Said, count: int) -> Any:
    """An encoded column of `count` rows from the texts at some of them. A list of what is no repeat is kept as JSON."""
    try:
        coded = _coded(said.values)
    except pa.ArrowTypeError:
        coded = _coded([value if isinstance(value, str) else _written(value) for value in said.values])
    if len(said.places) == count:
        return coded
    codes, empty = np.zeros(count, dtype=np.int32), np.ones(count, dtype=bool)
    places = np.fromiter(said.places, np.int64, len(said.places))
    codes[places], empty[places] = np.asarray(coded.indices), False
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=empty), coded.dictionary)


def _written(value: RecordValue) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _coded(values: Sequence[RecordValue | None]) -> Any:
    return pa.array(values, pa.large_string()).dictionary_encode()


def _moments(values: Sequence[str | datetime | None]) -> Any:
    """Moments, or their texts in UTC as a store has them."""
    if any(isinstance(value, datetime) for value in values):
        return pa.array(values, _MOMENT)
    return pc.cast(pa.array(values, pa.string()), _MOMENT)


def _set(table: Any, name: str, column: Any) -> Any:
    """A table with this column of texts in its place, or at the end."""
    coded = _whole(column).dictionary_encode()
    if name not in table.column_names:
        return table.append_column(name, coded)
    return table.set_column(table.column_names.index(name), name, coded)


def _decoded(column: Any) -> Any:
    return _whole(column).dictionary_decode()


def _whole(column: Any) -> Any:
    """A column as one array, without copying what is one."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _joined(tables: Sequence[Any]) -> Any:
    """Tables one below another, with one dictionary a column; what one does not have is null in it."""
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries().combine_chunks()


def _aligned(tables: Sequence[Any]) -> list[Any]:
    """The same entries of a repeat in each class's table, in the order of records and entries."""
    known = {step for table in tables for step in _whole(table[_ENTRY]).dictionary.to_pylist()}
    steps = sorted(known, key=lambda step: [int(number) for number in _NUMBERS.findall(step)]) or [""]
    rank = {step: number for number, step in enumerate(steps)}
    codes = [_codes(table, rank) for table in tables]
    whole = _union(codes)
    found = [pa.table({_ROW: pa.array(whole // len(steps), pa.int32()), _ENTRY: _picked(steps, whole % len(steps))})]
    for table, code in zip(tables, codes, strict=True):
        answers = table.drop_columns([_ROW, _ENTRY])
        if not np.array_equal(code, whole):
            order = np.argsort(code, kind="stable")
            at = np.minimum(np.searchsorted(code[order], whole), max(len(code) - 1, 0))
            there = code[order[at]] == whole if len(code) else np.zeros(len(whole), dtype=bool)
            taken = order[at] if len(code) else at
            answers = answers.take(pa.array(taken, pa.int64(), mask=~there))
        found.append(answers)
    return found


def _codes(table: Any, rank: dict[str, int]) -> Places:
    """A number for each row of a repeat's table, that sorts by record and entry and is the same in every class."""
    steps = _whole(table[_ENTRY])
    ranks = np.array([rank[step] for step in steps.dictionary.to_pylist()] or [0], dtype=np.int64)
    rows: Places = table[_ROW].to_numpy().astype(np.int64) * max(len(rank), 1) + ranks[np.asarray(steps.indices)]
    return rows


def _union(codes: Sequence[Places]) -> Places:
    """All numbers once, in order. Mostly one class has them all, in order."""
    longest = max(codes, key=len)
    if np.all(longest[1:] > longest[:-1]) and all(np.isin(code, longest, assume_unique=True).all() for code in codes):
        return longest
    return np.unique(np.concatenate(codes))


def _above(step: str) -> str:
    """The entry that holds an entry, '' for the record: '/haus/kind[1]' of '/haus/kind[1]/impfung[2]'."""
    return step[: step.rfind("]", 0, -1) + 1]


def _picked(values: Sequence[str], codes: Places) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(values, pa.large_string()))


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
        whole = pa.array(values, pa.large_string())
    return whole.dictionary_encode()


def _merged_list(name: str, first: str, second: str) -> str:
    try:
        parts = [{name: orjson.loads(text)} for text in (first, second)]
    except ValueError as error:
        raise DataError("store.parts_differ", key=name) from error
    return _written(merged(parts)[name])


def _is_bookkeeping(name: str) -> bool:
    """Attributes, the order of children, and what of the meta block is no answer."""
    return "/@" in name or name.endswith("/order()") or is_meta(re.sub(r"\{[^}]*\}", "", name))
