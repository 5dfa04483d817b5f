"""The command `lotsenbuch report municipal-plan`. Library first; it is one call and its words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, StudyOption, chosen, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

municipal_plan_app = typer.Typer()


@municipal_plan_app.command(
    "municipal-plan",
    help=help_of("report_municipal_plan", "lotsenbuch report municipal-plan --municipality 08235007 --study demo"),
)
def municipal_plan(
    municipality: Annotated[str, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))],
    study: StudyOption = Path(),
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help=words("municipal.option_date"))] = "",
    audience: Annotated[
        str, typer.Option("--audience", metavar="public|council|internal", help=words("municipal.option_audience"))
    ] = "public",
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    tables: Annotated[
        Path | None, typer.Option("--tables", metavar="DIR", help=words("municipal.option_tables"))
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=words("cli.option_out"))] = None,
    as_json: JsonOption = False,
) -> None:
    from intake.study import open_study
    from reports.municipal_plan.making import build

    opened, own = open_study(study), chosen(language)
    today = dt.datetime.now(opened.tz).date()
    day = _day(date, today) if date else today
    with progress() as bar:
        bar.add_task(say("cli.making_report", own, name=municipality))
        made = build(opened, municipality, day=day, audience=audience, language=own, out=to or opened.reports,
                     tables=tables)  # fmt: skip
    if as_json:
        files = {"html": str(made.html), "pdf": str(made.pdf), "tables": [str(path) for path in made.tables]}
        typer.echo(json.dumps(files))
        return
    for path in (made.html, made.pdf, *made.tables):
        out.print(path)


def _day(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError("municipal.date", text=text) from None
    if day > today:
        raise UsageError("municipal.date_ahead", text=text)
    return day
