"""The open drafts of a store, as a work list shows them: what, for whom, when, by whom, how much is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from intake.interview.cases import NUMBER, PERSON, is_shown
from intake.interview.holding import Held, holder_of
from intake.interview.revising import Revision, revision_of
from intake.store import DraftInfo, Op, Store
from intake.submission import answer_named
from validation.errors import StoreError
from validation.form import Form

PLACE = "gemeinde"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A draft in one line. `number`, `person` and `municipality` (AGS) are '' while they are not answered, or where the
    form calls them identifying; `answers` counts the questions that were answered in it. `holder` has it now."""

    id: str
    form_hash: str
    changed: datetime
    author: str
    number: str
    person: str
    municipality: str
    answers: int
    revises: Revision | None
    holder: Held


class Drafts:
    """The drafts of an open store. A draft is read again only when something was done to it."""

    def __init__(self, store: Store, form_of: Callable[[str], Form]) -> None:
        self._store = store
        self._form_of = form_of
        self._known: dict[str, tuple[int, Sketch]] = {}
        self._begun: dict[str, dict[str, str]] = {}

    def listed(self) -> list[Sketch]:
        """All of them, the last changed first. StoreError as the store."""
        known: dict[str, tuple[int, Sketch]] = {}
        for info in self._store.journal.drafts():
            held = self._known.get(info.id)
            try:
                known[info.id] = held if held and held[0] == info.sequence else (info.sequence, self._sketch(info))
            except StoreError as error:
                if error.code != "store.no_draft":  # submitted in another window meanwhile
                    raise
        self._known = known
        return sorted((sketch for _, sketch in known.values()), key=lambda each: each.changed, reverse=True)

    def _sketch(self, info: DraftInfo) -> Sketch:
        operations = self._store.journal.replay(info.id)
        given = answered(operations)
        form = self._form_of(info.form_hash)
        said = {
            name: next((text for path, text in given.items() if _is(path, name)), self._at_start(info, name))
            for name in (NUMBER, PERSON, PLACE)
            if is_shown(form, name)
        }
        return Sketch(
            info.id, info.form_hash, info.changed, info.author,
            said.get(NUMBER, ""), said.get(PERSON, ""), said.get(PLACE, "") or info.municipality,
            sum(1 for text in given.values() if text), revision_of(operations),
            holder_of(info.author, info.started, operations),
        )  # fmt: skip

    def _at_start(self, info: DraftInfo, name: str) -> str:
        """What the record held before the draft's first operation."""
        if info.id not in self._begun:
            from intake.record import record_from_xml

            xml = self._store.journal.draft(info.id).xml
            record = record_from_xml(xml, self._form_of(info.form_hash)) if xml else {}
            self._begun[info.id] = {each: answer_named(record, each) for each in (NUMBER, PERSON, PLACE)}
        return self._begun[info.id][name]


def answered(operations: list[Op]) -> dict[str, str]:
    """{path: text} of what was answered and not taken back, the last answer of each path."""
    undone = {each for op in operations if op.payload.get("op") == "undo" for each in _names(op.payload.get("of"))}
    return {
        str(op.payload["path"]): str(op.payload["value"])
        for op in operations
        if op.payload.get("op") in ("answer", "attach") and op.op_id not in undone
    }


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _is(path: str, name: str) -> bool:
    """Whether a path outside repeats leads to a question of a name."""
    return path.endswith(f"/{name}") and "[" not in path
