"""A sheet for an agency: what it needs of a plan, where the person has released us towards it and that still holds.

On it stand who the person is, the short answers of the plan and the goals in which this agency is involved; no goal
with somebody else, no sentence about the person, nothing special. Special answers go only to an agency that the form
itself marks special (a doctor, a therapist), and only when they are asked for. This is no cover for absence, which
stays in the office (`reports.handover`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intake.document import write
from intake.store.division import Division
from intake.submission import answer_named
from reports.factory.render import page_to_pdf
from reports.plan.making import Case, day_of, marks, open_case, pictures_of, place
from reports.plan.release import RELEASE, Release, releases
from reports.plan.sheet import Line, PlanSheet, goal_row, words_of
from reports.plan.speech import Speech
from reports.plan.state import ITEMS, last_interview
from validation.errors import DataError, UsageError

if TYPE_CHECKING:
    from intake.study import Study

_HEAD = {"name": "name", "born": "geburtsdatum", "number": "fallnummer"}


def hand_out(
    study: Study, number: str, agency: str, *, special: bool = False, output: Path | None = None
) -> tuple[str, Path]:
    """The agency's name and the sheet on disk; the event names the agency, sealed with what is about the person.

    UsageError 'plan.unknown_agency', 'plan.not_special'; DataError 'plan.no_release', 'plan.expired', and as
    `open_case`: nothing is written then.
    """
    path = place(output, study, "plan.handover_file")
    with study.store() as store:
        case = open_case(store, number, "handover")
        speech = case.speech("de")
        code = _code(agency, speech)
        name = speech.choice(RELEASE, code)[0]
        release = _valid(case, code, name, datetime.now(study.tz).date())
        if special and _class_of(case, code) != "special":
            raise UsageError("plan.not_special", agency=name)
        sheet = agency_sheet(case, speech, release, town=_town(study, case), special=special, demo=marks(study))
        content = page_to_pdf(sheet.json(), "plan.typ", pictures_of(sheet))
        state = case.state
        store.note(
            "export", municipality=state.municipality, subject=store.subject_of(state.person) or "", about="agency",
            detail={"to": name},
        )  # fmt: skip
    write(path, content)
    return name, path


def agency_sheet(
    case: Case, speech: Speech, release: Release, *, town: str, special: bool = False, demo: str = ""
) -> PlanSheet:
    """What goes to an agency."""
    name = speech.choice(RELEASE, release.agency)
    basis = (
        speech.own("handover_basis", until=speech.date(release.until.isoformat()))
        if release.until is not None
        else speech.own("handover_open")
    )
    goals = [goal for goal in case.state.goals if release.agency in (goal.agency, goal.who)]
    return PlanSheet(
        title=speech.own("handover_title", agency=name),
        languages=tuple((language.code, language.direction) for language in speech.languages),
        words={**words_of(speech), "no_goals": speech.own("no_goals_with")},
        head=tuple(_head(case, speech, town)),
        remarks=(basis,),
        items=(*_items(case, speech), *(_special(case, speech) if special else ())),
        goals=tuple(goal_row(goal, speech) for goal in goals),
        goals_head=speech.own("goals_with"),
        signed=False,
        demo=demo,
    )


def _code(agency: str, speech: Speech) -> str:
    """The code of an agency, named by code or label."""
    known = speech.codes(RELEASE)
    wanted = agency.strip().casefold()
    found = next((code for code, said in known.items() if wanted in (code, said[0].casefold())), None)
    if found is None:
        raise UsageError("plan.unknown_agency", agency=agency, known=", ".join(known))
    return found


def _valid(case: Case, code: str, name: str, day: date) -> Release:
    found = next((each for each in releases(case.records) if each.agency == code), None)
    if found is None:
        raise DataError("plan.no_release", agency=name)
    if not found.holds(day):
        raise DataError("plan.expired", agency=name, until=day_of(found.until.isoformat() if found.until else "", "de"))
    return found


def _class_of(case: Case, agency: str) -> str:
    place_of = next(each.nodeset for each in case.form.controls() if each.nodeset.endswith(f"/{RELEASE}"))
    return Division(case.form).class_of(place_of, agency)


def _town(study: Study, case: Case) -> str:
    return study.municipalities.get(case.state.municipality, case.state.municipality)


def _head(case: Case, speech: Speech, town: str) -> Iterator[Line]:
    record = last_interview(case.records).record
    for word, question in _HEAD.items():
        if text := answer_named(record, question):
            yield Line(speech.own(word), speech.date(text) if word == "born" else speech.plain(text))
    yield Line(speech.own("town"), speech.plain(town))
    yield Line(speech.own("day"), speech.date(case.state.day))


def _items(case: Case, speech: Speech) -> Iterator[Line]:
    for name in ITEMS:
        if value := case.state.value(name):
            yield Line(speech.label(name), speech.choice(name, value))


def _special(case: Case, speech: Speech) -> Iterator[Line]:
    """The special answers of the first interview outside of repeats; none where consent was not given."""
    record = last_interview(case.records).record
    if answer_named(record, "einwilligung") != "ja":
        return
    division = Division(case.form)
    for control in case.form.controls():
        value = record.get(control.nodeset, "")
        if isinstance(value, str) and value and division.class_of(control.nodeset) == "special":
            name = control.nodeset.rpartition("/")[2]
            yield Line(speech.label(name), speech.choice(name, value))
