"""Where a fault of each kind can be planted in one cell: changes, each a fault by how the form is written.

No judge is asked whether a change is a fault. What is relevant and which choices are offered is asked of a live
interview, because that is what an interviewer would see.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from intake.simulation.ground import Fault, Ground, Spot, replaced
from intake.simulation.limits import Limit
from validation.layout import Column, Table, choice_values

Finder = Callable[[Ground], Iterator[Fault]]

MISSING = "__missing"
NO_CHOICE = "gibt_es_nicht"
BELL = "\u0007"
ALWAYS = frozenset({"true()", "1"})
_WRONG = {
    "int": "zwölf", "decimal": "1,5", "date": "31.12.2020", "dateTime": "gestern", "time": "25 Uhr",
    "geopoint": "beim Rathaus", "boolean": "vielleicht",
}  # fmt: skip


def wrong_type(kind: str) -> Finder:
    """A text that is none of the type."""

    def find(ground: Ground) -> Iterator[Fault]:
        columns = ground.columns(lambda column: column.type == kind and not _chosen(ground, column))
        for spot in ground.spots(columns, filled=True):
            yield replaced(spot, _WRONG[kind])

    return find


def control_character(ground: Ground) -> Iterator[Fault]:
    """A character that no submission can hold."""
    columns = ground.columns(lambda column: column.type == "string" and not _chosen(ground, column))
    for spot in ground.spots(columns, filled=True):
        yield replaced(spot, f"{_said(ground, spot)}{BELL}")


def off_scale(ground: Ground) -> Iterator[Fault]:
    """A number beyond the ends of a range question."""
    for spot in ground.spots(ground.columns(lambda column: _kind(ground, column) == "range"), filled=True):
        end = ground.controls[spot.column.nodeset].attributes.get("end", "")
        if re.fullmatch(r"-?\d+(\.\d+)?", end):
            yield replaced(spot, _number(float(end) + 100, spot.column))


# --- choices


def unknown_choice(ground: Ground) -> Iterator[Fault]:
    """A value that the list does not have."""
    for spot in ground.spots(ground.columns(lambda column: _kind(ground, column) == "select1"), filled=True):
        yield replaced(spot, NO_CHOICE)


def one_unknown_among_many(ground: Ground) -> Iterator[Fault]:
    """One value that the list does not have, beside good ones."""
    for spot in ground.spots(ground.columns(lambda column: _kind(ground, column) == "select"), filled=True):
        yield replaced(spot, f"{_said(ground, spot)} {NO_CHOICE}")


def _not_offered(ground: Ground, *, reasons: bool) -> Iterator[Fault]:
    def fits(column: Column) -> bool:
        is_reason = column.nodeset.endswith(MISSING)
        itemset = ground.controls[column.nodeset].itemset
        filtered = itemset is not None and "[" in itemset.nodeset.source
        return filtered and is_reason == reasons and _kind(ground, column) == "select1"

    for spot in ground.spots(ground.columns(fits), filled=True):
        instance, path = ground.live(spot)
        offered = {value for value, _ in instance.choices(path)}
        others = sorted((choice_values(ground.form, spot.column.nodeset) or frozenset()) - offered)
        if others and offered:
            yield replaced(spot, ground.rng.choice(others))


def filtered_out(ground: Ground) -> Iterator[Fault]:
    """A value of the list that the filter does not offer in this record."""
    yield from _not_offered(ground, reasons=False)


def reason_not_offered(ground: Ground) -> Iterator[Fault]:
    """A reason for a missing answer that this question does not know."""
    yield from _not_offered(ground, reasons=True)


def beside_none(ground: Ground) -> Iterator[Fault]:
    """The choice that stands for itself ('none of these'), together with another one."""
    for spot, limit in _limited(ground, lambda limit: limit.kind == "alone"):
        others = sorted((choice_values(ground.form, spot.column.nodeset) or frozenset()) - {str(limit.bound)})
        if others:
            yield replaced(spot, f"{limit.bound} {ground.rng.choice(others)}")


def undemanded_choice(ground: Ground) -> Iterator[Fault]:
    """Another choice than the one that the rule demands."""
    for spot, limit in _limited(ground, lambda limit: (limit.kind, limit.relation) == ("text", "=")):
        others = sorted((choice_values(ground.form, spot.column.nodeset) or frozenset()) - {str(limit.bound)})
        if others:
            yield replaced(spot, ground.rng.choice(others))


# --- required and relevant


def _demanded(column: Column) -> bool:
    """Demanded whenever it is asked, unless a reason is given."""
    rule = column.bind.required.source.strip() if column.bind.required else ""
    return rule in ALWAYS or re.fullmatch(rf"\S*{re.escape(_name(column))}{MISSING}\s*=\s*''", rule) is not None


def _emptied(ground: Ground, *, inside: bool) -> Iterator[Fault]:
    columns = [each for each in ground.columns(_demanded) if (each[0].parent is not None) == inside]
    for spot in ground.spots(columns, filled=True):
        yield replaced(spot, None)


def required_emptied(ground: Ground) -> Iterator[Fault]:
    """A demanded answer of the record that is not there."""
    yield from _emptied(ground, inside=False)


def required_in_entry(ground: Ground) -> Iterator[Fault]:
    """A demanded answer of an entry that is not there."""
    yield from _emptied(ground, inside=True)


def _hidden(ground: Ground, *, own: bool, inside: bool) -> Iterator[Fault]:
    columns = [
        each
        for each in ground.columns(lambda column: not column.nodeset.endswith(MISSING))
        if (each[0].parent is not None) == inside and (each[1].bind.relevant is not None) == own
    ]
    columns = [each for each in columns if _somewhere(ground, *each)]
    for spot in ground.spots(columns, filled=False):
        instance, path = ground.live(spot)
        if not instance.relevant(path) and (not own or instance.relevant(path.rpartition("/")[0])):
            yield replaced(spot, _somewhere(ground, spot.table, spot.column))


def _somewhere(ground: Ground, table: Table, column: Column) -> str | None:
    """An answer that somebody gave to a question."""
    return next((text for text in ground.cells[table.name][column.name] if text is not None), None)


def irrelevant_answered(ground: Ground) -> Iterator[Fault]:
    """An answer to a question that is not asked."""
    yield from _hidden(ground, own=True, inside=False)


def irrelevant_group_answered(ground: Ground) -> Iterator[Fault]:
    """An answer in a section that is not asked."""
    yield from _hidden(ground, own=False, inside=False)


def irrelevant_in_entry(ground: Ground) -> Iterator[Fault]:
    """An answer to a question that this entry is not asked."""
    yield from _hidden(ground, own=True, inside=True)


def reason_and_value(ground: Ground) -> Iterator[Fault]:
    """A reason for a missing answer beside the answer."""
    for spot in ground.spots(ground.columns(), filled=True):
        reason = ground.column_of(f"{spot.column.nodeset}{MISSING}")
        if reason is not None and ground.text(reason[0], reason[1].name, spot.row) is None:
            known = sorted(choice_values(ground.form, reason[1].nodeset) or frozenset())
            yield replaced(Spot(*reason, spot.row), ground.rng.choice(known))


# --- constraints


def _limited(ground: Ground, fits: Callable[[Limit], object]) -> Iterator[tuple[Spot, Limit]]:
    """Answered cells with each limit of their constraint that fits."""
    wanted = {
        column.nodeset: [limit for limit in ground.limits(column) if fits(limit)] for _, column in ground.columns()
    }
    for spot in ground.spots(ground.columns(lambda column: wanted[column.nodeset]), filled=True):
        yield spot, ground.rng.choice(wanted[spot.column.nodeset])


def beyond(*, low: bool) -> Finder:
    """A number beyond a fixed end."""

    def find(ground: Ground) -> Iterator[Fault]:
        signs = (">", ">=") if low else ("<", "<=")
        fits = lambda limit: (limit.subject, limit.kind) == ("value", "number") and limit.relation in signs  # noqa: E731
        for spot, limit in _limited(ground, fits):
            if spot.column.type in ("int", "decimal"):
                yield replaced(spot, _number(float(limit.bound) + (-1 if low else 1), spot.column))

    return find


def text_beyond(*, short: bool) -> Finder:
    """A text that is too short, resp. too long."""

    def find(ground: Ground) -> Iterator[Fault]:
        signs = (">", ">=") if short else ("<", "<=")
        fits = lambda limit: (limit.subject, limit.kind) == ("length", "number") and limit.relation in signs  # noqa: E731
        for spot, limit in _limited(ground, fits):
            length = int(limit.bound) + (-1 if short else 1)
            if length > 0:
                yield replaced(spot, "x" * length)

    return find


def against_pattern(ground: Ground) -> Iterator[Fault]:
    """A text that does not look as it should."""
    for spot, limit in _limited(ground, lambda limit: limit.kind == "pattern"):
        if not re.search(str(limit.bound), "?? 1"):
            yield replaced(spot, "?? 1")


def in_the_future(ground: Ground) -> Iterator[Fault]:
    """A day after the interview, where it should be past."""
    for spot, _ in _limited(ground, lambda limit: limit.kind == "today" and limit.relation in ("<", "<=")):
        if spot.column.type == "date":
            day = ground.end_of(spot).date() + dt.timedelta(ground.rng.randint(2, 400))
            yield replaced(spot, day.isoformat())


def _against_question(ground: Ground, kinds: tuple[str, ...], *, across: bool) -> Iterator[tuple[Spot, Limit, str]]:
    """Answered cells, the limit another question sets, and what that question says."""
    for spot, limit in _limited(ground, lambda limit: limit.kind == "question" and limit.relation in "<=>="):
        other = ground.other(spot, str(limit.bound))
        if other is None or spot.column.type not in kinds or other.column.type not in kinds:
            continue
        text = ground.text(other.table, other.column.name, other.row)
        if text is not None and (other.table.name != spot.table.name) == across:
            yield spot, limit, text


def _misordered_days(ground: Ground, *, across: bool) -> Iterator[Fault]:
    for spot, limit, text in _against_question(ground, ("date",), across=across):
        shift = ground.rng.randint(1, 30) * (-1 if limit.relation in (">", ">=") else 1)
        yield replaced(spot, (dt.date.fromisoformat(text) + dt.timedelta(shift)).isoformat())


def days_out_of_order(ground: Ground) -> Iterator[Fault]:
    """A day before (or after) the day it should follow (or precede), in the same record."""
    yield from _misordered_days(ground, across=False)


def entry_against_record(ground: Ground) -> Iterator[Fault]:
    """A day of an entry that does not fit a day of the record around it."""
    yield from _misordered_days(ground, across=True)


def numbers_out_of_order(ground: Ground) -> Iterator[Fault]:
    """A number beyond another answer of the record that bounds it."""
    for spot, limit, text in _against_question(ground, ("int", "decimal"), across=False):
        more = -1 if limit.relation in (">", ">=") else 1
        yield replaced(spot, _number(float(text) + more, spot.column))


def sum_that_differs(ground: Ground) -> Iterator[Fault]:
    """A total that is not what its entries add up to."""
    for spot, limit in _limited(ground, lambda limit: limit.kind == "sum"):
        added = ground.column_of(str(limit.bound))
        if added is not None and spot.table.parent is None:
            rows = ground.entries(added[0], spot.row)
            texts = (ground.text(added[0], added[1].name, row) for row in rows)
            total = sum(float(text) for text in texts if text is not None)
            yield replaced(spot, _number(total + (-1 if limit.relation in (">", ">=") else 1), spot.column))


# --- small


def first_of_a_section(ground: Ground) -> Iterator[Fault]:
    """The first demanded answer of a section that is not there."""
    first: dict[str, str] = {}
    for _, column in ground.columns(_demanded):
        first.setdefault(column.nodeset.rpartition("/")[0], column.nodeset)
    chosen = set(first.values())
    for spot in ground.spots(ground.columns(lambda column: column.nodeset in chosen), filled=True):
        if spot.table.parent is None:
            yield replaced(spot, None)


def is_free(ground: Ground, column: Column) -> bool:
    """Whether a question has no rule, and nothing else in the form reads it but its own reason of a missing answer."""
    others = ground.readers.get(column.nodeset, set()) - {column.nodeset, f"{column.nodeset}{MISSING}"}
    bind = column.bind
    return not others and bind.constraint is None and bind.relevant is None and bind.required is None


def _said(ground: Ground, spot: Spot) -> str:
    return ground.text(spot.table, spot.column.name, spot.row) or ""


def _name(column: Column) -> str:
    return column.nodeset.rpartition("/")[2]


def _kind(ground: Ground, column: Column) -> str:
    return ground.controls[column.nodeset].kind


def _chosen(ground: Ground, column: Column) -> bool:
    return _kind(ground, column) in ("select1", "select", "rank")


def _number(value: float, column: Column) -> str:
    return str(int(value)) if column.type == "int" or value == int(value) else repr(round(value, 6))
