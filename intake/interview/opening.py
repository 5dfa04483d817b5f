"""What is done before an interview opens, and how the notebook is told which one: by two or three variables.

The command prepares (publishes a form, makes the place for answers to a workbook of one's own) in its own process,
where pyxform may be loaded; the kernel then only opens what is there.
"""

from __future__ import annotations

import getpass
import hmac
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from intake.device import device_id
from intake.interview.handing import HANDED, handed_over
from intake.store import Store, utc_now
from intake.study import Study, open_study
from validation.errors import FormError, StoreError, StudyError
from validation.messages import LANGUAGES

if TYPE_CHECKING:
    from intake.interview.worklist import Worklist
    from intake.store.ways import Secret, Unlocked

STUDY = "LOTSENBUCH_STUDY"  # a study directory
ANSWERS = "LOTSENBUCH_ANSWERS"  # instead of a study: the directory of the answers to a workbook of one's own
FORM = "LOTSENBUCH_FORM"  # the form to offer first
DEFAULT_FORM = "erstgespraech"
ZONE = "Europe/Berlin"  # where there is no study to say it


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything a server needs to know: the variables for the kernel, and the port of the study (0: a free one).

    `cookie` signs the cookies of the server: it comes from the person's key, so that a page that is still open goes on
    after the server was stopped and started again. `left_out` are forms of the study that cannot be published and are
    therefore not offered. `unlocked` opens the store for the kernels, where they could not open it themselves. `form`
    is offered first.
    """

    variables: dict[str, str]
    port: int
    directory: Path
    cookie: bytes
    left_out: tuple[str, ...] = ()
    unlocked: Unlocked | None = None
    form: str = ""


def prepare(
    study: Path, *, form: str | None = None, form_file: Path | None = None, secret: Secret | None = None
) -> Opening:
    """See that there is a store and that the form and the others of the study are published in it.

    `secret` opens it where no key file does; without, a person may be asked.

    StudyError, StoreError and FormError name what is wrong with study, store or workbook; nothing is started then.
    Another form of the study that is wrong keeps nobody from working: it is left out.
    """
    if form_file is not None:
        return _prepare_own(form_file)
    from intake.entitysheet import Declared
    from intake.publishing import publish

    opened = open_study(study, secret=secret)
    wanted = form or (DEFAULT_FORM if DEFAULT_FORM in opened.order else opened.order[0])
    left_out: list[str] = []
    store, unlocked = opened.entrance.open_as(opened.store_path, utc_now)
    with store:
        _of_manager(store)
        published = {each.form_id for each in store.forms()}
        lacking, declared = _unpublished(opened, wanted, published), Declared()
        known = opened.forms() if lacking else {}
        for name in lacking:
            try:
                publish(store, known[name], declared=declared)
            except FormError:
                if name == wanted:
                    raise
                left_out.append(name)
    variables = {STUDY: str(opened.dir), FORM: wanted}
    cookie = _derived(unlocked, "cookie")
    handed = None if opened.entrance.alone(opened.store_path) else unlocked
    return Opening(variables, opened.port, opened.dir, cookie, tuple(left_out), handed, wanted)


def _derived(unlocked: Unlocked, purpose: str) -> bytes:
    """32 bytes that only this login can tell, the same each time."""
    return hmac.digest(unlocked.private, f"lotsenbuch interview {purpose}".encode(), "sha256")


def _place(unlocked: Unlocked, store: Path) -> str:
    """What a browser may call a study by, so that it keeps the entries of each apart, also those of a copied one and
    of another login."""
    return _derived(unlocked, f"place {store.resolve()}").hex()[:24]


def _unpublished(study: Study, wanted: str, published: Collection[str]) -> list[str]:
    """The forms to publish before the list opens: the wanted one, and those the study names, that are not there yet.

    StudyError when the wanted one is no form of the study. Reads no workbook where nothing is lacking.
    """
    if wanted in published and set(study.order) <= set(published):
        return []
    known = study.forms()
    if wanted not in known and wanted not in published:
        raise StudyError("study.unknown_form", form=wanted, known=", ".join(known) or "–")
    return [
        name for name, path in known.items() if name not in published and (name == wanted or path.stem in study.order)
    ]


def _prepare_own(form_file: Path) -> Opening:
    from intake.publishing import freeze, publish

    path = form_file.absolute()
    if not path.is_file():
        raise StudyError("interview.no_workbook", file=form_file)
    form = freeze(path, versioned=False)  # other people's workbooks often have no version
    place = path.parent / f"{path.stem}-antworten"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StudyError("interview.no_place", where=place) from error
    store, unlocked = _own_store(place)
    with store:
        publish(store, path, versioned=False)
    return Opening({ANSWERS: str(place), FORM: form.form_id}, 0, place, _derived(unlocked, "cookie"))


def _own_store(place: Path) -> tuple[Store, Unlocked]:
    """The store of the answers to a workbook of one's own: always with a key file."""
    from intake.store.bringing import Brought
    from intake.store.opening import open_as

    given = Brought(key_file=place / "store.key")
    return open_as(place / "store.db", given, create=True, clock=utc_now, wait=5.0)


