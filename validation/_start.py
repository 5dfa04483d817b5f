"""The command `lotsenbuch`: refuses a colliding distribution, then imports and runs the real one.

The package index has distributions called `intake`, `validation` and `reports`, which install packages of the same
names over ours. Whoever has one beside Lotsenbuch would run a mixture of two programs. Only the command refuses;
an import never does. The sentence stands here and not in the catalogue, because the catalogue may be overwritten too.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution

COLLIDING = ("intake", "validation", "reports")


def colliding() -> list[str]:
    """Names of installed distributions whose packages would lie over ours."""
    return [name for name in COLLIDING if _installed(name)]


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def main() -> None:
    """Entry point of the console script. Exits 2 with the remedy when a distribution collides."""
    names = colliding()
    if names:
        listed = " ".join(names)
        print(  # noqa: T201 - this is the command's own output
            f"Lotsenbuch startet nicht: Das fremde Paket {listed} überschreibt Teile davon. Bitte eine eigene Umgebung "
            f"verwenden oder eingeben: pip uninstall {listed} && pip install --force-reinstall --no-deps lotsenbuch\n"
            f"Lotsenbuch does not start: the foreign package {listed} overwrites parts of it. Use an environment of "
            f"its own, or type the command above.",
            file=sys.stderr,
        )
        raise SystemExit(2)
    run: Callable[[], None] = importlib.import_module("reports.cli").main
    run()
