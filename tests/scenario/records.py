"""Hand-built tables of the shipped forms, for tests of counts: the columns the reports read, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

TOWN, OTHER_TOWN = "08235007", "08111111"

DATE, TEXT, NUMBER, WHOLE = "datetime64[us]", "string", "Float64", "Int64"

Row = Mapping[str, object]

INTAKE_COLUMNS = {
    "KEY": TEXT,
    "fall-gemeinde": TEXT,
    "fall-person": TEXT,
    "fall-fallnummer": TEXT,
    "fall-datum": DATE,
    "fall-plan_fuer": TEXT,
    "fall-plan_kopf": TEXT,
    "person-geburtsdatum": DATE,
    "person-geschlecht": TEXT,
    "person-staatsangehoerigkeit": TEXT,
    "aufenthalt-zuweisung": DATE,
    "aufenthalt-zugangsart": TEXT,
    "aufenthalt-status": TEXT,
    "sprache-deutsch_gesamt": TEXT,
    "sprache-quelle": TEXT,
    "sprache-kurs": TEXT,
    "sprache-kursstatus": TEXT,
    "arbeit-erwerbsstatus": TEXT,
    "teilhabe-behoerdenpost": TEXT,
    "wohnen-wohnform": TEXT,
}
EXIT_COLUMNS = {"KEY": TEXT, "fall-gemeinde": TEXT, "fall-person": TEXT, "austritt-datum": DATE, "austritt-grund": TEXT}
SITE_COLUMNS = {
    "KEY": TEXT,
    "unterkunft-gemeinde": TEXT,
    "unterkunft-id": TEXT,
    "unterkunft-name": TEXT,
    "unterkunft-ortsteil": TEXT,
    "unterkunft-type": TEXT,
    "unterkunft-units": WHOLE,
    "unterkunft-places": WHOLE,
    "unterkunft-places_usable": WHOLE,
    "unterkunft-in_use_from": DATE,
    "unterkunft-in_use_to": DATE,
}
STAY_COLUMNS = {"KEY": TEXT, "PARENT_KEY": TEXT, "person": TEXT, "von": DATE, "bis": DATE, "not_im": TEXT}
POST_COLUMNS = {
    "KEY": TEXT,
    "stelle-gemeinde": TEXT,
    "stelle-id": TEXT,
    "stelle-rolle": TEXT,
    "stelle-vzae_bewilligt": NUMBER,
    "stelle-vzae_besetzt": NUMBER,
    "stelle-von": DATE,
    "stelle-bis": DATE,
    "stelle-status": TEXT,
    "kosten-kosten_jahr": NUMBER,
    "kosten-zuschuss_jahr": NUMBER,
}
ABSENCE_COLUMNS = {"KEY": TEXT, "PARENT_KEY": TEXT, "von": DATE, "bis": DATE, "vertretung": TEXT}
GOAL_COLUMNS = {
    "KEY": TEXT,
    "PARENT_KEY": TEXT,
    "handlungsfeld": TEXT,
    "stand": TEXT,
    "faellig": DATE,
    "erreicht_am": DATE,
    "gas_ist": TEXT,
}
CHILD_COLUMNS = {"KEY": TEXT, "PARENT_KEY": TEXT, "kind_id": TEXT, "kind_geburtsdatum": DATE, "kita_schule": TEXT}
TALK_COLUMNS = {
    "KEY": TEXT,
    "fall-gemeinde": TEXT,
    "fall-durch": TEXT,
    "fall-mit": TEXT,
    "fall-person": TEXT,
    "kontakt-datum": DATE,
    "kontakt-kanal": TEXT,
    "kontakt-minuten": WHOLE,
    "kontakt-themen": TEXT,
    "kontakt-verweis": TEXT,
    "kontakt-verweis_stand": TEXT,
}
PARTICIPANT_COLUMNS = {"KEY": TEXT, "PARENT_KEY": TEXT, "teilnehmer": TEXT}
UPDATE_COLUMNS = {"KEY": TEXT, "fall-gemeinde": TEXT, "fall-person": TEXT, "fall-datum": DATE, "fall-anlass": TEXT}
FUNDING_COLUMNS = {
    "KEY": TEXT,
    "foerderung-gemeinde": TEXT,
    "foerderung-stichtag": DATE,
    "ergebnis-koepfe_summe": WHOLE,
    "parameter-satz": NUMBER,
    "parameter-kosten_unten": NUMBER,
    "parameter-kosten_oben": NUMBER,
    "ergebnis-betrag": WHOLE,
    "ergebnis-betrag_bewilligt": NUMBER,
}


def frame(columns: Mapping[str, str], rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a typed table; what a row leaves out is NA."""
    listed = list(rows)
    return pd.DataFrame(
        {
            name: pd.Series(
                [pd.Timestamp(v) if isinstance(v := row.get(name), str) and kind == DATE else v for row in listed],
                dtype=kind,
            )
            for name, kind in columns.items()
        }
    )


def entry(person: str, start: dt.date | str | None, kind: str | None = "lra", **more: object) -> Row:
    """One Erstgespräch. Further columns by keyword, '__' for '-': person__geschlecht='w'."""
    row = {
        "KEY": f"uuid:{person}:{start}",
        "fall-gemeinde": TOWN,
        "fall-person": person,
        "fall-fallnummer": f"F-{person}",
        "aufenthalt-zuweisung": str(start) if start else None,
        "aufenthalt-zugangsart": kind,
        "wohnen-wohnform": "au_gu",
    }
    return row | {name.replace("__", "-"): value for name, value in more.items()}


def left(person: str, end: dt.date | str, reason: str | None = "selbst_wohn", town: str = TOWN) -> Row:
    """One Austritt."""
    return {
        "KEY": f"uuid:exit:{person}:{end}",
        "fall-gemeinde": town,
        "fall-person": person,
        "austritt-datum": str(end),
        "austritt-grund": reason,
    }


def tables(
    entries: Sequence[Row] = (),
    exits: Sequence[Row] = (),
    *,
    sites: Sequence[Row] = (),
    stays: Sequence[Row] = (),
    posts: Sequence[Row] = (),
    absences: Sequence[Row] = (),
    goals: Sequence[Row] = (),
    children: Sequence[Row] = (),
    talks: Sequence[Row] = (),
    participants: Sequence[Row] = (),
    updates: Sequence[Row] = (),
    funding: Sequence[Row] = (),
) -> dict[str, pd.DataFrame]:
    """All tables of a study, typed as `intake.tables` types them."""
    return {
        "erstgespraech": frame(INTAKE_COLUMNS, entries),
        "erstgespraech-ziel": frame(GOAL_COLUMNS, goals),
        "erstgespraech-kind": frame(CHILD_COLUMNS, children),
        "fortschreibung": frame(UPDATE_COLUMNS, updates),
        "kontakt": frame(TALK_COLUMNS, talks),
        "kontakt-teilnahme": frame(PARTICIPANT_COLUMNS, participants),
        "foerderung": frame(FUNDING_COLUMNS, funding),
        "austritt": frame(EXIT_COLUMNS, exits),
        "unterkunft": frame(SITE_COLUMNS, sites),
        "unterkunft-bewohner": frame(STAY_COLUMNS, stays),
        "stelle": frame(POST_COLUMNS, posts),
        "stelle-abwesenheit": frame(ABSENCE_COLUMNS, absences),
    }
