"""A study is a directory with a `study.toml`: forms, choice lists, municipalities, and the store with its key.

    study = open_study(Path("demo"))
    with study.store() as store: ...

    study.toml  municipalities.csv  forms/  lists/  indicators.csv  rules.csv  disclosure.toml  demo/     what one edits
    deadlines.csv    renames.csv (where a question got another name)
    store.db  store.db.ways  store.db.ways.copy  store.key (0600)  derived/  reports/            what arises

`create_study` copies a shipped one and adds what a directory under version control needs (`intake.fresh`). Nothing in a
study directory but the store holds records.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import re
import secrets
import shutil
import sysconfig
import tomllib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from intake.entrance import Entrance
from intake.home import beside, has_password, is_server, key_beside
from intake.selfcompletion import SelfCompletion
from validation.errors import StoreError, StoreFull, StudyError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store import Clock, Store
    from intake.store.bringing import Brought
    from intake.store.ways import Secret, Unlocked
    from validation.form import Form

SETTINGS = "study.toml"
FORM_SUFFIXES = (".md", ".xlsx", ".xls", ".csv")


@dataclass(frozen=True, slots=True)
class Study:
    """An opened study directory, as its `study.toml` describes it.

    `languages` are codes, the first is shown first. `zone` is where days begin and end. `demo` marks everything.
    `order` names the forms (file stems) in the order they are offered. `municipalities` maps AGS to name.
    `attachments_mb` is how many megabytes a file that is handed in may have. `paradata`: submissions say how the
    interview went; `mirror`: the browser keeps, sealed, what is not saved yet; `plaintext`: the store may be
    unencrypted. `home` is the address of the store to which this one's content is brought (`intake.home`), '' for
    none. `entrance` is the way into the store; `key_path` its key file, which need not be there. `server` is the
    address of a team's store, '' for one in the file `store_path`; a team's store has no file, but what belongs to it
    at this computer (ways, anchors, the list of the erased) lies beside `store_path`, too.
    `controller` and `protection_officer` say who is responsible (Art. 30 GDPR), '' where nobody was named; `retention`
    maps a class of the forms' column to the months it is kept.
    """

    dir: Path
    name: str
    title: str
    languages: tuple[str, ...]
    zone: str
    port: int
    demo: bool
    order: tuple[str, ...]
    store_path: Path
    key_path: Path
    municipalities: Mapping[str, str]
    attachments_mb: int = 10
    paradata: bool = True
    mirror: bool = True
    plaintext: bool = False
    controller: str = ""
    protection_officer: str = ""
    retention: Mapping[str, int] = field(default_factory=dict, hash=False)
    home: str = ""
    server: str = ""
    alone: SelfCompletion | None = None
    entrance: Entrance = field(default_factory=lambda: Entrance(Path("store.key")), compare=False)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def reports(self) -> Path:
        """Where reports go. The directory may not exist yet."""
        return self.dir / "reports"

    def form_paths(self) -> tuple[Path, ...]:
        """The workbooks of `forms/`: those named in study.toml in its order, then the others by name.

        StudyError when one that is named is not there.
        """
        folder = self.dir / "forms"
        found: dict[str, Path] = {}
        for path in sorted(folder.glob("*")):
            if path.suffix.lower() in FORM_SUFFIXES and not path.name.startswith((".", "~$")):
                found.setdefault(path.stem, path)
        for name in self.order:
            if name not in found:
                raise StudyError("study.no_form_file", name=name, path=folder)
        return tuple(found[name] for name in (*self.order, *(stem for stem in found if stem not in self.order)))

    def forms(self) -> dict[str, Path]:
        """{form id: workbook} of every form. FormError when a workbook cannot be read at all."""
        from intake.workbook import form_id, read_workbook

        found: dict[str, Path] = {}
        for path in self.form_paths():
            name = form_id(read_workbook(path))
            if name in found:
                raise StudyError("study.same_form", form=name, first=found[name].name, second=path.name)
            found[name] = path
        return found

    def store(self, *, clock: Clock | None = None) -> Store:
        """The opened store; use it in a `with`. StoreError when there is none or no way opens it.

        The first call may ask the person for a passphrase (see `intake.entrance`), later ones do not. `clock` replaces
        the time of receipt, for synthetic data.
        """
        from intake.store import utc_now

        return self.entrance.open(self.store_path, clock or utc_now)

    @property
    def has_store(self) -> bool:
        """Whether there is a store to open; a team's is taken to be there."""
        return bool(self.server) or self.store_path.exists()

    def store_file(self, instead: str) -> Path:
        """`store_path`, for what is only done with a file. StudyError `instead`, which says what to do instead, where
        the store is a team's."""
        if self.server:
            raise StudyError(instead, server=self.server)
        return self.store_path

    @property
    def is_plain(self) -> bool:
        """Whether the store that is there, or would be made, is not encrypted; then everything says so."""
        from intake.store.connection import is_unencrypted

        return self.plaintext and not self.server and (not self.store_path.exists() or is_unencrypted(self.store_path))

    def published(self, form_id: str, store: Store | None = None) -> Form | None:
        """The form as last published, or None when it never was or there is no store yet."""
        from validation.xform import read_form

        if store is None:
            if not self.has_store:
                return None
            with self.store() as opened:
                return self.published(form_id, opened)
        frozen = [each for each in store.forms() if each.form_id == form_id]
        return read_form(frozen[-1].xform) if frozen else None

    def form(self, form_id: str, store: Store | None = None) -> Form:
        """The form as last published; where it never was, as its workbook has it now.

        StudyError for a form the study does not have, FormError for a workbook that is wrong.
        """
        from intake.xlsform import read_xlsform

        if found := self.published(form_id, store):
            return found
        known = self.forms()
        if form_id not in known:
            raise StudyError("study.unknown_form", form=form_id, known=", ".join(known) or "–")
        return read_xlsform(known[form_id])


