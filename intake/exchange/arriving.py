"""From a file or a folder to records: in which format it is, of which form, of which version.

A format is told by what the file holds, never by trying; what could be two is asked for. A table whose rows name
several versions of the form is read by each of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from intake.exchange import central, kobo, mapping, openrosa_in
from intake.exchange.guards import Grid, grid_of, members, read_file, sheets_of, text_of
from intake.exchange.incoming import Source
from intake.exchange.profiles import FULL
from intake.exchange.rebuilt import Arrival, Rebuilt, Rows, records
from intake.media import instances
from intake.publishing import PublishedForm
from intake.store import Store
from validation.errors import DataError, Problem, UsageError
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Table, layout
from validation.xform import read_form

if TYPE_CHECKING:
    import pandas as pd

CENTRAL, KOBO, ODATA, OPENROSA, SHEETS, LIST = "central", "kobo", "odata", "openrosa", "sheets", "list"
SPSS, PARQUET = "spss", "parquet"
FORMATS = (CENTRAL, KOBO, ODATA, OPENROSA, SHEETS, LIST, SPSS, PARQUET)
MANIFEST = "lotsenbuch.json"
_LOOSE = (".csv", ".tsv", ".txt")
_ENDINGS = {".sav": SPSS, ".zsav": SPSS, ".dta": SPSS, ".parquet": PARQUET, ".xml": OPENROSA}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person said about a file. Empty is: not said.

    `mapping` is the file of `intake.exchange.mapping`; `guarded`: its texts are guarded against formulas
    (`intake.exchange.guard`), as an export of ours says itself. `keep` and `leave_out` as `rebuilt.records`.
    """

    form: str = ""
    version: str = ""
    format: str = ""
    mapping: Path | None = None
    encoding: str = ""
    delimiter: str = ""
    guarded: bool = False
    keep: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a file: where it comes from, of which form, the records and what stands against them."""

    source: Source
    form: str
    records: Rebuilt


def found_in(store: Store, path: Path, wanted: Wanted, *, zone: str, now: dt.datetime) -> Found:
    """The records in a file, a ZIP or a folder. DataError where it cannot be read as one thing; UsageError for a format
    there is not and for a form that nobody named and the file does not."""
    if wanted.format and wanted.format not in FORMATS:
        raise UsageError("import.unknown_format", format=wanted.format, known=", ".join(FORMATS))
    files, sha256 = _files(path)
    opened = _Opened(store, path, files, wanted, zone, now)
    form_id, rebuilt = opened.read()
    return Found(Source(path.name, opened.format, sha256), form_id, rebuilt)


def _files(path: Path) -> tuple[dict[str, bytes], str]:
    """{path: content} and the SHA-256 of it all in hex."""
    if path.is_dir():
        files = openrosa_in.read_folder(path)
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
        return files, digest.hexdigest()
    data = read_file(path)
    sha256 = hashlib.sha256(data).hexdigest()
    if data.startswith(b"PK") and path.suffix.lower() not in (".xlsx", ".xlsm"):
        return members(data, path.name), sha256
    beside = path.with_name(MANIFEST)
    if path.suffix.lower() in _LOOSE and beside.is_file() and _is_about(path.stem, told := read_file(beside)):
        return {path.name: data, MANIFEST: told}, sha256
    return {path.name: data}, sha256


def _is_about(stem: str, told: bytes) -> bool:
    """Whether a manifest that lies beside a file tells of it: it names the form that the file is called after."""
    forms = _manifest({MANIFEST: told}).get("forms")
    ids = [each.get("form") for each in forms if isinstance(each, dict)] if isinstance(forms, list) else []
    return any(stem == name or stem.startswith(f"{name}-") for name in ids if name)


class _Opened:
    """A file whose bytes are there."""

    def __init__(
        self, store: Store, path: Path, files: Mapping[str, bytes], wanted: Wanted, zone: str, now: dt.datetime
    ) -> None:
        self.store, self.path, self.wanted, self.zone, self.now = store, path, wanted, zone, now
        self.manifest = _manifest(files)
        if self.manifest.get("profile", FULL) != FULL:
            raise DataError("import.not_whole", file=path.name, profile=self.manifest["profile"])
        self.files = {name: data for name, data in files.items() if PurePosixPath(name).name != MANIFEST}
        self.grids = self._grids()
        self.format = wanted.format or self._told()

    def _grids(self) -> dict[str, Grid]:
        """Every table of a CSV or workbook by the name of its file or sheet, guards against formulas taken off."""
        guarded = self.wanted.guarded or bool(self.manifest.get("guard"))
        found: dict[str, Grid] = {}
        for name, data in self.files.items():
            ending = PurePosixPath(name).suffix.lower()
            if ending in _LOOSE:
                text = text_of(data, name, self.wanted.encoding)
                grid = grid_of(text, PurePosixPath(name).name, self.wanted.delimiter)
                found[PurePosixPath(name).stem] = _unguarded(grid) if guarded else grid
            elif ending in (".xlsx", ".xlsm"):
                found |= {grid.name: grid for grid in sheets_of(data, name)}
        return found

    def _told(self) -> str:
        endings = {PurePosixPath(name).suffix.lower() for name in self.files}
        grids = list(self.grids.values())
        if self.wanted.mapping is not None:
            return LIST
        if kobo.is_kobo(grids):
            return KOBO
        if any(KEY in grid.columns for grid in grids):
            return SHEETS if endings & {".xlsx", ".xlsm"} else CENTRAL
        if grids:
            raise DataError("import.needs_mapping", file=self.path.name)
        if ".json" in endings:
            return ODATA
        told = [name for ending, name in _ENDINGS.items() if ending in endings]
        if not told:
            raise DataError("import.unknown_kind", file=self.path.name)
        return told[0]

    def read(self) -> tuple[str, Rebuilt]:
        """The id of the form and the records."""
        if self.format == OPENROSA:
            return self._openrosa()
        if self.format == LIST:
            return self._list()
        form_id = self.wanted.form or str(self.manifest.get("form", "")) or self._named()
        versions = published(self.store, form_id)
        chosen = _version(versions, self.wanted.version)
        rows = self._rows(read_form(chosen.xform))
        return form_id, by_version(versions, chosen, rows, self.wanted, zone=self.zone, now=self.now)

    def _named(self) -> str:
        """The form whose id a file or sheet has for its name."""
        known = {each.form_id for each in self.store.forms()}
        stems = [*self.grids, *(PurePosixPath(name).stem for name in self.files), self.path.stem]
        named = [name for name in dict.fromkeys(stems) if name in known]
        if len(named) != 1:
            raise UsageError("import.which_form", known=", ".join(sorted(known)))
        return named[0]

    def _rows(self, form: Form) -> Rows:
        if self.format in (CENTRAL, SHEETS):
            media = {
                PurePosixPath(name).name: data
                for name, data in self.files.items()
                if PurePosixPath(name).parent.name == "media"
            }
            titles = {_title(name): name for name in layout(form)}
            others = {each.form_id for each in self.store.forms()} - {form.id}
            mine = {
                titles.get(name, name): grid
                for name, grid in self.grids.items()
                if name in titles or not any(name == other or name.startswith(f"{other}-") for other in others)
            }
            return central.rows_of(form, mine, media)
        if self.format == KOBO:
            return kobo.rows_of(form, list(self.grids.values()))
        if self.format == ODATA:
            return self._json(form)
        if self.format == SPSS:
            from intake.exchange import spss_in

            return spss_in.read(form, self.files)
        from intake.exchange import parquet_in

        return parquet_in.read(form, self.files)

    def _json(self, form: Form) -> Rows:
        """OData of Central, or the JSON of Kobo's API."""
        documents = {name: data for name, data in self.files.items() if name.lower().endswith(".json")}
        if len(documents) == 1:
            ((name, data),) = documents.items()
            results = central.parsed(data, name).get("results")
            if isinstance(results, list):
                return kobo.read_json(form, results, name)
        return central.read_odata(form, documents)

    def _openrosa(self) -> tuple[str, Rebuilt]:
        xml = openrosa_in.submissions(self.files)
        named = {name: openrosa_in.named_form(data, name) for name, data in xml.items()}
        ids = {form for form, _ in named.values()}
        form_id = self.wanted.form or (ids.pop() if len(ids) == 1 else "")
        if not form_id:
            raise UsageError("import.which_form", known=", ".join(sorted(ids)))
        versions = published(self.store, form_id)
        arrivals: list[Arrival] = []
        problems: list[Problem] = []
        for version in dict.fromkeys(version for _, version in named.values()):
            chosen = versions.get(self.wanted.version or version) or _version(versions, "")
            others = {name for name, (_, other) in named.items() if other != version}
            files = {name: data for name, data in self.files.items() if name not in others}
            mine = {name: data for name, data in files.items() if name in xml or not name.lower().endswith(".xml")}
            rebuilt = openrosa_in.read(read_form(chosen.xform), mine, zone=self.zone, keep=self.wanted.keep)
            arrivals += rebuilt.arrivals
            problems += rebuilt.problems
        return form_id, Rebuilt(tuple(arrivals), tuple(problems))

    def _list(self) -> tuple[str, Rebuilt]:
        if self.wanted.mapping is None:
            raise DataError("import.needs_mapping", file=self.path.name)
        data, name = read_file(self.wanted.mapping), self.wanted.mapping.name
        form_id = self.wanted.form or mapping.form_named(data, name)
        chosen = _version(published(self.store, form_id), self.wanted.version)
        form = read_form(chosen.xform)
        mapped = mapping.read_mapping(form, data, name)
        grid = self.grids.get(mapped.sheet) if mapped.sheet else next(iter(self.grids.values()), None)
        if grid is None or (not mapped.sheet and len(self.grids) > 1):
            raise DataError("import.which_sheet", file=self.path.name, known=", ".join(self.grids))
        rows = mapping.named_rows(self.store, form_id)
        found = mapping.records(form, grid, mapped, now=self.now, known=rows, instances=instances(form, chosen.lists))
        versions = (replace(each, version=each.version or chosen.version) for each in found.arrivals)
        return form_id, replace(found, arrivals=tuple(versions))


