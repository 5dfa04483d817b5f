"""What ODK Central gives out: the CSV of a form (one file or a ZIP with one a repeat) and OData JSON.

A CSV names its columns as `validation.layout` does; beside the answers it says who sent a record, when, and with which
version of the form. In JSON groups are nested, and a repeat is a list in its record or a document of its own whose
entries name what they belong to. Numbers are taken as the digits they are written with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from intake.exchange import beside
from intake.exchange.guards import Grid, grid_of, text_of
from intake.exchange.rebuilt import META, Rows
from intake.exchange.tabled import cells_of, tabled
from intake.saying import ENTITY, Declared
from validation.errors import DataError, Place, Problem
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Table, layout, unprefixed

if TYPE_CHECKING:
    import pandas as pd

SYSTEM = ("SubmissionDate", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status",
          "ReviewState", "DeviceID", "Edits", "FormVersion", "isValidated", "isComplete", *ENVELOPE)  # fmt: skip
"""What Central, Briefcase and our own exports say of a record beside its answers."""

VERSIONS = ("FormVersion", "_version")
LINKS = "SET-OF-"
MEDIA = "media/"


def read_csv(form: Form, files: Mapping[str, bytes], *, encoding: str = "", delimiter: str = "") -> Rows:
    """The rows of a CSV export: `files` are {path: content}, with what lies under `media/` as files handed in.

    DataError for what is no CSV (see `guards`), and where the table of the records is not among them.
    """
    grids = {
        PurePosixPath(name).stem: grid_of(text_of(data, name, encoding), PurePosixPath(name).name, delimiter)
        for name, data in files.items()
        if name.lower().endswith(".csv")
    }
    media = {PurePosixPath(name).name: data for name, data in files.items() if name.startswith(MEDIA)}
    return rows_of(form, grids, media)


def rows_of(form: Form, grids: Mapping[str, Grid], media: Mapping[str, bytes] | None = None) -> Rows:
    """The rows of tables in Central's columns, by the names of their files without '.csv'."""
    shapes = beside.shapes(form)
    tables: dict[str, pd.DataFrame] = {}
    sheets, problems, root_grid = {}, [], None
    for stem, grid in grids.items():
        table = _table(shapes, stem, grid, alone=len(grids) == 1)
        if table is None:
            problems.append(Problem("import.unknown_table", Place(grid.name), {"name": stem, "form": form.id}))
            continue
        parents = None if table.parent is None else cells_of(grid, PARENT_KEY)
        links = {head for head in grid.columns if head.startswith(LINKS)}
        aside = {KEY, PARENT_KEY, *links, *beside.entity_heads(form, table), *(SYSTEM if table.parent is None else ())}
        tables[table.name], found = tabled(form, table, grid, keys=cells_of(grid, KEY), parents=parents, aside=aside)
        sheets[table.name] = grid.name
        problems += found
        root_grid = grid if table.parent is None else root_grid
    if root_grid is None:
        raise DataError("import.no_records", form=form.id)
    notes = dict(zip(cells_of(root_grid, KEY), _notes(root_grid), strict=True))
    versions = {key: next((note[name] for name in VERSIONS if name in note), "") for key, note in notes.items()}
    root = next(iter(shapes.values()))
    return Rows(tables, sheets, notes, _named(tables[root.name], tables, media or {}), versions, tuple(problems))


def _table(shapes: Mapping[str, Table], stem: str, grid: Grid, *, alone: bool) -> Table | None:
    """The table a file holds: by its name; else the records' where it has no parents and is the only one."""
    if stem in shapes:
        return shapes[stem]
    if PARENT_KEY not in grid.columns:
        repeats = {name for name, table in shapes.items() if table.parent is not None}
        is_first = alone or not any(stem.endswith(name.partition("-")[2]) for name in repeats)
        return next(iter(shapes.values())) if is_first and KEY in grid.columns else None
    ending = [table for name, table in shapes.items() if table.parent and stem.endswith("-" + name.partition("-")[2])]
    return ending[0] if len(ending) == 1 else None


def _notes(grid: Grid) -> Iterator[dict[str, str]]:
    told = [name for name in SYSTEM if name in grid.columns]
    columns = [cells_of(grid, name) for name in told]
    for at in range(len(grid.rows)):
        yield {name: cells[at] for name, cells in zip(told, columns, strict=True) if cells[at]}


def _named(
    root: pd.DataFrame, tables: Mapping[str, pd.DataFrame], media: Mapping[str, bytes]
) -> dict[str, dict[str, bytes]]:
    """{KEY: files that an answer of the record names}; Central writes all files into one folder."""
    found: dict[str, dict[str, bytes]] = {}
    if not media:
        return found
    known = set(root[KEY])
    for frame in tables.values():
        for cells in frame.to_dict("records"):
            key = next((part for part in (str(cells[KEY]), str(cells[KEY]).partition("/")[0]) if part in known), "")
            for text in cells.values():
                if isinstance(text, str) and text in media:
                    found.setdefault(key, {})[text] = media[text]
    return found


# --- OData


def read_odata(form: Form, documents: Mapping[str, bytes]) -> Rows:
    """The rows of OData documents as Central's `.svc` gives them, by file name: `Submissions`, and where repeats are
    not expanded in it, `Submissions.<path of the repeat>`. DataError for what is none."""
    collected = _Collected(form)
    for name, data in sorted(documents.items()):
        document = parsed(data, name)
        values = document.get("value")
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise DataError("import.no_odata", file=name)
        collected.take(name, str(document.get("@odata.context", "")), values)
    return collected.rows()


