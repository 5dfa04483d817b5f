"""What is wrong or odd about a form as a whole, seen before anybody answers it.

    lint(form) -> Lint(problems, warnings)

`read_form` has refused what cannot be read. Here stands what a converter lets through: patterns no engine reads
(problems), and as warnings values that do not go together, questions nobody is ever asked, defaults that are no
answer, texts missing in a language, patterns that clients read differently, functions a client lacks. Places hold
nodeset, attribute and position; `intake.xlsform` adds sheet, row and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from validation.clashes import AS_TEXT, clashes, near, unlisted
from validation.datatypes import valid
from validation.errors import Place, Problem, UsageError
from validation.form import Control, Form, Group, Itext, ItextValue, Repeat, Text
from validation.inventory import Asked, inventory, items_of
from validation.reachable import unreachable
from validation.tree import Node
from validation.xpath.clients import CLIENTS
from validation.xpath.lint import check_clients, check_patterns
from validation.xpath.parser import Expression


@dataclass(frozen=True, slots=True)
class Lint:
    """`problems` make a form unusable, `warnings` do not; both in the order of the form."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def known_clients(names: Iterable[str]) -> tuple[str, ...]:
    """Clients by name, as they are. UsageError for one we know nothing about."""
    wanted = tuple(names)
    for name in wanted:
        if name not in CLIENTS:
            raise UsageError("lint.unknown_client", name=name, known=", ".join(CLIENTS))
    return wanted


def lint(form: Form, *, clients: Iterable[str] = ()) -> Lint:
    """Everything odd about a form. `clients` are those it must run on as well: collect, web-forms, enketo.

    UsageError for a client we know nothing about.
    """
    wanted = known_clients(clients)
    known = inventory(form)
    problems: dict[tuple[object, ...], Problem] = {}
    warnings: dict[tuple[object, ...], Problem] = {}
    for expression, nodeset, column in _expressions(form):
        for found in check_patterns(expression):
            serious = found.code.startswith("xpath.")
            _note(problems if serious else warnings, found, nodeset, column)
        for found in (*clashes(expression, nodeset, known), *check_clients(expression, wanted)):
            if found.code == AS_TEXT and "collect" not in wanted:
                continue
            _note(warnings, found, nodeset, column)
    for found in (*unreachable(form, known), *_defaults(form, known), *_untranslated(form)):
        _note(warnings, found, found.place.nodeset, found.place.column)
    return Lint(tuple(problems.values()), tuple(warnings.values()))


def _note(found: dict[tuple[object, ...], Problem], problem: Problem, nodeset: str, column: str) -> None:
    place = replace(problem.place, nodeset=nodeset, column=column)
    key = (problem.code, place, *sorted(problem.fields.items()))
    found.setdefault(key, replace(problem, place=place))


def _elements(form: Form) -> Iterator[Control | Group | Repeat]:
    work = list(reversed(form.body))
    while work:
        element = work.pop()
        yield element
        if not isinstance(element, Control):
            work.extend(reversed(element.children))


def _texts(form: Form) -> Iterator[tuple[str, str, Text]]:
    """(nodeset, attribute, text) of every text that is shown."""
    root = f"/{next(form.template.elements()).qualified}"
    for element in _elements(form):
        where = element.nodeset or root
        hint = None if isinstance(element, Repeat) else element.hint
        for column, text in (("label", element.label), ("hint", hint)):
            if text is not None:
                yield where, column, text
        if isinstance(element, Control):
            yield from ((where, "choices", item.label) for item in element.items)
    for nodeset, bind in form.binds.items():
        for column in ("constraint_message", "required_message", "warning_message"):
            text = getattr(bind, column)
            if text is not None:
                yield nodeset, column, text


def _expressions(form: Form) -> Iterator[tuple[Expression, str, str]]:
    """(expression, nodeset it is evaluated at, attribute) of the whole form."""
    for nodeset, bind in form.binds.items():
        for column in ("relevant", "constraint", "required", "readonly", "calculate", "warning"):
            expression: Expression | None = getattr(bind, column)
            if expression is not None:
                yield expression, nodeset, column
    for repeat in form.repeats.values():
        if repeat.count is not None:
            yield repeat.count, repeat.nodeset.rpartition("/")[0], "jr:count"
    for control in form.controls():
        if control.itemset is not None:
            yield control.itemset.nodeset, control.nodeset, "itemset"
    for action in form.actions:
        if action.value is not None:
            yield action.value, action.ref, "default" if action.trigger is None else "calculate"
    for nodeset, column, text in _texts(form):
        for part in (*text.parts, *(part for value in _values(form.itext, text) for part in value.parts)):
            if isinstance(part, Expression):
                yield part, nodeset, column


def _values(itext: Itext, text: Text) -> list[ItextValue]:
    return [texts[text.itext] for texts in itext.values.values() if text.itext is not None and text.itext in texts]


def _defaults(form: Form, known: Mapping[str, Asked]) -> Iterator[Problem]:
    """Answers a form starts with that their question would not take."""
    for nodeset, node in _leaves(form):
        asked, text = known.get(nodeset), node.value.strip()
        if asked is None or not text or asked.open:
            continue
        name = nodeset.rpartition("/")[2]
        place = Place(nodeset=nodeset, column="default")
        word = unlisted(asked, text)
        if word is not None:
            fields = {"name": name, "value": word, "hint": near(word, asked.values or frozenset())}
            yield Problem("lint.not_listed", place, fields)
        elif not valid(text, asked.type):
            yield Problem("lint.default", place, {"name": name})


def _leaves(form: Form) -> Iterator[tuple[str, Node]]:
    """Every node without children of the primary instance, and of the entries that repeats are made from."""
    work = [(f"/{root.qualified}", root) for root in form.template.elements()]
    work.extend(form.repeat_templates.items())
    seen: set[str] = set()
    for nodeset, node in work:
        inside = list(node.elements())
        work.extend((f"{nodeset}/{child.qualified}", child) for child in inside)
        if not inside and (node.value or nodeset not in seen):
            seen.add(nodeset)
            yield nodeset, node


def _untranslated(form: Form) -> Iterator[Problem]:
    """Texts that some language of the form lacks."""
    if len(form.itext.languages) < 2:
        return
    for nodeset, column, text in _texts(form):
        if text.itext is not None:
            yield from _lacking(form.itext, text.itext, Place(nodeset=nodeset, column=column))
    done: set[str] = set()
    lists: set[Expression] = set()
    for control in form.controls():
        if control.itemset is None or control.itemset.nodeset in lists:
            continue
        lists.add(control.itemset.nodeset)
        items = items_of(form, control.itemset.nodeset)
        for item in items or ():
            named = item.child("itextId")
            if named is not None and named.value not in done:
                done.add(named.value)
                yield from _lacking(form.itext, named.value, Place(nodeset=control.nodeset, column="choices"))


def _lacking(itext: Itext, name: str, place: Place) -> Iterator[Problem]:
    said = {language: _is_said(itext.values.get(language, {}).get(name)) for language in itext.languages}
    if any(said.values()):
        for language, there in said.items():
            if not there:
                yield Problem("lint.untranslated", place, {"spoken": language})


def _is_said(value: ItextValue | None) -> bool:
    """Whether there is a text or a picture; pyxform writes '-' where a language has none."""
    return value is not None and (bool(value.media) or value.parts not in ((), ("-",)) or bool(value.guidance))
