"""Redshift's front on a real PostgreSQL: its driver takes the one for the other, but for a few words.

Redshift's protocol is PostgreSQL's; its client names parameters that PostgreSQL does not know, and reads a
version that PostgreSQL does not say.
"""

from __future__ import annotations

import os
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.peers.postgres import Postgres
from tests.peers.wire import at_once, exactly

FUNCTIONS = """
CREATE OR REPLACE FUNCTION farmfingerprint64(text) RETURNS bigint LANGUAGE sql STRICT IMMUTABLE
    AS 'SELECT hashtextextended($1, 0)';
"""
"""What the tests' database needs to know of Redshift's own: numbers of texts, which are others than there."""

_ENCRYPT = 80877103
_KNOWN = {b"user", b"database", b"application_name"}
_TOKEN = struct.pack("!i", 14)
_CHOICE = struct.pack("!i", 10)
_VERSION = b"server_version\x008.0.2\x00"


class Redshift:
    """One front; it may be told to break off."""

    def __init__(self, behind: Postgres, certificate: Path | None) -> None:
        self.behind = behind
        self.certificate = certificate
        self.cut_after: int | None = None  #: bytes of what the server says once somebody has signed in
        self.token = ""  #: of an identity provider, by which one signs in
        self.port = 0


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Connection(socketserver.BaseRequestHandler):
    server: Any

    def setup(self) -> None:
        at_once(self.request)

    def handle(self) -> None:
        self.shell: Redshift = self.server.shell
        with suppress(OSError, EOFError):
            asked = self._first_message()
            if asked is None:
                return
            if b"\0BasicJwtCredentialsProvider\0" in asked:
                self._by_token(dict(_pairs(asked)))
                return
            with socket.create_connection((self.shell.behind.host, self.shell.behind.port)) as server:
                at_once(server)
                server.sendall(_with_known(asked))
                upwards = threading.Thread(target=_pump, args=(self.request, server), daemon=True)
                upwards.start()
                self._downwards(server)

    def finish(self) -> None:
        self.request.close()  # the encrypted one, of which the server does not know

    def _by_token(self, asked: dict[bytes, bytes]) -> None:
        """Let somebody in by the token of an identity provider, as the owner of the database."""
        assert asked[b"idp_type"] == b"AzureAD"
        self._say(b"R", _TOKEN)
        kind, shown = exactly(self.request, 1), _message(self.request)
        if (kind, shown.decode()) != (b"i", self.shell.token):
            words = (b"SFATAL", b"C28000", b"MThe token is not valid.", b"", b"")
            self._say(b"E", b"\0".join(words))
            return
        database = asked[b"database"].decode()
        with self.shell.behind.connect(database) as signed_in:
            self._say(b"R", struct.pack("!i", 0))
            self._say(b"S", _VERSION)
            self._say(b"S", b"client_encoding\0UTF8\0")
            self._say(b"Z", b"I")
            with socket.socket(fileno=os.dup(signed_in.fileno())) as server:
                server.setblocking(True)
                upwards = threading.Thread(target=_pump, args=(self.request, server), daemon=True)
                upwards.start()
                _pump(server, self.request)
                upwards.join()

    def _say(self, kind: bytes, said: bytes) -> None:
        self.request.sendall(kind + struct.pack("!i", len(said) + 4) + said)

    def _first_message(self) -> bytes | None:
        """Return what the client asks for, None where it would not have it without encryption."""
        asked = _message(self.request)
        if struct.unpack_from("!i", asked) != (_ENCRYPT,):
            return None if self.shell.certificate else asked
        if self.shell.certificate is None:
            self.request.sendall(b"N")
            return None
        self.request.sendall(b"S")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.shell.certificate)
        self.request = context.wrap_socket(self.request, server_side=True)
        return _message(self.request)

    def _downwards(self, server: socket.socket) -> None:
        kind = b""
        while kind != b"Z":
            kind, said = exactly(server, 1), _message(server)
            if kind == b"S" and said.startswith(b"server_version\0"):
                said = _VERSION
            if kind == b"R" and said.startswith(_CHOICE):  # whose end the driver takes for one choice more
                said = said.removesuffix(b"\0")
            self._say(kind, said)
        _pump(server, self.request, lambda: self.shell.cut_after)


def _pump(source: socket.socket, target: socket.socket, cut_after: Any = lambda: None) -> None:
    """Pass on what is said until somebody leaves, or so many bytes have been."""
    passed = 0
    with suppress(OSError):
        while data := source.recv(65_536):
            limit = cut_after()
            target.sendall(data if limit is None else data[: max(0, limit - passed)])
            passed += len(data)
            if limit is not None and passed >= limit:
                break
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _with_known(asked: bytes) -> bytes:
    known = [pair for pair in _pairs(asked) if pair[0] in _KNOWN]
    body = asked[:4] + b"".join(name + b"\0" + value + b"\0" for name, value in known) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def _pairs(asked: bytes) -> list[tuple[bytes, bytes]]:
    words = asked[4:].rstrip(b"\0").split(b"\0")
    return list(zip(words[::2], words[1::2], strict=True))


def _message(source: socket.socket) -> bytes:
    (length,) = struct.unpack("!i", exactly(source, 4))
    return exactly(source, length - 4)


@contextmanager
def running_redshift(behind: Postgres, certificate: Path | None = None) -> Iterator[Redshift]:
    """Give a front, which encrypts where it has a certificate, and then takes nobody who does not."""
    shell = Redshift(behind, certificate)
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
