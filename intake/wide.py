"""Tables for analysis: choices as categories with labels, several choices as lists or as columns of 0 and 1.

    frames = study_tables(study)
    wide(form, frames, labels="de")["erstgespraech"]

What `study_tables` gives stays as it is; these are new frames. An answer that is in no list is kept: as a category
after the others, as a value in a list. NA stays NA: no answer, or not asked; the reason (`<name>__missing`) stands
beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from intake.columnar import lists
from intake.how import HOWS
from intake.versions import merge
from validation.errors import UsageError
from validation.form import Form
from validation.layout import choice_labels, takes_many
from validation.messages import LANGUAGES, say

Many = Literal["text", "list", "split"]
_MISSING, _HOW = "__missing", "__how"


def wide(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    many: Many = "list",
    labels: str | None = None,
    missing: bool = True,
    earlier: Sequence[Form] = (),
    renames: Mapping[str, str] | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables of a form (others are left out), for analysis.

    A question with one choice is an ordered category as the list orders it, its categories the values, or with
    `labels` their labels in a language. One with several is left as text ('ar de'), a list column
    (`list<string>` of arrow: `["ar", "de"]`), or split: `<name>/<value>` of Int8 after it, 1 where chosen, 0 where not,
    NA where nothing was answered. How answers came about (`<name>__how`, where
    the tables have it) is a category too. `missing` False leaves the reasons out. `earlier` and `renames` as in
    `intake.tables.tables`. UsageError 'wide.many' for another way.
    """
    if many not in ("text", "list", "split"):
        raise UsageError("wide.many", many=many)
    merged = merge(form, earlier, renames)
    made = {}
    for name, table in merged.tables.items():
        if name not in tables:
            continue
        homes = {column.name: merged.origin.get(column.nodeset, (form, column.nodeset)) for column in table.columns}
        columns: dict[str, pd.Series] = {}
        for column, values in tables[name].items():
            head = str(column)
            if head.endswith(_MISSING) and not missing:
                continue
            columns |= _columns(head, values, homes.get(head), many, labels)
        made[name] = pd.DataFrame(columns, index=tables[name].index)
    return made


def category(values: pd.Series, labels: Mapping[str, str], *, named: bool) -> pd.Series:
    """Texts as an ordered category: the choices of a list in its order, then other values by their text. With `named`
    the categories are labels; where several choices share one it is `<label> [<value>]`."""
    count = Counter(labels.values())
    names = {value: label if count[label] == 1 else f"{label} [{value}]" for value, label in labels.items()}
    others = sorted(set(values.dropna().unique()) - set(labels))
    found = values.astype("object").where(values.notna(), None)
    coded = pd.Categorical(found, categories=[*labels, *others], ordered=True)
    if named:
        taken = set(names.values())
        coded = coded.rename_categories(names | {value: f"[{value}]" for value in others if value in taken})
    return pd.Series(coded, index=values.index)


def _columns(
    name: str, values: pd.Series, home: tuple[Form, str] | None, many: Many, language: str | None
) -> dict[str, pd.Series]:
    if home is None and name.endswith(_HOW):
        words = {how: say(f"tables.how_{how}", language if language in LANGUAGES else "de") for how in HOWS}
        return {name: category(values, words, named=language is not None)}
    if home is None or values.dtype != "string":
        return {name: values}
    labels = choice_labels(*home, language or "de")
    if not takes_many(*home):
        return {name: category(values, labels, named=language is not None) if labels else values}
    if many == "text":
        return {name: values}
    if many == "list":
        found = lists(values)
        return {name: pd.Series(found, index=values.index, dtype=pd.ArrowDtype(found.type))}
    given = values.fillna("").map(str.split)
    known = dict.fromkeys((*labels, *sorted({value for each in given for value in each})))
    split = {
        f"{name}/{value}": given.map(lambda each, value=value: value in each).astype("Int8").mask(values.isna())
        for value in known
    }
    return {name: values, **split}
