"""What the browser draws, once per form: sections, groups, repeats and questions with short ids and their controls.

Top-level groups and repeats are the sections; questions that stand between them get a section of their own; a form
with layers has its sections in the order of the layers (layers.py). The question `<name>__missing` that holds the
reason for a missing answer is drawn with its question, not for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.interview.controls import control_of, in_sight, type_of
from intake.interview.layers import by_layer
from validation.form import Control, Form, Group, Repeat, Text
from validation.labels import code_of
from validation.messages import SPOKEN, area
from validation.xpath.parser import references

Json = dict[str, Any]

# Languages that CLDR writes from right to left, and the scripts; Dari (prs), pes, pbu and pnb it does not list.
RIGHT_TO_LEFT = frozenset(
    (
        *("ar", "acm", "acq", "acw", "aeb", "aec", "afb", "apc", "apd", "arq", "ars", "ary", "arz", "ayl", "ayn"),
        *("fa", "pes", "prs", "haz", "gbz", "glk", "mzn", "lrc", "bqi", "ps", "pbt", "pbu", "pst", "bal", "bgn", "brh"),
        *("ckb", "sdh", "lki", "azb", "uzs", "ug", "ur", "pnb", "lah", "skr", "hno", "hnd", "sd", "ks", "khw", "trw"),
        *("dv", "rhg", "nqo", "he", "iw", "yi", "ji", "jpr", "lad", "arc", "syr", "syc", "aii"),
    )
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "aran", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg", "mand", "samr"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the form. `name` is what the form calls it ('Deutsch (de)'), '' in a form without translations.

    `code` is the text in its parentheses, 'und' where there is none; `catalogue` the language in which our own
    sentences are shown beside it.
    """

    name: str
    code: str
    direction: str
    catalogue: str

    def json(self) -> Json:
        return {"name": self.name, "code": self.code, "dir": self.direction}


def language_of(name: str) -> Language:
    """The language a form calls `name`; '' is German, the language of this program."""
    code = code_of(name) or ("und" if name else "de")
    primary = code.split("-")[0]
    script = next((part for part in code.split("-")[1:] if len(part) == 4 and part.isalpha()), "")
    is_right_to_left = script in _RIGHT_TO_LEFT_SCRIPTS if script else primary in RIGHT_TO_LEFT
    direction = "rtl" if is_right_to_left else "ltr"
    return Language(name, code, direction, primary if primary in SPOKEN else "de")


@dataclass(frozen=True, slots=True)
class Element:
    """One thing on screen. `kind` is question, group or repeat; `control` names what draws a question.

    `nodeset` is '' for a group that only draws. `missing` is the nodeset of the reason why there is no answer.
    `free` says that a person may add and remove the entries of a repeat; `lasting` that no answer changes the choices;
    `in_sight` how many of them the screen needs at once, with more they are searched.
    `layer` is the layer a section belongs to, '' in a form without layers and below a section. `sensitivity` is the
    class of a question's answer ('identity', 'special', …), '' where the form names none.
    """

    id: str
    kind: str
    nodeset: str = ""
    control: str = ""
    type: str = ""
    label: Text | None = None
    hint: Text | None = None
    missing: str | None = None
    appearance: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    free: bool = True
    lasting: bool = True
    in_sight: int = 0
    layer: str = ""
    sensitivity: str = ""
    children: tuple[Element, ...] = ()

    def json(self) -> Json:
        described: Json = {"id": self.id, "kind": self.kind}
        if self.kind == "question":
            described |= {
                "control": self.control,
                "name": self.nodeset.rsplit("/", 1)[-1],
                "type": self.type,
                "appearance": list(self.appearance),
                "attributes": dict(self.attributes),
            }
            if self.missing is not None:
                described["missing"] = True
            if self.sensitivity not in ("", "general"):
                described["sensitivity"] = self.sensitivity
        else:
            described["children"] = [child.json() for child in self.children]
            if self.layer:
                described["layer"] = self.layer
        return described


