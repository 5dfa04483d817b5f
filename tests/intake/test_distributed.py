"""Two workers of a cluster say what one process says, also when one of them dies; nothing travels in the clear."""

from __future__ import annotations

import builtins
import datetime as dt
import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from intake import distributed as ours
from intake.distributed import check_on, connected
from scenario.same_report import assert_same
from validation import read_form
from validation.errors import DataError, UsageError
from validation.layout import KEY, PARENT_KEY
from validation.report import Report
from validation.schema import check

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")

SECRET = "Geheim"
NOW = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)
XFORM = """<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Households</h:title><model>
<instance><data id="household" version="1"><name/><rooms/><moved/>
<person jr:template=""><age/></person></data></instance>
<bind nodeset="/data/name" type="string" required="true()" constraint="string-length(.) &lt; 12"/>
<bind nodeset="/data/rooms" type="int" constraint=". &gt;= count(/data/person)"/>
<bind nodeset="/data/moved" type="date" relevant="/data/rooms &gt; 1" constraint=". &lt;= today()"/>
<bind nodeset="/data/person/age" type="int" constraint=". &lt;= 120"/></model></h:head><h:body>
<input ref="/data/name"><label>Name</label></input><input ref="/data/rooms"><label>Rooms</label></input>
<input ref="/data/moved"><label>Moved</label></input>
<group ref="/data/person"><label>Person</label><repeat nodeset="/data/person">
<input ref="/data/person/age"><label>Age</label></input></repeat></group></h:body></h:html>"""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def tables(records: int, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Records of which some break each rule, and their persons in no order."""
    rng = np.random.default_rng(seed)
    keys = [f"uuid:{number}" for number in range(records)]
    names = np.array(["Haus", None, "ein viel zu langer Name"], dtype=object)[rng.choice(3, records, p=[0.8, 0.1, 0.1])]
    names[:1] = SECRET
    days = pd.Timestamp(NOW.date()) + pd.to_timedelta(rng.integers(-900, 90, records), unit="D")
    moved = pd.Series(days).where(rng.random(records) < 0.7).astype("datetime64[us]")
    rooms = pd.Series(rng.integers(0, 4, records), dtype="Int64").where(rng.random(records) < 0.9)
    of = np.repeat(np.arange(records), rng.integers(0, 4, records))
    persons = pd.DataFrame({
        KEY: pd.Series([f"{keys[one]}/person[{at}]" for at, one in enumerate(of)], dtype="string"),
        PARENT_KEY: pd.Series([keys[one] for one in of], dtype="string"),
        "age": pd.Series(rng.integers(0, 130, len(of)), dtype="Int64"),
    })  # fmt: skip
    root = pd.DataFrame({KEY: pd.Series(keys, dtype="string"), "name": pd.Series(names, dtype="string"), "rooms": rooms,
                         "moved": moved})  # fmt: skip
    return {"household": root, "household-person": persons.sample(frac=1, random_state=seed).reset_index(drop=True)}


class TestTheSameReport:
    def test_two_workers_say_what_one_process_says_with_progress(self, scheduler: str) -> None:
        given = tables(300)
        given["household"].loc[299, KEY] = given["household"][KEY][0]  # the first and the last record
        whole = check(read_form(XFORM), given, default_now=NOW)
        told: list[tuple[int, int]] = []
        report = check_on(
            scheduler, XFORM, given, default_now=NOW, rows=100, progress=lambda done, total: told.append((done, total))
        )
        assert_same(report, whole)
        assert {"duplicate_key", "constraint", "required"} <= set(report.failures["rule"])
        parts = told[0][1]
        assert parts >= 5
        assert told == [(done, parts) for done in range(1, parts + 1)]
        assert (
            check_on(scheduler, XFORM, given, default_now=NOW, language="en").failures["message"][0]
            != (report.failures["message"][0])
        )

    def test_each_record_is_judged_by_its_own_time(self, scheduler: str) -> None:
        given = tables(60)
        ended = {key: NOW.replace(year=1900 + at * 3) for at, key in enumerate(given["household"][KEY])}
        whole = check(read_form(XFORM), given, default_now=ended)
        assert_same(check_on(scheduler, XFORM, given, default_now=ended, rows=20), whole)
        assert len(whole.failures) != len(check(read_form(XFORM), given, default_now=NOW).failures)

    def test_what_the_check_refuses_is_refused_in_our_words(self, scheduler: str) -> None:
        with pytest.raises(UsageError) as caught:
            check_on(scheduler, XFORM, tables(5))
        assert caught.value.code == "check.no_time"

    def test_processes_of_ones_own_are_started_and_ended(self) -> None:
        with connected("local:1") as client:
            (address,) = client.scheduler_info(n_workers=-1)["workers"]
            assert address.startswith("tls://127.0.0.1:")
            assert client.run(spills)[address] == (False, False)
            pid = client.run(os.getpid)[address]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class TestDying:
    def test_the_report_is_right_though_a_worker_was_killed(self, scheduler: str) -> None:
        from distributed import Client

        given = tables(300, seed=7)
        whole = check(read_form(XFORM), given, default_now=NOW)
        with Client(scheduler, set_as_default=False) as client:
            before = client.run(os.getpid)
            victim = sorted(before.values())[0]
            killed: list[int] = []

            def at_the_second(done: int, total: int) -> None:
                if done == 2 and not killed:
                    os.kill(victim, signal.SIGKILL)
                    killed.append(total - done)

            report = check_on(scheduler, XFORM, given, default_now=NOW, rows=40, progress=at_the_second)
            assert_same(report, whole)
            assert killed[0] > 5
            client.wait_for_workers(2, timeout=60)
            assert victim not in client.run(os.getpid).values()

    @pytest.mark.parametrize("means", ["said", pytest.param("done", marks=pytest.mark.long)])
    def test_a_part_that_kills_every_worker_is_named_by_its_size(
        self, scheduler: str, monkeypatch: pytest.MonkeyPatch, means: str
    ) -> None:
        given = tables(5)
        monkeypatch.setattr(ours, "_judge", killed if means == "said" else deadly)
        with pytest.raises(DataError) as caught:
            check_on(scheduler, XFORM, given, default_now=NOW)
        assert caught.value.code == "distributed.killed"
        assert caught.value.fields == {"rows": str(sum(map(len, given.values())))}

    def test_a_scheduler_that_goes_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from distributed import LocalCluster

        monkeypatch.setattr(ours, "_WAIT", 1)
        with LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1",
            dashboard_address="127.0.0.1:0", silence_logs=50,
        ) as cluster:  # fmt: skip
            given, address = tables(60), cluster.scheduler_address
            with pytest.raises(UsageError) as caught:
                check_on(address, XFORM, given, default_now=NOW, rows=10, progress=lambda *_: cluster.close())
        assert caught.value.code == "distributed.lost"
        assert address in str(caught.value)


def spills() -> tuple[object, object]:
    """On a worker: when it writes data to a disk."""
    import dask

    return dask.config.get("distributed.worker.memory.target"), dask.config.get("distributed.worker.memory.spill")


def killed(_: Any) -> None:
    """As a scheduler says it of work that several workers have died of."""
    from distributed import KilledWorker

    raise KilledWorker("a part", SimpleNamespace(address="tcp://127.0.0.1:1"), 3)


def deadly(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def named(folder: Path, security: Any) -> dict[str, str]:
    """Dask's settings that name these certificates."""
    folder.mkdir()
    found = {}
    files = {"ca-file": "tls_ca_file", "client.cert": "tls_client_cert", "client.key": "tls_client_key"}
    for setting, name in files.items():
        (folder / setting).write_text(getattr(security, name))
        found[f"distributed.comm.tls.{setting}"] = str(folder / setting)
    return found


class TestAddresses:
    @pytest.mark.parametrize(
        "address", ["tcp://10.1.2.3:8786", "tcp://scheduler.example:8786", "tcp://[2001:db8::1]:1"]
    )
    def test_what_others_could_read_along_is_refused_before_anything_is_sent(self, address: str) -> None:
        with pytest.raises(UsageError) as caught:
            check_on(address, XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.plain"
        assert address in str(caught.value)
        assert "tls://" in str(caught.value)

    @pytest.mark.parametrize(
        "address", ["", "local", "local:0", "local:-1", "local:x", "host:8786", "inproc://1", "ucx://127.0.0.1:1",
                    "http://127.0.0.1:80", "tcp://127.0.0.1", "tls://user@host:1", "tcp://127.0.0.1:1/x"],
    )  # fmt: skip
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(UsageError) as caught:
            check_on(address, XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.no_scheduler"

    def test_without_certificates_there_is_no_tls(self) -> None:
        with pytest.raises(UsageError) as caught:
            check_on("tls://scheduler.example:8786", XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.no_certificate"

    def test_tls_goes_with_the_certificates_of_dasks_settings_and_with_no_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import dask
        from distributed import LocalCluster
        from distributed.security import Security

        monkeypatch.setattr(ours, "_WAIT", 2)
        given, own = tables(30), Security.temporary()
        with LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, security=own, protocol="tls://", host="127.0.0.1",
            dashboard_address="127.0.0.1:0", silence_logs=50,
        ) as cluster:  # fmt: skip
            with dask.config.set(named(tmp_path / "own", own)):
                report = check_on(cluster.scheduler_address, XFORM, given, default_now=NOW, rows=20)
            with dask.config.set(named(tmp_path / "other", Security.temporary())), pytest.raises(UsageError) as caught:
                check_on(cluster.scheduler_address, XFORM, given, default_now=NOW)
        assert_same(report, check(read_form(XFORM), given, default_now=NOW))
        assert caught.value.code == "distributed.unreachable"

    def test_a_scheduler_that_does_not_answer_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ours, "_WAIT", 0.2)
        with pytest.raises(UsageError) as caught:
            check_on("tcp://127.0.0.1:9", XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.unreachable"

    def test_a_scheduler_without_workers_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from distributed import LocalCluster

        monkeypatch.setattr(ours, "_WAIT", 1)
        with LocalCluster(
            n_workers=0, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster, pytest.raises(UsageError) as caught:  # fmt: skip
            check_on(cluster.scheduler_address, XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.no_worker"

    def test_a_worker_that_is_reached_in_the_clear_gets_nothing(
        self, scheduler: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from distributed import Client

        monkeypatch.setattr(Client, "scheduler_info", lambda *_, **__: {"workers": {"tcp://10.1.2.3:4": {}}})
        with pytest.raises(UsageError) as caught:
            check_on(scheduler, XFORM, tables(1), default_now=NOW)
        assert caught.value.code == "distributed.plain"

    def test_without_dask_the_remedy_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = builtins.__import__

        def without(name: str, *more: Any) -> Any:
            if name == "dask":
                raise ImportError(name)
            return real(name, *more)

        monkeypatch.setattr(builtins, "__import__", without)
        with pytest.raises(UsageError, match=r"lotsenbuch\[dask\]"):
            check_on("local:1", XFORM, tables(1), default_now=NOW)


class TestWhatTravels:
    def work(self) -> Any:
        return ours._Work(
            xform=XFORM, tables=tables(3), default_now=NOW, zone="Europe/Berlin", instances={}, version=ours._version()
        )

    def test_work_shows_no_answer_where_dask_logs_it(self) -> None:
        assert SECRET.encode() in pickle.dumps(self.work())
        assert SECRET not in repr(self.work())

    def test_what_comes_back_holds_no_answer_and_no_key(self) -> None:
        found = pickle.dumps(ours._judge(self.work()))
        assert SECRET.encode() not in found
        assert b"uuid:" not in found

    def test_whatever_goes_wrong_quotes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_: object, **__: object) -> Report:
            raise ValueError(SECRET)

        monkeypatch.setattr(ours, "check", failing)
        with pytest.raises(RuntimeError) as caught:
            ours._judge(self.work())
        assert caught.value.args == ("ValueError",)
        assert caught.value.__suppress_context__

    def test_a_worker_of_another_version_refuses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        work = self.work()
        monkeypatch.setattr(ours, "_version", lambda: "9.9")
        with pytest.raises(UsageError) as caught:
            ours._judge(work)
        assert caught.value.code == "distributed.other_version"
