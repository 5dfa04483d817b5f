"""Which columns an XLSForm has, which of them are ours, and what may stand in ours.

pyxform drops columns it does not know without a word, so a misspelt `relevent` would switch a skip rule off.
Column names are compared as pyxform compares them: the part before '::', in lower case, blanks as underscores.
XLSForm columns: https://xlsform.org/en/ref-table/ and `pyxform/aliases.py`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from intake.simulation.hints import hint_problems
from intake.workbook import Row, Sheet, Workbook
from validation.errors import Place, Problem
from validation.labels import code_of

OURS = (
    *("warning", "warning_message", "missing", "sensitivity", "follow_up", "layer", "purpose", "retention"),
    *("reviewed_only", "simulate", "shared"),
)
UNREVIEWED = "unreviewed"  # setting: codes of the languages whose texts no native speaker has read
TRANSLATED = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message", "warning_message"})
VALUES: dict[str, tuple[str, ...]] = {
    "sensitivity": ("identity", "special", "staff", "general"),
    "follow_up": ("proactive", "reactive", "independent", "carry"),
    "layer": ("anlegen", "plan", "vertiefung"),
    "missing": ("unknown", "refused", "not_applicable", "not_recorded"),
    "shared": ("household",),
    "reviewed_only": ("yes", "label", "hint", "message", "choices"),
}
_SEVERAL = frozenset({"missing", "reviewed_only"})

_COMMON = {
    "survey": (
        "type name label hint guidance_hint appearance relevant required required_message constraint "
        "constraint_message calculation read_only default choice_filter parameters trigger repeat_count image "
        "big-image audio video autoplay body bind instance save_to"
    ),
    "choices": "list_name name label image big-image audio video",
    "settings": (
        "form_title form_id version default_language instance_name style name namespaces public_key submission_url "
        "auto_send auto_delete allow_choice_duplicates clean_text_values omit_instanceid instance_xmlns attribute "
        "client_editable"
    ),
}
_RARE = {
    "survey": (
        "caption command tag value relevance readonly calculate constraining_message requiredmsg noapperrorstring "
        "no_app_error_string count jr:count media control rows disabled intent query compact_tag choices itemset "
        "list_name sms_field sms_option sms_separator sms_allow_media sms_date_format sms_datetime_format "
        "sms_response"
    ),
    "choices": "caption value media sms_option",
    "settings": (
        "title set_form_title id_string set_form_id prefix delimiter flat instance_id add_none_option entity_version "
        "sms_keyword sms_separator sms_allow_media sms_date_format sms_datetime_format sms_response "
        "omit_instance_id"
    ),
}
COMMON = {sheet: frozenset(names.split()) for sheet, names in _COMMON.items()}
KNOWN = {sheet: COMMON[sheet] | frozenset(names.split()) for sheet, names in _RARE.items()}
_OUR_COLUMNS = {"survey": frozenset(OURS), "choices": frozenset({"sensitivity"}), "settings": frozenset({UNREVIEWED})}

_BEGIN = re.compile(r"^begin[ _]")
_END = re.compile(r"^end[ _]")
_SILENT = frozenset(
    (
        *("calculate", "hidden", "note", "start", "end", "today", "deviceid", "subscriberid", "simserial"),
        *("phonenumber", "username", "email", "audit", "start-geopoint", "background-audio", "background-geopoint"),
        *("xml-external", "csv-external", "acknowledge", "trigger"),
    )
)
_KOBO = re.compile(r"^(begin|end)[ _](kobomatrix|score|rank)$|^(score|rank)__(row|level)$")


def base(column: str, *, double: bool = True) -> str:
    """The part of a column name that says what it is: 'Label::Deutsch (de)' -> 'label'."""
    head = column.split("::")[0] if double or "::" in column else re.split(r"(?<!jr):", column)[0]
    return "_".join(head.split()).lower()


def language(column: str, *, double: bool = True) -> str:
    """The language of a column, '' where it names none: 'label::Deutsch (de)' -> 'Deutsch (de)'."""
    parts = column.split("::") if double or "::" in column else re.split(r"(?<!jr):", column)
    return parts[-1].strip() if len(parts) > 1 else ""


def doubled(sheet: Sheet) -> bool:
    """Whether the sheet separates languages by '::'; sheets from before 2013 use ':'."""
    return any("::" in column for column in sheet.columns)


def cell(row: Row, name: str, *, double: bool = True) -> str:
    """The text of the untranslated column with this name in a row, '' when it is empty."""
    return next((text for column, text in row.cells.items() if base(column, double=double) == name), "")


def question_type(row: Row) -> str:
    """The type of a survey row in lower case, blanks single; '' in a comment row."""
    return " ".join((cell(row, "type") or cell(row, "command")).split()).lower()


def begins(row: Row) -> bool:
    """Whether a survey row opens a group, repeat or loop."""
    return bool(_BEGIN.match(question_type(row)))


def ends(row: Row) -> bool:
    """Whether a survey row closes a group, repeat or loop."""
    return bool(_END.match(question_type(row)))


def foreign(kind: str) -> bool:
    """Whether a type is a construct of other tools, which `problems` refuses by name."""
    return bool(_KOBO.match(kind)) or kind.split()[:1] == ["include"]


def mended(workbook: Workbook) -> tuple[Workbook, dict[tuple[str, str], str]]:
    """The workbook with misspelt columns called as they are meant, to look for what else is wrong with it.

    With it the names as typed, by sheet title and corrected name.
    """
    typed: dict[tuple[str, str], str] = {}
    sheets: dict[str, Sheet] = {}
    for name, sheet in workbook.sheets.items():
        meant = {
            problem.fields["column"]: problem.fields["suggestion"]
            for problem, serious in (_columns(name, sheet) if name in KNOWN else ())
            if serious and problem.fields["suggestion"] not in sheet.columns
        }
        if meant and len(set(meant.values())) == len(meant):
            typed.update(((sheet.title, correct), column) for column, correct in meant.items())
            rows = (Row(row.number, {meant.get(c, c): text for c, text in row.cells.items()}) for row in sheet.rows)
            sheet = replace(sheet, columns=tuple(meant.get(c, c) for c in sheet.columns), rows=tuple(rows))  # noqa: PLW2901 - the sheet from here on
        sheets[name] = sheet
    return replace(workbook, sheets=sheets), typed


def misspelt(workbook: Workbook) -> Iterator[Problem]:
    """Column names that are nearly those of an XLSForm."""
    for name, sheet in workbook.sheets.items():
        if name in KNOWN:
            yield from (problem for problem, serious in _columns(name, sheet) if serious)


def problems(workbook: Workbook) -> Iterator[Problem]:
    """What is wrong with column names, our own values, and constructs of other tools, each with its place."""
    yield from misspelt(workbook)
    if survey := workbook.sheets.get("survey"):
        yield from _foreign(survey)
        for row in survey.rows:
            yield from _own_values(survey, row)
    if choices := workbook.sheets.get("choices"):
        for row in choices.rows:
            if value := cell(row, "sensitivity"):
                yield from _check_value(choices, row, "sensitivity", [value])
    if settings := workbook.sheets.get("settings"):
        for row in settings.rows[:1]:
            yield from _unreviewed(workbook, settings, row)
            if cell(row, "public_key"):
                place = Place(settings.title, row.number, "public_key")
                yield Problem("workbook.unsupported", place, {"what": "public_key (encrypted)"})


def ignored(workbook: Workbook) -> Iterator[Problem]:
    """Columns and rows that have no effect, as warnings: nothing is dropped without a word."""
    for name, sheet in workbook.sheets.items():
        if name in KNOWN:
            yield from (problem for problem, serious in _columns(name, sheet) if not serious)
    settings = workbook.sheets.get("settings")
    for row in settings.rows[1:] if settings else ():
        if row.cells and settings:
            yield Problem("workbook.second_settings_row", Place(settings.title, row.number))


def _columns(name: str, sheet: Sheet) -> Iterator[tuple[Problem, bool]]:
    double = doubled(sheet)
    known = KNOWN[name] | _OUR_COLUMNS[name]
    present = {base(column, double=double) for column in sheet.columns}
    for column in sheet.columns:
        head = base(column, double=double)
        if head in known:
            continue
        place = Place(sheet.title, sheet.header, column)
        meant = _suggestion(head, (COMMON[name] | _OUR_COLUMNS[name]), present if name == "choices" else set())
        if meant:
            suggestion = "::".join([meant, *column.split("::")[1:]])
            yield Problem("workbook.misspelt_column", place, {"column": column, "suggestion": suggestion}), True
        elif name != "choices":  # further columns of choices are there to filter by
            yield Problem("workbook.ignored_column", place, {"column": column}), False


def _suggestion(head: str, names: frozenset[str], present: set[str]) -> str:
    """The column somebody most probably meant, or ''. On choices only where the right one is not there as well."""
    candidates = [name for name in sorted(names) if name not in present]
    swapped = [name for name in candidates if sorted(name) == sorted(head)]
    near = swapped or difflib.get_close_matches(head, candidates, n=1, cutoff=0.8)
    return near[0] if near else ""


def _foreign(survey: Sheet) -> Iterator[Problem]:
    for row in survey.rows:
        kind = question_type(row)
        if _KOBO.match(kind):
            place = Place(survey.title, row.number, _typed(survey, "type"))
            yield Problem("workbook.unsupported", place, {"what": f"{kind} (KoboToolbox)"})
        if kind.split()[:1] == ["include"]:
            place = Place(survey.title, row.number, _typed(survey, "type"))
            yield Problem("workbook.unsupported", place, {"what": "include"})
        if re.search(r"\bsearch\s*\(", cell(row, "appearance")):
            place = Place(survey.title, row.number, _typed(survey, "appearance"))
            yield Problem("workbook.unsupported", place, {"what": "search()"})


def _unreviewed(workbook: Workbook, settings: Sheet, row: Row) -> Iterator[Problem]:
    """Codes that no language of the form has would pass as reviewed; the language all others fall back to must be."""
    survey = workbook.sheets.get("survey")
    named = [language(column) for column in (survey.columns if survey else ()) if base(column) in TRANSLATED]
    spoken = [code for code in dict.fromkeys(code_of(name) for name in named) if code]
    default = code_of(cell(row, "default_language")) or next(iter(spoken), "")
    place = Place(settings.title, row.number, _typed(settings, UNREVIEWED))
    for given in cell(row, UNREVIEWED).split():
        if given.lower() not in spoken:
            yield Problem("workbook.unreviewed_unknown", place, {"value": given, "known": ", ".join(spoken)})
        elif given.lower() == default:
            yield Problem("workbook.unreviewed_default", place, {"value": given})


def _typed(sheet: Sheet, name: str) -> str:
    return next((column for column in sheet.columns if base(column) == name), name)


def _own_values(survey: Sheet, row: Row) -> Iterator[Problem]:
    kind = question_type(row)
    asked = bool(kind) and not begins(row) and not ends(row) and kind not in _SILENT
    used = {base(column): column for column in row.cells if base(column) in OURS}
    for name, column in used.items():
        place = Place(survey.title, row.number, column)
        fits = asked if name in {"missing", "warning", "warning_message"} else bool(kind) and not ends(row)
        if not fits and not (name.startswith("warning") and kind == "calculate"):
            yield Problem("workbook.column_not_here", place, {"column": column, "type": kind or "–"})
        elif name in VALUES:
            values = row.cells[column].split() if name in _SEVERAL else [row.cells[column]]
            yield from _check_value(survey, row, name, values)
        elif name == "simulate":
            yield from hint_problems(row.cells[column], kind, place)
    if "warning_message" in used and "warning" not in used:
        place = Place(survey.title, row.number, used["warning_message"])
        yield Problem("workbook.message_without_warning", place)
    if "missing" in used and not cell(row, "name"):
        yield Problem("workbook.missing_without_name", Place(survey.title, row.number, used["missing"]))


def _check_value(sheet: Sheet, row: Row, name: str, values: list[str]) -> Iterator[Problem]:
    for value in values:
        if value not in VALUES[name]:
            near = difflib.get_close_matches(value.lower(), VALUES[name], n=1, cutoff=0.6)
            code = "workbook.unknown_value_near" if near else "workbook.unknown_value"
            fields = {"column": name, "value": value, "allowed": ", ".join(VALUES[name]), "suggestion": "".join(near)}
            yield Problem(code, Place(sheet.title, row.number, _typed(sheet, name)), fields)
