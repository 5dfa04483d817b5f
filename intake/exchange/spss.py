"""Tables as SPSS (.sav) and Stata (.dta) files: labels of variables and values, reasons for no answer as missing.

    write(take, SAV, folder) -> (paths, notes)       a file a table, and beside each `<table>.variables.csv`

What becomes what. One choice from a fixed list is a number: the choice itself where all of them are whole numbers, else
its place in the list from 1, labelled; a value in no list comes after the others, labelled by itself. Numbers are
numbers, yes or no is 1 or 0, dates and date-times (in UTC, without saying so) are dates of the program, all else is
text. Several choices are text, on demand also a variable of 0 and 1 a choice.

The reason for no answer (`<name>__missing`) stands in the variable itself where that is a number: in SPSS as one of
four negative numbers that are a range of user-defined missing values (-99 to -96, or with more nines where an answer is
one of these), in Stata as .a to .d; both labelled. Beside a text or a date it is a variable of its own, and everywhere
when some row has both an answer and a reason.

Limits, and what is done: names of variables are ASCII letters, digits and '_' (ä is ae, '-' is '_', what does not begin
with a letter gets 'v_', a reserved word '_' behind it), at most 64 long, in Stata 28 (pyreadstat puts a number behind
them for sets of labels, and those have 32), each once whatever the case: cut and numbered. Labels are cut, of variables
at 256 bytes (Stata 80 characters), of values at 120 bytes (Stata 32,000 characters). SPSS cuts texts at 32,767 bytes
and takes no blanks at the end. Whatever was cut is told in a note with table, variable and number; the file
`<table>.variables.csv` has every variable with its column, nodeset and whole labels.

The only file that imports pyreadstat, which is the extra `spss`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from intake.columns import VALUES
from intake.exchange.beside import HOW, column_label, how_labels
from intake.exchange.central_csv import Cells, chosen, safe, written
from intake.exchange.extract import Extract, Note
from intake.exchange.guard import guarded
from validation.errors import UsageError
from validation.layout import Column, choice_labels, takes_many

REASONS = tuple(VALUES["missing"])
"""The reasons for no answer, in the order of their codes."""

_MISSING = "__missing"
_LETTERS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"))
_RESERVED = frozenset(
    ("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with", "byte", "double", "float")
) | {"if", "in", "int", "long", "str", "strl", "using"}


@dataclass(frozen=True, slots=True)
class Program:
    """A program's file and its limits: characters of names; bytes or characters of labels; bytes of texts (0: none)."""

    ending: str
    names: int
    label: int
    value_label: int
    counts_bytes: bool
    text: int


SAV = Program(".sav", 64, 256, 120, counts_bytes=True, text=32_767)
DTA = Program(".dta", 28, 80, 32_000, counts_bytes=False, text=0)


@dataclass(slots=True)
class _Variable:
    """A variable: `values` are floats, dates, or texts; `labels` those of numbers, `missing` those of its missing codes
    by reason; `codes` the value each number stands for."""

    name: str
    column: str
    nodeset: str
    label: str
    values: pd.Series
    labels: dict[float | str, str] = field(default_factory=dict)
    missing: dict[float | str, str] = field(default_factory=dict)
    codes: dict[float | str, str] = field(default_factory=dict)
    measure: str = "nominal"


def library() -> ModuleType:
    """pyreadstat. UsageError 'export.no_pyreadstat', which says how to get it."""
    try:
        import pyreadstat
    except ImportError as error:
        raise UsageError("export.no_pyreadstat") from error
    return pyreadstat


def write(
    take: Extract, program: Program, folder: Path, *, language: str = "de", split: bool = False
) -> tuple[list[Path], list[Note]]:
    """Write every table of an extract into a folder. UsageError 'export.no_pyreadstat'."""
    pyreadstat = library()
    paths: list[Path] = []
    notes: list[Note] = []
    for name, frame in take.typed().items():
        made = _Table(take, name, program, language)
        variables = made.variables(frame, split=split)
        if program is DTA:
            made.apart(variables)
        data = pd.DataFrame({each.name: each.values for each in variables})
        path = folder / f"{safe(name)}{program.ending}"
        labels = {each.name: made.cut_label(each.label) for each in variables}
        values = {each.name: made.value_labels(each) for each in variables if each.labels or each.missing}
        if program is SAV:
            ranges = {
                each.name: [{"lo": min(each.missing), "hi": max(each.missing)}] for each in variables if each.missing
            }
            measures = {each.name: each.measure for each in variables}
            pyreadstat.write_sav(
                data, path, file_label=_cut(name, 60, counts_bytes=True), column_labels=labels,
                variable_value_labels=values, missing_ranges=ranges, variable_measure=measures,
            )  # fmt: skip
        else:
            user = {each.name: [str(code) for code in each.missing] for each in variables if each.missing}
            pyreadstat.write_dta(
                data, path, file_label=name[:80], column_labels=labels, variable_value_labels=values,
                missing_user_values=user,
            )  # fmt: skip
        beside = folder / f"{safe(name)}.variables.csv"
        beside.write_text(_listed(variables), encoding="utf-8")
        paths += [path, beside]
        notes += made.notes()
    return paths, notes


