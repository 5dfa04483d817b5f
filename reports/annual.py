"""The annual report of one town: parameters, tables, notebook, HTML and PDF.

Everything is checked before anything runs; files appear complete or not at all, and a rebuild from the same records
gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reports.bundle import Bundle
from reports.collect import collect, years_with_data
from reports.disclosure.ledger import read_published
from reports.disclosure.policy import read_policy
from reports.sources import Tables, labels
from validation.errors import ReportError, UsageError

if TYPE_CHECKING:
    from intake.study import Study

LANGUAGES = ("de", "en")
NOTEBOOK = "annual_report.ipynb"


@dataclass(frozen=True, slots=True)
class AnnualParameters:
    """What an annual report is asked for. municipality: AGS, text of eight digits, leading zero kept.  year: the
    calendar year, its last day is the Stichtag.  language: `de` or `en`. UsageError names what is ill-typed."""

    municipality: str
    year: int
    language: str = "de"

    def __post_init__(self) -> None:
        if not isinstance(self.municipality, str) or not re.fullmatch(r"[0-9]{8}", self.municipality):
            raise UsageError("report.municipality_type")
        if type(self.year) is not int or not 1900 <= self.year <= 9998:
            raise UsageError("report.year_type")
        if self.language not in LANGUAGES:
            raise UsageError("report.language_type")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(field.name for field in dataclasses.fields(cls))

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Parameters from a mapping; UsageError for an unknown name, a missing or an ill-typed one."""
        known = ", ".join(cls.names())
        for name in given:
            if name not in cls.names():
                raise UsageError("report.unknown_parameter", name=name, known=known)
        for field in dataclasses.fields(cls):
            if field.default is dataclasses.MISSING and field.name not in given:
                raise UsageError("report.missing_parameter", name=field.name, known=known)
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Built:
    """The files of one report."""

    html: Path
    pdf: Path
    notebook: Path


def build(
    study: Study,
    parameters: AnnualParameters,
    *,
    out: Path,
    known_at: dt.datetime | None = None,
    read: Callable[[], Tables] | None = None,
) -> Built:
    """Make the report of one town and year and put it into the directory `out`.

    known_at: editorial deadline (aware); None takes all that is stored, and names the day the last of it came. `read`
    gives the tables of the study as known then (`reports.as_of.followed_tables`) to whoever makes several reports.
    UsageError and ReportError come before anything runs; ReportError also when the notebook or the setting fails.
    Existing files are replaced only by complete ones.
    """
    bundle = tables_of(study, parameters, known_at=known_at, read=read)
    return publish(bundle, out=out, stamp=stamp_of(bundle))


def tables_of(
    study: Study,
    parameters: AnnualParameters,
    *,
    known_at: dt.datetime | None = None,
    read: Callable[[], Tables] | None = None,
) -> Bundle:
    """Everything the report prints, protected; `read` as `build`. ReportError naming the known towns, or the years with
    data."""
    from reports.as_of import followed_tables

    towns = study.municipalities
    if parameters.municipality not in towns:
        listed = ", ".join(f"{ags} {name}" for ags, name in towns.items())
        raise ReportError("report.unknown_municipality", municipality=parameters.municipality, known=listed)
    name = towns[parameters.municipality]
    today = (known_at or dt.datetime.now(study.tz)).astimezone(study.tz).date()
    if dt.date(parameters.year, 12, 31) > today:
        raise ReportError("report.year_not_over", year=parameters.year)
    tables = read() if read is not None else followed_tables(study, known_at=known_at)
    years = years_with_data(tables, parameters.municipality)
    if not years:
        raise ReportError("report.no_years", municipality=name)
    if parameters.year not in years:
        listed = ", ".join(map(str, years))
        raise ReportError("report.no_data", municipality=name, year=parameters.year, known=listed)
    known_day = known_at.astimezone(study.tz).date() if known_at else None
    bundle = collect(
        tables,
        municipality=parameters.municipality,
        name=name,
        year=parameters.year,
        language=parameters.language,
        demo=study.demo,
        policy=read_policy(study.dir / "disclosure.toml"),
        ledger=read_published(study.dir / "demo" / "published.csv"),
        labels=labels(study, parameters.language),
        known_at=known_day or last_known(tables, parameters.municipality, study.tz),
    )
    anchor = anchor_after(study, known_at or last_received(tables, parameters.municipality))
    return dataclasses.replace(bundle, plain=study.is_plain, anchor=anchor)


