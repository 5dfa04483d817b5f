"""Makes a survey study with invented questionnaires, as a program: `python survey_made.py DIR` makes DIR/befragung."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
INVITED = "form,question,value,invited\nakteure,,,83\n"
POPULATION = "form,question,value,population\nakteure,kennt_plan,ja,2\nakteure,kennt_plan,nein,3\n"


def make(place: Path, number: int = 60) -> None:
    """The shipped survey with so many questionnaires of institutions."""
    from intake.interview.alone.desk import day_clock
    from intake.publishing import publish_all
    from intake.selfcompletion import AUTHOR
    from intake.simulate import simulate
    from intake.study import create_study

    study = create_study(place, template="befragung", demo=True)
    clock = day_clock(study.tz)
    with study.store(clock=clock) as store:
        publish_all(study, store)
        for each in simulate(study.form("akteure", store), number, 1, clock()):
            store.append(replace(each, author=AUTHOR))
    (place / "einladungen.csv").write_text(INVITED, encoding="utf-8")
    (place / "randsummen.csv").write_text(POPULATION, encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    where = Path(sys.argv[1]) / "befragung"
    if not where.exists():
        make(where)
