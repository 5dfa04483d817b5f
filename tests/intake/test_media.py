"""intake.media: the files a form reads are found where ODK puts them, frozen with it, and never read from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake import media
from intake.media import instances
from intake.publishing import freeze, publish
from intake.study import create_study
from intake.xlsform import convert, inspect_form, read_converted, read_xlsform
from scenario.workbooks import markdown
from scenario.xforms import live
from validation.errors import FormError
from validation.xform import read_form as read_xform

FORM = """
    | survey | | | |
    | | type | name | label |
    | | text | first | F |
    | | select_one_from_file FILE | q | Q |
    | settings | | |
    | | form_id | version |
    | | f | 1 |
    """
TEXTS = {
    "towns.csv": "name,label\nt1,Town\n",
    "towns.xml": "<root><item><name>t1</name><label>Town</label></item></root>",
    "towns.geojson": """{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "t1",
        "geometry": {"type": "Point", "coordinates": [8.8, 48.7]}, "properties": {"title": "Town"}}]}""",
}


def form_in(folder: Path, file: str) -> Path:
    return markdown(folder / "forms", FORM.replace("FILE", file))


def put(path: Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("place", ["forms/form-media", "forms", "lists"])
def test_a_file_is_found_and_frozen(tmp_path: Path, name: str, place: str) -> None:
    path = form_in(tmp_path, name)
    put(tmp_path / place / name, TEXTS[name])
    assert inspect_form(path).problems == inspect_form(path).warnings == ()
    frozen = freeze(path)
    assert frozen.lists == {f"media/{name}": TEXTS[name].encode()}
    form = read_xlsform(path)
    assert live(form, instances=instances(form, frozen.lists)).choices("/data/q") == [("t1", "Town")]


def test_the_folder_of_the_form_comes_first(tmp_path: Path) -> None:
    path = form_in(tmp_path, "towns.csv")
    put(tmp_path / "forms" / "towns.csv", "name,label\nt2,Other\n")
    put(tmp_path / "forms" / "form-media" / "towns.csv", TEXTS["towns.csv"])
    assert b"Town" in freeze(path).lists["media/towns.csv"]


def test_a_missing_file_is_a_warning_and_keeps_a_form_from_being_frozen(tmp_path: Path) -> None:
    path = form_in(tmp_path, "towns.csv")
    checked = inspect_form(path)
    assert checked.problems == ()
    [warning] = checked.warnings
    assert (warning.code, warning.place.sheet, warning.place.row) == ("workbook.missing_file", "survey", 4)
    assert "towns.csv" in warning.message
    assert "form-media" in warning.message
    with pytest.raises(FormError) as raised:
        freeze(path)
    assert [problem.code for problem in raised.value.problems] == ["workbook.missing_file"]


def test_a_file_that_nothing_reads_may_be_missing(tmp_path: Path) -> None:
    path = markdown(tmp_path, FORM.replace("select_one_from_file FILE | q", "csv-external | towns"))
    assert inspect_form(path).warnings == ()
    assert freeze(path).lists == {}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"name\n\xff"),
        ("a.csv", b""),
        ("a.xml", b"<a"),
        ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        ("a.geojson", b"[]"),
        ("a.geojson", b"{"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_of_the_question(tmp_path: Path, name: str, data: bytes) -> None:
    path = form_in(tmp_path, name)
    put(tmp_path / "forms" / "form-media" / name, data)
    [problem] = inspect_form(path).problems
    assert (problem.place.sheet, problem.place.row) == ("survey", 4)
    with pytest.raises(FormError):
        freeze(path)


def test_files_have_a_size_that_they_may_not_exceed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "SIZE_LIMIT", 10)
    path = form_in(tmp_path, "towns.csv")
    put(tmp_path / "forms" / "towns.csv", TEXTS["towns.csv"])
    assert [problem.code for problem in inspect_form(path).problems] == ["workbook.too_many_files"]


@pytest.mark.parametrize("name", ["..\\..\\secret.csv", "c:secret.csv", "\\secret.csv"])
def test_a_name_never_leads_out_of_the_folders(tmp_path: Path, name: str) -> None:
    path = form_in(tmp_path, "towns.csv")
    xform = convert(path).xform.replace("towns.csv", name)
    put(tmp_path / "forms" / name, TEXTS["towns.csv"])  # on POSIX a file of just that name
    found = media.attached(read_xform(xform), path)
    assert found.files == {}
    assert [problem.code for problem in found.missing] == ["workbook.missing_file"]


def test_another_file_is_another_content(tmp_path: Path) -> None:
    path = form_in(tmp_path, "towns.csv")
    put(tmp_path / "forms" / "form-media" / "towns.csv", TEXTS["towns.csv"])
    with create_study(tmp_path / "study").store() as store:
        first = publish(store, path)
        assert publish(store, path) == first
        put(tmp_path / "forms" / "form-media" / "towns.csv", "name,label\nt2,Other\n")
        with pytest.raises(FormError) as raised:
            publish(store, path)
        assert [problem.code for problem in raised.value.problems] == ["publishing.version_taken"]
        assert store.forms() == (first,)


def test_choices_of_the_external_sheet_are_a_file_of_the_form(tmp_path: Path) -> None:
    path = markdown(
        tmp_path,
        """
        | survey | | | | |
        | | type | name | label | choice_filter |
        | | select_one_external l | q | Q | name != 'y' |
        | | select_one_external m | r | R | name != '' |
        | external_choices | | | |
        | | list_name | name | label |
        | | l | x | "X", ä |
        | | l | y | Y |
        | | m | z | Z |
        """,
    )
    converted = convert(path)
    assert list(converted.lists) == ["media/itemsets.csv"]
    assert inspect_form(path).warnings == ()
    form = read_converted(converted)
    interview = live(form, instances=instances(form, freeze(path, versioned=False).lists))
    assert interview.choices("/data/q") == [("x", '"X", ä')]
    assert interview.choices("/data/r") == [("z", "Z")]


@pytest.mark.parametrize(
    ("cell", "columns"),
    [("", []), ("value=nam label=label", ["nam"]), ("value=name label=nix", ["nix"]), ("value=a label=b", ["a", "b"])],
)
def test_a_column_that_a_file_lacks_is_named_at_the_question(tmp_path: Path, cell: str, columns: list[str]) -> None:
    text = FORM.replace("| name | label |", "| name | label | parameters |").replace("| q | Q |", f"| q | Q | {cell} |")
    path = markdown(tmp_path, text.replace("FILE", "towns.csv"))
    put(tmp_path / "form-media" / "towns.csv", TEXTS["towns.csv"])
    found = inspect_form(path)
    assert found.problems == ()
    assert [(item.code, item.place.row, item.fields["column"]) for item in found.warnings] == [
        ("workbook.file_without_column", 4, column) for column in columns
    ]


# --- what questions and choices show

SHOWING = """
    | survey | | | | | |
    | | type | name | label | media::image | media::audio |
    | | select_one c | q | Q | bild.png | ton.mp3 |
    | choices | | | | |
    | | list_name | name | label | media::image |
    | | c | a | A | wahl.webp |
    | | c | b | B | ../store.key |
    | settings | | |
    | | form_id | version |
    | | f | 1 |
    """


def test_what_the_form_shows_is_frozen_with_it(tmp_path: Path) -> None:
    path = markdown(tmp_path / "forms", SHOWING)
    for name in ("bild.png", "ton.mp3", "wahl.webp", "unused.png"):
        put(tmp_path / "forms" / "form-media" / name, name.encode())
    put(tmp_path / "forms" / "store.key", b"secret")
    frozen = freeze(path)
    assert frozen.lists == {f"media/{name}": name.encode() for name in ("bild.png", "ton.mp3", "wahl.webp")}


def test_a_name_that_leads_to_another_folder_on_some_system_is_not_followed(tmp_path: Path) -> None:
    path = markdown(tmp_path, SHOWING.replace("bild.png", "..\\bild.png"))
    put(tmp_path / "form-media" / "..\\bild.png", b"x")
    assert freeze(path).lists == {}


def test_what_is_shown_and_not_there_is_told_and_keeps_no_form_from_being_frozen(tmp_path: Path) -> None:
    path = markdown(tmp_path, SHOWING)
    put(tmp_path / "form-media" / "bild.png", b"x")
    told = [each.fields["file"] for each in inspect_form(path).warnings if each.code == "workbook.missing_shown"]
    assert sorted(told) == ["ton.mp3", "wahl.webp"]
    assert set(freeze(path).lists) == {"media/bild.png"}


def test_a_picture_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "SHOWN_LIMIT", 1_000_000)
    path = markdown(tmp_path, SHOWING)
    put(tmp_path / "form-media" / "bild.png", bytes(1_000_001))
    with pytest.raises(FormError, match=r"bild\.png.* 1 MB"):
        freeze(path)


def test_pictures_count_among_all_files_of_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "SIZE_LIMIT", 10)
    path = markdown(tmp_path, SHOWING)
    put(tmp_path / "form-media" / "bild.png", bytes(6))
    put(tmp_path / "form-media" / "ton.mp3", bytes(6))
    with pytest.raises(FormError) as raised:
        freeze(path)
    assert [problem.code for problem in raised.value.problems] == ["workbook.too_many_files"]


def test_the_media_type_is_from_a_fixed_list() -> None:
    assert media.shown_as("A.PNG") == "image/png"
    assert media.shown_as("a.html") == media.shown_as("a") == media.shown_as("") == ""
