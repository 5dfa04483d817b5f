"""What is due as a calendar file (iCalendar, RFC 5545), for the calendar of whoever has to do it.

A calendar is shown on phones and shared with colleagues, so an event says the case's number and what the deadline is
called, never a name or an answer; where the deadline hangs on special data, it says no more than that there is one.
Events are of whole days. A deadline keeps its UID, so a file that is read again moves what has moved. Who is restricted
(Art. 18 GDPR) and what has no end is left out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator

from intake.deadlines import Due
from validation.messages import say

WIDTH = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""

_MORNING = 9


def calendar(
    found: Iterable[Due], *, title: str, study: str, now: dt.datetime, language: str = "de", demo: bool = False
) -> bytes:
    """The file. `study` is what keeps the UIDs of different stores apart (the store's id), `now` the aware time that
    the events say they are of."""
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    name = say("due.ics_demo", language, title=title) if demo else title
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lotsenbuch//lotsenbuch due//DE", "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
    ]  # fmt: skip
    for each in found:
        if goes_out(each):
            lines += _event(each, study, stamp, now.date(), language, demo=demo)
    lines.append("END:VCALENDAR")
    return b"".join(piece for line in lines for piece in folded(line))


def goes_out(each: Due) -> bool:
    """Whether a deadline has an event: not what has no end, nor what is about somebody restricted."""
    return each.kind != "since" and not each.restricted


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends written as the format wants them; other controls go."""
    for sign, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, instead)
    return "".join(char for char in text if char == "\t" or (char >= " " and char != "\x7f"))


def folded(line: str) -> Iterator[bytes]:
    """The octets of a content line, folded after at most 75 of them and never inside a letter."""
    piece = b""
    for char in line:
        octets = char.encode()
        if len(piece) + len(octets) > WIDTH:
            yield piece + b"\r\n"
            piece = b" "
        piece += octets
    yield piece + b"\r\n"


def _event(each: Due, study: str, stamp: str, today: dt.date, language: str, *, demo: bool) -> list[str]:
    what = say("due.ics_special", language) if each.special else each.message(language)
    summary = say("due.ics_summary", language, number=each.number or say("due.no_number", language), what=what)
    if each.holiday:
        summary = say("due.on_holiday", language, what=summary, holiday=say(f"holiday.{each.holiday}", language))
    if demo:
        summary = say("due.ics_demo", language, title=summary)
    lines = [
        "BEGIN:VEVENT", f"UID:{uid(each, study)}", f"DTSTAMP:{stamp}", f"DTSTART;VALUE=DATE:{each.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{each.day + dt.timedelta(1):%Y%m%d}", f"SUMMARY:{escaped(summary)}",
        "CLASS:CONFIDENTIAL", "TRANSP:TRANSPARENT",
    ]  # fmt: skip
    if each.day > today:  # an alarm of yesterday would ring when the file is read
        lines += [
            "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(summary)}", f"TRIGGER:-PT{24 - _MORNING}H",
            "END:VALARM",
        ]  # fmt: skip
    return [*lines, "END:VEVENT"]


def uid(each: Due, study: str) -> str:
    """The id of a deadline's event: the same as long as it is the same deadline of the same record of the same store.
    It tells nothing about either."""
    return f"{uuid.uuid5(uuid.NAMESPACE_URL, f'lotsenbuch:{study}:{each.name}:{each.key}')}@lotsenbuch"
