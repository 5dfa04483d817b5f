"""What of the records goes out: everything, pseudonymous, or public. The class of an answer decides, then its kind.

**full**: every answer the login may open. For the office itself and for who may have persons' data by law.

**pseudonymous**: for evaluation. Still personal data (Art. 4 no. 5 GDPR), and still secret: it follows persons over
time. Of each class but *general* nothing, unless it is asked for (`include`) and the login may open it; an answer that
a stricter choice raises to another class is left out alone. Then by kind:
    dates, date-times     shifted by one number of days a person, 1 to 183 back or forth, drawn from the key: spans,
                          ages and orders within a person hold, days of the calendar don't
    ids                   (the record, the person, `person`, `fallnummer`, `id`, `…_id`, what alone is the id of an
                          entity, and choices that come from no fixed list, as those of entities) replaced by a keyed
                          code (HMAC-SHA-256, 80 bits): the same in every form of an export, meaningless without the
                          key
    texts, places, files  left out; of calculated texts those stay whose every value is a number of up to 6 digits
    choices, numbers, times, yes or no    as they are; what is none of these in such a question is left out alone
    how an answer came about              beside each answer that is shown (`telling.py`)
The key is drawn anew for each export and kept nowhere, unless the caller keeps it; without it nobody can join two
exports or turn a code back.

**public**: for whoever asks. One row a record in random order, without any key; only closed answers of class general
from outside repeats (and not what the program fills in itself, like start and end, nor how they came about), dates as
years, numbers in steps of five. And k-anonymous over *all* columns together: column by column in the form's order,
values that fewer than `least` rows share, among rows that are equal so far, are left out; a column that would lose more
than a tenth of its answers this way is left out whole. So whoever knows a person by any of these answers still stands
before at least `least` rows.
What it doesn't give: all of those rows may have the same answer to what the reader did not know. Counts for reports go
through `reports.protect`, never through this.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from intake.columnar import Places, Sheets, anonymous, identities, only, places, recoded, replaced, shifted, used
from intake.saying import id_questions
from intake.store.division import Division, strictest
from intake.versions import Merged
from validation.datatypes import valid
from validation.errors import DataError
from validation.form import Form
from validation.layout import Column, Table, choice_values, takes_many

FULL, PSEUDONYMOUS, PUBLIC = "full", "pseudonymous", "public"
PROFILES = (FULL, PSEUDONYMOUS, PUBLIC)
GENERAL = "general"

SHIFT = 183
"""Days by which dates of a person move at most."""

LOST = 0.1
"""Share of a column's answers that may be left out before the column is."""

STEP = 5
"""Width of the classes into which numbers are put in public."""

_PSEUDONYMS = ("person", "fallnummer")
_DATED = ("date", "dateTime")
_KEPT = ("int", "decimal", "boolean", "time")
_NUMBER = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?")

