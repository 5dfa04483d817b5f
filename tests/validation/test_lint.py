"""validation/lint.py: what is odd about a form that can be read; every finding has its place, nothing good is found."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, survey
from validation.errors import Problem, UsageError
from validation.form import Form
from validation.lint import lint

SHOP = """
| survey |                   |       |        |
|        | type              | name  | label  |
|        | date              | day   | Day    |
|        | integer           | age   | Age    |
|        | text              | name  | Name   |
|        | select_one fruit  | one   | One    |
|        | select_multiple fruit | many | Many |
|        | select_one size   | size  | Size   |
|        | geopoint          | spot  | Spot   |
{rows}
| choices |          |       |        |
|         | list_name | name | label  |
|         | fruit    | apple | Apple  |
|         | fruit    | pear  | Pear   |
|         | size     | 1     | Small  |
|         | size     | 2     | Large  |
"""


def shop(column: str, expression: str, kind: str = "text") -> Form:
    """The shop form with one more question, `last`, that has an expression in a column."""
    table = SHOP.format(rows=f"|        | {kind} | last | Last | {expression} |")
    return survey(table.replace("| label  |\n|        | date", f"| label  | {column} |\n|        | date", 1))


def found(form: Form) -> list[tuple[str, str, str]]:
    result = lint(form)
    for problem in (*result.problems, *result.warnings):
        assert problem.text("de") != problem.text("en")
        assert not set("{}") & set(problem.text("de") + problem.text("en"))
    return [(item.code, item.place.nodeset, item.place.column) for item in (*result.problems, *result.warnings)]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("${day} > 2020", "lint.date_number"),
        ("2020 <= ${day}", "lint.date_number"),
        ("today() > 18", "lint.date_number"),
        ("${day} > ${age}", "lint.date_number"),
        ("${day} = '1.5.2020'", "lint.date_text"),
        ("${age} = 'old'", "lint.number_text"),
        ("${age} < today()", "lint.number_date"),
        ("${one} = 'aple'", "lint.not_listed"),
        ("selected(${many}, 'plum')", "lint.not_listed"),
        ("${size} != 3", "lint.not_listed"),
        ("${size} = -1", "lint.not_listed"),
        ("${many} + 1 > 2", "lint.arithmetic_list"),
        ("-${spot} > 2", "lint.arithmetic"),
        ("${one} * 2 > 2", "lint.arithmetic_choice"),
        ("regex(${name}, '[A-Z]+')", "lint.regex_part"),
        ("regex(${name}, '^\\p{L}+$')", "lint.regex_dialect"),
    ],
)
def test_values_that_do_not_go_together_are_told_where_they_stand(expression: str, code: str) -> None:
    assert [item for item in found(shop("constraint", expression)) if item[0] != "lint.unreachable"] == [
        (code, "/data/last", "constraint")
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "${day} > date('2020-01-01') and ${day} >= '2020-01-01' and ${day} != '' and ${day} > today() - 30",
        "int((today() - ${day}) div 365.25) > 18 and decimal-date-time(${day}) > 18000 and ${day} > 0",
        "format-date(${day}, '%Y') > 2020 and ${day} + 1 > ${day}",
        "${age} = '' or ${age} > 18 or ${age} = '18' or ${age} = 'NaN'",
        "${name} = 'anything' or ${name} > 3 or ${name} + 1 = 2",
        "${one} = 'apple' or ${one} = '' or ${one} != 'pear' or ${one} = ${name} or ${one} = 'NaN'",
        "${size} > 1 or ${size} = 1 or ${size} * 2 = 4 or ${size} = 2.0 or -${size} < 0",
        "selected(${many}, 'pear') or ${many} = 'apple pear' or count-selected(${many}) + 1 > 1",
        "selected(${name}, 'whatever') or jr:choice-name(${one}, '${one}') = 'Apple'",
        "regex(${name}, '^[A-Z]+$') or regex(${name}, '.*a.*') or regex(${name}, concat('^', ${name}))",
        "coalesce(${day}, ${age}) > 3 or if(${one} = 'apple', ${day}, ${age}) > 3",
    ],
)
def test_what_is_usual_is_not_reported(expression: str) -> None:
    assert found(shop("constraint", expression)) == []


def test_a_calculated_or_filtered_choice_may_hold_anything() -> None:
    body = '<select1 ref="/data/a"><item><label>X</label><value>x</value></item></select1>'
    binds = '<bind nodeset="/data/a" calculate="\'y\'"/><bind nodeset="/data/b" relevant="/data/a = \'y\'"/>'
    assert found(form("<a/><b/>", binds, body + inputs("b"))) == []
    assert found(form("<a/><b/>", binds.replace("calculate=\"'y'\"", ""), body + inputs("b"))) == [
        ("lint.not_listed", "/data/b", "relevant"),
        ("lint.unreachable", "/data/b", "relevant"),
    ]


def test_choices_from_a_file_or_from_answers_are_not_judged() -> None:
    for source in ("instance('towns')/root/item", "/data/child"):
        body = f'<select1 ref="/data/a"><itemset nodeset="{source}"><value ref="name"/></itemset></select1>'
        model = '<instance id="towns" src="jr://file-csv/towns.csv"/><bind nodeset="/data/b" relevant="/data/a=\'y\'"/>'
        repeat = '<group><repeat nodeset="/data/child"><input ref="/data/child/name"/></repeat></group>'
        assert found(form("<a/><b/><child><name/></child>", model, body + inputs("b") + repeat)) == []


def test_paths_in_predicates_go_out_from_the_step_before() -> None:
    rows = (
        "| | begin_repeat | r | R |\n| | select_one fruit | one | One |\n| | end_repeat | | |\n"
        "| | calculate | c | | count(${r}[one = 'plum']) |"
    )
    table = SHOP.replace("one   | One    |\n|        | select_multiple", "eins | One |\n|        | select_multiple")
    table = table.format(rows=rows).replace(
        "| label  |\n|        | date", "| label  | calculation |\n|        | date", 1
    )
    assert found(survey(table)) == [("lint.not_listed", "/data/c", "calculate")]


@pytest.mark.parametrize(
    ("kind", "default", "code"),
    [
        ("integer", "many", "lint.default"),
        ("integer", "5", None),
        ("date", "2020-01-05", None),
        ("date", "5.1.2020", "lint.default"),
        ("date", "today()", None),
        ("select_one fruit", "plum", "lint.not_listed"),
        ("select_multiple fruit", "apple pear", None),
        ("select_multiple fruit", "apple plum", "lint.not_listed"),
        ("text", "anything", None),
    ],
)
def test_a_default_must_be_an_answer(kind: str, default: str, code: str | None) -> None:
    expected = [] if code is None else [(code, "/data/last", "default")]
    assert found(shop("default", default, kind)) == expected


def test_a_default_in_a_repeat_is_judged_once() -> None:
    body = '<group><repeat nodeset="/data/r"><input ref="/data/r/n"/></repeat></group>'
    binds = '<bind nodeset="/data/r/n" type="int"/>'
    assert found(form("<r jr:template=''><n>x</n></r><r><n>x</n></r>", binds, body)) == [
        ("lint.default", "/data/r/n", "default")
    ]


def test_texts_that_a_language_lacks() -> None:
    itext = (
        '<translation lang="de"><text id="a"><value>A</value></text><text id="x"><value>X</value></text>'
        '<text id="both"><value>B</value></text></translation>'
        '<translation lang="en"><text id="a"><value>-</value></text>'
        '<text id="both"><value>B</value></text></translation>'
    )
    label = "<label ref=\"jr:itext('{}')\"/>"
    body = (
        f'<input ref="/data/a">{label.format("a")}</input><input ref="/data/b">{label.format("both")}</input>'
        '<select1 ref="/data/c"><itemset nodeset="instance(\'l\')/root/item"><value ref="name"/>'
        '<label ref="jr:itext(itextId)"/></itemset></select1>'
    )
    items = '<instance id="l"><root><item><name>x</name><itextId>x</itextId></item></root></instance>'
    made = form("<a/><b/><c/>", items, body, itext=itext)
    assert {code for code, *_ in found(made)} == {"lint.untranslated"}
    result = lint(made).warnings
    assert [(item.place.nodeset, item.place.column, item.fields["spoken"]) for item in result] == [
        ("/data/a", "label", "en"),
        ("/data/c", "choices", "en"),
    ]


def test_a_pattern_no_engine_reads_is_a_problem() -> None:
    result = lint(shop("constraint", "regex(., '[a')"))
    [problem] = result.problems
    assert (problem.code, problem.place.column, problem.place.position) == ("xpath.regex_wrong", "constraint", 10)
    assert result.warnings == ()


def test_outputs_in_labels_are_judged_as_well() -> None:
    body = '<input ref="/data/a"><label>Old: <output value="/data/d &gt; 5"/></label></input>'
    assert found(form("<a/><d/>", '<bind nodeset="/data/d" type="date"/>', body)) == [
        ("lint.date_number", "/data/a", "label")
    ]


def by_client(expression: str, *clients: str) -> list[Problem]:
    return list(lint(shop("calculation", expression, "calculate"), clients=clients).warnings)


def test_functions_that_a_named_client_lacks() -> None:
    assert by_client("substring(${name}, 1, 2)") == []
    assert [item.code for item in by_client("substring(${name}, 1, 2)", "collect", "enketo")] == ["lint.client_lacks"]
    assert [item.code for item in by_client("${day} >= '2020-01-01' and ${day} = '2020-01-01'", "collect")] == [
        "lint.date_as_text"
    ]
    assert by_client("${day} >= '2020-01-01'", "web-forms", "enketo") == []
    [problem] = by_client("geofence(${spot}, ${name})", "enketo", "collect")
    assert "Enketo" in problem.message
    codes = [item.code for item in by_client("coalesce(${name}, ${age}, ${one})", "collect", "web-forms")]
    assert codes == ["lint.client_arguments"] * 2
    with pytest.raises(UsageError, match="collect, web-forms, enketo"):
        by_client("1", "kobo")


def test_expressions_of_counts_and_texts_of_choices_are_looked_at_too() -> None:
    texts = "".join(
        f'<translation lang="{language}"><text id="q"><value>{text}</value></text></translation>'
        for language, text in (("de", "Frage"), ("en", "-"))
    )
    read = form(
        "<n/><d/><a/><r><x/></r>",
        """<bind nodeset="/data/n" type="string" constraint=". != ''" jr:constraintMsg="jr:itext('q')"/>
           <bind nodeset="/data/d" type="date"/>""",
        inputs("n", "d")
        + """<select1 ref="/data/a"><item><label ref="jr:itext('q')"/><value>1</value></item></select1>
             <repeat nodeset="/data/r" jr:count="if(/data/d &gt; 2020, 1, 2)"><input ref="/data/r/x"/></repeat>""",
        itext=texts,
    )
    assert sorted(found(read)) == [
        ("lint.date_number", "/data", "jr:count"),
        ("lint.untranslated", "/data/a", "choices"),
        ("lint.untranslated", "/data/n", "constraint_message"),
    ]
