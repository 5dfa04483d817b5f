"""The choice lists that come from elsewhere: nationalities and languages from CLDR, municipalities from the study.

All other lists are kept by hand in `data/lists/`. The files are shipped; a test shows that they are what this module
makes, so a new CLDR release is one call of `write_lists` and a diff that a person reads.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

GERMAN = "label::Deutsch (de)"
ENGLISH = "label::English (en)"

Row = dict[str, str]

# CLDR has these as territories; ISO 3166-1 does not, except as reservations.
NOT_ISO = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

# What differs from CLDR, or is missing there: code -> (German, English).
NATIONALITY_LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "PS": ("Palästina", "Palestine"),
        "XXA": ("staatenlos", "stateless"),
        "XXX": ("ungeklärt", "undetermined"),
    }
)

# Key of the Federal Statistical Office; from general knowledge, see data/lists/README.md.
DESTATIS: Mapping[str, str] = MappingProxyType(
    {
        "SY": "475", "AF": "423", "IQ": "438", "IR": "439", "UA": "166", "GM": "237", "IN": "436", "SO": "273",
        "ER": "224", "PK": "461", "NG": "232", "GE": "430", "AL": "121", "XK": "150", "TR": "163", "PS": "459",
        "XXA": "997", "XXX": "998",
    }
)  # fmt: skip

LANGUAGE_LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "kmr": ("Kurmandschi", "Kurmanji"),
        "mnk": ("Mandinka", "Mandinka"),
        "ckb": ("Sorani (Zentralkurdisch)", "Sorani (Central Kurdish)"),
        "prs": ("Dari", "Dari"),
        "fa": ("Persisch (Farsi)", "Persian (Farsi)"),
    }
)

# Asked for first, because they are what is spoken in the consulting rooms; the order is the order on screen.
COMMON_LANGUAGES = (
    "ar", "kmr", "ckb", "prs", "fa", "ps", "uk", "ru", "tr", "ti", "so", "en", "fr", "de", "sq", "sr", "mk", "rom",
    "ka", "hy", "az", "ur", "pa", "hi", "mnk", "wo", "ff", "ha", "ig", "yo", "am", "vi", "zh",
)  # fmt: skip

# Nobody's first language today: historical, constructed, or no language at all. Malinke has its own codes.
_NOT_SPOKEN = """
    ae afh akk ang arc avk chb chg chn cop cu egy enm eo frm fro gez gmh goh got grc hit ia ie io jbo kaw kho la lfn
    lzh man mga mul non nov nqo nwc ota pal peo phn pi prg pro sa sam sga sh sog sux syc tlh tok uga und vo vot zbl
    zxx
"""
NOT_SPOKEN = frozenset(_NOT_SPOKEN.split())


def nationality_rows() -> list[Row]:
    """ISO 3166-1 alpha-2, Kosovo (XK), stateless (XXA), undetermined (XXX), by German label, the last two at the end.

    Columns: name, the two labels, destatis (three digits; '' where we do not have it).
    """
    from babel import Locale

    german, english = _names(Locale("de").territories), _names(Locale("en").territories)
    codes = [code for code in german if len(code) == 2 and code.isalpha() and code not in NOT_ISO]
    rows = [_row(code, NATIONALITY_LABELS.get(code, (german[code], english[code]))) for code in codes]
    rows = sorted(rows, key=_german_order) + [_row(code, NATIONALITY_LABELS[code]) for code in ("XXA", "XXX")]
    return [{**row, "destatis": DESTATIS.get(row["name"], "")} for row in rows]


def language_rows() -> list[Row]:
    """Living languages of CLDR by ISO 639 code, the common ones first, then by German label.

    Columns: name, the two labels, haeufig ('1' for the common ones, else '').
    """
    from babel import Locale

    german, english = _names(Locale("de").languages), _names(Locale("en").languages)
    labels = {
        code: (german[code], english[code])
        for code in german
        if "_" not in code and code not in NOT_SPOKEN and code in english
    } | dict(LANGUAGE_LABELS)
    common = [{**_row(code, labels[code]), "haeufig": "1"} for code in COMMON_LANGUAGES]
    rest = [{**_row(code, label), "haeufig": ""} for code, label in labels.items() if code not in COMMON_LANGUAGES]
    return common + sorted(rest, key=_german_order)


def municipality_rows(municipalities: Path) -> list[Row]:
    """The municipalities of a study as choices: the AGS (text, with its leading zero) and the name in both languages.

    Reads the study's `municipalities.csv` (columns ags, name, …).
    """
    with municipalities.open(encoding="utf-8", newline="") as file:
        return [_row(line["ags"], (line["name"], line["name"])) for line in csv.DictReader(file)]


def write_lists(study: Path) -> list[Path]:
    """Writes `lists/staatsangehoerigkeit.csv`, `lists/sprachen.csv` and `lists/gemeinde.csv` of a study directory.

    The last is made from its `municipalities.csv`. Returns what was written; nothing else is touched.
    """
    made = {
        "staatsangehoerigkeit": nationality_rows(),
        "sprachen": language_rows(),
        "gemeinde": municipality_rows(study / "municipalities.csv"),
    }
    written = []
    for name, rows in made.items():
        path = study / "lists" / f"{name}.csv"
        path.write_text(as_csv(rows), encoding="utf-8", newline="")
        written.append(path)
    return written


def as_csv(rows: Iterable[Row]) -> str:
    """Rows as CSV text: header, comma, line feed, quotes where needed. All rows have the columns of the first."""
    listed = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def _names(table: Mapping[str | int, str | int | None]) -> dict[str, str]:
    """CLDR tables as they are: text to text."""
    return {str(code): str(name) for code, name in table.items()}


def _row(code: str, labels: tuple[str, str]) -> Row:
    return {"name": code, GERMAN: labels[0], ENGLISH: labels[1]}


def _german_order(row: Row) -> tuple[str, str]:
    """DIN 5007-1: umlauts sort as their base letters."""
    plain = row[GERMAN].casefold().translate(str.maketrans("äöüéáåāīñçôğ", "aoueaaaincog"))
    return plain, row["name"]
