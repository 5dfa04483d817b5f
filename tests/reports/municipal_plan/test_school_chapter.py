"""School entry as it is read: side by side, with the interval, without a word on causes."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import replace
from pathlib import Path

from reports.disclosure import SafeTable
from reports.municipal_plan.content import Content
from reports.municipal_plan.school_chapter import school_blocks
from scenario.town_plan import content

LOCALE = Path(__file__).parents[3] / "validation" / "locale" / "municipal.toml"
CAUSES = re.compile(
    r"wirk(?!lich)|effekt|\beffect|impact|caus(?!e\b)|verbesser|improve|dank des|thanks to", re.IGNORECASE
)


def said(made: Content, language: str = "de") -> str:
    text = " ".join(block.as_html() for block in school_blocks(made, language))
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def test_exposed_and_unexposed_stand_beside_each_other_by_family_language() -> None:
    text = said(content())
    minus = "\N{MINUS SIGN}"
    assert "vor dem Programm 2020/21 104 78 75,0 % – – mit Programm: Kolibri 2024/25 58 37 63,8 %" in text
    assert f"63,8 % {minus}11,2 {minus}26,0 bis +3,2 ohne Programm 2024/25 49 38 77,6 %" in text
    assert "mit Programm: Kolibri 2024/25 61 · · · · ohne Programm 2024/25 131 18" in text
    assert "Kita am Bach K1 Kolibri 2022/23 ·" in text
    assert "als Zufall von Jahr zu Jahr zu lesen" in text
    assert "61 5 8,2" in said(content("internal"))


def test_no_word_of_the_report_claims_a_cause() -> None:
    texts = tomllib.loads(LOCALE.read_text(encoding="utf-8"))["municipal"]
    for code, words in texts.items():
        for text in words.values():
            assert not CAUSES.search(text), (code, text)
    assert CAUSES.search("Die Wirkung des Programms")
    for language in ("de", "en"):
        assert not CAUSES.search(said(content("internal", language), language))


def test_a_small_number_of_children_has_its_sign_and_a_break_no_difference() -> None:
    made = content("internal")
    table = made.tables["school"]
    few = table.to_json()
    for row in few["rows"]:
        if row["key"] == "|2024/25|andere|ja|kolibri":
            row["cells"] = [[19, ""], [9, ""], [10, ""]]
    text = said(replace(made, tables={**made.tables, "school": SafeTable.from_json(few)}))
    assert "19 * 9 47,4" in text
    assert "* Weniger als 20 Kinder: Ein Anteil sagt hier wenig." in text
    broken = tuple(replace(each, groups=tuple(replace(group, broken=True) for group in each.groups))
                   for each in made.comparisons)  # fmt: skip
    text = said(replace(made, comparisons=broken))
    assert "63,8 % Bruch in der Zählweise –" in text
    alone = tuple(replace(each, groups=each.groups[1:]) for each in made.comparisons)
    assert "Für die Zeit vor dem Programm ist nichts gemessen" in said(replace(made, comparisons=alone))


def test_without_results_or_a_programme_it_says_so() -> None:
    made = content()
    nothing = replace(made.tables["school"], rows=())
    assert "nicht erfasst" in said(replace(made, tables={**made.tables, "school": nothing}))
    text = said(replace(made, comparisons=(), programmes=()))
    assert "Ein Vergleich ist nicht möglich" in text
    assert "Zufall" not in text