def open_study(directory: Path | str, *, unlocked: Unlocked | None = None, secret: Secret | None = None) -> Study:
    """Open a study directory. StudyError, one sentence with the remedy, for whatever is wrong with it.

    `unlocked` is what another process of the same person got from its store, `secret` what opens it instead of its key
    file.
    """
    path = Path(directory).absolute()
    settings = _settings(path)
    zone = settings["zone"]
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError) as error:
        raise StudyError("study.unknown_zone", zone=zone) from error
    server = settings["store"] if is_server(settings["store"]) else ""
    store_path = beside(server) if server else path / settings["store"]
    key_path = key_beside(store_path) if server else path / settings["key"]
    return Study(
        dir=path,
        name=settings["name"],
        title=settings["title"],
        languages=tuple(settings["languages"]),
        zone=zone,
        port=settings["port"],
        demo=settings["demo"],
        order=tuple(settings["forms"]),
        store_path=store_path,
        key_path=key_path,
        municipalities=_municipalities(path / "municipalities.csv"),
        attachments_mb=settings["attachments_mb"],
        paradata=settings["paradata"],
        mirror=settings["mirror"],
        plaintext=settings["plaintext"],
        home=settings["home"],
        server=server,
        controller=settings["controller"],
        protection_officer=settings["protection_officer"],
        retention=settings["retention"],
        alone=None if settings["self"] is None else SelfCompletion.of(settings["self"]),
        entrance=Entrance(key_path, server=server, plaintext=settings["plaintext"], unlocked=unlocked, secret=secret),
    )


