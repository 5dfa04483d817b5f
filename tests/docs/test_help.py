"""Every command has a help in both languages with an example, and the example runs."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from scenario.commands import run, serve_and_ask

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "demo",
    "new",
    "interview",
    "check",
    "due",
    "import",
    "pull central",
    "pull kobo",
    "form check",
    "form publish",
    "form convert",
    "form paper",
    "form codebook",
    "form diff",
    "form simulate",
    "report annual",
    "report batch",
    "report quality",
    "report survey",
    "report consistency",
    "report barriers",
    "report fill",
    "report municipal-plan",
    "report registers",
    "plan print",
    "plan handover",
    "register",
    "register load",
    "export",
    "review update",
    "review list",
    "review show",
    "review answer",
    "review close",
    "review waive",
    "review lock",
    "review unlock",
    "store backup",
    "store restore",
    "store anchor",
    "store verify",
    "store doctor",
    "store erase",
    "store withdraw",
    "store restrict",
    "store retention",
    "store access",
    "store handover",
    "store init",
    "store verify-grants",
    "store team add",
    "store team join",
    "store team list",
    "store team remove",
    "store way list",
    "store way add",
    "store way remove",
    "store passphrase",
    "store recovery",
    "store rekey",
    "store unlock",
    "store push",
    "store audit",
    "store login list",
    "store login add",
    "store login remove",
)
GROUPS = ("form", "report", "plan", "review", "store", "store way", "store login", "store team", "pull")
NEED_A_SERVER = ("store init", "store verify-grants", "store team", "pull")
"""Their examples run in `tests/intake/store/postgres/test_commands.py`, resp. `tests/intake/test_pull.py`."""
TYPED = {"store passphrase": "vier Wörter am Montag\n"}
RULES = "demo/rules.csv"
A_RULE = "probe,stelle,stelle-id,each,false(),warning,team,Probe,Probe,,"
A_QUERY = f"sh -c 'grep -q ^probe, {RULES} || (echo \"{A_RULE}\" >> {RULES}; lotsenbuch review update --study demo)'"
SURVEY = Path(__file__).parents[1] / "scenario" / "survey_made.py"
OFFICE = Path(__file__).parents[1] / "scenario" / "office_forms.py"
A_UNIT = "%s20260331%-8s    %-150s"
A_REGISTER = (
    'sh -c \'lotsenbuch new meine-studie --municipality "08235007 Althengstett"; '
    f'printf "{A_UNIT}\\n{A_UNIT}\\n" 40 08235 Calw 60 08235007 Althengstett > GV100AD.txt\''
)
A_PLAN = f"env PYTHONPATH={ROOT}:{ROOT / 'tests'} {sys.executable} -m scenario.town_plan demo"
FIRST = {
    "report municipal-plan": A_PLAN,
    "report fill": f"{sys.executable} {OFFICE} .",
    "plan handover": f"{sys.executable} {OFFICE} . demo P-000430",
    "report consistency": f"cp {ROOT}/tests/reports/fixtures/published_closing.csv zahlen.csv",
    "report survey": f"{sys.executable} {SURVEY} .",
    "report quality": 'lotsenbuch new meine-studie --municipality "08235007 Althengstett"',
    "register load": A_REGISTER,
    "review show": A_QUERY,
    "review answer": A_QUERY,
    "review close": A_QUERY,
    "review waive": A_QUERY,
    "review unlock": "lotsenbuch review lock P-000011 --study demo",
    "store restore": "lotsenbuch store backup sicherung.lbb --study demo",
    "store handover": "sh -c 'echo P-000430 > faelle.txt'",
    "store push": 'lotsenbuch new unterwegs --municipality "08235007 Althengstett"',
    "store way remove": "lotsenbuch store way add file --output zweiter.key --label zweiter --study demo",
    "store login remove": "lotsenbuch store login add Vertretung --way file --output vertretung.key --study demo",
}
"""What an example needs that another one makes; it may be there already."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, demo_built: Path) -> Path:
    where = tmp_path_factory.mktemp("desk")
    shutil.copytree(demo_built, where / "demo")
    shutil.copytree(ROOT / "data" / "forms", where / "forms")
    shutil.copytree(ROOT / "data" / "lists", where / "lists")
    return where


def listed(text: str) -> set[str]:
    """The commands a help lists."""
    return set(re.findall(r"^[│|]\s*([a-z][a-z-]*)\s{2,}\S", text, flags=re.MULTILINE))


def test_the_list_of_commands_is_the_list_of_the_program(tmp_path: Path) -> None:
    top = run("lotsenbuch --help", tmp_path)
    assert top.code == 0
    assert listed(top.out) == {command.split()[0] for command in COMMANDS}
    for group in GROUPS:
        text = run(f"lotsenbuch {group} --help", tmp_path).out
        inside = [command.removeprefix(f"{group} ") for command in COMMANDS if command.startswith(f"{group} ")]
        assert listed(text) == {command.split()[0] for command in inside}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_help_speaks_german_first_then_english_and_its_example_runs(command: str, desk: Path) -> None:
    text = run(f"lotsenbuch {command} --help", desk).out
    found = re.search(r"Beispiel / Example: (lotsenbuch [^│\n]+)", text)
    assert found, text
    line = found.group(1).strip()
    assert line.startswith(f"lotsenbuch {command}")
    if command.startswith(NEED_A_SERVER):
        return
    if command == "interview":
        assert serve_and_ask(f"{line} --port 0", desk) == 200
    else:
        if command in FIRST:
            run(FIRST[command], desk)
        done = run(line, desk, typed=TYPED.get(command, ""))
        assert done.code == 0, (line, done.out, done.err)


@pytest.mark.parametrize(
    "line",
    [
        "lotsenbuch no-such-command",
        "lotsenbuch check --no-such-option",
        "lotsenbuch report annual --municipality 08235007 --year zweitausend",
        "lotsenbuch report annual --municipality 08235007 --year 2022 --language xx --study demo",
        "lotsenbuch form convert forms/austritt.md austritt.pdf",
    ],
)
def test_called_wrongly_exits_2_without_a_traceback(line: str, desk: Path) -> None:
    done = run(line, desk)
    assert done.code == 2, (done.out, done.err)
    assert "Traceback" not in done.out + done.err
