"""A small form with something of everything that two versions can differ in, and one changed version a kind of change.

`version(*changes)` is the form with texts of its workbook replaced; `CHANGES` names for every kind of change what to
replace, and what it weighs in the direction old -> new and back (back it is of the kind that `MIRRORED` names).
"""

from __future__ import annotations

from functools import cache

from scenario.interview import form
from validation.form import Form

WORKBOOK = """
| survey | type | name | label::Deutsch (de) | label::English (en) | hint::Deutsch (de) | guidance_hint::Deutsch (de) | required | required_message::Deutsch (de) | missing | relevant | constraint | constraint_message::Deutsch (de) | warning | warning_message::Deutsch (de) | calculation | choice_filter | default | read_only | appearance | repeat_count | image::Deutsch (de) | sensitivity | purpose | retention | follow_up | layer | reviewed_only | shared |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| | start | start | | | | | | | | | | | | | | | | | | | | | | | | | |
| | begin_group | a | Teil A | Part A | | | | | | | | | | | | | | | | | | | | | | | |
| | text | name | Name | Name | Wie im Ausweis | Abschreiben | yes | Der Name fehlt. | | | | | | | | | Anna | | w1 | | a.png | identity | beratung | fall | carry | plan | label | household |
| | integer | alter | Alter | Age | | | | | unknown refused | | . >= 0 and . <= 120 | Bis 120. | . <= 100 | Über 100? | | | | | | | | general | | | | | |
| | select_one land | land | Land | Country | | | | | | ${alter} > 17 | | | | | | | | | | | | | | | | | |
| | select_one stadt | stadt | Stadt | Town | | | | | | | | | | | | land = ${land} | | | | | | | | | | | |
| | select_multiple land | laender | Länder | Countries | | | | | | | | | | | | | | | | | | | | | | | |
| | calculate | doppelt | | | | | | | | | | | | | ${alter} * 2 | | | | | | | | | | | | |
| | note | gruss | Guten Tag ${name} | Hello | | | | | | | | | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | | | | | | | | | |
| | begin_group | b | Teil B | Part B | | | | | | ${land} = 'de' | | | | | | | | | | | | | | | | | |
| | date | tag | Tag | Day | | | | | | | . <= today() | | | | | | | | | | | | | | | | |
| | text | frei | Frei | Free | | | | | | | | | | | | | | | | | | | | | | | |
| | begin_repeat | kind | Kind | Child | | | | | | | | | | | | | | | | 3 | | | | | | | |
| | text | vorname | Vorname | First name | | | | | | | | | | | | | | | | | | | | | | | |
| | integer | jahr | Jahr | Year | | | | | | | . > 1900 | | | | | | | | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | | | | | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::English (en) | land | sensitivity |
|---|---|---|---|---|---|---|
| | land | de | Deutschland | Germany | | |
| | land | sy | Syrien | Syria | | |
| | land | x | Staatenlos | Stateless | | special |
| | stadt | calw | Calw | Calw | de | |
| | stadt | homs | Homs | Homs | sy | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probe | probe | 1 | Deutsch (de) |
"""  # noqa: E501 - a table is read row by row

_FREE = "| | text | frei | Frei | Free |" + " |" * 23 + "\n"
_GERMANY = "| | land | de | Deutschland | Germany | | |\n"
_SYRIA = "| | land | sy | Syrien | Syria | | |\n"
_YEAR = " . > 1900 |" + " |" * 16 + "\n"
_RAISED = "| x | Staatenlos | Stateless | |"
_NAME = "| | text | vorname | Vorname | First name |" + " |" * 23 + "\n"

