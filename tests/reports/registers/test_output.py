"""Listings as page, sheets, plain data and lines: what records say stays text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from reports.registers.listing import Head, Listing, text_head
from reports.registers.output import TITLE, Output

HEADS = (text_head("name", "Name"), Head("n", "Zahl", 1), text_head("on", "Tag"))
NASTY = "<script>alert(1)</script> & =1+1"


def output(*rows: tuple[object, ...], total: bool = False) -> Output:
    one = Listing("one", "Eine [lange] Überschrift: mit allem", HEADS, rows, ("Hinweis.",), ("Achtung!",), total=total,
                  empty="Nichts.")  # type: ignore[arg-type]  # rows of anything  # fmt: skip
    return Output("Titel", "Ort", "Intern.", (("posts", "Stellen", (one, one)),), demo="DEMO")


def test_what_records_say_is_no_markup() -> None:
    page = output((NASTY, Decimal("1.25"), dt.date(2024, 6, 30)), ("a", 1, NASTY)).html()
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 4
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; =1+1" in page
    assert '<td class="number">1,3</td>' in page
    assert "30.06.2024" in page
    assert page.count("DEMO") == 2


def test_what_nobody_said_is_a_dash_and_nothing_below_a_sum() -> None:
    listing = output(("a", None, ""), ("Insgesamt", 3, ""), total=True).sections[0][2][0]
    assert [*listing.texts("de")] == [("a", "–", "–"), ("Insgesamt", "3,0", "")]


def test_sheets_have_names_of_their_own_and_an_overview() -> None:
    made = output((NASTY, 1, None)).sheets()
    names = list(made)
    assert names[0] == "Übersicht"
    assert len(names) == 3 == len({name.casefold() for name in names})
    assert all(len(name) <= TITLE and not set(name) & set("[]:*?/\\") for name in names)
    assert made[names[1]] == [["Name", "Zahl", "Tag"], [NASTY, "1,0", "–"], ["Achtung!"], ["Hinweis."]]


def test_plain_data_keep_exact_numbers() -> None:
    data = json.loads(json.dumps(output(("a", Decimal("1652662.08"), dt.date(2024, 6, 30))).data()))
    row = data["registers"]["posts"]["one"]["rows"][0]
    assert row == {"name": "a", "n": "1652662.08", "on": "2024-06-30"}


def test_an_empty_listing_says_so() -> None:
    assert "Nichts." in output().html()
    assert "  Nichts." in list(output().lines())


def test_lines_stand_below_each_other() -> None:
    lines = [*output(("kurz", 1, None), ("ein langer Name", 1000, None)).lines()]
    (first, second) = (line for line in lines[:10] if line.startswith(("  kurz", "  ein langer")))
    assert first.index("1,0") + 3 == second.index("1.000,0") + 7


def test_a_listing_has_a_value_for_each_head() -> None:
    with pytest.raises(ValueError, match="2 values, 3 heads"):
        Listing("x", "X", HEADS, (("a", 1),))
    with pytest.raises(KeyError):
        output(("a", 1, None)).sections[0][2][0].cell(0, "missing")
