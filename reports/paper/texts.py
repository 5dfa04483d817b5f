"""What of a form stands on paper: its texts, its choices, and what its questions are called in a rule.

Nothing here has answers. Where a text shows an answer, the number of its question stands instead; where choices depend
on answers, all are given, because paper does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from intake.interview.description import Language, language_of
from intake.interview.translation import Part, read_in
from reports.paper.parts import Part as FormPart
from reports.paper.parts import with_all_below
from validation.errors import UsageError, XPathError
from validation.form import Control, Form, Itemset, Text
from validation.labels import translations
from validation.markdown import Mark, Shown, formatted
from validation.messages import LANGUAGES, area, say
from validation.secondary import external_instances
from validation.xpath.evaluator import Context, evaluate_tree, to_string
from validation.xpath.parser import Expression, parse, references
from validation.xpath.references import references_of
from validation.xpath.syntax import Call, Literal, Operand, Operation, Path, Step, Term, calls_in
from validation.xpath.words import Name, condition_in_words, in_words

Run: TypeAlias = tuple[str, str]
"""A style ('', 'strong', 'em', 'head', 'item', 'break') and a text."""
Said: TypeAlias = tuple[tuple[Run, ...], ...]
"""A text in each language printed; () where a language lacks it or may not show it."""

UNNAMED = "default"  # what pyxform calls the one language of a form that names none, where it needs a name
LABEL_LIMIT = 46  # characters of a label within a rule; the number says which question is meant
_CHANGING = frozenset({"today", "now", "random", "uuid"})
_STYLES = {"strong": "strong", "em": "em", **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "head")}
_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # no choice that is printed depends on the time


@dataclass(frozen=True, slots=True)
class Listed:
    """The choices of a question as far as they are known without answers: the list's name, and values with labels."""

    name: str
    items: tuple[tuple[str, Said], ...]


def chosen(form: Form, wanted: Sequence[str]) -> tuple[Language, ...]:
    """The form's languages by code or name, in the order wanted, each once. UsageError names those it has.

    In a form without translations the first is only that of our own words, and there is no second.
    """
    known = [language_of(name) for name in form.languages]
    if form.languages in ((), (UNNAMED,)):
        if len(wanted) > 1:
            raise UsageError("paper.no_translations", form=form.id)
        spoken = wanted[0] if wanted[0] in LANGUAGES else LANGUAGES[0]
        return (Language("".join(form.languages), spoken, "ltr", spoken),)
    found = []
    for code in wanted:
        match = next((each for each in known if code in (each.name, each.code)), None)
        if match is None:
            listed = ", ".join(each.name if each.code == "und" else each.code for each in known)
            raise UsageError("paper.unknown_language", name=code, form=form.id, known=listed)
        found.append(match)
    return tuple(dict.fromkeys(found))


def said(texts: Iterable[str]) -> Said:
    """Plain texts, one a language."""
    return tuple((("", text),) if text else () for text in texts)


def spoken(said_text: Said, at: int = 0) -> str:
    """A text in one of its languages, without its styles; that of the first where it lacks it."""
    runs = said_text[at] or said_text[0]
    return " ".join("".join("\n" if style == "break" else text for style, text in runs).split())


def runs_of(marks: Iterable[Mark], style: str = "") -> Iterator[Run]:
    """A styled text in runs of one style; a block begins after a break."""
    for number, mark in enumerate(marks):
        if isinstance(mark, str):
            lines = mark.split("\n")
            for at, line in enumerate(lines):
                yield from [("break", "")] if at else []
                yield from [(style, line)] if line else []
            continue
        if number and mark.element in _BLOCKS | {"ul", "ol"}:
            yield ("break", "")
        inner = _STYLES.get(mark.element, style)
        if mark.element == "li":
            yield ("item", "")
        yield from runs_of(mark.children, inner)
        if mark.element == "a":
            yield (style, f" ({mark.url})")


