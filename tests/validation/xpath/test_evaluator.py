"""validation/xpath/evaluator.py: operators, comparisons, predicates, contexts, and that nothing else gets out."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validation.errors import XPathError
from validation.tree import Node, parse
from validation.xpath import evaluate, evaluator
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.functions import table
from validation.xpath.parser import NESTING_LIMIT
from validation.xpath.parser import parse as parse_expression

FORM = parse(
    '<data id="f"><age>34</age><none/><born>2001-02-28</born><word>x y</word>'
    "<kid><n>1</n></kid><kid><n>5</n></kid><kid><n>9</n></kid></data>"
)


def _context(node: Node | None = None) -> Context:
    return Context(node=node or FORM, root=FORM, now=datetime(2024, 6, 15, 12, tzinfo=UTC))


def _value(text: str, node: Node | None = None) -> object:
    return evaluate_tree(parse_expression(text), _context(node))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1 = true()", True),
        ("3 > 2 > 1", False),
        ("1 or nothing-of-the-kind()", True),
        ("0 and nothing-of-the-kind()", False),
        ("not(/data/nope)", True),
        ("count(/data/kid)", 3.0),
        ("count(/data/kid[n > 1])", 2.0),
        ("count(/data/kid[n > 1][1])", 1.0),
        ("string(/data/kid[position() = last()]/n)", "9"),
        ("string(/data/kid[2]/n)", "5"),
        ("string(/data/kid[0]/n)", ""),
        ("string(/data/kid[1.5]/n)", ""),
        ("string(/data/kid[/data/kid[1]/n + 1]/n)", "5"),
        ("string((/data/kid)[3]/n)", "9"),
        ("string(//n[2])", ""),
        ("string((//n)[2])", "5"),
        ("count((//n)[. > 1])", 2.0),
        ("string((//n)[last()])", "9"),
        ("string(/data/@id)", "f"),
        ("count(/data/@*)", 1.0),
        ("count(/data/*)", 7.0),
        ("count(/data/kid | /data/kid[2] | //n)", 6.0),
        ("count(//node())", 17.0),
        ("string(/)", "342001-02-28x y159"),
        ("string(/data/kid[n = 5]/preceding-sibling::kid/n)", "1"),
        ("count(/data/kid/following-sibling::kid)", 2.0),
        ("count(/data/kid/n/ancestor::*)", 4.0),
        ("string(/data/kid/n/ancestor::*[1]/n)", "1"),
        ("count(/data/kid/n/parent::kid[n = 5])", 1.0),
        ("count(/data/kid/n/parent::kid)", 3.0),
        ("count(/data/kid/n/parent::data)", 0.0),
        ("string(/data/kid[3]/preceding-sibling::*)", "34"),
        ("count(/data/kid[3]/preceding-sibling::*)", 6.0),
        ("count((/data | /data/kid[1])/kid)", 3.0),
        ("-/data/age", -34.0),
        ("- -/data/age", 34.0),
    ],
)
def test_values(text: str, expected: object) -> None:
    value = _value(text)
    if isinstance(expected, float) and math.isnan(expected):
        assert isinstance(value, float)
        assert math.isnan(value)
    else:
        assert value == expected
        assert type(value) is type(expected)


def test_relative_paths_start_at_the_context() -> None:
    second = [node for node in FORM.descendants() if node.name == "kid"][1]
    assert _value("string(n)", second) == "5"
    assert _value("string(../age)", second) == "34"
    assert _value("count(../kid[n < current()/n])", second) == 1.0
    assert _value("position(.)", second) == 2.0


def test_what_is_not_relevant_reads_as_empty() -> None:
    form = FORM.copy()
    data = form.child("data")
    assert data is not None
    age = data.child("age")
    assert age is not None
    age.relevant = False
    context = Context(node=form, root=form)
    for text, expected in (("string(/data/age)", ""), ("/data/age = ''", True), ("/data/age > 0", False)):
        assert evaluate_tree(parse_expression(text), context) == expected
    data.relevant = False
    assert evaluate_tree(parse_expression("string(/data/word)"), context) == ""
    assert evaluate_tree(parse_expression("count(/data/kid)"), context) == 3.0


def test_names_and_namespaces() -> None:
    document = (
        '<data xmlns="urn:any" xmlns:orx="http://openrosa.org/xforms" xmlns:z="urn:z">'
        '<orx:meta><orx:instanceID>i</orx:instanceID></orx:meta><z:q v="1" z:v="2"/><q>3</q></data>'
    )
    assert evaluate("/data/orx:meta/orx:instanceID", document).string() == "i"
    assert evaluate("/data/meta", document).nodeset() == []
    assert evaluate("string(/data/q)", document).string() == "3"
    assert evaluate("/data/z:q/@z:v", document, "/data").string() == "2"
    assert evaluate("/data/z:q/@v", document, "/data").string() == "1"
    assert evaluate("/data/z:*", document, "/data").nodeset() == ["/*[1]/*[2]"]
    with pytest.raises(XPathError) as caught:
        evaluate("/data/nope:q", document)
    assert (caught.value.problems[0].code, caught.value.position) == ("xpath.prefix", 7)


@pytest.mark.parametrize(
    ("text", "code", "position", "fields"),
    [
        ("1 + no-such(2)", "xpath.unknown_function", 5, {"name": "no-such"}),
        (
            "1 + concat(substr('a'))",
            "xpath.arity",
            12,
            {"name": "substr", "allowed": table()["substr"].arity(), "given": "1"},
        ),
        ("1 | 2", "xpath.nodes_expected", 1, {"name": "|"}),
        ("/data | no-such(2)", "xpath.unknown_function", 9, {"name": "no-such"}),
        ("count('a')", "xpath.nodes_expected", 1, {"name": "count"}),
        ("'a'/b", "xpath.path_from_value", 1, {}),
        ("(1)[1]", "xpath.path_from_value", 1, {}),
        ("regex('a', '(')", "xpath.regex_wrong", 1, {"name": "regex"}),
        ("/data/nope:q", "xpath.prefix", 7, {"prefix": "nope"}),
    ],
)
def test_refusals_name_position_and_function(text: str, code: str, position: int, fields: dict[str, str]) -> None:
    with pytest.raises(XPathError) as caught:
        _value(text)
    problem = caught.value.problems[0]
    assert (problem.code, caught.value.position) == (code, position)
    assert fields.items() <= problem.fields.items()
    assert caught.value.expression == text
    assert problem.text("de") != problem.text("en")


@pytest.mark.parametrize(
    ("text", "position"),
    [("count(/data/n[. = (1 | 2)])", 20), ("count(/data/n[1 | 2])", 15), ("count(/data/n[/data/k = no-such()])", 25)],
)
def test_a_refusal_in_a_filter_over_many_nodes_names_its_position_too(text: str, position: int) -> None:
    document = parse("<data><k/>" + "<n/>" * 140 + "</data>")
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse_expression(text), Context(document, document))
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "utc", "berlin"),
    [
        ("'2024-06-15T22:30:00Z' > '2024-06-16T00:29:00'", "false", "true"),
        ("/a/b > /a/c", "false", "true"),
        ("'2024-06-16T01:00:00' - '2024-06-15T22:00:00Z' = 0.125", "true", "false"),
        ("-'2024-06-15T23:00:00Z' = -'2024-06-16T01:00:00'", "false", "true"),
        ("-'2024-06-15T23:00:00Z' = -'2024-06-15T23:00:00'", "true", "false"),
    ],
)
def test_a_time_without_offset_is_one_on_the_clock_of_the_interview(text: str, utc: str, berlin: str) -> None:
    document = "<a><b>2024-06-15T22:30:00Z</b><c>2024-06-16T00:29:00</c></a>"
    assert evaluate(text, document, tz="UTC").string() == utc
    assert evaluate(text, document, tz="Europe/Berlin").string() == berlin


def test_the_context_is_as_before_even_after_a_refusal() -> None:
    context = _context()
    with pytest.raises(XPathError):
        evaluate_tree(parse_expression("/data/kid[no-such()]"), context)
    assert (context.node, context.position, context.size, context.current) == (FORM, 1, 1, None)


def test_a_deep_expression_in_a_deep_program_is_refused_not_crashed() -> None:
    text = "if(1, " * 99 + "7" + ", 0)" * 99

    def deeper(levels: int) -> float:
        return evaluate(text).number() if levels == 0 else deeper(levels - 1)

    assert evaluate(text).number() == 7.0
    with pytest.raises(XPathError) as caught:
        deeper(800)
    assert caught.value.problems[0].code == "xpath.too_deep"
    assert caught.value.expression == text
    assert str(NESTING_LIMIT) in caught.value.problems[0].text("de")


@given(st.lists(st.sampled_from(["//n", "/data/*", "/data/kid[2]", "..", "//text()", "/", "//@*"]), min_size=1))
def test_a_union_is_a_set_in_document_order(parts: list[str]) -> None:
    union = evaluate(" | ".join(parts), FORM).nodeset()
    assert len(set(union)) == len(union)
    assert evaluate(" | ".join(reversed(parts)), FORM).nodeset() == union
    assert set(union) == {path for part in parts for path in evaluate(part, FORM).nodeset()}


@given(
    st.sampled_from(["//", "/data//", ".//"]), st.sampled_from(["n", "kid", "*", "kid[n > 1]", "kid[1]", "n[last()]"])
)
def test_the_short_way_down_is_the_long_way(start: str, step: str) -> None:
    long = start.replace("//", "/descendant-or-self::node()/") + step
    assert evaluate(start + step, FORM).nodeset() == evaluate(long, FORM).nodeset()


_ATOMS = st.sampled_from(
    [
        "1",
        ".5",
        "0",
        "-1",
        "99999999999999999999999",
        "'a'",
        "'2020-01-01'",
        "/data/age",
        "//n",
        "..",
        ".",
        "*",
        "@id",
        "/data/kid[1]",
        "last()",
        "position()",
        "today()",
        "now()",
        "1 div 0",
        "0 div 0",
        "''",
        "/",
        "text()",
        "nope",
        "'[a-z'",
        "'(a+)+$'",
        "'0 0;1 1;0 1;0 0'",
        "'%Y%q'",
        "'SHA-256'",
    ]
)


@st.composite
def _expressions(draw: st.DrawFn, depth: int = 4) -> str:
    kind = draw(st.integers(0, 9)) if depth else 0
    inner = _expressions(depth - 1)
    if kind < 3:
        return draw(_ATOMS)
    if kind < 7:
        function = draw(st.sampled_from(sorted(table())))
        count = draw(st.integers(table()[function].minimum, table()[function].minimum + 2))
        return f"{function}({', '.join(draw(inner) for _ in range(count))})"
    if kind == 7:
        return f"({draw(inner)})[{draw(inner)}]/{draw(st.sampled_from(['n', '..', '@id', 'preceding::node()']))}"
    operator = draw(st.sampled_from(["+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or", "|"]))
    return f"{draw(inner)} {operator} {draw(inner)}"


@given(_expressions(), st.integers(0, 60), st.sampled_from(["", "(", ")", "'", "[", "\x00", "é", "$", "::"]))
@settings(max_examples=400, deadline=None)
def test_any_expression_gives_a_value_or_an_xpath_error(text: str, place: int, noise: str) -> None:
    broken = text[:place] + noise + text[place:]
    try:
        value = evaluate(broken, FORM, "/data/kid[2]", now=datetime(2024, 6, 15, tzinfo=UTC), tz="Europe/Berlin")
    except XPathError as error:
        sentences = error.problems[0].text("de"), error.problems[0].text("en")
    else:
        sentences = value.string(), value.string() + "!"
        assert isinstance(value.number(), float)
        assert isinstance(value.boolean(), bool)
    assert sentences[0] != sentences[1]


@pytest.mark.parametrize(
    "text",
    [
        "count(//*[preceding::*])",
        "count(//n[following::nothing])",
        "count(/data/n[preceding-sibling::n])",
        "count(/data/*[../n])",
        "count(//n[. = //n])",
        "count(/data/n[. = /data/n])",
        "count(//*[..//@*])",
    ],
)
def test_work_is_bounded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "_BUDGET", 20_000)
    document = parse("<data>" + "<n>1</n>" * 300 + "</data>")
    context = Context(document, document)
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse_expression(text), context)
    assert caught.value.problems[0].code == "xpath.too_much_work"
    for _ in range(100):  # what was spent before does not count
        assert evaluate_tree(parse_expression("count(//n[. = 1])"), context) == 300.0


def test_the_same_chance_gives_the_same_values() -> None:
    first, second = (
        evaluate_tree(parse_expression("concat(uuid(), random())"), Context(FORM, FORM, random=random.Random(7)))
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("count(/data/n[. = /data/k])", 20),
        ("count(/data/n[. = current()/k])", 20),
        ("count(/data/n[. = /data/k or . = /data/nothing])", 20),
        ("count(/data/n[position() < /data/k])", 6),
        ("count(/data/n[. = ../k and position() = last()])", 1),
        ("count(/data/n[/data/k])", 140),
        ("count(/data/n[/data/nothing])", 0),
        ("count(/data/n[number(/data/k)])", 1),
    ],
)
def test_a_filter_over_many_nodes_reads_what_stays_the_same_once(text: str, count: int) -> None:
    document = parse("<data><k>7</k>" + "".join(f"<n>{n % 7 + 1}</n>" for n in range(140)) + "</data>")
    data = document.child("data")
    assert data is not None
    assert evaluate_tree(parse_expression(text), Context(data, document)) == count
    data.child("k").value = "700"  # nothing is remembered from one evaluation to the next
    assert evaluate_tree(parse_expression("count(/data/n[. = /data/k])"), Context(data, document)) == 0.0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("(/data | /data/kid[1])/*", 8),
        ("(/data/age | /data/kid/n)/../*", 10),
        ("/data/kid/preceding-sibling::*", 6),
        ("(/data/kid | /data)//n", 3),
        ("//*[kid or n = 1]/*", 8),
    ],
)
def test_nodes_that_contain_one_another_give_their_children_in_document_order(text: str, count: int) -> None:
    found = evaluate_tree(parse_expression(text), _context())
    assert isinstance(found, list)
    order = {id(node): number for number, node in enumerate(FORM.descendants())}
    numbers = [order[id(node)] for node in found]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == count


def test_each_kind_of_node_is_found_by_its_own_test() -> None:
    document = parse("<a>x<b/>y<!--c--><?p one?><?q two?></a>")
    for text, count in (
        ("/a/*", 1),
        ("/a/node()", 6),
        ("/a/text()", 2),
        ("/a/comment()", 1),
        ("/a/processing-instruction()", 2),
        ("/a/processing-instruction('q')", 1),
        ("/a/p", 0),
        ("/a//p", 0),
    ):
        assert evaluate(f"count({text})", document).number() == count, text


def test_a_name_without_prefix_never_means_xhtml() -> None:
    document = '<html xmlns="http://www.w3.org/1999/xhtml"><b/><c xmlns="urn:any"/></html>'
    for text, count in (("/html", 0), ("//b", 0), ("/h:html/h:b", 1), ("/h:html/c", 1), ("//c", 1), ("/*/*", 2)):
        assert evaluate(f"count({text})", document).number() == count, text


def test_a_current_node_that_is_given_stays_the_current_one() -> None:
    kids = [node for node in FORM.descendants() if node.name == "kid"]
    context = Context(node=kids[1], root=FORM, current=kids[2])
    assert evaluate_tree(parse_expression("concat(n, current()/n)"), context) == "59"
    assert context.current is kids[2]


def test_well_known_prefixes_need_no_declaration() -> None:
    context = Context(node=FORM, root=FORM, namespaces={"z": "urn:z"})
    for prefix in ("z", "xml", "h", "xhtml", "xf", "xforms", "ev", "jr", "orx", "odk", "entities"):
        assert evaluate_tree(parse_expression(f"count(//{prefix}:q)"), context) == 0.0
    with pytest.raises(XPathError):
        evaluate_tree(parse_expression("count(//y:q)"), context)


@pytest.mark.parametrize(
    ("prefix", "uri"),
    [
        ("h", "http://www.w3.org/1999/xhtml"),
        ("xhtml", "http://www.w3.org/1999/xhtml"),
        ("xf", "http://www.w3.org/2002/xforms"),
        ("xforms", "http://www.w3.org/2002/xforms"),
        ("ev", "http://www.w3.org/2001/xml-events"),
        ("jr", "http://openrosa.org/javarosa"),
        ("orx", "http://openrosa.org/xforms"),
        ("odk", "http://www.opendatakit.org/xforms"),
        ("entities", "http://www.opendatakit.org/xforms/entities"),
    ],
)
def test_each_well_known_prefix_means_its_namespace(prefix: str, uri: str) -> None:
    document = f'<a><q xmlns="{uri}"/><q xmlns="urn:other"/></a>'
    assert evaluate(f"count(/a/{prefix}:q)", document).number() == 1


@pytest.mark.parametrize(
    "text",
    [
        "count(/data/n[/data/k = 5])",
        "count(/data/n[current()/k = 5 and . = 1])",
        "count(/data/n[. = 1 and 5 = /data/k])",
    ],
)
def test_what_stays_the_same_for_every_candidate_is_paid_for_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "_BUDGET", 20_000)
    document = parse("<data>" + "<n>1</n>" * 300 + "<k>5</k>" * 300 + "</data>")
    data = document.child("data")
    assert data is not None
    assert evaluate_tree(parse_expression(text), Context(data, document)) == 300.0


@pytest.mark.parametrize(
    ("path", "cost"),
    [  # the document has 701 nodes: data, 100 n with a text and one m with a text, 300 k
        ("/data", 1 + 1),
        ("/data/k", (1 + 1) + (1 + 300)),
        ("/data/*", (1 + 1) + (1 + 400)),
        ("/data/n/m", (1 + 1) + (1 + 100) + (100 + 100)),
        ("/data/nothing/m", (1 + 1) + (1 + 0)),
        ("/data/n/..", (1 + 1) + (1 + 100) + 100),
        ("/data/n/../n", (1 + 1) + (1 + 100) + 100 + (1 + 100)),
        ("/data/n/m/../m", (1 + 1) + (1 + 100) + (100 + 100) + 100 + (100 + 100)),
        ("/data/n/self::n/m", (1 + 1) + (1 + 100) + 4 * 100 + (100 + 100)),
        ("//m", 4 * 701),
        ("//*", 4 * 701),
        ("/data/k[1]", (1 + 1) + 4 * 400),
    ],
)
def test_a_path_is_charged_for_the_nodes_it_looks_at(path: str, cost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain steps by what they find, others four times by what they pass: the costs behind `_BUDGET`."""
    document = parse("<data>" + "<n>a<m>1</m></n>" * 100 + "<k/>" * 300 + "</data>")
    assert sum(1 for _ in document.descendants()) == 701
    monkeypatch.setattr(evaluator, "_BUDGET", cost)
    evaluate_tree(parse_expression(path), Context(document, document))
    monkeypatch.setattr(evaluator, "_BUDGET", cost - 1)
    with pytest.raises(XPathError):
        evaluate_tree(parse_expression(path), Context(document, document))


