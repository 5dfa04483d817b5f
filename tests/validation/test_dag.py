"""What depends on what, in which order, and which circles are refused."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario.xforms import codes, form, inputs, live, problems
from validation import dag
from validation.dag import Graph


def calculates(graph: Graph) -> list[str]:
    return [item.nodeset for item in graph.computations if item.kind == "calculate"]


def readers(graph: Graph, nodeset: str) -> dict[tuple[str, str], int]:
    """{(nodeset, kind) of what reads a node: depth they share}."""
    hits = graph.triggers.get(nodeset, ())
    return {(graph.computations[h.number].nodeset, graph.computations[h.number].kind): h.depth for h in hits}


def test_1_calculations_come_after_what_they_read() -> None:
    """a <- b <- c <- d, written the other way round, and e beside them."""
    read = form(
        "<a/><b/><c/><d/><e/>",
        """<bind nodeset="/data/d" calculate="/data/c + 1"/><bind nodeset="/data/c" calculate="/data/b + 1"/>
           <bind nodeset="/data/b" calculate="/data/a + 1"/><bind nodeset="/data/e" calculate="/data/a"/>""",
        inputs("a"),
    )
    assert calculates(read.graph) == ["/data/b", "/data/c", "/data/d", "/data/e"]


def test_2_a_relevance_comes_before_what_reads_below_it() -> None:
    read = form(
        "<a/><g><b/></g><c/>",
        """<bind nodeset="/data/c" calculate="/data/g/b"/><bind nodeset="/data/g" relevant="/data/a = 1"/>""",
        inputs("a"),
    )
    assert [item.kind for item in read.graph.computations] == ["relevant", "calculate"]
    read = form(
        "<a/><g><h><i><b/></i></h></g><c/>",
        """<bind nodeset="/data/c" calculate="/data/g/h/i/b"/><bind nodeset="/data/g" relevant="/data/a = 1"/>
           <bind nodeset="/data/g/h" relevant="/data/a = 2"/>""",
        inputs("a"),
    )
    assert [item.nodeset for item in read.graph.computations] == ["/data/g", "/data/g/h", "/data/c"]


def test_2a_a_number_of_entries_comes_before_what_reads_in_them() -> None:
    read = form(
        "<a/><r><b/></r><c/>",
        '<bind nodeset="/data/c" calculate="sum(/data/r/b)"/>',
        inputs("a") + '<repeat nodeset="/data/r" jr:count="/data/a"><input ref="/data/r/b"/></repeat>',
    )
    assert [item.kind for item in read.graph.computations] == ["count", "calculate"]


def test_3_a_relative_reference_stays_in_its_entry_an_absolute_one_does_not() -> None:
    read = form(
        "<r><a/><b/><c/></r>",
        """<bind nodeset="/data/r/b" calculate="../a"/><bind nodeset="/data/r/c" calculate="sum(/data/r/a)"/>""",
        '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
    )
    assert readers(read.graph, "/data/r/a") == {("/data/r/b", "calculate"): 2, ("/data/r/c", "calculate"): 0}
    read = form("<g><a/><b/></g>", '<bind nodeset="/data/g/b" calculate="../a"/>', inputs("g/a"))
    assert readers(read.graph, "/data/g/a") == {("/data/g/b", "calculate"): 0}  # a group has no entries


def test_4_wildcards_read_whatever_they_can_mean() -> None:
    read = form("<g><a/><b/></g><c/>", '<bind nodeset="/data/c" calculate="sum(/data/g/*)"/>', inputs("g/a", "g/b"))
    assert all(("/data/c", "calculate") in readers(read.graph, name) for name in ("/data/g/a", "/data/g/b"))
    read = form("<g><a/></g><c/>", '<bind nodeset="/data/c" calculate="count(//a)"/>', inputs("g/a"))
    assert ("/data/c", "calculate") in readers(read.graph, "/data/g/a")


def test_5_the_text_of_a_group_changes_with_what_is_in_it_its_number_does_not() -> None:
    read = form(
        "<g><a/></g><c/><d/><e/>",
        """<bind nodeset="/data/c" calculate="string-length(/data/g)"/>
           <bind nodeset="/data/d" calculate="count(/data/g)"/><bind nodeset="/data/e" calculate="/data/g"/>""",
        inputs("g/a"),
    )
    assert set(readers(read.graph, "/data/g/a")) == {("/data/c", "calculate"), ("/data/e", "calculate")}
    read = form(
        "<r><g><a/></g><b/></r>",
        '<bind nodeset="/data/r/b" calculate="string-length(../g)"/>',
        '<repeat nodeset="/data/r"><input ref="/data/r/g/a"/></repeat>',
    )
    assert readers(read.graph, "/data/r/g/a") == {("/data/r/b", "calculate"): 2}  # the group of the same entry


def test_5a_an_attribute_is_no_part_of_the_text_around_it() -> None:
    """An attribute computed from the text it stands in is no circle."""
    read = form(
        "<g y=''><a/><b x=''/></g><c/>",
        """<bind nodeset="/data/c" calculate="concat(/data/g, /data/g/b)"/>
           <bind nodeset="/data/g/@y" calculate="/data/c"/><bind nodeset="/data/g/b/@x" calculate="/data/c"/>""",
        inputs("g/a", "g/b"),
    )
    assert readers(read.graph, "/data/g/a") == {("/data/c", "calculate"): 0}
    assert readers(read.graph, "/data/g/b/@x") == {}
    record = live(read)
    record.answer("/data/g/a", "7")
    record.answer("/data/g/b", "8")
    assert [record.value(f"/data/{name}") for name in ("c", "g/@y", "g/b/@x")] == ["788"] * 3


def test_6_predicates_are_read_too() -> None:
    read = form(
        "<r><a/><b/></r><c/>",
        """<bind nodeset="/data/c" calculate="count(/data/r[a = 1])"/>""",
        '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
    )
    assert ("/data/c", "calculate") in readers(read.graph, "/data/r/a")
    assert ("/data/c", "calculate") not in readers(read.graph, "/data/r/b")


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ('<bind nodeset="/data/a" calculate=". + 1"/>', "/data/a → /data/a"),
        (
            '<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" calculate="/data/a"/>',
            "/data/a → /data/b → /data/a",
        ),
        (
            """<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" calculate="/data/c"/>
               <bind nodeset="/data/c" calculate="/data/a"/>""",
            "/data/a → /data/b → /data/c → /data/a",
        ),
        ('<bind nodeset="/data/a" relevant=". &gt; 0"/>', "/data/a → /data/a"),
        (
            '<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" relevant="/data/a = 1"/>',
            "/data/a → /data/b → /data/a",
        ),
        (  # a circle with a smaller one in it
            """<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" calculate="/data/c"/>
               <bind nodeset="/data/c" calculate="/data/b + /data/d"/><bind nodeset="/data/d" calculate="/data/a"/>""",
            "/data/a → /data/b → /data/c → /data/d → /data/a",
        ),
        (  # what reads itself is named, not the longer way around
            '<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" calculate="/data/a + ."/>',
            "/data/b → /data/b",
        ),
        (  # a circle that is met from outside of it
            """<bind nodeset="/data/a" calculate="/data/b"/><bind nodeset="/data/b" calculate="/data/c"/>
               <bind nodeset="/data/c" calculate="/data/b"/>""",
            "/data/b → /data/c → /data/b",
        ),
    ],
)
def test_7_a_calculation_that_depends_on_itself_is_refused_with_its_path(model: str, path: str) -> None:
    found = problems("<a/><b/><c/><d/>", model, inputs("a", "b", "c"))
    assert [(problem.code, problem.fields["path"]) for problem in found] == [("form.cycle", path)]
    start = path.partition(" ")[0]
    assert found[0].place.nodeset == start  # an author looks for the row of the first node, and there for the column
    assert found[0].place.column == ("calculate" if f'"{start}" calculate' in model else "relevant")


@pytest.mark.parametrize(
    "model",
    [
        '<bind nodeset="/data/a" constraint=". &gt; 1"/>',
        '<bind nodeset="/data/a" required=". = \'\'"/>',
        '<bind nodeset="/data/a" relevant="/data/b &gt; 0"/><bind nodeset="/data/b" relevant="/data/a &gt; 0"/>',
        '<bind nodeset="/data/a" readonly="/data/b &gt; 0"/><bind nodeset="/data/b" readonly="/data/a &gt; 0"/>',
        '<bind nodeset="/data/a" calculate="position(.)"/>',
    ],
)
def test_8_circles_that_settle_are_let_through(model: str) -> None:
    assert codes("<a/><b/>", model, inputs("a", "b")) == []


def test_9_a_relevance_may_count_its_own_siblings() -> None:
    assert codes(
        "<r><a/></r>",
        '<bind nodeset="/data/r" relevant="position(.) &lt; 3 and count(../r) &lt; 9"/>',
        '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
    ) == []  # fmt: skip


def test_10_filters_that_exclude_one_another_are_let_through() -> None:
    choices = "<instance id='x'><root><item><name>1</name></item><item><name>2</name></item></root></instance>"
    select = """<select1 ref="/data/{0}"><itemset nodeset="instance('x')/root/item[name != /data/{1}]">
                <value ref="name"/></itemset></select1>"""
    record = live(form("<a/><b/>", choices, select.format("a", "b") + select.format("b", "a")))
    record.answer("/data/a", "1")
    assert [value for value, _ in record.choices("/data/b")] == ["2"]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16))
def test_11_any_graph_is_either_ordered_or_refused(edges: list[tuple[int, int]]) -> None:
    """Calculations n0…n7, each the sum of those it reads: ordered after them, or a cycle is named."""
    reads: dict[int, set[int]] = {}
    for target, source in edges:
        reads.setdefault(target, set()).add(source)
    binds = "".join(
        f'<bind nodeset="/data/n{target}" calculate="{" + ".join(f"/data/n{s}" for s in sorted(sources))}"/>'
        for target, sources in reads.items()
    )
    names = "".join(f"<n{number}/>" for number in range(8))
    found = problems(names, binds)
    if _has_cycle(reads):
        assert {problem.code for problem in found} == {"form.cycle"}
        return
    order = calculates(form(names, binds).graph)
    for target, sources in reads.items():
        for source in sources & reads.keys():
            assert order.index(f"/data/n{source}") < order.index(f"/data/n{target}")


def _has_cycle(reads: dict[int, set[int]]) -> bool:
    left = {target: set(sources) for target, sources in reads.items()}
    while True:
        free = [target for target, sources in left.items() if not sources & left.keys()]
        if not free:
            return bool(left)
        for target in free:
            del left[target]


@pytest.mark.parametrize(("count", "short"), [(19, False), (20, True)])
def test_a_cycle_is_told_in_full_as_long_as_it_can_be_read(count: int, short: bool) -> None:
    nodes = "".join(f"<c{n}/>" for n in range(count))
    binds = "".join(f'<bind nodeset="/data/c{n}" calculate="/data/c{(n + 1) % count} + 1"/>' for n in range(count))
    (problem,) = problems(nodes, binds)
    assert ("…" in problem.fields["path"]) is short
    assert len(problem.fields["path"].split(" → ")) == (21 if short else count + 1)


def test_a_long_cycle_is_found_and_told_in_short() -> None:
    count = 300
    nodes = "".join(f"<c{n}/>" for n in range(count))
    binds = "".join(f'<bind nodeset="/data/c{n}" calculate="/data/c{(n + 1) % count} + 1"/>' for n in range(count))
    (problem,) = problems(nodes, binds)
    assert problem.code == "form.cycle"
    steps = problem.fields["path"].split(" → ")
    assert steps[:2] == ["/data/c0", "/data/c1"]
    assert steps[-2:] == ["/data/c299", "/data/c0"]
    assert steps[10] == "…"
    assert len(steps) == 21


def test_a_form_whose_expressions_read_everything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = "".join(f"<c{n}/>" for n in range(20))
    binds = "".join(f'<bind nodeset="/data/c{n}" constraint="count(//*) &gt; {n}"/>' for n in range(20))
    assert codes(nodes, binds) == []
    edges = sum(map(len, form(nodes, binds).graph.triggers.values()))
    monkeypatch.setattr(dag, "MOST_EDGES", edges)
    assert codes(nodes, binds) == []
    monkeypatch.setattr(dag, "MOST_EDGES", edges - 1)
    (problem,) = problems(nodes, binds)
    assert (problem.code, problem.place.column) == ("form.entangled", "constraint")
    assert problem.place.nodeset == "/data/c19"  # the one that was too many
    assert problem.text("de") != problem.text("en")
    assert str(edges - 1) in problem.text("de")


def test_what_many_expressions_read_alike_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a form of thousands of sums over one group would take the square of its length to open."""
    calls: Counter[str] = Counter()

    def counted(name: str) -> None:
        original = getattr(dag, name)

        def call(*arguments: object) -> object:
            calls[name] += 1
            return original(*arguments)

        monkeypatch.setattr(dag, name, call)

    for name in ("_matches", "_under", "_sources"):
        counted(name)
    counts = []
    for many in (1, 20):
        calls.clear()
        binds = "".join(
            f'<bind nodeset="/data/c{n}" calculate="sum(/data/g/*) + string-length(/data/g)"/>' for n in range(many)
        )
        form("<g><a/><b/></g>" + "".join(f"<c{n}/>" for n in range(20)), binds, inputs("g/a", "g/b"))
        counts.append(dict(calls))
    assert counts[0] == counts[1]
    assert counts[0].keys() == {"_matches", "_under", "_sources"}


