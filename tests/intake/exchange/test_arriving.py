"""intake.exchange.arriving: which format, form and version a file is, and a whole way through the commands."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from intake import excel
from intake.exchange import central_csv, openrosa
from intake.exchange.arriving import FORMATS, Found, Wanted, found_in
from intake.exchange.exporting import Order, export_study
from intake.exchange.extract import extract_submissions
from intake.exchange.in_cli import in_app
from intake.exchange.incoming import Terms, carried_out, planned
from intake.publishing import PublishedForm
from intake.store import Store, open_store
from intake.study import Study, create_study
from scenario.exchanged import FULL, MISSING, TEXT, THEN, form, sent, xform
from scenario.stores import KEY
from validation.errors import DataError, LotsenbuchError, UsageError
from validation.xform import read_form

SENT = (sent(1, FULL), sent(2, MISSING))
NEWER = TEXT.replace("| | probe | 1 |", "| | probe | 2 |").replace("| | text | notiz |", "| | text | neu |")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db", key=KEY, create=True) as made:
        made.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
        newer = xform(NEWER)
        made.publish(PublishedForm("probe", "2", read_form(newer).hash, newer, b"", "probe.md", {}))
        yield made


def found(store: Store, path: Path, **wanted: Any) -> Found:
    return found_in(store, path, Wanted(**wanted), zone="Europe/Berlin", now=THEN)


def packed(path: Path, files: dict[str, bytes]) -> Path:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    path.write_bytes(target.getvalue())
    return path


def csv_files() -> dict[str, bytes]:
    documents = central_csv.documents(extract_submissions(form(), SENT))
    return {**{name: text.encode() for name, text in documents.items()}, "lotsenbuch.json": b'{"guard": true}'}


def test_a_zip_of_ours_is_read_by_the_version_its_records_name(store: Store, tmp_path: Path) -> None:
    got = found(store, packed(tmp_path / "probe.zip", csv_files()))
    assert (got.source.format, got.form, got.records.problems) == ("central", "probe", ())
    assert [(each.version, each.record["/data/@version"]) for each in got.records.arrivals] == [("1", "1"), ("1", "1")]
    assert [each.record.get("/data/notiz") for each in got.records.arrivals] == ["=1+1", ""]
    assert len(got.source.sha256) == 64


def test_records_of_two_versions_in_one_table_are_each_read_by_their_own(store: Store, tmp_path: Path) -> None:
    both = [*SENT, sent(3, {"/data/neu": "x"}, version="2")]
    newest = read_form(xform(NEWER))
    documents = central_csv.documents(extract_submissions(newest, both, earlier=[form()]), guard=False)
    got = found(store, packed(tmp_path / "probe.zip", {name: text.encode() for name, text in documents.items()}))
    assert got.records.problems == ()
    assert [each.record["/data/@version"] for each in got.records.arrivals] == ["1", "1", "2"]
    assert got.records.arrivals[2].record["/data/neu"] == "x"
    assert "/data/notiz" not in got.records.arrivals[2].record


def test_openrosa_is_told_by_its_content(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(openrosa.xml_document(SENT[0], form()))
    got = found(store, tmp_path / "a.xml")
    assert (got.source.format, got.form, [each.id for each in got.records.arrivals]) == (
        "openrosa", "probe", ["uuid:1"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "wanted", "code"),
    [
        ("a.csv", b"a;b\n1;2\n", {}, "import.needs_mapping"),
        ("a.pdf", b"%PDF", {}, "import.unknown_kind"),
        ("a.csv", b"KEY;name\n1;2\n", {}, "import.which_form"),
        ("a.csv", b"KEY;name\n1;2\n", {"form": "fremd"}, "import.unknown_form"),
        ("a.csv", b"KEY;name\n1;2\n", {"form": "probe", "version": "9"}, "import.no_version"),
        ("a.csv", b"KEY;name\n1;2\n", {"format": "excel"}, "import.unknown_format"),
        ("a.sav", b"no such thing", {"form": "probe"}, "import.damaged"),
        ("a.parquet", b"no such thing", {"form": "probe"}, "import.damaged"),
        ("a.json", b'{"value": [1]}', {"form": "probe"}, "import.no_odata"),
        ("a.xml", b"<x/>", {}, "import.no_form_id"),
    ],
)
def test_what_could_be_two_things_or_none_is_refused(
    store: Store, tmp_path: Path, name: str, content: bytes, wanted: dict[str, str], code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LotsenbuchError) as raised:
        found(store, tmp_path / name, **wanted)
    assert raised.value.code == code
    assert isinstance(raised.value, (DataError, UsageError))
    assert raised.value.text("en") != str(raised.value)
    assert "central" in FORMATS


# --- through the commands


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = create_study(tmp_path / "study", municipalities={"08235007": "Althengstett"})
    with made.store() as opened:
        opened.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
    return made


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(in_app, [*words])
    if result.exception is not None and not isinstance(result.exception, (SystemExit, typer.Exit)):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("kind", ["xlsx-labels", "openrosa", pytest.param("csv", marks=pytest.mark.long)])
def test_an_export_comes_into_an_empty_study_as_it_was(study: Study, tmp_path: Path, kind: str) -> None:
    with study.store() as opened:
        opened.append_many(SENT)
    export_study(study, tmp_path / "out", Order(kind, forms=("probe",)))
    other = create_study(tmp_path / "other", municipalities={"08235007": "Althengstett"})
    with other.store() as opened:
        opened.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
    (zips, folder) = (list((tmp_path / "out").glob("*.zip")), tmp_path / "out")
    line = ["import", str(zips[0] if zips else folder), "--form", "probe", "--municipality", "08235007"]
    code, text = run(*line, "--study", str(tmp_path / "other"))
    assert (code, "Noch wurde nichts geändert" in text) == (0, True), text
    code, text = run(*line, "--study", str(tmp_path / "other"), "--yes", "--json")
    assert (code, json.loads(text)["written"]) == (0, 2)
    with other.store() as opened:
        back = {each.id: each.record for each in opened.submissions("probe")}
    expected = {each.id: each.record for each in SENT}
    if kind == "openrosa":
        assert back == expected
    else:  # the records of this test lack what an interview would have sent empty
        assert {name: {key: record[key] for key in expected[name] if key != "/data/haus/kind"}
                for name, record in back.items()} == {
            name: {key: text for key, text in record.items() if key != "/data/haus/kind"}
            for name, record in expected.items()}  # fmt: skip
    code, text = run(*line, "--study", str(tmp_path / "study"), "--json")
    states = [each["state"] for each in json.loads(text)["records"]]
    assert states == (["unchanged", "unchanged"] if kind == "openrosa" else ["changed", "changed"])


def test_a_refusal_exits_1_and_takes_nothing(study: Study, tmp_path: Path) -> None:
    files = csv_files()
    files["probe.csv"] = files["probe.csv"].replace(b"klinik", b"x").replace(b",gu,", b",turnhalle,")
    packed(tmp_path / "probe.zip", files)
    line = ["import", str(tmp_path / "probe.zip"), "--municipality", "08235007", "--study", str(study.dir), "--yes"]
    code, text = run(*line)
    assert (code, "Es wurde nichts übernommen" in text, "turnhalle" in text) == (1, True, False)
    code, text = run(*line, "--without-refused")
    assert (code, "Übernommene Datensätze: 1." in text) == (0, True)
    code, text = run(*line, "--accept", "choice")
    assert (code, "Übernommene Datensätze: 1." in text) == (0, True)


def test_an_extract_for_other_purposes_is_no_import(store: Store, tmp_path: Path) -> None:
    files = csv_files() | {"lotsenbuch.json": b'{"guard": true, "profile": "pseudonymous"}'}
    with pytest.raises(DataError) as raised:
        found(store, packed(tmp_path / "probe.zip", files))
    assert raised.value.code == "import.not_whole"


def told(**more: object) -> bytes:
    return json.dumps({"program": "lotsenbuch", "guard": True, "forms": [{"form": "zettel"}], **more}).encode()


def test_a_table_taken_out_of_an_export_is_known_by_what_lies_beside_it(store: Store, tmp_path: Path) -> None:
    plain = xform("""
    | survey | type | name | label |
    | | text | notiz | Notiz |
    | settings | form_id | version |
    | | zettel | 1 |
    """)
    store.publish(PublishedForm("zettel", "1", read_form(plain).hash, plain, b"", "zettel.md", {}))

    def note(name: str) -> object:
        (tmp_path / name).write_bytes(b"KEY,notiz\nuuid:1,'=1+1\n")
        (arrival,) = found(store, tmp_path / name, form="zettel").records.arrivals
        return arrival.record["/data/notiz"]

    assert note("zettel.csv") == "'=1+1"
    (tmp_path / "lotsenbuch.json").write_bytes(told())
    assert note("zettel.csv") == "=1+1"
    assert note("fremd.csv") == "'=1+1"  # not of that export
    (tmp_path / "lotsenbuch.json").write_bytes(told(profile="pseudonymous"))
    with pytest.raises(DataError) as raised:
        note("zettel.csv")
    assert raised.value.code == "import.not_whole"


def test_tables_of_other_forms_beside_the_one_that_was_named_are_left_alone(store: Store, tmp_path: Path) -> None:
    store.publish(PublishedForm("probe2", "1", "0" * 64, xform().replace("probe", "probe2"), b"", "probe.md", {}))
    files = csv_files() | {"probe2.csv": b"KEY,x\nuuid:7,1\n", "probe2-hund.csv": b"PARENT_KEY,KEY\nuuid:7,a\n"}
    got = found(store, packed(tmp_path / "alles.zip", files), form="probe")
    assert (got.records.problems, len(got.records.arrivals)) == ((), 2)
    files = csv_files() | {"fremd-hund.csv": b"PARENT_KEY,KEY\nuuid:7,a\n"}
    got = found(store, packed(tmp_path / "probe.zip", files), form="probe")
    assert [each.code for each in got.records.problems] == ["import.unknown_table"]


LISTED = """
form = "probe"
key = ["Nr"]
sheet = "Fälle"
[columns."Nr"]
leave_out = true
[columns."Name"]
question = "name"
"""


def test_a_list_is_read_from_the_sheet_its_mapping_names_and_continued_next_time(store: Store, tmp_path: Path) -> None:
    sheets = {"Deckblatt": [("Stand",), ("heute",)], "Fälle": [("Nr", "Name"), ("1", "Ayşe"), ("2", "Ґанна")]}
    (tmp_path / "liste.xlsx").write_bytes(excel.write(sheets))
    (tmp_path / "liste.toml").write_text(LISTED, encoding="utf-8")
    got = found(store, tmp_path / "liste.xlsx", mapping=tmp_path / "liste.toml")
    assert (got.source.format, got.form, got.records.problems) == ("list", "probe", ())
    terms = Terms(author="a", zone="Europe/Berlin", now=THEN, municipality="08235007")
    carried_out(store, planned(store, got.form, got.records.arrivals, got.source, terms))
    again = found(store, tmp_path / "liste.xlsx", mapping=tmp_path / "liste.toml")
    assert planned(store, got.form, again.records.arrivals, again.source, terms).counts["unchanged"] == 2
    (tmp_path / "liste.toml").write_text(LISTED.replace("Fälle", "Andere"), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        found(store, tmp_path / "liste.xlsx", mapping=tmp_path / "liste.toml")
    assert raised.value.code == "import.which_sheet"


def test_the_next_list_finds_a_case_that_was_corrected_since(store: Store, tmp_path: Path) -> None:
    (tmp_path / "liste.csv").write_text("Nr;Name\n1;Ayşe\n", encoding="utf-8")
    (tmp_path / "liste.toml").write_text(LISTED.replace('sheet = "Fälle"', ""), encoding="utf-8")
    terms = Terms(author="a", zone="Europe/Berlin", now=THEN, municipality="08235007")
    got = found(store, tmp_path / "liste.csv", mapping=tmp_path / "liste.toml")
    carried_out(store, planned(store, got.form, got.records.arrivals, got.source, terms))
    (first,) = store.submissions("probe")
    mended = replace(first, version=2, reason="typo", paradata={}, record={**first.record, "/data/notiz": "dazu"})
    store.append(mended)
    again = found(store, tmp_path / "liste.csv", mapping=tmp_path / "liste.toml")
    (item,) = planned(store, got.form, again.records.arrivals, again.source, terms).items
    assert (item.id, item.state) == (first.id, "unchanged")
