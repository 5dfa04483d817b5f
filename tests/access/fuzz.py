"""SELECTs that nobody would write, made at random from everything that can be called or read, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from access.hostile import TABLES

_CALLS = (
    "entries({n})", "event_rows({n}, {kinds})", "content({numbers})", "carried({numbers})", "versions({submission})",
    "chosen({text}, {place}, {text})", "person_keys({subjects})", "persons({subjects})", "find_person({tag})",
    "files_of({submission})", "file_content({n}, 1)", "draft_rows({draft})", "draft_operations({draft}, 0)",
    "draft_files({draft})", "draft_file({draft}, 1)", "draft_keys()", "logins()", "held_by({text})", "heads()",
    "key_rows('{{special,general,identity}}')", "class_keys()", "last_received()", "safe_tables()", "form_rows(NULL)",
    "whoami()", "draft_closed({draft})", "form_file({text}, {text})",
)  # fmt: skip
_CATALOGUE = (
    "pg_stats", "pg_stat_activity", "pg_stat_user_tables", "pg_locks", "pg_roles", "pg_class", "pg_prepared_statements",
    "pg_stat_user_functions", "information_schema.columns", "pg_policies", "pg_statistic_ext_data", "pg_settings",
)  # fmt: skip
_SHAPES = (
    "SELECT * FROM {a} AS a", "SELECT a.*, b.* FROM {a} AS a, {b} AS b LIMIT 40", "SELECT row_to_json(a) FROM {a} AS a",
    "SELECT string_agg(a::text, ' ') FROM {a} AS a", "SELECT * FROM {a} AS a WHERE a::text LIKE '%{word}%'",
    "SELECT count(*), min(a::text), max(a::text) FROM {a} AS a", "SELECT (a::text)::int FROM {a} AS a",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM {a} AS a WHERE a::text > '{word}'",
    "COPY (SELECT * FROM {a} AS a) TO STDOUT",
    "SELECT 1 / (length(a::text) - length(a::text)) FROM {a} AS a",
    "SELECT * FROM {a} AS a FULL JOIN {b} AS b ON true LIMIT 40",
    "SELECT * FROM (SELECT * FROM {a}) AS a UNION ALL SELECT * FROM (SELECT * FROM {a}) AS b",
    "SELECT EXISTS (SELECT 1 FROM {a} AS a WHERE a::text ~ '{word}')",
    "WITH w AS MATERIALIZED (SELECT * FROM {a}) TABLE w",
    "SELECT query_to_xml($$SELECT * FROM {a}$$, true, true, '')", "SELECT a::text::xml FROM {a} AS a",
    "SELECT DISTINCT ON (a::text) a FROM {a} AS a ORDER BY a::text DESC",
    "SELECT json_object_agg(a::text, b::text) FROM {a} AS a, {b} AS b",
)  # fmt: skip


def selects(count: int, names: Mapping[str, str], seed: int = 1) -> Iterator[str]:
    """As many statements, which know the names of there."""
    chance = random.Random(seed)
    for _ in range(count):
        shape = chance.choice(_SHAPES)
        yield shape.format(
            a=_source(chance, names), b=_source(chance, names), word=chance.choice(["0", "a", "uuid", "_"])
        )


def _source(chance: random.Random, names: Mapping[str, str]) -> str:
    kind = chance.random()
    if kind < 0.7:
        call = chance.choice(_CALLS)
        return "lotsenbuch." + call.format(
            n=chance.choice(["0", "-1", names["event"], "2147483648", "NULL"]),
            kinds=chance.choice(["NULL", "'{submission}'", "ARRAY['access','submission']", "'{}'"]),
            numbers=chance.choice([f"ARRAY[{names['event']}]", "ARRAY(SELECT generate_series(0, 99))", "NULL", "'{}'"]),
            submission=chance.choice([f"'{names['submission']}'", "''", "NULL", "'%'"]),
            subjects=chance.choice([f"ARRAY['{names['subject']}']", "ARRAY[repeat('0', 32)]", "NULL"]),
            tag=chance.choice([f"decode('{names['tag']}', 'hex')", "NULL", "''"]),
            draft=chance.choice([f"'{names['draft']}'", "NULL", "''"]),
            place=chance.choice([f"'{names['there']}'", "NULL", "'*'", "''"]),
            text=chance.choice(["NULL", "''", "'planted'", f"'{names['form']}'", "'9999'"]),
        )  # fmt: skip
    if kind < 0.9:
        return "lotsenbuch." + chance.choice(TABLES)
    return chance.choice(_CATALOGUE)
