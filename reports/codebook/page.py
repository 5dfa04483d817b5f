"""A codebook as one page of HTML: self-contained, readable aloud, printable, and open to the browser's own search.

What a form says is text and stays text: nothing of it becomes markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from reports.codebook.counts import Counts, Figures
from reports.codebook.entries import Choice, Codebook, Entry, Rule
from reports.codebook.tables import counted_table, missing_table
from reports.codebook.words import CODED, coded, language_name, said, sensitivity, share, told, type_of
from reports.wording import day
from validation.messages import say

LONG, SHORT = 20, 5
"""Choices from which a list stands at the end instead of at its question, and up to which it stands at every question;
lists of several questions between the two stand at the end."""

_RULES = ("relevant", "required", "constraint", "warning", "choice_filter", "count", "calculate")


def page(codebook: Codebook, figures: Figures | None = None, *, language: str = "de", demo: str = "") -> str:
    """The page in a language of the catalogue. `demo` is what stands above where the data are synthetic."""
    return "\n".join(_Page(codebook, figures, language, demo).parts()) + "\n"


def anchor(nodeset: str) -> str:
    """The id of an entry: its nodeset without signs that an id or address may not have."""
    return "q" + re.sub(r"[^\w.-]", "_", nodeset.replace("/", "."))


class _Page:
    def __init__(self, codebook: Codebook, figures: Figures | None, language: str, demo: str) -> None:
        self.book = codebook
        self.figures = figures
        self.language = language
        self.demo = demo
        self.known = {entry.nodeset: entry for entry in codebook.entries}
        self.by_number = {entry.number: entry for entry in codebook.entries if entry.number}
        self.lists = self._long_lists()

    def say(self, code: str, **fields: object) -> str:
        """A sentence of ours, safe to stand in HTML."""
        return html.escape(say(f"codebook.{code}", self.language, **fields))

    def parts(self) -> Iterator[str]:
        title = f"{say('codebook.title', self.language)}: {self.book.title}"
        yield f'<!doctype html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{html.escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>"
        yield f'<a class="skip" href="#inhalt">{self.say("skip")}</a>'
        yield from self._head()
        yield f'<nav aria-labelledby="verzeichnis">\n<h2 id="verzeichnis">{self.say("contents")}</h2>'
        yield f'<p class="quiet">{self.say("search")} {self.say("numbers")}</p>'
        sections = self._sections()
        yield from self._contents(sections)
        yield '</nav>\n<main id="inhalt">'
        for number, (label, entries) in enumerate(sections):
            yield f'<section aria-labelledby="abschnitt-{number}">\n<h2 id="abschnitt-{number}">{label}</h2>'
            for entry in entries:
                yield from self._entry(entry)
            yield "</section>"
        yield from self._annex()
        yield "</main>"
        if self.demo:
            yield f'<footer class="demo">{html.escape(self.demo)}</footer>'
        yield "</body>\n</html>"

    # --- head and contents

    def _head(self) -> Iterator[str]:
        yield "<header>"
        if self.demo:
            yield f'<p class="demo">{html.escape(self.demo)}</p>'
        names = ", ".join(language_name(self.book, each, self.language) for each in self.book.languages)
        yield f'<div>\n<p class="kicker">{self.say("title")}</p>\n<h1>{html.escape(self.book.title)}</h1>'
        yield f'<p class="meta">{self.say("form_line", form=self.book.form_id, version=self.book.version or "–")}</p>'
        yield f'<p class="meta">{self.say("languages", names=names)}</p>\n</div>'
        yield from self._about_figures(self.figures)
        yield "</header>"

    def _about_figures(self, figures: Figures | None) -> Iterator[str]:
        if figures is None:
            yield f'<p class="quiet">{self.say("no_figures")}</p>'
            return
        yield f'<p class="internal"><strong>{self.say("internal_short")}.</strong> {self.say("internal")}</p>'
        if figures.records and figures.as_of is not None:
            moment = day(figures.as_of.date(), self.language)
            yield f"<p>{self.say('figures_of', records=figures.records, moment=moment)} {self.say('how')}</p>"
        else:
            yield f"<p>{self.say('figures_none')}</p>"
        if figures.restricted:
            yield f"<p>{self.say('restricted', count=figures.restricted)}</p>"

    def _sections(self) -> list[tuple[str, list[Entry]]]:
        """The top-level sections with what is in them, each with its heading as HTML."""
        found: list[tuple[str, list[Entry]]] = []
        hidden = [entry for entry in self.book.entries if entry.kind in ("calculated", "automatic")]
        for entry in self.book.entries:
            if entry in hidden:
                continue
            if entry.depth == 0 and entry.is_section:
                found.append((self._heading(entry), []))
            elif entry.depth == 0 and (not found or found[-1][0] != self.say("loose")):
                found.append((self.say("loose"), []))
            found[-1][1].append(entry)
        if hidden:
            found.append((self.say("hidden"), hidden))
        return found

    def _contents(self, sections: Sequence[tuple[str, list[Entry]]]) -> Iterator[str]:
        yield "<ol>"
        for number, (label, entries) in enumerate(sections):
            yield f'<li><a href="#abschnitt-{number}">{label}</a>\n<ol>'
            for entry in entries:
                if not entry.is_section:
                    link = f'<a href="#{anchor(entry.nodeset)}">{self._heading(entry)}</a>'
                    yield f'<li><span class="number">{entry.number}</span>{link}</li>'
            yield "</ol></li>"
        if self.lists:
            yield f'<li><a href="#listen">{self.say("lists")}</a></li>'
        yield "</ol>"

    def _heading(self, entry: Entry) -> str:
        return html.escape(
            said(self.book, entry.labels, self.language) or entry.name or say("codebook.section", self.language)
        )

    # --- one entry

    def _entry(self, entry: Entry) -> Iterator[str]:
        kind = " section" if entry.is_section else ""
        yield f'<article class="entry{kind}" id="{anchor(entry.nodeset)}">'
        number = f'<span class="number">{entry.number}</span> ' if entry.number else ""
        strict = entry.sensitivity in ("identity", "special", "staff")
        mark = (
            f' <span class="mark strict">{html.escape(sensitivity(entry.sensitivity, self.language))}</span>'
            if strict
            else ""
        )
        yield f"<h3>{number}{self._heading(entry)}{mark}</h3>"
        yield from self._others(entry.labels)
        yield f'<p class="name">{html.escape(entry.name)}</p>'
        yield "<dl>"
        for term, described in self._facts(entry):
            yield f"<dt>{term}</dt><dd>{described}</dd>"
        yield "</dl>"
        yield from self._choices(entry)
        yield from self._figures(entry)
        yield "</article>"

    def _others(self, texts: Mapping[str, str]) -> Iterator[str]:
        """A text in the other languages than the one it was just said in."""
        shown = said(self.book, texts, self.language)
        first = True
        for language in self.book.languages:
            text = texts.get(language.name, "")
            if first and text == shown:
                first = False
            elif text:
                spoken = f'lang="{language.code}" dir="{language.direction}"'
                yield f'<p class="other" {spoken}>{html.escape(text)}{self._mark(language.code)}</p>'

    def _mark(self, code: str) -> str:
        if code not in self.book.unreviewed:
            return ""
        return f' <span class="mark" lang="{self.language}" dir="ltr">{self.say("unreviewed")}</span>'

    def _every(self, texts: Mapping[str, str]) -> str:
        """A text in all its languages, a paragraph each."""
        return "".join(
            f'<p lang="{each.code}" dir="{each.direction}">{html.escape(texts[each.name])}{self._mark(each.code)}</p>'
            for each in self.book.languages
            if texts.get(each.name)
        )

    def _facts(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Terms and what is said of them, as HTML."""
        yield self.say("fact_type"), html.escape(type_of(entry, self.language)) + self._technical(entry)
        if entry.hints:
            yield self.say("fact_hint"), self._every(entry.hints)
        if entry.guidance:
            yield self.say("fact_guidance"), self._every(entry.guidance)
        for name in _RULES:
            if name in entry.rules:
                yield self.say(f"fact_{name}"), self._rule(entry.rules[name])
            if name in entry.messages:
                yield self.say("fact_message"), self._every(entry.messages[name])
            if name == "relevant" and entry.inherited:
                sections = ", ".join(self._link(each) for each in entry.inherited)
                yield self.say("fact_inherited"), self.say("inherited", sections="\0").replace("\0", sections)
        if entry.reasons:
            reasons = (
                f"{html.escape(said(self.book, each.labels, self.language))} <code>{html.escape(each.value)}</code>"
                for each in entry.reasons
            )
            yield self.say("fact_reasons"), ", ".join(reasons)
        if entry.sensitivity:
            yield self.say("fact_sensitivity"), html.escape(sensitivity(entry.sensitivity, self.language))
        for name in CODED:
            if text := coded(name, entry, self.language):
                yield self.say(f"fact_{name}"), html.escape(text)
        if entry.preload:
            yield self.say("fact_preload"), f"<code>{html.escape(entry.preload)}</code>"
        if entry.nodeset:
            yield self.say("fact_nodeset"), f"<code>{html.escape(entry.nodeset)}</code>"
        if entry.column:
            yield (
                self.say("fact_column"),
                f"<code>{html.escape(entry.table)}</code>, <code>{html.escape(entry.column)}</code>",
            )
        if entry.versions:
            yield self.say("fact_versions"), html.escape(", ".join(entry.versions))

    def _technical(self, entry: Entry) -> str:
        parts = [part for part in (entry.control, entry.type) if part]
        return f" <code>{html.escape(' '.join(parts))}</code>" if parts else ""

    def _rule(self, rule: Rule) -> str:
        expression = f"<code>{html.escape(' '.join(rule.expression.split()))}</code>"
        if self.language in rule.words and not rule.is_condition:
            return f"<p>{html.escape(rule.words[self.language])}</p>"
        if self.language in rule.words:
            words = self._linked(rule.words[self.language])
            return f'<p>{words}</p><p class="quiet">{self.say("expression")}: {expression}</p>'
        links = ", ".join(self._link(each) for each in rule.reads if each in self.known)
        return f"<p>{expression}</p>" + (f'<p class="quiet">{links}</p>' if links else "")

    def _linked(self, words: str) -> str:
        """A condition in words, in which the numbers of questions lead to them."""
        pattern = re.escape(html.escape(say("words.question_again", self.language, number="\0"))).replace(
            "\0", r"(\d+)"
        )

        def link(found: re.Match[str]) -> str:
            entry = self.by_number.get(found[1])
            return f'<a href="#{anchor(entry.nodeset)}">{found[0]}</a>' if entry else found[0]

        return re.sub(rf"\b{pattern}\b", link, html.escape(words))

    def _link(self, nodeset: str) -> str:
        entry = self.known.get(nodeset)
        return f'<a href="#{anchor(nodeset)}">{self._heading(entry)}</a>' if entry else html.escape(nodeset)

    # --- choices

    def _long_lists(self) -> dict[tuple[str, tuple[str, ...]], list[Entry]]:
        """Lists that stand at the end, with the questions that use them."""
        used: dict[tuple[str, tuple[str, ...]], list[Entry]] = {}
        for entry in self.book.entries:
            if entry.choices and entry.list_name:
                used.setdefault((entry.list_name, _key(entry.choices)), []).append(entry)
        return {
            key: entries
            for key, entries in used.items()
            if len(key[1]) >= LONG or (len(entries) > 1 and len(key[1]) > SHORT)
        }

    def _choices(self, entry: Entry) -> Iterator[str]:
        if not entry.choices:
            return
        key = (entry.list_name, _key(entry.choices))
        if key in self.lists:
            link = self.say("list_link", name=entry.list_name, count=len(entry.choices))
            yield f'<p>{self.say("fact_choices")}: <a href="#{self._list_id(key)}">{link}</a></p>'
        else:
            yield self._choice_table(entry.choices, self.say("fact_choices"))

    def _list_id(self, key: tuple[str, tuple[str, ...]]) -> str:
        return f"liste-{[*self.lists].index(key)}"

    def _choice_table(self, choices: Iterable[Choice], caption: str) -> str:
        spoken = [each for each in self.book.languages if any(each.name in choice.labels for choice in choices)]
        classed = any(choice.sensitivity for choice in choices)
        heads = [self.say("value"), *(html.escape(language_name(self.book, each, self.language)) for each in spoken)]
        heads += [self.say("fact_sensitivity")] if classed else []
        rows = []
        for choice in choices:
            labels = "".join(
                f'<td lang="{each.code}" dir="{each.direction}">{html.escape(choice.labels.get(each.name, ""))}</td>'
                for each in spoken
            )
            own = f"<td>{html.escape(sensitivity(choice.sensitivity, self.language))}</td>" if classed else ""
            rows.append(f'<tr><th scope="row"><code>{html.escape(choice.value)}</code></th>{labels}{own}</tr>')
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        return (
            f'<div class="scroll" tabindex="0" role="group" aria-label="{caption}"><table><caption>{caption}</caption>'
            f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(rows)}</tbody></table></div>"
        )

    def _annex(self) -> Iterator[str]:
        if not self.lists:
            return
        yield f'<section aria-labelledby="listen">\n<h2 id="listen">{self.say("lists")}</h2>'
        for key, entries in self.lists.items():
            name, users = key[0], ", ".join(self._link(each.nodeset) for each in entries)
            yield f'<article class="list" id="{self._list_id(key)}"><h3>{self.say("list", name=name)}</h3>'
            yield f'<p class="quiet">{self.say("list_used")}: {users}</p>'
            yield self._choice_table(entries[0].choices or (), self.say("list", name=name)) + "</article>"
        yield "</section>"

    # --- figures

    def _figures(self, entry: Entry) -> Iterator[str]:
        counts = self.figures.counts.get(entry.nodeset) if self.figures is not None else None
        if counts is None:
            return
        if counts.shown == "closed":
            yield f'<div class="figures"><p>{self.say("shown_closed")}</p></div>'
        elif told(counts):
            yield f'<div class="figures"><h4>{self.say("answers")} ({self.say("internal_short")})</h4>'
            yield missing_table(entry, counts, self.book, self.language)
            yield self._missing_share(counts)
            if counts.answered or counts.shown in ("text", "identity", "staff"):
                yield counted_table(entry, counts, self.book, self.language)
            yield "</div>"

    def _missing_share(self, counts: Counts) -> str:
        part = share(counts.missing, counts.asked, self.language)
        return f"<p>{self.say('percent_missing', percent=part, missing=counts.missing, asked=counts.asked)}</p>"


def _key(choices: Iterable[Choice]) -> tuple[str, ...]:
    """What makes two lists the same: their values in their order."""
    return tuple(choice.value for choice in choices)


def _style() -> str:
    return files("reports.codebook").joinpath("page.css").read_text(encoding="utf-8")
