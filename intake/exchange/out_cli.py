"""The command that writes records for other programs: `export`. Library first; it is one call and its words.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, help_of, out, progress, words
from validation.messages import say

if TYPE_CHECKING:
    from intake.exchange.exporting import Exported

export_app = typer.Typer()


@export_app.command("export", help=help_of("export", "lotsenbuch export erstgespraech --out ausfuhr --study demo"))
def export(
    forms: Annotated[list[str] | None, typer.Argument(metavar="[FORM...]", help=words("export.option_forms"))] = None,
    to: Annotated[Path, typer.Option("--out", metavar="DIR|FILE", help=words("export.option_out"))] = Path("export"),
    kind: Annotated[str, typer.Option("--format", metavar="FORMAT", help=words("export.option_format"))] = "csv",
    profile: Annotated[
        str, typer.Option("--profile", metavar="full|pseudonymous|public", help=words("export.option_profile"))
    ] = "full",
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="CLASS", help=words("export.option_include"))
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--pseudonym-key", metavar="FILE", help=words("export.option_key"))
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help=words("export.option_language"))
    ] = None,
    split: Annotated[bool, typer.Option("--split-select-multiples", help=words("export.option_split"))] = False,
    unguarded: Annotated[bool, typer.Option("--unguarded", help=words("export.option_unguarded"))] = False,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    from intake.exchange.exporting import Order, export_study, profile_of
    from intake.study import open_study

    opened = open_study(study)
    order = Order(
        kind, tuple(forms or ()), profile_of(opened, profile, include or (), key), language, split, not unguarded
    )
    with progress() as bar:
        task = bar.add_task(say("export.reading", form=""))
        done = export_study(opened, to, order, progress=lambda text: bar.update(task, description=text))
    if as_json:
        typer.echo(json.dumps(_told(done)))
        return
    out.print(say("export.done", records=sum(done.records.values()), forms=len(done.records), path=done.path))
    for note in done.notes:
        out.print(f"  {note.text()}")


def _told(done: Exported) -> dict[str, object]:
    return {
        "path": str(done.path),
        "files": [str(path) for path in done.files],
        "records": dict(done.records),
        "notes": [note.text() for note in done.notes],
    }
