"""Which characters the shipped fonts have: held against what Typst can set."""

from __future__ import annotations

import json

import pytest

from reports.factory.coverage import FONTS, covered, uncovered
from reports.factory.render import page_to_pdf
from reports.paper.page import Sheet
from reports.paper.texts import said
from validation.errors import ReportError


def test_the_languages_we_print_are_covered() -> None:
    assert uncovered("ÄÖÜäöüß „“ – … · → − × ½ € § † ʼ") == frozenset()
    assert uncovered("Прізвище, імʼя, їжа, ґанок, єдність, ёлка") == frozenset()
    assert uncovered("الاسم والعائلة، هل؟ پ چ ژ گ ڕ ێ ۆ ځ ڼ ۍ ٠١٢ ۰۱۲") == frozenset()


def test_scripts_and_signs_without_a_font_are_told() -> None:
    assert uncovered("ስም 名 🙂 a") == frozenset("ስም名🙂")


def test_every_font_is_read() -> None:
    assert len(list(FONTS.glob("*.ttf"))) >= 4
    assert len(covered()) > 3000


def bare(title: str) -> str:
    sheet = json.loads(Sheet("", "probe", (("de", "ltr"),), {"page": said(["Seite"])}).json())
    return json.dumps({**sheet, "title": title})


@pytest.mark.parametrize("sign", ["ስ", "名", "🙂", "○"])
def test_typst_refuses_what_is_told_to_be_without_a_font(sign: str) -> None:
    assert uncovered(sign)
    with pytest.raises(ReportError, match="could not be displayed"):
        page_to_pdf(bare(sign))


def test_typst_sets_what_is_told_to_be_covered() -> None:
    letters = [chr(code) for code in sorted(covered()) if chr(code).isalnum()]
    for start in range(0, len(letters), 400):
        page_to_pdf(bare(" ".join(letters[start : start + 400])))
