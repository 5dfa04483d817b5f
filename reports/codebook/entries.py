"""What a codebook says of a form: one `Entry` for every section, question and calculated value, in the form's order.

Numbers are those of the paper form, and so are the words of conditions, so that codebook, paper and screen agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from intake.demand import without_reason
from intake.interview.description import Language, language_of
from intake.renames import renamed
from intake.store.division import Division
from reports.codebook.texts import filter_words, filters_of, texts_of
from reports.paper.parts import Part, parts_of
from reports.paper.texts import FormTexts, is_note, spoken
from validation.form import Bind, Control, Form, Text
from validation.layout import Column, choice_texts, layout
from validation.messages import LANGUAGES, say
from validation.xpath.parser import Expression, references
from validation.xpath.words import condition_in_words, in_words

Kind = Literal["group", "repeat", "question", "note", "calculated", "automatic"]

_ALWAYS = frozenset({"true()", "1"})
_NEVER = frozenset({"false()", "0"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: labels by language as the form calls it. `sensitivity` is its own class, '' where that of the question
    holds."""

    value: str
    labels: Mapping[str, str]
    sensitivity: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """An expression as written, and in words by language of the catalogue; `reads` are the nodesets it reads.

    `words` is empty for what has none (calculations). `is_condition` is False where the words say all of it: always.
    """

    expression: str
    words: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    is_condition: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One section, question or value. Texts are by language as the form calls it ('' in a form without translations).

    `number` is the question's on paper, '' where it has none; `depth` how many sections it stands in. `rules` are by
    name: relevant, required, constraint, warning, choice_filter, calculate, count. `inherited` are the sections above
    with a relevance of their own. `choices` is None where there is no list, or one that only answers make; `list_name`
    names it. `sensitivity` is the class that answers get in the store. `table` and `column` are its place in exports.
    `versions` are the published versions that have it, newest first; empty without a study.
    """

    nodeset: str
    kind: Kind
    number: str = ""
    depth: int = 0
    type: str = "string"
    control: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    guidance: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    inherited: tuple[str, ...] = ()
    list_name: str = ""
    choices: tuple[Choice, ...] | None = None
    reasons: tuple[Choice, ...] = ()
    sensitivity: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    preload: str = ""
    table: str = ""
    column: str = ""
    versions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last step of the nodeset, as the workbook calls it."""
        return self.nodeset.rpartition("/")[2]

    @property
    def is_section(self) -> bool:
        return self.kind in ("group", "repeat")


@dataclass(frozen=True, slots=True)
class Codebook:
    """A form as a codebook. `languages` are the form's; `unreviewed` the codes of those that no native speaker read."""

    form_id: str
    version: str
    title: str
    hash: str
    languages: tuple[Language, ...]
    unreviewed: frozenset[str]
    entries: tuple[Entry, ...]

    def entry(self, nodeset: str) -> Entry | None:
        """The entry of a nodeset, or None."""
        return next((each for each in self.entries if each.nodeset == nodeset), None)


def codebook(
    form: Form,
    files: Mapping[str, str] | None = None,
    versions: Sequence[Form] = (),
    renames: Mapping[str, str] | None = None,
) -> Codebook:
    """The codebook of a form. `files` are the texts of the files of choices it reads, by name of the instance;
    `versions` the published versions of it, newest first; `renames` what they called differently."""
    known = tuple(language_of(name) for name in form.languages) or (language_of(""),)
    return Codebook(
        form_id=form.id,
        version=form.version,
        title=form.title or form.id,
        hash=form.hash,
        languages=known,
        unreviewed=form.unreviewed,
        entries=tuple(_Reading(form, files, versions, renames or {}).entries()),
    )


def _speakers(form: Form) -> tuple[Language, ...]:
    """For German and English the language of the form in which questions are named; its default where it lacks one."""
    known = [language_of(name) for name in form.languages]
    default = language_of(form.itext.default or (form.languages[0] if form.languages else ""))
    own = (next((each for each in known if each.code.split("-")[0] == code), default) for code in LANGUAGES)
    return tuple(replace(language, catalogue=code) for language, code in zip(own, LANGUAGES, strict=True))


