"""One-time links on paper: a page to print and cut, and the same as a table. Both can be read by their owner only."""

from __future__ import annotations

import csv
import html
import io
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from intake.interview.alone.links import spoken
from validation.errors import StudyError
from validation.messages import LANGUAGES, say

FOLDER = "links"

_STYLE = """
body { font: 11pt/1.45 "Fira Sans", "Segoe UI", system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; }
.slip { border-top: 1px dashed #484b5f; padding: 1.1rem 0; break-inside: avoid; }
.link { font: 600 12.5pt/1.4 "Fira Mono", Consolas, monospace; overflow-wrap: anywhere; margin: .3rem 0; }
.print { font: 9pt/1.4 "Fira Mono", Consolas, monospace; }
p { margin: .15rem 0; } .en, .small { color: #484b5f; font-size: 9.5pt; }
@page { size: A4; margin: 18mm; }
"""


def link(origin: str, token: str) -> str:
    """The address that opens a questionnaire; the token stands behind '#', which is sent to nobody."""
    return f"{origin}/#{spoken(token)}"


def write_sheet(
    study: Path, *, form: str, title: str, origin: str, tokens: Sequence[str], fingerprint: str = ""
) -> tuple[Path, Path]:
    """The page and the table in `links/` of a study; no time and no number stands in them. StudyError
    'alone.not_written'."""
    folder = study / FOLDER
    stem = f"{form}-{secrets.token_hex(4)}"
    made = [link(origin, each) for each in tokens]
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([["link"], *([each] for each in made)])
    texts = {folder / f"{stem}.html": _page(title, made, fingerprint), folder / f"{stem}.csv": table.getvalue()}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for path, text in texts.items():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise StudyError("alone.not_written", path=folder) from error
    page, rows = texts
    return page, rows


def _page(title: str, links: Sequence[str], fingerprint: str) -> str:
    head = html.escape(say("alone.sheet_title", title=title))
    slips = "".join(_slip(each, fingerprint) for each in links)
    return (
        f"<!DOCTYPE html><html lang='de'><head><meta charset='utf-8'><title>{head}</title><style>{_STYLE}</style>"
        f"</head><body><h1>{head}</h1>{_said('alone.sheet_lead')}{slips}</body></html>\n"
    )


def _slip(address: str, fingerprint: str) -> str:
    """One strip of paper; of the fingerprint its first half, which is more than enough to compare."""
    proof = ""
    if fingerprint:
        proof = f"{_said('alone.sheet_warning')}<p class='print'>{html.escape(fingerprint[:47])} …</p>"
    return f"<div class='slip'>{_said('alone.sheet_slip')}<p class='link'>{html.escape(address)}</p>{proof}</div>"


def _said(code: str) -> str:
    """A sentence in every language of the program."""
    return "".join(f"<p lang='{each}' class='{each}'>{html.escape(say(code, each))}</p>" for each in LANGUAGES)
