"""The exception tree: drawn at the top of its file as it is, and every refusal is one sentence."""

from __future__ import annotations

import inspect
import re

import pytest

from validation import errors
from validation.errors import DataError, FormError, LotsenbuchError, Place, Problem, UsageError, XPathError


def classes() -> dict[str, type[LotsenbuchError]]:
    return {
        name: item for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, LotsenbuchError)
    }


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn: dict[str, str | None] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^ {4}((?:│   |    )*)(?:├── |└── )?([A-Z]\w+) {2,}\w", line)
        if not found:
            continue
        depth = len(found.group(1)) // 4 + (1 if "──" in line else 0)
        above[depth:] = [found.group(2)]
        drawn[found.group(2)] = above[depth - 1] if depth else None
    real = {name: None if item is LotsenbuchError else item.__mro__[1].__name__ for name, item in classes().items()}
    assert drawn == real


def test_exit_codes_follow_whose_fault_it_is() -> None:
    assert {name for name, item in classes().items() if item.exit_code == 2} == {"UsageError"}
    assert UsageError("form.refused", count=1).exit_code == 2


def test_a_place_names_what_is_known_and_nothing_else() -> None:
    assert str(Place(sheet="survey", row=7, column="relevant")) == "survey, Zeile 7, relevant"
    assert str(Place(nodeset="/data/a", position=3)) == "/data/a, Stelle 3"
    assert str(Place()) == ""


def test_a_form_error_says_every_problem_in_both_languages() -> None:
    problem = Problem("form.refused", Place(sheet="survey", row=2), {"count": "1"})
    error = FormError([problem, problem])
    assert error.problems == (problem, problem)
    assert str(error).count("survey, Zeile 2") == 2
    assert "cannot be used" in error.text("en")


def test_an_xpath_error_knows_expression_and_position() -> None:
    error = XPathError(Problem("xpath.refused", Place(position=4)), "1 + ")
    assert (error.expression, error.position) == ("1 + ", 4)
    assert isinstance(error, FormError)


def test_an_unknown_code_is_a_fault_of_ours_and_raises() -> None:
    with pytest.raises(KeyError):
        Problem("no.such_code").text()


def test_a_problem_as_text_is_its_place_and_its_sentence() -> None:
    fields = {"count": "1"}
    placed = Problem("form.refused", Place(sheet="survey", row=2), fields)
    assert str(placed) == f"survey, Zeile 2: {placed.message}"
    assert str(Problem("form.refused", fields=fields)) == placed.message


def test_an_error_of_the_data_carries_its_problems() -> None:
    problem = Problem("form.refused", fields={"count": "1"})
    error = DataError("form.refused", [problem], count=1)
    assert error.problems == (problem,)
    assert error.text("de") == problem.message