class _Reading:
    """A form while its entries are read."""

    def __init__(
        self, form: Form, files: Mapping[str, str] | None, versions: Sequence[Form], renames: Mapping[str, str]
    ) -> None:
        self.form = form
        self.texts = FormTexts(form, _speakers(form), files)
        self.division = Division(form)
        self.columns: dict[str, tuple[str, Column]] = {
            column.nodeset: (table.name, column) for table in layout(form).values() for column in table.columns
        }
        self.has = {
            version.version: {renamed(each, renames) for each in (*version.binds, *version.order)}
            for version in versions
        }

    def entries(self) -> Iterator[Entry]:
        parts = parts_of(self.form)
        self.texts.number(parts)
        seen: set[str] = set()
        for part in parts:
            for entry in self._part(part, 0, ()):
                seen.add(entry.nodeset)
                yield entry
        reasons = {f"{nodeset}__missing" for nodeset in seen}
        for nodeset, (table, column) in self.columns.items():
            if nodeset not in seen and nodeset not in reasons:
                yield self._hidden(table, column)

    def _part(self, part: Part, depth: int, above: tuple[str, ...]) -> Iterator[Entry]:
        if part.kind == "question":
            if not part.is_heading:
                yield self._question(part, depth, above)
            return
        inside = depth
        if part.nodeset or part.label is not None:
            yield self._section(part, depth, above)
            inside = depth + 1
        bind = self.form.binds.get(part.nodeset)
        within = (*above, part.nodeset) if bind is not None and _holds(bind.relevant) else above
        for child in part.children:
            yield from self._part(child, inside, within)

    def _section(self, part: Part, depth: int, above: tuple[str, ...]) -> Entry:
        bind = self.form.binds.get(part.nodeset) or Bind(part.nodeset)
        rules = dict(self._rules(bind, None, ()))
        repeat = self.form.repeats.get(part.nodeset)
        if repeat is not None and repeat.count is not None:
            rules["count"] = self._plain_rule(repeat.count, part.nodeset)
        return Entry(
            nodeset=part.nodeset,
            kind="repeat" if part.kind == "repeat" else "group",
            depth=depth,
            type="",
            labels=self._said(part.label),
            hints=self._said(part.hint),
            guidance=self._said(part.guidance or part.hint, guidance=True),
            rules=rules,
            inherited=above,
            columns=dict(bind.columns),
            versions=self._versions(part.nodeset),
        )

    def _question(self, part: Part, depth: int, above: tuple[str, ...]) -> Entry:
        nodeset = part.nodeset
        control = self.form.control(nodeset)
        bind = self.form.binds.get(nodeset) or Bind(nodeset)
        missing = self.form.control(part.missing) if part.missing else None
        reasons = self._choices(missing)[1] or () if missing is not None else ()
        listed, choices = self._choices(control)
        table, column = self.columns.get(nodeset, ("", None))
        return Entry(
            nodeset=nodeset,
            kind="note" if is_note(self.form, nodeset) else "question",
            number=self.texts.numbers.get(nodeset, ""),
            depth=depth,
            type=bind.type,
            control=control.kind if control is not None else "",
            labels=self._said(part.label),
            hints=self._said(part.hint),
            guidance=self._said(part.guidance or part.hint, guidance=True),
            messages=dict(self._messages(bind)),
            rules=dict(self._rules(bind, control, reasons)),
            inherited=above,
            list_name=listed,
            choices=choices,
            reasons=reasons,
            sensitivity=self.division.class_of(nodeset),
            columns=dict(bind.columns),
            table=table,
            column=column.name if column is not None else "",
            versions=self._versions(nodeset),
        )

    def _hidden(self, table: str, column: Column) -> Entry:
        """A value that nobody is asked for: calculated, or filled in by the program."""
        bind = column.bind
        return Entry(
            nodeset=column.nodeset,
            kind="calculated" if bind.calculate is not None else "automatic",
            type=bind.type,
            rules=dict(self._rules(bind, None, ())),
            sensitivity=self.division.class_of(column.nodeset),
            columns=dict(bind.columns),
            preload=" ".join(filter(None, (bind.preload, bind.preload_params))),
            table=table,
            column=column.name,
            versions=self._versions(column.nodeset),
        )

    def _versions(self, nodeset: str) -> tuple[str, ...]:
        return tuple(version for version, known in self.has.items() if nodeset in known)

    # --- texts and choices

    def _said(self, text: Text | None, *, guidance: bool = False) -> dict[str, str]:
        return texts_of(self.form, text, guidance=guidance)

    def _messages(self, bind: Bind) -> Iterator[tuple[str, Mapping[str, str]]]:
        for name, text in (
            ("constraint", bind.constraint_message),
            ("required", bind.required_message),
            ("warning", bind.warning_message),
        ):
            if said := self._said(text):
                yield name, said

    def _choices(self, control: Control | None) -> tuple[str, tuple[Choice, ...] | None]:
        listed = self.texts.choices(control) if control is not None else None
        if (
            control is None
            or listed is None
            or (not listed.items and control.kind not in ("select1", "select", "rank"))
        ):
            return "", None
        known = choice_texts(self.form, control.nodeset)
        own = self.division.class_of(control.nodeset)
        made = []
        for value, label in listed.items:
            # Labels of a file of choices are in no translation: the same in every language.
            labels = self._said(known.get(value)) or {self._first(): spoken(label)}
            raised = self.division.class_of(control.nodeset, value)
            made.append(Choice(value, labels, raised if raised != own else ""))
        return listed.name, tuple(made)

    def _first(self) -> str:
        return self.form.languages[0] if self.form.languages else ""

    # --- rules

    def _rules(self, bind: Bind, control: Control | None, reasons: Sequence[Choice]) -> Iterator[tuple[str, Rule]]:
        here = bind.nodeset
        if bind.relevant is not None and _holds(bind.relevant):
            yield "relevant", Rule(bind.relevant.source, self._words(bind.relevant, here), _reads(bind.relevant, here))
        if bind.required is not None and (words := self._required(bind.required, here, with_reason=bool(reasons))):
            reads = tuple(each for each in _reads(bind.required, here) if each != f"{here}__missing")
            yield "required", Rule(bind.required.source, words, reads, is_condition=bool(reads))
        for name, expression in (("constraint", bind.constraint), ("warning", bind.warning)):
            if expression is not None:
                yield name, Rule(expression.source, self._condition(expression, here), _reads(expression, here))
        if bind.calculate is not None:
            yield "calculate", self._plain_rule(bind.calculate, here)
        if control is not None and control.itemset is not None and (filters := filters_of(control)):
            words = {
                code: filter_words(filters, names, code, here=here)
                for code, names in zip(LANGUAGES, self.texts.names, strict=True)
            }
            used = {read for each in filters for read in _reads(each, here) if read in self.form.binds}
            yield "choice_filter", Rule(control.itemset.nodeset.source, words, tuple(sorted(used)))

    def _plain_rule(self, expression: Expression, here: str) -> Rule:
        return Rule(" ".join(expression.source.split()), {}, _reads(expression, here))

    def _words(self, expression: Expression, here: str) -> dict[str, str]:
        named = zip(LANGUAGES, self.texts.names, strict=True)
        return {code: in_words(expression, names, code, here=here) for code, names in named}

    def _condition(self, expression: Expression, here: str) -> dict[str, str]:
        named = zip(LANGUAGES, self.texts.names, strict=True)
        return {code: condition_in_words(expression, names, code, here=here) for code, names in named}

    def _required(self, expression: Expression, here: str, *, with_reason: bool) -> dict[str, str]:
        """When an answer, or one of the reasons, is demanded; empty for never."""
        tree = without_reason(expression.tree, f"{here.rpartition('/')[2]}__missing")
        if tree is not None and str(tree) in _NEVER:
            return {}
        kind = "required_reason" if with_reason else "required"
        if tree is None or str(tree) in _ALWAYS:
            return {code: say(f"codebook.{kind}", code) for code in LANGUAGES}
        conditions = self._condition(Expression(str(tree), tree), here)
        return {code: say(f"codebook.{kind}_if", code, condition=text) for code, text in conditions.items()}


def _holds(expression: Expression | None) -> bool:
    """Whether a relevance is a condition at all."""
    return expression is not None and expression.source.strip() not in _ALWAYS


def _reads(expression: Expression, here: str) -> tuple[str, ...]:
    found = references(expression, here)
    return tuple(sorted(each for each in found if each.startswith("/") and "*" not in each and each != here))
