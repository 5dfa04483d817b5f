"""Names that sound alike, however an office wrote them down: for likely duplicates of a person.

A name is put into Latin letters (Arabic and Cyrillic by the transliterations offices use, in all their variants), cut
into words, and each word into the sounds of the Kölner Phonetik (Postel 1969), with three changes that Arabic names
need: vowels count at the beginning of a word only, doubled sounds are one whatever stands between them, and a letter
that stands for several sounds (j, g, w, ch) gives several codes. Two names are alike where each word of the shorter one
has a word in the other that shares a code. Words with digits are alike only where they are the same.

Nothing here is kept or shown: what comes out is which rows belong together, never a name.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

VARIANTS = 16
"""Spellings of one word that are looked at; the rest of a longer list is left out."""

SHORTEST = 2
"""Sounds that a code must have to count; shorter words (Li, Ann) are alike only where the letters are."""

# fmt: off
_ARABIC = {
    "ا": ("a",), "أ": ("a",), "إ": ("a",), "آ": ("a",), "ٱ": ("a",), "ء": ("",), "ؤ": ("",), "ئ": ("",), "ب": ("b",),
    "ت": ("t",), "ث": ("t", "s"), "ج": ("dsch", "g"), "ح": ("h",), "خ": ("kh",), "د": ("d",), "ذ": ("d", "s"),
    "ر": ("r",), "ز": ("s",), "س": ("s",), "ش": ("sch",), "ص": ("s",), "ض": ("d", "s"), "ط": ("t",), "ظ": ("s", "d"),
    "ع": ("a",), "غ": ("g",), "ف": ("f",), "ق": ("k", "g"), "ك": ("k",), "ل": ("l",), "م": ("m",), "ن": ("n",),
    "ه": ("h",), "ة": ("a",), "و": ("u", "w"), "ي": ("i",), "ى": ("a",), "پ": ("p",), "چ": ("tsch",), "ژ": ("sch",),
    "گ": ("g",), "ک": ("k",), "ی": ("i",), "ۀ": ("a",), "ہ": ("h",), "ے": ("i",), "ٹ": ("t",), "ڈ": ("d",), "ں": ("n",),
}
_CYRILLIC = {
    "а": ("a",), "б": ("b",), "в": ("w",), "г": ("g", "h"), "ґ": ("g",), "д": ("d",), "е": ("e",), "є": ("je",),
    "ё": ("jo",), "ж": ("sch",), "з": ("s",), "и": ("i",), "і": ("i",), "ї": ("i",), "й": ("i",), "к": ("k",),
    "л": ("l",), "м": ("m",), "н": ("n",), "о": ("o",), "п": ("p",), "р": ("r",), "с": ("s",), "т": ("t",),
    "у": ("u",), "ф": ("f",), "х": ("kh", "h"), "ц": ("ts",), "ч": ("tsch",), "ш": ("sch",), "щ": ("schtsch",),
    "ъ": ("",), "ы": ("i",), "ь": ("",), "э": ("e",), "ю": ("ju",), "я": ("ja",), "ў": ("w",),
}
_OTHER = {"ß": ("ss",), "ł": ("l",), "đ": ("d",), "ð": ("d",), "þ": ("t",), "ø": ("o",), "æ": ("a",), "œ": ("o",),
          "ı": ("i",), "ə": ("a",)}
# fmt: on
_LETTERS = {**_ARABIC, **_CYRILLIC, **_OTHER}

_PARTICLES = frozenset(
    ("al", "el", "ul", "ar", "as", "ash", "an", "at", "az", "ad", "ibn", "bin", "bint", "ben", "von", "van", "de")
)
_SERVANT = re.compile(r"^abd(?:[aeu][lrnstdz]{1,2})?$")
_SERVANT_OF = re.compile(r"^abd[aeu](?:l|(?=([rnstdz])\1))(\w{3,})$")

# Letters of several sounds: what stands here in a spelling is tried as each of these. 'J' is the sound of "Dschungel".
_SOUNDS = (
    ("dsch|dzh|dj|dsh", ("J",)),
    ("schtsch|shch", ("S",)),
    ("tsch|tch", ("S",)),
    ("sch|sh|zh", ("S",)),
    ("kh", ("k",)),
    ("(?<=[a-z])ch", ("k", "S", "h")),
    ("ch", ("k", "S")),
    ("ph", ("f",)),
    ("j", ("y", "J")),
    ("g(?=[eiy])", ("g", "J")),
    ("w", ("w", "u")),
)
_WHOLE = re.compile("|".join(f"(?P<s{number}>{pattern})" for number, (pattern, _) in enumerate(_SOUNDS)))
_VOWELS = frozenset("aeiouy")
_CODES = {"b": "1", "p": "1", "d": "2", "t": "2", "f": "3", "v": "3", "w": "3", "g": "4", "k": "4", "q": "4", "c": "4",
          "x": "48", "l": "5", "m": "6", "n": "6", "r": "7", "s": "8", "z": "8", "S": "8", "J": "9"}  # fmt: skip


def similar(names: Sequence[str], groups: Sequence[str], owners: Sequence[str]) -> dict[int, frozenset[int]]:
    """{row: the other rows of the same person, likely}, for rows that have one.

    Rows are compared that share a word of `groups` (birth dates, say: several where one may have been misread) and have
    different `owners`; who has no name, no group or no owner is compared with nobody.
    """
    rows: dict[str, list[int]] = {}
    for row, words in enumerate(groups):
        if names[row].strip() and owners[row]:
            for word in set(words.split()):
                rows.setdefault(word, []).append(row)
    found: dict[int, set[int]] = {}
    for together in rows.values():
        for one, other in itertools.combinations(together, 2):
            if owners[one] != owners[other] and is_alike(names[one], names[other]):
                found.setdefault(one, set()).add(other)
                found.setdefault(other, set()).add(one)
    return {row: frozenset(found[row]) for row in sorted(found)}


def is_alike(one: str, other: str) -> bool:
    """Whether two names may be the same name. False where one of them has no letters or digits."""
    shorter, longer = sorted((words_of(one), words_of(other)), key=len)
    return bool(shorter) and all(any(word & each for each in longer) for word in shorter)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[frozenset[str], ...]:
    """What each word of a name sounds like: its codes. Articles and particles are left out where more is left."""
    words = [word for part in re.split(r"[\s,;.·-]+", _plain(name)) for word in _parted(part)]
    kept = [word for word in words if word not in _PARTICLES] or words
    return tuple(codes for word in kept if (codes := frozenset(_codes(word))))


def _plain(name: str) -> str:
    """Small letters without accents, vowel signs and apostrophes."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).casefold().replace("й", "и"))
    letters = unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))
    return "".join(sign if sign.isalnum() or not sign.isprintable() else _gap(sign) for sign in letters)


