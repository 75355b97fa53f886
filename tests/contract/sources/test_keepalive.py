"""A server that vanishes without a word holds no sync for hours: TCP asks whether it is still there."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.contract.sources.conftest import Warehouse

ASKS = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")


def sockets() -> dict[str, int]:
    """Return this process's sockets by the name that the system has for each, with a descriptor."""
    found = {}
    for opened in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # of what is closed meanwhile
            if (name := str(opened.readlink())).startswith("socket:"):
                found[name] = int(opened.name)
    return found


def connections(port: int, known: Collection[str]) -> Iterator[socket.socket]:
    """Yield this process's connections to a port, but for those that are known."""
    for name, descriptor in sockets().items():
        if name not in known:
            with suppress(OSError), closing(socket.socket(fileno=os.dup(descriptor))) as found:
                if found.family != socket.AF_UNIX and found.getpeername()[1] == port:
                    yield found


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlserver", "redshift"])
def test_a_server_that_vanished_is_noticed_within_a_minute(kind: str, request: pytest.FixtureRequest) -> None:
    warehouse: Warehouse = request.getfixturevalue(f"{kind}_warehouse")
    known = sockets()  # of tests before this one, too
    with warehouse.source.read("SELECT 1 AS one"):
        asked = {
            (each.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
             *(each.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in ASKS))
            for each in connections(warehouse.spec.port, known)
        }  # fmt: skip
    assert asked == {(1, 30, 10, 3)}
