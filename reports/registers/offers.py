"""Offers: what runs, what exists, what lacks by field of action; who took part, as numbers.

Who takes part in an offer for a religious group is only counted: a pseudonym there, which the form does not ask for, is
one person more and no more than that. Which offers these are is printed nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.disclosure import protect, things
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.reading import Registers, Row, Scope, day, holds, many, text, whole
from validation.layout import KEY

FORMS = ("angebot", "kommunaler_plan")
CLASSES = ("general", "special")
PLAN, YES, UNLISTED = "kommunaler_plan", "ja", ""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody, or some people without names, on a day. `person` is '' where only `count` is known."""

    date: dt.date | None
    person: str
    count: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer, or one that lacks (`is_gap`). `start` to `end`: first to last day."""

    ags: str
    number: str
    name: str
    kind: str
    fields: tuple[str, ...]
    is_gap: bool
    is_religious: bool
    start: dt.date | None
    end: dt.date | None
    places: int | None
    volunteers: int | None
    open_to_all: str
    attendances: tuple[Attendance, ...]

    def runs(self, on: dt.date) -> bool:
        return not self.is_gap and self.start is not None and holds(self.start, self.end, on)

    def state(self, on: dt.date) -> str:
        """gap, runs, planned or ended."""
        if self.is_gap:
            return "gap"
        if self.runs(on):
            return "runs"
        return "planned" if self.start is None or self.start > on else "ended"


def offers(registers: Registers) -> tuple[Offer, ...]:
    """All offers, by town and number."""
    found = (_offer(row, registers) for row in registers.rows("angebot"))
    return tuple(sorted(found, key=lambda each: (each.ags, each.number)))


def _offer(row: Row, registers: Registers) -> Offer:
    religious = text(row, "zielgruppe-religioes") == YES
    return Offer(
        ags=text(row, "angebot-gemeinde"), number=text(row, "angebot-id"), name=text(row, "angebot-bezeichnung"),
        kind=text(row, "angebot-art"), fields=many(row, "angebot-felder"), is_gap=text(row, "angebot-luecke") == YES,
        is_religious=religious, start=day(row, "ablauf-ab"), end=day(row, "ablauf-bis"),
        places=whole(row, "ablauf-plaetze"), volunteers=whole(row, "ablauf-ehrenamtliche"),
        open_to_all=text(row, "zielgruppe-offen_fuer_alle"),
        attendances=tuple(_attendance(each, religious) for each in registers.below("angebot-teilnahme", row[KEY])),
    )  # fmt: skip


def _attendance(row: Row, is_religious: bool) -> Attendance:
    person = text(row, "person")
    if person:
        return Attendance(day(row, "teilnahme_datum"), "" if is_religious else person, 1)
    return Attendance(day(row, "teilnahme_datum"), "", whole(row, "anzahl") or 0)


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of offers. Towards council and public: offers by field, attendances protected."""
    mine = [each for each in offers(registers) if each.ags in scope.towns]
    fields = _fields(registers, scope, mine)
    if scope.outward:
        knows_all = "special" not in registers.closed  # else nobody can tell which offers are not to be counted
        return (fields, _safe_attendances(registers, scope, mine)) if knows_all else (fields,)
    return fields, _status_analysis(registers, scope), _each(registers, scope, mine), _attendances(scope, mine)


def _field_labels(registers: Registers, scope: Scope, found: Sequence[Offer]) -> Mapping[str, str]:
    labels = registers.labels("angebot", "angebot-felder", scope.language)
    return {
        code: labels.get(code, code) for code in dict.fromkeys((*labels, *(c for each in found for c in each.fields)))
    }


def _fields(registers: Registers, scope: Scope, found: Sequence[Offer]) -> Listing:
    """How many offers a field has in which state; an offer for several fields counts in each."""
    labels = _field_labels(registers, scope, found)
    states = ("runs", "planned", "ended", "gap")
    counts: dict[str, dict[str, int | None]] = {
        code: {name: sum(code in each.fields and each.state(scope.date) == name for each in found) for name in states}
        for code in labels
    }  # fmt: skip
    columns = {state: scope.say(f"head_{state}") for state in states}
    table = things(
        counts, key="fields", title=scope.say("title_fields"), columns=columns, labels=labels, total=False,
        stub=scope.say("head_field"), language=scope.language,
    )  # fmt: skip
    bare = [labels[code] for code in labels if not counts[code]["runs"]]
    notes = [scope.say("note_fields")]
    if bare and found:
        notes.append(scope.say("fields_without", fields=", ".join(bare)))
    return of_safe(table, tuple(notes))


