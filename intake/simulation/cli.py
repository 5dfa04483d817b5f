"""The command `lotsenbuch form simulate`. Library first; it is one call and its words.

Nobody imports this file but the command line of `reports`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from intake.cli import JsonOption, help_of, out, progress, words
from validation.messages import say

simulate_app = typer.Typer()


@simulate_app.command(
    "simulate", help=help_of("form_simulate", "lotsenbuch form simulate forms/austritt.md --out probe")
)
def simulate(
    form: Annotated[Path, typer.Argument(metavar="FORM", show_default=False)],
    target: Annotated[Path, typer.Option("--out", metavar="DIR|FILE.jsonl", help=words("simulate.option_out"))],
    number: Annotated[int, typer.Option("-n", "--number", min=1, help=words("simulate.option_number"))] = 100,
    seed: Annotated[int, typer.Option("--seed", help=words("simulate.option_seed"))] = 1,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=50, help=words("simulate.option_rounds"))] = 1,
    day: Annotated[str | None, typer.Option("--on", metavar="DAY", help=words("simulate.option_on"))] = None,
    faults: Annotated[bool, typer.Option("--faults", help=words("simulate.option_faults"))] = False,
    as_json: JsonOption = False,
) -> None:
    from intake.simulation.writing import write_simulated

    with progress() as bar:
        task = bar.add_task(say("simulate.task"), total=number * rounds)
        made = write_simulated(
            form, target, number=number, seed=seed, rounds=rounds, day=day, faults=faults,
            progress=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(made.as_dict()))
        return
    out.print(say("simulate.done", records=made.records, form=made.form, day=made.day, seed=made.seed, target=target))
    for name, rows in made.tables.items():
        out.print(f"  {name}: {rows}")
    for label in made.never:
        out.print(f"  {say('simulate.never', question=label)}")
    if faults:
        out.print(say("simulate.planted", faults=sum(made.planted.values()), kinds=len(made.planted)))
