"""Measures the engine against other projects' own cases.

    python tests/conformance/run.py --cases ../shared/conformance [--suite xpath] [--verbose] [--json FILE]

Prints per suite how many cases passed, ran and were left out. What is left out on purpose stands with its reason in
skips.csv. Exit 0 when every suite reaches what is demanded of it, 1 when one does not, 2 when there are no cases.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

if __name__ == "__main__":  # as a program it stands outside any package
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from conformance import documents, expressions, scenarios
from conformance.cases import Result, Skip, Suite, read_skips

# Suite, what is demanded (share of those run) and what the suite is read from.
DEMANDED = {"xpath": 0.97, "scenarios": 0.95, "forms": 1.0, "workbooks": 1.0}
SOURCES = {"xpath": "xpath.jsonl", "scenarios": "scenarios.jsonl", "forms": "forms", "workbooks": "workbooks"}


def results(suite: str, cases: Path, skips: Sequence[Skip]) -> Iterator[Result]:
    """The results of one suite, read from the directory of cases."""
    source = cases / SOURCES[suite]
    runners: dict[str, Callable[[], Iterator[Result]]] = {
        "xpath": lambda: expressions.run(expressions.read_cases(source), skips, suite),
        "scenarios": lambda: scenarios.run(scenarios.read_cases(source), skips, suite, cases / "scenario-forms"),
        "forms": lambda: documents.run_forms(source, skips, suite),
        "workbooks": lambda: documents.run_workbooks(source, skips, suite),
    }
    return runners[suite]()


def main(arguments: Sequence[str] | None = None) -> int:
    """The program. Gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=Path, required=True, help="the directory with xpath.jsonl, scenarios.jsonl, …")
    parser.add_argument("--suite", choices=sorted(SOURCES), action="append", help="only this suite; may be repeated")
    parser.add_argument("--verbose", action="store_true", help="every case that failed, and what came instead")
    parser.add_argument("--json", type=Path, help="write every result to this file")
    given = parser.parse_args(arguments)
    wanted = given.suite or list(SOURCES)
    missing = [suite for suite in wanted if not (given.cases / SOURCES[suite]).exists()]
    if missing:
        print(f"no cases: {', '.join(str(given.cases / SOURCES[suite]) for suite in missing)}", file=sys.stderr)
        return 2
    skips = read_skips()
    suites = [Suite(name, list(results(name, given.cases, skips))) for name in wanted]
    print(f"{'suite':<32} {'passed':>6} {'run':>6} {'skipped':>7}")
    for suite in suites:
        report(suite, verbose=given.verbose)
    if given.json:
        written = {
            suite.name: [{"name": r.name, "state": r.state, "detail": r.detail} for r in suite.results]
            for suite in suites
        }
        given.json.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(suite.share >= DEMANDED[suite.name] for suite in suites) else 1


def report(suite: Suite, *, verbose: bool) -> None:
    """Print a suite's line, those of its parts, and with `verbose` what failed."""
    print(f"{suite.name:<32} {suite.count('passed'):>6} {suite.run:>6} {suite.count('skipped'):>7}  {suite.share:7.2%}")
    parts: dict[str, Suite] = {}
    for result in suite.results:
        part = result.name.partition(" | ")[0]
        parts.setdefault(part, Suite(part)).results.append(result)
    if 1 < len(parts) < len(suite.results) / 2:
        for part in parts.values():
            print(f"  {part.name:<30} {part.count('passed'):>6} {part.run:>6} {part.count('skipped'):>7}")
    if verbose:
        for result in suite.results:
            if result.state == "failed":
                print(f"    {result.name}\n        {result.detail}")


if __name__ == "__main__":
    sys.exit(main())
