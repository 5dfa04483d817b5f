"""The commands that make reports, and `main`: composes the command `lotsenbuch` and turns refusals into sentences."""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.cli import JsonOption, StudyOption, app, chosen, form_app, help_of, out, progress, words
from intake.due_cli import due_app
from intake.exchange.in_cli import in_app
from intake.exchange.out_cli import export_app
from intake.formdiff.cli import formdiff_app
from intake.register_cli import load_app
from intake.review_cli import review_app
from intake.simulation.cli import simulate_app
from intake.store.cli import store_app
from intake.store.rights import register_app, rights_app
from intake.store.safekeeping import safekeeping_app
from intake.store.sharing import sharing_app
from reports.codebook_cli import codebook_app
from reports.consistency_cli import consistency_app
from reports.misuse import CalledWrongly, told
from reports.municipal_plan_cli import municipal_plan_app
from reports.plan_cli import case_reports_app, plan_app
from reports.quality_cli import quality_app
from reports.registers_cli import registers_app
from reports.survey_cli import survey_app
from validation.errors import LotsenbuchError, UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study
    from reports.factory.batch import BatchResult

report_app = typer.Typer(no_args_is_help=True, help=words("cli.report"))
app.add_typer(report_app, name="report")
report_app.add_typer(quality_app)
report_app.add_typer(consistency_app)
report_app.add_typer(survey_app)
report_app.add_typer(case_reports_app)
report_app.add_typer(municipal_plan_app)
report_app.add_typer(registers_app)
form_app.add_typer(codebook_app)
form_app.add_typer(simulate_app)
form_app.add_typer(formdiff_app)
store_app.add_typer(safekeeping_app)
store_app.add_typer(rights_app)
store_app.add_typer(sharing_app)
app.add_typer(plan_app, name="plan")
register_app.add_typer(load_app)
app.add_typer(register_app, name="register")
app.add_typer(export_app)
app.add_typer(store_app, name="store")
app.add_typer(in_app)
app.add_typer(due_app)
app.add_typer(review_app, name="review")

DEMO_YEAR = 2022
QUALITY = "DEMO-pruefbericht"
AgsOption = Annotated[str, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))]
SeveralAgsOption = Annotated[
    list[str] | None, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))
]
YearOption = Annotated[int, typer.Option("--year", help=words("cli.option_year"))]
TextOption = Annotated[str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="DIR", help=words("cli.option_out"))]
AllOption = Annotated[bool, typer.Option("--all", help=words("cli.option_all"))]
DirOption = Annotated[Path, typer.Option("--dir", metavar="DIR", help=words("cli.option_dir"))]


