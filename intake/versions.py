"""Versions of a form in one set of tables: which column holds what, where a series breaks, what was renamed.

The written rule. Versions merge by nodeset. The newest form gives order and type; a question that only earlier versions
had is appended to its table. A question that was renamed is named in `renames.csv` of the study:

    form,old,new                    the nodesets; `new` is in the newest version, `old` no longer
    erstgespraech,/data/a/x,/data/a/y

A group may be renamed too (all its questions with it), a repeat may not: its entries have other keys. A nodeset whose
type changed, or that turned from one choice to many, is a break: the newest versions keep the column, the others have
their own, `<name>__v<version>`, with their own type. Nothing is ever coerced from one into the other. A question that
became a group or a repeat, or the other way round, is a break too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from intake.columnar import Sheets, moved
from intake.renames import renamed
from validation.errors import DataError
from validation.form import Form
from validation.layout import RESERVED, Column, Table, column_name, layout

RENAMES = "renames.csv"
_FIELDS = ("form", "old", "new")


@dataclass(frozen=True, slots=True)
class Break:
    """Where a series breaks: `nodeset` is of `kind` in the newest version and was of `old_kind` in `versions`.

    `table` and `column` are where it is now, `old_column` the column of what was said then; '' where there is none (a
    group or a repeat has no column of its own). A kind is a bind type, the same with ' many', 'group' or 'repeat'.
    """

    table: str
    column: str
    old_column: str
    nodeset: str
    kind: str
    old_kind: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Move:
    """What records of some versions (None: of all) say under `name` in a table is under `to`."""

    table: str
    name: str
    to: str
    versions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The tables of all versions by name. `origin` names for the nodeset of each column that is not the newest form's
    own the form that has it and its nodeset there."""

    tables: Mapping[str, Table]
    breaks: tuple[Break, ...] = ()
    origin: Mapping[str, tuple[Form, str]] = field(default_factory=dict)
    moves: tuple[_Move, ...] = ()

    @property
    def former(self) -> dict[str, tuple[str, ...]]:
        """{nodeset: what it was called before}, of what was renamed."""
        found: dict[str, tuple[str, ...]] = {}
        for move in self.moves:
            if move.versions is None:
                found[move.to] = (*found.get(move.to, ()), move.name)
        return found

    def arranged(self, sheets: Sheets) -> Sheets:
        """Sheets with every answer under the nodeset of its column."""
        for move in self.moves:
            if move.table in sheets:
                sheets = moved(sheets, move.table, move.name, move.to, move.versions)
        return sheets


def read_renames(file: Path, form_id: str) -> dict[str, str]:
    """{old nodeset: new nodeset} of a form; empty where there is no file. DataError 'tables.renames_file'."""
    if not file.exists():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, ValueError) as error:
        raise DataError("tables.renames_file", file=file.name) from error
    if any(set(row) != set(_FIELDS) or None in row.values() for row in rows):
        raise DataError("tables.renames_file", file=file.name)
    return {row["old"].strip(): row["new"].strip() for row in rows if row["form"].strip() == form_id}


def merge(form: Form, earlier: Sequence[Form] = (), renames: Mapping[str, str] | None = None) -> Merged:
    """The tables of a form and its earlier versions (newest first). DataError 'tables.rename' for a renaming that
    cannot be."""
    given = _checked(form, earlier, renames or {})
    tables = {table.nodeset: table for table in layout(form).values()}
    known = _kinds(form) if earlier else {}
    changed: dict[tuple[str, str], list[Form]] = {}
    origin: dict[str, tuple[Form, str]] = {}
    moves: dict[tuple[str, str], _Move] = {}
    for old in earlier:
        kinds = _kinds(old)
        clashing = {}
        for nodeset, kind in kinds.items():
            now = renamed(nodeset, given)
            if known.setdefault(now, kind) != kind:
                clashing[nodeset] = kind
                changed.setdefault((now, kind), []).append(old)
        for table in layout(old).values():
            there = tables.setdefault(table.nodeset, replace(table, columns=()))
            for column in table.columns:
                now = renamed(column.nodeset, given)
                if now != column.nodeset:
                    moves[table.nodeset, column.nodeset] = _Move(table.nodeset, column.nodeset, now, None)
                if column.nodeset not in clashing:
                    there = _with(there, replace(column, nodeset=now), origin, old, column.nodeset)
            tables[table.nodeset] = there
    named = _named(form, tables)
    breaks, columns = [], []
    for (nodeset, kind), forms in changed.items():
        found, move = _break(named, nodeset, known[nodeset], kind, forms, given, origin)
        breaks.append(found)
        columns += [move] if move else []
    return Merged(named, tuple(breaks), origin, (*moves.values(), *columns))


