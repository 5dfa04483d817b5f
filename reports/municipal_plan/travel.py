"""Frozen dataclasses as JSON and back, by their types: what goes to the notebook's process.

Dates are ISO 8601, a SafeTable is its own JSON. ValueError for anything that does not fit.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from reports.disclosure import SafeTable

T = TypeVar("T")


def plain(value: Any) -> Any:
    """A value as what `json.dumps` takes."""
    if isinstance(value, SafeTable):
        return value.to_json()
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def rebuilt(kind: type[T], data: Any) -> T:
    """The value of a type back. ValueError where the data are not one."""
    try:
        made: T = _of(kind, data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"not a {kind.__name__}: {type(error).__name__}") from error
    return made


def _of(kind: Any, data: Any) -> Any:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if kind is SafeTable:
        return SafeTable.from_json(data)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return typing.cast("Any", kind)(**{name: _of(hints[name], data[name]) for name in hints})
    if origin is tuple:
        kinds = [inside[0]] * len(data) if inside[-1] is Ellipsis else inside
        return tuple(_of(each, value) for each, value in zip(kinds, data, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _of(inside[1], value) for key, value in data.items()}
    if origin in (types.UnionType, typing.Union):
        return None if data is None else _of(next(each for each in inside if each is not types.NoneType), data)
    if kind is dt.date:
        return dt.date.fromisoformat(data)
    if not isinstance(data, kind):
        raise TypeError(kind)
    return data