def create_study(
    target: Path | str,
    *,
    template: str = "",
    demo: bool = False,
    municipalities: Mapping[str, str] | None = None,
    way: Brought | None = None,
    plaintext: bool = False,
) -> Study:
    """Make a study directory from a shipped study, with an empty store, and open it.

    `template` names which of them ('befragung'; '' is integration management, StudyError for one that is not there).
    `municipalities` (AGS to name) replace the shipped ones, in the register and in the forms' list. `way` is the first
    way into the store; without, a key file (0600). `plaintext`: the store is not encrypted.

    All or nothing: it is built beside its place and moved there. StudyError when the target exists and is not empty,
    cannot be made, or the disk is full; nothing is left behind then.
    """
    from intake.fresh import furnish
    from intake.store.wayfile import sync_directory

    place = Path(target).absolute()
    source = shipped(template)
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise StudyError("study.not_empty", path=target)
        new_parents = [parent for parent in place.parents if not parent.exists()]
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")
        try:
            shutil.copytree(source, unfinished, ignore=_of_others)
            _personalise(unfinished / SETTINGS, demo=demo, port=_port(place), plaintext=plaintext)
            if municipalities:
                _replace_municipalities(unfinished, municipalities)
            (unfinished / "reports").mkdir()
            made = open_study(unfinished)
            furnish(unfinished, title=made.title, forms=made.order, alone=made.alone is not None)
            unlocked = _make_store(made, way)
            if place.exists():
                place.rmdir()
            unfinished.rename(place)
            sync_directory(place.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            for parent in new_parents:
                with contextlib.suppress(OSError):
                    parent.rmdir()
            raise
    except StoreError as error:  # a full disk shows in many ways while a database is made
        if isinstance(error, StoreFull) or shutil.disk_usage(_existing(place)).free < 100_000:
            raise StudyError("study.disk_full", path=target) from error
        raise
    except (OSError, shutil.Error) as error:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "Errno 28" in str(error)
        raise StudyError("study.disk_full" if full else "study.no_parent", path=target) from error
    return open_study(place, unlocked=None if way is None else unlocked)


def shipped(template: str = "") -> Path:
    """A study that comes with the program: beside the source, else where the wheel puts it. '' is integration
    management, the others lie in it by name. StudyError if lost, or if there is none of this name."""
    schemes = (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
    installed = [Path(sysconfig.get_path("data", scheme)) / "share" / "lotsenbuch" / "data" for scheme in schemes]
    for place in (Path(__file__).absolute().parent.parent / "data", *installed):
        if (place / SETTINGS).is_file():
            others = sorted(path.parent.name for path in place.glob(f"*/{SETTINGS}"))
            if template not in ("", *others):
                raise StudyError("study.no_template", name=template, known=", ".join(others))
            return place / template
    raise StudyError("study.not_shipped")


def _of_others(folder: str, names: list[str]) -> list[str]:
    """What of a shipped study is not copied: hidden files, and the other studies that lie in it."""
    hidden = [name for name in names if name.startswith(".") or name == "__pycache__"]
    return hidden + [name for name in names if (Path(folder) / name / SETTINGS).is_file()]


def _existing(place: Path) -> Path:
    return next(parent for parent in (place, *place.parents) if parent.exists())


def _make_store(study: Study, way: Brought | None) -> Unlocked:
    from intake.store import utc_now
    from intake.store.bringing import Brought
    from intake.store.opening import open_as

    given = way or Brought(key_file=study.key_path)
    store, unlocked = open_as(study.store_path, given, create=True, clock=utc_now, wait=5.0, plaintext=study.plaintext)
    store.close()
    return unlocked


def _port(place: Path) -> int:
    """A port for this directory, the same at every call, so that two studies on one computer keep apart."""
    return 20_000 + zlib.crc32(str(place).encode()) % 20_000


def _replace_municipalities(study: Path, municipalities: Mapping[str, str]) -> None:
    from intake.lists import write_lists

    with (study / "municipalities.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["ags", "name", "kreis", "regierungsbezirk", "invented"])
        rows.writerows([ags, name, "", "", "no"] for ags, name in municipalities.items())
    if (study / "lists" / "sprachen.csv").exists():
        write_lists(study)


def _personalise(settings: Path, *, demo: bool, port: int, plaintext: bool) -> None:
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^port = \d+", f"port = {port}", text)
    text = re.sub(r"(?m)^demo = (true|false)", f"demo = {str(demo).lower()}", text)
    text = re.sub(r"(?m)^plaintext = (true|false)", f"plaintext = {str(plaintext).lower()}", text)
    settings.write_text(text, encoding="utf-8")


# --- study.toml -----------------------------------------------------------------------------------------------------


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(item) for item in value) and len(set(value)) == len(value) > 0


def _word(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9_-]+", value) is not None


def _file(value: Any) -> bool:
    return _text(value) and Path(value).name == value


def _store(value: Any) -> bool:
    return _file(value) or (isinstance(value, str) and is_server(value))


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_port(value: Any) -> bool:
    return type(value) is int and 1024 <= value <= 65535


def _said(value: Any) -> bool:
    return isinstance(value, str)


def _months(value: Any) -> bool:
    return isinstance(value, dict) and all(type(each) is int and 1 <= each <= 1200 for each in value.values())


def _self(value: Any) -> bool:
    return value is None or SelfCompletion.fits(value)


def _megabytes(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 100


_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_word, "study.type_name"),
    "title": (_text, "study.type_text"),
    "languages": (_texts, "study.type_texts"),
    "zone": (_text, "study.type_text"),
    "port": (_is_port, "study.type_port"),
    "demo": (_flag, "study.type_flag"),
    "forms": (_texts, "study.type_texts"),
    "store": (_store, "study.type_store"),
    "key": (_file, "study.type_file"),
    "attachments_mb": (_megabytes, "study.type_megabytes"),
    "paradata": (_flag, "study.type_flag"),
    "mirror": (_flag, "study.type_flag"),
    "plaintext": (_flag, "study.type_flag"),
    "home": (_said, "study.type_home"),
    "controller": (_said, "study.type_text"),
    "protection_officer": (_said, "study.type_text"),
    "retention": (_months, "study.type_months"),
    "self": (_self, "study.type_self"),
}
_DEFAULTS: dict[str, Any] = {
    "demo": False,
    "store": "store.db",
    "key": "store.key",
    "attachments_mb": 10,
    "paradata": True,
    "mirror": True,
    "plaintext": False,
    "home": "",
    "controller": "",
    "protection_officer": "",
    "retention": {},
    "self": None,
}


def _settings(directory: Path) -> dict[str, Any]:
    path = directory / SETTINGS
    try:
        if not path.is_file():
            raise StudyError("study.no_study", path=directory)
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError("study.broken", path=path, detail=error) from error
    except (OSError, ValueError) as error:
        raise StudyError("study.unreadable", path=path) from error
    for key in given:
        if key not in _KEYS:
            raise StudyError("study.unknown_key", key=key, allowed=", ".join(_KEYS))
    settings = {**_DEFAULTS, **given}
    for key, (fits, expected) in _KEYS.items():
        if key not in settings:
            raise StudyError("study.missing_key", key=key)
        if not fits(settings[key]):
            raise StudyError("study.wrong_type", key=key, expected=say(expected))
    for key in ("store", "home"):  # everybody who may read the study may read study.toml
        if has_password(settings[key]):
            raise StudyError("study.password", key=key)
    return settings


def _municipalities(path: Path) -> dict[str, str]:
    """{AGS: name} of those that have not ended, in the order of the file. The AGS is text: it has a leading zero."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except FileNotFoundError as error:
        raise StudyError("study.no_municipalities", path=path) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError("study.unreadable", path=path) from error
    found: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        if (row.get("valid_to") or "").strip():  # `intake.municipalities` finds these by date
            continue
        ags, name = (row.get("ags") or "").strip(), (row.get("name") or "").strip()
        if not re.fullmatch(r"[0-9]{8}", ags) or not name or ags in found:
            raise StudyError("study.bad_municipalities", path=path, row=number)
        found[ags] = name
    if not found:
        raise StudyError("study.bad_municipalities", path=path, row=2)
    return found
