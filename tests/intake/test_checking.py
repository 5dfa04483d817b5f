from __future__ import annotations

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from intake.checking import SHOWN, CheckReport, FormCheck, check_store, check_study, check_submissions
from intake.publishing import freeze, publish_all
from intake.rules import COLUMNS
from intake.store import Store, open_store
from intake.store.restriction import lift, restrict
from intake.store.ways import Unlocked
from intake.study import Study, create_study
from intake.submission import Record, Submission
from scenario.stores import KEY, START, Clock
from scenario.workbooks import markdown
from validation.errors import UsageError

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | required | constraint | constraint_message::Deutsch (de) | constraint_message::English (en) |
|---|---|---|---|---|---|---|---|---|
| | text | fallnummer | Fallnummer | Case number | yes | string-length(.) < 8 | | |
| | text | name | Name | Name | yes | | | |
| | date | tag | Tag | Day | | . <= today() | Der Tag liegt in der Zukunft. | The day lies in the future. |
| | begin_repeat | ziel | Ziel | Goal | | | | |
| | text | was | Was wird „erreicht“? <b> | What is reached? <b> | yes | | | |
| | end_repeat | | | | | | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probegespräch & mehr | probe | VERSION | Deutsch (de) |
"""  # noqa: E501 - a table is read row by row

SECRET = "Geheim-Müller"
LATE = "2026-03-03"  # a day after START


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "store.db", key=KEY, create=True, clock=Clock())
    opened.publish(freeze(markdown(tmp_path, FORM.replace("VERSION", "1"))))
    return opened


def send(store: Store, number: int, record: Record, *, version: int = 1, form: int = 0) -> None:
    published = store.forms()[form]
    store.append(
        Submission(
            id=f"uuid:{number}",
            form_id=published.form_id,
            form_version=published.version,
            form_hash=published.hash,
            municipality="08235007",
            subject=f"P-{number:06}",
            record=record,
            started=START,
            ended=START,
            author="a",
            version=version,
            reason="berichtigt" if version > 1 else None,
        )
    )


def good(number: int = 1, **more: str) -> Record:
    answers = {"fallnummer": f"F-{number}", "name": SECRET, "tag": "2026-03-02"} | more
    return {
        **{f"/data/{name}": value for name, value in answers.items()},
        "/data/ziel": [{"/data/ziel/was": SECRET}, {"/data/ziel/was": SECRET}],
    }


def checked(store: Store) -> CheckReport:
    return check_store(store, title="Probe", zone="Europe/Berlin")


class Page(HTMLParser):
    """The tags of a page, its text, and whether everything that was opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_nothing_stored_says_so(store: Store, tmp_path: Path) -> None:
    report = checked(store)
    assert report.ok
    assert report.as_of is None
    assert "noch nichts gespeichert" in report.to_text()
    report.to_html(tmp_path / "check.html")
    assert "noch nichts gespeichert" in Page((tmp_path / "check.html").read_text("utf-8")).text


def test_nothing_wrong_says_so(store: Store, tmp_path: Path) -> None:
    send(store, 1, good())
    report = checked(store)
    assert report.ok
    assert report.to_text() == (
        "Prüfung der gespeicherten Fälle: Probe\nGeprüfte Datensätze: 1 (Formulare: 1). Es gibt keine Beanstandung."
    )
    assert report.as_dict()["ok"] is True
    report.to_html(tmp_path / "check.html")
    page = Page((tmp_path / "check.html").read_text("utf-8"))
    assert "Es gibt keine Beanstandung." in page.text
    assert "Beanstandungen:" not in page.text


def wrong(store: Store) -> CheckReport:
    send(store, 1, good())
    send(store, 2, good(2, tag=LATE))
    missing = good(3)
    missing["/data/ziel"] = [{"/data/ziel/was": SECRET}, {"/data/ziel/was": ""}]
    send(store, 3, missing)
    send(store, 4, good(4, fallnummer=SECRET, fremd=SECRET))
    return checked(store)


