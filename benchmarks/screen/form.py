"""The form that all contestants open: as many questions as wanted in sections of ten, in German and English.

Three questions in ten lean on another one (a relevance, a calculation in each section), four have a constraint or long
list. The lists of 200 entries are names as they occur: states and languages of the shipped study, occupations, places.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

SECTION = 10
ENTRIES = 200
YES, DEPENDENT = "c", "d"  # in each section: the select of two choices, and the question that depends on it
TITLE = "Messgespräch"
# The dependent question's label, by which a page without our names finds it.
DEPENDENT_LABEL = "Worum ging es dabei genau"

_COLUMNS = (
    "type", "name", "label::Deutsch (de)", "label::English (en)", "hint::Deutsch (de)", "hint::English (en)",
    "relevant", "constraint", "constraint_message::Deutsch (de)", "constraint_message::English (en)", "calculation",
    "appearance",
)  # fmt: skip
_THEMES = (
    ("Person", "Person"), ("Haushalt", "Household"), ("Aufenthalt", "Residence"), ("Wohnen", "Housing"),
    ("Sprache", "Language"), ("Schule", "School"), ("Ausbildung", "Training"), ("Arbeit", "Work"),
    ("Einkommen", "Income"), ("Gesundheit", "Health"), ("Familie", "Family"), ("Kinder", "Children"),
    ("Freizeit", "Leisure"), ("Behörden", "Authorities"), ("Ziele", "Goals"),
)  # fmt: skip
_SMALL = {
    "ja_nein": (("ja", "ja", "yes"), ("nein", "nein", "no")),
    "stufe": tuple(
        (f"s{n}", de, en)
        for n, (de, en) in enumerate(
            (("gar nicht", "not at all"), ("wenig", "a little"), ("mittel", "fairly"), ("gut", "well"))
        )
    ),
    "art": tuple(
        (f"a{n}", de, en)
        for n, (de, en) in enumerate(
            (
                ("Beratung", "advice"),
                ("Begleitung", "company"),
                ("Kurs", "course"),
                ("Antrag", "application"),
                ("Übersetzung", "translation"),
                ("Vermittlung", "placement"),
                ("Geld", "money"),
                ("Anderes", "other"),
            )
        )
    ),
}
_TRADES = (
    ("Metall", "metal"), ("Holz", "wood"), ("Textil", "textile"), ("Lebensmittel", "food"), ("Elektro", "electrical"),
    ("Bau", "construction"), ("Garten", "garden"), ("Fahrzeug", "vehicle"), ("Medien", "media"), ("Pflege", "care"),
    ("Chemie", "chemical"), ("Papier", "paper"), ("Glas", "glass"), ("Keramik", "ceramics"), ("Leder", "leather"),
    ("Maschinen", "machine"), ("Gebäude", "building"), ("Umwelt", "environment"), ("Lager", "warehouse"),
    ("Verkehrs", "transport"),
)  # fmt: skip
_ROLES = (
    ("techniker", "technician"), ("arbeiter", "worker"), ("meister", "foreman"), ("helfer", "assistant"),
    ("planer", "planner"), ("prüfer", "inspector"), ("händler", "trader"), ("lehrer", "teacher"),
    ("ingenieur", "engineer"), ("berater", "adviser"),
)  # fmt: skip
_STEMS = (
    "Linden", "Buchen", "Eichen", "Birken", "Tannen", "Fichten", "Ahorn", "Erlen", "Weiden", "Eschen", "Rosen",
    "Wiesen", "Stein", "Sand", "Berg", "Tal", "Neu", "Alt", "Ober", "Unter",
)  # fmt: skip
_ENDS = ("hain", "bach", "dorf", "hausen", "feld", "burg", "au", "heim", "ingen", "kirch")


def workbook(questions: int, lists: Path) -> str:
    """The form as a Markdown workbook; `lists` is the folder with the shipped study's lists."""
    long = dict(_long_lists(lists))
    rows = [*_sections(questions, tuple(long))]
    lines = [f"| survey | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]
    lines += [f"| | {' | '.join(row.get(column, '') for column in _COLUMNS)} |" for row in rows]
    lines += ["", "| choices | list_name | name | label::Deutsch (de) | label::English (en) |", "|---|---|---|---|---|"]
    for name, entries in {**_SMALL, **long}.items():
        lines += [f"| | {name} | {' | '.join(entry)} |" for entry in entries]
    lines += ["", "| settings | form_id | form_title | version | default_language |", "|---|---|---|---|---|"]
    lines += [f"| | messung_{questions} | {TITLE} | 1 | Deutsch (de) |", ""]
    return "\n".join(lines)


def plain(questions: int, lists: Path) -> list[dict[str, object]]:
    """The same questions for a program without forms: type, name, German label, choices as (label, value), and the
    name of the question that must be answered with yes, '' where it is always asked.
    """
    entries = {**_SMALL, **dict(_long_lists(lists))}
    return [
        {
            "type": row["type"].split()[0],
            "name": row["name"],
            "label": row["label::Deutsch (de)"],
            "choices": [(de, name) for name, de, _ in entries.get(row["type"].partition(" ")[2], ())],
            "asked_if": row["relevant"].partition("}")[0].removeprefix("${") if "relevant" in row else "",
        }
        for row in _sections(questions, tuple(name for name in entries if name not in _SMALL))
        if row["type"] not in ("begin_group", "end_group", "calculate")
    ]


def dependent(section: int = 0) -> tuple[str, str]:
    """The names of a section's select and of the question that is asked where it is answered with yes."""
    return f"{YES}{section}", f"{DEPENDENT}{section}"


def _sections(questions: int, long: tuple[str, ...]) -> Iterator[dict[str, str]]:
    turns = itertools.cycle(long)
    for number in range(-(-questions // SECTION)):
        de, en = _THEMES[number % len(_THEMES)]
        yield _row("begin_group", f"teil{number}", f"{de} {number + 1}", f"{en} {number + 1}")
        asked = min(SECTION, questions - number * SECTION)
        yield from itertools.islice(_questions(number, de, en, turns), asked)
        sum_of = f"concat(${{a{number}}}, ' ', coalesce(${{b{number}}}, '0'))"
        if asked > 1:
            yield {"type": "calculate", "name": f"z{number}", "calculation": sum_of}
        yield {"type": "end_group"}


def _questions(number: int, de: str, en: str, turns: Iterator[str]) -> Iterator[dict[str, str]]:
    name = {letter: f"{letter}{number}" for letter in "abcdefghij"}
    yield _row("text", name["a"], f"Wie beschreiben Sie {de} heute?", f"How do you describe {en} today?")
    yield _row("integer", name["b"], f"Wie oft war {de} im letzten Jahr Thema?", f"How often was {en} a topic?") | {
        "constraint": ". >= 0 and . <= 120",
        "constraint_message::Deutsch (de)": "Erwartet wird eine Zahl von 0 bis 120.",
        "constraint_message::English (en)": "A number from 0 to 120 is expected.",
    }
    yield _row("select_one ja_nein", name["c"], f"Gab es zu {de} schon Hilfe?", f"Has there been help with {en}?")
    yield _row("text", name["d"], f"{DEPENDENT_LABEL} ({de})?", f"What exactly was it about ({en})?") | {
        "relevant": f"${{{name['c']}}} = 'ja'"
    }
    yield _long(name["e"], next(turns), f"Woher kommt der Bezug zu {de}?", f"Where does the link to {en} come from?")
    yield _row("select_one stufe", name["f"], f"Wie gut geht es mit {de}?", f"How well does {en} go?")
    yield _row("decimal", name["g"], f"Wie viele Stunden je Woche für {de}?", f"How many hours a week for {en}?") | {
        "constraint": ". > 0",
        "hint::Deutsch (de)": "In Stunden, halbe mit Komma",
        "hint::English (en)": "In hours, halves with a decimal point",
    }
    yield _row("select_multiple art", name["h"], f"Was hilft bei {de}?", f"What helps with {en}?")
    yield _row("date", name["i"], f"Seit wann ist {de} ein Thema?", f"Since when has {en} been a topic?") | {
        "constraint": ". <= today()"
    }
    yield _long(name["j"], next(turns), f"Welcher Eintrag passt noch zu {de}?", f"Which entry also fits {en}?")


def _row(kind: str, name: str, de: str, en: str) -> dict[str, str]:
    return {"type": kind, "name": name, "label::Deutsch (de)": de, "label::English (en)": en}


def _long(name: str, chosen: str, de: str, en: str) -> dict[str, str]:
    # Without the appearance ODK Web Forms draws 200 radio buttons for each of these, which nobody would ask for.
    return _row(f"select_one {chosen}", name, de, en) | {"appearance": "autocomplete"}


def _long_lists(lists: Path) -> Iterator[tuple[str, tuple[tuple[str, str, str], ...]]]:
    for name in ("staatsangehoerigkeit", "sprachen"):
        with (lists / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = itertools.islice(csv.DictReader(file), ENTRIES)
            yield name, tuple((row["name"], row["label::Deutsch (de)"], row["label::English (en)"]) for row in rows)
    jobs = itertools.product(_TRADES, _ROLES)
    yield "beruf", tuple((f"b{n}", a[0] + b[0], f"{a[1]} {b[1]}") for n, (a, b) in enumerate(jobs))
    places = itertools.product(_STEMS, _ENDS)
    yield "ort", tuple((f"o{n}", stem + end, stem + end) for n, (stem, end) in enumerate(places))
