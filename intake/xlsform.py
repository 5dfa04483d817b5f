"""From a workbook to a form: the only door to pyxform.

    convert(path) -> Converted          XForm XML, places, warnings
    read_xlsform(path) -> Form          FormError, its problems with sheet, row and column
    check_form(path) -> [Problem]       the same as a value; empty when the form can be used
    inspect_form(path) -> FormCheck     with the warnings too

pyxform stops at its first error and names a row at best. What it says is given the place in the workbook, and a
sentence of our own where we know the case; what it lets through is found by `intake.columns` before it and by
`validation.read_form` after it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from intake import columns
from intake.rewriting import MESSAGE, Rewritten, rewrite
from intake.workbook import Row, Workbook, read_workbook
from validation.errors import FormError, Place, Problem

if TYPE_CHECKING:
    from validation.form import Form

ROW_LIMIT = 20_000  # of the survey: more is a mistake, and would keep the converter busy for minutes


@dataclass(frozen=True, slots=True)
class Converted:
    """A workbook as XForm. `places` names the workbook row of each nodeset, `headers` the columns as typed.

    `lists` are the files of `lists/` that went in, by file name. `warnings` name what has no effect or is unusual.
    `choice_columns` are what choice filters may ask for. `moved` are the (row, column) of survey cells with ${}
    references: positions in their XPath are not those typed.
    """

    xform: str
    places: Mapping[str, Place]
    warnings: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, bytes] = field(default_factory=dict)
    choice_columns: frozenset[str] = frozenset()
    moved: frozenset[tuple[int, str]] = frozenset()

    def locate(self, problem: Problem) -> Problem:
        """A problem of the XForm with the sheet, row and column of the workbook it comes from."""
        found = _nearest(self.places, problem.place.nodeset)
        if problem.place.sheet or found is None:
            return problem
        attribute = problem.place.column or problem.fields.get("attribute", "")
        column = found.column or self.headers.get(attribute.rpartition(":")[2], attribute)
        position = 0 if (found.row, column) in self.moved or found.column else problem.place.position
        nodeset = problem.place.nodeset
        return replace(problem, place=Place(found.sheet, found.row, column, nodeset, position))

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems with their places, each once: what is wrong with a row is wrong with the question we add to it."""
        found: list[Problem] = []
        seen: set[tuple[str, str, int]] = set()
        for problem in map(self.locate, problems):
            key = (problem.code, problem.place.sheet, problem.place.row)
            if problem not in found and not (problem.place.nodeset.endswith("__missing") and key in seen):
                found.append(problem)
                seen.add(key)
        return found


def convert(path: Path | str) -> Converted:
    """Convert a workbook. Choice lists it does not hold are taken from `../lists/<list_name>.csv`.

    FormError with a problem for everything that is wrong with columns and own values, or with the first thing
    pyxform refuses. Whether the expressions are right is seen by `read_xlsform`.
    """
    path = Path(path)
    workbook = read_workbook(path)
    _check_survey(path, workbook)
    if found := tuple(columns.problems(workbook)):
        raise FormError(found)
    made = rewrite(workbook, path.absolute().parent.parent / "lists")
    xform, notes = _pyxform(path, workbook, made)
    warnings = (*columns.ignored(workbook), *(_note(note, made) for note in notes))
    headers = _headers(workbook.sheets["survey"].columns)
    choice_columns = {"name", "label", "itextId", *made.headers.get("choices", ())}
    return Converted(xform, made.places, warnings, headers, made.lists, frozenset(choice_columns), _moved(made))


def read_xlsform(path: Path | str) -> Form:
    """The form in a workbook, ready for an interview. FormError with places when anything is wrong with it."""
    return read_converted(convert(path))


def read_converted(converted: Converted) -> Form:
    """The form of a converted workbook. FormError as `read_xlsform`."""
    from validation.xform import read_form

    try:
        return read_form(converted.xform)
    except FormError as error:
        raise FormError(converted.located(error.problems)) from error


