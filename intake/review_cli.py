"""The commands of the quality workflow: `lotsenbuch review …`. Library first; each is one call and its words.

Nobody imports this file but the command line of `reports`. What somebody wrote on a query is shown by `review show`
only, on the screen of whoever may open it; lists and JSON name case, question and rule.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, LanguageOption, StudyOption, chosen, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.review import Query, ReviewState
    from intake.store import Store
    from intake.study import Study

review_app = typer.Typer(no_args_is_help=True, help=words("review.help"))

OLDEST = "oldest"
NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER|oldest", show_default=False)]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help=words("review.option_reason"))]
PersonArgument = Annotated[str | None, typer.Argument(metavar="PERSON", show_default=False)]
TownOption = Annotated[str | None, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DAY", help=words("review.option_from"))]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DAY", help=words("review.option_to"))]


@review_app.command("update", help=help_of("review_update", "lotsenbuch review update --study demo"))
def update(study: StudyOption = Path(), as_json: JsonOption = False, language: LanguageOption = "de") -> None:
    from intake.checking import check_store
    from intake.review import update as bring
    from intake.store import utc_now
    from intake.store.derived import FOLDER
    from intake.study import open_study

    chosen(language)
    opened = open_study(study)
    with opened.store() as store, progress() as bar:
        task = bar.add_task(say("cli.checking", language))
        report = check_store(
            store, title=opened.title, demo=opened.demo, zone=opened.zone, copies=opened.dir / FOLDER,
            directory=opened.dir, progress=lambda text: bar.update(task, description=text),
        )  # fmt: skip
        done = bring(store, report, now=utc_now())
    if as_json:
        typer.echo(json.dumps({"opened": done.opened, "closed": done.closed, "waived": done.waived}))
    else:
        out.print(say("review.updated", language, opened=len(done.opened), closed=len(done.closed), waived=done.waived))


@review_app.command("list", help=help_of("review_list", "lotsenbuch review list --study demo"))
def list_queries(
    study: StudyOption = Path(),
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="manager|team|evaluator", help=words("review.option_owner"))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=words("review.option_all"))] = False,
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.review import state
    from intake.rules import OWNERS
    from intake.store import utc_now
    from intake.study import open_study

    chosen(language)
    if owner is not None and owner not in OWNERS:
        raise UsageError("review.unknown_owner", owner=owner, known=", ".join(OWNERS))
    opened, now = open_study(study), utc_now()
    with opened.store() as store:
        found = state(store)
        queries = [each for each in found.queries.values() if everything or each.is_open]
        queries = [each for each in queries if owner in (None, each.owner)]
        said = _said(opened, store, queries, language)
    if as_json:
        typer.echo(json.dumps([_told(query, what, now) for query, what in zip(queries, said, strict=True)]))
        return
    for query, what in zip(queries, said, strict=True):
        out.print(f"{_line(query, now, language)}  {query.case}: {what}")
    out.print(say("review.listed", language, open=len(found.open), waived=len(found.waived(now.date()))))
    for text in _locks(found, language):
        out.print(text)


@review_app.command("show", help=help_of("review_show", "lotsenbuch review show oldest --study demo"))
def show(number: NumberArgument, study: StudyOption = Path(), language: LanguageOption = "de") -> None:
    from intake.review import state
    from intake.store import utc_now
    from intake.study import open_study

    chosen(language)
    opened = open_study(study)
    with opened.store() as store:
        query = state(store).queries.get(_number(store, number))
        if query is None:
            raise UsageError("review.unknown", number=number)
        (what,) = _said(opened, store, [query], language)
        names = {login.id: login.name for login in store.logins()}
    out.print(f"{_line(query, utc_now(), language)}  {query.case}: {what}")
    for remark in query.answers:
        when = remark.when.astimezone(opened.tz).strftime("%Y-%m-%d %H:%M")
        out.print(f"  {when}  {names.get(remark.actor, remark.actor)}: {remark.text}")


@review_app.command(
    "answer", help=help_of("review_answer", 'lotsenbuch review answer oldest --text "Ist angefragt" --study demo')
)
def answer(
    number: NumberArgument,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=words("review.option_text"))],
    study: StudyOption = Path(),
) -> None:
    from intake.review import answer as say_on
    from intake.study import open_study

    with open_study(study).store() as store:
        say_on(store, chosen_one := _number(store, number), text)
    out.print(say("review.answered", number=chosen_one))


@review_app.command(
    "close", help=help_of("review_close", 'lotsenbuch review close oldest --reason "Geprüft, stimmt so" --study demo')
)
def close(number: NumberArgument, reason: ReasonOption, study: StudyOption = Path()) -> None:
    from intake.review import close as settle
    from intake.study import open_study

    with open_study(study).store() as store:
        settle(store, chosen_one := _number(store, number), reason)
    out.print(say("review.settled", number=chosen_one))


@review_app.command(
    "waive",
    help=help_of(
        "review_waive", 'lotsenbuch review waive oldest --reason "Umzug läuft" --until 2099-12-31 --study demo'
    ),
)
def waive(
    number: NumberArgument,
    reason: ReasonOption,
    until: Annotated[str, typer.Option("--until", metavar="DAY", help=words("review.option_until"))],
    study: StudyOption = Path(),
) -> None:
    from intake.review import waive as let_be
    from intake.store import utc_now
    from intake.study import open_study

    opened, day = open_study(study), _day(until)
    with opened.store() as store:
        today = utc_now().astimezone(opened.tz).date()
        let_be(store, chosen_one := _number(store, number), reason, day, today=today)
    out.print(say("review.waived", number=chosen_one, day=day.isoformat()))


@review_app.command("lock", help=help_of("review_lock", "lotsenbuch review lock P-000010 --study demo"))
def lock(
    person: PersonArgument = None,
    municipality: TownOption = None,
    first: FromOption = None,
    last: ToOption = None,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
) -> None:
    _lock(study, person, (municipality, first, last), reason, unlock=False)
    out.print(say("review.locked"))


@review_app.command("unlock", help=help_of("review_unlock", "lotsenbuch review unlock P-000011 --study demo"))
def unlock(
    person: PersonArgument = None,
    municipality: TownOption = None,
    first: FromOption = None,
    last: ToOption = None,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
) -> None:
    _lock(study, person, (municipality, first, last), reason, unlock=True)
    out.print(say("review.unlocked"))


def _lock(
    study: Path, person: str | None, period: tuple[str | None, str | None, str | None], reason: str, *, unlock: bool
) -> None:
    from intake.review import lock_case, lock_period
    from intake.study import open_study

    municipality, first, last = period
    if person is not None and not any(period):
        with open_study(study).store() as store:
            lock_case(store, person, unlock=unlock, reason=reason)
    elif person is None and municipality and first and last:
        with open_study(study).store() as store:
            lock_period(store, municipality, _day(first), _day(last), unlock=unlock, reason=reason)
    else:
        raise UsageError("review.what")


def _number(store: Store, text: str) -> int:
    """The number of a query; the oldest open one's for 'oldest'. UsageError 'review.none', 'review.no_number'."""
    if text == OLDEST:
        from intake.review import state

        waiting = state(store).open
        if not waiting:
            raise UsageError("review.none")
        return waiting[0].number
    if not text.isdecimal():
        raise UsageError("review.no_number", text=text)
    return int(text)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("review.bad_day", day=text) from error


