"""Runs statements as somebody and looks for what must not be seen in everything that comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

import psycopg
from access.town import Town

_ENDS = ("BEGIN", "COMMIT", "ROLLBACK")


class Trial:
    """One account's attempts. `found` are (statement, mark) for each foreign mark that came back."""

    def __init__(self, town: Town, account: str, marks: Sequence[str]) -> None:
        self._town = town
        self._account = account
        self._marks = marks
        self.found: list[tuple[str, str]] = []
        self.answered = 0
        self.tried = 0

    def run(self, statements: Iterable[str], *, undone: bool) -> None:
        """Each statement after the other on one connection; what is refused is passed over. With `undone` nothing of
        it stays."""
        with psycopg.connect(self._town.team.url(self._account), autocommit=True) as line:
            notices: list[str] = []
            line.add_notice_handler(lambda told: notices.append(f"{told.message_primary} {told.message_detail}"))
            line.execute("SET statement_timeout = '3s'; SET lock_timeout = '200ms'")
            if undone:
                line.execute("BEGIN")
            for statement in statements:
                if undone and statement.split()[0] in _ENDS:
                    continue
                self.tried += 1
                self._judge(statement, " ".join(self._answers(line, statement, undone=undone)))
                self._judge(statement, " ".join(notices))
                notices.clear()
            if undone:
                line.execute("ROLLBACK")

    def _answers(self, line: psycopg.Connection, statement: str, *, undone: bool) -> Iterator[str]:
        try:
            with line.transaction() if undone else contextlib.nullcontext(), line.cursor() as cursor:
                if statement.startswith("COPY") and statement.endswith("STDOUT"):
                    with cursor.copy(statement) as copy:  # type: ignore[arg-type]
                        yield from (bytes(each).decode("utf-8", "replace") for each in copy)
                else:
                    cursor.execute(statement)  # type: ignore[arg-type]
                    for row in cursor.fetchall() if cursor.description is not None else ():
                        self.answered += 1
                        yield from (value.hex() if isinstance(value, bytes) else str(value) for value in row)
        except psycopg.Error as error:
            told = error.diag
            yield f"{error} {told.message_detail} {told.message_hint} {told.context} {told.internal_query}"

    def _judge(self, statement: str, told: str) -> None:
        told = told.lower()
        self.found += [(statement, mark) for mark in self._marks if mark.lower() in told and mark not in statement]
