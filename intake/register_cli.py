"""The command `lotsenbuch register load`: the official register of municipalities into a study.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, LanguageOption, StudyOption, chosen, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

load_app = typer.Typer()


@load_app.command("load", help=help_of("register_load", "lotsenbuch register load GV100AD.txt --study meine-studie"))
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    area: Annotated[
        list[str] | None, typer.Option("--area", metavar="KEY", help=words("gazetteer.option_area"))
    ] = None,
    changes: Annotated[
        Path | None, typer.Option("--changes", metavar="FILE", help=words("gazetteer.option_changes"))
    ] = None,
    day: Annotated[str | None, typer.Option("--day", metavar="DAY", help=words("gazetteer.option_day"))] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.gazetteer import read_gazetteer
    from intake.municipalities import FILE, loaded, read_changes, read_towns, write_towns
    from intake.study import open_study

    chosen(language)
    stated = _day(day)
    opened = open_study(study)
    with progress() as bar:
        bar.add_task(str(file))
        register = read_gazetteer(file, stated)
        listed = read_changes(changes) if changes else ()
        made = loaded(read_towns(opened.dir / FILE), register, areas=area or (), changes=listed)
        write_towns(opened.dir, made.rows)
    counts = {
        "total": made.total, "new": len(made.new), "renamed": len(made.renamed), "ended": len(made.ended),
        "left_out": made.left_out,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"day": register.day.isoformat(), **counts}))
    else:
        out.print(say("gazetteer.done", language, day=register.day.isoformat(), **counts))
        out.print(say("gazetteer.publish", language))


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("due.bad_day", day=text) from error
