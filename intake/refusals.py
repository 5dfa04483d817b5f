"""What pyxform says about a workbook, as problems with their places and in our words where we know the case."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from intake import columns
from intake.rewriting import Rewritten
from intake.workbook import Row
from validation.errors import Place, Problem

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
    (re.compile(r"There should be an external_choices sheet"), "workbook.no_external_choices"),
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
    (re.compile(r"Each container .* may have only one entity", re.DOTALL), "workbook.entity_no_place"),
    (re.compile(r"entity list name '(?P<name>[^']+)' has a reference in container"), "workbook.entity_scope"),
    (re.compile(r"required column headers were not found: (?P<name>.+?)\. "), "workbook.no_column"),
)
_NOTES = (
    (re.compile(r"Choices should have a label"), "workbook.choice_without_label"),
    (re.compile(r"valid machine-readable codes: (?P<names>.+?)\. "), "workbook.language_code"),
    (re.compile(r"uses or_other and translations"), "workbook.or_other_translated"),
    (re.compile(r"Row without name, text, or label is being skipped"), "workbook.skipped_row"),
    (re.compile(r"Use the max-pixels parameter"), "workbook.no_max_pixels"),
    (re.compile(r"(?:Group|Repeat|Loop) has no label: .*'name': '(?P<name>[^']+)'"), "workbook.section_without_label"),
    (re.compile(r"'name' value '(?P<name>[^']+)' is problematic"), "workbook.name_but_for_case"),
    (re.compile(r"(?P<type>\w+) is no longer supported on most devices"), "workbook.old_type"),
)
_UNTRANSLATED = re.compile(r"Language '[^']*' is missing the \w+ [\w, -]*columns?\b")


def refused(error: Exception, made: Rewritten) -> Iterator[Problem]:
    """pyxform's message as problems: one a line where every line names its row."""
    text = str(error).strip()
    lines = text.split("\n")
    for part in lines if all(_ROW.match(line) for line in lines) else [text]:
        yield _problem("workbook.pyxform", part, made)


def noted(notes: Iterable[str], made: Rewritten) -> Iterator[Problem]:
    """pyxform's notes as warnings. What it says of translations has no place; `intake.translations` has."""
    for note in notes:
        if not _UNTRANSLATED.match(note):
            yield _problem("workbook.pyxform_warning", note, made)


def _problem(code: str, text: str, made: Rewritten) -> Problem:
    """What pyxform says, with the place in the workbook."""
    row, sheet, column = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    name = sheet[1] if sheet and sheet[1] in made.rows else "survey"
    place = _row_place(made, name, int(row[1])) if row else _element_place(made, text)
    if not place.sheet and (sheet := re.search(r"sheet: '(\w+)'", text)):
        place = made.tops.get(sheet[1], Place(sheet[1]))
    if column and not place.column:
        place = replace(place, column=column[1])
    for pattern, known in _KNOWN if code == "workbook.pyxform" else _NOTES:
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
            wanted = "select(_| )one(_| )external" if "external_choices" in text else "(add )?select|rank"
            if re.match(wanted, columns.question_type(Row(place.row, cells))):
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
