"""The server as a process: listens, and stops gracefully."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Collection
from threading import Event, Thread
from types import FrameType

import uvicorn

from bookward.app import App
from bookward.errors import BookwardError, SettingInvalid
from bookward.serving import shell
from bookward.web.gate import hosts_of
from bookward.web.server import create
from bookward.worker import Worker

GRACE = 30
"""Seconds that requests at work have to end once the server is told to stop."""

_LOG = logging.getLogger(__name__)
_TURN = 1.0  # seconds; so often the project's folder is looked at


def serve(
    app: App,
    *,
    host: str,
    port: int,
    url: str | None,
    host_names: Collection[str],
    user: str,
    on_ready: Callable[[str, str | None], None],
    runs: int,
) -> None:
    """Serve a project until the process is told to stop (SIGTERM or SIGINT); a second signal stops at once.

    Args:
        app: of the project.
        host: address to listen on.
        port: likewise; 0 for a free one.
        url: where people reach the server, when that is behind a proxy; None: as BOOKWARD_URL says.
        host_names: names under which it may be asked besides the machine's own.
        user: of the machine, who starts it.
        on_ready: is told the address, and the link for the first admin while there is nobody.
        runs: how many syncs are run at a time; 0 when others run them.

    Raises:
        SettingInvalid: it cannot listen there.
    """
    listener = _listen(host, port)
    url = url or app.url
    address = url or f"http://{_shown(host)}:{listener.getsockname()[1]}"
    app.listen_at(address)
    behind = [] if url is None else [url.partition("://")[2].partition("/")[0].partition(":")[0]]
    api = create(app, hosts=hosts_of(host, [*behind, *host_names]), url=address)
    secret = app.access.links.first(shell(user))
    config = uvicorn.Config(
        api,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=url is not None,  # else whoever asks could say that it is somebody else
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _Server(config, lambda: on_ready(address, f"{address}/join#{secret}" if secret else None))
    worker = Worker(app, runs=runs) if runs else None
    with listener:
        if worker is not None:
            worker.start()
        publishing = _Publishing(app)
        publishing.start()
        try:
            server.run(sockets=[listener])
        finally:
            publishing.stop()
            if worker is not None:
                worker.stop()


class _Publishing(Thread):
    """Gives every edit of the project's files to the workers that have no folder of it."""

    def __init__(self, app: App) -> None:
        super().__init__(name="publishing")
        self._app = app
        self._stopping = Event()

    def stop(self) -> None:
        """Return when it has ended."""
        self._stopping.set()
        self.join()

    def run(self) -> None:
        while True:
            try:
                self._app.publish()
            except BookwardError as error:
                _LOG.warning("%s %s", error.message, error.remedy, extra={"code": error.code})
            if self._stopping.wait(_TURN):
                return


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Uvicorn's own raises the signal again at the end, and the process would end as if killed.
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            _LOG.info("The server listens.")
            self._on_ready()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=512)
    except OSError as error:
        raise SettingInvalid(
            f"The server cannot listen on {host}, port {port}: {error.strerror}.",
            remedy="Choose another --port, or --host 127.0.0.1.",
        ) from error
    # Whoever is accepted inherits it. Else an answer's second part waits until the first is acknowledged, for
    # 40 ms; asyncio sets it by itself only for sockets that were made for TCP by name.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _shown(host: str) -> str:
    """Return the host of an address that a person can open on this machine."""
    # Xero lets browsers come back to http://localhost and to no http://127.0.0.1.
    if host in {"0.0.0.0", "::", "", "127.0.0.1", "::1"}:  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
