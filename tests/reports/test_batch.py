"""Many reports: a failure is a row of the result, and the next one is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.study import Study
from reports.annual import AnnualParameters, Built
from reports.factory import batch
from reports.factory.batch import run_batch
from validation.errors import UsageError

AGS, HAIN, BACH = "08235007", "08999001", "08999002"


def test_real_reports_go_on_after_a_failure(demo_study: Study, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    result = run_batch(
        demo_study,
        year=2022,
        municipalities=["08117026", HAIN],
        out=tmp_path,
        progress=lambda *step: told.append(step),
    )
    assert [outcome.ok for outcome in result.outcomes] == [False, True]
    assert not result.ok
    assert "08117026" in result.outcomes[0].message()
    assert "The study has no municipality" in result.outcomes[0].message("en")
    assert result.outcomes[1].message() == f"DEMO-jahresbericht-{HAIN}-2022.html"
    assert told == [(0, 2, "08117026"), (1, 2, "Lindenhain (erfunden)")]
    assert sorted({path.suffix for path in tmp_path.iterdir()}) == [".html", ".ipynb", ".pdf"]
    plain = result.to_json()
    assert [row["ok"] for row in plain["reports"]] == [False, True]
    assert plain["reports"][1]["pdf"].endswith(".pdf")


def test_all_towns_and_a_bug_in_the_middle(
    demo_study: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Any] = []

    def build(
        _study: Study, parameters: AnnualParameters, *, out: Path, read: Callable[[], Any], **_more: Any
    ) -> Built:
        given.append(read())
        if parameters.municipality == HAIN:
            raise ZeroDivisionError("P-000001 wohnt hier")
        return Built(*(out / f"{parameters.municipality}.{suffix}" for suffix in ("html", "pdf", "ipynb")))

    monkeypatch.setattr(batch, "build", build)
    result = run_batch(demo_study, year=2022, out=tmp_path)
    assert [(o.municipality, o.ok) for o in result.outcomes] == [(AGS, True), (HAIN, False), (BACH, True)]
    assert given[0] is given[1] is given[2], "the study is read once"
    assert "ZeroDivisionError" in result.outcomes[1].message()
    assert "P-000001" not in result.outcomes[1].message()


def test_what_is_wrong_for_all_stops_before_the_first(demo_study: Study, tmp_path: Path) -> None:
    for wrong in ({"language": "xx"}, {"year": "2022"}, {"municipalities": ["8235007"]}):
        with pytest.raises(UsageError):
            run_batch(demo_study, **{"year": 2022, "out": tmp_path, **wrong})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
