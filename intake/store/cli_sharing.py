"""Behind `lotsenbuch store push|audit`: what is printed of visits without network, and of who saw what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from intake.cli import out, progress
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.push import Outcome


def bring_home(
    study: Path,
    *,
    to: str | None,
    key_file: Path | None,
    mine: Sequence[str],
    theirs: Sequence[str],
    drafts: bool,
    as_json: bool,
) -> bool:
    """Transfer, and say what came of it; whether nothing was left."""
    from intake.home import SERVERS, open_home
    from intake.store.push import MINE, THEIRS, push
    from intake.study import open_study

    opened = open_study(study)
    take = {**dict.fromkeys(mine, MINE), **dict.fromkeys(theirs, THEIRS)}
    named = opened.home and (opened.home if opened.home.startswith(SERVERS) else str(opened.dir / opened.home))
    with opened.store() as laptop, open_home(to or named, key_file=key_file) as home, progress() as bar:
        task = bar.add_task(say("push.task"), total=None)
        found = push(
            laptop, home, take=take, drafts=drafts, progress=lambda at, of: bar.update(task, completed=at, total=of)
        )
    if as_json:
        typer.echo(json.dumps(_told(found)))
    else:
        _print(found)
    return not found.left


def print_log(study: Path, *, person: str | None, since: str | None, as_json: bool) -> None:
    """Who saw what. UsageError 'audit.no_person', 'audit.bad_day'."""
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
