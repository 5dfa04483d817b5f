"""The folder for whoever covers: a page for each case, on one sheet, and a list of them. For its owner's eyes only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from intake.document import Block, Document, Heading, Paragraph, Table, new_folder, write
from intake.handover import HandedOver, hand_over, listed, written_by
from reports.wording import day
from validation.errors import UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

GOALS_SHOWN, TEXT_SHOWN = 12, 240
"""So many goals, and characters of a text, go on one sheet of paper; what is left out is counted or marked."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What was made: the list of cases and their pages."""

    index: Path
    pages: tuple[Path, ...]


def make_folder(
    study: Study, out: Path, *, to: str, cases: Path | None = None, login: str = "", language: str = "de"
) -> Folder:
    """Hand cases over, by a list of pseudonyms or all of a colleague's, and write the folder.

    UsageError 'handover.whom' unless exactly one of both is given, 'handover.nothing' where no case is open,
    'document.exists'; DataError as `intake.handover.hand_over`.
    """
    if (cases is None) == (not login):
        raise UsageError("handover.whom")
    with study.store() as store:
        persons = listed(cases) if cases is not None else written_by(store, login)
        new_folder(out)
        handed = hand_over(store, persons, to=to, language=language)
    if not handed:
        out.rmdir()
        raise UsageError("handover.nothing")
    demo = say("report_frame.demo", language) if study.demo else ""
    pages = []
    for number, case in enumerate(handed, start=1):
        pages.append(out / f"fall-{number:03d}.html")
        write(pages[-1], page_of(case, study.municipalities, language=language, demo=demo).html())
    index = out / "liste.html"
    write(index, _list_of(handed, pages, study.municipalities, to, language, demo).html())
    return Folder(index, tuple(pages))


def page_of(case: HandedOver, towns: Mapping[str, str], *, language: str = "de", demo: str = "") -> Document:
    """One case on one sheet."""

    def text(code: str, **fields: object) -> str:
        return say(f"handover.{code}", language, **fields)

    title = text("page_title", person=case.person)
    town = towns.get(case.municipality, case.municipality)
    if case.restricted:
        return Document(title, (Paragraph(text("restricted"), note=True),), language, demo)
    facts = {
        "town": town, "number": case.number, "name": case.name, "phone": case.phone, "reach": case.reach,
        "language": case.language, "next": _day(case.next_day, language),
    }  # fmt: skip
    if case.talk is not None:
        said = (_day(case.talk.day, language), case.talk.channel, ", ".join(case.talk.topics))
        facts["talk"] = " – ".join(filter(None, said))
    rows = tuple((text(f"fact_{name}"), said) for name, said in facts.items() if said)
    blocks: list[Block] = [Table((), rows), Heading(text("goals"))]
    if case.goals:
        columns = tuple(text(f"column_{name}") for name in ("field", "goal", "step", "due", "state"))
        shown = case.goals[:GOALS_SHOWN]
        blocks.append(
            Table(
                columns,
                tuple(
                    (each.field, _cut(each.goal), _cut(each.step), _day(each.due, language), each.state)
                    for each in shown
                ),
            )
        )
        if len(case.goals) > len(shown):
            blocks.append(Paragraph(text("more_goals", count=len(case.goals) - len(shown))))
    else:
        blocks.append(Paragraph(text("no_goals")))
    blocks.append(Paragraph(text("private"), note=True))
    return Document(title, tuple(blocks), language, demo)


def _list_of(
    handed: Sequence[HandedOver], pages: Sequence[Path], towns: Mapping[str, str], to: str, language: str, demo: str
) -> Document:
    columns = tuple(say(f"handover.column_{name}", language) for name in ("person", "town", "next", "count", "page"))
    rows = tuple(
        (
            case.person, towns.get(case.municipality, case.municipality), _day(case.next_day, language),
            str(len(case.goals)), page.name,
        )
        for case, page in zip(handed, pages, strict=True)
    )  # fmt: skip
    title = say("handover.list_title", language, to=to)
    note = Paragraph(say("handover.private", language), note=True)
    return Document(title, (note, Table(columns, rows)), language, demo)


def _cut(text: str) -> str:
    flat = re.sub(r"\s+", " ", text).strip()
    return flat if len(flat) <= TEXT_SHOWN else f"{flat[: TEXT_SHOWN - 1].rstrip()}…"


def _day(text: str, language: str) -> str:
    try:
        return day(date.fromisoformat(text[:10]), language)
    except ValueError:
        return text
