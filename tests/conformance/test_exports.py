"""The CSV files of getodk/briefcase (`../shared/conformance/exports`), byte for byte from form and submission.

No exception: all eight files are reproduced. Runs where the shared data are; says so where they aren't.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from intake.exchange.central_csv import BRIEFCASE, documents
from intake.exchange.extract import extract_submissions
from intake.record import record_from_xml
from intake.submission import Submission
from validation.form import Form
from validation.tree import parse
from validation.xform import read_form

EXPORTS = Path(__file__).parents[3] / "shared" / "conformance" / "exports"
CASES = {
    "all-data-types.csv": ("all-data-types", "all-data-types-submission.xml"),
    "all-data-types-empty.csv": ("all-data-types", "all-data-types-submission-empty-tags.xml"),
    "choice-lists.csv": ("choice-lists", "choice-lists-submission.xml"),
    "nested-repeats.csv": ("nested-repeats", "nested-repeats-submission.xml"),
    "nested-repeats-g1.csv": ("nested-repeats", "nested-repeats-submission.xml"),
    "nested-repeats-g2.csv": ("nested-repeats", "nested-repeats-submission.xml"),
    "nested-repeats-g3.csv": ("nested-repeats", "nested-repeats-submission.xml"),
    "nested-repeats-no-subs.csv": ("nested-repeats", ""),
}

pytestmark = pytest.mark.skipif(not EXPORTS.is_dir(), reason="../shared/conformance/exports is not here")


def sent(form: Form, file: Path) -> Submission:
    text = file.read_text(encoding="utf-8")
    root = next(parse(text).elements())
    received = dt.datetime.fromisoformat(root.attributes["submissionDate"])
    return Submission(
        root.attributes["instanceID"], form.id, form.version, form.hash, "", "", record_from_xml(text, form),
        received, received, "", received=received,
    )  # fmt: skip


def test_every_expected_file_is_a_case() -> None:
    assert {file.name.removesuffix(".expected") for file in EXPORTS.glob("*.expected")} == set(CASES)


@pytest.mark.parametrize("expected", CASES)
def test_an_expected_file_comes_out_byte_for_byte(expected: str) -> None:
    name, submission = CASES[expected]
    form = read_form((EXPORTS / f"{name}.xml").read_bytes())
    submissions = [sent(form, EXPORTS / submission)] if submission else []
    made = documents(extract_submissions(form, submissions), BRIEFCASE, split=name == "choice-lists")
    inner = expected.removeprefix("nested-repeats-") if "-g" in expected else f"{name}.csv"
    file = f"{name}-{inner}" if "-g" in expected else inner
    assert made[file].encode() == (EXPORTS / f"{expected}.expected").read_bytes()
