"""intake.exchange.spss_in: files of others, by names, labels and missing values; ours in `test_roundtrip.py`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from intake.exchange.rebuilt import Rows, records
from intake.exchange.spss_in import read
from scenario.exchanged import THEN, form
from validation.errors import DataError

DATA = {
    "KEY": ["uuid:1", "uuid:2", "uuid:3"], "v1": ["Ayşe", "", "0012"], "v2": [7.0, -98.0, None],
    "wohnen": [1.0, 2.0, -98.0], "geboren": [dt.date(1980, 2, 29), None, None],
}  # fmt: skip
COLUMNS = {"v1": "Name", "v2": "Age", "wohnen": "?"}
VALUES = {"wohnen": {1.0: "Flat", 2.0: "Site", -98.0: "keine Angabe"}, "v2": {-98.0: "keine Angabe"}}
LEAVE = ("person", "vzae", "wann", "uhr", "sprachen", "notiz", "ort", "bild", "geboren__missing", "probe-kind")


def written(folder: Path, ending: str, **more: Any) -> Rows:
    frame = pd.DataFrame(DATA | more)
    path = folder / f"umfrage{ending}"
    if ending == ".sav":
        ranges = {name: [{"lo": -98.0, "hi": -98.0}] for name in VALUES}
        pyreadstat.write_sav(
            frame, path, column_labels=COLUMNS, variable_value_labels=VALUES, missing_ranges=ranges
        )  # fmt: skip
    else:
        marked = {name: ["b"] for name in VALUES}
        values = {name: {("b" if key == -98.0 else int(key)): text for key, text in labels.items()}
                  for name, labels in VALUES.items()}  # fmt: skip
        for name in VALUES:
            frame[name] = frame[name].astype("object").where(frame[name].notna(), None).replace(-98.0, "b")
        pyreadstat.write_dta(
            frame, path, column_labels=COLUMNS, variable_value_labels=values, missing_user_values=marked
        )  # fmt: skip
    return read(form(), {path.name: path.read_bytes()})


@pytest.mark.parametrize("ending", [".sav", ".dta"])
def test_labels_are_codes_again_and_missing_values_reasons(ending: str, tmp_path: Path) -> None:
    found = records(form(), written(tmp_path, ending), zone="UTC", now=THEN, leave_out=LEAVE)
    assert found.problems == ()
    wanted = ("name", "alter", "alter__missing", "wohnen", "wohnen__missing", "geboren")
    assert [[each.record.get(f"/data/{name}", "") for name in wanted] for each in found.arrivals] == [
        ["Ayşe", "7", "", "wg", "", "1980-02-29"],
        ["", "", "refused", "gu", "", ""],
        ["0012", "", "", "", "refused", ""],
    ]


def test_a_variable_that_is_no_question_is_named(tmp_path: Path) -> None:
    rows = written(tmp_path, ".sav", fremd=["a", "b", "c"])
    found = records(form(), rows, zone="UTC", now=THEN, leave_out=LEAVE)
    assert [(each.code, each.place.column) for each in found.problems] == [("import.unknown_column", "fremd")]


def test_what_is_no_such_file_is_refused() -> None:
    for name in ("a.sav", "a.dta"):
        with pytest.raises(DataError) as raised:
            read(form(), {name: b"no such thing"})
        assert raised.value.code == "import.damaged"
