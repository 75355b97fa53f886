"""A tiny server on a real socket that answers badly on purpose."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

Manner = Callable[[socket.socket, Event], None]


@contextmanager
def misbehaving(manner: Manner) -> Iterator[str]:
    """Serve every connection in this manner; yield the base address."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = Event()
    served: list[Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            manner(connection, over)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            served.append(Thread(target=serve, args=(connection,)))
            served[-1].start()

    acceptor = Thread(target=accept)
    acceptor.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in served:
            thread.join()


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def head(length: int | None, *lines: str, status: str = "200 OK") -> bytes:
    sized = [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([f"HTTP/1.1 {status}", *sized, *lines, "", ""]).encode()
