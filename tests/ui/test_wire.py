"""What travels lean and packed is drawn as if it had travelled whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from intake.interview.widget import screen
from intake.interview.wire import lean, packed
from scenario.browser import ADDRESS, BarePage
from scenario.interview import NOW, form

pytestmark = pytest.mark.browser


def drawn(page: Page, *, sent_lean: bool) -> str:
    """The first section in two languages after an answer, without the ids that every page draws at random."""
    made = form()
    session = Session(made, now=lambda: NOW, second=made.languages[1])

    def reply(message: Mapping[str, Any]) -> list[dict[str, Any]]:
        replies = [session.greeting(message["view"])] if message["type"] == "hello" else session.receive(message)
        return [lean(each) for each in replies] if sent_lean else replies

    bare = BarePage(page, reply)
    page.locator(".lb-question[data-name=alter] input").fill("130")
    page.locator(".lb-question[data-name=stunden] input").fill("2")
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    assert bare.faults == []
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", page.locator(".lb-main").inner_html())


def test_a_lean_form_is_drawn_as_a_whole_one(page: Page) -> None:
    whole = drawn(page, sent_lean=False)
    page.unroute_all()
    other = page.context.new_page()
    assert drawn(other, sent_lean=True) == whole
    assert "Zahl von 0 bis 120" in whole


def test_the_packed_module_is_the_module(page: Page) -> None:
    BarePage(page, lambda _: [])
    found = page.evaluate(
        """async ([whole, packed]) => {
            const load = (text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
            const widget = await (await load(packed)).default();
            return [Object.keys(widget), widget.render.toString() === (await load(whole)).default.render.toString()];
        }""",
        [screen("js"), packed(screen("js"))],
    )
    assert found == [["render"], True]
    assert page.url == ADDRESS
