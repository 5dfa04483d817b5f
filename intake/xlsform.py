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

from intake import columns, entitysheet, survey
from intake.entitysheet import Declared
from intake.media import FOLDER, attached
from intake.refusals import noted, refused
from intake.rewriting import MESSAGE, Rewritten, rewrite
from intake.translations import untranslated
from intake.workbook import Row, Workbook, read_workbook
from validation.errors import FormError, Place, Problem

if TYPE_CHECKING:
    from validation.form import Form

ITEMSETS = f"{FOLDER}itemsets.csv"
LOOKS = 4  # at a form that has mistakes, each without those found before
LOOK_AGAIN_LIMIT = 2_000  # rows of the survey
_EMPTIED = (
    *("hint", "guidance_hint", "default", "bind", "warning", "warning_message", "missing", "relevant", "relevance"),
    *("constraint", "constraint_message", "required", "required_message", "read_only", "readonly", "trigger"),
    *("repeat_count", "count"),
)
_HARMLESS = dict.fromkeys(_EMPTIED, "") | {  # what stands instead of a mistake; names and types others need
    "label": "-",
    "caption": "-",
    "calculation": "''",
    "calculate": "''",
    "choice_filter": "true()",
}
_LIST = re.compile(r'<instance id="[^"]*" src="jr://file-csv/([^"/]+)\.csv"')
_UPDATED = re.compile(r"calculate=\"instance\('([^'\"]+)'\)/root/item\[name=[^\"]*\]/__version\"")
ROW_LIMIT = 20_000  # of the survey: more is a mistake, and would keep the converter busy for minutes


@dataclass(frozen=True, slots=True)
class Converted:
    """A workbook as XForm. `places` names the workbook row of each nodeset, `headers` the columns as typed.

    `lists` are the files of `lists/` that went in, by file name, and under `media/itemsets.csv` the choices that the
    sheet external_choices holds: the form reads them as a file. `warnings` name what has no effect or is unusual.
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
        found: dict[tuple[object, ...], Problem] = {}
        rows: set[tuple[str, str, int]] = set()
        for problem in map(self.locate, problems):
            row = (problem.code, problem.place.sheet, problem.place.row)
            if not (problem.place.nodeset.endswith("__missing") and row in rows):
                found.setdefault((problem.code, problem.place, *sorted(problem.fields.items())), problem)
                rows.add(row)
        return list(found.values())


@dataclass(slots=True)
class _Attempt:
    """One try at converting a workbook: what is wrong with it, and the conversion where there is one all the same.

    `odd` are the warnings where there is no conversion to hold them. `typed` holds the names of misspelt columns as
    typed, by sheet title and the name that was taken instead.
    """

    workbook: Workbook
    problems: list[Problem]
    converted: Converted | None = None
    odd: tuple[Problem, ...] = ()
    typed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def listed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems by sheet and row, with columns as typed, each once."""
        found: dict[tuple[object, ...], Problem] = {}
        for problem in problems:
            place = problem.place
            column = self.typed.get((place.sheet, place.column), place.column)
            again = replace(problem, place=replace(place, column=column))
            found.setdefault((again.code, again.place, *sorted(again.fields.items())), again)
        return tuple(sorted(found.values(), key=self._order))

    def _order(self, problem: Problem) -> tuple[int, str, int, int, str]:
        titles, place = self.workbook.titles, problem.place
        sheet = titles.index(place.sheet) if place.sheet in titles else len(titles) if place.sheet else -1
        return sheet, place.sheet, place.row, place.position, place.column


