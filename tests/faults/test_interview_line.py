"""An interview while everything around it fails: real kills, a line that is cut. No key stroke is lost."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from intake.store import open_store
from scenario.interview import workbook
from scenario.typist import BOXES, FAULTS, Typist, typist

pytestmark = pytest.mark.browser

KEY_STROKES = 50  # in a run


def plans(runs: int, each: int, seed: int) -> list[list[str]]:
    """The faults of each run: every kind as often as the others, in an order of chance."""
    bag = [fault for fault, _ in zip(itertools.cycle(FAULTS), range(runs * each), strict=False)]
    random.Random(seed).shuffle(bag)
    return [bag[at : at + each] for at in range(0, len(bag), each)]


def held(playwright: Playwright, directory: Path, seed: int, faults: list[str]) -> Typist:
    """One interview with its faults; afterwards the store must say what the screen said."""
    directory.mkdir()
    with typist(playwright, directory, workbook(directory), seed) as person:
        for fault in faults:
            person.type(KEY_STROKES // (len(faults) + 1))
            person.fail(fault)
        person.type(max(1, KEY_STROKES - person.made))
        person.reach_rest()
        shown = {name: person.typed[name].text for name in BOXES}
        answers = person.server.answers
    with open_store(answers / "store.db", key_file=answers / "store.key") as store:
        (draft,) = store.journal.drafts()
        kept = {str(op.payload.get("path")): op.payload.get("value") for op in store.journal.replay(draft.id)}
    assert {name: kept.get(f"/data/fall/{name}", "") for name in BOXES} == shown
    return person


def lose(playwright: Playwright, directory: Path, runs: list[list[str]], seed: int) -> None:
    made = lost = 0
    log: list[str] = []
    for number, faults in enumerate(runs):
        person = held(playwright, directory / str(number), seed + number, faults)
        made, lost = made + person.made, lost + person.lost
        log += person.log
    print(f"{made} key strokes in {len(runs)} runs, {lost} lost {log}")
    assert made >= KEY_STROKES * len(runs)
    assert lost == 0, log


def test_two_tabs_with_a_kernel_each_lose_nothing_and_are_asked(driver: Playwright, tmp_path: Path) -> None:
    with typist(driver, tmp_path, workbook(tmp_path), 7) as first:
        first.box("name").fill("Layla")
        first.reach_saved()
        second = first.context.new_page()
        second.set_default_timeout(90_000)
        second.goto(first.address())
        second.get_by_role("button", name="Fortsetzen").first.click()
        theirs = second.locator(".lb-question[data-name=name]:visible input")
        expect(theirs).to_have_value("Layla")
        theirs.fill("Laila")
        expect(first.box("name")).to_have_value("Laila")  # the other kernel's answer, by itself
        first.proxy.set("cut")  # both are alone now, and say different things
        first.box("name").fill("Layla Meine")
        theirs.fill("Laila Ihre")
        first.proxy.set("whole")
        asked = [page for page in (first.page, second) if _is_asked(page)]
        assert len(asked) == 1  # who came second
        expect(asked[0].get_by_role("dialog")).to_contain_text("Layla Meine")
        expect(asked[0].get_by_role("dialog")).to_contain_text("Laila Ihre")
        asked[0].get_by_role("button", name="Meine Eingabe übernehmen").click()
        first.reach_saved()
        mine = "Layla Meine" if asked[0] is first.page else "Laila Ihre"
        expect(first.box("name")).to_have_value(mine)
        expect(theirs).to_have_value(mine)


def _is_asked(page: Page) -> bool:
    """Whether a page asks which version is right, once it is at rest."""
    expect(page.locator(".lb-pill-saved").or_(page.get_by_role("dialog")).first).to_be_visible(timeout=90_000)
    return page.get_by_role("dialog").count() > 0


def test_two_interviews_with_every_fault_lose_no_key_stroke(driver: Playwright, tmp_path: Path) -> None:
    lose(driver, tmp_path, plans(2, len(FAULTS) // 2, 1), seed=100)


@pytest.mark.long
def test_1000_key_strokes_in_20_runs_are_all_there(driver: Playwright, tmp_path: Path) -> None:
    lose(driver, tmp_path, plans(20, 3, 2), seed=200)
