"""The annual report of the demo, from records to HTML and PDF, and what it refuses."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from pypdf import PdfReader

from intake.store import anchors
from intake.study import Study
from reports import annual
from reports.annual import AnnualParameters, Built, anchor_after, build, tables_of, write_together
from reports.as_of import Followed, followed_tables
from reports.factory.render import Frame
from reports.sources import labels
from scenario.lives import study_of
from validation.errors import ReportError, UsageError

AGS, HAIN, BACH = "08235007", "08999001", "08999002"
FIGURES = (
    "Am 31.12.2022 begleitete das Integrationsmanagement in Althengstett 110 Personen 1).",
    "Das sind 25 mehr als ein Jahr zuvor.",
    "Seither hat der Landkreis 260 weitere Personen 5) zugewiesen, zusammen also 360 1).",
    "Von diesen 360 Personen 1) gingen 250 1) in die Selbstständigkeit, 18 6) schieden aus anderen Gründen aus, "
    "und 92 1) waren am 31.12.2022 noch in der Anschlussunterbringung.",
    "Hinzu kommen 18 Personen 2), die privat aus der Ukraine gekommen sind",
    "110 Personen 1) leben in zehn Unterkünften 1) in drei Ortsteilen.",
    "Die größte Gruppe kommt aus Syrien: 41 Personen 1), das sind 37,3 %.",
    "Einzeln ausgewiesen sind außerdem die Ukraine mit 18 2), Palästina mit 12 9) und Afghanistan mit 9 1).",
    "Elf weitere Nationen werden zum Schutz der Menschen ohne Zahl genannt",
    "Zusammen sind es 30 Personen.",
    "Bewilligt sind 1,75 3) Vollzeitäquivalente (VZÄ), verteilt auf zwei Stellen.",
    "Auf eine bewilligte VZÄ kommen damit 62,9 betreute Personen (110 Personen 1) geteilt durch 1,75 3) VZÄ).",
    "In die Selbstständigkeit gelangten damit 69,4 % der zugewiesenen Personen (250 1) von 360 1)).",
)
CELLS = {
    ("flows", "2022"): ("85 8)", "72", "65", "92 1)"),
    ("flows", "Insgesamt"): ("100 4)", "260", "268", "92 1)"),
    ("bridge_in", "Insgesamt"): ("360 1)",),
    ("bridge_out", "in die Selbstständigkeit"): ("250 1)",),
    ("bridge_out", "sonstige Abgänge"): ("18 6)",),
    ("bridge_out", "noch in der Anschlussunterbringung"): ("92 1)",),
    ("nationalities", "Syrien"): ("41 1)", "37,3 %"),
    ("nationalities", "Palästina"): ("12 9)", "10,9 %"),
    ("nationalities", "Afghanistan"): ("9 1)", "8,2 %"),
    ("nationalities", "Ukraine"): ("18 2)", "16,4 %"),
    ("nationalities", "Übrige"): ("30", "27,3 %"),
    ("nationalities", "Insgesamt"): ("110 1)", "100,0 %"),
    ("posts", "Insgesamt"): ("1,75 3)", "1,75"),
}


def plain(text: str) -> str:
    for space in ("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"):
        text = text.replace(space, " ")
    return re.sub(r"\s+", " ", text)


def page_text(built: Built) -> str:
    root = lxml_html.fromstring(built.html.read_text(encoding="utf-8"))
    for element in root.xpath("//style | //*[local-name()='svg']"):
        element.drop_tree()
    return plain(root.text_content())


def pdf_text(built: Built) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(built.pdf).pages)
    return plain(re.sub(r"[\N{SOFT HYPHEN}-]\n(?=[a-zäöüß])", "", text))


def cells(built: Built) -> dict[tuple[str, str], tuple[str, ...]]:
    """{(table, row): texts of its cells}."""
    root = lxml_html.fromstring(built.html.read_text(encoding="utf-8"))
    found = {}
    for figure in root.xpath('//figure[@class="table"]'):
        for row in figure.xpath(".//tbody/tr"):
            label = plain(row.find("th").text or "")
            key = str(figure.get("id")).removeprefix("tabelle-")
            found[key, label] = tuple(plain(cell.text_content()) for cell in row.findall("td"))
    return found


@pytest.fixture(scope="session")
def report(demo_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(demo_study, AnnualParameters(AGS, 2022), out=tmp_path_factory.mktemp("reports"))


def test_files_are_named_for_what_they_are(report: Built) -> None:
    assert report.html.name == "DEMO-jahresbericht-08235007-2022.html"
    assert report.pdf.name == "DEMO-jahresbericht-08235007-2022.pdf"
    assert sorted(path.name for path in report.html.parent.iterdir()) == sorted(
        path.name for path in (report.html, report.pdf, report.notebook)
    )


@pytest.mark.parametrize("sentence", FIGURES)
def test_each_figure_stands_in_its_sentence(report: Built, sentence: str) -> None:
    assert sentence in page_text(report)
    assert re.sub(r"\s", "", sentence) in re.sub(r"\s", "", pdf_text(report))


def test_each_figure_stands_in_its_cell(report: Built) -> None:
    found = cells(report)
    assert {key: found.get(key) for key in CELLS} == CELLS
    districts = [values for (table, _), values in found.items() if table == "districts"]
    assert len(districts) == 3 + 1
    assert districts[-1][:2] == ("110 1)", "10 1)")
    assert len([row for table, row in found if table == "sites"]) == 10 + 1


def test_eleven_nations_are_named_without_numbers(report: Built) -> None:
    root = lxml_html.fromstring(report.html.read_text(encoding="utf-8"))
    (names,) = root.xpath('//figure[@id="tabelle-nationalities"]//span[@class="members"]/text()')
    assert len(names.split(", ")) == 11
    assert not re.search(r"\d", names)
    assert names in plain(report.html.read_text(encoding="utf-8"))


def test_the_editorial_deadline_is_the_day_the_last_record_came(report: Built) -> None:
    assert "Redaktionsschluss: 31.12.2022." in page_text(report)
    assert "Redaktionsschluss: 31.12.2022." in pdf_text(report)


def test_every_source_is_cited_and_demo_is_everywhere(report: Built) -> None:
    text = page_text(report)
    assert "1) Schwarzwälder Bote, Bericht über das Integrationsmanagement in Althengstett, 2022" in text.replace(
        "1)Schwarz", "1) Schwarz"
    )
    assert "Alle Zahlen ohne Ziffer sind erfunden" in text
    assert all("DEMO – synthetische Daten" in page.extract_text() for page in PdfReader(report.pdf).pages)
    assert report.html.read_text(encoding="utf-8").count("DEMO – synthetische Daten</text>") == 3


def test_nothing_raw_leaves(report: Built) -> None:
    notebook = report.notebook.read_text(encoding="utf-8")
    for trace in ("P-0000", "Demo-Person", "geburtsdatum", str(Path.cwd()), "/tmp"):
        assert trace not in notebook
        assert trace not in report.html.read_text(encoding="utf-8")


def test_the_same_records_give_the_same_bytes(demo_study: Study, report: Built, tmp_path: Path) -> None:
    tables = followed_tables(demo_study)
    tables_of(demo_study, AnnualParameters(HAIN, 2022), read=lambda: tables)  # leaves them as they were
    again = build(demo_study, AnnualParameters(AGS, 2022), out=tmp_path, read=lambda: tables)
    for first, second in zip(dataclasses.astuple(report), dataclasses.astuple(again), strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_one_changed_record_changes_the_number(demo_copy: Study, report: Built, tmp_path: Path) -> None:
    """A person from Syrien turns out to be from Afghanistan: a new version in the store, 40 and 10 in the report."""
    before = cells(report)
    nationality = "/data/person/staatsangehoerigkeit"
    with demo_copy.store() as store:
        gone = {s.subject for s in store.submissions("austritt", municipality=AGS)}
        mine = store.submissions("erstgespraech", municipality=AGS)
        old = next(s for s in mine if s.subject not in gone and _answer(s.record, nationality) == "SY")
        changed = dataclasses.replace(
            old,
            record=_with_answer(old.record, nationality, "AF"),
            version=old.version + 1,
            reason="Irrtum",
            received=None,
        )
        store.append(changed)
    built = build(demo_copy, AnnualParameters(AGS, 2022), out=tmp_path)
    after = cells(built)
    assert (before["nationalities", "Syrien"][0], after["nationalities", "Syrien"][0]) == ("41 1)", "40")
    assert (before["nationalities", "Afghanistan"][0], after["nationalities", "Afghanistan"][0]) == ("9 1)", "10")
    assert after["nationalities", "Insgesamt"] == before["nationalities", "Insgesamt"]
    assert "Abweichend von der Veröffentlichung ergeben die Datensätze andere Werte bei: " in page_text(built)
    known = build(
        demo_copy,
        AnnualParameters(AGS, 2022),
        out=tmp_path / "earlier",
        known_at=dt.datetime(2023, 1, 1, tzinfo=dt.UTC),
    )
    assert cells(known)["nationalities", "Syrien"][0] == "41 1)"
    assert "Redaktionsschluss: 01.01.2023." in page_text(known)


def _answer(record: Any, path: str) -> Any:
    return record.get(path)


def _with_answer(record: Any, path: str, value: str) -> Any:
    return {**record, path: value}


def test_no_figure_of_one_town_in_the_report_of_another(demo_study: Study) -> None:
    """Taken alone, with the other towns' records removed, each town gives the very same tables."""
    tables = followed_tables(demo_study)
    for ags in demo_study.municipalities:
        whole = tables_of(demo_study, AnnualParameters(ags, 2022), read=lambda: tables)
        alone = Followed(_only(tables, ags), tables.saved)
        assert len(alone["erstgespraech"]) < len(tables["erstgespraech"])
        bundle = annual.collect(
            alone,
            municipality=ags,
            name=demo_study.municipalities[ags],
            year=2022,
            language="de",
            demo=True,
            policy=annual.read_policy(demo_study.dir / "disclosure.toml"),
            ledger=annual.read_published(demo_study.dir / "demo" / "published.csv"),
            labels=labels(demo_study, "de"),
            known_at=annual.last_known(alone, ags, demo_study.tz),
        )
        assert bundle == whole