@dataclass(frozen=True, slots=True)
class FormCheck:
    """What is wrong with a workbook (`problems`: it cannot be used) and what is odd about it (`warnings`)."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def inspect_form(path: Path | str) -> FormCheck:
    """Everything we can say about a workbook, each with its place; nothing at all when it is good."""
    try:
        converted = convert(path)
        form = read_converted(converted)
    except FormError as error:
        return FormCheck(problems=error.problems)
    found = [*form.warnings, *_unknown_filters(converted, form)]
    return FormCheck(warnings=(*converted.warnings, *converted.located(found)))


def check_form(path: Path | str) -> list[Problem]:
    """Everything that is wrong with a workbook, each with its place; an empty list when it can be used."""
    return list(inspect_form(path).problems)


def _unknown_filters(converted: Converted, form: Form) -> Iterator[Problem]:
    """Choice filters that ask for a column no list has: they always leave an empty list, without a word."""
    from validation.xpath.parser import references

    for control in form.controls():
        for read in sorted(references(control.itemset.nodeset, control.nodeset)) if control.itemset else ():
            match = re.fullmatch(r"instance\('([^']+)'\)/root/item/([^/@*]+)", read)
            if match and match[1] in form.instances and match[2] not in converted.choice_columns:
                near = difflib.get_close_matches(match[2], sorted(converted.choice_columns), n=1, cutoff=0.6)
                fields = {"name": match[2], "list": match[1], "hint": f" ({near[0]}?)" if near else ""}
                place = Place(nodeset=control.nodeset, column="choice_filter")
                yield Problem("workbook.unknown_filter", place, fields)


def _check_survey(path: Path, workbook: Workbook) -> None:
    survey = workbook.sheets.get("survey")
    if survey is None:
        near = difflib.get_close_matches("survey", [title.lower() for title in workbook.titles], n=1, cutoff=0.6)
        found = next((title for title in workbook.titles if [title.lower()] == near), "")
        code = "workbook.no_survey_near" if found else "workbook.no_survey"
        raise FormError([Problem(code, Place(), {"file": path.name, "found": found})])
    if len(survey.rows) > ROW_LIMIT:
        raise FormError([Problem("workbook.too_many_rows", Place(survey.title, ROW_LIMIT), {"limit": str(ROW_LIMIT)})])
    if not any(row.cells for row in survey.rows):
        raise FormError([Problem("workbook.no_questions", Place(survey.title, survey.header))])


# --- places ---------------------------------------------------------------------------------------------------------

_SPELLINGS = {  # what the XForm calls it: how the column may be called
    "relevant": ("relevant", "relevance"),
    "constraint": ("constraint",),
    "constraintMsg": ("constraint_message", "constraining_message"),
    "required": ("required",),
    "requiredMsg": ("required_message", "requiredmsg"),
    "readonly": ("read_only", "readonly"),
    "calculate": ("calculation", "calculate"),
    "warning": ("warning",),
    "warning_message": ("warning_message",),
    "missing": ("missing",),
    "itemset": ("choice_filter",),
    "query": ("type", "command"),
    "choice_filter": ("choice_filter",),
    "count": ("repeat_count", "count", "jr:count"),
    "default": ("default",),
    "type": ("type", "command"),
    "name": ("name", "value", "tag"),
    "appearance": ("appearance",),
    "label": ("label", "caption"),
    "hint": ("hint",),
}


def _headers(typed: Iterable[str]) -> dict[str, str]:
    """The column of this workbook that gives each attribute of the XForm."""
    by_base: dict[str, str] = {}
    for column in typed:
        by_base.setdefault(columns.base(column), column)
        head, _, attribute = column.partition("::")
        if head.strip().lower() == "bind":
            by_base.setdefault(attribute.strip(), column)
    found = (
        (attribute, [by_base[name] for name in names if name in by_base]) for attribute, names in _SPELLINGS.items()
    )
    return {attribute: spelled[0] for attribute, spelled in found if spelled}


def _moved(made: Rewritten) -> frozenset[tuple[int, str]]:
    rows = zip(made.sheets["survey"], made.rows["survey"], strict=True)
    cells = ((place.row, column, text) for row, place in rows for column, text in row.items())
    return frozenset((row, column.removeprefix("bind::lb:")) for row, column, text in cells if "${" in text)


def _nearest(places: Mapping[str, Place], nodeset: str) -> Place | None:
    """The row of a nodeset, or of the group it stands in; rows that pyxform makes itself have none of their own."""
    nodeset = re.sub(r"\[\d+\]", "", nodeset)
    while nodeset:
        if nodeset in places:
            return places[nodeset]
        parent, _, name = nodeset.rpartition("/")
        for suffix in ("_count", "_other"):
            if name.endswith(suffix) and f"{parent}/{name.removesuffix(suffix)}" in places:
                return places[f"{parent}/{name.removesuffix(suffix)}"]
        nodeset = parent
    return None


# --- pyxform --------------------------------------------------------------------------------------------------------


def _pyxform(path: Path, workbook: Workbook, made: Rewritten) -> tuple[str, list[str]]:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert as to_xform

    book: dict[str, object] = dict(made.sheets)
    book |= {f"{name}_header": [dict.fromkeys(header)] for name, header in made.headers.items()}
    book |= {"sheet_names": list(workbook.titles), "fallback_form_name": workbook.name}
    notes: list[str] = []
    try:
        xform = str(to_xform(book, warnings=notes, validate=False, pretty_print=False).xform)
    except PyXFormError as error:
        raise FormError(_refusals(error, made)) from error
    except OSError as error:  # it writes the XForm to a temporary file and reads it back
        raise FormError([Problem("workbook.disk")]) from error
    except Exception as error:  # it was written for files that are nearly right
        fields = {"file": path.name, "detail": type(error).__name__}
        raise FormError([Problem("workbook.not_convertible", Place(), fields)]) from error
    renamed = re.sub(rf'{MESSAGE}(?=[="\'])', "lb:warning_message", xform)
    return renamed.translate(dict(made.private)), notes


_ROW = re.compile(r"\[row : '?(\d+)'?\]\s*")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' value")
_ELEMENT = re.compile(r"(?:element|question|Question) (?:named )?'([^']+)'")
_KNOWN = (
    (re.compile(r"Could not find the name '(?P<name>[^']+)'"), "workbook.unknown_reference"),
    (re.compile(r"There is no survey element named '(?P<name>[^']+)'"), "workbook.unknown_reference"),
    (re.compile(r"The name '(?P<name>[^']+)' appears more than once"), "workbook.ambiguous_reference"),
    (re.compile(r"There are multiple survey elements named '(?P<name>[^']+)'"), "workbook.ambiguous_reference"),
    (re.compile(r"Reference variables must start with"), "workbook.bad_reference"),
    (re.compile(r"Unknown question type '(?P<name>[^']+)'"), "workbook.unknown_type"),
    (re.compile(r"List name not in (?:choices|columns) sheet: (?P<name>\S+)"), "workbook.unknown_list"),
    (re.compile(r"There should be a choices sheet"), "workbook.no_choices"),
    (re.compile(r"Unmatched 'end_(?P<name>\w+)'"), "workbook.unmatched_end"),
    (re.compile(r"Unmatched 'begin_(?P<name>\w+)'"), "workbook.unmatched_begin"),
    (re.compile(r"Question or group with no name"), "workbook.no_name"),
    (re.compile(r"Question with no type"), "workbook.no_type"),
    (re.compile(r"Missing calculation"), "workbook.no_calculation"),
    (re.compile(r"'name' value '(?P<name>[^']+)' is invalid\. .*unique", re.DOTALL), "workbook.duplicate_name"),
    (re.compile(r"Choice names must be unique"), "workbook.duplicate_choice"),
    (re.compile(r"Choices must have a name"), "workbook.no_choice_name"),
    (re.compile(r"Names must begin with a letter"), "workbook.bad_name"),
    (re.compile(r"named '(?P<name>[^']+)' has no label or hint"), "workbook.no_label"),
    (re.compile(r"required column headers were not found: (?P<name>.+?)\. "), "workbook.no_column"),
)


def _refusals(error: Exception, made: Rewritten) -> Iterator[Problem]:
    """pyxform's message as problems: one a line where every line names its row."""
    text = str(error).strip()
    lines = text.split("\n")
    for part in lines if all(_ROW.match(line) for line in lines) else [text]:
        yield _problem("workbook.pyxform", part, made)


