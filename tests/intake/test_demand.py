from __future__ import annotations

import pytest

from intake.demand import without_reason
from validation.xpath.parser import parse


@pytest.mark.parametrize(
    ("required", "left"),
    [
        ("../x__missing = ''", None),
        ("/data/a/x__missing = ''", None),
        ("(/data/b = 1) and /data/x__missing = ''", "/data/b = 1"),
        ("true()", "true()"),
        ("/data/b = ''", "/data/b = ''"),
        ("/data/x__missing = 'unknown'", "/data/x__missing = 'unknown'"),
        ("/data/b = 1 and /data/c = ''", "/data/b = 1 and /data/c = ''"),
    ],
)
def test_what_the_column_missing_adds_is_taken_off(required: str, left: str | None) -> None:
    assert without_reason(parse(required).tree, "x__missing") == (parse(left).tree if left else None)
