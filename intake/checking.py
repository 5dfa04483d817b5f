"""The check of a study: every stored record against the form it was collected with.

The result names question and case number, never an answer, so it can be read by a team leader and mailed to who
mends it. A case is named by its case number (the question `fallnummer`), a register's entry by its number (`id`);
where neither is there or it is wrong itself, by the person's pseudonym, then by the record's key.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from intake.columnar import Sheets, ends, is_within, of_form, without
from intake.latest import latest
from intake.media import instances
from intake.store import Store
from intake.store.audit import Witness
from intake.store.derived import FOLDER
from intake.store.restriction import left_out
from intake.study import Study
from intake.submission import Submission
from intake.tables import published_forms, sheet_tables, tables
from validation.errors import UsageError
from validation.form import Form
from validation.layout import KEY, Table, layout, question_label
from validation.messages import say
from validation.schema import Report, check, sentence

Progress = Callable[[str], None]

CASE_QUESTIONS = ("fallnummer", "id")
"""Questions of the root table whose answer is the number of a case or of a register's entry."""

SHOWN = 50
"""Problems that the text prints of one form; HTML and JSON have all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `key` names the record or the entry, '' for the whole table, `case` the same for a reader.

    `nodeset`, `column` and `rule` are those of `validation.schema.Report.failures`.
    """

    table: str
    key: str
    case: str
    entry: tuple[str, int] | None
    nodeset: str
    column: str
    rule: str


