"""Organisations one works with, sessions held, and what was decided there.

Who was present is a number of an organisation, never a name. A decision is open until somebody says when it was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reports.disclosure import things
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.reading import Registers, Row, Scope, day, many, text, whole
from reports.wording import day as worded
from validation.layout import KEY

FORMS = ("organisation", "sitzung")
CLASSES = ("general",)
ADOPTED, POSTPONED = "beschlossen", "vertagt"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom to be done until when; `done` None where nobody said."""

    text: str
    outcome: str
    responsible: str
    until: dt.date | None
    done: dt.date | None

    def state(self, on: dt.date) -> str:
        """'done', 'late', 'open', 'postponed', or '' where nothing is to be done."""
        if self.outcome == POSTPONED:
            return "postponed"
        if self.outcome != ADOPTED:
            return ""
        if self.done is not None and self.done <= on:
            return "done"
        return "late" if self.until is not None and self.until < on else "open"


@dataclass(frozen=True, slots=True)
class Session:
    """`present`: number or name of an organisation -> people who came from it."""

    ags: str
    number: str
    kind: str
    date: dt.date
    subject: str
    invited: int | None
    present: tuple[tuple[str, int], ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """As its record says; `met` is the last meeting that is kept there."""

    ags: str
    number: str
    name: str
    kind: str
    fields: tuple[str, ...]
    since: dt.date | None
    met: dt.date | None

    def came(self, sessions: Sequence[Session]) -> list[Session]:
        """The sessions in which somebody from it was present."""
        own = {self.number, self.name}
        return [each for each in sessions if each.ags == self.ags and any(who in own for who, _ in each.present)]


def organisations(registers: Registers) -> tuple[Organisation, ...]:
    """All organisations, by town and number."""
    found = (
        Organisation(
            ags=text(row, "organisation-gemeinde"), number=text(row, "organisation-id"),
            name=text(row, "organisation-bezeichnung"), kind=text(row, "organisation-art"),
            fields=many(row, "organisation-felder"), since=day(row, "organisation-kontakt_seit"),
            met=day(row, "organisation-zuletzt_getroffen"),
        )
        for row in registers.rows("organisation")
    )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.ags, each.number)))


def sessions(registers: Registers) -> tuple[Session, ...]:
    """All sessions with a day, the newest first."""
    dated = ((row, day(row, "sitzung-datum")) for row in registers.rows("sitzung"))
    found = (_session(row, on, registers) for row, on in dated if on is not None)
    return tuple(sorted(found, key=lambda each: (each.date, each.ags, each.number), reverse=True))


