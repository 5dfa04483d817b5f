"""Every text of a form as the screen shows it, in each of the languages shown.

A text is a string; a tree where it is styled; or {"t": text, "l": code, "d": direction, "m": why} where it is not in
the language of its column: 'missing' (there is no translation) or 'withheld' (only a reviewed one may be shown, see
`translation`; said once a question, with its label where that is withheld too). A tree is a list of strings and
{"e": element, "c": tree, "u": address of a link, "s": style, "n": first number of a list}, empty fields left out. That
a language is unreviewed is said once for the page, not with each text.

What no answer changes is asked for once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from intake.interview.description import Element, Json, Language, is_lasting, language_of
from intake.interview.translation import Part, Read, read_in
from validation.errors import XPathError
from validation.form import Form, Text
from validation.instance import Instance, Violation
from validation.labels import languages, translations
from validation.markdown import Mark, Shown, Styled, formatted, formatted_line, plain
from validation.messages import say
from validation.xpath.evaluator import Value, to_string
from validation.xpath.parser import Expression

Words = str | list[Any] | dict[str, Any]
Said = Callable[[str | None, Violation], str]
"""What the form says of a violation in another of its languages."""

_MARKS = re.compile(r"[*_\\<\[]")
_BLOCKS = re.compile(r"^[ \t]*(?:#|[-+][ \t]|[0-9]+[.)][ \t])|\n[ \t]*\n", re.MULTILINE)
_ADDRESS = re.compile(r"jr://[\w-]+/")
_FAMILIES = {
    "integer": "integer", "decimal": "decimal", "range": "decimal", "date": "date", "select1": "select",
    "select": "select", "acknowledge": "acknowledge", "time": "time", "dateTime": "moment", "place": "place",
    "trace": "path", "shape": "path", "rank": "rank", "upload": "upload",
}  # fmt: skip


class Texts:
    """The texts of a form in one or two languages."""

    def __init__(self, form: Form, shown: Sequence[Language]) -> None:
        self.form = form
        self.languages = tuple(shown)
        self._spoken = [item.catalogue if _is_spoken(item) else shown[0].catalogue for item in shown]
        self._lasting: dict[tuple[str, str], list[Words]] = {}
        self._reads: dict[tuple[str, str], tuple[Read, ...]] = {}
        self._guided = {control.nodeset for control in form.controls() if _guidance_in(form, control.hint)}
        self._guidance: dict[str, list[Words]] = {}
        self._has_media = has_media(form)
        self._media: dict[str, Json] = {}

    # --- labels, hints, guidance

    def text(self, element: Element, part: str, path: str, instance: Instance) -> list[Words]:
        """Label or hint in each language; '' where a group or repeat has none. `path` is where outputs are read."""
        known = self._lasting.get((element.id, part))
        if known is not None:
            return known
        text: Text | None = getattr(element, part)
        reads = self._read(element, part, text)
        labels = self._read(element, "label", element.label)
        found = [
            told(
                self._written(element, part, path, read, instance), read, language,
                quiet=part == "hint" and label.state == read.state == "withheld",
            )
            for read, label, language in zip(reads, labels, self.languages, strict=True)
        ]  # fmt: skip
        if text is None or is_lasting(self.form, text):
            self._lasting[element.id, part] = found
        return found

    def _written(self, element: Element, part: str, path: str, read: Read, instance: Instance) -> Words:
        text: Text | None = getattr(element, part)
        if is_kept_back(read):
            return ""
        if element.kind != "question":
            return _of_group(self.form, text, part, path, read.language, instance) if text is not None else ""
        asked, styled = (
            (instance.label, instance.styled_label) if part == "label" else (instance.hint, instance.styled_hint)
        )
        words = asked(path, read.language)
        return as_words(styled(path, read.language)) if is_styled(words) else words

    def guidance(self, element: Element, path: str, instance: Instance) -> list[Words]:
        """What an interviewer is told beside the question, in the first language only; [] where there is nothing."""
        if element.nodeset not in self._guided:
            return []
        known = self._guidance.get(element.nodeset)
        if known is not None:
            return known
        first = self.languages[0]
        wanted = first.name or None
        spoken = _guidance_in(self.form, element.hint)
        language = wanted if wanted in spoken or not self.form.languages else next(iter(spoken))
        written = instance.guidance(path, language)
        is_fixed = all(isinstance(part, str) for parts in spoken.values() for part in parts)
        words: Words = as_words(formatted([written])) if is_fixed and is_styled(written) else written
        found = [told(words, Read(language, "missing" if language != wanted else ""), first)]
        if is_fixed:
            self._guidance[element.nodeset] = found
        return found

    def _read(self, element: Element, part: str, text: Text | None) -> tuple[Read, ...]:
        """In which language a text of an element is read, for each language shown."""
        known = self._reads.get((element.id, part))
        if known is None:
            kind: Part = "label" if part == "label" else "hint" if part == "hint" else "message"
            known = tuple(read_in(self.form, text, element.nodeset, kind, item) for item in self.languages)
            self._reads[element.id, part] = known
        return known

    # --- media

    def media(self, element: Element, path: str, instance: Instance) -> Json:
        """The files of a question's label by form (image, audio, video, big-image); {} where there are none."""
        if not self._has_media:
            return {}
        known = self._media.get(element.id)
        if known is None:
            reads = self._read(element, "label", element.label)
            known = self._media[element.id] = files(
                [{} if is_kept_back(read) else instance.media(path, read.language) for read in reads]
            )
        return known

    # --- what is wrong

    def problem(self, element: Element, violations: Sequence[Violation], said: Said) -> Json:
        """A violation, one for each language shown: the form's own words, else what this kind of question expects."""
        kind = violations[0].kind
        text = _message(self.form, element.nodeset, kind)
        if text is not None:
            reads = self._read(element, kind, text)
            messages = [
                said(read.language, each) if read.state == "withheld" else each.message
                for read, each in zip(reads, violations, strict=True)
            ]
            styled = is_lasting(self.form, text)
            words = [
                as_words(formatted_line([each])) if styled and is_styled(each, line=True) else each for each in messages
            ]
            return {"kind": kind, "text": [*map(told, words, reads, self.languages)]}
        if kind not in ("type", "required"):
            return {"kind": kind, "text": [each.message for each in violations]}
        code = f"interview.{kind}_{_FAMILIES.get(element.control, 'text')}"
        if kind == "required" and element.missing is not None:
            code += "_or_reason"
        return {"kind": kind, "text": [say(code, language) for language in self._spoken]}


