"""What goes out comes in again as it was: every format that can carry it, texts of any kind."""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from intake.exchange import central, central_csv, openrosa, openrosa_in, parquet, parquet_in, sheets, spss, spss_in
from intake.exchange.extract import Extract, extract_submissions
from intake.exchange.guard import unguarded
from intake.exchange.guards import Grid, grid_of, sheets_of, text_of
from intake.exchange.rebuilt import Arrival, Rows, records
from intake.publishing import PublishedForm
from intake.simulate import simulate
from intake.submission import Record, Submission, canonical, normalised
from intake.tables import tables
from intake.xlsform import read_xlsform
from scenario import told
from scenario.exchanged import form as probe
from scenario.exchanged import xform
from scenario.formulas import PAYLOADS
from validation import Form
from validation.layout import layout

ROOT = Path(__file__).parents[3]
QUICK = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
NOW = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)
SHIPPED = (
    "austritt", "kontakt", "unterkunft", "stelle", "fortschreibung",
    pytest.param("erstgespraech", marks=pytest.mark.long),
)  # fmt: skip
PROBE, TOLD = "probe", "verlauf"
OURS = {PROBE: probe, TOLD: told.form}


@functools.cache
def form_of(name: str) -> Form:
    return OURS[name]() if name in OURS else read_xlsform(ROOT / "data" / "forms" / f"{name}.md")


AWKWARD = (
    "0012", "007", "-1", "+49 7031 1", "1e5", "1,5", "TRUE", "NULL", "nan", " vorn", "hinten ", "a\nb", "a\r\nb",
    "a\rb", "tab\there", 'er sagte "so"', "'", "''=1", "a;b,c|d", "العربية مع نص", "עברית", "Ґанна", "👩‍👩‍👧 🏠", "é",
    "\u202eRTL", "_x000D_", "_x0041_", "2026-05-04", "04.05.2026", "N/A", "#N/A", "\ufeffBOM", "ﷺ", "<b>&amp;</b>",
    "]]>",
)  # fmt: skip
"""Texts that programs like to change: numbers with leading zeros, line breaks, quotes, escapes, other scripts."""

TEXTS = st.one_of(
    st.sampled_from([*AWKWARD, *PAYLOADS]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=40),
)


def texts_of(form: Form) -> list[str]:
    """The questions of the root that anything may be written into: no rule of any kind looks at them."""
    read = " ".join(
        rule.source
        for bind in form.binds.values()
        for rule in (bind.relevant, bind.constraint, bind.required, bind.calculate)
        if rule is not None
    )
    root = next(iter(layout(form).values()))
    asked = {control.nodeset for control in form.controls() if control.kind == "input"}
    return [
        column.nodeset
        for column in root.columns
        if column.type == "string" and column.nodeset in asked and column.bind.constraint is None
        and column.bind.calculate is None and column.nodeset.rpartition("/")[2] not in read
    ]  # fmt: skip


@functools.cache
def simulated(name: str, seed: int) -> tuple[Submission, ...]:
    """Three people's records, and where the seed is odd with words on how the answers came about."""
    form = form_of(name)
    made = told.lives(seed) if name == TOLD else tuple(simulate(form, 3, seed, NOW))
    return tuple(told.followed(form, made, random.Random(seed))) if seed % 2 else made


def with_texts(form: Form, submissions: Sequence[Submission], texts: Sequence[str]) -> list[Submission]:
    """The same records with these texts where records have an answer or could have one."""
    made = []
    for number, submission in enumerate(submissions):
        record: Record = dict(submission.record)
        free = [nodeset for nodeset in texts_of(form) if nodeset in record]
        for at, text in enumerate(texts):
            if free:
                record[free[(at + number) % len(free)]] = text
        made.append(replace(submission, record=normalised(record)))
    return made


# --- there and back


def _again(form: Form, rows: Rows) -> list[Arrival]:
    found = records(form, rows, zone="UTC", now=NOW)
    assert found.problems == ()
    return list(found.arrivals)


def _grids(files: Mapping[str, str], *, guarded: bool) -> dict[str, Grid]:
    grids = {}
    for name, text in files.items():
        grid = grid_of(text_of(text.encode(), name), name)
        if guarded:
            rows = tuple((number, tuple(map(unguarded, cells))) for number, cells in grid.rows)
            grid = Grid(grid.name, tuple(map(unguarded, grid.columns)), rows)
        grids[name.removesuffix(".csv")] = grid
    return grids


