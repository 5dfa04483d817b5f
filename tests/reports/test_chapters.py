"""Which sentences a report chooses, and that it stays silent about what is hidden."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from reports.blocks import Heading
from reports.chapters import Report, open_report
from reports.disclosure.ledger import Figure, Ledger
from scenario.town import Town, althengstett, bundle_of
from validation.errors import ReportError

CHAPTERS = ("at_a_glance", "stock_and_movement", "nationalities", "accommodation", "posts", "goals", "method")


def text(town: Town, chapter: str, language: str = "de") -> str:
    blocks = getattr(Report(bundle_of(town, language=language)), chapter)().blocks
    html = " ".join(block.as_html() for block in blocks)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


def settled(come: int = 0, go: int = 0, first: int = 30, nations: dict[str, int] | None = None) -> Town:
    town = Town("08999009")
    town.arrive(first, 2017)
    town.leave(go, 2022)
    town.arrive(come, 2022)
    if nations:
        town.nations(nations)
    return town


@pytest.mark.parametrize(
    ("come", "go", "sentence"),
    [
        (6, 0, "Das sind 6 mehr als ein Jahr zuvor."),
        (5, 6, "Das ist eine Person weniger als ein Jahr zuvor."),
        (6, 5, "Das ist eine Person mehr als ein Jahr zuvor."),
        (5, 5, "Das sind ebenso viele wie ein Jahr zuvor."),
    ],
)
def test_the_change_on_last_year(come: int, go: int, sentence: str) -> None:
    assert sentence in text(settled(come, go), "at_a_glance")


def test_no_change_without_a_last_year() -> None:
    assert "ein Jahr zuvor" not in text(settled(20, 0, 0), "at_a_glance")


def test_a_stock_that_is_hidden_gets_no_sentence_about_its_change() -> None:
    found = text(settled(0, 0, 3), "at_a_glance")
    assert "· Personen" in found
    assert "zuvor" not in found
    assert not re.search(r"\b3\b", found)


def test_movement_of_a_year() -> None:
    assert "Im Jahr 2022 gab es 6 Zugänge und 5 Abgänge; der Bestand stieg damit von 30 auf 31." in text(
        settled(6, 5), "stock_and_movement"
    )
    assert "gab es keinen Zugang und 5 Abgänge; der Bestand sank damit von 30 auf 25." in text(
        settled(0, 5), "stock_and_movement"
    )
    assert "andere Abgänge gab es nicht" in text(settled(6, 5), "stock_and_movement")


def test_years_put_together_are_not_told_apart_in_prose_either() -> None:
    town = Town("08999009")
    town.arrive(30, 2017)
    for come, go, year in ((9, 6, 2021), (2, 5, 2022)):
        town.arrive(come, year)
        town.leave(go, year)
    found = text(town, "stock_and_movement")
    assert "Im Jahr 2022" not in found
    assert "2021–2022 30 11 11 30" in found
    assert "ohne Vorjahresvergleich" in text(town, "at_a_glance")
    assert "zuvor" not in text(town, "at_a_glance")


def test_movement_that_is_too_small_is_not_told_at_all() -> None:
    """Stock 27 and 5 exits beside a total of 32 would tell the 2 who came."""
    found = text(settled(2, 5), "stock_and_movement") + text(settled(2, 5), "at_a_glance")
    assert "zu klein" in found
    assert not {"2", "3", "5", "30", "32"} & set(re.findall(r"\b\d+\b", found.replace("2 Unterkünfte", "")))


def test_most_means_more_than_half() -> None:
    assert "Die meisten kommen aus Syrien: 20 Personen" in text(settled(nations={"SY": 20, "IQ": 10}), "nationalities")
    found = text(settled(nations={"IQ": 15, "SY": 8, "UA": 7}), "nationalities")
    assert "Die größte Gruppe kommt aus dem Irak: 15 Personen, das sind 50,0 %." in found
    assert "Es folgen Syrien mit 8 und die Ukraine mit 7." in found
    assert "meisten" not in found


def test_a_tie_is_no_first_place() -> None:
    found = text(settled(nations={"SY": 15, "IR": 15}), "nationalities")
    assert "Gleich groß sind die Gruppen aus dem Iran und aus Syrien mit je 15 Personen." in found
    assert "größte" not in found


def test_a_table_of_which_nothing_may_be_told_is_left_out_and_the_method_chapter_says_so() -> None:
    """41 of 43 are public by nationality: the two others are nobody's to work out, here at least."""
    town = settled(first=43, nations={"SY": 41, "AF": 2})
    figure = Figure(town.ags, dt.date(2022, 12, 31), "nationality.SY", 41, "published", "Blatt")
    report = Report(bundle_of(town, ledger=Ledger((figure,))))
    assert [type(block) for block in report.nationalities().blocks] == [Heading]
    html = " ".join(block.as_html() for block in report.method().blocks)
    assert "Staatsangehörigkeit" in html
    assert "Die Tabelle entfällt" in html


