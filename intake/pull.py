"""Fetching records from a server: ODK Central and KoboToolbox, over their documented interfaces, and only what is new.

    source = Central("https://central.example/v1/projects/1/forms/kontakt", secret)
    plan = pull_central(store, source, terms)          # what is new or edited there; nothing is written yet

The server is first asked which records it has, by instanceID; only those that are not here, or were edited since, are
fetched. A line that breaks is taken up where it broke; where it stays broken, what came whole is planned, and the next
call fetches the rest. Passwords and tokens come by a descriptor, the keyring or a person, go to the server they are for
and nowhere else, and stand in no argument, message or file. Nothing but https outside this computer.
"""

from __future__ import annotations

import email.utils
import hashlib
import http.client
import ipaddress
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from intake.exchange import kobo, openrosa_in
from intake.exchange.arriving import Wanted, by_version, published
from intake.exchange.central import parsed
from intake.exchange.guards import FILE_LIMIT
from intake.exchange.incoming import Plan, Source, Terms, planned
from intake.exchange.rebuilt import Arrival, Rebuilt
from intake.store import Store
from intake.submission import Submission, answer_named
from validation.errors import DataError, Place, Problem, UsageError
from validation.messages import say
from validation.xform import read_form

TRIES = 5
LONGEST_WAIT = 120.0  # seconds, whatever a server asks for
TIMEOUT = 60.0  # seconds without a byte
PAGE = 500  # records that are listed at once
BLOCK = 50  # records of Kobo that are fetched at once
_BUSY = (429, 502, 503, 504)

Progress = Callable[[int, int], None]
Sleep = Callable[[float], None]


class Secret:
    """A token, or a password with the e-mail address it belongs to. Its text shows nothing."""

    def __init__(self, text: str, name: str = "") -> None:
        self._text = text
        self.name = name

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str:
        """The secret, for the one request that needs it."""
        return self._text

    @classmethod
    def given(cls, url: str, *, descriptor: int | None = None, keyring: bool = False, name: str = "") -> Secret:
        """What a descriptor gives, what the keyring has for this server, or what a person types; with `keyring` that
        is kept there. UsageError where nobody can be asked."""
        if descriptor is not None:
            return cls(_from_descriptor(descriptor), name)
        place = f"pull {_origin(url)} {name}".strip()
        if keyring:
            from intake.store import keychain

            if (kept := keychain.fetch(place)) is not None:
                return cls(kept.decode(), name)
        from intake.entrance import asking

        ask = asking()
        if ask is None:
            raise UsageError("import.nobody_to_ask")
        text = ask(say("import.ask_secret", server=_origin(url)))
        if keyring:
            keychain.keep(place, text.encode())
        return cls(text, name)


