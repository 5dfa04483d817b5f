"""The print of a filled record: what was asked and answered, in words, with lines to sign on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from intake.record import record_from_xml
from intake.submission import Submission
from intake.xlsform import read_xlsform
from reports.paper.filled import filled, short_id
from reports.paper.page import Record, Row, Sheet
from reports.paper.texts import spoken
from scenario.paper import labels, printed, squeezed, structure, text_of, written
from scenario.xforms import live
from validation.errors import UsageError
from validation.form import Form

FORMS = Path(__file__).parents[2] / "data" / "forms"
SURVEY = """
    | survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | relevant | missing | calculation |
    |---|---|---|---|---|---|---|---|---|
    | | begin_group | person | Person | Person | الشخص | | | |
    | | text | name | Name | Name | الاسم | | refused | |
    | | date | geboren | Geboren am | Born on | تاريخ الميلاد | | unknown | |
    | | select_one jn | kinder | Kinder? | Children? | أطفال؟ | | unknown refused | |
    | | integer | zahl | Wie viele? | How many? | كم؟ | ${kinder} = 'ja' | | |
    | | select_multiple jn | beides | Was noch? | What else? | وماذا أيضا؟ | | | |
    | | decimal | miete | Miete | Rent | الإيجار | | | |
    | | acknowledge | gelesen | Gelesen | Read | مقروء | | | |
    | | dateTime | wann | Wann? | When? | متى؟ | | | |
    | | calculate | still | | | | | | 1 |
    | | text | summe | Summe | Sum | المجموع | | | '42' |
    | | note | hinweis | Guten Tag, ${name}! | Hello, ${name}! | مرحبا ${name} | | | |
    | | end_group | person | | | | | | |
    | | begin_repeat | kind | Kind | Child | طفل | ${kinder} = 'ja' | | |
    | | text | kname | Name des Kindes | Name of the child | اسم الطفل | | | |
    | | end_repeat | kind | | | | | | |

    | choices | list_name | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) |
    |---|---|---|---|---|---|
    | | jn | ja | ja | yes | نعم |
    | | jn | nein | nein | no | لا |
"""  # noqa: E501 - a table
SETTINGS = """| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""
ANSWERS = {
    "/data/person/name": "Probe # *Wert*",
    "/data/person/geboren": "1990-03-01",
    "/data/person/kinder": "ja",
    "/data/person/zahl": "2",
    "/data/person/beides": "nein ja",
    "/data/person/miete": "512.50",
    "/data/person/gelesen": "OK",
    "/data/person/wann": "2026-05-04T10:30:00.000+02:00",
    "/data/kind[1]/kname": "Kind eins",
    "/data/kind[2]/kname": "Kind zwei",
}


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return written(tmp_path, SURVEY, SETTINGS)


def answered(form: Form, answers: dict[str, str]) -> Any:
    instance = live(form)
    for path, value in answers.items():
        if "[2]" in path:
            instance.add_repeat("/data/kind")
        instance.answer(path, value)
    return instance


def rows(sheet: Sheet, at: int = 0) -> dict[str, list[str]]:
    """{label: answers} of all questions; of a repeat those of the last entry."""
    found: dict[str, list[str]] = {}
    work = list(sheet.records)
    for record in work:
        for item in record.rows:
            if isinstance(item, Record):
                work.append(item)
            elif isinstance(item, Row):
                found[spoken(item.label)] = labels(item.answer, at)
    return found


def test_answers_stand_in_words_and_dates_as_they_are_written(form: Form) -> None:
    assert rows(filled(form, answered(form, ANSWERS))) == {
        "Name": ["Probe # *Wert*"],
        "Geboren am": ["01.03.1990"],
        "Kinder?": ["ja"],
        "Wie viele?": ["2"],
        "Was noch?": ["nein", "ja"],
        "Miete": ["512,50"],
        "Gelesen": ["bestätigt"],
        "Wann?": ["04.05.2026, 10:30"],
        "Summe": ["42"],
        "Name des Kindes": ["Kind zwei"],
    }


def test_the_second_language_stands_beside_it(form: Form) -> None:
    found = rows(filled(form, answered(form, ANSWERS), ("de", "en")), at=1)
    assert found["Geboren am"] == ["1 March 1990"]
    assert found["Kinder?"] == ["yes"]
    assert found["Gelesen"] == ["confirmed"]
    assert found["Name"] == ["Probe # *Wert*"]


def test_what_was_not_asked_is_left_out_and_why_something_is_missing_is_said(form: Form) -> None:
    instance = answered(form, {"/data/person/kinder": "nein", "/data/person/geboren__missing": "unknown"})
    sheet = filled(form, instance, ("de", "ar"))
    found = rows(sheet)
    assert "Wie viele?" not in found
    assert "Name des Kindes" not in found
    assert found["Geboren am"] == ["weiß nicht"]
    assert found["Name"] == ["nicht beantwortet"]
    assert all(record.label for record in sheet.records)
    absent = {
        spoken(row.label) for record in sheet.records for row in record.rows if isinstance(row, Row) and row.absent
    }
    assert {"Name", "Geboren am"} <= absent
    assert "Kinder?" not in absent


def test_entries_of_a_repeat_are_told_apart(form: Form) -> None:
    entries = [record for record in filled(form, answered(form, ANSWERS)).records if record.entry]
    assert [(spoken(record.label), record.entry) for record in entries] == [("Kind", 1), ("Kind", 2)]


