"""A wire between a client and a server that does something once enough has come through: it is cut, say."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread

from tests.peers.wire import at_once

_RESET = struct.pack("ii", 1, 0)


class Relay:
    """Carries every connection made to ``port`` to a server's."""

    host = "127.0.0.1"

    def __init__(self, server: int) -> None:
        self.came = 0  #: bytes from the server so far
        self._server = server
        self._after = -1
        self._then: Callable[[], object] = self.cut
        self._lock = Lock()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def once(self, after: int, then: Callable[[], object] | None = None) -> None:
        """Do something, cut by default, once the server has sent so many bytes more."""
        with self._lock:
            self._after, self._then = self.came + after, then or self.cut

    def cut(self) -> None:
        """End all connections as a pulled plug does, and take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closed alone, it would take one more
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((self.host, self._server))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            at_once(near)
            at_once(far)
            Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, given: socket.socket, taken: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            try:
                while piece := given.recv(16_384):
                    if counted:
                        self._count(len(piece))
                    taken.sendall(piece)
            finally:
                taken.shutdown(socket.SHUT_WR)

    def _count(self, size: int) -> None:
        with self._lock:
            self.came += size
            due = 0 <= self._after <= self.came
            if due:
                self._after = -1
        if due:
            self._then()


@contextmanager
def relaying(server: int) -> Iterator[Relay]:
    """Give a wire to a port of this machine, cut at the end."""
    relay = Relay(server)
    try:
        yield relay
    finally:
        relay.cut()
