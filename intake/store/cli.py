"""The commands for the ways into a store: `lotsenbuch store …`. Library first; each is one call and its words.

Nobody imports this file but the command line of `reports`, which composes `lotsenbuch`. No secret is ever an argument:
everybody on the computer can read those. It is typed, unseen, or comes by a file descriptor.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, free, hand_out, help_of, out, words
from validation.errors import StoreError, UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.admission import Desk
    from intake.store.postgres.store import TeamStore
    from intake.store.ways import Secret, Unlocked, Way
    from intake.study import Study

store_app = typer.Typer(no_args_is_help=True, help=words("store_cli.store"))
way_app = typer.Typer(no_args_is_help=True, help=words("store_cli.way"))
login_app = typer.Typer(no_args_is_help=True, help=words("store_cli.login"))
store_app.add_typer(way_app, name="way")
store_app.add_typer(login_app, name="login")
team_app = typer.Typer(no_args_is_help=True, help=words("store_cli.team"))
store_app.add_typer(team_app, name="team")

DescriptorOption = Annotated[
    int | None, typer.Option("--passphrase-descriptor", metavar="N", help=words("store_cli.option_descriptor"))
]
NewDescriptorOption = Annotated[
    int | None, typer.Option("--new-passphrase-descriptor", metavar="N", help=words("store_cli.option_new_descriptor"))
]
LabelOption = Annotated[str, typer.Option("--label", metavar="TEXT", help=words("store_cli.option_label"))]
OutputOption = Annotated[Path | None, typer.Option("--output", metavar="FILE", help=words("store_cli.option_output"))]

UrlArgument = Annotated[str, typer.Argument(metavar="URL", show_default=False)]
AccountOption = Annotated[str, typer.Option("--account", metavar="NAME", help=words("store_cli.option_account"))]
AtOption = Annotated[str, typer.Option("--at", metavar="URL", help=words("store_cli.option_at"))]


@way_app.command("list", help=help_of("store_way_list", "lotsenbuch store way list --study demo"))
def way_list(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    from intake.store.wayfile import read_ways
    from intake.study import open_study

    opened = open_study(study)
    found = read_ways(opened.store_path)
    ways = () if found is None else found.ways
    if as_json:
        typer.echo(json.dumps([_told(way) for way in ways]))
    else:
        for way in ways:
            out.print(_line(way))


@way_app.command(
    "add",
    help=help_of("store_way_add", "lotsenbuch store way add file --output zweiter.key --label zweiter --study demo"),
)
def way_add(
    kind: Annotated[str, typer.Argument(metavar="passphrase|keyring|recovery|file", show_default=False)],
    label: LabelOption = "",
    output: OutputOption = None,
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    new_descriptor: NewDescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    wanted = _kind(kind, output)
    with _desk(study, descriptor) as (opened, desk):
        secret = _new_secret(new_descriptor) if wanted == "passphrase" else None
        way = _give(opened, desk, wanted, label, output, secret)
    _say("store_cli.way_added", way, as_json)


@way_app.command("remove", help=help_of("store_way_remove", "lotsenbuch store way remove zweiter --study demo"))
def way_remove(
    name: Annotated[str, typer.Argument(metavar="ID|LABEL", show_default=False)],
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    with _desk(study, descriptor) as (_, desk):
        way = desk.remove(name)
    _say("store_cli.way_removed", way, as_json)


@store_app.command(
    "passphrase",
    help=help_of("store_passphrase", "lotsenbuch store passphrase --new-passphrase-descriptor 0 --study demo"),
)
def passphrase(
    label: LabelOption = "",
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    new_descriptor: NewDescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    with _desk(study, descriptor) as (_, desk):
        way = desk.new_passphrase(_new_secret(new_descriptor), label=label or _who())
    _say("store_cli.new_passphrase", way, as_json)


@store_app.command(
    "recovery", help=help_of("store_recovery", "lotsenbuch store recovery --output wiederherstellung.txt --study demo")
)
def recovery(
    output: OutputOption = None,
    label: LabelOption = "",
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    free(output)
    with _desk(study, descriptor) as (opened, desk):
        way, key = desk.new_recovery(label=label or _who())
    hand_out(opened, way, key, output)
    _say("store_cli.new_recovery", way, as_json)


@store_app.command("rekey", help=help_of("store_rekey", "lotsenbuch store rekey --study demo"))
def rekey(study: StudyOption = Path(), descriptor: DescriptorOption = None) -> None:
    with _desk(study, descriptor) as (_, desk):
        desk.rekey()
    out.print(say("store_cli.rekeyed"))


@store_app.command("unlock", help=help_of("store_unlock", "lotsenbuch store unlock --study demo"))
def unlock(
    study: StudyOption = Path(),
    take_over: Annotated[bool, typer.Option("--take-over", help=words("store_cli.option_take_over"))] = False,
) -> None:
    from intake.store.lock import release
    from intake.study import open_study

    holder = release(open_study(study).store_file("study.team_unlock"), take_over=take_over)
    if holder is None:
        out.print(say("store_cli.not_locked"))
    else:
        out.print(say("store_cli.unlocked", name=holder.name, machine=holder.machine, since=holder.since_here))


@login_app.command("list", help=help_of("store_login_list", "lotsenbuch store login list --study demo"))
def login_list(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    from intake.study import open_study

    with open_study(study).store() as store:
        logins = store.logins()
    if as_json:
        typer.echo(json.dumps([{"id": each.id, "name": each.name, "role": each.role} for each in logins]))
    else:
        for each in logins:
            out.print(f"{each.id}  {each.role}  {each.name}")


@login_app.command(
    "add",
    help=help_of(
        "store_login_add", "lotsenbuch store login add Vertretung --way file --output vertretung.key --study demo"
    ),
)
def login_add(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    role: Annotated[
        str, typer.Option("--role", metavar="manager|evaluator|…", help=words("store_cli.role"))
    ] = "manager",
    way: Annotated[str, typer.Option("--way", metavar="KIND", help=words("store_cli.option_way"))] = "passphrase",
    output: OutputOption = None,
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    new_descriptor: NewDescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    from intake.store.ring import ROLES

    if role not in ROLES:
        raise UsageError("store_cli.unknown_role", role=role, known=", ".join(ROLES))
    wanted = _kind(way, output)
    with _desk(study, descriptor) as (opened, desk):
        secret = _new_secret(new_descriptor) if wanted == "passphrase" else None  # a slip here makes no login
        _, unlocked = desk.add_login(name, role)
        made = _give(opened, desk, wanted, name, output, secret, unlocked)
    _say("store_cli.login_added", made, as_json)


@login_app.command(
    "remove", help=help_of("store_login_remove", "lotsenbuch store login remove Vertretung --study demo")
)
def login_remove(
    name: Annotated[str, typer.Argument(metavar="ID|NAME", show_default=False)],
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
) -> None:
    with _desk(study, descriptor) as (_, desk):
        login = desk.remove_login(name)
    out.print(say("store_cli.login_removed", name=login.name))


@store_app.command(
    "init",
    help=help_of("store_init", "lotsenbuch store init postgresql://postgres@db/integration --account ana --name Ana"),
)
def init(
    url: UrlArgument,
    account: AccountOption,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help=words("store_cli.option_name"))],
    role: Annotated[str, typer.Option("--role", metavar="protection|manager", help=words("store_cli.role"))] = (
        "protection"
    ),
    new_descriptor: NewDescriptorOption = None,
) -> None:
    from intake.store.postgres.entering import found

    if role not in ("protection", "manager"):
        raise UsageError("store_cli.unknown_role", role=role, known="protection, manager")
    login = found(
        url, account=account, name=name, role=role, municipalities=["*"], secret=_new_secret(new_descriptor),
        today=_today(),
    )  # fmt: skip
    out.print(say("store_cli.brought_up" if login is None else "store_cli.initialised", name=name, account=account))


@store_app.command(
    "verify-grants",
    help=help_of("store_verify_grants", "lotsenbuch store verify-grants postgresql://postgres@db/integration"),
)
def verify_grants(url: UrlArgument, as_json: JsonOption = False) -> None:
    from dataclasses import asdict

    from intake.store.postgres import grants

    found = grants.verify_grants(url)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
    else:
        for each in found:
            out.print(say("store_cli.grants_differ", **asdict(each)), markup=False)
        if not found:
            out.print(say("store_cli.grants_hold"))
    if found:
        raise typer.Exit(1)


@team_app.command(
    "add",
    help=help_of(
        "store_team_add",
        "lotsenbuch store team add Weber --role manager --account weber --municipality 08235007 --output weber.zugang"
        " --at postgresql://ana@db/integration",
    ),
)
def team_add(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    account: AccountOption,
    at: AtOption,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help=words("store_cli.option_output"))],
    role: Annotated[
        str, typer.Option("--role", metavar="manager|evaluator|…", help=words("store_cli.role"))
    ] = "manager",
    municipality: Annotated[
        list[str] | None, typer.Option("--municipality", metavar="AGS", help=words("store_cli.option_municipality"))
    ] = None,
    descriptor: DescriptorOption = None,
) -> None:
    from intake.store.postgres.connection import database_of
    from intake.store.postgres.entering import hand_over, invited
    from intake.store.postgres.setup import statements
    from intake.store.ring import ROLES

    if role not in ROLES:
        raise UsageError("store_cli.unknown_role", role=role, known=", ".join(ROLES))
    free(output)
    with _team(at, descriptor) as store:
        made = invited(store, name, role, account=account, municipalities=municipality or (), today=_today())
    hand_over(made, output)
    out.print(say("store_cli.invited", name=name, path=output, code=made.code), markup=False)
    out.print(say("store_cli.for_administration"))
    for statement in statements(database_of(at), role, account):
        out.print(f"  {statement};", markup=False)


@team_app.command(
    "join",
    help=help_of("store_team_join", "lotsenbuch store team join postgresql://weber@db/integration weber.zugang"),
)
def team_join(
    url: UrlArgument,
    invitation: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, exists=True, dir_okay=False)],
    code_descriptor: Annotated[
        int | None, typer.Option("--code-descriptor", metavar="N", help=words("store_cli.option_code"))
    ] = None,
    new_descriptor: NewDescriptorOption = None,
) -> None:
    from intake.store.bringing import from_descriptor
    from intake.store.postgres.entering import join

    if code_descriptor is None:
        code = typer.prompt(say("store_cli.ask_code"), hide_input=True)
    else:
        code = from_descriptor(code_descriptor).text
    join(url, invitation.read_bytes(), code, _new_secret(new_descriptor), today=_today())
    out.print(say("store_cli.joined"))


@team_app.command(
    "list", help=help_of("store_team_list", "lotsenbuch store team list --at postgresql://ana@db/integration")
)
def team_list(at: AtOption, descriptor: DescriptorOption = None, as_json: JsonOption = False) -> None:
    with _team(at, descriptor) as store:
        logins = store.logins()
    if as_json:
        typer.echo(json.dumps([{"id": each.id, "name": each.name, "role": each.role} for each in logins]))
    else:
        for each in logins:
            out.print(f"{each.id}  {each.role}  {each.name}", markup=False)


@team_app.command(
    "remove",
    help=help_of("store_team_remove", "lotsenbuch store team remove Weber --at postgresql://ana@db/integration"),
)
def team_remove(
    name: Annotated[str, typer.Argument(metavar="ID|NAME", show_default=False)],
    at: AtOption,
    descriptor: DescriptorOption = None,
) -> None:
    with _team(at, descriptor) as store:
        named = [each for each in store.logins() if name in (each.id, each.name)]
        if len(named) != 1:
            raise StoreError("ways.ambiguous_login" if named else "ways.unknown_login", login=name)
        store.remove_login(named[0].id)
    out.print(say("store_cli.login_removed", name=named[0].name))


def _today() -> date:
    return datetime.now(UTC).date()


def _team(at: str, descriptor: int | None) -> TeamStore:
    from intake.store import utc_now
    from intake.store.bringing import Brought, from_descriptor
    from intake.store.postgres.opening import open_given
    from intake.store.ways import Secret

    if descriptor is None:
        secret = Secret.passphrase(typer.prompt(say("store_cli.ask_passphrase"), hide_input=True))
    else:
        secret = from_descriptor(descriptor)
    return open_given(at, Brought(secret=secret), clock=utc_now, wait=5.0)


@contextmanager
def _desk(study: Path, descriptor: int | None) -> Iterator[tuple[Study, Desk]]:
    from intake.store.admission import admitted
    from intake.store.bringing import Brought, from_descriptor
    from intake.study import open_study

    opened = open_study(study)
    path = opened.store_file("study.team_ways")
    given = opened.entrance.brought(path) if descriptor is None else Brought(secret=from_descriptor(descriptor))
    with admitted(path, given, plaintext=opened.plaintext) as desk:
        yield opened, desk


def _kind(kind: str, output: Path | None) -> str:
    """UsageError for a kind there is not, and for a key file without a name."""
    from intake.store.ways import FILE, KINDS

    if kind not in KINDS:
        raise UsageError("store_cli.unknown_kind", kind=kind, known=", ".join(KINDS))
    if kind == FILE and output is None:
        raise UsageError("store_cli.no_output")
    free(output)
    return kind


def _give(
    study: Study,
    desk: Desk,
    kind: str,
    label: str,
    output: Path | None,
    secret: Secret | None,
    unlocked: Unlocked | None = None,
) -> Way:
    """A new way of a kind: `secret` is the new passphrase, `output` where a key file or a sheet goes."""
    from intake.store.ways import KEYRING, RECOVERY

    if secret is not None:
        return desk.add(secret, label=label or _who(), unlocked=unlocked)
    if kind == KEYRING:
        return desk.add_keyring(label=label or _who(), unlocked=unlocked)
    if kind == RECOVERY:
        way, key = desk.add_recovery(label=label or _who(), unlocked=unlocked)
        hand_out(study, way, key, output)
        return way
    if output is None:
        raise UsageError("store_cli.no_output")
    return desk.add_key_file(output, label=label or output.name, unlocked=unlocked)


def _new_secret(descriptor: int | None) -> Secret:
    from intake.entrance import asked_twice
    from intake.store.bringing import from_descriptor

    return asked_twice() if descriptor is None else from_descriptor(descriptor)


def _say(code: str, way: Way, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_told(way)))
    else:
        out.print(say(code, label=way.label, kind=say(f"ways.kind_{way.kind}"), id=way.id))


def _told(way: Way) -> dict[str, str]:
    return {"id": way.id, "kind": way.kind, "label": way.label, "login": way.login, "made": way.made}


def _line(way: Way) -> str:
    return f"{way.id}  {way.made}  {say(f'ways.kind_{way.kind}')}: {way.label}"


def _who() -> str:
    from intake.store.bringing import who

    return who()