def test_what_was_sent_prints_like_what_is_open(form: Form) -> None:
    instance = answered(form, ANSWERS)
    ended = dt.datetime(2026, 5, 4, 11, tzinfo=dt.UTC)
    record = record_from_xml(instance.to_xml(), form)
    submission = Submission(instance.id, "probe", "1", form.hash, "", "", record, ended, ended, "anna")
    assert filled(form, submission, ("de", "ar")) == filled(form, instance, ("de", "ar"))


def test_numbers_are_those_of_the_empty_form(form: Form) -> None:
    from reports.paper.blank import blank

    sheet = filled(form, answered(form, ANSWERS))
    numbers = {spoken(r.label): r.number for record in sheet.records for r in record.rows if isinstance(r, Row)}
    asked = {spoken(item.label): item.number for item in blank(form).sections[0].items if hasattr(item, "number")}
    assert numbers["Miete"] == asked["Miete"]


def test_the_pdf_has_everything_and_lines_to_sign_in_both_languages(form: Form) -> None:
    pdf = printed(filled(form, answered(form, ANSWERS), ("de", "ar"), demo="DEMO – synthetische Daten"))
    text = text_of(pdf)
    for part in ("Probe # *Wert*", "01.03.1990", "Guten Tag, Probe # *Wert*!", "Kind zwei", "512,50"):
        assert squeezed(part) in text
    for role in ("Betreute Person", "Integrationsmanagement", "Dolmetscherin oder Dolmetscher"):
        assert squeezed(role) in text
    assert text.count(squeezed("Ort, Datum")) == 3
    assert all("DEMO – synthetische Daten" in page.extract_text() for page in pdf.pages)
    said = {
        str(element["/Lang"]) for element in structure(pdf.trailer["/Root"]["/StructTreeRoot"]) if "/Lang" in element
    }
    assert "ar" in said
    assert b"pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data()


def test_nothing_of_the_answers_is_in_what_the_pdf_says_of_itself(form: Form) -> None:
    pdf = printed(filled(form, answered(form, ANSWERS)))
    about = f"{pdf.metadata} {pdf.trailer['/Root']['/Metadata'].get_object().get_data().decode()}"
    assert "Probe" in about
    assert "Wert" not in about
    assert "Kind eins" not in about


def test_the_signatures_stand_together_on_one_page(form: Form) -> None:
    for many in range(20, 60, 4):
        instance = answered(form, {**ANSWERS, "/data/person/name": "Zeile\n" * many})
        pages = [page.extract_text() for page in printed(filled(form, instance)).pages]
        assert sum("Ort, Datum" in page for page in pages) == 1


def test_a_long_answer_runs_over_pages_and_loses_nothing(form: Form) -> None:
    words = [f"Wort{number}" for number in range(3000)]
    pdf = printed(filled(form, answered(form, {"/data/person/name": " ".join(words)})))
    assert len(pdf.pages) > 3
    text = text_of(pdf).replace("-", "")
    assert all(word in text for word in words)


def test_an_ill_typed_answer_is_printed_as_it_was_given(form: Form) -> None:
    instance = answered(form, {"/data/person/geboren": "im Mai"})
    assert rows(filled(form, instance))["Geboren am"] == ["im Mai"]


def test_a_language_the_form_has_not_is_refused(form: Form) -> None:
    with pytest.raises(UsageError, match="fr"):
        filled(form, live(form), ("de", "fr"))


def test_every_completed_interview_of_the_demo_can_be_printed(demo_study: Any) -> None:
    with demo_study.store() as store:
        given = list(store.submissions("erstgespraech"))[::60]
        form = demo_study.form("erstgespraech", store)
    assert len(given) >= 8
    for submission in given:
        pdf: PdfReader = printed(filled(form, submission, ("de", "ar")))
        assert 2 <= len(pdf.pages) <= 12


def test_a_record_is_known_by_the_beginning_of_its_uuid_or_by_a_hash() -> None:
    assert short_id("uuid:1a2b3c4d-0000-4000-8000-000000000000") == "1a2b3c4d"
    odd = short_id("Müller, Anna")
    assert len(odd) == 8
    assert odd != short_id("Müller, Anne")
    assert set(odd) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("languages", "wanted"),
    [
        (("de",), ["512,50"]),
        (("en",), ["512.50"]),
        (("ar",), ["512,50"]),
        (("ar", "de"), ["512,50", "512,50"]),
        (("de", "en"), ["512,50", "512.50"]),
    ],
)
def test_a_decimal_is_written_as_each_language_writes_it(
    form: Form, languages: tuple[str, ...], wanted: list[str]
) -> None:
    sheet = filled(form, answered(form, {"/data/person/miete": "512.50"}), languages)
    label = {"de": "Miete", "en": "Rent", "ar": "الإيجار"}[languages[0]]
    assert [rows(sheet, at)[label] for at in range(len(languages))] == [[text] for text in wanted]


def test_the_shipped_form_signs_in_ukrainian_too() -> None:
    form = read_xlsform(FORMS / "erstgespraech.md")
    sheet = filled(form, live(form), ("de", "uk"))
    assert len({*labels(sheet.signatures), *labels(sheet.signatures, 1)}) == 2 * len(sheet.signatures)
    assert all(any("а" <= sign <= "я" for sign in text.lower()) for text in labels(sheet.signatures, 1))
