"""From a file or a form's id to a codebook on disk: what `lotsenbuch form codebook` does.

With figures it holds what people said, if only counted: the file can be read by its owner only, and is marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intake.document import write
from reports.codebook.counts import Figures, figures
from reports.codebook.entries import Codebook, codebook
from reports.codebook.page import page
from reports.codebook.sheets import sheets
from reports.paper.making import form_of
from validation.errors import DataError, UsageError
from validation.form import Form
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

ENDINGS = (".html", ".xlsx")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Made:
    """A codebook, with figures or without, and what stands above it where its data are synthetic or lie open."""

    codebook: Codebook
    figures: Figures | None = None
    demo: str = ""

    def write(self, path: Path | None, language: str = "de") -> Path:
        """The codebook as HTML or XLSX, by the ending of the name; whole or not at all, readable by its owner only.

        UsageError where the file exists, cannot be written, or has another ending.
        """
        target = path or Path(f"{self._mark()}{_NO_NAME.sub('_', self.codebook.form_id).strip('._')}-codebuch.html")
        if target.suffix.lower() not in ENDINGS:
            raise UsageError("codebook.unknown_ending", path=target)
        if target.suffix.lower() == ".html":
            write(target, page(self.codebook, self.figures, language=language, demo=self.demo))
        else:
            from intake import excel

            write(target, excel.write(sheets(self.codebook, self.figures, language=language, demo=self.demo)))
        return target

    def _mark(self) -> str:
        """Figures are told by the name of the file already."""
        return "INTERN-" if self.figures is not None else ""


def codebook_of(
    source: str,
    study: Path,
    *,
    data: bool = False,
    language: str = "de",
    progress: Callable[[int], object] | None = None,
) -> Made:
    """The codebook of a workbook, or of a form of the study by its id, as last published there; with `data` the
    frequencies of its records.

    FormError for a workbook that is wrong, StudyError for an unknown id, DataError 'codebook.not_published' where there
    can be no records.
    """
    from intake.study import SETTINGS, open_study

    form, files = form_of(source, study)
    if not data and not (study / SETTINGS).is_file():
        return Made(codebook(form, files))
    opened = open_study(study)
    return _with_study(opened, form, files, data=data, language=language, progress=progress)


def _with_study(
    study: Study,
    form: Form,
    files: Mapping[str, str],
    *,
    data: bool,
    language: str,
    progress: Callable[[int], object] | None,
) -> Made:
    from intake.tables import published_forms
    from intake.versions import RENAMES, read_renames

    if not study.has_store:
        if data:
            raise DataError("codebook.not_published", form=form.id)
        return Made(codebook(form, files))
    renames = read_renames(study.dir / RENAMES, form.id)
    with study.store() as store:
        versions: Sequence[Form] = published_forms(store).get(form.id, [])
        if data and not versions:
            raise DataError("codebook.not_published", form=form.id)
        counted = figures(store, versions, zone=study.zone, renames=renames, progress=progress) if data else None
    marks = (("plain", study.is_plain), ("demo", study.demo))
    demo = " · ".join(say(f"report_frame.{name}", language) for name, is_so in marks if is_so)
    return Made(codebook(form, files, versions, renames), counted, demo if counted is not None else "")
