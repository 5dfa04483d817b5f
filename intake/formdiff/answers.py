"""What changed of one question or section that both forms have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from intake.formdiff.changes import Change, Weight
from intake.formdiff.describing import CODED, EXPRESSIONS, TEXTS, Described
from intake.formdiff.meaning import ALWAYS, NEVER, Meaning, Reading, both, implies
from intake.store.division import strictest
from validation.xpath.parser import Expression

_OPEN = frozenset({"readonly", "warning"})  # what they say decides nothing about records
_ENTITY = "entities"


@dataclass(frozen=True, slots=True)
class Pair:
    """The same node in both forms, and how expressions are read in each. `demanded` are the questions at or below it
    that the new form demands; texts are compared in the `languages` that both have."""

    old: Described
    new: Described
    before: Reading
    after: Reading
    demanded: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    def change(
        self,
        kind: str,
        weight: Weight,
        before: str = "",
        after: str = "",
        *,
        values: tuple[str, ...] = (),
        language: str = "",
    ) -> Change:
        """A change of this node."""
        return Change(kind, weight, self.new.nodeset, self.old.nodeset, before, after, values, language)


def same_type(one: Described, two: Described) -> bool:
    """Whether answers to both are of one kind."""
    return (one.shape, one.type, _listed(one)) == (two.shape, two.type, _listed(two))


def answer_changes(pair: Pair) -> Iterator[Change]:
    """What changed of a question or value, but for its expressions."""
    one, two = pair.old, pair.new
    if one.asked != two.asked:
        gains = two.asked == "question" and one.asked in ("note", "automatic")
        yield pair.change("asked", "compatible" if gains else "breaking", one.asked, two.asked)
    if not same_type(one, two):
        yield pair.change("type", "breaking", one.type, two.type)
    elif one.control != two.control and one.control and two.control:
        yield pair.change("control", "text", one.control, two.control)
    if one.sensitivity != two.sensitivity:
        laxer = strictest((one.sensitivity, two.sensitivity)) == one.sensitivity
        yield pair.change("sensitivity", "breaking" if laxer else "compatible", one.sensitivity, two.sensitivity)
    yield from _choices(pair)
    if gone := tuple(sorted(one.reasons - two.reasons)):
        yield pair.change("reasons_removed", "breaking", values=gone)
    if new := tuple(sorted(two.reasons - one.reasons)):
        yield pair.change("reasons_added", "compatible", values=new)
    for name in ("default", "preload"):
        before, after = getattr(one, name), getattr(two, name)
        if before != after:
            yield pair.change(name, "compatible", before, after)
    yield from section_changes(pair)


def section_changes(pair: Pair) -> Iterator[Change]:
    """What changed in words and looks, which sections have as well."""
    one, two = pair.old, pair.new
    for part, language in dict.fromkeys((*one.texts, *two.texts)):
        before, after = one.texts.get((part, language), ""), two.texts.get((part, language), "")
        if part in TEXTS and language in pair.languages and before != after:
            yield pair.change(part, "text", before, after, language=language)
    if one.appearance != two.appearance:
        yield pair.change("appearance", "text", one.appearance, two.appearance)
    for name in CODED:
        before, after = one.columns.get(name, ""), two.columns.get(name, "")
        if before.split() != after.split():
            yield pair.change(name, "text" if name == "reviewed_only" else "compatible", before, after)
    if one.attributes != two.attributes:
        saves = any(
            _ENTITY in name and one.attributes.get(name) != two.attributes.get(name)
            for name in {*one.attributes, *two.attributes}
        )
        yield pair.change("entity" if saves else "attributes", "breaking" if saves else "text", _said(one), _said(two))


def _said(one: Described) -> str:
    return ", ".join(sorted(f"{name.rpartition('}')[2]}={value}" for name, value in one.attributes.items()))


def _listed(one: Described) -> bool:
    return one.choices is not None


def _choices(pair: Pair) -> Iterator[Change]:
    one, two = pair.old.choices, pair.new.choices
    if one is None or two is None:
        return  # that there is a list at all is part of the type
    if gone := tuple(value for value in one if value not in two):
        yield pair.change("choices_removed", "breaking", _labels(one, gone), values=gone)
    if new := tuple(value for value in two if value not in one):
        yield pair.change("choices_added", "compatible", after=_labels(two, new), values=new)
    kept = [value for value in one if value in two]
    for value in kept:
        for language in dict.fromkeys((*one[value], *two[value])):
            before, after = one[value].get(language, ""), two[value].get(language, "")
            if language in pair.languages and before != after:
                yield pair.change("choices_relabelled", "text", before, after, values=(value,), language=language)
    if kept != [value for value in two if value in one]:
        yield pair.change("choices_order", "text")
    for value in kept:
        before = pair.old.raised.get(value, pair.old.sensitivity)
        after = pair.new.raised.get(value, pair.new.sensitivity)
        own = value in pair.old.raised or value in pair.new.raised
        if own and before != after:
            laxer = strictest((before, after)) == before
            weight: Weight = "breaking" if laxer else "compatible"
            yield pair.change("sensitivity_of_choice", weight, before, after, values=(value,))


def _labels(choices: Mapping[str, Mapping[str, str]], values: tuple[str, ...]) -> str:
    return ", ".join(next(iter(choices[value].values()), value) for value in values)


# --- expressions


def conditions(pair: Pair) -> Iterator[Change]:
    """What changed of the expressions, by what they mean."""
    for name in EXPRESSIONS:
        one, two = pair.old.expressions.get(name, ()), pair.new.expressions.get(name, ())
        before = [pair.before.of(each, pair.old.nodeset) for each in one]
        after = [pair.after.of(each, pair.new.nodeset) for each in two]
        if _effective(name, before) != _effective(name, after):
            weight = _weight(name, pair, _effective(name, before), _effective(name, after))
            told = pair.change(name, weight, _source(one), _source(two))
            yield replace(told, old_expressions=one, new_expressions=two)


def _source(expressions: tuple[Expression, ...]) -> str:
    return " | ".join(" ".join(each.source.split()) for each in expressions)


def _effective(name: str, said: list[Meaning]) -> Meaning:
    """What is meant where nothing is said: asked and allowed always, demanded and fixed never, calculated nothing."""
    if name in ("required", "readonly"):
        return both(said) if said else NEVER
    if name in ("calculate", "count"):
        return said[0] if said else ("nothing",)
    return both(said)


def _weight(name: str, pair: Pair, before: Meaning, after: Meaning) -> Weight:
    if name in _OPEN:
        return "compatible"
    if name == "calculate":
        return "text" if pair.new.nodeset.endswith("/meta/instanceName") else "breaking"
    if name == "count":
        return "compatible" if after == ("nothing",) else "breaking"
    if name == "required":
        return "compatible" if implies(after, before) else "breaking"
    if name == "relevant" and pair.demanded:
        return "breaking"  # asked less: answers have no place; asked more: records lack what is demanded
    if name == "relevant" and after == ALWAYS:
        return "compatible"
    return "compatible" if implies(before, after) else "breaking"
