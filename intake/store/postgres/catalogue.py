"""What the server's catalogue says about a team's store: who may do what, by which code, under which rules.

Names of the store's roles are written '<manager>', so that two stores can be compared. What the owner may do is left
out (it may do everything, and nobody is the owner), and so is what every server of this version has.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TypeAlias

from intake.store.postgres.connection import Administration

Facts: TypeAlias = dict[str, dict[str, str]]
"""{kind: {name: what is so}}"""

_MADE = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_ACL = """coalesce((
    SELECT string_agg(coalesce(g.rolname, 'PUBLIC') || ' ' || lower(a.privilege_type)
                      || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', '
                      ORDER BY coalesce(g.rolname, 'PUBLIC') COLLATE "C", a.privilege_type)
    FROM aclexplode(coalesce({}, acldefault('{}', {}))) AS a
    LEFT JOIN pg_roles AS g ON g.oid = a.grantee WHERE a.grantee <> {}), '')"""


@functools.cache
def _questions() -> Mapping[str, str]:
    """{kind of fact: what the catalogue is asked}."""
    text = files("intake.store").joinpath("sql", "postgres", "catalogue.sql").read_text(encoding="utf-8")
    text = re.sub(r"@acl\(([\w.]+), (\w), ([\w.]+)\)", lambda found: _ACL.format(*found.groups(), found[3]), text)
    parts = re.split(r"^-- == (.+)$", text.replace("@made", _MADE), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def facts(database: Administration, groups: Mapping[str, str], accounts: Mapping[str, str]) -> Facts:
    """Everything the catalogue says. `groups` are the names of the store's roles, `accounts` maps those of people to
    their roles. A person's account is written '<person>' with its role."""
    names = {name: f"<{role}>" for role, name in groups.items()}
    wanted = {"names": [*groups.values(), *accounts], "groups": list(groups.values())}
    found: Facts = {}
    for kind, question in _questions().items():
        asks = "%(" in question
        rows = database.execute(question, wanted if asks else ())
        found[kind] = {_shown(str(name), names): _shown(str(said), names) for name, said in rows}
    return found


def _shown(text: str, names: Mapping[str, str]) -> str:
    for name in names:
        text = re.sub(rf'"{re.escape(name)}"|(?<![\w-]){re.escape(name)}(?![\w-])', names[name], text)
    return text
