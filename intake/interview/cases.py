"""The cases of a store for a work list: who, where, which forms, when; found by a few words.

A case is a person's pseudonym with everything that was handed in for it; what was handed in about no person is a case
of its own. The list reads plain columns alone. Case numbers, which stand in the records, are read for the cases shown,
and for all of them at the first search; both are kept, so that nothing is read twice.

Nothing of the class `identity` is ever read here: a form that calls its case number or its pseudonym identifying is
listed without it.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo

from intake.store import Entry, Store
from intake.submission import Record, Submission, answer_named
from validation.errors import StoreError
from validation.form import Form

NUMBER = "fallnummer"
PERSON = "person"
PARTICIPANT = "teilnehmer"
"""Who took part in a talk with several people, in a repeat of a record that is about no person."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True)
class Case:
    """One person's entries, or one entry about no person. `key` names it to the browser and says nothing; `person` is
    '' for the latter and where the form calls pseudonyms identifying. `entries` are the latest versions, the last
    received first."""

    key: str
    person: str
    entries: tuple[Entry, ...]

    @property
    def last(self) -> Entry:
        return self.entries[0]


class Cases:
    """The cases of an open store. `form_of` gives the form of a hash, `municipalities` {AGS: name}."""

    def __init__(
        self, store: Store, form_of: Callable[[str], Form], municipalities: Mapping[str, str], zone: tzinfo
    ) -> None:
        self._store = store
        self._form_of = form_of
        self._municipalities = municipalities
        self._zone = zone
        self._latest: dict[str, Entry] = {}
        self._persons: set[str] = set()
        self._took_part: dict[str, tuple[int, frozenset[str]]] = {}
        self._shared: dict[str, list[Entry]] = {}
        self._read = 0
        self._cases: dict[str, Case] = {}
        self._numbers: dict[tuple[str, int], str] = {}
        self._words: dict[str, tuple[int, str]] = {}
        self._asks: dict[tuple[str, str], bool] = {}

    def refresh(self) -> None:
        """Take what was received since the last time. StoreError as the store."""
        fresh = self._store.entries(self._read)
        if not fresh:
            return
        for entry in fresh:
            self._latest[entry.submission] = entry
        self._persons = {entry.subject for entry in self._latest.values()} - {""}
        self._read = fresh[-1].number
        grouped: dict[str, list[Entry]] = {}
        for entry in sorted(self._latest.values(), key=lambda each: each.number, reverse=True):
            grouped.setdefault(entry.subject or entry.submission, []).append(entry)
        made = (Case(entries[-1].submission, self._person(entries), tuple(entries)) for entries in grouped.values())
        self._cases = {case.key: case for case in made}
        self._share()

    def shared(self, case: Case) -> tuple[Entry, ...]:
        """The talks with several people in which the person of a case took part, the last received first."""
        return tuple(self._shared.get(case.person, ())) if case.person else ()

    def case(self, key: str) -> Case | None:
        """The case of a key, None when there is none."""
        return self._cases.get(key)

    def entry(self, submission: str) -> Entry | None:
        """The latest version of a submission, None when there is none."""
        return self._latest.get(submission)

    def has(self, person: str) -> bool:
        """Whether anything was handed in for a pseudonym, as far as the store can be read now."""
        with suppress(StoreError):
            self.refresh()
        return unicodedata.normalize("NFC", person) in self._persons

    def place_of(self, person: str) -> str:
        """The municipality (AGS) in which something was last handed in for a pseudonym; '' where nothing was."""
        self.refresh()
        wanted = unicodedata.normalize("NFC", person)
        found = [each for each in self._latest.values() if each.subject == wanted] if wanted else []
        return max(found, key=lambda each: each.number).municipality if found else ""

    def find(self, words: str = "", *, people: bool | None = None) -> list[Case]:
        """The cases in which every one of the words occurs, the last received first; all of them without a word.

        Words are looked for in pseudonym, case number, municipality, titles of forms and the day of an entry (ISO and
        as Germans write it), without regard to case and diacritics. `people`: only cases of persons, or only others.
        """
        wanted = folded(words).split()
        chosen = [each for each in self._cases.values() if people in (None, is_person(each))]
        if not wanted:
            return chosen
        self.prepare()
        return [each for each in chosen if all(word in self._text(each) for word in wanted)]

    def prepare(self) -> None:
        """Read every case number that is not known yet, form by form: the first search needs them all."""
        lacking = {
            each.form_id
            for each in self._latest.values()
            if (each.submission, each.version) not in self._numbers and self.shows(each.form_hash, NUMBER)
        }
        for form_id in lacking:
            self._keep(self._store.submissions(form_id))

    def number(self, case: Case) -> str:
        """The case number of the newest entry that has one; '' where none has."""
        return next((found for entry in case.entries if (found := self._number(entry))), "")

    def municipality(self, ags: str) -> str:
        """Its name; the key where the register does not have it."""
        return self._municipalities.get(ags, ags)

    # --- inside

    def _share(self) -> None:
        self._shared = {}
        for entry in sorted(self._latest.values(), key=lambda each: each.number, reverse=True):
            if entry.subject or not self._names_participants(entry.form_hash):
                continue
            known = self._took_part.get(entry.submission)
            if known is None or known[0] != entry.version:
                record = self._store.history(entry.submission)[entry.version - 1].record
                known = self._took_part[entry.submission] = (entry.version, frozenset(_participants(record)))
            for name in known[1]:
                self._shared.setdefault(name, []).append(entry)

    def _names_participants(self, form_hash: str) -> bool:
        known = self._asks.get((form_hash, PARTICIPANT))
        if known is None:
            binds = self._form_of(form_hash).binds
            asked = [each for each in binds if each.rsplit("/", 1)[-1] == PARTICIPANT]
            known = bool(asked) and all(binds[each].columns.get("sensitivity") != "identity" for each in asked)
            self._asks[form_hash, PARTICIPANT] = known
        return known

    def _person(self, entries: Sequence[Entry]) -> str:
        subject = entries[0].subject
        return subject if subject and all(self.shows(each.form_hash, PERSON) for each in entries) else ""

    def shows(self, form_hash: str, name: str) -> bool:
        """Whether the form asks a question of this name and does not call the answer identifying."""
        known = self._asks.get((form_hash, name))
        if known is None:
            known = self._asks[form_hash, name] = is_shown(self._form_of(form_hash), name)
        return known

    def _number(self, entry: Entry) -> str:
        key = (entry.submission, entry.version)
        if key not in self._numbers:
            if not self.shows(entry.form_hash, NUMBER):
                return ""
            versions = self._store.history(entry.submission)
            self._numbers[key] = answer_named(versions[entry.version - 1].record, NUMBER)
        return self._numbers[key]

    def _keep(self, submissions: Iterable[Submission]) -> None:
        for each in submissions:
            if self.shows(each.form_hash, NUMBER):
                self._numbers[each.id, each.version] = answer_named(each.record, NUMBER)

    def _text(self, case: Case) -> str:
        """Everything a case is found by. Made anew when something was received for it."""
        known = self._words.get(case.key)
        if known is None or known[0] != case.last.number:
            days = {entry.received.astimezone(self._zone) for entry in case.entries}
            said = [
                case.person, self.number(case),
                *{f"{self.municipality(each.municipality)} {each.municipality}" for each in case.entries},
                *{self._form_of(entry.form_hash).title for entry in case.entries},
                *(day.strftime("%d.%m.%Y %Y-%m-%d") for day in days),
            ]  # fmt: skip
            known = self._words[case.key] = (case.last.number, haystack(said))
        return known[1]