@report_app.command(
    "annual", help=help_of("report_annual", "lotsenbuch report annual --municipality 08235007 --year 2022 --study demo")
)
def annual(
    municipality: AgsOption,
    year: YearOption,
    study: StudyOption = Path(),
    language: TextOption = "de",
    to: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    from intake.study import open_study
    from reports.annual import AnnualParameters, build

    parameters = AnnualParameters(municipality, year, language)
    opened = open_study(study)
    with progress() as bar:
        bar.add_task(say("cli.making_report", name=municipality))
        built = build(opened, parameters, out=to or opened.reports)
    if as_json:
        typer.echo(json.dumps({"html": str(built.html), "pdf": str(built.pdf)}))
    else:
        out.print(built.html)
        out.print(built.pdf)


@report_app.command("batch", help=help_of("report_batch", "lotsenbuch report batch --year 2022 --all --study demo"))
def batch(
    year: YearOption,
    study: StudyOption = Path(),
    municipality: SeveralAgsOption = None,
    everyone: AllOption = False,
    language: TextOption = "de",
    to: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    from intake.study import open_study

    if everyone == bool(municipality):
        raise UsageError("cli.batch_whom")
    opened = open_study(study)
    result = _batch(opened, year, language, to or opened.reports, municipality)
    if as_json:
        typer.echo(json.dumps(result.to_json()))
    else:
        _print_result(result)
    if not result.ok:
        raise typer.Exit(1)


def _batch(study: Study, year: int, language: str, to: Path, municipalities: list[str] | None) -> BatchResult:
    from reports.factory.batch import run_batch

    with progress() as bar:
        task = bar.add_task("")

        def show(done: int, total: int, name: str) -> None:
            bar.update(task, description=f"{say('cli.making_report', name=name)} ({done + 1}/{total})")

        return run_batch(study, year=year, language=language, municipalities=municipalities, out=to, progress=show)


def _print_result(result: BatchResult) -> None:
    """A row per town: made, with the paths of its files; or not, with the reason. Never wrapped: paths are copied."""
    for outcome in result.outcomes:
        state = say("cli.made" if outcome.ok else "cli.failed")
        out.print(f"{outcome.municipality} {outcome.name}: {state}")
        files = (outcome.built.html, outcome.built.pdf) if outcome.built else (outcome.message(),)
        for line in files:
            out.print(f"  {line}")
    made = sum(outcome.ok for outcome in result.outcomes)
    out.print(say("cli.batch_done", made=made, asked=len(result.outcomes)))


@store_app.command(
    "access", help=help_of("store_access", "lotsenbuch store access P-000015 --out auskunft --study demo")
)
def access(
    person: Annotated[str, typer.Argument(metavar="PERSON", show_default=False)],
    to: Annotated[Path, typer.Option("--out", metavar="DIR", help=words("handover.option_out"))],
    study: StudyOption = Path(),
    language: Annotated[
        str, typer.Option("--language", metavar="de|en|ar|uk", help=words("cli.option_language"))
    ] = "de",
) -> None:
    from intake.study import open_study
    from reports.own_data import PAGE, export

    data = export(open_study(study), person, to, language=language)
    files = sum(len(record.files) for record in data.records)
    out.print(say("own_data.done", records=len(data.records), files=files, path=to / PAGE))


@store_app.command(
    "handover",
    help=help_of(
        "store_handover", "lotsenbuch store handover --cases faelle.txt --to Vertretung --out uebergabe --study demo"
    ),
)
def handover(
    to: Annotated[str, typer.Option("--to", metavar="NAME", help=words("handover.option_to"))],
    target: Annotated[Path, typer.Option("--out", metavar="DIR", help=words("handover.option_out"))],
    login: Annotated[str, typer.Option("--from", metavar="LOGIN", help=words("handover.option_from"))] = "",
    cases: Annotated[Path | None, typer.Option("--cases", metavar="FILE", help=words("handover.option_cases"))] = None,
    study: StudyOption = Path(),
    language: TextOption = "de",
) -> None:
    from intake.study import open_study
    from reports.handover import make_folder

    made = make_folder(open_study(study), target, to=to, cases=cases, login=login, language=chosen(language))
    out.print(say("handover.done", count=len(made.pages), to=to, path=made.index))


@form_app.command("paper", help=help_of("form_paper", "lotsenbuch form paper forms/erstgespraech.md --second en"))
def form_paper(
    form: Annotated[str | None, typer.Argument(metavar="FILE|FORM-ID", show_default=False)] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="NUMBER", help=words("cli.option_paper_case"))] = None,
    study: StudyOption = Path(),
    language: Annotated[str | None, typer.Option("--language", help=words("cli.option_paper_language"))] = None,
    second: Annotated[str | None, typer.Option("--second", help=words("cli.option_paper_second"))] = None,
    output: Annotated[Path | None, typer.Option("--output", help=words("cli.option_paper_output"))] = None,
    force: Annotated[bool, typer.Option("--force", help=words("cli.option_force"))] = False,
) -> None:
    from intake.study import FORM_SUFFIXES
    from reports.paper.making import blank_of, case_of

    if case is not None and form is not None and Path(form).suffix.lower() in FORM_SUFFIXES:
        raise UsageError("paper.case_of_file")
    with progress() as bar:
        bar.add_task(say("cli.making_paper"))
        if case is not None:
            printed = case_of(case, study, form, (language, second))
        elif form is not None:
            printed = blank_of(form, study, (language, second))
        else:
            raise UsageError("paper.what")
        path = printed.write(output, force=force)
    out.print(path)


