"""`check` beyond one machine: the workers of a Dask cluster judge the parts of the tables. The only door to Dask.

What travels: the form's XForm, its external choice files, and some records of the tables at a time. Give it tables of
the pseudonymous export: neither a store nor a key ever reaches a worker. Outside this machine everything goes over TLS,
or not at all. A worker that dies takes nothing with it: its parts are judged by the others.

`local:4` are four processes on this machine, for as long as the check takes, with certificates made for the occasion,
so that nobody else who is logged in here can send them work.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING

import pandas as pd

from intake.partitions import Part, cut, faults_of, merged, together
from validation import read_form
from validation.errors import DataError, LotsenbuchError, UsageError
from validation.form import Form
from validation.layout import KEY, layout
from validation.report import Fault, Report
from validation.rows import Fallback, Moments
from validation.schema import ZONE, check

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.security import Security

ROWS = 20_000
"""Rows of a part, in all its tables: a few megabytes, a few seconds."""

_WAIT = 30
"""Seconds until a scheduler has to answer and to have a worker."""

_AHEAD = 2
"""Parts that wait for each thread of the workers: enough that none is idle, few enough for the scheduler's memory."""

_SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1GB",  # parts travel in the graph: none is lost with a worker
    "distributed.worker.memory.target": False,  # processes of our own write nothing of what they judge to a disk
    "distributed.worker.memory.spill": False,
}

_alone = threading.Lock()  # a worker may have several threads, and they have one form

_ADDRESS = re.compile(r"(?P<protocol>[a-z]+)://(?P<host>\[[0-9a-fA-F:]+\]|[^\[\]:/?#@\s]+):(?P<port>\d{1,5})")
_LOCAL = re.compile(r"local:([1-9]\d{0,2})")

Progress = Callable[[int, int], None]
"""Told how many parts are judged, of how many."""


def check_on(
    scheduler: str,
    xform: str,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str = ZONE,
    language: str = "de",
    instances: Mapping[str, str] | None = None,
    rows: int = ROWS,
    progress: Progress | None = None,
) -> Report:
    """As `validation.schema.check(read_form(xform), tables, …)`: the same report, worked out by a cluster.

    `scheduler` is 'local:N' for N processes here, or the address of a Dask scheduler: 'tls://host:port', on this
    machine also 'tcp://127.0.0.1:port'. Its workers need Lotsenbuch in the same version. The certificates of TLS are
    those of Dask's own settings (`distributed.comm.tls`). About `rows` rows go to a worker at a time.

    UsageError 'distributed.…' for an address that is none, is not encrypted, does not answer or has no worker, for
    workers of another version, and where Dask is not installed; DataError 'distributed.killed' when a part has killed
    several workers. What `check` raises.
    """
    form = read_form(xform)
    parts = cut(form, tables, rows)
    root = next(iter(layout(form)))
    judging = functools.partial(_Work, xform=xform, zone=zone, instances=dict(instances or {}), version=_version())

    def work(part: Part) -> _Work:
        mine = part.of(tables)
        moments = default_now
        if isinstance(moments, Mapping):
            known = mine[root][KEY].tolist() if root in mine and KEY in mine[root] else []
            moments = {key: moments[key] for key in known if key in moments}
        return judging(tables=mine, default_now=moments)

    with connected(scheduler) as client:
        judged = _judged_by(client, parts, work, progress)
    return merged(
        form,
        tables,
        [(part, found.faults) for part, found in zip(parts, judged, strict=True)],
        language=language,
        fallbacks=together(found.fallbacks for found in judged),
    )


@contextlib.contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """A client of the cluster, with at least one worker. UsageError as `check_on`; what is local ends with it."""
    local = _LOCAL.fullmatch(scheduler)
    if local is None:
        _refuse_plain(scheduler)
    try:
        import dask
        import distributed  # noqa: F401 - asked for here, so that all below may
    except ImportError as error:
        raise UsageError("distributed.missing") from error
    with dask.config.set(_SETTINGS), contextlib.ExitStack() as stack:
        if local is not None:
            client = stack.enter_context(_own(int(local[1])))
        else:
            client = stack.enter_context(_joined(scheduler))
        try:
            client.wait_for_workers(1, timeout=_WAIT)
        except TimeoutError as error:
            raise UsageError("distributed.no_worker", scheduler=scheduler) from error
        yield client


