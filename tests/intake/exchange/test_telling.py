"""intake.exchange.telling: what records say beside their answers stands in columns, as far as a profile shows it."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from intake.exchange import central_csv
from intake.exchange.exporting import Order, export_study
from intake.exchange.extract import Extract, extract_submissions
from intake.exchange.profiles import FULL, PSEUDONYMOUS, PUBLIC, Profile
from intake.exchange.telling import may_tell
from intake.how import how_of, with_how
from intake.publishing import PublishedForm
from intake.study import create_study
from intake.submission import Submission
from scenario import told
from scenario.exchanged import form as probe
from scenario.exchanged import xform
from validation.form import Form
from validation.layout import KEY

KEEP = bytes(32)
ZIEL = "/data/ziele/ziel"


def records(seed: int = 3) -> list[Submission]:
    return list(told.followed(told.form(), told.lives(seed), random.Random(seed)))


def take(name: str = FULL, include: tuple[str, ...] = (), submissions: list[Submission] | None = None) -> Extract:
    profile = Profile(name, frozenset(include), KEEP, least=2)
    return extract_submissions(told.form(), records() if submissions is None else submissions, profile=profile)


def test_the_word_stands_beside_its_answer_also_in_entries_of_entries() -> None:
    made = take().texts()
    said = {each.id: how_of(each.record, told.form()) for each in records()}
    expected = sorted(how for paths in said.values() for how in paths.values())
    there = [frame[name].dropna() for frame in made.values() for name in frame if re.search("__how(_2)?$", name)]
    words = sorted(word for values in there for word in values if word in ("confirmed", "changed", "corrected", "new"))
    assert words == expected
    for key, how in zip(made["verlauf-schritt"][KEY], made["verlauf-schritt"]["tat__how"].fillna(""), strict=True):
        record, _, below = key.partition("/")
        assert how == said[record].get(f"/data/{below}/tat", "")
    assert any(made["verlauf-schritt"]["tat__how"].notna())


def test_ids_stand_in_the_rows_that_make_them() -> None:
    made = take().texts()
    goals = [goal[f"{ZIEL}/meta/entity/@id"] for each in records() for goal in each.record[ZIEL]]  # type: ignore[index]
    assert made["verlauf-ziel"]["_entity"].to_list() == goals
    assert made["verlauf"]["wohnung-_entity"].to_list() == [
        each.record["/data/wohnung/meta/entity/@id"] for each in records()
    ]


def test_where_nothing_is_said_there_are_no_columns_for_it() -> None:
    made = take(submissions=list(told.lives(3))).texts()
    assert [name for frame in made.values() for name in frame if re.search("how(_2)?$", name)] == [
        "alter__how", "wohnung-how",  # questions
    ]  # fmt: skip
    assert "_entity" in made["verlauf-ziel"]
    assert may_tell([told.form()])
    assert not may_tell([replace(probe(), namespaces={})])


def test_pseudonymous_has_words_of_what_it_shows_and_codes_of_ids() -> None:
    plain, coded = take().texts(), take(PSEUDONYMOUS).texts()
    assert "name__how" not in coded["verlauf"]  # of class identity
    assert "name__how" in plain["verlauf"]
    assert coded["verlauf"]["deutsch__how"].to_list() == plain["verlauf"]["deutsch__how"].to_list()
    assert any(coded["verlauf"]["deutsch__how"].notna())
    ids = coded["verlauf-ziel"]["_entity"]
    assert ids.nunique() == plain["verlauf-ziel"]["_entity"].nunique()
    assert all(re.fullmatch("[0-9a-f]{20}", code) for code in ids)
    # the same goal has the same code where it is an answer elsewhere
    goal = plain["verlauf-ziel"]["_entity"].iloc[0]
    named = replace(records()[0], id="uuid:9", record={**records()[0].record, "/data/person": goal})
    assert take(PSEUDONYMOUS, submissions=[named]).texts()["verlauf"]["person"].to_list() == [ids.iloc[0]]


def test_an_answer_that_a_profile_takes_away_takes_its_word_with_it() -> None:
    first = records()[0]
    odd = replace(first, record=with_how({**first.record, "/data/deutsch": "frei"}, {"/data/deutsch": "changed"},
                                         told.form()))  # fmt: skip
    assert take(submissions=[odd]).texts()["verlauf"]["deutsch__how"].to_list() == ["changed"]
    made = take(PSEUDONYMOUS, submissions=[odd]).texts()["verlauf"]
    assert made["deutsch"].isna().all()
    assert made["deutsch__how"].isna().all()


def test_public_has_nothing_of_both_and_says_so() -> None:
    made = take(PUBLIC, submissions=[replace(each, id=f"uuid:{n}") for n in range(5) for each in records()])
    assert not [column.name for table in made.layout.values() for column in table.columns if "/@" in column.nodeset]
    assert "export.beside_left" in [note.code for note in made.notes]
    plain = extract_submissions(probe(), [], profile=Profile())
    assert "export.beside_left" not in [note.code for note in plain.notes]


def test_central_has_them_last_and_briefcase_not_at_all() -> None:
    head = central_csv.documents(take())["verlauf.csv"].splitlines()[0].split(",")
    assert (
        head[: head.index("_subject") + 1]
        == (central_csv.documents(take(submissions=[]))["verlauf.csv"].splitlines()[0].split(","))[
            : head.index("_subject") + 1
        ]
    )
    assert head[head.index("_subject") + 1] == "person__how"
    assert head[-1] == "wohnung-_entity"
    old = central_csv.documents(take(), central_csv.BRIEFCASE)
    bare = central_csv.documents(take(submissions=list(told.lives(3))), central_csv.BRIEFCASE)
    assert old == bare


TURNED = told.TEXT.replace("| verlauf | 1 |", "| verlauf | 2 |").replace("integer | alter |", "text | alter |")


def test_where_a_series_breaks_the_word_stays_beside_its_answer() -> None:
    newer = probe(TURNED)
    old = replace(records()[0], record=with_how({**records()[0].record, "/data/alter": "7"}, {"/data/alter": "changed"},
                                                told.form()))  # fmt: skip
    new = replace(old, id="uuid:2", form_hash=newer.hash, form_version="2")
    made = extract_submissions(newer, [old, new], earlier=[told.form()]).texts()["verlauf"]
    assert made["alter"].fillna("").to_list() == ["", "7"]
    assert made["alter__how_2"].fillna("").to_list() == ["", "changed"]
    assert made["alter__v1__how"].fillna("").to_list() == ["changed", ""]


@pytest.mark.parametrize(("kind", "says"), [("briefcase", True), ("csv", False)])
def test_an_export_from_a_store_tells_what_its_format_leaves_out(kind: str, says: bool, tmp_path: Path) -> None:
    study = create_study(tmp_path / "study", municipalities={"08235007": "Althengstett"})
    form: Form = told.form()
    with study.store() as store:
        store.publish(PublishedForm(form.id, form.version, form.hash, xform(told.TEXT), b"", "verlauf.md", {}))
        for each in records():
            store.append(replace(each, municipality="08235007"))
    done = export_study(study, tmp_path / "x", Order(kind))
    assert ("export.beside_left" in [note.code for note in done.notes]) is says
