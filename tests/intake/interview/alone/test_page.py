"""The three files of the page: nothing inline that its own policy would forbid, nothing from elsewhere."""

from __future__ import annotations

import re

from intake.interview.alone.page import FILES, FONTS, PAGE


def test_the_page_has_no_code_or_style_of_its_own_and_asks_nobody_else() -> None:
    assert not re.search(r"<style|style=|<script>|onclick|https?:", PAGE)
    assert (FONTS / "fonts.css").is_file()
    kinds = {name: (kind, made()) for name, (kind, made) in FILES.items()}
    assert "class Alone" in kinds["alone.js"][1]
    assert "class Session" not in kinds["alone.js"][1]
    assert ".lb-alone" in kinds["alone.css"][1]
    assert not re.search(r"\beval\(|innerHTML|https?://(?!www\.w3\.org)", kinds["alone.js"][1])
