"""validation/xpath/__init__.py: evaluate() as other people's scripts call it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from validation.errors import FormError, XPathError
from validation.tree import parse
from validation.xpath import Value, evaluate
from validation.xpath.parser import parse as parse_expression

MODEL = """
<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"><h:head><model>
  <itext>
    <translation lang="Deutsch (de)"><text id="q"><value>Alter</value><value form="audio">a.mp3</value></text>
    </translation>
    <translation lang="English (en)"><text id="q"><value>Age</value></text></translation>
  </itext>
  <instance><data id="f"><town>2</town></data></instance>
  <instance id="towns"><root><item><name>1</name><label>Calw</label></item>
    <item><name>2</name><label>Wildberg</label></item></root></instance>
</model></h:head></h:html>
"""


def test_without_a_document() -> None:
    assert evaluate("1 + 1").number() == 2.0
    assert evaluate("true()").boolean() is True
    assert evaluate("count(/*)").string() == "1"


def test_a_value_reads_as_every_type() -> None:
    value = evaluate("/a/b", "<a><b>3</b><b>4</b></a>")
    assert (value.string(), value.number(), value.boolean()) == ("3", 3.0, True)
    assert value.nodeset() == ["/*[1]/*[1]", "/*[1]/*[2]"]
    with pytest.raises(XPathError):
        Value("a").nodeset()


def test_documents_contexts_and_expressions_may_be_parsed_already() -> None:
    document = parse("<a><b>3</b></a>")
    assert evaluate(parse_expression("string(.)"), document, document.child("a")).string() == "3"
    assert evaluate("string(../@x)", '<a x="1"><b/></a>', "/*[1]/*[1]").string() == "1"


def test_root_is_where_absolute_paths_go_out_from() -> None:
    root = "//instance[1]"
    text = "instance('towns')/root/item[name = /data/town]/label"
    assert evaluate(text, MODEL, "/", root=root).string() == "Wildberg"
    assert evaluate("pulldata('towns', 'label', 'name', /data/town)", MODEL, root=root).string() == "Wildberg"
    assert evaluate("pulldata('towns', 'label', 'name', 9)", MODEL, root=root).string() == ""
    assert evaluate("pulldata('towns', 'nope', 'name', 1)", MODEL, root=root).string() == ""


def test_itext_speaks_the_language() -> None:
    assert evaluate("jr:itext('q')", MODEL).string() == "Alter"
    assert evaluate("jr:itext('q')", MODEL, language="English (en)").string() == "Age"
    assert evaluate("jr:itext('nope')", MODEL).string() == ""


def test_clock_and_zone_are_passed_in() -> None:
    late = datetime(2022, 12, 31, 23, 30, tzinfo=UTC)
    assert evaluate("today()", now=late).string() == "2022-12-31"
    assert evaluate("today()", now=late, tz="Europe/Berlin").string() == "2023-01-01"
    assert evaluate("today()", now=late.astimezone(ZoneInfo("Europe/Berlin"))).string() == "2023-01-01"
    assert evaluate("now()", now=datetime(2024, 5, 1, 8), tz="Europe/Berlin").string().endswith("+02:00")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"expression": "today()"}, "xpath.no_clock"),
        ({"expression": "1", "tz": "Mars/Olympus"}, "xpath.zone"),
        ({"expression": "1", "tz": "../../etc/passwd"}, "xpath.zone"),
        ({"expression": "1", "context": "/nowhere"}, "xpath.no_context"),
        ({"expression": "1", "root": "1 + 1"}, "xpath.no_context"),
        ({"expression": "jr:itext('q')"}, "xpath.no_itext"),
        ({"expression": "instance('x')"}, "xpath.unknown_instance"),
        ({"expression": "jr:choice-name('1', '/data/q')"}, "xpath.no_choices"),
    ],
)
def test_what_is_missing_is_named(arguments: dict[str, str], code: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(**arguments)  # type: ignore[arg-type]
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.text("de") != problem.text("en")


def test_a_document_that_is_none_is_refused() -> None:
    with pytest.raises(FormError):
        evaluate("1", "<a>")
