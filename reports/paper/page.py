"""What is printed, as frozen nouns: the empty form and the filled record. A template draws them; texts are data.

A `Said` is a text in each language printed (`reports.paper.texts`).
"""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from reports.factory.coverage import REPLACEMENT, uncovered
from reports.paper.texts import Said
from validation.errors import ReportError

FOREIGN = 0.05  # of all texts


@dataclass(frozen=True, slots=True)
class Answer:
    """The space for an answer. `kind` is the template's name for it.

    one, many, rank: boxes before `choices`. annex: a line and a `note` that points to a list of the annex. open: a line
    and a `note` that names a list too long to print. written: `lines` to write on. digits: a grid of `cells`, with
    `decimals` behind the point. date, time, datetime, year, month: small fields. scale: circles over `choices`.
    tick, place, enclosed, computed: what they say.
    """

    kind: str
    choices: tuple[Said, ...] = ()
    note: Said = ()
    lines: int = 1
    cells: int = 0
    decimals: int = 0
    several: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A numbered question. `rules` say when it is asked and demanded, `allowed` what the form's author says of the
    answer, `reasons` why there may be none."""

    number: str
    label: Said
    answer: Answer
    hints: tuple[Said, ...] = ()
    rules: tuple[Said, ...] = ()
    allowed: Said = ()
    required: bool = False
    reasons: tuple[Said, ...] = ()
    kind: str = "question"


@dataclass(frozen=True, slots=True)
class Note:
    """A text to be read."""

    text: Said
    rules: tuple[Said, ...] = ()
    kind: str = "note"


@dataclass(frozen=True, slots=True)
class Block:
    """A group, or one entry of a repeat (`entry` is its place, 0 for a group)."""

    label: Said
    items: tuple[Item, ...]
    rules: tuple[Said, ...] = ()
    hints: tuple[Said, ...] = ()
    entry: int = 0
    more: Said = ()
    kind: str = "block"


Item: TypeAlias = Question | Note | Block


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form. `mark` is its letter, '' where the form counts its parts itself."""

    mark: str
    label: Said
    items: tuple[Item, ...]
    rules: tuple[Said, ...] = ()
    hints: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Annex:
    """A list that several questions may point to. `title` has its number and theirs."""

    title: Said
    choices: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A question of a filled record with its answer, or (`absent`) the reason why there is none."""

    number: str
    label: Said
    answer: tuple[Said, ...]
    absent: bool = False
    kind: str = "row"


@dataclass(frozen=True, slots=True)
class Record:
    """The answers of a section, a group or one entry (`entry` is its place, else 0), in the order of the form."""

    label: Said
    rows: tuple[Row | Note | Record, ...]
    entry: int = 0
    kind: str = "record"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole document. `languages` are (code, direction) pairs; `words` are what the template says itself; `demo`
    marks every page. An empty form has `sections` and `annexes`, a filled one `records` and `signatures`."""

    title: str
    subtitle: str
    languages: tuple[tuple[str, str], ...]
    words: Mapping[str, Said]
    head: tuple[Said, ...] = ()
    remarks: tuple[Said, ...] = ()
    sections: tuple[Section, ...] = ()
    annexes: tuple[Annex, ...] = ()
    records: tuple[Record, ...] = ()
    signatures: tuple[Said, ...] = ()
    demo: str = ""

    def json(self) -> str:
        """The sheet for the template. What no shipped font can show is replaced by a sign, and the page says so.

        ReportError 'paper.no_font' where that would be more than a sign here and there: a script of its own.
        """
        written = dataclasses.asdict(self)
        return drawable(written, (written[name] for name in ("sections", "annexes", "records")))


def drawable(written: Mapping[str, Any], parts: Iterable[Any]) -> str:
    """What a template gets, as JSON, with `lost`: whether a sign stands for what no shipped font can show.

    ReportError 'paper.no_font' where that would be whole texts of `parts`: a script of its own.
    """
    lost = uncovered("".join(_texts(written)))
    _refuse_foreign(parts, lost)
    table = dict.fromkeys(map(ord, lost), REPLACEMENT)
    return json.dumps({**_mapped(written, table), "lost": bool(lost)}, ensure_ascii=False)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)


def _mapped(value: Any, table: Mapping[int, str]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(each, table) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_mapped(each, table) for each in value]
    return value.translate(table) if isinstance(value, str) else value


def _refuse_foreign(parts: Iterable[Any], lost: Container[str]) -> None:
    """ReportError where so many texts would be lost as a whole that it is no name here and there but a script."""
    texts = [text for part in parts for text in _texts(part) if any(sign.isalpha() for sign in text)]
    letters = Counter(sign for text in texts if _is_lost(text, lost) for sign in text if sign in lost)
    if sum(_is_lost(text, lost) for text in texts) > FOREIGN * len(texts):
        script = unicodedata.name(letters.most_common(1)[0][0], "?").split()[0].capitalize()
        raise ReportError("paper.no_font", script=script)


def _is_lost(text: str, lost: Container[str]) -> bool:
    return sum(sign in lost for sign in text if sign.isalpha()) * 2 > sum(sign.isalpha() for sign in text)
