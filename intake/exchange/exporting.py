"""An export: what was ordered, written whole or not at all, and noted in the store before anything is on disk.

    order = Order("csv", profile=Profile(PSEUDONYMOUS))
    done = export_study(study, Path("auswertung"), order)
    done.files, done.records, done.notes

A folder (0700) with files (0600) that only their owner reads; it is made beside its place under another name and takes
it when all is written, so a crash leaves nothing that looks like an export. What is there already is never overwritten.
`lotsenbuch.json` in it, or in each ZIP, says what the files are: format, profile, forms with versions, whether texts
are guarded, and what was left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from intake.columnar import identities
from intake.exchange import central_csv, openrosa
from intake.exchange.beside import is_beside
from intake.exchange.extract import Extract, Note, extract
from intake.exchange.profiles import FULL, PROFILES, PSEUDONYMOUS, PUBLIC, Profile
from intake.store import Store
from intake.store.restriction import left_out
from intake.store.ring import CLASSES
from intake.tables import published_forms
from validation.errors import StudyError, UsageError
from validation.form import Form
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

FORMATS = ("csv", "briefcase", "csv-labels", "xlsx", "xlsx-labels", "parquet", "sav", "dta", "openrosa", "entities")
WHOLE = ("openrosa", "entities")
"""Formats that exist in full only."""

ABOUT = "lotsenbuch.json"
_GUARDED = ("csv", "briefcase", "csv-labels", "entities")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What goes out: `forms` are ids, () for all that are published; `language` is that of labels, None for German or,
    where a form has none, its first; `split` gives several choices as columns too; `guard` keeps texts of CSV files
    from being formulas."""

    format: str = "csv"
    forms: tuple[str, ...] = ()
    profile: Profile = field(default_factory=Profile)
    language: str | None = None
    split: bool = False
    guard: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where it lies (the folder, or the one file), all files, records by form, what is to be told."""

    path: Path
    files: tuple[Path, ...]
    records: Mapping[str, int]
    notes: tuple[Note, ...]


def export_study(study: Study, out: Path, order: Order | None = None, *, progress: Progress | None = None) -> Exported:
    """Write records of a study into a new folder `out`; or into one file, where `out` has a suffix and there is one.

    UsageError for an order that cannot be, for `out` that is there, and for several files where one was wanted;
    StoreError 'export.class_closed' where the login may not open what the profile shows; otherwise as the formats. Each
    export that begins to write is an event in the store.
    """
    chosen = _checked(order or Order())
    tell = progress or (lambda _: None)
    if out.exists() and (out.is_file() or any(out.iterdir())):
        raise UsageError("document.exists", path=out)
    with study.store() as store:
        published = published_forms(store)
        if not published:
            raise UsageError("export.nothing_published")
        takes = []
        for name in dict.fromkeys(chosen.forms or published):
            tell(say("export.reading", form=name))
            takes.append(extract(study, store, name, chosen.profile, published=published))
            spoken(takes[-1].form, chosen.language)
        about = f"export {chosen.format} {chosen.profile.name} {' '.join(take.form.id for take in takes)}"
        with _Folder(out) as folder:
            store.note("export", about=about)
            notes = [note for take in takes for note in take.notes]
            notes += _Writing(store, folder.path, chosen, tell).write(takes)
            if not folder.is_one_file():
                put(folder.path / ABOUT, _told(chosen, takes, notes))
            path, files = folder.finished()
    return Exported(path, files, {take.form.id: take.records for take in takes}, tuple(notes))


def public_threshold(study: Study) -> int:
    """How many equal rows the public profile asks for: the strictest threshold for the public in `disclosure.toml`.
    StudyError 'export.no_threshold'."""
    file = study.dir / "disclosure.toml"
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))["threshold"]["public"]
        return max(int(found["person"]), int(found["special"]), 2)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError("export.no_threshold", file=file) from error


def pseudonym_key(file: Path) -> bytes:
    """The key of codes and shifts in a file, made where there is none. UsageError 'export.bad_key'."""
    try:
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
                new.write(secrets.token_hex(32) + "\n")
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise UsageError("export.bad_key", file=file) from error
    if len(key) != 32 or (os.name == "posix" and file.stat().st_mode & 0o077):
        raise UsageError("export.bad_key", file=file)
    return key


def profile_of(study: Study, name: str, include: Iterable[str] = (), key_file: Path | None = None) -> Profile:
    """A profile by its name. UsageError 'export.unknown_profile', 'export.unknown_class', 'export.bad_key', and
    'export.only_pseudonymous' for classes or a key with another one."""
    if name not in PROFILES:
        raise UsageError("export.unknown_profile", profile=name, known=", ".join(PROFILES))
    included, more = frozenset(include), CLASSES[:-1]
    if name != PSEUDONYMOUS and (included or key_file is not None):
        raise UsageError("export.only_pseudonymous", profile=name)
    for each in included:
        if each not in more:
            raise UsageError("export.unknown_class", name=each, known=", ".join(more))
    if name == PUBLIC:
        return Profile(name, least=public_threshold(study))
    return Profile(name, included) if key_file is None else Profile(name, included, pseudonym_key(key_file))


def _checked(order: Order) -> Order:
    if order.format not in FORMATS:
        raise UsageError("export.unknown_format", format=order.format, known=", ".join(FORMATS))
    if order.format in WHOLE and order.profile.name != FULL:
        raise UsageError("export.full_only", format=order.format)
    if order.format in ("sav", "dta"):
        from intake.exchange.spss import library

        library()
    return order


def spoken(form: Form, language: str | None) -> str:
    """The language of a form's labels: the wanted one; for None German, or the form's first where it has none.
    UsageError 'export.unknown_language' where a form has labels, and none in this language."""
    codes = [name.rpartition("(")[2].rstrip(") ") for name in form.languages]
    if language is None:
        return "de" if "de" in codes or not codes else codes[0]
    if codes and language not in (*codes, *form.languages):
        raise UsageError("export.unknown_language", form=form.id, language=language, known=", ".join(codes))
    return language


def _told(order: Order, takes: Iterable[Extract], notes: Iterable[Note]) -> bytes:
    """What the files are, for a program and for who finds them."""
    told = {
        "program": "lotsenbuch",
        "format": order.format,
        "profile": order.profile.name,
        "guard": order.guard and order.format in _GUARDED,
        "forms": [
            {
                "form": take.form.id,
                "version": take.form.version,
                "hash": take.form.hash,
                "records": take.records,
                "language": spoken(take.form, order.language),
            }
            for take in takes
        ],
        "notes": [note.text() for note in notes],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


class _Folder:
    """A folder that is not there until it is whole."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.path = out.with_name(f".{out.name}.{secrets.token_hex(4)}.new")

    def __enter__(self) -> _Folder:
        try:
            self._out.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700)
        except OSError as error:
            raise UsageError("document.not_writable", path=self._out) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if isinstance(error, OSError):
            raise UsageError("document.not_writable", path=self._out) from error

    def files(self) -> list[Path]:
        return sorted(path for path in self.path.rglob("*") if path.is_file())

    def is_one_file(self) -> bool:
        """Whether one file is wanted; UsageError 'export.several_files' where there are more, or it is another."""
        if not self._out.suffix or self._out.is_dir():
            return False
        found = self.files()
        if len(found) != 1 or found[0].suffix != self._out.suffix:
            raise UsageError("export.several_files", count=len(found))
        return True

    def finished(self) -> tuple[Path, tuple[Path, ...]]:
        """Give everything its name. The files are only their owner's."""
        found = self.files()
        for path in found:
            path.chmod(0o600)
        if self.is_one_file():
            found[0].replace(self._out)
            return self._out, (self._out,)
        names = [path.relative_to(self.path) for path in found]
        if self._out.exists():
            self._out.rmdir()
        self.path.rename(self._out)
        return self._out, tuple(self._out / name for name in names)


