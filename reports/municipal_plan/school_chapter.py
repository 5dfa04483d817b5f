"""The chapter on school entry: programmes of the Kitas, then each area and family language before and after."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Heading, Note
from reports.disclosure import SafeNumber
from reports.municipal_plan.blocks import DASH, Facts, Text, TextTable, count_text, points_text, range_text, value_text
from reports.municipal_plan.collecting import SHARE
from reports.municipal_plan.content import Content
from reports.municipal_plan.school import FEW, Comparison, Group, difference, is_few, share_of
from validation.messages import say

HEADS = ("group", "year", "examined", "need", "share", "difference", "interval")


def school_blocks(content: Content, language: str) -> Iterator[Block]:
    """The chapter's blocks; a sentence where there is nothing to compare."""
    yield Heading(say("municipal.heading_school", language), key="schuleingang")
    if not content.tables["school"].rows:
        yield Note(say("municipal.school_none", language))
        return
    yield Note(say("municipal.school_intro", language))
    if content.programmes:
        yield _programmes(content, language)
    if not content.comparisons:
        yield Note(say("municipal.school_no_comparison", language))
        return
    for comparison in content.comparisons:
        yield _table(content, comparison, language)
    yield Note(say("municipal.school_chance", language))
    yield Facts(tuple(
        (say(f"municipal.school_{name}", language), say(f"municipal.school_{name}_text", language, few=FEW))
        for name in ("interval", "groups", "break", "protected")
    ))  # fmt: skip


def _programmes(content: Content, language: str) -> TextTable:
    """Which Kita had which programme in which year."""
    heads = tuple(say(f"municipal.column_{name}", language) for name in ("kita", "kita_group", "programme", "kita_year",
                                                                        "children"))  # fmt: skip
    rows = tuple(
        (each.kita, each.group or DASH, content.label("programme", each.kind), each.label,
         count_text(content.number("programmes", each.key, "children"), language, content.sign))
        for each in sorted(content.programmes, key=lambda each: (each.label, each.kita))
    )  # fmt: skip
    title = say("municipal.table_programmes", language)
    return TextTable("programme", title, heads, rows, (3, 2, 2, 0, 0), frozenset({4}))


def _table(content: Content, comparison: Comparison, language: str) -> TextTable:
    area = say("municipal.school_kita", language, kita=comparison.kita) if comparison.kita else content.name
    spoken = content.label("language", comparison.language)
    before = next((group.key for group in comparison.groups if group.role == "before"), "")
    heads = tuple(say(f"municipal.column_{name}", language) for name in HEADS)
    rows = tuple(_row(content, group, before, language) for group in comparison.groups)
    notes = [say("municipal.school_few", language, few=FEW)] if any(
        is_few(content.tables["school"], group.key) for group in comparison.groups) else []  # fmt: skip
    notes += [] if before else [say("municipal.school_no_before", language)]
    hidden = any(content.sign in row for row in rows)
    notes += [say("municipal.note_sign", language, sign=content.sign)] if hidden else []
    return TextTable(
        f"schuleingang-{comparison.kita}-{comparison.language}".replace(" ", "_"),
        say("municipal.table_school", language, area=area, language=spoken), heads, rows, (36, 17, 20, 20, 17, 24, 30),
        frozenset(range(2, len(HEADS))), " ".join(notes),
    )  # fmt: skip


def _row(content: Content, group: Group, before: str, language: str) -> tuple[Text, ...]:
    table, sign = content.tables["school"], content.sign
    examined, need = (count_text(table.number(group.key, name), language, sign) for name in ("examined", "need"))
    name = say(f"municipal.role_{group.role}", language, programme=content.label("programme", group.programme))
    if is_few(table, group.key):
        examined = f"{examined} *"
    share = value_text(share_of(table, group.key), SHARE, language, sign)
    return name, group.label, examined, need, share, *_difference(content, group, before, language)


def _difference(content: Content, group: Group, before: str, language: str) -> tuple[str, str]:
    if not before or group.role in ("before", "unknown"):
        return DASH, DASH
    if group.broken:
        return say("municipal.light_break", language), DASH
    found = difference(content.tables["school"], before, group.key)
    bounds: tuple[SafeNumber, ...] = (found.lower, found.upper)
    return points_text(found.points, language, content.sign), range_text(bounds, language, content.sign)
