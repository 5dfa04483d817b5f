"""From a town and a day to files: HTML and PDF of the report, and its tables for other reports."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.annual import notebook_path, write_together
from reports.factory.render import Frame
from reports.municipal_plan.collecting import content_of
from reports.municipal_plan.content import Content
from reports.municipal_plan.handing_on import files_of
from reports.wording import day as day_text
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

NOTEBOOK = "municipal_plan.ipynb"


@dataclass(frozen=True, slots=True)
class PlanFrame(Frame):
    """What stands around the chapters. head: the title, state: the day of the figures, audience: for whom."""

    head: str = ""
    state: str = ""
    audience: str = ""

    @property
    def title(self) -> str:
        return self.head

    @property
    def subtitle(self) -> str:
        return self.name

    def words(self) -> dict[str, str]:
        words = Frame.words(self)
        key = " · ".join(text for text in (words["key"], self.audience) if text)
        mark = say("municipal.demo_line", self.language) if self.demo else ""
        if self.plain:
            mark = f"{say('report_frame.plain_line', self.language)} {mark}".strip()
        return {**words, "key": key, "state": self.state, "anchor": "", "mark_line": mark}


@dataclass(frozen=True, slots=True)
class Built:
    """The files of one report. tables: empty where none were asked for."""

    html: Path
    pdf: Path
    tables: tuple[Path, ...] = ()


def build(
    study: Study,
    municipality: str,
    *,
    day: dt.date,
    audience: str = "public",
    language: str = "de",
    out: Path,
    tables: Path | None = None,
) -> Built:
    """Make the report on a town's plan as known on a day, and put it into the directory `out`; `tables` is a directory
    for its tables and text blocks.

    UsageError and ReportError as `content_of`, before anything runs; ReportError also when the notebook or the setting
    fails. The same records give the same bytes.
    """
    content = content_of(study, municipality, day, audience=audience, language=language)
    html, pdf = pages(executed(content), content)
    name = stem(content)
    built = Built(out / f"{name}.html", out / f"{name}.pdf")
    write_together({built.html: html, built.pdf: pdf})
    if tables is None:
        return built
    files = {tables / f"{name}-{part}": data for part, data in files_of(content).items()}
    write_together(files)
    return Built(built.html, built.pdf, tuple(files))


def stem(content: Content) -> str:
    """The files' name: `DEMO-integrationsplan-08235007-2025-12-31`, `-council` or `-internal` and `-en` behind it."""
    demo = "DEMO-" if content.demo else ""
    audience = "" if content.audience == "public" else f"-{content.audience}"
    language = "" if content.language == "de" else f"-{content.language}"
    return f"{demo}integrationsplan-{content.municipality}-{content.day.isoformat()}{audience}{language}"


def executed(content: Content) -> Any:
    """The notebook run over a content, in a kernel that gets this and nothing else."""
    from reports.factory import engine

    with tempfile.TemporaryDirectory(prefix="lotsenbuch-") as directory:
        work = Path(directory)
        (work / "plan.json").write_text(content.to_json(), encoding="utf-8")
        return engine.execute(notebook_path(NOTEBOOK), {"language": content.language, "plan": "plan.json"}, work=work)


def pages(notebook: Any, content: Content) -> tuple[bytes, bytes]:
    """HTML and PDF of an executed notebook."""
    from reports.factory import render

    frame, drawn = frame_of(content), render.draw_charts(notebook, content.language)
    return render.to_html(notebook, frame, drawn).encode(), render.to_pdf(notebook, frame, drawn)


def frame_of(content: Content) -> PlanFrame:
    """The frame of a report; its time is the day of the figures, never the clock."""
    stamp = dt.datetime(content.day.year, content.day.month, content.day.day, tzinfo=dt.UTC)
    language = content.language
    audience = "" if content.audience == "public" else say(f"municipal.audience_{content.audience}", language)
    return PlanFrame(
        content.name, content.municipality, content.day.year, language, content.demo, stamp, content.plain,
        head=say("municipal.title", language),
        state=say("municipal.state", language, day=day_text(content.day, language)),
        audience=audience,
    )  # fmt: skip
