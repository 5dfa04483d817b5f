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
ARABIC = "label::العربية (ar)"
UKRAINIAN = "label::Українська (uk)"
COLUMNS: Mapping[str, str] = MappingProxyType({"de": GERMAN, "en": ENGLISH, "ar": ARABIC, "uk": UKRAINIAN})

Row = dict[str, str]

# CLDR has these as territories; ISO 3166-1 does not, except as reservations.
NOT_ISO = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

Labels = Mapping[str, str]  # {language: label}; a language that is not there has the one of CLDR, or the English one

# What differs from CLDR, or is missing there.
NATIONALITY_LABELS: Mapping[str, Labels] = MappingProxyType(
    {
        "PS": {"de": "Palästina", "en": "Palestine", "ar": "فلسطين", "uk": "Палестина"},
        "XXA": {"de": "staatenlos", "en": "stateless", "ar": "بلا جنسية", "uk": "без громадянства"},
        "XXX": {"de": "ungeklärt", "en": "undetermined", "ar": "غير محددة", "uk": "не зʼясовано"},
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

LANGUAGE_LABELS: Mapping[str, Labels] = MappingProxyType(
    {
        "kmr": {"de": "Kurmandschi", "en": "Kurmanji", "ar": "الكردية الكرمانجية", "uk": "курманджі"},
        "mnk": {"de": "Mandinka", "en": "Mandinka", "ar": "الماندينكا", "uk": "мандінка"},
        "ckb": {
            "de": "Sorani (Zentralkurdisch)", "en": "Sorani (Central Kurdish)",
            "ar": "الكردية السورانية", "uk": "сорані (центральнокурдська)",
        },
        "prs": {"de": "Dari", "en": "Dari", "ar": "الدرية", "uk": "дарі"},
        "fa": {"de": "Persisch (Farsi)", "en": "Persian (Farsi)", "ar": "الفارسية", "uk": "перська (фарсі)"},
        # CLDR's words for Romani are felt to be insults.
        "rom": {"ar": "لغة الروما", "uk": "ромська"},
        # Spoken by people who come, and without a name in CLDR.
        "aeb": {"ar": "العربية التونسية", "uk": "туніська арабська"},
        "aln": {"ar": "الألبانية الغيغية", "uk": "гегійська албанська"},
        "arq": {"ar": "العربية الجزائرية"},
        "ary": {"ar": "العربية المغربية", "uk": "марокканська арабська"},
        "arz": {"ar": "العربية المصرية", "uk": "єгипетська арабська"},
        "brh": {"ar": "البراهوية", "uk": "брагуї"},
        "bqi": {"ar": "البختيارية"},
        "glk": {"ar": "الجيلكية", "uk": "гілянська"},
        "gbz": {"ar": "الدرية الزرادشتية", "uk": "дарі зороастрійців"},
        "khw": {"ar": "الكوارية", "uk": "кховар"},
        "kiu": {"ar": "الزازاكية الكرمانجكية", "uk": "кірманджкі (зазакі)"},
        "kri": {"ar": "الكريو", "uk": "кріо"},
        "jam": {"ar": "الكريولية الجامايكية", "uk": "ямайська креольська"},
        "lzz": {"ar": "اللازية", "uk": "лазька"},
        "pnt": {"ar": "اليونانية البنطية", "uk": "понтійська"},
        "rif": {"ar": "الريفية", "uk": "рифська"},
        "rue": {"ar": "الروسينية", "uk": "русинська"},
        "tkr": {"ar": "التساخورية", "uk": "цахурська"},
        "tly": {"ar": "التالشية", "uk": "талиська"},
        "tcy": {"ar": "التولو", "uk": "тулу"},
        "tru": {"ar": "السريانية الطورية", "uk": "туройо"},
        "ttt": {"ar": "التاتية القوقازية", "uk": "татська"},
        "xmf": {"ar": "المنغريلية", "uk": "мегрельська"},
    }
)  # fmt: skip

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

    Columns: name, the labels, destatis (three digits; '' where we do not have it).
    """
    names = _cldr("territories")
    codes = [code for code in names["de"] if len(code) == 2 and code.isalpha() and code not in NOT_ISO]
    made = {code: _row(code, names, NATIONALITY_LABELS) for code in (*codes, "XXA", "XXX")}
    rows = [*sorted((made[code] for code in codes), key=_german_order), made["XXA"], made["XXX"]]
    return [{**row, "destatis": DESTATIS.get(row["name"], "")} for row in rows]


def language_rows() -> list[Row]:
    """Living languages of CLDR by ISO 639 code, the common ones first, then by German label.

    Columns: name, the labels, haeufig ('1' for the common ones, else ''). A language without a name in Arabic or
    Ukrainian is called there as in English.
    """
    names = _cldr("languages")
    codes = [code for code in names["de"] if "_" not in code and code not in NOT_SPOKEN and code in names["en"]]
    codes += [code for code in LANGUAGE_LABELS if code not in codes]
    rows = {code: _row(code, names, LANGUAGE_LABELS) for code in codes}
    common = [{**rows[code], "haeufig": "1"} for code in COMMON_LANGUAGES]
    rest = [{**row, "haeufig": ""} for code, row in rows.items() if code not in COMMON_LANGUAGES]
    return common + sorted(rest, key=_german_order)


def municipality_rows(municipalities: Path) -> list[Row]:
    """The municipalities of a study as choices: the AGS (text, with its leading zero) and the name, in every language.

    Reads the study's `municipalities.csv` (columns ags, name, …); those that have ended are no choices.
    """
    with municipalities.open(encoding="utf-8", newline="") as file:
        return town_rows((line["ags"], line["name"]) for line in csv.DictReader(file) if not line.get("valid_to"))


def town_rows(towns: Iterable[tuple[str, str]]) -> list[Row]:
    """Municipalities (AGS, name) as choices."""
    return [{"name": ags, **dict.fromkeys(COLUMNS.values(), name)} for ags, name in towns]


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


def _cldr(table: str) -> dict[str, dict[str, str]]:
    """{language: {code: name}} of a table of CLDR."""
    from babel import Locale

    return {code: {str(key): str(name) for key, name in getattr(Locale(code), table).items()} for code in COLUMNS}


def _row(code: str, names: Mapping[str, Mapping[str, str]], own: Mapping[str, Labels]) -> Row:
    said = {language: own.get(code, {}).get(language) or names[language].get(code, "") for language in COLUMNS}
    return {"name": code, **{column: said[language] or said["en"] for language, column in COLUMNS.items()}}


def _german_order(row: Row) -> tuple[str, str]:
    """DIN 5007-1: umlauts sort as their base letters."""
    plain = row[GERMAN].casefold().translate(str.maketrans("äöüéáåāīñçôğ", "aoueaaaincog"))
    return plain, row["name"]
