"""The choices of questions as the screen shows them: lists with an id, sent once however many questions offer them.

A row is [value, label in each language shown], each label a text as in `texts`, and after them {form: name of the file}
where a choice has a picture, a sound or a video. A list that is searched (`controls.in_sight`) is not sent with the
form but when the screen asks for it; the rows of what is chosen then travel with the answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from intake.interview.description import Language, is_lasting
from intake.interview.texts import Words, as_words, files, has_media, is_kept_back, is_styled, told
from intake.interview.translation import read_choices, read_in
from validation.form import Control, Form, Text
from validation.instance import Instance
from validation.layout import offered_texts
from validation.markdown import formatted_line

Rows = list[list[Any]]


class Lists:
    """The choices of a form in one or two languages; those that no answer changes are made once."""

    def __init__(self, form: Form, languages: Sequence[Language]) -> None:
        self.form = form
        self.languages = tuple(languages)
        self._has_media = has_media(form)
        self._controls: dict[str, list[Control]] = {}
        for control in form.controls():
            self._controls.setdefault(control.nodeset, []).append(control)
        self._sources = {nodeset: _source(form, found[-1]) for nodeset, found in self._controls.items()}
        self._offers: dict[tuple[str, ...], _Offer] = {}
        self._made: dict[tuple[str, ...], tuple[str, Rows]] = {}

    def choices(self, nodeset: str, path: str, instance: Instance, *, lasting: bool) -> tuple[str, Rows]:
        """The choices of the question at a path with the id of the list; the same choices have the same id.

        `lasting` says that no answer changes which choices are offered.
        """
        source = self._sources.get(nodeset, (nodeset,))
        known = self._made.get(source)
        if known is not None:
            return known
        offer = self._offers.get(source)
        if offer is None:
            offer = self._offers[source] = _Offer(self.form, self._controls.get(nodeset, []), self.languages)
        columns = [instance.choices(path, read.language) for read in offer.reads]
        rows: Rows = [
            [row[0][0], *(offer.words(at, value, label) for at, (value, label) in enumerate(row))]
            for row in zip(*columns, strict=True)
        ]
        if self._has_media:
            given = [instance.choice_media(path, read.language) for read in offer.reads]
            for row in rows:
                if media := files([each.get(row[0], {}) for each in given]):
                    row.append(media)
        made = (_list_id(rows), rows)
        if lasting and offer.lasting:
            self._made[source] = made
        return made


class _Offer:
    """What is known of the choices of a question before any answer: `lasting` that none shows one in its label."""

    def __init__(self, form: Form, controls: Sequence[Control], languages: Sequence[Language]) -> None:
        self.form = form
        self.nodeset = controls[0].nodeset if controls else ""
        self.languages = languages
        self.texts: dict[str, Text | None] = offered_texts(form, controls)
        self.reads = tuple(read_choices(form, self.nodeset, item, self.texts) for item in languages)
        self.lasting = all(text is None or is_lasting(form, text) for text in self.texts.values())
        label = controls[0].label if controls else None
        read = [read_in(form, label, self.nodeset, "label", item) for item in languages]
        self.said = [each.state == "withheld" for each in read]  # with the question already

    def words(self, at: int, value: str, label: str) -> Words:
        """The label of a choice in the language shown at a place, with what is to be said of it."""
        text, language = self.texts.get(value), self.languages[at]
        state = self.reads[at].states.get(value, "")
        words: Words = label
        if text is not None and is_styled(label, line=True) and is_lasting(self.form, text):
            words = as_words(formatted_line([label]))
        if state in ("", "unreviewed"):
            return words
        read = read_in(self.form, text, self.nodeset, "choices", language)
        return told("" if is_kept_back(read) else words, read, language, quiet=self.said[at])


def _source(form: Form, control: Control) -> tuple[str, ...]:
    """Where the choices of a question come from: questions with the same source share what no answer changes.

    Where a question says which languages its choices may be shown in, that belongs to it.
    """
    itemset = control.itemset
    if itemset is None or control.items:
        return (control.nodeset,)
    label = itemset.label.source if itemset.label is not None else ""
    bind = form.binds.get(control.nodeset)
    reviewed = bind.columns.get("reviewed_only", "") if bind is not None else ""
    return (itemset.nodeset.source, itemset.value, label, reviewed)


def _list_id(rows: Rows) -> str:
    written = json.dumps(rows, ensure_ascii=True)
    return hashlib.blake2s(written.encode(), digest_size=6).hexdigest()