def published(store: Store, form_id: str) -> dict[str, PublishedForm]:
    """The published versions of a form, the newest last. DataError 'import.unknown_form'."""
    found = {each.version: each for each in store.forms() if each.form_id == form_id}
    if not found:
        raise DataError("import.unknown_form", form=form_id)
    return found


def _version(versions: Mapping[str, PublishedForm], wanted: str) -> PublishedForm:
    if wanted and wanted not in versions:
        raise UsageError("import.no_version", version=wanted, known=", ".join(versions))
    return versions[wanted] if wanted else list(versions.values())[-1]


def by_version(
    versions: Mapping[str, PublishedForm],
    chosen: PublishedForm,
    rows: Rows,
    wanted: Wanted,
    *,
    zone: str,
    now: dt.datetime,
) -> Rebuilt:
    """The records of tables, each by the version of the form that it names, where that is known; else by `chosen`.

    Of a column that this version does not have, and where none of its records has anything, is nothing said.
    """
    groups: dict[str, set[str]] = {}
    for key, version in rows.versions.items():
        known = version if version in versions and not wanted.version else chosen.version
        groups.setdefault(known, set()).add(key)
    if set(groups) <= {chosen.version}:
        return _rebuilt(chosen, rows, wanted, zone=zone, now=now)
    arrivals: list[Arrival] = []
    problems: list[Problem] = []
    for version, keys in groups.items():
        form = read_form(versions[version].xform)
        part = _part(form, rows, keys)
        found = _rebuilt(versions[version], part, wanted, zone=zone, now=now)
        arrivals += found.arrivals
        problems += [problem for problem in found.problems if problem not in problems]
    arrivals.sort(key=lambda arrival: arrival.place)
    return Rebuilt(tuple(arrivals), tuple(problems))


