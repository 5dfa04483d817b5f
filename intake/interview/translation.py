"""Which language a text is read in, and what must be said beside it: the one place of this rule.

    read = read_in(form, control.label, control.nodeset, "label", language)
    instance.label(path, read.language)          # the text; read.state says what it is

A text that a language lacks is shown in the form's first language, visibly, never blank. A language that no native
speaker has read (setting `unreviewed`) is shown with a mark. Texts on privacy and consent (column `reviewed_only`)
are not shown in such a language at all: what a person agrees to must have been read by somebody who understands it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from intake.interview.description import Language, language_of
from validation.form import Form, Text
from validation.labels import languages
from validation.layout import choice_texts

Translation = Literal["", "missing", "unreviewed", "withheld"]
Part = Literal["label", "hint", "message", "choices"]

COLUMN = "reviewed_only"
_ALL = "yes"


@dataclass(frozen=True, slots=True)
class Read:
    """The language to ask the form for (None: its default) and what the text then is.

    '' a text of the language wanted (or none at all); 'unreviewed' the same, read by no native speaker; 'missing' the
    language has no text, this one is in another; 'withheld' it may not be shown in this language, this is a reviewed
    one. 'withheld' with the language None: no reviewed language has the text, so it is not shown at all.
    """

    language: str | None
    state: Translation = ""


@dataclass(frozen=True, slots=True)
class ReadChoices:
    """The language to ask for the choices of a question, and the state of each by its value."""

    language: str | None
    states: Mapping[str, Translation]


def read_in(form: Form, text: Text | None, nodeset: str, part: Part, language: Language) -> Read:
    """How a label, hint or message of the element at a nodeset ('' for a group that only draws) is read."""
    wanted = language.name or None
    if text is None or not form.languages or wanted not in form.languages:
        return Read(wanted)
    unreviewed = language.code in form.unreviewed
    if _has(form, text, wanted) and not (unreviewed and _reviewed_only(form, nodeset, part)):
        return Read(wanted, "unreviewed" if unreviewed else "")
    spoken = [name for name in languages(form.itext, wanted) if _has(form, text, name)]
    if not spoken:
        return Read(wanted)
    if _reviewed_only(form, nodeset, part):
        spoken = [name for name in spoken if _is_reviewed(form, name)]
        if not spoken or not _is_reviewed(form, wanted):
            return Read(next(iter(spoken), None), "withheld")
    return Read(spoken[0], "missing")


def read_choices(
    form: Form, nodeset: str, language: Language, texts: Mapping[str, Text | None] | None = None
) -> ReadChoices:
    """How the choices of a question are read. Choices from a file, which has one language, are not named.

    `texts` are the labels of the choices by value, where they are known already.
    """
    texts = choice_texts(form, nodeset) if texts is None else texts
    found = {value: read_in(form, text, nodeset, "choices", language) for value, text in texts.items()}
    states = {value: read.state for value, read in found.items()}
    wanted = language.name or None
    if wanted in form.languages and _reviewed_only(form, nodeset, "choices") and not _is_reviewed(form, wanted):
        candidates = languages(form.itext, form.itext.default)
        return ReadChoices(next((name for name in candidates if _is_reviewed(form, name)), None), states)
    return ReadChoices(wanted, states)


def _reviewed_only(form: Form, nodeset: str, part: Part) -> bool:
    bind = form.binds.get(nodeset)
    return bind is not None and not {_ALL, part}.isdisjoint(bind.columns.get(COLUMN, "").split())


def _is_reviewed(form: Form, name: str) -> bool:
    return language_of(name).code not in form.unreviewed


def _has(form: Form, text: Text, name: str) -> bool:
    """Whether a language has a text; one outside the translations is of the default language."""
    if text.itext is None:
        return name == form.itext.default and any(text.parts)
    value = form.itext.values[name].get(text.itext)
    return value is not None and any(not isinstance(part, str) or part.strip(" \n-") for part in value.parts)
