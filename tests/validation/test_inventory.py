"""validation/inventory.py: what is known of each node, and which node a path means."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs
from validation.inventory import Asked, inventory, nodeset_of, terms
from validation.xpath.parser import parse

ITEMS = '<instance id="l"><root><item><name>x</name></item><item><name> y </name></item></root></instance>'


def itemset(nodeset: str, value: str = "name") -> str:
    return f'<select1 ref="/data/a"><itemset nodeset="{nodeset}"><value ref="{value}"/></itemset></select1>'


@pytest.mark.parametrize(
    ("nodeset", "value", "values"),
    [
        ("instance('l')/root/item", "name", {"x", "y"}),
        ("instance('l')/root/item[name != 'x']", "name", {"x", "y"}),
        ("randomize(instance('l')/root/item, 3)", "name", {"x", "y"}),
        ("instance('l')/root/item", "code", None),
        ("instance('l')/root/*", "name", None),
        ("instance('l')//item", "name", None),
        ("instance('file')/root/item", "name", None),
        ("/data/b", "name", None),
        ("instance('l')/root/nothing", "name", None),
    ],
)
def test_what_an_itemset_offers(nodeset: str, value: str, values: set[str] | None) -> None:
    made = form("<a/><b/>", f'{ITEMS}<instance id="file" src="jr://file-csv/f.csv"/>', itemset(nodeset, value))
    assert inventory(made)["/data/a"].values == values


def test_type_control_and_who_fills_it_in() -> None:
    body = (
        f'{inputs("n", "calculated", "set", "both")}<select1 ref="/data/both"><item><label>X</label><value>x</value>'
        "</item></select1>"
    )
    model = (
        '<bind nodeset="/data/n" type="int"/><bind nodeset="/data/calculated" calculate="1"/>'
        '<bind nodeset="/data/today" type="date" jr:preload="date" jr:preloadParams="today"/>'
        '<setvalue event="odk-instance-first-load" ref="/data/set" value="1"/>'
    )
    known = inventory(form("<n/><calculated/><set/><both/><today/>", model, body))
    assert known["/data/n"] == Asked("int", "input")
    assert known["/data/calculated"] == Asked("string", "input", open=True)
    assert known["/data/set"].open
    assert known["/data/today"] == Asked("date", open=True)
    assert known["/data/both"].values is None  # may be typed as well


@pytest.mark.parametrize(
    ("path", "nodeset"),
    [
        ("/data/a", "/data/a"),
        ("../b", "/data/g/b"),
        (".", "/data/g/here"),
        ("current()/../b", "/data/g/b"),
        ("/data/r[2]/x", "/data/r/x"),
        ("(/data/a)[1]", "/data/a"),
        ("indexed-repeat(/data/r/x, /data/r, 2)", "/data/r/x"),
        ("instance('l')/root/item[1]/name", "instance('l')/root/item/name"),
        ("/data/@version", "/data/@version"),
        ("//a", None),
        ("/data/*", None),
        ("/data/node()", None),
        ("../../../..", None),
        ("concat('a', 'b')", None),
        ("'text'", None),
        ("3 + 4", None),
        ("(/data/a | /data/b)/c", None),
        ("instance(/data/a)/root", None),
    ],
)
def test_the_one_node_a_path_means(path: str, nodeset: str | None) -> None:
    assert nodeset_of(parse(path).tree, "/data/g/here", "/data/g/here") == nodeset


def test_terms_know_where_they_stand() -> None:
    found = {
        str(term): place for term, place in terms(parse("/data/r[child = 1]/x[.. = 2] and (../y)[z = 3]"), "/data/h")
    }
    assert found["child::child"] == "/data/r"
    assert found["parent::node()"] == "/data/r/x"
    assert found["child::z"] == "/data/y"
