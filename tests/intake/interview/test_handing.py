"""What opens the store reaches the kernels of our own server and nobody else, and lies nowhere meanwhile."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from intake.interview.handing import HANDED, descends, handed_over, handing_over
from intake.store.ways import Unlocked
from validation.errors import StoreError

UNLOCKED = Unlocked("00112233445566aa", bytes(range(32)), bytes(range(32, 64)))
ROOT = Path(__file__).parents[3]
CHILD = (
    "import os; from intake.interview.handing import handed_over\n"
    "got = handed_over(os.environ['LOTSENBUCH_DOOR']); print(got.login, got.private.hex(), got.database.hex())\n"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="the other end is only known on Linux")


def asked(variables: dict[str, str], program: str = CHILD) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)


def test_a_descendant_gets_it_as_often_as_it_asks() -> None:
    with handing_over(UNLOCKED) as variables:
        assert set(variables) == {HANDED}
        assert UNLOCKED.private.hex() not in str(variables)
        grandchild = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}], check=True)"
        for program in (CHILD, CHILD, grandchild):
            done = asked(variables, program)
            assert done.stdout.split() == [UNLOCKED.login, UNLOCKED.private.hex(), UNLOCKED.database.hex()], done.stderr


def test_nothing_is_handed_over_where_nothing_needs_to_be() -> None:
    with handing_over(None) as variables:
        assert variables == {}


def test_only_this_user_may_enter_and_nothing_is_left() -> None:
    with handing_over(UNLOCKED) as variables:
        place = Path(variables[HANDED])
        if os.name == "posix":
            assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
            assert stat.S_ISSOCK(place.stat().st_mode)
    assert not place.parent.exists()
    with pytest.raises(StoreError, match="läuft nicht mehr"):
        handed_over(variables[HANDED])


@linux
def test_another_program_of_the_same_user_gets_nothing() -> None:
    """The one who asks here does not descend from the one who hands over: it is its parent."""
    program = (
        "from intake.interview.handing import handing_over; from intake.store.ways import Unlocked\n"
        "with handing_over(Unlocked('00', bytes(32), bytes(32))) as found:\n"
        "    print(found['LOTSENBUCH_DOOR'], flush=True); input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with pytest.raises(StoreError):
        handed_over(address)
    process.communicate("\n")
    assert process.returncode == 0


@linux
def test_who_descends_from_whom() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True)
    assert descends(child.pid, os.getpid())
    assert not descends(os.getpid(), child.pid)
    assert not descends(os.getppid(), os.getpid())
    child.communicate("\n")
    assert not descends(child.pid, os.getpid())
