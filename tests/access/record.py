"""Records what the catalogue of a team's store should say: `python tests/access/record.py` after a new migration.

Look at what changed in `intake/store/sql/postgres/catalogue.json` before you commit it: it is the promise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = ROOT / "intake" / "store" / "sql" / "postgres" / "catalogue.json"


def text(url: str) -> str:
    from intake.store.postgres.grants import recorded

    return json.dumps(recorded(url), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from scenario.postgresql import running
    from scenario.team import Team

    with running() as cluster:
        team = Team.new(cluster, clock="server")
        FILE.write_text(text(cluster.dsn(team.database)), encoding="utf-8")


if __name__ == "__main__":
    main()
