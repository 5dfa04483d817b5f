"""HTML without scripts and addresses, PDF with tags, the same bytes from the same notebook."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tomllib
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from lxml import html as lxml_html
from pypdf import PdfReader

from reports.blocks import Block, Chart, Heading, Listing, Note, Sentence, Table, Tile, Tiles
from reports.charts import bars
from reports.disclosure import Policy, SafeNumber, protect
from reports.factory import render
from reports.factory.render import FONTS, Frame
from validation.errors import ReportError

STAMP = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
FRAME = Frame("Musterdorf", "08999009", 2022, "de", True, STAMP)


def executed(*blocks: Block) -> Any:
    made = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("verborgen = 'Quelltext'")
    cell.outputs = [nbformat.v4.new_output("display_data", data=block._repr_mimebundle_()) for block in blocks]
    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="Geplapper"))
    made.cells = [nbformat.v4.new_markdown_cell("# Nur im Notebook"), cell]
    return made


def blocks() -> tuple[Block, ...]:
    table = protect(
        {"SY": 41, "UA": 18, "ER": 3, "GM": 4},
        Policy("public", {"person": 5}),
        key="nations",
        title="Personen nach Land",
        stub="Land",
        public={"SY": "1"},
    )
    return (
        Heading("Auf einen Blick", 2, "blick"),
        Sentence((("report_glance.more", {"n": SafeNumber(25, "t[a]")}),), lead=True),
        Tiles((Tile("Personen", SafeNumber(110, "t", "1"), SafeNumber(25, "t"), "gegenüber 2021"),)),
        Heading("Abschnitt", 3),
        Table(table, "de", "Eine Anmerkung", percent_of_total=True),
        Chart(table, bars(table, mark="DEMO – synthetische Daten"), "Länder", "Balkendiagramm: SY 41."),
        Note("Zum Schluss · سلام − ½"),
        Listing((("1", "Schwarzwälder Bote"),), "quelle"),
    )


@pytest.fixture(scope="module")
def notebook() -> Any:
    return executed(*blocks())


@pytest.fixture(scope="module")
def charts(notebook: Any) -> dict[str, str]:
    return render.draw_charts(notebook, "de")


@pytest.fixture(scope="module")
def page(notebook: Any, charts: dict[str, str]) -> str:
    return render.to_html(notebook, FRAME, charts)


@pytest.fixture(scope="module")
def pdf(notebook: Any, charts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(render.to_pdf(notebook, FRAME, charts))
    return PdfReader(path)


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    for tag in ("<script", "<link", "<iframe", "@import", "url("):
        assert tag not in page
    addresses = set(re.findall(r'(?:src|href)="([^"#][^"]*)"', page))
    assert addresses == set()
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_the_page_shows_no_code_and_no_chatter(page: str) -> None:
    for hidden in ("verborgen", "Quelltext", "Geplapper", "Nur im Notebook"):
        assert hidden not in page


class Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def test_the_page_is_readable_without_eyes(page: str) -> None:
    assert '<html lang="de">' in page
    parser = Headings()
    parser.feed(page)
    assert parser.levels == [1, 2, 3]
    root = lxml_html.fromstring(page)
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert all(th.get("scope") for th in table.iter("th"))
    for figure in root.xpath('//figure[@class="chart"]'):
        assert figure.xpath('.//div[@role="img"]/@aria-label') == ["Balkendiagramm: SY 41."]
        assert figure.xpath(".//*[local-name()='svg']/@aria-hidden") == ["true"]
    targets = {f"#{name}" for name in root.xpath("//@id")}
    assert set(root.xpath("//a/@href")) <= targets


def test_a_demo_says_so_in_head_and_foot_and_on_each_picture(page: str, charts: dict[str, str]) -> None:
    assert page.count("DEMO – synthetische Daten") >= 4
    assert all("DEMO – synthetische Daten" in svg for svg in charts.values())
    assert "DEMO" not in render.to_html(executed(Note("x")), Frame("M", "08999009", 2022, "de", False, STAMP), {})


def test_a_store_that_is_not_encrypted_is_said_on_every_page() -> None:
    frame = Frame("M", "08999009", 2022, "de", False, STAMP, True)
    page = render.to_html(executed(Note("x")), frame, {})
    assert page.count("NICHT VERSCHLÜSSELT") == 3  # title, head and foot
    assert "DEMO" not in page
    both = render.to_html(executed(Note("x")), Frame("M", "08999009", 2022, "de", True, STAMP, True), {})
    assert both.count("NICHT VERSCHLÜSSELT · DEMO") == 3
    assert render.to_pdf(executed(Note("x")), frame, {}).startswith(b"%PDF")


def test_the_pdf_is_tagged_and_says_what_it_is(pdf: PdfReader) -> None:
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "de-DE"
    assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"])
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Jahresbericht 2022 – Integrationsmanagement in Musterdorf (DEMO – synthetische Daten)"


def structure(element: Any) -> list[Any]:
    found = [element]
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        child = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(child, "get") and child.get("/S"):
            found += structure(child)
    return found


def test_tables_have_heads_and_figures_have_texts(pdf: PdfReader) -> None:
    elements = [e for e in structure(pdf.trailer["/Root"]["/StructTreeRoot"]) if e.get("/S")]
    kinds = [e["/S"] for e in elements]
    assert {"/H1", "/Table", "/TH", "/TD", "/Figure", "/Caption"} <= set(kinds)
    texts = [str(e["/Alt"]) for e in elements if e.get("/Alt")]
    assert "Balkendiagramm: SY 41." in texts


def test_every_page_of_the_pdf_says_demo(charts: dict[str, str], tmp_path: Any) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(render.to_pdf(executed(*blocks(), *[Note("Absatz " * 40)] * 40), FRAME, charts))
    pages = PdfReader(path).pages
    assert len(pages) > 2
    assert all("DEMO – synthetische Daten" in page.extract_text() for page in pages)
    assert "Seite 2 von" in pages[1].extract_text()


def test_only_shipped_fonts_are_used(pdf: PdfReader) -> None:
    names = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in pdf.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert names
    assert all(name.startswith("NotoSans") for name in names), names


def test_the_fonts_are_the_ones_that_were_checked() -> None:
    listed = tomllib.loads((FONTS / "FONTS.toml").read_text(encoding="utf-8"))
    for font in listed["font"]:
        assert hashlib.sha256((FONTS / font["file"]).read_bytes()).hexdigest() == font["sha256"], font["file"]
    assert {font["file"] for font in listed["font"]} == {path.name for path in FONTS.glob("*.ttf")}
    assert listed["licence"] == "OFL-1.1"
    assert "SIL OPEN FONT LICENSE" in (FONTS / listed["licence_file"]).read_text(encoding="utf-8")


def test_the_same_notebook_gives_the_same_bytes(notebook: Any, charts: dict[str, str], page: str) -> None:
    assert render.draw_charts(notebook, "de") == charts
    assert render.to_html(notebook, FRAME, charts) == page
    assert render.to_pdf(notebook, FRAME, charts) == render.to_pdf(notebook, FRAME, charts)


def test_what_cannot_be_set_is_said(charts: dict[str, str]) -> None:
    with pytest.raises(ReportError) as caught:
        render.to_pdf(executed(Note("\N{CUNEIFORM SIGN A}")), FRAME, charts)
    assert caught.value.code == "report.render"


def test_english_words_around_the_chapters(notebook: Any, charts: dict[str, str]) -> None:
    frame = Frame("Musterdorf", "08999009", 2022, "en", True, STAMP)
    page = render.to_html(notebook, frame, charts)
    assert '<html lang="en">' in page
    assert "Annual report 2022" in page
    assert "As of 31 December 2022" in page
