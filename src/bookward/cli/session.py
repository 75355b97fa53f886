"""One invocation of the command line: the project, the screen, and the app behind them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bookward.cli.backend import Backend
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
        self.json = False
        self.parting = ""  #: what to add when the person stops the verb

    @contextmanager
    def app(self) -> Iterator[App]:
        """Open the app of the project and close it again.

        Raises:
            NameUnknown: the project is not a folder.
        """
        if not self.project.is_dir():
            raise NameUnknown(
                f"There is no folder {str(self.project)!r}.",
                remedy="Name the project's folder with -C DIR, or go there; `bookward init DIR` starts one.",
            )
        app = self.backend.open(self.project)
        try:
            with self.backend.tuned():
                yield app
        finally:
            app.close()

    def command(self, *words: str) -> str:
        """Return a command that a person can type here, for the same project."""
        place = ["-C", str(self.project)] if self.project_given else []
        return shlex.join(["bookward", *place, *words])
