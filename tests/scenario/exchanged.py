"""A small form with everything a format must carry, and records of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path

from intake.submission import Record, Submission
from intake.xlsform import convert
from scenario.workbooks import markdown
from validation.form import Form
from validation.xform import read_form

THEN = dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.UTC)

TEXT = """
| survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | missing | sensitivity |
|---|---|---|---|---|---|---|---|
| | text | person | Pseudonym | Pseudonym | رمز | | |
| | text | name | Name | Name | اسم | | identity |
| | integer | alter | Alter | Age | عمر | unknown refused | general |
| | decimal | vzae | VZÄ | FTE | د | | general |
| | date | geboren | Geboren | Born | ولد | unknown | general |
| | dateTime | wann | Wann | When | متى | | general |
| | time | uhr | Uhr | Time | وقت | | general |
| | select_one wohnen | wohnen | Wohnen | Housing | سكن | refused | general |
| | select_multiple sprache | sprachen | Sprachen | Languages | لغات | | general |
| | text | notiz | Notiz | Note | ملاحظة | | general |
| | geopoint | ort | Ort | Place | مكان | | general |
| | image | bild | Bild | Picture | صورة | | general |
| | begin_group | haus | Haus | House | بيت | | |
| | begin_repeat | kind | Kind | Child | طفل | | |
| | text | vorname | Vorname | First name | اسم | | identity |
| | integer | jahr | Jahr | Year | سنة | | general |
| | end_repeat | | | | | | |
| | end_group | | | | | | |
| choices | list_name | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | sensitivity |
|---|---|---|---|---|---|---|
| | wohnen | wg | Wohnung | Flat | شقة | |
| | wohnen | gu | Unterkunft | Site | ملجأ | |
| | wohnen | klinik | Klinik | Clinic | عيادة | special |
| | sprache | de | Deutsch | German | ألمانية | |
| | sprache | ar | Arabisch | Arabic | عربية | |
| settings | form_id | version |
|---|---|---|
| | probe | 1 |
"""


@cache
def xform(text: str = TEXT) -> str:
    """The XForm of a workbook, as a store keeps it."""
    with tempfile.TemporaryDirectory() as folder:
        return convert(markdown(Path(folder), text)).xform


@cache
def form(text: str = TEXT) -> Form:
    return read_form(xform(text))


def sent(number: int, record: Record, *, person: str = "", version: str = "1") -> Submission:
    return Submission(
        id=f"uuid:{number}", form_id="probe", form_version=version, form_hash=form().hash, municipality="08235007",
        subject=person, record={"/data/@id": "probe", "/data/meta/instanceID": f"uuid:{number}", **record},
        started=THEN, ended=THEN, author="a", received=THEN,
    )  # fmt: skip


def answered(**answers: str) -> Record:
    return {f"/data/{name}": text for name, text in answers.items()}


FULL = answered(
    person="P-000001", name="Ayşe 🏠\nZeile", alter="07", vzae="0.75", geboren="1980-02-29",
    wann="2026-05-04T12:00:00.000+02:00", uhr="08:30:00.000+02:00", wohnen="gu", sprachen="ar de", notiz="=1+1",
    ort="48.1 -8.5 512.0 4.5", bild="1.jpg",
) | {"/data/haus/kind": [{"/data/haus/kind/vorname": "A", "/data/haus/kind/jahr": "2019"},
                         {"/data/haus/kind/vorname": "B, \"b\""}]}  # fmt: skip
"""A record with every kind of answer."""

MISSING = answered(person="P-000002", alter__missing="refused", geboren__missing="unknown", wohnen__missing="refused")
