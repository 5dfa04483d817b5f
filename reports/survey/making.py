"""`lotsenbuch report survey`: gathers, runs the notebook, writes HTML and PDF for each form that has records."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

from intake.study import Study
from intake.submission import Submission
from reports.annual import notebook_path, write_together
from reports.factory.render import Frame
from reports.survey.counting import AUDIENCES, Survey, gather
from reports.wording import day
from validation.errors import ReportError, UsageError
from validation.messages import say

NOTEBOOK = "survey.ipynb"


@dataclass(frozen=True, slots=True)
class SurveyFrame(Frame):
    """What stands around the chapters; `name` is the study's and the form's title, `state` what the figures know."""

    state: str = ""
    key: str = ""

    @property
    def title(self) -> str:
        return say("survey.title", self.language)

    @property
    def subtitle(self) -> str:
        return self.name

    def words(self) -> dict[str, str]:
        return {**Frame.words(self), "key": self.key, "state": self.state, "anchor": ""}


@dataclass(frozen=True, slots=True)
class Built:
    """The files of one form's report."""

    form: str
    html: Path
    pdf: Path


def build(
    study: Study, *, out: Path, form: str | None = None, audience: str = "public", language: str = "de"
) -> list[Built]:
    """Make the report of a form, or of every form of the study that has records: `befragung-<form>-<audience>.html` and
    `.pdf`, with DEMO before them for made-up data. They say the day of the last record and no other time, so the same
    records give the same bytes. UsageError for an audience that there is not, ReportError where nothing was handed in,
    StudyError and StoreError as what it calls.
    """
    if audience not in AUDIENCES:
        raise UsageError("survey.audience", audience=audience, known=", ".join(AUDIENCES))
    found: dict[str, dict[str, Submission]] = {}
    with study.store() as store:
        for each in store.submissions():
            known = found.setdefault(each.form_id, {})
            if each.id not in known or known[each.id].version < each.version:
                known[each.id] = each
        wanted = [form] if form else [name for name in study.forms() if name in found]
        forms = {name: study.form(name, store) for name in wanted}
    if not any(found.get(name) for name in wanted):
        raise ReportError("survey.no_records", form=form or ", ".join(study.order))
    return [
        _publish(gather(study, forms[name], list(found[name].values()), audience=audience, language=language), out)
        for name in wanted
    ]


def _publish(survey: Survey, out: Path) -> Built:
    from reports.factory import engine, render

    with tempfile.TemporaryDirectory(prefix="lotsenbuch-") as directory:
        work = Path(directory)
        (work / "survey.json").write_text(survey.to_json(), encoding="utf-8")
        executed = engine.execute(
            notebook_path(NOTEBOOK), {"language": survey.language, "figures": "survey.json"}, work=work
        )
    frame, charts = frame_of(survey), render.draw_charts(executed, survey.language)
    demo, language = "DEMO-" if survey.demo else "", "" if survey.language == "de" else f"-{survey.language}"
    stem = f"{demo}befragung-{survey.form}-{survey.audience}{language}"
    built = Built(survey.form, out / f"{stem}.html", out / f"{stem}.pdf")
    write_together(
        {
            built.html: render.to_html(executed, frame, charts).encode(),
            built.pdf: render.to_pdf(executed, frame, charts),
        }
    )
    return built


def frame_of(survey: Survey) -> SurveyFrame:
    """The frame of a report: its key says who may read it."""
    last = dt.date.fromisoformat(survey.day)
    state = say("survey.state", survey.language, day=day(last, survey.language))
    key = say(f"survey.key_{survey.audience}", survey.language)
    stamp = dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC)
    return SurveyFrame(
        survey.title, "", last.year, survey.language, survey.demo, stamp, survey.plain, state=state, key=key
    )
