"""What KoboToolbox gives out: XLSX with a sheet a repeat, CSV, and the JSON of its API; codes or labels.

Heads are names or labels, with or without the groups before them ('group/question'); a question of several choices has
a column of its own, one a choice, or both. Sheets hang together by numbers: `_parent_index` is the `_index` of a row in
the sheet `_parent_table_name`. A record is named by `meta/rootUuid`, which an edit leaves alone, else by `_uuid`. What
Kobo knows beside the answers (`_validation_status`, `_tags`, `_notes`, `_submitted_by`, …) is kept as notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from intake.exchange.guards import Grid
from intake.exchange.rebuilt import META, Rows
from intake.exchange.tabled import cells_of, tabled
from validation.errors import DataError, Place, Problem
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Table, layout, question_label, unprefixed

if TYPE_CHECKING:
    import pandas as pd

NOTES = ("_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__",
         "_tags", "_index", "_geolocation", "_attachments", "_xform_id_string", "formhub/uuid", "meta/rootUuid",
         "rootUuid", "meta/instanceID", "instanceID", "meta/deprecatedID", "deprecatedID",
         "_bamboo_dataset_id", "_media_count", "_media_all_received", "_total_media", "_edited",
         "_last_edited")  # fmt: skip
"""What Kobo says of a record beside its answers, in its files and in its API."""

LINKS = ("_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid", "_submission__submission_time",
         "_submission__validation_status", "_submission__notes", "_submission__status", "_submission__submitted_by",
         "_submission___version__", "_submission__tags", "_submission_id", "_submission_uuid")  # fmt: skip
"""How a row of a repeat names what it belongs to; the record says the same of itself."""

UUID = "uuid:"


def is_kobo(grids: Sequence[Grid]) -> bool:
    """Whether these are tables of Kobo: records with `_uuid` or `_index`."""
    return any({"_uuid", "_submission_time"} & set(grid.columns) and "_index" in grid.columns for grid in grids)


def rows_of(form: Form, grids: Sequence[Grid]) -> Rows:
    """The rows of the sheets of a workbook, or of one CSV. DataError where none holds records of the form."""
    shapes = layout(form)
    root = next(iter(shapes.values()))
    first = next((grid for grid in grids if "_parent_index" not in grid.columns and "_index" in grid.columns), None)
    if first is None:
        raise DataError("import.no_records", form=form.id)
    keys = {first.name: dict(zip(cells_of(first, "_index"), _names(first), strict=True))}
    frame, problems = tabled(form, root, first, keys=list(_names(first)), aside=NOTES)
    tables, sheets = {root.name: _with_meta(frame, first)}, {root.name: first.name}
    notes = dict(zip(_names(first), _notes(first), strict=True))
    waiting = [grid for grid in grids if grid is not first]
    while waiting:
        ready = [grid for grid in waiting if set(cells_of(grid, "_parent_table_name")) <= _spellings(keys)]
        if not ready:
            problems += [Problem("import.unlinked_sheet", Place(grid.name), {}) for grid in waiting]
            break
        for grid in ready:
            waiting.remove(grid)
            table = _repeat(form, shapes, grid)
            if table is None:
                problems.append(Problem("import.unknown_table", Place(grid.name), {"name": grid.name, "form": form.id}))
                continue
            parents = list(_parents(grid, keys, first.name))
            entries = list(_entries(table, shapes, parents))
            keys[grid.name] = dict(zip(cells_of(grid, "_index"), entries, strict=True))
            aside = {*NOTES, *LINKS}
            tables[table.name], found = tabled(form, table, grid, keys=entries, parents=parents, aside=aside)
            sheets[table.name] = grid.name
            problems += found
    return Rows(tables, sheets, notes, problems=tuple(problems))


def _names(grid: Grid) -> list[str]:
    """The instanceID of each record."""
    columns = [cells_of(grid, name) for name in ("meta/rootUuid", "rootUuid", "_uuid")]
    return [named(next((text for text in said if text), "")) for said in zip(*columns, strict=True)]


def named(uuid: str) -> str:
    """An instanceID as a record has it; '' for none."""
    return uuid if not uuid or uuid.startswith(UUID) else UUID + uuid


def _with_meta(frame: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """The table with the metadata that an edit changes, where the file tells."""
    for name in ("instanceID", "deprecatedID"):
        said = [a or b for a, b in zip(cells_of(grid, f"meta/{name}"), cells_of(grid, name), strict=True)]
        if any(said):
            frame[META + name] = [named(text) for text in said]
    return frame


def _notes(grid: Grid) -> Iterator[dict[str, str]]:
    told = [(name, cells_of(grid, name)) for name in NOTES if name in grid.columns]
    for at in range(len(grid.rows)):
        yield {name: _utc(name, cells[at]) for name, cells in told if cells[at]}


def _utc(name: str, text: str) -> str:
    """Kobo writes when a record came in UTC, without saying so."""
    return f"{text}+00:00" if name == "_submission_time" and "T" in text and text[10:].find("+") < 0 else text


def _spellings(keys: Mapping[str, object]) -> set[str]:
    return {name for title in keys for name in (title, title[:31])} | {""}


def _parents(grid: Grid, keys: Mapping[str, Mapping[str, str]], first: str) -> Iterator[str]:
    """The KEY of what each row belongs to; '' where the file names nothing that is there."""
    cut = {name: entries for title, entries in keys.items() for name in (title, title[:31])}
    columns = zip(cells_of(grid, "_parent_table_name"), cells_of(grid, "_parent_index"), strict=True)
    for table, number in columns:
        yield cut.get(table or first, {}).get(number, "")


def _repeat(form: Form, shapes: Mapping[str, Table], grid: Grid) -> Table | None:
    """The repeat a sheet holds: named by it, by its path or by its label, as long as the name of a sheet may be."""
    found = []
    for table in shapes.values():
        if table.parent is not None:
            labels = {question_label(form, table.nodeset, name) for name in form.languages or ("",)}
            last = table.nodeset.rpartition("/")[2]
            names = {last, table.nodeset.split("/", 2)[2], table.name.partition("-")[2], *labels} - {""}
            if grid.name in {cut for name in names for cut in (name, name[:31])}:
                found.append(table)
    return found[0] if len(found) == 1 else None


def _entries(table: Table, shapes: Mapping[str, Table], parents: Sequence[str]) -> Iterator[str]:
    """The KEY of each entry: that of what it belongs to, its path, and its number there."""
    path = table.nodeset.removeprefix(f"{shapes[str(table.parent)].nodeset}/")
    count: dict[str, int] = {}
    for parent in parents:
        count[parent] = count.get(parent, 0) + 1
        yield f"{parent}/{path}[{count[parent]}]"


# --- the API


def read_json(form: Form, results: Sequence[Mapping[str, Any]], file: str) -> Rows:
    """The rows of records as `/api/v2/assets/…/data` gives them: paths to texts, repeats as lists of the same."""
    import pandas as pd

    shapes = layout(form)
    root = next(iter(shapes.values()))
    top = f"{unprefixed(root.nodeset)}/"
    paths = {
        unprefixed(column.nodeset).removeprefix(top): (table.name, column.name)
        for table in shapes.values()
        for column in table.columns
    }
    repeats = {unprefixed(table.nodeset).removeprefix(top): table for table in shapes.values() if table.parent}
    found: dict[str, list[dict[str, str]]] = {name: [] for name in shapes}
    notes: dict[str, dict[str, str]] = {}

    def walk(table: Table, row: dict[str, str], values: Mapping[str, Any]) -> None:
        found[table.name].append(row)
        for name, value in values.items():
            if name in NOTES or (name.startswith("_") and name not in paths and name not in repeats):
                continue
            if name in repeats and isinstance(value, list):
                inner = repeats[name]
                path = inner.nodeset.removeprefix(f"{table.nodeset}/")
                for number, entry in enumerate(value, start=1):
                    walk(inner, {KEY: f"{row[KEY]}/{path}[{number}]", PARENT_KEY: row[KEY]}, entry)
            else:
                where, column = paths.get(name, ("", name))
                row[column if where == table.name else name] = _text(value)

    for values in results:
        key = named(_text(values.get("meta/rootUuid") or values.get("_uuid")))
        notes[key] = {
            name: _utc(name, text)
            for name, said in values.items()
            if (name in NOTES or (name.startswith("_") and name not in paths and name not in repeats))
            and (text := _said(said))
        }
        row = {KEY: key}
        for name in ("instanceID", "deprecatedID"):
            if text := _text(values.get(f"meta/{name}")):
                row[META + name] = named(text)
        walk(root, row, values)
    tables = {}
    for name, rows in found.items():
        table = shapes[name]
        known = [KEY, *([PARENT_KEY] if table.parent else []), *(column.name for column in table.columns)]
        more = [each for each in dict.fromkeys(each for row in rows for each in row) if each not in known]
        columns = {each: [row.get(each, "") for row in rows] for each in (*known, *more)}
        tables[name] = pd.DataFrame(columns, index=pd.RangeIndex(1, len(rows) + 1), dtype="string")
    return Rows(tables, dict.fromkeys(tables, file), notes)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _said(value: object) -> str:
    """A note as text: of a status its name, of a list its members."""
    if isinstance(value, Mapping):
        return _text(value.get("uid") or value.get("label"))
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value if isinstance(each, str))
    return _text(value)
