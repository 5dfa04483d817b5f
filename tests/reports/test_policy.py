"""Thresholds come from one file; published figures from another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from reports.disclosure.ledger import read_published
from reports.disclosure.policy import read_policy
from validation.errors import ReportError

DATA = Path(__file__).parents[2] / "data"


def test_the_shipped_policy() -> None:
    policy = read_policy(DATA / "disclosure.toml")
    assert (policy.threshold("person"), policy.threshold("special"), policy.threshold("thing")) == (5, 10, 0)
    assert (policy.sign, policy.data_sign) == ("·", "x")
    assert (policy.rest_label("de"), policy.rest_label("en")) == ("Übrige", "Others")
    assert read_policy(DATA / "disclosure.toml", "council").threshold("staff") == 5


@pytest.mark.parametrize("audience", ["internal", "press", ""])
def test_an_audience_without_rules_gets_nothing(audience: str) -> None:
    with pytest.raises(ReportError) as caught:
        read_policy(DATA / "disclosure.toml", audience)
    assert caught.value.code == "report.policy_audience"
    assert "council, public" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("person = 5", "person = 0", "threshold.person"),
        ("person = 5", 'person = "5"', "threshold.person"),
        ("person = 5", "person = true", "threshold.person"),
        ("special = 10\n", "", "threshold.special"),
        ('sign = "·"', 'sign = ""', "sign"),
        ('de = "Übrige"', "de = 1", "de"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, old: str, new: str, name: str) -> None:
    path = tmp_path / "disclosure.toml"
    path.write_text((DATA / "disclosure.toml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_policy(path)
    assert caught.value.code == "report.policy_value"
    assert caught.value.fields["name"] == name


@pytest.mark.parametrize("content", [None, b"sign = ", b"\xff\xfe", b""])
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "disclosure.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReportError, match=r"disclosure\.toml"):
        read_policy(path)


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(ReportError) as caught:
        read_policy(DATA / "disclosure.toml").threshold("animals")
    assert caught.value.code == "report.policy_class"


def test_published_figures_and_only_public_ones() -> None:
    ledger = read_published(DATA / "demo" / "published.csv")
    day = dt.date(2022, 12, 31)
    found = ledger.find("08235007", day, "nationality.SY")
    assert found is not None
    assert (found.value, found.status) == (41, "published")
    approved = ledger.find("08235007", day, "posts_approved")
    assert approved is not None
    assert approved.value == Decimal("1.75")
    assert ledger.find("08235007", dt.date(2018, 12, 31), "stock") is None  # assumed by us, so not public
    assert ledger.of("08999001").figures == ()


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    assert read_published(tmp_path / "published.csv").figures == ()


HEAD = "municipality,date,figure,value,status,source\n"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("a,b\n1,2\n", "report.published_unreadable", "municipality"),
        (HEAD + "08235007,31.12.2022,x,5,published,S\n", "report.published_row", "date"),
        (HEAD + "08235007,2022-12-31,x,fünf,published,S\n", "report.published_row", "value"),
        (HEAD + "08235007,2022-12-31,x,NaN,published,S\n", "report.published_row", "value"),
        (HEAD + "08235007,2022-12-31,x,5,published,\n", "report.published_row", "source"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, text: str, code: str, field: str) -> None:
    path = tmp_path / "published.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_published(path)
    assert caught.value.code == code
    assert field in str(caught.value)
