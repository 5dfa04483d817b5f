"""Publishing freezes a form: workbook, XForm and choice lists as they were, under (form id, version, hash).

What is collected is judged by the form it was collected with; the workbook in `forms/` may go on changing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """A form that no longer changes.

    `hash` is `Form.hash`: the SHA-256 of `xform` (UTF-8), in hex. `workbook` are the bytes of the file as it lay in
    `forms/`, `workbook_name` its name without a directory. `lists` are the files of `lists/` it used, by file name;
    empty when it used none.
    """

    form_id: str
    version: str
    hash: str
    xform: str
    workbook: bytes
    workbook_name: str
    lists: Mapping[str, bytes]
