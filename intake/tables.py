"""Submissions -> typed DataFrames, one for the root and one for every repeat.

Names and keys are those of `validation.layout`: `KEY` first (in repeats KEY and PARENT_KEY), in the root table the
envelope columns `_version`, `_municipality`, `_subject`, `_received`, then the questions in the order of the form, each
missing reason (`<name>__missing`) beside its question.

Types. Columns have the dtype of `validation.datatypes`; no answer and not relevant are both NA. Dates are midnight,
date-times UTC (one without an offset is read in the study's zone). Nothing is coerced: a column in which a text is not
of its type stays text ('string') as a whole, and `validation.schema.check` names the records.

Versions of a form merge as `intake.versions` says: by nodeset and the study's `renames.csv`; where a question changed
its kind the series breaks, and what was said then has a column of its own (`breaks` lists them). A question a version
did not have is NA in its records. An answer to a question that no version has is kept, as a text column named by its
path after the others; the check reports it.

With `how`, beside each question that a follow-up asks again (column `follow_up`) stands how its answer came about
(`<name>__how`, `intake.how`): text, NA where nothing is said. With `entities`, rows of forms that speak of entities say
of which person, goal, … (`intake.entitycolumns`), and how answers came about.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from intake.columnar import Gathering, Head, Sheets, keys, nodesets, received, texts, together, used, without
from intake.entitycolumns import Saved, saved, with_entities
from intake.how import how_of
from intake.latest import latest
from intake.renames import renamed
from intake.saying import Declared
from intake.store import Store
from intake.store.audit import Witness
from intake.store.derived import FOLDER
from intake.store.restriction import left_out
from intake.submission import Submission
from intake.versions import RENAMES, Break, Merged, merge, read_renames
from validation.datatypes import Value, dtype, read
from validation.errors import DataError
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, RESERVED, Table, column_name
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.study import Study

ZONE = "Europe/Berlin"

_Values: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
_HEAD = {KEY: "#id", **dict(zip(ENVELOPE, ("#version", "#municipality", "#subject"), strict=False))}


def tables(
    form: Form,
    submissions: Iterable[Submission],
    *,
    earlier: Sequence[Form] = (),
    zone: str = ZONE,
    renames: Mapping[str, str] | None = None,
    how: bool = False,
    entities: bool = False,
) -> dict[str, pd.DataFrame]:
    """The tables of a form, by name; all of them, also the empty ones, with their dtypes.

    `submissions` are current versions of records of this form, one a record; `earlier` the forms some of them were
    collected with, newest first; `renames` {old nodeset: new one}. Raises DataError for a submission of another form
    and for a renaming that cannot be.
    """
    merged = merge(form, earlier, renames)
    told = [*submissions] if how or entities else submissions
    made = frames(merged.tables, merged.arranged(gathered(form, told, merged)), zone)
    if how or entities:
        made = _with_how(made, merged, {each.hash: each for each in (form, *earlier)}, told, renames or {})
    return with_entities(made, merged, (form, *earlier), told, renames or {}) if entities else made


def gathered(form: Form, submissions: Iterable[Submission], merged: Merged) -> Sheets:
    """The sheets of records of a form, as they are. DataError for a submission of another form."""
    root, *repeats = (table.nodeset for table in merged.tables.values())
    gathering = Gathering(root, repeats)
    for submission in submissions:
        if submission.form_id != form.id:
            raise DataError("tables.other_form", form=form.id, other=submission.form_id)
        gathering.add(
            Head(
                submission.id, submission.form_version, submission.form_hash, submission.municipality,
                submission.subject, submission.ended.isoformat(), submission.received,
            ),
            submission.record,
        )  # fmt: skip
    return together([gathering.sheets()])


def study_tables(
    study: Study, *, known_at: dt.datetime | None = None, how: bool = False, entities: bool = False
) -> dict[str, pd.DataFrame]:
    """The tables of every form that was ever published in a study, together, as known at a time (None: now).

    The newest version of a form gives its tables, earlier ones merge into them. What the study's login may not open,
    or nobody any more, is NA; whose processing is restricted is not in them. StoreError as the store; DataError as
    `tables`.
    """
    made: dict[str, pd.DataFrame] = {}
    with study.store() as store:
        witness, gone = Witness(store), left_out(store)
        for versions in published_forms(store).values():
            newest, *earlier = versions
            renames = read_renames(study.dir / RENAMES, newest.id)
            witness.saw_tables(versions)
            speaks = entities and any(Declared(form).places for form in versions)
            if known_at is None and not (how or speaks):
                sheets = without(latest(store, versions, study.dir / FOLDER), gone)
                made |= sheet_tables(newest, sheets, earlier=earlier, zone=study.zone, renames=renames)
            else:
                known = store.submissions(newest.id, known_at=known_at)
                submissions = (each for each in known if each.id not in gone)
                made |= tables(
                    newest, submissions, earlier=earlier, zone=study.zone, renames=renames, how=how, entities=speaks
                )
    return made


def study_saved(study: Study) -> tuple[Saved, ...]:
    """Which columns of `study_tables(study, entities=True)` say what of which data set; all published forms."""
    found: list[Saved] = []
    with study.store() as store:
        for versions in published_forms(store).values():
            newest, *earlier = versions
            renames = read_renames(study.dir / RENAMES, newest.id)
            found += saved(merge(newest, earlier, renames), versions, renames)
    return tuple(found)


def sheet_tables(
    form: Form,
    sheets: Sheets,
    *,
    earlier: Sequence[Form] = (),
    zone: str = ZONE,
    renames: Mapping[str, str] | None = None,
) -> dict[str, pd.DataFrame]:
    """As `tables`, of records that were gathered already (`intake.latest`)."""
    merged = merge(form, earlier, renames)
    return frames(merged.tables, merged.arranged(sheets), zone)


def breaks(form: Form, earlier: Sequence[Form] = (), renames: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Where series of a form break, one row a question: the fields of `intake.versions.Break`, `versions` as one text.
    Empty, with its columns, where nothing breaks."""
    names = [field.name for field in fields(Break)]
    rows = [[getattr(each, name) for name in names] for each in merge(form, earlier, renames).breaks]
    found = pd.DataFrame(rows, columns=names, dtype="object")
    return found.assign(versions=found["versions"].map(", ".join)).astype("string")


