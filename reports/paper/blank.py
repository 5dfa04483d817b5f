"""The empty paper form of any form: sections, numbered questions, rules in words, and space for each answer.

Repeats become a few blank blocks. Lists too long to tick stand in the annex once; lists nobody would look through
(countries, languages) are written out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from intake.demand import without_reason
from reports.paper.page import Block, Item, Note, Question, Section, Sheet
from reports.paper.parts import Part, parts_of
from reports.paper.space import Spaces
from reports.paper.texts import FormTexts, Run, Said, chosen, is_note, spoken
from validation.form import Bind, Form
from validation.xpath.parser import Expression, references
from validation.xpath.syntax import Number, Path

BLOCKS = 2  # blank entries of a repeat
MOST_BLOCKS = 6  # where the form fixes their number

_WORDS = (
    *(
        "one",
        "several",
        "condition",
        "lost",
        "page",
        "required",
        "case",
        "date_day",
        "date_month",
        "date_year",
        "hour",
        "minute",
    ),
    *("computed", "enclosed", "place", "annex", "number_write"),
)
_HEAD = ("case", "head_date", "head_by", "head_interpreter", "head_sheets", "head_entered")
_COUNTED = re.compile(r"(?:[A-Z]|[0-9]{1,2}|[IVX]{1,4})[.):]?\s+\S")
# Our own messages say what is wrong, then what is expected; on paper nothing is wrong yet.
_EXPECTED = re.compile(r"Erwartet (?:wird|werden) |.+ (?:is|are) expected[^.]*\.$")
_LEAD = re.compile(r"Erwartet (?:wird|werden) ")
_YES = frozenset({"true()", "1"})
_NO = frozenset({"false()", "0", ""})


def blank(form: Form, languages: Sequence[str] = ("de",), files: Mapping[str, str] | None = None) -> Sheet:
    """The empty form in one or two languages (codes or names; UsageError for one it has not).

    `files` are the texts of the files of choices it reads, by name of the instance; where one is not given, its
    questions have a line to write on.
    """
    texts = FormTexts(form, chosen(form, languages), files)
    return _Builder(texts).sheet()


class _Builder:
    def __init__(self, texts: FormTexts) -> None:
        self.texts = texts
        self.form = texts.form
        self.spaces = Spaces(texts)

    def sheet(self) -> Sheet:
        parts = parts_of(self.form)
        self.texts.number(parts)
        sections = tuple(self._sections(parts))
        own = self.texts.own
        remarks = []
        if any(language.code in self.form.unreviewed for language in self.texts.languages):
            remarks.append(own("paper.unreviewed"))
        version = f" · {spoken(own('paper.version'))} {self.form.version}" if self.form.version else ""
        return Sheet(
            title=self.form.title or self.form.id,
            subtitle=f"{self.form.id}{version}",
            languages=tuple((language.code, language.direction) for language in self.texts.languages),
            words={name: own(f"paper.{name}", page="{page}", pages="{pages}") for name in _WORDS},
            head=tuple(own(f"paper.{name}") for name in _HEAD),
            remarks=tuple(remarks),
            sections=sections,
            annexes=self.spaces.annexes(),
        )

    def _sections(self, parts: Sequence[Part]) -> Iterator[Section]:
        labels = [self.texts.text(part.label, part.nodeset) for part in parts]
        counted = any(map(any, labels)) and all(_COUNTED.match(spoken(label)) for label in labels if any(label))
        for number, (part, label) in enumerate(zip(parts, labels, strict=True)):
            items: tuple[Item, ...] = tuple(self._item(part)) if part.kind == "repeat" else tuple(self._items(part))
            if items:
                shown = label if any(label) else self.texts.own("paper.section")
                is_group = part.kind == "group"
                rules = self._rules(part) if is_group else ()
                hints = self._hints(part) if is_group else ()
                yield Section("" if counted else _letter(number), shown, items, rules, hints)

    def _items(self, element: Part) -> Iterator[Item]:
        for child in element.children:
            yield from self._item(child)

    def _item(self, element: Part, depth: int = 0) -> Iterator[Item]:
        if element.kind == "repeat":
            yield from self._blocks(element, depth)
        elif element.kind == "group":
            label, rules = self.texts.text(element.label, element.nodeset), self._rules(element)
            items = tuple(item for child in element.children for item in self._item(child, depth))
            if items and (any(label) or rules):
                yield Block(label, items, rules, self._hints(element))
            else:
                yield from items
        elif not element.is_heading:
            yield self._question(element)

    def _blocks(self, element: Part, depth: int) -> Iterator[Block]:
        repeat = self.form.repeats[element.nodeset]
        number, fixed = BLOCKS if depth == 0 else 1, False
        count = self._count(repeat.count, element.nodeset)
        if count is not None:
            number, fixed = min(MOST_BLOCKS, max(1, count)), count <= MOST_BLOCKS
        label = self.texts.text(element.label, element.nodeset)
        items = tuple(item for child in element.children for item in self._item(child, depth + 1))
        more = () if fixed else self.texts.own("paper.more")
        for entry in range(1, number + 1):
            first, last = entry == 1, entry == number
            yield Block(
                label,
                items if first else tuple(_brief(item) for item in items),
                self._rules(element) if first else (),
                self._hints(element) if first else (),
                entry,
                more if last else (),
            )

    def _count(self, count: Expression | None, nodeset: str) -> int | None:
        """The number of entries where the form fixes it; pyxform puts it into a calculation of its own."""
        tree = count.tree if count is not None else None
        if count is not None and isinstance(tree, Path):
            bind = self.form.binds.get(next(iter(references(count, nodeset)), ""))
            tree = bind.calculate.tree if bind is not None and bind.calculate is not None else tree
        return int(tree.value) if isinstance(tree, Number) else None

    # --- questions

    def _question(self, element: Part) -> Question | Note:
        nodeset = element.nodeset
        label, rules = self.texts.text(element.label, nodeset), self._rules(element)
        if is_note(self.form, nodeset):
            return Note(label, rules)
        bind = self.form.binds.get(nodeset) or Bind(nodeset)
        required, condition = self._required(bind)
        if condition is not None:
            rules = (*rules, self.texts.required_if(condition, nodeset))
        return Question(
            number=self.texts.numbers[nodeset],
            label=label if any(label) else self.texts.plain(nodeset.rpartition("/")[2]),
            answer=self.spaces.of(self.form.control(nodeset), bind),
            hints=self._hints(element),
            rules=rules,
            allowed=self._allowed(bind),
            required=required,
            reasons=self._reasons(element),
        )

    def _rules(self, element: Part) -> tuple[Said, ...]:
        bind = self.form.binds.get(element.nodeset)
        if bind is None or bind.relevant is None or bind.relevant.source.strip() in _YES:
            return ()
        return (self.texts.rule(bind.relevant, element.nodeset),)

    def _hints(self, element: Part) -> tuple[Said, ...]:
        found = (
            self.texts.text(element.hint, element.nodeset, "hint"),
            self.texts.guidance(element.guidance or element.hint, element.nodeset),
        )
        return tuple(hint for hint in found if any(hint))

    def _allowed(self, bind: Bind) -> Said:
        """What the author says when an answer does not fit, with words before it that make it read right on paper."""
        if bind.constraint is None:
            return ()
        message = self.texts.text(bind.constraint_message, bind.nodeset, "message")
        first = next((runs for runs in message if runs), ())
        kind = _kind_of_message(" ".join(text for _, text in first))
        lead = self.texts.own(f"paper.{kind}")
        return tuple(
            (*((style, f"{text} ") for style, text in before), *_without_lead(runs)) if runs else ()
            for before, runs in zip(lead, message, strict=True)
        )

    def _reasons(self, element: Part) -> tuple[Said, ...]:
        control = self.form.control(element.missing) if element.missing else None
        listed = self.texts.choices(control) if control is not None else None
        return tuple(label for _, label in listed.items) if listed else ()

    def _required(self, bind: Bind) -> tuple[bool, Expression | None]:
        """Whether an answer (or the reason why there is none) is demanded always, and the condition where not."""
        if bind.required is None:
            return False, None
        tree = without_reason(bind.required.tree, f"{bind.nodeset.rpartition('/')[2]}__missing")
        if tree is None or str(tree) in _YES:
            return True, None
        return (False, None) if str(tree) in _NO else (False, Expression(str(tree), tree))


def _kind_of_message(text: str) -> str:
    """allowed: it only says what is expected; refused: what is wrong, then what is expected; attention: else."""
    sentences = re.split(r"(?<=[.!?]) ", text)
    if not _EXPECTED.match(sentences[-1]):
        return "attention"
    return "allowed" if len(sentences) == 1 else "refused"


def _without_lead(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """'Erwartet wird eine Zahl.' after 'Erlaubt:' is 'eine Zahl.'"""
    return ((runs[0][0], _LEAD.sub("", runs[0][1]) if _LEAD.match(runs[0][1]) else runs[0][1]), *runs[1:])


def _brief(item: Item) -> Item:
    """A question of a further entry: what explains it stands at the first."""
    if isinstance(item, Question):
        return Question(item.number, item.label, item.answer, (), item.rules, (), item.required, item.reasons)
    if isinstance(item, Block):
        return Block(item.label, tuple(_brief(each) for each in item.items), item.rules, (), item.entry, item.more)
    return item


def _letter(number: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
