"""The command `lotsenbuch report registers`. Library first; it is one call and its words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, chosen, free, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from reports.registers.output import Output

registers_app = typer.Typer()

EXAMPLE = "lotsenbuch report registers --municipality 08235007 --date 2022-12-31 --html verzeichnisse.html --study demo"


@registers_app.command("registers", help=help_of("report_registers", EXAMPLE))
def registers(
    date: Annotated[str, typer.Option("--date", metavar="DAY", help=words("registers.option_date"))],
    municipality: Annotated[
        str | None, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))
    ] = None,
    kreis: Annotated[str | None, typer.Option("--kreis", metavar="NAME", help=words("registers.option_kreis"))] = None,
    what: Annotated[
        list[str] | None, typer.Option("--what", metavar="REGISTER", help=words("registers.option_what"))
    ] = None,
    audience: Annotated[
        str,
        typer.Option(
            "--audience", metavar="internal|authority|council|public", help=words("registers.option_audience")
        ),
    ] = "internal",
    to: Annotated[str, typer.Option("--to", metavar="NAME", help=words("registers.option_to"))] = "",
    basis: Annotated[str, typer.Option("--basis", metavar="TEXT", help=words("registers.option_basis"))] = "",
    page: Annotated[Path | None, typer.Option("--html", metavar="FILE", help=words("registers.option_html"))] = None,
    book: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help=words("registers.option_xlsx"))] = None,
    study: StudyOption = Path(),
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    as_json: JsonOption = False,
) -> None:
    from intake.study import open_study
    from reports.registers.making import Recipient, make_registers

    chosen(language)
    day, recipient = _day(date), Recipient(to, basis) if to or basis else None
    for path in (page, book):
        free(path)
        if path is not None and not path.parent.is_dir():
            raise UsageError("paper.no_directory", path=path.parent)
    with progress() as bar:
        bar.add_task(say("registers.counting", language))
        made = make_registers(
            open_study(study), day, municipality=municipality, kreis=kreis, what=tuple(what or ()), audience=audience,
            recipient=recipient, language=language,
        )  # fmt: skip
    _give_out(made, page, book, as_json=as_json)


def _give_out(made: Output, page: Path | None, book: Path | None, *, as_json: bool) -> None:
    """Files that only their owner reads; without any, and without JSON, on the screen."""
    from intake.document import write

    if page is not None:
        write(page, made.html())
    if book is not None:
        from intake import excel

        write(book, excel.write(made.sheets()))
    if as_json:
        typer.echo(json.dumps(made.data(), ensure_ascii=False))
    elif page is None and book is None:
        for line in made.lines():
            typer.echo(line)
    else:
        for path in filter(None, (page, book)):
            out.print(path)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("due.bad_day", day=text) from error
