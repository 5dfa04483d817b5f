"""What opening and answering an interview costs: ours beside ODK Web Forms and a plain tree of ipywidgets.

    python benchmarks/interview.py             all rounds, about four minutes
    python benchmarks/interview.py --quick     fewer rounds, under 50 seconds
    python benchmarks/interview.py --json F    writes {"ratios": {name: number}, "figures": {name: number}} as well

All contestants open the same form of 150 questions with lists of 200 entries in the same Chromium, in turns inside each
round, each in a page of its own that has loaded everything and opened nothing yet. `benchmarks/README.md` explains
what is measured from where to where. Times are wall clock in the browser, because somebody waits for them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402 - the project is not always installed
from screen import form, served, webforms  # noqa: E402
from screen.pages import OURS, TREE, Pages, answered_ours, answered_peer, answered_tree, leave, mount, run  # noqa: E402
from screen.served import Memory  # noqa: E402
from screen.wire import Wire, tapped  # noqa: E402

from intake.interview.widget import screen  # noqa: E402
from intake.study import shipped  # noqa: E402
from intake.xlsform import convert  # noqa: E402
from scenario.browser import REMEDY, chromium, launch  # noqa: E402

OUR, WEB_FORMS, IPYWIDGETS = "ours", "@getodk/web-forms", "ipywidgets tree"
FIRST_INTERVIEW = "erstgespraech"
NEVER_LOADED = ("pandas", "pyxform")


@dataclass(slots=True)
class Results:
    """What was measured. `ratios` are the peer's time over ours; `figures` carry their unit's name."""

    ratios: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def row(self, what: str, ours: float, demanded: float | None = None) -> None:
        """A figure of ours beside its upper bound."""
        self.figures[what] = float(ours)
        self._print(
            what, f"{ours:.1f}", "", "", "" if demanded is None else f"at most {demanded:g}", _met(ours, demanded)
        )

    def against(
        self, what: str, name: str, ours: Sequence[float], theirs: Sequence[float], demanded: float | None = None
    ) -> None:
        """Ours and a peer's in the same rounds; `demanded` is the most that ours may be of the peer's."""
        share = statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
        our, their = statistics.median(ours), statistics.median(theirs)
        self.ratios[f"{name}: {what}"] = 1 / share
        self.figures[f"{what}, {name}, ms"] = their
        asked = "" if demanded is None else f"at most {demanded:g}x"
        self._print(f"{what}, {name}", f"{our:.1f}", f"{their:.1f}", f"{share:.2f}x", asked, _met(share, demanded))

    def absent(self, name: str, why: str) -> None:
        print(f"  {name}: not measured, {why}")

    def head(self) -> None:
        self._print("what", "ours", "peer", "ours/peer", "demanded", "")

    def _print(self, *cells: str) -> None:
        print(f"  {cells[0]:72}{cells[1]:>10}{cells[2]:>10}{cells[3]:>11}   {cells[4]:16}{cells[5]}", flush=True)


def _met(value: float, demanded: float | None) -> str:
    return "" if demanded is None else "yes" if value <= demanded else "NO"


@dataclass(slots=True)
class Taken:
    """The samples of all rounds: ms and MB. `answers` {contestant: ms from a select to its dependent question}."""

    ours: list[float] = field(default_factory=list)
    ours_again: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)
    tree: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    peer_again: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    above: list[Memory] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    answers: dict[str, list[float]] = field(default_factory=dict)

    def answered(self, who: str, samples: Sequence[float]) -> None:
        self.answers.setdefault(who, []).extend(samples)


def one_round(pages: Pages, bare: str, sizes: Sequence[int], taken: Taken, answers: int, *, again: bool) -> None:
    """Everybody opens the form in a fresh page, ours and the peer once more in the same if `again`; then selects are
    answered."""
    size, large = sizes
    with pages.stage() as page:
        taken.ours.append(run(page, f"ours-{size}", OURS))
        if again:
            leave(page, OURS)
            taken.ours_again.append(run(page, f"ours-{size}", OURS))
    if pages.peer is not None:
        with pages.mounted() as page:
            taken.peer.append(mount(page))
            taken.answered(WEB_FORMS, answered_peer(page, answers // _FEWER))
            if again:
                page.evaluate("leave()")
                taken.peer_again.append(mount(page))
    with pages.stage() as page:
        taken.large.append(run(page, f"ours-{large}", OURS))
    with pages.stage() as page:
        taken.tree.append(run(page, f"tree-{size}", TREE))
        taken.answered(IPYWIDGETS, answered_tree(page, answers // _FEWER))
    with pages.begun() as (page, kernel, milliseconds):
        taken.stored.append(milliseconds)
        taken.above.append(pages.voila.memory(kernel) - pages.voila.memory(bare))
        taken.loaded.update(pages.voila.loaded(kernel, NEVER_LOADED))
        taken.answered(OUR, answered_ours(page, answers))


_ROUNDS_QUICK = 2  # the form is not opened once more in the same page then
_FEWER = 4  # answers of ours for one of a peer's, about whom nothing is demanded


def sent(pages: Pages, size: int) -> dict[str, Wire]:
    """What travels at each opening. This is also what puts every file into the browser's cache before the rounds."""
    found = {}
    openings = {
        f"{size} questions": f"ours-{size}",
        f"{size} questions in two languages": f"en-{size}",
        "first interview, German and English": f"en-{FIRST_INTERVIEW}",
        "first interview, German and Arabic": f"ar-{FIRST_INTERVIEW}",
    }
    with pages.stage() as page, tapped(page) as wire:
        for what, name in openings.items():
            wire.fresh()
            run(page, name, OURS)
            found[what] = Wire(list(wire.frames))
            leave(page, OURS)
    if pages.peer is not None:
        with pages.mounted():
            pass
    return found


