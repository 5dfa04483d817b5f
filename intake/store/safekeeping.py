"""The commands that keep a store safe: backup, restore, anchor, verify, doctor. Library first; each is one call and its
words. Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, help_of, out, progress, words
from intake.store.cli import DescriptorOption
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.backup import Manifest
    from intake.store.bringing import Brought
    from intake.store.chain import Anchor, Break
    from intake.store.restoring import Restored
    from intake.study import Study

safekeeping_app = typer.Typer()

AnchorsOption = Annotated[
    Path | None, typer.Option("--anchors", metavar="FILE", help=words("safekeeping.option_anchors"))
]


@safekeeping_app.command("backup", help=help_of("store_backup", "lotsenbuch store backup sicherung.lbb --study demo"))
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    study: StudyOption = Path(),
    descriptor: DescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    from intake.store import anchors
    from intake.store.backup import make_backup
    from intake.study import open_study

    opened = open_study(study)
    path = opened.store_file("study.team_backup")
    given = _bring(opened, descriptor)(path)
    known = anchors.read(anchors.list_of(path))
    with progress() as bar:
        bar.add_task(say("safekeeping.backing_up"))
        manifest, found = make_backup(path, given, file, anchors=known, plaintext=opened.plaintext)
    if as_json:
        typer.echo(json.dumps({**_told(manifest), "file": str(file), "breaks": [_break(each) for each in found]}))
    else:
        size = file.stat().st_size >> 10
        out.print(say("safekeeping.backed_up", file=file, events=manifest.events, size=size, id=manifest.id))
        out.print(say("safekeeping.backed_up_remember"))
    if found:
        _name(opened, found)
        raise typer.Exit(1)


@safekeeping_app.command(
    "restore", help=help_of("store_restore", "lotsenbuch store restore sicherung.lbb --drill --study demo")
)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    study: StudyOption = Path(),
    drill: Annotated[bool, typer.Option("--drill", help=words("safekeeping.option_drill"))] = False,
    replace: Annotated[bool, typer.Option("--replace", help=words("safekeeping.option_replace"))] = False,
    anchors: AnchorsOption = None,
    descriptor: DescriptorOption = None,
    as_json: JsonOption = False,
) -> None:
    from intake.store import restoring
    from intake.study import open_study

    if drill and replace:
        raise UsageError("safekeeping.drill_or_replace")
    opened = open_study(study)
    path = opened.store_file("study.team_backup")
    bring, known = _bring(opened, descriptor), _anchors(opened, anchors)
    with progress() as bar:
        bar.add_task(say("safekeeping.restoring"))
        if drill:
            done = restoring.drill(file, path, bring, anchors=known, plaintext=opened.plaintext)
        else:
            done = restoring.restore(file, path, bring, anchors=known, plaintext=opened.plaintext, replacing=replace)
    if as_json:
        told = {"submissions": done.submissions, "forgotten": done.forgotten, "anchors": len(known), "drill": drill}
        aside = None if done.aside is None else str(done.aside)
        typer.echo(json.dumps({**_told(done.manifest), **told, "aside": aside, "past_ways": done.past_ways}))
    else:
        _say_restored(done, len(known), drill=drill)


@safekeeping_app.command("anchor", help=help_of("store_anchor", "lotsenbuch store anchor --study demo"))
def anchor(
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help=words("safekeeping.option_file"))] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    from intake.store import anchors
    from intake.study import open_study

    opened = open_study(study)
    target = file or anchors.list_of(opened.store_path)
    with opened.store() as store:
        made = store.anchor()
        anchors.append(target, made)
        store.note("anchor", about=anchors.short_of(made))
    if as_json:
        told = {"file": str(target), "short": anchors.short_of(made), "made": made.made, "chains": len(made.heads)}
        typer.echo(json.dumps(told))
    else:
        out.print(say("safekeeping.anchored", file=target, short=anchors.short_of(made), chains=len(made.heads)))
        out.print(say("safekeeping.anchored_remember"))


@safekeeping_app.command("verify", help=help_of("store_verify", "lotsenbuch store verify --study demo"))
def verify(study: StudyOption = Path(), anchors: AnchorsOption = None, as_json: JsonOption = False) -> None:
    from intake.store.backup import ABOUT_RESTORED
    from intake.study import open_study

    opened = open_study(study)
    known = _anchors(opened, anchors)
    with opened.store() as store, progress() as bar:
        bar.add_task(say("safekeeping.verifying"))
        found = store.verify(known)
        events = len(store.events())
        restored = any(each.about.startswith(ABOUT_RESTORED) for each in store.events(kinds=["backup"]))
    if as_json:
        told = {"ok": not found, "events": events, "anchors": len(known), "breaks": [_break(each) for each in found]}
        typer.echo(json.dumps(told))
    elif not found:
        out.print(
            say("safekeeping.verified" if known else "safekeeping.verified_alone", events=events, anchors=len(known))
        )
    else:
        _name(opened, found)
        if restored and any(each.kind in ("missing", "anchor") for each in found):
            out.print(say("safekeeping.since_restored"))
    if found:
        raise typer.Exit(1)


@safekeeping_app.command("doctor", help=help_of("store_doctor", "lotsenbuch store doctor --study demo"))
def doctor(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    from intake.store.doctor import RED, examine, light_of
    from intake.study import open_study

    opened = open_study(study)
    with progress() as bar:
        bar.add_task(say("safekeeping.examining"))
        found = examine(opened)
    if as_json:
        told = [{"light": each.light, "check": each.check, "state": each.state, "text": each.text()} for each in found]
        typer.echo(json.dumps({"light": light_of(found), "findings": told}, ensure_ascii=False))
    else:
        for each in found:
            out.print(f"{say(f'safekeeping.light_{each.light}')}  {each.text()}")
    if light_of(found) == RED:
        raise typer.Exit(1)


def _bring(study: Study, descriptor: int | None) -> Callable[[Path], Brought]:
    """What opens a store: the way of the study, or what comes by a descriptor (read once)."""
    from intake.store.bringing import Brought, from_descriptor

    if descriptor is None:
        return study.entrance.brought
    given = Brought(secret=from_descriptor(descriptor))
    return lambda _: given


def _anchors(study: Study, file: Path | None) -> list[Anchor]:
    """The anchors of a file that must be there when it is named, and those beside the store."""
    from intake.store import anchors

    if file is not None and not file.is_file():
        raise UsageError("safekeeping.no_anchors", path=file)
    beside = anchors.read(anchors.list_of(study.store_path))
    return [*beside, *([] if file is None else anchors.read(file))]


def _say_restored(done: Restored, known: int, *, drill: bool) -> None:
    code = "safekeeping.drilled" if drill else "safekeeping.restored"
    day = done.manifest.made[:10]
    out.print(say(code, day=day, submissions=done.submissions, events=done.manifest.events, anchors=known))
    if done.forgotten:
        out.print(say("safekeeping.forgotten", count=done.forgotten))
    if done.manifest.broken:
        out.print(say("safekeeping.was_broken", count=done.manifest.broken))
    if done.past_ways:
        out.print(say("safekeeping.past_ways"))
    if done.aside is not None:
        out.print(say("safekeeping.aside", path=done.aside))


def _name(study: Study, found: list[Break]) -> None:
    """What does not hold, the first bad event first."""
    for each in found:
        town = study.municipalities.get(each.municipality, each.municipality) or say("safekeeping.no_town")
        what = say(f"safekeeping.break_{each.kind}")
        if each.kind in ("signature", "store"):
            out.print(what)
        else:
            code = "safekeeping.break_line" if each.number else "safekeeping.break_missing_line"
            out.print(say(code, number=each.number, town=town, place=each.place, what=what))


def _break(found: Break) -> dict[str, object]:
    return {"number": found.number, "municipality": found.municipality, "place": found.place, "kind": found.kind}


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "id": manifest.id, "store": manifest.store, "made": manifest.made, "schema": manifest.schema,
        "events": manifest.events,
    }  # fmt: skip
