"""What the reports read from the shipped forms: one frame a subject, under short names, with the types they count on.

This is the only place in `reports` that knows names of forms and questions. A form that was never published has no
rows; a published one without a question that is read here is a ReportError that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from intake.study import Study
from intake.tables import published_forms
from validation.errors import ReportError
from validation.layout import choice_labels
from validation.messages import say

Tables = Mapping[str, pd.DataFrame]

INTAKE, EXIT = "erstgespraech", "austritt"

MISSING = "_missing"
"""The category of rows without an answer ('ohne Angabe')."""

_TEXT, _DATE, _NUMBER, _WHOLE = "string", "datetime64[us]", "Float64", "Int64"

_ENTRIES = {
    "person": ("fall-person", _TEXT),
    "municipality": ("fall-gemeinde", _TEXT),
    "case": ("fall-fallnummer", _TEXT),
    "start": ("aufenthalt-zuweisung", _DATE),
    "zugangsart": ("aufenthalt-zugangsart", _TEXT),
    "wohnform": ("wohnen-wohnform", _TEXT),
    "KEY": ("KEY", _TEXT),
}
_INTERVIEWS = {"interview": ("fall-datum", _DATE), "plan_for": ("fall-plan_fuer", _TEXT),
               "plan_head": ("fall-plan_kopf", _TEXT)}  # fmt: skip
_EXITS = {
    "person": ("fall-person", _TEXT),
    "municipality": ("fall-gemeinde", _TEXT),
    "end": ("austritt-datum", _DATE),
    "grund": ("austritt-grund", _TEXT),
    "exit_key": ("KEY", _TEXT),
}
_PERSONS = {
    "KEY": ("KEY", _TEXT),
    "nationality": ("person-staatsangehoerigkeit", _TEXT),
    "geschlecht": ("person-geschlecht", _TEXT),
    "geburtsdatum": ("person-geburtsdatum", _DATE),
    "wohnform": ("wohnen-wohnform", _TEXT),
}
_COURSE = {"course": ("sprache-kurs", _TEXT), "course_state": ("sprache-kursstatus", _TEXT)}
NO_COURSE, IN_COURSE = "keiner", "running"

_REGISTERS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "unterkunft": {
        "unterkunft-gemeinde": _TEXT, "unterkunft-id": _TEXT, "unterkunft-name": _TEXT, "unterkunft-ortsteil": _TEXT,
        "unterkunft-type": _TEXT, "unterkunft-units": _WHOLE, "unterkunft-places": _WHOLE,
        "unterkunft-places_usable": _WHOLE, "unterkunft-in_use_from": _DATE, "unterkunft-in_use_to": _DATE,
        "KEY": _TEXT,
    },
    "unterkunft-bewohner": {"person": _TEXT, "von": _DATE, "bis": _DATE, "not_im": _TEXT, "PARENT_KEY": _TEXT},
    "stelle": {
        "stelle-gemeinde": _TEXT, "stelle-id": _TEXT, "stelle-rolle": _TEXT, "stelle-vzae_bewilligt": _NUMBER,
        "stelle-vzae_besetzt": _NUMBER, "stelle-von": _DATE, "stelle-bis": _DATE, "stelle-status": _TEXT, "KEY": _TEXT,
    },
    "stelle-abwesenheit": {"von": _DATE, "bis": _DATE, "vertretung": _TEXT, "PARENT_KEY": _TEXT},
    "foerderung": {
        "foerderung-gemeinde": _TEXT, "foerderung-stichtag": _DATE, "ergebnis-koepfe_summe": _WHOLE,
        "parameter-satz": _NUMBER, "parameter-kosten_unten": _NUMBER, "parameter-kosten_oben": _NUMBER,
        "ergebnis-betrag": _WHOLE, "ergebnis-betrag_bewilligt": _NUMBER,
    },
})  # fmt: skip
"""{table: {column: type}} of what `reports.registers` reckons with."""

_GOALS = {
    "field": ("handlungsfeld", _TEXT),
    "status": ("stand", _TEXT),
    "due": ("faellig", _DATE),
    "KEY": ("PARENT_KEY", _TEXT),
}
_FOLLOWED = {
    "goal": ("_entity", _TEXT),
    "came": ("_came", _DATE),
    "reached_on": ("erreicht_am", _DATE),
    "attained": ("gas_ist", _TEXT),
    "reason": ("grund", _TEXT),
}
_CHILDREN = {
    "child": ("kind_id", _TEXT),
    "birth": ("kind_geburtsdatum", _DATE),
    "place": ("kita_schule", _TEXT),
    "KEY": ("PARENT_KEY", _TEXT),
}
_TALKS = {
    "KEY": ("KEY", _TEXT),
    "municipality": ("fall-gemeinde", _TEXT),
    "held_by": ("fall-durch", _TEXT),
    "with": ("fall-mit", _TEXT),
    "person": ("fall-person", _TEXT),
    "date": ("kontakt-datum", _DATE),
    "channel": ("kontakt-kanal", _TEXT),
    "minutes": ("kontakt-minuten", _WHOLE),
    "topics": ("kontakt-themen", _TEXT),
    "referral": ("kontakt-verweis", _TEXT),
    "referral_state": ("kontakt-verweis_stand", _TEXT),
}
_PARTICIPANTS = {"person": ("teilnehmer", _TEXT), "KEY": ("PARENT_KEY", _TEXT)}
_UPDATES = {
    "KEY": ("KEY", _TEXT),
    "municipality": ("fall-gemeinde", _TEXT),
    "person": ("fall-person", _TEXT),
    "date": ("fall-datum", _DATE),
    "cause": ("fall-anlass", _TEXT),
}
DAY = "datum"
"""The question in the root table, in whatever group, that says of which day a record is."""

ITS_DAY: Mapping[str, str] = MappingProxyType({"wohnform": "einzug", "stand": "erreicht_am"})
"""Property of an entity -> the one that says since when it holds (beside the rule of names in `reports.as_of`)."""

LABELLED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "nationality": (INTAKE, "/data/person/staatsangehoerigkeit"),
        "geschlecht": (INTAKE, "/data/person/geschlecht"),
        "zugangsart": (INTAKE, "/data/aufenthalt/zugangsart"),
        "wohnform": (INTAKE, "/data/wohnen/wohnform"),
        "field": (INTAKE, "/data/ziele/ziel/handlungsfeld"),
        "status": (INTAKE, "/data/ziele/ziel/stand"),
        "grund": (EXIT, "/data/austritt/grund"),
        "typ": ("unterkunft", "/data/unterkunft/type"),
        "ortsteil": ("unterkunft", "/data/unterkunft/ortsteil"),
        "rolle": ("stelle", "/data/stelle/rolle"),
    }
)
"""Category column -> form and question whose choices label it."""


def labels(study: Study, language: str = "de") -> dict[str, dict[str, str]]:
    """{category column: {code: label}} from the newest published forms; MISSING is 'ohne Angabe' in each.

    A column whose question has no fixed list (a free text) labels MISSING only.
    """
    with study.store() as store:
        forms = {form_id: versions[0] for form_id, versions in published_forms(store).items()}
    missing = {MISSING: say("snapshot.missing", language)}
    return {
        column: (choice_labels(forms[form], nodeset, language) if form in forms else {}) | missing
        for column, (form, nodeset) in LABELLED.items()
    }


def entries(tables: Tables) -> pd.DataFrame:
    """One row an intake record: person, municipality, case, start, zugangsart, wohnform, KEY."""
    return _take(tables, INTAKE, _ENTRIES)


def interviews(tables: Tables) -> pd.DataFrame:
    """One row an intake record: KEY, interview (day), plan_for (person | haushalt | mit_eltern), plan_head (person
    whose plan covers this one)."""
    return _take(tables, INTAKE, {"KEY": ("KEY", _TEXT)}, _INTERVIEWS)


def exits(tables: Tables) -> pd.DataFrame:
    """One row an exit record: person, municipality, end, grund, exit_key."""
    return _take(tables, EXIT, _EXITS)


def persons(tables: Tables) -> pd.DataFrame:
    """One row an intake record: KEY, nationality, geschlecht, geburtsdatum, wohnform, course, course_state, and every
    column of the intake form."""
    found = _take(tables, INTAKE, _PERSONS, _COURSE)
    answers = tables[INTAKE].reset_index(drop=True) if INTAKE in tables else found
    return pd.concat([found, answers.drop(columns=list(found), errors="ignore")], axis=1)


def check_registers(tables: Tables) -> None:
    """ReportError where a register is published without a question that the reports read, or an entry in it is not of
    its type."""
    for table, columns in _REGISTERS.items():
        if table in tables:
            for column, kind in columns.items():
                _check(tables[table], table, column, kind)


def goals(tables: Tables) -> pd.DataFrame:
    """One row a goal: field, status, due, KEY (of the intake record), goal (id of the entity, NA where the tables do
    not say it), came (day of the later record that created it, NaT: the intake), reached_on, attained (-2 to 2),
    reason."""
    return _take(tables, f"{INTAKE}-ziel", _GOALS, _FOLLOWED)


def children(tables: Tables) -> pd.DataFrame:
    """One row a child named in an intake: child (its number), birth, place (day care, school), KEY (of the intake)."""
    return _take(tables, f"{INTAKE}-kind", _CHILDREN)


def talks(tables: Tables) -> pd.DataFrame:
    """One row a talk: KEY, municipality, held_by (im | ehrenamt), with, person, date, channel, minutes, topics
    (several), referral (agency), referral_state."""
    return _take(tables, "kontakt", _TALKS)


def participants(tables: Tables) -> pd.DataFrame:
    """One row a person in a talk with several: person, KEY (of the talk)."""
    return _take(tables, "kontakt-teilnahme", _PARTICIPANTS)


def updates(tables: Tables) -> pd.DataFrame:
    """One row a follow-up of a plan: KEY, municipality, person, date, cause."""
    return _take(tables, "fortschreibung", _UPDATES)


def day_of_record(frame: pd.DataFrame) -> str | None:
    """The column of a root table with the day of each record (see DAY); None where it has none."""
    named = (str(name) for name in frame.columns if str(name).rpartition("-")[2] == DAY)
    return next((name for name in named if pd.api.types.is_datetime64_dtype(frame[name])), None)


def _take(
    tables: Tables,
    table: str,
    columns: Mapping[str, tuple[str, str]],
    also: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Columns of a table under short names ({short: (column, dtype)}); without the table an empty frame. Those of
    `also` are NA where the table does not have them.

    Raises ReportError where a column is missing, or holds text because an entry in it is not of its type.
    """
    wanted = {**columns, **also}
    if table not in tables:
        return pd.DataFrame({short: pd.Series(dtype=kind) for short, (_, kind) in wanted.items()})
    frame = tables[table]
    taken = {}
    for short, (column, kind) in wanted.items():
        if column not in frame.columns and short in also:
            taken[short] = pd.Series(None, index=frame.index, dtype=kind)
            continue
        taken[short] = pd.Series(_check(frame, table, column, kind), dtype=kind)
    return pd.DataFrame(taken).reset_index(drop=True)


def _check(frame: pd.DataFrame, table: str, column: str, kind: str) -> pd.Series:
    """A column of a table. ReportError as `_take`."""
    if column not in frame.columns:
        raise ReportError("snapshot.no_question", table=table, column=column)
    found = frame[column]
    if kind != _TEXT and not (
        pd.api.types.is_datetime64_dtype(found) if kind == _DATE else pd.api.types.is_numeric_dtype(found)
    ):
        raise ReportError("snapshot.not_typed", table=table, column=column)
    return found
