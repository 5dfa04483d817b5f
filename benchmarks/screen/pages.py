"""The pages that are opened in the browser, and what is measured in them with `stopwatch.js`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from screen import form, webforms
from screen.served import INTERVIEW, STAGE, Served

OURS, TREE = ".lb-question input, .lb-question textarea", ".widget-text input"
_STOPWATCH = (Path(__file__).parent / "stopwatch.js").read_text(encoding="utf-8")
_CASE = ".lb-case-page .lb-actions button"  # a new interview begins with the data of its case
_PATIENCE = 60_000  # ms
_KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"


@dataclass(frozen=True, slots=True)
class Pages:
    """The browser and what it can be sent to; `peer` is None where ODK Web Forms cannot be measured."""

    context: BrowserContext
    voila: Served
    peer: str | None

    @contextmanager
    def stage(self) -> Iterator[Page]:
        """A page of its own with a warm kernel of its own, in which nothing was opened yet."""
        with self._in_kernel(STAGE) as page:
            page.wait_for_selector(".run-leave")
            yield page

    @contextmanager
    def begun(self) -> Iterator[tuple[Page, str, float]]:
        """The interview as people get it, begun in the work list: the page, its kernel, ms from that press."""
        with self._in_kernel(INTERVIEW) as page:
            button = page.get_by_role("button", name=form.TITLE).first.element_handle(timeout=_PATIENCE)
            press = "([button, field, onward]) => untilTyped(field, () => button.click(), onward)"
            taken = page.evaluate(press, [button, OURS, _CASE])
            yield page, page.evaluate(_KERNEL), float(taken)

    @contextmanager
    def mounted(self) -> Iterator[Page]:
        """The page of ODK Web Forms with its modules loaded and its form not yet opened."""
        assert self.peer is not None
        with self._page(self.peer) as page:
            page.wait_for_function("window.loaded")
            yield page

    @contextmanager
    def _in_kernel(self, notebook: str) -> Iterator[Page]:
        with self._page(self.voila.url(notebook)) as page:
            try:
                yield page
            finally:
                self.voila.end(page.evaluate(_KERNEL))

    @contextmanager
    def _page(self, url: str) -> Iterator[Page]:
        page = self.context.new_page()
        try:
            page.add_init_script(_STOPWATCH)
            page.set_default_timeout(_PATIENCE)
            page.goto(url)
            yield page
        finally:
            page.close()


def run(page: Page, name: str, selector: str) -> float:
    """Press a button of the stage: ms until the first field of what it opens can be typed in."""
    press = "([button, field]) => untilTyped(field, () => document.querySelector(button).click())"
    return float(page.evaluate(press, [f".run-{name}", selector]))


def leave(page: Page, selector: str) -> None:
    """Take what the stage shows away again."""
    page.click(".run-leave")
    page.wait_for_function("(field) => !document.querySelector(field)", arg=selector)


def mount(page: Page) -> float:
    """Mount the form with ODK Web Forms: ms until its first field can be typed in."""
    return float(page.evaluate(f"untilTyped({json.dumps(webforms.FIELD)}, open_form)"))


def answered(page: Page, select: str, shown: str, times: int) -> list[float]:
    """ms from the change of a select with two radio buttons until the question that depends on it is on screen.

    `select` is the selector of what holds the radio buttons, yes first; `shown` an expression of the page.
    """
    script = f"""async ([place, times]) => {{
        const boxes = () => document.querySelector(place).querySelectorAll("input[type=radio]");
        return untilShown(() => boxes()[0].click(), () => boxes()[1].click(), () => {shown}, times);
    }}"""
    return [float(value) for value in page.evaluate(script, [select, times])]


def answered_ours(page: Page, times: int) -> list[float]:
    select, dependent = form.dependent()
    return answered(page, f".lb-question[data-name='{select}']", _seen(f".lb-question[data-name='{dependent}']"), times)


def answered_tree(page: Page, times: int) -> list[float]:
    select, dependent = form.dependent()
    return answered(page, f".bench-{select}", _seen(f".bench-{dependent}"), times)


def answered_peer(page: Page, times: int) -> list[float]:
    """Its questions have no names: the first radio buttons are those of the first section."""
    labels = "[...document.querySelectorAll('.odk-form label')]"
    shown = f"{labels}.some((node) => node.textContent.includes('{form.DEPENDENT_LABEL}') && node.checkVisibility())"
    return answered(page, ".question-container:has(> div input[type=radio])", shown, times)


def _seen(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})?.checkVisibility()"
