"""Works at a store on a disk that is full from the n-th write on, for many n, and proves what must hold each time.

    python filling.py DIRECTORY FIRST LAST STEP        run under scenario/writelog.c

Says `positions FULL OF ALL`: at how many positions the disk was full before the work was done.
"""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from intake.store import Store, open_store
from scenario.promises import SCAN, aloud, broken, corrected, sent
from scenario.stores import KEY, new_store, published
from validation.errors import StoreFull

ANSWER = {"op": "answer", "path": "/data/a", "value": "w" * 3000}
FIRST = (3, 9, 15)
"""The number of the first submission of each round."""

full_after = ctypes.CDLL(None).fault_full
full_after.argtypes = [ctypes.c_long]


def things(store: Store, draft: str, at: int) -> list[tuple[list[list[str]], Callable[[], object]]]:
    """What is done one after the other, and what it promises once it has returned."""
    return [
        ([["kept", draft, "op-1"]], lambda: store.journal.record(draft, "op-1", 1, ANSWER)),
        ([["attached", draft, f"{at}.png"]], lambda: store.attachments.put(draft, f"{at}.png", SCAN)),
        ([["submitted", f"a-{at + 1}"]], lambda: store.append(sent("a", at + 1))),
        ([["corrected", f"a-{at + 1}"]], lambda: store.append(corrected("a", at + 1))),
        ([["submitted", f"a-{at + 2}"]], lambda: store.append_many([sent("a", at + 2), sent("a", at + 4)])),
        ([], lambda: store.publish(published(f"another-{at}"))),
        ([["closing", draft], ["submitted", f"a-{at}"]], lambda: store.journal.submit(draft, sent("a", at))),
    ]


def fill(path: Path, position: int) -> bool:
    """One store, full after so many writes; whether anything was refused."""
    refused = False
    lines: list[list[str]] = []
    with open_store(path, key=KEY) as store:
        drafts = [store.journal.start(published().hash, "", "", "de").id for _ in FIRST]
        full_after(position)
        for promise, do in [each for draft, at in zip(drafts, FIRST, strict=True) for each in things(store, draft, at)]:
            try:
                do()
            except StoreFull:
                refused = True
                assert broken(store, lines) == []
                assert not promise or broken(store, [*lines, *promise]) != []
                full_after(-1)
                do()  # the same, once there is space
            lines += promise
        assert broken(store, lines) == []
    full_after(-1)
    with open_store(path, key=KEY) as store:
        assert broken(store, lines) == []
        assert store.count() == 4 * len(FIRST)
        assert store.journal.drafts() == []
    return refused


def main(directory: str, first: str, last: str, step: str) -> None:
    home = Path(directory)
    (home / "template").mkdir()
    new_store(home / "template" / "store.db").close()
    full = 0
    positions = range(int(first), int(last), int(step))
    for position in positions:
        shutil.copytree(home / "template", home / "one")
        full += fill(home / "one" / "store.db", position)
        shutil.rmtree(home / "one")
    aloud("positions", str(full), "of", str(len(positions)))


if __name__ == "__main__":
    main(*sys.argv[1:])