@app.command("demo", help=help_of("demo", "lotsenbuch demo --dir demo"))
def demo(
    directory: DirOption = Path("demo"),
    persons: Annotated[int | None, typer.Option("--persons", help=words("cli.option_persons"))] = None,
    municipalities: Annotated[int | None, typer.Option("--municipalities", help=words("cli.option_towns"))] = None,
    seed: Annotated[int, typer.Option("--seed", help=words("cli.option_demo_seed"))] = 2022,
    as_json: JsonOption = False,
) -> None:
    from intake.demo import fill_demo, size_of
    from intake.study import SETTINGS, create_study, open_study

    size = size_of(persons, municipalities)
    exists = (directory / SETTINGS).is_file()
    study = open_study(directory) if exists else create_study(directory, demo=True)
    if not study.demo:
        raise UsageError("cli.demo_not_a_demo", directory=directory)
    with progress() as bar:
        task = bar.add_task(say("cli.demo_fill"))

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{say('cli.demo_fill')}: {what} {done}/{total}")

        summary = fill_demo(study, seed=seed, size=size, progress=show)
    reports = size is None  # of a Kreis: `lotsenbuch report batch`, where they are wanted
    made = _made_since(study, reports)
    if not made:
        _check_demo(study)
        result = _batch(study, DEMO_YEAR, "de", study.reports, None) if reports else None
        if result is not None and not result.ok:
            _print_result(result)
            raise typer.Exit(1)
        made = _demo_files(study, reports)
    if as_json:
        typer.echo(json.dumps({"records": summary.total, "files": [str(path) for path in made]}))
        return
    out.print(say("cli.demo_next", directory=directory))
    out.print(say("cli.demo_done", records=summary.total))
    for path in made:
        out.print(f"  {path}")


def _demo_files(study: Study, reports: bool) -> list[Path]:
    stems = [f"DEMO-jahresbericht-{ags}-{DEMO_YEAR}" for ags in study.municipalities] if reports else []
    return [study.reports / f"{stem}{suffix}" for stem in [*stems, QUALITY] for suffix in _suffixes(stem)]


def _suffixes(stem: str) -> tuple[str, ...]:
    return (".html", ".json") if stem == QUALITY else (".html", ".pdf")


def _made_since(study: Study, reports: bool) -> list[Path]:
    """The demo's files if all are there and nothing was stored after the oldest of them, else nothing."""
    files = _demo_files(study, reports)
    if not all(path.exists() for path in files):
        return []
    oldest = datetime.fromtimestamp(min(path.stat().st_mtime for path in files), UTC)
    with study.store() as store:
        last = store.last_received()
    return files if last is None or last < oldest else []


def _check_demo(study: Study) -> None:
    from intake.checking import check_study

    with progress() as bar:
        task = bar.add_task(say("cli.checking"))
        report = check_study(study, progress=lambda text: bar.update(task, description=text))
    study.reports.mkdir(exist_ok=True)
    report.to_html(study.reports / f"{QUALITY}.html")
    report.to_json(study.reports / f"{QUALITY}.json")


def main() -> None:
    """The command `lotsenbuch`. Exits 0 done, 1 the data or the form is wrong, 2 called wrongly.

    A refusal is one sentence on stderr. Anything else is a fault of ours: it is said with its kind and place in the
    program, without its text, because that text may hold an answer.
    """
    try:
        code = app(standalone_mode=False)
    except LotsenbuchError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None
    except CalledWrongly as error:
        sys.stderr.write(told(error) + "\n")
        raise SystemExit(2) from None
    except typer.Abort:
        sys.stderr.write(say("cli.aborted") + "\n")
        raise SystemExit(1) from None
    except OSError as error:
        sys.stderr.write(say("cli.system", reason=error.strerror or type(error).__name__) + "\n")
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001 - the last line of defence: never a traceback, it may hold answers
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        sys.stderr.write(say("cli.bug", what=type(error).__name__, where=where) + "\n")
        raise SystemExit(1) from None
    raise SystemExit(code if isinstance(code, int) else 0)
