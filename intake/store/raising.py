"""What moves when a newer version of a form calls an answer more sensitive than it was. Pure: no store, no key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from intake.store.division import Division, answers, merged
from intake.submission import Record

Part = dict[str, object]
"""The opened plaintext of a part: {"envelope": {…}, "record": {…}}."""


def raised(division: Division, parts: Mapping[str, Part]) -> dict[str, Part]:
    """The parts with every answer where the form wants it; those that lose everything stay, empty."""
    found: dict[str, list[Record]] = {name: [] for name in parts}
    for name, part in parts.items():
        for target, record in division.raised(name, part["record"]).items():  # type: ignore[arg-type]
            found.setdefault(target, []).append(record)
    return {
        name: {"envelope": parts[name]["envelope"] if name in parts else {}, "record": merged(records)}
        for name, records in found.items()
    }


def losing(events: Iterable[tuple[Mapping[str, Part], Mapping[str, Part]]]) -> set[str]:
    """The classes out of which something goes; each event by its parts before and after."""
    return {
        name
        for before, after in events
        for name, part in before.items()
        if set(_places(part["record"])) - set(_places(after[name]["record"]))
    }


def naming(parts: Mapping[str, Part], file: str) -> list[str]:
    """The classes in which an answer names this file."""
    return [
        name
        for name, part in parts.items()
        if any(text == file for _, text in answers(part["record"]))  # type: ignore[arg-type]
    ]


def _places(record: object, above: str = "") -> Iterable[str]:
    for key, value in record.items() if isinstance(record, dict) else ():
        if isinstance(value, str):
            yield above + key
        else:
            for number, entry in enumerate(value):
                yield from _places(entry, f"{above}{key}[{number}]")
