"""The command `lotsenbuch form codebook`. Library first; it is one call and its words.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.cli import LanguageOption, StudyOption, chosen, help_of, out, progress, words
from validation.messages import say

codebook_app = typer.Typer()


@codebook_app.command(
    "codebook",
    help=help_of("form_codebook", "lotsenbuch form codebook austritt --study demo --data --out codebuch.html"),
)
def form_codebook(
    form: Annotated[str, typer.Argument(metavar="FILE|FORM-ID", show_default=False)],
    study: StudyOption = Path(),
    data: Annotated[bool, typer.Option("--data", help=words("cli.option_codebook_data"))] = False,
    output: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=words("cli.option_codebook_out"))] = None,
    language: LanguageOption = "de",
) -> None:
    from reports.codebook.making import codebook_of

    chosen(language)
    with progress() as bar:
        task = bar.add_task(say("codebook.counting", language), visible=data)
        made = codebook_of(
            form, study, data=data, language=language, progress=lambda done: bar.update(task, completed=done)
        )
    path = made.write(output, language)
    questions = sum(bool(entry.number) for entry in made.codebook.entries)
    out.print(say("codebook.done", language, path=path, questions=questions, entries=len(made.codebook.entries)))
