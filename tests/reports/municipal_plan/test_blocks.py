"""Tables of texts, facts and lights, as HTML and Typst."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reports.disclosure import SafeNumber
from reports.municipal_plan import lights
from reports.municipal_plan.blocks import Facts, Lamp, Quote, TextTable, count_text, points_text, range_text, value_text
from reports.wording import MINUS, NO_BREAK

HOSTILE = '<b> & "#let x = 1" \\ [*]'
HIDDEN = SafeNumber(None, "t")


def safe(value: object) -> SafeNumber:
    return SafeNumber(Decimal(str(value)), "t")


def test_a_light_is_never_a_colour_alone() -> None:
    for code in lights.CODES:
        lamp = Lamp(code, "auf Kurs")
        assert "auf Kurs" in lamp.as_html()
        assert 'aria-hidden="true"' in lamp.as_html()
        assert lamp.as_typst() == f'#lamp("{lamp.shape}", "auf Kurs")'
    assert {Lamp(code, "").shape for code in lights.CODES} == {"good", "middle", "bad", "none"}
    assert {Lamp(code, "").shape for code in ("break", "against", "open", "hidden")} == {"none"}


def test_texts_are_never_markup() -> None:
    table = TextTable("t", HOSTILE, ("A", "B"), ((HOSTILE, Lamp("open", HOSTILE)),), (1, 0), frozenset({1}), HOSTILE)
    for block in (table, Facts(((HOSTILE, HOSTILE),)), Quote(HOSTILE)):
        assert "<b>" not in block.as_html()
        assert "&lt;b&gt; &amp;" in block.as_html()
        assert '"<b> & \\"#let x = 1\\" \\\\ [*]"' in block.as_typst()
    assert '<th scope="row">' in table.as_html()
    assert '<td class="number">' in table.as_html()
    assert "(1fr, auto,), (1, )" in table.as_typst()
    with pytest.raises(ValueError, match="rows and heads differ"):
        TextTable("t", "", ("A", "B"), (("x",),), (1, 0))


def test_numbers_read_as_the_language_wants_and_raw_ones_are_refused() -> None:
    assert [value_text(safe("1234.56"), unit, "de", "·") for unit in ("prozent", "anzahl", "verhaeltnis")] == [
        f"1.234,6{NO_BREAK}%", "1.235", "1.234,56",
    ]  # fmt: skip
    assert value_text(safe("12.5"), "prozent", "en", "·") == "12.5%"
    assert [count_text(safe(n), "de", "·") for n in (1200, "3.5")] == ["1.200", "3,50"]
    assert points_text(safe("-3.44"), "de", "·") == f"{MINUS}3,4"
    assert range_text((safe(-1), safe(2)), "de", "·") == f"{MINUS}1,0{NO_BREAK}bis{NO_BREAK}+2,0"
    assert range_text((safe(-1), HIDDEN), "de", "·") == "·"
    assert {
        value_text(HIDDEN, "prozent", "de", "·"),
        count_text(HIDDEN, "de", "·"),
        points_text(HIDDEN, "de", "·"),
    } == {"·"}
    with pytest.raises(TypeError):
        value_text(3, "anzahl", "de", "·")  # type: ignore[arg-type]