def screen_texts(language: str, of: str = "screen") -> dict[str, str]:
    """Every text of the screen itself in a catalogue language: {name: text}; of another area where that is named."""
    return {
        code.removeprefix(f"{of}."): sentences.get(language) or sentences["de"] for code, sentences in area(of).items()
    }


def sections_of(form: Form) -> tuple[Element, ...]:
    """The sections of a form in order; the same form always gives the same ids."""
    return _Builder(form).sections()


def with_all_below(elements: Sequence[Element]) -> Iterator[Element]:
    """Elements and everything in them, in the order of the form."""
    for element in elements:
        yield element
        yield from with_all_below(element.children)


class _Builder:
    """Numbers the elements while it makes them."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.number = 0

    def sections(self) -> tuple[Element, ...]:
        made: list[Element] = []
        loose: list[Element] = []
        for part in (*self.form.body, None):
            if isinstance(part, Control):
                loose.extend(self.element(part))
                continue
            if loose:
                made.append(Element(self.id("s"), "group", children=tuple(loose)))
                loose = []
            if part is not None:
                made.extend(self.element(part))
        return by_layer(self.form, made, lambda: self.id("g"))

    def id(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def element(self, part: Control | Group | Repeat) -> Iterator[Element]:
        if isinstance(part, Control):
            if not self.is_reason(part.nodeset):
                yield self.question(part)
        elif isinstance(part, Repeat):
            yield self.repeat(part, part.label, None)
        elif isinstance(inner := _only_child(part), Repeat) and part.nodeset in (None, inner.nodeset):
            yield self.repeat(inner, part.label or inner.label, part.hint)
        else:
            yield Element(
                self.id("g"), "group", part.nodeset or "", label=part.label, hint=part.hint,
                children=self.children(part),
            )  # fmt: skip

    def children(self, part: Group | Repeat) -> tuple[Element, ...]:
        return tuple(child for inner in part.children for child in self.element(inner))

    def repeat(self, part: Repeat, label: Text | None, hint: Text | None) -> Element:
        return Element(
            self.id("r"), "repeat", part.nodeset, label=label, hint=hint, free=part.count is None and not part.fixed,
            children=self.children(part),
        )  # fmt: skip

    def question(self, control: Control) -> Element:
        bind = self.form.binds.get(control.nodeset)
        missing = f"{control.nodeset}__missing"
        has_reasons = bind is not None and bind.columns.get("missing") and missing in self.form.binds
        drawn_by = control_of(self.form, control)
        return Element(
            self.id("q"), "question", control.nodeset, control=drawn_by,
            type=type_of(self.form, control), label=control.label, hint=control.hint,
            missing=missing if has_reasons else None, appearance=control.appearance, attributes=control.attributes,
            lasting=_has_lasting_choices(self.form, control), in_sight=in_sight(drawn_by, control.appearance),
            sensitivity=bind.columns.get("sensitivity", "") if bind is not None else "",
        )  # fmt: skip

    def is_reason(self, nodeset: str) -> bool:
        question = nodeset.removesuffix("__missing")
        bind = self.form.binds.get(question)
        return question != nodeset and bind is not None and bool(bind.columns.get("missing"))


def _only_child(group: Group) -> Control | Group | Repeat | None:
    return group.children[0] if len(group.children) == 1 else None


def is_lasting(form: Form, text: Text) -> bool:
    """Whether no answer can change a text: no part of it is an expression in any language."""
    if text.itext is None:
        return all(isinstance(part, str) for part in text.parts)
    values = (translation.get(text.itext) for translation in form.itext.values.values())
    return all(isinstance(part, str) for value in values if value is not None for part in value.parts)


def _has_lasting_choices(form: Form, control: Control) -> bool:
    itemset = control.itemset
    if itemset is None:
        return all(is_lasting(form, item.label) for item in control.items)
    read = references(itemset.nodeset, control.nodeset)
    return itemset.randomize is None and all(name.startswith("instance(") for name in read)
