"""Tables of an invented town, as `intake.tables` gives them: for tests of counting and printing that need no store.

`Town` adds up persons, stays, posts and goals; `tables()` gives the frames. `althengstett()` is the published year,
`bundle_of` what the report of a town prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from reports.bundle import Bundle
from reports.collect import collect
from reports.disclosure.ledger import Ledger
from reports.disclosure.policy import read_policy

DATA = Path(__file__).parents[2] / "data"
AGS = "08235007"
YEARS = {2018: (52, 54, 3), 2019: (50, 48, 6), 2020: (38, 38, 3), 2021: (48, 48, 3), 2022: (72, 62, 3)}
"""year -> assigned, into independence, other exits (data/demo/README.md)."""

FURTHER = ("ER", "GM", "IQ", "IR", "NG", "PK", "SO", "TR", "GE", "CM", "LK")
DISTRICTS = {"Althengstett": 5, "Neuhengstett": 3, "Ottenbronn": 2}
LABELS = {
    "nationality": {
        "SY": "Syrien",
        "PS": "Palästina",
        "AF": "Afghanistan",
        "UA": "Ukraine",
        "ER": "Eritrea",
        "GM": "Gambia",
        "IQ": "Irak",
        "IR": "Iran",
        "NG": "Nigeria",
        "PK": "Pakistan",
        "SO": "Somalia",
        "TR": "Türkei",
        "GE": "Georgien",
        "CM": "Kamerun",
        "LK": "Sri Lanka",
    },
    "rolle": {"im": "Integrationsmanagement", "ib": "Integrationsbeauftragte/r"},
    "field": {"spr": "Sprache", "bil": "Bildung", "arb": "Arbeit", "woh": "Wohnen", "wrn": "Werte, Regeln, Normen"},
    "status": {
        "agreed": "vereinbart",
        "running": "läuft",
        "reached": "erreicht",
        "partly": "teilweise erreicht",
        "not_reached": "nicht erreicht",
    },
}


def _day(year: int, month: int, day: int) -> pd.Timestamp:
    return pd.Timestamp(year, month, day)


@dataclass
class Town:
    """Persons come and go; the last ones stay."""

    ags: str = AGS
    people: list[dict[str, object]] = field(default_factory=list)
    exits: list[dict[str, object]] = field(default_factory=list)
    sites: list[dict[str, object]] = field(default_factory=list)
    stays: list[dict[str, object]] = field(default_factory=list)
    posts: list[dict[str, object]] = field(default_factory=list)
    goals: list[dict[str, object]] = field(default_factory=list)
    absences: list[dict[str, object]] = field(default_factory=list)

    def arrive(self, n: int, year: int, kind: str = "lra", nation: str = "SY") -> list[str]:
        """n persons assigned on 1 March of a year."""
        came = []
        for _ in range(n):
            name = f"P-{self.ags[-3:]}{len(self.people) + 1:05d}"
            self.people.append(
                {
                    "KEY": f"uuid:{name}",
                    "fall-person": name,
                    "fall-gemeinde": self.ags,
                    "fall-fallnummer": name,
                    "aufenthalt-zuweisung": _day(year, 3, 1),
                    "aufenthalt-zugangsart": kind,
                    "wohnen-wohnform": "au_gu",
                    "person-staatsangehoerigkeit": nation,
                    "person-geschlecht": "w",
                    "person-geburtsdatum": _day(1990, 5, 5),
                }
            )
            came.append(name)
        return came

    def leave(self, n: int, year: int, reason: str = "selbst_wohn") -> None:
        """The n persons that have been there longest leave on 1 September."""
        gone = {str(row["fall-person"]) for row in self.exits}
        there = [row for row in self.people if row["fall-person"] not in gone and row["aufenthalt-zugangsart"] == "lra"]
        for row in there[:n]:
            self.exits.append(
                {
                    "KEY": f"uuid:x-{row['fall-person']}",
                    "fall-person": row["fall-person"],
                    "fall-gemeinde": self.ags,
                    "austritt-datum": _day(year, 9, 1),
                    "austritt-grund": reason,
                }
            )

    def present(self) -> list[dict[str, object]]:
        """Who is there in the end."""
        gone = {row["fall-person"] for row in self.exits}
        return [row for row in self.people if row["fall-person"] not in gone]

    def nations(self, counts: dict[str, int]) -> None:
        """Give the assigned persons who are there these nationalities, in order."""
        codes = [code for code, n in counts.items() for _ in range(n)]
        for row, code in zip((r for r in self.present() if r["aufenthalt-zugangsart"] == "lra"), codes, strict=True):
            row["person-staatsangehoerigkeit"] = code

    def house(self, districts: dict[str, int], places: int = 13) -> None:
        """Sites in districts; who is there moves in, one after the other."""
        for district, n in districts.items():
            for _ in range(n):
                number = len(self.sites) + 1
                self.sites.append(
                    {
                        "KEY": f"uuid:s-{self.ags}-{number}",
                        "unterkunft-gemeinde": self.ags,
                        "unterkunft-id": f"U{number:02d}",
                        "unterkunft-name": f"Haus {number}",
                        "unterkunft-ortsteil": district,
                        "unterkunft-type": "gu",
                        "unterkunft-units": 3,
                        "unterkunft-places": places,
                        "unterkunft-places_usable": places,
                        "unterkunft-in_use_from": _day(2016, 1, 1),
                        "unterkunft-in_use_to": None,
                    }
                )
        for number, row in enumerate(self.present()):
            site = self.sites[number % len(self.sites)]
            self.stays.append(
                {
                    "PARENT_KEY": site["KEY"],
                    "KEY": f"{site['KEY']}/b[{number}]",
                    "person": row["fall-person"],
                    "von": row["aufenthalt-zuweisung"],
                    "bis": None,
                    "not_im": None,
                }
            )

    def post(self, approved: float, *, away: bool = False, role: str = "im") -> None:
        """One post since 2018; `away`: absent without a substitute."""
        number = len(self.posts) + 1
        key = f"uuid:p-{self.ags}-{number}"
        self.posts.append(
            {
                "KEY": key,
                "stelle-gemeinde": self.ags,
                "stelle-id": f"S{number}",
                "stelle-rolle": role,
                "stelle-vzae_bewilligt": approved,
                "stelle-vzae_besetzt": approved,
                "stelle-von": _day(2018, 1, 1),
                "stelle-bis": None,
                "stelle-status": "besetzt",
            }
        )
        if away:
            self.absences.append(
                {
                    "PARENT_KEY": key,
                    "KEY": f"{key}/a[1]",
                    "art": "mutterschutz",
                    "von": _day(2022, 6, 1),
                    "bis": _day(2023, 12, 31),
                    "vertretung": "nein",
                }
            )

    def aim(self, fields: Iterable[str], states: Iterable[str]) -> None:
        """One goal for each person who is there, fields and states in turn."""
        fields, states = tuple(fields), tuple(states)
        for number, row in enumerate(self.present()):
            self.goals.append(
                {
                    "PARENT_KEY": row["KEY"],
                    "KEY": f"{row['KEY']}/z[1]",
                    "handlungsfeld": fields[number % len(fields)],
                    "stand": states[number % len(states)],
                    "faellig": _day(2022, 12, 1),
                }
            )

    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames, empty ones with their columns."""
        return {
            "erstgespraech": _frame(self.people, "aufenthalt-zuweisung", "person-geburtsdatum"),
            "erstgespraech-ziel": _frame(
                self.goals, "faellig", columns=("PARENT_KEY", "KEY", "handlungsfeld", "stand", "faellig")
            ),
            "austritt": _frame(
                self.exits,
                "austritt-datum",
                columns=("KEY", "fall-person", "fall-gemeinde", "austritt-datum", "austritt-grund"),
            ),
            "unterkunft": _frame(
                self.sites,
                "unterkunft-in_use_from",
                "unterkunft-in_use_to",
                columns=(
                    "KEY",
                    "unterkunft-gemeinde",
                    "unterkunft-id",
                    "unterkunft-name",
                    "unterkunft-ortsteil",
                    "unterkunft-type",
                    "unterkunft-units",
                    "unterkunft-places",
                    "unterkunft-places_usable",
                    "unterkunft-in_use_from",
                    "unterkunft-in_use_to",
                ),
            ),
            "unterkunft-bewohner": _frame(
                self.stays, "von", "bis", columns=("PARENT_KEY", "KEY", "person", "von", "bis", "not_im")
            ),
            "stelle": _frame(
                self.posts,
                "stelle-von",
                "stelle-bis",
                columns=(
                    "KEY",
                    "stelle-gemeinde",
                    "stelle-id",
                    "stelle-rolle",
                    "stelle-vzae_bewilligt",
                    "stelle-vzae_besetzt",
                    "stelle-von",
                    "stelle-bis",
                    "stelle-status",
                ),
            ),
            "stelle-abwesenheit": _frame(
                self.absences, "von", "bis", columns=("PARENT_KEY", "KEY", "art", "von", "bis", "vertretung")
            ),
        }


