"""The fonts of the screen: listed, unchanged, free to ship, and with a letter for everything that is written."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from intake.interview import server
from intake.xlsform import read_xlsform
from validation.messages import SPOKEN, catalogue

FONTS = Path(server.__file__).parent / "page" / "voila" / "templates" / "lotsenbuch" / "static" / "fonts"
FORM = Path(__file__).parents[3] / "data" / "forms" / "erstgespraech.md"
LISTED = tomllib.loads((FONTS / "FONTS.toml").read_text(encoding="utf-8"))
STYLE = (FONTS / "fonts.css").read_text(encoding="utf-8")
FACES = re.findall(
    r'font-family: "([^"]+)"; font-weight: (400|500 900); .*? src: url\("([^"]+)"\).*?unicode-range: ([^;]+);',
    STYLE,
    re.DOTALL,
)


def test_the_fonts_are_the_ones_that_were_checked() -> None:
    assert {font["file"] for font in LISTED["font"]} == {path.name for path in FONTS.glob("*.woff2")}
    for font in LISTED["font"]:
        assert hashlib.sha256((FONTS / font["file"]).read_bytes()).hexdigest() == font["sha256"], font["file"]


def test_the_fonts_may_be_shipped_and_say_where_they_come_from() -> None:
    assert LISTED["licence"] == "OFL-1.1"
    licence = (FONTS / LISTED["licence_file"]).read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence
    packages = {package["name"].removeprefix("npm "): package for package in LISTED["package"]}
    assert {font["package"] for font in LISTED["font"]} == set(packages)
    assert all(package["version"] and len(package["sha256"]) == 64 for package in packages.values())
    assert all(package["copyright"].split(" ", 1)[1] in licence for package in packages.values())


def test_the_page_asks_for_the_fonts_that_are_there_and_for_nothing_else() -> None:
    assert {(family, file) for family, _, file, _ in FACES} == {
        (font["family"], font["file"]) for font in LISTED["font"]
    }
    assert STYLE.count("@font-face") == len(FACES) == len(LISTED["font"])
    assert set(re.findall(r"url\(\"([^\"]*)", STYLE)) == {font["file"] for font in LISTED["font"]}
    page = (FONTS.parents[1] / "index.html.j2").read_text(encoding="utf-8")
    assert page.count("/static/fonts/fonts.css") == 1


def test_the_fonts_are_small() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) <= 400_000


@cache
def ranges(weight: str) -> list[tuple[int, int]]:
    found = []
    for _, thickness, _, written in FACES:
        for part in written.split(",") if thickness == weight else ():
            first, _, last = part.strip().removeprefix("U+").partition("-")
            found.append((int(first, 16), int(last or first, 16)))
    return found


@pytest.mark.parametrize("weight", ["400", "500 900"])
def test_every_letter_that_is_written_has_a_font(weight: str) -> None:
    itext = read_xlsform(FORM).itext
    written = {
        letter for texts in itext.values.values() for text in texts.values() for letter in "".join(map(str, text.parts))
    }
    written |= {letter for code, said in catalogue().items() if code.startswith(("screen.", "interview.", "answer."))
                for language in SPOKEN for letter in said.get(language, "")}  # fmt: skip
    # Names of people in the languages of the consulting rooms: Turkish, Kurmanji, Romanian, Dari, Pashto, Sorani, Urdu.
    written |= set("ĞğİıŞşÇçÊêÎîÛûȘșȚțŽžПривітҐґЄєІіЇїپچژگکیټډړږښڼۀېۍڕڵۆێہھٹڈں٠١٢٣۴۵۶")
    lacking = {letter for letter in written if not any(first <= ord(letter) <= last for first, last in ranges(weight))}
    assert lacking == set()
