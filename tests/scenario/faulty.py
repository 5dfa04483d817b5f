"""A form with a place for every kind of fault, and tables of made-up records for it."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from intake.simulate import simulate
from intake.tables import tables
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.form import Form

SHIPPED = Path(__file__).parents[2] / "data" / "forms"
NOW = dt.datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Europe/Berlin"))

FORM = """
| survey | type | name | label | required | missing | relevant | constraint | choice_filter | calculation | parameters | bind::type | repeat_count | simulate |
| | start | start | | | | | | | | | | | |
| | end | end | | | | | | | | | | | |
| | begin_group | fall | Fall | | | | | | | | | | |
| | text | person | Person | yes | | | regex(., '^P-[0-9]{6}$') | | | | | | serial(P-000001) |
| | date | datum | Datum | yes | | | . <= today() | | | | | | date(-3y, -1m) |
| | select_one jn | einwilligung | Einwilligung | yes | | | . = 'ja' | | | | | | |
| | end_group | | | | | | | | | | | | |
| | begin_group | person | Person | | | | | | | | | | |
| | date | geburt | Geburtsdatum | yes | unknown | | . <= ${datum} | | | | | | date(-70y, -20y) |
| | integer | haushalt | Haushalt | yes | | | . >= 1 and . <= 20 | | | | | | uniform(1, 8) |
| | integer | kinder | Kinder | | | | . >= 0 and . <= ${haushalt} | | | | | | |
| | decimal | gewicht | Gewicht | | | | . >= 0.5 and . <= 250 | | | | | | normal(70, 12) |
| | range | stufe | Stufe | | | | | | | start=0 end=10 step=1 | | | |
| | datetime | moment | Moment | | | | | | | | | | |
| | time | uhr | Uhrzeit | | | | | | | | | | |
| | geopoint | ort | Ort | | | | | | | | | | |
| | text | bestand | Bestand | | | | | | | | boolean | | |
| | text | notiz | Notiz | | | | | | | | | | text(40) |
| | text | anmerkungen | Anmerkungen | | | | | | | | | | text(30) |
| | text | hinweise | Hinweise | | | | | | | | | | text(30) |
| | date | besuch | Besuch | | | | . <= today() | | | | | | date(-1y, today) |
| | integer | anrufe | Anrufe | | | | | | | | | | uniform(0, 30) |
| | integer | briefe | Briefe | | | | | | | | | | uniform(0, 9) |
| | text | vorhaben | Vorhaben | | | | string-length(.) >= 10 and string-length(.) <= 60 | | | | | | |
| | select_one land | land | Land | yes | | | | | | | | | weights: de=3 at=1 |
| | select_one stadt | stadt | Stadt | | | | | land = ${land} | | | | | |
| | select_multiple sprache | sprachen | Sprachen | | | | not(selected(., 'keine') and count-selected(.) > 1) | | | | | | |
| | select_one grund | grund | Grund | yes | unknown refused | | | | | | | | |
| | text | warum | Warum | | | ${grund} = 'b' | | | | | | | |
| | end_group | | | | | | | | | | | | |
| | begin_group | arbeit | Arbeit | | | ${kinder} > 0 | | | | | | | |
| | integer | stunden | Stunden | | | | . <= 60 | | | | | | |
| | text | firma | Firma | | | | | | | | | | |
| | end_group | | | | | | | | | | | | |
| | begin_repeat | posten | Posten | | | | | | | | | | entries(0, 3) |
| | text | was | Was | yes | | | | | | | | | |
| | integer | betrag | Betrag | yes | | | . >= 0 and . <= 1000 | | | | | | uniform(0, 900) |
| | date | am | Am | | | | . >= ${datum} | | | | | | date(datum + 1d, datum + 90d) |
| | text | mehr | Mehr | | | ../betrag > 500 | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| | integer | summe | Summe | yes | | | . = sum(${betrag}) | | | | | | |
| | begin_repeat | anmerkung | Anmerkung | | | | | | | | | | entries(0, 2) |
| | text | wort | Wort | | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | |
| choices | list_name | name | label | land |
| | jn | ja | Ja | |
| | jn | nein | Nein | |
| | land | de | Deutschland | |
| | land | at | Österreich | |
| | stadt | stuttgart | Stuttgart | de |
| | stadt | calw | Calw | de |
| | stadt | wien | Wien | at |
| | sprache | ar | Arabisch | |
| | sprache | uk | Ukrainisch | |
| | sprache | fa | Persisch | |
| | sprache | keine | Keine davon | |
| | grund | a | A | |
| | grund | b | B | |
| settings | form_title | form_id |
| | Jeder Fehler | faulty |
"""  # noqa: E501 - a table is read across


def faulty_form(folder: Path) -> Form:
    """The form, read from a workbook in a folder."""
    return read_xlsform(markdown(folder, FORM))


def made_up(form: Form, number: int, seed: int = 1) -> dict[str, pd.DataFrame]:
    """The tables of made-up records without faults."""
    return tables(form, simulate(form, number, seed, NOW))


@functools.cache
def first_interviews(number: int) -> tuple[Form, Mapping[str, pd.DataFrame]]:
    """The shipped first interview and tables of made-up cases; to be copied before they are changed."""
    form = read_xlsform(SHIPPED / "erstgespraech.md")
    return form, tables(form, simulate(form, number, 1, NOW))