def _status_analysis(registers: Registers, scope: Scope) -> Listing:
    """What the newest municipal plan of each chosen town says of its fields."""
    ratings = registers.labels(f"{PLAN}-handlungsfeld", "ist_bewertung", scope.language)
    fields = registers.labels(f"{PLAN}-handlungsfeld", "feld", scope.language)
    rows: list[tuple[Value, ...]] = []
    for ags in scope.towns:
        plans = [row for row in registers.rows(PLAN) if row.get("plan-gemeinde") == ags]
        newest = max(plans, key=lambda row: text(row, "plan-id"), default=None)
        for each in registers.below(f"{PLAN}-handlungsfeld", newest[KEY]) if newest is not None else ():
            said = [each.get(name, "") for name in ("ist_laeuft", "ist_vorhanden", "ist_fehlt")]
            if any(said):
                code, rating = text(each, "feld"), text(each, "ist_bewertung")
                field = each.get("feld_name") or fields.get(code, code)
                rows.append((scope.name(ags), field, *said, ratings.get(rating, rating), day(each, "ist_stand")))
    names = ("town", "field", "going_well", "existing", "lacking", "rating", "as_of")
    heads = tuple(text_head(name, scope.say(f"head_{name}")) for name in names)
    return Listing("status", scope.say("title_status"), heads, tuple(rows), empty=scope.say("no_status"))


def _each(registers: Registers, scope: Scope, found: Sequence[Offer]) -> Listing:
    labels = _field_labels(registers, scope, found)
    kinds = registers.labels("angebot", "angebot-art", scope.language)
    opened = registers.labels("angebot", "zielgruppe-offen_fuer_alle", scope.language)
    rows = tuple(
        (f"{each.number} {each.name}", scope.name(each.ags), kinds.get(each.kind, each.kind),
         ", ".join(labels[code] for code in each.fields), scope.say(f"state_{each.state(scope.date)}"), each.start,
         each.end, each.places, each.volunteers, opened.get(each.open_to_all, ""))
        for each in found
    )  # fmt: skip
    heads = (
        text_head("offer", scope.say("head_offer")), text_head("town", scope.say("head_town")),
        text_head("kind", scope.say("head_kind")), text_head("fields", scope.say("head_fields")),
        text_head("state", scope.say("head_state")), text_head("start", scope.say("head_from")),
        text_head("end", scope.say("head_until")), Head("places", scope.say("head_places")),
        Head("volunteers", scope.say("head_volunteers")), text_head("open", scope.say("head_open")),
    )  # fmt: skip
    return Listing("offers", scope.say("title_offers"), heads, rows, empty=scope.say("no_offers"))


def _of_year(each: Offer, scope: Scope) -> list[Attendance]:
    return [a for a in each.attendances if a.date and a.date.year == scope.date.year and a.date <= scope.date]


def _attendances(scope: Scope, found: Sequence[Offer]) -> Listing:
    """A row an offer that counts: days, persons with a pseudonym (each once), and people who were only counted."""
    rows: list[tuple[Value, ...]] = []
    everybody: set[str] = set()
    for each in found:
        attended = _of_year(each, scope)
        if attended:
            persons = {a.person for a in attended if a.person}
            everybody |= persons
            visits, counted = sum(1 for a in attended if a.person), sum(a.count for a in attended if not a.person)
            days = len({a.date for a in attended})
            rows.append((f"{each.number} {each.name}", scope.name(each.ags), days, len(persons), visits, counted))
    if len(rows) > 1:
        sums = [sum(int(str(row[at])) for row in rows) for at in (2, 4, 5)]
        rows.append((scope.say("total"), "", sums[0], len(everybody), *sums[1:]))
    heads = (
        text_head("offer", scope.say("head_offer")), text_head("town", scope.say("head_town")),
        Head("days", scope.say("head_days")), Head("persons", scope.say("head_persons")),
        Head("visits", scope.say("head_visits")), Head("counted", scope.say("head_counted")),
    )  # fmt: skip
    return Listing(
        "attendances", scope.say("title_attendances", year=scope.date.year), heads, tuple(rows),
        (scope.say("note_attendances"),), total=len(rows) > 1, empty=scope.say("no_attendances"),
    )  # fmt: skip


def _safe_attendances(registers: Registers, scope: Scope, found: Sequence[Offer]) -> Listing:
    """Attendances by kind of offer. Offers for a religious group are in none of them."""
    kinds = registers.labels("angebot", "angebot-art", scope.language)
    open_ones = [each for each in found if not each.is_religious]
    counts: dict[str, int] = {}
    persons: dict[str, int] = {}
    for code in dict.fromkeys((*kinds, *(each.kind for each in open_ones))):
        attended = [a for each in open_ones if each.kind == code for a in _of_year(each, scope)]
        counts[code] = sum(a.count for a in attended)
        anonymous = max((a.count for a in attended if not a.person), default=0)
        persons[code] = max(len({a.person for a in attended if a.person}), anonymous)
    table = protect(
        counts, scope.policy, key="attendances", title=scope.say("title_attendances", year=scope.date.year),
        labels=kinds, column=scope.say("head_attendances"), stub=scope.say("head_kind"), language=scope.language,
        persons=persons,
    )  # fmt: skip
    return of_safe(table, (scope.say("note_safe_attendances"),))
