"""The certificate of the local network: for one address, kept while it is good, readable by its owner only."""

from __future__ import annotations

import datetime as dt
import re
import ssl
import stat
from pathlib import Path

import pytest

from intake.interview.alone.certificate import certificate, context
from validation.errors import StudyError

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_it_is_kept_while_it_is_good_and_made_anew_else(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pem"
    first = certificate(path, "192.168.1.20", NOW)
    assert re.fullmatch(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}", first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert certificate(path, "192.168.1.20", NOW + dt.timedelta(days=300)) == first
    later = certificate(path, "192.168.1.20", NOW + dt.timedelta(days=340))  # it would end within the survey
    other = certificate(path, "192.168.1.21", NOW + dt.timedelta(days=340))
    path.write_text("nothing", encoding="utf-8")
    assert len({first, later, other, certificate(path, "192.168.1.21", NOW)}) == 4


def test_old_protocols_are_not_spoken(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pem"
    certificate(path, "192.168.1.20", NOW)
    assert context(path).minimum_version == ssl.TLSVersion.TLSv1_2


def test_where_it_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        certificate(tmp_path / "nowhere" / "certificate.pem", "192.168.1.20", NOW)
    assert caught.value.code == "alone.not_written"
