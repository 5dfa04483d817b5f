"""A form in another format: an XForm for other clients, a workbook for people.

What is written can be read again and is the same form; choice lists from `lists/` go into the choices sheet, so that
the file stands alone. Of an XForm one thing is written otherwise, see `for_other_clients`.
"""

from __future__ import annotations

import re
from pathlib import Path

from intake import excel
from intake.rewriting import self_contained
from intake.workbook import read_workbook
from intake.xlsform import convert
from validation.errors import UsageError

FORMATS = (".xml", ".xlsx")

_BIND = re.compile(r'<bind nodeset="(?P<at>[^"]*/(?P<name>[^"/]+))"[^>]*>')
_DEMAND = r' required="(?:\((?P<when>[^"]*)\) and )?\s*(?:[^"\s]*/)?{name}__missing\s*= \'\'"'


def convert_file(source: Path, target: Path) -> None:
    """Write the form of a workbook to `target`; its ending says the format (`FORMATS`, else UsageError).

    FormError when the workbook is wrong; then nothing is written.
    """
    if target.suffix not in FORMATS:
        raise UsageError("cli.convert_target", suffix=target.suffix or "-", known=", ".join(FORMATS))
    converted = convert(source)
    if target.suffix == ".xml":
        target.write_text(for_other_clients(converted.xform), encoding="utf-8")
    else:
        target.write_bytes(excel.write(_sheets(source)))


def for_other_clients(xform: str) -> str:
    """The XForm with the demand for an answer or a reason on the reason, which is asked while there is no answer.

    It means the same. We demand the answer, so that what lacks is named at the question; but then the question reads
    its reason and the reason the question, which JavaRosa takes for a circle and refuses (ODK Validate 1.20).
    """
    moved: dict[str, str] = {}

    def freed(bind: re.Match[str]) -> str:
        demand = re.search(_DEMAND.format(name=re.escape(bind["name"])), bind[0])
        if demand is None:
            return bind[0]
        moved[f"{bind['at']}__missing"] = demand["when"] or "true()"
        return bind[0].replace(demand[0], "", 1)

    def demanding(bind: re.Match[str]) -> str:
        when = moved.get(bind["at"])
        end = f'nodeset="{bind["at"]}"'
        return bind[0] if when is None else bind[0].replace(end, f'{end} required="{when}"', 1)

    return _BIND.sub(demanding, _BIND.sub(freed, xform))


def _sheets(source: Path) -> dict[str, list[list[str]]]:
    """{sheet: rows of texts, the header first}."""
    made = self_contained(read_workbook(source), source.absolute().parent.parent / "lists")
    return {
        name: [made.headers[name], *([row.get(column, "") for column in made.headers[name]] for row in rows)]
        for name, rows in made.sheets.items()
    }