def test_small_groups_are_named_without_numbers() -> None:
    found = text(settled(nations={"SY": 20, "ER": 4, "GM": 3, "IQ": 3}), "nationalities")
    assert "Die betreuten Personen gehören vier Nationen an." in found
    assert "Drei weitere Nationen werden zum Schutz der Menschen ohne Zahl genannt" in found
    assert "Eritrea, Gambia und Irak. Zusammen sind es 10 Personen." in found


def test_a_group_that_joined_the_rest_is_not_called_small_and_nothing_is_ranked_before_it() -> None:
    """Iraq's 4 need Turkey's 13 to hide behind, because the 12 from Ukraine stand in another table."""
    town = Town("08999009")
    town.arrive(49, 2017)
    town.nations({"SY": 32, "TR": 13, "IQ": 4})
    town.arrive(12, 2022, kind="privat_ua", nation="UA")
    found = text(town, "nationalities")
    assert "Einzeln ausgewiesen ist außerdem die Ukraine mit 12." in found
    assert "Zwei weitere Nationen werden zum Schutz der Menschen ohne Zahl genannt: Irak und Türkei." in found
    assert "Es folgt" not in found
    assert "wenige" not in found


def test_a_shown_group_is_not_called_the_largest_when_the_rest_may_hold_a_larger_one() -> None:
    found = text(
        settled(first=31, nations={"SY": 11, "ER": 4, "GM": 4, "IQ": 4, "IR": 4, "SO": 3, "TR": 1}), "nationalities"
    )
    assert "Die größte einzeln ausgewiesene Gruppe kommt aus Syrien: 11 Personen" in found


def test_those_who_came_privately_earlier_did_not_come_this_year() -> None:
    """One entry in 2022 is put together with the years before, so nothing is said about last year."""
    town = settled(1)
    town.arrive(18, 2021, kind="privat_ua", nation="UA")
    found = text(town, "at_a_glance")
    assert "Privat aus der Ukraine 18" in found
    assert "+18" not in found


def test_without_posts_there_is_no_caseload() -> None:
    assert "je bewilligter" not in text(settled(), "at_a_glance")


def test_empty_registers_say_so() -> None:
    assert "Am 31.12.2022 war keine Unterkunft erfasst." in text(settled(), "accommodation")
    assert "Am 31.12.2022 war keine Stelle erfasst." in text(settled(), "posts")
    assert "Für das Jahr 2022 sind keine Ziele erfasst." in text(settled(), "goals")


def test_caseload_says_its_denominator() -> None:
    found = text(althengstett(), "posts")
    assert "Auf eine bewilligte VZÄ kommen damit 62,9 betreute Personen (110 Personen geteilt durch 1,75 VZÄ)." in found
    assert "0,75 VZÄ tatsächlich besetzt; auf eine besetzte VZÄ kommen 146,7 Personen." in found
    assert "Abwesenheit" in found
    assert "Mutterschutz" not in found.title()


def test_the_method_lists_rules_reading_and_what_was_put_together() -> None:
    found = text(althengstett(), "method")
    for part in ("R1", "R4", "R12", "Lesart der Gesamtzahl", "mindestens 5 beträgt", "„·“", "Kleine Gruppen stehen"):
        assert part in found


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_in_both_languages(chapter: str, language: str) -> None:
    for town in (althengstett(), settled(), settled(0, 0, 3)):
        found = text(town, chapter, language)
        assert found.strip()
        assert "{" not in found
        assert "None" not in found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_town_of_four_gives_no_number_of_persons_away(chapter: str) -> None:
    town = Town("08999009")
    town.arrive(4, 2019)
    town.house({"Dorf": 1}, places=16)
    town.post(0.5)
    town.aim(["spr", "arb"], ["reached"])
    blocks = getattr(Report(bundle_of(town)), chapter)().blocks
    tables = [block.table for block in blocks if hasattr(block, "table")]
    rows = [(table, row) for table in tables for row in (*table.rows, *([table.total] if table.total else []))]
    persons = [
        cell.value
        for table, row in rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.threshold
    ]
    assert set(persons) <= {None, 0}


def test_a_file_of_another_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tables.json"
    path.write_text(bundle_of(settled()).to_json(), encoding="utf-8")
    assert open_report(path, municipality="08999009", year=2022, language="de").bundle.year == 2022
    for other in ({"municipality": "08235007"}, {"year": 2021}, {"language": "en"}):
        asked = {"municipality": "08999009", "year": 2022, "language": "de"} | other
        with pytest.raises(ReportError) as caught:
            open_report(path, **asked)  # type: ignore[arg-type]
        assert caught.value.code == "report.bundle"
