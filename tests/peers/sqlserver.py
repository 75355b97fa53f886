"""A stub that speaks SQL Server's protocol to its clients, and has DuckDB run the SQL.

Source: [MS-TDS] 2.2.6 (messages of the client) and 2.2.7 (tokens of the server).
"""

from __future__ import annotations

import re
import secrets
import select
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from tests.peers import duckbehind
from tests.peers.tds_types import COLLATION, wire
from tests.peers.tds_wire import BATCH, LOGIN, TRANSACTION, Channel, Gone
from tests.planting import DATABASE_PASSWORD

_NEEDED, _NOT_SUPPORTED = 3, 2
_LOGIN_FAILED, _NO_DATABASE, _NO_SYNTAX, _NO_OBJECT, _OTHER = 18456, 4060, 102, 208, 245
_READ_ONLY_INTENT = 0x20
# Option of a greeting and feature of a sign-in by a token of Entra's, which says that it saw the option.
_BY_TOKEN, _LAST_OPTION, _FEATURE_TOKEN, _SECURITY_TOKEN = 6, 0xFF, 2, 3
_TOKEN_TAKEN = b"\xae\x02\0\0\0\0\xff"
_LIMIT = re.compile(r"\bLIMIT\s+\d", re.IGNORECASE)
_SYSTEM = """
CREATE MACRO original_login() AS 'bookward';
CREATE MACRO serverproperty(name) AS '16.0.1000.6';
"""


