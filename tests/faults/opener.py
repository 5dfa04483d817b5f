"""Opens a store and says `open`; what else it does is the second word. Run by `test_cut_off.py`.

python opener.py STORE open
"""

from __future__ import annotations

import sys
from pathlib import Path

from intake.store import open_store
from scenario.promises import aloud
from scenario.stores import KEY


def main(path: str, what: str) -> None:
    with open_store(Path(path), key=KEY, wait=30):
        aloud(what)


if __name__ == "__main__":
    main(*sys.argv[1:])
