"""How the answers of a follow-up came about: confirmed, changed, corrected or new. It stands with the answer itself.

In a record it is an attribute of the question, '/data/fall/deutsch/@lb:how'. So it lies sealed in the class of its
question, moves with the entry it is in, crosses the border to XML, and goes wherever the answer goes; it is no answer
and no column of a table unless somebody asks for it.

    confirmed   the answer of before holds
    changed     life went on: the answer of before was right then
    corrected   the answer of before was wrong
    new         nothing was known before, or it was asked afresh

An answer that was carried over without being asked has none, and where there is no answer there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intake.submission import Record
from validation.form import Form
from validation.xform import LB

HOWS = ("confirmed", "changed", "corrected", "new")


def with_how(record: Record, how: Mapping[str, str], form: Form) -> Record:
    """A copy of a record that says of the answers at these paths ('/data/kind[2]/alter') how they came about, and of no
    others. Paths at which there is no answer are left out."""
    return _placed(record, how, mark_of(form), "", "")


def how_of(record: Record, form: Form) -> dict[str, str]:
    """{path: how} of every answer of a record that says it; the inverse of `with_how`."""
    mark = mark_of(form)
    return {
        path.removesuffix(mark): value
        for key, path, value in answers_at(record)
        if key.endswith(mark) and value in HOWS
    }


def answers_at(record: Record, nodeset: str = "", path: str = "") -> Iterator[tuple[str, str, str]]:
    """(key, path, text) of everything a record says, in its order; entries of repeats by their position. The record may
    be an entry, whose keys begin with `nodeset`, at `path`."""
    for key, value in record.items():
        here = path + key[len(nodeset) :]
        if isinstance(value, str):
            yield key, here, value
            continue
        for at, entry in enumerate(value, start=1):
            yield from answers_at(entry, key, f"{here}[{at}]")


def kept(record: Record, before: Record, form: Form) -> Record:
    """A record that came back by a way that carries no `how`, with what was said of the answers that are the same."""
    said = how_of(before, form)
    if not said or how_of(record, form):
        return record
    old, new = ({path: value for _, path, value in answers_at(each)} for each in (before, record))
    return with_how(record, {path: how for path, how in said.items() if old[path] == new.get(path)}, form)


def mark_of(form: Form) -> str:
    """What stands behind the key of a question in records of a form: '/@lb:how'."""
    prefix = next((name for name, uri in form.namespaces.items() if uri == LB and name), None)
    return f"/@{prefix}:how" if prefix else f"/@{{{LB}}}how"


def _placed(record: Record, how: Mapping[str, str], mark: str, nodeset: str, path: str) -> Record:
    made: Record = {}
    for key, value in record.items():
        if key.endswith(mark):
            continue
        here = path + key[len(nodeset) :]
        if not isinstance(value, str):
            made[key] = [_placed(each, how, mark, key, f"{here}[{at}]") for at, each in enumerate(value, start=1)]
            continue
        made[key] = value
        if value and (said := how.get(here)):
            made[key + mark] = said
    return made
