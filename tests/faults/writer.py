"""Works at a store until it is killed, and says on standard output what was acknowledged (`scenario.promises`).

    python writer.py STORE NAME FIRST [COUNT [EACH [KEY_FILE]]]

`FIRST` is the number of its first submission: the one after the last it knows of, so that the one that was under way
at the last kill is sent again. With `COUNT` it ends after so many, and closes and opens the store after `EACH`. A
store that is not there is made, and said so: `made`. Without a key file it is opened with the key of the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from intake.store import Store, open_store
from scenario.promises import aloud, work
from scenario.stores import KEY, published


def main(path: str, name: str, first: str, count: str = "", each: str = "", key_file: str = "") -> None:
    def opened(*, create: bool = False) -> Store:
        if key_file:
            return open_store(Path(path), key_file=Path(key_file), create=create, wait=30)
        return open_store(Path(path), key=KEY, create=create, wait=30)

    if not Path(path).exists():
        with opened(create=True) as store:
            store.publish(published())
        aloud("made")
    end = int(first) + int(count) if count else sys.maxsize
    for begin in range(int(first), end, int(each or end)):
        with opened() as store:
            for number in range(begin, min(begin + int(each or end), end)):
                work(store, name, number, aloud)


if __name__ == "__main__":
    main(*sys.argv[1:])
