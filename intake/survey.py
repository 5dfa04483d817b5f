"""What is wrong with the rows of a form, all at once: pyxform stops at its first refusal, a person wants the rest too.

Asked only where pyxform has refused a form: what it accepts is right. So nothing here refuses a form by itself, and
what is doubtful is left to pyxform.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from intake import columns
from intake.columns import base, cell, question_type
from intake.workbook import Row, Sheet, Workbook
from validation.errors import Place, Problem
from validation.xpath.lint import check_expression

_SELECT = re.compile(
    r"(select_one|select_multiple|select one|select multiple|select1|select all that apply|rank)"
    r"( from| using)? (?P<list>[^\s$]+)( or[_ ]other| or specify other)?"
)
_NO_LIST = re.compile(r"\.(csv|xml|geojson)$|^(from|using)$", re.IGNORECASE)
_EXPRESSIONS = frozenset(
    {"relevant", "relevance", "constraint", "calculation", "calculate", "choice_filter", "repeat_count", "count"}
    | {"required", "read_only", "readonly", "warning"}
)
_TEXTS = columns.TRANSLATED | {"default"}
_PLAIN = frozenset({"", "yes", "no", "true", "false"})
_REFERENCE = re.compile(r"\$\{(?:last-saved#)?([^{}$\s]+)\}")
_BAD_NAME = re.compile(r"^[0-9.\-]|[\s!\"#$%&'()*+,/;<=>?@\[\\\]^`{|}~]")
_COMPARED = 1_000  # names: finding the nearest of more takes longer than a hint is worth
_NO_NAME_NEEDED = frozenset({"note", "audit", "background-audio"})


def problems(workbook: Workbook, lists: Iterable[str], types: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with each row of the survey and the choices. `lists` and `types` are the names that may be used."""
    survey = workbook.sheets["survey"]
    rows = [row for row in survey.rows if question_type(row) and not _disabled(row)]
    known, offered = {kind.lower() for kind in types}, set(lists)
    names = {name for row in rows for name in names_of(row)}
    for row in rows:
        yield from _type(survey, row, known, offered)
        yield from _name(survey, row)
        yield from broken_texts(survey, row, names, _TEXTS, _EXPRESSIONS)
    yield from _sections(survey, rows)
    yield from _choices(workbook)


def _disabled(row: Row) -> bool:
    return cell(row, "disabled").strip().lower() in {"yes", "true", "true()"}


def _named(row: Row) -> str:
    return cell(row, "name") or cell(row, "value") or cell(row, "tag")


def names_of(row: Row) -> tuple[str, str]:
    """What a row may be called by others: itself, and the question for missing reasons we make beside it."""
    name = _named(row)
    return name, f"{name}__missing" if cell(row, "missing") else name


def _place(sheet: Sheet, row: Row, name: str) -> Place:
    column = next((column for column in row.cells if base(column) == name), name)
    return Place(sheet.title, row.number, column)


def _near(name: str, known: Iterable[str]) -> str:
    candidates = sorted(set(known))
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6) if len(candidates) <= _COMPARED else []
    return f" ({found[0]}?)" if found else ""


def _type(survey: Sheet, row: Row, known: set[str], offered: set[str]) -> Iterator[Problem]:
    kind = question_type(row)
    place = _place(survey, row, "type")
    if columns.begins(row) or columns.ends(row) or columns.foreign(kind) or kind in known:
        return
    typed = " ".join((cell(row, "type") or cell(row, "command")).split())
    if match := _SELECT.fullmatch(typed):
        name = match["list"]
        if offered and name not in offered and not _NO_LIST.search(name):
            yield Problem("workbook.unknown_list", place, {"name": name, "hint": _near(name, offered)})
    elif len(kind.split()) == 1 and kind not in {"osm", "rank"} and not kind.startswith("select"):
        yield Problem("workbook.unknown_type", place, {"name": typed, "hint": _near(kind, known)})


def _name(survey: Sheet, row: Row) -> Iterator[Problem]:
    name = _named(row)
    if columns.ends(row):
        return
    if not name and question_type(row) not in _NO_NAME_NEEDED:
        yield Problem("workbook.no_name", Place(survey.title, row.number))
    elif _BAD_NAME.search(name):
        yield Problem("workbook.bad_name", _place(survey, row, "name"))


def broken_texts(
    sheet: Sheet, row: Row, names: set[str], texts: Container[str], expressions: Container[str]
) -> Iterator[Problem]:
    """Broken expressions, and references to nothing in expressions and texts: in the columns of these names."""
    for column, text in row.cells.items():
        name = base(column)
        place = Place(sheet.title, row.number, column)
        if name in texts or name in expressions:
            for match in _REFERENCE.finditer(text):
                if match[1] not in names:
                    fields = {"name": match[1], "hint": _near(match[1], names)}
                    yield Problem("workbook.unknown_reference", place, fields)
        if name in expressions and text.strip().lower() not in _PLAIN:
            # A reference of the same length keeps the positions of what comes after it.
            plain = _REFERENCE.sub(lambda match: "_" * len(match[0]), text)
            if "${" in plain:
                yield Problem("workbook.bad_reference", place)
                continue
            plain = plain.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "})
            for problem in check_expression(plain):
                yield replace(problem, place=replace(place, position=problem.place.position))


def _sections(survey: Sheet, rows: list[Row]) -> Iterator[Problem]:
    """Sections that do not end or were never begun, and names that occur twice in one."""
    above: list[tuple[Row, str, set[str]]] = []
    top: set[str] = set()
    for row in rows:
        kind = question_type(row).replace("_", " ")
        if columns.foreign(question_type(row)):
            continue
        if columns.ends(row):
            sort = kind.removeprefix("end ").split(" ")[0]
            if not above or above[-1][1] != sort:
                yield Problem("workbook.unmatched_end", Place(survey.title, row.number), {"name": sort})
            else:
                above.pop()
            continue
        names, name = above[-1][2] if above else top, _named(row)
        if name and name in names:
            yield Problem("workbook.duplicate_name", _place(survey, row, "name"), {"name": name})
        names.add(name)
        if columns.begins(row):
            above.append((row, kind.removeprefix("begin ").split(" ")[0], set()))
    for row, sort, _ in above:
        yield Problem("workbook.unmatched_begin", Place(survey.title, row.number), {"name": sort})


def _choices(workbook: Workbook) -> Iterator[Problem]:
    sheet = workbook.sheets.get("choices")
    settings = workbook.sheets.get("settings")
    first: Mapping[str, str] = settings.rows[0].cells if settings and settings.rows else {}
    allowed = any(base(name) == "allow_choice_duplicates" and text.lower() == "yes" for name, text in first.items())
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows if sheet else ():
        listed, name = cell(row, "list_name"), cell(row, "name") or cell(row, "value")
        if sheet and listed and not name:
            yield Problem("workbook.no_choice_name", Place(sheet.title, row.number))
        elif sheet and listed and (listed, name) in seen and not allowed:
            yield Problem("workbook.duplicate_choice", Place(sheet.title, row.number))
        seen.add((listed, name))
