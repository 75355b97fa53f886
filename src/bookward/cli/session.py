"""One invocation of the command line: the project, the screen, and the app behind them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bookward.cli.backend import Backend
from bookward.cli.remote.server import Server
from bookward.cli.terminal import Terminal
from bookward.errors import NameUnknown

if TYPE_CHECKING:
    from bookward.app import App


class Session:
    """What every verb is given."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.terminal = Terminal()
        self.project = Path()
        self.project_given = False  #: on the command line, so that commands we suggest must say it too
        self.server: Server | None = None  #: that keeps the project, where it is not a folder here
        self.server_given = False  #: on the command line, as ``project_given``
        self.json = False
        self.log_level = "warning"  #: the least that is logged, unless the environment says it
        self.parting = ""  #: what to add when the person stops the verb

    @contextmanager
    def app(self, *, followed: bool = False) -> Iterator[App]:
        """Open the app of the project and close it again.

        Args:
            followed: its files come from the server that publishes them.

        Raises:
            NameUnknown: the project is not a folder.
        """
        if self.server is not None:
            with self._remote_app(self.server) as remote:
                yield remote
            return
        if not self.project.is_dir():
            raise NameUnknown(
                f"There is no folder {str(self.project)!r}.",
                remedy="Name the project's folder with -C DIR, or go there; `bookward init DIR` starts one.",
            )
        app = self.backend.open(self.project, followed=followed)
        try:
            with self.backend.heard(app, self.log_level), self.backend.tuned():
                yield app
        finally:
            app.close()

    @contextmanager
    def _remote_app(self, server: Server) -> Iterator[App]:
        if server.is_open_to_readers:
            self.terminal.tell(
                "Plain http: whoever is on the way to the server can read the token. Use https."
            )
        if self.parting:
            self.parting = f"What was asked for goes on at the server; `{self.command('schedule')}` shows it."
        app = self.backend.open_remote(server, self.terminal.tell)
        try:
            yield app
        finally:
            app.close()

    def command(self, *words: str) -> str:
        """Return a command that a person can type here, for the same project."""
        place = ["-C", str(self.project)] if self.project_given else []
        if self.server is not None:
            place = ["--server", self.server.url] if self.server_given else []
        return shlex.join(["bookward", *place, *words])
