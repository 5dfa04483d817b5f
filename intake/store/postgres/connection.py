"""One connection to the server: who may come in, transactions, and the server's errors as our refusals.

The only file that imports psycopg. A message of the server never leaves it: it may name a value.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from validation.errors import StoreBusy, StoreError, StoreFull

Row: TypeAlias = tuple[Any, ...]
_Answer = TypeVar("_Answer")

_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))
_PRIVATE_ENOUGH = frozenset(("require", "verify-ca", "verify-full"))
_STATEMENT_SECONDS = 300
_REFUSED = "LB001"
_BUSY = frozenset(("55P03", "57014", "40001", "40P01", "53300"))
_FULL = frozenset(("53100",))


class Connection:
    """An open connection. It belongs to the thread and process that opened it; a broken one is replaced at the next
    call, never within a transaction."""

    def __init__(self, url: str, wait: float, judge: Callable[[Connection], None]) -> None:
        """`wait` is how many seconds to wait for another writer; `judge` refuses who may not come in, each time a
        connection is made. StoreError 'store.unencrypted_line', 'store.no_server', StoreBusy."""
        told = conninfo(url)
        self._conninfo = make_conninfo(**told)
        self._wait = wait
        self._judge = judge
        self.path = shown(told)
        self._owner = (os.getpid(), threading.get_ident())
        self._raw: psycopg.Connection[Row] | None = None
        self._closed = False
        self._within = False
        self._connect()

    def call(self, function: str, *values: object) -> list[Row]:
        """The rows of one of our functions on the server. Outside a transaction it is one of its own."""
        return self.execute(f"SELECT * FROM lotsenbuch.{function}({', '.join(['%s'] * len(values))})", values)  # noqa: S608

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a statement, none for one that has none."""
        raw = self._open()

        def asked() -> list[Row]:
            with raw.cursor(binary=True) as cursor:
                cursor.execute(statement.encode(), values or None)
                return cursor.fetchall() if cursor.description is not None else []

        return _answered(asked, self._refusal)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Within one it is part of it."""
        if self._within:
            yield
            return
        raw = self._open()
        _answered(lambda: raw.execute("BEGIN"), self._refusal)
        self._within = True
        try:
            yield
            _answered(lambda: raw.execute("COMMIT"), self._refusal)
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                if not raw.closed:
                    raw.execute("ROLLBACK")
            raise
        finally:
            self._within = False

    def is_pooled(self) -> bool:
        """Whether something between us and the server answers in its place: it names another process than the server
        does."""
        ((pid,),) = self.execute("SELECT pg_backend_pid()")
        return bool(pid != self._open().info.backend_pid)

    def close(self) -> None:
        """Twice is allowed."""
        self._closed = True
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def _connect(self) -> None:
        self._raw = raw = _connected(self._conninfo, self.path)
        try:
            if not is_local(raw.info.host) and not raw.pgconn.ssl_in_use:
                raise StoreError("store.unencrypted_line", path=self.path)
            settings = (
                "SELECT set_config('search_path', '', false), set_config('lock_timeout', %s, false),"
                " set_config('statement_timeout', %s, false), set_config('client_min_messages', 'error', false)"
            )
            seconds = (f"{max(1, int(self._wait * 1000))}ms", f"{_STATEMENT_SECONDS}s")
            _answered(lambda: raw.execute(settings, seconds), self._refusal)
            self._judge(self)
        except BaseException:
            raw.close()
            self._raw = None
            raise

    def _open(self) -> psycopg.Connection[Row]:
        if self._closed:
            raise StoreError("store.closed", path=self.path)
        if self._owner != (os.getpid(), threading.get_ident()):
            raise RuntimeError("a store belongs to the thread and process that opened it; open another one here")
        if (self._raw is None or self._raw.closed) and not self._within:
            self._connect()
        if self._raw is None:
            raise StoreBusy("store.line_broken", path=self.path)
        return self._raw

    def _refusal(self, error: psycopg.Error) -> StoreError:
        state = error.sqlstate or ""
        if state == _REFUSED:
            fields = json.loads(error.diag.message_detail or "{}")
            return StoreError(error.diag.message_primary or "store.not_allowed", **{"path": self.path, **fields})
        if (self._raw is not None and self._raw.closed) or state.startswith(("08", "57P")):
            return StoreBusy("store.line_broken", path=self.path)
        if state in _BUSY:
            return StoreBusy("store.busy", path=self.path)
        if state in _FULL:
            return StoreFull("store.full", path=self.path)
        if state == "42501":
            return StoreError("store.not_allowed", path=self.path)
        if state in ("3F000", "42883", "42P01"):
            return StoreError("store.not_a_team_store", path=self.path)
        if state.startswith(("XX", "58")):
            return StoreError("store.damaged", path=self.path)
        return _refused_by_server(error, self.path)


class Administration:
    """The account of the database's administrator, for making a store and looking at what was made."""

    def __init__(self, raw: psycopg.Connection[Row], path: str) -> None:
        self._raw = raw
        self.path = path
        self.database = raw.info.dbname
        self.version = raw.info.server_version

    def execute(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """The rows of one statement; of a script without values none."""

        def asked() -> list[Row]:
            cursor = self._raw.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description is not None else []

        return _answered(asked, lambda error: _refused_by_server(error, self.path))

    def transaction(self, *, undone: bool = False) -> contextlib.AbstractContextManager[object]:
        """All or nothing; with `undone` nothing, to see what would be."""
        return self._raw.transaction(force_rollback=undone)


@contextlib.contextmanager
def administration(url: str) -> Iterator[Administration]:
    """Come in as the database's administrator. StoreError 'store.no_server', 'store.refused_by_server'."""
    told = conninfo(url)
    raw = _connected(make_conninfo(**told), shown(told))
    try:
        if not is_local(raw.info.host) and not raw.pgconn.ssl_in_use:
            raise StoreError("store.unencrypted_line", path=shown(told))
        yield Administration(raw, shown(told))
    except psycopg.Error as error:
        raise _refused_by_server(error, shown(told)) from None
    finally:
        raw.close()


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def conninfo(url: str) -> dict[str, Any]:
    """An address as libpq's settings, with a line that nobody else reads.

    StoreError 'store.bad_address' for what is no address, 'store.unencrypted_line' where it asks for less than TLS.
    """
    told: dict[str, Any] = _answered(lambda: dict(conninfo_to_dict(url)), lambda _: StoreError("store.bad_address"))
    hosts = [host for name in ("host", "hostaddr") for host in str(told.get(name) or "").split(",") if host]
    if hosts and all(map(is_local, hosts)):
        return {"connect_timeout": 10, **told}
    if told.setdefault("sslmode", "verify-full") not in _PRIVATE_ENOUGH:
        raise StoreError("store.unencrypted_line", path=shown(told))
    return {"connect_timeout": 10, **told}


def database_of(url: str) -> str:
    """The name of the database at an address, '' where it says none."""
    return str(conninfo(url).get("dbname") or "")


def account_of(url: str) -> str:
    """The account an address is entered with; where it names none, that of the environment (PGUSER) or of the
    computer's user, as libpq decides."""
    told = conninfo(url).get("user")
    if told:
        return str(told)
    usual = {option.keyword: option.val for option in psycopg.pq.Conninfo.get_defaults()}
    return (usual.get(b"user") or b"").decode()


def with_account(url: str, account: str) -> str:
    """The same address for another account, without the password of this one."""
    told: dict[str, Any] = {**conninfo(url), "user": account}
    told.pop("password", None)
    return make_conninfo(**told)


def is_local(host: str) -> bool:
    """Whether a host is this computer: a socket's directory, or loopback."""
    return host.startswith(("/", "@")) or host in _LOCAL


def shown(told: Mapping[str, Any]) -> str:
    """An address as it is shown: without account and password."""
    host = str(told.get("host") or told.get("hostaddr") or "localhost")
    return f"postgresql://{'localhost' if is_local(host) else host}/{told.get('dbname') or ''}"


def _answered(ask: Callable[[], _Answer], refusal: Callable[[psycopg.Error], StoreError]) -> _Answer:
    """The answer, or our refusal. The server's error may name values of a row ("Failing row contains ..."), so it does
    not come along: neither as the cause nor, being over by then, as the context."""
    try:
        return ask()
    except psycopg.Error as error:
        refused = refusal(error)
    raise refused


def _connected(told: str, path: str) -> psycopg.Connection[Row]:
    return _answered(lambda: psycopg.connect(told, autocommit=True), lambda error: _no_server(error, path))


def _refused_by_server(error: psycopg.Error, path: str) -> StoreError:
    """What can only be a mistake of this program, or a database that is not as we made it."""
    return StoreError("store.refused_by_server", path=path, state=error.sqlstate or type(error).__name__)


def _no_server(error: psycopg.Error, path: str) -> StoreBusy:
    """A server that is not there may come back: whoever tries again loses nothing and doubles nothing."""
    return StoreBusy("store.busy" if (error.sqlstate or "").startswith("53") else "store.no_server", path=path)