@dataclass(frozen=True, slots=True)
class FormCheck:
    """What was found in the records of one version of a form. `entries` counts rows of its repeats."""

    form: Form
    records: int
    entries: int
    failed: int
    problems: tuple[Finding, ...]

    def where(self, problem: Finding, language: str = "de") -> str:
        """The case, and the entry in it: 'F-12, Ziel 2'."""
        if not problem.key:
            return say("check.whole_table", language)
        if problem.entry is None:
            return problem.case
        nodeset, number = problem.entry
        return say("check.entry", language, case=problem.case, repeat=question_label(self.form, nodeset, language),
                   number=number)  # fmt: skip

    def what(self, problem: Finding, language: str = "de") -> str:
        """What is wrong and what to do, in words."""
        return sentence(self.form, problem.nodeset, problem.column or problem.table, problem.rule, language)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of a check, by form and version. `as_of` is when the last record was received; None: none was."""

    title: str
    demo: bool
    zone: str
    as_of: dt.datetime | None
    forms: tuple[FormCheck, ...]

    @property
    def ok(self) -> bool:
        """True where nothing is to be mended."""
        return not any(found.problems for found in self.forms)

    @property
    def records(self) -> int:
        return sum(found.records for found in self.forms)

    def summary(self, language: str = "de") -> str:
        """One or two sentences: how much was checked, how much is wrong."""
        if not self.records:
            return say("check.nothing", language)
        forms = len({found.form.id for found in self.forms if found.records})
        if self.ok:
            return say("check.all_good", language, records=self.records, forms=forms)
        return say("check.some_bad", language, records=self.records, forms=forms,
                   failed=sum(found.failed for found in self.forms),
                   failures=sum(len(found.problems) for found in self.forms))  # fmt: skip

    def to_text(self, language: str = "de") -> str:
        """For the terminal: the summary, and up to SHOWN problems of each form."""
        lines = [f"{say('check.title', language)}: {self.title}", self.summary(language)]
        for found in self.forms:
            if not found.problems:
                continue
            lines += ["", f"{found.form.title} ({found.form.version})"]
            lines += [f"  {found.where(problem, language)}: {found.what(problem, language)}"
                      for problem in found.problems[:SHOWN]]  # fmt: skip
            if len(found.problems) > SHOWN:
                lines.append(f"  {say('check.more', language, count=len(found.problems) - SHOWN)}")
        return "\n".join(lines)

    def as_dict(self, language: str = "de") -> dict[str, object]:
        """For a program: everything, with the sentences in a language."""
        return {
            "study": self.title,
            "demo": self.demo,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "ok": self.ok,
            "forms": [
                {
                    "form": found.form.id,
                    "title": found.form.title,
                    "version": found.form.version,
                    "hash": found.form.hash,
                    "records": found.records,
                    "entries": found.entries,
                    "failed": found.failed,
                    "problems": [
                        {
                            "table": problem.table,
                            "key": problem.key,
                            "case": found.where(problem, language),
                            "nodeset": problem.nodeset,
                            "column": problem.column,
                            "rule": problem.rule,
                            "message": found.what(problem, language),
                        }
                        for problem in found.problems
                    ],
                }
                for found in self.forms
            ],
        }

    def to_json(self, path: Path | str, language: str = "de") -> None:
        """Write `as_dict` as UTF-8 JSON. UsageError where the file cannot be written."""
        _write(Path(path), json.dumps(self.as_dict(language), ensure_ascii=False, indent=2) + "\n")

    def to_html(self, path: Path | str, language: str = "de") -> None:
        """Write one self-contained page. UsageError where the file cannot be written."""
        _write(Path(path), _page(self, language))


def check_study(study: Study, *, progress: Progress | None = None) -> CheckReport:
    """Check every record of a study, each with the version of the form it names.

    `progress` is told in German what is being read. Nothing is changed; whose processing is restricted is left
    out. StoreError and StudyError as store and study.
    """
    with study.store() as store:
        return check_store(
            store, title=study.title, demo=study.demo, zone=study.zone, progress=progress, copies=study.dir / FOLDER
        )


def check_store(
    store: Store,
    *,
    title: str,
    demo: bool = False,
    zone: str,
    progress: Progress | None = None,
    copies: Path | None = None,
) -> CheckReport:
    """As `check_study`, for an opened store; `copies` is the directory of its derived copies, None for none."""
    forms, witness, gone = published_forms(store), Witness(store), left_out(store)
    sheets: dict[str, Sheets] = {}
    found = []
    for published in store.forms():
        versions = forms[published.form_id]
        if published.form_id not in sheets:
            witness.saw_tables(versions)
            sheets[published.form_id] = without(latest(store, versions, copies), gone)
        form = next(each for each in versions if each.hash == published.hash)
        mine = of_form(sheets[published.form_id], form.hash)
        ended = ends(mine)
        if progress is not None:
            progress(say("check.reading", form=form.title, records=len(ended)))
        if is_within(mine, [table.nodeset for table in layout(form).values()]):
            frames = sheet_tables(form, mine, zone=zone)
        else:  # entries of a repeat that only another version has: no table of this one would show them
            known = store.submissions(form.id)
            kept = (each for each in known if each.form_hash == form.hash and each.id not in gone)
            frames = tables(form, kept, zone=zone)
        found.append(_checked(form, frames, ended, zone, published.lists))
    return CheckReport(title, demo, zone, store.last_received(), tuple(found))


def check_submissions(
    form: Form, submissions: Sequence[Submission], *, zone: str, files: Mapping[str, bytes] | None = None
) -> FormCheck:
    """Check records of one version of a form. now() of a record without an end time is when its interview ended.

    `files` are those a frozen form keeps: its choices may come from them.
    """
    ended = {each.id: each.ended for each in submissions}
    return _checked(form, tables(form, submissions, zone=zone), ended, zone, files or {})


def _checked(
    form: Form, frames: dict[str, pd.DataFrame], ended: Mapping[str, dt.datetime], zone: str, files: Mapping[str, bytes]
) -> FormCheck:
    report = check(form, frames, default_now=ended, zone=zone, instances=instances(form, files))
    shapes = layout(form)
    root = next(iter(shapes.values()))
    problems = _problems(shapes, frames[root.name], root, report)
    return FormCheck(
        form=form,
        records=len(ended),
        entries=sum(len(frame) for name, frame in frames.items() if name != root.name),
        failed=len({problem.key.split("/")[0] for problem in problems if problem.key}),
        problems=problems,
    )


def _problems(shapes: dict[str, Table], records: pd.DataFrame, root: Table, report: Report) -> tuple[Finding, ...]:
    failures = [tuple(str(value) for value in row) for row in report.failures.to_numpy()]
    faulty = {(key, column) for _, key, _, column, *_ in failures}
    names = _case_names(records, root, faulty)
    found = []
    for table, key, nodeset, column, rule, _code, _message in failures:
        record, entry = key, None
        # A repeat's key is that of the record and the path of the entry: 'uuid:…/ziele/ziel[2]'.
        if shapes.get(table, root).parent is not None and (match := re.search(r"/.*\[(\d+)\]$", key)):
            record, entry = key[: match.start()], (shapes[table].nodeset, int(match[1]))
        found.append(Finding(table, key, names.get(record, record), entry, nodeset, column, rule))
    return tuple(found)


def _case_names(records: pd.DataFrame, root: Table, faulty: set[tuple[str, str]]) -> dict[str, str]:
    """{KEY: number of the case}, without numbers that are faulty themselves: those would be answers."""
    numbers = [column.name for column in root.columns if column.name.rpartition("-")[2] in CASE_QUESTIONS]
    found: dict[str, str] = {}
    for row in range(len(records)):
        key = str(records[KEY].iloc[row])
        named = [records[name].iloc[row] for name in numbers if (key, name) not in faulty]
        named.append(records["_subject"].iloc[row])
        found[key] = next((name for name in named if isinstance(name, str) and name), key)
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError("check.not_writable", path=path) from error


# --- the page

_STYLE = """
:root { color-scheme: light; --ink: #1c2327; --line: #c8d0d6; --soft: #f2f5f7; --accent: #00498c; }
body { font: 16px/1.5 "Fira Sans", system-ui, "Segoe UI", Roboto, sans-serif; color: var(--ink); margin: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
p.summary { font-size: 1.125rem; border-left: 4px solid var(--accent); padding: .5rem 1rem; background: var(--soft); }
p.demo { background: #ffe9a8; margin: 0; padding: .5rem 1rem; font-weight: 600; text-align: center; }
.scroll { overflow-x: auto; margin-bottom: 1.5rem; } table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { main { max-width: none; padding: 0; } thead { display: table-header-group; } }
"""


def _page(report: CheckReport, language: str) -> str:
    def text(code: str, **fields: object) -> str:
        return html.escape(say(f"check.{code}", language, **fields))

    parts = [
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{'DEMO - ' if report.demo else ''}{text('title')}: {html.escape(report.title)}</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>",
        f'<p class="demo">{text("demo")}</p>' if report.demo else "",
        f"<main>\n<h1>{text('title')}</h1>\n<p>{text('study', title=report.title)}<br>{_as_of(report, language)}</p>",
        f'<p class="summary">{html.escape(report.summary(language))}</p>',
        f"<p>{text('never_values')}</p>" if not report.ok else "",
        f"<h2>{text('what_was_checked')}</h2>",
        _table(
            say("check.by_form", language),
            [say(f"check.column_{name}", language)
             for name in ("form", "version", "records", "entries", "failed", "failures")],
            [[found.form.title, found.form.version, found.records, found.entries, found.failed, len(found.problems)]
             for found in report.forms],
            language,
        ),
    ]  # fmt: skip
    for found in report.forms:
        if found.problems:
            parts.append(
                f"<h2>{text('problems')}: {html.escape(found.form.title)} ({html.escape(found.form.version)})</h2>"
            )
            parts.append(_by_question(found, language))
            parts.append(_by_case(found, language))
    return "\n".join(part for part in [*parts, "</main>\n</body>\n</html>\n"] if part)


def _as_of(report: CheckReport, language: str) -> str:
    if report.as_of is None:
        return ""
    moment = report.as_of.astimezone(ZoneInfo(report.zone))
    written = f"{moment:%d.%m.%Y, %H:%M}" if language == "de" else f"{moment:%d %B %Y, %H:%M}"
    return html.escape(say("check.as_of", language, moment=written))


def _by_question(found: FormCheck, language: str) -> str:
    cases: dict[str, set[str]] = {}
    for problem in found.problems:
        cases.setdefault(found.what(problem, language), set()).add(problem.key)
    often = sorted(cases.items(), key=lambda item: -len(item[1] - {""}))
    rows = [[what, len(keys - {""}) or say("check.whole_table", language)] for what, keys in often]
    names = [say("check.column_what", language), say("check.column_cases", language)]
    return _table(say("check.by_question", language), names, rows, language)


def _by_case(found: FormCheck, language: str) -> str:
    rows: list[list[str | int]] = [
        [found.where(problem, language), found.what(problem, language)] for problem in found.problems
    ]
    rows.sort(key=lambda row: str(row[0]))
    names = [say("check.column_case", language), say("check.column_what", language)]
    return _table(say("check.by_case", language), names, rows, language)


def _table(caption: str, names: Sequence[str], rows: Sequence[Sequence[str | int]], language: str) -> str:
    numeric = [any(isinstance(row[at], int) for row in rows) for at in range(len(names))]
    head = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{html.escape(name)}</th>'
        for name, number in zip(names, numeric, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{' class=n' if number else ''}>{html.escape(_shown(cell, language))}</td>"
            for cell, number in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _shown(cell: str | int, language: str) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell:,}".replace(",", ".") if language == "de" else f"{cell:,}"
