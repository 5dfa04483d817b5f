"""What a sealed store costs: commits beside bare inserts of the same bytes, tables beside plain Parquet.

    python benchmarks/store.py             all rounds, 100,000 records, about ten minutes
    python benchmarks/store.py --quick     fewer rounds and 1,000 records, under 50 seconds
    python benchmarks/store.py --json F    writes {"ratios": {name: number}, "figures": {name: number}} as well

Ours and the bare inserts take turns inside each round, on the same disk, with the same engine, settings and rows.
`benchmarks/README.md` explains what is measured from where to where. Times are wall clock: somebody waits for them.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psycopg  # noqa: E402 - the project is not always installed
import sqlcipher3  # noqa: E402

from intake.publishing import publish_all  # noqa: E402
from intake.simulate import simulate  # noqa: E402
from intake.store import Store, open_store  # noqa: E402
from intake.store.derived import FOLDER, drop  # noqa: E402
from intake.study import Study, create_study, open_study  # noqa: E402
from intake.submission import Submission  # noqa: E402
from scenario.postgresql import REMEDY, Cluster, programs, running  # noqa: E402
from scenario.stores import KEY, past_the_store  # noqa: E402
from scenario.team import Team  # noqa: E402

NOW = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
FORM = "erstgespraech"
SLOWER, WARM, COLD = 2, 4, 30
"""What is demanded: at most so many times as slow as bare inserts, as plain Parquet; seconds of a cold rebuild."""

KEYED = "bare inserts with the key of versions"
"""The second peer of an append; what is demanded is asked of the first."""

Rows = dict[str, list[tuple[Any, ...]]]
"""What one commit wrote, by table."""


@dataclass(slots=True)
class Results:
    """What was measured. `ratios` are the peer's time over ours; `figures` carry their unit's name."""

    ratios: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    def figure(self, name: str, value: float, demanded: float | None = None) -> None:
        """Keep and print a figure; beside it what is demanded of it, as an upper bound."""
        self.figures[name] = float(value)
        asked = (
            "" if demanded is None else f"   demanded: at most {demanded:g}   {'yes' if value <= demanded else 'NO'}"
        )
        print(f"  {name:70} {value:12.2f}{asked}", flush=True)

    def against(
        self,
        what: str,
        peer: str,
        ours: Sequence[Sequence[float]],
        theirs: Sequence[Sequence[float]],
        demanded: float | None,
    ) -> None:
        """Seconds of single calls, round by round, ours and a peer's. What is demanded, if anything, is asked of
        commits per second and of p95; beside them stands how the medians compare."""
        p95 = {}
        for name, rounds in ((f"{what}, ours", ours), (f"{what}, {peer}", theirs)):
            every = sorted(itertools.chain(*rounds))
            p95[name] = 1000 * every[int(0.95 * (len(every) - 1))]
            if f"{name}, p95 ms" not in self.figures:  # else told beside another peer
                self.figure(f"{name}, commits per second", len(every) / sum(every))
                self.figure(f"{name}, p95 ms", p95[name])
        pairs = list(zip(ours, theirs, strict=True))
        slower = statistics.median(sum(mine) / sum(peers) for mine, peers in pairs)
        self.ratios[f"{peer}: {what}"] = 1 / slower
        self.figure(f"{what}, times as long as {peer}", slower, demanded)
        self.figure(f"{what}, p95, times {peer}", p95[f"{what}, ours"] / p95[f"{what}, {peer}"], demanded)
        medians = statistics.median(statistics.median(mine) / statistics.median(peers) for mine, peers in pairs)
        self.figure(f"{what}, median, times {peer}", medians)


def seconds(run: Callable[[], object]) -> float:
    """Seconds of waiting for one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


# --- records


def drawn(study: Study, kinds: int) -> list[Submission]:
    """Simulated interviews of the study's form, to be handed in again and again under other ids."""
    with study.store() as store:
        form = study.form(FORM, store)
    return [replace(each, form_hash=form.hash) for each in simulate(form, kinds, 1, NOW)]