class _Table:
    """One table on its way into a file: gives names, cuts what is too long, and counts what it cut."""

    def __init__(self, take: Extract, name: str, program: Program, language: str) -> None:
        self._take = take
        self._name = name
        self._program = program
        self._language = language
        self._taken: set[str] = set()
        self._cut: dict[tuple[str, str], int] = {}

    def notes(self) -> Iterator[Note]:
        for (code, variable), count in self._cut.items():
            yield Note(code, {"table": self._name, "variable": variable, "count": str(count)})

    def variables(self, frame: pd.DataFrame, *, split: bool) -> list[_Variable]:
        columns = {column.name: column for column in self._take.layout[self._name].columns}
        found: list[_Variable] = []
        folded: set[str] = set()
        for name in frame.columns:
            column = columns.get(name)
            if column is None:
                found.append(self._plain(name, "", name, frame[name]))
            elif name not in folded:
                reasons = frame.get(f"{name}{_MISSING}")
                variable = self._variable(column, frame[name])
                if reasons is not None and _folds(variable, reasons):
                    self._fold(variable, column, reasons)
                    folded.add(f"{name}{_MISSING}")
                found.append(variable)
                if split and takes_many(*self._take.home(column.nodeset)):
                    found += self._split(column, frame[name])
        return found

    def _variable(self, column: Column, values: pd.Series) -> _Variable:
        form, nodeset = self._take.home(column.nodeset)
        label = column_label(form, nodeset, self._language)
        if values.dtype != "string":
            made = self._plain(column.name, nodeset, label, _numbers(values))
            if column.type in ("int", "decimal"):
                made.measure = "scale"
            return made
        choices = how_labels(self._language) if nodeset.endswith(HOW) else choice_labels(form, nodeset, self._language)
        if not choices or takes_many(form, nodeset):
            return self._plain(column.name, nodeset, label, values)
        others = sorted(set(values.dropna().unique()) - set(choices))
        codes = _codes([*choices, *others])
        made = self._plain(column.name, nodeset, label, values.map(codes).astype("float64"))
        made.labels = {code: choices.get(value, value) for value, code in codes.items()}
        made.codes = {code: value for value, code in codes.items()}
        return made

    def _plain(self, column: str, nodeset: str, label: str, values: pd.Series) -> _Variable:
        name = self._free(column)
        if values.dtype == "string":
            values = self._texts(name, values)
        elif isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_localize(None)
        return _Variable(name, column, nodeset, label, values)

    def _fold(self, variable: _Variable, column: Column, reasons: pd.Series) -> None:
        form, nodeset = self._take.home(column.nodeset)
        words = choice_labels(form, f"{nodeset}{_MISSING}", self._language)
        if self._program is DTA:
            codes: dict[str, float | str] = dict(zip(REASONS, "abcd", strict=True))
            values = variable.values.astype("object").where(variable.values.notna(), None)
        else:
            codes = dict(zip(REASONS, _free_codes(variable.values), strict=True))
            values = variable.values
        marks = reasons.map(codes)
        variable.values = values.mask(reasons.notna(), marks)
        variable.missing = {code: words.get(reason, reason) for reason, code in codes.items()}
        variable.codes |= {code: reason for reason, code in codes.items()}

    def _split(self, column: Column, values: pd.Series) -> Iterator[_Variable]:
        form, nodeset = self._take.home(column.nodeset)
        labels = choice_labels(form, nodeset, self._language)
        for cells in chosen(column.name, values.fillna("").tolist(), labels):
            value = cells.name.removeprefix(f"{column.name}/")
            flags = pd.Series([float(text) if text else np.nan for text in cells.texts], index=values.index)
            label = f"{column_label(form, nodeset, self._language)}: {labels.get(value, value)}"
            yield self._plain(cells.name, nodeset, label, flags)

    def apart(self, variables: list[_Variable]) -> None:
        """Give a variable another name where its set of value labels would have that of another one."""
        labelled = [each for each in variables if each.labels or each.missing]
        while (place := _collides([each.name for each in labelled])) is not None:
            labelled[place].name = self._free(f"{labelled[place].name[: self._program.names - 1]}_")

    # --- limits

    def _free(self, column: str) -> str:
        """A name the program takes, each once."""
        plain = column
        for letter, instead in _LETTERS:
            plain = plain.replace(letter, instead)
        plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9_]", "_", plain) or "_"
        if not plain[0].isalpha():
            plain = f"v_{plain.lstrip('_')}"
        if plain.lower() in _RESERVED or re.fullmatch(r"str\d+", plain.lower()):
            plain = f"{plain}_"
        name, number = plain[: self._program.names], 1
        while name.lower() in self._taken:
            number += 1
            name = f"{plain[: self._program.names - len(f'_{number}')]}_{number}"
        if len(plain) > self._program.names:
            self._cut["export.name_cut", name] = 1
        self._taken.add(name.lower())
        return name

    def _texts(self, name: str, values: pd.Series) -> pd.Series:
        texts = values.fillna("").astype("object")
        if not self._program.text:
            return texts
        long = [text for text in texts if len(text.encode()) > self._program.text]
        if long:
            self._cut["export.text_cut", name] = len(long)
        if blanks := sum(text != text.rstrip(" ") for text in texts):
            self._cut["export.blanks_cut", name] = blanks
        return texts.map(lambda text: _cut(text, self._program.text, counts_bytes=True))

    def cut_label(self, label: str) -> str:
        cut = _cut(label, self._program.label, counts_bytes=self._program.counts_bytes)
        if cut != label:
            self._cut["export.labels_cut", ""] = self._cut.get(("export.labels_cut", ""), 0) + 1
        return cut

    def value_labels(self, variable: _Variable) -> dict[float | str, str]:
        made: dict[float | str, str] = {}
        for value, label in (variable.labels | variable.missing).items():
            made[value] = _cut(label, self._program.value_label, counts_bytes=self._program.counts_bytes)
            if made[value] != label:
                self._cut["export.labels_cut", ""] = self._cut.get(("export.labels_cut", ""), 0) + 1
        return made


