from __future__ import annotations

import pandas as pd
import pytest

from intake.tables import tables
from intake.wide import wide
from scenario.exchanged import FULL, MISSING, TEXT, answered, form, sent
from validation.errors import UsageError


def frames() -> dict[str, pd.DataFrame]:
    return tables(form(), [sent(1, FULL), sent(2, MISSING), sent(3, answered(wohnen="zelt", sprachen="xx ar"))])


def test_one_choice_is_an_ordered_category_as_the_list_orders_it() -> None:
    made = wide(form(), frames())["probe"]["wohnen"]
    assert made.dtype.ordered
    assert made.cat.categories.tolist() == ["wg", "gu", "klinik", "zelt"]
    assert made.isna().tolist() == [False, True, False]
    assert made.iloc[0] < made.iloc[2]


@pytest.mark.parametrize(("language", "label"), [("de", "Unterkunft"), ("en", "Site"), ("ar", "ملجأ")])
def test_categories_are_labels_in_a_language(language: str, label: str) -> None:
    made = wide(form(), frames(), labels=language)["probe"]
    assert made["wohnen"].tolist()[::2] == [label, "zelt"]
    assert made["wohnen__missing"].iloc[1] != "refused"


def test_labels_that_are_shared_say_which() -> None:
    same = form(TEXT.replace("| Unterkunft |", "| Wohnung |"))
    made = wide(
        same, tables(same, [sent(1, answered(wohnen="gu")), sent(2, answered(wohnen="Wohnung [gu]"))]), labels="de"
    )
    assert made["probe"]["wohnen"].tolist() == ["Wohnung [gu]", "[Wohnung [gu]]"]


def test_several_choices_are_lists() -> None:
    made = wide(form(), frames())["probe"]["sprachen"]
    assert [None if value is None else list(value) for value in made.array._pa_array.to_pylist()] == [
        ["ar", "de"], None, ["xx", "ar"],
    ]  # fmt: skip
    assert "list" in str(made.dtype)


def test_several_choices_are_split_into_columns_of_0_and_1() -> None:
    made = wide(form(), frames(), many="split")["probe"]
    names = [name for name in made if name.startswith("sprachen")]
    assert names == ["sprachen", "sprachen/de", "sprachen/ar", "sprachen/xx"]
    assert made["sprachen/de"].tolist()[::2] == [1, 0]
    assert made["sprachen/xx"].tolist()[::2] == [0, 1]
    assert made.loc[1, names].isna().all()
    assert wide(form(), frames(), many="text")["probe"]["sprachen"].tolist()[0] == "ar de"
    with pytest.raises(UsageError, match="viele"):
        wide(form(), frames(), many="viele")  # type: ignore[arg-type]


def test_reasons_stand_beside_their_questions_or_not_at_all() -> None:
    made = wide(form(), frames())["probe"]
    names = list(made)
    assert names[names.index("alter") + 1] == "alter__missing"
    assert not [name for name in wide(form(), frames(), missing=False)["probe"] if name.endswith("__missing")]


def test_what_is_given_stays_as_it_is() -> None:
    given = frames()
    before = {name: frame.copy() for name, frame in given.items()}
    wide(form(), given, many="split", labels="de")
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_a_broken_series_has_its_own_labels() -> None:
    newest = form(
        TEXT.replace("| | select_one wohnen | wohnen |", "| | select_multiple wohnen | wohnen |").replace(
            "| | probe | 1 |", "| | probe | 2 |"
        )
    )
    made = tables(newest, [sent(1, answered(wohnen="gu"))], earlier=[form()])
    shown = wide(newest, made, labels="de", earlier=[form()])["probe"]
    assert shown["wohnen__v1"].tolist() == ["Unterkunft"]
