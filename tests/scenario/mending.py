"""A small study with faults and queries on them, made past the forms: for tests of the quality report."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from intake.checking import CheckReport, check_store
from intake.publishing import publish_all
from intake.review import answer, state, update, waive
from intake.store import Store
from intake.study import Study, create_study, open_study
from intake.submission import Record, Submission
from scenario.interview import workbook
from scenario.stores import START, Clock

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | required | constraint | missing | layer |
|---|---|---|---|---|---|---|---|---|
| | text | fallnummer | Fallnummer | Case number | yes | | | |
| | date | tag | Tag des Gesprächs | Day | yes | . < '2030-01-01' | | |
| | text | ort | Ort | Place | | | unknown refused | |
| | text | spaeter | Später | Later | | | unknown | vertiefung |
| | text | frei | Freiwillig | Voluntary | | | | |
| | begin_repeat | ziel | Ziel | Goal | | | | |
| | text | was | Was wird erreicht? | What? | yes | | | |
| | end_repeat | | | | | | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""
RULES = (
    "name,table,column,kind,expression,severity,owner,message_de,message_en,valid_from,valid_to\n"
    "nummer_doppelt,probe,fallnummer,each,count(instance('probe')/root/item[fallnummer = ${fallnummer}]) = 1,"
    "warning,team,Die Nummer gibt es zweimal.,Twice.,,\n"
    "nie,probe,frei,each,false(),note,team,Nie.,Never.,,\n"
)
SECRET = "Geheim-Müller"
DAY = START.date()
RECORDS: tuple[Record, ...] = (
    {"/data/fallnummer": "F-1", "/data/tag": "2031-01-01", "/data/ort": SECRET, "/data/ziel": [{}]},
    {"/data/fallnummer": "F-2", "/data/tag": "2026-01-01", "/data/ort__missing": "refused"},
    {"/data/fallnummer": "F-2", "/data/tag": "2026-01-01"},
    {"/data/fallnummer": "F-4", "/data/tag": "2026-01-01", "/data/ort": SECRET},
)


def faulty_study(directory: Path) -> Study:
    """A study of four records with faults and queries on them: one answered, one waived, two mended."""
    made = create_study(directory, demo=True)
    for old in (made.dir / "forms").glob("*"):
        old.unlink()
    workbook(made.dir / "forms", FORM, "probe.md")
    (made.dir / "rules.csv").write_text(RULES, encoding="utf-8")
    settings = made.dir / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"^forms = \[[^\]]*\]", 'forms = ["probe"]', text, flags=re.MULTILINE), encoding="utf-8")
    opened = open_study(made.dir)
    clock = Clock(START)
    with opened.store(clock=clock) as store:
        publish_all(opened, store)
        for number, record in enumerate(RECORDS, start=1):
            send(store, number, record)
        update(store, checked(store, opened.dir), now=START)
        numbers = [query.number for query in state(store).open]
        answer(store, numbers[0], SECRET)
        waive(store, numbers[1], SECRET, DAY + dt.timedelta(days=60), today=DAY)
        clock.move(days=10)
        send(store, 3, {**RECORDS[2], "/data/fallnummer": "F-3"}, version=2)
        update(store, checked(store, opened.dir), now=clock())
    return opened


def send(store: Store, number: int, record: Record, version: int = 1) -> Submission:
    """Record `number` of the only form of a store, handed in."""
    (form,) = store.forms()
    made = Submission(
        id=f"uuid:{number}", form_id="probe", form_version="1", form_hash=form.hash, municipality="08235007",
        subject=f"P-{number:06}", record=record, started=START, ended=START, author="a", version=version,
        reason="typo" if version > 1 else None,
    )  # fmt: skip
    store.append(made)
    return made


def checked(store: Store, directory: Path) -> CheckReport:
    """What a check of a store finds, with the rules in a directory."""
    return check_store(store, title="T", zone="Europe/Berlin", directory=directory, now=START)