EXPECTED = [
    ("ganze Tabelle", "Die Spalte fremd kennt das Formular nicht; bitte die Fassung des Formulars prüfen."),
    # Its case number is what is wrong, so the person's pseudonym names it.
    ("P-000004", "Fallnummer: Die Antwort passt nicht zu den Regeln des Formulars; bitte prüfen."),
    ("F-2", "Tag: Der Tag liegt in der Zukunft."),
    (
        "F-3, Ziel 2",
        "Was wird „erreicht“? <b>: Es fehlt eine Antwort; bitte nachtragen oder den Grund angeben, warum sie fehlt.",
    ),
]


def test_problems_are_named_by_case_and_question(store: Store) -> None:
    report = wrong(store)
    (found,) = report.forms
    assert not report.ok
    assert (found.records, found.entries, found.failed) == (4, 8, 3)
    assert [(each.where(found.form), each.what(found.form)) for each in found.problems] == EXPECTED
    assert found.problems[3].where(found.form, "en") == "F-3, Goal 2"
    assert found.problems[2].what(found.form, "en") == "Day: The day lies in the future."
    assert report.summary() == (
        "Geprüfte Datensätze: 4 (Formulare: 1). Davon mit Beanstandung: 3; Beanstandungen insgesamt: 4."
    )


def test_no_output_ever_holds_an_answer(store: Store, tmp_path: Path) -> None:
    report = wrong(store)
    report.to_html(tmp_path / "check.html")
    report.to_json(tmp_path / "check.json")
    for text in (
        report.to_text(),
        report.to_text("en"),
        (tmp_path / "check.html").read_text("utf-8"),
        (tmp_path / "check.json").read_text("utf-8"),
    ):
        assert "F-2" in text
        assert SECRET not in text
        assert LATE not in text


def test_the_page_is_whole_self_contained_and_escaped(store: Store, tmp_path: Path) -> None:
    report = wrong(store)
    for language in ("de", "en"):
        report.to_html(tmp_path / "check.html", language)
        text = (tmp_path / "check.html").read_text("utf-8")
        page = Page(text)
        assert ("html", {"lang": language}) in page.tags
        assert not {"script", "link", "img", "b", "iframe"} & {tag for tag, _ in page.tags}
        assert "http" not in text.lower().replace("<!doctype html>", "")
        assert "Probegespräch & mehr" in page.text
        for problem in report.forms[0].problems:
            assert problem.where(report.forms[0].form, language) in page.text
            assert problem.what(report.forms[0].form, language) in page.text
        assert all(attributes.get("scope") == "col" for tag, attributes in page.tags if tag == "th")
        assert "DEMO" not in text
    report.to_html(tmp_path / "check.html")
    assert "letzter Eingang am 02.03.2026, 10:00 Uhr" in Page((tmp_path / "check.html").read_text("utf-8")).text


@pytest.mark.parametrize(("language", "shown"), [("de", "1.234"), ("en", "1,234")])
def test_numbers_read_as_the_language_of_the_page_writes_them(
    store: Store, tmp_path: Path, language: str, shown: str
) -> None:
    report = wrong(store)
    (form,) = report.forms
    replace(report, forms=(replace(form, records=1234),)).to_html(tmp_path / "check.html", language)
    assert f"<td class=n>{shown}</td>" in (tmp_path / "check.html").read_text("utf-8")


def test_json_has_everything(store: Store, tmp_path: Path) -> None:
    report = wrong(store)
    report.to_json(tmp_path / "check.json")
    found = json.loads((tmp_path / "check.json").read_text("utf-8"))
    assert found == report.as_dict()
    (form,) = found["forms"]
    assert (found["ok"], form["form"], form["version"], form["records"]) == (False, "probe", "1", 4)
    assert [(problem["case"], problem["message"]) for problem in form["problems"]] == EXPECTED
    assert form["problems"][3]["key"] == "uuid:3/ziel[2]"
    assert form["problems"][3]["nodeset"] == "/data/ziel/was"


def test_a_long_list_is_cut_in_the_text_only(store: Store) -> None:
    for number in range(SHOWN + 7):
        send(store, number + 1, good(number + 1, tag=LATE))
    report = checked(store)
    assert "… und 7 weitere" in report.to_text()
    assert len(report.forms[0].problems) == SHOWN + 7


