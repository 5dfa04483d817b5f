"""Indicators: rows of a table, counted on records by expressions in the same language as the form.

A row of `indicators.csv` names a universe (a set of rows, see UNIVERSES), a numerator and, for a ratio, a denominator.
An expression sees one row of its universe: every column is a child element by its name, dates are ISO text, truth
values are the texts 'true' and 'false', no answer is empty; today() is the date of the report. A condition counts 1
where it holds, a number is added; with measure `distinct` the different texts are counted, with `median` the value in
the middle of the numbers is taken.

What is missing never counts as anything (R6): a row in which a column that the expression reads is empty is left out
and counted as missing. Where numerator and denominator have the same universe, both are taken over the same rows: a
denominator that is a condition chooses them. A denominator of another universe is taken by itself.

Results are exact counts of persons and not protected; what is printed goes through `reports.disclosure.protect`.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from reports.snapshot import State
from reports.universes import UNIVERSES
from validation.errors import ReportError, XPathError
from validation.tree import Node
from validation.xpath.evaluator import Context, evaluate_tree, to_string
from validation.xpath.parser import Expression, parse, references

ZONE = ZoneInfo("Europe/Berlin")
"""The zone of today(). Rows carry dates without time, so it decides nothing but the type."""

GERMAN, ENGLISH = "label::Deutsch (de)", "label::English (en)"
COLUMNS = ("code", GERMAN, ENGLISH, "universe", "measure", "numerator", "denominator", "denominator_universe",
           "reference", "unit")  # fmt: skip
NEEDED = ("code", GERMAN, ENGLISH, "universe", "measure", "numerator", "reference", "unit")
MEASURES = ("sum", "distinct", "median")
REFERENCES = ("date", "year", "since")
UNITS = ("persons", "episodes", "number", "%", "FTE", "persons/FTE", "days", "EUR/person")

_ROW = "/row"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `names` by language code; `denominator` None means the value is the numerator.

    `reference` says what the figure is of: `date` (the day of the report), `year` (1 January to that day), `since`
    (from the start of the cumulative count). Code and reference together are unique. `file` and `row` say where it is
    written, for messages.
    """

    code: str
    names: Mapping[str, str]
    universe: str
    measure: str
    numerator: Expression
    denominator: Expression | None
    denominator_universe: str
    reference: str
    unit: str
    file: str = ""
    row: int = 0

    def name(self, language: str = "de") -> str:
        """The name in a language; German where it has none."""
        return self.names.get(language) or self.names["de"]


def read_indicators(path: Path | str) -> tuple[Indicator, ...]:
    """The indicators of a table, in its order. ReportError naming row and column for whatever is wrong with it."""
    place = Path(path)
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                raise ReportError("indicator.unreadable", file=place.name, columns=", ".join(COLUMNS))
            rows = [(reader.line_num, {key: (value or "").strip() for key, value in row.items() if key})
                    for row in reader]  # fmt: skip
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportError("indicator.unreadable", file=place.name, columns=", ".join(COLUMNS)) from error
    found: dict[tuple[str, str], Indicator] = {}
    for number, row in rows:
        indicator = _indicator(row, place.name, number)
        if (indicator.code, indicator.reference) in found:
            raise ReportError("indicator.twice", file=place.name, row=number, indicator=indicator.code)
        found[indicator.code, indicator.reference] = indicator
    return tuple(found.values())


def compute(indicators: Iterable[Indicator], state: State, *, since: dt.date) -> pd.DataFrame:
    """The figures of a state, one row an indicator, in their order.

    Columns: code, reference, unit, numerator, denominator (NA: none), value (the numerator, or numerator / denominator,
    times 100 for '%'; NA where the denominator is 0), missing (rows left out, int64). Float64, not rounded. Raises
    ReportError naming the row of the table where an expression reads a column its universe does not have.
    """
    frames: dict[tuple[str, str], pd.DataFrame] = {}

    def universe(name: str, reference: str) -> pd.DataFrame:
        if (name, reference) not in frames:
            frames[name, reference] = UNIVERSES[name](state, _period(state.date, reference, since))
        return frames[name, reference]

    rows = []
    for indicator in indicators:
        own = universe(indicator.universe, indicator.reference)
        other = universe(indicator.denominator_universe, indicator.reference)
        numerator, denominator, missing = _count(indicator, own, other, state.date)
        value: float | None = numerator
        if indicator.denominator is not None:
            value = numerator / denominator if denominator and numerator is not None else None
        if value is not None and indicator.unit == "%":
            value *= 100
        rows.append((indicator.code, indicator.reference, indicator.unit, numerator, denominator, value, missing))
    names = ["code", "reference", "unit", "numerator", "denominator", "value", "missing"]
    kinds = dict.fromkeys(("numerator", "denominator", "value"), "Float64")
    return pd.DataFrame(rows, columns=names).astype({"missing": "int64", **kinds})


def _period(date: dt.date, reference: str, since: dt.date) -> dt.date:
    return {"date": date, "year": dt.date(date.year, 1, 1), "since": since}[reference]


# --- counting


def _count(
    indicator: Indicator, own: pd.DataFrame, other: pd.DataFrame, date: dt.date
) -> tuple[float | None, float | None, int]:
    """Numerator, denominator and the number of rows left out."""
    numerator = _Reader(indicator, "numerator", indicator.numerator, indicator.universe, own, date)
    if indicator.denominator is None:
        values = numerator.values()
        return _measured(indicator, values), None, _empty(values)
    denominator = _Reader(indicator, "denominator", indicator.denominator, indicator.denominator_universe, other, date)
    below = denominator.values()
    if indicator.denominator_universe != indicator.universe:
        values = numerator.values()
        return _measured(indicator, values), _total(below), _empty(values) + _empty(below)
    taken = [at for at, value in enumerate(below) if value is not None and value is not False]
    values = numerator.values(taken)
    known = [at for at, value in zip(taken, values, strict=True) if value is not None]
    return _measured(indicator, values), _total([below[at] for at in known]), _empty(below) + _empty(values)