def by_csv(form: Form, take: Extract) -> list[Arrival]:
    return _again(form, central.rows_of(form, _grids(central_csv.documents(take), guarded=True)))


def by_plain_csv(form: Form, take: Extract) -> list[Arrival]:
    files = {name: text.encode() for name, text in central_csv.documents(take, guard=False, split=True).items()}
    return _again(form, central.read_csv(form, files))


def by_labels(form: Form, take: Extract) -> list[Arrival]:
    return _again(form, central.rows_of(form, _grids(sheets.csv_labels(take, "de"), guarded=True)))


def by_workbook(form: Form, take: Extract, language: str | None = None) -> list[Arrival]:
    grids = {grid.name: grid for grid in sheets_of(sheets.workbook(take, language), "probe.xlsx")}
    titles = {name[:31]: name for name in layout(form)}
    return _again(form, central.rows_of(form, {titles.get(name, name): grid for name, grid in grids.items()}))


def by_labelled_workbook(form: Form, take: Extract) -> list[Arrival]:
    return by_workbook(form, take, "de")


WAYS: Mapping[str, Callable[[Form, Extract], list[Arrival]]] = {
    "csv": by_csv,
    "plain csv": by_plain_csv,
    "csv labels": by_labels,
    "xlsx": by_workbook,
    "xlsx labels": by_labelled_workbook,
}


def compare(submissions: Sequence[Submission], arrivals: Sequence[Arrival]) -> None:
    assert [arrival.id for arrival in arrivals] == [each.id for each in submissions]
    for submission, arrival in zip(submissions, arrivals, strict=True):
        record = arrival.record
        different = {
            key: (submission.record.get(key), record.get(key))
            for key in {*submission.record, *record}
            if submission.record.get(key) != record.get(key)
        }
        assert different == {}
        assert canonical(submission.record) == canonical(record)


@pytest.mark.parametrize("way", WAYS)
@settings(QUICK, max_examples=12)
@given(
    seed=st.integers(0, 3), texts=st.lists(TEXTS, min_size=1, max_size=6),
    name=st.sampled_from((TOLD, PROBE, "unterkunft")),
)  # fmt: skip
def test_tables_of_texts_come_back_as_they_went(way: str, seed: int, texts: list[str], name: str) -> None:
    form = form_of(name)
    submissions = with_texts(form, simulated(name, seed), texts)
    compare(submissions, WAYS[way](form, extract_submissions(form, submissions)))


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@settings(QUICK, max_examples=150)
@given(
    seed=st.integers(0, 30),
    texts=st.lists(TEXTS, min_size=1, max_size=9),
    name=st.sampled_from((TOLD, PROBE, "unterkunft", "stelle", "fortschreibung", "erstgespraech")),
)
def test_tables_of_many_texts_come_back_as_they_went(way: str, seed: int, texts: list[str], name: str) -> None:
    form = form_of(name)
    submissions = with_texts(form, simulated(name, seed), texts)
    compare(submissions, WAYS[way](form, extract_submissions(form, submissions)))


@pytest.mark.parametrize("way", WAYS)
def test_every_formula_and_every_awkward_text_comes_back(way: str) -> None:
    form = form_of(PROBE)
    base = simulated(PROBE, 1)[0]
    submissions = [
        replace(base, id=f"uuid:{number}", record=normalised({
            **base.record, "/data/notiz": text, "/data/name": text, "/data/meta/instanceID": f"uuid:{number}"}))
        for number, text in enumerate([*PAYLOADS, *AWKWARD])
    ]  # fmt: skip
    assert len(PAYLOADS) >= 40
    compare(submissions, WAYS[way](form, extract_submissions(form, submissions)))


@pytest.mark.parametrize("way", ["csv", "xlsx labels"])
@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_form_comes_back(name: str, way: str) -> None:
    form = form_of(name)
    submissions = with_texts(form, simulated(name, 7), ["العربية\n0012", "=1+1"])
    compare(submissions, WAYS[way](form, extract_submissions(form, submissions)))


def plain(frame: pd.DataFrame) -> dict[str, list[object]]:
    return {str(name): [None if pd.isna(value) else value for value in frame[name]] for name in frame}


