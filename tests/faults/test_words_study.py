"""Nothing that was said can be read from any file of a study: store, ways, anchors, what is derived for tables, locks,
reports, and what a report writes down on its way and should take away again."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.publishing import freeze
from intake.store import Store
from intake.study import Study, create_study
from intake.submission import Record, Submission
from intake.tables import study_tables
from reports.annual import AnnualParameters, build
from scenario.stores import files
from validation.form import Form
from validation.xform import read_form

STEM = "Kornblumenfeld"
WORDS = [f"{STEM}{number:03d}" for number in range(200)]
ENCODINGS = ("utf-8", "utf-16-le")
AGS = "08235007"


def text_questions(form: Form) -> list[str]:
    """Every question of a form that takes any text, whatever its class; outside repeats."""
    repeats = tuple(f"{repeat}/" for repeat in form.repeats)
    return [
        control.nodeset
        for control in form.controls()
        if control.itemset is None
        and form.binds[control.nodeset].type == "string"
        and not control.nodeset.startswith(repeats)
    ]


def plant(store: Store, study: Study, *only: str) -> set[str]:
    """Publish the study's forms (or these of them), and hand in records that say the words; which were said."""
    left = iter(WORDS)
    forms = [freeze(path) for path in study.form_paths() if not only or path.stem in only]
    for form in forms:
        store.publish(form)
    asked = [(form, text_questions(read_form(form.xform))) for form in forms]
    ended = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    for number, (form, questions) in enumerate(itertools.cycle(asked)):
        words = list(itertools.islice(left, len(questions) + 1))
        if not words:
            break
        record: Record = dict(zip(questions, words[1:], strict=False))
        one = Submission(
            id=f"uuid:{number:08d}", form_id=form.form_id, form_version=form.version, form_hash=form.hash,
            municipality=AGS, subject=f"P-{words[0]}", record=record, started=ended - timedelta(minutes=9),
            ended=ended, author=words[0],
        )  # fmt: skip
        if number % 2:
            store.append(one)
            continue
        draft = store.journal.start(form.hash, AGS, words[0], "de", f"<data>{words[0]}</data>").id
        for step, (path, word) in enumerate(record.items(), 1):
            store.journal.record(draft, f"op-{step}", step, {"op": "answer", "path": path, "value": word})
        store.attachments.put(draft, f"{words[0]}.txt", words[0].encode())
        if number % 4:
            store.journal.submit(draft, one)
    return set(WORDS) - set(left)


def read(directory: Path) -> list[tuple[str, str]]:
    """Where which word can be read, in a name or in the bytes."""
    return [
        (name, word)
        for name, content in files(directory).items()
        if STEM in name or any(STEM.encode(code) in content for code in ENCODINGS)  # nearly always not: so it is quick
        for word in WORDS
        if word in name or any(word.encode(code) in content for code in ENCODINGS)
    ]


@pytest.fixture
def nothing_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is written to a temporary directory stays there, so that it can be looked at."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", lambda _self: None)
    monkeypatch.setattr(tempfile.TemporaryDirectory, "_cleanup", classmethod(lambda *_args, **_names: None))
    return place


def test_no_planted_word_lies_in_any_file_of_a_study(tmp_path: Path) -> None:
    study = create_study(tmp_path / "study")
    with study.store() as store:
        assert len(plant(store, study)) == 200
        (study.dir / "anchors.jsonl").write_text(store.anchor().line() + "\n", encoding="utf-8")
        assert read(tmp_path) == [], "while it is open"
        shutil.copytree(study.dir, tmp_path / "crashed")
    for _ in range(2):  # made, and read again from what was derived
        tables = study_tables(study)
        said = {cell for table in tables.values() for cell in table.astype(str).to_numpy().ravel()}
        assert len(said.intersection(WORDS)) > 50, "the words went through the tables"
    assert read(tmp_path) == []


@pytest.mark.long
def test_no_planted_word_lies_in_what_a_report_writes(
    tmp_path: Path, demo_copy: Study, nothing_is_taken_away: Path
) -> None:
    with demo_copy.store() as store:
        assert len(plant(store, demo_copy, "kontakt")) == 200
    built = build(demo_copy, AnnualParameters(municipality=AGS, year=2022), out=demo_copy.reports)
    assert built.pdf.exists()
    assert list(nothing_is_taken_away.rglob("tables.json")), "what it writes on its way is looked at"
    assert read(tmp_path) == []


def test_the_search_would_have_found_them(tmp_path: Path) -> None:
    (tmp_path / f"{WORDS[0]}.txt").write_bytes(WORDS[1].encode() + WORDS[2].encode("utf-16-le"))
    assert {word for _, word in read(tmp_path)} == set(WORDS[:3])
