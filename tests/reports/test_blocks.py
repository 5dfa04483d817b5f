"""Blocks print SafeTables and SafeNumbers, twice: as HTML and as Typst, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError
from typing import Any

import pandas as pd
import pytest

from reports.blocks import (
    HTML,
    TYPST,
    VEGALITE,
    Block,
    Chart,
    Heading,
    Listing,
    Note,
    Sentence,
    Table,
    Tile,
    Tiles,
    typst_text,
)
from reports.charts import bars
from reports.disclosure import Policy, SafeNumber, SafeTable, protect

POLICY = Policy("public", {"person": 5})


@pytest.fixture
def nations() -> SafeTable:
    labels = {"SY": "Syrien", "ER": "Eritrea", "GM": "Gambia"}
    return protect(
        {"SY": 41, "UA": 18, "ER": 3, "GM": 4},
        POLICY,
        key="nations",
        title="Personen <nach> Land",
        labels=labels,
        stub="Land",
        public={"SY": "1"},
    )


def safe(value: int | None, source: str = "") -> SafeNumber:
    return SafeNumber(value, "t[a]", source)


def shown(block: Block) -> tuple[str, str]:
    bundle = block._repr_mimebundle_()
    return bundle[HTML], bundle[TYPST]


@pytest.mark.parametrize(
    "raw",
    [pd.DataFrame({"n": [3]}), {"SY": 3}, 3, None, [[3]], SafeNumber(3, "t[a]")],
    ids=lambda raw: type(raw).__name__,
)
def test_a_table_takes_a_safe_table_only(raw: Any) -> None:
    with pytest.raises(TypeError, match="SafeTable"):
        Table(raw)
    with pytest.raises(TypeError, match="SafeTable"):
        Chart(raw, {}, "c", "a")


@pytest.mark.parametrize("raw", [3, 2.5, None, "3"])
def test_a_tile_takes_a_safe_number_only(raw: Any) -> None:
    with pytest.raises(TypeError, match="SafeNumber"):
        Tile("Personen", raw)
    if raw is not None:
        with pytest.raises(TypeError, match="SafeNumber"):
            Tile("Personen", safe(9), raw)


def test_a_sentence_is_checked_when_it_is_made() -> None:
    with pytest.raises(TypeError):
        Sentence((("report_glance.more", {"n": 3}),))  # type: ignore[dict-item]
    with pytest.raises(KeyError):
        Sentence((("report_glance.more", {}),))


def test_blocks_are_frozen(nations: SafeTable) -> None:
    with pytest.raises(FrozenInstanceError):
        Table(nations).note = "x"  # type: ignore[misc]


def test_a_table_is_readable_without_eyes(nations: SafeTable) -> None:
    html, typst = shown(Table(nations, "de", "Quelle", percent_of_total=True))
    assert "<caption>Personen &lt;nach&gt; Land</caption>" in html
    assert '<th scope="col">Land</th>' in html
    assert (
        '<th scope="row">Syrien</th><td>41\N{NARROW NO-BREAK SPACE}<sup><a href="#quelle-1">1)</a></sup></td>' in html
    )
    assert "Übrige" in html
    assert "Eritrea, Gambia" in html
    assert "62,1\N{NO-BREAK SPACE}%" in html
    assert "table.header(" in typst
    assert "<quelle-1>" in typst


def test_a_hidden_total_prints_the_sign() -> None:
    html, typst = shown(Table(protect({"a": 3}, POLICY, key="t", title="T"), percent_of_total=True))
    assert '<tr class="total"><th scope="row">Insgesamt</th><td>·</td><td>·</td></tr>' in html
    assert '#"·"' in typst
    assert "3" not in html.replace("h3", "")


def test_tiles_tell_the_change_or_why_not() -> None:
    tiles = Tiles(
        (
            Tile("Personen", safe(110, "1"), safe(25), "gegenüber 2021"),
            Tile("Weg", safe(None), safe(None), "ohne Vorjahresvergleich"),
        )
    )
    html, typst = shown(tiles)
    assert "+25\N{NO-BREAK SPACE}gegenüber 2021" in html
    assert '<dd class="figure">·</dd><dd class="change">ohne Vorjahresvergleich</dd>' in html
    assert '"+25\N{NO-BREAK SPACE}gegenüber 2021"' in typst


def test_a_sentence_opens_with_a_capital() -> None:
    from reports.wording import Counted

    codes = (
        ("report_nation.rest", {"nations": Counted(safe(11), "nation_further"), "names": "a und b", "n": safe(30)}),
    )
    html, _ = shown(Sentence(codes, lead=True))
    assert html.startswith('<p class="lead">Elf\N{NO-BREAK SPACE}weitere Nationen werden')


def test_text_is_never_markup() -> None:
    nasty = '<script>"#set page(fill: red)$*_\\ '
    html, typst = shown(Heading(nasty, 2, "k"))
    assert "<script>" not in html
    assert typst == f"#heading(level: 1, {typst_text(nasty)})"
    assert typst_text('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'
    for block in (Note(nasty), Listing(((nasty, nasty),))):
        assert "<script>" not in block.as_html()
        assert typst_text(nasty) in block.as_typst()


def test_sources_can_be_linked_to() -> None:
    html, typst = shown(Listing((("1", "Zeitung"),), "quelle"))
    assert '<div id="quelle-1"><dt>1)</dt><dd>Zeitung</dd></div>' in html
    assert typst == '#term("1)", "Zeitung") <quelle-1>\n'


def test_a_chart_says_what_there_is_to_see(nations: SafeTable) -> None:
    chart = Chart(nations, bars(nations), "Länder", 'Balken: Syrien "41".')
    bundle = chart._repr_mimebundle_()
    assert bundle[VEGALITE]["usermeta"] == {"key": "nations", "alt": 'Balken: Syrien "41".'}
    assert 'aria-label="Balken: Syrien &quot;41&quot;."' in bundle[HTML]
    assert "<!--chart:nations-->" in bundle[HTML]
    assert bundle[TYPST].startswith('#chart("chart-nations.svg", "Länder", "Balken: Syrien \\"41\\".")')
    with pytest.raises(ValueError, match="alternative text"):
        Chart(nations, bars(nations), "Länder", "")


def test_dates_in_a_sentence() -> None:
    html, _ = shown(Sentence((("report_post.none", {"day": dt.date(2022, 12, 31)}),)))
    assert html == "<p>Am 31.12.2022 war keine Stelle erfasst.</p>"
