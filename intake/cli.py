"""The commands that bring data in: `form`, `new`, `interview`, `check`. Library first; each is one call and its words.

Nobody imports this file but the command line of `reports`, which composes `lotsenbuch`.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from validation.errors import Problem, UsageError
from validation.messages import LANGUAGES, say

if TYPE_CHECKING:
    from intake.store.bringing import Brought
    from intake.store.ways import Way
    from intake.study import Study
    from intake.xlsform import FormCheck


def help_of(command: str, example: str) -> str:
    """Help of a command: German, English, and an example that a test runs."""
    code = f"cli.{command}"
    return f"{say(code)}\n\n{say(code, 'en')}\n\n{say('cli.example')}: {example}"


def words(code: str) -> str:
    """Help of an option: German / English in one line."""
    return f"{say(code)} / {say(code, 'en')}"


def chosen(language: str) -> str:
    """The language of what is printed, or UsageError."""
    if language not in LANGUAGES:
        raise UsageError("cli.unknown_language", language=language, known=", ".join(LANGUAGES))
    return language


StudyOption = Annotated[Path, typer.Option("--study", metavar="DIR", help=words("cli.option_study"))]
JsonOption = Annotated[bool, typer.Option("--json", help=words("cli.option_json"))]
LanguageOption = Annotated[str, typer.Option("--language", metavar="de|en", help=words("cli.option_language"))]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
form_app = typer.Typer(no_args_is_help=True, help=words("cli.form"))
app.add_typer(form_app, name="form")
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def progress() -> Progress:
    """Progress on stderr, so that `--json` on stdout stays readable; silent where nobody looks."""
    screen = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


@form_app.command("check", help=help_of("form_check", "lotsenbuch form check forms/erstgespraech.md"))
def form_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    client: Annotated[
        list[str] | None,
        typer.Option("--client", metavar="collect|web-forms|enketo", help=words("cli.option_client")),
    ] = None,
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.xlsform import inspect_form
    from validation.lint import known_clients

    chosen(language)
    clients = known_clients(client or ())
    found: dict[str, FormCheck] = {}
    with progress() as bar:
        task = bar.add_task("", total=len(files))
        for file in files:
            bar.update(task, description=file.name, advance=1)
            found[str(file)] = inspect_form(file, clients=clients)
    if as_json:
        typer.echo(json.dumps({name: _check_as_json(check, language) for name, check in found.items()}))
    else:
        for name, check in found.items():
            out.print(f"{name}: {say('cli.form_wrong' if check.problems else 'cli.form_ok', language)}")
            for item in check.problems:
                out.print(_line(item, language))
            for item in check.warnings:
                out.print(_line(item, language, say("cli.form_warning", language)))
    if any(check.problems for check in found.values()):
        raise typer.Exit(1)


def _line(problem: Problem, language: str, kind: str = "") -> str:
    parts = (kind, problem.place.text(language), problem.text(language))
    return f"  {': '.join(part for part in parts if part)}"


def _check_as_json(check: FormCheck, language: str) -> dict[str, object]:
    return {
        "ok": not check.problems,
        "problems": [_as_json(item, language) for item in check.problems],
        "warnings": [_as_json(item, language) for item in check.warnings],
    }


def _as_json(problem: Problem, language: str) -> dict[str, object]:
    place = problem.place
    return {
        "code": problem.code,
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "nodeset": place.nodeset,
        "position": place.position,
        "message": problem.text(language),
    }


@form_app.command(
    "publish", help=help_of("form_publish", "lotsenbuch form publish demo/forms/austritt.md --study demo")
)
def form_publish(
    file: Annotated[Path, typer.Argument(show_default=False)],
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    from intake.entitysheet import Declared
    from intake.publishing import publish
    from intake.study import open_study

    opened = open_study(study)
    with opened.store() as store:
        frozen = publish(store, file, declared=Declared(opened.dir / "forms"))
    if as_json:
        typer.echo(json.dumps({"form_id": frozen.form_id, "version": frozen.version, "hash": frozen.hash}))
    else:
        out.print(say("cli.form_published", form=frozen.form_id, version=frozen.version, hash=frozen.hash))


@form_app.command("convert", help=help_of("form_convert", "lotsenbuch form convert forms/austritt.md austritt.xlsx"))
def form_convert(
    file: Annotated[Path, typer.Argument(show_default=False)],
    target: Annotated[Path, typer.Argument(show_default=False)],
) -> None:
    from intake.converting import convert_file

    convert_file(file, target)
    out.print(str(target))


@app.command("new", help=help_of("new", 'lotsenbuch new meine-studie --municipality "08235007 Althengstett"'))
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    municipality: Annotated[
        list[str], typer.Option("--municipality", metavar="AGS NAME", help=words("cli.option_new_municipality"))
    ],
    template: Annotated[str, typer.Option("--study", metavar="NAME", help=words("cli.option_new_study"))] = "",
    passphrase: Annotated[bool, typer.Option("--passphrase", help=words("store_cli.option_new_passphrase"))] = False,
    descriptor: Annotated[
        int | None, typer.Option("--passphrase-descriptor", metavar="N", help=words("store_cli.option_new_descriptor"))
    ] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help=words("store_cli.option_new_keyring"))] = False,
    recovery: Annotated[
        Path | None, typer.Option("--recovery", metavar="FILE", help=words("store_cli.option_new_recovery"))
    ] = None,
    plaintext: Annotated[bool, typer.Option("--plaintext", help=words("store_cli.option_plaintext"))] = False,
) -> None:
    from intake.publishing import publish_all
    from intake.study import create_study

    towns = dict(_municipality(text) for text in municipality)
    free(recovery)
    way = _first_way(passphrase=passphrase, descriptor=descriptor, keyring=keyring)
    study = create_study(directory, template=template, municipalities=towns, way=way, plaintext=plaintext)
    with study.store() as store:
        frozen = publish_all(study, store)
    done = "cli.new_done" if way is None else "store_cli.new_done"
    out.print(say(done, directory=directory, forms=len(frozen), towns=", ".join(towns.values())))
    if recovery is not None:
        _recovery_sheet(study, recovery)


def _first_way(*, passphrase: bool, descriptor: int | None, keyring: bool) -> Brought | None:
    """What a new store opens with; None for a key file. UsageError for two at once."""
    from intake.entrance import asked_twice
    from intake.store.bringing import Brought, from_descriptor

    if passphrase + (descriptor is not None) + keyring > 1:
        raise UsageError("store_cli.one_way")
    if keyring:
        return Brought(keyring=True)
    if passphrase or descriptor is not None:
        return Brought(secret=asked_twice() if descriptor is None else from_descriptor(descriptor))
    return None


def _recovery_sheet(study: Study, output: Path) -> None:
    from intake.store.admission import admitted
    from intake.store.bringing import who

    with admitted(study.store_path, study.entrance.brought(study.store_path), plaintext=study.plaintext) as desk:
        way, key = desk.add_recovery(label=who())
    hand_out(study, way, key, output)


def free(output: Path | None) -> None:
    """UsageError when a file is there already: nothing that was handed out is overwritten."""
    if output is not None and output.exists():
        raise UsageError("store_cli.output_exists", path=output)


def hand_out(study: Study, way: Way, key: bytes, output: Path | None) -> None:
    """The sheet of a recovery key, to the screen or into a file that only its owner can read."""
    from intake.store.recovery import sheet

    text = sheet(key, title=study.title, place=str(study.store_path), label=way.label, made=way.made)
    if output is None:
        typer.echo(text)
    else:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        typer.echo(say("store_cli.print_sheet", path=output), err=True)


def _municipality(text: str) -> tuple[str, str]:
    """AGS and name of '08235007 Althengstett', or UsageError."""
    ags, _, name = text.strip().partition(" ")
    if not (re.fullmatch(r"[0-9]{8}", ags) and name.strip()):
        raise UsageError("cli.new_municipality")
    return ags, name.strip()


@app.command("interview", help=help_of("interview", "lotsenbuch interview --study demo --no-browser"))
def interview(
    study: StudyOption = Path(),
    form: Annotated[str | None, typer.Option(help=words("cli.option_form"))] = None,
    form_file: Annotated[Path | None, typer.Option(help=words("cli.option_form_file"))] = None,
    port: Annotated[int | None, typer.Option(help=words("cli.option_port"))] = None,
    lab: Annotated[bool, typer.Option("--lab", help=words("cli.option_lab"))] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=words("cli.option_no_browser"))] = False,
    shortcut: Annotated[Path | None, typer.Option(help=words("cli.option_shortcut"))] = None,
    descriptor: Annotated[
        int | None, typer.Option("--passphrase-descriptor", metavar="N", help=words("store_cli.option_descriptor"))
    ] = None,
    alone: Annotated[bool, typer.Option("--self", help=words("alone.cli_self"))] = False,
    kiosk: Annotated[bool, typer.Option("--kiosk", help=words("alone.cli_kiosk"))] = False,
    links: Annotated[int, typer.Option("--links", min=0, max=5000, help=words("alone.cli_links"))] = 0,
    lan: Annotated[bool, typer.Option("--lan", help=words("alone.cli_lan"))] = False,
    address: Annotated[str, typer.Option("--address", help=words("alone.cli_address"))] = "",
) -> None:
    if not alone and (kiosk or links or lan or address):
        raise UsageError("alone.needs_self")
    if shortcut is not None:
        from intake.interview.shortcut import write_shortcut
        from intake.study import open_study

        typer.echo(say("interview.shortcut", file=write_shortcut(open_study(study), shortcut)))
        return
    from intake.interview.server import serve
    from intake.store.bringing import from_descriptor

    secret = None if descriptor is None else from_descriptor(descriptor)
    if alone:
        from intake.interview.alone.serving import Wish, serve_alone

        wish = Wish(kiosk=kiosk, links=links, lan=lan, address=address)
        serve_alone(study, wish, form=form, port=port, open_browser=not no_browser, secret=secret, told=typer.echo)
        return
    serve(study, form=form, form_file=form_file, port=port, lab=lab, open_browser=not no_browser, secret=secret)


@app.command("check", help=help_of("check", "lotsenbuch check --study demo"))
def check(
    study: StudyOption = Path(),
    html: Annotated[Path | None, typer.Option(help=words("cli.option_html"))] = None,
    json_file: Annotated[Path | None, typer.Option(help=words("cli.option_json_file"))] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help=words("exported.option_data"))] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="URL", help=words("exported.option_scheduler"))] = None,
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.checking import check_study
    from intake.study import open_study

    chosen(language)
    if data is None and scheduler is not None:
        raise UsageError("exported.needs_data")
    with progress() as bar:
        task = bar.add_task(say("cli.checking", language))

        def told(text: str) -> None:
            bar.update(task, description=text)

        if data is None:
            report = check_study(open_study(study), progress=told)
        else:
            from intake.exported import check_export

            report = check_export(open_study(study), data, scheduler=scheduler, progress=told)
    if html:
        report.to_html(html, language)
    if json_file:
        report.to_json(json_file, language)
    if as_json:
        typer.echo(json.dumps(report.as_dict(language)))
    else:
        out.print(report.to_text(language))
    if not report.ok:
        raise typer.Exit(1)