def put(path: Path, content: bytes) -> None:
    """A new file that only its owner reads."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


class _Writing:
    """One order on its way into a folder."""

    def __init__(self, store: Store, folder: Path, order: Order, tell: Progress) -> None:
        self._store = store
        self._folder = folder
        self._order = order
        self._tell = tell

    def write(self, takes: list[Extract]) -> list[Note]:
        if self._order.format == "entities":
            return self._entities(takes)
        notes: list[Note] = []
        for take in takes:
            self._tell(say("export.writing", form=take.form.id))
            notes += self._form(take)
        return notes

    def _form(self, take: Extract) -> list[Note]:
        order, name = self._order, central_csv.safe(take.form.id)
        language = spoken(take.form, order.language)
        if order.format in ("csv", "briefcase", "csv-labels"):
            return self._zip(take, self._folder / f"{name}.zip")
        if order.format in ("xlsx", "xlsx-labels"):
            from intake.exchange.sheets import workbook

            labels = language if order.format == "xlsx-labels" else None
            put(self._folder / f"{name}.xlsx", workbook(take, labels, split=order.split))
        elif order.format == "parquet":
            from intake.exchange.parquet import document

            for table, frame in take.typed().items():
                file = self._folder / f"{central_csv.safe(table)}.parquet"
                put(file, document(take, frame, table, language=language))
        elif order.format == "openrosa":
            for path, content in self._records(take):
                put(self._folder / path, content)
        else:
            from intake.exchange.spss import DTA, SAV, write

            program = SAV if order.format == "sav" else DTA
            return write(take, program, self._folder, language=language, split=order.split)[1]
        return []

    def _zip(self, take: Extract, path: Path) -> list[Note]:
        order = self._order
        if order.format == "csv-labels":
            from intake.exchange.sheets import csv_labels

            texts = csv_labels(take, spoken(take.form, order.language), split=order.split, guard=order.guard)
        else:
            dialect = central_csv.BRIEFCASE if order.format == "briefcase" else central_csv.CENTRAL
            texts = central_csv.documents(take, dialect, split=order.split, guard=order.guard)
        seen: dict[str, bytes] = {}
        twice = 0
        put(path, b"")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text.encode())
            for record, name, content in self._media(take):
                place, digest = f"media/{openrosa.file_name(name)}", hashlib.sha256(content).digest()
                if seen.get(place, digest) != digest:
                    place, twice = f"media/{central_csv.safe(record)}/{openrosa.file_name(name)}", twice + 1
                if place not in seen:
                    archive.writestr(place, content)
                    seen[place] = digest
            notes = [Note("export.media_twice", {"form": take.form.id, "count": str(twice)})] if twice else []
            if order.format == "briefcase" and any(
                is_beside(column.nodeset) for table in take.layout.values() for column in table.columns
            ):
                notes.append(Note("export.beside_left", {"form": take.form.id}))
            archive.writestr(ABOUT, _told(order, [take], [*take.notes, *notes]))
        return notes

    def _media(self, take: Extract) -> Iterator[tuple[str, str, bytes]]:
        """(record, name, content) of the files that answers name, in the full profile."""
        if take.profile != FULL:
            return
        frames = take.texts()
        named = {
            text
            for table in take.layout.values()
            for column in table.columns
            if column.type == "binary"
            for text in frames[table.name][column.name].dropna()
        }
        for record in identities(take.sheets) if named else ():
            for file in self._store.attachments.listed(record):
                if file.name in named:
                    yield record, file.name, self._store.attachments.content(record, file.name)

    def _records(self, take: Extract) -> Iterator[tuple[str, bytes]]:
        published = [form for form in reversed(self._store.forms()) if form.form_id == take.form.id]
        gone = left_out(self._store)
        records = (each for each in self._store.submissions(take.form.id) if each.id not in gone)
        return openrosa.documents(published, records, self._files)

    def _files(self, record: str) -> Mapping[str, bytes]:
        attachments = self._store.attachments
        return {file.name: attachments.content(record, file.name) for file in attachments.listed(record)}

    def _entities(self, takes: list[Extract]) -> list[Note]:
        from intake.entities import read_with_lost
        from intake.exchange.entities_csv import documents
        from intake.saying import properties_of

        ids = {take.form.id for take in takes}
        published = published_forms(self._store)
        forms = [form for name, versions in published.items() if name in ids for form in versions]
        if not (known := properties_of(forms)):
            raise UsageError("export.no_entities")
        of_hash = {form.hash: form for versions in published.values() for form in versions}
        entities, lost = read_with_lost(self._store, of_hash.__getitem__, datasets=known)
        for name, text in documents(forms, entities, guard=self._order.guard).items():
            put(self._folder / name, text.encode())
        return [Note("export.entity_lost", {"dataset": name, "count": str(count)}) for name, count in lost.items()]
