from __future__ import annotations

import io
import json
import random
import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.exchange.extract import Extract, extract_submissions
from intake.exchange.parquet import document, read
from intake.submission import Submission
from scenario import told
from scenario.exchanged import FULL, MISSING, answered, form, sent
from scenario.formulas import PAYLOADS
from validation.errors import DataError


def take(*submissions: Submission) -> Extract:
    return extract_submissions(form(), submissions)


def made(extract: Extract) -> dict[str, bytes]:
    return {name: document(extract, frame, name) for name, frame in extract.typed().items()}


RECORDS = (sent(1, FULL, person="P-1"), sent(2, MISSING, person="P-2"), sent(3, {}), sent(4, answered(alter="alt")))


def test_a_table_comes_back_as_it_was() -> None:
    extract = take(*RECORDS, *(sent(10 + n, answered(notiz=text)) for n, text in enumerate(PAYLOADS)))
    for name, frame in extract.typed().items():
        pd.testing.assert_frame_equal(read(document(extract, frame, name))[0], frame)


def test_what_stands_beside_answers_is_read_where_it_is_asked_for() -> None:
    extract = extract_submissions(told.form(), [*told.followed(told.form(), told.lives(3), random.Random(3))])
    for name, frame in extract.typed().items():
        data = document(extract, frame, name)
        pd.testing.assert_frame_equal(read(data, beside=True)[0], frame)
        own = [column for column in frame if not re.search("__how(_2)?$|_entity$", column) or column == "alter__how"]
        assert [*read(data)[0]] == own != [*frame]
    field = pq.read_schema(io.BytesIO(document(extract, extract.typed()["verlauf"], "verlauf"))).field("deutsch__how")
    assert field.metadata[b"label"].decode() == "Deutsch – wie die Antwort zustande kam"
    assert json.loads(field.metadata[b"choices"])["corrected"] == "berichtigt"


def test_every_column_has_the_arrow_type_of_its_kind() -> None:
    schema = pq.read_schema(io.BytesIO(made(take(*RECORDS[:3]))["probe"]))
    found = {name: str(schema.field(name).type) for name in schema.names}
    assert found["geboren"] == "date32[day]"
    assert found["wann"] == "timestamp[us, tz=UTC]"
    assert (found["alter"], found["vzae"]) == ("int64", "double")
    assert found["sprachen"].startswith("large_list") or found["sprachen"].startswith("list")
    assert found["wohnen"].startswith(("dictionary<values=string", "dictionary<values=large_string"))
    assert pa.types.is_large_string(schema.field("notiz").type)


def test_a_field_says_what_it_is() -> None:
    schema = pq.read_schema(io.BytesIO(made(take(*RECORDS))["probe"]))
    told = {
        key.decode(): value.decode()
        for key, value in schema.field("wohnen").metadata.items()
        if key != b"PARQUET:field_id"
    }
    assert (told["nodeset"], told["label"]) == ("/data/wohnen", "Wohnen")
    assert json.loads(told["choices"])["gu"] == "Unterkunft"
    assert read(made(take(*RECORDS))["probe"])[1]["hash"] == form().hash


def test_a_text_that_is_not_of_its_type_keeps_its_column_text() -> None:
    schema = pq.read_schema(io.BytesIO(made(take(*RECORDS))["probe"]))
    assert pa.types.is_large_string(schema.field("alter").type)


@pytest.mark.parametrize("text", ["ar  de", " ar", "ar\tde"])
def test_choices_that_are_not_written_as_choices_stay_as_they_were(text: str) -> None:
    extract = take(sent(1, answered(sprachen=text)), RECORDS[0])
    assert read(made(extract)["probe"])[0]["sprachen"].tolist() == [text, "ar de"]


def test_what_is_no_parquet_is_refused() -> None:
    with pytest.raises(DataError, match="Parquet"):
        read(b"PAR1 nichts")
