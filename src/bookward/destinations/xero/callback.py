"""The local web server to which the browser comes back after a sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from bookward.destinations.xero.oauth import read_visit
from bookward.errors import SignInLost
from bookward.plainpage import POLICY, plain_page

PATH = "/callback"
_IDLE_SECONDS = 10  # browsers open connections in advance and leave them silent


class CallbackServer:
    """Listens on this machine for one visit of the browser; a context manager.

    Args:
        port: 0 for any that is free.
        state: what the visit must carry to be the answer to our own question.
    """

    def __init__(self, port: int, state: str) -> None:
        try:
            self._server = _Server(port, state)
        except OSError as error:
            raise SignInLost(
                f"Port {port} on this machine cannot be listened on: {error.strerror or error}.",
                remedy="Stop what uses the port, or give another one that is a redirect URI of your app.",
            ) from None
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.1,), name="bookward-sign-in", daemon=True
        )

    @property
    def redirect_uri(self) -> str:
        """Return the address that the browser has to come back to."""
        # Xero allows plain http for `localhost` only, not for 127.0.0.1. Source: Xero, OAuth 2.0.
        return f"http://localhost:{self._server.server_address[1]}{PATH}"

    def wait(self, seconds: float) -> Mapping[str, str]:
        """Return what the browser brings, which need not be what was asked for; see ``oauth.read_visit``.

        Raises:
            SignInLost: nobody came in time.
        """
        try:
            return self._server.visits.get(timeout=seconds)
        except Empty:
            raise SignInLost(f"Nobody granted access within {seconds / 60:.0f} minutes.") from None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, state: str) -> None:
        self.state = state
        self.visits: Queue[Mapping[str, str]] = Queue()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a browser hangs up early."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE_SECONDS

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        query = dict(parse_qsl(target.query))
        if target.path != PATH or not query.keys() & {"code", "error"}:
            self._show(404, "Nothing here", "Bookward waits for the answer to a sign-in at another address.")
            return
        try:
            read_visit(query, self.server.state)
        except SignInLost as error:
            shown = (400, "Not connected", f"{error.message} Go back to the terminal and try again.")
        else:
            shown = (200, "Access granted", "Go back to the terminal: it says whether all is well.")
        try:
            self._show(*shown)
        finally:
            self.server.visits.put(query)  # also when the browser did not stay for the page

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that http.server uses
        """Say nothing: the request line holds the code."""

    def _show(self, status: int, title: str, text: str) -> None:
        page = plain_page(title, text)
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(page)