def others(kinds: Sequence[Submission], towns: Sequence[str], start: int = 0) -> Iterator[Submission]:
    """Submissions without end, each of a person of its own."""
    rng = random.Random(start)
    for number in itertools.count(start):
        made = kinds[number % len(kinds)]
        name, person = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}", f"P-{number:06d}"
        own = {"instanceID": name, "person": person}
        record = {key: own.get(key.rpartition("/")[2], value) for key, value in made.record.items()}
        yield replace(made, id=name, record=record, subject=person, municipality=towns[number % len(towns)])


# --- commits


def appends(store: Store, submissions: Iterator[Submission], count: int) -> list[float]:
    """Seconds of single appends. What is handed in was made before, as the rows of the bare inserts are."""
    return [seconds(lambda each=each: store.append(each)) for each in list(itertools.islice(submissions, count))]


def answers(store: Store, draft: str, start: int, count: int) -> list[float]:
    """Operations of a draft, from the first that is not there yet."""
    taken = []
    for number in range(start, start + count):
        said = {"op": "answer", "path": "/data/person/deutsch_seit", "value": f"2026-05-{number % 28 + 1:02d}"}
        taken.append(seconds(lambda at=number, said=said: store.journal.record(draft, f"{at:032x}", at, said)))
    return taken


WRITTEN: Mapping[str, str] = {
    "subject": "SELECT * FROM subject WHERE key IN ({subjects})",
    "person": "SELECT * FROM person WHERE subject IN ({subjects})",
    "person_key": "SELECT * FROM person_key WHERE subject IN ({subjects})",
    "event": "SELECT * FROM event WHERE number = {number}",
    "part": "SELECT * FROM part WHERE event = {number}",
}
"""What an append of a new person's first version writes."""


def written(select: Callable[[str], Sequence[tuple[Any, ...]]], number: int) -> Rows:
    """The rows of the append that made this event."""
    ((subject,),) = select(f"SELECT subject FROM event WHERE number = {number}")
    return {
        table: [tuple(row) for row in select(query.format(number=number, subjects=f"'{subject}'"))]
        for table, query in WRITTEN.items()
    }


def bare_sqlite(path: Path) -> sqlcipher3.Connection:
    """The engine alone: the same file format, key and settings, tables with their keys, nothing else."""
    raw = sqlcipher3.connect(str(path), isolation_level=None)
    settings = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "mmap_size = 0",
    )
    for setting in (f"key = \"x'{KEY.hex()}'\"", *settings):
        raw.execute(f"PRAGMA {setting}")
    raw.executescript("""
        CREATE TABLE subject (key TEXT PRIMARY KEY, added TEXT);
        CREATE TABLE person (subject TEXT PRIMARY KEY, tag BLOB UNIQUE, sealed BLOB);
        CREATE TABLE person_key (subject TEXT, name TEXT, generation INTEGER, since INTEGER, wrapped BLOB,
                                 PRIMARY KEY (subject, name)) WITHOUT ROWID;
        CREATE TABLE event (number INTEGER PRIMARY KEY, kind TEXT, submission TEXT, version INTEGER, form TEXT,
            municipality TEXT, subject TEXT, about TEXT, actor TEXT, received TEXT, place INTEGER, digest BLOB,
            previous BLOB, hash BLOB, UNIQUE (municipality, place));
        CREATE TABLE part (event INTEGER, class TEXT, written_by INTEGER, sealed BLOB,
                           PRIMARY KEY (event, class, written_by));
        CREATE TABLE operation (draft TEXT, sequence INTEGER, op TEXT, sealed BLOB, recorded TEXT,
                                PRIMARY KEY (draft, sequence), UNIQUE (draft, op));
    """)
    return raw


def with_key_of_versions(raw: sqlcipher3.Connection) -> sqlcipher3.Connection:
    """The same with the one key more that tables of versions need: no submission has a version twice. Ours has it."""
    raw.execute("CREATE UNIQUE INDEX event_version ON event (submission, version) WHERE kind = 'submission'")
    return raw


def insert(raw: sqlcipher3.Connection, rows: Rows) -> None:
    """One durable commit of these rows."""
    raw.execute("BEGIN IMMEDIATE")
    for table, values in rows.items():
        if values:
            raw.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    raw.execute("COMMIT")


