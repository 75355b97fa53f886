"""Reading what a protocol has told the length of."""

from __future__ import annotations

import socket


def exactly(source: socket.socket, size: int) -> bytes:
    """Return the next ``size`` bytes; ``EOFError`` if the other end leaves before."""
    found = b""
    while len(found) < size:
        data = source.recv(size - len(found))
        if not data:
            raise EOFError
        found += data
    return found


def at_once(end: socket.socket) -> None:
    """Have small messages sent as they come, not held until the last one is acknowledged."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
