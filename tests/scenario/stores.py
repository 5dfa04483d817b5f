"""Stores, forms and submissions for tests, and a way past the store to its file."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlcipher3

from intake.publishing import PublishedForm
from intake.store import Store, open_store
from intake.store.filecheck import log_of
from intake.submission import Record, Submission
from validation.errors import StoreError

KEY = bytes(range(32))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANSWER = {"op": "answer", "path": "/data/a", "value": "x"}
"""An operation as a journal keeps it."""
Opener = Callable[[], Store]
"""Opens the same store again and again."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def refused(code: str) -> pytest.RaisesExc[StoreError]:
    """For `with`: what happens there is refused by a store with this code."""
    return pytest.RaisesExc(StoreError, check=lambda error: error.code == code)


def published(form_id: str = "probe", version: str = "1", *, title: str = "Probe") -> PublishedForm:
    """A frozen form; the store does not read what is in it."""
    xform = f'<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:title>{title} {form_id} {version}</h:title></h:html>'
    return PublishedForm(
        form_id=form_id,
        version=version,
        hash=hashlib.sha256(xform.encode()).hexdigest(),
        xform=xform,
        workbook=f"| survey | {form_id}".encode(),
        workbook_name=f"{form_id}.md",
        lists={"laender.csv": b"name,label\nSY,Syrien\n"},
    )


def divided(version: str = "1", **classes: str) -> PublishedForm:
    """A frozen form with questions of every class: name (identity), kind (special), note (staff), a and the repeat
    dog with its bark (general), unless `classes` say otherwise; a file may be named in any of them."""
    told = {"name": "identity", "kind": "special", "note": "staff", "a": "", "dog/bark": "", **classes}
    binds = "".join(
        f'<bind nodeset="/data/{path}" type="string"' + (f' lb:sensitivity="{name}"/>' if name else "/>")
        for path, name in told.items()
    )
    xform = f"""<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"
 xmlns:lb="https://lotsenbuch.example/xform"><h:head><h:title>Divided</h:title><model>
 <instance><data id="divided" version="{version}"><a/><person/><name/><kind/><note/><dog><bark/></dog></data></instance>
 {binds}</model></h:head><h:body><input ref="/data/a"/><repeat nodeset="/data/dog">
 <input ref="/data/dog/bark"/></repeat></h:body></h:html>"""
    made = published("divided", version)
    return replace(made, xform=xform, hash=hashlib.sha256(xform.encode()).hexdigest())


def submission(
    number: int = 1,
    *,
    form: PublishedForm | None = None,
    municipality: str = "08235007",
    subject: str = "P-000001",
    record: Record | None = None,
    version: int = 1,
    reason: str | None = None,
    author: str = "müller",
) -> Submission:
    """Submission `number` of a form, one minute long."""
    form = form or published()
    return Submission(
        id=f"uuid:{number:08d}",
        form_id=form.form_id,
        form_version=form.version,
        form_hash=form.hash,
        municipality=municipality,
        subject=subject,
        record={"/data/a": str(number)} if record is None else record,
        started=START,
        ended=START + timedelta(minutes=1),
        author=author,
        version=version,
        reason=reason,
    )


def new_store(path: Path, *, clock: Clock | None = None, wait: float = 5.0) -> Store:
    """A store with `published()` in it; the one that is there if there is one."""
    store = open_store(path, key=KEY, create=True, clock=clock or Clock(), wait=wait)
    store.publish(published())
    return store


@contextlib.contextmanager
def past_the_store(path: Path, key: bytes = KEY) -> Iterator[sqlcipher3.Connection]:
    """The file itself, unlocked, with the engine's own settings."""
    raw = sqlcipher3.connect(str(path), isolation_level=None)
    try:
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        yield raw
    finally:
        raw.close()


def crashed_copy(source: Path, directory: Path) -> Path:
    """A store as a killed process leaves it: file and log, copied into a new directory while it is open."""
    directory.mkdir()
    for file in (source, log_of(source)):
        (directory / file.name).write_bytes(file.read_bytes())
    return directory / source.name


def files(directory: Path) -> dict[str, bytes]:
    """Every file below a directory with its bytes, so that "nothing changed" can be compared."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
