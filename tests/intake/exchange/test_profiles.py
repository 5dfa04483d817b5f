from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.exchange import profiles
from intake.exchange.extract import Extract, extract_submissions
from intake.exchange.extract import shown as seen
from intake.exchange.profiles import FULL, PSEUDONYMOUS, PUBLIC, SHIFT, Profile, classes_needed
from intake.submission import Submission, submission_from_instance
from intake.tables import gathered
from intake.versions import merge
from scenario.exchanged import FULL as RECORD
from scenario.exchanged import MISSING, TEXT, THEN, answered, form, sent
from validation.errors import DataError
from validation.instance import Instance

KEY = bytes(32)
CHANCE = np.random.default_rng(7)


def shown(*submissions: Submission, profile: Profile | None = None) -> Extract:
    return extract_submissions(form(), submissions, profile=profile or Profile(PSEUDONYMOUS, key=KEY))


def said(take: Extract) -> str:
    """Everything that goes out, as one text."""
    return "\n".join(frame.to_csv() for frame in take.texts().values())


def test_full_is_everything() -> None:
    take = shown(sent(1, RECORD, person="P-000001"), profile=Profile())
    assert {"Ayşe 🏠\nZeile", "P-000001"} <= set(take.texts()["probe"].iloc[0])
    assert classes_needed(Profile(), [form()]) == {"identity", "special", "general"}
    assert classes_needed(Profile(PSEUDONYMOUS), [form()]) == {"general"}
    assert classes_needed(Profile(PSEUDONYMOUS, frozenset(["special"])), [form()]) == {"general", "special"}
    assert classes_needed(Profile(PUBLIC, frozenset(["special"])), [form()]) == {"general"}


def test_pseudonymous_has_no_name_text_place_file_or_plain_id() -> None:
    take = shown(sent(1, RECORD, person="P-000001"))
    assert list(take.texts()["probe"]) == [
        "KEY", "_version", "_municipality", "_subject", "_received", "person", "alter", "alter__missing", "vzae",
        "geboren", "geboren__missing", "wann", "uhr", "wohnen", "wohnen__missing", "sprachen",
    ]  # fmt: skip
    assert list(take.texts()["probe-kind"]) == ["KEY", "PARENT_KEY", "jahr"]
    for secret in ("Ayşe", "P-000001", "uuid:1", "=1+1", "48.1", "1.jpg", "1980-02-29", "2026-05-04"):
        assert secret not in said(take)
    typed = take.typed()["probe"]
    assert (str(typed["geboren"].dtype), str(typed["alter"].dtype)) == ("datetime64[us]", "Int64")


def test_dates_of_a_person_move_together_and_by_the_key() -> None:
    record = answered(geboren="2000-01-01", wann="2000-01-31T23:30:00.000+01:00")
    submissions = [sent(1, record, person="P-1"), sent(2, record, person="P-1"), sent(3, record, person="P-2")]
    made = shown(*submissions).texts()["probe"]
    days = (pd.to_datetime(made["geboren"]) - pd.Timestamp("2000-01-01")).dt.days
    moments = (pd.to_datetime(made["wann"].str[:10]) - pd.Timestamp("2000-01-31")).dt.days
    received = (pd.to_datetime(made["_received"].str[:10]) - pd.Timestamp("2026-05-04")).dt.days
    assert days.tolist() == moments.tolist() == received.tolist()
    assert days[0] == days[1] != days[2]
    assert made["wann"].str[10:].unique().tolist() == ["T23:30:00.000+01:00"]
    assert made["_subject"][0] == made["_subject"][1] != made["_subject"][2]
    other = shown(*submissions, profile=Profile(PSEUDONYMOUS, key=bytes(31) + b"1")).texts()["probe"]
    assert not set(other["_subject"]) & set(made["_subject"])
    assert other["geboren"].tolist() != made["geboren"].tolist()


def test_two_exports_without_a_key_cannot_be_joined() -> None:
    one, two = (shown(sent(1, RECORD, person="P-1"), profile=Profile(PSEUDONYMOUS)).texts()["probe"] for _ in range(2))
    assert one["_subject"][0] != two["_subject"][0]
    assert one["KEY"][0] != two["KEY"][0]


