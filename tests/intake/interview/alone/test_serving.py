"""The command of self-completion: what it refuses before anything is offered. The browser test has the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intake.interview.alone import serving
from intake.interview.alone.links import Links
from intake.interview.alone.serving import LOOPBACK, Wish, address_of, serve_alone
from intake.study import Study, create_study
from validation.errors import StudyError, UsageError


def test_a_kiosk_and_links_exclude_each_other() -> None:
    for wrong in ({"links": 5}, {"lan": True}, {"address": "192.168.1.5"}):
        with pytest.raises(UsageError) as caught:
            Wish(kiosk=True, **wrong)  # type: ignore[arg-type]
        assert caught.value.code == "alone.one_way"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "0.0.0.0", "8.8.8.8", "169.254.1.1", "::1", "fe80::1", "rathaus", "192.168.1", ""]
)
def test_only_an_address_of_a_network_of_ones_own_is_offered(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_own_address", lambda: address)
    with pytest.raises(StudyError) as caught:
        address_of(Wish(lan=True, address=address))
    assert caught.value.code == "alone.not_local"


def test_the_address_is_loopback_unless_the_network_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_own_address", lambda: "10.0.0.5")
    assert address_of(Wish()) == address_of(Wish(links=5)) == LOOPBACK
    assert address_of(Wish(lan=True)) == "10.0.0.5"
    assert address_of(Wish(address="192.168.7.7")) == "192.168.7.7"


def refused(study: Path, wish: Wish, **given: Any) -> str:
    told: list[str] = []
    with pytest.raises(StudyError) as caught:
        serve_alone(study, wish, open_browser=False, port=0, told=told.append, **given)
    assert told == []
    return caught.value.code


def test_nothing_is_offered_where_something_is_missing(study: Study, tmp_path: Path) -> None:
    assert refused(study.dir, Wish(address="192.0.2.7"), form="bewohner") == "alone.not_local"  # not this computer's
    assert refused(study.dir, Wish(), form="x") == "study.unknown_form"
    assert refused(create_study(tmp_path / "im").dir, Wish()) == "alone.no_settings"
    assert Links(study.dir / "participation.json").participation("bewohner").made == 0
    assert not (study.dir / "links").exists()
