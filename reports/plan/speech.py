"""How the answers of a plan read, in German and beside it in the person's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from reports.paper.texts import FormTexts, Said, chosen, spoken
from reports.wording import LOCALES, day
from validation.form import Control, Form
from validation.messages import area, say

Pair: TypeAlias = tuple[str, ...]
"""A text in each language printed; '' where the second has no other than the first."""

_OPEN, _CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Speech:
    """The texts of the first interview and our own words in one or two languages. UsageError as `chosen`."""

    def __init__(self, form: Form, languages: Iterable[str], files: Mapping[str, str]) -> None:
        self.form = form
        self.texts = FormTexts(form, chosen(form, [*languages]), files)
        self.languages = self.texts.languages
        self._controls: dict[str, Control] = {}
        self._known: dict[str, Mapping[str, Pair]] = {}
        for control in form.controls():
            self._controls.setdefault(control.nodeset.rpartition("/")[2], control)

    @property
    def unreviewed(self) -> bool:
        """Whether no native speaker has read the texts of a language printed."""
        return any(language.code in self.form.unreviewed for language in self.languages)

    def own(self, code: str, **fields: Pair | str) -> Pair:
        """A sentence of the area 'plan'. A text from elsewhere keeps its own direction within it."""
        return self.whole(f"plan.{code}", **fields)

    def whole(self, code: str, **fields: Pair | str) -> Pair:
        """As `own`, by the whole code of the sentence."""
        found = []
        for at, language in enumerate(self.languages):
            spoken_here = language.catalogue == language.code.partition("-")[0]  # else German stands for it
            own = at == 0 or (spoken_here and language.catalogue in area(code.partition(".")[0])[code])
            said = {name: self._within(text, at) for name, text in fields.items()}
            found.append(say(code, language.catalogue, **said) if own else "")
        return _apart(found)

    def label(self, name: str) -> Pair:
        """What a question is called; its name where the form does not have it."""
        control = self._controls.get(name)
        return _pair(self.texts.text(control.label, control.nodeset)) if control else self.plain(name)

    def choice(self, name: str, value: str) -> Pair:
        """The answer to a question in words: labels of what was chosen, a text or number as it stands."""
        if name not in self._controls or self._controls[name].kind not in ("select1", "select"):
            return self.plain(value)
        known = self._choices(name)
        each = [known.get(code, self.plain(code)) for code in value.split()]
        return _apart([self.comma(at).join(pair[at] or pair[0] for pair in each) for at in self._places()])

    def offers(self, name: str) -> bool:
        """Whether a question is answered by a choice."""
        return name in self._controls and self._controls[name].kind in ("select1", "select")

    def knows(self, name: str, value: str) -> bool:
        """Whether a value is one of the choices of a question."""
        return self.offers(name) and value in self._choices(name)

    def codes(self, name: str) -> Mapping[str, Pair]:
        """Every choice of a question with its label."""
        return self._choices(name)

    def date(self, text: str) -> Pair:
        """A day as it is written; '' for none. Our calendar and digits in every language, as on letters of offices."""
        try:
            said = date.fromisoformat(text[:10])
        except ValueError:
            return self.plain(text)
        return _apart([day(said, each.catalogue if each.catalogue in LOCALES else "de") for each in self.languages])

    def comma(self, at: int) -> str:
        """What stands between two things in one of the languages."""
        return "، " if self.languages[at].direction == "rtl" else ", "

    def plain(self, text: str) -> Pair:
        """A text that is the same in every language."""
        return (text, *("" for _ in self.languages[1:]))

    def _within(self, text: Pair | str, at: int) -> str:
        said = text if isinstance(text, str) else text[at] or text[0]
        return f"{_OPEN}{said}{_CLOSE}" if at and not said.startswith("{") else said

    def _places(self) -> range:
        return range(len(self.languages))

    def _choices(self, name: str) -> Mapping[str, Pair]:
        if name not in self._known:
            listed = self.texts.choices(self._controls[name])
            self._known[name] = {value: _pair(said) for value, said in listed.items} if listed else {}
        return self._known[name]


def _pair(said: Said) -> Pair:
    return _apart([spoken(said, at) if runs else "" for at, runs in enumerate(said)])


def _apart(texts: list[str]) -> Pair:
    """A second text that is the first again is none."""
    return tuple("" if at and text == texts[0] else text for at, text in enumerate(texts))
