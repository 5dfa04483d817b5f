"""The command `lotsenbuch form diff`. Library first; it is one call and its words.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, LanguageOption, chosen, help_of, out, progress, words
from validation.messages import say

formdiff_app = typer.Typer()


@formdiff_app.command("diff", help=help_of("form_diff", "lotsenbuch form diff austritt forms/austritt.md --study demo"))
def form_diff(
    old: Annotated[str, typer.Argument(metavar="FILE|FORM-ID[@VERSION]", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="FILE|FORM-ID[@VERSION]", show_default=False)],
    study: Annotated[Path | None, typer.Option("--study", metavar="DIR", help=words("cli.option_diff_study"))] = None,
    renames: Annotated[
        Path | None, typer.Option("--renames", metavar="FILE", help=words("cli.option_diff_renames"))
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.formdiff.making import difference

    chosen(language)
    with progress() as bar:
        task = bar.add_task("")

        def show(number: int, total: int) -> None:
            bar.update(task, description=say("formdiff.task", language, number=number + 1, total=total))

        found = difference(old, new, study=study, renames=renames, progress=show)
    if as_json:
        typer.echo(json.dumps(found.json(language), ensure_ascii=False))
    else:
        out.print(found.text(language))
    if found.breaks:
        raise typer.Exit(1)