def worklist_here() -> Worklist:
    """The work list that the environment names: a study, or the answers to a workbook; else the current directory."""
    from intake.interview.worklist import Worklist

    answers = os.environ.get(ANSWERS)
    if answers is None:
        address = os.environ.get(HANDED)
        unlocked = None if address is None else handed_over(address)
        opened = open_study(Path(os.environ.get(STUDY, ".")), unlocked=unlocked)
        return worklist_of(opened, os.environ.get(FORM, DEFAULT_FORM))
    place = Path(answers)
    if not (place / "store.db").exists():
        raise StoreError("store.missing", path=place / "store.db")
    store, unlocked = _own_store(place)
    with _closed_when_refused(store):
        return Worklist(
            store, zone=ZoneInfo(ZONE), author=getpass.getuser(), form_id=os.environ.get(FORM),
            device=partial(device_id, place), place=_place(unlocked, place / "store.db"),
        )  # fmt: skip


def worklist_of(study: Study | Path, form_id: str | None) -> Worklist:
    """The work list of a study or its directory; `form_id` is offered first. StudyError, StoreError.

    Where only a passphrase opens the store, the person is asked, in a notebook by a field that is not saved.
    """
    from intake.deadlines import FILE
    from intake.interview.worklist import Worklist

    opened = study if isinstance(study, Study) else open_study(study)
    store, unlocked = opened.entrance.open_as(opened.store_path, utc_now)
    with _closed_when_refused(store):
        _of_manager(store)
        return Worklist(
            store, zone=opened.tz, author=_author(store), form_id=form_id, title=opened.title,
            language=next((each for each in opened.languages if each in LANGUAGES), LANGUAGES[0]),
            demo=opened.demo, plain=opened.is_plain,
            attachment_limit=opened.attachments_mb * 1_000_000, paradata=opened.paradata, mirror=opened.mirror,
            device=partial(device_id, opened.key_path.parent), municipalities=opened.municipalities,
            place=_place(unlocked, opened.store_path), deadlines=opened.dir / FILE,
        )  # fmt: skip


def _of_manager(store: Store) -> None:
    """StudyError for a login that may not hold interviews."""
    if store.login.role != "manager":
        raise StudyError("interview.not_manager", name=store.login.name, role=store.login.role)


def _author(store: Store) -> str:
    """Who writes: the name of the login where several people have one, else of the computer's user."""
    return store.login.name if len(store.logins()) > 1 else getpass.getuser()


@contextmanager
def _closed_when_refused(store: Store) -> Iterator[None]:
    """A store whose work list cannot be made, because the form is not there, is given free again."""
    try:
        yield
    except StudyError:
        store.close()
        raise
