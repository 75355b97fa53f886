"""A gate before a MongoDB server that lets everybody in: who signs in is settled at the gate."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import bson

from tests.peers.wire import exactly

_MESSAGE = 2013
_OPEN = {"hello", "ismaster", "isMaster", "endSessions"}


class _Gate(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Connection(socketserver.BaseRequestHandler):
    """One client, who is let through to the server once it has signed in."""

    server: Any
    encrypted: ssl.SSLContext | None = None  #: how; None for not at all
    signed_in = False

    def sign_in(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what is said to a command that signs in; None where it is no such command."""
        raise NotImplementedError

    def handle(self) -> None:
        with suppress(OSError, EOFError), socket.create_connection(("127.0.0.1", self.server.behind)) as far:
            if self.encrypted is not None:
                self.request = self.encrypted.wrap_socket(self.request, server_side=True)
            threading.Thread(target=_pump, args=(far, self.request), daemon=True).start()
            while True:
                head = exactly(self.request, 16)
                length, number, _, kind = struct.unpack("<iiii", head)
                body = exactly(self.request, length - 16)
                said = self._answered(bson.decode(body[5:])) if kind == _MESSAGE else None
                if said is None:
                    far.sendall(head + body)
                else:
                    self._say(number, said)

    def finish(self) -> None:
        self.request.close()

    def _answered(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what the gate itself says; None where the server is to be asked."""
        said = self.sign_in(asked)
        if said is not None or self.signed_in or next(iter(asked)) in _OPEN:
            return said
        return refused(13, "command requires authentication")

    def _say(self, number: int, said: Mapping[str, Any]) -> None:
        body = struct.pack("<Ib", 0, 0) + bson.encode(said)
        self.request.sendall(struct.pack("<iiii", len(body) + 16, 0, number, _MESSAGE) + body)


def refused(code: int, message: str) -> Mapping[str, Any]:
    return {"ok": 0, "code": code, "errmsg": message}


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


@contextmanager
def running_gate(connection: type[Connection], behind: int) -> Iterator[int]:
    """Give the port of a gate before the server at the port ``behind``."""
    with _Gate(("127.0.0.1", 0), connection) as gate:
        gate.behind = behind  # type: ignore[attr-defined]
        thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield gate.server_address[1]
        finally:
            gate.shutdown()
            thread.join()