def _numbers(values: pd.Series) -> pd.Series:
    """A typed column as pyreadstat takes it: numbers as floats, days as days, moments without a zone."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        if isinstance(values.dtype, pd.DatetimeTZDtype) or values.isna().all():
            return values  # a column of None alone would become text
        return pd.Series([None if pd.isna(day) else day.date() for day in values], index=values.index, dtype="object")
    return values.astype("Float64").astype("float64")


def _folds(variable: _Variable, reasons: pd.Series) -> bool:
    """Whether the reasons can stand in the variable: it is one of numbers, no row has both, all are known."""
    is_number = variable.values.dtype == "float64"
    return (
        is_number
        and not (reasons.notna() & variable.values.notna()).any()
        and set(reasons.dropna().unique()) <= set(REASONS)
    )


def _codes(values: Sequence[str]) -> dict[str, float]:
    """{value: number}: itself where all are whole numbers, else its place from 1."""
    if all(re.fullmatch(r"-?[1-9][0-9]{0,8}|0", value) for value in values):
        return {value: float(value) for value in values}
    return {value: float(place) for place, value in enumerate(values, start=1)}


def _free_codes(values: pd.Series) -> list[float]:
    """Four negative numbers in a row of which no answer is one: from -99, -999, …"""
    for digits in range(2, 15):
        first = 1.0 - 10**digits
        found = [first + at for at in range(len(REASONS))]
        if not values.between(found[0], found[-1]).any():
            break
    return found


def _cut(text: str, most: int, *, counts_bytes: bool) -> str:
    """A text of at most so many characters or bytes, cut between characters."""
    if not counts_bytes:
        return text[:most]
    return text.encode()[:most].decode("utf-8", "ignore")


def _collides(names: Sequence[str]) -> int | None:
    """The place of a variable whose set of value labels would have the name of an earlier one's, of the variables that
    have labels. pyreadstat calls a set like its variable and its place among these: 'a' + 11 is 'a1' + 1."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if f"{name}{place}" in seen:
            return place
        seen.add(f"{name}{place}")
    return None


def _listed(variables: Sequence[_Variable]) -> str:
    """What each variable and each number is."""
    rows: list[tuple[str, ...]] = []
    for each in variables:
        rows.append((each.name, each.column, each.nodeset, "", "", each.label))
        for number, value in each.codes.items():
            shown = number if isinstance(number, str) else f"{number:.0f}"
            label = (each.labels | each.missing).get(number, "")
            rows.append((each.name, each.column, each.nodeset, shown, value, label))
    names = ("variable", "column", "nodeset", "number", "value", "label")
    columns = zip(*rows, strict=True)
    return written([Cells(name, [guarded(text) for text in texts]) for name, texts in zip(names, columns, strict=True)])
