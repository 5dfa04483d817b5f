"""Names that sound alike are found whatever script and spelling they are in; others are not."""

from __future__ import annotations

import pytest

from intake.duplicates import VARIANTS, is_alike, similar, words_of

ALIKE = [
    ("Mohammed Ahmad", "محمد أحمد"),
    ("Mohammed", "Muhamad"),
    ("Mohamad Al-Hussein", "Muhammed Alhussein"),
    ("Hussein, Ali", "علي حسين"),
    ("Jusuf Chaled", "Youssef Khalid"),
    ("Yusuf Khaled", "يوسف خالد"),
    ("Abdul Rahman Nouri", "Abdulrahman Noori"),
    ("عبد الرحمن نوري", "Abd al-Rahman Nuri"),
    ("عبدالرحمن نوري", "Abdulrahman Nuri"),
    ("Jamal Dschafar", "Djamal Jafar"),
    ("جمال", "Gamal"),
    ("روان", "Rawan"),
    ("Fatima", "فاطمة"),
    ("Achmed", "Ahmad"),
    ("Шевченко Олександр", "Schewtschenko Oleksandr"),
    ("Шевченко Олександр", "Shevchenko, Oleksandr"),
    ("Христина Жук", "Khrystyna Zhuk"),
    ("Михайло Бондаренко", "Mykhailo Bondarenko"),
    ("Юлія Щербак", "Julija Schtscherbak"),
    ("Tesfay Gebremariam", "Tesfai Ghebremariam"),
    ("Müller Hans", "Mueller, Hans"),
    ("Meyer Anna", "Maier Anna"),
    ("Nguyen Thi", "Nguyen Van Thi"),
    ("O'Neill", "Oneil"),
]
OTHERS = [
    ("Mohammed Ahmad", "Mohammed Ali"),
    ("Anna Kovalchuk", "Olena Kovalchuk"),
    ("Maria Bondarenko", "Marko Bondarenko"),
    ("Ahmad Hassan", "Omar Hassan"),
    ("Li Wang", "Lu Wang"),
    ("Demo-Person 0004", "Demo-Person 0005"),
    ("", ""),
    ("…", "Ali"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_name_in_two_spellings_is_alike(one: str, other: str) -> None:
    assert is_alike(one, other)
    assert is_alike(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_names_are_not(one: str, other: str) -> None:
    assert not is_alike(one, other)
    assert not is_alike(other, one)


def test_rows_are_compared_that_share_a_word_and_are_of_different_people() -> None:
    names = ["Ali Hussein", "علي حسين", "Ali Hussein", "Ali Hussein", "Ali Hussein", ""]
    groups = ["1990-01-02 1990-02-01", "1990-02-01", "1990-01-02", "1991-01-01", "", "1990-01-02"]
    owners = ["P-1", "P-2", "P-1", "P-3", "P-4", "P-5"]
    assert similar(names, groups, owners) == {0: frozenset({1}), 1: frozenset({0})}


def test_a_hostile_name_has_bounded_spellings() -> None:
    (codes,) = words_of("وججغخث" * 40)
    assert 0 < len(codes) <= 2 * VARIANTS * VARIANTS