def report(results: Results, sizes: Sequence[int], taken: Taken, wires: Mapping[str, Wire]) -> None:
    size, large = sizes
    opened, begun = f"run to interactive, {size} questions", "begun from the work list, with store"
    results.head()
    results.row(f"{opened}, ms", statistics.median(taken.ours), 500)
    results.row(f"{begun}, ms", statistics.median(taken.stored), 500)
    if taken.peer:
        results.against(opened, WEB_FORMS, taken.ours, taken.peer, 0.3)
        if taken.peer_again:
            results.against("the same once more in the same page", WEB_FORMS, taken.ours_again, taken.peer_again, 0.3)
        results.against(begun, WEB_FORMS, taken.stored, taken.peer, 0.3)
    results.against(opened, IPYWIDGETS, taken.ours, taken.tree)
    results.row(f"run to interactive, {large} questions, ms", statistics.median(taken.large))
    times = statistics.median(more / less for more, less in zip(taken.large, taken.ours, strict=True))
    results.row(f"{large} questions beside {size}, times as long", times, 2)
    ours = taken.answers.pop(OUR)
    results.row(f"select to dependent question, {len(ours)} times, p50 ms", statistics.median(ours))
    results.row("select to dependent question, p95 ms", _p95(ours), 120)
    for name, values in taken.answers.items():
        results.against("select to dependent question, p95", name, [_p95(ours)], [_p95(values)])
    for name, wire in wires.items():
        results.row(f"description and state at opening, {name}, kB", wire.rest / 1000, 100)
    results.row("code and style at opening, kB", max(wire.code for wire in wires.values()) / 1000, 150)
    results.row("the same unpacked, kB", len((screen("js") + screen("css")).encode()) / 1000)
    for name, bound in {"rss": 40, "pss": None, "uss": None}.items():
        above = statistics.median(getattr(each, name) for each in taken.above)
        results.row(f"kernel above a bare ipykernel, {name}, MB", above, bound)
    results.row(f"of {' and '.join(NEVER_LOADED)}, loaded in the kernel", len(taken.loaded), 0)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def prepared(place: Path, sizes: Sequence[int]) -> str:
    """Forms, questions and notebooks in a new directory; the XForm of the first size."""
    lists, forms = shipped() / "lists", place / "forms"
    forms.mkdir()
    for size in sizes:
        (place / f"messung_{size}.md").write_text(form.workbook(size, lists), encoding="utf-8")
        (forms / f"{size}.xml").write_text(convert(place / f"messung_{size}.md").xform, encoding="utf-8")
    (forms / f"{sizes[0]}.json").write_text(json.dumps(form.plain(sizes[0], lists)), encoding="utf-8")
    first = convert(shipped() / "forms" / f"{FIRST_INTERVIEW}.md").xform
    (forms / f"{FIRST_INTERVIEW}.xml").write_text(first, encoding="utf-8")
    served.notebooks(place, forms)
    return (forms / f"{sizes[0]}.xml").read_text(encoding="utf-8")


def measure(results: Results, sizes: Sequence[int], rounds: int, answers: int, with_npm: bool) -> None:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lb-")))
        xform = prepared(place, sizes)
        peer = None
        try:
            if not with_npm:
                raise webforms.NotThereError("it was left out")
            peer = stack.enter_context(webforms.served(webforms.install(), xform))
        except webforms.NotThereError as error:
            results.absent(WEB_FORMS, str(error))
        voila = stack.enter_context(served.served(place, place / f"messung_{sizes[0]}.md"))
        browser = launch(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
        pages, taken = Pages(context, voila, peer), Taken()
        wires, bare = sent(pages, sizes[0]), voila.run_bare()
        for _ in range(rounds):
            one_round(pages, bare, sizes, taken, -(-answers // rounds), again=rounds > _ROUNDS_QUICK)
        report(results, sizes, taken, wires)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exits 0 whatever the figures are: a benchmark measures, tests judge."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, under 50 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write ratios and figures there too")
    parser.add_argument("--tiny", action="store_true", help="sizes that measure nothing: only to try the script")
    parser.add_argument("--without-npm", action="store_true", help=f"leave {WEB_FORMS} out")
    options = parser.parse_args(arguments)
    results = Results()
    if chromium() is None:
        print(f"not measured: no Chromium ({REMEDY})")
    else:
        rounds = 1 if options.tiny else _ROUNDS_QUICK if options.quick else 9
        sizes = (10, 20) if options.tiny else (150, 600)
        measure(results, sizes, rounds, 4 if options.tiny else 40 if options.quick else 300, not options.without_npm)
    if options.json is not None:
        written = {"ratios": results.ratios, "figures": results.figures}
        options.json.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
