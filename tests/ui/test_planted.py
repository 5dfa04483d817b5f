"""Fifty words typed as answers lie nowhere but sealed in the store: through Voila, and in JupyterLab with a notebook.

Server, browser and their homes, temporary files and profiles all lie below one directory, which is read byte by byte
while the interview is open, and again when everything has ended.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from intake.store import open_store
from scenario.browser import ARGUMENTS, chromium
from scenario.interview import workbook
from scenario.served import Server, served

pytestmark = pytest.mark.browser


STEM = "Kornblumenfeld"
WORDS = [f"{STEM}{number:02}" for number in range(50)]
TYPED = 44
"""So many of them are answers to questions of their own, the others to the entries of a repeat."""
KINDS = ("text |", "text | multiline", "barcode |", "text | masked", "text | url")


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name: a browser's socket lies below it."""
    with tempfile.TemporaryDirectory(prefix="lb-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def form(directory: Path) -> Path:
    questions = [
        f"| | {kind} | w{at} | Frage {at} | {look} |"
        for at in range(TYPED)
        for kind, _, look in [[part.strip() for part in KINDS[at % len(KINDS)].partition("|")]]
    ]
    text = """
| survey | type | name | label | appearance |
|---|---|---|---|---|
| | begin_group | alles | Alles | |
{}
| | begin_repeat | ziel | Ziel | |
| | text | was | Was? | |
| | end_repeat | | | |
| | end_group | | | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Probegespräch | geheim | 1 |
""".format("\n".join(questions))
    return workbook(directory, text, "geheim.md")


def spellings(word: str) -> list[bytes]:
    return [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")] + [word.encode().hex().encode()]


def found(directory: Path, words: list[str] = WORDS) -> list[tuple[str, str]]:
    """Where which word can be read."""
    wanted = [(word, spelling) for word in words for spelling in spellings(unicodedata.normalize("NFC", word))]
    seen = []
    for path in directory.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if any(stem in content for stem in spellings(STEM)):  # nearly always not: so it is quick
            seen += [(str(path.relative_to(directory)), word) for word, spelling in wanted if spelling in content]
    return seen


def homes(directory: Path) -> dict[str, str]:
    """The environment of a server that keeps everything below a directory, and saves widgets with notebooks."""
    for name in ("home", "tmp", "settings"):
        (directory / name).mkdir()
    settings = directory / "settings" / "@jupyter-widgets" / "jupyterlab-manager" / "plugin.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"saveState": true}', encoding="utf-8")
    return {
        "HOME": str(directory / "home"), "TMPDIR": str(directory / "tmp"),
        "XDG_RUNTIME_DIR": str(directory / "home"), "JUPYTERLAB_SETTINGS_DIR": str(directory / "settings"),
    }  # fmt: skip


@contextmanager
def profile(driver: Playwright, directory: Path, environment: Mapping[str, str]) -> Iterator[BrowserContext]:
    """A browser with a profile on disk below a directory."""
    context = driver.chromium.launch_persistent_context(
        directory / "profile", executable_path=chromium(), args=ARGUMENTS, locale="de-DE", env=dict(environment),
        viewport={"width": 1280, "height": 900},
    )  # fmt: skip
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


def answer_everything(page: Page) -> None:
    page.get_by_role("button", name="Probegespräch").click()
    page.get_by_role("button", name="Gespräch beginnen").click()
    for at in range(TYPED):
        page.locator(f".lb-question[data-name=w{at}] :is(input, textarea)").fill(WORDS[at])
    for at in range(TYPED, len(WORDS)):
        if at > TYPED:
            page.get_by_role("button", name="Ziel hinzufügen").click()
        cards = page.locator(".lb-card")
        expect(cards).to_have_count(at - TYPED + 1)
        cards.last.get_by_role("textbox").fill(WORDS[at])
    page.keyboard.press("Tab")
    expect(page.locator(".lb-pill-saved")).to_be_visible()


def stored(server: Server) -> set[str]:
    """The words that the opened store holds."""
    with open_store(server.answers / "store.db", key_file=server.answers / "store.key") as store:
        (draft,) = store.journal.drafts()
        said = json.dumps([dict(op.payload) for op in store.journal.replay(draft.id)], ensure_ascii=False)
    return {word for word in WORDS if f'"{word}"' in said}


def test_through_voila(driver: Playwright, place: Path) -> None:
    environment = homes(place)
    with served(form(place), environment=environment) as server:
        with profile(driver, place, environment) as context:
            page = context.new_page()
            page.goto(server.url)
            answer_everything(page)
            assert found(place) == []
        assert found(place) == []
        assert list((place / "tmp").glob("lotsenbuch-*.log")), "the server's log was among what was read"
        assert [path for path in (place / "profile").rglob("*") if "IndexedDB" in path.parts], "and its mirror"
    assert found(place) == []
    assert stored(server) == set(WORDS)


def test_in_jupyterlab_with_a_saved_notebook_and_its_checkpoint(driver: Playwright, place: Path) -> None:
    environment = homes(place)
    with served(form(place), lab=True, environment=environment) as server:
        with profile(driver, place, environment) as context:
            page = context.new_page()
            page.goto(server.url)
            run_first_cell(page)
            answer_everything(page)
            page.keyboard.press("Control+s")
            notebook = server.answers / "notebooks" / "interview.ipynb"
            saved = widgets_of(page, notebook)
            assert len(saved) > 0
            checkpoints = list(notebook.parent.rglob(".ipynb_checkpoints/*.ipynb"))
            assert checkpoints
            assert found(place) == []
        assert found(place) == []
    assert found(place) == []
    assert stored(server) == set(WORDS)


def run_first_cell(page: Page) -> None:
    """Once there is a kernel: before, JupyterLab calls itself idle too, and asks which kernel shall run the cell."""
    expect(page.locator(".jp-Toolbar-kernelName")).to_contain_text("Python", timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=60_000)
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    begun = cell.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[[*\d]"))
    for _ in range(6):
        assert page.locator("dialog.jp-Dialog").all_inner_texts() == []
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        try:
            expect(begun).to_be_visible(timeout=10_000)
        except AssertionError:
            continue
        return
    raise AssertionError("the cell was not run")


def widgets_of(page: Page, notebook: Path) -> Mapping[str, Any]:
    """The state of the widgets in a notebook, once it is saved with it."""
    for _ in range(300):
        held: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
        if state := held["metadata"].get("widgets"):
            return dict(state)
        page.wait_for_timeout(100)
    raise AssertionError("the notebook was not saved with its widgets")


def test_the_search_would_have_found_them(tmp_path: Path) -> None:
    for at, code in enumerate(("utf-8", "utf-16-le")):
        (tmp_path / f"deep{at}").mkdir()
        (tmp_path / f"deep{at}" / "file").write_bytes(b"\x00\x01" + WORDS[at].encode(code))
    assert sorted(found(tmp_path)) == [("deep0/file", WORDS[0]), ("deep1/file", WORDS[1])]
