"""Whole documents: XForms that must load or be refused by name, workbooks that must load and be filled."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.cases import Result, Skip, reason_to_skip

from intake.record import xml_from_record
from intake.simulate import simulate
from intake.xlsform import read_xlsform
from validation import Instance, read_form
from validation.errors import FormError, Problem
from validation.form import Form
from validation.secondary import LAST_SAVED

NOW = dt.datetime(2026, 3, 2, 10, 30, tzinfo=dt.UTC)
REFUSALS = Path(__file__).with_name("refusals.csv")
SHEETS = (".xlsx", ".xls", ".csv", ".md")
Read = Callable[[bytes], Form]
ReadSheet = Callable[[Path], Form]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A Problem we stand by: its code, what it names (a regular expression) and why it is right to refuse it."""

    code: str
    names: str
    reason: str


def read_refusals(path: Path = REFUSALS) -> list[Refusal]:
    """The list of what is refused on purpose."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Refusal(row["code"], row["names"], row["reason"].strip()) for row in csv.DictReader(file)]


def run_forms(directory: Path, skips: Sequence[Skip], suite: str, read: Read = read_form) -> Iterator[Result]:
    """One result a form: it loads and an interview opens, or every Problem is one that we stand by."""
    refusals = read_refusals()
    for path in sorted(directory.glob("*.xml")):
        name = path.name
        reason = reason_to_skip(skips, suite, name)
        if reason:
            yield Result(name, "skipped", reason)
            continue
        try:
            form = read(path.read_bytes())
            Instance(form, now=NOW, instances=stand_ins(form))
        except FormError as error:
            yield judge_refusal(name, path.read_text("utf-8"), error.problems, refusals)
        except Exception as error:  # noqa: BLE001 - a crash is a failed case, and the other cases still run
            yield Result(name, "failed", f"crash {error!r}")
        else:
            yield Result(name, "passed", "loads")


def judge_refusal(name: str, text: str, problems: Sequence[Problem], refusals: Sequence[Refusal]) -> Result:
    """Whether each Problem is one we stand by and speaks of something that the document (or a sheet) holds."""
    for problem in problems:
        said = " ".join(str(value) for value in problem.fields.values())
        words = re.findall(r"\w{2,}", said) or re.findall(r"\w{2,}", problem.place.nodeset)
        if not any(refusal.code == problem.code and re.search(refusal.names, said) for refusal in refusals):
            return Result(name, "failed", f"refused without a reason: {problem.code} {said}")
        if not problem.place.sheet and words and not any(word in text for word in words):
            return Result(name, "failed", f"refused for what is not there: {problem.code} {said}")
    return Result(name, "passed", f"refused: {', '.join(problem.code for problem in problems)}")


def run_workbooks(
    directory: Path, skips: Sequence[Skip], suite: str, read: ReadSheet = read_xlsform
) -> Iterator[Result]:
    """One result a workbook: where pyxform converts it, it loads and is filled at random; else it is refused by row."""
    refusals = read_refusals()
    for path in sorted(path for path in directory.iterdir() if path.suffix in SHEETS):
        reason = reason_to_skip(skips, suite, path.name)
        if reason:
            yield Result(path.name, "skipped", reason)
        else:
            yield _workbook(path, read, refusals)


def _workbook(path: Path, read: ReadSheet, refusals: Sequence[Refusal]) -> Result:
    xform = converted(path)
    try:
        form = read(path)
        given = stand_ins(form)
        made = list(simulate(form, 3, 1, NOW, instances=given))
        wrong = [hit for record in made for hit in reopened(form, record.record, given)]
    except FormError as error:
        if xform is None:
            placed = all(problem.place.sheet or problem.place.row for problem in error.problems)
            return Result(path.name, "passed" if placed else "failed", f"refused: {error}")
        return judge_refusal(path.name, xform, error.problems, refusals)
    except Exception as error:  # noqa: BLE001 - a crash is a failed case, and the other cases still run
        return Result(path.name, "failed", f"crash {error!r}")
    if xform is None:
        return Result(path.name, "failed", "loads, although pyxform refuses it")
    return Result(path.name, "passed" if made and not wrong else "failed", " ".join(wrong))


def reopened(form: Form, record: Mapping[str, object], given: Mapping[str, str]) -> list[str]:
    """What is wrong with a record when it is opened again: nothing may be."""
    instance = Instance(form, now=NOW, xml=xml_from_record(dict(record), form), instances=given)
    return [f"{hit.kind} at {hit.path}" for hit in instance.violations() if hit.kind != "warning"]


def converted(path: Path) -> str | None:
    """What pyxform makes of a workbook; None where it refuses it."""
    import warnings

    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's, about extensions of other people's files
        try:
            return convert(str(path), validate=False).xform
        except PyXFormError:
            return None


def stand_ins(form: Form) -> dict[str, str]:
    """A file for each that a form names, with one row of every column that is asked for."""
    wanted = {name: source for name, source in form.external.items() if source != LAST_SAVED}
    return {name: _file(source, form) for name, source in wanted.items()}


def _file(source: str, form: Form) -> str:
    names = {"name", "label", "geometry"}
    for control in form.controls():
        if control.itemset is not None:
            names.add(control.itemset.value.strip("./"))
    columns = sorted(name for name in names if name.isidentifier())
    if source.endswith(".xml"):
        return f"<root><item>{''.join(f'<{name}>a</{name}>' for name in columns)}</item></root>"
    if source.endswith("json"):
        properties = ", ".join(f'"{name}": "a"' for name in columns if name != "geometry")
        point = '{"type": "Point", "coordinates": [8.7, 48.7]}'
        feature = f'{{"type": "Feature", "id": "a", "properties": {{{properties}}}, "geometry": {point}}}'
        return f'{{"type": "FeatureCollection", "features": [{feature}]}}'
    return f"{','.join(columns)}\n{','.join('a' for _ in columns)}\n"
