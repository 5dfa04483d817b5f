"""intake.study: opening and making a study directory; every refusal is one sentence and changes nothing."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake import study as module
from intake.publishing import publish
from intake.study import Study, create_study, open_study, shipped
from scenario.workbooks import markdown
from validation.errors import FormError, LotsenbuchError, StoreError, StudyError

SETTINGS = """
    name = "test"
    title = "Test"
    languages = ["de", "en"]
    zone = "Europe/Berlin"
    port = 20001
    forms = ["b"]
    """
FORM = """
    | survey | | | |
    | | type | name | label |
    | | text | q | {label} |
    | settings | | |
    | | form_id | version |
    | | {form_id} | 1 |
    """


def small(folder: Path, settings: str = SETTINGS) -> Path:
    """A study directory by hand, with the forms b (first), a and nothing else."""
    markdown(folder, settings, "study.toml")
    markdown(folder, "ags,name\n08235007,Althengstett\n", "municipalities.csv")
    for name in ("a", "b"):
        markdown(folder / "forms", FORM.format(form_id=f"form_{name}", label="L"), f"{name}.md")
    return folder


def code(error: type[LotsenbuchError], function: object, *arguments: object, **named: object) -> str:
    with pytest.raises(error) as raised:
        function(*arguments, **named)  # type: ignore[operator]  # any callable
    assert "\n" not in str(raised.value)
    assert str(raised.value) != raised.value.text("en")
    return raised.value.code


def test_the_shipped_study_opens_and_its_forms_are_there() -> None:
    found = open_study(shipped())
    assert found.title == "Integrationsmanagement"
    assert found.languages == ("de", "en")
    assert found.tz == ZoneInfo("Europe/Berlin")
    assert found.municipalities["08235007"] == "Althengstett"
    assert list(found.forms()) == [
        "erstgespraech", "fortschreibung", "kontakt", "austritt", "integrationsplan", "unterkunft", "stelle",
        "foerderung", "angebot", "ehrenamt", "organisation", "sitzung", "kommunaler_plan", "esu_messung",
    ]  # fmt: skip
    assert not found.demo
    with pytest.raises(FrozenInstanceError):
        found.port = 1  # type: ignore[misc]  # that it fails is the point


def test_the_shipped_study_is_found_in_an_installation_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "share" / "lotsenbuch" / "data"
    installed.mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "site-packages" / "intake" / "study.py"))
    monkeypatch.setattr(module.sysconfig, "get_path", lambda *_: str(tmp_path))
    assert code(StudyError, shipped) == "study.not_shipped"
    shutil.copy(Path(__file__).parents[2] / "data" / "study.toml", installed)
    assert shipped() == installed


def test_forms_come_in_the_order_of_the_settings_then_by_name(tmp_path: Path) -> None:
    study = open_study(small(tmp_path))
    markdown(tmp_path / "forms", "lock file", "~$b.xlsx")
    markdown(tmp_path / "forms", "notes", "notes.txt")
    assert [path.name for path in study.form_paths()] == ["b.md", "a.md"]
    assert list(study.forms()) == ["form_b", "form_a"]
    assert open_study(str(tmp_path)) == study


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "test"', "", "study.missing_key"),
        ('name = "test"', 'name = "Test study"', "study.wrong_type"),
        ('title = "Test"', "title = 3", "study.wrong_type"),
        ('title = "Test"', 'title = " "', "study.wrong_type"),
        ('languages = ["de", "en"]', "languages = []", "study.wrong_type"),
        ('languages = ["de", "en"]', 'languages = ["de", "de"]', "study.wrong_type"),
        ('languages = ["de", "en"]', 'languages = "de"', "study.wrong_type"),
        ('zone = "Europe/Berlin"', 'zone = "Europe/Calw"', "study.unknown_zone"),
        ('zone = "Europe/Berlin"', 'zone = "../etc/passwd"', "study.unknown_zone"),
        ("port = 20001", "port = 80", "study.wrong_type"),
        ("port = 20001", "port = true", "study.wrong_type"),
        ("port = 20001", 'port = "20001"', "study.wrong_type"),
        ("port = 20001", 'port = 20001\nprot = "x"', "study.unknown_key"),
        ("port = 20001", 'port = 20001\ndemo = "yes"', "study.wrong_type"),
        ("port = 20001", 'port = 20001\nstore = "../other.db"', "study.wrong_type"),
        ("port = 20001", "port = 20001\nattachments_mb = 0", "study.wrong_type"),
        ("port = 20001", "port = 20001\nattachments_mb = 2.5", "study.wrong_type"),
        ("port = 20001", "port = 20001\nparadata = 1", "study.wrong_type"),
        ("port = 20001", 'port = 20001\nmirror = "no"', "study.wrong_type"),
        ("port = 20001", "port = ", "study.broken"),
    ],
)
def test_settings_are_typed_and_unknown_ones_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SETTINGS
    assert code(StudyError, open_study, small(tmp_path, SETTINGS.replace(old, new))) == expected


def test_how_large_a_file_in_an_interview_may_be_is_a_setting_with_a_default(tmp_path: Path) -> None:
    assert open_study(small(tmp_path / "a", SETTINGS)).attachments_mb == 10
    larger = SETTINGS.replace("port = 20001", "port = 20001\nattachments_mb = 25")
    assert open_study(small(tmp_path / "b", larger)).attachments_mb == 25


def test_paradata_and_mirror_are_on_where_nobody_switched_them_off(tmp_path: Path) -> None:
    usual = open_study(small(tmp_path / "a", SETTINGS))
    assert (usual.paradata, usual.mirror) == (True, True)
    off = SETTINGS.replace("port = 20001", "port = 20001\nparadata = false\nmirror = false")
    without = open_study(small(tmp_path / "b", off))
    assert (without.paradata, without.mirror) == (False, False)


def test_an_unknown_entry_and_a_wrong_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="prot"):
        open_study(small(tmp_path / "a", SETTINGS + "    prot = 1\n"))
    with pytest.raises(StudyError, match=r"„port“.*1024"):
        open_study(small(tmp_path / "b", SETTINGS.replace("20001", "1")))


def test_what_is_no_study_is_refused_with_the_remedy(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", markdown(tmp_path, "x", "file")):
        with pytest.raises(StudyError, match="lotsenbuch new") as raised:
            open_study(path)
        assert str(path) in str(raised.value)
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe\x00")
    assert code(StudyError, open_study, tmp_path) == "study.broken"
    assert code(StudyError, open_study, "nul\0") in {"study.unreadable", "study.no_study"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ags,name\n",
        "ags,name\n8235007,X\n",
        "ags,name\n08235007,\n",
        "name\nX\n",
        "ags,name\n08235007,A\n08235007,B\n",
    ],
)
def test_municipalities_have_a_key_of_eight_digits_and_a_name(tmp_path: Path, text: str) -> None:
    small(tmp_path)
    (tmp_path / "municipalities.csv").write_text(text, encoding="utf-8")
    assert code(StudyError, open_study, tmp_path) == "study.bad_municipalities"


def test_municipalities_that_are_missing_or_not_utf8(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / "municipalities.csv").write_bytes("ags,name\n08235007,Höfen\n".encode("latin-1"))
    assert code(StudyError, open_study, tmp_path) == "study.unreadable"
    (tmp_path / "municipalities.csv").unlink()
    assert code(StudyError, open_study, tmp_path) == "study.no_municipalities"


def test_a_form_that_is_named_must_be_there_and_ids_differ(tmp_path: Path) -> None:
    study = open_study(small(tmp_path))
    markdown(tmp_path / "forms", FORM.format(form_id="form_a", label="L"), "b.md")
    assert code(StudyError, study.forms) == "study.same_form"
    (tmp_path / "forms" / "b.md").unlink()
    assert code(StudyError, study.form_paths) == "study.no_form_file"


def test_a_form_is_the_published_one_where_there_is_one(tmp_path: Path) -> None:
    study = create_study(tmp_path / "s")
    path = markdown(study.dir / "forms", FORM.format(form_id="extra", label="first"), "extra.md")
    assert study.published("extra") is None
    draft = study.form("extra")
    with study.store() as store:
        publish(store, path)
        markdown(study.dir / "forms", FORM.format(form_id="extra", label="changed"), "extra.md")
        assert study.form("extra", store).hash == draft.hash
    assert study.form("extra").hash == draft.hash
    assert code(StudyError, study.form, "none") == "study.unknown_form"


def test_a_broken_workbook_is_a_form_error(tmp_path: Path) -> None:
    study = open_study(small(tmp_path))
    markdown(tmp_path / "forms", FORM.format(form_id="form_b", label="L").replace("text", "txet"), "b.md")
    with pytest.raises(FormError):
        study.form("form_b")


def test_a_new_study_has_everything_and_a_key_only_its_owner_may_read(tmp_path: Path) -> None:
    made = create_study(tmp_path / "deep" / "town")
    assert {path.name for path in made.dir.iterdir()} >= {
        *("study.toml", "forms", "lists", "indicators.csv", "disclosure.toml", "municipalities.csv", "demo"),
        *("store.db", "store.key", "reports"),
    }
    if os.name == "posix":
        assert stat.S_IMODE(made.key_path.stat().st_mode) == 0o600
    with made.store() as store:
        assert store.count() == 0
    assert not made.demo
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["town"]


def test_a_demo_is_marked_and_two_studies_have_two_ports_and_keys(tmp_path: Path) -> None:
    one, two = create_study(tmp_path / "one", demo=True), create_study(tmp_path / "two")
    assert one.demo
    assert not two.demo
    assert one.port != two.port
    assert one.key_path.read_bytes() != two.key_path.read_bytes()
    assert open_study(one.dir) == one


def test_an_empty_directory_is_filled_and_another_one_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert isinstance(create_study(tmp_path / "empty"), Study)
    markdown(tmp_path / "full", "x", "note.txt")
    assert code(StudyError, create_study, tmp_path / "full") == "study.not_empty"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note.txt"]
    assert code(StudyError, create_study, tmp_path / "full" / "note.txt") == "study.not_empty"
    assert code(StudyError, create_study, tmp_path / "full" / "note.txt" / "below") == "study.no_parent"


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, "study.disk_full"), (errno.EACCES, "study.no_parent")])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module, "_make_store", fails)
    assert code(StudyError, create_study, tmp_path / "deep" / "town") == expected
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_copying_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path, target: Path, **__: object) -> None:
        target.mkdir()
        (target / "study.toml").write_text("half", encoding="utf-8")
        raise shutil.Error([("a", "b", f"[Errno {errno.ENOSPC}] No space left on device")])

    monkeypatch.setattr(shutil, "copytree", full)
    assert code(StudyError, create_study, tmp_path / "town") == "study.disk_full"
    assert list(tmp_path.iterdir()) == []


def test_a_store_or_key_that_is_gone_is_a_store_error(tmp_path: Path) -> None:
    made = create_study(tmp_path / "town")
    made.key_path.unlink()
    with pytest.raises(StoreError):
        made.store()
    assert not made.key_path.exists()
    assert code(StoreError, open_study(small(tmp_path / "other")).store).startswith("store.")
    assert not (tmp_path / "other" / "store.db").exists()


def test_opening_a_study_loads_no_heavy_library() -> None:
    import subprocess

    program = (
        "import sys; from intake import open_study; from intake.study import shipped;"
        "open_study(shipped()).form_paths();"
        "print([name for name in ('pandas', 'pyxform', 'openpyxl', 'sqlcipher3') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_study_begins_with_the_way_it_is_given(tmp_path: Path) -> None:
    from intake.store.bringing import Brought
    from intake.store.ways import Cost, Secret

    words = Secret.passphrase("vier Wörter am Montag")
    made = create_study(tmp_path / "town", way=Brought(secret=words, cost=Cost(1, 64, 1)))
    assert not made.key_path.exists()
    with made.store() as store:  # who made it is not asked again
        assert store.count() == 0
    with open_study(made.dir, secret=words).store() as store:
        assert store.count() == 0


def test_a_study_that_may_be_unencrypted_says_whether_it_is(tmp_path: Path) -> None:
    plain = create_study(tmp_path / "plain", plaintext=True)
    assert (plain.plaintext, plain.is_plain) == (True, True)
    with plain.store():
        assert plain.is_plain
    sealed = create_study(tmp_path / "sealed")
    assert (sealed.plaintext, sealed.is_plain) == (False, False)
    settings = sealed.dir / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("plaintext = false", "plaintext = true"), encoding="utf-8")
    allowed = open_study(sealed.dir)
    assert (allowed.plaintext, allowed.is_plain) == (True, False)
    allowed.store_path.unlink()
    assert open_study(sealed.dir).is_plain


def test_a_study_in_a_synchronised_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Dropbox"):
        create_study(tmp_path / "Dropbox" / "town")
    assert not (tmp_path / "Dropbox").exists()
