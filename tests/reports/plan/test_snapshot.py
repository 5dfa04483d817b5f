"""Plans kept in the store: through the form, once, and the same when they are read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reports.plan.making import last_before, open_case, print_plan
from reports.plan.snapshot import FORM, record_plan
from scenario.lives import study_of
from scenario.planned import PERSON, corrected, first
from validation.errors import DataError


def test_a_plan_comes_back_as_it_was_kept_and_never_past_the_form(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    with study.store() as store:
        interview = first(store)
        case = open_case(store, PERSON)
        kept = record_plan(study, store, case.state, case.speech("de"), None)
        read = last_before(store, open_case(store, PERSON))
        assert kept == read
        assert read is not None
        assert replace(read.state, name=case.state.name, day=case.state.day) == case.state
        (submission,) = store.submissions(FORM)
        assert submission.record["/data/angaben/angabe"][0]["/data/angaben/angabe/anzeige"] == "A2"  # type: ignore[index]
        corrected(store, interview, {"/data/fall/zustaendig": "Frau Muster"})
    with pytest.raises(DataError, match="zustaendig") as caught:
        print_plan(study, PERSON, record=True, output=tmp_path)
    assert caught.value.code == "plan.not_kept"
    assert "Muster" not in str(caught.value)
    assert not list(tmp_path.glob("*.pdf"))
