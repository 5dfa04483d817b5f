"""The page of self-completion: the screen of the interview with its own start and end, as three files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_HERE = Path(__file__).parent / "page"
_INTERVIEW = Path(__file__).parents[1]
FONTS = _INTERVIEW / "page" / "voila" / "templates" / "lotsenbuch" / "static" / "fonts"

PAGE = """<!DOCTYPE html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Befragung</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="fonts/fonts.css">
<link rel="stylesheet" href="alone.css">
</head>
<body>
<main id="here"></main>
<noscript><p>JavaScript?</p></noscript>
<script type="module" src="alone.js"></script>
</body>
</html>
"""


@cache
def _joined(kind: str) -> str:
    """The files of the interview's screen and ours as one text: a module has one scope."""
    screen = sorted((_INTERVIEW / "screen").rglob(f"*.{kind}"))
    return "\n".join(each.read_text(encoding="utf-8") for each in [*screen, *sorted(_HERE.glob(f"*.{kind}"))])


FILES: Mapping[str, tuple[str, Callable[[], str]]] = MappingProxyType(
    {"alone.js": ("text/javascript", lambda: _joined("js")), "alone.css": ("text/css", lambda: _joined("css"))}
)
"""{name: (type, what makes it)}"""
