"""From a study to figures: which towns, which audience, and what is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from intake.study import Study
from reports.registers.making import AUTHORITY, REGISTERS, Recipient, listings_of, make_registers
from reports.registers.reading import Registers, Scope
from scenario.lives import TOWN
from scenario.register_records import DAY, KREIS
from validation.errors import LotsenbuchError


def test_all_registers_of_a_kreis(study: Study) -> None:
    made = make_registers(study, DAY, kreis=KREIS)
    assert [key for key, _, _ in made.sections] == list(REGISTERS)
    assert made.subtitle == "Kreis Calw, Stand 30.06.2024"
    assert made.audience.startswith("Nur für den Dienstgebrauch")
    page = made.html()
    assert "1.652.662" in page
    assert "Schönhöfen" in page


def test_one_register_of_one_town_in_english(study: Study) -> None:
    made = make_registers(study, DAY, municipality=TOWN, what=("housing",), language="en")
    assert [name for _, name, _ in made.sections] == ["Accommodations"]
    text = "\n".join(made.lines())
    assert "U-01 Haus Birke (Althengstett) is overcrowded (persons: 4, usable places: 3)." in text
    assert "30 June 2024" in made.subtitle


def test_internal_figures_leave_no_event_and_others_do(study: Study) -> None:
    def exports() -> list[tuple[str, dict[str, str]]]:
        with study.store() as store:
            return [(each.about, dict(store.detail(each.number))) for each in store.events(kinds=["export"])]

    before = exports()
    make_registers(study, DAY, municipality=TOWN)
    assert exports() == before
    to = Recipient("Regierungspräsidium Stuttgart", "VwV Integrationsmanagement")
    made = make_registers(study, DAY, municipality=TOWN, audience=AUTHORITY, recipient=to)
    assert to.name in made.audience
    assert to.basis in made.audience
    assert exports()[len(before) :] == [
        ("registers authority 2024-06-30", {"recipient": to.name, "basis": to.basis}),
    ]
    make_registers(study, DAY, municipality=TOWN, audience="public")
    assert exports()[-1] == ("registers public 2024-06-30", {})


def test_towards_an_authority_figures_are_exact(study: Study) -> None:
    exact = make_registers(study, DAY, municipality=TOWN).data()["registers"]
    to = Recipient("Landratsamt", "Auftrag")
    assert make_registers(study, DAY, municipality=TOWN, audience=AUTHORITY, recipient=to).data()["registers"] == exact


def test_what_a_login_may_not_open_is_said(registers: Registers, scope: Callable[..., Scope]) -> None:
    closed = Registers({}, closed=["staff"])
    assert "Personal" in listings_of("posts", closed, scope())[0].alerts[0]
    assert listings_of("housing", closed, scope())[0].alerts == ()
    assert not any("Klasse" in alert for alert in listings_of("posts", registers, scope())[0].alerts)


def test_nothing_that_leaves_names_a_site_a_post_or_a_small_number_of_people(study: Study) -> None:
    for audience in ("council", "public"):
        page = make_registers(study, DAY, kreis=KREIS, audience=audience).html()
        assert not [word for word in ("Haus Birke", "S-01", "E-01", "U-01", "Abwesenheit", "P-0000") if word in page]


@pytest.mark.parametrize(("given", "code"), [
    ({}, "registers.where"), ({"municipality": TOWN, "kreis": KREIS}, "registers.where"),
    ({"municipality": "08000000"}, "plan.no_town"), ({"kreis": "Nirgendwo"}, "registers.no_kreis"),
    ({"municipality": TOWN, "what": ("haus",)}, "registers.unknown"),
    ({"municipality": TOWN, "audience": "alle"}, "plan.unknown_audience"),
    ({"municipality": TOWN, "audience": AUTHORITY}, "registers.whom"),
    ({"municipality": TOWN, "audience": AUTHORITY, "recipient": Recipient("RP", "")}, "registers.whom"),
    ({"municipality": TOWN, "recipient": Recipient("RP", "VwV")}, "registers.whom"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(study: Study, given: dict[str, Any], code: str) -> None:
    with pytest.raises(LotsenbuchError) as error:
        make_registers(study, DAY, **given)
    assert error.value.code == code
