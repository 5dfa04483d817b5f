"""validation/verdicts.py: blocks, what goes to the row engine, what is reported; agreement is test_judges.py's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenario.random_tables import NOW, ZONE, RandomTables, differences, verdict
from scenario.xforms import COUNTED, form, inputs, survey
from validation import rows, verdicts
from validation.errors import UsageError
from validation.form import Form
from validation.rows import Fallback, Masks

PEOPLE = survey("""
| survey | type | name | label | required | relevant | constraint | calculation | choice_filter | repeat_count |
|---|---|---|---|---|---|---|---|---|---|
| | end | end | | | | | | | |
| | integer | alter | Alter | yes | | . < 120 | | | |
| | select_one land | land | Land | | | | | | |
| | select_one ort | ort | Ort | | ${alter} > 10 | | | land = ${land} | |
| | begin_repeat | kind | Kind | | ${alter} > 17 | | | | |
| | date | geboren | Geboren | | | . <= today() and position(..) < 3 | | | |
| | end_repeat | | | | | | | | |
| | integer | kinder | Kinder | | | . = count(${kind}) | | | |
| choices | list_name | name | label | land |
|---|---|---|---|---|
| | land | bw | BW | |
| | land | by | BY | |
| | ort | cw | Calw | bw |
| | ort | mu | München | by |
| settings | form_id |
|---|---|
| | probe |
""")


def judged(of: Form, tables: dict[str, pd.DataFrame], **options: Any) -> Masks:
    """The verdicts of the columns, which are those of the rows."""
    given = {"default_now": NOW, "zone": ZONE, **options}
    found, wanted = verdicts.masks(of, tables, **given), rows.masks(of, tables, **given)
    assert {name: {pair: mask.tolist() for pair, mask in bad.items()} for name, bad in found.bad.items()} == {
        name: {pair: mask.tolist() for pair, mask in bad.items()} for name, bad in wanted.bad.items()
    }
    assert {name: mask.tolist() for name, mask in found.orphans.items()} == {
        name: mask.tolist() for name, mask in wanted.orphans.items()
    }
    return found


def texts(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="string")


def kinds(*parents: str, geboren: str = "2020-01-01") -> pd.DataFrame:
    keys = [f"{parent}/kind[{number}]" for number, parent in enumerate(parents)]
    return texts(KEY=keys, PARENT_KEY=list(parents), geboren=[geboren] * len(keys))


@pytest.mark.parametrize("block", [1, 2, 5])
def test_blocks_of_any_size_say_the_same(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = RandomTables(PEOPLE).draw(random.Random(4), 9)
    whole = verdict(verdicts.masks, PEOPLE, tables, default_now=NOW)
    monkeypatch.setattr(verdicts, "BLOCK", block)
    assert not differences(whole, verdict(verdicts.masks, PEOPLE, tables, default_now=NOW), tables)


def test_entries_in_any_order_belong_to_their_records() -> None:
    tables = {
        "probe": texts(KEY=["a", "b"], alter=["40", "20"], kinder=["3", "1"]),
        "probe-kind": kinds("b", "a", "x", "a", "a"),
    }
    found = judged(PEOPLE, tables)
    assert found.bad == {"probe-kind": {("geboren", "constraint"): pytest.approx([False] * 4 + [True])}}
    assert found.orphans["probe-kind"].tolist() == [False, False, True, False, False]
    assert found.fallbacks == ()


def test_records_of_one_key_are_told_apart_by_the_row_engine() -> None:
    tables = {"probe": texts(KEY=["a", "a", "b"], alter=["9", "40", "9"], ort=["cw", "cw", None]),
              "probe-kind": kinds("a", "b")}  # fmt: skip
    found = judged(PEOPLE, tables)
    assert found.fallbacks == (Fallback("/data", "", "2 records judged one by one"),)
    assert found.bad["probe-kind"]["geboren", "relevant"].tolist() == [True, True]


def test_a_record_with_other_entries_than_its_count_asks_for_goes_to_the_row_engine() -> None:
    tables = {
        "probe": texts(KEY=["a", "b", "c"], n=["1", "2", "0"]),
        "probe-kind": texts(KEY=list("klmn"), PARENT_KEY=["a", "a", "b", "b"], a=[None, "x", None, "x"]),
    }
    found = judged(survey(COUNTED), tables)
    assert found.fallbacks == (Fallback("/data", "", "1 records judged one by one"),)
    assert found.bad["probe-kind"]["a", "relevant"].tolist() == [False, True, False, False]


def test_what_has_no_form_over_columns_is_asked_once_per_distinct_answers_and_reported() -> None:
    of = form(
        "<a/><b/><g><c/><d/></g><e/>",
        """<bind nodeset="/data/b" constraint="count(/data/*[. = 'x']) &lt; 2"/>
           <bind nodeset="/data/e" relevant="(/data/a | /data/g/c) = 'x'" constraint="name(..) = 'data'"/>""",
        inputs("a", "b", "g/c", "g/d", "e"),
    )
    values = ["x", None, "y"]
    tables = {"test": pd.DataFrame(
        [(f"{a}{c}", a, "x", c, None, "x") for a in values for c in values],
        columns=["KEY", "a", "b", "g-c", "g-d", "e"], dtype="string",
    )}  # fmt: skip
    found = judged(of, tables)
    assert {(fallback.nodeset, fallback.attribute) for fallback in found.fallbacks} == {
        ("/data/b", "constraint"), ("/data/e", "relevant"), ("/data/e", "constraint"),
    }  # fmt: skip
    assert int(found.bad["test"]["e", "relevant"].sum()) == 4


@pytest.mark.parametrize(
    ("model", "where"),
    [
        ('<setvalue ref="/data/a" event="odk-instance-load" value="1"/>', Fallback("/data/a", "setvalue", "")),
        ('<bind nodeset="/data/a" relevant="/data/b"/><bind nodeset="/data/b" relevant="/data/a"/>',
         Fallback("/data/b", "relevant", "")),
    ],
)  # fmt: skip
def test_what_only_an_interview_can_follow_is_left_to_it(model: str, where: Fallback) -> None:
    of = form("<a/><b/>", model, inputs("a", "b"))
    found = judged(of, {"test": texts(KEY=["k"], a=["1"], b=[None])})
    assert (where.nodeset, where.attribute) in {(each.nodeset, each.attribute) for each in found.fallbacks}


def test_a_refusal_sends_the_record_to_the_row_engine_and_no_other() -> None:
    of = form("<a/><b/>", '<bind nodeset="/data/b" constraint="if(/data/a = \'\', true(), distance(/data/a) &gt; 1)"/>',
              inputs("a", "b"))  # fmt: skip
    tables = {"test": texts(KEY=list("kno"), a=["48 9;49 9", None, "nowhere"], b=["x"] * 3)}
    found = judged(of, tables)
    assert found.fallbacks[-1] == Fallback("/data", "", "1 records judged one by one")
    assert found.bad["test"]["b", "constraint"].tolist() == [False, False, True]


def test_without_a_time_a_form_that_asks_for_it_is_refused_and_with_its_own_end_it_is_not() -> None:
    frame = texts(KEY=["a"], alter=["4"])
    with pytest.raises(UsageError, match="probe"):
        verdicts.masks(PEOPLE, {"probe": frame}, zone=ZONE)
    judged(PEOPLE, {"probe": frame.assign(end="2026-05-04T10:00:00.000+02:00")}, default_now=None)


@pytest.mark.parametrize("kind", ["string", "object", "datetime64[us]"])
def test_dates_are_the_same_in_every_kind_of_column(kind: str) -> None:
    table = kinds("a", "a", geboren="2026-05-05")
    table["geboren"] = table["geboren"].astype(kind)
    found = judged(PEOPLE, {"probe": texts(KEY=["a"], alter=["40"]), "probe-kind": table})
    assert found.bad["probe-kind"]["geboren", "constraint"].all()


def test_tables_stay_as_they_are_and_masks_are_booleans_by_position() -> None:
    frame = texts(KEY=["a", "b"], alter=["130", "4"], ort=[None, "cw"])
    frame.index = pd.Index([7, 7])
    before = frame.copy()
    found = judged(PEOPLE, {"probe": frame})
    pd.testing.assert_frame_equal(frame, before)
    assert all(mask.dtype == np.bool_ for bad in found.bad.values() for mask in bad.values())


def test_coverage_counts_what_varies_and_names_what_has_no_form() -> None:
    of = form(
        "<a/><b/><c/>",
        """<bind nodeset="/data/a" relevant="true()" constraint=". &gt; 3 and /data/b != ''"/>
           <bind nodeset="/data/b" calculate="1 + 1" constraint="name(.) = 'b'"/>
           <bind nodeset="/data/c" calculate="/data/a + 1"/>""",
        inputs("a", "b"),
    )
    found = verdicts.coverage(of)
    assert found.total == {"constraint": 2, "calculate": 1}
    assert found.column == {"constraint": 1, "calculate": 1}
    assert found.missing == (Fallback("/data/b", "constraint", "name()"),)