Taken = Sequence[bool | float | str | None]


def _measured(indicator: Indicator, values: Taken) -> float | None:
    """Sum, number of different texts, or median; None for the median of nothing."""
    if indicator.measure == "distinct":
        return float(len({value for value in values if value is not None}))
    if indicator.measure == "median":
        known = [float(value) for value in values if value is not None]
        return statistics.median(known) if known else None
    return _total(values)


def _total(values: Taken) -> float:
    return float(sum(float(value) for value in values if value is not None))


def _empty(values: Taken) -> int:
    return sum(value is None for value in values)


class _Reader:
    """One expression over the rows of one universe."""

    def __init__(
        self,
        indicator: Indicator,
        column: str,
        expression: Expression,
        universe: str,
        frame: pd.DataFrame,
        date: dt.date,
    ) -> None:
        self.indicator, self.column, self.expression = indicator, column, expression
        self.distinct = indicator.measure == "distinct" and column == "numerator"
        self.now = dt.datetime.combine(date, dt.time(12), tzinfo=ZONE)
        self.names = _columns_read(indicator, column, expression)
        for name in self.names:
            if name not in frame.columns:
                raise _wrong(indicator, "unknown_column", column, name=name, universe=universe)
        self.cells = {name: [_text(value) for value in frame[name].tolist()] for name in self.names}
        self.rows = len(frame)

    def values(self, rows: Sequence[int] | None = None) -> list[bool | float | str | None]:
        """The value of each row: truth, number or (distinct) text; None where a column it reads is empty."""
        return [self.value(row) for row in (range(self.rows) if rows is None else rows)]

    def value(self, row: int) -> bool | float | str | None:
        texts = {name: cells[row] for name, cells in self.cells.items()}
        if not all(texts.values()):
            return None
        return _evaluate(self.indicator, self.column, self.expression, texts, self.now, distinct=self.distinct)


def _evaluate(
    indicator: Indicator, column: str, expression: Expression, texts: Mapping[str, str], now: dt.datetime,
    *, distinct: bool
) -> bool | float | str | None:  # fmt: skip
    row = Node.element("row")
    for name, text in texts.items():
        row.append(Node.element(name, text))
    context = Context(node=row, root=Node.document(row), now=now, tz=ZONE)
    try:
        value = evaluate_tree(expression, context)
    except XPathError as error:
        raise _wrong(indicator, "expression", column, position=error.position) from error
    if distinct:
        return to_string(value) or None
    if isinstance(value, bool):
        return value
    number = context.number(value)
    return None if math.isnan(number) else number


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)


# --- reading the table


def _indicator(row: Mapping[str, str], file: str, number: int) -> Indicator:
    made = Indicator(
        code=row["code"],
        names={"de": row[GERMAN], "en": row[ENGLISH]},
        universe=row["universe"],
        measure=row["measure"],
        numerator=parse("true()"),
        denominator=None,
        denominator_universe=row["denominator_universe"] or row["universe"],
        reference=row["reference"],
        unit=row["unit"],
        file=file,
        row=number,
    )
    for column in NEEDED:
        if not row[column]:
            raise _wrong(made, "empty", column)
    allowed = {"universe": UNIVERSES, "denominator_universe": UNIVERSES, "measure": MEASURES,
               "reference": REFERENCES, "unit": UNITS}  # fmt: skip
    for column, words in allowed.items():
        if row[column] and row[column] not in words:
            raise _wrong(made, "unknown_word", column, word=row[column], known=", ".join(words))
    if row["denominator"] and made.measure == "median":
        raise _wrong(made, "median_ratio", "denominator")
    if not row["denominator"] and (made.unit in ("%", "persons/FTE") or row["denominator_universe"]):
        raise _wrong(made, "no_denominator", "denominator", unit=made.unit)
    numerator = _expression(made, "numerator", row["numerator"])
    denominator = _expression(made, "denominator", row["denominator"]) if row["denominator"] else None
    return Indicator(
        made.code, made.names, made.universe, made.measure, numerator, denominator, made.denominator_universe,
        made.reference, made.unit, file, number,
    )  # fmt: skip


def _expression(indicator: Indicator, column: str, text: str) -> Expression:
    """The expression, tried once on a row of empty texts so that an unknown function is found when it is read."""
    try:
        expression = parse(text)
    except XPathError as error:
        raise _wrong(indicator, "expression", column, position=error.position) from error
    texts = dict.fromkeys(_columns_read(indicator, column, expression), "")
    _evaluate(indicator, column, expression, texts, dt.datetime(2000, 1, 1, tzinfo=ZONE), distinct=False)
    return expression


def _columns_read(indicator: Indicator, column: str, expression: Expression) -> list[str]:
    found = []
    for nodeset in sorted(references(expression, _ROW)):
        name = nodeset.removeprefix(f"{_ROW}/")
        if name == nodeset or not name or any(sign in name for sign in "/*@."):
            raise _wrong(indicator, "not_a_row", column, name=nodeset)
        found.append(name)
    return found


def _wrong(indicator: Indicator, code: str, column: str, **fields: object) -> ReportError:
    return ReportError(
        f"indicator.{code}", file=indicator.file, row=indicator.row, indicator=indicator.code, column=column, **fields
    )
