"""Made-up records into files: one CSV a table as ODK Central writes it, or one canonical record a line.

With faults the tables stand there as `validation.layout` has them, a column a question, because what is spoilt need not
be what Central could write; `planted.csv` beside them says what was spoilt: kind, rule, table, key, column.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from validation.errors import FormError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from intake.submission import Record, Submission
    from validation.form import Form

ZONE = "Europe/Berlin"
LINES = (".jsonl", ".ndjson")
PLANTED = "planted.csv"


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was written: records, rows by table (empty for lines), labels of the questions nobody was asked or could
    answer, and how many faults of each kind were planted."""

    form: str
    version: str
    seed: int
    day: str
    rounds: int
    records: int
    tables: Mapping[str, int] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    planted: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The same for JSON."""
        return {
            "form": self.form, "version": self.version, "seed": self.seed, "day": self.day, "rounds": self.rounds,
            "records": self.records, "tables": dict(self.tables), "never_answered": list(self.never),
            "planted": dict(self.planted),
        }  # fmt: skip


def write_simulated(
    form_file: Path,
    target: Path,
    *,
    number: int,
    seed: int,
    rounds: int = 1,
    day: str | None = None,
    faults: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Simulated:
    """Makes up records for the form in a workbook and writes them to a new directory, or to a file of lines.

    `day` (ISO) is the day of the last round, today when None: with it, the form and the seed give the same files
    again. UsageError where the target is there already, the day is none, or faults are asked for in lines; FormError
    where the form is wrong or cannot be satisfied. Nothing is written then.
    """
    from intake.simulate import simulate
    from intake.xlsform import convert, read_converted

    lines = target.suffix in LINES
    if target.exists() and (lines or not target.is_dir() or any(target.iterdir())):
        raise UsageError("simulate.target_exists", path=target)
    if lines and faults:
        raise UsageError("simulate.faults_in_lines")
    now = _noon(day)
    converted = convert(form_file)
    form = read_converted(converted)
    given = _external(form, form_file, converted.lists)
    made: list[Submission] = []
    for submission in simulate(form, number, seed, now, instances=given, rounds=rounds):
        made.append(submission)
        if progress is not None:
            progress(len(made))
    told = Simulated(form.id, form.version, seed, now.date().isoformat(), rounds, len(made), never=_never(form, made))
    if lines:
        _write_lines(made, target)
        return told
    tables, kinds = _written(form, made, target, seed=seed, faults=faults, instances=given)
    return replace(told, tables=tables, planted=kinds)


def _noon(day: str | None) -> dt.datetime:
    zone = ZoneInfo(ZONE)
    try:
        when = dt.datetime.now(zone).date() if day is None else dt.date.fromisoformat(day)
    except ValueError as error:
        raise UsageError("simulate.bad_day", day=day or "") from error
    return dt.datetime.combine(when, dt.time(12), zone)


def _external(form: Form, form_file: Path, made: Mapping[str, bytes]) -> dict[str, str]:
    """The files the form reads. FormError where one is missing or wrong."""
    from intake.media import attached, instances

    media = attached(form, form_file, made)
    if problems := (*media.missing, *media.problems):
        raise FormError(problems)
    return instances(form, {**made, **media.files})


def _never(form: Form, made: list[Submission]) -> tuple[str, ...]:
    from intake.simulation.filling import never_answered
    from validation.layout import question_label

    answered = {name for submission in made for name in _answered(submission.record)}
    return tuple(question_label(form, nodeset) for nodeset in never_answered(form, answered))


def _answered(record: Record) -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, list):
            for entry in value:
                yield from _answered(entry)
        elif value:
            yield name


def _write_lines(made: list[Submission], target: Path) -> None:
    from intake.submission import canonical

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"".join(canonical(submission.record) + b"\n" for submission in made))


def _written(
    form: Form, made: list[Submission], target: Path, *, seed: int, faults: bool, instances: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Writes the tables. Rows by table, and planted faults by kind."""
    from intake.exchange.central_csv import documents, safe
    from intake.exchange.extract import extract_submissions
    from intake.simulation.faults import planted
    from intake.simulation.texts import as_texts
    from intake.tables import tables

    frames = tables(form, made)
    kinds: Counter[str] = Counter()
    if faults:
        frames, found = planted(form, frames, seed=seed, instances=instances)
        kinds.update(found["kind"])
        spoilt = {f"{safe(name)}.csv": as_texts(form, name, frame) for name, frame in frames.items()}
        files = {name: _csv(frame) for name, frame in {**spoilt, PLANTED: found}.items()}
    else:
        files = documents(extract_submissions(form, made))
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (target / name).write_text(text, encoding="utf-8", newline="")
    return {name: len(frame) for name, frame in frames.items()}, dict(sorted(kinds.items()))


def _csv(frame: pd.DataFrame) -> str:
    """RFC 4180, with line feeds as ODK Central ends its lines."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([["" if cell is None else cell for cell in row] for row in _rows(frame)])
    return file.getvalue()


def _rows(frame: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    columns = [frame.iloc[:, place].astype(object) for place in range(frame.shape[1])]
    cells = [column.where(column.notna(), None).tolist() for column in columns]
    return zip(*cells, strict=True)
