from __future__ import annotations

import json

import pytest

from intake.formdiff.changes import KINDS
from intake.formdiff.comparing import compare
from intake.formdiff.telling import Telling
from scenario.diffable import CHANGES, changed, version
from validation.messages import area


def told(kind: str) -> Telling:
    old, new = changed(kind)
    return Telling(old, new, compare(old, new))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_sentence(kind: str, language: str) -> None:
    assert area("formdiff")[f"formdiff.kind_{kind}"][language]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_is_told_in_full(kind: str, language: str) -> None:
    text = told(kind).text(language)
    assert len(text.splitlines()) >= 5
    assert "{" not in text.replace("${", "")
    json.dumps(told(kind).json(language))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("relevant", "Wird gefragt: Nur wenn „Alter“ größer als 17 → Nur wenn „Alter“ größer als 20"),
        ("constraint", "Erlaubt, wenn: die Antwort mindestens 0 und höchstens 120 → die Antwort mindestens 0 und"),
        ("required", "Pflicht: immer → „Alter“ größer als 3"),
        ("calculate", "/data/a/alter * 2 → /data/a/alter * 3"),
        ("choices_removed", "Auswahl entfernt: sy (Syrien)"),
        ("type", "Typ geändert: ganze Zahl → Dezimalzahl"),
        ("sensitivity", "Schutzklasse: wer jemand ist → allgemein"),
        ("moved_unlisted", "ergänzen Sie in renames.csv die Zeile probe,/data/b/frei,/data/a/frei."),
        ("label", "Beschriftung (Deutsch (de)): „Tag“ → „Datum“"),
    ],
)
def test_what_is_said(kind: str, said: str) -> None:
    assert said in told(kind).text()


def test_the_gravest_comes_first_and_the_same_is_said_in_one_sentence() -> None:
    old = version()
    new = version(*CHANGES["label"][0], *CHANGES["calculate"][0], *CHANGES["added"][0], number=2)
    lines = Telling(old, new, compare(old, new)).text().splitlines()
    assert lines[0] == "Formular probe: Version 1 → 2"
    assert lines[1] == "Ergebnis: bricht. 1 brechend, 1 verträglich, 1 nur Text."
    heads = [line for line in lines if line in ("Brechend", "Verträglich", "Nur Text")]
    assert heads == ["Brechend", "Verträglich", "Nur Text"]
    same = Telling(old, old, compare(old, old))
    assert not same.breaks
    assert "bedeuten dasselbe" in same.text()
    assert same.json()["verdict"] == "same"


def test_a_program_reads_class_places_and_map() -> None:
    found = told("removed").json("en")
    assert found["verdict"] == "breaking"
    assert found["breaks"] is True
    (change,) = [each for each in found["changes"] if each["kind"] == "removed"]  # type: ignore[attr-defined]
    assert (change["class"], change["nodeset"], change["message"]) == ("breaking", "/data/b/frei", "Removed (text)")
    assert found["map"]["/data/b/frei"] is None  # type: ignore[index]
    assert found["map"]["/data/b/tag"] == "/data/b/tag"  # type: ignore[index]
