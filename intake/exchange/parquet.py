"""Tables as Parquet, arrow types end to end: the file says by itself what each column is.

    document(take, "erstgespraech")       the bytes of one table
    read(data)                            the table again, in the types of `intake.tables.study_tables`

One choice is a dictionary of strings, several are a list of strings, a date is date32, a date-time a timestamp in UTC,
the rest int64, double, bool and string; no answer is null. A column one of whose texts is not of its type is string as
a whole, as everywhere. Several choices that were not written as values with one blank between them stay a string too:
what is read is what was there. Each field carries its nodeset, its bind type, its label and those of its choices (as
JSON) in its metadata, the file the form's id, version and hash, and the profile.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from intake.exchange.beside import HOW, column_label, how_labels, is_beside
from intake.exchange.extract import Extract
from intake.tables import as_text
from validation.errors import DataError
from validation.layout import Column, choice_labels, question_label, takes_many

_STRING = pa.large_string()


def document(take: Extract, frame: pd.DataFrame, table: str, *, language: str = "de") -> bytes:
    """A typed frame of an extract (`Extract.typed`) as a Parquet file, labels in a language."""
    columns = {column.name: column for column in take.layout[table].columns}
    fields, arrays = [], []
    for name in frame.columns:
        array = _array(take, frame[name], columns.get(name))
        told = _told(take, columns[name], language) if name in columns else {}
        fields.append(pa.field(name, array.type, metadata=told))
        arrays.append(array)
    about = {
        "table": table, "form": take.form.id, "version": take.form.version, "hash": take.form.hash,
        "profile": take.profile,
    }  # fmt: skip
    target = io.BytesIO()
    pq.write_table(pa.table(arrays, schema=pa.schema(fields, metadata=about)), target, compression="zstd")
    return target.getvalue()


def read(data: bytes, *, beside: bool = False) -> tuple[pd.DataFrame, dict[str, str]]:
    """A table and what its file tells about it; what stands beside the answers (`intake.exchange.beside`) only where it
    is asked for. Types are those of `intake.tables.study_tables`: text for choices, midnight for dates. DataError
    'export.no_parquet'."""
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise DataError("export.no_parquet") from error
    columns = {name: _series(table[name].combine_chunks())
               for name in table.column_names if beside or not _is_beside(table.schema.field(name))}  # fmt: skip
    told = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return pd.DataFrame(columns), told


def _array(take: Extract, values: pd.Series, column: Column | None) -> Any:
    array = pa.array(values)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if column is not None and column.type == "date" and pa.types.is_timestamp(array.type):
        return array.cast(pa.date32())
    is_text = pa.types.is_large_string(array.type) or pa.types.is_string(array.type)
    if column is None or not is_text:
        return array
    array = array.cast(_STRING)
    home = take.home(column.nodeset)
    if takes_many(*home):
        return _lists(array)
    return array.dictionary_encode() if choice_labels(*home) else array


def _lists(array: Any) -> Any:
    """Values between blanks as lists, where each text is exactly that."""
    lists = pc.split_pattern(array, " ")
    plain = pc.fill_null(pc.match_substring_regex(array, r"^\S+( \S+)*$"), True)
    return lists if pc.all(plain).as_py() is not False else array


def _series(array: Any) -> Any:
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
    elif pa.types.is_large_list(kind) or pa.types.is_list(kind):
        array = pc.binary_join(array, pa.scalar(" ", array.type.value_type))
    elif pa.types.is_date(kind):
        return pd.Series(array.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False))
    elif pa.types.is_timestamp(kind):
        moments = array.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        return pd.Series(pd.DatetimeIndex(moments).tz_localize("UTC"))
    elif not pa.types.is_large_string(kind) and not pa.types.is_string(kind):
        target: Mapping[Any, Any] = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(),
                                     pa.bool_(): pd.BooleanDtype()}  # fmt: skip
        return array.to_pandas(types_mapper=target.get) if kind in target else array.to_pandas()
    return as_text(array.cast(_STRING))


def _is_beside(field: Any) -> bool:
    return is_beside((field.metadata or {}).get(b"nodeset", b"").decode())


def _told(take: Extract, column: Column, language: str) -> dict[str, str]:
    form, nodeset = take.home(column.nodeset)
    if is_beside(nodeset):
        labels = how_labels(language) if nodeset.endswith(HOW) else {}
        found = {"nodeset": nodeset, "type": column.type, "label": column_label(form, nodeset, language)}
    else:
        labels = choice_labels(form, nodeset, language)
        found = {"nodeset": nodeset, "type": column.type, "label": question_label(form, nodeset, language)}
    return found | ({"choices": json.dumps(labels, ensure_ascii=False)} if labels else {})