Told = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with what it needs. `include` are classes beside *general* (pseudonymous), `key` keeps codes and shifts
    of several exports the same, `least` is the number of equal rows in public."""

    name: str = FULL
    include: frozenset[str] = frozenset()
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    least: int = 10


@dataclass(frozen=True, slots=True)
class Applied:
    """What a profile leaves: tables, sheets, and what is told of the rest (codes of `export.…` with names)."""

    layout: Mapping[str, Table]
    sheets: Sheets
    notes: tuple[Told, ...]


def classes_needed(profile: Profile, versions: Iterable[Form]) -> frozenset[str]:
    """The classes a login must be able to open for what a profile shows of a form."""
    if profile.name == FULL:
        return frozenset().union(*(Division(form).classes for form in versions))
    return frozenset((GENERAL, *(profile.include if profile.name == PSEUDONYMOUS else ())))


def applied(profile: Profile, merged: Merged, sheets: Sheets, versions: Sequence[Form]) -> Applied:
    """Records as the pseudonymous or the public profile shows them; `sheets` are arranged (`intake.versions`).

    DataError 'export.too_few' where there are fewer records than may be published.
    """
    view = _View(profile, merged, versions)
    return _public(view, sheets) if profile.name == PUBLIC else _pseudonymous(view, sheets)


def id_change(profile: Profile, homes: Iterable[tuple[Form, str]]) -> Callable[[str], str] | None:
    """What becomes of the ids of entities at these nodesets of the versions of a form; None where they are left out."""
    if profile.name == FULL:
        return str
    known = [Division(form).class_of(nodeset) for form, nodeset in homes]
    shows = profile.name == PSEUDONYMOUS and strictest(known) in (GENERAL, *profile.include)
    return _Codes(profile.key).code if shows else None


class _View:
    """What of a form is of which class and kind."""

    def __init__(self, profile: Profile, merged: Merged, versions: Sequence[Form]) -> None:
        self.profile = profile
        self.layout = merged.tables
        self._origin = merged.origin
        self._former = merged.former
        self._forms = versions
        self._divisions = [Division(form) for form in versions]
        self._ids = frozenset().union(*map(id_questions, versions))
        self.shown = frozenset((GENERAL, *profile.include)) if profile.name == PSEUDONYMOUS else frozenset((GENERAL,))

    def is_shown(self, column: Column, answer: str = "") -> bool:
        """Whether an answer (any, where none is given) is of a class that is shown: in every version that has the
        question, also by a former name."""
        form, nodeset = self.home(column)
        known = [
            division.class_of(name, answer)
            for other, division in zip(self._forms, self._divisions, strict=True)
            for name in (nodeset, *self._former.get(nodeset, ()))
            if name in other.binds or (other is form and name == nodeset)
        ]
        return strictest(known) in self.shown

    def home(self, column: Column) -> tuple[Form, str]:
        return self._origin.get(column.nodeset, (self._forms[0], column.nodeset))

    def choices(self, column: Column) -> frozenset[str] | None:
        """The values of a fixed list; None where the question has none."""
        form, nodeset = self.home(column)
        return choice_values(form, nodeset)

    def is_id(self, column: Column) -> bool:
        """Whether the answer names somebody or something by itself."""
        nodeset, name = self.home(column)[1], self.name(column)
        return name in (*_PSEUDONYMS, "id") or name.endswith("_id") or nodeset in self._ids

    def is_closed(self, column: Column) -> bool:
        """Whether the question is answered from a list of choices, whatever list."""
        form, nodeset = self.home(column)
        control = form.control(nodeset)
        return control is not None and control.kind in ("select1", "select", "rank")

    def name(self, column: Column) -> str:
        """The last name of the question."""
        return self.home(column)[1].rpartition("/")[2]

    def cleaned(self, table: Table, column: Column, sheets: Sheets) -> tuple[Sheets, int, int]:
        """Sheets without the answers that are of a class that is not shown, and without those that are none to the
        question (free text where a choice or a number should be); how many went of each."""
        found, codes = used(sheets, table.nodeset, column.nodeset)
        raised = [at for at, answer in enumerate(found) if not self.is_shown(column, answer)]
        odd = [at for at, answer in enumerate(found) if at not in raised and not self._fits(column, answer)]
        if not raised and not odd:
            return sheets, 0, 0
        gone = {found[at] for at in (*raised, *odd)}
        made = recoded(sheets, table.nodeset, column.nodeset, lambda text, _: None if text in gone else text)
        return made, int(np.isin(codes, raised).sum()), int(np.isin(codes, odd).sum())

    def _fits(self, column: Column, answer: str) -> bool:
        if column.type in (*_DATED, *_KEPT) and not valid(answer, column.type):
            return False
        if not self.is_closed(column):
            return True
        choices = self.choices(column)
        many = takes_many(*self.home(column))
        return choices is None or (choices.issuperset(answer.split()) if many else answer in choices)


# --- pseudonymous


def _pseudonymous(view: _View, sheets: Sheets) -> Applied:
    codes = _Codes(view.profile.key)
    root, *_ = sheets
    days = _days(sheets, root, codes)
    sheets = shifted(sheets, days)
    for name in ("#id", "#subject"):
        sheets = recoded(sheets, root, name, codes.code)
    tables: dict[str, Table] = {}
    left, coded = list[str](), list[str]()
    blank: dict[tuple[str, str], int] = {}
    for table in view.layout.values():
        columns = []
        moves = _moves(view, table, sheets, codes, days)
        for column in table.columns:
            change = _change(view, table, column, sheets, codes)
            if change is None:
                left.append(column.name)
                continue
            if change != codes.code:
                sheets, raised, odd = view.cleaned(table, column, sheets)
                blank |= {("export.raised", column.name): raised, ("export.odd", column.name): odd}
            if change in (codes.code, codes.each):
                coded.append(column.name)
            if change is not _same:
                sheets = recoded(sheets, table.nodeset, column.nodeset, change, moves if change is _moved else None)
            columns.append(column)
        tables[table.name] = replace(table, columns=tuple(columns))
    kept = {table.nodeset: [column.nodeset for column in table.columns] for table in tables.values()}
    return Applied(tables, only(sheets, kept), tuple(_told(left, coded, blank)))


Change = Callable[[str, int], str | None]


def _change(view: _View, table: Table, column: Column, sheets: Sheets, codes: _Codes) -> Change | None:
    """What becomes of the texts of a column; None where it is left out."""
    if view.name(column) in _PSEUDONYMS or (view.is_shown(column) and view.is_id(column)):
        return codes.code
    if not view.is_shown(column):
        return None
    if column.type in _DATED:
        return _moved
    if column.type in _KEPT:
        return _same
    if view.is_closed(column):
        return _same if view.choices(column) is not None else codes.each
    is_number = column.bind.calculate is not None and all(
        _NUMBER.fullmatch(text) for text in used(sheets, table.nodeset, column.nodeset)[0]
    )
    return _same if is_number else None


def _same(text: str, _: int) -> str:
    return text


def _moved(text: str, days: int) -> str | None:
    """A date, or the date of a date-time, so many days later; None where it is none or leaves the calendar."""
    try:
        return f"{(dt.date.fromisoformat(text[:10]) + dt.timedelta(days=days)).isoformat()}{text[10:]}"
    except (ValueError, OverflowError):
        return None


class _Codes:
    """Keyed codes and shifts."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _digest(self, about: str, text: str) -> bytes:
        return hmac.new(self._key, f"{about}\0{text}".encode(), hashlib.sha256).digest()

    def code(self, text: str, _: int = 0) -> str:
        return self._digest("id", text)[:10].hex()

    def each(self, text: str, _: int = 0) -> str:
        """Of several values each one's."""
        return " ".join(map(self.code, text.split()))

    def days(self, person: str) -> int:
        """From -183 to 183, never 0."""
        drawn = int.from_bytes(self._digest("days", person)[:8]) % (2 * SHIFT) - SHIFT
        return drawn if drawn < 0 else drawn + 1


