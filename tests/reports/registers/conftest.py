"""The study with hand-made registers, made once, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from intake.study import Study, open_study
from reports.disclosure import read_policy
from reports.disclosure.policy import CLASSES, Policy
from reports.registers.making import REGISTERS
from reports.registers.reading import Registers, Scope, read_registers
from scenario.lives import TOWNS
from scenario.register_records import DAY, register_study


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(register_study(tmp_path_factory.mktemp("registers") / "study").dir)


@pytest.fixture(scope="session")
def registers(study: Study) -> Registers:
    with study.store() as store:
        return read_registers(study, store, {form for each in REGISTERS.values() for form in each.forms})


@pytest.fixture
def scope(study: Study) -> Callable[..., Scope]:
    """A scope of the towns named, none: of both; `audience` 'public' protects."""

    def make(*towns: str, audience: str = "internal", **more: object) -> Scope:
        exact = Policy("internal", dict.fromkeys(CLASSES, 0))
        policy = exact if audience == "internal" else read_policy(study.dir / "disclosure.toml", audience)
        chosen = {ags: TOWNS[ags] for ags in (towns or TOWNS)}
        made = Scope(DAY, chosen, policy, audience != "internal", names=TOWNS)
        return replace(made, **more)  # type: ignore[arg-type]  # fields by name

    return make