def _only(tables: Any, ags: str) -> dict[str, Any]:
    repeats = {name: frame for name, frame in tables.items() if "PARENT_KEY" in frame}
    kept = {}
    for name, frame in tables.items():
        if name not in repeats:
            town = next(column for column in frame if column.endswith("-gemeinde"))
            kept[name] = frame[frame[town] == ags]
    keys = {key for frame in kept.values() for key in frame["KEY"]}
    return kept | {name: frame[frame["PARENT_KEY"].isin(keys)] for name, frame in repeats.items()}


def test_the_invented_towns_carry_no_source(demo_study: Study) -> None:
    tables = followed_tables(demo_study)
    for ags in (HAIN, BACH):
        bundle = tables_of(demo_study, AnnualParameters(ags, 2022), read=lambda: tables)
        assert bundle.sources == {}
        assert all(not cell.source for table in bundle.tables.values() for row in table.rows for cell in row.cells)


# --- parameters


@pytest.mark.parametrize("ags", [8235007, "8235007", "0823500", "082350077", "0823500a", "", None, "０８２３５００７"])
def test_an_ags_is_text_of_eight_digits(ags: Any) -> None:
    with pytest.raises(UsageError) as caught:
        AnnualParameters(ags, 2022)
    assert caught.value.code == "report.municipality_type"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("year", ["2022", 2022.0, True, None, 22, 20222])