def _days(sheets: Sheets, root: str, codes: _Codes) -> Places:
    """By how much the dates of each record move: of records about nobody each by its own."""
    records = identities(sheets)
    found, persons = used(sheets, root, "#subject")
    drawn = {person: codes.days(person) for person in found}
    return np.array(
        [codes.days(records[at]) if person < 0 else drawn[found[person]] for at, person in enumerate(persons.tolist())],
        dtype=np.int64,
    )


def _moves(view: _View, table: Table, sheets: Sheets, codes: _Codes, days: Places) -> Places:
    """By how much the dates of each row move: as its record, but where an entry is about a person of its own (a
    question `person` in a repeat) as that person's."""
    found = days[places(sheets, table.nodeset)]
    about = next((column for column in table.columns if view.name(column) == _PSEUDONYMS[0]), None)
    if table.parent is None or about is None:
        return found
    persons, of_row = used(sheets, table.nodeset, about.nodeset)
    theirs = np.array([*(codes.days(person) for person in persons), 0], dtype=np.int64)[of_row]
    return np.where(of_row < 0, found, theirs)


def _told(left: Collection[str], coded: Collection[str], blank: Mapping[tuple[str, str], int]) -> Iterator[Told]:
    if left:
        yield "export.left_out", {"count": str(len(left)), "columns": ", ".join(left)}
    if coded:
        yield "export.coded", {"columns": ", ".join(coded)}
    yield "export.shifted", {"days": str(SHIFT)}
    for (code, column), count in blank.items():
        if count:
            yield code, {"column": column, "count": str(count)}


