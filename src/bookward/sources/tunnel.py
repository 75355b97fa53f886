"""A tunnel over SSH to a server that only the SSH host can reach."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import Any

from bookward.errors import BookwardError, SourceUnreachable
from bookward.records import CheckStep
from bookward.sources.base import failed
from bookward.sources.ssh import SshSpec, connected, driver, one_line

NEAR_END = "127.0.0.1"
_PIECE = 64 * 1024


def steps(spec: SshSpec | None, host: str, port: int, source: str) -> Iterator[CheckStep]:
    """Yield the step of testing a tunnel, where there is one; see ``tunnel``."""
    if spec is None:
        return
    try:
        with tunnel(spec, host, port, source):
            detail = f"through {spec.host}:{spec.port} as {spec.user}"
            yield CheckStep(name="tunnel", ok=True, detail=detail)
    except BookwardError as error:
        yield failed("tunnel", error)


@contextmanager
def tunnel(spec: SshSpec, host: str, port: int, source: str) -> Iterator[int]:
    """Give a port at ``NEAR_END`` at which a server answers, as long as the block lasts.

    Args:
        host: of the server, as the SSH host knows it.
        source: its name, for errors.

    Raises:
        SourceUnreachable, SourceFailed, ExtraMissing: as ``connected``, or the host cannot reach the server.
    """
    where = f"The tunnel of source {source!r}"
    with connected(spec, where) as transport:

        def dial() -> Any:
            return transport.open_channel(
                "direct-tcpip", (host, port), (NEAR_END, 0), timeout=spec.connect_timeout
            )

        # Now, since the near end could only hang up on whoever came, and not say why.
        first = [_dialled(dial, spec, f"{host}:{port}", where)]
        with socket.create_server((NEAR_END, 0)) as listener:
            Thread(
                target=_serve, args=(listener, lambda: first.pop() if first else dial()), daemon=True
            ).start()
            try:
                yield listener.getsockname()[1]
            finally:
                with suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)  # ends the thread that waits there


def _dialled(dial: Callable[[], Any], spec: SshSpec, server: str, where: str) -> Any:
    try:
        return dial()
    except (OSError, EOFError, driver().SSHException) as error:
        raise SourceUnreachable(
            f"{where}: {spec.host}:{spec.port} does not lead to {server}: {one_line(error)}",
            remedy=f"Check that the server answers there at {server}, and that its SSH allows to forward it.",
        ) from error


def _serve(listener: socket.socket, dial: Callable[[], Any]) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        Thread(target=_join, args=(near, dial), daemon=True).start()


def _join(near: socket.socket, dial: Callable[[], Any]) -> None:
    """Carry what either end says to the other until both have ended."""
    with near, suppress(OSError, EOFError, driver().SSHException), closing(dial()) as far:
        there = Thread(target=_carry, args=(near.recv, far.sendall, far.shutdown_write), daemon=True)
        there.start()
        _carry(far.recv, near.sendall, lambda: near.shutdown(socket.SHUT_WR))
        there.join()


def _carry(take: Callable[[int], bytes], give: Callable[[bytes], None], end: Callable[[], None]) -> None:
    with suppress(OSError, EOFError):
        try:
            while piece := take(_PIECE):
                give(piece)
        finally:
            end()
