"""Faults planted on purpose in good tables: what a check that is worth its name must find, and nothing beside it.

    tables, planted = planted(form, tables, seed=1)

Every kind has a name, one line that says what it is, and the rule that must find it (`validation.schema`). A planted
fault breaks exactly that rule in exactly that cell; a record takes one. A kind for which the form has no place is not
planted. Faults between records are those of `intake.simulation.crossfaults`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from intake.simulation import cellfaults as cells
from intake.simulation import tablefaults as rows
from intake.simulation.ground import REFUSALS, Ground

if TYPE_CHECKING:
    from validation.form import Form

COLUMNS = ("kind", "rule", "table", "key", "column")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: its name, what it is, and the rule of the check that finds it. `most` limits how many of it
    tables can hold without being another fault as well."""

    name: str
    meaning: str
    rule: str
    most: int | None = None


_CELLS: Mapping[Kind, cells.Finder] = {
    Kind("type_int", "a word where a whole number belongs", "type"): cells.wrong_type("int"),
    Kind("type_decimal", "a decimal comma where a point belongs", "type"): cells.wrong_type("decimal"),
    Kind("type_date", "a day written as 31.12.2020", "type"): cells.wrong_type("date"),
    Kind("type_datetime", "a word where a moment belongs", "type"): cells.wrong_type("dateTime"),
    Kind("type_time", "a time no clock shows", "type"): cells.wrong_type("time"),
    Kind("type_geopoint", "words where coordinates belong", "type"): cells.wrong_type("geopoint"),
    Kind("type_boolean", "neither true nor false", "type"): cells.wrong_type("boolean"),
    Kind("off_scale", "a number beyond the ends of a range question", "type"): cells.off_scale,
    Kind("control_character", "a character that no submission can hold", "type"): cells.control_character,
    Kind("unknown_choice", "a choice that the list does not have", "choice"): cells.unknown_choice,
    Kind("one_unknown_among_many", "one unknown choice beside good ones", "choice"): cells.one_unknown_among_many,
    Kind("filtered_out", "a choice that the filter does not offer here", "choice"): cells.filtered_out,
    Kind("reason_not_offered", "a missing reason this question does not know", "choice"): cells.reason_not_offered,
    Kind("required_emptied", "a demanded answer of the record is not there", "required"): cells.required_emptied,
    Kind("first_of_a_section", "the first demanded answer of a section is not there", "required"): (
        cells.first_of_a_section
    ),
    Kind("required_in_entry", "a demanded answer of an entry is not there", "required"): cells.required_in_entry,
    Kind("irrelevant_answered", "an answer to a question that is not asked", "relevant"): cells.irrelevant_answered,
    Kind("irrelevant_group_answered", "an answer in a section that is not asked", "relevant"): (
        cells.irrelevant_group_answered
    ),
    Kind("irrelevant_in_entry", "an answer this entry is not asked", "relevant"): cells.irrelevant_in_entry,
    Kind("reason_and_value", "a missing reason beside the answer", "relevant"): cells.reason_and_value,
    Kind("too_small", "a number below its least", "constraint"): cells.beyond(low=True),
    Kind("too_large", "a number above its most", "constraint"): cells.beyond(low=False),
    Kind("too_short", "a text that is too short", "constraint"): cells.text_beyond(short=True),
    Kind("too_long", "a text that is too long", "constraint"): cells.text_beyond(short=False),
    Kind("against_pattern", "a text that does not look as it should", "constraint"): cells.against_pattern,
    Kind("in_the_future", "a day after the interview where it should be past", "constraint"): cells.in_the_future,
    Kind("days_out_of_order", "a day before the one it should follow", "constraint"): cells.days_out_of_order,
    Kind("entry_against_record", "a day of an entry against one of its record", "constraint"): (
        cells.entry_against_record
    ),
    Kind("numbers_out_of_order", "a number beyond another answer that bounds it", "constraint"): (
        cells.numbers_out_of_order
    ),
    Kind("beside_none", "'none of these' beside another choice", "constraint"): cells.beside_none,
    Kind("undemanded_choice", "another choice than the one demanded", "constraint"): cells.undemanded_choice,
    Kind("sum_that_differs", "a total that its entries do not add up to", "constraint"): cells.sum_that_differs,
}
_Maker = Callable[[Ground, rows.Frames], Iterator[rows.Planted]]
_WHOLE: Mapping[Kind, _Maker] = {
    Kind("table_left_out", "a table that is not there", "missing_table", 1): rows.table_left_out,
    Kind("table_too_many", "a table the form does not have", "unknown_table", 1): rows.table_too_many,
    Kind("column_left_out", "a column that is not there", "missing_column", 1): rows.column_left_out,
    Kind("column_too_many", "a column the form does not have", "unknown_column", 1): rows.column_too_many,
    Kind("column_twice", "a column that is there twice", "duplicate_column", 1): rows.column_twice,
    Kind("other_dtype", "numbers or days that came as text", "dtype", 1): rows.other_dtype,
}
_ROWS: Mapping[Kind, _Maker] = {
    Kind("record_twice", "a record that is there twice", "duplicate_key"): rows.twice,
    Kind("no_key", "a record without KEY", "no_key", 1): rows.nameless,
    Kind("orphaned_entry", "an entry whose record is not there", "orphan"): rows.orphaned,
}
KINDS: tuple[Kind, ...] = (*_CELLS, *_ROWS, *_WHOLE)