def test_a_shift_is_never_none_and_never_too_far() -> None:
    codes = profiles._Codes(KEY)
    drawn = {codes.days(f"P-{number}") for number in range(5_000)}
    assert drawn == {*range(-SHIFT, 0), *range(1, SHIFT + 1)}


def test_records_about_nobody_move_each_by_its_own() -> None:
    made = shown(*(sent(number, answered(geboren="2000-01-01")) for number in range(20))).texts()["probe"]
    assert len(set(made["geboren"])) > 10


def test_entries_about_another_person_move_with_that_person() -> None:
    text = TEXT.replace("| | integer | jahr | Jahr | Year | سنة | | general |",
                        "| | text | person | P | P | P | | |\n| | date | seit | S | S | S | | general |")  # fmt: skip
    entries = [
        {"/data/haus/kind/person": person, "/data/haus/kind/seit": "2000-01-01"} for person in ("P-1", "P-2", "")
    ]
    records = [
        sent(1, {"/data/haus/kind": [*entries]}),
        sent(2, answered(geboren="2000-01-01"), person="P-1"),
        sent(3, answered(geboren="2000-01-01"), person="P-2"),
    ]
    made = extract_submissions(form(text), records, profile=Profile(PSEUDONYMOUS, key=KEY)).texts()
    assert made["probe-kind"]["seit"].tolist()[:2] == made["probe"]["geboren"].tolist()[1:]
    assert made["probe-kind"]["person"].tolist()[:2] == made["probe"]["_subject"].tolist()[1:]
    assert made["probe-kind"]["seit"].tolist()[2] not in ("2000-01-01", *made["probe"]["geboren"].tolist()[1:])


def test_the_same_person_has_the_same_code_in_every_form_and_question() -> None:
    made = shown(sent(1, RECORD, person="P-000001")).texts()["probe"]
    assert made["_subject"][0] == made["person"][0]
    assert made["KEY"][0] == shown(sent(1, {})).texts()["probe"]["KEY"][0]


def test_an_answer_of_a_stricter_choice_is_left_out_alone_and_told() -> None:
    submissions = [sent(1, answered(wohnen="klinik")), sent(2, answered(wohnen="gu"))]
    take = shown(*submissions)
    assert take.texts()["probe"]["wohnen"].isna().tolist() == [True, False]
    assert [note.fields["count"] for note in take.notes if note.code == "export.raised"] == ["1"]
    asked = shown(*submissions, profile=Profile(PSEUDONYMOUS, frozenset(["special"]), KEY))
    assert asked.texts()["probe"]["wohnen"].tolist() == ["klinik", "gu"]
    assert "vorname" not in asked.texts()["probe-kind"]


def test_what_was_called_otherwise_keeps_the_class_it_had() -> None:
    note = "| | text | notiz | Notiz | Note | ملاحظة | | general |"
    older = form(TEXT.replace(note, note.replace("text | notiz", "integer | zahl").replace("general", "special")))
    second = TEXT.replace("| | probe | 1 |", "| | probe | 2 |")
    newest = form(second.replace(note, note.replace("text | notiz", "integer | nummer")))
    records = [sent(1, answered(zahl="5")), sent(2, answered(nummer="6"), version="2")]
    profile = Profile(PSEUDONYMOUS, key=KEY)
    for renames, names in (({}, {"nummer"}), ({"/data/zahl": "/data/nummer"}, set())):
        merged = merge(newest, [older], renames)
        sheets = gathered(newest, records, merged)
        take = seen(newest, merged, sheets, profile, [newest, older], zone="UTC")
        assert {"zahl", "nummer"} & set(take.texts()["probe"]) == names


def test_what_is_asked_for_still_loses_its_texts() -> None:
    take = shown(sent(1, RECORD), profile=Profile(PSEUDONYMOUS, frozenset(["identity"]), KEY))
    assert "name" not in take.texts()["probe"]


