"""protect(): what is hidden stays hidden, also for a reader who knows the rules and does sums."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import SafeTable as Exported
from reports import protect as exported_protect
from reports.disclosure import (
    Cell,
    Column,
    Policy,
    Row,
    SafeNumber,
    SafeTable,
    beside,
    difference,
    protect,
    protect_flows,
    ratio,
    share,
    things,
)
from reports.disclosure.flows import COLUMNS, YearFlow

POLICY = Policy("public", {"person": 5, "special": 10, "staff": 5, "thing": 0})
HEADS = {name: name for name in COLUMNS}


def table(counts: dict[str, int], **more: object) -> SafeTable:
    return protect(counts, POLICY, key="t", title="Titel", **more)  # type: ignore[arg-type]


def printed(found: SafeTable) -> dict[str, object]:
    return {row.key: row.cells[0].value for row in found.rows}


def test_the_package_exports_them() -> None:
    assert (Exported, exported_protect) == (SafeTable, protect)


def test_small_categories_share_a_row_and_are_named_without_numbers() -> None:
    found = table({"SY": 41, "ER": 3, "GM": 2, "IQ": 4}, labels={"ER": "Eritrea", "GM": "Gambia", "IQ": "Irak"})
    assert printed(found) == {"SY": 41, "_rest": 9}
    assert found.rest is not None
    assert found.rest.member_labels == ("Eritrea", "Gambia", "Irak")
    assert found.number().value == 50
    assert found.number("ER").hidden


def test_an_unsafe_rest_takes_in_the_next_smallest() -> None:
    assert printed(table({"a": 40, "b": 7, "c": 3})) == {"a": 40, "_rest": 10}


def test_categories_of_one_size_join_together() -> None:
    """Which of two equals was taken would give the small one away: (3, 5, 5) and (5, 3, 5) must look the same."""
    assert printed(table({"a": 40, "b": 5, "c": 5, "d": 3})) == {"a": 40, "_rest": 13}


@pytest.mark.parametrize("counts", [{"a": 9, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, {"a": 9, "b": 4, "c": 4, "d": 4}])
def test_a_rest_that_can_only_be_made_in_one_way_takes_in_more(counts: dict[str, int]) -> None:
    assert table(counts).rows == ()


def test_everything_in_the_rest_leaves_the_total() -> None:
    found = table({"a": 4, "b": 3})
    assert found.rows == ()
    assert found.number().value == 7
    assert found.coarsened


@pytest.mark.parametrize(("counts", "total"), [({"a": 3}, None), ({"a": 0}, 0), ({}, 0), ({"a": 4, "b": 1}, 5)])
def test_the_total_alone(counts: dict[str, int], total: int | None) -> None:
    assert table(counts).number().value == total


def test_zero_is_printed_in_a_fixed_list_and_left_out_of_an_open_one() -> None:
    counts = {"reached": 8, "cancelled": 0}
    assert printed(table(counts, fixed=True)) == {"reached": 8, "cancelled": 0}
    assert printed(table(counts)) == {"reached": 8}


def test_a_published_figure_stands_whatever_its_size() -> None:
    found = table({"a": 41, "b": 3, "c": 9}, public={"b": "1"})
    assert printed(found) == {"a": 41, "c": 9, "b": 3}
    assert found.number("b").source == "1"


@pytest.mark.parametrize(
    "counts", [{"a": 41, "b": 2}, {"a": 41, "b": 2, "c": 1}, {"a": 41, **dict.fromkeys("bcdef", 1)}]
)
def test_a_rest_that_published_figures_leave_bare_takes_rows_and_total_away(counts: dict[str, int]) -> None:
    """41 is public: whoever gets the total as well knows the rest."""
    found = table(counts, public={"a": "1"})
    assert found.rows == ()
    assert found.number().hidden
    assert found.coarsened == ("Titel: Die Tabelle entfällt, weil die Zahlen zu klein sind.",)
    assert table(counts, public={"a": "1", "total": "1"}).number().value == sum(counts.values())


def test_a_category_that_another_table_tells_hides_nobody() -> None:
    counts = {"SY": 32, "UA": 12, "TR": 13, "ER": 4}
    assert printed(table(counts)) == {"SY": 32, "TR": 13, "_rest": 16}
    assert printed(table(counts, known=("UA",))) == {"SY": 32, "UA": 12, "_rest": 17}


def test_many_goals_of_few_persons_are_held_against_the_persons() -> None:
    assert printed(table({"a": 30, "b": 12, "c": 9}, persons={"a": 20, "b": 2, "c": 8})) == {"a": 30, "_rest": 21}


def test_a_class_has_its_own_threshold() -> None:
    assert printed(table({"a": 40, "b": 8, "c": 7}, kind="special")) == {"a": 40, "_rest": 15}


@pytest.mark.parametrize("bad", [{"a": -1}, {"a": 2.0}, {"a": True}, {"a": "3"}, {"a": None}])
def test_counts_are_ints(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="category a"):
        table(bad)


# --- the attack: a reader who knows the rules tries everything that would have been printed the same


def derived(views: dict[str, list[tuple[int, ...]]], threshold: int, complete: int) -> list[tuple[int, ...]]:
    """Vectors in which some cell from 1 to threshold - 1 has one possible value only. Views whose vectors may reach
    beyond the range that was tried (`complete`) are left out."""
    found = []
    for vectors in views.values():
        if max(sum(vector) for vector in vectors) > complete:
            continue
        columns = list(zip(*vectors, strict=True))
        found += [vectors[0] for cells in columns if len(set(cells)) == 1 and 0 < cells[0] < threshold]
    return found


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize(("size", "threshold", "largest"), [(2, 3, 12), (3, 3, 11), (3, 5, 17), (4, 3, 8)])
def test_no_small_cell_can_be_worked_out(size: int, threshold: int, largest: int, fixed: bool) -> None:
    policy = Policy("public", {"person": threshold})
    views: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for vector in itertools.product(range(largest + 1), repeat=size):
        found = protect(dict(zip("abcd", vector, strict=False)), policy, key="t", title="T", fixed=fixed)
        views[str(found)].append(vector)
    assert len(views) > 50
    assert derived(views, threshold, largest) == []


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize(("size", "threshold", "largest"), [(2, 3, 12), (3, 3, 11), (4, 3, 8)])
def test_nor_by_a_reader_who_knows_a_published_figure(size: int, threshold: int, largest: int, fixed: bool) -> None:
    policy = Policy("public", {"person": threshold})
    views: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for vector in itertools.product(range(largest + 1), repeat=size):
        counts = dict(zip("abcd", vector, strict=False))
        found = protect(counts, policy, key="t", title="T", fixed=fixed, public={"a": "1"})
        views[f"{vector[0]} {found}"].append(vector[1:])
    assert len(views) > 50
    assert derived(views, threshold, largest) == []


def test_the_attack_finds_a_leak_where_there_is_one() -> None:
    """The attack is no decoration: hiding single cells beside a printed total, it works them out at once."""
    views: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for vector in itertools.product(range(8), repeat=2):
        shown = [n if n == 0 or n >= 3 else "·" for n in vector]
        views[f"{shown} {sum(vector)}"].append(vector)
    assert derived(views, 3, 7)


def flows(changes: Iterable[tuple[int, int]], start: int = 20) -> list[YearFlow] | None:
    years = []
    for year, (entries, exits) in enumerate(changes, start=2018):
        end = start + entries - exits
        if end < 0:
            return None
        years.append(YearFlow(year, start, entries, exits, end))
        start = end
    return years


def test_no_small_flow_can_be_worked_out() -> None:
    policy, largest = Policy("public", {"person": 3}), 6
    views: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for start in (0, 4, 8):
        for a, b, c, d in itertools.product(range(largest + 1), repeat=4):
            years = flows([(a, b), (c, d)], start)
            if years is not None:
                views[str(protect_flows(years, policy, key="f", title="F", columns=HEADS))].append((start, a, b, c, d))
    bad = [
        vectors[0]
        for vectors in views.values()
        for cells in list(zip(*vectors, strict=True))[1:]
        if len(set(cells)) == 1 and 0 < cells[0] < 3 and max(max(v[1:]) for v in vectors) < largest
    ]
    assert bad == []


def test_years_are_put_together_until_every_flow_is_safe_and_the_report_says_so() -> None:
    years = flows([(9, 8), (3, 7), (6, 0), (2, 9)])
    assert years is not None
    found = protect_flows(years, POLICY, key="f", title="Bewegung", columns=HEADS)
    assert [row.label for row in found.rows] == ["2018", "2019–2021"]
    assert [cell.value for cell in found.rows[1].cells] == [21, 11, 16, 16]
    assert found.number("total", "entries").value == 20
    assert found.coarsened == (
        "Bewegung: Die Jahre 2019–2021 stehen zusammen in einer Zeile, weil einzelne Jahreszahlen zu klein sind.",
    )


def test_flows_that_are_never_safe_are_not_printed() -> None:
    years = flows([(1, 2), (1, 0)])
    assert years is not None
    found = protect_flows(years, POLICY, key="f", title="F", columns=HEADS)
    assert (found.rows, found.total) == ((), None)
    assert found.coarsened


def test_flows_must_join() -> None:
    with pytest.raises(ValueError, match="identity"):
        YearFlow(2018, 1, 1, 1, 5)
    gap = [YearFlow(2018, 9, 9, 9, 9), YearFlow(2020, 9, 9, 9, 9)]
    with pytest.raises(ValueError, match="do not join"):
        protect_flows(gap, POLICY, key="f", title="F", columns=HEADS)


# --- SafeTable and SafeNumber


def test_a_table_with_a_small_cell_cannot_be_built() -> None:
    columns = (Column("n", "Personen", 5),)
    with pytest.raises(ValueError, match="not safe"):
        SafeTable("t", "T", columns, (Row("a", "A", (Cell(3),)),))
    assert SafeTable("t", "T", columns, (Row("a", "A", (Cell(3, "1"),)),)).number("a").value == 3
    with pytest.raises(ValueError, match="2 cells"):
        SafeTable("t", "T", columns, (Row("a", "A", (Cell(9), Cell(9))),))


def test_nor_smuggled_in_through_a_file() -> None:
    data = table({"a": 40, "b": 20}).to_json()
    data["rows"][0]["cells"] = [[2, ""]]
    with pytest.raises(ValueError, match="not safe"):
        SafeTable.from_json(data)
    with pytest.raises(ValueError, match="not a SafeTable"):
        SafeTable.from_json({"key": "t"})


counts_of_persons = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40))


@given(counts_of_persons, st.booleans())
def test_rows_add_up_and_survive_json(counts: dict[str, int], fixed: bool) -> None:
    found = table(counts, fixed=fixed)
    assert SafeTable.from_json(found.to_json()) == found
    if found.rows:
        assert sum(row.cells[0].value or 0 for row in found.rows) == sum(counts.values())
    assert all(cell.value is None or cell.value == 0 or cell.value >= 5 for row in found.rows for cell in row.cells)


def test_things_are_not_hidden_and_stand_beside_persons() -> None:
    places = things(
        {"Dorf": {"sites": 1, "vza": Decimal("0.50")}, "Weiler": {"sites": 2, "vza": Decimal("1.25")}},
        key="p",
        title="P",
        columns={"sites": "Unterkünfte", "vza": "VZÄ"},
        decimals={"vza": 2},
    )
    assert places.number("Dorf", "sites").value == 1
    assert places.number("total", "vza").value == Decimal("1.75")
    assert SafeTable.from_json(places.to_json()) == places
    joined = beside(table({"Dorf": 3, "Weiler": 9, "Stadt": 30}), places)
    assert [cell.value for cell in joined.rows[-1].cells] == [12, 3, Decimal("1.75")]
    with pytest.raises(KeyError):
        joined.number("Dorf", "nope")


def test_numbers_made_from_hidden_ones_are_hidden() -> None:
    shown, hidden = SafeNumber(41, "t[a]"), SafeNumber(None, "t[b]")
    assert difference(shown, hidden).hidden
    assert ratio(shown, hidden).hidden
    assert share(hidden, shown).hidden
    assert ratio(shown, SafeNumber(0, "t[z]")).hidden
    assert round(share(shown, SafeNumber(110, "t")).value or 0, 1) == Decimal("37.3")
    assert difference(shown, SafeNumber(40, "t[c]")) == SafeNumber(1, "t[a] - t[c]")
    with pytest.raises(ValueError, match="where it comes from"):
        SafeNumber(5, "")