def _rebuilt(chosen: PublishedForm, rows: Rows, wanted: Wanted, *, zone: str, now: dt.datetime) -> Rebuilt:
    form = read_form(chosen.xform)
    return records(
        form, rows, zone=zone, now=now, instances=instances(form, chosen.lists), keep=wanted.keep,
        leave_out=wanted.leave_out,
    )  # fmt: skip


def _part(form: Form, rows: Rows, keys: set[str]) -> Rows:
    """The rows of some records, without columns and tables that the form does not know and that are empty there."""
    shapes = layout(form)
    tables: dict[str, pd.DataFrame] = {}
    owned = set(keys)
    for name, frame in rows.tables.items():
        owner = frame[PARENT_KEY] if PARENT_KEY in frame else frame[KEY]
        mine = frame[[str(key) in owned for key in owner]]
        owned |= {str(key) for key in mine[KEY]}
        known = {KEY, PARENT_KEY, *ENVELOPE, *_names(shapes.get(name))}
        empty = [column for column in mine.columns if column not in known and not (mine[column].fillna("") != "").any()]
        if name in shapes or len(mine):
            tables[name] = mine.drop(columns=empty)
    return replace(rows, tables=tables)


def _names(table: Table | None) -> list[str]:
    return [] if table is None else [column.name for column in table.columns]


def _manifest(files: Mapping[str, bytes]) -> dict[str, object]:
    """What a ZIP of ours says of itself; empty for others."""
    data = next((data for name, data in files.items() if PurePosixPath(name).name == MANIFEST), None)
    if data is None:
        return {}
    try:
        found = json.loads(data)
    except ValueError as error:
        raise DataError("import.not_json", file=MANIFEST) from error
    return found if isinstance(found, dict) else {}


def _unguarded(grid: Grid) -> Grid:
    from intake.exchange.guard import unguarded

    rows = tuple((number, tuple(unguarded(cell) for cell in cells)) for number, cells in grid.rows)
    return Grid(grid.name, tuple(unguarded(column) for column in grid.columns), rows)


def _title(name: str) -> str:
    """The title that a table has as a sheet."""
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31]