def _participants(record: Record) -> Iterator[str]:
    for path, value in record.items():
        if isinstance(value, str) and value and path.rsplit("/", 1)[-1] == PARTICIPANT:
            yield unicodedata.normalize("NFC", value)
        for entry in value if isinstance(value, list) else []:
            yield from _participants(entry)


def is_person(case: Case) -> bool:
    """Whether a case is one of a person."""
    return bool(case.last.subject)


def is_shown(form: Form, name: str) -> bool:
    """Whether a form asks a question of this name outside repeats whose answer does not identify a person."""
    nodesets = names_of(form, name)
    return bool(nodesets) and all(form.binds[each].columns.get("sensitivity") != "identity" for each in nodesets)


def names_of(form: Form, name: str) -> list[str]:
    """The nodesets of a name outside repeats, in the order of the form."""
    repeats = tuple(f"{each}/" for each in form.repeats)
    return [each for each in form.binds if each.rsplit("/", 1)[-1] == name and not each.startswith(repeats)]


def folded(text: str) -> str:
    """A text without case and diacritics: what is typed is compared in this form."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(sign))


def haystack(texts: Iterable[str]) -> str:
    """Texts to look for words in: folded, and with umlauts written out, as keyboards without them do."""
    return " ".join(text.lower() if text.isascii() else _both(text) for text in texts)


@functools.lru_cache(maxsize=1024)  # titles and municipalities come again and again
def _both(text: str) -> str:
    return f"{folded(text)} {folded(unicodedata.normalize('NFC', text.casefold()).translate(_UMLAUTS))}"
