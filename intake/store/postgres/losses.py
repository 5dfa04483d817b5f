"""Which keys open what events carry, and which of them are gone without an event that says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from intake.store.ring import CLASSES, STUDY

GONE: Mapping[str, tuple[str, ...]] = {"erasure": CLASSES, "withdrawal": ("special",)}
"""{kind of event: the classes whose keys it takes away}."""

_ALWAYS = 1 << 62


@dataclass(slots=True)
class OpenedBy:
    """Learns of events in their order. `last` is the number of the latest."""

    last: int = 0
    _owners: dict[int, str] = field(default_factory=dict)
    _laid: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def add(self, number: int, kind: str, subject: str, labels: Iterable[str] | None) -> None:
        """An event with the labels of what it wrote (as `carried` in the server's functions gives them); None for a
        login that is not given them: of a submission it expects a key of every class."""
        self.last = number
        self._owners[number] = STUDY if kind in GONE else subject
        self._taken.update((subject, name) for name in GONE.get(kind, ()))
        if labels is None and kind == "submission":
            self._laid.update({(number, name): (name, _ALWAYS) for name in CLASSES})
        for label in labels or ():
            what, *rest = label.removesuffix(" head").split(" ")
            *event, place, name = rest if what == "attachment" else [*rest[:-1], "", rest[-1]]
            self._laid[int(event[0]) if event else number, place or name] = (name, number)

    def subjects(self) -> list[str]:
        """Whose keys are needed."""
        return sorted(set(self._owners.values()))

    def lost(self, since: Mapping[tuple[str, str], int]) -> list[int]:
        """The first event of each subject of which something cannot be opened by anybody, though nobody took the keys
        away. `since` are the keys there are: {(subject, class): the event from which on it opens}."""
        found: dict[str, int] = {}
        for (event, _), (name, written_by) in sorted(self._laid.items()):
            owner = self._owners.get(event, "")
            if since.get((owner, name), _ALWAYS + 1) > written_by and (owner, name) not in self._taken:
                found.setdefault(owner, event)
        return sorted(found.values())
