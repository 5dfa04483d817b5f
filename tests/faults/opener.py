"""Opens a store, does one thing with it and says so. Run by `test_cut_off.py`.

python opener.py STORE open
python opener.py STORE erase PERSON
python opener.py STORE rekey PASSPHRASE       its database key is changed
"""

from __future__ import annotations

import sys
from pathlib import Path

from intake.store import open_store
from intake.store.admission import admitted
from intake.store.backup import make_backup
from intake.store.bringing import Brought, brought
from scenario.promises import aloud
from scenario.stores import KEY


def main(path: str, what: str, about: str = "") -> None:
    if what == "rekey":
        with admitted(Path(path), brought(passphrase=about), wait=30) as desk:
            desk.rekey()
    elif what == "backup":
        make_backup(Path(path), Brought(key=KEY), Path(path).with_name(about))
    else:
        with open_store(Path(path), key=KEY, wait=30) as store:
            if what == "erase":
                store.erase(about, reason="Antrag")
    aloud(what)


if __name__ == "__main__":
    main(*sys.argv[1:])