def test_a_calculated_number_stays_and_a_calculated_text_goes() -> None:
    head, place = "| missing | sensitivity |\n|---|", "| | begin_group | haus |"
    rows = "| | calculate | jahre | | | | | general | 1+1 |\n| | calculate | satz | | | | | general | 'a' |\n"
    text = TEXT.replace(head, "| missing | sensitivity | calculation |\n|---|---|", 1).replace(place, rows + place)
    record = answered(jahre="46", satz="Frau A. kommt")
    made = extract_submissions(form(text), [sent(1, record)], profile=Profile(PSEUDONYMOUS, key=KEY)).texts()["probe"]
    assert made["jahre"].tolist() == ["46"]
    assert "satz" not in made


def test_free_text_where_none_belongs_is_left_out_alone_and_told() -> None:
    odd = answered(
        geboren="2000-01-01 Frau A.", wann="2000-01-01T10:00:00Z A.", alter="35, Frau A.", wohnen="Frau A.",
        sprachen="de Frau A.", uhr="Frau A.", vzae="A.", alter__missing="A. will nicht",
    )  # fmt: skip
    for profile in (Profile(PSEUDONYMOUS, key=KEY), Profile(PUBLIC, least=2)):
        take = shown(*(sent(number, odd if number < 3 else RECORD) for number in range(9)), profile=profile)
        assert "A." not in said(take)
    take = shown(sent(1, odd), sent(2, RECORD))
    told = {note.fields["column"]: note.fields["count"] for note in take.notes if note.code == "export.odd"}
    columns = ("geboren", "wann", "alter", "wohnen", "sprachen", "uhr", "vzae", "alter__missing")
    assert told == dict.fromkeys(columns, "1")
    assert take.texts()["probe"]["wohnen"].tolist()[1] == "gu"
    assert str(take.typed()["probe"]["alter"].dtype) == "Int64"


def test_a_date_that_would_leave_the_calendar_goes() -> None:
    records = [sent(number, answered(geboren=day)) for number, day in enumerate(("9999-12-31", "0001-01-01") * 20)]
    dates = shown(*records).texts()["probe"]["geboren"]
    assert 0 < dates.isna().sum() < 40


# --- public


def crowd(count: int, seed: int = 7) -> list[Submission]:
    rng = random.Random(seed)
    return [
        sent(
            number,
            answered(
                name=f"N{number}", person=f"P-{number}", alter=str(rng.randint(18, 60)), notiz=f"Text {number}",
                geboren=f"{rng.randint(1960, 1962)}-0{rng.randint(1, 9)}-11", wohnen=rng.choice(["wg", "gu"]),
                sprachen=rng.choice(["ar", "de", "ar de"]),
            ),
            person=f"P-{number}",
        )
        for number in range(count)
    ]  # fmt: skip


def equal(take: Extract) -> Counter[tuple[object, ...]]:
    frame = take.texts()["probe"].drop(columns="KEY").astype("object").fillna("")
    return Counter(frame.itertuples(index=False, name=None))


def test_public_rows_equal_at_least_so_many_rows() -> None:
    take = shown(*crowd(400), profile=Profile(PUBLIC, least=10))
    assert min(equal(take).values()) >= 10
    assert list(take.layout) == ["probe"]
    assert not {"name", "person", "notiz", "_subject", "_municipality", "_received"} & set(take.texts()["probe"])
    assert take.texts()["probe"]["KEY"].tolist() == [str(number) for number in range(1, 401)]
    assert len(take.layout["probe"].columns) >= 2
    assert "P-" not in said(take)
    assert "uuid" not in said(take)


def test_public_is_coarser() -> None:
    records = [
        sent(number, answered(alter=str(30 + number % 5), geboren=f"1990-0{1 + number % 9}-01")) for number in range(30)
    ]
    made = shown(*records, profile=Profile(PUBLIC, least=10)).texts()["probe"]
    assert (set(made["alter"]), set(made["geboren"])) == ({"30–34"}, {"1990"})


def test_public_rows_are_in_no_order() -> None:
    records = [sent(number, answered(wohnen="wg" if number < 100 else "gu")) for number in range(200)]
    made = shown(*records, profile=Profile(PUBLIC, least=10)).texts()["probe"]["wohnen"]
    assert made.iloc[:100].nunique() == 2


