"""Dividing a record by class of sensitivity: nothing is lost, and nothing stands in a part it does not belong to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.store.division import Division, merged
from intake.store.ring import CLASSES
from intake.submission import Record
from intake.xlsform import read_xlsform
from validation.errors import DataError

FORMS = Path(__file__).parents[3] / "data" / "forms"


@pytest.fixture(scope="module")
def first() -> Division:
    return Division(read_xlsform(FORMS / "erstgespraech.md"))


def records(division: Division) -> st.SearchStrategy[Record]:
    keys = sorted(key for key in division._classes if key.count("/") > 1 and not key.startswith("/data/kinder/kind"))
    texts = st.sampled_from(["", "ja", "einr", "ges", "frei", "einr ges"])
    inner = st.dictionaries(st.sampled_from(["/data/kinder/kind/kind_name", "/data/kinder/kind/x"]), texts, max_size=2)
    return st.builds(
        lambda plain, children: {**plain, **({"/data/kinder/kind": children} if children else {})},
        st.dictionaries(st.sampled_from([*keys, "/data/unknown", "/data/person/@x", "/data/order()"]), texts),
        st.lists(inner, max_size=3),
    )


@given(data=st.data())
def test_dividing_and_joining_loses_nothing_whatever_the_order_of_the_parts(
    first: Division, data: st.DataObject
) -> None:
    record = data.draw(records(first))
    parts = first.split(record)
    assert set(parts) <= set(CLASSES)
    assert merged(parts.values()) == record
    assert merged(reversed(parts.values())) == record


def test_a_choice_with_a_class_of_its_own_raises_the_answer(first: Division) -> None:
    path = "/data/wohnen/wohnform"
    assert first.class_of(path, "au_gu") == "general"
    assert first.class_of(path, "einr") == "special"
    assert first.split({path: "einr"}) == {"special": {path: "einr"}}


def test_what_the_form_does_not_know_is_nobodys_business(first: Division) -> None:
    assert first.split({"/data/neu/notiz()": "x"}) == {"identity": {"/data/neu/notiz()": "x"}}
    assert first.class_of("/data/person/name") == "identity"
    assert first.class_of("/data/@xmlns") == "general"


def test_a_calculation_has_the_class_of_what_it_reads(tmp_path: Path) -> None:
    form = tmp_path / "f.md"
    form.write_text(
        "| survey | type | name | label | calculation | sensitivity |\n"
        "| | text | name | Name | | identity |\n"
        "| | calculate | greeting | | concat('Hallo ', ${name}) | |\n"
        "| | calculate | longer | | concat(${greeting}, '!') | |\n"
        "| | calculate | told | | string-length(${name}) | general |\n"
        "| settings | form_id |\n| | f |\n",
        encoding="utf-8",
    )
    division = Division(read_xlsform(form))
    assert [division.class_of(f"/data/{name}") for name in ("greeting", "longer", "told")] == [
        "identity",
        "identity",
        "general",
    ]


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="passen nicht"):
        merged([{"/data/a": [{}]}, {"/data/a": [{}, {}]}])


def test_a_file_has_the_class_of_the_question_that_names_it(first: Division) -> None:
    assert first.attachments({"/data/person/name": "a.png", "/data/person/geschlecht": "b.png"}) == {
        "a.png": "identity",
        "b.png": "general",
    }


@pytest.mark.parametrize("name", ["erstgespraech", "kontakt", "austritt", "unterkunft"])
def test_pseudonyms_and_what_is_made_of_them_are_nobody_else_s_business(name: str) -> None:
    form = read_xlsform(FORMS / f"{name}.md")
    division = Division(form)
    found = {
        each: division.class_of(each) for each in form.binds if each.rsplit("/", 1)[-1] in ("person", "fallnummer")
    }
    assert found
    assert set(found.values()) == {"identity"}
    if "/data/fall/person" in found:
        assert division.class_of("/data/meta/instanceName") == "identity"
