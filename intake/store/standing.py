"""What an append goes by: how the store stands as to one submission, read in one statement at its beginning.

Read inside the append's transaction it stays true until the end. Nothing of it is remembered for the next append:
another process may have written in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.store.chain import START
from intake.store.connection import Connection, as_bytes
from intake.store.events import Head
from intake.store.subjects import PersonRow

_STANDING = """
    SELECT CAST(r.value AS INTEGER), (SELECT max(number) FROM event), h.place, h.hash, v.version, f.form_id, v.subject,
           EXISTS (SELECT 1 FROM person_key AS o WHERE o.subject = v.subject),
           EXISTS (SELECT 1 FROM person AS o WHERE o.subject = v.subject),
           p.subject, p.sealed, k.generation, k.wrapped
    FROM setting AS r
    LEFT JOIN event AS h ON h.municipality = ?1 AND h.place = (SELECT max(place) FROM event WHERE municipality = ?1)
    LEFT JOIN event AS v ON v.kind = 'submission' AND v.submission = ?2 AND v.version = (
        SELECT max(version) FROM event WHERE kind = 'submission' AND submission = ?2)
    LEFT JOIN form AS f ON f.hash = v.form
    LEFT JOIN person AS p ON p.tag = ?3
    LEFT JOIN person_key AS k ON k.subject = p.subject AND k.name = 'identity'
    WHERE r.name = 'rotations'"""


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest version of a submission: `has_keys` unless its subject was erased, `is_person` unless it is nobody."""

    version: int
    form_id: str
    subject: str
    has_keys: bool
    is_person: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`rotations`: how often keys were exchanged; `number` and `head`: the next event's, and the end of the
    municipality's chain; `latest` and `person` are None where there is none yet."""

    rotations: int
    number: int
    head: Head
    latest: Latest | None
    person: PersonRow | None


def standing(connection: Connection, municipality: str, submission: str, tag: bytes) -> Standing:
    """How the store stands, inside a transaction. `tag` is that of the person, empty for nobody."""
    ((rotations, number, place, code, version, form_id, subject, has_keys, is_person, known, *sealed),) = (
        connection.execute(_STANDING, (municipality, submission, tag))
    )
    return Standing(
        int(rotations or 0),
        int(number or 0) + 1,
        (0, START) if place is None else (int(place), as_bytes(code)),
        None if version is None else Latest(int(version), str(form_id), str(subject), bool(has_keys), bool(is_person)),
        None if known is None else (known, sealed[0], sealed[1], sealed[2]),
    )