def test_only_the_latest_version_of_a_record_counts(store: Store) -> None:
    send(store, 1, good(tag=LATE))
    assert not checked(store).ok
    send(store, 1, good(), version=2)
    assert checked(store).ok
    assert checked(store).records == 1


def test_each_record_is_judged_by_the_form_it_was_collected_with(store: Store, tmp_path: Path) -> None:
    stricter = FORM.replace("VERSION", "2").replace("| Name | Name | yes | |", "| Name | Name | yes | . = 'B' |")
    assert stricter.count(". = 'B'") == 1
    store.publish(freeze(markdown(tmp_path, stricter, "two.md")))
    send(store, 1, good())
    send(store, 2, good(2, name="B"), form=1)
    send(store, 3, good(3), form=1)
    report = checked(store)
    assert [(found.form.version, found.records, len(found.problems)) for found in report.forms] == [
        ("1", 1, 0),
        ("2", 2, 1),
    ]
    assert "(Formulare: 1)" in report.summary()  # two versions are one form


def test_an_entry_of_a_repeat_that_only_another_version_has_is_reported(store: Store, tmp_path: Path) -> None:
    more = FORM.replace("VERSION", "2").replace(
        "| | end_repeat | | | | | | | |",
        "| | end_repeat | | | | | | | |\n| | begin_repeat | neu | Neu | New | | | | |\n"
        "| | text | wie | Wie | How | | | | |\n| | end_repeat | | | | | | | |",
    )
    store.publish(freeze(markdown(tmp_path, more)))
    entry: Record = {"/data/neu": [{"/data/neu/wie": "so"}]}
    send(store, 1, good(1) | entry)
    send(store, 2, good(2) | entry, form=1)
    first, second = checked(store).forms
    assert [problem.rule for problem in first.problems] == ["unknown_column"]
    assert (second.problems, second.entries) == ((), 3)


def test_whose_processing_is_restricted_is_left_out(store: Store, tmp_path: Path) -> None:
    for number in (1, 2):
        send(store, number, good(number, name=""))
    restrict(store, "P-000001", reason="Art. 18")
    for copies in (None, tmp_path / "derived", tmp_path / "derived"):
        report = check_store(store, title="Probe", zone="Europe/Berlin", copies=copies)
        assert (report.records, {problem.case for problem in report.forms[0].problems}) == (1, {"F-2"})
    lift(store, "P-000001", reason="erledigt")
    assert check_store(store, title="Probe", zone="Europe/Berlin", copies=tmp_path / "derived").records == 2


SENSITIVE = """
| survey | type | name | label | required | relevant | sensitivity |
|---|---|---|---|---|---|---|
| | text | name | Name | yes | | identity |
| | select_one lage | lage | Lage | yes | | special |
| | integer | folge | Folge | yes | ${lage} = 'a' | general |
| | integer | alter | Alter | yes | | general |

| choices | list_name | name | label |
|---|---|---|---|
| | lage | a | A |
| | lage | b | B |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Probe | probe | 1 |
"""


def test_who_may_not_read_everything_hears_of_what_is_wrong_and_of_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(path, key=KEY, create=True, clock=Clock()) as store:
        store.publish(freeze(markdown(tmp_path, SENSITIVE)))
        send(store, 1, {"/data/name": SECRET, "/data/lage": "b", "/data/alter": "40"})
        send(store, 2, {"/data/name": SECRET, "/data/lage": "a", "/data/folge": "3"})
        (whole,) = checked(store).forms
        assert [(each.column, each.rule) for each in whole.problems] == [("alter", "required")]
        assert whole.closed == 0
        login, private = store.add_login("Weber", "evaluator")
    with open_store(path, unlocked=Unlocked(login.id, private, KEY)) as other:
        report = checked(other)
        (mine,) = report.forms
        assert [(each.column, each.rule) for each in mine.problems] == [("alter", "required")]
        assert mine.closed == 2
        assert "2 Fragen darf diese Anmeldung nicht lesen" in report.to_text()


