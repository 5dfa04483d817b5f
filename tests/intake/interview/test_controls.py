"""intake.interview.controls: how many choices the screen needs at once."""

from __future__ import annotations

import re

from intake.interview.controls import AT_ONCE, LAID_OUT, in_sight
from intake.interview.widget import screen


def test_what_is_in_sight_is_what_the_screen_draws_in_sight() -> None:
    found = dict(re.findall(r"const (BOXES_UP_TO|LAID_OUT_UP_TO) = (\d+);", screen("js")))
    assert found == {"BOXES_UP_TO": str(AT_ONCE), "LAID_OUT_UP_TO": str(LAID_OUT)}
    for control in ("select1", "select"):
        for words in ((), ("minimal",), ("quick",), ("columns", "autocomplete"), ("no-such",)):
            assert in_sight(control, words) == AT_ONCE
        for word in ("columns", "columns-3", "columns-pack", "likert", "no-buttons"):
            assert in_sight(control, [word]) == LAID_OUT
        for word in ("list", "list-nolabel"):
            assert in_sight(control, [word, "minimal"]) > 10_000
    assert in_sight("rank", []) > 10_000
    assert in_sight("header", ["minimal"]) > 10_000
