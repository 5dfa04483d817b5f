"""The command `lotsenbuch report quality`. Library first; it is one call and its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, StudyOption, chosen, help_of, out, progress, words
from validation.messages import say

quality_app = typer.Typer()


@quality_app.command("quality", help=help_of("report_quality", "lotsenbuch report quality --study meine-studie"))
def quality(
    study: StudyOption = Path(),
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    to: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=words("cli.option_out"))] = None,
    as_json: JsonOption = False,
) -> None:
    from intake.store import utc_now
    from intake.study import open_study
    from reports.quality import build

    chosen(language)
    opened = open_study(study)
    with progress() as bar:
        task = bar.add_task(say("cli.checking", language))
        path = build(
            opened, now=utc_now(), out=to or opened.reports, language=language,
            progress=lambda text: bar.update(task, description=text),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"html": str(path)}))
    else:
        out.print(path)