class FormTexts:
    """Texts, choices and names of a form in one or two languages. `files` are the texts of external choice files."""

    def __init__(self, form: Form, languages: tuple[Language, ...], files: Mapping[str, str] | None = None) -> None:
        self.form = form
        self.languages = languages
        self.instances = {**form.instances, **external_instances(form, files, strict=False)}
        self.numbers: dict[str, str] = {}
        self.names: tuple[dict[str, Name], ...] = tuple({} for _ in languages)

    # --- our own words

    def own(self, code: str, **fields: object) -> Said:
        """A sentence of the catalogue in each language that has it; the first is German where it lacks it."""
        found = [
            say(code, language.catalogue, **fields) if at == 0 or self._speaks(language, code) else ""
            for at, language in enumerate(self.languages)
        ]
        return said(text if text not in found[:at] else "" for at, text in enumerate(found))

    def plain(self, text: str) -> Said:
        """A text that is the same in every language."""
        return said(text if at == 0 else "" for at, _ in enumerate(self.languages))

    @staticmethod
    def _speaks(language: Language, code: str) -> bool:
        own = language.catalogue == language.code.split("-")[0]  # where we lack a language, German stands for it
        return own and language.catalogue in area(code.partition(".")[0])[code]

    def rule(self, expression: Expression, here: str) -> Said:
        """When something is asked, in words."""
        return said(
            in_words(expression, names, language.catalogue, here=here) if speaks else ""
            for language, names, speaks in self._speaking()
        )

    def required_if(self, expression: Expression, here: str) -> Said:
        """When an answer is demanded, in words."""
        return said(
            say(
                "paper.required_if",
                language.catalogue,
                condition=condition_in_words(expression, names, language.catalogue, here=here),
            )
            if speaks
            else ""
            for language, names, speaks in self._speaking()
        )

    def _speaking(self) -> Iterator[tuple[Language, dict[str, Name], bool]]:
        for at, (language, names) in enumerate(zip(self.languages, self.names, strict=True)):
            yield language, names, at == 0 or self._speaks(language, "words.only_if")

    # --- texts of the form

    def text(self, text: Text | None, nodeset: str, part: Part = "label") -> Said:
        """A label, hint or message of the element at a nodeset, in each language that may show it."""
        found = []
        for at, language in enumerate(self.languages):
            read = read_in(self.form, text, nodeset, part, language)
            absent = read.state == "withheld" and read.language is None
            doubled = at > 0 and read.state in ("missing", "withheld")
            parts = () if text is None or absent or doubled else self._parts(text, read.language)
            found.append(tuple(runs_of(formatted(self._piece(each, nodeset, at) for each in parts))))
        whole = tuple(found)
        # A text outside of the translations is the same in every language.
        return tuple(() if at and runs == whole[0] else runs for at, runs in enumerate(whole))

    def _parts(self, text: Text, language: str | None) -> tuple[str | Expression, ...]:
        if text.itext is None:
            return text.parts
        candidates = (value.parts for value in translations(self.form.itext, text.itext, language))
        return next((parts for parts in candidates if parts not in ((), ("-",))), ())

    def _piece(self, part: str | Expression, nodeset: str, at: int) -> str:
        if isinstance(part, str):
            return part
        read = references(part, nodeset or f"/{next(self.form.template.elements()).qualified}")
        name = self.names[at].get(next(iter(read))) if len(read) == 1 else None
        if name is None or not name.number:
            return Shown("[…]")
        return Shown(f"[{say('words.question_again', self.languages[at].catalogue, number=name.number)}]")

    def guidance(self, text: Text | None, nodeset: str) -> Said:
        """What a form says to interviewers in print (the guidance beside a hint): in the first language, theirs."""
        values = translations(self.form.itext, text.itext, self.languages[0].name) if text and text.itext else ()
        parts = next((value.guidance for value in values if value.guidance not in ((), ("-",))), ())
        runs = tuple(runs_of(formatted(self._piece(each, nodeset, 0) for each in parts)))
        return (runs, *(() for _ in self.languages[1:]))

    # --- choices

    def choices(self, control: Control) -> Listed | None:
        """What a question offers, whatever was answered; None where only answers make the choices."""
        if control.itemset is None:
            items = tuple((item.value, self.text(item.label, control.nodeset, "choices")) for item in control.items)
            return Listed("", tuple((value, label if any(label) else self.plain(value)) for value, label in items))
        tree = control.itemset.nodeset.tree
        if isinstance(tree, Call) and tree.name == "randomize" and tree.arguments:
            tree = tree.arguments[0]
        name = _instance_of(tree)
        if not isinstance(tree, Path) or name is None or name not in self.instances:
            return None
        fixed = Path(tree.start, tuple(_fixed(step, name) for step in tree.steps), tree.position)
        try:
            return Listed(name, tuple(self._items(control, control.itemset, Expression(str(fixed), fixed))))
        except XPathError:
            return None

    def _items(self, control: Control, itemset: Itemset, nodeset: Expression) -> Iterator[tuple[str, Said]]:
        context = Context(self.form.template, self.form.template, _EPOCH, UTC, None, self.instances)
        context.namespaces = self.form.namespaces
        found = evaluate_tree(nodeset, context)
        for item in found if isinstance(found, list) else []:
            context.node = item
            value = to_string(evaluate_tree(parse(itemset.value), context)).strip()
            if value:
                label = self._item_label(control, itemset, context)
                yield value, label if any(label) else self.plain(value)

    def _item_label(self, control: Control, itemset: Itemset, context: Context) -> Said:
        label = itemset.label
        if label is None:
            return self.plain("")
        if isinstance(label.tree, Call) and label.tree.name == "jr:itext" and label.tree.arguments:
            name = label.tree.arguments[0]
            text = Text(itext=to_string(evaluate_tree(Expression(str(name), name), context)))
            return self.text(text, control.nodeset, "choices")
        return self.plain(to_string(evaluate_tree(label, context)).strip())

    # --- what questions are called

    def number(self, sections: Iterable[FormPart]) -> None:
        """Number the questions of a form and name everything that a rule may speak of."""
        below = list(with_all_below(sections))
        questions = (each for each in below if each.kind == "question" and not each.is_heading)
        asked = [each for each in questions if not is_note(self.form, each.nodeset)]
        for element in asked:
            self.numbers.setdefault(element.nodeset, str(len(self.numbers) + 1))
        for element in below:
            if element.nodeset and element.kind != "group":
                self._name(element)
        for nodeset, bind in self.form.binds.items():
            if bind.calculate is not None and nodeset not in self.numbers:
                made_of = tuple(sorted(self._made_of(nodeset, set()), key=int))
                for names in self.names:
                    names[nodeset] = Name(nodeset.rpartition("/")[2], type=bind.type, made_of=made_of)

    def _name(self, element: FormPart) -> None:
        nodeset, bind = element.nodeset, self.form.binds.get(element.nodeset)
        control = self.form.control(nodeset)
        listed = self.choices(control) if control is not None else None
        missing = self.form.control(element.missing) if element.missing else None
        reasons = self.choices(missing) if missing is not None else None
        label = self.text(element.label, nodeset)
        for at, names in enumerate(self.names):
            shown = _shortened(spoken(label, at)) or nodeset.rpartition("/")[2]
            choices = {value: spoken(each, at) for value, each in listed.items} if listed else {}
            number = self.numbers.get(nodeset, "")
            names[nodeset] = Name(shown, number, bind.type if bind else "string", choices)
            if missing is not None and reasons is not None:
                reason = _shortened(spoken(self.text(missing.label, missing.nodeset), at))
                names[missing.nodeset] = Name(
                    f"{shown}: {reason}", number, choices={value: spoken(each, at) for value, each in reasons.items}
                )

    def _made_of(self, nodeset: str, seen: set[str]) -> set[str]:
        """Numbers of the questions a calculation reads, through other calculations."""
        bind = self.form.binds.get(nodeset)
        if nodeset in seen or bind is None or bind.calculate is None:
            return set()
        seen.add(nodeset)
        read = references(bind.calculate, nodeset)
        direct = {self.numbers[each] for each in read if each in self.numbers}
        return direct.union(*(self._made_of(each, seen) for each in read if each not in self.numbers))


