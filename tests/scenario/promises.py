"""What a program does with a store, what it says once it is done, and whether the store keeps it.

Each step of `work` is one number of one writer. It says, one line each, what the store has acknowledged:

    kept DRAFT OP | attached DRAFT FILE | closing DRAFT (what follows replaces it) | submitted ID | corrected ID
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from intake.store import Store
from intake.submission import Record, Submission
from scenario.stores import published, submission

Say = Callable[..., None]

SCAN = b"scan " * 400


def aloud(*words: str) -> None:
    """Say a line on standard output, at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def sent(name: str, number: int) -> Submission:
    """The first version of submission `number` of a writer."""
    filled: Record = {"/data/a": str(number), "/data/b": f"{name} " * (number % 11 * 90)}
    if number % 3 == 0:
        filled["/data/c"] = f"{number}.png"
    return replace(submission(number, subject=f"{name}-{number % 7}", record=filled), id=f"{name}-{number}")


def corrected(name: str, number: int) -> Submission:
    first = sent(name, number)
    return replace(first, version=2, reason="Tippfehler", record={**first.record, "/data/a": f"{number} neu"})


def work(store: Store, name: str, number: int, say: Say) -> None:
    """Hand in submission `number`, every third one through a draft with a file, and correct every fifth."""
    ours = sent(name, number)
    if number % 3:
        store.append(ours)
    else:
        draft = store.journal.start(published().hash, "08235007", name, "de")
        for step in (1, 2):
            payload = {"op": "answer", "path": "/data/a", "value": f"{name}-{number}-{step}"}
            store.journal.record(draft.id, f"op-{step}", step, payload)
            say("kept", draft.id, f"op-{step}")
        store.attachments.put(draft.id, f"{number}.png", SCAN)
        say("attached", draft.id, f"{number}.png")
        say("closing", draft.id)
        store.journal.submit(draft.id, ours)
    say("submitted", ours.id)
    if number % 5 == 0:
        store.append(corrected(name, number))
        say("corrected", ours.id)


def broken(store: Store, lines: Iterable[Sequence[str]], names: Sequence[str] = ("a", "b")) -> list[str]:
    """What a store does not keep of what was said, and what it holds that was never sent; empty when all is well."""
    said = {tuple(line) for line in lines}
    latest = {one.id: one for one in store.submissions()}
    handed_in = {line[1] for line in said if line[0] in ("submitted", "corrected")}
    wrong = [f"lost submitted {one}" for one in handed_in - set(latest)]
    if store.count() != len(latest) or len(store.entries()) != sum(one.version for one in latest.values()):
        wrong.append("doubled")
    for one in latest.values():
        name, _, number = one.id.partition("-")
        versions = [sent(name, int(number)), corrected(name, int(number))][: one.version]
        if name not in names or [_said(each) for each in store.history(one.id)] != [_said(each) for each in versions]:
            wrong.append(f"other {one.id}")
        if ("corrected", one.id) in said and one.version != 2:
            wrong.append(f"lost corrected {one.id}")
        handed_over = [store.attachments.content(one.id, file.name) for file in store.attachments.listed(one.id)]
        if handed_over != ([] if int(number) % 3 else [SCAN]):
            wrong.append(f"other file {one.id}")
    closing = {line[1] for line in said if line[0] == "closing"}
    drafts = {draft.id for draft in store.journal.drafts()}
    kept = {("kept", draft, op.op_id) for draft in drafts for op in store.journal.replay(draft)}
    kept |= {("attached", draft, file.name) for draft in drafts for file in store.attachments.listed(draft)}
    wrong += [f"lost {line}" for line in said - kept if line[0] in ("kept", "attached") and line[1] not in closing]
    for draft in closing - drafts:  # gone: then it became what it was to become
        if store.journal.became(draft) not in latest:
            wrong.append(f"lost draft {draft}")
    return sorted(wrong)


def _said(one: Submission) -> tuple[object, ...]:
    return one.id, one.version, one.record, one.subject, one.author, one.reason, one.municipality
