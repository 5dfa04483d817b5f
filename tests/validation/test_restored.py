"""validation/restored.py and validation/xpath/columns/: every column holds what an interview holds, value by value."""

from __future__ import annotations

import math
import random
import re
import zoneinfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scenario.column_expressions import drawn_form
from scenario.random_tables import NOW, ZONE, RandomTables, differences, verdict
from scenario.xforms import form, inputs
from validation import rows, verdicts
from validation.blocks import Links, instants
from validation.errors import FormError
from validation.form import Form
from validation.instance import Instance
from validation.layout import layout
from validation.restored import Definitions, Restored
from validation.tree import serialize
from validation.xpath.columns.clock import Clock
from validation.xpath.columns.sheets import NoColumnForm
from validation.xpath.values import text_number

LOCAL = zoneinfo.ZoneInfo(ZONE)
SEEDS = st.integers(0, 2**32 - 1)
once = settings(phases=[Phase.generate], database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def restored(of: Form, tables: dict) -> Restored:
    """All records of tables as columns."""
    shapes = layout(of)
    definitions = Definitions(of, shapes)
    links = Links(shapes, tables)
    root = definitions.tables[definitions.root]
    times = instants(of, root, tables[root.name], NOW, LOCAL)
    (block,) = links.blocks(1_000_000)
    return Restored(
        definitions, block.frames, block.sheets, block.sheets[definitions.root], LOCAL, Clock(times, LOCAL),
        dict(of.instances),
    )  # fmt: skip


def same(text: str, number: float, wanted: str) -> bool:
    """Whether both views of a value are those of a text."""
    as_number = text_number(wanted, LOCAL)
    return text == wanted and (number == as_number or (math.isnan(number) and math.isnan(as_number)))


def values_agree(of: Form, seed: int, count: int) -> None:
    """Every calculation of a form, in every record, from columns and from an interview."""
    tables = RandomTables(of).draw(random.Random(seed), count, wild=False)
    columns, records = restored(of, tables), rows._Records(of, tables, ZONE)
    for nodeset, bind in of.binds.items():
        if bind.calculate is None:
            continue
        try:
            column = columns.final(nodeset)
        except NoColumnForm:
            continue
        codes, texts = column.coded()
        numbers, filled = column.numbers(LOCAL), column.filled()
        for top in range(len(tables["test"])):
            cells: dict = {}
            document = records.document(top, cells)
            if columns.refused[top]:
                continue
            instance = Instance(of, now=NOW.astimezone(LOCAL), xml=serialize(document))
            for path, cell in cells.items():
                if re.sub(r"\[\d+\]", "", path) == nodeset:
                    wanted, row = instance._node(path).value, cell.row
                    found = str(texts[codes[row]])
                    assert same(found, float(numbers[row]), wanted), (bind.calculate.source, path, wanted, found)
                    assert filled[row] == bool(wanted)


def random_forms_agree(seed: int, count: int) -> None:
    try:
        of = drawn_form(random.Random(seed))
    except FormError:
        return  # the expressions drawn depend on one another
    values_agree(of, seed, count)
    tables = RandomTables(of).draw(random.Random(seed), count)
    options = {"default_now": NOW}
    by_rows, by_columns = verdict(rows.masks, of, tables, **options), verdict(verdicts.masks, of, tables, **options)
    assert not differences(by_rows, by_columns, tables)


@settings(once, max_examples=12, derandomize=True)
@given(SEEDS)
def test_a_random_form_has_the_values_and_verdicts_of_an_interview(seed: int) -> None:
    random_forms_agree(seed, 3)


@pytest.mark.long
@settings(once, max_examples=600)
@given(SEEDS)
def test_many_random_forms_have_the_values_and_verdicts_of_an_interview(seed: int) -> None:
    random_forms_agree(seed, 8)


def test_what_chance_decided_is_kept_and_made_where_there_is_none() -> None:
    of = form("<a/><b/>", '<bind nodeset="/data/b" calculate="uuid()"/>', inputs("a"))
    tables = RandomTables(of).draw(random.Random(1), 3, wild=False)
    tables["test"]["b"] = ["kept", None, None]
    codes, texts = restored(of, tables).final("/data/b").coded()
    found = [str(texts[code]) for code in codes]
    assert found[0] == "kept"
    assert len({*found[1:]}) == 2
    assert all(len(text) == 36 for text in found[1:])


def test_a_long_chain_of_calculations_is_no_deep_one() -> None:
    names = [f"c{number}" for number in range(400)]
    binds = "".join(
        f'<bind nodeset="/data/{name}" calculate="/data/{before} + 1"/>'
        for before, name in zip(["a", *names], names, strict=False)
    )
    of = form("<a/>" + "".join(f"<{name}/>" for name in names) + "<z/>",
              binds + '<bind nodeset="/data/z" constraint="/data/c399 = 401"/>', inputs("a", "z"))  # fmt: skip
    tables = RandomTables(of).draw(random.Random(1), 2, wild=False)
    tables["test"] = tables["test"][["KEY"]].assign(a=["1", "2"], z=["x", "x"])
    made = verdicts.masks(of, tables, default_now=NOW, zone=ZONE)
    assert made.bad["test"]["z", "constraint"].tolist() == [False, True]
    assert not made.fallbacks