class Sqlserver:
    """One server; ``duck`` holds its tables, a database of it being a schema there."""

    user = "bookward"

    def __init__(self, certificate: Path | None = None) -> None:
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"
        self.duck = duckbehind.opened(_SYSTEM)
        self.certificate = certificate
        self.cut_after: int | None = None  #: packets of an answer with rows
        self.left = 0  #: clients that went before the end of an answer
        self.token: str | None = None  #: by which somebody may sign in whom Entra knows
        self.intents: list[bool] = []  #: of each sign-in, whether it only wants to read
        self.names: list[str] = []  #: of each sign-in, the application's
        self.port = 0


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Connection(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        self.shell: Sqlserver = self.server.shell
        self.channel = Channel(self.request)
        self.cursor = self.shell.duck.cursor()
        with suppress(Gone):
            self._greet()
            if self._sign_in():
                while True:
                    self._answer(*self.channel.receive())
        with suppress(duckdb.Error):
            self.cursor.execute("ROLLBACK")
        self.cursor.close()

    def _greet(self) -> None:
        _, asked = self.channel.receive()
        encryption = _NEEDED if self.shell.certificate else _NOT_SUPPORTED
        options = {0: bytes([16, 0, 3, 232, 0, 0]), 1: bytes([encryption]), 2: b"\0", 3: b"", 4: b"\0"}
        self.by_token = _asks_for_token(asked)
        options |= {_BY_TOKEN: b"\1"} if self.by_token else {}
        heads, bodies, start = b"", b"", len(options) * 5 + 1
        for token, value in options.items():
            heads += struct.pack(">BHH", token, start + len(bodies), len(value))
            bodies += value
        self.channel.send(iter([heads + b"\xff" + bodies]))
        if self.shell.certificate:
            self.channel.encrypt(str(self.shell.certificate))

    def _sign_in(self) -> bool:
        type_, message = self.channel.receive()
        assert type_ == LOGIN
        self.shell.intents.append(bool(message[26] & _READ_ONLY_INTENT))
        user, password, name, database = (_login_field(message, place) for place in (1, 2, 3, 8))
        self.shell.names.append(name.decode("utf-16le"))
        words = bytes((byte ^ 0xA5) >> 4 | ((byte ^ 0xA5) & 15) << 4 for byte in password).decode("utf-16le")
        known = (user.decode("utf-16le"), words) == (self.shell.user, self.shell.password)
        if self.by_token:
            known = self.shell.token is not None and _token(message) == self.shell.token
        if not known:
            name = "<token-identified principal>" if self.by_token else user.decode("utf-16le")
            refusal = _error(_LOGIN_FAILED, f"Login failed for user '{name}'.", 14)
            self.channel.send(iter([refusal + _done(2)]))
            return False
        name = database.decode("utf-16le")
        try:
            self.cursor.execute(f"SET schema = '{name}'" if name else "SELECT 1")
        except duckdb.Error:
            refusal = _error(_NO_DATABASE, f'Cannot open database "{name}". The login failed.', 11)
            failed = _error(_LOGIN_FAILED, "Login failed for user 'bookward'.", 14)
            self.channel.send(iter([refusal + failed + _done(2)]))
            return False
        program = _counted("Microsoft SQL Server") + bytes([16, 0, 3, 232])
        accepted = b"\x01\x74\x00\x00\x04" + program
        tokens = [
            _changed(1, _counted(name) + _counted("")),
            _changed(7, bytes([5]) + COLLATION + b"\0"),
            _changed(4, _counted("4096") + _counted("4096")),
            b"\xad" + struct.pack("<H", len(accepted)) + accepted,
            *([_TOKEN_TAKEN] if self.by_token else []),
            _done(),
        ]
        self.channel.send(iter(tokens))
        return True

    def _answer(self, type_: int, message: bytes) -> None:
        if type_ not in (TRANSACTION, BATCH):  # such as that no more is wanted
            raise Gone
        (headers,) = struct.unpack_from("<I", message)
        if type_ == TRANSACTION:
            self.cursor.execute("BEGIN")
            self.channel.send(iter([_changed(8, bytes([8]) + b"\1" * 8 + b"\0"), _done()]))
        else:
            with _interrupting(self.request, self.cursor):
                tokens = self._run(message[headers:].decode("utf-16le"))
                try:
                    self.channel.send(tokens, cut_after=self.shell.cut_after)
                except Gone:
                    self.shell.left += 1
                    raise

    def _run(self, sql: str) -> Iterator[bytes]:
        try:
            if _LIMIT.search(sql):
                raise ValueError("Incorrect syntax near 'LIMIT'.")
            statement = duckbehind.translated(sql, "tsql", _mend)
            columns = duckbehind.described(self.cursor, statement)
            if not columns:
                self.cursor.execute(statement)
                yield _done()
                return
            wires = [wire(type_) for _, type_ in columns]
            yield b"\x81" + struct.pack("<H", len(columns))
            for (name, _), sent in zip(columns, wires, strict=True):
                yield struct.pack("<IH", 0, 9) + sent.info + _counted(name)
            for row in duckbehind.rows(self.cursor, statement):
                yield b"\xd1" + b"".join(sent.value(value) for sent, value in zip(wires, row, strict=True))
            yield _done()
        except ValueError as error:
            yield _error(_NO_SYNTAX, f"Incorrect syntax. {error}", 15) + _done(2)
        except (duckdb.Error, OSError) as error:
            number = _NO_OBJECT if isinstance(error, duckdb.CatalogException) else _OTHER
            yield _error(number, str(error), 16) + _done(2)


def _mend(tree: exp.Expression) -> None:
    """Refuse what SQL Server does and sqlglot does not, and say what it leaves in SQL Server's words.

    Source: Transact-SQL reference, "SELECT - ORDER BY clause" and "WITH common_table_expression".
    """
    for query in (inner.this for inner in tree.find_all(exp.Subquery)):
        if query.args.get("with_"):
            raise ValueError("Incorrect syntax near the keyword 'WITH'.")
        if query.args.get("order") and not (query.args.get("limit") or query.args.get("offset")):
            raise ValueError(
                "The ORDER BY clause is invalid in subqueries, unless TOP or OFFSET is specified."
            )
    for type_ in tree.find_all(exp.DataType):
        if type_.this in exp.DataType.TEXT_TYPES:
            type_.set("expressions", [])
        elif type_.this == exp.DataType.Type.BIT:
            type_.set("this", exp.DataType.Type.BOOLEAN)


@contextmanager
def _interrupting(client: Any, cursor: Any) -> Iterator[None]:
    """End a query whose client has left or asks for it: until it is answered, a client says nothing else."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if select.select([client], [], [], 0.1)[0]:
                cursor.interrupt()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _asks_for_token(asked: bytes) -> bool:
    """Return whether a greeting names the option of a sign-in by token, and wants it."""
    place = 0
    while asked[place] != _LAST_OPTION:
        option, start, length = struct.unpack_from(">BHH", asked, place)
        if option == _BY_TOKEN:
            return asked[start : start + length] == b"\1"
        place += 5
    return False


def _token(message: bytes) -> str:
    """Return the token of a sign-in: it stands among its extended features, with its length before it."""
    (pointer, _) = struct.unpack_from("<HH", message, 36 + 4 * 5)
    (start,) = struct.unpack_from("<I", message, pointer)
    feature, _, library = struct.unpack_from("<BIB", message, start)
    assert (feature, library) == (_FEATURE_TOKEN, _SECURITY_TOKEN)
    (length,) = struct.unpack_from("<I", message, start + 6)
    return message[start + 10 : start + 10 + length].decode("utf-16le")


def _login_field(message: bytes, place: int) -> bytes:
    start, length = struct.unpack_from("<HH", message, 36 + 4 * place)
    return message[start : start + 2 * length]


def _counted(text: str) -> bytes:
    return bytes([len(text.encode("utf-16le")) // 2]) + text.encode("utf-16le")


def _changed(what: int, values: bytes) -> bytes:
    return b"\xe3" + struct.pack("<HB", len(values) + 1, what) + values


def _done(status: int = 0) -> bytes:
    return struct.pack("<BHHQ", 0xFD, status, 0xC1, 0)


def _error(number: int, message: str, severity: int) -> bytes:
    text = message[:4_000].encode("utf-16le")
    body = struct.pack("<iBBH", number, 1, severity, len(text) // 2) + text
    body += _counted("stub") + _counted("") + struct.pack("<I", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body


@contextmanager
def running_sqlserver(certificate: Path | None = None) -> Iterator[Sqlserver]:
    """Give a server, which encrypts where it has a certificate, and then takes nobody who does not."""
    shell = Sqlserver(certificate)
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.shell = shell  # type: ignore[attr-defined]
        shell.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield shell
        finally:
            server.shutdown()
            thread.join()