def last_known(tables: Tables, municipality: str, zone: dt.tzinfo) -> dt.date | None:
    """The day the town's last record was received: what a report knows that was given no editorial deadline."""
    moment = last_received(tables, municipality)
    return moment.astimezone(zone).date() if moment else None


def last_received(tables: Tables, municipality: str) -> dt.datetime | None:
    """When the town's last record was received; None where there is none."""
    roots = [table for table in tables.values() if "_received" in table]
    mine = [table.loc[table["_municipality"] == municipality, "_received"].dropna() for table in roots]
    moments = [received.max().to_pydatetime() for received in mine if len(received)]
    return max(moments) if moments else None


def anchor_after(study: Study, moment: dt.datetime | None) -> str:
    """Code and day of the first anchor of the study's own file that was set at a moment or later; '' where there is
    none. It covers everything the report counts, and later anchors do not change a report that is made again."""
    from intake.store import anchors

    known = anchors.read(anchors.list_of(study.store_path))
    later = sorted((dt.datetime.fromisoformat(each.made), anchors.short_of(each)) for each in known)
    found = next(((made, code) for made, code in later if moment is not None and made >= moment), None)
    return f"{found[1]} {found[0].astimezone(study.tz).date().isoformat()}" if found else ""


def stamp_of(bundle: Bundle) -> dt.datetime:
    """The time written into the files: the editorial deadline, or the day after the Stichtag. Never the clock, so
    that the same records give the same bytes."""
    date = bundle.known_at or bundle.day + dt.timedelta(days=1)
    return dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)


def stem(bundle: Bundle) -> str:
    """The files' name: `DEMO-jahresbericht-08235007-2022`, without DEMO for real data, `-en` for English."""
    demo = "DEMO-" if bundle.demo else ""
    language = "" if bundle.language == "de" else f"-{bundle.language}"
    return f"{demo}jahresbericht-{bundle.municipality}-{bundle.year}{language}"


def publish(bundle: Bundle, *, out: Path, stamp: dt.datetime) -> Built:
    """Run the notebook over a bundle and write HTML, PDF and the executed notebook."""
    import nbformat

    from reports.factory import engine, render

    frame = render.Frame(
        bundle.name,
        bundle.municipality,
        bundle.year,
        bundle.language,
        bundle.demo,
        stamp,
        bundle.plain,
        bundle.anchor,
    )
    with tempfile.TemporaryDirectory(prefix="lotsenbuch-") as directory:
        work = Path(directory)
        (work / "tables.json").write_text(bundle.to_json(), encoding="utf-8")
        given = {name: getattr(bundle, name) for name in AnnualParameters.names()}
        executed = engine.execute(notebook_path(), {**given, "tables": "tables.json"}, work=work)
    charts = render.draw_charts(executed, bundle.language)
    name = stem(bundle)
    built = Built(out / f"{name}.html", out / f"{name}.pdf", out / f"{name}.ipynb")
    write_together(
        {
            built.html: render.to_html(executed, frame, charts).encode(),
            built.pdf: render.to_pdf(executed, frame, charts),
            built.notebook: nbformat.writes(executed).encode(),
        }
    )
    return built


def notebook_path(name: str = NOTEBOOK) -> Path:
    """A report's notebook: beside the source, else where the wheel puts it."""
    import sysconfig

    beside = Path(__file__).resolve().parent.parent / "notebooks" / name
    if beside.exists():
        return beside
    return Path(sysconfig.get_path("data")) / "share" / "lotsenbuch" / "notebooks" / name


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write all files, then rename them into place: no file is ever half written, and none is replaced before all are
    on disk. ReportError where that fails."""
    written: dict[Path, Path] = {}
    target = next(iter(files)).parent
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            part = path.with_name(f".{path.name}.part")
            written[path] = part
            with part.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        for path, part in written.items():
            part.replace(path)
    except OSError as error:
        raise ReportError("report.write", path=target, cause=error.strerror or type(error).__name__) from error
    finally:
        for part in written.values():
            part.unlink(missing_ok=True)
