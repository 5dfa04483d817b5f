"""The check of an export in Parquet by the forms of a study, without its store or a key; on one machine or many.

What a pseudonymous export does not have as it was answered is not judged (`intake.unjudged`), and how much that is, is
said. Records of a version of a form that is not at hand are counted and left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from intake.checking import CheckReport, FormCheck
from intake.entitysheet import Declared
from intake.exchange.extract import Note
from intake.exchange.parquet import read
from intake.exchange.profiles import FULL, PUBLIC
from intake.findings import case_names, found, record_of
from intake.media import instances
from intake.publishing import PublishedForm, freeze
from intake.study import Study
from intake.unjudged import fair, unjudged
from validation import read_form
from validation.errors import DataError
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, layout
from validation.messages import say
from validation.report import Report
from validation.schema import check

_OURS = (KEY, PARENT_KEY, *ENVELOPE)


@dataclass(frozen=True, slots=True)
class Exported:
    """The tables of one form in an export, with what their files tell: form, version and profile."""

    form_id: str
    version: str
    profile: str
    tables: Mapping[str, pd.DataFrame] = field(repr=False)


def read_export(directory: Path) -> list[Exported]:
    """The forms of an export by id. DataError 'exported.none' where there are none, 'exported.public' for a public one,
    'export.no_parquet' for a file that cannot be read."""
    files = [read(path.read_bytes()) for path in sorted(directory.glob("*.parquet"))]
    by_form: dict[str, dict[str, pd.DataFrame]] = {}
    told: dict[str, Mapping[str, str]] = {}
    for frame, about in files:
        if {"form", "table", "version", "profile"} <= about.keys():
            by_form.setdefault(about["form"], {})[about["table"]] = frame
            told[about["form"]] = about
    if not by_form:
        raise DataError("exported.none", directory=directory)
    if any(about["profile"] == PUBLIC for about in told.values()):
        raise DataError("exported.public", directory=directory)
    return [Exported(name, told[name]["version"], told[name]["profile"], by_form[name]) for name in sorted(by_form)]


def check_export(
    study: Study, directory: Path, *, scheduler: str | None = None, progress: Callable[[str], None] | None = None
) -> CheckReport:
    """The report of an export, with what of it could not be judged.

    Each record is judged by the workbook of its form in the study, where that is of the record's version; its now() is
    its own end, or when it was received. `scheduler` as `intake.distributed.check_on`, None for this process;
    `progress` is told in German how far it is. DataError as `read_export`, and 'exported.unknown_form' for a form that
    the study does not have; FormError as `freeze`; what `check_on` refuses.
    """
    taken = read_export(directory)
    declared = Declared()
    frozen_forms = (freeze(path, versioned=False, declared=declared) for path in study.form_paths())
    published = {frozen.form_id: frozen for frozen in frozen_forms}
    checks: list[FormCheck] = []
    notes: list[Note] = []
    moments: list[dt.datetime] = []
    for each in taken:
        if each.form_id not in published:
            raise DataError("exported.unknown_form", form=each.form_id, study=study.title)
        frozen = published[each.form_id]
        form = read_form(frozen.xform)
        tables, others = _of_version(form, each.tables)
        if others:
            notes.append(
                Note("exported.other_version", {"form": form.title, "version": form.version, "count": str(others)})
            )
        received = _received(tables.get(form.id))
        moments += received.values()
        if progress is not None:
            progress(say("check.reading", form=form.title, records=len(tables.get(form.id, ()))))
        report = _report(form, frozen, tables, received, study.zone, scheduler, progress)
        if each.profile != FULL:
            report, asked = _fair(form, tables, report)
            notes += asked
        checks.append(_found(form, tables, report))
    as_of = max(moments, default=None)
    return CheckReport(study.title, study.demo, study.zone, as_of, tuple(checks), not_judged=tuple(notes))


# --- within


def _of_version(form: Form, tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], int]:
    """The records of the form's own version with their entries and columns, and how many others there are."""
    root = tables.get(form.id)
    if root is None or "_version" not in root:
        return dict(tables), 0
    mine = (root["_version"].fillna("") == form.version).to_numpy(dtype=bool)
    kept = set(root.loc[mine, KEY])
    known = {name: {*_OURS, *(column.name for column in table.columns)} for name, table in layout(form).items()}
    made = {}
    for name, frame in tables.items():
        rows = mine if name == form.id else frame[KEY].map(record_of).isin(kept).to_numpy(dtype=bool)
        own = frame if mine.all() else frame[rows].reset_index(drop=True)
        strange = [column for column in own if column not in known.get(name, own.columns) and own[column].isna().all()]
        made[name] = own.drop(columns=strange)
    return made, int((~mine).sum())


def _received(records: pd.DataFrame | None) -> dict[str, dt.datetime]:
    if records is None or not {KEY, "_received"} <= {*records.columns}:
        return {}
    there = records["_received"].notna()
    moments = [moment.to_pydatetime() for moment in records.loc[there, "_received"]]
    return dict(zip(records.loc[there, KEY], moments, strict=True))


def _report(
    form: Form, frozen: PublishedForm, tables: Mapping[str, pd.DataFrame], received: Mapping[str, dt.datetime],
    zone: str, scheduler: str | None, progress: Callable[[str], None] | None,
) -> Report:  # fmt: skip
    files = instances(form, frozen.lists)
    if scheduler is None:
        return check(form, tables, default_now=received, zone=zone, instances=files)
    from intake.distributed import check_on

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(say("distributed.progress", form=form.title, done=done, total=total))

    return check_on(scheduler, frozen.xform, tables, default_now=received, zone=zone, instances=files, progress=told)


def _fair(form: Form, tables: Mapping[str, pd.DataFrame], report: Report) -> tuple[Report, list[Note]]:
    """The report without what the profile is the reason of, and how many questions that concerns."""
    unasked = unjudged(form, tables)
    partly = {nodeset for nodeset, _ in unasked.rules} - {*unasked.missing.values()}
    fields = {"form": form.title, "missing": str(len(unasked.missing)), "partly": str(len(partly))}
    return fair(form, tables, report, unasked), [Note("exported.unjudged", fields)]


def _found(form: Form, tables: Mapping[str, pd.DataFrame], report: Report) -> FormCheck:
    shapes = layout(form)
    root = shapes[form.id] if form.id in shapes else next(iter(shapes.values()))
    failures = [tuple(str(value) for value in row[:5]) for row in report.failures.to_numpy()]
    records = tables.get(root.name, pd.DataFrame({KEY: [], "_subject": []}))
    there = replace(root, columns=tuple(column for column in root.columns if column.name in records))
    names = case_names(records, there, {(key, column) for _, key, _, column, _ in failures})
    problems = tuple(found(shapes, (table, key, nodeset, column, rule), names)
                     for table, key, nodeset, column, rule in failures)  # fmt: skip
    return FormCheck(
        form=form,
        records=len(records),
        entries=sum(len(frame) for name, frame in tables.items() if name in shapes and name != root.name),
        failed=len({problem.record for problem in problems if problem.key}),
        problems=problems,
    )
