"""Reads a calendar file strictly by RFC 5545: whatever a lenient reader would let pass is an error here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:[^";:,\x00-\x1f]*|"[^"\x00-\x1f]*"))*):(.*)', re.DOTALL)
ONCE = {
    "VCALENDAR": ({"VERSION", "PRODID"}, {"CALSCALE", "METHOD", "X-WR-CALNAME"}),
    "VEVENT": ({"UID", "DTSTAMP", "DTSTART"}, {"DTEND", "SUMMARY", "CLASS", "TRANSP", "DESCRIPTION", "SEQUENCE"}),
    "VALARM": ({"ACTION", "TRIGGER", "DESCRIPTION"}, set[str]()),
}
INSIDE = {"VCALENDAR": "", "VEVENT": "VCALENDAR", "VALARM": "VEVENT"}
VALUES = {
    "DTSTAMP": r"\d{8}T\d{6}Z",
    "DTSTART": r"\d{8}",
    "DTEND": r"\d{8}",
    "TRIGGER": r"-?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?)?)",
    "ACTION": "DISPLAY",
    "VERSION": r"2\.0",
    "CLASS": "PUBLIC|PRIVATE|CONFIDENTIAL",
    "TRANSP": "OPAQUE|TRANSPARENT",
}
TEXTS = ("SUMMARY", "DESCRIPTION", "X-WR-CALNAME")


@dataclass
class Component:
    """A component with its properties, each once, and those inside it."""

    name: str
    said: dict[str, str] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)


def read_calendar(content: bytes) -> Component:
    """The calendar of a file. AssertionError where it breaks the format."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")[:-1]
    assert all(b"\n" not in line and b"\r" not in line and 0 < len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # a letter that is folded in its middle would not decode
    unfolded = content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    stack: list[Component] = []
    done: list[Component] = []
    for text in unfolded:
        found = _LINE.fullmatch(text)
        assert found, text
        name, parameters, value = found.groups()
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        if name == "BEGIN":
            assert INSIDE[value] == (stack[-1].name if stack else "")
            stack.append(Component(value))
            continue
        here = stack[-1]
        if name == "END":
            required, _ = ONCE[here.name]
            assert value == here.name, text
            assert required <= set(here.said), text
            (stack[-2].parts if len(stack) > 1 else done).append(stack.pop())
            continue
        required, allowed = ONCE[here.name]
        assert name in required | allowed, text
        assert name not in here.said, text
        assert parameters == (";VALUE=DATE" if name in ("DTSTART", "DTEND") else ""), text
        assert re.fullmatch(VALUES.get(name, ".+"), value, re.DOTALL), text
        here.said[name] = _unescaped(value) if name in TEXTS else value
    assert not stack
    assert len(done) == 1
    return done[0]


def _unescaped(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), value
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[^\\;,nN]", value), value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
