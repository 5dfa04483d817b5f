"""Barriers without the persons: sentences for the office, protected counts for everybody else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from intake.store.restriction import restrict
from reports.plan.barriers import make_barriers
from scenario.lives import TOWN, interview, study_of
from validation.errors import ReportError, UsageError


def test_sentences_stay_in_the_office_and_small_counts_nowhere(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    nodeset = "/data/ziele/ziel"
    with study.store() as store:
        for number in range(1, 8):
            field = "woh" if number < 6 else "spr"
            told = f"Zu wenig Wohnungen im Ort {number}." if number < 6 else "Kein Kurs am Abend."
            entry = {f"{nodeset}/handlungsfeld": field, f"{nodeset}/systembarriere": told}
            made = interview(store, f"P-{number:06d}")
            from scenario.planned import corrected

            corrected(store, made, {nodeset: [entry]})  # type: ignore[dict-item]
        restrict(store, "P-000007", reason="Art. 18")
    page = make_barriers(study, TOWN, 2022, out=tmp_path)
    text = page.read_text("utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "Intern." in text
    assert [f"Wohnungen im Ort {number}." in text for number in range(1, 6)] == [True] * 5
    assert text.count("Kein Kurs am Abend.") == 1
    assert "P-00000" not in text
    public = make_barriers(study, TOWN, 2022, audience="public", out=tmp_path).read_text("utf-8")
    assert "Wohnungen im Ort" not in public
    assert "<td>1</td>" not in public
    assert "Wohnungen" not in make_barriers(study, TOWN, 2021, out=tmp_path).read_text("utf-8")
    with pytest.raises(UsageError, match="internal, public, council"):
        make_barriers(study, TOWN, 2022, audience="all", out=tmp_path)
    with pytest.raises(ReportError, match="08000000"):
        make_barriers(study, "08000000", 2022, out=tmp_path)
