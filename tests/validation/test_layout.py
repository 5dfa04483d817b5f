from __future__ import annotations

from functools import cache

import pytest

from scenario.xforms import form, inputs, survey
from validation.form import Form
from validation.layout import (
    choice_labels,
    choice_values,
    layout,
    question_label,
    takes_many,
    text_of,
)

MARKDOWN = """
| survey | type | name | label::Deutsch (de) | label::English (en) | choice_filter | calculation |
|---|---|---|---|---|---|---|
| | end | end | | | | |
| | begin_group | person | Zur Person | About the person | | |
| | text | name | Name | Name | | |
| | text | gruss | Gruß an ${name} | Greeting of ${name} | | |
| | select_one land | land | Land | Country | | |
| | select_one ort | ort | Ort | | land=${land} | |
| | select_multiple land | reise | Reisen | Travels | | |
| | rank land | wunsch | Wunsch | Wish | | |
| | end_group | | | | | |
| | begin_repeat | kind | Kind | Child | | |
| | integer | alter | Alter | Age | | |
| | begin_group | schule | Schule | School | | |
| | text | titel | Name der Schule | Name of the school | | |
| | end_group | | | | | |
| | begin_repeat | tag | Tag | Day | | |
| | date | am | Am | On | | |
| | end_repeat | | | | | |
| | end_repeat | | | | | |
| | begin_group | zwei | Zwei | Two | | |
| | begin_repeat | woche | Woche | Week | | |
| | decimal | wert | Wert | Value | | |
| | end_repeat | | | | | |
| | end_group | | | | | |
| | calculate | summe | | | | 1 + 1 |

| choices | list_name | name | label::Deutsch (de) | label::English (en) | land |
|---|---|---|---|---|---|
| | land | SY | Syrien | Syria | |
| | land | DE | Deutschland | | |
| | ort | HAL | Aleppo | Aleppo | SY |
| | ort | CW | Calw | Calw | DE |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""


@cache
def probe() -> Form:
    return survey(MARKDOWN)


def test_names_of_tables_and_columns() -> None:
    found = {
        name: (table.nodeset, table.parent, [column.name for column in table.columns])
        for name, table in layout(probe()).items()
    }
    assert found == {
        "probe": ("/data", None, ["end", "person-name", "person-gruss", "person-land", "person-ort", "person-reise",
                                  "person-wunsch", "summe"]),
        "probe-kind": ("/data/kind", "probe", ["alter", "schule-titel"]),
        "probe-tag": ("/data/kind/tag", "probe-kind", ["am"]),
        "probe-woche": ("/data/zwei/woche", "probe", ["wert"]),
    }  # fmt: skip
    kinds = {column.name: column.dtype for table in layout(probe()).values() for column in table.columns}
    assert kinds["end"] == "datetime64[us, UTC]"
    assert (kinds["alter"], kinds["wert"], kinds["am"]) == ("Int64", "Float64", "datetime64[us]")
    assert layout(probe())["probe-kind"].column("alter") is not None
    assert layout(probe())["probe-kind"].column("name") is None


def test_a_repeat_without_a_first_entry_stands_where_the_form_has_it() -> None:
    made = form(
        '<a/><k jr:template=""><x/></k><b/><meta><instanceID/><instanceName/></meta>',
        body=inputs("a", "b")
        + '<group ref="/data/k"><repeat nodeset="/data/k"><input ref="/data/k/x"/></repeat></group>',
    )
    tables = layout(made)
    # The key is the instanceID; of the rest of the meta block only the name says something about the record.
    assert [column.name for column in tables["test"].columns] == ["a", "b", "meta-instanceName"]
    assert [column.name for column in tables["test-k"].columns] == ["x"]


def test_repeats_of_one_name_are_told_apart_by_their_paths() -> None:
    def repeat(path: str) -> str:
        return f'<group ref="{path}"><repeat nodeset="{path}"><input ref="{path}/x"/></repeat></group>'

    made = form("<a><k><x/></k></a><b><k><x/></k></b>", body=repeat("/data/a/k") + repeat("/data/b/k"))
    assert list(layout(made)) == ["test", "test-a-k", "test-b-k"]


@pytest.mark.parametrize(
    ("nodeset", "german", "english"),
    [
        ("/data/person/name", "Name", "Name"),
        ("/data/person/gruss", "Gruß an …", "Greeting of …"),  # what it quotes is an answer
        ("/data/person", "Zur Person", "About the person"),
        ("/data/kind", "Kind", "Child"),
        ("/data/summe", "summe", "summe"),
        ("/data/nowhere", "nowhere", "nowhere"),
    ],
)
def test_labels_of_questions(nodeset: str, german: str, english: str) -> None:
    assert question_label(probe(), nodeset) == german
    assert question_label(probe(), nodeset, "en") == english
    assert question_label(probe(), nodeset, "Deutsch (de)") == german
    assert question_label(probe(), nodeset, "tr") == german


def test_choices_are_all_of_the_list_whatever_the_filter_says() -> None:
    assert choice_labels(probe(), "/data/person/ort") == {"HAL": "Aleppo", "CW": "Calw"}
    assert choice_values(probe(), "/data/person/ort") == {"HAL", "CW"}
    assert choice_labels(probe(), "/data/person/land", "en")["SY"] == "Syria"
    assert choice_values(probe(), "/data/person/name") is None
    assert choice_labels(probe(), "/data/person/name") == {}


def test_choices_written_in_the_body_and_choices_from_answers() -> None:
    item = "<item><label>Ja</label><value>ja</value></item>"
    made = form(
        "<a/><b/><k><n/></k>",
        body=f'<select1 ref="/data/a">{item}</select1>'
        '<select1 ref="/data/b"><itemset nodeset="/data/k"><value ref="n"/><label ref="n"/></itemset></select1>',
    )
    assert choice_labels(made, "/data/a") == {"ja": "Ja"}
    assert choice_values(made, "/data/b") is None  # what can be chosen is what was answered


def test_what_holds_many_values() -> None:
    assert [takes_many(probe(), f"/data/person/{name}") for name in ("land", "reise", "wunsch", "name")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_text_that_quotes_an_answer_is_none_where_it_must_be_exact() -> None:
    control = probe().control("/data/person/gruss")
    assert control is not None
    assert text_of(probe(), control.label, "de", exact=True) == ""
    assert text_of(probe(), None) == ""


@pytest.mark.parametrize(
    ("nodeset", "values"),
    [
        ("randomize(instance('x')/root/item)", ["1", "2"]),
        ("instance('x')/root/*", ["1", "2"]),
        ("instance('x')/root/item[n = 1]", ["1", "2"]),
        ("instance('x')//item", None),
        ("instance(/data/a)/root/item", None),
    ],
)
def test_a_list_is_known_where_it_stands_in_the_form(nodeset: str, values: list[str] | None) -> None:
    made = form(
        "<a/>",
        "<instance id='x'><root><item><n>1</n><t>Eins</t></item><item><n>2</n></item></root></instance>",
        f'<select1 ref="/data/a"><itemset nodeset="{nodeset}"><value ref="n"/><label ref="t"/></itemset></select1>',
    )
    known = choice_values(made, "/data/a")
    assert (None if known is None else sorted(known)) == values
    if values is not None:
        assert choice_labels(made, "/data/a")["1"] == "Eins"
