"""From a case number or pseudonym to a plan on paper: what `lotsenbuch plan` does.

A plan holds what a person said: its file has a name without anything of it, and only its owner may read it. Each one
that is made is an event about the person, written before anything is read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from intake.casefile import records_about
from intake.document import write
from intake.interview.description import language_of
from intake.store.audit import Witness
from intake.store.division import Division
from intake.store.restriction import is_restricted
from intake.submission import Submission, answer_named
from reports.factory.render import page_to_pdf
from reports.plan.diff import Change, changes, in_words
from reports.plan.sheet import PlanSheet, plan_sheet
from reports.plan.snapshot import Kept, kept_of, record_plan
from reports.plan.speech import Pair, Speech
from reports.plan.state import (
    GOAL,
    INTERVIEW,
    PERSON,
    PlanState,
    from_entities,
    from_interview,
    last_interview,
    read_once,
)
from reports.wording import day
from validation.errors import DataError, UsageError
from validation.form import Form
from validation.messages import say

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study

PICTOGRAMS = Path(__file__).resolve().parent / "pictograms"
OTHER_FIELD = "ziel"  # the pictogram of a field that has none of its own
WITH_PARENTS = "mit_eltern"


@dataclass(frozen=True, slots=True)
class Case:
    """A case that is open for a plan: its records, the state, the form it speaks with and that form's files."""

    records: tuple[Submission, ...]
    state: PlanState
    form: Form
    files: Mapping[str, str]

    def speech(self, *languages: str) -> Speech:
        """The words of the case in these languages (codes)."""
        return Speech(self.form, languages, self.files)


def open_case(store: Store, number: str, view: str = "paper") -> Case:
    """The case of a number or pseudonym. DataError 'plan.no_case', 'plan.several_cases', 'plan.restricted',
    'plan.no_interview', 'plan.with_parents'."""
    from intake.media import instances

    records = records_about(store, find_case(store, number, view))
    frozen = store.form(last_interview(records).form_hash)
    form = read_once(frozen.xform)
    state = _open_to_paper(_state(store, records), form)
    if state.household == WITH_PARENTS:
        raise DataError("plan.with_parents")
    return Case(tuple(records), state, form, instances(form, frozen.lists))


def _state(store: Store, records: Sequence[Submission]) -> PlanState:
    """What all records of a person say together, where their forms declare entities; else the last first interview."""
    from intake.entities import read_entities

    interview = last_interview(records)
    found = read_entities(
        store, lambda name: read_once(store.form(name).xform), datasets=(PERSON, GOAL), person=interview.subject
    )
    person = found.get(PERSON, {}).get(interview.subject)
    if person is None:
        return from_interview(records)
    goals = [each for each in found.get(GOAL, {}).values() if interview.subject in each.people]
    return from_entities(person, goals, records)


def find_case(store: Store, number: str, view: str) -> str:
    """Whose case it is, after the event that somebody opens it. DataError as `person_of`, and 'plan.restricted'."""
    person = person_of(store, number)
    if is_restricted(store, person):
        raise DataError("plan.restricted")
    towns = [each.municipality for each in store.entries() if each.subject == person]
    Witness(store).saw(person, view, municipality=towns[-1] if towns else "")
    return person


def person_of(store: Store, number: str) -> str:
    """Whose case it is: a pseudonym, or the case number or id of a first interview. DataError as `open_case`."""
    wanted = number.strip()
    if wanted and store.subject_of(wanted) is not None:
        return wanted
    found = {
        each.subject
        for each in store.submissions(INTERVIEW)
        if wanted and each.subject and wanted in (each.id, each.id.removeprefix("uuid:"), _number(each))
    }
    if not found:
        raise DataError("plan.no_case")
    if len(found) > 1:
        raise DataError("plan.several_cases", count=len(found))
    return found.pop()


def _number(submission: Submission) -> str:
    return answer_named(submission.record, "fallnummer")


def _open_to_paper(state: PlanState, form: Form) -> PlanState:
    """Without what a form calls special: a plan is carried about and shown to offices."""
    division = Division(form)
    places = {control.nodeset.rpartition("/")[2]: control.nodeset for control in form.controls()}
    said = (item for item in state.items if item.name in places)
    return replace(
        state, items=tuple(item for item in said if division.class_of(places[item.name], item.value) == "general")
    )


