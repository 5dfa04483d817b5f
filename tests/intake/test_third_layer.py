"""The third layer of the first interview (*Vertiefung*): last in each section, never required, with its own rules."""

from __future__ import annotations

import datetime as dt

import pytest

from scenario.first_interview import TODAY, begun, form, kinds


def test_nothing_of_the_third_layer_must_be_answered_and_it_stands_last_in_its_section() -> None:
    erst = form("erstgespraech")
    sections: dict[str, list[str]] = {}
    for control in erst.controls():
        if control.nodeset.endswith("__missing"):
            continue
        layer = erst.binds[control.nodeset].columns["layer"]
        sections.setdefault(control.nodeset.rsplit("/", 1)[0], []).append(layer)
        assert layer != "vertiefung" or erst.binds[control.nodeset].required is None, control.nodeset
    for section, layers in sections.items():
        last = [layer == "vertiefung" for layer in layers]
        assert last == sorted(last), section


def test_what_says_something_about_health_is_asked_with_consent_alone() -> None:
    binds = form("erstgespraech").binds
    special = {path for path, bind in binds.items() if bind.columns.get("sensitivity") == "special"}
    asked = {path for path in special if not path.endswith("__missing")}
    assert {path.rsplit("/", 1)[1] for path in asked} == {
        "kind_besonderer_bedarf", "bedarfsgruppen", "trauma_hinweis", "angebunden", "behinderung", "gdb_pflegegrad",
    }  # fmt: skip
    for consent, shown in ((None, False), ("nein", False), ("ja", True)):
        instance = begun(haushalt__personen=2, haushalt__unter18=1, fall__einwilligung=consent)
        for path in asked:
            assert instance.relevant(path.replace("/kind/", "/kind[1]/")) is shown, (path, consent)
        assert instance.relevant("/data/gesundheit/krankenversicherung")


def test_the_second_nationality_is_another_one_and_a_person_below_16_is_asked_when_married() -> None:
    instance = begun(person__geburtsdatum=dt.date(2006, 6, 2), person__staatsangehoerigkeit="SY")
    offered = {value for value, _ in instance.choices("/data/person/geburtsland")}
    assert "SY" in offered
    assert not {"XXA", "XXX"} & offered  # stateless is no country
    instance.answer("/data/person/staatsangehoerigkeit2", "SY")
    instance.answer("/data/person/familienstand", "verheiratet")
    assert kinds(instance, "person/staatsangehoerigkeit2") == {"constraint"}
    assert kinds(instance, "person/familienstand") == {"warning"}
    instance.answer("/data/person/staatsangehoerigkeit2", "TR")
    instance.answer("/data/person/geburtsdatum", dt.date(2006, 6, 1))
    assert kinds(instance, "person/staatsangehoerigkeit2") == kinds(instance, "person/familienstand") == set()


def test_a_release_from_confidentiality_ends_after_the_interview_and_a_status_soon_over_is_asked() -> None:
    instance = begun(fall__schweigepflicht=["jc"], aufenthalt__status="ae24")
    for day, wrong in ((TODAY - dt.timedelta(1), {"constraint"}), (TODAY, set())):
        instance.answer("/data/fall/schweigepflicht_bis", day)
        assert kinds(instance, "fall/schweigepflicht_bis") == wrong
    for days, wrong in ((89, {"warning"}), (90, set())):
        instance.answer("/data/aufenthalt/status_gueltig_bis", TODAY + dt.timedelta(days))
        assert kinds(instance, "aufenthalt/status_gueltig_bis") == wrong


@pytest.mark.parametrize(("target", "wrong"), [("a1", {"warning"}), ("a2", {"warning"}), ("b1", set()), ("c2", set())])
def test_a_target_level_lies_above_the_present_one(target: str, wrong: set[str]) -> None:
    instance = begun(sprache__deutsch_gesamt="a2", sprache__sprachziel=target)
    assert kinds(instance, "sprache/sprachziel") == wrong
    assert "alph2" not in {value for value, _ in instance.choices("/data/sprache/sprachziel")}


def test_a_certificate_is_asked_for_where_the_level_rests_on_one() -> None:
    instance = begun(sprache__deutsch_gesamt="a2", sprache__quelle="einschaetzung")
    assert not instance.relevant("/data/sprache/zertifikat_vom")
    instance.answer("/data/sprache/quelle", "zertifikat")
    instance.answer("/data/sprache/zertifikat_vom", TODAY + dt.timedelta(1))
    assert kinds(instance, "sprache/zertifikat_vom") == {"constraint"}


def test_a_running_course_ends_after_the_interview() -> None:
    instance = begun(sprache__kurs="ik_allg", sprache__kursstatus="running", sprache__kurs_bis=TODAY - dt.timedelta(1))
    assert kinds(instance, "sprache/kurs_bis") == {"warning"}
    instance.answer("/data/sprache/kurs_bis", TODAY + dt.timedelta(90))
    assert kinds(instance, "sprache/kurs_bis") == set()


def test_recognition_is_decided_after_it_is_applied_for_and_asked_after_when_it_takes_long() -> None:
    instance = begun(beruf__anerkennung="applied", beruf__anerkennung_beantragt_am=TODAY - dt.timedelta(93))
    assert kinds(instance, "beruf/anerkennung_beantragt_am") == {"warning"}
    instance.answer("/data/beruf/anerkennung", "full")
    instance.answer("/data/beruf/anerkennung_bescheid_vom", TODAY - dt.timedelta(94))
    assert kinds(instance, "beruf/anerkennung_beantragt_am") == set()
    assert kinds(instance, "beruf/anerkennung_bescheid_vom") == {"constraint"}


@pytest.mark.parametrize(
    ("area", "persons", "wrong"), [("20.9", 3, {"warning"}), ("21", 3, set()), ("5", 1, {"warning"})]
)
def test_less_than_7_square_metres_a_person_are_asked(area: str, persons: int, wrong: set[str]) -> None:
    instance = begun(wohnen__wohnform="priv_fam", wohnen__wohnflaeche=area, wohnen__wohnflaeche_personen=persons)
    assert kinds(instance, "wohnen/wohnflaeche_personen") == wrong


def test_hours_are_asked_of_who_works_and_the_school_entry_examination_of_who_is_4_to_7() -> None:
    instance = begun(arbeit__erwerbsstatus="arbeitslos", haushalt__personen=2, haushalt__unter18=1)
    assert not instance.relevant("/data/arbeit/wochenstunden")
    instance.answer("/data/arbeit/erwerbsstatus", "svp_voll")
    instance.answer("/data/arbeit/wochenstunden", 61)
    assert kinds(instance, "arbeit/wochenstunden") == {"warning"}
    for born, asked in (((2018, 6, 2), False), ((2018, 6, 1), True), ((2014, 6, 2), True), ((2014, 6, 1), False)):
        instance.answer("/data/kinder/kind[1]/kind_geburtsdatum", dt.date(*born))
        assert instance.relevant("/data/kinder/kind[1]/einschulungsuntersuchung") is asked
