"""validation/xpath/functions/__init__.py: one table, complete and true to itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import validation.xpath
from validation.messages import LANGUAGES, catalogue
from validation.xpath.functions import Function, table

SOURCES = sorted(Path(validation.xpath.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("function", table().values(), ids=lambda function: function.name)
def test_rows_are_well_formed(function: Function) -> None:
    assert re.fullmatch(r"(jr:)?[a-z0-9]+(-[a-z0-9]+)*", function.name)
    assert function.maximum is None or function.minimum <= function.maximum
    assert function.takes(function.minimum)
    assert not function.takes(function.minimum - 1)
    assert function.maximum is None or not function.takes(function.maximum + 1)
    assert re.match(r"XPath 4\.[1-4]|ODK fn:|XForms", function.reference)


def test_no_name_is_given_twice() -> None:
    names = re.findall(r'^    Function\("([^"]+)"', "".join(path.read_text("utf-8") for path in SOURCES), re.MULTILINE)
    assert sorted(names) == sorted(table())


def test_arity_as_text() -> None:
    assert [table()[name].arity() for name in ("true", "round", "concat")] == ["0", "1–2", "≥ 0"]
    assert not table()["indexed-repeat"].takes(4)


def test_every_refusal_has_its_sentence_and_every_sentence_its_refusal() -> None:
    source = "".join(path.read_text("utf-8") for path in SOURCES)
    used = set(re.findall(r'(?:Refusal|refuse)\(\s*"([a-z_]+)"', source)) | set(
        re.findall(r'"xpath\.([a-z_]+)"', source)
    )
    written = {code.removeprefix("xpath.") for code in catalogue() if code.startswith("xpath.")}
    assert used == written - {"refused"}
    for code in sorted(written):
        sentences = catalogue()[f"xpath.{code}"]
        assert set(sentences) == set(LANGUAGES)
        assert len(set(sentences.values())) == 2
        fields = [set(re.findall(r"(?<!\{)\{(\w+)\}", sentence)) for sentence in sentences.values()]
        assert fields[0] == fields[1]