def parsed(data: bytes, file: str) -> dict[str, Any]:
    """A JSON object; numbers stay the text they are written with. DataError where it is none."""
    try:
        found = json.loads(text_of(data, file), parse_float=str, parse_int=str, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise DataError("import.not_json", file=file) from error
    if not isinstance(found, dict):
        raise DataError("import.not_json", file=file)
    return found


def _refused(name: str) -> str:
    raise ValueError(name)


class _Collected:
    """Nested values as rows of tables, with the columns of the layout."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.shapes = layout(form)
        self.root = next(iter(self.shapes.values()))
        self.names = {
            unprefixed(column.nodeset): column.name for table in self.shapes.values() for column in table.columns
        }
        self.repeats = {unprefixed(table.nodeset): table for table in self.shapes.values()}
        self.entities = {f"{unprefixed(place.nodeset)}{ENTITY}" for place in Declared(form).places}
        self.found: dict[str, list[dict[str, str]]] = {name: [] for name in self.shapes}
        self.notes: dict[str, dict[str, str]] = {}
        self.linked: set[str] = set()
        self.file = ""

    def take(self, file: str, context: str, values: Sequence[Mapping[str, Any]]) -> None:
        self.file = self.file or file
        path = context.rpartition("#")[2].partition("(")[0] or "Submissions"
        nodeset = "/".join([unprefixed(self.root.nodeset), *path.split(".")[1:]])
        table = self.repeats.get(nodeset)
        if table is None:
            raise DataError("import.no_odata", file=file)
        for value in values:
            key = str(value.get("__id", ""))
            parent = next((str(text) for name, text in value.items() if re.fullmatch(r"__Submissions.*-id", name)), "")
            self._row(table, key, parent, value)

    def _row(self, table: Table, key: str, parent: str, value: Mapping[str, Any]) -> None:
        row = {KEY: key} if table.parent is None else {KEY: key, PARENT_KEY: parent}
        self.found[table.name].append(row)
        system = value.get("__system")
        if isinstance(system, dict):
            self.notes[key] = {
                _SAID.get(str(told), str(told)): text for told, said in system.items() if (text := _text(said))
            }
        self._walk(table, row, unprefixed(table.nodeset), value)

    def _walk(self, table: Table, row: dict[str, str], nodeset: str, value: Mapping[str, Any]) -> None:
        for name, inner in value.items():
            below = f"{nodeset}/{name}"
            if name.startswith("__") or below in self.entities:
                continue
            if name.endswith("@odata.navigationLink"):
                self.linked.add(f"{nodeset}/{name.partition('@')[0]}")
            elif below in self.repeats and isinstance(inner, list):
                for number, entry in enumerate(inner, start=1):
                    repeat = self.repeats[below]
                    path = below.removeprefix(f"{unprefixed(table.nodeset)}/")
                    self._row(repeat, f"{row[KEY]}/{path}[{number}]", row[KEY], entry)
            elif isinstance(inner, dict) and "coordinates" not in inner:
                self._walk(table, row, below, inner)
            else:
                row[self._column(table, below)] = _text(inner)

    def _column(self, table: Table, nodeset: str) -> str:
        root = unprefixed(self.root.nodeset)
        if nodeset in self.names:
            return self.names[nodeset]
        if nodeset.startswith(f"{root}/meta/"):
            return META + nodeset.removeprefix(f"{root}/meta/")
        return nodeset.removeprefix(f"{unprefixed(table.nodeset)}/").replace("/", "-")

    def rows(self) -> Rows:
        import pandas as pd

        tables: dict[str, pd.DataFrame] = {}
        for title, rows in self.found.items():
            table = self.shapes[title]
            if not rows and unprefixed(table.nodeset) in self.linked:
                continue  # its document was not given: that is said by who puts the records together
            known = [KEY, *([PARENT_KEY] if table.parent else []), *(column.name for column in table.columns)]
            more = [each for each in dict.fromkeys(each for row in rows for each in row) if each not in known]
            columns = {each: [row.get(each, "") for row in rows] for each in (*known, *more)}
            tables[title] = pd.DataFrame(columns, index=pd.RangeIndex(1, len(rows) + 1), dtype="string")
        versions = {key: note.get("FormVersion", "") for key, note in self.notes.items()}
        return Rows(tables, dict.fromkeys(tables, self.file), self.notes, {}, versions)


_SAID = {
    "submissionDate": "SubmissionDate", "submitterId": "SubmitterID", "submitterName": "SubmitterName",
    "status": "Status", "reviewState": "ReviewState", "deviceId": "DeviceID", "edits": "Edits",
    "formVersion": "FormVersion", "attachmentsPresent": "AttachmentsPresent",
    "attachmentsExpected": "AttachmentsExpected",
}  # fmt: skip
"""The names of the JSON as the CSV has them."""


def _text(value: object) -> str:
    """The text of a JSON value: a place as latitude, longitude, altitude and accuracy."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "coordinates" in value:
        return _geo(value)
    return json.dumps(value, ensure_ascii=False)


def _geo(value: Mapping[str, Any]) -> str:
    kind, found = value.get("type"), value["coordinates"]
    said = value.get("properties")
    accuracy = said.get("accuracy") if isinstance(said, dict) else None
    if kind == "Point":
        return _point(found, accuracy)
    if kind == "LineString":
        return ";".join(_point(each, None) for each in found)
    if kind == "Polygon" and len(found) == 1:
        return ";".join(_point(each, None) for each in found[0])
    return json.dumps(value, ensure_ascii=False)  # nothing a form can ask for: judged as it stands


def _point(numbers: Sequence[object], accuracy: object) -> str:
    longitude, latitude, *rest = (str(number) for number in numbers)
    return " ".join([latitude, longitude, *rest, *([str(accuracy)] if accuracy is not None and rest else [])])
