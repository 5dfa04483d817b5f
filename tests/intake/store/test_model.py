"""The store against a dictionary that does the same, in whatever order Hypothesis thinks of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from intake.store import open_store
from intake.submission import Submission, canonical, parse_record
from scenario.stores import KEY, Clock, divided, submission
from validation.errors import StoreError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
RECORD = st.dictionaries(st.sampled_from(["/data/a", "/data/name", "/data/kind"]), TEXT, max_size=3)
PLACE = st.sampled_from(["08235007", "08235085"])
NUMBER = st.integers(1, 4)
PAYLOAD = st.fixed_dictionaries({"op": st.just("answer"), "path": st.just("/data/a"), "value": TEXT})
MAYBE_PLACE = st.none() | PLACE
Result = TypeVar("Result")


def attempt(call: Callable[[], Result]) -> tuple[str | None, Result | None]:
    """The code of a refusal, or the result."""
    try:
        return None, call()
    except StoreError as error:
        return error.code, None


FORM = divided()


def about(number: int) -> str:
    """The person whom submission `number` is about; the last one is about nobody."""
    return "" if number == 4 else f"P-{number % 2}"


def sending(number: int, **more: Any) -> Submission:
    return submission(number, form=FORM, subject=about(number), **more)


def without_special(stored: Submission) -> Submission:
    """What is left of a version when consent is withdrawn."""
    if "/data/kind" not in stored.record:
        return stored
    left = {key: said for key, said in stored.record.items() if key != "/data/kind"}
    return replace(stored, record=left, unread=("special",))


class StoreMachine(RuleBasedStateMachine):
    """`versions`: {id: [Submission, …]} of what can be opened, `gone`: {id: how many versions were erased},
    `drafts`: {id: [(op id, payload), …]}, `logins`: how many others may come in."""

    open_drafts = Bundle("open_drafts")

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.versions: dict[str, list[Submission]] = {}
        self.drafts: dict[str, list[tuple[str, dict[str, object]]]] = {}
        self.moments: list[datetime] = [self.clock.now]
        self.store = open_store(self.directory / "store.db", key=KEY, create=True, clock=self.clock)
        self.store.publish(FORM)
        self.gone: dict[str, int] = {}
        self.logins = 0

    @rule(minutes=st.sampled_from([0, 1, 2, 900]))
    def wait(self, minutes: int) -> None:
        self.moments.append(self.clock.move(minutes=minutes))

    @rule(number=NUMBER, version=st.integers(0, 4), record=RECORD, place=PLACE, reason=st.none() | TEXT)
    def append(self, number: int, version: int, record: dict[str, str], place: str, reason: str | None) -> None:
        sent = sending(number, version=version, record=dict(record), municipality=place, reason=reason)
        expected = self._expected(sent)
        code, receipt = attempt(lambda: self.store.append(sent))
        assert code == expected
        if receipt:
            self._keep(sent)
            assert (receipt.submission, receipt.version) == (sent.id, sent.version)
            assert receipt.received == self.versions[sent.id][version - 1].received

    @rule(numbers=st.lists(NUMBER, max_size=3), record=RECORD)
    def append_many(self, numbers: list[int], record: dict[str, str]) -> None:
        batch = [sending(number, record=dict(record)) for number in numbers]
        expected = {self._expected(sent) for sent in batch} - {None} or {None}
        code, receipts = attempt(lambda: self.store.append_many(batch))
        assert code in expected
        for receipt, sent in zip(receipts or [], batch, strict=code is None):
            self._keep(sent)
            assert (receipt.submission, receipt.version) == (sent.id, sent.version)

    @rule(target=open_drafts)
    def start(self) -> str:
        draft = self.store.journal.start(FORM.hash, "08235007", "müller", "de")
        self.drafts[draft.id] = []
        return draft.id

    @rule(draft=open_drafts, op=st.sampled_from("abcdef"), sequence=st.integers(0, 5), payload=PAYLOAD)
    def record(self, draft: str, op: str, sequence: int, payload: dict[str, object]) -> None:
        ops = self.drafts[draft]
        known = dict(ops).get(op)
        if known is not None:
            expected = None if known == payload else "store.op_reused"
        else:
            expected = None if sequence == len(ops) + 1 else "store.stale_draft"
        code, acknowledged = attempt(lambda: self.store.journal.record(draft, op, sequence, payload))
        assert code == expected
        if acknowledged:
            if known is None:
                ops.append((op, payload))
            assert acknowledged == [name for name, _ in ops].index(op) + 1

    @rule(draft=open_drafts)
    def record_next(self, draft: str) -> None:
        ops = self.drafts[draft]
        payload: dict[str, object] = {"op": "language", "name": str(len(ops))}
        name = f"next-{len(ops)}"
        if name not in dict(ops):
            assert self.store.journal.record(draft, name, len(ops) + 1, payload) == len(ops) + 1
            ops.append((name, payload))

    @rule(target=open_drafts, draft=consumes(open_drafts), number=NUMBER, record=RECORD)
    def submit(self, draft: str, number: int, record: dict[str, str]) -> object:
        sent = sending(number, record=dict(record))
        expected = self._expected(sent)
        code, receipt = attempt(lambda: self.store.journal.submit(draft, sent))
        assert code == expected
        if not receipt:
            return draft
        self._keep(sent)
        del self.drafts[draft]
        assert self.store.journal.submit(draft, sent) == receipt
        return multiple()

    @rule(draft=consumes(open_drafts))
    def discard(self, draft: str) -> None:
        self.store.journal.discard(draft)
        del self.drafts[draft]

    @rule(person=st.sampled_from(["P-0", "P-1", "P-2"]))
    def erase(self, person: str) -> None:
        known = self.store.subject_of(person)
        code, event = attempt(lambda: self.store.erase(person, reason="Antrag"))
        assert code == (None if known else "store.no_person")
        if event:
            assert (event.kind, event.subject) == ("erasure", known)
            for name in [name for name, all_ in self.versions.items() if all_[-1].subject == person]:
                self.gone[name] = len(self.versions.pop(name))

    @rule(person=st.sampled_from(["P-0", "P-1", "P-2"]))
    def withdraw(self, person: str) -> None:
        known = self.store.subject_of(person)
        code, event = attempt(lambda: self.store.withdraw(person, reason="widerrufen"))
        assert code == (None if known else "store.no_person")
        if event:
            self.versions = {
                name: [without_special(one) if one.subject == person else one for one in all_]
                for name, all_ in self.versions.items()
            }

    @rule(role=st.sampled_from(["manager", "evaluator", "auditor"]))
    def add_login(self, role: str) -> None:
        self.store.add_login("Weber", role)
        self.logins += 1

    @precondition(lambda self: self.logins)
    @rule()
    def remove_login(self) -> None:
        self.store.remove_login(self.store.logins()[-1].id)
        self.logins -= 1

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = open_store(self.directory / "store.db", key=KEY, clock=self.clock)

    @rule(back=st.integers(0, 5), place=MAYBE_PLACE)
    def look_back(self, back: int, place: str | None) -> None:
        moment = self.moments[max(0, len(self.moments) - 1 - back)]
        known = [[one for one in all_ if one.received and one.received <= moment] for all_ in self.versions.values()]
        expected = [seen[-1] for seen in known if seen and place in (None, seen[-1].municipality)]
        assert list(self.store.submissions("divided", municipality=place, known_at=moment)) == expected
        assert self.store.count("divided", municipality=place, known_at=moment) == len(expected)

    @invariant()
    def the_same(self) -> None:
        assert list(self.store.submissions()) == [all_[-1] for all_ in self.versions.values()]
        for name, all_ in self.versions.items():
            assert self.store.history(name) == all_
        for name, count in self.gone.items():
            assert [(one.record, one.author) for one in self.store.history(name)] == [({}, "")] * count
        assert len(self.store.logins()) == self.logins + 1
        assert {info.id for info in self.store.journal.drafts()} == set(self.drafts)
        for name, ops in self.drafts.items():
            assert [(op.op_id, op.payload) for op in self.store.journal.replay(name)] == ops

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert self.store.verify([self.store.anchor()]) == []
            self.store.close()
            shutil.rmtree(self.directory)

    def _expected(self, sent: Submission) -> str | None:
        """The code with which the store should refuse, or None."""
        if sent.id in self.gone:
            return "store.erased"
        stored = self.versions.get(sent.id, [])
        if sent.version == len(stored) + 1:
            if sent.version == 1 or (sent.reason or "").strip():
                return None
            said = [one.received for one in stored if one.version == 1 or (one.reason or "").strip()]
            assert said[-1]
            return "store.no_reason" if self.clock.now - said[-1] > timedelta(hours=24) else None
        if any(self._is_same(sent, one) for one in stored):
            return None
        return "store.conflict" if sent.version == 1 else "store.stale"

    def _keep(self, sent: Submission) -> None:
        stored = self.versions.setdefault(sent.id, [])
        if sent.version == len(stored) + 1:
            stored.append(self._as_stored(sent, self.clock.now))

    def _is_same(self, sent: Submission, stored: Submission) -> bool:
        offered = self._as_stored(sent, stored.received)
        return (replace(without_special(offered), unread=stored.unread) if stored.unread else offered) == stored

    @staticmethod
    def _as_stored(sent: Submission, received: datetime | None) -> Submission:
        said = parse_record(canonical({"/reason": sent.reason or ""}))["/reason"]
        return replace(
            sent,
            record=parse_record(canonical(sent.record)),
            reason=None if sent.reason is None else str(said),
            received=received,
        )


StoreMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStore = StoreMachine.TestCase
