"""What stands beside the answers in our tables: how an answer came about, and ids that no answer holds.

    <question>__how    confirmed, changed, corrected or new (`intake.how`), after its question
    _entity            the id of the goal, flat, … that a row makes (`intake.entities`); `<group>-_entity` of a group's

An id has a column only where the form does not calculate it: a calculated one follows from the answers again. In a
layout the nodesets of these columns are `<question>/@how` and `<place>/meta/entity/@id`, which no question has.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable
from dataclasses import replace

from intake.how import HOWS
from intake.saying import ENTITY, Declared, Place
from validation.form import Bind, Form
from validation.layout import RESERVED, Column, Table, column_name, layout, question_label
from validation.messages import SPOKEN, say

HOW, ID = "/@how", f"{ENTITY}/@id"
_MISSING = "__missing"


def is_beside(nodeset: str) -> bool:
    """Whether a column of a layout stands beside the answers."""
    return nodeset.endswith((HOW, ID))


def shapes(form: Form) -> dict[str, Table]:
    """The layout of a form with every column that can stand beside its answers."""
    places = own_places(form)
    return {
        name: widened(
            table,
            {column.nodeset for column in table.columns},
            [place.nodeset for place in places if is_in(place, table)],
        )
        for name, table in layout(form).items()
    }


def own_places(form: Form) -> tuple[Place, ...]:
    """Where a form makes ids of its own: those that it does not calculate."""
    binds = [(place, form.binds.get(f"{place.nodeset}{ID}")) for place in Declared(form).places]
    return tuple(place for place, bind in binds if bind is not None and bind.calculate is None)


def entity_heads(form: Form, table: Table) -> frozenset[str]:
    """The columns in which ODK Central gives the labels of entities, or nothing of those without one: no answers, for
    the form computes them."""
    places = [f"{place.nodeset}{ENTITY}" for place in Declared(form).places if is_in(place, table)]
    return frozenset(column_name(f"{place}{below}", table.nodeset, ()) for place in places for below in ("", "/label"))


def is_in(place: Place, table: Table) -> bool:
    """Whether the rows of a table are the entries in which a place is."""
    return table.parent is None if not place.repeats else table.nodeset == place.repeats[-1]


def widened(table: Table, asked: Container[str], places: Iterable[str]) -> Table:
    """A table with `__how` after these questions, and a column for the ids of these places at its end."""
    taken = {*RESERVED, *(column.name for column in table.columns)}
    columns: list[Column] = []
    for column in table.columns:
        columns.append(column)
        if column.nodeset in asked:
            numbers = itertools.chain([""], map("_{}".format, itertools.count(2)))
            names = (f"{column.name}__how{number}" for number in numbers)
            columns.append(_text(next(name for name in names if name not in taken), f"{column.nodeset}{HOW}"))
    for place in places:
        name = column_name(f"{place}/_entity", table.nodeset, taken)
        taken.add(name)
        columns.append(_text(name, f"{place}{ID}"))
    return replace(table, columns=tuple(columns))


def _text(name: str, nodeset: str) -> Column:
    return Column(name, nodeset, "string", "string", Bind(nodeset))


def column_label(form: Form, nodeset: str, language: str = "de") -> str:
    """The label of a column; of a reason, of how and of an id behind the label of what it is about."""
    if nodeset.endswith(HOW):
        return how_head(column_label(form, nodeset.removesuffix(HOW), language), language)
    if nodeset.endswith(ID):
        return f"{question_label(form, nodeset.removesuffix(ID), language)} – {say('export.id', _code(language))}"
    label = question_label(form, nodeset, language)
    if not nodeset.endswith(_MISSING):
        return label
    return f"{question_label(form, nodeset.removesuffix(_MISSING), language)} – {label}"


def how_head(head: str, language: str = "de") -> str:
    """The head of `__how` beside a question that has this one."""
    return f"{head} – {say('export.how', _code(language))}"


def _code(language: str) -> str:
    """'de' of 'de' and of 'Deutsch (de)'."""
    return language.rpartition("(")[2].rstrip(") ")


def how_labels(language: str = "de") -> dict[str, str]:
    """{how: in words}."""
    return {how: say(f"tables.how_{how}", language) for how in HOWS}


def how_of_label(text: str) -> str:
    """How an answer came about, from its word in any language; what is none as it is."""
    words = {label: how for language in SPOKEN for how, label in how_labels(language).items()}
    return words.get(text, text)
