"""The check of a study: every stored record against the form it was collected with, and all together against the
study's rules between records (`rules.csv`).

The result names question and case number (`intake.findings`), never an answer, so it can be read by a team leader and
mailed to who mends it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from intake.columnar import Sheets, ends, is_within, of_form, without
from intake.crosscheck import COUNT_COLUMNS, HIT_COLUMNS, RuleRun, read_lists, run_rules
from intake.exchange.extract import Note
from intake.findings import Finding, RuleHit, case_names, found
from intake.latest import latest
from intake.media import instances
from intake.rules import FILE, SEVERITIES, Rule, read_rules
from intake.store import Store, utc_now
from intake.store.audit import Witness
from intake.store.derived import FOLDER
from intake.store.division import Division
from intake.store.restriction import left_out
from intake.store.ring import CLASSES
from intake.study import Study
from intake.submission import Submission
from intake.tables import published_forms, sheet_tables, tables
from intake.unjudged import fair, unjudged
from intake.versions import RENAMES, read_renames
from validation.errors import UsageError
from validation.form import Form
from validation.layout import Table, layout
from validation.messages import say
from validation.schema import Report, check

Progress = Callable[[str], None]

SHOWN = 50
"""Problems that the text prints of one form; HTML and JSON have all."""


@dataclass(frozen=True, slots=True)
class FormCheck:
    """What was found in the records of one version of a form. `entries` counts rows of its repeats."""

    form: Form
    records: int
    entries: int
    failed: int
    problems: tuple[Finding, ...]
    closed: int = 0
    """Questions that the login may not read: neither they nor rules that read them were judged."""


@dataclass(frozen=True, slots=True)
class RulesCheck:
    """What the rules between records found. `counts` are those of `intake.crosscheck.RuleRun`."""

    hits: tuple[RuleHit, ...] = ()
    counts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COUNT_COLUMNS)))

    def of(self, severity: str) -> int:
        """How many hits are of a severity."""
        return sum(hit.rule.severity == severity for hit in self.hits)

    @property
    def skipped(self) -> dict[str, str]:
        """{rule: table that the study does not have} of the rules that were not judged."""
        return {str(rule): str(table) for rule, table in self.counts[["rule", "skipped"]].to_numpy() if table}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of a check, by form and version. `as_of` is when the last record was received; None: none was."""

    title: str
    demo: bool
    zone: str
    as_of: dt.datetime | None
    forms: tuple[FormCheck, ...]
    rules: RulesCheck = field(default_factory=RulesCheck)
    not_judged: tuple[Note, ...] = ()
    """What of an export could not be judged, and why."""

    @property
    def ok(self) -> bool:
        """True where nothing has to be mended: warnings and notes of rules may stand."""
        return not any(each.problems for each in self.forms) and not self.rules.of(SEVERITIES[0])

    @property
    def records(self) -> int:
        return sum(each.records for each in self.forms)

    def summary(self, language: str = "de") -> str:
        """One or two sentences: how much was checked, how much is wrong."""
        if not self.records:
            return say("check.nothing", language)
        forms = len({each.form.id for each in self.forms if each.records})
        failures = sum(len(each.problems) for each in self.forms)
        if not failures and not self.rules.hits:
            return say("check.all_good", language, records=self.records, forms=forms)
        said = say("check.some_bad", language, records=self.records, forms=forms,
                   failed=sum(each.failed for each in self.forms), failures=failures)  # fmt: skip
        if not self.rules.hits:
            return said
        numbers = {severity: self.rules.of(severity) for severity in SEVERITIES}
        return f"{said} {say('check.rules_found', language, rules=len(self.rules.counts), **numbers)}"

    def to_text(self, language: str = "de") -> str:
        """For the terminal: the summary, and up to SHOWN problems of each form."""
        lines = [f"{say('check.title', language)}: {self.title}", self.summary(language)]
        for each in self.forms:
            said = [
                (problem.where(each.form, language), problem.what(each.form, language)) for problem in each.problems
            ]
            lines += _listed(f"{each.form.title} ({each.form.version})", said, language)
            if each.closed and each.records:
                lines += ["", say("check.closed", language, form=each.form.title, questions=each.closed)]
        for severity in SEVERITIES:
            hits = [hit for hit in self.rules.hits if hit.rule.severity == severity]
            title = f"{say('check.rules', language)}: {say(f'check.severity_{severity}', language)}"
            lines += _listed(title, [(hit.where(language), hit.what(language)) for hit in hits], language)
        for rule, table in self.rules.skipped.items():
            lines += ["", say("check.rule_skipped", language, rule=rule, table=table)]
        lines += [note.text(language) for note in self.not_judged]
        return "\n".join(lines)

    def as_dict(self, language: str = "de") -> dict[str, object]:
        """For a program: everything, with the sentences in a language."""
        return {
            "study": self.title,
            "demo": self.demo,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "ok": self.ok,
            "not_judged": [note.text(language) for note in self.not_judged],
            "forms": [
                {
                    "form": found.form.id,
                    "title": found.form.title,
                    "version": found.form.version,
                    "hash": found.form.hash,
                    "records": found.records,
                    "entries": found.entries,
                    "failed": found.failed,
                    "closed": found.closed,
                    "problems": [
                        {
                            "table": problem.table,
                            "key": problem.key,
                            "case": problem.where(found.form, language),
                            "nodeset": problem.nodeset,
                            "column": problem.column,
                            "rule": problem.rule,
                            "message": problem.what(found.form, language),
                        }
                        for problem in found.problems
                    ],
                }
                for found in self.forms
            ],
            "rules": {
                "judged": {rule: int(rows) for rule, rows in self.rules.counts[["rule", "judged"]].to_numpy()},
                "skipped": self.rules.skipped,
                "problems": [
                    {
                        "table": hit.finding.table,
                        "key": hit.finding.key,
                        "case": hit.where(language),
                        "nodeset": hit.finding.nodeset,
                        "column": hit.finding.column,
                        "rule": hit.rule.name,
                        "severity": hit.rule.severity,
                        "owner": hit.rule.owner,
                        "message": hit.what(language),
                    }
                    for hit in self.rules.hits
                ],
            },
        }

    def to_json(self, path: Path | str, language: str = "de") -> None:
        """Write `as_dict` as UTF-8 JSON. UsageError where the file cannot be written."""
        _write(Path(path), json.dumps(self.as_dict(language), ensure_ascii=False, indent=2) + "\n")

    def to_html(self, path: Path | str, language: str = "de") -> None:
        """Write one self-contained page. UsageError where the file cannot be written."""
        from intake.checkpage import page

        _write(Path(path), page(self, language))


