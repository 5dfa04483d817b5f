from __future__ import annotations

from pathlib import Path

import pandas as pd

from intake.entitycolumns import Saved, saved
from intake.tables import tables
from intake.versions import merge
from scenario.office import Office


def made(folder: Path, *, entities: bool) -> dict[str, pd.DataFrame]:
    office = Office(folder)
    office.person("P-1", 0, deutsch="A1", ziel="Kurs", stand="offen")
    office.person("P-2", 1, deutsch="A2")
    (first, _) = office.store.submissions("erst")
    goal = tables(office.forms["erst"], [first], entities=True)["erst-ziele"]["_entity"].iloc[0]
    listed = {"ziel": f"name,label,stand\n{goal},Kurs,offen\n"}
    office.sent(
        "folge", 2, {"/data/person": "P-1", "/data/am_ziel/ziel_id": goal, "/data/am_ziel/neu": "erreicht"}, listed
    )
    found: dict[str, pd.DataFrame] = {}
    for name, form in office.forms.items():
        found |= tables(form, office.store.submissions(name), entities=entities)
    return found


def test_rows_say_which_person_and_goal_they_speak_of(tmp_path: Path) -> None:
    found = made(tmp_path, entities=True)
    assert found["erst"]["fall-_entity"].tolist() == ["P-1", "P-2"]
    goal = found["erst-ziele"]
    assert goal["_creates"].fillna(False).tolist() == [True, False]  # P-2's empty entry speaks of nothing
    assert goal["_entity"].isna().tolist() == [False, True]
    assert found["folge"]["am_ziel-_entity"].iloc[0] == goal["_entity"].iloc[0]
    assert found["folge"][["stand-_entity", "stand-_creates", "am_ziel-_creates"]].values.tolist() == [
        ["P-1", False, False]
    ]
    assert {str(found["folge"].dtypes[name]) for name in ("stand-_creates", "am_ziel-_creates")} == {"boolean"}


def test_they_are_in_the_tables_only_where_asked_for(tmp_path: Path) -> None:
    found = made(tmp_path, entities=False)
    assert not [name for frame in found.values() for name in frame if name.endswith(("_entity", "_creates"))]


def test_which_column_goes_into_which_property(tmp_path: Path) -> None:
    office = Office(tmp_path)
    form = office.forms["folge"]
    places = {each.dataset: each for each in saved(merge(form), [form], {})}
    assert places["ziel"] == Saved(
        "folge", "folge", "ziel", "am_ziel-_entity", "am_ziel-_creates", {"am_ziel-neu": "stand"}, False, True
    )
    assert places["person"].is_subject
    assert places["person"].properties == {"stand-sprache": "deutsch"}
    (register,) = saved(merge(office.forms["ehrenamt"]), [office.forms["ehrenamt"]], {})
    assert not register.is_subject
