"""The commands `import` and `pull`: each shows what will happen, and does it with `--yes`. Library first.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, LanguageOption, StudyOption, chosen, help_of, out, progress, words
from validation.messages import say

if TYPE_CHECKING:
    from intake.exchange.incoming import Plan, Terms
    from intake.store import Store
    from intake.study import Study

in_app = typer.Typer()
pull_app = typer.Typer(no_args_is_help=True, help=words("import.pull"))
in_app.add_typer(pull_app, name="pull")

FormOption = Annotated[str, typer.Option("--form", metavar="ID", help=words("import.option_form"))]
VersionOption = Annotated[str, typer.Option("--version", metavar="V", help=words("import.option_version"))]
TownOption = Annotated[str, typer.Option("--municipality", metavar="AGS", help=words("import.option_municipality"))]
AcceptOption = Annotated[list[str] | None, typer.Option("--accept", metavar="RULE", help=words("import.option_accept"))]
WithoutOption = Annotated[bool, typer.Option("--without-refused", help=words("import.option_without_refused"))]
YesOption = Annotated[bool, typer.Option("--yes", help=words("import.option_yes"))]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="typo|late|changed|elsewhere", help=words("import.option_reason"))
]
KeepOption = Annotated[list[str] | None, typer.Option("--keep", metavar="COLUMN", help=words("import.option_keep"))]
LeaveOption = Annotated[
    list[str] | None, typer.Option("--leave-out", metavar="COLUMN", help=words("import.option_leave_out"))
]


@in_app.command(
    "import",
    help=help_of(
        "import_file",
        "lotsenbuch import demo/exchange/bestand.csv --mapping demo/exchange/bestand.toml --study demo",
    ),
)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE|DIR", show_default=False)],
    form: FormOption = "",
    version: VersionOption = "",
    format: Annotated[str, typer.Option("--format", help=words("import.option_format"))] = "",  # noqa: A002 - the option's name
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="TOML", help=words("import.option_mapping"))
    ] = None,
    encoding: Annotated[str, typer.Option("--encoding", help=words("import.option_encoding"))] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", help=words("import.option_delimiter"))] = "",
    guarded: Annotated[bool, typer.Option("--guarded", help=words("import.option_guarded"))] = False,
    municipality: TownOption = "",
    keep: KeepOption = None,
    leave_out: LeaveOption = None,
    accept: AcceptOption = None,
    without_refused: WithoutOption = False,
    yes: YesOption = False,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.exchange.arriving import Wanted, found_in
    from intake.exchange.incoming import planned
    from intake.study import open_study

    chosen(language)
    opened = open_study(study)
    wanted = Wanted(
        form, version, format, mapping, encoding, _delimiter(delimiter), guarded, tuple(keep or ()),
        tuple(leave_out or ()),
    )  # fmt: skip
    terms = _terms(opened, municipality, version, accept)
    with opened.store() as store:
        with progress() as bar:
            bar.add_task(say("import.reading", language))
            found = found_in(store, file, wanted, zone=opened.zone, now=terms.now)
            plan = planned(
                store, found.form, found.records.arrivals, found.source, terms, problems=found.records.problems
            )
        _finish(
            store, plan, without_refused=without_refused, yes=yes, reason=reason, as_json=as_json, language=language
        )


@pull_app.command(
    "central",
    help=help_of("pull_central", "lotsenbuch pull central https://central.example/v1/projects/1/forms/kontakt"),
)
def pull_central(
    url: Annotated[str, typer.Argument(show_default=False)],
    email: Annotated[str, typer.Option("--email", help=words("import.option_email"))] = "",
    descriptor: Annotated[
        int | None, typer.Option("--password-descriptor", metavar="N", help=words("import.option_descriptor"))
    ] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help=words("import.option_keyring"))] = False,
    form: FormOption = "",
    version: VersionOption = "",
    municipality: TownOption = "",
    keep: KeepOption = None,
    accept: AcceptOption = None,
    without_refused: WithoutOption = False,
    yes: YesOption = False,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.pull import Central, Secret, pull_central
    from intake.study import open_study

    chosen(language)
    opened = open_study(study)
    terms = _terms(opened, municipality, version, accept)
    secret = Secret.given(url, descriptor=descriptor, keyring=keyring, name=email)
    with opened.store() as store:
        with progress() as bar:
            task = bar.add_task(say("import.pulling", language))
            source = Central(url, secret, progress=lambda at, of: bar.update(task, completed=at, total=of))
            plan = pull_central(store, source, terms, form=form, keep=tuple(keep or ()))
        _finish(
            store, plan, without_refused=without_refused, yes=yes, reason=reason, as_json=as_json, language=language
        )


@pull_app.command(
    "kobo", help=help_of("pull_kobo", "lotsenbuch pull kobo https://kobo.example/api/v2/assets/aXyZ --form kontakt")
)
def pull_kobo(
    url: Annotated[str, typer.Argument(show_default=False)],
    form: FormOption = "",
    version: VersionOption = "",
    descriptor: Annotated[
        int | None, typer.Option("--password-descriptor", metavar="N", help=words("import.option_descriptor"))
    ] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help=words("import.option_keyring"))] = False,
    municipality: TownOption = "",
    keep: KeepOption = None,
    leave_out: LeaveOption = None,
    accept: AcceptOption = None,
    without_refused: WithoutOption = False,
    yes: YesOption = False,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    language: LanguageOption = "de",
) -> None:
    from intake.exchange.arriving import Wanted
    from intake.pull import Kobo, Secret, pull_kobo
    from intake.study import open_study

    chosen(language)
    opened = open_study(study)
    terms = _terms(opened, municipality, version, accept)
    secret = Secret.given(url, descriptor=descriptor, keyring=keyring)
    wanted = Wanted(form=form, version=version, keep=tuple(keep or ()), leave_out=tuple(leave_out or ()))
    with opened.store() as store:
        with progress() as bar:
            task = bar.add_task(say("import.pulling", language))
            source = Kobo(url, secret, progress=lambda at, of: bar.update(task, completed=at, total=of))
            plan = pull_kobo(store, source, terms, wanted)
        if not as_json:
            _broken(plan, language)
        _finish(
            store, plan, without_refused=without_refused, yes=yes, reason=reason, as_json=as_json, language=language
        )


def _terms(study: Study, municipality: str, version: str, accept: list[str] | None) -> Terms:
    from intake.exchange.incoming import Terms
    from intake.store import utc_now
    from intake.store.bringing import who

    return Terms(
        author=who(), zone=study.zone, now=utc_now(), municipalities=study.municipalities,
        municipality=municipality, version=version, accept=tuple(accept or ()),
    )  # fmt: skip


def _delimiter(text: str) -> str:
    return "\t" if text in ("\\t", "tab") else text


def _broken(plan: Plan, language: str) -> None:
    """What breaks the form's own rules: question, rule, how many, in which records."""
    rows = plan.broken(language)
    if rows:
        out.print(say("import.broken", language))
    for _rule, sentence, ids in rows:
        named = ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
        out.print(f"  {len(ids)} × {sentence} ({named})")


def _finish(
    store: Store, plan: Plan, *, without_refused: bool, yes: bool, reason: str, as_json: bool, language: str
) -> None:
    """Show the plan; carry it out where that was asked for and nothing stands against it, else exit 1."""
    from intake.exchange.incoming import CHANGED, NEW, carried_out

    work = plan.without_refused() if without_refused else plan
    done = None
    if yes and work.ok:
        with progress() as bar:
            bar.add_task(say("import.writing", language))
            done = carried_out(store, work, reason=reason)
    if as_json:
        typer.echo(json.dumps({**plan.as_dict(language), "written": None if done is None else len(done)}))
    else:
        out.print(plan.to_text(language))
        if done is not None:
            out.print(say("import.done", language, count=len(done)))
        elif work.ok and any(plan.counts[state] for state in (NEW, CHANGED)):
            out.print(say("import.nothing_yet", language))
        elif not work.ok:
            out.print(say("import.nothing_done", language))
    if not work.ok:
        raise typer.Exit(1)
