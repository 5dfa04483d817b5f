"""The command `lotsenbuch report consistency`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, chosen, help_of, out, words
from validation.messages import say

consistency_app = typer.Typer()


@consistency_app.command("consistency", help=help_of("report_consistency", "lotsenbuch report consistency zahlen.csv"))
def consistency(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=words("cli.option_claims"), show_default=False)],
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    as_json: JsonOption = False,
) -> None:
    from reports.consistency import check_published

    chosen(language)
    checked = check_published(file)
    if as_json:
        typer.echo(json.dumps({"tried": checked.tried, "findings": [asdict(each) for each in checked.findings]}))
    else:
        for each in checked.findings:
            out.print(each.text(language))
        out.print(say("consistency.summary", language, tried=checked.tried, wrong=len(checked.findings)))
    if checked.findings:
        raise typer.Exit(1)
