"""Appends to a store until it is killed, and says on standard output what was acknowledged, one line each.

    python writer.py STORE NAME FIRST

`FIRST` is the number of its first submission: the one after the last it knows of, so that the one that was under way
at the last kill is sent again. Lines: `submitted NAME-NUMBER`, `kept DRAFT OP`, `closed DRAFT` with the draft that
is replaced by the next submission.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from intake.store import open_store
from scenario.stores import KEY, published, submission


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main(path: str, name: str, first: str) -> None:
    with open_store(Path(path), key=KEY, wait=30) as store:
        number = int(first)
        while True:
            sent = replace(submission(number, subject=f"{name}-{number % 7}"), id=f"{name}-{number}")
            if number % 3:
                store.append(sent)
            else:
                draft = store.journal.start(published().hash, "08235007", name, "de")
                for step in (1, 2):
                    payload = {"op": "answer", "path": "/data/a", "value": f"{name}-{number}-{step}"}
                    store.journal.record(draft.id, f"op-{step}", step, payload)
                    say("kept", draft.id, f"op-{step}")
                say("closing", draft.id)
                store.journal.submit(draft.id, sent)
            say("submitted", sent.id)
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