def commits(
    results: Results, study: Study, kinds: Sequence[Submission], directory: Path, rounds: int, count: int
) -> None:
    """Appends and answers of a draft, beside the bare engine in the same directory."""
    print("\nCommits to SQLite (SQLCipher, WAL, synchronous FULL)")
    place = directory / "commits.db"
    towns = list(study.municipalities)
    ours: dict[str, list[list[float]]] = {"append": [], "answer of a draft": []}
    theirs: dict[str, list[list[float]]] = {"append": [], "answer of a draft": []}
    keyed: list[list[float]] = []
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(open_store(place, key=KEY, create=True))
        publish_all(study, store)
        submissions = others(kinds, towns)
        raw = stack.enter_context(past_the_store(place))
        peer = stack.enter_context(contextlib.closing(bare_sqlite(directory / "bare.db")))
        other = stack.enter_context(contextlib.closing(with_key_of_versions(bare_sqlite(directory / "keyed.db"))))
        draft = store.journal.start(kinds[0].form_hash, towns[0], "", "de").id
        last = store.append(next(submissions)).number
        for number in range(rounds):
            ours["append"].append(appends(store, submissions, count))
            rows = [written(lambda query: raw.execute(query).fetchall(), last + 1 + at) for at in range(count)]
            theirs["append"].append([seconds(lambda each=each: insert(peer, each)) for each in rows])
            keyed.append([seconds(lambda each=each: insert(other, each)) for each in rows])
            last += count
            start = number * count + 1
            ours["answer of a draft"].append(answers(store, draft, start, count))
            found = raw.execute("SELECT * FROM operation WHERE sequence >= ? ORDER BY sequence", (start,)).fetchall()
            theirs["answer of a draft"].append(
                [seconds(lambda row=row: insert(peer, {"operation": [row]})) for row in found]
            )
    for what, taken in ours.items():
        results.against(what, "bare inserts", taken, theirs[what], SLOWER)
        if what == "append":
            results.against(what, KEYED, taken, keyed, None)


def team_commits(results: Results, study: Study, kinds: Sequence[Submission], rounds: int, count: int) -> None:
    """Appends to a team's store, beside bare inserts of the same rows into the same server."""
    print("\nCommits to PostgreSQL")
    if programs() is None:
        print(f"  not measured, PostgreSQL 15 or newer is missing: {REMEDY}")
        return
    with running() as cluster:
        _team_commits(results, study, kinds, cluster, rounds, count)


def _team_commits(
    results: Results, study: Study, kinds: Sequence[Submission], cluster: Cluster, rounds: int, count: int
) -> None:
    team = Team.new(cluster)
    submissions = others(kinds, list(study.municipalities))
    ours, theirs = [], []
    with contextlib.ExitStack() as stack:
        with team.open(team.officer, lambda: NOW) as office:
            publish_all(study, office)
        store = stack.enter_context(team.open(team.add("manager", ["*"]), lambda: NOW))
        admin = stack.enter_context(team.admin())
        admin.execute("CREATE SCHEMA bare")
        for table in WRITTEN:
            admin.execute(f"CREATE TABLE bare.{table} (LIKE lotsenbuch.{table} INCLUDING INDEXES)")
        admin.execute("SET search_path = lotsenbuch")
        store.append(next(submissions))
        for _ in range(rounds):
            made = list(itertools.islice(submissions, count))
            ours.append([seconds(lambda each=each: store.append(each)) for each in made])
            numbers = [number for (number,) in admin.execute("SELECT number FROM event ORDER BY number").fetchall()]
            rows = [written(lambda query: admin.execute(query).fetchall(), number) for number in numbers[-count:]]
            theirs.append([seconds(lambda each=each: bare_postgresql(admin, each)) for each in rows])
    results.against("append of a team", "bare PostgreSQL inserts", ours, theirs, None)


def bare_postgresql(server: psycopg.Connection, rows: Rows) -> None:
    """One durable commit of these rows."""
    with server.transaction(), server.cursor() as cursor:
        for table, values in rows.items():
            if values:
                cursor.executemany(f"INSERT INTO bare.{table} VALUES ({', '.join(['%s'] * len(values[0]))})", values)


# --- tables


