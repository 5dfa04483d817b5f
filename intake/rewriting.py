"""Rewrites a workbook so that pyxform carries our columns: own columns become `bind::lb:*`.

pyxform drops columns it does not know and turns typographic quotes straight. So our columns go in as attributes of
the bind, missing reasons become a question of their own, choice lists from `lists/` become rows of the choices, and
typographic quotes in texts travel as private characters. Every row keeps the place it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from intake import columns
from intake.columns import base, cell, language
from intake.tablelists import laid_out
from intake.workbook import Row, Sheet, Workbook, read_bytes, read_list
from validation.errors import FormError, Place, Problem
from validation.labels import code_of
from validation.messages import SPOKEN, say
from validation.xform import LB

MESSAGE = "jr:noAppErrorString"  # pyxform translates three messages of a bind; this one nobody uses any more
MISSING_LIST = "lb_missing"
_UNREVIEWED = f"attribute::lb:{columns.UNREVIEWED}"  # pyxform writes it on the root of the record; the reader takes it

_COPIED = ("sensitivity", "follow_up", "layer", "purpose", "retention", "shared")
_YES = frozenset({"yes", "true", "true()"})
_NO = frozenset({"", "no", "false", "false()"})
_ALIASES = {"relevance": "relevant", "value": "name", "tag": "name", "command": "type", "caption": "label"}
_SPOKEN_COLUMNS = columns.TRANSLATED | {"caption", "image", "big-image", "audio", "video", "media"}
_TEXTS = columns.TRANSLATED | {"caption", "requiredmsg", "constraining_message", "form_title", "title"}
_QUOTES = "\u2018\u2019\u201c\u201d"
_INSTANCE = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")


@dataclass(slots=True)
class Rewritten:
    """A workbook as pyxform takes it. `rows[sheet][n]` is the place of pyxform's row n + 2 of that sheet.

    `tops` is the place of each sheet's column names. `places` names the survey row of each nodeset; `lists` holds the
    files of `lists/` that were used, by file name. `private` translates the private characters of texts back.
    """

    sheets: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    headers: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[Place]] = field(default_factory=dict)
    tops: dict[str, Place] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    lists: dict[str, bytes] = field(default_factory=dict)
    private: Mapping[int, str] = field(default_factory=dict)

    def add(self, sheet: str, cells: Mapping[str, str], place: Place) -> None:
        """One more row. A column the sheet has under another spelling gets that one; others are added."""
        header = self.headers.setdefault(sheet, [])
        row: dict[str, str] = {}
        for column, text in cells.items():
            if column not in header:
                same = [typed for typed in header if _identity(typed) == _identity(column)]
                header.extend([] if same else [column])
                row[same[0] if same else column] = text
            else:
                row[column] = text
        self.sheets.setdefault(sheet, []).append(row)
        self.rows.setdefault(sheet, []).append(place)


def _identity(column: str) -> tuple[str, ...]:
    """What a column is, however it is spelled: pyxform refuses two columns for one thing."""
    head, *rest = [part.strip() for part in column.split("::")]
    if head.lower() == "bind" and len(rest) == 1 and rest[0] in {"relevant", "required"}:
        return (rest[0],)
    return _ALIASES.get(base(head), base(head)), *rest


def rewrite(workbook: Workbook, lists: Path) -> Rewritten:
    """The workbook for pyxform; `lists` is the folder of choice lists. FormError when a list or a setting is wrong."""
    made = Rewritten()
    settings = _settings(workbook, made)
    _survey(workbook.sheets["survey"], made, settings.get("default_language", "default"))
    _choices(workbook, made, lists)
    for name in ("external_choices", "osm", "entities"):
        if sheet := workbook.sheets.get(name):
            _copy(name, sheet, made)
    _protect_quotes(made)
    _locate(made, settings)
    return made


def self_contained(workbook: Workbook, lists: Path) -> Rewritten:
    """The workbook as typed, with the choices of `lists/` it uses in its own choices sheet. FormError as `rewrite`."""
    made = Rewritten()
    for name, sheet in workbook.sheets.items():
        if name != "choices":
            _copy(name, sheet, made)
    _choices(workbook, made, lists)
    return made


def _protect_quotes(made: Rewritten) -> None:
    """Put private characters that occur nowhere for the four typographic quotes of texts; hard spaces go elsewhere."""
    texts = (text for rows in made.sheets.values() for row in rows for text in row.values())
    used = {character for text in texts for character in text if "\ue000" <= character <= "\uf8ff"}
    free = (chr(code) for code in range(0xE000, 0xF900) if chr(code) not in used)
    quotes = dict(zip(_QUOTES, free, strict=False))
    made.private = {ord(mark): quote for quote, mark in quotes.items()}
    table = str.maketrans(quotes)
    for rows in made.sheets.values():
        for row in rows:
            for column, text in row.items():
                shown = base(column) in _TEXTS or MESSAGE in column or "lb:warning_message" in column
                row[column] = text.translate(table) if shown else text.replace("\xa0", " ")


def _double(sheet: Sheet, column: str) -> str:
    """The column with '::' where the sheet still separates by ':'; we add columns with '::' of our own."""
    return column if columns.doubled(sheet) else re.sub(r"(?<!jr):", "::", column)


def _copy(name: str, sheet: Sheet, made: Rewritten) -> None:
    made.headers[name] = [_double(sheet, column) for column in sheet.columns]
    made.sheets[name], made.rows[name], made.tops[name] = [], [], Place(sheet.title, sheet.header)
    for row in sheet.rows:
        made.add(name, _doubled(sheet, row), Place(sheet.title, row.number))


def _doubled(sheet: Sheet, row: Row) -> dict[str, str]:
    return {_double(sheet, column): text for column, text in row.cells.items()}


def _settings(workbook: Workbook, made: Rewritten) -> dict[str, str]:
    """Copies the settings with our namespace declared; returns the first row by plain column name."""
    sheet = workbook.sheets.get("settings", Sheet("settings", (), ()))
    _copy("settings", sheet, made)
    if not made.sheets["settings"]:
        made.add("settings", {}, Place(sheet.title, sheet.header + 1))
    first = made.sheets["settings"][0]
    column = next((name for name in first if base(name) == "namespaces"), "namespaces")
    declared = first.get(column, "")
    if match := re.search(r"(?:^|\s)lb\s*=\s*(\S+)", declared):
        if match[1].strip("\"'") != LB:
            place = made.rows["settings"][0]
            raise FormError([Problem("workbook.namespace_taken", Place(place.sheet, place.row, column))])
    else:
        first[column] = f'{declared} lb="{LB}"'.strip()
        if column not in made.headers["settings"]:
            made.headers["settings"].append(column)
    for row in made.sheets["settings"]:
        for name in [name for name in row if base(name) == columns.UNREVIEWED]:
            row[_UNREVIEWED] = " ".join(row.pop(name).split())
    made.headers["settings"] = [_UNREVIEWED if base(n) == columns.UNREVIEWED else n for n in made.headers["settings"]]
    return {base(name): text for name, text in first.items()}


# --- survey ---------------------------------------------------------------------------------------------------------


def _survey(sheet: Sheet, made: Rewritten, default_language: str) -> None:
    made.headers["survey"] = [_double(sheet, c) for c in sheet.columns if base(_double(sheet, c)) not in columns.OURS]
    made.sheets["survey"], made.rows["survey"], made.tops["survey"] = [], [], Place(sheet.title, sheet.header)
    labels = _label_columns(sheet)
    for index, row in enumerate(sheet.rows):
        cells = _doubled(sheet, row)
        typed = Row(row.number, cells)
        place = Place(sheet.title, row.number)
        if columns.question_type(typed) == "note" and not cell(typed, "name"):
            cells["name"] = f"generated_note_name_{index + 2}"  # as pyxform does, whatever rows we add before it
        ours = {column: text for column, text in cells.items() if base(column) in columns.OURS}
        kept = {column: text for column, text in cells.items() if column not in ours}
        for column, text in ours.items():
            kept[_own_column(sheet, column, text, default_language)] = text
        disabled = cell(typed, "disabled").lower() in _YES
        reasons = [] if disabled else cell(typed, "missing").split()
        if reasons:
            _require_value_or_reason(kept, cell(typed, "name"))
        made.add("survey", kept, place)
        if reasons:
            column = next(column for column in ours if base(column) == "missing")
            made.add("survey", _sibling(typed, reasons, labels), Place(sheet.title, row.number, column))
    lines = list(zip(made.sheets["survey"], made.rows["survey"], strict=True))
    made.sheets["survey"], made.rows["survey"] = [], []
    for cells, place in laid_out(lines, lambda kind: MISSING_LIST in kind.split()):
        made.add("survey", cells, place)


def _own_column(sheet: Sheet, column: str, text: str, default_language: str) -> str:
    name, spoken = base(column), language(column)
    if name != "warning_message":
        return f"bind::lb:{name}"
    if other := next((c for c in sheet.columns if "noapperrorstring" in re.sub("[_ ]", "", c.lower())), ""):
        raise FormError(
            [Problem("workbook.message_conflict", Place(sheet.title, sheet.header, other), {"column": other})]
        )
    translated = any(base(c) == name and language(c) for c in sheet.columns)
    if spoken or translated or "${" in text:
        return f"bind::{MESSAGE}::{spoken or default_language}"
    return "bind::lb:warning_message"


def _label_columns(sheet: Sheet) -> dict[str, str]:
    """The label columns of the sheet and the language in which we speak in each, English where we lack theirs."""
    found = [_double(sheet, column) for column in sheet.columns]
    labels = [column for column in found if base(column) in {"label", "caption"}] or ["label"]
    return {column: _spoken(language(column)) for column in labels}


def _spoken(name: str) -> str:
    code = (code_of(name) or name[:2].lower()).partition("-")[0]
    return "de" if not name else code if code in SPOKEN else "en"


def _bind_column(cells: Mapping[str, str], *names: str) -> str:
    """The column of a row that holds a bind attribute, in any of its spellings, or its first name."""
    wanted = set(names) | {f"bind::{name}" for name in names}
    return next((c for c in cells if base(c) in names or c.replace(" ", "").lower() in wanted), names[0])


def _require_value_or_reason(cells: dict[str, str], name: str) -> None:
    column = _bind_column(cells, "required")
    required = cells.get(column, "").strip()
    if required.lower() in _NO:
        return
    no_reason = f"${{{name}__missing}} = ''"
    cells[column] = no_reason if required.lower() in _YES else f"({required}) and {no_reason}"


def _sibling(row: Row, reasons: list[str], labels: Mapping[str, str]) -> dict[str, str]:
    """The question that takes the reason why another one has no answer; asked only while it has none."""
    name = cell(row, "name")
    relevant = row.cells.get(_bind_column(row.cells, "relevant", "relevance"), "").strip()
    unanswered = f"${{{name}}} = ''"
    made = {
        "type": f"select_one {MISSING_LIST}",
        "name": f"{name}__missing",
        "relevant": f"({relevant}) and {unanswered}" if relevant else unanswered,
        **{column: say("missing.label", spoken) for column, spoken in labels.items()},
    }
    if set(reasons) != set(columns.VALUES["missing"]):
        made["choice_filter"] = f"selected('{' '.join(reasons)}', name)"
    for copied in _COPIED:
        if text := cell(row, copied):
            made[f"bind::lb:{copied}"] = text
    return made


# --- choices --------------------------------------------------------------------------------------------------------


def _choices(workbook: Workbook, made: Rewritten, lists: Path) -> None:
    sheet = workbook.sheets.get("choices")
    if sheet:
        _copy("choices", sheet, made)
    present = {cell(Row(0, row), "list_name") for row in made.sheets.get("choices", [])}
    spoken = _languages(workbook)
    for name in _lists_used(made, lists):
        if name not in present:
            _add_list(name, lists / f"{name}.csv", made, spoken)
    types = [columns.question_type(Row(0, row)) for row in made.sheets["survey"]]
    if MISSING_LIST not in present and any(MISSING_LIST in kind for kind in types):
        labels = _label_columns(workbook.sheets["survey"])
        for reason in columns.VALUES["missing"]:
            texts = {column: say(f"missing.{reason}", spoken) for column, spoken in labels.items()}
            made.add("choices", {"list_name": MISSING_LIST, "name": reason, **texts}, Place(MISSING_LIST))
    # Each list has columns of its own; one order for all makes the same XForm from a list file and from a sheet.
    order = {column: number for number, column in enumerate(made.headers.get("choices", []))}
    for row in made.sheets.get("choices", []):
        ordered = sorted(row.items(), key=lambda cell: order[cell[0]])
        row.clear()
        row.update(ordered)


def _lists_used(made: Rewritten, lists: Path) -> Iterator[str]:
    """Names of the lists that the form asks for and `lists/` has, in the order they are first named."""
    if not lists.is_dir():
        return
    files = {file.stem for file in lists.glob("*.csv")}
    seen: set[str] = set()
    for row in made.sheets["survey"]:
        for column, text in row.items():
            if base(column) == "type":
                named = text.split()[1:]
            else:
                named = _INSTANCE.findall(text) + re.findall(r"tick_labelset\s*=\s*(\S+)", text)
            for name in named:
                if name in files and name not in seen:
                    seen.add(name)
                    yield name


def _languages(workbook: Workbook) -> list[str]:
    """The languages of a form as it calls them, its default first; none where no column names one."""
    settings = workbook.sheets.get("settings")
    default = next((cell(row, "default_language") for row in settings.rows[:1]), "") if settings else ""
    sheets = [sheet for name in ("survey", "choices") if (sheet := workbook.sheets.get(name))]
    names = [_double(sheet, column) for sheet in sheets for column in sheet.columns]
    named = (language(column) for column in names if base(column) in _SPOKEN_COLUMNS)
    return [name for name in dict.fromkeys((default, *named)) if name]


def _add_list(name: str, path: Path, made: Rewritten, spoken: Sequence[str]) -> None:
    sheet = read_list(path)
    place = Place(sheet.title, sheet.header)
    names = {base(column) for column in sheet.columns}
    if not names & {"name", "value"}:
        raise FormError([Problem("workbook.list_without_name", place, {"file": path.name})])
    if "list_name" in names:
        raise FormError([Problem("workbook.list_with_list_name", place, {"file": path.name})])
    made.lists[path.name] = read_bytes(path)
    taken = _taken([_double(sheet, column) for column in sheet.columns], spoken)
    for row in sheet.rows:
        cells = {taken[column]: text for column, text in _doubled(sheet, row).items() if column in taken}
        made.add("choices", {"list_name": name, **cells}, Place(sheet.title, row.number))


def _taken(listed: Sequence[str], spoken: Sequence[str]) -> dict[str, str]:
    """{column of a list: column of the form's choices}: lists speak more languages than a form need have.

    Languages are the same by name or by code. Where the list has none of the form's, its first is taken: by its own
    name, or by none in a form that names no languages.
    """
    own = list(dict.fromkeys(language(column) for column in listed if _is_spoken(column)))
    called = {name: next((form for form in spoken if _is_same(form, name)), None) for name in own}
    if own and not any(called.values()):
        called[own[0]] = own[0] if spoken else ""
    taken = {}
    for column in listed:
        if not _is_spoken(column):
            taken[column] = column
        elif (name := called[language(column)]) is not None:
            taken[column] = "::".join(part for part in (column.rpartition("::")[0].strip(), name) if part)
    return taken


def _is_spoken(column: str) -> bool:
    return base(column) in _SPOKEN_COLUMNS and bool(language(column))


def _is_same(one: str, other: str) -> bool:
    return one == other or (code_of(one) or one) == (code_of(other) or other)


# --- places ---------------------------------------------------------------------------------------------------------


def _locate(made: Rewritten, settings: Mapping[str, str]) -> None:
    """Fills `places`: the nodeset every survey row becomes."""
    flat = settings.get("flat", "").lower() in _YES
    root = settings.get("name") or "data"
    settings_place = made.rows["settings"][0]
    made.places[f"/{root}"] = Place(settings_place.sheet, settings_place.row, nodeset=f"/{root}")
    for child, column in (("meta", ""), ("meta/instanceID", "instance_id"), ("meta/instanceName", "instance_name")):
        nodeset = f"/{root}/{child}"
        made.places[nodeset] = Place(settings_place.sheet, settings_place.row, column, nodeset)
    above: list[str] = []
    for cells, place in zip(made.sheets["survey"], made.rows["survey"], strict=True):
        row = Row(place.row, cells)
        if not columns.question_type(row) or cell(row, "disabled").lower() in _YES:
            continue
        if columns.ends(row):
            above = above[:-1]
            continue
        name = cell(row, "name") or cell(row, "value") or cell(row, "tag")
        nodeset = "/".join(["", root, *(() if flat else above), name])
        made.places.setdefault(nodeset, Place(place.sheet, place.row, place.column, nodeset))
        if columns.begins(row):
            above.append(name)