def test_12_what_stays_in_its_entry_is_not_computed_anew_when_entries_come_or_go() -> None:
    graph = form(
        "<r><a/><b/><p/></r><c/>",
        """<bind nodeset="/data/r/b" calculate="../a"/><bind nodeset="/data/r/p" calculate="position(..)"/>
           <bind nodeset="/data/c" calculate="sum(/data/r/a)"/>""",
        '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>',
    ).graph
    hits = {graph.computations[hit.number].nodeset: hit.depth for hit in graph.structure["/data/r"]}
    assert hits == {"/data/r/p": 1, "/data/c": 0}
    assert [graph.computations[number].nodeset for number in graph.inside["/data/r"]] == ["/data/r/b", "/data/r/p"]


def test_13_a_count_is_read_in_the_entry_around_its_repeat_a_relevance_in_its_own() -> None:
    read = form(
        "<r><n/><s><x/></s></r>",
        '<bind nodeset="/data/r/s" relevant="x != 1"/>',
        """<repeat nodeset="/data/r"><input ref="/data/r/n"/>
           <repeat nodeset="/data/r/s" jr:count="../n"><input ref="/data/r/s/x"/></repeat></repeat>""",
    )
    assert readers(read.graph, "/data/r/n") == {("/data/r/s", "count"): 2}
    assert readers(read.graph, "/data/r/s/x") == {("/data/r/s", "relevant"): 3}


