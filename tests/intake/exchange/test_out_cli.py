from __future__ import annotations

import json
from pathlib import Path

from intake.publishing import PublishedForm
from intake.study import create_study
from scenario.commands import run
from scenario.exchanged import FULL, form, sent, xform


def test_the_command_tells_what_it_wrote_and_what_it_refuses(tmp_path: Path) -> None:
    study = create_study(tmp_path / "studie", municipalities={"08235007": "Althengstett"})
    with study.store() as store:
        store.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
        store.append(sent(1, FULL, person="P-000001"))
    line = "lotsenbuch export probe --study studie"
    done = run(f"{line} --profile pseudonymous --out a --json", tmp_path)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["records"] == {"probe": 1}
    assert told["files"] == ["a/lotsenbuch.json", "a/probe.zip"]
    assert any("name" in note for note in told["notes"])
    refused = run(f"{line} --format doc --out c", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert "parquet" in refused.err
    refused = run(f"{line} --profile public --out c", tmp_path)
    assert refused.code == 1
    assert "10" in refused.err
    assert not (tmp_path / "c").exists()
