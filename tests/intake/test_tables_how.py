"""How answers came about, beside them in the tables where somebody asks for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from intake.how import with_how
from intake.submission import Record, Submission
from intake.tables import tables
from intake.wide import wide
from scenario.followed import followup

THEN = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
RECORD: Record = {
    "/data/stand/deutsch": "b1",
    "/data/stand/wohnt": "Nagold",
    "/data/ziele/ziel": [{"/data/ziele/ziel/zielstand": "offen"}, {"/data/ziele/ziel/zielstand": "erreicht"}],
}
SAID = {
    "/data/stand/deutsch": "confirmed",
    "/data/stand/wohnt": "corrected",
    "/data/ziele/ziel[2]/zielstand": "changed",
}


def made(*, how: bool) -> dict[str, pd.DataFrame]:
    sent = [
        Submission(
            id=f"uuid:{number}", form_id="fortschreibung", form_version="1", form_hash=followup().hash,
            municipality="08235007", subject="", record=with_how(RECORD, said, followup()), started=THEN, ended=THEN,
            author="a", received=THEN,
        )
        for number, said in enumerate(({}, SAID))
    ]  # fmt: skip
    return tables(followup(), iter(sent), how=how)


def test_they_stand_beside_their_questions_also_in_entries_and_only_where_asked_for() -> None:
    plain, found = made(how=False), made(how=True)
    assert not [name for frame in plain.values() for name in frame if "how" in name]
    root, goals = found["fortschreibung"], found["fortschreibung-ziel"]
    at = [*root.columns].index("stand-deutsch")
    assert root.columns[at + 1] == "stand-deutsch__how"
    assert root["stand-deutsch__how"].isna().tolist() == [True, False]
    assert root.loc[1, ["stand-deutsch__how", "stand-wohnt__how"]].tolist() == ["confirmed", "corrected"]
    assert goals["zielstand__how"].fillna("").tolist() == ["", "", "", "changed"]
    assert goals["zielstand__how"].dtype == root["stand-deutsch"].dtype == "string"
    assert "kopf-gemeinde__missing__how" not in root
    for name, frame in plain.items():
        pd.testing.assert_frame_equal(found[name][frame.columns], frame)


def test_for_analysis_they_are_categories_with_labels() -> None:
    values = wide(followup(), made(how=True), labels="de")["fortschreibung"]["stand-wohnt__how"]
    assert values.cat.categories.tolist() == ["bestätigt", "geändert", "berichtigt", "neu"]
    assert values.value_counts()["berichtigt"] == 1
    coded = wide(followup(), made(how=True))["fortschreibung"]["stand-wohnt__how"]
    assert coded.dropna().tolist() == ["corrected"]
