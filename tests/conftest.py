"""Fixtures every test may use live in `scenario/`; this file only makes them known to pytest."""

from hypothesis import settings

pytest_plugins = ["scenario.demo", "scenario.driver", "scenario.postgresql"]

settings.register_profile("patient", deadline=None)  # a busy computer is no failure
settings.load_profile("patient")
