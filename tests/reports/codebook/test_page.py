from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from intake.tables import published_forms
from reports.codebook.counts import Figures, figures
from reports.codebook.entries import codebook
from reports.codebook.page import SHORT, page
from scenario.answered import SECRET, answered
from scenario.diffable import version
from scenario.xforms import survey

EVIL = "<b>fett</b> & <script>alert(1)</script>"


class Seen(HTMLParser):
    """Elements, ids, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    store = answered(tmp_path_factory.mktemp("counted"))
    return figures(store, published_forms(store)["probe"])


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_is_whole_and_every_link_leads_somewhere(counted: Figures, language: str) -> None:
    text = page(codebook(version()), counted, language=language)
    seen = Seen(text)
    assert seen.open == []
    assert len(set(seen.ids)) == len(seen.ids)
    inside = [link for link in seen.links if link.startswith("#")]
    assert inside == seen.links  # nothing is fetched, nothing leads away
    assert {link[1:] for link in inside} <= set(seen.ids)
    assert f'<html lang="{language}">' in text
    assert not re.search(r"<(?:script|link|img|iframe)|url\(|@import", text)


def test_a_question_is_told_with_all_that_belongs_to_it() -> None:
    said = Seen(page(codebook(version(), versions=[version()]))).text
    for part in (
        "2 Alter Age alter", "Ausdruck: . >= 0 and . <= 120", "In den Versionen 1", "Pflicht Antwort verlangt",
        "Erlaubt, wenn die Antwort mindestens 0 und höchstens 120",
        "Meldung Bis 120.", "Fehlgründe weiß nicht unknown , keine Angabe refused", "Schutzklasse wer jemand ist",
        "Nur wenn Frage 2 (Alter) größer als 17", "Angeboten wird, was „Listenspalte land“ = Frage 3 (Land)",
        "Gilt auch die Bedingung von Teil B", "Pfad /data/b/kind/jahr", "Tabelle und Spalte probe-kind , jahr",
        "Zweck Beratung und Begleitung",
    ):  # fmt: skip
        assert part in said, part


def test_numbers_in_conditions_lead_to_their_questions() -> None:
    text = page(codebook(version()))
    assert 'Nur wenn <a href="#q.data.a.alter">Frage 2</a> (Alter) größer als 17' in text


def test_a_list_that_questions_share_stands_once_at_the_end_unless_it_is_short() -> None:
    more = "".join(f"| | land | l{number} | Land {number} | Land {number} | | |\n" for number in range(SHORT))
    end = "| | stadt | calw"
    said = Seen(page(codebook(version((end, f"{more}{end}"))))).text
    assert said.count("Syrien") == 1
    assert said.count(f"Liste „land“ mit {SHORT + 3} Möglichkeiten") == 2
    assert "Verwendet bei: Land , Länder" in said
    short = Seen(page(codebook(version()))).text
    assert short.count("Syrien") == 2
    assert "Verwendet bei" not in short


def test_without_data_it_says_so_and_with_data_that_it_is_internal(counted: Figures) -> None:
    plain = Seen(page(codebook(version()))).text
    assert "Ohne Häufigkeiten" in plain
    assert "Intern" not in plain
    told = Seen(page(codebook(version()), counted, demo="DEMO – synthetische Daten")).text
    assert "Intern. Nur für den internen Gebrauch." in told
    assert "Häufigkeiten aus 4 Datensätzen, Stand " in told
    assert told.startswith("Codebuch: Probe")
    assert told.count("DEMO – synthetische Daten") == 2


def test_figures_stand_at_their_question(counted: Figures) -> None:
    said = Seen(page(codebook(version()), counted)).text
    age = said[said.index("2 Alter Age alter") : said.index("3 Land Country land")]
    assert "beantwortet 3 75,0 %" in age
    assert "Fehlgrund: keine Angabe 1 25,0 %" in age
    assert "Fehlend unter den Gefragten: 25,0 % (1 von 4)." in age
    assert "9 1 33,3 %" in age
    country = said[said.index("3 Land Country land") : said.index("4 Stadt Town stadt")]
    assert "nicht gefragt (Bedingung) 2 50,0 %" in country
    assert "de Deutschland 1 50,0 %" in country
    assert "Frei geschriebene und andere offene Antworten werden nicht ausgezählt." in said
    assert "Angaben dazu, wer jemand ist, werden nicht ausgezählt." in said
    assert SECRET not in said


def test_what_a_form_says_stays_text() -> None:
    form = survey(
        f"""
| survey | type | name | label | hint | constraint | constraint_message |
|---|---|---|---|---|---|---|
| | select_one l | a | {EVIL} | {EVIL} | . != '<i>' | {EVIL} |
| choices | list_name | name | label |
|---|---|---|---|
| | l | x | {EVIL} |
"""
    )
    text = page(codebook(form))
    assert "<script" not in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;" in text


def test_other_languages_say_which_they_are_and_the_unreviewed_are_marked() -> None:
    form = survey(
        """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) |
|---|---|---|---|---|
| | text | a | Name | الاسم |
"""
    )
    text = page(codebook(form))
    assert '<p class="other" lang="ar" dir="rtl">الاسم</p>' in text
    marked = page(replace(codebook(form), unreviewed=frozenset({"ar"})))
    assert 'الاسم <span class="mark" lang="de" dir="ltr">ungeprüft</span></p>' in marked


def test_it_is_the_same_each_time(counted: Figures) -> None:
    assert page(codebook(version()), counted) == page(codebook(version()), counted)