def _frame(rows: list[dict[str, object]], *dates: str, columns: Iterable[str] = ()) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=None if rows else list(columns))
    for column in dates:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    for column in frame.columns:
        if column.endswith(("vzae_bewilligt", "vzae_besetzt")):
            frame[column] = frame[column].astype("Float64")
        elif column.endswith(("-units", "-places", "_usable")):
            frame[column] = frame[column].astype("Int64")
        elif column not in dates:
            frame[column] = frame[column].astype("string")
    return frame


def althengstett() -> Town:
    """The published year: 360 = 250 + 18 + 92, 18 from Ukraine besides, 110 in ten sites in three districts."""
    town = Town()
    town.arrive(100, 2017)
    for year, (come, independent, other) in YEARS.items():
        town.arrive(come, year)
        town.leave(independent, year)
        town.leave(other, year, "untergetaucht")
    town.arrive(18, 2022, "privat_ua", "UA")
    small = dict.fromkeys(FURTHER, 3)
    small |= {"LK": 2, "CM": 1}
    town.nations({"SY": 41, "PS": 12, "AF": 9} | small)
    town.house(DISTRICTS)
    town.post(1.0, away=True)
    town.post(0.75)
    town.aim(LABELS["field"], LABELS["status"])
    return town


def bundle_of(town: Town, *, year: int = 2022, language: str = "de", ledger: Ledger | None = None) -> Bundle:
    """The protected tables of a town's year; nothing is published unless a ledger says so."""
    return collect(
        town.tables(),
        municipality=town.ags,
        name="Musterdorf",
        year=year,
        language=language,
        demo=True,
        policy=read_policy(DATA / "disclosure.toml"),
        ledger=Ledger() if ledger is None else ledger,
        labels=LABELS,
    )
