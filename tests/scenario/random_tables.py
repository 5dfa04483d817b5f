"""Tables of a form as offices never should have them, and how two judges of tables are compared.

`random_tables` draws what a form's own expressions care about (its choices, numbers, dates, patterns) together with
empties, wrong types, wrong choices, entries of nobody, keys that are missing or there twice, and columns of every dtype
that a reader of files may give. `differences` says where two judges part.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from intake.pattern import matching, patterns_in
from validation.errors import LotsenbuchError
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Column, Table, choice_values, layout, takes_many
from validation.rows import Masks

NOW = dt.datetime(2026, 5, 4, 10, 30, 15, tzinfo=dt.UTC)
ZONE = "Europe/Berlin"
_NUMBER = re.compile(r"(?<![\w.'-])\d+(?:\.\d+)?(?![\w.'-])")
_LITERAL = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAYS = ["2026-05-04", "2026-05-05", "2026-05-03", "2024-02-29", "1999-12-31", "1970-01-01", "1926-05-04", "2030-01-01"]

TEXTS = ["a", "b", "A", "ab", " a  b ", "ü", "e\u0301", "0", "1", "12", "1.0", "-1", ".5", "true", "false", "NaN", "OK",
         "O'Hara", '"', "\u0639\u0631\u0628\u064a", "\U0001f642", "x" * 25, "a\nb", "\xa0", "2026-05-04", "1e3", "YQ==",
         "a b", "b a c", "=1+1"]  # fmt: skip
WRONG: Mapping[str, list[str]] = {
    "int": ["1.5", "x", "+3", " 3", "3 ", "1e3", "\u0663", "007", "-0", "99999999999", "--1", "1,5", "NaN"],
    "decimal": ["1,5", "x", " 3", "1e3", ".5", "5.", "-.5", "NaN", "Infinity", "inf", "007.50", "-0"],
    "boolean": ["ja", "TRUE", "1", "0", "true", "false", "yes"],
    "date": ["morgen", "2026-02-30", "2026-5-4", "2026-05-04T10:00:00", "04.05.2026", "0000-01-01", "2026-13-01"],
    "time": ["25:00", "10:30", "10:30:00", "10:30:00.000+02:00", "10", "24:00:00", "10:30Z"],
    "dateTime": ["2026-05-04", "2026-05-04T25:00:00", "2026-05-04T10:30", "heute", "2026-05-04 10:30:00"],
    "geopoint": ["48.5", "91 0 0 0", "48.5 8.7", "48.5 8.7 0 0", "x y", "0 181", "-48.5 -8.7 400 1"],
    "geotrace": ["48.5 8.7", "48.5 8.7;48.6 8.8", "x", "0 0 0 0;0 1 0 0;"],
    "geoshape": ["0 0;0 1;1 1;0 0", "0 0;0 1", "0 0 0 0;0 1 0 0;1 1 0 0;0 0 0 0", "x"],
}  # fmt: skip
RIGHT: Mapping[str, list[str]] = {
    "int": ["0", "1", "2", "3", "4", "-1", "17", "18", "119", "120", "2147483647"],
    "decimal": ["0", "0.1", "0.5", "1", "1.5", "2.5", "-0.5", "-2.5", "100", "123456.789", "0.000001", "1000000000"],
    "boolean": ["true", "false"],
    "date": _DAYS,
    "time": ["10:30:00.000+02:00", "00:00:00.000Z", "23:59:59.999+01:00"],
    "dateTime": [
        "2026-05-04T12:30:15.000+02:00", "2026-05-04T10:30:14.999Z", "2026-05-05T00:00:00.000+02:00",
        "2026-03-29T02:30:00.000+01:00", "1999-12-31T23:59:59.000Z", "2026-05-04T10:30:00",
    ],
    "geopoint": ["48.7 8.8 0 0", "48.5 8.7 400.5 3"],
    "geotrace": ["48.7 8.8 0 0;48.8 8.8 0 0", "48.7 8.8 0 0; 48.8 8.9 0 0;48.9 8.9 0 0"],
    "geoshape": ["48.7 8.8 0 0; 48.8 8.8 0 0; 48.8 8.9 0 0; 48.7 8.8 0 0"],
}  # fmt: skip

TRIES = 150

Judge = Callable[..., Masks]


def pools(form: Form) -> dict[str, tuple[list[str], list[str]]]:
    """{nodeset: (texts that may be right, texts that are likely wrong)} from what the form says about each question."""
    sources = [
        expression.source
        for bind in form.binds.values()
        for expression in (bind.relevant, bind.constraint, bind.required, bind.calculate)
        if expression is not None
    ]
    literals = sorted({one or two for source in sources for one, two in _LITERAL.findall(source)} - {""})
    literals = [text for text in literals if len(text) < 30]
    numbers = sorted({text for source in sources for text in _NUMBER.findall(source)})
    rng = random.Random(form.id)
    columns = [column for table in layout(form).values() for column in table.columns]
    return {column.nodeset: _pool(form, column, literals, numbers, rng) for column in columns}


def _pool(
    form: Form, column: Column, literals: list[str], numbers: list[str], rng: random.Random
) -> tuple[list[str], list[str]]:
    own = column.bind.constraint.source if column.bind.constraint else ""
    offered = sorted(choice_values(form, column.nodeset) or ()) or (literals if form.control(column.nodeset) else [])
    control = form.control(column.nodeset)
    if control is not None and control.kind in ("select1", "select", "rank"):
        if not takes_many(form, column.nodeset):
            return [*offered, *literals[:5]] or ["a"], ["XX", "a b", " ", offered[0].upper() if offered else "A"]
        sets = [" ".join(rng.sample(offered, min(len(offered), size))) for size in (1, 1, 1, 2, 2, 3)]
        doubled = f" {offered[0]}  {offered[0]} " if offered else "a"
        return [*sets, *offered[:4]] or ["a"], ["XX", doubled, f"{offered[0]} XX" if offered else "b", "  "]
    if column.type in ("int", "decimal"):
        near = [str(int(float(text)) + step) for text in numbers if float(text) < 1e6 for step in (-1, 0, 1)]
        right = [*RIGHT[column.type], *near, *(_NUMBER.findall(own) * 3)]
        return [text for text in right if column.type != "int" or "." not in text], WRONG[column.type]
    days = [day for text in literals for day in _DAY.findall(text)]
    right = [*RIGHT.get(column.type, TEXTS), *(days if column.type == "date" else ())]
    if column.type == "string":
        drawn = [matching(pattern, rng) for pattern in patterns_in(own) for _ in range(6)]
        right += [*literals * 2, *(text for text in drawn if text)]
    return right, [*WRONG.get(column.type, []), "x", "\ud800", "a\x00b"]


class RandomTables:
    """Draws tables of a form; what its questions may hold is looked up once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.pools = pools(form)

    def draw(self, rng: random.Random, rows: int, *, wild: bool = True) -> dict[str, pd.DataFrame]:
        """Tables of so many records. `wild` draws missing columns and keys, odd dtypes, characters of no text."""
        made: dict[str, pd.DataFrame] = {}
        keys: dict[str, list[Any]] = {}
        empty, wrong = rng.choice([0.15, 0.4, 0.7]), rng.choice([0.0, 0.05, 0.2])
        for table in layout(self.form).values():
            if table.parent is None:
                frame: dict[str, list[Any]] = {KEY: [f"uuid:{number}" for number in range(rows)]}
            else:
                frame = _entries(table, keys[table.parent], rng, wild=wild)
            if wild and rng.random() < 0.1 and frame[KEY]:
                frame[KEY][rng.randrange(len(frame[KEY]))] = rng.choice([frame[KEY][0], None, ""])
            keys[table.name] = frame[KEY]
            count = len(frame[KEY])
            data = {name: pd.Series(values, dtype="string") for name, values in frame.items()}
            for column in table.columns:
                if wild and rng.random() < 0.02:
                    continue
                texts = _texts(column, count, self.pools[column.nodeset], rng, empty, wrong)
                data[column.name] = _series(column, texts, rng, wild=wild)
            made[table.name] = pd.DataFrame(data)
            if wild and rng.random() < 0.3:
                made[table.name] = made[table.name].iloc[rng.sample(range(count), count)]
        if wild and rng.random() < 0.05:
            made.pop(rng.choice(list(made)))
        return made