def filled(study: Study, kinds: Sequence[Submission], count: int) -> None:
    """Records in the study's store until it has so many."""
    with study.store() as store:
        there = store.count(FORM)
        submissions = others(kinds, list(study.municipalities), there)
        while missing := count - there:
            store.append_many(itertools.islice(submissions, min(missing, 2_000)))
            there += min(missing, 2_000)


def rebuilt(directory: Path) -> dict[str, float]:
    """Tables without a copy, in this fresh process; the copies are there afterwards, and the tables as Parquet."""
    from intake.tables import study_tables

    study = open_study(directory)
    drop(study.dir / FOLDER)
    before, start, computing = peak(), time.perf_counter(), time.process_time()
    frames = study_tables(study)
    taken, computed = time.perf_counter() - start, time.process_time() - computing
    found = {"seconds": taken, "computing": computed, "before": before, "peak": peak()}
    (directory / "plain").mkdir(exist_ok=True)
    for name, frame in frames.items():
        frame.to_parquet(directory / "plain" / f"{name}.parquet")
    return found


def peak() -> float:
    """The most memory that this program held so far, in MB."""
    with contextlib.suppress(OSError):  # Linux: what getrusage says begins with what the starting process held
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reading(results: Results, study: Study, rounds: int, count: int) -> None:
    """Tables of all records: without a copy, from the copies, and the same from plain Parquet."""
    import pandas as pd

    from intake.tables import study_tables

    print(f"\nTables of {count:,} records")
    command = [sys.executable, __file__, "--rebuild", str(study.dir)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    size = f"{count:,} records"
    results.figure(f"cold, {size}, s", told["seconds"], COLD if count >= 100_000 else None)
    results.figure(f"cold, {size}, of it computing, s", told["computing"])
    results.figure(f"cold, {size}, most memory, MB", told["peak"])
    results.figure("the same process before, MB", told["before"])
    results.figure(f"store, {size}, MB", study.store_path.stat().st_size / 1e6)
    results.figure(f"copies, {size}, MB", sum(path.stat().st_size for path in (study.dir / FOLDER).iterdir()) / 1e6)
    plain = sorted((study.dir / "plain").iterdir())
    results.figure(f"plain Parquet, {size}, MB", sum(path.stat().st_size for path in plain) / 1e6)
    for path, frame in ((path, study_tables(study)[path.stem]) for path in plain):
        pd.testing.assert_frame_equal(frame, pd.read_parquet(path))  # cold and warm give the same
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(seconds(lambda: [pd.read_parquet(path) for path in plain]))
        ours.append(seconds(lambda: study_tables(study)))
    ratio = statistics.median(peer / mine for mine, peer in zip(ours, theirs, strict=True))
    results.ratios[f"plain Parquet: warm, {size}"] = ratio
    results.figure(f"warm, {size}, s", statistics.median(ours))
    results.figure(f"plain Parquet, {size}, s", statistics.median(theirs))
    results.figure(f"warm, {size}, times as long as plain Parquet", 1 / ratio, WARM if count >= 100_000 else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exits 0 whatever the figures are: a benchmark measures, tests judge."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds and records, under 50 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write ratios and figures there too")
    parser.add_argument("--tiny", action="store_true", help="sizes that measure nothing: only to try the script")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="the study with the records: used again where it is")
    parser.add_argument("--rebuild", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.rebuild is not None:
        print(json.dumps(rebuilt(options.rebuild)))
        return 0
    rounds, count, records, kinds = (
        (2, 3, 20, 2) if options.tiny else (5, 30, 1_000, 12) if options.quick else (15, 100, 100_000, 300)
    )
    results = Results()
    print(f"load at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="lotsenbuch-store-", dir=options.keep and options.keep.parent) as place:
        home = Path(place) / "study" if options.keep is None else options.keep
        study = open_study(home) if home.exists() else create_study(home)
        with study.store() as store:
            publish_all(study, store)
        made = drawn(study, kinds)
        commits(results, study, made, Path(place), rounds, count)
        team_commits(results, study, made, rounds, count)
        filled(study, made, records)
        reading(results, study, rounds, records)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")
    if options.json is not None:
        told = {"ratios": results.ratios, "figures": results.figures}
        options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
