"""Paper forms for tests: a form written as a Markdown table, its sheet, and what stands in its PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from intake.xlsform import read_xlsform
from reports.factory.render import page_to_pdf
from reports.paper.blank import blank
from reports.paper.page import Block, Item, Question, Sheet
from reports.paper.texts import Said, spoken
from scenario.workbooks import markdown
from validation.form import Form

SETTINGS = "| settings | form_title | form_id | version |\n|---|---|---|---|\n| | Probe | probe | 1 |\n"


def written(folder: Path, survey: str, settings: str = SETTINGS, name: str = "form.md") -> Form:
    """The form of a survey (and choices) given as Markdown tables, indented as the test is."""
    lines = "\n".join(line.strip() for line in survey.strip().splitlines())
    return read_xlsform(markdown(folder, f"{lines}\n\n{settings}", name))


def printed(sheet: Sheet) -> PdfReader:
    """The sheet as PDF, read."""
    return PdfReader(io.BytesIO(page_to_pdf(sheet.json())))


def text_of(pdf: PdfReader) -> str:
    """All its text, without any white space: lines are broken where the page ends them."""
    return squeezed("".join(page.extract_text() for page in pdf.pages))


def squeezed(text: str) -> str:
    return "".join(text.split())


def questions_of(form: Form, *languages: str) -> dict[str, Question]:
    """The questions of the empty form by number; of a repeat those of its first entry."""
    found: dict[str, Question] = {}
    for section in blank(form, languages or ("de",)).sections:
        for question in _questions(section.items):
            found.setdefault(question.number, question)
    return found


def _questions(items: tuple[Item, ...]) -> Iterator[Question]:
    for item in items:
        if isinstance(item, Question):
            yield item
        elif isinstance(item, Block):
            yield from _questions(item.items)


def labels(said: tuple[Said, ...], at: int = 0) -> list[str]:
    """Texts in one language."""
    return [spoken(each, at) for each in said]


def structure(element: Any) -> Iterator[Any]:
    """The tags of a PDF, from the outermost to the innermost."""
    yield element
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        child = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(child, "get") and child.get("/S"):
            yield from structure(child)
