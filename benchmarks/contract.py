"""How fast whole tables are checked by a form: ours beside masks written by hand, pandera, pydantic and pointblank.

    python benchmarks/contract.py             a million records of two forms, about ten minutes
    python benchmarks/contract.py --quick     100,000 records, under 50 seconds
    python benchmarks/contract.py --json F    writes {"ratios": {name: number}, "figures": {name: number}} as well

Ours and the peers take turns inside each round on the same tables. Before the clock starts, the masks written by hand
and ours must be the same, row by row. `benchmarks/README.md` explains what is measured. Times are seconds of this
process's computing.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import numpy as np  # noqa: E402 - the project is not always installed
import pandas as pd  # noqa: E402
from tables import erstgespraech, generated, peers  # noqa: E402

from validation import read_form, rows, verdicts  # noqa: E402
from validation.errors import FormError  # noqa: E402
from validation.form import Form  # noqa: E402
from validation.schema import ZONE, check  # noqa: E402

CONFORMANCE = ROOT.parent / "shared" / "conformance" / "forms"
BY_HAND, PANDERA, PYDANTIC, POINTBLANK, ROWS = (
    "masks by hand", "pandera with ordinary checks", "pydantic", "pointblank", "our row engine"
)  # fmt: skip
DEMANDED = {BY_HAND: 0.5, PANDERA: 3, PYDANTIC: 50, POINTBLANK: 5, ROWS: 300}
"""The least that a peer's time must be of ours."""


