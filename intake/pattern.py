"""A text that matches a pattern, for made-up answers: the constraint says '^P-[0-9]{6}$', an answer must look like it.

Knows what patterns in forms are made of: literals, classes, groups, alternatives and counts. What it does not know
(look-around, back references, \\b) gives None, and the caller does without.
"""

from __future__ import annotations

import random
import re
import string
import warnings

MOST = 3  # how many more than the least a count without an upper limit gets
_REGEX = re.compile(r"""regex\(\s*\.\s*,\s*(?:'([^']*)'|"([^"]*)")""")
_CLASSES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " "}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_PLAIN = string.ascii_letters + string.digits + " -"


def patterns_in(rules: str) -> list[str]:
    """The patterns that a rule of a form asks an answer to match ("regex(., '…')"), in their order."""
    return [single or double for single, double in _REGEX.findall(rules)]


def matching(pattern: str, rng: random.Random) -> str | None:
    """A text that matches the whole pattern, or None when the pattern is wrong or holds what is not known here."""
    try:
        reader = _Reader(pattern, rng)
        text = reader.alternatives()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # '[[' may mean something else some day
            return text if reader.done() and re.search(f"^(?:{pattern})$", text) else None
    except (IndexError, ValueError, re.error):
        return None


class _Reader:
    """Reads a pattern and draws a text for it in one go."""

    def __init__(self, pattern: str, rng: random.Random) -> None:
        self.pattern = pattern
        self.rng = rng
        self.at = 0

    def done(self) -> bool:
        return self.at >= len(self.pattern)

    def alternatives(self) -> str:
        drawn = [self._sequence()]
        while not self.done() and self.pattern[self.at] == "|":
            self.at += 1
            drawn.append(self._sequence())
        return self.rng.choice(drawn)

    def _sequence(self) -> str:
        parts = []
        while not self.done() and self.pattern[self.at] not in "|)":
            start = self.at
            self._atom()
            end = self.at
            count = self._count()
            after = self.at
            for _ in range(count):
                self.at = start
                parts.append(self._atom())
                if self.at != end:
                    raise ValueError(self.pattern)
            self.at = after
        return "".join(parts)

    def _atom(self) -> str:
        sign = self.pattern[self.at]
        self.at += 1
        if sign in "^$":
            return ""
        if sign == ".":
            return self.rng.choice(_PLAIN)
        if sign == "[":
            return self._class()
        if sign == "(":
            if self.pattern.startswith("?", self.at):
                if not self.pattern.startswith("?:", self.at):
                    raise ValueError(self.pattern)
                self.at += 2
            text = self.alternatives()
            self._expect(")")
            return text
        if sign == "\\":
            return self.rng.choice(self._escaped())
        if sign in "*+?{)":
            raise ValueError(self.pattern)
        return sign

    def _expect(self, sign: str) -> None:
        if self.pattern[self.at] != sign:
            raise ValueError(self.pattern)
        self.at += 1

    def _escaped(self) -> str:
        """The characters an escape stands for; the backslash has been read."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign.isalnum() and sign not in _CONTROLS:
            raise ValueError(self.pattern)
        return _CONTROLS.get(sign, sign)

    def _class(self) -> str:
        negated = self.pattern[self.at] == "^"
        self.at += negated
        signs = ""
        first = True
        while first or self.pattern[self.at] != "]":
            first = False
            sign = self.pattern[self.at]
            self.at += 1
            found = self._escaped() if sign == "\\" else sign
            if len(found) == 1 and self.pattern[self.at] == "-" and self.pattern[self.at + 1] != "]":
                last = self.pattern[self.at + 1]
                self.at += 2
                found = "".join(chr(code) for code in range(ord(found), ord(last) + 1))
            signs += found
        self.at += 1
        return self.rng.choice([sign for sign in _PLAIN if sign not in signs] if negated else signs)

    def _count(self) -> int:
        if self.done():
            return 1
        sign = self.pattern[self.at]
        if sign in "*+?":
            self.at += 1
            self._lazy()
            least, most = {"*": (0, MOST), "+": (1, 1 + MOST), "?": (0, 1)}[sign]
            return self.rng.randint(least, most)
        counted = re.compile(r"\{(\d+)(,?)(\d*)\}").match(self.pattern, self.at)
        if sign != "{" or counted is None:
            return 1
        self.at = counted.end()
        self._lazy()
        least = int(counted[1])
        most = int(counted[3]) if counted[3] else least + (MOST if counted[2] else 0)
        return self.rng.randint(least, most)

    def _lazy(self) -> None:
        if not self.done() and self.pattern[self.at] in "?+":
            self.at += 1
