"""validation/reachable.py: relevances that can never hold are found, all others are left alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario.xforms import form, inputs, live
from validation.form import Form
from validation.reachable import unreachable

CHOICES = "".join(f"<item><label>{value}</label><value>{value}</value></item>" for value in ("a", "b", "c"))
BODY = (
    f'<select1 ref="/data/one">{CHOICES}</select1><select ref="/data/many">{CHOICES}</select>{inputs("n", "t", "q")}'
    '<select1 ref="/data/num"><item><label>1</label><value>1</value></item>'
    "<item><label>5</label><value>5</value></item>"
    '</select1><group ref="/data/g"><input ref="/data/g/x"/></group>'
    '<group><repeat nodeset="/data/r">'
    f'<select1 ref="/data/r/one">{CHOICES}</select1><input ref="/data/r/y"/></repeat></group>'
)
INSTANCE = "<one/><many/><n/><t/><num/><q/><g><x/></g><r><one/><y/></r>"


def shaped(relevances: dict[str, str]) -> Form:
    binds = {"/data/n": ' type="int"', "/data/one": "", **dict.fromkeys(relevances, "")}
    model = "".join(
        f'<bind nodeset="{nodeset}"{binds[nodeset]}{_relevant(relevances.get(nodeset, ""))}/>' for nodeset in binds
    )
    return form(INSTANCE, model, BODY)


def _relevant(expression: str) -> str:
    escaped = expression.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f' relevant="{escaped}"' if expression else ""


def dead(relevances: dict[str, str]) -> list[str]:
    return [problem.place.nodeset for problem in unreachable(shaped(relevances))]


@pytest.mark.parametrize(
    "expression",
    [
        "/data/one = 'a' and /data/one = 'b'",
        "/data/one = 'x'",
        "'x' = /data/one",
        "selected(/data/one, 'x')",
        "selected(/data/one, 'a') and /data/one = ''",
        "selected(/data/many, 'x')",
        "/data/many = '' and selected(/data/many, 'a')",
        "/data/many = 'a' and selected(/data/many, 'b')",
        "count-selected(/data/many) = 0 and selected(/data/many, 'a')",
        "not(/data/one = 'a' or /data/one != 'a')",
        "/data/one != '' and /data/one != 'a' and /data/one != 'b' and /data/one != 'c'",
        "/data/n > 5 and /data/n < 6",
        "/data/n >= 18 and 10 > /data/n",
        "/data/n = '' and /data/n = 0",
        "/data/num > 5",
        "/data/num = 1 and /data/num = '5'",
        "/data/t = 'x' and /data/t = 'y'",
        "string-length(/data/one) > 0 and /data/one = ''",
        "if(/data/one = 'a', /data/one = 'b', false())",
        "boolean(/data/one = 'a') and /data/one = 'b'",
        "if(/data/one = 'a', 0, '') and /data/one = 'b'",
        "/data/n > -1 and /data/n < -1",
        "/data/num > '5'",
        "count-selected(/data/many) >= 1 and /data/many = ''",
        "(/data/one = 'a' and today() > 5 or /data/one = 'b') and /data/one = 'c'",
    ],
)
def test_a_relevance_that_never_holds(expression: str) -> None:
    assert dead({"/data/q": expression}) == ["/data/q"]


@pytest.mark.parametrize(
    "expression",
    [
        "/data/one = 'a' or /data/one = 'b'",
        "/data/one != 'x'",
        "selected(/data/many, 'a') and selected(/data/many, 'b')",
        "/data/many = 'a' and not(selected(/data/many, 'b'))",
        "/data/many != 'a' and selected(/data/many, 'a')",
        "/data/n > 5 and /data/n < 7",
        "/data/num > 4 and /data/num != 1",
        "/data/one = '' and /data/n = ''",
        "/data/t = 'x' and /data/t != 'y'",
        "/data/t > 5 and /data/t < 5",  # texts compared as numbers are not looked into
        "/data/r/one = 'a' and /data/r/one = 'b'",  # in two entries
        "/data/r[1]/one = 'a' and /data/r[2]/one = 'b'",
        "count(/data/r[one = 'a']) > 0 and /data/one = 'a'",
        "random() > 0.5 and random() < 0.2 and /data/one = 'a'",
        "false()",
        "1 = 2",
        "/data/one = /data/t",
        "/data/n = '4' and /data/n = '5'",  # compared as texts
        "selected(/data/one, '') and /data/one = 'a'",
        "selected(/data/t, 'x') and /data/t = 'y z'",
        "string-length(/data/one) > 3 and /data/one = 'a'",
        "/data/one > 'x' and /data/one = 'a'",
        "/data/one = 'a' and boolean(/data/t)",
        "1 and /data/one = 'a'",
        "selected('a b', /data/one)",
        "/data/many = 'a b' and selected(/data/many, 'b')",
    ],
)
def test_a_relevance_that_may_hold(expression: str) -> None:
    assert dead({"/data/q": expression}) == []


def test_groups_around_count_and_only_the_outermost_is_told() -> None:
    assert dead({"/data/g": "/data/one = 'a'", "/data/g/x": "/data/one = 'b'"}) == ["/data/g/x"]
    assert dead({"/data/g": "/data/one = 'x'", "/data/g/x": "/data/one = 'b'"}) == ["/data/g"]


def test_what_is_not_asked_has_no_answer() -> None:
    assert dead({"/data/t": "/data/one = 'a'", "/data/q": "/data/one = 'b' and /data/t = 'yes'"}) == ["/data/q"]
    assert dead({"/data/t": "/data/one = 'a'", "/data/q": "/data/one = 'b' and /data/t = ''"}) == []


def test_what_is_switched_off_on_purpose_is_not_told_nor_what_depends_on_it() -> None:
    assert dead({"/data/t": "false()", "/data/q": "/data/t = 'yes'"}) == []


def test_within_one_entry_a_question_has_one_answer() -> None:
    assert dead({"/data/r/y": "../one = 'a' and ../one = 'b'"}) == ["/data/r/y"]
    assert dead({"/data/r/y": "../one = 'a' and /data/r/one = 'b'"}) == []


def test_what_would_take_too_long_is_left_alone() -> None:
    names = [f"t{number}" for number in range(40)]
    clauses = " and ".join(f"(/data/{name} = 'x' or /data/{name} = 'y')" for name in names)
    never = " and ".join(f"(/data/{a} = 'x' or /data/{b} = 'y')" for a, b in zip(names, reversed(names), strict=True))
    model = f'<bind nodeset="/data/q" relevant="{clauses} and {never} and not({clauses})"/>'
    made = form(
        "".join(f"<{name}/>" for name in [*names, "q"]),
        model + "".join(f'<bind nodeset="/data/{name}"/>' for name in names),
        inputs(*names, "q"),
    )
    assert list(unreachable(made)) == []


def test_very_many_choices_named_at_once_are_left_alone() -> None:
    items = "".join(f"<item><label>{n}</label><value>v{n}</value></item>" for n in range(12))
    never = " and ".join(f"selected(/data/m, 'v{n}')" for n in range(10)) + " and /data/m = ''"
    binds = f'<bind nodeset="/data/m"/><bind nodeset="/data/q" relevant="{never}"/>'
    made = form("<m/><q/>", binds, f'<select ref="/data/m">{items}</select>{inputs("q")}')
    assert list(unreachable(made)) == []


def test_a_long_chain_of_questions_is_looked_at_in_part() -> None:
    names = [f"c{number}" for number in range(60)]
    steps = pairwise(names)
    binds = "".join(f'<bind nodeset="/data/{b}" relevant="/data/{a} = \'x\'"/>' for a, b in steps)
    last = "<bind nodeset=\"/data/q\" relevant=\"/data/c59 = 'x' and /data/c50 = 'y'\"/>"
    made = form(
        "".join(f"<{name}/>" for name in [*names, "q"]), f'<bind nodeset="/data/c0"/>{binds}{last}', inputs(*names, "q")
    )
    assert [problem.place.nodeset for problem in unreachable(made)] == ["/data/q"]


ATOMS = st.sampled_from(
    (
        *("/data/one = 'a'", "/data/one != 'b'", "/data/one = ''", "selected(/data/many, 'a')", "/data/many = 'b'"),
        *("/data/many = ''", "/data/n > 3", "/data/n <= 3", "/data/n = 4", "/data/n != ''", "/data/num > 2"),
        *("/data/t = 'x'", "string-length(/data/t) = 0", "/data/one = 'z'"),
    )
)
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not({text})"),
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(lambda parts: f"({' '.join(parts)})"),
    ),
    max_leaves=6,
)


@given(
    FORMULAS,
    st.lists(
        st.tuples(
            st.sampled_from(("", "a", "b", "c")),
            st.sampled_from(("", "a", "b", "a b", "c")),
            st.sampled_from(("", "3", "4", "9")),
            st.sampled_from(("", "x", "other")),
            st.sampled_from(("", "1", "5")),
        ),
        max_size=8,
    ),
)
@settings(max_examples=60, deadline=None)
def test_no_answers_ever_make_relevant_what_was_told_to_be_unreachable(
    expression: str, answers: list[tuple[str, ...]]
) -> None:
    made = shaped({"/data/q": expression})
    told = [problem.place.nodeset for problem in unreachable(made)]
    for given_answers in answers:
        interview = live(made)
        for name, value in zip(("one", "many", "n", "t", "num"), given_answers, strict=True):
            interview.answer(f"/data/{name}", value)
        assert not (told and interview.relevant("/data/q"))
