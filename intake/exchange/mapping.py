"""An office's own list of running cases: a CSV or a sheet, and a mapping that a person writes beside it.

    form = "erstgespraech"
    key = ["Aktenzeichen"]                   these columns tell the rows apart, also at the next import

    [constants]
    "fall-datum" = "2026-01-15"              the same for every row

    [columns."Geb.-Datum"]                   every column of the list is named: with its question,
    question = "person-geburtsdatum"
    dates = ["%d.%m.%Y"]

    [columns."m/w"]
    question = "person-geschlecht"
    values = { "männl." = "m", "weibl." = "w", "?" = "" }

    [columns."Bemerkung"]                    or as one that isn't taken
    leave_out = true

    [missing]                                what the list doesn't have gets this reason, where the form knows reasons
    reason = ["not_recorded", "unknown"]     the first one that the question knows
    questions = "required"                   "required", "all", or a list of names

Further keys of a column: `numbers = "de"` ('1.234,5'), `separator` between several choices. A question is named as
in `validation.layout` ('person-name') or by its path, with a number for an entry of a repeat
('/data/kinder/kind[1]/name').

Answers go through `Instance`, as if typed: what is calculated is calculated, what the form would not ask is refused. An
empty cell says nothing; it clears no answer. A text that no rule reads is refused by row and column, never guessed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.exchange.guards import Grid
from intake.exchange.headings import coder
from intake.exchange.rebuilt import Arrival, Rebuilt
from intake.record import record_from_xml, xml_from_record
from intake.store import Store
from intake.submission import Record, Submission
from validation.errors import AnswerError, DataError, Place, Problem
from validation.form import Form
from validation.instance import Instance
from validation.layout import Column, layout, root_of, takes_many

KEY_NOTE = "key"
"""The note under which a record keeps what its row was named by; with it a later import finds the record."""

_MARK = re.compile(r"\[(\d{1,4})\]")
_GERMAN = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*(?:,\d+)?|[+-]?\d+(?:,\d+)?")
_TOP = {"form", "key", "sheet", "constants", "columns", "missing"}
_OF_COLUMN = {"question", "leave_out", "dates", "values", "numbers", "separator"}
_OF_MISSING = {"reason", "questions"}
REQUIRED, ALL = "required", "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """How the cells of a column become answers. `path` is where they go, '' for a column that is left out."""

    head: str
    path: str = ""
    column: Column | None = None
    dates: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    german: bool = False
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping as a person wrote it, checked against its form. `sheet` is '' for the only one."""

    key: tuple[str, ...]
    sheet: str
    constants: Mapping[str, str]
    rules: tuple[Rule, ...]
    reasons: tuple[str, ...] = ()
    reasoned: str | tuple[str, ...] = field(default=())


def form_named(data: bytes, file: str) -> str:
    """The form that a mapping is for. DataError as `read_mapping`."""
    name = _toml(data, file).get("form")
    if not isinstance(name, str) or not name:
        raise DataError("import.mapping_form", file=file)
    return name


def read_mapping(form: Form, data: bytes, file: str) -> Mapped:
    """A mapping file. DataError, naming the entry, for one that is no TOML, has an entry there is not, or names a
    question the form does not have."""
    found = _toml(data, file)
    _refuse_strange(found, _TOP, file, "")
    key, columns, missing = found.get("key", []), found.get("columns", {}), found.get("missing", {})
    if not (isinstance(key, list) and key and all(isinstance(name, str) for name in key)):
        raise DataError("import.mapping_entry", file=file, entry="key")
    if not isinstance(columns, dict) or not isinstance(missing, dict):
        raise DataError("import.mapping_entry", file=file, entry="columns")
    _refuse_strange(missing, _OF_MISSING, file, "missing.")
    questions = _questions(form)
    constants = {}
    for name, text in found.get("constants", {}).items():
        if not isinstance(text, str):
            raise DataError("import.mapping_entry", file=file, entry=f"constants.{name}")
        constants[_path(questions, name, file)[0]] = text
    reasoned = missing.get("questions", REQUIRED)
    if isinstance(reasoned, list):
        reasoned = tuple(_path(questions, str(name), file)[0] for name in reasoned)
    elif reasoned not in (REQUIRED, ALL):
        raise DataError("import.mapping_entry", file=file, entry="questions")
    reasons = missing.get("reason", [])
    reasons = [reasons] if isinstance(reasons, str) else reasons
    rules = tuple(_rule(questions, head, said, file) for head, said in columns.items())
    return Mapped(tuple(key), str(found.get("sheet", "")), constants, rules, tuple(reasons), reasoned)