def by_parquet(form: Form, take: Extract, folder: Path) -> list[Arrival]:
    files = {f"{name}.parquet": parquet.document(take, frame, name) for name, frame in take.typed().items()}
    assert not list(folder.iterdir())
    return _again(form, parquet_in.read(form, files))


def by_program(program: spss.Program, form: Form, take: Extract, folder: Path) -> list[Arrival]:
    spss.write(take, program, folder)
    return _again(form, spss_in.read(form, {path.name: path.read_bytes() for path in folder.iterdir()}))


TYPED: Mapping[str, Callable[[Form, Extract, Path], list[Arrival]]] = {
    "parquet": by_parquet,
    "sav": functools.partial(by_program, spss.SAV),
    "dta": functools.partial(by_program, spss.DTA),
}


@pytest.mark.parametrize("way", TYPED)
@settings(QUICK, max_examples=8)
@given(
    seed=st.integers(0, 3), texts=st.lists(TEXTS, min_size=1, max_size=6), name=st.sampled_from((TOLD, PROBE, "stelle"))
)
def test_files_of_values_come_back_with_the_same_values(way: str, seed: int, texts: list[str], name: str) -> None:
    """SPSS has no blanks at the end of a text; that is the one thing it cannot carry."""
    form = form_of(name)
    kept = [text.rstrip(" ") or "x" for text in texts] if way == "sav" else texts
    submissions = with_texts(form, simulated(name, seed), kept)
    with tempfile.TemporaryDirectory() as folder:
        arrivals = TYPED[way](form, extract_submissions(form, submissions), Path(folder))
    back = [replace(each, record=arrival.record) for each, arrival in zip(submissions, arrivals, strict=True)]
    before, after = (tables(form, each, zone="UTC", how=True, entities=True) for each in (submissions, back))
    for table, frame in before.items():
        assert plain(frame) == plain(after[table])


@settings(QUICK, max_examples=15)
@given(
    seed=st.integers(0, 3), texts=st.lists(TEXTS, min_size=1, max_size=6),
    name=st.sampled_from((TOLD, PROBE, "unterkunft")),
)  # fmt: skip
def test_openrosa_comes_back_with_its_files(seed: int, texts: list[str], name: str) -> None:
    form = form_of(name)
    submissions = with_texts(form, simulated(name, seed), texts)
    if name == PROBE:
        submissions = [replace(each, record={**each.record, "/data/bild": "1.jpg"}) for each in submissions]
    handed_in = {"1.jpg": random.Random(seed).randbytes(64)} if name == PROBE else {}
    published = PublishedForm(form.id, form.version, form.hash, _xform(name), b"", f"{name}.md", {})
    files = dict(openrosa.documents([published], submissions, lambda _id: handed_in))
    found = openrosa_in.read(form, files, zone="UTC")
    assert found.problems == ()
    by_id = {arrival.id: arrival for arrival in found.arrivals}
    compare(submissions, [by_id[each.id] for each in submissions])
    assert all(arrival.files == handed_in for arrival in found.arrivals)


def _xform(name: str) -> str:
    from intake.publishing import freeze

    if name in OURS:
        return xform(told.TEXT) if name == TOLD else xform()
    return freeze(ROOT / "data" / "forms" / f"{name}.md").xform


def test_there_is_something_to_tell_beside_the_answers() -> None:
    for name in (TOLD, "fortschreibung"):
        take = extract_submissions(form_of(name), simulated(name, 7))
        said = {column for frame in take.texts().values() for column in frame if frame[column].notna().any()}
        assert len([column for column in said if column.endswith("__how")]) >= 5
        assert ("_entity" in said) is (name == TOLD)


def test_the_texts_are_written_where_a_form_takes_any() -> None:
    """The awkward texts reach the files: a round trip of records without them would prove little."""
    for name in (PROBE, "unterkunft", "stelle"):
        form = form_of(name)
        made = with_texts(form, simulated(name, 1), ["=1+1", "العربية"])
        assert sum("=1+1" in each.record.values() or "العربية" in each.record.values() for each in made) == len(made)
        assert all(re.fullmatch(r"/\w+(/[\w-]+)+", nodeset) for nodeset in texts_of(form))