def _attempt(path: Path | str, declared: Declared, aside: frozenset[tuple[int, str]] = frozenset()) -> _Attempt:
    """Convert a workbook as far as it goes, without some cells (row, column) of its survey.

    FormError where there is nothing to look at.
    """
    path = Path(path)
    workbook = read_workbook(path)
    _check_survey(path, workbook)
    meant, typed = columns.mended(workbook)
    meant = _set_aside(meant, aside) if aside else meant
    wrong = [*columns.problems(workbook)] if not typed else [*columns.misspelt(workbook), *columns.problems(meant)]
    if undeclared := [*entitysheet.problems(meant)]:
        wrong, meant = [*wrong, *undeclared], entitysheet.without(meant)
    found = _Attempt(workbook, wrong, typed=typed)
    made = Rewritten()
    try:
        made = rewrite(meant, path.absolute().parent.parent / "lists")
        xform, notes, itemsets = _pyxform(path, meant, made)
    except FormError as error:
        lists = {columns.cell(Row(0, row), "list_name") for row in made.sheets.get("choices", [])}
        own = survey.problems(meant, lists, _types()) if made.sheets.get("survey") else ()
        found.problems = _merged([*found.problems, *own], error.problems)
        found.odd = (*columns.ignored(workbook), *untranslated(meant, made))
        return found
    odd = (*columns.ignored(workbook), *noted(notes, made), *untranslated(meant, made))
    headers = _headers(meant.sheets["survey"].columns)
    choice_columns = {"name", "label", "itextId", *made.headers.get("choices", ())}
    files = made.lists | ({ITEMSETS: itemsets.encode()} if itemsets else {})
    xform = _marked(xform, path, declared)
    found.converted = Converted(xform, made.places, odd, headers, files, frozenset(choice_columns), _moved(made))
    return found


def _merged(own: list[Problem], refusals: Iterable[Problem]) -> list[Problem]:
    """Our findings and what pyxform refused, unless we have said it already: of a row it says one thing only."""
    told = {(problem.place.sheet, problem.place.row) for problem in own if problem.place.row}
    codes = {"workbook.pyxform", *(problem.code for problem in own)} if own else set()

    def is_new(problem: Problem) -> bool:
        place = (problem.place.sheet, problem.place.row)
        return place not in told if problem.place.row else problem.code not in codes

    return own + [problem for problem in refusals if is_new(problem)]


def convert(path: Path | str, declared: Declared | None = None) -> Converted:
    """Convert a workbook. Choice lists it does not hold are taken from `../lists/<list_name>.csv`. `declared` are the
    entities of its study, where it is not the only one to be converted or does not lie there.

    FormError with a problem for everything that is wrong with columns and own values, and where pyxform refuses the
    form for what is wrong with its rows. Whether the expressions are right is seen by `read_xlsform`.
    """
    found = _attempt(path, declared or Declared())
    if found.problems or found.converted is None:
        raise FormError(found.listed(found.problems))
    return found.converted


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