def _note(text: str, made: Rewritten) -> Problem:
    return _problem("workbook.pyxform_warning", text, made)


def _problem(code: str, text: str, made: Rewritten) -> Problem:
    """What pyxform says, with the place in the workbook."""
    row, sheet, column = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    name = sheet[1] if sheet and sheet[1] in made.rows else "survey"
    place = _row_place(made, name, int(row[1])) if row else _element_place(made, text)
    if not place.sheet and (sheet := re.search(r"sheet: '(\w+)'", text)):
        place = made.tops.get(sheet[1], Place(sheet[1]))
    if column and not place.column:
        place = replace(place, column=column[1])
    if code == "workbook.pyxform":
        for pattern, known in _KNOWN:
            if match := pattern.search(text):
                fields = {key: value or "" for key, value in match.groupdict().items()}
                return Problem(known, place, _suggested(known, fields, made))
    return Problem(code, place, {"detail": " ".join(_ROW.sub("", text).split())})


def _row_place(made: Rewritten, sheet: str, number: int) -> Place:
    """pyxform counts its own rows from 2; row 1 is the header."""
    places = made.rows.get(sheet, [])
    if number - 2 in range(len(places)):
        return places[number - 2]
    return made.tops.get(sheet, Place(sheet)) if number < 2 else Place(sheet, number)