def has_media(form: Form) -> bool:
    """Whether any text of a form has a picture, a sound or a video."""
    return any(value.media for texts in form.itext.values.values() for value in texts.values())


def as_words(marks: Iterable[Mark]) -> Words:
    """A tree of marks as it is sent: a string where nothing in it is styled."""
    marks = tuple(marks)
    if all(isinstance(mark, str) or _is_bare(mark) for mark in marks):
        return plain(marks).strip()
    return _tree(marks)


def is_styled(words: str, *, line: bool = False) -> bool:
    """Whether a text may hold marks: a cheap look, so that most texts are never read as Markdown."""
    return _MARKS.search(words) is not None or (not line and _BLOCKS.search(words) is not None)


def is_kept_back(read: Read) -> bool:
    """Whether a text is shown in no language at all."""
    return read.state == "withheld" and read.language is None


def told(words: Words, read: Read, column: Language, *, quiet: bool = False) -> Words:
    """A text with what is to be said of it; the text alone where it is in the language of its column.

    `quiet` says in which language the text is, but not why: something beside it does.
    """
    if read.state in ("", "unreviewed"):
        return words
    spoken = language_of(read.language) if read.language is not None else column
    made: Json = {"t": words, "l": spoken.code, "d": spoken.direction}
    return made if quiet else {**made, "m": read.state}


def files(addresses: Sequence[Mapping[str, str]]) -> Json:
    """{form: address} in each language as {form: file name}; names in a list where the languages have their own."""
    forms = dict.fromkeys(form for each in addresses for form in each)
    found = {form: [_ADDRESS.sub("", each.get(form, "")) for each in addresses] for form in forms}
    return {form: names[0] if len(set(names)) == 1 else names for form, names in found.items()}


def _is_spoken(language: Language) -> bool:
    """Whether our own sentences exist in a language, or it is not known which one it is."""
    return language.code.split("-")[0] in (language.catalogue, "und")


def _message(form: Form, nodeset: str, kind: str) -> Text | None:
    """What the form itself says when something is wrong with an answer."""
    bind = form.binds.get(nodeset)
    if bind is None:
        return None
    texts = {"required": bind.required_message, "constraint": bind.constraint_message, "warning": bind.warning_message}
    return texts.get(kind)


def _is_bare(mark: Mark) -> bool:
    """Whether a mark is an answer within a text and nothing more."""
    return isinstance(mark, str) or (
        mark.element == "span" and not mark.style and all(isinstance(child, str) for child in mark.children)
    )


def _tree(marks: Iterable[Mark]) -> list[Any]:
    return [mark if isinstance(mark, str) else _element(mark) for mark in marks]


def _element(mark: Styled) -> Json:
    made: Json = {"e": mark.element, "c": _tree(mark.children)}
    return made | {
        name: value
        for name, value in (("u", mark.url), ("s", dict(mark.style)), ("n", mark.first if mark.first != 1 else None))
        if value
    }


def _of_group(form: Form, text: Text, part: str, place: str, language: str | None, instance: Instance) -> Words:
    """A text of the form at a node that need not be its own; what cannot be computed is left out."""
    parts = text.parts
    if text.itext is not None:
        found = (value.parts for value in translations(form.itext, text.itext, language))
        parts = next((each for each in found if each not in ((), ("-",))), ())
    pieces = [each if isinstance(each, str) else Shown(_computed(instance, each, place)) for each in parts]
    words = "".join(pieces).strip()
    if not is_styled(words):
        return words
    marks = formatted(pieces)
    (first, *more) = marks or ("",)
    if part == "label" and not more and isinstance(first, Styled) and first.element.startswith("h"):
        marks = first.children  # it is a heading of the page already
    return as_words(marks)


def _computed(instance: Instance, expression: Expression, path: str) -> str:
    with suppress(XPathError):
        return to_string(cast("Value", instance.evaluate(expression, path)))
    return ""


def _guidance_in(form: Form, hint: Text | None) -> dict[str, tuple[str | Expression, ...]]:
    """{language: guidance} of a hint, the default language first."""
    if hint is None or hint.itext is None:
        return {}
    texts = {name: form.itext.values[name].get(hint.itext) for name in languages(form.itext, None)}
    return {name: value.guidance for name, value in texts.items() if value and value.guidance not in ((), ("-",))}