def test_13a_a_count_stands_where_the_entries_hang_all_else_at_its_own_node() -> None:
    graph = form(
        "<r><s><x/></s></r>",
        '<bind nodeset="/data/r/s" relevant="../../r"/>',
        """<repeat nodeset="/data/r">
           <repeat nodeset="/data/r/s" jr:count="x + 1"><input ref="/data/r/s/x"/></repeat></repeat>""",
    ).graph
    places = {item.kind: (item.place, item.steps) for item in graph.computations}
    assert places == {
        "count": ("/data/r", ("data", "r")),
        "relevant": ("/data/r/s", ("data", "r", "s")),
    }
    # Counting the entries of an entry is no work that a new entry of the inner repeat brings with it.
    assert [graph.computations[number].kind for number in graph.inside["/data/r/s"]] == ["relevant"]
    assert sorted(graph.computations[number].kind for number in graph.inside["/data/r"]) == ["count", "relevant"]
    assert readers(graph, "/data/r/s/x")["/data/r/s", "count"] == 2


@pytest.mark.parametrize(
    ("reference", "read", "others"),
    [
        ("/", {"/data", "/data/g", "/data/g/a", "/data/g/h", "/data/g/h/a", "/data/z"}, set()),
        ("/data/g//a", {"/data/g/a", "/data/g/h/a"}, {"/data", "/data/z", "/data/g/h"}),
        ("/data/g/*/a", {"/data/g/h/a"}, {"/data/g/a", "/data/g/h"}),
        ("/data/*/*/*", {"/data/g/h/a"}, {"/data", "/data/g", "/data/g/a", "/data/g/h", "/data/z"}),
        ("//h/a", {"/data/g/h/a"}, {"/data/g/a", "/data/z"}),
        ("instance('l')/data/*", set(), {"/data", "/data/g", "/data/z"}),
        ("instance('l')//*", set(), {"/data", "/data/g", "/data/z"}),
    ],
)
def test_14_a_wildcard_stands_for_what_fits_and_for_nothing_else(
    reference: str, read: set[str], others: set[str]
) -> None:
    model = f'<instance id="l"><data/></instance><bind nodeset="/data/z" constraint="count({reference}) &gt; 0"/>'
    graph = form("<g><a/><h><a/></h></g><z/>", model, inputs("z")).graph
    reading = {nodeset for nodeset in graph.triggers if ("/data/z", "constraint") in readers(graph, nodeset)}
    assert reading >= read
    assert not reading & others


