"""The files a form reads beside itself (CSV, XML, GeoJSON): looked for, read once, frozen with the form.

They lie in the folder `<form>-media/` beside the workbook, as ODK and KoboToolbox want them; else beside the workbook
itself or in the study's `lists/`. Pictures, sounds and videos of questions and choices are looked for in the folder
only and frozen too; one that is not there is left out, and the screen goes without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from validation.errors import FormError, Place, Problem
from validation.reading import file_name
from validation.secondary import LAST_SAVED, read_instance, readers
from validation.xpath.parser import references

if TYPE_CHECKING:
    from validation.form import Form
    from validation.tree import Node

FOLDER = "media/"  # before the names of these files among the lists of a frozen form
SIZE_LIMIT = 50_000_000  # bytes of all files of a form together; one of them is at most as large as a workbook
SHOWN_LIMIT = 10_000_000  # bytes of one picture, sound or video
_SHOWN = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "svg": "image/svg+xml", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav", "m4a": "audio/mp4",
    "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Media:
    """The files of a form as they lay there. `files` are the bytes by name as a frozen form keeps them.

    `missing` are the files that expressions read and that are nowhere, `problems` those that cannot be read, `lacking`
    the columns that questions take their choices from and a file has not: there is nothing to choose then. `unseen` are
    pictures, sounds and videos that are not there. Their places are nodesets.
    """

    files: Mapping[str, bytes]
    missing: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    lacking: tuple[Problem, ...] = ()
    unseen: tuple[Problem, ...] = ()


def attached(form: Form, workbook: Path | str, made: Mapping[str, bytes] | None = None) -> Media:
    """The files that a form reads. `made` are those its workbook holds itself, by name as a frozen form keeps them."""
    path = Path(workbook).absolute()
    read_at = readers(form)
    files: dict[str, bytes] = {}
    missing: list[Problem] = []
    problems: list[Problem] = []
    lacking: list[Problem] = []
    for name, source in form.external.items():
        if source == LAST_SAVED or name in form.entity_lists:
            continue
        place = Place(nodeset=read_at.get(name, ""))
        fields = {"file": file_name(source), "name": name}
        try:
            data = (made or {}).get(FOLDER + file_name(source)) or _read(path, file_name(source))
            if data is None:
                if name in read_at:
                    missing.append(Problem("workbook.missing_file", place, {**fields, "folder": f"{path.stem}-media"}))
                continue
            document = read_instance(_text(data), source)
        except FormError as error:
            problems.extend(Problem(each.code, place, {**each.fields, **fields}) for each in error.problems)
            continue
        lacking.extend(_lacking(form, name, document, fields))
        files[FOLDER + file_name(source)] = data
        if sum(map(len, files.values())) > SIZE_LIMIT:
            limit = f"{SIZE_LIMIT // 1_000_000}"
            problems.append(Problem("workbook.too_many_files", place, {**fields, "limit": limit}))
            break
    seen = list(_add_shown(form, path, files))
    problems.extend(each for each in seen if each.code != "workbook.missing_shown")
    unseen = tuple(each for each in seen if each.code == "workbook.missing_shown")
    return Media(files, tuple(missing), tuple(problems), tuple(lacking), unseen)


def shown_as(name: str) -> str:
    """The media type under which the screen shows a file of this name; '' for a file it does not show."""
    return _SHOWN.get(name.rpartition(".")[2].lower(), "")


def shown(form: Form) -> dict[str, str]:
    """The files that labels and choices of a form show, by name, each with a nodeset or id that names it."""
    found: dict[str, str] = {}
    for texts in form.itext.values.values():
        for place, value in texts.items():
            for address in value.media.values():
                name = file_name(address)
                if address not in ("", "-") and shown_as(name):
                    found.setdefault(name, place.partition(":")[0])
    return found


def instances(form: Form, files: Mapping[str, bytes]) -> dict[str, str]:
    """{instance name: text} as `Instance` takes them, of the files of a frozen form."""
    named = ((name, files.get(FOLDER + file_name(source))) for name, source in form.external.items())
    return {name: _text(data) for name, data in named if data is not None}


def _add_shown(form: Form, workbook: Path, files: dict[str, bytes]) -> Iterator[Problem]:
    """Put the files that the form shows among `files`; what is too large or not there is named."""
    folder = f"{workbook.stem}-media"
    for name, nodeset in shown(form).items():
        path = workbook.parent / folder / name
        if FOLDER + name in files:
            continue
        place = Place(nodeset=nodeset if nodeset in form.binds else "")
        if not _is_bare(name) or not path.is_file():
            yield Problem("workbook.missing_shown", place, {"file": name, "folder": folder})
            continue
        if path.stat().st_size > SHOWN_LIMIT:
            fields = {"file": name, "folder": folder, "limit": f"{SHOWN_LIMIT // 1_000_000}"}
            yield Problem("workbook.shown_too_large", place, fields)
            continue
        files[FOLDER + name] = _bytes(path)
        if sum(map(len, files.values())) > SIZE_LIMIT:
            limit = f"{SIZE_LIMIT // 1_000_000}"
            yield Problem("workbook.too_many_files", place, {"file": name, "name": name, "limit": limit})
            return


def _bytes(path: Path) -> bytes:
    from intake.workbook import read_bytes

    return read_bytes(path)


def _lacking(form: Form, name: str, document: Node, fields: Mapping[str, str]) -> Iterator[Problem]:
    """The columns of a list that a question's choices need and no item has."""
    root = next(document.elements())
    known = {cell.name for item in root.elements() for cell in item.elements()}
    items = f"instance('{name}')/root/item"
    if root.name != "root" or not known:
        return
    for control in form.controls():
        read = references(control.itemset.nodeset, control.nodeset) if control.itemset else frozenset()
        if control.itemset is None or items not in read:
            continue
        label = control.itemset.label.source if control.itemset.label else ""
        asked = {path.removeprefix(f"{items}/") for path in read if path.startswith(f"{items}/")}
        for column in sorted({control.itemset.value, label, *asked} - known):
            if re.fullmatch(r"[\w.-]+", column):
                place = Place(nodeset=control.nodeset)
                yield Problem("workbook.file_without_column", place, {**fields, "column": column})


def _read(workbook: Path, name: str) -> bytes | None:
    found = next((path for path in _places(workbook, name) if path.is_file()), None)
    return None if found is None else _bytes(found)


def _places(workbook: Path, name: str) -> Iterator[Path]:
    if _is_bare(name):
        yield workbook.parent / f"{workbook.stem}-media" / name
        yield workbook.parent / name
        yield workbook.parent.parent / "lists" / name


def _is_bare(name: str) -> bool:
    """Whether a name leads to no other folder, on no system."""
    return bool(name) and PureWindowsPath(name).name == name


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormError([Problem("form.bad_instance", fields={"cause": "UTF-8"})]) from None
