"""intake.exchange.parquet_in: values back to texts; whole round trips in `test_roundtrip.py`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from intake.exchange import parquet
from intake.exchange.extract import extract_submissions
from intake.exchange.parquet_in import read, text_of_value
from intake.exchange.profiles import PSEUDONYMOUS
from scenario.exchanged import FULL, form, sent
from validation.errors import DataError


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "string", ""), (pd.NA, "int", ""), (pd.NaT, "date", ""), (float("nan"), "decimal", ""),
        (np.float64(8.1), "decimal", "8.1"), (np.int64(7), "int", "7"), (np.float64(1e-5), "decimal", "0.00001"),
        (np.bool_(True), "boolean", "1"), (pd.Timestamp("2026-05-04"), "date", "2026-05-04"),
        (pd.Timestamp("2026-05-04T10:00:00Z"), "dateTime", "2026-05-04T10:00:00.000+00:00"), ("007", "string", "007"),
    ],
)  # fmt: skip
def test_a_value_is_the_text_a_submission_carries(value: object, kind: str, text: str) -> None:
    assert text_of_value(value, kind) == text


def test_an_extract_for_other_purposes_and_what_is_no_parquet_are_refused() -> None:
    take = extract_submissions(form(), [sent(1, FULL)])
    data = parquet.document(replace(take, profile=PSEUDONYMOUS), take.typed()["probe"], "probe")
    with pytest.raises(DataError) as raised:
        read(form(), {"probe.parquet": data})
    assert raised.value.code == "import.not_whole"
    with pytest.raises(DataError) as raised:
        read(form(), {"probe.parquet": b"PAR1"})
    assert raised.value.code == "import.damaged"