def _gap(sign: str) -> str:
    return "" if sign in "'’ʼʻ`´ʿʾـ" else " "


def _parted(word: str) -> Iterator[str]:
    """A word without its Arabic article, and 'Abdulrahman' as the two names it is."""
    if word.startswith("عبدال") and len(word) > 6:
        yield from ("عبد", word[5:])
    elif word.startswith("ال") and len(word) > 4:
        yield word[2:]
    elif found := _SERVANT_OF.match(word):
        yield from ("abd", found[2])
    elif _SERVANT.match(word):
        yield "abd"
    elif word:
        yield word


def _codes(word: str) -> Iterator[str]:
    if any(sign.isdigit() for sign in word):
        yield word
        return
    if len(word) > 6 and word.startswith(("al", "el")):  # 'Alhussein' is 'Al-Hussein'
        yield from _codes(word[2:])
    choices = [_LETTERS.get(sign, (sign,)) for sign in word]
    for spelling in itertools.islice(itertools.product(*choices), VARIANTS):
        latin = "".join(spelling)
        for sounds in itertools.islice(itertools.product(*_sounded(latin)), VARIANTS):
            code = _code("".join(sounds))
            yield code if len(code) >= SHORTEST else f"{code} {latin}"


def _sounded(latin: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    last = 0
    for match in _WHOLE.finditer(latin):
        found += [(latin[last : match.start()],), _SOUNDS[int((match.lastgroup or "s0")[1:])][1]]
        last = match.end()
    return [*found, (latin[last:],)]


def _code(sounds: str) -> str:
    """Digits of the Kölner Phonetik; '0' stands for a vowel at the beginning."""
    code = "0" if sounds[:1] in _VOWELS else ""
    for at, sign in enumerate(sounds):
        following = sounds[at + 1 : at + 2]
        hissed = ("s", "z", "c", "S") if sign in "dt" else ("e", "i", "y") if sign == "c" else ()
        digits = "8" if following in hissed else _CODES.get(sign, "")
        for digit in digits:
            if not code.endswith(digit):
                code += digit
    return code