def _from_descriptor(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            text = file.read(4096).decode("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise UsageError("import.bad_descriptor", number=descriptor) from error
    if not text:
        raise UsageError("import.bad_descriptor", number=descriptor)
    return text


# --- the line


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    """Whether an address is of this computer."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it could lead the token somewhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


class Line:
    """Requests to one server. A request that a line broke, or that the server was too busy for, is made again, up to
    `TRIES` times; how long to wait in between the server says, else it doubles."""

    def __init__(self, url: str, sleep: Sleep = time.sleep) -> None:
        """UsageError for an address that is not https, unless it is of this computer, or that holds a password."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("import.bad_url")
        if parts.username or parts.password:
            raise UsageError("import.secret_in_url")
        if parts.scheme != "https" and not is_loopback(url):
            raise UsageError("import.no_https", server=parts.hostname)
        self.origin, self._sleep = _origin(url), sleep
        self._headers: dict[str, str] = {}
        local = [urllib.request.ProxyHandler({})] if is_loopback(url) else []
        self._opener = urllib.request.build_opener(_Stay(), *local)

    def authorise(self, value: str) -> None:
        """What every further request says in its header Authorization."""
        if any(ord(letter) < 32 or ord(letter) > 126 for letter in value):
            raise UsageError("import.bad_secret")
        self._headers["Authorization"] = value

    def send(self, url: str, *, method: str = "GET", body: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer. DataError 'import.unauthorised', 'import.not_there', 'import.server', and
        'import.line' once all tries are used up."""
        if _origin(url) != self.origin:
            raise DataError("import.other_server", server=self.origin)
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "*/*", **self._headers, **({"Content-Type": "application/json"} if data else {})}
        for number in range(1, TRIES + 1):
            request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - https, or this computer
            wait = 2.0 ** (number - 1)
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    return _whole(answer)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _BUSY:
                        raise _refusal(error.code, self.origin) from None
                    wait = _asked_wait(error.headers.get("Retry-After", ""), wait)
            except (OSError, http.client.HTTPException):
                pass
            if number < TRIES:
                self._sleep(min(wait, LONGEST_WAIT))
        raise DataError("import.line", server=self.origin)

    def json(self, url: str, **options: Any) -> dict[str, Any]:
        """The answer as a JSON object whose numbers are texts."""
        return parsed(self.send(url, **options), self.origin)


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """All that the server announced; http.client raises where the line ends before."""
    data = answer.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise DataError("import.too_large", file=_origin(answer.url), limit=FILE_LIMIT // 1_000_000)
    announced = answer.headers.get("Content-Length")
    if announced is not None and len(data) < int(announced):
        raise http.client.IncompleteRead(data)
    return data


def _refusal(code: int, server: str) -> DataError:
    if code in (401, 403):
        return DataError("import.unauthorised", server=server)
    if code == 404:
        return DataError("import.not_there", server=server)
    return DataError("import.server", server=server, status=code)


def _asked_wait(text: str, otherwise: float) -> float:
    """Seconds, as a header Retry-After has them: a number or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return otherwise
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else otherwise


# --- ODK Central


class Central:
    """A form on ODK Central, by the address of the form: `https://…/v1/projects/1/forms/kontakt`."""

    def __init__(
        self, url: str, secret: Secret, *, progress: Progress | None = None, sleep: Sleep = time.sleep
    ) -> None:
        """With the name of an e-mail address the secret is its password, else a token."""
        self.url = url.rstrip("/").removesuffix(".svc")
        self.line = Line(url, sleep)
        self._secret, self._progress = secret, progress or (lambda _at, _of: None)
        if "/v1/projects/" not in self.url:
            raise UsageError("import.no_central")
        self._root = self.url.partition("/v1/projects/")[0] + "/v1"

    @property
    def form_id(self) -> str:
        """The id of the form, as the address has it."""
        return unquote(self.url.rpartition("/")[2])

    def __enter__(self) -> Central:
        if self._secret.name:
            body = {"email": self._secret.name, "password": self._secret.reveal()}
            token = str(self.line.json(f"{self._root}/sessions", method="POST", body=body).get("token", ""))
        else:
            token = self._secret.reveal()
        self.line.authorise(f"Bearer {token}")
        return self

    def __exit__(self, *_: object) -> None:
        if self._secret.name:
            try:
                self.line.send(f"{self._root}/sessions/current", method="DELETE")
            except DataError:
                return  # the session ends by itself

    def listed(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(instanceID, what the server says of it) of every record, page by page."""
        query = urlencode({"$select": "__id,__system", "$top": PAGE}, safe="$,")
        url = f"{self.url}.svc/Submissions?{query}"
        while url:
            page = self.line.json(url)
            for value in page.get("value", []):
                yield str(value["__id"]), value.get("__system") or {}
            after = page.get("@odata.nextLink")
            url = urljoin(url, str(after)) if after else ""

    def record(self, name: str, system: Mapping[str, Any]) -> dict[str, bytes]:
        """{file name: content}: the record as it was sent, or edited last, and what was handed in with it."""
        place = f"{self.url}/submissions/{quote(name, safe='')}"
        found = {openrosa_in.SUBMISSION: self.line.send(f"{place}.xml")}
        if str(system.get("attachmentsPresent") or "0") != "0":
            for each in _listing(self.line.send(f"{place}/attachments"), self.line.origin):
                if each.get("exists"):
                    file = str(each["name"])
                    found[file] = self.line.send(f"{place}/attachments/{quote(file, safe='')}")
        return found

    def fetched(self, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, dict[str, bytes]]]:
        """(instanceID, files) of records, telling how far it is."""
        for at, (name, system) in enumerate(wanted, start=1):
            yield name, self.record(name, system)
            self._progress(at, len(wanted))


def pull_central(store: Store, source: Central, terms: Terms, *, form: str = "", keep: tuple[str, ...] = ()) -> Plan:
    """What is new or edited on Central, planned as an import. Errors as `Line.send` and `planned`."""
    form_id = form or source.form_id
    versions = published(store, form_id)
    here = {each.id: each for each in store.submissions(form_id)}
    got: dict[str, dict[str, bytes]] = {}
    broken: DataError | None = None
    with source:
        waiting = [(name, said) for name, said in source.listed() if _is_news(here.get(name), said)]
        systems = dict(waiting)
        try:
            got.update(source.fetched(waiting))  # what came whole stays when the line breaks
        except DataError as error:
            if error.code != "import.line" or not got:
                raise
            broken = error
    arrivals: list[Arrival] = []
    problems: list[Problem] = []
    for name, files in got.items():
        version = str(systems[name].get("formVersion") or "")
        chosen = versions.get(terms.version or version) or list(versions.values())[-1]
        found = openrosa_in.read(read_form(chosen.xform), files, zone=terms.zone, keep=keep)
        problems += found.problems
        arrivals += [_arrived(arrival, name, version, systems[name]) for arrival in found.arrivals]
    remarks = () if broken is None else (_partial(len(got), len(waiting)),)
    plan = planned(store, form_id, arrivals, Source(source.url, "central", _digest(got)), terms, problems=problems)
    return replace(plan, remarks=remarks)


def _listing(data: bytes, server: str) -> list[dict[str, Any]]:
    """A JSON list of objects. DataError where it is none."""
    return list(parsed(b'{"value": %s}' % data, server).get("value") or [])


def _is_news(here: Submission | None, system: Mapping[str, Any]) -> bool:
    """Whether a record has to be fetched: it is not here, or was edited there since it came."""
    edits = str(system.get("edits") or "0")
    return here is None or edits != str(_notes(here).get("Edits", "0"))


def _notes(submission: Submission) -> Mapping[str, Any]:
    said = submission.paradata.get("imported")
    notes = said.get("notes") if isinstance(said, dict) else None
    return notes if isinstance(notes, dict) else {}


def _arrived(arrival: Arrival, name: str, version: str, system: Mapping[str, Any]) -> Arrival:
    told = {"SubmissionDate": "submissionDate", "SubmitterName": "submitterName", "ReviewState": "reviewState",
            "Edits": "edits", "DeviceID": "deviceId"}  # fmt: skip
    notes = {ours: str(system[theirs]) for ours, theirs in told.items() if system.get(theirs)}
    return replace(
        arrival, id=name, version=version or arrival.version, place=Place(name), notes={**arrival.notes, **notes}
    )


def _digest(got: Mapping[str, Mapping[str, bytes]]) -> str:
    """One SHA-256 for everything that was fetched."""
    whole = hashlib.sha256()
    for name in sorted(got):
        for file in sorted(got[name]):
            whole.update(f"{hashlib.sha256(got[name][file]).hexdigest()}  {name}/{file}\n".encode())
    return whole.hexdigest()


def _partial(got: int, wanted: int) -> Problem:
    return Problem("import.partial", fields={"got": str(got), "wanted": str(wanted)})


# --- KoboToolbox


class Kobo:
    """A project of KoboToolbox, by the address of its asset: `https://…/api/v2/assets/aXyZ`."""

    def __init__(
        self, url: str, secret: Secret, *, progress: Progress | None = None, sleep: Sleep = time.sleep
    ) -> None:
        self.url = url.rstrip("/")
        self.line = Line(url, sleep)
        self.line.authorise(f"Token {secret.reveal()}")
        self._progress = progress or (lambda _at, _of: None)
        if "/api/v2/assets/" not in self.url:
            raise UsageError("import.no_kobo")

    def pages(self, **query: object) -> Iterator[dict[str, Any]]:
        """Every record of an answer, page by page."""
        asked = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        url = f"{self.url}/data.json?{urlencode({'limit': str(PAGE), 'sort': json.dumps({'_id': 1}), **asked})}"
        while url:
            page = self.line.json(url)
            yield from page.get("results", [])
            after = page.get("next")
            url = urljoin(url, str(after)) if after else ""

    def listed(self) -> list[dict[str, Any]]:
        """The ids of every record."""
        return list(self.pages(fields=["_id", "_uuid", "meta/rootUuid", "meta/instanceID"]))

    def fetched(self, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The records with these ids (`_id`), some at a time."""
        for start in range(0, len(ids), BLOCK):
            block = ids[start : start + BLOCK]
            yield from self.pages(query={"_id": {"$in": [int(each) for each in block]}})
            self._progress(start + len(block), len(ids))

    def files(self, record: Mapping[str, Any]) -> dict[str, bytes]:
        """{name: content} of what was handed in with a record."""
        found = {}
        for each in record.get("_attachments") or []:
            name = str(each.get("media_file_basename") or str(each.get("filename", "")).rpartition("/")[2])
            url = f"{self.url}/data/{record['_id']}/attachments/{each['id']}/"
            found[name] = self.line.send(url)
        return found


def pull_kobo(store: Store, source: Kobo, terms: Terms, wanted: Wanted) -> Plan:
    """What is new or edited in a project of Kobo, planned as an import; `Plan.broken` then tells what breaks the form's
    own rules, which bulk edits do not look at. UsageError 'import.which_form' where no form is named."""
    if not wanted.form:
        raise UsageError("import.which_form", known=", ".join(sorted({each.form_id for each in store.forms()})))
    versions = published(store, wanted.form)
    chosen = versions.get(wanted.version) if wanted.version else list(versions.values())[-1]
    if chosen is None:
        raise UsageError("import.no_version", version=wanted.version, known=", ".join(versions))
    here = {each.id: each for each in store.submissions(wanted.form)}
    waiting = [each for each in source.listed() if _is_new_edit(here, each)]
    results: list[dict[str, Any]] = []
    files: dict[str, dict[str, bytes]] = {}
    remarks: tuple[Problem, ...] = ()
    try:
        for record in source.fetched([str(each["_id"]) for each in waiting]):
            named = kobo.named(str(record.get("meta/rootUuid") or record.get("_uuid") or ""))
            if handed_in := source.files(record):
                files[named] = handed_in
            results.append(record)
    except DataError as error:
        if error.code != "import.line" or not results:
            raise
        remarks = (_partial(len(results), len(waiting)),)
    rows = replace(kobo.read_json(read_form(chosen.xform), results, source.url), files=files)
    found: Rebuilt = by_version(versions, chosen, rows, wanted, zone=terms.zone, now=terms.now)
    told = hashlib.sha256(json.dumps(results, sort_keys=True).encode()).hexdigest()
    plan = planned(store, wanted.form, found.arrivals, Source(source.url, "kobo", told), terms, problems=found.problems)
    return replace(plan, remarks=remarks)


def _is_new_edit(here: Mapping[str, Submission], listed: Mapping[str, Any]) -> bool:
    name = kobo.named(str(listed.get("meta/rootUuid") or listed.get("_uuid") or ""))
    known = here.get(name)
    said = str(listed.get("meta/instanceID") or "")
    return known is None or (bool(said) and answer_named(known.record, "instanceID") != kobo.named(said))