def check_study(study: Study, *, progress: Progress | None = None) -> CheckReport:
    """Check every record of a study, each with the version of the form it names.

    `progress` is told in German what is being read. Nothing is changed; whose processing is restricted is left
    out. StoreError and StudyError as store and study.
    """
    with study.store() as store:
        return check_store(
            store, title=study.title, demo=study.demo, zone=study.zone, progress=progress, copies=study.dir / FOLDER,
            directory=study.dir,
        )  # fmt: skip


def check_store(
    store: Store,
    *,
    title: str,
    demo: bool = False,
    zone: str,
    progress: Progress | None = None,
    copies: Path | None = None,
    directory: Path | None = None,
    now: dt.datetime | None = None,
) -> CheckReport:
    """As `check_study`, for an opened store; `copies` is the directory of its derived copies, None for none.

    `directory` is where the study's rules, lists and renamings are, None for none; `now` the time of the rules, None
    for the computer's.
    """
    rules = () if directory is None else read_rules(directory / FILE)  # refused before anything is read
    forms, witness, gone = published_forms(store), Witness(store), left_out(store)
    sheets: dict[str, Sheets] = {}
    checks = []
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
        checks.append(_checked(form, _readable(form, frames, store.classes), ended, zone, published.lists))
    between = RulesCheck()
    if directory is not None and rules:
        if progress is not None:
            progress(say("check.rules"))
        between = _between(rules, forms, sheets, directory, zone=zone, now=now or utc_now())
    return CheckReport(title, demo, zone, store.last_received(), tuple(checks), between)


