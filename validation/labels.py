"""Texts of a form in the language asked for: labels, hints, messages, choice labels.

A text that a language lacks falls back to the form's default language, then to any other; '-' counts as lacking, for
pyxform writes it where a translation is missing. `<output>` and jr:itext() are evaluated where the text stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from validation.form import Itext, ItextValue, Text
from validation.markdown import Shown
from validation.tree import Node
from validation.xpath.evaluator import Value, to_string
from validation.xpath.parser import Expression

_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$|^([A-Za-z]{2,3})$")


def code_of(language: str) -> str:
    """The code of a language by its name in a form, in lower case: 'Deutsch (de)' and 'de' -> 'de'; '' for none."""
    found = _CODE.search(language)
    return (found[1] or found[2]).lower() if found else ""


class Evaluates(Protocol):
    """What a text needs of a live instance."""

    def evaluate(self, expression: Expression, node: Node, *, language: str | None = None) -> Value: ...


def languages(itext: Itext, language: str | None) -> Iterator[str]:
    """The languages to look in, in order, each once."""
    wanted = (language, itext.default, *itext.languages)
    return (name for name in dict.fromkeys(wanted) if name is not None and name in itext.values)


def translations(itext: Itext, name: str, language: str | None) -> Iterator[ItextValue]:
    """The values of an itext id, best language first."""
    for candidate in languages(itext, language):
        value = itext.values[candidate].get(name)
        if value is not None:
            yield value


def render(text: Text | None, itext: Itext, node: Node, language: str | None, state: Evaluates) -> str:
    """The text at a node in a language; '' where there is none in any."""
    if text is None:
        return ""
    if text.itext is None:
        return _join(text.parts, node, language, state)
    return render_itext(text.itext, itext, node, language, state)


def pieces(text: Text | None, itext: Itext, node: Node, language: str | None, state: Evaluates) -> list[str]:
    """The same text in parts, those that an `<output>` gave being `Shown`; none where there is no text."""
    if text is None:
        return []
    candidates = [text.parts] if text.itext is None else [v.parts for v in translations(itext, text.itext, language)]
    for parts in candidates:
        found = [_piece(part, node, language, state) for part in parts]
        if "".join(found).strip() not in ("", "-"):
            return found
    return []


def _piece(part: str | Expression, node: Node, language: str | None, state: Evaluates) -> str:
    return part if isinstance(part, str) else Shown(to_string(state.evaluate(part, node, language=language)))


def render_itext(name: str, itext: Itext, node: Node, language: str | None, state: Evaluates) -> str:
    """The text of an itext id at a node; '' where no language has it."""
    last = ""
    for value in translations(itext, name, language):
        found = _join(value.parts, node, language, state)
        if found not in ("", "-"):
            return found
        last = last or found
    return last


def render_guidance(text: Text | None, itext: Itext, node: Node, language: str | None, state: Evaluates) -> str:
    """The guidance of a hint; '' where there is none."""
    if text is None or text.itext is None:
        return ""
    for value in translations(itext, text.itext, language):
        found = _join(value.guidance, node, language, state)
        if found not in ("", "-"):
            return found
    return ""


def media(text: Text | None, itext: Itext, language: str | None) -> dict[str, str]:
    """The media of a text by form (image, audio, video, big-image), each from the best language that has it."""
    found: dict[str, str] = {}
    if text is not None and text.itext is not None:
        for value in translations(itext, text.itext, language):
            for form, address in value.media.items():
                if address not in ("", "-"):
                    found.setdefault(form, address)
    return found


def _join(parts: tuple[str | Expression, ...], node: Node, language: str | None, state: Evaluates) -> str:
    return "".join(
        part if isinstance(part, str) else to_string(state.evaluate(part, node, language=language)) for part in parts
    ).strip()
