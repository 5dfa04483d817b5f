"""The home store a study names: a file, a study directory or a team's server; never with a password in its address."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest

from intake.home import has_password, open_home
from intake.store import open_store, utc_now
from intake.store.keys import create_key_file
from intake.store.push import push
from intake.store.ways import FILE, Secret
from intake.study import create_study
from scenario.postgresql import Cluster
from scenario.stores import KEY, published, submission
from scenario.team import _shared, make_account
from validation.errors import StoreError, UsageError


@pytest.mark.parametrize(
    "address", ["postgresql://a:b@h/d", "postgres://h/d?password=", "postgresql://h/d?user=a&password=b"]
)
def test_a_password_in_an_address_is_refused_before_anything_is_opened(address: str) -> None:
    assert has_password(address)
    with pytest.raises(UsageError) as caught:
        open_home(address)
    assert caught.value.code == "push.password"
    assert not has_password("postgresql://anna@host:5432/lotsen?sslmode=verify-full")
    assert not has_password("/media/password/store.db")


def test_a_study_and_a_file_are_opened_by_the_key_beside_them(tmp_path: Path) -> None:
    study = create_study(tmp_path / "s")
    with open_home(str(tmp_path / "s")) as by_study, open_home(str(study.store_path)) as by_file:
        known = by_study.id
        assert by_file.id == known
    (tmp_path / "s" / "store.key").rename(tmp_path / "other.key")
    for address in (tmp_path / "s", study.store_path):
        with open_home(str(address), key_file=tmp_path / "other.key") as opened:
            assert opened.id == known


def test_what_is_no_home_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_home("")
    with pytest.raises(StoreError) as caught:
        open_home(str(tmp_path / "none.db"))
    assert caught.value.code == "store.missing"


@pytest.mark.postgresql
def test_a_laptop_comes_home_to_a_team(tmp_path: Path, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    from intake.store.postgres.entering import invited, join

    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "own"))
    team, manager = _shared(postgresql)
    team.restore()
    account = f"{team.database}_visitor"
    with team.open(team.officer, utc_now) as officer:
        invitation = invited(
            officer, "Besuch", "manager", account=account, municipalities=["08235007"], today=date(2026, 3, 2)
        )
    make_account(postgresql.dsn(team.database), "manager", account)
    address = f"postgresql://{account}@/{team.database}?host={postgresql.directory}"
    key_file = tmp_path / "team.key"
    secret = Secret(FILE, material=create_key_file(key_file))
    join(address, invitation.content, invitation.code, secret, today=date(2026, 3, 2))
    with open_store(tmp_path / "laptop.db", key=KEY, create=True) as laptop:
        laptop.publish(published())
        laptop.append(submission(1))
        laptop.append(submission(2, municipality="08999001", subject="P-2"))  # not this login's municipality
        with open_home(address, key_file=key_file) as home:
            found = push(laptop, home)
            assert found.sent == ((submission(1).id, 1),)
            assert [(each.submission, each.why) for each in found.left] == [(submission(2).id, "store.not_allowed")]
            assert home.count() == 1
            again = push(laptop, home)  # what was left is tried again
            assert (again.sent, again.left) == ((), found.left)
        with contextlib.closing(team.open(manager, utc_now)) as other:
            assert [each.subject for each in other.submissions()] == ["P-000001"]
    team.restore()