# --- public


def _public(view: _View, sheets: Sheets) -> Applied:
    table = next(iter(view.layout.values()))
    count, least = len(identities(sheets)), view.profile.least
    if count < least:
        raise DataError("export.too_few", count=count, least=least)
    chance = np.random.default_rng(secrets.randbits(128))
    alike = np.zeros(count, dtype=np.int64)
    kept: list[Column] = []
    rare: list[str] = []
    made: dict[str, list[str | None]] = {}
    raised: dict[str, int] = {}
    for column in table.columns:
        change = _coarser(view, column)
        if change is None:
            continue
        sheets, *gone = view.cleaned(table, column, sheets)
        coarse = recoded(sheets, table.nodeset, column.nodeset, change)
        texts, codes = used(coarse, table.nodeset, column.nodeset)
        shown = _shared(alike, codes, least, chance)
        if not texts or (codes >= 0).sum() * (1 - LOST) > (shown >= 0).sum():
            rare.append(column.name)
            continue
        alike = np.unique(np.stack([alike, shown]), axis=1, return_inverse=True)[1].reshape(-1)
        made[column.nodeset] = [None if code < 0 else texts[code] for code in shown.tolist()]
        kept.append(replace(column, type="string", dtype="string"))
        if lost := sum(gone) + int((codes >= 0).sum() - (shown >= 0).sum()):
            raised[column.name] = lost
    found = only(sheets, {table.nodeset: [*made]})
    for nodeset, values in made.items():
        found = replaced(found, table.nodeset, nodeset, values)
    told = [("export.public", {"least": str(least), "step": str(STEP)})]
    told += [("export.rare", {"columns": ", ".join(rare), "least": str(least)})] if rare else []
    told += [("export.blanked", {"column": name, "count": str(number)}) for name, number in raised.items()]
    layout = {table.name: replace(table, columns=tuple(kept))}
    return Applied(layout, anonymous(found, chance.permutation(count)), tuple(told))


def _coarser(view: _View, column: Column) -> Change | None:
    """How the answers of a column are made coarser; None where it is not public."""
    if view.is_id(column) or column.bind.preload is not None or not view.is_shown(column):
        return None
    if column.type in _DATED:
        return lambda text, _: text[:4]
    if column.type in ("int", "decimal"):
        return _step
    if column.type == "boolean" or (view.is_closed(column) and view.choices(column) is not None):
        return _same
    return None


def _step(text: str, _: int) -> str | None:
    """The class of a number: '35–39' for 37; None for what is none."""
    if not _NUMBER.fullmatch(text):
        return None
    start = int(float(text) // STEP) * STEP
    return f"{start}–{start + STEP - 1}"


def _shared(alike: Places, codes: Places, least: int, chance: np.random.Generator) -> Places:
    """The codes of a column without those that fewer than `least` rows share among rows that are alike so far. What is
    left out makes no smaller group either: where it would, some rows of the next rarest value go too, by chance."""
    shown = codes.copy()
    order = np.argsort(alike, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(alike[order])) + 1):
        values, counts = np.unique(codes[rows], return_counts=True)
        hidden = int(counts[values < 0].sum())
        for at in np.argsort(counts, kind="stable").tolist():
            is_rare = counts[at] < least
            if values[at] < 0 or not (is_rare or 0 < hidden < least):
                continue
            mine = chance.permutation(rows[codes[rows] == values[at]])
            if not is_rare and len(mine) - (least - hidden) >= least:
                mine = mine[: least - hidden]
            shown[mine] = -1
            hidden += len(mine)
    return shown
