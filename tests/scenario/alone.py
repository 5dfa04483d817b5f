"""A survey study with its two forms published, and a front of it that a test speaks to without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from intake.interview.alone.desk import Desk, day_clock
from intake.interview.alone.front import Front, Line
from intake.interview.alone.links import Links
from intake.publishing import publish_all
from intake.store import Store
from intake.study import Study, create_study

HOST = "127.0.0.1:8868"
ORIGIN = f"http://{HOST}"
SECRET, OTHER = "ab" * 16, "cd" * 16


def survey(place: Path) -> Study:
    """The shipped survey as a study of its own."""
    study = create_study(place, template="befragung")
    with study.store() as store:
        publish_all(study, store)
    return study


class Talk(Line):
    """A line without a socket: what it would send is in `told`."""

    def __init__(self, front: Front, address: str = "192.168.1.7") -> None:
        self.request = SimpleNamespace(remote_ip=address, host=front.host)  # type: ignore[assignment]
        self.told: list[dict[str, Any]] = []
        self.initialize(front)
        front.lines.add(self)

    def tell(self, message: dict[str, Any]) -> None:
        json.dumps(message)
        self.told.append(message)

    def say(self, **message: Any) -> list[dict[str, Any]]:
        """Send a message as a browser does; what came back."""
        before = len(self.told)
        self.on_message(json.dumps(message))
        return self.told[before:]

    def begin(self, token: str, secret: str = SECRET) -> dict[str, Any]:
        """Enter and begin; the form."""
        (welcome,) = self.say(type="enter", token=token, secret=secret)
        assert welcome["type"] == "welcome", welcome
        (form,) = self.say(type="begin", language="Deutsch (de)")
        return form

    def fill(self, form: dict[str, Any], name: str, value: str, op_id: str = "") -> dict[str, Any]:
        key = key_of(form, name)
        return self.say(type="op", op="answer", op_id=op_id or f"{name}-{value}", key=key, value=value)[-1]

    def submit(self) -> dict[str, Any]:
        return self.say(type="op", op="submit", op_id="submit", key=None, value=None)[-1]


def key_of(form: dict[str, Any], name: str) -> str:
    """The id of a question by its name."""

    def walk(elements: list[dict[str, Any]]) -> Iterator[str]:
        for each in elements:
            if each.get("name") == name:
                yield str(each["id"])
            yield from walk(each.get("children", []))

    return next(walk(form["sections"]))


@dataclass
class Office:
    """An open study with a desk."""

    study: Study
    store: Store
    desk: Desk
    links: Links

    def front(self, token: str = "", **settings: Any) -> Front:
        return Front(self.desk, self.links, HOST, ORIGIN, token, **settings)


@contextmanager
def office(study: Study, form: str = "bewohner", *, kiosk: bool = True, **settings: Any) -> Iterator[Office]:
    """A study whose store is open, with a desk for a form; `settings` are those of study.toml that differ."""
    assert study.alone is not None
    clock = day_clock(study.tz)
    with study.store(clock=clock) as store:
        desk = Desk(store, form, replace(study.alone, **settings), clock=clock, title=study.title, kiosk=kiosk)
        yield Office(study, store, desk, Links(study.dir / "participation.json"))