def _between(
    rules: Sequence[Rule], forms: Mapping[str, Sequence[Form]], sheets: Mapping[str, Sheets], directory: Path,
    *, zone: str, now: dt.datetime,
) -> RulesCheck:  # fmt: skip
    """The rules over the tables of every form, all versions together."""
    frames: dict[str, pd.DataFrame] = {}
    of_table: dict[str, tuple[Form, dict[str, Table]]] = {}
    for form_id, (newest, *earlier) in forms.items():
        renames = read_renames(directory / RENAMES, form_id)
        made = sheet_tables(newest, sheets[form_id], earlier=earlier, zone=zone, renames=renames)
        frames |= made
        of_table |= dict.fromkeys(made, (newest, layout(newest)))
    newest_forms = [versions[0] for versions in forms.values()]
    run = run_rules(rules, frames, now=now, zone=zone, lists=read_lists(directory), forms=newest_forms)
    return RulesCheck(_hits(rules, run, frames, of_table), run.counts)


def _hits(
    rules: Sequence[Rule], run: RuleRun, frames: Mapping[str, pd.DataFrame],
    of_table: Mapping[str, tuple[Form, dict[str, Table]]],
) -> tuple[RuleHit, ...]:  # fmt: skip
    by_name = {rule.name: rule for rule in rules}
    failures = [tuple(str(value) for value in row[:5]) for row in run.hits[list(HIT_COLUMNS)].to_numpy()]
    faulty = {(key, column) for _, key, _, column, _ in failures}
    names: dict[str, dict[str, str]] = {}
    hits = []
    for table, key, nodeset, column, rule in failures:
        form, shapes = of_table[table]
        if form.id not in names:
            root = next(iter(shapes.values()))
            names[form.id] = case_names(frames[root.name], root, faulty)
        finding = found(shapes, (table, key, nodeset, column, rule), names[form.id])
        hits.append(RuleHit(finding, form, by_name[rule]))
    return tuple(hits)


def check_submissions(
    form: Form, submissions: Sequence[Submission], *, zone: str, files: Mapping[str, bytes] | None = None
) -> FormCheck:
    """Check records of one version of a form. now() of a record without an end time is when its interview ended.

    `files` are those a frozen form keeps: its choices may come from them.
    """
    ended = {each.id: each.ended for each in submissions}
    return _checked(form, tables(form, submissions, zone=zone), ended, zone, files or {})


def _readable(form: Form, frames: dict[str, pd.DataFrame], classes: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables without the questions that a login of these classes may not read."""
    if set(classes) >= set(CLASSES):
        return frames
    division = Division(form)
    closed = {
        name: [column.name for column in table.columns if division.class_of(column.nodeset) not in classes]
        for name, table in layout(form).items()
    }
    return {name: frame.drop(columns=closed.get(name, []), errors="ignore") for name, frame in frames.items()}


def _checked(
    form: Form, frames: dict[str, pd.DataFrame], ended: Mapping[str, dt.datetime], zone: str, files: Mapping[str, bytes]
) -> FormCheck:
    report = check(form, frames, default_now=ended, zone=zone, instances=instances(form, files))
    shapes = layout(form)
    root = next(iter(shapes.values()))
    closed = sum(column.name not in frames[name] for name, table in shapes.items() for column in table.columns)
    if closed:
        report = fair(form, frames, report, unjudged(form, frames, as_answered=True))
        root = replace(root, columns=tuple(column for column in root.columns if column.name in frames[root.name]))
    problems = _problems(shapes, frames[root.name], root, report)
    return FormCheck(
        form=form,
        records=len(ended),
        entries=sum(len(frame) for name, frame in frames.items() if name != root.name),
        failed=len({problem.record for problem in problems if problem.key}),
        problems=problems,
        closed=closed,
    )


def _problems(shapes: dict[str, Table], records: pd.DataFrame, root: Table, report: Report) -> tuple[Finding, ...]:
    failures = [tuple(str(value) for value in row[:5]) for row in report.failures.to_numpy()]
    names = case_names(records, root, {(key, column) for _, key, _, column, _ in failures})
    return tuple(found(shapes, (table, key, nodeset, column, rule), names)
                 for table, key, nodeset, column, rule in failures)  # fmt: skip


def _listed(title: str, said: Sequence[tuple[str, str]], language: str) -> list[str]:
    """A heading and up to SHOWN lines; nothing where there is nothing to say."""
    if not said:
        return []
    more = [f"  {say('check.more', language, count=len(said) - SHOWN)}"] if len(said) > SHOWN else []
    return ["", title, *(f"  {where}: {what}" for where, what in said[:SHOWN]), *more]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError("check.not_writable", path=path) from error