def _said(study: Study, store: Store, queries: Sequence[Query], language: str) -> list[str]:
    """What each query is about, in words."""
    from intake.findings import words_of
    from intake.review import finding_of
    from intake.rules import FILE, read_rules
    from intake.tables import published_forms
    from validation.layout import layout

    if not queries:
        return []
    rules = {rule.name: rule for rule in read_rules(study.dir / FILE)}
    forms = {table: newest for newest, *_ in published_forms(store).values() for table in layout(newest)}
    return [words_of(finding_of(query), rules, forms, language) for query in queries]


def _line(query: Query, now: dt.datetime, language: str) -> str:
    days = say("review.days", language, days=query.age(now))
    owner, severity = say(f"check.owner_{query.owner}", language), say(f"check.severity_{query.severity}", language)
    state = say(f"review.state_{query.how or query.state}", language)
    return "  ".join((str(query.number), state, days, severity, owner))


def _told(query: Query, what: str, now: dt.datetime) -> dict[str, object]:
    return {
        "number": query.number,
        "state": query.state,
        "how": query.how,
        "opened": query.opened.isoformat(),
        "days": query.age(now),
        "severity": query.severity,
        "owner": query.owner,
        "case": query.case,
        "table": query.table,
        "key": query.key,
        "column": query.column,
        "rule": query.rule,
        "message": what,
        "answers": len(query.answers),
    }


def _locks(found: ReviewState, language: str) -> list[str]:
    cases = sum(lock.is_case for lock in found.locks)
    said = [say("review.locked_cases", language, cases=cases)] if cases else []
    return said + [
        say("review.locked_period", language, municipality=lock.municipality, first=lock.first.isoformat(),
            last=lock.last.isoformat())
        for lock in found.locks
        if not lock.is_case
    ]  # fmt: skip