def is_note(form: Form, nodeset: str) -> bool:
    """Whether a question only shows its label."""
    bind, control = form.binds.get(nodeset), form.control(nodeset)
    if bind is None or control is None or control.kind != "input" or bind.calculate is not None:
        return False
    return bind.readonly is not None and bind.readonly.source.replace(" ", "") == "true()"


def _shortened(text: str) -> str:
    text = text.rstrip(": ")
    if len(text) <= LABEL_LIMIT:
        return text
    return text[:LABEL_LIMIT].rpartition(" ")[0].rstrip(" ,;(–") + " …"


def _instance_of(term: Term) -> str | None:
    start = term.start if isinstance(term, Path) else None
    if isinstance(start, Call) and start.name == "instance" and start.arguments:
        name = start.arguments[0]
        return name.value if isinstance(name, Literal) else None
    return None


def _fixed(step: Step, instance: str) -> Step:
    """A step of an itemset without the conditions that answers or the clock decide."""
    kept = (_fixed_condition(predicate, f"instance('{instance}')/root/item") for predicate in step.predicates)
    return Step(step.axis, step.test, tuple(each for each in kept if each is not None), step.position)


def _fixed_condition(term: Term, item: str) -> Term | None:
    if isinstance(term, Operation) and term.rest[0].operator == "and":
        parts = [_fixed_condition(part, item) for part in (term.first, *(operand.term for operand in term.rest))]
        kept = [part for part in parts if part is not None]
        if len(kept) < 2:
            return kept[0] if kept else None
        return Operation(kept[0], tuple(Operand("and", part) for part in kept[1:]), term.position)
    steady = all(each.startswith("instance(") for each in references_of(term, item))
    return term if steady and not calls_in(term) & _CHANGING else None
