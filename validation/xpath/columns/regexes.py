"""regex() over many texts at once, for patterns that every engine reads alike.

pandas asks RE2 through Arrow: linear in the text, and the same answer as `regex` wherever a pattern is made of plain
characters, sets, alternatives and counts. Other patterns, and those that could take long, are searched for one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

_TOKEN = re.compile(
    r"(?P<set>\[\^?(?:\\[-.^/+*?(){}|$\\\]\[]|[^\]\[\\&|~])+\])|(?P<escape>\\[-.^/+*?(){}|$\\\[\]]|\\Z)"
    r"|(?P<count>[*+?]|\{\d{1,3}(?:,\d{0,3})?\})|(?P<open>\()(?!\?)|(?P<close>\))|(?P<plain>[^\\()\[\]{}*+?])"
)
_ENDLESS = re.compile(r"[*+]|\{\d+,\}")
_MOST_ENDLESS = 2  # with more of them a search that fails may take long, and an interview would give up
_LONGEST = 1_000
_FEW = 64  # texts that are not worth the trouble


def found_in(pattern: str, texts: Sequence[str]) -> npt.NDArray[np.bool_] | None:
    """In which texts a pattern (as `compiled` writes it) is found; None where that must be asked one by one."""
    if len(texts) < _FEW or not is_plain(pattern) or max(map(len, texts)) > _LONGEST:
        return None
    written = re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\(", lambda hit: hit[1] or "(?:", pattern, flags=re.DOTALL)
    series = pd.Series(texts, dtype=pd.StringDtype("pyarrow"))
    found = series.str.contains(written.replace(r"\Z", r"\z"), regex=True)
    return found.to_numpy(dtype=bool, na_value=False)


def is_plain(pattern: str) -> bool:
    """Whether a pattern means the same everywhere and is answered quickly."""
    at, endless, last = 0, 0, ""
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None or (token.lastgroup == "set" and "--" in token.group()):
            return False
        if token.lastgroup == "count":
            if last in ("count", "", "open"):
                return False
            if _ENDLESS.fullmatch(token.group()):
                endless += 1
                if last == "close":
                    return False
        last, at = token.lastgroup or "", token.end()
    return endless <= _MOST_ENDLESS