def _toml(data: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("import.mapping_toml", file=file, cause=str(error).partition("\n")[0]) from error


def _refuse_strange(found: Mapping[str, object], known: set[str], file: str, where: str) -> None:
    for name in found:
        if name not in known:
            raise DataError("import.mapping_entry", file=file, entry=f"{where}{name}")


def _questions(form: Form) -> dict[str, Column]:
    """Every question by its name in the layout (of the first table that has it) and by its nodeset."""
    found: dict[str, Column] = {}
    for table in layout(form).values():
        for column in table.columns:
            if table.parent is None:
                found[column.name] = column
            found[column.nodeset] = column
    return found


def _path(questions: Mapping[str, Column], name: str, file: str) -> tuple[str, Column]:
    column = questions.get(_MARK.sub("", name))
    if column is None:
        raise DataError("import.mapping_question", file=file, question=name)
    return (name if name.startswith("/") else column.nodeset), column


def _rule(questions: Mapping[str, Column], head: str, said: object, file: str) -> Rule:
    where = f"columns.{head}"
    if not isinstance(said, dict):
        raise DataError("import.mapping_entry", file=file, entry=where)
    _refuse_strange(said, _OF_COLUMN, file, f"{where}.")
    if said.get("leave_out"):
        return Rule(head)
    path, column = _path(questions, str(said.get("question", "")), file)
    values, dates = said.get("values"), said.get("dates", [])
    dates = [dates] if isinstance(dates, str) else dates
    if values is not None and not (isinstance(values, dict) and all(isinstance(text, str) for text in values.values())):
        raise DataError("import.mapping_entry", file=file, entry=f"{where}.values")
    if said.get("numbers", "de") != "de":
        raise DataError("import.mapping_entry", file=file, entry=f"{where}.numbers")
    return Rule(head, path, column, tuple(dates), values, "numbers" in said, str(said.get("separator", "")))


# --- rows to records


def records(
    form: Form,
    grid: Grid,
    mapping: Mapped,
    *,
    now: dt.datetime,
    known: Mapping[str, Submission] | None = None,
    instances: Mapping[str, str] | None = None,
) -> Rebuilt:
    """The records of a list. `known` are those that came by it before (`named_rows`): a row of that key continues one.

    Columns the mapping does not name, columns it names and the list lacks, texts no rule reads and answers the form
    would not ask for are problems.
    """
    return _Listed(form, grid, mapping, now, known or {}, instances).run()


class _Listed:
    def __init__(
        self,
        form: Form,
        grid: Grid,
        mapping: Mapped,
        now: dt.datetime,
        known: Mapping[str, Submission],
        instances: Mapping[str, str] | None,
    ) -> None:
        self.form, self.grid, self.mapping, self.now, self.instances = form, grid, mapping, now, instances
        self.known = known
        self.version = f"/{root_of(form).name}/@version"
        self.at = {head: number for number, head in enumerate(grid.columns)}
        self.problems: list[Problem] = []
        self.coders = {
            rule.head: coder(form, rule.column, self._cells(rule.head), labelled=True)
            for rule in mapping.rules
            if rule.column is not None and rule.values is None and rule.head in self.at
        }

    def _cells(self, head: str) -> list[str]:
        return [cells[self.at[head]] for _, cells in self.grid.rows]

    def run(self) -> Rebuilt:
        ruled = {rule.head for rule in self.mapping.rules}
        lacking = sorted({*ruled, *self.mapping.key} - {*self.at})
        self.problems += [self._problem("import.mapping_lacks", 0, head) for head in lacking]
        unnamed = [head for head in self.grid.columns if head not in ruled]
        self.problems += [self._problem("import.unmapped_column", 0, head) for head in unnamed]
        if self.problems:
            return Rebuilt((), tuple(self.problems))
        arrivals, seen = [], dict[str, int]()
        for number, cells in self.grid.rows:
            key = json.dumps([cells[self.at[head]].strip() for head in self.mapping.key], ensure_ascii=False)
            if not any(cells[self.at[head]].strip() for head in self.mapping.key):
                self.problems.append(self._problem("import.no_key", number, self.mapping.key[0]))
            elif key in seen:
                fields = {"other": str(seen[key])}
                self.problems.append(self._problem("import.same_key", number, self.mapping.key[0], **fields))
            else:
                seen[key] = number
                arrivals.append(self._arrival(number, cells, key))
        return Rebuilt(tuple(arrivals), tuple(self.problems))

    def _problem(self, code: str, row: int, column: str, **fields: str) -> Problem:
        return Problem(code, Place(self.grid.name, row, column), {"column": column, **fields})

    def _arrival(self, number: int, cells: Sequence[str], key: str) -> Arrival:
        before = self.known.get(key)
        xml = None if before is None else xml_from_record(before.record, self.form)
        instance = Instance(self.form, now=self.now, xml=xml, instances=self.instances)
        given = {
            path: path
            for path, text in self.mapping.constants.items()
            if self._answer(instance, path, text, number, path)
        }
        for rule in self.mapping.rules:
            cell = cells[self.at[rule.head]].strip()
            text = self._read(rule, cell, number) if cell and rule.path else ""
            if text and self._answer(instance, rule.path, text, number, rule.head):
                given[rule.path] = rule.head
        if before is None:
            _without_empty_entries(instance, [*self.mapping.constants, *(rule.path for rule in self.mapping.rules)])
        self._reasons(instance)
        for path, head in given.items():
            if not instance.relevant(path):
                self.problems.append(self._problem("import.not_asked", number, head))
            elif not instance.value(path):
                self.problems.append(self._problem("import.not_taken", number, head))
        name = before.id if before is not None else f"uuid:{uuid.uuid4()}"
        record = record_from_xml(instance.to_xml(), self.form)
        record = {each: name if each.endswith("/instanceID") else value for each, value in record.items()}
        version = ""
        if before is not None:
            record = self._unmoved(record, before.record)
            version = before.form_version if record == before.record else ""
        if not version and self.version in record:
            record[self.version] = self.form.version
        return Arrival(name, record, Place(self.grid.name, number), version=version, notes={KEY_NOTE: key})

    def _unmoved(self, record: Record, before: Record) -> Record:
        """The record with the times of the earlier one: that a list was read again is no change of the case."""
        times = {bind.nodeset for bind in self.form.binds.values() if bind.preload == "timestamp"}
        return {each: before[each] if each in times and each in before else value for each, value in record.items()}

    def _answer(self, instance: Instance, path: str, text: str, number: int, head: str) -> bool:
        """Put an answer in, with the entries of repeats that its path names. Whether the form took it."""
        try:
            for mark in _MARK.finditer(path):
                repeat = path[: mark.start()]
                for _ in range(int(mark[1]) - len(instance.entries(repeat))):
                    instance.add_repeat(repeat)
            instance.answer(path, text)
        except AnswerError:
            self.problems.append(self._problem("import.not_taken", number, head))
            return False
        return True

    def _read(self, rule: Rule, cell: str, number: int) -> str:
        """The text of an answer; '' with a problem where no rule reads the cell."""
        if rule.values is not None:
            parts = [part.strip() for part in cell.split(rule.separator)] if rule.separator else [cell]
            if any(part not in rule.values for part in parts):
                self.problems.append(self._problem("import.unmapped_value", number, rule.head))
                return ""
            return " ".join(text for part in parts if (text := rule.values[part]))
        if rule.dates:
            found = _date(cell, rule)
            if not found:
                self.problems.append(self._problem("import.bad_date", number, rule.head))
            return found
        if rule.german:
            if not _GERMAN.fullmatch(cell):
                self.problems.append(self._problem("import.bad_number", number, rule.head))
                return ""
            return cell.replace(".", "").replace(",", ".")
        if rule.separator and rule.column is not None and takes_many(self.form, rule.column.nodeset):
            return " ".join(self.coders[rule.head](part.strip()) for part in cell.split(rule.separator) if part.strip())
        return self.coders[rule.head](cell)

    def _reasons(self, instance: Instance) -> None:
        """Give the reason to every question that has none and no answer, as the mapping wants it."""
        wanted = self.mapping.reasoned
        for path in [path for path in _leaves(instance) if path.endswith("__missing")]:
            question = path.removesuffix("__missing")
            if instance.value(question) or instance.value(path) or not instance.relevant(question):
                continue
            chosen = wanted == ALL or (wanted == REQUIRED and instance.required(question)) or question in wanted
            offered = {value for value, _ in instance.choices(path)}
            reason = next((each for each in self.mapping.reasons if each in offered), "")
            if chosen and reason:
                instance.answer(path, reason)


def _without_empty_entries(instance: Instance, given: Sequence[str]) -> None:
    """Take away the entries a new record begins with in repeats that the list says nothing of."""
    named = {_MARK.sub("", path) for path in given}
    for nodeset, repeat in instance.form.repeats.items():
        if repeat.fixed or repeat.count is not None or any(path.startswith(f"{nodeset}/") for path in named):
            continue
        if not any(nodeset.startswith(f"{other}/") for other in instance.form.repeats):
            for entry in reversed(instance.entries(nodeset)):
                instance.remove_repeat(entry)


def _leaves(instance: Instance) -> list[str]:
    """The paths of every leaf of a record, with numbers in repeats."""
    found, top = [], next(instance.root.elements())
    work = [(top, f"/{top.qualified}", f"/{top.qualified}")]
    while work:
        node, nodeset, path = work.pop(0)
        children = list(node.elements())
        if not children:
            found.append(path)
        count: dict[str, int] = {}
        for child in children:
            name = child.qualified
            count[name] = count.get(name, 0) + 1
            inner = f"{nodeset}/{name}"
            mark = f"[{count[name]}]" if inner in instance.form.repeats else ""
            work.append((child, inner, f"{path}/{name}{mark}"))
    return found


def _date(cell: str, rule: Rule) -> str:
    """A day as ISO 8601 by one of the formats; a cell that is a day already stays it. '' where none reads it."""
    for pattern in ("%Y-%m-%d", *rule.dates):
        try:
            return dt.datetime.strptime(cell, pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return ""


def named_rows(store: Store, form_id: str) -> dict[str, Submission]:
    """{key of a row: the record of the form that came by it}, as it is now, also where it was corrected since."""
    found = {}
    for each in store.submissions(form_id):
        name = _named(each)
        if not name and each.version > 1:
            name = next((said for earlier in store.history(each.id) if (said := _named(earlier))), "")
        if name:
            found[name] = each
    return found


def _named(submission: Submission) -> str:
    """By what a row of a list named this record; '' for one that came another way."""
    said = submission.paradata.get("imported")
    notes = said.get("notes") if isinstance(said, dict) else None
    return str(notes.get(KEY_NOTE, "")) if isinstance(notes, dict) else ""