def planted(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    kinds: Iterable[str] | None = None,
    *,
    seed: int,
    each: int = 1,
    instances: Mapping[str, str] | None = None,
    default_now: dt.datetime | None = None,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Copies of tables without faults (as `intake.tables` makes them) with faults in them, and what was planted.

    `kinds` are names of `KINDS` (None: all), `each` is how many of a kind are wanted; what there is no place for is
    left out. The second table has one row a fault: kind, rule, table, key ('' for a fault of a column or table) and
    column, as `check` reports it. Equal arguments give equal tables. ValueError for an unknown kind.
    """
    names = [kind.name for kind in KINDS] if kinds is None else list(kinds)
    if unknown := set(names) - {kind.name for kind in KINDS}:
        raise ValueError(f"no kind of fault: {', '.join(sorted(unknown))}")
    frames = {name: frame.reset_index(drop=True) for name, frame in tables.items()}
    rng = random.Random(f"{seed}/{form.id}")  # noqa: S311 - synthetic data, no secret
    ground = Ground(form, dict(frames), rng, instances, default_now)
    found = list(_made(ground, frames, _WHOLE, names, each))
    for kind, find in _CELLS.items():
        if kind.name in names:
            found.extend((kind.name, kind.rule, *place) for place in _in_cells(ground, kind, find, each))
    ground.apply(frames)
    found.extend(_made(ground, frames, _ROWS, names, each))
    return frames, pd.DataFrame(found, columns=list(COLUMNS), dtype="string")


def _made(
    ground: Ground, frames: rows.Frames, makers: Mapping[Kind, _Maker], names: Iterable[str], each: int
) -> Iterator[tuple[str, str, str, str, str]]:
    for kind, make in makers.items():
        wanted = min(each, kind.most or each) if kind.name in names else 0
        # Each step of the generator plants one: it is asked for no more than are wanted.
        for _, place in zip(range(wanted), make(ground, frames), strict=False):
            yield kind.name, kind.rule, place.table, place.key, place.column


def _in_cells(ground: Ground, kind: Kind, find: cells.Finder, each: int) -> Iterator[tuple[str, str, str]]:
    refused: Counter[tuple[str, str]] = Counter()
    ground.hopeless.clear()
    wanted = each
    for fault in find(ground) if each else ():
        place = (fault.table, fault.column)
        if ground.breaks_nothing_else(fault, kind.rule):
            yield fault.table, ground.plant(fault), fault.column
            wanted -= 1
            if not wanted:
                return
            continue
        refused[place] += 1
        if refused[place] >= REFUSALS:
            ground.hopeless.add(place)