def _element_place(made: Rewritten, text: str) -> Place:
    """The row of the question or type a message names, when it names no row."""
    if match := re.search(r"question type '([^']+)'", text):
        for cells, place in zip(made.sheets["survey"], made.rows["survey"], strict=True):
            if match[1] in (value for column, value in cells.items() if columns.base(column) == "type"):
                return replace(place, column="type")
    if "choices sheet in this xlsform" in text:
        for cells, place in zip(made.sheets["survey"], made.rows["survey"], strict=True):
            if re.match(r"(add )?select|rank", columns.question_type(Row(place.row, cells))):
                return replace(place, column=place.column or "type")
    if match := _ELEMENT.search(text):
        for nodeset, place in made.places.items():
            if nodeset.rpartition("/")[2] == match[1]:
                return replace(place, nodeset="")
    return Place()


def _suggested(code: str, fields: dict[str, str], made: Rewritten) -> dict[str, str]:
    """The fields with a hint what was probably meant, '' where nothing is near."""
    known: Iterable[str] = ()
    if code == "workbook.unknown_reference":
        known = (nodeset.rpartition("/")[2] for nodeset in made.places)
    elif code == "workbook.unknown_list":
        known = {columns.cell(Row(0, row), "list_name") for row in made.sheets.get("choices", [])}
    elif code == "workbook.unknown_type":
        known = _TYPES
    near = difflib.get_close_matches(fields.get("name", ""), sorted(set(known)), n=1, cutoff=0.6)
    return {**fields, "hint": f" ({near[0]}?)" if near else ""}


_TYPES = (
    *("text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple", "rank", "range"),
    *("note", "calculate", "hidden", "acknowledge", "begin_group", "end_group", "begin_repeat", "end_repeat"),
    *("geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "barcode"),
)
