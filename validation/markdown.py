"""Styled texts: the small Markdown of XLSForm labels and hints as a tree that a screen or a page can draw.

Headings, paragraphs, lists, `*emphasis*`, `**strong**`, links, and the HTML that form designers write (`<b>`, `<i>`,
`<span style>`, `<div style>`, `<p>`), as in ODK Collect and ODK Web Forms. Nothing else of HTML is known: it stays
text. An answer that a text shows is never read as Markdown. The time needed grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Element = Literal[
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "a", "span", "div"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Styled:
    """An element with what is in it. `url` is where a link leads (http, https, mailto, tel), `style` CSS properties.

    `first` is the number an `ol` begins with.
    """

    element: Element
    children: tuple[Mark, ...] = ()
    url: str = ""
    style: Mapping[str, str] = field(default_factory=dict)
    first: int = 1


Mark: TypeAlias = str | Styled


class Shown(str):
    """An answer within a text: shown as it is, in a span of its own."""

    __slots__ = ()


DEPTH = 40
"""Elements in elements; what is written deeper stays text."""

_SCHEMES = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_PROPERTIES = frozenset({"color", "font-family", "text-align"})
_PROPERTY_VALUE = re.compile(r"[\w#%., '-]+(?:\([\d%., ]*\))?")
_ELEMENT_OF: Mapping[str, Element] = {
    "**": "strong", "__": "strong", "b": "strong", "strong": "strong",
    "*": "em", "_": "em", "i": "em", "em": "em",
    "span": "span", "div": "div", "p": "p", "[": "a",
}  # fmt: skip
_TOKEN = re.compile(
    r"""\\(?P<escaped>[!-/:-@\[-`{-~])
      | (?P<run>\*{1,3}|_{1,3})
      | <[ \t]*(?P<end>/?)[ \t]*(?P<tag>b|strong|i|em|span|div|p)(?P<rest>[ \t][^<>]*)?>
      | (?P<open>\[)
      | \]\((?P<url>[^\s()<>]*)\)""",
    re.VERBOSE,
)
_STYLE = re.compile(r"""style\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_ITEM = re.compile(r"(?:([-+*])|([0-9]{1,9})[.)])[ \t]+(.*)")
_FIRST_SHOWN = 0xF0000
_SHOWN = re.compile("([\U000f0000-\U000ffffd])")


def formatted(parts: Iterable[str]) -> tuple[Mark, ...]:
    """The tree of a text given in parts, those that are `Shown` being answers. A single paragraph is its content.

    A single numbered line is a paragraph ("3. Which language?"): a list has two items.
    """
    written, shown = _joined(parts)
    blocks = list(_blocks(written, shown))
    if len(blocks) == 1 and isinstance(blocks[0], Styled) and blocks[0].element == "p":
        return blocks[0].children
    return tuple(blocks)


def formatted_line(parts: Iterable[str]) -> tuple[Mark, ...]:
    """The same without headings, paragraphs and lists: for what stands in a line, as the label of a choice does."""
    written, shown = _joined(parts)
    return _inline(written.strip(), shown)


def _joined(parts: Iterable[str]) -> tuple[str, list[str]]:
    """The parts as one text with a sign for each answer, and the answers."""
    shown: list[str] = []
    written: list[str] = []
    for part in parts:
        if isinstance(part, Shown):
            if part and len(shown) < _FIRST_SHOWN:
                written.append(chr(_FIRST_SHOWN + len(shown)))
                shown.append(part)
        else:
            written.append(_SHOWN.sub("", part))
    return "".join(written), shown


def plain(marks: Iterable[Mark]) -> str:
    """The text of a tree without its elements."""
    return "".join(mark if isinstance(mark, str) else plain(mark.children) for mark in marks)


def _blocks(text: str, shown: Sequence[str]) -> Iterator[Styled]:
    lines: list[str] = []
    items: list[re.Match[str]] = []
    for line in [*text.split("\n"), ""]:
        stripped = line.strip()
        heading, item = _HEADING.fullmatch(stripped), _ITEM.fullmatch(stripped)
        if (heading or item or not stripped) and lines:
            yield Styled("p", _inline("\n".join(lines), shown))
            lines = []
        if items and stripped and (not item or bool(item[1]) != bool(items[0][1])):
            yield _list(items, shown)
            items = []
        if heading:
            levels: tuple[Element, ...] = ("h1", "h2", "h3", "h4", "h5", "h6")
            yield Styled(levels[len(heading[1]) - 1], _inline(heading[2].rstrip(" #"), shown))
        elif item:
            items.append(item)
        elif stripped:
            lines.append(stripped)
    if items:
        yield _list(items, shown)


def _list(items: Sequence[re.Match[str]], shown: Sequence[str]) -> Styled:
    """The lines of a list as such; a single numbered one is no list."""
    if items[0][2] and len(items) == 1:
        return Styled("p", _inline(items[0][0], shown))
    children = tuple(Styled("li", _inline(item[3], shown)) for item in items)
    return Styled("ol", children, first=int(items[0][2])) if items[0][2] else Styled("ul", children)


@dataclass(slots=True)
class _Frame:
    """An element that is open: by which sign, what was written to open it, and what is in it so far."""

    sign: str
    written: str
    style: Mapping[str, str] = field(default_factory=dict)
    children: list[Mark] = field(default_factory=list)


class _Inline:
    """One pass over a text: every sign opens an element, closes one, or is text."""

    def __init__(self, shown: Sequence[str]) -> None:
        self.shown = shown
        self.frames = [_Frame("", "")]
        self.opened: dict[str, int] = {}

    def text(self, text: str) -> None:
        self.frames[-1].children.append(text)

    def open(self, sign: str, written: str, style: Mapping[str, str] | None = None) -> None:
        if len(self.frames) > DEPTH:
            self.text(written)
            return
        self.frames.append(_Frame(sign, written, style or {}))
        self.opened[sign] = self.opened.get(sign, 0) + 1

    def close(self, sign: str, url: str = "") -> None:
        """Close the innermost element of a sign; what was opened in it and never closed is text."""
        children = self.left(until=sign)
        frame = self.frames.pop()
        self.opened[sign] -= 1
        element = _ELEMENT_OF[sign]
        if element == "a" and not _SCHEMES.match(url):
            self.frames[-1].children += children
        else:
            self.frames[-1].children.append(Styled(element, self.joined(children), url, frame.style))

    def left(self, until: str) -> list[Mark]:
        """Take away the frames above the innermost of a sign; what is in it and in them."""
        first = next(n for n in range(len(self.frames) - 1, -1, -1) if self.frames[n].sign == until)
        children = self.frames[first].children
        for frame in self.frames[first + 1 :]:
            children += [frame.written, *frame.children]
            self.opened[frame.sign] -= 1
        del self.frames[first + 1 :]
        return children

    def joined(self, marks: list[Mark]) -> tuple[Mark, ...]:
        """Neighbouring texts as one, answers in their spans."""
        found: list[Mark] = []
        texts: list[str] = []
        for mark in [*marks, None]:
            if isinstance(mark, str):
                texts.append(mark)
                continue
            for piece in _SHOWN.split("".join(texts)):
                if _SHOWN.fullmatch(piece):
                    found.append(Styled("span", (self.shown[ord(piece) - _FIRST_SHOWN],)))
                elif piece:
                    found.append(piece)
            texts = []
            if mark is not None:
                found.append(mark)
        return tuple(found)

    def filled(self, url: str) -> str:
        return _SHOWN.sub(lambda found: self.shown[ord(found[0]) - _FIRST_SHOWN].strip(), url)

    def sign(self, run: str, before: str, after: str) -> None:
        """One to three `*` or `_`: the end of what they began, a beginning, or text."""
        signs = [run] if len(run) < 3 else [run[:2], run[0]]
        if len(signs) == 2 and self.frames[-1].sign == run[0]:
            signs.reverse()
        inside_word = run[0] == "_" and before.isalnum() and after.isalnum()
        for sign in signs:
            if self.opened.get(sign) and before.strip() and not inside_word:
                self.close(sign)
            elif after.strip() and not inside_word:
                self.open(sign, sign)
            else:
                self.text(sign)

    def read(self, text: str) -> tuple[Mark, ...]:
        at = 0
        for token in _TOKEN.finditer(text):
            if token.start() > at:
                self.text(text[at : token.start()])
            at = token.end()
            if token["escaped"]:
                self.text(token["escaped"])
            elif token["run"]:
                self.sign(token["run"], text[token.start() - 1 : token.start()], text[at : at + 1])
            elif token["tag"]:
                self.tag(token)
            elif token["open"]:
                self.open("[", "[")
            elif self.opened.get("["):
                self.close("[", self.filled(token["url"]))
            else:
                self.text(token[0])
        self.text(text[at:])
        return self.joined(self.left(until=""))

    def tag(self, token: re.Match[str]) -> None:
        name = token["tag"]
        if not token["end"]:
            self.open(name, token[0], _style(token["rest"] or ""))
        elif self.opened.get(name):
            self.close(name)
        else:
            self.text(token[0])


def _inline(text: str, shown: Sequence[str]) -> tuple[Mark, ...]:
    return _Inline(shown).read(text)


def _style(attributes: str) -> Mapping[str, str]:
    """The properties of a style attribute that a text may have."""
    written = _STYLE.search(attributes)
    pairs = (part.partition(":") for part in ((written[1] or written[2] or "") if written else "").split(";"))
    given = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return {n: value for n, value in given.items() if n in _PROPERTIES and _PROPERTY_VALUE.fullmatch(value)}