def test_progress_and_a_study(tmp_path: Path) -> None:
    study = create_study(tmp_path / "studie", demo=True)
    with study.store() as store:
        publish_all(study, store)
        number = next(n for n, form in enumerate(store.forms()) if form.form_id == "stelle")
        send(store, 1, {"/data/stelle/id": "S-01", "/data/stelle/vzae_bewilligt": "7"}, form=number)
    said: list[str] = []
    report = check_study(study, progress=said.append)
    assert len(said) == len(study.form_paths()) + 1  # each form, and the rules between records
    assert any("Stelle" in text and "Datensätze: 1" in text for text in said)
    found: FormCheck = next(found for found in report.forms if found.form.id == "stelle")
    assert {problem.rule for problem in found.problems} == {"required", "constraint"}
    assert {problem.case for problem in found.problems} == {"S-01"}
    report.to_html(tmp_path / "check.html")
    page = Page((tmp_path / "check.html").read_text("utf-8"))
    assert page.text.count("DEMO - synthetische Daten") == 1
    assert report.demo


def test_a_file_that_cannot_be_written_is_one_sentence(store: Store, tmp_path: Path) -> None:
    report = checked(store)
    for write in (report.to_html, report.to_json):
        with pytest.raises(UsageError, match="lässt sich nicht schreiben"):
            write(tmp_path / "nowhere" / "check.out")


PLANTED = [
    ({"/data/fall/gemeinde": ""}, "/data/fall/gemeinde", "required"),
    ({"/data/aufenthalt/zuweisung": "2099-01-01"}, "/data/aufenthalt/zuweisung", "constraint"),
    ({"/data/aufenthalt/zuweisung": "gestern"}, "/data/aufenthalt/zuweisung", "type"),
    ({"/data/aufenthalt/zugangsart": "zauberei"}, "/data/aufenthalt/zugangsart", "choice"),
    ({"/data/person/geschlecht": ""}, "/data/person/geschlecht", "required"),
    # A reason why an answer is missing belongs beside no answer.
    ({"/data/person/geschlecht__missing": "unknown"}, "/data/person/geschlecht__missing", "relevant"),
    ({"/data/person/muttersprachen": "ar xx"}, "/data/person/muttersprachen", "choice"),
    ({"/data/haushalt/personen": "0", "/data/haushalt/unter18": "0"}, "/data/haushalt/personen", "constraint"),
    ({"/data/fall/person": "Müller"}, "/data/fall/person", "constraint"),
    ({"/data/wohnen/wohnform": "burg", "/data/wohnen/unterkunft": ""}, "/data/wohnen/wohnform", "choice"),
]


def test_each_planted_fault_is_found_in_the_shipped_form_and_no_other(demo_study: Study) -> None:
    with demo_study.store() as store:
        form = demo_study.form("erstgespraech", store)
        sent = [each for each, _ in zip(store.submissions("erstgespraech"), range(2 * len(PLANTED)), strict=False)]
    sound, records = sent[: len(PLANTED)], sent[len(PLANTED) :]
    faulty = [replace(each, record=each.record | change) for each, (change, _, _) in zip(records, PLANTED, strict=True)]
    assert check_submissions(form, sound, zone=demo_study.zone).problems == ()
    assert check_submissions(form, records, zone=demo_study.zone).problems == ()
    found = {
        (problem.key, problem.nodeset, problem.rule)
        for problem in check_submissions(form, [*sound, *faulty], zone=demo_study.zone).problems
    }
    planted = {(each.id, nodeset, rule) for each, (_, nodeset, rule) in zip(faulty, PLANTED, strict=True)}
    assert planted <= found
    # What a planted answer makes wrong elsewhere is in the same record: no other is blamed.
    assert {key for key, _, _ in found} == {key for key, _, _ in planted}