def _entries(table: Table, parents: list[Any], rng: random.Random, *, wild: bool) -> dict[str, list[Any]]:
    """Up to three entries for each record above, in order or not; some that belong to nobody."""
    name = table.nodeset.rpartition("/")[2]
    rows = [
        (f"{parent}/{name}[{number}]", parent)
        for parent in parents
        for number in range(1, rng.choice([0, 1, 1, 2, 3]) + 1)
    ]
    if wild and rng.random() < 0.3:
        rows.append((f"uuid:none/{name}[1]", rng.choice(["uuid:none", None, ""])))
    if rng.random() < 0.3:
        rng.shuffle(rows)
    return {KEY: [row[0] for row in rows], PARENT_KEY: [row[1] for row in rows]}


def _texts(
    column: Column, count: int, pool: tuple[list[str], list[str]], rng: random.Random, empty: float, wrong: float
) -> list[str]:
    right, bad = pool
    if rng.random() < 0.3:
        right = rng.sample(right, min(3, len(right)))  # few values, so that rows agree with one another
    texts = [
        "" if rng.random() < empty else rng.choice(bad) if rng.random() < wrong else rng.choice(right)
        for _ in range(count)
    ]
    if column.bind.preload_params == "end" and rng.random() < 0.9:
        texts = [text or "2026-05-04T12:30:15.000+02:00" for text in texts]
    return texts