def languages_of(case: Case, wanted: str | None) -> tuple[tuple[str, ...], str]:
    """The languages to print, and the name of the person's where the form does not speak it.

    UsageError 'paper.unknown_language' for one that is asked for and not there.
    """
    known = {language_of(name).code for name in case.form.languages}
    if wanted is not None:
        return ("de",) if wanted == "de" else ("de", wanted), ""
    own = case.state.language
    if own in ("", "de"):
        return ("de",), ""
    if own in known:
        return ("de", own), ""
    return ("de",), case.speech("de").choice("gespraechssprache", own)[0]


@dataclass(frozen=True, slots=True)
class Made:
    """What a call made: the file, the snapshot, and what changed since the last one before it, in words."""

    path: Path | None = None
    kept: Kept | None = None
    before: Kept | None = None
    told: tuple[Pair, ...] = ()


def print_plan(
    study: Study, number: str, *, language: str | None = None, record: bool = False, output: Path | None = None
) -> Made:
    """The sheet of a case on disk; with `record` the snapshot in the store, too.

    DataError as `open_case`; DataError 'plan.not_kept', and then nothing is written; UsageError for a language the
    form has not and a file that exists.
    """
    path = place(output, study, "plan.file")
    with study.store() as store:
        case = open_case(store, number)
        languages, unspoken = languages_of(case, language)
        speech = case.speech(*languages)
        before = last_before(store, case)
        sheet = _sheet(study, case, speech, before, unspoken)
        content = page_to_pdf(sheet.json(), "plan.typ", pictures_of(sheet))
        kept = record_plan(study, store, case.state, case.speech("de"), before) if record else None
    write(path, content)
    return Made(path, kept, before, ())


def compare(study: Study, number: str, language: str = "de") -> Made:
    """What changed in a case since the last plan that was kept, in words. DataError as `open_case`."""
    with study.store() as store:
        case = open_case(store, number)
        before = last_before(store, case)
        speech = case.speech(language)
        found = _changes(before, case)
        return Made(before=before, told=tuple(in_words(change, speech) for change in found))


def plans_of(study: Study, number: str) -> tuple[Kept, ...]:
    """The plans of a case that were kept, first to last. DataError as `open_case`."""
    with study.store() as store:
        return kept_of(store, open_case(store, number).records)


def last_before(store: Store, case: Case) -> Kept | None:
    """The last plan kept; None where there is none."""
    return next(reversed(kept_of(store, case.records)), None)


def _changes(before: Kept | None, case: Case) -> Sequence[Change]:
    return changes(before.state, case.state) if before is not None else ()


def _sheet(study: Study, case: Case, speech: Speech, before: Kept | None, unspoken: str) -> PlanSheet:
    since = (before.day, _changes(before, case)) if before is not None else None
    town = study.municipalities.get(case.state.municipality, "")
    return plan_sheet(case.state, speech, town=town, since=since, unspoken=unspoken, demo=marks(study))


def day_of(text: str, language: str) -> str:
    """An ISO date as it is written; what is none as it stands."""
    try:
        return day(date.fromisoformat(text[:10]), language)
    except ValueError:
        return text


def marks(study: Study) -> str:
    """What every page says of where its data come from."""
    found = (("plain", study.is_plain), ("demo", study.demo))
    return " · ".join(say(f"report_frame.{name}") for name, is_so in found if is_so)


def pictures_of(sheet: PlanSheet) -> dict[str, str]:
    """The pictograms a sheet shows, by the names the template asks for."""
    found = {}
    for code in {goal.picture for goal in sheet.goals}:
        path = PICTOGRAMS / f"{code}.svg" if code.isalnum() else PICTOGRAMS / ""
        own = path if path.is_file() else PICTOGRAMS / f"{OTHER_FIELD}.svg"
        found[f"pictogram-{code}.svg"] = own.read_text(encoding="utf-8")
    return found


def place(output: Path | None, study: Study, code: str) -> Path:
    """Where the file goes: the one named, else one of a random name in the directory named or here. Asked before
    anything is kept or logged. UsageError for a file that is there and a directory that is not."""
    name = f"{'DEMO-' if study.demo else ''}{say(code)}-{secrets.token_hex(4)}.pdf"
    path = output or Path(name)
    if path.is_dir():
        path = path / name
    if not path.parent.is_dir():
        raise UsageError("paper.no_directory", path=path.parent)
    if path.exists():
        raise UsageError("document.exists", path=path)
    return path
