"""Faults of whole rows, columns and tables: keys, entries without a record, columns that are missing or too many."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from intake.simulation.cellfaults import MISSING, is_free
from intake.simulation.ground import Ground
from intake.simulation.texts import text_column
from validation.layout import KEY, PARENT_KEY, Column, Table

Frames = dict[str, pd.DataFrame]
STRANGER = "nachtrag"  # a column, and the end of a table's name, that no form of ours has


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a fault was planted: the table, the KEY that is reported ('' for a whole column or table), the column."""

    table: str
    key: str
    column: str


# --- rows


def twice(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A record that was handed in twice: its row stands a second time at the end."""
    table = ground.root
    for row in _records(ground):
        ground.spoilt.add(row)
        frame = frames[table.name]
        frames[table.name] = pd.concat([frame, frame.iloc[[row]]], ignore_index=True)
        yield Planted(table.name, str(ground.cells[table.name][KEY][row]), KEY)


def nameless(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A record without KEY."""
    table = ground.root
    repeats = [each for each in ground.shapes.values() if each.parent is not None]
    for row in _records(ground):
        if not any(ground.entries(repeat, row) for repeat in repeats):
            ground.spoilt.add(row)
            frames[table.name].loc[row, KEY] = pd.NA
            yield Planted(table.name, "", KEY)


def orphaned(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """An entry whose record is not there."""
    for table in ground.shapes.values():
        if table.parent is None or table.name not in frames:
            continue
        for row in range(len(ground.frames[table.name])):
            parent = f"uuid:{uuid.UUID(int=ground.rng.getrandbits(128), version=4)}"
            frame = frames[table.name]
            entry = frame.iloc[[row]].copy()
            key = f"{parent}/{str(entry[KEY].iloc[0]).partition('/')[2]}"
            entry[KEY], entry[PARENT_KEY] = key, parent
            entry = entry.astype(frame.dtypes.to_dict())
            frames[table.name] = pd.concat([frame, entry], ignore_index=True)
            yield Planted(table.name, key, PARENT_KEY)


def _records(ground: Ground) -> Iterator[int]:
    rows = list(range(len(ground.frames[ground.root.name])))
    ground.rng.shuffle(rows)
    yield from (row for row in rows if row not in ground.spoilt)


# --- columns


def column_left_out(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A column that is not there."""
    for table, column in _loose(ground):
        sibling = f"{column.nodeset}{MISSING}"
        if column.bind.required is None and ground.column_of(sibling) is None:
            ground.taken.add((table.name, column.name))
            frames[table.name] = frames[table.name].drop(columns=column.name)
            yield Planted(table.name, "", column.name)


def column_too_many(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A column that the form does not have."""
    for name in ground.shapes:
        frames[name][STRANGER] = pd.Series("x", index=frames[name].index, dtype="string")
        yield Planted(name, "", STRANGER)


def column_twice(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A column that is there twice."""
    for table, column in _loose(ground):
        ground.taken.add((table.name, column.name))
        frame = frames[table.name]
        frames[table.name] = pd.concat([frame, frame[[column.name]]], axis=1)
        yield Planted(table.name, "", column.name)


def other_dtype(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A column of numbers or days that came as text, every text good."""
    for table, column in _loose(ground):
        if column.dtype != "string":
            ground.taken.add((table.name, column.name))
            frames[table.name][column.name] = text_column(frames[table.name][column.name], column.type)
            yield Planted(table.name, "", column.name)


def _loose(ground: Ground) -> Iterator[tuple[Table, Column]]:
    """Questions that nothing else hangs on, those of the commonest types first: each is taken from the other kinds."""
    columns = ground.columns(lambda column: is_free(ground, column))
    ground.rng.shuffle(columns)
    common = Counter(_sort(ground, column) for _, column in columns)
    for table, column in sorted(columns, key=lambda each: -common[_sort(ground, each[1])]):
        if table.parent is None and (table.name, column.name) not in ground.taken:
            yield table, column


def _sort(ground: Ground, column: Column) -> tuple[str, str]:
    return column.type, ground.controls[column.nodeset].kind


# --- tables


def table_left_out(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A table that is not there: a small one that nothing reads, where another repeat is left for faults in entries."""
    repeats = [table for table in ground.shapes.values() if table.parent is not None]
    for table in sorted(repeats, key=lambda each: len(each.columns)):
        held = any(other.parent == table.name for other in repeats)
        nodesets = {table.nodeset, *(column.nodeset for column in table.columns)}
        if not held and len(repeats) > 1 and not any(ground.readers.get(each, set()) - nodesets for each in nodesets):
            ground.taken.update((table.name, column.name) for column in table.columns)
            del frames[table.name]
            yield Planted(table.name, "", "")


def table_too_many(ground: Ground, frames: Frames) -> Iterator[Planted]:
    """A table that the form does not have."""
    name = f"{ground.form.id}-{STRANGER}"
    frames[name] = pd.DataFrame({KEY: pd.Series([], dtype="string")})
    yield Planted(name, "", "")