def test_a_year_is_a_whole_number(year: Any) -> None:
    with pytest.raises(UsageError, match="2022"):
        AnnualParameters(AGS, year)


@pytest.mark.parametrize("language", ["fr", "", None, "DE"])
def test_a_language_is_one_of_two(language: Any) -> None:
    with pytest.raises(UsageError, match="language"):
        AnnualParameters(AGS, 2022, language)


def test_unknown_and_missing_parameters_are_named() -> None:
    assert AnnualParameters.read({"municipality": AGS, "year": 2022}).language == "de"
    with pytest.raises(UsageError, match=r"municipalty .*municipality, year, language"):
        AnnualParameters.read({"municipalty": AGS, "year": 2022})
    with pytest.raises(UsageError, match="year"):
        AnnualParameters.read({"municipality": AGS})


def test_an_unknown_town_is_refused_with_the_known_ones(demo_study: Study, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"08117026.*08235007 Althengstett"):
        build(demo_study, AnnualParameters("08117026", 2022), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_year_that_is_not_over_is_refused(demo_study: Study, tmp_path: Path) -> None:
    before_new_year = dt.datetime(2022, 12, 30, 12, tzinfo=dt.UTC)
    with pytest.raises(ReportError, match="noch nicht zu Ende"):
        build(demo_study, AnnualParameters(AGS, 2022), out=tmp_path, known_at=before_new_year)
    with pytest.raises(ReportError, match="noch nicht zu Ende"):
        build(demo_study, AnnualParameters(AGS, 9998), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("year", [2016, 2017, 2024])
def test_a_year_without_data_is_refused_with_the_years_there_are(
    demo_study: Study,
    tmp_path: Path,
    year: int,
) -> None:
    with pytest.raises(ReportError, match="2018, 2019, 2020, 2021, 2022"):
        build(demo_study, AnnualParameters(AGS, year), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- files


def test_a_failure_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, other = tmp_path / "a.html", tmp_path / "a.pdf"
    write_together({old: b"old", other: b"old"})
    calls = iter([None, OSError(28, "No space left on device")])

    def full(_descriptor: int) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportError, match="No space left"):
        write_together({old: b"new", other: b"new"})
    assert (old.read_bytes(), other.read_bytes()) == (b"old", b"old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.pdf"]


def test_a_directory_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ReportError, match="out"):
        write_together({tmp_path / "out" / "a.html": b""})


# --- the anchor at the foot


def test_the_first_anchor_after_the_last_record_is_named_and_stays(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    path = anchors.list_of(study.store_path)
    made = []
    with study.store() as store:
        for _ in range(3):
            made.append(store.anchor())
            anchors.append(path, made[-1])
    moments = [dt.datetime.fromisoformat(each.made) for each in made]
    day = moments[1].astimezone(study.tz).date().isoformat()
    assert anchor_after(study, moments[1]) == f"{anchors.short_of(made[1])} {day}"
    assert anchor_after(study, moments[2] + dt.timedelta(seconds=1)) == ""
    assert anchor_after(study, None) == ""


@pytest.mark.parametrize(("language", "words"), [("de", "Anker abc vom 22.11.2026"), ("en", "Anchor abc of 22 Nov")])
def test_the_foot_says_code_and_day_of_the_anchor(language: str, words: str) -> None:
    frame = Frame("Ort", AGS, 2022, language, False, dt.datetime(2023, 1, 1, tzinfo=dt.UTC), anchor="abc 2026-11-22")
    assert frame.words()["anchor"].startswith(words)
    assert dataclasses.replace(frame, anchor="").words()["anchor"] == ""
