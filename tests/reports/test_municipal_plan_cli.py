"""The command as it is typed; its example runs in tests/docs/test_help.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from reports.municipal_plan import making
from reports.municipal_plan.making import Built
from reports.municipal_plan_cli import municipal_plan_app
from scenario.lives import TOWN, study_of
from validation.errors import UsageError


def test_what_is_typed_reaches_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(tmp_path / "study")
    asked: dict[str, Any] = {}

    def build(_study: object, municipality: str, **more: Any) -> Built:
        asked.update(more, municipality=municipality)
        return Built(Path("a.html"), Path("a.pdf"), (Path("t.csv"),))

    monkeypatch.setattr(making, "build", build)

    def said(*words: str) -> str:
        done = CliRunner().invoke(municipal_plan_app, ["--municipality", TOWN, "--study", str(study.dir), *words])
        if done.exception is not None:
            raise done.exception
        return done.output

    assert said("--date", "2025-12-31", "--audience", "council", "--tables", "t").split() == [
        "a.html",
        "a.pdf",
        "t.csv",
    ]
    assert str(asked["day"]) == "2025-12-31"
    assert (asked["municipality"], asked["audience"], asked["tables"]) == (TOWN, "council", Path("t"))
    assert asked["out"] == study.reports
    assert json.loads(said("--json", "--out", "anders")) == {"html": "a.html", "pdf": "a.pdf", "tables": ["t.csv"]}
    for date in ("gestern", "9999-01-01"):
        with pytest.raises(UsageError, match=date):
            said("--date", date)