@pytest.mark.parametrize("others", [1, 40])
def test_a_step_from_many_nodes_takes_the_children_of_its_name_only(others: int) -> None:
    """Entries with few and with many fields: the two ways to their children."""
    entry = "<r>" + "<x>9</x>" * others + "<a>1</a><z:a xmlns:z='urn:z'>9</z:a><a>2</a></r>"
    document = f"<data>{entry * 3}</data>"
    assert evaluate("count(/data/r/a)", document).number() == 6.0
    assert evaluate("sum(/data/r/a)", document).number() == 9.0


@pytest.mark.parametrize("path", ["//nothing", "//*", "//text()"])
def test_looking_through_the_whole_document_is_paid_for(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluator, "_BUDGET", 20_000)
    document = parse("<data>" + "<n>1</n>" * 300 + "</data>")
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse_expression(f"count(/data/n[count({path}) < 999])"), Context(document, document))
    assert caught.value.problems[0].code == "xpath.too_much_work"


def test_chance_in_a_filter_is_drawn_for_each_candidate() -> None:
    document = parse("<data><k/>" + "<n/>" * 140 + "</data>")
    context = Context(document, document, random=random.Random(7))
    count = evaluate_tree(parse_expression("count(/data/n[/data/k[random() < 0.5]])"), context)
    assert isinstance(count, float)
    assert 40 < count < 100
