"""ODK bind types: how each is written as text, read as a Python value and held in a column. One table, `TYPES`.

Lexical forms are those of the ODK XForms specification ("Data Types"): XML Schema for numbers, dates and times,
space-separated names for select and rank, space-separated numbers for places. An empty text is no answer and is
never asked about here: callers look at it first. What the table does not name is read as a string, after
`canonical()` has told whether the type is known at all.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

Value = str | int | float | Decimal | bool | dt.date | dt.time | dt.datetime | list[str]

INT_MIN, INT_MAX = -(2**31), 2**31 - 1

_INT = re.compile(r"[+-]?[0-9]{1,12}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FRACTION = re.compile(r"-?[0-9]{1,15}\.[0-9]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)(Z|[+-][0-9]{2}(?::[0-9]{2})?)?")
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?"
_POINT = re.compile(rf"{_NUMBER}(?: {_NUMBER}){{1,3}}")


@dataclass(frozen=True, slots=True)
class DataType:
    """One bind type. `read` raises ValueError for an ill-typed text; `dtype` names the pandas dtype of its column.

    `expected` is the code of the sentence that says what is expected (`answer.expected_*`).
    """

    name: str
    read: Callable[[str], Value]
    dtype: str
    expected: str


def _read_int(text: str) -> int:
    if not _INT.fullmatch(text):
        raise ValueError("no whole number")
    value = int(text)
    if not INT_MIN <= value <= INT_MAX:
        raise ValueError("outside 32 bits")
    return value


def _read_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError("no number")
    return Decimal(text)


def _read_boolean(text: str) -> bool:
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise ValueError("neither true nor false")


def _read_date(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise ValueError("no date")
    return dt.date.fromisoformat(text)


def _read_time(text: str) -> dt.time:
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("no time")
    return dt.time.fromisoformat(_micro(found[1]) + _zone(found[2]))


def _read_datetime(text: str) -> dt.datetime:
    day, separator, time = text.partition("T")
    found = _TIME.fullmatch(time)
    if not separator or not found or not _DATE.fullmatch(day):
        raise ValueError("no date with a time")
    return dt.datetime.fromisoformat(f"{day}T{_micro(found[1])}{_zone(found[2])}")


def _micro(time: str) -> str:
    whole, dot, fraction = time.partition(".")
    return f"{whole}.{fraction[:6]:0<6}" if dot else whole


def _zone(text: str | None) -> str:
    if not text:
        return ""
    if text == "Z":
        return "+00:00"
    digits = text[1:].replace(":", "")
    return f"{text[0]}{digits[:2]}:{digits[2:] or '00'}"


def _read_list(text: str) -> list[str]:
    return text.split()


def _read_point(text: str) -> str:
    if not _POINT.fullmatch(text):
        raise ValueError("no place")
    latitude, longitude = (float(part) for part in text.split(" ")[:2])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("no place on earth")
    return text


def _read_trace(text: str) -> str:
    points = [point.strip() for point in text.strip().rstrip(";").split(";")]
    if len(points) < 2:
        raise ValueError("a line needs two points")
    for point in points:
        _read_point(point)
    return text


def _read_shape(text: str) -> str:
    _read_trace(text)
    points = [point.strip() for point in text.strip().rstrip(";").split(";")]
    if len(points) < 4 or points[0].split(" ")[:2] != points[-1].split(" ")[:2]:
        raise ValueError("an area must be closed")
    return text


def _read_text(text: str) -> str:
    return text


TYPES: dict[str, DataType] = {
    item.name: item
    for item in (
        DataType("string", _read_text, "string", "answer.expected_string"),
        DataType("int", _read_int, "Int64", "answer.expected_int"),
        DataType("decimal", _read_decimal, "Float64", "answer.expected_decimal"),
        DataType("boolean", _read_boolean, "boolean", "answer.expected_boolean"),
        DataType("date", _read_date, "datetime64[us]", "answer.expected_date"),
        DataType("time", _read_time, "string", "answer.expected_time"),
        DataType("dateTime", _read_datetime, "datetime64[us, UTC]", "answer.expected_datetime"),
        DataType("select", _read_list, "string", "answer.expected_choices"),
        DataType("rank", _read_list, "string", "answer.expected_choices"),
        DataType("geopoint", _read_point, "string", "answer.expected_geopoint"),
        DataType("geotrace", _read_trace, "string", "answer.expected_geotrace"),
        DataType("geoshape", _read_shape, "string", "answer.expected_geoshape"),
        DataType("binary", _read_text, "string", "answer.expected_binary"),
        DataType("barcode", _read_text, "string", "answer.expected_string"),
        DataType("intent", _read_text, "string", "answer.expected_string"),
    )
}
"""What the ODK XForms specification names, plus what forms in the field write."""

_OTHER_NAMES = {
    "": "string",
    "select1": "string",
    "integer": "int",
    "long": "int",
    "float": "decimal",
    "double": "decimal",
    "datetime": "dateTime",
    "select_one": "string",
    "odk:rank": "rank",
    "anyURI": "binary",
    "base64Binary": "binary",
    "intent": "intent",
}


def canonical(name: str) -> str | None:
    """The name in `TYPES` of a bind's type attribute ('xsd:int' is 'int', 'select1' is 'string'); None if unknown."""
    name = name.strip()
    local = _OTHER_NAMES.get(name, name)
    if local not in TYPES and ":" in name:
        bare = name.rpartition(":")[2]
        local = _OTHER_NAMES.get(bare, bare)
    return local if local in TYPES else None


def _type(name: str) -> DataType:
    return TYPES[canonical(name) or "string"]


def read(text: str, name: str) -> Value:
    """The Python value of a non-empty lexical text. ValueError where the text is not of the type."""
    return _type(name).read(text)


def valid(text: str, name: str) -> bool:
    """Whether a non-empty text is of the type."""
    try:
        _type(name).read(text)
    except ValueError:
        return False
    return True


def dtype(name: str) -> str:
    """The pandas dtype of a column of this type. Dates are midnight, date-times are UTC, lists stay text."""
    return _type(name).dtype


def expected(name: str) -> str:
    """The code of the sentence that says what an answer of this type looks like."""
    return _type(name).expected


def lexical(value: Value | None, name: str = "string") -> str:
    """The text of a Python value as a submission carries it; None and '' are the empty text. Text is NFC.

    A text is taken as it is: whether it is well typed is the caller's question (`valid`). A decimal never has an
    exponent, a date-time keeps its offset, milliseconds are written as ODK Collect does; true is '1' (JavaRosa) where
    the type is a boolean or number, 'true' elsewhere. TypeError for a value
    that no bind type can hold, ValueError for a number that is none (NaN, infinity).
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, bool):
        if canonical(name) in ("boolean", "int", "decimal"):
            return "1" if value else "0"
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if canonical(name) == "date" else datetime_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("milliseconds")
    if isinstance(value, list | tuple):
        return unicodedata.normalize("NFC", " ".join(str(item) for item in value))
    raise TypeError(f"no bind type holds a {type(value).__name__}")


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def whole(text: str) -> str:
    """The whole number of a decimal text, cut off as JavaRosa and ODK Web Forms cast; any other text as it is."""
    return str(math.trunc(float(text))) if _FRACTION.fullmatch(text) else text


def datetime_text(value: dt.datetime) -> str:
    """'2026-05-04T10:11:12.345+02:00'; without an offset where the value has none."""
    return value.isoformat(timespec="milliseconds")
