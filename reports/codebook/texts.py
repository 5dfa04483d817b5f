"""Texts of a form in every language it has, without its styles; and the conditions of a choice filter in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.paper.texts import runs_of
from validation.form import Control, Form, Text
from validation.markdown import Shown, formatted
from validation.messages import say
from validation.xpath.conditions import nodeset_of
from validation.xpath.parser import Expression, parse, references
from validation.xpath.syntax import Call, Operand, Operation, Path, Term
from validation.xpath.words import Name, condition_in_words

_ITEM = "/lb-item"  # where the columns of a choice stand while a filter is put into words; no form has this root


def texts_of(form: Form, text: Text | None, *, guidance: bool = False) -> dict[str, str]:
    """{language as the form calls it: text}, without languages that lack it; the key is '' where the text is in no
    translation. An answer that the text quotes is `${its question}`."""
    if text is None:
        return {}
    if text.itext is None:
        said = "" if guidance else _plain(form, text.parts)
        return {form.languages[0] if form.languages else "": said} if said else {}
    found = {}
    for name in form.languages:
        value = form.itext.values.get(name, {}).get(text.itext)
        said = _plain(form, (value.guidance if guidance else value.parts) if value is not None else ())
        if said not in ("", "-"):
            found[name] = said
    return found


def _plain(form: Form, parts: Sequence[str | Expression]) -> str:
    runs = runs_of(formatted(part if isinstance(part, str) else Shown(_quoted(form, part)) for part in parts))
    return " ".join("".join("\n" if style == "break" else text for style, text in runs).split())


def _quoted(form: Form, part: Expression) -> str:
    read = references(part, f"/{next(form.template.elements()).qualified}")
    return f"${{{next(iter(read)).rpartition('/')[2] if len(read) == 1 else '…'}}}"


def filters_of(control: Control) -> list[Expression]:
    """The conditions that a choice must meet to be offered (`choice_filter`); none where all are."""
    tree = control.itemset.nodeset.tree if control.itemset is not None else None
    if isinstance(tree, Call) and tree.name == "randomize" and tree.arguments:
        tree = tree.arguments[0]
    if not isinstance(tree, Path):
        return []
    return [Expression(str(each), each) for step in tree.steps for each in step.predicates]


def filter_words(filters: Sequence[Expression], names: Mapping[str, Name], language: str, *, here: str) -> str:
    """When a choice is offered, in words: columns of the list by their name, questions as everywhere."""
    terms = [_at_home(each.tree, here) for each in filters]
    columns = {
        read: Name(say("codebook.of_choice", language, column=read.rpartition("/")[2]))
        for term in terms
        for read in references(Expression(str(term), term), _ITEM)
        if read.startswith(f"{_ITEM}/")
    }
    said = (
        condition_in_words(Expression(str(term), term), {**names, **columns}, language, here=_ITEM) for term in terms
    )
    return f" {say('words.and', language)} ".join(said)


def _at_home(term: Term, here: str) -> Term:
    """A term of a filter with `current()/…` as the absolute path it means."""
    if isinstance(term, Path) and isinstance(term.start, Call) and term.start.name == "current":
        nodeset = nodeset_of(term, here)
        return parse(nodeset).tree if nodeset is not None else term
    if isinstance(term, Call):
        return replace(term, arguments=tuple(_at_home(each, here) for each in term.arguments))
    if isinstance(term, Operation):
        rest = tuple(Operand(each.operator, _at_home(each.term, here), each.position) for each in term.rest)
        return replace(term, first=_at_home(term.first, here), rest=rest)
    return term
