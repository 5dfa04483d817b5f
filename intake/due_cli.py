"""The command `lotsenbuch due`: what is due, on the screen, as JSON, as a calendar file.

Library first; it is one call and its words. Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import datetime as dt
import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, LanguageOption, StudyOption, chosen, free, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.deadlines import Deadline, Due
    from intake.store import Store
    from intake.study import Study

due_app = typer.Typer()

_DAY = {"de": "%d.%m.%Y", "en": "%Y-%m-%d"}


@due_app.command("due", help=help_of("due", "lotsenbuch due --until 2023-01-31 --ics fristen.ics --study demo"))
def due(
    municipality: Annotated[
        str | None, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help=words("due.option_until"))] = None,
    ics: Annotated[Path | None, typer.Option("--ics", metavar="FILE", help=words("due.option_ics"))] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.study import open_study

    chosen(language)
    last = _day(until)
    free(ics)
    opened = open_study(study)
    if municipality is not None and municipality not in opened.municipalities:
        raise UsageError("due.unknown_town", ags=municipality, known=", ".join(opened.municipalities))
    now = dt.datetime.now(opened.tz)
    with opened.store() as store, progress() as bar:
        bar.add_task(say("cli.checking", language))
        found, skipped = _found(opened, store, now, last, municipality)
        if ics is not None:
            count = _write(ics, opened, store, found, now, language)
    if as_json:
        typer.echo(json.dumps([_told(each, language) for each in found]))
    else:
        _print(found, language)
    for row, table in skipped:
        typer.echo(say("due.skipped", language, name=row.message(language), table=table), err=True)
    if ics is not None:
        typer.echo(say("due.ics_written", language, path=ics, count=count), err=as_json)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("due.bad_day", day=text) from error


def _found(
    study: Study, store: Store, now: dt.datetime, until: dt.date | None, municipality: str | None
) -> tuple[tuple[Due, ...], list[tuple[Deadline, str]]]:
    """What is due, and the rows that could not be judged with the table that is not there."""
    from functools import cache

    from intake.deadlines import FILE, lacking, read_deadlines
    from intake.deadlines import due as judged
    from intake.texttables import TextTables, read_choices
    from validation.xform import read_form

    rows = read_deadlines(study.dir / FILE)
    form_of = cache(lambda form_hash: read_form(store.form(form_hash).xform))
    tables = TextTables(store, form_of, zone=study.tz, lists=read_choices(study.dir))
    found = judged(rows, tables, now=now, until=until, municipality=municipality)
    return found, [(row, table) for row in rows if (table := lacking(row, tables))]


def _write(
    path: Path, study: Study, store: Store, found: Sequence[Due], now: dt.datetime, language: str
) -> int:  # fmt: skip
    """The calendar file, readable by its owner only; how many events are in it. That it went out is noted in the
    store."""
    from intake.document import write
    from intake.ics import calendar, goes_out

    going = [each for each in found if goes_out(each)]
    title = say("due.ics_title", language, study=study.title)
    content = calendar(going, title=title, study=store.id, now=now, language=language, demo=study.demo)
    store.note("export", about="calendar", detail={"events": str(len(going))})
    write(path, content)
    return len(going)


def _print(found: Sequence[Due], language: str) -> None:
    by_owner = sorted(found, key=lambda each: (each.owner == "", each.owner))
    for owner, entries in groupby(by_owner, key=lambda each: each.owner):
        out.print(owner or say("due.nobody", language))
        for each in entries:
            number = each.number or say("due.no_number", language)
            out.print(say("due.line", language, when=_when(each, language), what=_what(each, language), number=number))
    overdue = sum(each.state == "overdue" for each in found)
    out.print(say("due.count", language, count=len(found), overdue=overdue) if found else say("due.none", language))


def _when(each: Due, language: str) -> str:
    return say(f"due.{each.state}", language, day=each.day.strftime(_DAY[language]))


def _what(each: Due, language: str) -> str:
    what = each.message(language)
    if each.holiday:
        what = say("due.on_holiday", language, what=what, holiday=say(f"holiday.{each.holiday}", language))
    return say("due.restricted", language, what=what) if each.restricted else what


def _told(each: Due, language: str) -> dict[str, object]:
    return {
        "name": each.name, "kind": each.kind, "state": each.state, "day": each.day.isoformat(), "number": each.number,
        "person": each.person, "municipality": each.municipality, "owner": each.owner,
        "message": each.message(language), "key": each.key, "special": each.special,
        "holiday": say(f"holiday.{each.holiday}", language) if each.holiday else "", "restricted": each.restricted,
    }  # fmt: skip