def inspect_form(path: Path | str, *, clients: Iterable[str] = ()) -> FormCheck:
    """Everything we can say about a workbook, each with its place, by sheet and row; nothing at all when it is good.

    `clients` are programs the form must run in as well: see `validation.lint.lint`. Mistakes hide others (nothing is
    computed in a circle, a form that cannot be converted has no circles): what is wrong with one cell is set aside
    and the rest looked at again, a few times.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    first: _Attempt | None = None
    aside: frozenset[tuple[int, str]] = frozenset()
    declared = Declared()
    for _ in range(LOOKS):
        try:
            attempt = _attempt(path, declared, aside)
        except FormError as error:
            return FormCheck(problems=error.problems)
        wrong, odd = _looked_at(attempt, path, tuple(clients))
        rows = {row for row, _ in aside}  # what is said of them now is about what stands there instead
        problems.extend(item for item in wrong if item.place.row not in rows)
        warnings.extend(item for item in odd if item.place.row not in rows)
        first = first or attempt
        survey_sheet = attempt.workbook.sheets["survey"]
        places = [item.place for item in wrong if item.place.sheet == survey_sheet.title]
        found = {(place.row, place.column) for place in places if columns.base(place.column) in _HARMLESS}
        if found <= aside or len(survey_sheet.rows) > LOOK_AGAIN_LIMIT:
            break
        aside |= found
    assert first is not None  # noqa: S101 - there is a first look
    return FormCheck(first.listed(problems), first.listed(warnings))


def _looked_at(attempt: _Attempt, path: Path | str, clients: tuple[str, ...]) -> tuple[list[Problem], list[Problem]]:
    """Problems and warnings of one try."""
    from validation.lint import lint

    problems, converted = attempt.problems, attempt.converted
    warnings = list(attempt.odd)
    if converted is not None:
        warnings.extend(converted.warnings)
        try:
            form = read_converted(converted)
        except FormError as error:
            refused = {(item.place.sheet, item.place.row) for item in problems if item.code == "workbook.unsupported"}
            problems = [*problems, *(item for item in error.problems if not _repeats(item, refused))]
        else:
            found = lint(form, clients=clients)
            media = attached(form, path, converted.lists)
            problems = [*problems, *converted.located([*found.problems, *media.problems])]
            odd = [item for item in found.warnings if item.code != "lint.untranslated"]  # told at the cell already
            odd = [*form.warnings, *_unknown_filters(converted, form), *odd]
            odd = [*odd, *media.missing, *media.lacking, *media.unseen]
            warnings.extend(converted.located(odd))
    return problems, warnings


def _set_aside(workbook: Workbook, cells: frozenset[tuple[int, str]]) -> Workbook:
    """The workbook with something harmless in these cells of the survey (row, column)."""
    sheet = workbook.sheets["survey"]
    wanted: dict[int, set[str]] = {}
    for number, column in cells:
        wanted.setdefault(number, set()).add(column)

    def kept(row: Row) -> Row:
        texts = {name: _HARMLESS[columns.base(name)] if name in wanted[row.number] else text
                 for name, text in row.cells.items()}  # fmt: skip
        return Row(row.number, {name: text for name, text in texts.items() if text})

    rows = tuple(kept(row) if row.number in wanted else row for row in sheet.rows)
    return replace(workbook, sheets={**workbook.sheets, "survey": replace(sheet, rows=rows)})


def _repeats(problem: Problem, refused: set[tuple[str, int]]) -> bool:
    """Whether a construct has been refused in the workbook already."""
    place = (problem.place.sheet, problem.place.row)
    return problem.code == "form.unsupported" and bool(refused) and (place in refused or not problem.place.row)


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
    sheet = workbook.sheets.get("survey")
    if sheet is None:
        near = difflib.get_close_matches("survey", [title.lower() for title in workbook.titles], n=1, cutoff=0.6)
        found = next((title for title in workbook.titles if [title.lower()] == near), "")
        code = "workbook.no_survey_near" if found else "workbook.no_survey"
        raise FormError([Problem(code, Place(), {"file": path.name, "found": found})])
    if len(sheet.rows) > ROW_LIMIT:
        raise FormError([Problem("workbook.too_many_rows", Place(sheet.title, ROW_LIMIT), {"limit": str(ROW_LIMIT)})])
    if not any(row.cells for row in sheet.rows):
        raise FormError([Problem("workbook.no_questions", Place(sheet.title, sheet.header))])


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


def _pyxform(path: Path, workbook: Workbook, made: Rewritten) -> tuple[str, list[str], str]:
    """XForm, notes, and the text of itemsets.csv, '' where the form has none."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert as to_xform

    book: dict[str, object] = dict(made.sheets)
    book |= {f"{name}_header": [dict.fromkeys(header)] for name, header in made.headers.items()}
    book |= {"sheet_names": list(workbook.titles), "fallback_form_name": workbook.name}
    notes: list[str] = []
    try:
        result = to_xform(book, warnings=notes, validate=False, pretty_print=False)
    except PyXFormError as error:
        raise FormError(refused(error, made)) from error
    except OSError as error:  # it writes the XForm to a temporary file and reads it back
        raise FormError([Problem("workbook.disk")]) from error
    except Exception as error:  # it was written for files that are nearly right
        fields = {"file": path.name, "detail": type(error).__name__}
        raise FormError([Problem("workbook.not_convertible", Place(), fields)]) from error
    renamed = re.sub(rf'{MESSAGE}(?=[="\'])', "lb:warning_message", str(result.xform))
    private = dict(made.private)
    return renamed.translate(private), notes, str(result.itemsets or "").translate(private)


def _marked(xform: str, path: Path, declared: Declared) -> str:
    """The XForm with a list for each data set that it updates, which pyxform reads from and forgets, and with those
    lists marked that hold entities of the study's forms: nobody need add a file for them."""
    for name in dict.fromkeys(_UPDATED.findall(xform)):
        if f'<instance id="{name}"' not in xform:
            added = f'<instance id="{name}" src="jr://file-csv/{name}.csv"/><bind '
            xform = xform.replace("<bind ", added, 1)
    read = set(_LIST.findall(xform))
    known = read & declared.around(path) if read else ()
    return _LIST.sub(lambda match: f'{match[0]} lb:entities="yes"' if match[1] in known else match[0], xform)


def _types() -> frozenset[str]:
    """The names of question types that pyxform takes without anything after them."""
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

    return frozenset(QUESTION_TYPE_DICT)
