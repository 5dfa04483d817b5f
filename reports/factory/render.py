"""Sets an executed report as one HTML file and as PDF. The only door to nbconvert, vl-convert and Typst.

Both exporters read the same notebook: charts are drawn to SVG once, then one template picks each output's HTML, the
other its Typst. Nothing is fetched: style and charts are inside the HTML, fonts are shipped and the system's are not
looked at.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.blocks import CHART_MARK, HTML, TYPST, VEGALITE, typst_text
from reports.wording import day
from validation.errors import ReportError
from validation.messages import say

HERE = Path(__file__).resolve().parent
TEMPLATES, FONTS = HERE / "templates", HERE / "fonts"
VEGALITE_VERSION = "6.4"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the chapters. `stamp`: the time written into the PDF; fixed, so that a rebuild gives the same
    bytes. `demo`, `plain` (the store is not encrypted): every page says so. `anchor` as in `Bundle`: the foot."""

    name: str
    municipality: str
    year: int
    language: str
    demo: bool
    stamp: dt.datetime
    plain: bool = False
    anchor: str = ""

    @property
    def marked(self) -> bool:
        """Whether every page says something about where its figures come from."""
        return self.demo or self.plain

    @property
    def title(self) -> str:
        return say("report_frame.title", self.language, year=self.year)

    @property
    def subtitle(self) -> str:
        return say("report_frame.subtitle", self.language, name=self.name)

    def words(self) -> dict[str, str]:
        """The words of the templates."""
        names = ("table", "figure", "skip")
        found = {name: say(f"report_frame.{name}", self.language) for name in names}
        marks = [name for name, is_so in (("plain", self.plain), ("demo", self.demo)) if is_so]
        found["mark"] = " · ".join(say(f"report_frame.{name}", self.language) for name in marks)
        found["mark_line"] = " ".join(say(f"report_frame.{name}_line", self.language) for name in marks)
        found["key"] = say("report_frame.key", self.language, municipality=self.municipality)
        date = day(dt.date(self.year, 12, 31), self.language)
        found["state"] = say("report_frame.state", self.language, day=date)
        code, _, made = self.anchor.partition(" ")
        anchored = {"code": code, "day": day(dt.date.fromisoformat(made), self.language)} if made else {}
        found["anchor"] = say("report_frame.anchor", self.language, **anchored) if anchored else ""
        found["page"] = say("report_frame.page", self.language, page="{page}", pages="{pages}")
        return found


def draw_charts(executed: Any, language: str) -> dict[str, str]:
    """{key: SVG} of the notebook's charts, numbers on axes as the language writes them."""
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    drawn = {}
    for output in _shown(executed):
        if VEGALITE in output:
            spec = json.loads(json.dumps(output[VEGALITE]))
            key = spec["usermeta"]["key"]
            drawn[key] = vl_convert.vegalite_to_svg(
                spec, vl_version=VEGALITE_VERSION, format_locale="de-DE" if language == "de" else "en-GB"
            )
    return drawn


def to_html(executed: Any, frame: Frame, charts: Mapping[str, str]) -> str:
    """One self-contained page: no script, no address, headings in order."""
    body = _export(executed, frame, "index.html.j2")
    for key, svg in charts.items():
        body = body.replace(CHART_MARK.format(key=key), _inline(svg))
    return body


def to_pdf(executed: Any, frame: Frame, charts: Mapping[str, str]) -> bytes:
    """The PDF (PDF/UA-1: tagged, with alternative texts). ReportError with Typst's first sentence when it cannot be
    set."""
    files: dict[str, str] = {f"chart-{key}.svg": svg for key, svg in charts.items()}
    files |= {"main.typ": _export(executed, frame, "index.typ.j2"), "report.typ": _template("report.typ")}
    return _set(files, frame.stamp)


def page_to_pdf(page: str, template: str = "paper.typ", pictures: Mapping[str, str] | None = None) -> bytes:
    """A page of texts (JSON of `reports.paper.page.Sheet`, or what another template wants) set by a template: tagged,
    without a time in it. `pictures` are the SVGs that the template shows, by file name.

    The texts reach Typst as data, so that nothing in them is markup. ReportError as `to_pdf`.
    """
    files = {**(pictures or {}), "main.typ": _template(template), "page.json": page}
    return _set(files, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _set(files: Mapping[str, str], stamp: dt.datetime) -> bytes:
    """`main.typ` as PDF/UA-1, with the files it reads and the shipped fonts only."""
    import typst

    with tempfile.TemporaryDirectory(prefix="lotsenbuch-") as directory:
        root = Path(directory)
        for name, content in files.items():
            (root / name).write_text(content, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
        try:
            made = typst.compile(
                str(root / "main.typ"),
                root=str(root),
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=stamp,
            )
        except typst.TypstError as error:
            raise ReportError("report.render", format="PDF", cause=str(error.message)) from error
    if not isinstance(made, bytes):
        raise ReportError("report.render", format="PDF", cause="Typst")
    return made


def _shown(executed: Any) -> list[dict[str, Any]]:
    return [
        output["data"]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output["output_type"] in ("display_data", "execute_result")
    ]


def _export(executed: Any, frame: Frame, template: str) -> str:
    """The notebook through one of our templates, by nbconvert."""
    from jinja2 import DictLoader
    from nbconvert.exporters import TemplateExporter

    files = {entry.name: entry.read_text(encoding="utf-8") for entry in TEMPLATES.iterdir() if entry.is_file()}

    class ReportExporter(TemplateExporter):  # type: ignore[misc]  # nbconvert has no types
        """nbconvert's exporter on our templates only; cells' sources are never put out."""

        def _load_mimetypes(self) -> list[str]:
            return [HTML, TYPST]

    exporter = ReportExporter(extra_loaders=[DictLoader(files)], raw_template=files[template])
    resources = {
        "frame": frame,
        "words": frame.words(),
        "style": files["report.css"],
        "mime": {"html": HTML, "typst": TYPST},
    }
    exporter.register_filter("typst", typst_text)
    body, _resources = exporter.from_notebook_node(executed, resources=resources)
    return str(body)


def _inline(svg: str) -> str:
    """The SVG as a part of a page: without XML heading, hidden from screen readers, which read the figure's own
    text."""
    start = svg.index("<svg")
    return svg[start:].replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
