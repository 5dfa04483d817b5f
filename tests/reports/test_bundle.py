"""A bundle travels as text to another process; what comes out of a damaged file is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.bundle import Bundle
from scenario.town import althengstett, bundle_of
from validation.errors import ReportError


def test_a_bundle_travels_as_text_and_damage_is_seen(tmp_path: Path) -> None:
    bundle = bundle_of(althengstett())
    text = bundle.to_json()
    assert Bundle.from_json(text) == bundle
    assert bundle_of(althengstett()).to_json() == text
    path = tmp_path / "tables.json"
    plain = json.loads(text)
    plain["tables"]["nationalities"]["rows"][0]["cells"] = [[2, ""]]
    for content in ("", "{}", "[]", text[:-20], json.dumps(plain)):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ReportError) as caught:
            Bundle.read(path)
        assert caught.value.code == "report.bundle"
