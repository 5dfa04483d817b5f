"""A page of words and tables for people: as HTML that stands alone and prints on A4, or as Markdown.

What it is given is text and stays text: nothing in it becomes markup. `write` makes files that only their owner reads.
"""

from __future__ import annotations

import contextlib
import html
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from validation.errors import UsageError

_STYLE = """
:root { color-scheme: light; --ink: #1c2327; --line: #c8d0d6; --soft: #f2f5f7; --accent: #00498c; }
body { font: 16px/1.5 "Fira Sans", system-ui, "Segoe UI", Roboto, sans-serif; color: var(--ink); margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 2px solid var(--accent); }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .25rem; }
h2, h3, caption { break-after: avoid; }
p { margin: .5rem 0; white-space: pre-line; }
p.note { border-left: 4px solid var(--accent); padding: .5rem 1rem; background: var(--soft); }
p.demo { background: #ffe9a8; margin: 0; padding: .5rem 1rem; font-weight: 600; text-align: center; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; white-space: pre-line; }
th[scope="row"] { width: 42%; font-weight: 600; }
tr { break-inside: avoid; }
@page { size: A4; margin: 18mm 16mm; }
@media print { body { font-size: 10pt; } main { max-width: none; padding: 0; }
  thead { display: table-header-group; } }
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 2 or 3; the title of the page is 1."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`note`: set apart, to be seen first."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`head` may be empty: then the first cell of a row says what the row is."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A page. `language` is a code; `demo` is what stands above everything where the data are synthetic."""

    title: str
    blocks: tuple[Block, ...]
    language: str = "de"
    demo: str = ""
    direction: str = "ltr"

    def html(self) -> str:
        text = html.escape
        parts = [
            f'<!DOCTYPE html>\n<html lang="{text(self.language)}" dir="{text(self.direction)}">\n<head>',
            '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(self.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f'<p class="demo">{text(self.demo)}</p>' if self.demo else "",
            f"<main>\n<h1>{text(self.title)}</h1>",
            *(_as_html(block) for block in self.blocks),
            "</main>\n</body>\n</html>\n",
        ]
        return "\n".join(part for part in parts if part)

    def markdown(self) -> str:
        head = [f"# {_flat(self.title)}", *([f"**{_flat(self.demo)}**"] if self.demo else [])]
        return "\n\n".join([*head, *(_as_markdown(block) for block in self.blocks)]) + "\n"


def write(path: Path, content: str | bytes) -> None:
    """Make a new file, whole or not at all, that only its owner reads. UsageError 'document.exists',
    'document.not_writable'."""
    if path.exists():
        raise UsageError("document.exists", path=path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise UsageError("document.not_writable", path=path) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def new_folder(path: Path) -> Path:
    """Make a folder that only its owner enters. UsageError 'document.exists' when it is there and not empty."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise UsageError("document.exists", path=path)
        path.chmod(0o700)
    except OSError as error:
        raise UsageError("document.not_writable", path=path) from error
    return path


def _as_html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{html.escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p{' class=note' if block.note else ''}>{html.escape(block.text)}</p>"
    caption = f"<caption>{html.escape(block.caption)}</caption>" if block.caption else ""
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in block.head)
    rows = "\n".join(f"<tr>{_row(row, named=not block.head)}</tr>" for row in block.rows)
    thead = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{caption}{thead}<tbody>\n{rows}\n</tbody></table></div>'


def _row(cells: Sequence[str], *, named: bool) -> str:
    first = f'<th scope="row">{html.escape(cells[0])}</th>' if named else f"<td>{html.escape(cells[0])}</td>"
    return first + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells[1:])


def _as_markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_flat(block.text)}"
    if isinstance(block, Paragraph):
        return f"> {_flat(block.text)}" if block.note else _flat(block.text)
    width = len(block.head) or max(map(len, block.rows), default=1)
    lines = [f"**{_flat(block.caption)}**\n"] if block.caption else []
    lines += [_line(block.head or ("",) * width), _line(("---",) * width), *map(_line, block.rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_flat(cell).replace("|", "\\|") for cell in cells) + " |"


def _flat(text: str) -> str:
    """One line, in which nothing is markup."""
    plain = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#" else sign for sign in plain) if plain != "---" else plain