@pytest.mark.parametrize(
    "text",
    [
        "indexed-repeat(/data/r/s/t/a, /data/r, 1, /data/r/s, 1, /data/r/s/t, 1)",
        "count(/data/r/s/t[a = 1])",
        "position(/data/r/s/t[a = 1])",
    ],
)
def test_15_a_repeat_that_is_only_counted_or_numbered_is_not_read_as_text(text: str) -> None:
    body = inputs("r/s/t/a", "r/s/t/b")
    for repeat in ("/data/r/s/t", "/data/r/s", "/data/r"):
        body = f'<repeat nodeset="{repeat}">{body}</repeat>'
    graph = form(
        "<r><u/><s><v/><t><a/><b/></t></s></r><c/>",
        f'<bind nodeset="/data/c" calculate="{text}"/>',
        body,
    ).graph
    for nodeset, read in (("/data/r/s/t/a", True), ("/data/r/s/t/b", False), ("/data/r/u", False)):
        assert (("/data/c", "calculate") in readers(graph, nodeset)) is read, nodeset


def test_16_outputs_in_labels_and_hints_are_read_as_text() -> None:
    body = """<input ref="/data/b"><label>B <output value="/data/a"/></label></input>
              <input ref="/data/c"><label>C</label><hint>Wie <output value="/data/a"/></hint></input>
              <group ref="/data/g"><label>G <output value="/data/a"/></label><input ref="/data/g/d"/></group>"""
    graph = form("<a/><b/><c/><g><d/></g>", "", inputs("a") + body).graph
    assert set(readers(graph, "/data/a")) == {("/data/b", "text"), ("/data/c", "text"), ("/data/g", "text")}
    assert graph.eager == 0


