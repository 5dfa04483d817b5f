"""Hits become queries, queries are answered, mended, settled or waived: the same in every store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.publishing import freeze
from intake.review import CORRECTED, SETTLED, WAIVED, Outcome, answer, close, state, update, waive
from intake.store import Store
from intake.store.restriction import restrict
from intake.submission import Submission
from scenario import mending
from scenario.stores import Clock, Opener, refused
from scenario.workbooks import markdown
from validation.errors import UsageError

FORM = """
| survey | type | name | label::Deutsch (de) | required | constraint | sensitivity |
|---|---|---|---|---|---|---|
| | text | fallnummer | Fallnummer | yes | | |
| | date | tag | Tag | | . < '2030-01-01' | general |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""
RULES = (
    "name,table,column,kind,expression,severity,owner,message_de,message_en,valid_from,valid_to\n"
    "nummer_doppelt,probe,fallnummer,each,count(instance('probe')/root/item[fallnummer = ${fallnummer}]) = 1,"
    "warning,team,Doppelt.,Twice.,,\n"
    "immer,probe,tag,each,. != '2026-12-24',note,team,Nur ein Hinweis.,Only a note.,,\n"
)
WORDS = "Frau Geheim-Müller weiß es nicht"


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "rules.csv").write_text(RULES, encoding="utf-8")
    with opener() as opened:
        opened.publish(freeze(markdown(tmp_path, FORM)))
        yield opened


def send(store: Store, number: int, case: str, day: str = "2026-03-01", version: int = 1) -> Submission:
    return mending.send(store, number, {"/data/fallnummer": case, "/data/tag": day}, version)


@pytest.fixture
def bring(store: Store, tmp_path: Path, clock: Clock) -> Callable[[], Outcome]:
    return lambda: update(store, mending.checked(store, tmp_path), now=clock())


def test_each_hit_of_form_and_rules_makes_one_query_and_a_note_none(
    store: Store, bring: Callable[[], Outcome], clock: Clock
) -> None:
    send(store, 1, "F-1", "2031-01-01")
    send(store, 2, "F-1", "2026-12-24")
    assert len(bring().opened) == 3
    assert bring() == Outcome()
    clock.move(days=3, hours=5)
    found = state(store)
    assert {(each.key, each.rule, each.column, each.severity, each.owner) for each in found.open} == {
        ("uuid:1", "constraint", "tag", "error", "manager"),
        ("uuid:1", "nummer_doppelt", "fallnummer", "warning", "team"),
        ("uuid:2", "nummer_doppelt", "fallnummer", "warning", "team"),
    }
    assert {each.case for each in found.open} == {"F-1", "P-000001", "P-000002"}, "a number twice names no case"
    assert {each.age(clock()) for each in found.open} == {3}


def test_a_correction_with_its_reason_closes_the_query_and_names_itself(
    store: Store, bring: Callable[[], Outcome], clock: Clock
) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    answer(store, number, WORDS)
    clock.move(days=2)
    send(store, 1, "F-1", "2026-03-02", version=2)
    last = store.events(kinds=["submission"])[-1].number
    assert bring().closed == (number,)
    query = state(store).queries[number]
    assert (query.how, query.event, query.is_open, query.age(clock.move(days=9))) == (CORRECTED, last, False, 2)
    assert [remark.text for remark in query.answers] == [WORDS]
    send(store, 1, "F-1", "2031-01-01", version=3)
    assert len(bring().opened) == 1, "wrong again: asked again"


def test_what_is_mended_in_the_other_record_closes_both(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1")
    send(store, 2, "F-1")
    opened = bring().opened
    send(store, 2, "F-2", version=2)
    assert bring().closed == opened
    events = [state(store).queries[number].event for number in opened]
    assert events[0] == 0
    assert events[1] == store.events(kinds=["submission"])[-1].number


def test_what_was_settled_asks_again_when_its_record_changes(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    close(store, number, "Geprüft, stimmt so")
    assert state(store).queries[number].how == SETTLED
    assert bring() == Outcome()
    send(store, 1, "F-1", "2032-01-01", version=2)
    assert len(bring().opened) == 1


def test_a_waiver_holds_through_its_last_day(store: Store, bring: Callable[[], Outcome], clock: Clock) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    today = clock().date()
    waive(store, number, "Ausweis kommt noch", today + dt.timedelta(days=10), today=today)
    assert state(store).queries[number].how == WAIVED
    assert bring() == Outcome(waived=1)
    clock.move(days=10)
    assert bring() == Outcome(waived=1)
    clock.move(days=1)
    assert len(bring().opened) == 1


def test_an_event_tells_nothing_in_plain_and_goes_with_the_person(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1", "2031-01-01")
    send(store, 2, "F-2", "2031-01-01")
    first, second = bring().opened
    answer(store, first, WORDS)
    assert {each.about for each in store.events(kinds=["query"])} == {"opened", f"answered {first}"}
    store.erase("P-000001", reason="Art. 17")
    assert list(state(store).queries) == [second]
    assert store.verify() == []
    assert bring() == Outcome()


def test_a_query_on_a_restricted_record_stays_as_it_is(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    restrict(store, "P-000001", reason="Art. 18")
    assert bring() == Outcome()
    assert state(store).queries[number].is_open


def test_a_rule_that_was_removed_closes_its_queries_as_gone(
    store: Store, bring: Callable[[], Outcome], tmp_path: Path
) -> None:
    send(store, 1, "F-1")
    send(store, 2, "F-1")
    opened = bring().opened
    (tmp_path / "rules.csv").write_text(RULES.splitlines(keepends=True)[0] + RULES.splitlines()[2], encoding="utf-8")
    assert bring().closed == opened
    assert {state(store).queries[number].how for number in opened} == {"gone"}


def test_who_opens_less_opens_and_closes_nothing(
    store: Store, bring: Callable[[], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    send(store, 1, "F-1", "2026-03-02", version=2)
    monkeypatch.setattr(type(store), "classes", property(lambda _self: ("general",)))
    with refused("review.all_classes"):
        bring()
    assert state(store).queries[number].is_open


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda store, number: answer(store, number + 99, "x"), "review.unknown"),
        (lambda store, number: answer(store, number, "  "), "review.no_text"),
        (lambda store, number: close(store, number, ""), "review.no_text"),
        (
            lambda store, number: waive(store, number, "x", dt.date(2026, 1, 1), today=dt.date(2026, 1, 2)),
            "review.until_past",
        ),
    ],
)
def test_bad_input_changes_nothing(
    store: Store, bring: Callable[[], Outcome], act: Callable[[Store, int], None], code: str
) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    before = store.events()
    with pytest.raises(UsageError) as error:
        act(store, number)
    assert error.value.code == code
    assert store.events() == before


def test_a_closed_query_takes_nothing_more(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    close(store, number, "Stimmt so")
    with pytest.raises(UsageError) as error:
        answer(store, number, "doch nicht")
    assert error.value.code == "review.closed"


def test_words_are_not_in_the_repr_of_anything(store: Store, bring: Callable[[], Outcome]) -> None:
    send(store, 1, "F-1", "2031-01-01")
    (number,) = bring().opened
    answer(store, number, WORDS)
    found = state(store)
    assert "Geheim" not in repr(found)
    assert replace(found.queries[number]) == found.queries[number]
