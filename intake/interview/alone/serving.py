"""The command `lotsenbuch interview --self`: sees that everything is there, makes links, serves until it is stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import logging
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intake.interview.alone.certificate import FILE as CERTIFICATE
from intake.interview.alone.certificate import certificate, context
from intake.interview.alone.desk import Desk, day_clock
from intake.interview.alone.links import FILE as LEDGER
from intake.interview.alone.links import Links, spoken, token_of
from intake.interview.alone.sheet import write_sheet
from intake.interview.opening import prepare
from intake.study import Study, open_study
from validation.errors import StudyError, UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.ways import Secret

LOOPBACK = "127.0.0.1"
HOUR = 3600.0  # s between two looks at what was left behind


@dataclass(frozen=True, slots=True)
class Wish:
    """How people are to fill in: `kiosk` goes back to the start by itself, `links` makes so many new ones, `lan` offers
    them in the local network, at `address` where one is named. UsageError for what excludes each other."""

    kiosk: bool = False
    links: int = 0
    lan: bool = False
    address: str = ""

    def __post_init__(self) -> None:
        if self.kiosk and self.by_link:
            raise UsageError("alone.one_way")

    @property
    def by_link(self) -> bool:
        """Whether a link opens one questionnaire, instead of one after the other at this computer."""
        return self.links > 0 or self.in_network

    @property
    def in_network(self) -> bool:
        return self.lan or bool(self.address)


def serve_alone(
    study: Path,
    wish: Wish,
    *,
    form: str | None = None,
    port: int | None = None,
    open_browser: bool = True,
    secret: Secret | None = None,
    told: Callable[[str], None] = print,
) -> None:
    """Serve one form of a study for self-completion until Ctrl-C or SIGTERM.

    StudyError, StoreError and FormError come before anything is offered; in a network only TLS is spoken.
    """
    opened = open_study(study, secret=secret)
    if opened.alone is None:
        raise StudyError("alone.no_settings")
    opening = prepare(study, form=form, secret=secret)
    for name in opening.left_out:
        told(say("interview.left_out", form=name))
    name = form or opening.form
    address = address_of(wish)
    number = _free_port(address, opened.port if port is None else port)
    proof = ""
    if wish.in_network:
        proof = certificate(opened.key_path.parent / CERTIFICATE, address, dt.datetime.now(dt.UTC))
    links = Links(opened.key_path.parent / LEDGER)
    origin = f"{'https' if proof else 'http'}://{address}:{number}"
    clock = day_clock(opened.tz)
    with opened.store(clock=clock) as store:
        desk = Desk(
            store, name, opened.alone, clock=clock, title=opened.title, kiosk=not wish.by_link, demo=opened.demo,
            plain=opened.is_plain,
        )  # fmt: skip
        if wish.links:
            _hand_out(opened, links, desk, wish.links, origin, proof, told)
        elif wish.by_link and not links.participation(name).made:
            raise StudyError("alone.no_links", form=name)
        with suppress(KeyboardInterrupt):
            token = "" if wish.by_link else token_of(opening.cookie)
            asyncio.run(_serving(desk, links, token, wish, (address, number, origin), proof, open_browser, told))
    counts = links.participation(name)
    told(say("alone.counts", **{each: getattr(counts, each) for each in counts.__slots__}))
    told(say("interview.stopped"))


def _hand_out(
    study: Study, links: Links, desk: Desk, number: int, origin: str, proof: str, told: Callable[[str], None]
) -> None:
    title, tokens = f"{study.title}, {desk.form.title}", links.add(desk.form.id, number)
    page, table = write_sheet(
        study.dir, form=desk.form.id, title=title, origin=origin, tokens=tokens, fingerprint=proof
    )
    told(say("alone.sheet", number=number, path=page, table=table))


async def _serving(
    desk: Desk,
    links: Links,
    token: str,
    wish: Wish,
    place: tuple[str, int, str],
    proof: str,
    open_browser: bool,
    told: Callable[[str], None],
) -> None:
    from intake.interview.alone.front import Front

    address, port, origin = place
    logging.getLogger("tornado").setLevel(logging.CRITICAL + 1)  # its lines name the address of whoever fills in
    idle = 60.0 * desk.settings.idle_minutes if wish.kiosk or wish.by_link else 0.0
    front = Front(desk, links, f"{address}:{port}", origin, token, idle)
    folder = links.folder
    tls = context(folder / CERTIFICATE) if proof else None
    server = front.serve(port, address, tls)
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has its own way, which ends `asyncio.run`
            asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    url = f"{origin}/{'#' + spoken(token) if token else ''}"
    told(say("alone.ready", url=url))
    if proof:
        told(say("alone.fingerprint", fingerprint=proof))
    told(say("interview.stop_hint"))
    sys.stdout.flush()
    if open_browser and token:
        webbrowser.open(url)
    days = 1 if token else desk.settings.link_days  # at a kiosk nobody comes back to what was left
    while not stopped.is_set():
        for done in desk.settle_old(days, front.drafts()):
            links.count(desk.form.id, done)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), HOUR)
    server.stop()
    for line in list(front.lines):
        line.end()
    await server.close_all_connections()


def address_of(wish: Wish) -> str:
    """Where to listen: loopback, or this computer's address in its own network. StudyError 'alone.no_network',
    'alone.not_local' for one that is not this computer's, or that the whole internet could reach."""
    if not wish.in_network:
        return LOOPBACK
    wanted = wish.address or _own_address()
    try:
        read = ipaddress.ip_address(wanted)
    except ValueError as error:
        raise StudyError("alone.not_local", address=wanted) from error
    if read.version != 4 or not read.is_private or read.is_loopback or read.is_unspecified or read.is_link_local:
        raise StudyError("alone.not_local", address=wanted)
    return wanted


def _own_address() -> str:
    """This computer's address on the way to others; nothing is sent. StudyError 'alone.no_network'."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as error:
            raise StudyError("alone.no_network") from error
        return str(probe.getsockname()[0])


def _free_port(address: str, wanted: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, wanted))
        except OSError as error:
            code = "interview.port_taken" if address == LOOPBACK or _is_here(address) else "alone.not_local"
            raise StudyError(code, port=wanted, address=address) from error
        return int(probe.getsockname()[1])


def _is_here(address: str) -> bool:
    """Whether an address is one of this computer's."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
