"""Publishing freezes a form: workbook, XForm and choice lists as they were, under (form id, version, hash).

What is collected is judged by the form it was collected with; the workbook in `forms/` may go on changing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from validation.errors import FormError, Place, Problem

if TYPE_CHECKING:
    from intake.entitysheet import Declared
    from intake.store import Store
    from intake.study import Study


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """A form that no longer changes.

    `hash` is `Form.hash`: the SHA-256 of `xform` (UTF-8), in hex. `workbook` are the bytes of the file as it lay in
    `forms/`, `workbook_name` its name without a directory. `lists` are the files of `lists/` it used, by file name,
    and under `media/` and their name the files it reads; empty when it used none.
    """

    form_id: str
    version: str
    hash: str
    xform: str
    workbook: bytes
    workbook_name: str
    lists: Mapping[str, bytes]


class ListsOnDemand(Mapping[str, bytes]):
    """The lists of a form that no longer changes, each read when it is asked for: beside choices there are pictures and
    films. KeyError for a name that is not one of them."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], bytes]) -> None:
        self._names = names
        self._read = read

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def freeze(path: Path | str, *, versioned: bool = True, declared: Declared | None = None) -> PublishedForm:
    """The workbook as a form that no longer changes; nothing is stored. `declared` as `intake.xlsform.convert`.

    FormError when it is wrong, reads a file that is not there, or has no version though it must be `versioned`. The
    same workbook and lists always give the same hash.
    """
    from intake.media import attached
    from intake.workbook import read_bytes
    from intake.xlsform import convert, read_converted

    path = Path(path)
    converted = convert(path, declared)
    form = read_converted(converted)
    media = attached(form, path, converted.lists)
    if media.problems or media.missing:
        raise FormError(converted.located([*media.problems, *media.missing]))
    if versioned and not form.version:
        raise FormError([Problem("publishing.no_version", Place("settings"), {"form": form.id})])
    lists = {**converted.lists, **media.files}
    return PublishedForm(form.id, form.version, form.hash, converted.xform, read_bytes(path), path.name, lists)


def publish(
    store: Store, path: Path | str, *, versioned: bool = True, declared: Declared | None = None
) -> PublishedForm:
    """Freeze a workbook and keep it in the store. Publishing the same again changes nothing.

    FormError as `freeze`, or when its version is published already with other content: then the
    version must be raised, because submissions name it.
    """
    frozen = freeze(path, versioned=versioned, declared=declared)
    content = (frozen.hash, dict(frozen.lists))
    for known in store.forms():
        same = (known.form_id, known.version) == (frozen.form_id, frozen.version)
        if same and (known.hash, dict(known.lists)) != content:
            fields = {"form": frozen.form_id, "version": frozen.version}
            raise FormError([Problem("publishing.version_taken", Place("settings"), fields)])
    store.publish(frozen)
    return frozen


def publish_all(study: Study, store: Store) -> tuple[PublishedForm, ...]:
    """Publish every form of a study in its order. FormError at the first that is wrong; those before it stay."""
    from intake.entitysheet import Declared

    declared = Declared()
    return tuple(publish(store, path, declared=declared) for path in study.form_paths())
