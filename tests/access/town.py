"""A team's store with two municipalities, people of every role and words planted wherever something is kept.

What must never be seen is known exactly: `Town.foreign(role)` names everything that somebody of this role must not see,
`Town.words` every word that must not be readable in anything the server keeps.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from intake.publishing import PublishedForm, freeze
from intake.store.postgres.store import TeamStore
from intake.submission import Submission
from scenario.postgresql import Cluster
from scenario.stores import START, Clock
from scenario.team import Team

HERE, THERE = "08235007", "08235085"
ROLES = ("manager", "evaluator", "publisher", "auditor", "protection", "administrator")
_SURVEY = """
| survey   |       |          |           |             |
|          | type  | name     | label     | sensitivity |
|          | text  | person   | Kennung   | identity    |
|          | text  | anschrift| Anschrift | identity    |
|          | text  | religion | Religion  | special     |
|          | text  | vermerk  | Vermerk   | staff       |
|          | text  | kurs     | Kurs      | general     |
|          | file  | bild     | Bild      | special     |
| settings |       |          |           |             |
|          | form_id | version | form_title |          |
|          | planted | 1       | Gepflanzt  |          |
"""
_CLASS_OF = {"anschrift": "identity", "religion": "special", "vermerk": "staff", "kurs": "general"}


@dataclass
class Town:
    """`people` maps a role to its account here; the manager and the evaluator see `HERE` only. `words` are what was
    said, by class; `seen` are the server's own rows as its superuser sees them."""

    team: Team
    form: PublishedForm
    people: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)

    def open(self, role: str) -> TeamStore:
        return self.team.open(self.people[role], Clock())

    def rows(self, question: str) -> list[tuple[object, ...]]:
        """What the server's superuser is answered."""
        with self.team.admin() as server:
            return server.execute(question).fetchall()  # type: ignore[arg-type]

    def names(self) -> dict[str, str]:
        """What a hostile statement may know of there: it was told, or guessed well."""
        ((event, submission, subject),) = self.rows(
            "SELECT number, submission, subject FROM lotsenbuch.event"
            f" WHERE kind = 'submission' AND municipality = '{THERE}' ORDER BY number LIMIT 1"
        )
        ((tag,),) = self.rows(f"SELECT encode(tag, 'hex') FROM lotsenbuch.person WHERE subject = '{subject}'")
        others = [role for role in ROLES if role != "auditor"]
        return {
            "event": str(event), "submission": str(submission), "subject": str(subject), "tag": str(tag),
            "draft": self.drafts[THERE], "there": THERE, "here": HERE, "db": self.team.database,
            "account": self.people["manager there"], "form": self.form.hash, "other": others[0],
        }  # fmt: skip

    def foreign(self, role: str) -> list[str]:
        """What somebody of a role must not be shown, in text or as bytes in hex: rows of there, and of here what is
        beyond the role."""
        return [mark for mark in self._marks(role) if len(mark) >= 8]

    def _marks(self, role: str) -> Iterator[str]:
        sees_log = role in ("auditor", "protection")
        where = "true" if role not in ("manager", "evaluator") else f"municipality = '{THERE}'"
        if not sees_log:
            yield from self._texts(
                f"SELECT submission, subject FROM lotsenbuch.event WHERE kind = 'submission' AND {where}"
            )
            yield from self._texts(
                f"SELECT encode(hash, 'hex') FROM lotsenbuch.event WHERE municipality <> '' AND {where}"
            )
            yield from self._texts(
                f"SELECT encode(digest, 'hex') FROM lotsenbuch.event WHERE kind = 'submission' AND {where}"
            )
        beyond = {
            "manager": f"e.municipality = '{THERE}'",
            "evaluator": f"e.municipality = '{THERE}' OR p.class <> 'general'",
            "protection": "e.kind = 'submission'",
        }.get(role, "true")
        for table in ("part", "attachment"):
            yield from self._texts(
                f"SELECT encode(substr(p.sealed, 1, 12), 'hex') FROM lotsenbuch.{table} AS p"
                f" JOIN lotsenbuch.event AS e ON e.number = p.event WHERE {beyond}"
            )
        if role != "protection":
            mine = f"WHERE s.subject IN (SELECT subject FROM lotsenbuch.event WHERE municipality = '{THERE}')"
            yield from self._texts(
                "SELECT encode(s.tag, 'hex'), encode(substr(s.sealed, 1, 12), 'hex') FROM lotsenbuch.person AS s "
                + (mine if role == "manager" else "")
            )
            yield from self._texts(
                "SELECT encode(substr(s.wrapped, 1, 12), 'hex') FROM lotsenbuch.person_key AS s "
                + (f"{mine}" if role == "manager" else
                   f"{mine} OR s.name <> 'general'" if role == "evaluator" else "")
            )  # fmt: skip
            yield from self._texts(
                "SELECT encode(substr(k.wrapped, 1, 12), 'hex') FROM lotsenbuch.class_key AS k"
                f" JOIN lotsenbuch.login AS l ON l.id = k.login WHERE l.account <> '{self.people[role]}'"
            )
        drafts = f"WHERE municipality = '{THERE}'" if role == "manager" else ""
        if role != "protection":
            yield from self._texts(f"SELECT id FROM lotsenbuch.draft {drafts}")
        yield from self._texts(f"SELECT encode(substr(head, 1, 12), 'hex') FROM lotsenbuch.draft {drafts}")
        for table in ("operation", "draft_attachment"):
            yield from self._texts(
                f"SELECT encode(substr(o.sealed, 1, 12), 'hex') FROM lotsenbuch.{table} AS o"
                f" JOIN lotsenbuch.draft AS d ON d.id = o.draft {drafts}"
            )
        if role in ("evaluator", "publisher"):
            yield from self._texts(f"SELECT id, name FROM lotsenbuch.login WHERE account <> '{self.people[role]}'")
        if role == "manager":
            yield from self._texts(
                f"SELECT id, name FROM lotsenbuch.login WHERE account = '{self.people['manager there']}'"
            )

    def _texts(self, question: str) -> Iterator[str]:
        yield from (str(value) for row in self.rows(question) for value in row if value)