# --- the cluster


@contextlib.contextmanager
def _own(workers: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            security=True,  # certificates of its own, for this once
            dashboard_address="127.0.0.1:0",  # Dask has one anyway, by default for the whole network
            worker_dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@contextlib.contextmanager
def _joined(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(scheduler, security=_security(scheduler), set_as_default=False, timeout=_WAIT)
    except (OSError, ValueError) as error:
        raise UsageError("distributed.unreachable", scheduler=scheduler) from error
    with client:
        yield client


def _security(scheduler: str) -> Security:
    from distributed.security import Security

    encrypted = scheduler.startswith("tls://")
    security = Security(require_encryption=True) if encrypted else Security()
    if encrypted and None in (security.tls_ca_file, security.tls_client_cert, security.tls_client_key):
        raise UsageError("distributed.no_certificate", scheduler=scheduler)
    return security


def _refuse_plain(address: str) -> None:
    """UsageError for what is no address, and for one that others on the network could read along."""
    found = _ADDRESS.fullmatch(address)
    if found is None or found["protocol"] not in ("tls", "tcp"):
        raise UsageError("distributed.no_scheduler", scheduler=address)
    if found["protocol"] == "tcp" and not _is_here(found["host"].strip("[]")):
        raise UsageError("distributed.plain", scheduler=address, host=found["host"])


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# --- the parts


def _judged_by(
    client: Client, parts: list[Part], work: Callable[[Part], _Work], progress: Progress | None
) -> list[_Found]:
    """What was found in each part, in the order of the parts."""
    from distributed import KilledWorker, as_completed

    found: dict[int, _Found] = {}
    numbers: dict[str, int] = {}
    left = iter(range(len(parts)))

    def submitted(number: int) -> Future:
        for worker in client.scheduler_info(n_workers=-1)["workers"]:
            _refuse_plain(worker)
        future = client.submit(_judge, work(parts[number]), pure=False)
        numbers[future.key] = number
        return future

    threads = sum(client.nthreads().values())
    first = [submitted(number) for number in itertools.islice(left, max(threads, 1) * _AHEAD)]
    running = as_completed(first, loop=client.loop)
    for future in running:
        try:
            found[numbers[future.key]] = future.result()
        except KilledWorker as error:
            raise DataError("distributed.killed", rows=parts[numbers[future.key]].rows) from error
        except CancelledError as error:
            raise UsageError("distributed.lost", scheduler=client.scheduler.address) from error
        if progress is not None:
            progress(len(found), len(parts))
        for number in itertools.islice(left, 1):
            running.add(submitted(number))
    return [found[number] for number in range(len(parts))]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker is sent. Dask writes the work that failed into its log: nothing of it is shown there."""

    xform: str = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)
    default_now: Moments = field(repr=False)
    zone: str
    instances: dict[str, str] = field(repr=False)
    version: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What a worker sends back: which rows break which rule, and what was judged row by row."""

    faults: list[Fault]
    fallbacks: tuple[Fallback, ...]


def _judge(work: _Work) -> _Found:
    """On a worker: what is wrong in a part."""
    if work.version != _version():
        raise UsageError("distributed.other_version", ours=work.version, theirs=_version())
    try:
        with _alone:
            report = check(
                _form(work.xform),
                work.tables,
                default_now=work.default_now,
                zone=work.zone,
                instances=work.instances,
            )
    except LotsenbuchError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it says may quote an answer, and Dask logs what it says
        raise RuntimeError(type(error).__name__) from None
    return _Found(faults_of(report), report.fallbacks)


@functools.lru_cache(maxsize=4)
def _form(xform: str) -> Form:
    return read_form(xform)


def _version() -> str:
    return metadata.version("lotsenbuch")
