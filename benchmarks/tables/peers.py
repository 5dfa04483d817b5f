"""The rules of the generated form as users of other libraries write them."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Callable
from typing import Annotated, Any, Self

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pydantic import BaseModel, Field, ValidationError, create_model, model_validator
from tables.generated import BLOCKS, CHOICES, MANY

TODAY = dt.datetime(2026, 5, 4)  # noqa: DTZ001 - a date column holds midnights without a zone
CODE = "^P-[0-9]{6}$"
_LIST = rf"^(?:{'|'.join(MANY)})(?: (?:{'|'.join(MANY)}))*$"
_NOT_ALONE = r"^(?:m0$|(?!.*\bm0\b))"


# --- pandera, with the checks its documentation shows


def schema() -> pa.DataFrameSchema:
    """Column checks for what one column says, checks of the whole table for the rest."""
    columns: dict[str, pa.Column] = {"KEY": pa.Column("string", unique=True)}
    across: list[pa.Check] = []
    for at in range(BLOCKS):
        columns |= {
            f"a{at}": pa.Column("Int64", pa.Check.in_range(0, 120)),
            f"b{at}": pa.Column("Float64", nullable=True),
            f"c{at}": pa.Column("string", pa.Check.isin(CHOICES)),
            f"d{at}": pa.Column("string", nullable=True),
            f"e{at}": pa.Column("datetime64[us]", pa.Check.le(TODAY), nullable=True),
            f"f{at}": pa.Column("datetime64[us]", nullable=True),
            f"g{at}": pa.Column("string", pa.Check.str_matches(CODE), nullable=True),
            f"h{at}": pa.Column(
                "string", [pa.Check.str_matches(_LIST), pa.Check.str_matches(_NOT_ALONE)], nullable=True
            ),
            f"w{at}-i{at}": pa.Column("Int64", nullable=True),
            f"w{at}-j{at}": pa.Column("string", nullable=True),
        }
        across += [
            pa.Check(lambda frame, at=at: frame[f"d{at}"].isna() | frame[f"c{at}"].isin(["c3", "c4"])),
            pa.Check(lambda frame, at=at: frame[f"f{at}"].isna() | frame[f"e{at}"].notna()),
            pa.Check(lambda frame, at=at: frame[f"w{at}-i{at}"].isna() | (frame[f"a{at}"] > 17).fillna(False)),
            pa.Check(lambda frame, at=at: frame[f"w{at}-j{at}"].isna() | (frame[f"a{at}"] > 17).fillna(False)),
        ]
    return pa.DataFrameSchema(columns, checks=across, strict=True)


def by_pandera(frame: pd.DataFrame) -> Callable[[], object]:
    """Everything that pandera finds, lazily."""
    made = schema()

    def run() -> int:
        try:
            made.validate(frame, lazy=True)
        except SchemaErrors as errors:
            return len(errors.failure_cases)
        return 0

    return run


# --- pydantic, row by row


class _Rules(BaseModel):
    @model_validator(mode="after")
    def across(self) -> Self:
        found = []
        for at in range(BLOCKS):
            chosen = (getattr(self, f"h{at}") or "").split()
            adult = getattr(self, f"a{at}") > 17
            found += [f"d{at}"] * (getattr(self, f"d{at}") is not None and getattr(self, f"c{at}") not in ("c3", "c4"))
            found += [f"f{at}"] * (getattr(self, f"f{at}") is not None and getattr(self, f"e{at}") is None)
            found += [f"h{at}"] * (not MANY_OF.issuperset(chosen) or ("m0" in chosen and len(chosen) > 1))
            found += [name for name in (f"i{at}", f"j{at}") if getattr(self, name) is not None and not adult]
        if found:
            raise ValueError(", ".join(found))
        return self


MANY_OF = frozenset(MANY)


def by_pydantic(frame: pd.DataFrame) -> Callable[[], object]:
    """A model a row, from the table: its rows as dictionaries are made while the clock runs."""
    fields: dict[str, Any] = {"KEY": (str, ...)}
    choice = "|".join(CHOICES)
    for at in range(BLOCKS):
        fields |= {
            f"a{at}": (Annotated[int, Field(ge=0, le=120)], ...),
            f"b{at}": (float | None, None),
            f"c{at}": (Annotated[str, Field(pattern=f"^(?:{choice})$")], ...),
            f"d{at}": (str | None, None),
            f"e{at}": (Annotated[dt.datetime, Field(le=TODAY)] | None, None),
            f"f{at}": (dt.datetime | None, None),
            f"g{at}": (Annotated[str, Field(pattern=CODE)] | None, None),
            f"h{at}": (str | None, None),
            f"i{at}": (int | None, None),
            f"j{at}": (str | None, None),
        }
    model = create_model("Record", __base__=_Rules, **fields)
    plain = frame.rename(columns=lambda name: name.rpartition("-")[2])

    def run() -> int:
        wrong = 0
        texts = plain.astype(object)
        for row in texts.where(texts.notna(), None).to_dict("records"):
            try:
                model.model_validate(row)
            except ValidationError:
                wrong += 1
        return wrong

    return run


# --- pointblank, where it is installed


def by_pointblank(frame: pd.DataFrame) -> Callable[[], object] | None:
    """A step a rule, no copies of the rows kept; None where pointblank is not installed."""
    if importlib.util.find_spec("pointblank") is None:
        return None
    import pointblank  # not a dependency

    def run() -> object:
        plan = pointblank.Validate(frame)
        for at in range(BLOCKS):
            plan = (
                plan.col_vals_not_null(f"a{at}")
                .col_vals_between(f"a{at}", 0, 120, na_pass=True)
                .col_vals_not_null(f"c{at}")
                .col_vals_in_set(f"c{at}", CHOICES)
                .col_vals_le(f"e{at}", TODAY, na_pass=True)
                .col_vals_regex(f"g{at}", CODE, na_pass=True)
                .col_vals_regex(f"h{at}", _LIST, na_pass=True)
                .col_vals_regex(f"h{at}", _NOT_ALONE, na_pass=True)
                .col_vals_expr(lambda frame, at=at: frame[f"d{at}"].isna() | frame[f"c{at}"].isin(["c3", "c4"]))
                .col_vals_expr(lambda frame, at=at: frame[f"f{at}"].isna() | frame[f"e{at}"].notna())
                .col_vals_expr(lambda frame, at=at: frame[f"w{at}-i{at}"].isna() | (frame[f"a{at}"] > 17).fillna(False))
                .col_vals_expr(lambda frame, at=at: frame[f"w{at}-j{at}"].isna() | (frame[f"a{at}"] > 17).fillna(False))
            )
        return plan.interrogate(collect_extracts=False, collect_tbl_checked=False)

    return run