def test_choices_from_a_file_are_those_frozen_with_the_form(tmp_path: Path) -> None:
    text = FORM.replace("VERSION", "1").replace("| text | name |", "| select_one_from_file orte.csv | name |")
    path = markdown(tmp_path, text)
    (tmp_path / "form-media").mkdir()
    (tmp_path / "form-media" / "orte.csv").write_text("name,label\nc,Calw\n", encoding="utf-8")
    with open_store(tmp_path / "store.db", key=KEY, create=True, clock=Clock()) as store:
        store.publish(freeze(path))
        send(store, 1, {"/data/fallnummer": "1", "/data/name": "c"})
        send(store, 2, {"/data/fallnummer": "2", "/data/name": "x"})
        found = check_store(store, title="T", zone="Europe/Berlin")
    assert [(problem.key, problem.rule) for form in found.forms for problem in form.problems] == [("uuid:2", "choice")]


class TestRulesBetweenRecords:
    """What the study's rules find stands in the check beside what the forms say."""

    TWICE = "count(instance('probe')/root/item[fallnummer = ${fallnummer}]) = 1"
    ROWS = (
        ("nummer_doppelt", "probe", "fallnummer", "each", TWICE, "error", "team", "Zweimal da.", "Twice."),
        ("ziel_gut", "probe-ziel", "was", "each", "false()", "note", "manager", "Nur ein Hinweis.", "Only a note."),
        ("fremd", "kontakt", "x", "each", "true()", "warning", "team", "Fremd.", "Foreign."),
    )

    def checked(self, store: Store, directory: Path, *names: str) -> CheckReport:
        rows = [[*row, "", ""] for row in self.ROWS if row[0] in names]
        with (directory / "rules.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        return check_store(store, title="Probe", zone="Europe/Berlin", directory=directory)

    def test_an_error_fails_the_check_and_is_named_by_case_and_entry(self, store: Store, tmp_path: Path) -> None:
        send(store, 1, good(1))
        send(store, 2, good(1))
        report = self.checked(store, tmp_path, "nummer_doppelt", "ziel_gut")
        assert not report.ok
        assert "Regeln zwischen Datensätzen: 2. Fehler: 2, Warnungen: 0, Hinweise: 4." in report.to_text()
        assert "  P-000001: Fallnummer: Zweimal da." in report.to_text()
        assert "  P-000002, Goal 2: What is reached? <b>: Only a note." in report.to_text("en")
        found = report.as_dict("en")["rules"]
        assert isinstance(found, dict)
        assert found["judged"] == {"nummer_doppelt": 2, "ziel_gut": 4}
        assert found["problems"][0] == {
            "table": "probe", "key": "uuid:1", "case": "P-000001", "nodeset": "/data/fallnummer",
            "column": "fallnummer", "rule": "nummer_doppelt", "severity": "error", "owner": "team",
            "message": "Case number: Twice.",
        }  # fmt: skip
        report.to_html(tmp_path / "seite.html")
        page = (tmp_path / "seite.html").read_text(encoding="utf-8")
        assert "Nach Regeln" in page
        assert "Zweimal da." in page
        assert SECRET not in page + json.dumps(report.as_dict()) + report.to_text()

    def test_warnings_and_notes_do_not_fail_it(self, store: Store, tmp_path: Path) -> None:
        send(store, 1, good(1))
        report = self.checked(store, tmp_path, "ziel_gut")
        assert report.ok
        assert "Hinweise: 2." in report.summary()

    def test_a_rule_that_could_not_be_judged_is_named(self, store: Store, tmp_path: Path) -> None:
        send(store, 1, good(1))
        report = self.checked(store, tmp_path, "fremd")
        said = "Die Regel „fremd“ wurde nicht geprüft: Die Studie hat keine Tabelle „kontakt“."
        assert report.ok
        assert said in report.to_text()
        report.to_html(tmp_path / "seite.html")
        assert said in (tmp_path / "seite.html").read_text(encoding="utf-8")

    def test_who_is_restricted_is_not_judged(self, store: Store, tmp_path: Path) -> None:
        send(store, 1, good(1))
        send(store, 2, good(1))
        restrict(store, "P-000002", reason="Art. 18")
        assert self.checked(store, tmp_path, "nummer_doppelt").ok
