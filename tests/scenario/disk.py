"""A disk with a cache that forgets: what may lie on it after the power is cut at any moment of a recorded work.

Only what was synchronised is sure. Of the rest each sector of 512 bytes may have arrived or not, whatever came before
or after it; a file may have grown without its content (zeros, or bytes of somebody else); a name may have been given,
taken or changed, or not yet, until its directory is synchronised. What was written over keeps what was there before
where the new sector did not arrive: no sector is ever half new (as SQLite assumes, and as disks promise).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Did:
    """One thing a program did, in its order. Names are relative to the recorded directory.

    `what`: 'create' (a new, empty file), 'write' (`data` at byte `at`), 'truncate' (to `at` bytes), 'sync', 'unlink',
    'rename' and 'link' (to `other`), 'syncdir' (`name` is the directory, '' the recorded one itself), 'said' (what the
    program told the world: `data`).
    """

    what: str
    name: str
    at: int = 0
    data: bytes = b""
    other: str = ""


@dataclass(eq=False, slots=True)
class _File:
    """What of a file is on the disk for sure, and what is under way, in its order."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Did] = field(default_factory=list)


class Disk:
    """What is on the disk and what is only in its cache, while recorded things are done one after the other."""

    def __init__(self, directory: Path | None = None) -> None:
        """Empty, or with the files below a directory as they are."""
        found = [] if directory is None else [path for path in directory.rglob("*") if path.is_file()]
        self._seen = {_name(path, directory): _File(bytearray(path.read_bytes())) for path in found if directory}
        self._sure = dict(self._seen)
        self._pending: list[tuple[Did, _File]] = []

    def do(self, did: Did) -> None:
        """One more thing. KeyError for a file nobody made."""
        match did.what:
            case "create":
                self._entry(did, _File())
            case "unlink" | "rename" | "link":
                self._entry(did, self._seen[did.name])
            case "write" | "truncate":
                self._seen[did.name].pending.append(did)
            case "sync":
                file = self._seen[did.name]
                for each in file.pending:
                    _apply(file.sure, each)
                file.pending.clear()
            case "syncdir":
                for entry, file in [pair for pair in self._pending if _parent(pair[0].name) == did.name]:
                    _enter(self._sure, entry, file)
                self._pending = [pair for pair in self._pending if _parent(pair[0].name) != did.name]
            case "said":
                pass
            case _:
                raise ValueError(did.what)

    def whole(self) -> dict[str, bytes]:
        """Every file as the program sees it: what a kill without a power cut leaves."""
        return {name: _content(file, file.pending) for name, file in self._seen.items()}

    def after_cut(self, choose: random.Random) -> dict[str, bytes]:
        """Every file as it may lie there after a power cut now."""
        entries = dict(self._sure)
        share = choose.choice((0.0, 0.5, 0.9, 1.0))
        for entry, file in self._pending:
            if choose.random() < share:
                _enter(entries, entry, file)
        return {name: _survived(file, choose) for name, file in entries.items()}

    def _entry(self, did: Did, file: _File) -> None:
        _enter(self._seen, did, file)
        self._pending.append((did, file))


def cuts(
    record: Sequence[Did], before: Path | None, count: int, seed: int
) -> Iterator[tuple[dict[str, bytes], list[list[str]]]]:
    """So many power cuts, spread over a record that began with the files below `before`: the files afterwards, and the
    lines that were said until then, in words."""
    choose = random.Random(seed)
    places = sorted(choose.randrange(len(record) + 1) for _ in range(count))
    disk = Disk(before)
    said = b""
    done = 0
    for place in places:
        for did in record[done:place]:
            disk.do(did)
            said += did.data if did.what == "said" else b""
        done = place
        yield disk.after_cut(choose), [line.decode().split() for line in said.split(b"\n")[:-1]]


def lay(files: dict[str, bytes], directory: Path) -> None:
    """Write files into a new directory."""
    directory.mkdir()
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def _survived(file: _File, choose: random.Random) -> bytes:
    """A file's content with some of what was under way."""
    way = choose.choice(("nothing", "everything", "beginning", "sectors", "sectors"))
    if way == "nothing":
        return bytes(file.sure)
    if way == "everything":
        return _content(file, file.pending)
    if way == "beginning":
        whole = file.pending[: choose.randrange(len(file.pending) + 1)]
        rest = file.pending[len(whole) : len(whole) + 1]
        torn = [piece for did in rest for piece in _pieces(did)]
        return _content(file, [*whole, *torn[: choose.randrange(len(torn) + 1)]])
    share = choose.choice((0.1, 0.5, 0.9, 0.99))
    kept = [piece for did in file.pending for piece in _pieces(did) if choose.random() < share]
    return _content(file, kept, choose if choose.random() < 0.5 else None)


def _pieces(did: Did) -> Iterator[Did]:
    """What of one thing can arrive by itself: the sectors of a write."""
    if did.what != "write":
        yield did
        return
    at = did.at
    end = did.at + len(did.data)
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        yield Did("write", did.name, at, did.data[at - did.at : until - did.at])
        at = until


def _content(file: _File, done: Sequence[Did], foreign: random.Random | None = None) -> bytes:
    content = bytearray(file.sure)
    for did in done:
        _apply(content, did, foreign)
    return bytes(content)


def _apply(content: bytearray, did: Did, foreign: random.Random | None = None) -> None:
    size = did.at
    if len(content) < size:
        gap = size - len(content)
        content.extend(bytes(gap) if foreign is None else foreign.randbytes(gap))
    if did.what == "truncate":
        del content[size:]
    else:
        content[size : size + len(did.data)] = did.data


def _enter(entries: dict[str, _File], did: Did, file: _File) -> None:
    if did.what in ("unlink", "rename"):
        entries.pop(did.name, None)
    if did.what != "unlink":
        entries[did.other or did.name] = file


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _name(path: Path, directory: Path | None) -> str:
    return path.relative_to(directory or path.anchor).as_posix()
