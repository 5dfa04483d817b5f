"""The demo in the store: stored once, all or nothing, and a Kreis of any size beside the small one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake import demo
from intake.checking import check_study
from intake.demo import FORMS, DemoSummary, Size, fill_demo, size_of
from intake.demonstration.district import plan_district
from intake.demonstration.known import Memory
from intake.entities import Entity, read_entities
from intake.population import ALTHENGSTETT
from intake.study import Study, create_study
from scenario.plans import some
from validation.errors import FormError, StudyError


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Fills with a part of the plan, so that a test of the store takes a second."""
    plan = demo.plan_population
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_population", lambda seed: some(plan(seed), 3))
        yield


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, DemoSummary]:
    study = create_study(tmp_path_factory.mktemp("demo") / "demo", demo=True)
    return study, fill_demo(study, seed=1)


def test_the_demo_is_stored_once_and_received_when_it_was_taken(filled: tuple[Study, DemoSummary]) -> None:
    study, first = filled
    second = fill_demo(study, seed=1)
    assert (first.created, second.created) == (True, False)
    assert first.records == {form: count for form, count in second.records.items() if count}
    with study.store() as store:
        assert store.count() == first.total
        stored = list(store.submissions("erstgespraech", municipality=ALTHENGSTETT))
        assert stored
        assert all(each.received == each.ended for each in stored)
        assert {frozen.form_id for frozen in store.forms()} == set(study.forms())


def test_a_store_with_other_records_is_left_alone(filled: tuple[Study, DemoSummary]) -> None:
    study, first = filled
    with pytest.raises(StudyError, match="--dir"):
        fill_demo(study, seed=2)
    with study.store() as store:
        assert store.count() == first.total


def test_a_study_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    study = create_study(tmp_path / "real")
    with pytest.raises(StudyError, match="Demo"):
        fill_demo(study)
    with study.store() as store:
        assert store.count() == 0
        assert store.forms() == ()


def test_a_form_that_no_longer_fits_the_plan_stores_nothing(tmp_path: Path) -> None:
    study = create_study(tmp_path / "demo", demo=True)
    path = study.dir / "forms" / "austritt.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(". <= today()", ". < '1990-01-01'"), encoding="utf-8")
    with pytest.raises(FormError) as caught:
        fill_demo(study)
    assert caught.value.problems[0].place.nodeset == "/data/austritt/datum"
    with study.store() as store:
        assert store.count() == 0
        assert store.forms() == ()


@pytest.mark.parametrize("size", [(19, 4), (60, 1), (60, 1000)])
def test_a_size_that_no_kreis_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(StudyError, match="--persons"):
        Size(*size)


def test_one_number_is_enough() -> None:
    assert size_of(None, None) is None
    assert size_of(300, 10) == Size(300, 10)
    assert size_of(750, None) == Size(750, 10)
    assert size_of(None, 8) == Size(600, 8)
    with pytest.raises(StudyError):
        size_of(None, 0)


def test_a_kreis_is_stored_checked_without_a_hit_and_the_store_knows_what_memory_knew(tmp_path: Path) -> None:
    study = create_study(tmp_path / "kreis", demo=True)
    first = fill_demo(study, seed=3, size=Size(20, 2))
    assert set(first.records) == set(FORMS)
    assert not fill_demo(study, seed=3, size=Size(20, 2)).created
    with pytest.raises(StudyError, match="--dir"):
        fill_demo(study, seed=3, size=Size(21, 2))
    report = check_study(study)
    assert report.ok
    assert report.rules.hits == ()
    with study.store() as store:
        forms = {frozen.hash: study.form(frozen.form_id, store) for frozen in store.forms()}
        memory = Memory({form.id: form for form in forms.values()})
        for made in sorted(store.submissions(), key=lambda each: each.ended):
            memory.keep(made)
        compared = 0
        for person in [each.id for each in plan_district(20, 2, 3).people if each.role != "child"][:6]:
            said = read_entities(store, forms.__getitem__, datasets=("person", "ziel", "kind"), person=person)
            known = memory.of(person).entities
            for dataset, entities in said.items():
                assert list(known.get(dataset, {})) == list(entities)
                assert {name: answered(each) for name, each in known.get(dataset, {}).items()} == {
                    name: answered(each) for name, each in entities.items()
                }
                compared += len(entities)
    assert compared > 12


def answered(entity: Entity) -> dict[str, str]:
    return {name: text for name, text in entity.properties.items() if text}
