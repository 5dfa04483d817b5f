"""A content crosses to the notebook's process whole, protected, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.municipal_plan.content import Content
from scenario.town_plan import content
from validation.errors import ReportError


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content().to_json(), encoding="utf-8")
    assert Content.read(path) == content()
    assert Content.read(path).to_json() == content().to_json()


def test_no_hidden_figure_is_in_it() -> None:
    tables = json.loads(content().to_json())["tables"]
    (row,) = tables["series-I2"]["rows"]
    assert row["cells"] == [[None, ""], [9, ""], [None, ""]]
    small = next(row for row in tables["school"]["rows"] if row["key"] == "|2024/25|de|ja|kolibri")
    assert small["cells"] == [[61, ""], [None, ""], [None, ""]]


@pytest.mark.parametrize("damage", ["{}", "kein JSON", '{"plan": {}}', "unsafe"])
def test_a_damaged_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    if damage == "unsafe":
        made = json.loads(content().to_json())
        made["tables"]["series-I1"]["rows"][0]["cells"][0] = [3, ""]
        damage = json.dumps(made)
    path.write_text(damage, encoding="utf-8")
    with pytest.raises(ReportError, match=r"plan\.json"):
        Content.read(path)
