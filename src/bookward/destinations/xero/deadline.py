"""An HTTP transport that keeps a deadline for a whole exchange, however slowly its bytes drip.

httpx gives every single read a time of its own, so a peer that sends a byte now and then holds a request
open for ever. Here the moment by which all must be over goes down to every operation on the socket. It is a
moment of the machine's own uptime, not of the injected clock: sockets know no other time. Time asleep counts,
so that a request whose machine was suspended in the middle of it is given up.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from bookward.clock import SystemClock

_CONNECTIONS = 10  # above the five calls in flight that Xero allows; the rest is for signing in
_IDLE_SECONDS = 15
_PIECE = 16 * 1024
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.ProtocolError, httpx.RemoteProtocolError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)
_RAISED = tuple(theirs for theirs, _ in _ERRORS)


@cache
def _trusted() -> ssl.SSLContext:
    """Return the authorities that are trusted; a process reads them once."""
    return httpx.create_ssl_context()


class DeadlineTransport(httpx.BaseTransport):
    """Sends requests whose extension ``deadline`` says by when all must be over.

    Proxies are taken from the environment, except for hosts on this machine.
    """

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str], httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline = float(request.extensions["deadline"])
        timeouts = {"connect": deadline, "read": deadline, "write": deadline, "pool": _left(deadline)}
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions={"timeout": timeouts},
        )
        try:
            answer = self._pool(request.url).handle_request(asked)
        except _RAISED as error:
            raise _translated(error) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        way = (_proxy(url), url.scheme)
        # setdefault, not a lock: two threads at once at worst make a pool that nobody uses.
        return self._pools.get(way) or self._pools.setdefault(way, self._new_pool(*way))

    def _new_pool(self, proxy: str, scheme: str) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": _trusted() if scheme == "https" else None,
            "max_connections": _CONNECTIONS,
            "keepalive_expiry": _IDLE_SECONDS,
            "network_backend": _Backend(),
        }
        return httpcore.HTTPProxy(proxy, **options) if proxy else httpcore.ConnectionPool(**options)


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _RAISED as error:
            raise _translated(error) from error

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections; every ``timeout`` it is given is a deadline."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Connection(self._inner.connect_tcp(host, port, left, local_address, socket_options))


class _Connection(httpcore.NetworkStream):
    """A connection; every ``timeout`` it is given is a deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Connection(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float | None, late: type[Exception] = httpcore.PoolTimeout) -> float | None:
    if deadline is None:
        return None
    left = deadline - SystemClock().uptime().seconds
    if left <= 0:
        raise late("the time for this call is over")
    return left


def _proxy(url: httpx.URL) -> str:
    if url.host in _LOCAL or proxy_bypass(url.host):
        return ""
    found = getproxies().get(url.scheme, "")
    return found if "://" in found or not found else f"http://{found}"


def _translated(error: Exception) -> httpx.TransportError:
    for theirs, ours in _ERRORS:
        if isinstance(error, theirs):
            return ours(str(error))
    raise error
