"""A form in another format: an XForm for other clients, a workbook for people.

What is written can be read again and is the same form; choice lists from `lists/` go into the choices sheet, so that
the file stands alone.
"""

from __future__ import annotations

from pathlib import Path

from intake import excel
from intake.rewriting import self_contained
from intake.workbook import read_workbook
from intake.xlsform import convert
from validation.errors import UsageError

FORMATS = (".xml", ".xlsx")


def convert_file(source: Path, target: Path) -> None:
    """Write the form of a workbook to `target`; its ending says the format (`FORMATS`, else UsageError).

    FormError when the workbook is wrong; then nothing is written.
    """
    if target.suffix not in FORMATS:
        raise UsageError("cli.convert_target", suffix=target.suffix or "-", known=", ".join(FORMATS))
    converted = convert(source)
    if target.suffix == ".xml":
        target.write_text(converted.xform, encoding="utf-8")
    else:
        target.write_bytes(excel.write(_sheets(source)))


def _sheets(source: Path) -> dict[str, list[list[str]]]:
    """{sheet: rows of texts, the header first}."""
    made = self_contained(read_workbook(source), source.absolute().parent.parent / "lists")
    return {
        name: [made.headers[name], *([row.get(column, "") for column in made.headers[name]] for row in rows)]
        for name, rows in made.sheets.items()
    }
