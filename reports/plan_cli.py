"""The commands around the plan of a case: `lotsenbuch plan`, `plan handover`, `report barriers`, `report fill`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from intake.cli import StudyOption, chosen, help_of, out, progress, words
from validation.messages import say

if TYPE_CHECKING:
    from reports.plan.making import Made
    from reports.plan.snapshot import Kept

DEFAULT = "print"


class _CaseFirst(TyperGroup):
    """A group where what is no command of it is a case: `plan P-000001` is `plan print P-000001`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


plan_app = typer.Typer(no_args_is_help=True, cls=_CaseFirst, help=words("cli.plan"))
case_reports_app = typer.Typer()

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", show_default=False)]
LanguageOption = Annotated[str, typer.Option("--said", metavar="de|en", help=words("plan.option_said"))]
OutputOption = Annotated[Path | None, typer.Option("--output", metavar="FILE|DIR", help=words("plan.option_output"))]


@plan_app.command(DEFAULT, help=help_of("plan", "lotsenbuch plan print P-000430 --record --study demo"))
def plan(
    case: CaseArgument,
    study: StudyOption = Path(),
    language: Annotated[str | None, typer.Option("--language", help=words("plan.option_language"))] = None,
    record: Annotated[bool, typer.Option("--record", help=words("plan.option_record"))] = False,
    diff: Annotated[bool, typer.Option("--diff", help=words("plan.option_diff"))] = False,
    listing: Annotated[bool, typer.Option("--list", help=words("plan.option_list"))] = False,
    output: OutputOption = None,
    said: LanguageOption = "de",
) -> None:
    from intake.study import open_study
    from reports.plan.making import compare, plans_of, print_plan

    opened, own = open_study(study), chosen(said)
    if listing:
        _list(plans_of(opened, case), own)
        return
    if diff:
        _diff(compare(opened, case, own), own)
    if not diff or record or output is not None:
        with progress() as bar:
            bar.add_task(say("cli.making_paper"))
            made = print_plan(opened, case, language=language, record=record, output=output)
        out.print(made.path)
        if record:
            _kept(made, own)


def _list(plans: tuple[Kept, ...], language: str) -> None:
    from reports.plan.making import day_of

    for each in plans:
        state = each.state
        fields = {"number": each.number, "day": day_of(each.day, language)}
        out.print(say("plan.listed", language, goals=len(state.goals), items=len(state.items), **fields))
    if not plans:
        out.print(say("plan.none_kept", language))


def _diff(made: Made, language: str) -> None:
    from reports.plan.making import day_of

    if made.before is None:
        out.print(say("plan.no_earlier", language))
        return
    out.print(say("plan.since", language, day=day_of(made.before.day, language)))
    for told in made.told:
        out.print(f"- {told[0]}", markup=False)
    if not made.told:
        out.print(say("plan.unchanged", language))


def _kept(made: Made, language: str) -> None:
    from reports.plan.making import day_of

    if made.kept is None:
        out.print(say("plan.same_day", language))
        return
    out.print(say("plan.kept", language, day=day_of(made.kept.day, language), number=made.kept.number))


@plan_app.command("handover", help=help_of("plan_handover", "lotsenbuch plan handover P-000430 --to jc --study demo"))
def handover(
    case: CaseArgument,
    to: Annotated[str, typer.Option("--to", metavar="AGENCY", help=words("plan.option_to"))],
    study: StudyOption = Path(),
    special: Annotated[bool, typer.Option("--special", help=words("plan.option_special"))] = False,
    output: OutputOption = None,
) -> None:
    from intake.study import open_study
    from reports.plan.handover import hand_out

    with progress() as bar:
        bar.add_task(say("cli.making_paper"))
        agency, path = hand_out(open_study(study), case, to, special=special, output=output)
    out.print(say("plan.handed_over", agency=agency, path=path))


@case_reports_app.command(
    "barriers",
    help=help_of("report_barriers", "lotsenbuch report barriers --municipality 08235007 --year 2022 --study demo"),
)
def barriers(
    municipality: Annotated[str, typer.Option("--municipality", metavar="AGS", help=words("cli.option_municipality"))],
    year: Annotated[int, typer.Option("--year", help=words("cli.option_year"))],
    study: StudyOption = Path(),
    audience: Annotated[
        str, typer.Option("--audience", metavar="internal|council|public", help=words("plan.option_audience"))
    ] = "internal",
    language: Annotated[
        str, typer.Option("--language", metavar="de|en", help=words("cli.option_report_language"))
    ] = "de",
    to: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=words("cli.option_out"))] = None,
) -> None:
    from intake.study import open_study
    from reports.plan.barriers import make_barriers

    opened, own = open_study(study), chosen(language)
    with progress() as bar:
        bar.add_task(say("cli.making_paper"))
        path = make_barriers(opened, municipality, year, audience=audience, language=own, out=to)
    out.print(path)


@case_reports_app.command(
    "fill",
    help=help_of(
        "report_fill", "lotsenbuch report fill antrag.docx P-000430 --mapping antrag.csv --out ausgefuellt --study demo"
    ),
)
def fill(
    template: Annotated[Path, typer.Argument(metavar="TEMPLATE", show_default=False)],
    case: CaseArgument,
    mapping: Annotated[Path, typer.Option("--mapping", metavar="FILE.csv", help=words("fill.option_mapping"))],
    to: Annotated[Path, typer.Option("--out", metavar="DIR", help=words("fill.option_out"))],
    study: StudyOption = Path(),
) -> None:
    from intake.study import open_study
    from reports.filling.making import fill_template

    out.print(fill_template(open_study(study), template, case, mapping, to))
