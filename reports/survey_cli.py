"""The command `lotsenbuch report survey`. Library first; it is one call and its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, StudyOption, chosen, help_of, out, progress, words
from validation.messages import say

survey_app = typer.Typer()


@survey_app.command("survey", help=help_of("report_survey", "lotsenbuch report survey --study befragung"))
def survey(
    study: StudyOption = Path(),
    form: Annotated[str | None, typer.Option("--form", metavar="FORM", help=words("cli.option_survey_form"))] = None,
    audience: Annotated[
        str, typer.Option("--audience", metavar="public|council|internal", help=words("cli.option_survey_audience"))
    ] = "public",
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    to: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=words("cli.option_out"))] = None,
    as_json: JsonOption = False,
) -> None:
    from intake.study import open_study
    from reports.survey.making import build

    chosen(language)
    opened = open_study(study)
    with progress() as bar:
        bar.add_task(say("cli.task_survey", language))
        built = build(opened, out=to or opened.reports, form=form, audience=audience, language=language)
    if as_json:
        typer.echo(json.dumps([{"form": b.form, "html": str(b.html), "pdf": str(b.pdf)} for b in built]))
    else:
        for each in built:
            out.print(each.html)
            out.print(each.pdf)
