"""Takes the pictures of the interview: to be looked at, and the one in the README.

    python tests/docs/pictures.py [--out DIR]

Writes section, arabic, cards, errors, worklist, mobile, dark and print as PNG to DIR (default: a new directory, which
is printed), and with `--readme` docs/interview.png as well. Needs Chromium. Everything shown is made up.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
README_PICTURE = ROOT / "docs" / "interview.png"
SIZE = {"width": 1200, "height": 900}
MOBILE = {"width": 390, "height": 844}


def take(out: Path) -> list[Path]:
    """Every picture, written to a directory."""
    from playwright.sync_api import sync_playwright

    from scenario.browser import launch
    from scenario.shipped import GAPS, office

    made = []
    with tempfile.TemporaryDirectory() as directory, office(Path(directory)) as opened, sync_playwright() as playwright:
        opened.begun(*GAPS, person="P-000223")
        opened.begun()
        browser = launch(playwright)
        for name, (lead, settings) in PICTURES.items():
            with _desk(browser, opened.worklist, settings) as desk:
                lead(desk)
                desk.page.mouse.move(0, 0)
                desk.page.evaluate("document.fonts.ready")
                made.append(out / f"{name}.png")
                desk.page.screenshot(path=made[-1])
        browser.close()
    return made


@contextmanager
def _desk(browser: Any, worklist: Any, settings: dict[str, Any]) -> Iterator[Any]:
    from scenario.shipped import Desk

    context = browser.new_context(**{"viewport": SIZE, "locale": "de-DE", "reduced_motion": "reduce"} | settings)
    page = context.new_page()
    page.set_default_timeout(20_000)
    desk = Desk(page, worklist)
    page.add_style_tag(content=_letters())
    yield desk
    context.close()


def _letters() -> str:
    """The style of the shipped fonts, with the fonts in it."""
    folder = ROOT / "intake/interview/page/voila/templates/lotsenbuch/static/fonts"

    def inside(found: re.Match[str]) -> str:
        packed = base64.b64encode((folder / found[1]).read_bytes()).decode("ascii")
        return f"url(data:font/woff2;base64,{packed})"

    return re.sub(r"url\([\"']?([^)\"']+)[\"']?\)", inside, (folder / "fonts.css").read_text(encoding="utf-8"))


def _section(name: str, *, second: bool = True, gaps: bool = False) -> Callable[[Any], None]:
    """A section of the family's interview; with `gaps` that in which answers are missing."""

    def lead(desk: Any) -> None:
        desk.page.get_by_role("button", name="Fortsetzen").nth(1 if gaps else 0).click()
        desk.page.locator(".lb-title").wait_for()
        if second:
            desk.second()
        desk.go(name)

    return lead


def _print(desk: Any) -> None:
    _section("Person")(desk)
    desk.page.locator(".lb-tool-more").click()
    desk.page.get_by_role("button", name="Drucken").click()


PICTURES: dict[str, tuple[Callable[[Any], None], dict[str, Any]]] = {
    "section": (_section("Sprache", second=False), {}),
    "arabic": (_section("Person"), {}),
    "cards": (_section("Ziele"), {}),
    "errors": (_section("Prüfen und abschließen", gaps=True), {}),
    "worklist": (lambda desk: None, {}),  # noqa: ARG005 - it is there at once
    "mobile": (_section("Person"), {"viewport": MOBILE}),
    "dark": (_section("Arbeit"), {"color_scheme": "dark"}),
    "print": (_print, {}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes the pictures of the interview.")
    parser.add_argument("--out", type=Path, help="where the pictures go")
    parser.add_argument("--readme", action="store_true", help="write docs/interview.png as well")
    arguments = parser.parse_args()
    out = arguments.out or Path(tempfile.mkdtemp(prefix="lotsenbuch-pictures-"))
    out.mkdir(parents=True, exist_ok=True)
    for path in take(out):
        print(f"{path}  {path.stat().st_size // 1000} kB")
    if arguments.readme:
        shutil.copyfile(out / "arabic.png", README_PICTURE)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    main()