Replaced = tuple[tuple[str, str], ...]
CHANGES: dict[str, tuple[Replaced, str, str]] = {
    "form_id": ((("| probe | 1 |", "| andere | 1 |"),), "breaking", "breaking"),
    "title": ((("| Probe |", "| Test |"),), "text", "text"),
    "languages": ((("English (en)", "English"),), "text", "text"),
    "added": ((("| | date | tag", f"{_FREE.replace('frei', 'neu')}| | date | tag"),), "compatible", "breaking"),
    "removed": (((_FREE, ""),), "breaking", "compatible"),
    "order": (((_NAME, ""), (_YEAR, _YEAR + _NAME)), "text", "text"),
    "moved_unlisted": (((_FREE, ""), ("| | calculate", f"{_FREE}| | calculate")), "breaking", "breaking"),
    "renamed_unlisted": ((("| text | frei |", "| text | offen |"),), "breaking", "breaking"),
    "shape": (
        (("begin_repeat | kind", "begin_group | kind"), ("end_repeat", "end_group"), ("| 3 |", "| |")),
        "breaking",
        "breaking",
    ),
    "asked": (
        (("| | calculate | doppelt | | |", "| | integer | doppelt | D | D |"), ("${alter} * 2", "")),
        "breaking",
        "breaking",
    ),
    "type": ((("| | integer | jahr", "| | decimal | jahr"),), "breaking", "breaking"),
    "control": ((("| | integer | jahr", "| | range | jahr"),), "text", "text"),
    "sensitivity": ((("| identity |", "| general |"),), "breaking", "compatible"),
    "sensitivity_of_choice": (((f"{_RAISED} special |", f"{_RAISED} |"),), "breaking", "compatible"),
    "label": ((("| Tag |", "| Datum |"),), "text", "text"),
    "hint": ((("Wie im Ausweis", "Wie im Pass"),), "text", "text"),
    "guidance": ((("Abschreiben", "Ausweis zeigen lassen"),), "text", "text"),
    "constraint_message": ((("Bis 120.", "Von 0 bis 120."),), "text", "text"),
    "required_message": ((("Der Name fehlt.", "Name?"),), "text", "text"),
    "warning_message": ((("Über 100?", "Stimmt das?"),), "text", "text"),
    "media": ((("a.png", "b.png"),), "text", "text"),
    "choices_added": (((_SYRIA, f"{_SYRIA}| | land | ua | Ukraine | Ukraine | | |\n"),), "compatible", "breaking"),
    "choices_removed": (((_SYRIA, ""),), "breaking", "compatible"),
    "choices_relabelled": ((("Syrien", "Syrische Republik"),), "text", "text"),
    "choices_order": (((_GERMANY + _SYRIA, _SYRIA + _GERMANY),), "text", "text"),
    "relevant": ((("${alter} > 17", "${alter} > 20"),), "breaking", "compatible"),
    "required": ((("Abschreiben | yes |", "Abschreiben | ${alter} > 3 |"),), "compatible", "breaking"),
    "constraint": (((". <= 120", ". <= 130"),), "compatible", "breaking"),
    "warning": (((". <= 100", ". <= 90"),), "compatible", "compatible"),
    "choice_filter": ((("land = ${land}", "land = ${land} and name != 'calw'"),), "breaking", "compatible"),
    "readonly": ((("| Anna | | w1", "| Anna | ${alter} > 5 | w1"),), "compatible", "compatible"),
    "calculate": ((("${alter} * 2", "${alter} * 3"),), "breaking", "breaking"),
    "count": ((("| 3 |", "| ${alter} |"),), "breaking", "breaking"),
    "reasons_added": ((("unknown refused", "unknown refused not_applicable"),), "compatible", "breaking"),
    "reasons_removed": ((("unknown refused", "unknown"),), "breaking", "compatible"),
    "default": ((("| Anna |", "| |"),), "compatible", "compatible"),
    "appearance": ((("| w1 |", "| w2 |"),), "text", "text"),
    "purpose": ((("| beratung |", "| bericht |"),), "compatible", "compatible"),
    "retention": ((("| fall |", "| register |"),), "compatible", "compatible"),
    "follow_up": ((("| carry |", "| reactive |"),), "compatible", "compatible"),
    "layer": ((("| plan |", "| vertiefung |"),), "compatible", "compatible"),
    "reviewed_only": ((("| label | household |", "| hint | household |"),), "text", "text"),
    "shared": ((("| household |\n", "| |\n"),), "compatible", "compatible"),
}

MIRRORED = {"added": "removed", "choices_added": "choices_removed", "reasons_added": "reasons_removed"}
MIRRORED |= {back: there for there, back in MIRRORED.items()}

BESIDE = {
    "asked": {("type", "breaking"), ("calculate", "breaking"), ("label", "text")},
    "control": {("attributes", "text")},
}
"""What else such a change brings, both ways."""


def version(*changes: tuple[str, str], number: int = 1) -> Form:
    """The form with texts of its workbook replaced, each of which must be there."""
    text = WORKBOOK.replace("| probe | 1 |", f"| probe | {number} |")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return form(text)


@cache
def changed(kind: str) -> tuple[Form, Form]:
    """The form as it is, and changed in one thing."""
    return version(), version(*CHANGES[kind][0])
