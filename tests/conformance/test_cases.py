from __future__ import annotations

from pathlib import Path

import pytest
from conformance.cases import MOST_SKIPS, Result, Skip, Suite, read_skips, reason_to_skip


def test_a_pattern_covers_the_whole_name_of_its_own_suite() -> None:
    skip = Skip("xpath", r"a \| .*", "why")
    assert skip.covers("xpath", "a | b\nc")
    assert not skip.covers("scenarios", "a | b")
    assert not skip.covers("xpath", "aa | b")


def test_the_first_reason_counts() -> None:
    skips = [Skip("xpath", "x", "one"), Skip("xpath", ".*", "two")]
    assert reason_to_skip(skips, "xpath", "x") == "one"
    assert reason_to_skip(skips, "xpath", "y") == "two"
    assert reason_to_skip(skips, "forms", "y") == ""


def test_every_skip_of_ours_has_a_reason() -> None:
    assert 0 < len(read_skips()) <= MOST_SKIPS


@pytest.mark.parametrize(
    ("lines", "said"), [(["xpath,a,"], "no reason"), ([f"xpath,{n},why" for n in range(MOST_SKIPS + 1)], "at most")]
)
def test_a_skip_list_without_reasons_or_too_long_is_refused(lines: list[str], said: str, tmp_path: Path) -> None:
    file = tmp_path / "skips.csv"
    file.write_text("\n".join(["suite,pattern,reason", *lines]), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_skips(file)


def test_a_suite_counts_what_ran() -> None:
    suite = Suite("own", [Result("a", "passed"), Result("b", "failed"), Result("c", "skipped")])
    assert (suite.count("passed"), suite.run, suite.count("skipped"), suite.share) == (1, 2, 1, 0.5)
    assert Suite("empty").share == 0.0