def test_below_the_threshold_nothing_is_published() -> None:
    with pytest.raises(DataError, match="10"):
        shown(*crowd(9), profile=Profile(PUBLIC, least=10))


def test_rare_answers_are_left_out_and_told() -> None:
    records = [sent(number, answered(wohnen="gu" if number < 3 else "wg")) for number in range(100)]
    take = shown(*records, profile=Profile(PUBLIC, least=10))
    found = take.texts()["probe"]["wohnen"]
    assert (int(found.isna().sum()), set(found.dropna())) == (10, {"wg"})
    told = {note.code: note.fields for note in take.notes}
    assert told["export.blanked"] == {"form": "probe", "column": "wohnen", "count": "10"}


def test_a_column_that_would_lose_too_much_is_left_out_whole_and_told() -> None:
    records = [sent(number, answered(wohnen="gu" if number < 9 else "wg", sprachen="ar")) for number in range(50)]
    take = shown(*records, profile=Profile(PUBLIC, least=10))
    assert list(take.texts()["probe"]) == ["KEY", "sprachen"]
    assert "wohnen" in {note.code: note.fields for note in take.notes}["export.rare"]["columns"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 4)), min_size=5, max_size=60), st.integers(2, 5))
def test_what_is_shared_makes_no_small_group(rows: list[tuple[int, int]], least: int) -> None:
    groups = Counter(group for group, _ in rows)
    rows = [row for row in rows if groups[row[0]] >= least]
    alike, codes = (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
    )
    if not rows:
        return
    shown_codes = profiles._shared(alike, codes, least, CHANCE)
    assert min(Counter(zip(alike.tolist(), shown_codes.tolist(), strict=True)).values()) >= least
    assert all(after in (before, -1) for before, after in zip(codes.tolist(), shown_codes.tolist(), strict=True))


def test_a_fine_crowd_keeps_what_it_can() -> None:
    rows = list(itertools.product([0, 1], range(3))) * 10
    alike, codes = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    assert profiles._shared(alike, codes, 10, CHANCE).tolist() == codes.tolist()


def test_full_needs_no_copy() -> None:
    take = shown(sent(1, MISSING), profile=Profile(FULL))
    assert replace(take, profile=FULL) == take


KEYED = """
| survey | type | name | label | save_to |
|---|---|---|---|---|
| | text | person | Person | |
| | integer | nummer | Number | |
| | begin_group | ziel | Goal | |
| | text | was | What | ziel#was |
| | end_group | | | |
| | begin_group | wohnung | Flat | |
| | integer | groesse | Size | wohnung#groesse |
| | select_one_from_file ziel.csv | altes | Old goal | |
| | end_group | | | |
| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | ziel | ${was} | | | |
| | wohnung | concat('Flat ', ${nummer}) | ${nummer} | true() | true() |
| settings | form_id | version |
|---|---|---|
| | probe | 1 |
"""


@pytest.mark.parametrize("name", [PSEUDONYMOUS, PUBLIC])
def test_the_ids_and_labels_of_entities_do_not_go_out(name: str) -> None:
    keyed, submissions = form(KEYED), []
    for number in range(20):
        live = Instance(keyed, now=THEN, random=random.Random(number))
        for path, text in (
            ("person", "P-000001"),
            ("nummer", "4711"),
            ("ziel/was", "Arbeit"),
            ("wohnung/groesse", "60"),
        ):
            live.answer(f"/data/{path}", text)
        live.answer("/data/wohnung/altes", "ziel-0815")
        made = submission_from_instance(live, author="a", started=THEN, ended=THEN, municipality="08235007")
        submissions.append(replace(made, received=THEN))
    goal = str(submissions[0].record["/data/ziel/meta/entity/@id"])
    take = extract_submissions(keyed, submissions, profile=Profile(name, key=KEY))
    for secret in (goal, "4711", "Flat", "Arbeit", "ziel-0815", "P-000001"):
        assert secret not in said(take)
    assert "60" in said(take)
    shown_columns = {"nummer", "wohnung-altes"} & set(take.texts()["probe"])
    assert shown_columns == ({"nummer", "wohnung-altes"} if name == PSEUDONYMOUS else set())
