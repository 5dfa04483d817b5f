"""One-time links and the counts of a response rate: which links there are, never who answered what.

A link holds a random token of 128 bits; only its SHA-256 is kept, in the order of the hashes, without times. When a
questionnaire is begun, the browser adds a secret of its own: the id of the draft is made from both, so it can be found
again by that browser only, and nothing here says which draft a link opened. A link that was handed in says 'used'.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.errors import StudyError

FILE = "participation.json"
FRESH, USED = "", "used"
COUNTS = ("begun", "handed_in", "incomplete", "discarded")
PATIENCE = 200  # times 10 ms until what another program was writing is taken for left behind
_TOKEN = re.compile(r"[a-z2-7]{26}")
_SECRET = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Participation:
    """What is known of a form: `made` one-time links, questionnaires `begun`, `handed_in` whole, handed in `incomplete`
    and `discarded`."""

    made: int = 0
    begun: int = 0
    handed_in: int = 0
    incomplete: int = 0
    discarded: int = 0


def new_token() -> str:
    """128 random bits in letters and digits that can be typed: 26 of a to z and 2 to 7."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def token_of(secret: bytes) -> str:
    """The token of a kiosk: the same at every start, so that its page finds the program again."""
    digest = hmac.digest(secret, b"lotsenbuch kiosk", "sha256")
    return base64.b32encode(digest[:16]).decode("ascii").rstrip("=").lower()


def spoken(token: str) -> str:
    """A token as it is printed, in groups."""
    return "-".join(token[at : at + 5] for at in range(0, len(token), 5))


def read_token(text: object) -> str:
    """The token that somebody typed or clicked; '' where it cannot be one."""
    token = re.sub(r"[\s-]", "", text).lower() if isinstance(text, str) and len(text) < 100 else ""
    return token if _TOKEN.fullmatch(token) else ""


def is_secret(text: object) -> bool:
    """Whether this is what a browser draws: 128 bits in hexadecimal digits."""
    return isinstance(text, str) and _SECRET.fullmatch(text) is not None


def draft_of(token: str, secret: str) -> str:
    """The id of the draft that a link opens in one browser; it cannot be told from what is kept here."""
    return _digest("draft", token, secret)[:32]


class Links:
    """The links and counts of a study, in `participation.json` beside its key. StudyError 'alone.broken' where the file
    is damaged, 'alone.not_written' where it cannot be kept; what is in memory is then as before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = _read(path)

    @property
    def folder(self) -> Path:
        """Where the file lies, beside the key of the study."""
        return self._path.parent

    def add(self, form: str, number: int) -> list[str]:
        """New tokens for a form; they are given this once."""
        tokens = [new_token() for _ in range(number)]
        fresh = {_hash(each): FRESH for each in tokens}
        self._change(form, lambda known: {"links": {**known.get("links", {}), **fresh}})
        return tokens

    def form_of(self, token: str) -> str | None:
        """The form that a link is for; None where there is no such link. Looks at the file anew."""
        self._data = _read(self._path)
        name = _hash(token)
        return next((form for form in self._data if name in self._links(form)), None)

    def is_used(self, form: str, token: str) -> bool:
        """Whether a questionnaire was handed in by this link."""
        return self._links(form)[_hash(token)] == USED

    def is_mine(self, form: str, token: str, secret: str) -> bool:
        """Whether this browser may open a link: nobody has begun with it, or this browser has."""
        state = self._links(form)[_hash(token)]
        return state == FRESH or (state != USED and hmac.compare_digest(state, _digest("browser", token, secret)))

    def is_begun(self, form: str, token: str) -> bool:
        """Whether a browser has begun with a link."""
        return self._links(form)[_hash(token)] not in (FRESH, USED)

    def begin(self, form: str, token: str, secret: str) -> None:
        """The link belongs to this browser from now on, and counts as begun once."""
        name, mine = _hash(token), _digest("browser", token, secret)

        def bind(known: dict[str, Any]) -> dict[str, Any]:
            if known["links"][name] != FRESH:
                return {}
            return {"links": {**known["links"], name: mine}, "begun": known.get("begun", 0) + 1}

        self._change(form, bind)

    def use(self, form: str, token: str) -> None:
        """The questionnaire was handed in: the link is dead."""
        self._change(form, lambda known: {"links": {**known["links"], _hash(token): USED}})

    def count(self, form: str, what: str) -> None:
        """One more of `COUNTS`."""
        self._change(form, lambda known: {what: known.get(what, 0) + 1})

    def participation(self, form: str) -> Participation:
        """The counts of a form; zeros where nothing was made or begun."""
        self._data = _read(self._path)
        return Participation(len(self._links(form)), *(self._count(form, each) for each in COUNTS))

    def _links(self, form: str) -> dict[str, str]:
        return dict(self._data.get(form, {}).get("links", {}))

    def _count(self, form: str, what: str) -> int:
        return int(self._data.get(form, {}).get(what, 0))

    def _change(self, form: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Write what `change` makes of what is known of a form; another program may have written meanwhile."""
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            with os.fdopen(_alone_at(part), "w", encoding="utf-8") as file:
                data = _read(self._path)
                data[form] = data.get(form, {}) | change(data.get(form, {}))
                json.dump(data, file, sort_keys=True, indent=1)  # sorted: the order of the hashes, not of time
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise StudyError("alone.not_written", path=self._path) from error
        except StudyError:
            part.unlink(missing_ok=True)
            raise
        self._data = data


def _alone_at(part: Path) -> int:
    """A file that only one program has at a time; one that a killed program left is taken over after a while."""
    for _ in range(PATIENCE):
        try:
            return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            time.sleep(0.01)
    return os.open(part, os.O_WRONLY | os.O_TRUNC, 0o600)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _digest(what: str, token: str, secret: str) -> str:
    return hashlib.sha256(f"{what}/{token}/{secret}".encode("ascii")).hexdigest()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StudyError("alone.broken", path=path) from error
    if not (isinstance(data, dict) and all(_is_form(each) for each in data.values())):
        raise StudyError("alone.broken", path=path)
    return data


def _is_form(value: object) -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get("links", {}), Mapping):
        return False
    known = all(isinstance(name, str) and isinstance(state, str) for name, state in value.get("links", {}).items())
    return known and all(type(value.get(name, 0)) is int for name in COUNTS)
