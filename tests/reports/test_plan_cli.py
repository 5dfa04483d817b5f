"""The commands around the plan, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reports.plan_cli import plan_app
from scenario.planned import PERSON, planned
from validation.errors import DataError


def test_what_is_no_command_is_a_case(tmp_path: Path) -> None:
    study = str(planned(tmp_path).dir)

    def said(*words: str) -> str:
        done = CliRunner().invoke(plan_app, [*words, "--study", study])
        if done.exception is not None:
            raise done.exception
        return done.output

    assert "2 Ziele" in said(PERSON, "--list")
    assert said("print", PERSON, "--diff") == said(PERSON, "--diff")
    assert "- Goal reached: " in said(PERSON, "--diff", "--said", "en")
    beside = tmp_path / "vergleich.pdf"
    assert "- Ziel erreicht: " in said(PERSON, "--diff", "--output", str(beside))
    assert beside.read_bytes().startswith(b"%PDF-")
    target = tmp_path / "plan.pdf"
    assert "Nummer 2" in said(PERSON, "--record", "--output", str(target))
    assert target.read_bytes().startswith(b"%PDF-")
    assert "Seitdem ist nichts anders." in said(PERSON, "--diff", "--record", "--output", str(tmp_path / "noch.pdf"))
    assert "unverändert" in said(PERSON, "--record", "--output", str(tmp_path))
    assert "Seitdem ist nichts anders." in said(PERSON, "--diff")
    assert "Jobcenter" in said("handover", PERSON, "--to", "jc", "--output", str(tmp_path))
    with pytest.raises(DataError, match="Arbeitsliste"):
        said("P-999999", "--list")
