"""Fields of a PDF form."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from reports.filling.answers import Value
from reports.filling.pdf import fields_of, fill_pdf
from scenario.office_forms import pdf
from validation.errors import DataError

FORM = pdf()


def filled(**values: Value) -> dict[str, str]:
    found = PdfReader(io.BytesIO(fill_pdf(FORM, values, "a.pdf"))).get_fields() or {}
    return {name: str(field.get("/V", "")) for name, field in found.items()}


def test_texts_boxes_and_lists_are_filled() -> None:
    assert fields_of(FORM, "a.pdf") == ("Name", "Kurs", "Stand")
    given = filled(Name=Value("Müller"), Kurs=Value("ja", ("ja",), ticked=True), Stand=Value("Mittelstufe", ("x",)))
    assert given == {"Name": "Müller", "Kurs": "/An", "Stand": "b1"}
    assert filled(Kurs=Value("nein", ("nein",)), Stand=Value("", ()))["Kurs"] == "/Off"
    assert filled(Name=Value("ليلى"))["Name"] == "ليلى"


def test_an_answer_that_is_not_offered_is_refused_without_it() -> None:
    with pytest.raises(DataError, match="Stand") as caught:
        filled(Stand=Value("geheim", ("c2",)))
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [(pdf(xfa=True), "XFA"), (pdf(locked=True), "Kennwort"), (b"", "beschädigt"), (b"%PDF-1.4 x", "beschädigt")],
)
def test_strange_files_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        fields_of(data, "x.pdf")
