"""A command that is called wrongly says so in one sentence, without what was typed as a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario.commands import run


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("report registers --municipality 08235007 --tto x", ("„--tto“", "--to")),
        ("repport", ("Den Befehl „repport“ gibt es nicht", "report", "„lotsenbuch --help“")),
        ("report annual --municipality 08235007", ("Es fehlt: --year.", "„lotsenbuch report annual --help“")),
        ("report annual --municipality 08235007 --year Layla", ("Der Wert für --year",)),
        ("plan print", ("Es fehlt: ", "CASE")),
        ("plan print P-000001 P-000002", ("„lotsenbuch plan print --help“",)),
    ],
)
def test_a_wrong_call_is_one_sentence_with_its_remedy(typed: str, words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(f"lotsenbuch {typed}", tmp_path)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1
    assert all(word in done.err for word in words), done.err
    assert "Layla" not in done.err


def test_a_group_without_a_command_shows_its_commands(tmp_path: Path) -> None:
    done = run("lotsenbuch plan", tmp_path)
    assert done.code == 2
    assert "handover" in done.out + done.err