def _session(row: Row, on: dt.date, registers: Registers) -> Session:
    present = tuple(
        (text(each, "organisation"), whole(each, "anwesend_zahl") or 0)
        for each in registers.below("sitzung-anwesend", row[KEY])
    )
    decisions = tuple(
        Decision(text(each, "beschluss_text"), text(each, "ergebnis"), text(each, "zustaendig"), day(each, "frist"),
                 day(each, "erledigt_am"))
        for each in registers.below("sitzung-beschluss", row[KEY])
    )  # fmt: skip
    return Session(
        ags=text(row, "sitzung-gemeinde"), number=text(row, "sitzung-id"), kind=text(row, "sitzung-art"), date=on,
        subject=text(row, "sitzung-thema"), invited=whole(row, "sitzung-eingeladen"), present=present,
        decisions=decisions,
    )  # fmt: skip


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of the network. Towards council and public: numbers of organisations, sessions and decisions."""
    known = [each for each in sessions(registers) if each.ags in scope.towns and each.date <= scope.date]
    partners = [each for each in organisations(registers) if each.ags in scope.towns]
    kinds = _kinds(registers, scope, partners)
    if scope.outward:
        return kinds, _outcomes(registers, scope, known)
    return (
        _partners(registers, scope, partners, known), kinds, _sessions(registers, scope, known),
        _outcomes(registers, scope, known), _open(scope, known),
    )  # fmt: skip


def _kinds(registers: Registers, scope: Scope, found: Sequence[Organisation]) -> Listing:
    labels = registers.labels("organisation", "organisation-art", scope.language)
    used = list(dict.fromkeys((*labels, *(each.kind for each in found))))
    counts: dict[str, dict[str, int | None]] = {code: {"n": sum(each.kind == code for each in found)} for code in used}
    table = things(
        {code: row for code, row in counts.items() if row["n"]}, key="kinds", title=scope.say("title_kinds"),
        columns={"n": scope.say("head_organisations")}, labels=labels, stub=scope.say("head_kind"),
        language=scope.language,
    )  # fmt: skip
    return of_safe(table)


def _partners(
    registers: Registers, scope: Scope, found: Sequence[Organisation], held: Sequence[Session]
) -> Listing:  # fmt: skip
    """One row an organisation: since when, when last met (there, or in a session), how often present in the year."""
    kinds = registers.labels("organisation", "organisation-art", scope.language)
    rows: list[tuple[Value, ...]] = []
    for each in found:
        came = each.came(held)
        own = {each.number, each.name}
        of_year = [session for session in came if session.date.year == scope.date.year]
        people = sum(count for session in of_year for who, count in session.present if who in own)
        met = [on for on in (each.met, *(session.date for session in came)) if on is not None and on <= scope.date]
        rows.append((
            f"{each.number} {each.name}", scope.name(each.ags), kinds.get(each.kind, each.kind), each.since,
            max(met, default=None), len(of_year), people,
        ))  # fmt: skip
    heads = (
        text_head("organisation", scope.say("head_organisation")), text_head("town", scope.say("head_town")),
        text_head("kind", scope.say("head_kind")), text_head("since", scope.say("head_contact_since")),
        text_head("met", scope.say("head_met")),
        Head("sessions", scope.say("head_sessions_year", year=scope.date.year)),
        Head("people", scope.say("head_present_year", year=scope.date.year)),
    )  # fmt: skip
    return Listing(
        "organisations", scope.say("title_organisations"), heads, tuple(rows), empty=scope.say("no_partners")
    )


def _sessions(registers: Registers, scope: Scope, held: Sequence[Session]) -> Listing:
    """The sessions of the year."""
    kinds = registers.labels("sitzung", "sitzung-art", scope.language)
    rows = tuple(
        (each.date, scope.name(each.ags), f"{each.number} {each.subject}", kinds.get(each.kind, each.kind),
         each.invited, sum(count for _, count in each.present), len(each.present), len(each.decisions))
        for each in held
        if each.date.year == scope.date.year
    )  # fmt: skip
    heads = (
        text_head("date", scope.say("head_day")), text_head("town", scope.say("head_town")),
        text_head("session", scope.say("head_session")), text_head("kind", scope.say("head_kind")),
        Head("invited", scope.say("head_invited")), Head("present", scope.say("head_attending")),
        Head("organisations", scope.say("head_organisations")), Head("decisions", scope.say("head_decisions")),
    )  # fmt: skip
    return Listing("sessions", scope.say("title_sessions", year=scope.date.year), heads, rows,
                   empty=scope.say("no_sessions"))  # fmt: skip


def _outcomes(registers: Registers, scope: Scope, held: Sequence[Session]) -> Listing:
    """Sessions and decisions of the year by kind of session, and how many decisions are open now."""
    labels = registers.labels("sitzung", "sitzung-art", scope.language)
    rows: dict[str, dict[str, int | None]] = {}
    for code in dict.fromkeys((*labels, *(each.kind for each in held))):
        here = [each for each in held if each.kind == code and each.date.year == scope.date.year]
        decided = [each for session in here for each in session.decisions]
        if here:
            rows[code] = {
                "sessions": len(here), "decisions": len(decided),
                "adopted": sum(each.outcome == ADOPTED for each in decided),
                "open": sum(each.state(scope.date) in ("open", "late", "postponed") for each in decided),
            }  # fmt: skip
    columns = {name: scope.say(f"head_{name}") for name in ("sessions", "decisions", "adopted", "still_open")}
    columns = {"open" if name == "still_open" else name: label for name, label in columns.items()}
    title = scope.say("title_outcomes", year=scope.date.year)
    table = things(rows, key="outcomes", title=title, columns=columns, labels=labels, stub=scope.say("head_kind"),
                   language=scope.language)  # fmt: skip
    return of_safe(table)


def _open(scope: Scope, held: Sequence[Session]) -> Listing:
    """Decisions of any year that are not done, those that are late first."""
    rows = [
        (scope.say(f"decision_{state}"), each.until, scope.name(session.ags),
         f"{session.number}, {worded(session.date, scope.language)}", each.text, each.responsible)
        for session in held
        for each in session.decisions
        if (state := each.state(scope.date)) in ("open", "late", "postponed")
    ]  # fmt: skip
    late = scope.say("decision_late")
    rows.sort(key=lambda row: (row[0] != late, row[1] or dt.date.max))
    names = ("state", "until_done", "town", "session", "decision", "responsible")
    heads = tuple(text_head(name, scope.say(f"head_{name}")) for name in names)
    count = sum(row[0] == late for row in rows)
    alerts = (scope.say("decisions_late", count=count),) if count else ()
    return Listing("open_decisions", scope.say("title_open"), heads, tuple(rows), (), alerts,
                   empty=scope.say("no_open"))  # fmt: skip