def _break(
    tables: dict[str, Table], nodeset: str, kind: str, old_kind: str, forms: Sequence[Form],
    renames: Mapping[str, str], origin: dict[str, tuple[Form, str]],
) -> tuple[Break, _Move | None]:  # fmt: skip
    """A break, and what has to be moved for it. The column of what was said then is added to its table."""
    versions = tuple(form.version for form in forms)
    now = next(((name, column.name) for name, table in tables.items()
                for column in table.columns if column.nodeset == nodeset), ("", ""))  # fmt: skip
    old = next(((table.nodeset, column) for table in layout(forms[0]).values()
                for column in table.columns if renamed(column.nodeset, renames) == nodeset), None)  # fmt: skip
    if old is None:
        return Break(*now, "", nodeset, kind, old_kind, versions), None
    where, column = old
    name = next(name for name, table in tables.items() if table.nodeset == where)
    apart = f"{nodeset}__v{versions[0]}"
    named = replace(column, nodeset=apart)
    tables[name] = _with(tables[name], named, origin, forms[0], column.nodeset)
    made = tables[name].columns[-1].name
    found = Break(now[0] or name, now[1], made, nodeset, kind, old_kind, versions)
    return found, _Move(where, nodeset, apart, versions)


def _with(table: Table, column: Column, origin: dict[str, tuple[Form, str]], old: Form, nodeset: str) -> Table:
    """A table and a column of an earlier version, if it does not have its question."""
    if any(known.nodeset == column.nodeset for known in table.columns):
        return table
    origin[column.nodeset] = (old, nodeset)
    taken = {*RESERVED, *(known.name for known in table.columns)}
    return replace(
        table, columns=(*table.columns, replace(column, name=column_name(column.nodeset, table.nodeset, taken)))
    )


def _named(form: Form, tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables by name. A repeat that moved keeps its own table: the whole path tells the two apart."""
    found: dict[str, Table] = {}
    for table in tables.values():
        name = f"{form.id}-{table.nodeset.strip('/').replace('/', '-')}" if table.name in found else table.name
        found[name] = replace(table, name=name)
    return found


def _kinds(form: Form) -> dict[str, str]:
    """What each nodeset is: a group, a repeat, or a question of a type, of one value or many."""
    found = {}
    many = {control.nodeset for control in form.controls() if control.kind in ("select", "rank")}
    for table in layout(form).values():
        for column in table.columns:
            found[column.nodeset] = f"{column.type} many" if column.nodeset in many else column.type
            parent = column.nodeset.rpartition("/")[0]
            while parent.count("/") > 1:
                found.setdefault(parent, "repeat" if parent in form.repeats else "group")
                parent = parent.rpartition("/")[0]
    return found


def _checked(form: Form, earlier: Iterable[Form], renames: Mapping[str, str]) -> Mapping[str, str]:
    """The renamings, if each names what there was and what there is, inside the same table."""
    if not renames:
        return renames
    now, before = _kinds(form), [_kinds(old) for old in earlier]
    repeats = [*form.repeats, *(repeat for old in earlier for repeat in old.repeats)]
    for old, new in renames.items():
        there = [kinds[old] for kinds in before if old in kinds]
        bad = old in now or new not in now or "repeat" in (*there, now.get(new, ""))
        if bad or _repeat_of(old, repeats) != _repeat_of(new, repeats):
            raise DataError("tables.rename", form=form.id, old=old, new=new)
    return renames


def _repeat_of(nodeset: str, repeats: Iterable[str]) -> str:
    return max((repeat for repeat in repeats if nodeset.startswith(f"{repeat}/")), key=len, default="")
