"""A live record's repeats: entries that come, go, are counted and keep their ids. See test_instance.py for the rest."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, live
from validation.errors import AnswerError

REPEAT = '<repeat nodeset="/data/r"><input ref="/data/r/a"/><input ref="/data/r/b"/></repeat>'


def test_16_entries_are_added_removed_and_renumbered_with_stable_ids() -> None:
    record = live(form("<r jr:template=''><a/><b/></r>", "", REPEAT))
    assert record.entries("/data/r") == []
    paths = [record.add_repeat("/data/r") for _ in range(3)]
    assert paths == ["/data/r[1]", "/data/r[2]", "/data/r[3]"]
    ids = [record.entry_id(path) for path in paths]
    for number, path in enumerate(paths):
        record.answer(f"{path}/a", str(number))
    record.remove_repeat("/data/r[2]")
    assert record.entries("/data/r") == ["/data/r[1]", "/data/r[2]"]
    assert [record.entry_id(path) for path in record.entries("/data/r")] == [ids[0], ids[2]]
    assert record.value("/data/r[2]/a") == "2"
    assert len({*ids, record.entry_id(record.add_repeat("/data/r"))}) == 4


def test_17_positions_and_sums_follow_the_entries() -> None:
    record = live(
        form(
            "<sum/><r><a>1</a><b/></r>",
            """<bind nodeset="/data/sum" calculate="sum(/data/r/a)"/>
               <bind nodeset="/data/r/b" calculate="position(..)"/>""",
            REPEAT,
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/a", 5)
    assert (record.value("/data/sum"), record.value("/data/r[2]/b")) == ("6", "2")
    record.remove_repeat("/data/r[1]")
    assert (record.value("/data/sum"), record.value("/data/r[1]/b")) == ("5", "1")


def test_18_nested_repeats_are_their_own() -> None:
    record = live(
        form(
            "<r jr:template=''><a/><s jr:template=''><b/><n/></s></r>",
            '<bind nodeset="/data/r/s/n" calculate="count(../../s)"/>',
            """<repeat nodeset="/data/r"><input ref="/data/r/a"/><repeat nodeset="/data/r/s"><input ref="/data/r/s/b"/>
               </repeat></repeat>""",
        )
    )
    record.add_repeat("/data/r")
    record.add_repeat("/data/r")
    record.add_repeat("/data/r[1]/s")
    record.add_repeat("/data/r[1]/s")
    assert record.add_repeat("/data/r[2]/s") == "/data/r[2]/s[1]"
    assert record.value("/data/r[1]/s[1]/n") == "2"
    assert record.value("/data/r[2]/s[1]/n") == "1"


def test_19_a_count_makes_entries_and_takes_them_and_gives_them_back() -> None:
    record = live(
        form(
            "<n/><r jr:template=''><a/><b/></r>",
            '<bind nodeset="/data/n" type="int"/>',
            inputs("n") + REPEAT.replace('nodeset="/data/r"', 'nodeset="/data/r" jr:count="/data/n"'),
        )
    )
    record.answer("/data/n", 3)
    record.answer("/data/r[3]/a", "drei")
    record.answer("/data/n", 1)
    assert record.entries("/data/r") == ["/data/r[1]"]
    record.answer("/data/n", 3)
    assert record.value("/data/r[3]/a") == "drei"
    with pytest.raises(AnswerError) as caught:
        record.add_repeat("/data/r")
    assert caught.value.code == "answer.fixed_repeat"


@pytest.mark.parametrize(("count", "entries"), [("", 0), ("x", 0), ("-3", 0), ("2.9", 2), ("999999999", 1000)])
def test_20_a_strange_count_does_no_harm(count: str, entries: int) -> None:
    record = live(
        form("<n/><r><a/><b/></r>", "", inputs("n") + REPEAT.replace("<repeat", '<repeat jr:count="/data/n"'))
    )
    record.answer("/data/n", count)
    assert len(record.entries("/data/r")) == entries
    assert [hit.kind for hit in record.violations()] == (["constraint"] if entries == 1000 else [])


def test_21_a_count_fed_by_its_own_entries_stops() -> None:
    record = live(
        form(
            "<n/><r><a/><b/></r>",
            '<bind nodeset="/data/n" calculate="count(/data/r) + 1"/>',
            REPEAT.replace("<repeat", '<repeat jr:count="/data/n"'),
        )
    )
    assert len(record.entries("/data/r")) < 10


def test_22_a_fixed_repeat_has_at_least_one_entry_and_no_buttons() -> None:
    record = live(
        form("<r jr:template=''><a/><b/></r>", "", REPEAT.replace("<repeat", '<repeat jr:noAddRemove="true()"'))
    )
    assert record.entries("/data/r") == ["/data/r[1]"]
    with pytest.raises(AnswerError):
        record.remove_repeat("/data/r[1]")


def test_23_a_first_entry_finds_its_place_among_its_siblings() -> None:
    record = live(form("<x/><r jr:template=''><a/><b/></r><y/>", "", inputs("x", "y") + REPEAT))
    record.add_repeat("/data/r")
    top = next(record.root.elements())
    assert [child.name for child in top.elements()][:3] == ["x", "r", "y"]


@pytest.mark.parametrize("path", ["/data/x", "/data/none", "/nowhere/r", ""])
def test_24_what_is_no_repeat_is_refused(path: str) -> None:
    record = live(form("<x/><r><a/><b/></r>", "", inputs("x") + REPEAT))
    for call in (record.add_repeat, record.remove_repeat, record.entries, record.entry_id):
        with pytest.raises(AnswerError):
            call(path)


def test_24a_fixed_repeats_inside_groups_start_with_an_entry() -> None:
    record = live(
        form(
            "<g><h><r jr:template=''><a/></r></h></g>",
            "",
            '<repeat nodeset="/data/g/h/r" jr:noAddRemove="true()"><input ref="/data/g/h/r/a"/></repeat>',
        )
    )
    assert record.entries("/data/g/h/r") == ["/data/g/h/r[1]"]


def test_a_repeat_without_entries_is_relevant_as_an_entry_would_be() -> None:
    read = form(
        "<a/><g><r jr:template=''><b/></r><s jr:template=''><c/></s></g><d/>",
        '<bind nodeset="/data/g/r" relevant="../../a = 1"/><bind nodeset="/data/g" relevant="/data/a != \'9\'"/>',
        inputs("a")
        + '<repeat nodeset="/data/g/r"><input ref="/data/g/r/b"/></repeat>'
        + '<repeat nodeset="/data/g/s"><input ref="/data/g/s/c"/></repeat>',
    )
    record = live(read)
    paths = ("/data/g/r", "/data/g/s")
    seen = []
    for answer in ("0", "1", "9"):
        record.answer("/data/a", answer)
        seen.append([record.relevant(path) for path in paths])
    assert seen == [[False, True], [True, True], [False, False]]
    for path in ("/data/g/r[1]", "/data/g/t", "/data/g/r/b", "/other"):
        with pytest.raises(AnswerError):
            record.relevant(path)
