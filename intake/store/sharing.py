"""The commands for those who share a store: push and audit. Library first; each is one call and its words.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, help_of, out, progress, words
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.push import Outcome


sharing_app = typer.Typer()


@sharing_app.command("push", help=help_of("store_push", "lotsenbuch store push --to demo --study unterwegs"))
def push(
    to: Annotated[str | None, typer.Option("--to", metavar="URL|DIR|FILE", help=words("push.option_to"))] = None,
    key_file: Annotated[Path | None, typer.Option("--to-key", metavar="FILE", help=words("push.option_to_key"))] = None,
    mine: Annotated[list[str] | None, typer.Option("--mine", metavar="ID", help=words("push.option_mine"))] = None,
    theirs: Annotated[
        list[str] | None, typer.Option("--theirs", metavar="ID", help=words("push.option_theirs"))
    ] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help=words("push.option_drafts"))] = False,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    from intake.home import SERVERS, open_home
    from intake.store.push import MINE, THEIRS
    from intake.store.push import push as bring
    from intake.study import open_study

    opened = open_study(study)
    named = opened.home and (opened.home if opened.home.startswith(SERVERS) else str(opened.dir / opened.home))
    take = {**dict.fromkeys(mine or (), MINE), **dict.fromkeys(theirs or (), THEIRS)}
    with opened.store() as laptop, open_home(to or named, key_file=key_file) as home, progress() as bar:
        task = bar.add_task(say("push.task"), total=None)
        found = bring(
            laptop, home, take=take, drafts=drafts, progress=lambda at, of: bar.update(task, completed=at, total=of)
        )
    if as_json:
        typer.echo(json.dumps(_told(found)))
    else:
        _print(found)
    if found.left:
        raise typer.Exit(1)


@sharing_app.command("audit", help=help_of("store_audit", "lotsenbuch store audit --since 2026-01-01 --study demo"))
def audit(
    person: Annotated[str | None, typer.Option("--person", metavar="P", help=words("audit.option_person"))] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help=words("audit.option_since"))] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    from intake.store.audit import log, told
    from intake.study import open_study

    opened = open_study(study)
    try:
        day = None if since is None else date.fromisoformat(since)
    except ValueError as error:
        raise UsageError("audit.bad_day", day=since or "") from error
    with opened.store() as store:
        if person is not None and store.subject_of(person) is None:
            raise UsageError("audit.no_person")
        found = log(store, person=person, since=day, zone=opened.tz)
    if as_json:
        typer.echo(json.dumps([told(each) for each in found]))
        return
    for each in found:
        what = say(f"audit.{each.view}") if each.view else f"{each.kind} {each.about}".strip()
        more = each.about.partition(" ")[2] if each.view else ""
        when = each.when.astimezone(opened.tz).strftime("%Y-%m-%d %H:%M")
        out.print("  ".join(part for part in (when, each.actor, each.subject or "–", what, more) if part))
    if not found:
        out.print(say("audit.empty"))


def _print(found: Outcome) -> None:
    out.print(say("push.done", sent=len(found.sent), known=found.known, drafts=len(found.drafts)))
    for each in found.left:
        there = "–" if each.there is None else each.there.isoformat(timespec="seconds")
        out.print(
            say(
                "push.left", submission=each.submission, version=each.version,
                here=each.here.isoformat(timespec="seconds"), there=there,
                why=_why(each.why),
            )
        )  # fmt: skip
    if any(each.why == "push.conflict" for each in found.left):
        out.print(say("push.decide"))


_WORDS = ("erased", "not_allowed", "version_taken", "unread")


def _why(code: str) -> str:
    name = code.partition(".")[2]
    if code == "push.conflict":
        return say(code)
    return say(f"push.why_{name}") if name in _WORDS else say("push.why_other", code=code)


def _told(found: Outcome) -> dict[str, object]:
    return {
        "sent": [{"submission": name, "version": version} for name, version in found.sent],
        "known": found.known,
        "forms": list(found.forms),
        "drafts": list(found.drafts),
        "left": [
            {
                "submission": each.submission, "version": each.version, "why": each.why,
                "here": each.here.isoformat(timespec="seconds"),
                "there": None if each.there is None else each.there.isoformat(timespec="seconds"),
            }
            for each in found.left
        ],
    }  # fmt: skip
