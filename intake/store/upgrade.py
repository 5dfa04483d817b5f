"""From schema 3 to 4: what lay in plain columns is divided, sealed and chained, in its order, with numbers and times.

Runs inside the transaction of the step, after its script, and drops the tables that the script has renamed.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from intake.store import Attachment
from intake.store.attachments import SqliteAttachments, sealed_file
from intake.store.connection import Connection, as_bytes
from intake.store.division import Division
from intake.store.events import File, Part, SqliteEvents
from intake.store.rows import about_draft, about_file, about_part, encoded
from intake.store.sealing import seal
from intake.store.subjects import SqliteKeys, found
from intake.store.ways import Unlocked
from intake.submission import parse_record
from validation.errors import FormError
from validation.xform import read_form

_BEFORE_EVERYTHING = 0


def seal_everything(connection: Connection, unlocked: Unlocked, stamp: str) -> None:
    """Make the first login (`unlocked`) and its keys, then move every old row. `stamp` is the time, as it is stored."""
    found(connection, unlocked.login, unlocked.private, unlocked.name, stamp)
    upgrade = _Upgrade(connection, unlocked, stamp)
    upgrade.submissions()
    upgrade.drafts()
    for table in ("part", "attachment", "event", "subject", "operation", "draft_attachment", "draft"):
        connection.execute(f"DROP TABLE old_{table}")


class _Upgrade:
    def __init__(self, connection: Connection, unlocked: Unlocked, stamp: str) -> None:
        self._run = connection.execute
        self._stamp = stamp
        self._keys = SqliteKeys(connection, unlocked.login, unlocked.private)
        self._events = SqliteEvents(connection, self._keys, lambda: stamp)
        self._attachments = SqliteAttachments(connection, self._keys, lambda: stamp)
        self._divisions: dict[str, Division | None] = {}
        self._nobody: dict[str, str] = {}

    def submissions(self) -> None:
        for subject, person in self._run("SELECT key, person FROM old_subject"):
            name = str(person)
            self._keys.new_subject(self._stamp, _BEFORE_EVERYTHING, name, self._keys.ring.tag(name), str(subject))
        for (number,) in self._run("SELECT number FROM old_event ORDER BY number"):
            self._submission(int(number or 0))

    def _submission(self, number: int) -> None:
        ((submission, version, form, municipality, known, received, envelope, content),) = self._run(
            "SELECT submission, version, form, municipality, subject, received, envelope, content"
            " FROM old_event JOIN old_part ON event = number WHERE number = ?",
            (number,),
        )
        division, record = self._division(str(form)), parse_record(as_bytes(content))
        said = {name: text for name, text in parse_record(as_bytes(envelope)).items() if text}
        texts = encoded(said, {"identity": record} if division is None else division.split(record))
        subject = str(known) if known is not None else self._about_nobody(str(submission))
        keys = self._keys.needed(subject, ("identity", "special", "staff", "general"), _BEFORE_EVERYTHING)
        classes = division.attachments(record) if division else {}
        words = (str(submission), int(version or 0))
        files: list[File] = []
        for place, (head, inside) in enumerate(self._files(number), start=1):
            name = classes.get(head.name, "identity")
            files.append(sealed_file(keys[name], place, name, head, inside, about_file(*words, place, subject)))
        self._events.write(
            "submission",
            municipality=str(municipality),
            subject=subject,
            submission=words[0],
            version=words[1],
            form=str(form),
            received=str(received),
            number=number,
            parts=[
                Part(name, seal(keys[name], text, about_part(*words, name, subject))) for name, text in texts.items()
            ],
            files=files,
        )

    def _about_nobody(self, submission: str) -> str:
        if submission not in self._nobody:
            self._nobody[submission], _ = self._keys.new_subject(self._stamp, _BEFORE_EVERYTHING)
        return self._nobody[submission]

    def _files(self, number: int) -> Iterator[tuple[Attachment, bytes]]:
        for name, sha256, size, content in self._run(
            "SELECT name, sha256, size, content FROM old_attachment WHERE event = ? ORDER BY rowid", (number,)
        ):
            yield Attachment(str(name), str(sha256), int(size or 0)), as_bytes(content)

    def drafts(self) -> None:
        for draft, form, municipality, author, language, xml, started in self._run(
            "SELECT id, form, municipality, author, language, xml, started FROM old_draft"
        ):
            name = str(draft)
            key, generation, wrapped = self._keys.new_draft(name)
            head = orjson.dumps({"author": author, "language": language, "xml": xml})
            self._run(
                "INSERT INTO draft (id, form, municipality, actor, started, generation, wrapped, head)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    name, form, municipality, self._keys.login.id, started, generation, wrapped,
                    seal(key, head, about_draft(name, "head")),
                ),
            )  # fmt: skip
            self._operations(name, key)
            rows = self._run(
                "SELECT name, sha256, size, content FROM old_draft_attachment WHERE draft = ? ORDER BY rowid", (name,)
            )
            for place, (file, sha256, size, content) in enumerate(rows, start=1):
                head_of_file = Attachment(str(file), str(sha256), int(size or 0))
                self._attachments.keep(name, key, place, head_of_file, as_bytes(content))

    def _operations(self, draft: str, key: bytes) -> None:
        for sequence, op, payload, recorded in self._run(
            "SELECT sequence, op, payload, recorded FROM old_operation WHERE draft = ? ORDER BY sequence", (draft,)
        ):
            sealed = seal(key, as_bytes(payload), about_draft(draft, f"operation {sequence!s} {op!s}"))
            self._run(
                "INSERT INTO operation (draft, sequence, op, sealed, recorded) VALUES (?, ?, ?, ?, ?)",
                (draft, sequence, op, sealed, recorded),
            )

    def _division(self, form: str) -> Division | None:
        if form not in self._divisions:
            ((xform,),) = self._run("SELECT xform FROM form WHERE hash = ?", (form,))
            try:
                self._divisions[form] = Division(read_form(str(xform)))
            except FormError:
                self._divisions[form] = None
        return self._divisions[form]
