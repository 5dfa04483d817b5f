"""A second person of a household: what both share (column `shared`) is taken over from the first one's record.

The draft it makes is one of a new case, with a pseudonym of its own. What was taken over is marked on screen and can be
changed like any answer; nothing else of the first person comes along. A repeat that is asked only because of what was
taken over (the children, where there are minors in the household) begins without an entry: whoever the first person
named is entered there already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from intake.how import answers_at
from intake.interview.description import Json
from intake.interview.newcase import makes_cases
from intake.store import Entry, Store
from intake.submission import Record
from validation.form import Form
from validation.instance import Instance

SHARED, HOUSEHOLD = "shared", "household"


def shared_of(form: Form) -> frozenset[str]:
    """The nodesets of what a household has in common and a draft can hold: files are not taken over."""
    files = {control.nodeset for control in form.controls() if control.kind == "upload"}
    marked = {nodeset for nodeset, bind in form.binds.items() if bind.columns.get(SHARED) == HOUSEHOLD}
    return frozenset(marked - files)


def head_of(entries: Sequence[Entry], forms: Mapping[str, Form]) -> Entry | None:
    """The latest of a case's entries, the last received first, from which a second person can be begun; None where the
    case has none. `forms` {id: the form as it is offered now}."""
    fits = {name for name, form in forms.items() if makes_cases(form) and shared_of(form)}
    return next((each for each in entries if each.form_id in fits), None)


def taken_over(store: Store, head: Entry, form: Form) -> dict[str, str]:
    """{path: answer} of what is taken over from an entry into a form. StoreError as the store."""
    record = store.history(head.submission)[-1].record
    return dict(_shared(record, shared_of(form)))


def asked_lists(instance: Instance) -> frozenset[str]:
    """The nodesets of the repeats that are asked now and whose entries people add themselves; none inside another."""
    own = {name for name, each in instance.form.repeats.items() if each.count is None and not each.fixed}
    outer = {name for name in own if not any(name.startswith(f"{other}/") for other in instance.form.repeats)}
    return frozenset(name for name in outer if instance.relevant(name))


def empty_entries(instance: Instance, before: frozenset[str], brought: Mapping[str, str]) -> list[Json]:
    """The operations that take away the entries nobody was named in: of repeats that were not asked `before` answers
    were taken over, and got none of them (`brought`)."""
    return [
        {"op": "remove_repeat", "path": entry, "brought": True}
        for name in sorted(asked_lists(instance) - before)
        if not any(path.startswith(f"{name}[") for path in brought)
        for entry in reversed(instance.entries(name))
    ]


def _shared(record: Record, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    for nodeset, path, value in answers_at(record):
        if value and nodeset in wanted:
            yield path, value
