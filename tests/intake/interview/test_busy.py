"""Another program writes: the interview waits, then says so in a calm line, and no answer is lost. On both engines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from intake.publishing import publish
from intake.store import Store, open_store, utc_now
from scenario.cases import CASE, answer, desk, send
from scenario.interview import KEY, workbook
from scenario.team import _shared, team_opener

Held = Callable[[], AbstractContextManager[object]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Held]]:
    """A store that waits a tenth of a second, and how to write in it as another program that does not end."""
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgresql")
        opener: Callable[[], Store] = team_opener(cluster, utc_now)

        @contextlib.contextmanager
        def held() -> Iterator[None]:
            with _shared(cluster)[0].admin() as server, server.transaction():
                server.execute("LOCK TABLE lotsenbuch.operation, lotsenbuch.counter IN EXCLUSIVE MODE")
                yield

    else:

        def opener() -> Store:
            return open_store(tmp_path / "store.db", key=KEY, create=True, wait=0.1)

        @contextlib.contextmanager
        def held() -> Iterator[None]:
            with opener() as other, other._connection.transaction():  # type: ignore[attr-defined]
                yield

    with opener() as opened:
        publish(opened, workbook(tmp_path, CASE.format(pseudonym="general", number="general"), "aufnahme.md"))
        yield opened, held


def test_an_answer_waits_and_is_saved_when_the_other_program_is_done(store: tuple[Store, Held]) -> None:
    opened, held = store
    session = desk(opened).begin("aufnahme")
    answer(session, gemeinde="08235007", person="P-000001")
    (key,) = [key for key, node in session.greeting()["state"].items() if node["label"] == ["Alter"]]
    message = {"type": "op", "op": "answer", "op_id": "waiting", "key": key, "value": "30"}
    with held():
        (said,) = session.receive(message)
        assert said["type"] == "unsaved"
        assert said["busy"] is True  # the screen says it calmly, and sends it again by itself
        assert session.answers["/data/alter"] == "30"
        assert send(session, "submit")["type"] == "unsaved"
    assert session.receive(message)[-1]["type"] == "ack"
    assert session.draft is not None
    kept = [each.payload["value"] for each in opened.journal.replay(session.draft.id) if each.op_id == "waiting"]
    assert kept == ["30"]
    assert send(session, "submit")["type"] == "submitted"
    assert [each.record["/data/alter"] for each in opened.submissions()] == ["30"]
