"""A study whose store is a team's, and people who took their invitation at this computer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from intake.store import utc_now
from intake.store.postgres.entering import invited, join
from intake.store.ways import Cost, Secret
from intake.study import create_study
from scenario.cases import CASE
from scenario.interview import workbook
from scenario.team import Team, make_account

TODAY = date(2026, 3, 2)
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
FORM = CASE.format(pseudonym="general", number="general")


def team_study(directory: Path, address: str) -> Path:
    """A study directory that names the store at an address, with the form 'aufnahme' and no store of its own."""
    made = create_study(directory)
    for file in (made.key_path, *directory.glob("store.db*"), *(directory / "forms").glob("*")):
        file.unlink()
    workbook(directory / "forms", FORM, "aufnahme.md")
    settings = directory / "study.toml"
    text = settings.read_text(encoding="utf-8").replace('store = "store.db"', f'store = "{address}"')
    text = re.sub(r"^forms = \[[^\]]*\]", 'forms = ["aufnahme"]', text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    return directory


def joined(team: Team, role: str, words: str, *towns: str) -> str:
    """Somebody with an account who took the invitation at this computer; the store's address for them."""
    account = f"{team.database}_frau_{role}"
    with team.open(team.officer, utc_now) as officer:
        made = invited(officer, f"Frau {role}", role, account=account, municipalities=towns, today=TODAY)
    make_account(team.cluster.dsn(team.database), role, account)
    address = f"postgresql://{account}@/{team.database}?host={team.cluster.directory}"
    join(address, made.content, made.code, Secret.passphrase(words), today=TODAY, cost=CHEAP)
    return address
