"""validation/FEATURES.md says what is so: every row names a test that runs, every feature of XLSForm has a row.

Question types, appearances and settings are tried here, each in a whole XLSForm from the workbook to the record and
to what the interview draws; logic is tried where it is made.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import features
from intake import columns
from intake.interview.controls import control_of
from intake.interview.description import sections_of, with_all_below
from intake.xlsform import check_form, convert, inspect_form, read_converted
from scenario.workbooks import markdown
from scenario.xforms import live
from validation.form import Form
from validation.instance import Instance

ROWS = features.features()


def of_kind(kind: str, *states: str) -> dict[str, features.Feature]:
    return {row.feature: row for row in ROWS if row.kind == kind and (not states or row.state in states)}


# --- the table


def test_the_page_is_what_the_table_makes() -> None:
    assert features.PAGE.read_text(encoding="utf-8") == features.page(), "run: python tests/docs/features.py"


def test_every_row_is_whole_and_there_once() -> None:
    assert len({(row.kind, row.feature) for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert row.state in features.STATES, row
        assert row.feature.strip(), row
        assert row.test or row.state == "not yet", row
        assert row.note or row.state in ("works", "falls back"), row


def test_every_named_test_exists_and_runs() -> None:
    named = {row.test for row in ROWS if row.test}
    files = sorted({name.split("::")[0] for name in named})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", "-m", "not long", *files],
        cwd=features.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    collected = {line for line in done.stdout.splitlines() if "::" in line}
    collected |= {re.sub(r"\[.*\]$", "", line) for line in collected}
    assert sorted(named - collected) == []
    skipped = re.compile(r"mark\.(skip|xfail)\b")
    assert [file for file in files if skipped.search((features.ROOT / file).read_text(encoding="utf-8"))] == []


def test_every_column_and_setting_of_an_xlsform_has_a_row() -> None:
    told = " ".join(f"{row.feature} {row.note}" for row in ROWS).replace("_", "-").lower()
    plain = {"type", "name", "list_name", "parameters", "appearance", "bind", "body", "instance"}
    for sheet in ("survey", "settings"):
        for column in columns.COMMON[sheet] - plain:
            assert column.replace("_", "-").lower() in told, column


def test_every_question_type_pyxform_knows_has_a_row() -> None:
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    other_words = re.compile(
        r" |^(imei|select|string|int|location|gps|datetime|photo|picture|trigger|percentage|uri:.*)$"
    )
    told = {row.feature for row in ROWS}
    for name in QUESTION_TYPE_DICT:
        assert name in told or other_words.search(name), name


# --- question types: an answer goes in, the record holds it, the screen draws it or says that it does not

SURVEY = """
| survey | | | | |
| | type | name | label | {column} |
{rows}
| choices | | | | |
| | list_name | name | label | region |
| | l | x | X | n |
| | l | y | Y | s |
| external_choices | | | |
| | list_name | name | label |
| | l | x | X |
| settings | |
| | form_id |
| | f |
"""
TYPES = {  # as written in the workbook: (type, further column, its cell, an answer, the answer's kind of control)
    "text": ("text", "hint", "", "Wörter", "input"),
    "integer": ("integer", "hint", "", "12", "input"),
    "decimal": ("decimal", "hint", "", "1.5", "input"),
    "date": ("date", "hint", "", "2024-02-29", "input"),
    "time": ("time", "hint", "", "10:30:00.000+02:00", "input"),
    "dateTime": ("dateTime", "hint", "", "2024-02-29T10:30:00.000+02:00", "input"),
    "select_one": ("select_one l", "hint", "", "x", "select1"),
    "select_multiple": ("select_multiple l", "hint", "", "x y", "select"),
    "select_one_from_file": ("select_one_from_file towns.csv", "hint", "", "t1", "select1"),
    "select_multiple_from_file": ("select_multiple_from_file towns.csv", "hint", "", "t1 t2", "select"),
    "select_one_external": ("select_one_external l", "choice_filter", "name != ''", "x", "select1"),
    "rank": ("rank l", "hint", "", "y x", "rank"),
    "range": ("range", "parameters", "start=1 end=5 step=1", "4", "range"),
    "acknowledge": ("acknowledge", "hint", "", "OK", "trigger"),
    "geopoint": ("geopoint", "hint", "", "48.7 8.8 0 0", "input"),
    "geotrace": ("geotrace", "hint", "", "48.7 8.8 0 0; 48.8 8.8 0 0", "input"),
    "geoshape": ("geoshape", "hint", "", "48.7 8.8 0 0; 48.8 8.8 0 0; 48.8 8.9 0 0; 48.7 8.8 0 0", "input"),
    "image": ("image", "hint", "", "foto.jpg", "upload"),
    "audio": ("audio", "hint", "", "ton.m4a", "upload"),
    "video": ("video", "hint", "", "film.mp4", "upload"),
    "file": ("file", "hint", "", "brief.pdf", "upload"),
    "osm": ("osm", "hint", "", "weg.osm", "upload"),
    "barcode": ("barcode", "hint", "", "4006381333931", "input"),
}
FILES = {"towns": "name,label\nt1,Town\nt2,Other\n", "itemsets.csv": "list_name,name,label\nl,x,X\n"}


def opened(tmp_path: Path, rows: str, column: str = "hint", **options: object) -> tuple[Form, Instance]:
    """A survey with these rows, read from its workbook, and a record of it."""
    made = read_converted(convert(markdown(tmp_path, SURVEY.format(rows=rows, column=column))))
    return made, live(made, instances=FILES, **options)


@pytest.mark.parametrize("name", sorted(of_kind("question type").keys() & TYPES.keys()))
def test_a_question_is_asked_answered_and_written(tmp_path: Path, name: str) -> None:
    written, column, cell, answer, kind = TYPES[name]
    form, interview = opened(tmp_path, f"| | {written} | a | A | {cell} |", column)
    interview.answer("/data/a", answer)
    assert interview.violations() == []
    assert interview.value("/data/a") == answer
    assert f"<a>{answer}</a>" in interview.to_xml()
    control = form.control("/data/a")
    assert control is not None
    assert control.kind == kind
    drawn = control_of(form, control) != "unsupported"
    assert drawn == (of_kind("question type")[name].state == "works")


SILENT = {
    "note": ("| | note | a | A note | |", ""),
    "calculate": ("| | calculate | a | | 1 + 1 |", "2"),
    "hidden": ("| | hidden | a | | 1 + 1 |", "2"),
}


@pytest.mark.parametrize("name", SILENT)
def test_notes_and_calculations_take_no_answer(tmp_path: Path, name: str) -> None:
    row, value = SILENT[name]
    form, interview = opened(tmp_path, row, "calculation")
    assert interview.value("/data/a") == value
    drawn = [element.control for element in with_all_below(sections_of(form)) if element.nodeset == "/data/a"]
    assert drawn == (["note"] if name == "note" else [])


def test_a_loop_is_a_group_for_each_choice(tmp_path: Path) -> None:
    _, interview = opened(
        tmp_path, "| | begin loop over l | a | | |\n| | text | b | B %(label)s | |\n| | end loop | | | |"
    )
    interview.answer("/data/a/x/b", "1")
    interview.answer("/data/a/y/b", "2")
    assert interview.label("/data/a/y/b") == "B Y"


def test_or_other_asks_for_the_other(tmp_path: Path) -> None:
    _, interview = opened(tmp_path, "| | select_one l or_other | a | A | |")
    assert not interview.relevant("/data/a_other")
    interview.answer("/data/a", "other")
    assert interview.relevant("/data/a_other")


def test_defaults_are_there_at_the_start(tmp_path: Path) -> None:
    rows = "| | text | a | A | fest |\n| | date | b | B | today() |\n| | select_one l | c | C | y |"
    _, interview = opened(tmp_path, rows, "default")
    assert [interview.value(f"/data/{name}") for name in "abc"] == ["fest", "2026-05-04", "y"]


def test_a_file_may_name_its_columns_otherwise(tmp_path: Path) -> None:
    row = "| | select_one_from_file orte.csv | a | A | value=key label=town |"
    made = read_converted(convert(markdown(tmp_path, SURVEY.format(rows=row, column="parameters"))))
    interview = live(made, instances={"orte": "key,town\n1,Calw\n"})
    assert interview.choices("/data/a") == [("1", "Calw")]


def test_disabled_rows_are_left_out(tmp_path: Path) -> None:
    form, _ = opened(tmp_path, "| | text | a | A | yes |\n| | text | b | B | |", "disabled")
    assert [control.nodeset for control in form.controls()] == ["/data/b"]


# --- metadata


IDS = {"instanceID", "instanceName", "deprecatedID"}


@pytest.mark.parametrize("name", sorted(of_kind("metadata", "works").keys() - IDS))
def test_metadata_is_filled(tmp_path: Path, name: str) -> None:
    known = {"deviceid": "d1", "username": "u1", "phonenumber": "p1", "email": "e1"}
    rows = f"| | {name} | a | | |\n| | text | b | B | |"
    _, interview = opened(tmp_path, rows, properties={**known, "phone number": "p1", "phoneNumber": "p1"})
    written = re.search(r"<a>([^<]+)</a>", interview.to_xml())
    assert written is not None
    assert written[1] == known.get(name, written[1])
    assert written[1].startswith(("2026-05-04", *known.values()))


def test_the_record_has_the_name_its_settings_say(tmp_path: Path) -> None:
    text = SURVEY.format(rows="| | text | a | A | |", column="hint")
    text = text.replace("| | form_id |\n| | f |", "| | form_id | instance_name |\n| | f | concat('Fall ', ${a}) |")
    interview = live(read_converted(convert(markdown(tmp_path, text))))
    interview.answer("/data/a", "7")
    assert re.search(r"instanceName>Fall 7<", interview.to_xml())


KEPT = {  # the rows of a form and what of them must arrive in the form
    "audit": ("| | audit | audit | | |\n| | text | b | B | |", "hint"),
    "start-geopoint": ("| | start-geopoint | a | | |\n| | text | b | B | |", "hint"),
    "background-audio": ("| | background-audio | a | | |\n| | text | b | B | |", "hint"),
    "background-geopoint": ("| | text | b | B | |\n| | background-geopoint | a | | ${b} |", "trigger"),
    "simserial": ("| | simserial | a | | |\n| | text | b | B | |", "hint"),
    "subscriberid": ("| | subscriberid | a | | |\n| | text | b | B | |", "hint"),
    "autoplay": ("| | text | b | B | audio |", "autoplay"),
    "rows": ("| | text | b | B | 5 |", "rows"),
    "body::": ("| | text | b | B | 1 |", "body::accuracyThreshold"),
    "intent": ("| | begin_group | g | G | some.app() |\n| | text | b | B | |\n| | end_group | | | |", "intent"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_only_other_clients_do_is_kept(tmp_path: Path, name: str) -> None:
    rows, column = KEPT[name]
    text = SURVEY.format(rows=rows, column=column)
    path = markdown(tmp_path, text)
    assert check_form(path) == []
    form = read_converted(convert(path))
    interview = live(form)
    place = "/data/g/b" if name == "intent" else "/data/b"
    interview.answer(place, "x")
    control = form.control(place)
    assert control is not None
    if name in ("autoplay", "rows", "body::"):
        assert column.removeprefix("body::") in control.attributes
    elif name == "audit":
        assert "audit" in interview.to_xml()
    elif name == "intent":
        assert "form.kept" in {warning.code for warning in form.warnings}
    else:
        assert "<a" in interview.to_xml()


# --- appearances

ON = {  # the type of question an appearance is for, where it is not text
    **dict.fromkeys(("thousands-sep", "bearing", "counter"), "integer"),
    **dict.fromkeys(("no-calendar", "month-year", "year", "ethiopian", "coptic", "islamic"), "date"),
    **dict.fromkeys(("bikram-sambat", "myanmar", "persian", "buddhist"), "date"),
    **dict.fromkeys(("minimal", "autocomplete", "quick", "columns", "columns-pack", "columns-2"), "select_one"),
    **dict.fromkeys(("no-buttons", "likert", "map", "image-map", "label", "list-nolabel", "list"), "select_one"),
    **dict.fromkeys(("vertical", "no-ticks", "picker", "rating"), "range"),
    **dict.fromkeys(("placement-map", "maps"), "geopoint"),
    **dict.fromkeys(("signature", "draw", "annotate", "new", "new-front"), "image"),
    "front": "video",
}


@functools.cache
def screen() -> str:
    """What the screen is made of; an appearance that is drawn is named in it."""
    folder = features.ROOT / "intake" / "interview"
    files = [folder / "controls.py", folder / "drawing.py", *sorted((folder / "screen").rglob("*.js"))]
    return "".join(each.read_text("utf-8") for each in files)


@pytest.mark.parametrize("name", [*of_kind("appearance", "works"), *of_kind("appearance", "falls back")])
def test_an_appearance_is_drawn_or_falls_back(tmp_path: Path, name: str) -> None:
    word = "ex:org.app.scan(a='1')" if name == "ex:app" else name
    if name in ("field-list", "table-list", "w4"):
        rows = f"| | begin_group | g | G | | {word} |\n| | select_one l | a | A | | |\n| | end_group | | | | |"
        kind = "select_one"
    else:
        kind = ON.get(name, "text")
        rows = f"| | {TYPES[kind][0]} | a | A | {TYPES[kind][2]} | {word} |"
    text = SURVEY.format(rows=rows, column="parameters | appearance")
    form = read_converted(convert(markdown(tmp_path, text)))
    place = "/data/g/a" if "begin_group" in rows else "/data/a"
    control = form.control(place)
    assert control is not None
    interview = live(form)
    interview.answer(place, TYPES[kind][3])
    assert interview.violations() == []
    plain = opened(tmp_path, f"| | {TYPES[kind][0]} | a | A | {TYPES[kind][2]} |", "parameters")[0]
    known = plain.control("/data/a")
    assert known is not None
    quoted = f'"{name}"' in screen()
    if of_kind("appearance")[name].state == "works":
        assert quoted, "the screen no longer draws it: say so in features.csv"
    else:
        assert control_of(form, control) == control_of(plain, known)
        assert not re.search(rf'appearance[^\n]*"{re.escape(name)}"', screen()), (
            "it is drawn now: say so in features.csv"
        )
    written = {"table-list": "list-nolabel"}.get(name, word)  # pyxform takes it apart
    assert written.split("(")[0].split(":")[0] in " ".join((*control.appearance, str(form.body)))


# --- settings and refusals

SETTINGS = {  # (column, value, what the record or the form must show for it)
    "default_language": ("default_language", "de", ""),
    "name": ("name", "akte", "<akte"),
    "namespaces": ("namespaces", 'x="http://example.org/x"', ""),
    "instance_xmlns": ("instance_xmlns", "http://example.org/i", 'xmlns="http://example.org/i"'),
    "attribute": ("attribute::x", "7", 'x="7"'),
    "allow_choice_duplicates": ("allow_choice_duplicates", "yes", ""),
    "clean_text_values": ("clean_text_values", "no", ""),
    "omit_instanceID": ("omit_instanceID", "yes", ""),
    "style": ("style", "pages", ""),
    "submission_url": ("submission_url", "https://example.org/s", ""),
    "auto_send": ("auto_send", "true", ""),
    "auto_delete": ("auto_delete", "true", ""),
    "client_editable": ("client_editable", "yes", ""),
}
ARRIVES = {
    "style": ("body/class", "pages"),
    "submission_url": ("submission/action", "https://example.org/s"),
    "auto_send": ("submission/{http://openrosa.org/xforms}auto-send", "true"),
    "auto_delete": ("submission/{http://openrosa.org/xforms}auto-delete", "true"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(tmp_path: Path, name: str) -> None:
    column, value, shown = SETTINGS[name]
    text = SURVEY.format(rows="| | select_one l | a | A  B | H |", column="hint::de")
    text = text.replace("| | form_id |\n| | f |", f"| | form_id | {column} |\n| | f | {value} |")
    if name == "allow_choice_duplicates":
        text = text.replace("| | l | y | Y | s |", "| | l | y | Y | s |\n| | l | y | Z | s |")
    path = markdown(tmp_path, text)
    assert check_form(path) == []
    converted = convert(path)
    form = read_converted(converted)
    xml = live(form).to_xml()
    assert shown in xml
    if name in ARRIVES:
        assert form.attributes[ARRIVES[name][0]] == ARRIVES[name][1]
    elif name == "default_language":
        assert form.itext.default == "de"
    elif name == "namespaces":
        assert form.namespaces["x"] == "http://example.org/x"
    elif name == "clean_text_values":
        assert "A  B" in converted.xform
    elif name == "omit_instanceID":
        assert "instanceID" not in converted.xform
    elif name == "client_editable":
        assert "client-editable" in converted.xform


REFUSED = {
    "search": "| | select_one l | a | A | search('x') |",
    "kobomatrix": "| | begin_kobomatrix | a | A | |",
    "score": "| | begin_score | a | A | |",
    "kobo ranking": "| | begin_rank | a | A | |",
    "include": "| | include other.xls | a | A | |",
    "public_key": "| | text | a | A | |",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named(tmp_path: Path, name: str) -> None:
    text = SURVEY.format(rows=REFUSED[name], column="appearance")
    if name == "public_key":
        text = text.replace("| | form_id |\n| | f |", "| | form_id | public_key |\n| | f | MIIB |")
    [problem] = inspect_form(markdown(tmp_path, text)).problems
    assert problem.code == "workbook.unsupported"
    assert problem.place.sheet in ("survey", "settings")
    assert problem.place.row > 0
    assert problem.place.column