def planted(cluster: Cluster, *, cases: int = 10) -> Town:
    """The town: as many cases in each municipality, a correction, a file, a draft, a note and a protected table."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "planted.md"
        path.write_text(_SURVEY, encoding="utf-8")
        form = freeze(path)
    town = Town(Team.new(cluster, clock="server"), form)
    for role in ROLES:
        where = [HERE] if role in ("manager", "evaluator") else []
        town.people[role] = town.team.officer if role == "protection" else town.team.add(role, where)
    town.people["manager there"] = town.team.add("manager", [THERE])
    with town.open("manager") as store:
        store.publish(form)
    for place, role in ((HERE, "manager"), (THERE, "manager there")):
        with town.open(role) as store:
            for number in range(cases):
                _case(town, store, place, number)
            town.drafts[place] = _draft(town, store, place)
    return town


def _case(town: Town, store: TeamStore, place: str, number: int) -> None:
    said = {name: _word(town, kind) for name, kind in _CLASS_OF.items()}
    person, picture = _word(town, "identity"), f"{_word(town, 'special')}.png"
    first = Submission(
        id=f"uuid:{secrets.token_hex(16)}", form_id=town.form.form_id, form_version=town.form.version,
        form_hash=town.form.hash, municipality=place, subject=person, started=START, ended=START,
        author=_word(town, "staff"), paradata={"weg": _word(town, "staff")},
        record={f"/data/{name}": word for name, word in {**said, "person": person, "bild": picture}.items()},
    )  # fmt: skip
    draft = store.journal.start(town.form.hash, place, first.author, "de").id
    store.attachments.put(draft, picture, _word(town, "special").encode() * 20)
    store.journal.record(draft, "a", 1, {"op": "answer", "path": "/data/kurs", "value": _word(town, "general")})
    store.journal.submit(draft, first)
    if number % 3 == 0:
        from dataclasses import replace

        store.append(replace(first, version=2, reason=_word(town, "staff")))


def _draft(town: Town, store: TeamStore, place: str) -> str:
    draft = store.journal.start(
        town.form.hash, place, _word(town, "staff"), "de", f"<data>{_word(town, 'special')}</data>"
    )
    store.journal.record(draft.id, "a", 1, {"op": "answer", "path": "/data/religion", "value": _word(town, "special")})
    store.attachments.put(draft.id, f"{_word(town, 'identity')}.pdf", _word(town, "special").encode())
    return draft.id


def _word(town: Town, kind: str) -> str:
    """A word that occurs nowhere else."""
    words = town.words.setdefault(kind, [])
    seed = f"{town.team.database} {kind} {len(words)}"
    words.append(f"{kind[:2]}wort{hashlib.sha256(seed.encode()).hexdigest()[:12]}")
    return words[-1]


def counted(words: Mapping[str, list[str]]) -> int:
    return sum(map(len, words.values()))
