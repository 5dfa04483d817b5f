"""The commands of the store: what they print and how they exit; no secret is an argument or is printed."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from intake.store import open_store
from intake.store.lock import lock_of, take_lock
from intake.study import create_study
from scenario.commands import Done, environment, run

WORDS, OTHER = "vier Wörter am Montag", "ein ganz anderer Satz"


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """A directory with a study `s` that its key file opens."""
    create_study(tmp_path / "s")
    return tmp_path


def typed(line: str, where: Path, *lines: str) -> Done:
    """A command that reads a secret from each of the descriptors 10, 11 and so on, as a server would give them."""
    handles = []
    for number, text in enumerate(lines, start=10):
        read, write = os.pipe()
        os.write(write, f"{text}\n".encode())
        os.close(write)
        handles.append((read, number))
    words = shlex.split(line)
    redirected = " ".join(f"{number}<&{read}" for read, number in handles)
    done = subprocess.run(
        ["/bin/bash", "-c", f'"$@" {redirected}', "bash", *words],
        cwd=where, env=environment(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        pass_fds=[read for read, _ in handles],
    )  # fmt: skip
    for read, _ in handles:
        os.close(read)
    for text in lines:
        assert text not in done.stdout + done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def kinds(where: Path) -> list[str]:
    return [way["kind"] for way in json.loads(run("lotsenbuch store way list --json --study s", where).out)]


def test_ways_are_listed_without_asking_for_anything(where: Path) -> None:
    done = run("lotsenbuch store way list --study s", where)
    assert done.code == 0
    assert "Schlüsseldatei" in done.out
    (where / "s" / "store.key").unlink()
    assert run("lotsenbuch store way list --study s", where).out == done.out


def test_a_passphrase_is_set_up_and_opens_when_the_key_file_is_gone(where: Path) -> None:
    assert typed("lotsenbuch store way add passphrase --new-passphrase-descriptor 10 --study s", where, WORDS).code == 0
    assert kinds(where) == ["file", "passphrase"]
    (where / "s" / "store.key").unlink()
    assert run("lotsenbuch check --study s", where).code == 1  # nobody to ask
    line = "lotsenbuch store passphrase --passphrase-descriptor 10 --new-passphrase-descriptor 11 --study s"
    wrong = typed(line, where, OTHER, WORDS)
    assert wrong.code == 1
    assert len(wrong.err.strip().splitlines()) == 1
    assert typed(line, where, WORDS, OTHER).code == 0
    with open_store(where / "s" / "store.db", passphrase=OTHER) as store:
        assert store.count() == 0


def test_a_sheet_is_for_its_owner_only_and_opens(where: Path) -> None:
    done = run("lotsenbuch store recovery --output blatt.txt --label Tresor --study s", where)
    assert done.code == 0
    sheet = (where / "blatt.txt").read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE((where / "blatt.txt").stat().st_mode) == 0o600
    rows = [line for line in sheet.splitlines() if line.startswith("      ")][:2]
    key = " ".join(rows)
    assert rows[0].strip() not in done.out + done.err
    with open_store(where / "s" / "store.db", recovery=key) as store:
        assert store.count() == 0
    assert run("lotsenbuch store recovery --output blatt.txt --study s", where).code == 2
    assert rows[0] in sheet
    printed = run("lotsenbuch store recovery --study s", where)
    assert printed.out.count("WIEDERHERSTELLUNGSSCHLÜSSEL") == 1
    assert kinds(where) == ["file", "recovery"]


def test_a_key_file_comes_and_goes(where: Path) -> None:
    assert run("lotsenbuch store way add file --output zweiter.key --label zweiter --study s", where).code == 0
    open_store(where / "s" / "store.db", key_file=where / "zweiter.key").close()
    told = json.loads(run("lotsenbuch store way remove zweiter --json --study s", where).out)
    assert (told["kind"], told["label"]) == ("file", "zweiter")
    (left,) = json.loads(run("lotsenbuch store way list --json --study s", where).out)
    last = run(f"lotsenbuch store way remove {left['id']} --study s", where)
    assert last.code == 1
    assert "letzte Zugang" in last.err


def test_rekey_and_a_store_that_is_open(where: Path) -> None:
    assert run("lotsenbuch store rekey --study s", where).code == 0
    with open_store(where / "s" / "store.db", key_file=where / "s" / "store.key") as store:
        done = run("lotsenbuch store rekey --study s", where)
        assert done.code == 1
        assert "noch geöffnet" in done.err
        assert store.count() == 0


def test_a_login_comes_and_goes(where: Path) -> None:
    line = "lotsenbuch store login add Vertretung --role evaluator --way file --output v.key --study s"
    assert run(line, where).code == 0
    listed = json.loads(run("lotsenbuch store login list --json --study s", where).out)
    assert [(each["name"], each["role"]) for each in listed][1:] == [("Vertretung", "evaluator")]
    with open_store(where / "s" / "store.db", key_file=where / "v.key") as store:
        assert store.classes == ("general",)
    assert run("lotsenbuch store login remove Vertretung --study s", where).code == 0
    assert kinds(where) == ["file"]


def test_a_lock_that_was_left_is_given_free(where: Path) -> None:
    assert "nicht gesperrt" in run("lotsenbuch store unlock --study s", where).out
    take_lock(where / "s" / "store.db")
    refused = run("lotsenbuch store unlock --study s", where)
    assert (refused.code, lock_of(where / "s" / "store.db").exists()) == (1, True)
    assert run("lotsenbuch store unlock --take-over --study s", where).code == 0
    assert not lock_of(where / "s" / "store.db").exists()


@pytest.mark.parametrize(
    "line",
    [
        "lotsenbuch store way add schluessel --study s",
        "lotsenbuch store way add file --study s",
        "lotsenbuch store login add Neu --role chef --study s",
        "lotsenbuch store login add Neu --way file --study s",
        "lotsenbuch store way",
        'lotsenbuch new t --municipality "08235007 Althengstett" --keyring --passphrase-descriptor 0',
    ],
)
def test_called_wrongly_exits_2_and_changes_nothing(where: Path, line: str) -> None:
    done = run(line, where)
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert kinds(where) == ["file"]
    assert not (where / "t").exists()


def test_a_new_study_begins_with_a_passphrase_and_a_sheet(tmp_path: Path) -> None:
    line = 'lotsenbuch new t --municipality "08235007 Althengstett" --passphrase-descriptor 10 --recovery blatt.txt'
    done = typed(line, tmp_path, WORDS)
    assert done.code == 0, done.err
    assert not (tmp_path / "t" / "store.key").exists()
    with open_store(tmp_path / "t" / "store.db", passphrase=WORDS) as store:
        assert len(store.forms()) == len(list((tmp_path / "t" / "forms").glob("*.md")))
    assert "store.key" not in done.out


def test_a_new_study_without_encryption_says_so(tmp_path: Path) -> None:
    done = run('lotsenbuch new t --municipality "08235007 Althengstett" --plaintext', tmp_path)
    assert done.code == 0, done.err
    assert "NICHT VERSCHLÜSSELT" in done.err
    assert "plaintext = true" in (tmp_path / "t" / "study.toml").read_text(encoding="utf-8")
    assert "NICHT VERSCHLÜSSELT" in run("lotsenbuch check --study t", tmp_path).err