def _series(column: Column, texts: list[str], rng: random.Random, *, wild: bool) -> pd.Series:
    """A column: typed as `intake.tables` types it, or as texts, categories, plain objects or numpy's own kinds."""
    style = rng.choices(["typed", "text", "category", "object", "numpy"], [12, 5, 1, 1, 1])[0] if wild else "typed"
    if style in ("typed", "numpy"):
        return _typed(texts, column, rng, numpy=style == "numpy")
    values: list[Any] = [text or rng.choice([None, ""]) for text in texts]
    if style == "object":
        number = rng.choice([3, 2.5, True, np.int64(7), np.float64("nan"), dt.date(2026, 5, 4), 0])
        values = [number if rng.random() < 0.3 else value for value in values]
        return pd.Series(values, dtype="object")
    texts_only = [value if value is None else value.replace("\ud800", "?") for value in values]
    return pd.Series(texts_only, dtype="string").astype("category" if style == "category" else "string")


def _typed(texts: list[str], column: Column, rng: random.Random, *, numpy: bool) -> pd.Series:
    if column.dtype == "string":
        return pd.Series([text.replace("\ud800", "?") or None for text in texts], dtype="object" if numpy else "string")
    if column.dtype in ("Int64", "Float64"):
        numbers = [float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None for text in texts]
        if column.dtype == "Int64":
            whole = [None if number is None else int(number) for number in numbers]
            return pd.Series(whole, dtype="float64" if numpy else "Int64")
        if numbers and rng.random() < 0.05:
            numbers[0] = float("inf")
        return pd.Series(numbers, dtype="float64" if numpy else "Float64")
    if column.dtype == "boolean":
        return pd.Series([{"true": True, "false": False}.get(text) for text in texts], dtype="boolean")
    utc = column.dtype.endswith("UTC]")
    moments = pd.to_datetime(pd.Series(texts, dtype="object"), errors="coerce", format="ISO8601", utc=True)
    return moments.astype(column.dtype) if utc else moments.dt.tz_localize(None).dt.normalize().astype(column.dtype)


# --- comparing


def verdict(judge: Judge, form: Form, tables: Mapping[str, pd.DataFrame], **options: Any) -> Masks | str:
    """What a judge says; the name of our error where it refuses."""
    try:
        return judge(form, tables, zone=ZONE, **options)
    except LotsenbuchError as error:
        return f"{type(error).__name__}: {error}"


def differences(one: Masks | str, other: Masks | str, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Where two verdicts part: 'table.column rule: rows only the first finds / rows only the second finds'."""
    if isinstance(one, str) or isinstance(other, str):
        return [] if one == other else [" / ".join(said if isinstance(said, str) else "-" for said in (one, other))]
    found = []
    pairs = {(table, *pair) for masks in (one, other) for table, verdicts in masks.bad.items() for pair in verdicts}
    for table, column, rule in sorted(pairs):
        first, second = (_rows(masks.bad.get(table, {}).get((column, rule))) for masks in (one, other))
        if first != second:
            found.append(f"{table}.{column} {rule}: {sorted(first - second)} / {sorted(second - first)}")
    for table in sorted(one.orphans.keys() | other.orphans.keys()):
        first, second = _rows(one.orphans.get(table)), _rows(other.orphans.get(table))
        if first != second or (table in one.orphans) != (table in other.orphans):
            found.append(f"{table} orphan: {sorted(first - second)} / {sorted(second - first)}")
    for masks in (one, other):
        for table, verdicts in masks.bad.items():
            wrong = [pair for pair, mask in verdicts.items() if len(mask) != len(tables[table]) or not mask.any()]
            found.extend(f"{table}.{column} {rule}: an empty mask or one of another length" for column, rule in wrong)
    return found


def _rows(mask: Iterable[bool] | None) -> set[int]:
    return set() if mask is None else set(np.flatnonzero(np.asarray(mask)).tolist())


def smallest(
    one: Judge, other: Judge, form: Form, tables: Mapping[str, pd.DataFrame], **options: Any
) -> dict[str, pd.DataFrame]:
    """The tables cut down to what two judges still part over: fewer rows, then fewer columns; `TRIES` cuts at most."""
    left = TRIES

    def part(cut: Mapping[str, pd.DataFrame]) -> bool:
        nonlocal left
        left -= 1
        return left > 0 and bool(
            differences(verdict(one, form, cut, **options), verdict(other, form, cut, **options), cut)
        )

    small = dict(tables)
    for name in list(small):
        for row in reversed(range(len(small[name]))):
            cut = {**small, name: small[name].drop(index=small[name].index[row])}
            if small[name].index.is_unique and part(cut):
                small = cut
        for column in [column for column in small[name].columns if column not in (KEY, PARENT_KEY)]:
            cut = {**small, name: small[name].drop(columns=column)}
            if part(cut):
                small = cut
    return small
