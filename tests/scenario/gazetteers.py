"""A made-up register of municipalities, as a GV100AD file and as the spreadsheet of Destatis."""

from __future__ import annotations

UNITS = (
    ("10", "08", "Musterland", ""),
    ("20", "089", "Reg.-Bez. Musterbezirk", ""),
    ("40", "08999", "Musterkreis", "43"),
    ("50", "08999", "GVV Höfen", "51"),
    ("60", "08999001", "Höfen am Weiher", "64"),
    ("60", "08999002", "Sommerau, Stadt", "63"),
    ("60", "08999971", "Gutsbezirk Tannwald", "66"),
)


def line(kind: str, key: str, name: str, mark: str = "64", day: str = "20260331") -> str:
    """One record, 220 signs wide."""
    association = "5001" if kind in ("50", "60") else ""
    return f"{kind}{day}{key:<8}{association:<4}{name:<50}{'':<50}{mark:<98}"


LINES = [line(kind, key, name, mark) for kind, key, name, mark in UNITS]


def fixed_width(day: str = "20260331", units: tuple[tuple[str, str, str, str], ...] = UNITS) -> list[str]:
    """The records of a register of a day."""
    return [line(kind, key, name, mark, day) for kind, key, name, mark in units]


def spreadsheet(
    title: str = "Gemeinden_31.03.2026", head: str = "Gemeinden am 31.03.2026"
) -> dict[str, list[list[str]]]:
    """The sheets of the spreadsheet: a title page, and the units below their head."""
    rows = [
        [head],
        [],
        ["Satz-art", "Text-kennzeichen", "Land", "RB", "Kreis", "VB", "Gem", "Gemeindename", "Fläche km²"],
    ]
    for kind, key, name, mark in UNITS:
        parts = [key[:2], key[2:3], key[3:5], "5001" if kind in ("50", "60") else "", key[5:]]
        rows.append([kind, mark, *parts, name, "12,34" if kind == "60" else ""])
    rows.append(["", "", "", "", "", "", "", "© Statistisches Bundesamt", ""])
    return {"Deckblatt": [["Auszug aus dem Gemeindeverzeichnis"]], title: rows}
