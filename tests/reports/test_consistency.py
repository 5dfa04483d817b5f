"""Published figures of section 4 of the domain file: those that close, and the three errors it names."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from reports.consistency import COLUMNS, check_published, read_claims
from scenario.commands import run
from validation.errors import ReportError

FIXTURES = Path(__file__).parent / "fixtures"
CLOSING, WRONG = FIXTURES / "published_closing.csv", FIXTURES / "published_wrong.csv"


def table(folder: Path, *rows: dict[str, object], columns: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "zahlen.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows({"publication": "Ort"} | row for row in rows)
    return path


def test_sums_that_close_close() -> None:
    checked = check_published(CLOSING)
    assert checked.findings == ()
    assert checked.tried == 38


def test_the_figures_the_domain_derives_are_among_them() -> None:
    printed = {(claim.publication, claim.figure): claim for claim in read_claims(CLOSING)}
    assert printed["Althengstett 2023", "planabdeckung"].value == 89.1
    assert printed["Althengstett 2022", "fallzahl_besetzt"].value == 122.7
    assert printed["Althengstett 2022", "fallzahl_bewilligt"].value == 62.9
    assert all(claim.follows for claim in printed.values() if "fallzahl" in claim.figure or "plan" in claim.follows)


def test_the_three_errors_of_sinsheim_are_found() -> None:
    sums, share, follows = check_published(WRONG).findings
    assert (sums.rule, sums.printed, sums.found, sums.missing) == ("sum", 395, 380, ("IR",))  # 15 forgotten: Iran
    assert (share.rule, share.figure, share.printed) == ("share", "anteil_mit_iran", 48.7)  # 192 are 48.6, 193 48.9
    assert round(share.found, 1) == 48.6
    assert (follows.rule, follows.figure, follows.printed, round(follows.found, 1)) == (
        "follows", "gute_bleibeperspektive", 46, 55.4,
    )  # fmt: skip
    assert sums.text() == (
        "Sinsheim (Zeile 3): personen ist mit 395 angegeben, die Teile ergeben zusammen 380; "
        "15 entfallen auf genannte Gruppen ohne Zahl: IR."
    )
    assert "55.44" in follows.text("en")
    assert "48,61" in share.text()


def test_a_share_of_the_wrong_total_tells_which_total_was_taken(tmp_path: Path) -> None:
    """48.7 % is no share of 395, but one of the 380 to which the list sums."""
    rows = {"figure": "alle", "value": 380}, {"figure": "anteil", "value": 48.7, "share_of": "alle"}
    assert check_published(table(tmp_path, *rows)).findings == ()


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 1, "of": "n", "group": "x"},
          {"figure": "b", "value": 2, "of": "n", "group": "y"}], ["sum", "sum"]),  # two lists of one whole
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 1, "of": "n", "group": "x"},
          {"figure": "b", "value": "rest", "of": "n", "group": "x"}], []),
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 4, "of": "n", "group": "x"},
          {"figure": "b", "value": "rest", "of": "n", "group": "x"}], ["sum"]),
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 3, "of": "n", "group": "x"},
          {"figure": "b", "of": "n", "group": "x"}], ["sum"]),  # b is named, and nothing is left for it
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 33.3, "share_of": "n"}], []),
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 34, "share_of": "n"}], ["share"]),
        ([{"figure": "n", "value": 3}, {"figure": "a", "value": 33, "share_of": "n", "follows": "n * 11"}], []),
        ([{"figure": "n", "value": ""}, {"figure": "a", "value": 34, "share_of": "n", "follows": "n * 9"}], []),
        ([{"figure": "n", "value": 2}, {"figure": "a", "value": 0.7, "follows": "n div 3"}], []),
        ([{"figure": "n", "value": 2}, {"figure": "a", "value": "0.60", "follows": "n div 3"}], ["follows"]),
    ],
)  # fmt: skip
def test_each_rule(tmp_path: Path, rows: list[dict[str, object]], rules: list[str]) -> None:
    assert [each.rule for each in check_published(table(tmp_path, *rows)).findings] == rules


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([{"figure": "a", "value": "viele"}], "value"),
        ([{"figure": "a", "value": "inf"}], "value"),
        ([{"figure": "", "value": 1}], "figure"),
        ([{"figure": "a", "value": 1}, {"figure": "a", "value": 2}], "figure"),
        ([{"figure": "a", "value": 1, "of": "n", "group": "x"}], "of"),
        ([{"figure": "n", "value": 1}, {"figure": "a", "value": 1, "of": "n"}], "group"),
        ([{"figure": "a", "value": 1, "share_of": "n"}], "share_of"),
        ([{"figure": "a", "value": 1, "follows": "b"}], "follows"),
        ([{"figure": "a", "value": 1, "follows": "1 +"}], "follows"),
        ([{"figure": "a", "value": 1, "follows": "gibtsnicht(1)"}], "follows"),
        ([{"figure": "a", "value": 1, "follows": "1 div 0"}], "follows"),
    ],
)
def test_a_row_that_cannot_be_is_named(tmp_path: Path, rows: list[dict[str, object]], named: str) -> None:
    with pytest.raises(ReportError) as refused:
        check_published(table(tmp_path, *rows))
    assert refused.value.code == "consistency.wrong"
    assert f"Spalte {named}" in refused.value.text("de")
    assert f"row {len(rows) + 1}:" in refused.value.text("en")


@pytest.mark.parametrize("content", [b"", b"figure,value\na,1\n", b"\xff\xfe\x00", b'publication,"figure\n'])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "zahlen.csv"
    path.write_bytes(content)
    for place in (path, tmp_path / "nirgends.csv"):
        with pytest.raises(ReportError, match=place.name):
            check_published(place)


def test_the_command_says_what_does_not_agree(tmp_path: Path) -> None:
    found = run(f"lotsenbuch report consistency {WRONG}", tmp_path)
    assert found.code == 1
    assert "gute_bleibeperspektive" in found.out
    assert "3 passen nicht" in found.out
    asked = run(f"lotsenbuch report consistency {CLOSING} --json", tmp_path)
    assert (asked.code, json.loads(asked.out)) == (0, {"tried": 38, "findings": []})