def test_17_the_relevance_of_a_group_reaches_all_that_reads_in_it_from_where_the_group_hangs() -> None:
    graph = form(
        "<a/><g><r><x/><y/></r></g><c/>",
        """<bind nodeset="/data/g" relevant="/data/a = 1"/><bind nodeset="/data/g/r/y" calculate="../x"/>
           <bind nodeset="/data/c" calculate="sum(/data/g/r/x)"/>""",
        inputs("a") + '<group ref="/data/g"><repeat nodeset="/data/g/r"><input ref="/data/g/r/x"/></repeat></group>',
    ).graph
    hits = {graph.computations[hit.number].nodeset: hit.depth for hit in graph.below["/data/g"]}
    assert hits == {"/data/g/r/y": 2, "/data/c": 0}


def test_17a_the_relevance_of_a_question_reaches_what_reads_it() -> None:
    graph = form(
        "<a/><b/><c/>",
        '<bind nodeset="/data/b" relevant="/data/a = 1"/><bind nodeset="/data/c" calculate="/data/b"/>',
        inputs("a", "b"),
    ).graph
    assert [graph.computations[hit.number].nodeset for hit in graph.below["/data/b"]] == ["/data/c"]


def test_18_outputs_in_translated_and_nested_labels_are_read() -> None:
    body = """<group><label>ohne Bezug <output value="/data/a"/></label>
                <group ref="/data/g"><input ref="/data/g/d"><label ref="jr:itext('q')"/></input>
                  <input ref="/data/g/e"><label>E <output value="/data/a"/></label></input></group></group>"""
    itext = """<translation lang="de"><text id="q"><value>Q <output value="/data/a"/></value></text></translation>"""
    graph = form("<a/><g><d/><e/></g>", "", inputs("a") + body, itext=itext).graph
    assert set(readers(graph, "/data/a")) == {("/data/g/d", "text"), ("/data/g/e", "text")}
