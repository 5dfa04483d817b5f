"""From an office's form and a case to a filled file: what `lotsenbuch report fill` does."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from intake.casefile import records_about
from intake.document import write
from intake.exchange.guards import read_file
from reports.filling.answers import Answers
from reports.filling.mapping import read_mapping
from reports.plan.making import find_case
from validation.errors import DataError, UsageError

if TYPE_CHECKING:
    from intake.study import Study

TEMPLATES = (".docx", ".pdf")


def fill_template(study: Study, template: Path, number: str, mapping: Path, out: Path) -> Path:
    """The filled form in the directory `out`, for its owner only; its name says nothing of the person.

    UsageError for a file that is neither Word nor PDF; DataError for a template or table that is wrong, a field the
    template has not, an answer that the table may not give out, and as `find_case`. Nothing is written then.
    """
    kind = template.suffix.lower()
    if kind not in TEMPLATES:
        raise UsageError("fill.kind", file=template.name, known=", ".join(TEMPLATES))
    data, rules = read_file(template), read_mapping(mapping)
    if kind == ".docx":
        from reports.filling.docx import fields_of
        from reports.filling.docx import fill_docx as fill
    else:
        from reports.filling.pdf import fields_of
        from reports.filling.pdf import fill_pdf as fill
    known = fields_of(data, template.name)
    for rule in rules:
        if rule.field not in known:
            raise DataError(
                "fill.unknown_field", file=mapping.name, row=rule.row, field=rule.field, known=", ".join(known) or "–"
            )
    with study.store() as store:
        person = find_case(store, number, "export")
        records = records_about(store, person)
        if not records:  # all that was said here turned out to be about somebody else
            raise DataError("plan.no_case")
        answers = Answers(store, records)
        values = {rule.field: answers.value(rule, mapping.name) for rule in rules}
        content = fill(data, values, template.name)
        store.note(
            "export", municipality=records[-1].municipality, subject=store.subject_of(person) or "",
            about=f"fill {kind.removeprefix('.')}", detail={"template": template.name},
        )  # fmt: skip
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = "DEMO-" if study.demo else ""
    path = out / f"{mark}{template.stem}-{secrets.token_hex(4)}{kind}"
    write(path, content)
    return path
