"""A small form, good tables of it, and tables that are wrong in one way each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

import pandas as pd

from scenario.xforms import survey
from validation.form import Form
from validation.layout import layout

NOON = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | required | relevant | constraint | constraint_message::Deutsch (de) | constraint_message::English (en) | choice_filter | calculation |
|---|---|---|---|---|---|---|---|---|---|---|---|
| | end | end | | | | | | | | | |
| | text | name | Name | Name | yes | | | | | | |
| | integer | alter | Alter | Age | | | . >= 0 and . < 120 | Bitte 0 bis 119. | Please 0 to 119. | | |
| | date | datum | Tag des Gesprächs | Day of the interview | | | . <= today() | | | | |
| | select_one land | land | Land | Country | | | | | | | |
| | select_one ort | ort | Ort | Place | | | | | | land=${land} | |
| | select_multiple sprache | sprachen | Sprachen | Languages | | | | | | | |
| | begin_group | arbeit | Arbeit | Work | | ${alter} >= 15 | | | | | |
| | text | beruf | Beruf | Occupation | yes | | string-length(.) < 20 | ${name} kann das nicht sein. | ${name} cannot be that. | | |
| | end_group | | | | | | | | | | |
| | begin_repeat | kind | Kind | Child | | | | | | | |
| | text | vorname | Vorname | First name | yes | | | | | | |
| | decimal | groesse | Größe | Height | | | . > 0 | | | | |
| | begin_repeat | impfung | Impfung | Vaccination | | | | | | | |
| | date | am | Geimpft am | Vaccinated on | yes | | . <= ${datum} | | | | |
| | end_repeat | | | | | | | | | | |
| | end_repeat | | | | | | | | | | |
| | calculate | anzahl | | | | | | | | | count(${kind}) |

| choices | list_name | name | label::Deutsch (de) | label::English (en) | land |
|---|---|---|---|---|---|
| | land | SY | Syrien | Syria | |
| | land | DE | Deutschland | Germany | |
| | ort | HAL | Aleppo | Aleppo | SY |
| | ort | CW | Calw | Calw | DE |
| | sprache | ar | Arabisch | Arabic | |
| | sprache | de | Deutsch | German | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""  # noqa: E501 - a table is read row by row

Row = Mapping[str, object]


@cache
def form() -> Form:
    return survey(FORM)


def frames(rows: Mapping[str, list[Row]], of: Form | None = None) -> dict[str, pd.DataFrame]:
    """Typed tables of the form from rows by column; what a row leaves out is NA, a table left out is empty."""
    made = {}
    for table in layout(of or form()).values():
        given_rows = rows.get(table.name, [])
        keys = {"KEY": "string", **({"PARENT_KEY": "string"} if table.parent else {})}
        kinds = keys | {column.name: column.dtype for column in table.columns}
        made[table.name] = pd.DataFrame(
            {name: pd.Series([row.get(name) for row in given_rows], dtype=kind) for name, kind in kinds.items()}
        )
    return made


GOOD: Row = {
    "KEY": "uuid:1",
    "end": NOON,
    "name": "A",
    "alter": 40,
    "datum": dt.datetime(2026, 5, 4),  # noqa: DTZ001 - a date column holds midnights without a zone
    "land": "SY",
    "ort": "HAL",
    "sprachen": "ar de",
    "arbeit-beruf": "Koch",
    "anzahl": "1",
}
CHILD: Row = {"KEY": "uuid:1/kind[1]", "PARENT_KEY": "uuid:1", "vorname": "B", "groesse": 1.2}
SHOT: Row = {"KEY": "uuid:1/kind[1]/impfung[1]", "PARENT_KEY": "uuid:1/kind[1]", "am": pd.Timestamp("2020-01-01")}


def tables(root: Row | None = None, child: Row | None = None, shot: Row | None = None) -> dict[str, pd.DataFrame]:
    return frames(
        {
            "probe": [GOOD, {**GOOD, "KEY": "uuid:2", **(root or {})}],
            "probe-kind": [CHILD, {**CHILD, "KEY": "uuid:2/kind[1]", "PARENT_KEY": "uuid:2", **(child or {})}],
            "probe-impfung": [
                SHOT,
                {**SHOT, "KEY": "uuid:2/kind[1]/impfung[1]", "PARENT_KEY": "uuid:2/kind[1]", **(shot or {})},
            ],
        }
    )


def broken(name: str) -> dict[str, pd.DataFrame]:
    given_tables = tables()
    root, child = given_tables["probe"], given_tables["probe-kind"]
    match name:
        case "missing column":
            given_tables["probe"] = root.drop(columns="name")
        case "missing key":
            given_tables["probe"] = root.drop(columns="KEY")
        case "unknown column":
            given_tables["probe"] = root.assign(neu="x")
        case "missing table":
            del given_tables["probe-impfung"]
        case "missing root":
            del given_tables["probe"]
        case "unknown table":
            given_tables["probe-fremd"] = child
        case "other form":
            given_tables["austritt"] = child
        case "wrong dtype":
            given_tables["probe"] = root.assign(name=[1, 2])
        case "fractions":
            given_tables["probe"] = root.assign(alter=[40.0, 41.0])
        case "numpy":
            given_tables["probe"] = root.assign(alter=[40, 41], name=["A", "B"])
        case "ill-typed":
            given_tables["probe"] = root.assign(alter=pd.Series(["40", "vierzig"], dtype="string"))
        case "two columns":
            given_tables["probe"] = pd.concat([root, root[["name"]]], axis=1)
        case "number as name":
            given_tables["probe"] = root.assign(**{"7": 1}).rename(columns={"7": 7})
        case "infinite":
            given_tables["probe-kind"] = child.assign(groesse=pd.Series([1.2, float("inf")]))
        case "no character":
            given_tables["probe"] = root.assign(name=pd.Series(["A", "B\x00"], dtype="string"))
        case "half a character":
            given_tables["probe"] = root.assign(name=pd.Series(["A", "\ud800"], dtype="object"))
        case "things":
            given_tables["probe"] = root.assign(sprachen=pd.Series(["ar", {"x": 1}], dtype="object"))
        case "duplicate key":
            given_tables["probe"] = pd.concat([root, root.iloc[:1]])
        case "no key":
            given_tables["probe"] = root.assign(KEY=pd.Series(["uuid:1", None], dtype="string"))
        case "things as keys":
            given_tables["probe"] = root.assign(KEY=pd.Series(["uuid:1", {"x": 1}], dtype="object"))
        case "orphan":
            given_tables["probe-kind"] = child.assign(PARENT_KEY=pd.Series(["uuid:1", "uuid:7"], dtype="string"))
        case "nobody's":
            given_tables["probe-kind"] = child.assign(PARENT_KEY=pd.Series(["uuid:1", None], dtype="string"))
        case "no columns":
            given_tables["probe-kind"] = pd.DataFrame()
    return given_tables
