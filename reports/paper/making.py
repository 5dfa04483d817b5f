"""From a file, a form's id or a case number to a PDF on disk: what `lotsenbuch form paper` does.

A filled sheet holds what a person said: its file has a name without anything of it, and only its owner may read it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.factory.render import page_to_pdf
from reports.paper.blank import blank
from reports.paper.filled import filled, short_id
from reports.paper.page import Sheet
from reports.paper.texts import UNNAMED
from validation.errors import DataError, ReportError, StudyError, UsageError
from validation.form import Form

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study
    from intake.submission import Submission

CASE_QUESTION = "fallnummer"
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Printed:
    """A sheet and the name of a file for it, without a directory."""

    sheet: Sheet
    name: str

    def write(self, output: Path | None, *, force: bool = False) -> Path:
        """The PDF on disk, complete or not at all, readable by its owner only.

        UsageError, and nothing is written, where the file exists (unless `force`) or its directory does not.
        """
        path = output or Path(self.name)
        if not path.parent.is_dir():
            raise UsageError("paper.no_directory", path=path.parent)
        if path.exists() and not (force and path.is_file()):
            raise UsageError("paper.exists", path=path)
        _write(path, page_to_pdf(self.sheet.json()))
        return path


def blank_of(source: str, study: Path, languages: Sequence[str | None]) -> Printed:
    """The empty form of a workbook, or of a form of the study by its id, as last published there.

    FormError for a workbook that is wrong, StudyError for an unknown id, UsageError for a language it has not.
    """
    form, files = form_of(source, study)
    sheet = blank(form, _languages(form, languages), files)
    codes = "-".join(code for code, _ in sheet.languages)
    return Printed(sheet, f"{_file_name(form.id)}-papier-{codes}.pdf")


def case_of(number: str, study: Path, form_id: str | None, languages: Sequence[str | None]) -> Printed:
    """The latest version of a completed interview by its case number or id, to sign.

    DataError where there is none or more than one; the message does not repeat the number, which holds a pseudonym.
    """
    from intake.media import instances
    from intake.store.audit import Witness
    from intake.study import open_study
    from validation.xform import read_form

    opened = open_study(study)
    with opened.store() as store:
        submission = _found(store, number, form_id)
        Witness(store).saw(submission.subject, "paper", municipality=submission.municipality)
        frozen = store.form(submission.form_hash)
    form = read_form(frozen.xform)
    demo = _demo(opened)
    spoken = _languages(form, languages)
    sheet = filled(form, submission, spoken, files=instances(form, frozen.lists), demo=demo)
    mark = "DEMO-" if opened.demo else ""
    return Printed(sheet, f"{mark}{_file_name(form.id)}-{short_id(submission.id)}.pdf")


def _demo(study: Study) -> str:
    from validation.messages import say

    marks = (("plain", study.is_plain), ("demo", study.demo))
    return " · ".join(say(f"report_frame.{name}") for name, is_so in marks if is_so)


def _found(store: Store, number: str, form_id: str | None) -> Submission:
    from intake.submission import answer_named

    wanted = number.strip()
    by_number: list[Submission] = []
    for each in store.submissions(form_id):
        if wanted in (each.id, each.id.removeprefix("uuid:")):
            return each
        if wanted and answer_named(each.record, CASE_QUESTION) == wanted:
            by_number.append(each)
    if not by_number:
        raise DataError("paper.no_case")
    if len(by_number) > 1:
        raise DataError("paper.several_cases", count=len(by_number))
    return by_number[0]


def form_of(source: str, study: Path) -> tuple[Form, Mapping[str, str]]:
    """The form of a workbook, or of a form of the study by its id as last published there, with the texts of the files
    of choices it reads. FormError for a workbook that is wrong, StudyError for an unknown id."""
    from intake.study import FORM_SUFFIXES, open_study

    path = Path(source)
    if path.suffix.lower() in FORM_SUFFIXES or path.is_file():
        return _workbook(path)
    opened = open_study(study)
    if opened.has_store:
        with opened.store() as store:
            frozen = [each for each in store.forms() if each.form_id == source]
        if frozen:
            from intake.media import instances
            from validation.xform import read_form

            form = read_form(frozen[-1].xform)
            return form, instances(form, frozen[-1].lists)
    known = opened.forms()
    if source not in known:
        raise StudyError("study.unknown_form", form=source, known=", ".join(known) or "–")
    return _workbook(known[source])


def _workbook(path: Path) -> tuple[Form, Mapping[str, str]]:
    """The form of a workbook with the files of choices that lie beside it; those that do not are done without."""
    from intake.media import attached, instances
    from intake.xlsform import convert, read_converted

    converted = convert(path)
    form = read_converted(converted)
    return form, instances(form, attached(form, path, converted.lists).files)


def _languages(form: Form, wanted: Sequence[str | None]) -> list[str]:
    """Those named; German where none is, or the form's own first where it has no German."""
    from intake.interview.description import language_of

    first, *others = wanted
    known = [language_of(name) for name in form.languages if name != UNNAMED or len(form.languages) > 1]
    if first is None:
        german = any(language.code == "de" for language in known) or not known
        default = language_of(form.itext.default or form.languages[0]) if known else None
        first = "de" if german or default is None else default.name
    return [first, *(other for other in others if other is not None and other != first)]


def _file_name(text: str) -> str:
    return _NO_NAME.sub("_", text).strip("._") or "formular"


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    except OSError as error:
        raise ReportError("report.write", path=path.parent, cause=error.strerror or type(error).__name__) from error
    finally:
        part.unlink(missing_ok=True)