@dataclass(slots=True)
class Results:
    """What was measured. `ratios` are the peer's time over ours; `figures` carry their unit's name."""

    ratios: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def figure(self, name: str, value: float, most: float | None = None, least: float | None = None) -> None:
        """Keep and print a figure; beside it the bound that is demanded."""
        self.figures[name] = float(value)
        asked = ""
        if most is not None:
            asked = f"   demanded: at most {most:g}   {'yes' if value <= most else 'NO'}"
        if least is not None:
            asked = f"   demanded: at least {least:g}   {'yes' if value >= least else 'NO'}"
        print(f"  {name:78} {value:12.3f}{asked}", flush=True)

    def against(self, form: str, peer: str, ours: Sequence[float], theirs: Sequence[float]) -> None:
        """The median of a peer's times over ours in the same rounds, and its seconds."""
        self.figures[f"{form}: {peer}, s"] = statistics.median(theirs)
        ratio = statistics.median(their / our for our, their in zip(ours, theirs, strict=True))
        self.ratios[f"{peer}: {form}"] = ratio
        least = DEMANDED[peer]
        said = "yes" if ratio >= least else "NO"
        print(
            f"  {f'{form}: {peer}':50}{statistics.median(theirs):12.2f} s{ratio:9.2f}x ours"
            f"   demanded: at least {least:g}x   {said}",
            flush=True,
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: rows of the tables, of the samples, simulated records, rounds."""

    rows: int
    sample: int
    engine: int
    records: int
    rounds: int


FULL = Sizes(1_000_000, 20_000, 200, 60, 3)
QUICK = Sizes(100_000, 2_000, 60, 20, 2)
TINY = Sizes(300, 60, 10, 3, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A form, its root table, and its rules as masks by hand."""

    name: str
    form: Form
    frame: pd.DataFrame
    now: Any
    by_hand: Callable[[pd.DataFrame], Mapping[tuple[str, str], Any]]

    def ours(self) -> object:
        return check(self.form, {self.form.id: self.frame}, default_now=self.now)

    def engine(self, count: int) -> Callable[[], object]:
        """The row engine on the first records."""
        frame = self.frame.head(count)
        return lambda: rows.masks(self.form, {self.form.id: frame}, default_now=self.now, zone=ZONE)


def seconds(run: Callable[[], object]) -> float:
    """Seconds of computing for one call."""
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


def cases(sizes: Sizes) -> list[Case]:
    """Both forms with their tables."""
    form = erstgespraech.form_at(ROOT)
    frame = erstgespraech.table(form, sizes.rows, sizes.records)
    return [
        Case("generated form", generated.form(), generated.table(sizes.rows), generated.NOW, generated.by_hand),
        Case("Erstgespräch", form, frame, erstgespraech.NOW, lambda table: erstgespraech.by_hand(form, table)),
    ]


def same_verdicts(case: Case) -> int:
    """How many cells are wrong; the script stops where masks by hand and ours are not the same."""
    by_hand = case.by_hand(case.frame)
    found = verdicts.masks(case.form, {case.form.id: case.frame}, default_now=case.now, zone=ZONE)
    ours = found.bad.get(case.form.id, {})
    for pair in sorted(by_hand.keys() | ours.keys()):
        one, other = by_hand.get(pair), ours.get(pair)
        if one is None or other is None or not np.array_equal(one, other):
            raise SystemExit(f"{case.name}: {pair}: by hand and ours disagree, there is nothing to compare")
    return sum(int(mask.sum()) for mask in ours.values())


def speed(results: Results, case: Case, sizes: Sizes) -> None:
    """Ours and every peer in turn; samples are extrapolated to the whole table."""
    wrong, whole = same_verdicts(case), len(case.frame)
    columns = len(case.frame.columns) - 1
    print(f"\n{case.name}: {whole} records, {columns} columns, {wrong} wrong cells, {sizes.rounds} rounds")
    runs = _runs(case, sizes)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(sizes.rounds):
        ours.append(seconds(case.ours))
        for name, run in runs.items():
            theirs[name].append(run())
    results.figure(f"{case.name}: check, s", statistics.median(ours))
    for name, taken in theirs.items():
        results.against(case.name, name, ours, taken)


def _runs(case: Case, sizes: Sizes) -> dict[str, Callable[[], float]]:
    """For each peer what measures its seconds for the whole table, from a sample where it would take too long."""
    whole, engine = len(case.frame), min(sizes.engine, len(case.frame))
    runs = {
        BY_HAND: lambda: seconds(lambda: case.by_hand(case.frame)),
        ROWS: lambda: seconds(case.engine(engine)) * whole / engine,
    }
    if case.by_hand is generated.by_hand:
        pandera, pydantic = peers.by_pandera(case.frame), peers.by_pydantic(case.frame.head(sizes.sample))
        runs[PANDERA] = lambda: seconds(pandera)
        runs[PYDANTIC] = lambda: seconds(pydantic) * whole / sizes.sample
        counts = (whole // 50, whole // 10)
        few, many = (peers.by_pointblank(case.frame.head(count)) for count in counts)
        if few is None or many is None:
            print("  pointblank: not measured, it is not installed (pip install pointblank)")
        else:
            runs[POINTBLANK] = lambda: _line(seconds(few), seconds(many), counts, whole)
    return runs


def _line(few: float, many: float, counts: tuple[int, int], whole: int) -> float:
    """Seconds for the whole from those for two samples: a fixed part and one for each row."""
    each = max(many - few, 0.0) / (counts[1] - counts[0])
    return many + each * (whole - counts[1])


# --- memory


def memory(results: Results, case: Case, index: int) -> None:
    """The most that a check holds beside its table, in a fresh process that reads the table from a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "table.parquet"
        case.frame.to_parquet(path)
        command = [sys.executable, __file__, "--memory", str(index), str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    results.figure(f"{case.name}: table, MB", found["table"])
    results.figure(f"{case.name}: most held beside the table, MB", found["extra"])
    results.figure(f"{case.name}: the same in tables", found["extra"] / found["table"], most=1)


def measure_memory(index: int, path: Path) -> None:
    """In the fresh process: print the table's megabytes and what a check held at most beside it (Linux)."""
    form, now = ((generated.form(), generated.NOW), (erstgespraech.form_at(ROOT), erstgespraech.NOW))[index]
    frame = pd.read_parquet(path)
    check(form, {form.id: frame.head(50)}, default_now=now)  # what is imported and compiled once is no cost of a table
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = _status("VmRSS")
    report = check(form, {form.id: frame}, default_now=now)
    extra = _status("VmHWM") - before
    table = frame.memory_usage(deep=True).sum() / 1e6
    print(json.dumps({"table": float(table), "extra": extra, "failures": len(report.failures)}))


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1000


# --- how much has a form over columns


def column_coverage(results: Results, step: int) -> None:
    """The share of the expressions of every so manyth form of other projects that columns judge; not of constants."""
    if not CONFORMANCE.exists():
        print(f"\nColumn coverage: not measured, the forms of other projects are not here ({CONFORMANCE})")
        return
    total: dict[str, int] = {}
    column: dict[str, int] = {}
    forms = 0
    for path in sorted(CONFORMANCE.glob("*.xml"))[::step]:
        try:
            form = read_form(path.read_bytes())
        except FormError:
            continue
        forms += 1
        found = verdicts.coverage(form)
        for kind, count in found.total.items():
            total[kind] = total.get(kind, 0) + count
            column[kind] = column.get(kind, 0) + found.column.get(kind, 0)
    print(f"\nExpressions of {forms} forms that are judged over columns, percent")
    rules = ("relevant", "constraint")
    share = 100 * sum(column.get(kind, 0) for kind in rules) / sum(total.get(kind, 0) for kind in rules)
    results.figure("constraints and relevances over columns, %", share, least=97)
    for kind, count in sorted(total.items()):
        least = 90 if kind == "calculate" else None
        results.figure(f"{kind} over columns, % of {count}", 100 * column[kind] / count, least=least)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exits 0 whatever the figures are: a benchmark measures, tests judge."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="100,000 records, under 50 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write ratios and figures there too")
    parser.add_argument("--tiny", action="store_true", help="sizes that measure nothing: only to try the script")
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory is not None:
        measure_memory(int(options.memory[0]), Path(options.memory[1]))
        return 0
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    results = Results()
    print(f"load at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for index, case in enumerate(cases(sizes)):
        speed(results, case, sizes)
        if index == 0 or not options.tiny:
            memory(results, case, index)
    column_coverage(results, 7 if options.tiny else 1)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")
    if options.json is not None:
        written = {"ratios": results.ratios, "figures": results.figures}
        options.json.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