def study_breaks(study: Study) -> pd.DataFrame:
    """`breaks` of every form that was ever published in a study, its id first in the column `form`."""
    with study.store() as store:
        found = [
            breaks(newest, earlier, read_renames(study.dir / RENAMES, newest.id)).assign(form=newest.id)
            for newest, *earlier in published_forms(store).values()
        ]
    names = ["form", *(field.name for field in fields(Break))]
    return pd.concat(found, ignore_index=True)[names].astype("string") if found else pd.DataFrame(columns=names)


def published_forms(store: Store) -> dict[str, list[Form]]:
    """Every published form by its id, newest version first."""
    found: dict[str, list[Form]] = {}
    for published in store.forms():
        found.setdefault(published.form_id, []).insert(0, _read(published.xform))
    return found


@functools.lru_cache(maxsize=16)
def _read(xform: str) -> Form:
    """A published form never changes, and reading one takes as long as reading some ten thousand records."""
    return read_form(xform)


def frames(tables: Mapping[str, Table], sheets: Sheets, zone: str = ZONE) -> dict[str, pd.DataFrame]:
    """Typed tables by name, of arranged sheets."""
    return {name: _frame(table, sheets, ZoneInfo(zone)) for name, table in tables.items()}


def _with_how(
    made: dict[str, pd.DataFrame], merged: Merged, forms: Mapping[str, Form], submissions: Iterable[Submission],
    renames: Mapping[str, str],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Tables with how the answers came about, beside each question that is asked again."""
    said: dict[tuple[str, str], str] = {}
    for each in submissions:
        for path, how in how_of(each.record, forms[each.form_hash]).items() if each.form_hash in forms else ():
            entry = path[: path.rindex("]") + 1] if "]" in path else ""
            below = entry.removeprefix(f"/{entry.split('/')[1]}") if entry else ""
            said[each.id + below, renamed(re.sub(r"\[\d+\]", "", path), renames)] = how
    for name, table in merged.tables.items():
        frame = made[name]
        rows = frame[KEY].to_list()
        for column in table.columns:
            if "follow_up" in column.bind.columns and not column.name.endswith("__missing"):
                values = [said.get((key, column.nodeset)) for key in rows]
                free = column_name(f"{column.nodeset}__how", table.nodeset, {*RESERVED, *frame.columns})
                frame.insert(
                    [*frame.columns].index(column.name) + 1, free, pd.Series(values, dtype=pd.StringDtype("pyarrow"))
                )
    return made


def _frame(table: Table, sheets: Sheets, zone: ZoneInfo) -> pd.DataFrame:
    columns: dict[str, pd.Series | ExtensionArray]
    if table.parent is None:
        columns = {name: as_text(texts(sheets, table.nodeset, ours)) for name, ours in _HEAD.items()}
        columns[ENVELOPE[-1]] = _utc(received(sheets))
    else:
        columns = dict(zip((KEY, PARENT_KEY), map(as_text, keys(sheets, table.nodeset)), strict=True))
    for column in table.columns:
        columns[column.name] = _typed(sheets, table.nodeset, column.nodeset, column.type, zone)
    known = {column.nodeset for column in table.columns}
    for name in nodesets(sheets, table.nodeset):
        if name not in known:
            free = column_name(name, table.nodeset, {*RESERVED, *columns})
            columns[free] = as_text(texts(sheets, table.nodeset, name))
    return pd.DataFrame(columns)


def _typed(sheets: Sheets, table: str, name: str, kind: str, zone: ZoneInfo) -> ExtensionArray | pd.Series:
    """A column in the dtype of its type, or as text where one of its texts is not of the type. Each different text is
    read once."""
    target = dtype(kind)
    if target == "string":
        return as_text(texts(sheets, table, name))
    found, codes = used(sheets, table, name)
    try:
        values = [read(text, kind) for text in found]
        if kind == "dateTime":
            return _utc(_spread([_instant(value, zone) for value in values], codes, "datetime64[us]"))
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no UTC everywhere
        return as_text(texts(sheets, table, name))
    if target == "datetime64[us]":
        return pd.Series(_spread(values, codes, target))
    missing = codes < 0
    if target == "Float64":
        numbers = _spread([float(str(value)) for value in values], codes, "float64")
        return pd.arrays.FloatingArray(numbers, missing)
    if target == "Int64":
        return pd.arrays.IntegerArray(_spread(values, codes, "int64"), missing)
    return pd.arrays.BooleanArray(_spread(values, codes, "bool"), missing)


def _spread(values: Sequence[object], codes: _Values, kind: str) -> _Values:
    """The value of each row; where there is none (-1), NaT resp. anything: what stands at the end."""
    empty = np.array(["NaT" if kind.startswith("datetime") else 0], dtype=kind)
    return np.concatenate([np.array(values, dtype=kind), empty])[codes]


def _instant(value: Value, zone: ZoneInfo) -> dt.datetime:
    """A moment in UTC, without saying so; one without an offset is of the zone."""
    if not isinstance(value, dt.datetime):
        raise TypeError(value)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)


def _utc(moments: _Values) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(moments).tz_localize("UTC"))


def as_text(found: Any) -> ExtensionArray:
    return pd.arrays.ArrowStringArray(found, dtype=pd.StringDtype("pyarrow"))  # type: ignore[call-arg]  # as of pandas 3
