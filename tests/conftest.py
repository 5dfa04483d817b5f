"""Fixtures every test may use live in `scenario/`; this file only makes them known to pytest."""

pytest_plugins = ["scenario.demo", "scenario.driver", "scenario.postgresql"]
