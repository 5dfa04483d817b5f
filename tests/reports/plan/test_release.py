"""Towards whom a person has released us, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

from intake.submission import Record, Submission
from reports.plan.release import Release, releases


def record(day: int, **said: object) -> Submission:
    moment = datetime(2026, 3, day, tzinfo=UTC)
    answers: Record = {f"/data/fall/{name}": text for name, text in said.items()}  # type: ignore[misc]
    return Submission("uuid:1", "f", "1", "h", "08235007", "P-000001", answers, moment, moment, "x")


OWN = {"/data/fall/entbindungen/entbindung": [
    {"/data/fall/entbindungen/entbindung/stelle": "aa", "/data/fall/entbindungen/entbindung/bis": "2026-04-30"},
]}  # fmt: skip


def test_one_date_holds_for_all_agencies_and_none_is_no_end() -> None:
    assert releases([record(1, schweigepflicht="jc aa", schweigepflicht_bis="2026-12-31")]) == (
        Release("jc", date(2026, 12, 31)), Release("aa", date(2026, 12, 31)),
    )  # fmt: skip
    assert releases([record(1, schweigepflicht="jc")]) == (Release("jc", None),)


def test_an_agency_may_have_its_own_end() -> None:
    both = record(1, schweigepflicht="jc aa", schweigepflicht_bis="2026-12-31")
    both.record.update(OWN)
    assert [each.until for each in releases([both])] == [date(2026, 12, 31), date(2026, 4, 30)]


def test_the_newest_answer_counts_also_a_refusal_and_an_empty_one() -> None:
    old = record(1, schweigepflicht="jc")
    assert releases([record(2, datum="2026-03-02"), old]) == (Release("jc", None),)
    assert releases([record(2, schweigepflicht__missing="refused"), old]) == ()
    assert releases([record(2, entbindung_neu="ja", schweigepflicht=""), old]) == ()
    assert releases([record(2, entbindung_neu="abgelaufen"), old]) == (Release("jc", None),)  # no last day, no end
    assert releases([]) == ()


def test_a_release_holds_to_its_last_day() -> None:
    given = Release("jc", date(2026, 12, 31))
    assert given.holds(date(2026, 12, 31))
    assert not given.holds(date(2027, 1, 1))
    assert Release("jc", None).holds(date.max)
