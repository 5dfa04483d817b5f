"""The commands for what people may ask for and what ends by itself: erase, withdraw, restrict, retention, register.

Library first; each is one call and its words. Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, LanguageOption, StudyOption, chosen, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from intake.retention import Over
    from intake.store import Event, Store
    from intake.study import Study

rights_app = typer.Typer()
register_app = typer.Typer(invoke_without_command=True)

PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", show_default=False)]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help=words("rights.option_reason"))]
YesOption = Annotated[bool, typer.Option("--yes", help=words("rights.option_yes"))]


@rights_app.command(
    "erase", help=help_of("store_erase", 'lotsenbuch store erase P-000012 --reason "Antrag" --yes --study demo')
)
def erase(person: PersonArgument, reason: ReasonOption, study: StudyOption = Path(), yes: YesOption = False) -> None:
    from intake.study import open_study

    with open_study(study).store() as store:
        _known(store, person)
        _typed(person, "rights.ask_erase", yes=yes)
        event = store.erase(person, reason=_reason(reason))
        backups = _backups(store, event)
    out.print(say("rights.erased", number=event.number))
    out.print(say("rights.remains", count=backups))


@rights_app.command(
    "withdraw",
    help=help_of("store_withdraw", 'lotsenbuch store withdraw P-000013 --reason "Widerruf" --yes --study demo'),
)
def withdraw(person: PersonArgument, reason: ReasonOption, study: StudyOption = Path(), yes: YesOption = False) -> None:
    from intake.study import open_study

    with open_study(study).store() as store:
        _known(store, person)
        _typed(person, "rights.ask_withdraw", yes=yes)
        event = store.withdraw(person, reason=_reason(reason))
        backups = _backups(store, event)
    out.print(say("rights.withdrawn", number=event.number))
    out.print(say("rights.remains", count=backups))


@rights_app.command(
    "restrict", help=help_of("store_restrict", 'lotsenbuch store restrict P-000014 --reason "Antrag" --study demo')
)
def restrict(
    person: PersonArgument,
    reason: ReasonOption,
    lift: Annotated[bool, typer.Option("--lift", help=words("rights.option_lift"))] = False,
    study: StudyOption = Path(),
) -> None:
    from intake.store import restriction
    from intake.study import open_study

    with open_study(study).store() as store:
        act = restriction.lift if lift else restriction.restrict
        event = act(store, person, reason=_reason(reason))
    out.print(say("rights.lifted" if lift else "rights.restricted", number=event.number))


@rights_app.command(
    "retention",
    help=help_of(
        "store_retention", "lotsenbuch store retention --dry-run --period fall=36 --period identitaet=36 --study demo"
    ),
)
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help=words("rights.option_dry_run"))] = False,
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help=words("rights.option_confirm"))] = "",
    period: Annotated[
        list[str] | None, typer.Option("--period", metavar="CLASS=MONTHS", help=words("rights.option_period"))
    ] = None,
    study: StudyOption = Path(),
    descriptor: Annotated[
        int | None, typer.Option("--confirm-descriptor", metavar="N", help=words("rights.option_confirm_descriptor"))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    from intake.retention import over, run
    from intake.study import open_study

    if dry_run == bool(confirm) or (period and confirm):
        raise UsageError("rights.dry_run_or_confirm")
    opened = open_study(study)
    if confirm:
        opened.store_file("study.team_retention")
    with opened.store() as store:
        with progress() as bar:
            bar.add_task(say("rights.looking"))
            due = over(store, _periods(opened, period), datetime.now(opened.tz).date())
        _list(due, as_json=as_json)
        going = [each for each in due if not each.restricted]
        if dry_run or not going:
            return
        by = _confirmed(opened, store, confirm, descriptor, len(going))
        with progress() as bar:
            bar.add_task(say("rights.erasing"))
            events = run(store, due, confirmed=by)
        backups = _backups(store, events[-1])
    typer.echo(say("rights.retention_done", count=len(going)), err=as_json)
    typer.echo(say("rights.remains", count=backups), err=as_json)


@register_app.callback(help=help_of("register", "lotsenbuch register --out verzeichnis.html --study demo"))
def register(
    context: typer.Context,
    target: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=words("rights.option_register"))] = None,
    study: StudyOption = Path(),
    language: LanguageOption = "de",
) -> None:
    if context.invoked_subcommand is not None:  # `register load` is another register
        return
    if target is None:
        raise UsageError("rights.register_out")
    from intake.document import write
    from intake.register import register_of
    from intake.study import open_study

    if target.suffix not in (".html", ".md", ".json"):
        raise UsageError("rights.register_suffix", path=target)
    opened = open_study(study)
    with opened.store() as store:
        made = register_of(opened, store, chosen(language))
    page = made.document(language)
    write(
        target,
        made.json() if target.suffix == ".json" else page.html() if target.suffix == ".html" else page.markdown(),
    )
    out.print(str(target))
    for name in made.lacking():
        typer.echo(say(f"register.lacking_{name}", language), err=True)


# --- asking


def _known(store: Store, person: str) -> None:
    """StoreError 'store.no_person' before anybody is asked."""
    from validation.errors import StoreError

    if store.subject_of(person) is None:
        raise StoreError("store.no_person")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("rights.no_reason")
    return reason.strip()


def _typed(expected: str, question: str, *, yes: bool) -> None:
    """Let the person type what is about to go. UsageError when it is something else; nothing was changed then."""
    if not yes and typer.prompt(say(question), default="", show_default=False).strip() != expected:
        raise UsageError("rights.not_confirmed")


def _backups(store: Store, event: Event) -> int:
    """How many backups were made before an event."""
    from intake.store.backup import is_of_a_backup

    return sum(is_of_a_backup(each) and each.number < event.number for each in store.events(kinds=["backup"]))


def _periods(study: Study, given: Sequence[str] | None) -> Mapping[str, int]:
    """Those of study.toml, or for a dry run those that are tried. UsageError."""
    if not given:
        return study.retention
    found = {}
    for text in given:
        name, _, months = text.partition("=")
        if not (name and months.isdecimal() and int(months)):
            raise UsageError("rights.period")
        found[name] = int(months)
    return found


def _list(due: Sequence[Over], *, as_json: bool) -> None:
    if as_json:
        typer.echo(
            json.dumps([
                {"person": each.person, "municipality": each.municipality, "until": each.until.isoformat(),
                 "exit": each.exit.isoformat() if each.exit else None, "classes": each.classes,
                 "restricted": each.restricted}
                for each in due
            ])
        )  # fmt: skip
        return
    for each in due:
        code = "rights.over_restricted" if each.restricted else "rights.over" if each.exit else "rights.over_said"
        day = f"{each.exit:%d.%m.%Y}" if each.exit else ""
        names = ", ".join(each.classes)
        out.print(say(code, person=each.person, exit=day, until=f"{each.until:%d.%m.%Y}", classes=names))
    out.print(say("rights.over_count", count=len(due)))


def _confirmed(study: Study, store: Store, name: str, descriptor: int | None, count: int) -> str:
    """Who confirmed: the id of a second login that proved to be there, or, where there is no other, 'alone'."""
    from intake.entrance import asking, typed
    from intake.retention import is_alone, second_login
    from intake.store.bringing import Brought, from_descriptor
    from validation.errors import StoreError

    if is_alone(store):
        typer.echo(say("rights.alone"), err=True)
        _typed(str(count), "rights.ask_count", yes=False)
        return "alone"
    if descriptor is not None:
        given = Brought(secret=from_descriptor(descriptor))
    else:
        ask = asking()
        if ask is None:
            raise StoreError("ways.nobody_to_ask")
        given = typed(ask(say("rights.ask_second", name=name)))
    return second_login(store, study.store_path, name, given).id
