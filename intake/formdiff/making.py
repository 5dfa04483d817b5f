"""From two names to a comparison: what `lotsenbuch form diff` does. A name is a file, a published form's id, or
`id@version`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from intake.formdiff.comparing import compare
from intake.formdiff.stored import Trial, try_on
from intake.formdiff.telling import Telling
from intake.versions import RENAMES, read_renames
from validation.errors import StudyError, UsageError
from validation.form import Form
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.study import Study

Files = Mapping[str, bytes]


def difference(
    old: str,
    new: str,
    *,
    study: Path | None = None,
    renames: Path | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Telling:
    """Compare two forms and, where a study is named that has published the form, try the new one on its records.

    FormError for a workbook that is wrong, StudyError 'formdiff.not_published', 'formdiff.no_version', UsageError
    'formdiff.no_study', DataError for renamings that are wrong or cannot be.
    """
    from intake.study import open_study

    opened = open_study(study) if study is not None else None
    before, _ = _form(old, opened)
    after, files = _form(new, opened)
    given = _renames(renames, opened, after.id)
    diff = compare(before, after, given)
    trial = _trial(opened, after, files, given, progress) if opened is not None and opened.has_store else None
    return Telling(before, after, diff, trial)


def _trial(
    study: Study,
    form: Form,
    files: Files,
    renames: Mapping[str, str],
    progress: Callable[[int, int], object] | None,
) -> Trial | None:
    from intake.tables import published_forms

    with study.store() as store:
        versions = published_forms(store).get(form.id, [])
        if not versions:
            return None
        return try_on(store, form, versions, renames=renames, zone=study.zone, files=files, progress=progress)


def _renames(file: Path | None, study: Study | None, form_id: str) -> dict[str, str]:
    if file is not None and not file.is_file():
        raise UsageError("formdiff.no_renames", path=file)
    found = file or (study.dir / RENAMES if study is not None else None)
    return read_renames(found, form_id) if found is not None else {}


def _form(name: str, study: Study | None) -> tuple[Form, Files]:
    """A form, and the files it reads as a frozen form keeps them."""
    from intake.study import FORM_SUFFIXES

    path = Path(name)
    if path.suffix.lower() in FORM_SUFFIXES or path.is_file():
        from intake.media import attached
        from intake.xlsform import convert, read_converted

        converted = convert(path)
        form = read_converted(converted)
        return form, {**converted.lists, **attached(form, path, converted.lists).files}
    if study is None or not study.has_store:
        raise UsageError("formdiff.no_study", form=name)
    form_id, _, version = name.partition("@")
    with study.store() as store:
        frozen = [each for each in store.forms() if each.form_id == form_id]
    if not frozen:
        raise StudyError("formdiff.not_published", form=form_id)
    found = [each for each in frozen if not version or each.version == version]
    if not found:
        known = ", ".join(each.version for each in frozen)
        raise StudyError("formdiff.no_version", form=form_id, version=version, known=known)
    return read_form(found[-1].xform), found[-1].lists
