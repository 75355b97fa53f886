"""Where the command line reaches what lies below it: imported late, for the app is heavy and help is not."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bookward.errors import ExtraMissing

if TYPE_CHECKING:
    from rich.console import Console

    from bookward.app import App
    from bookward.cli.remote.server import Server

_DEMO_EXTRA = frozenset({"starlette", "uvicorn", "multipart", "python_multipart"})


class Backend:
    """The app, the demo and the browser, as the verbs use them."""

    def open(self, project: Path, *, followed: bool = False) -> App:
        """Return the app of a project folder, or of the project that a server publishes."""
        from bookward.app import App

        return App(project, followed=followed)

    def open_remote(self, server: Server, tell: Callable[[str], None]) -> App:
        """Return the app of a server's project: as much of it as the verbs use that can be used so."""
        from bookward.cli.remote.app import RemoteApp
        from bookward.cli.remote.client import Client

        return cast("App", RemoteApp(Client(server, tell)))

    def heard(self, app: App, level: str) -> AbstractContextManager[None]:
        """Return what lets this process log, and trace where that is asked for, while it is entered.

        Args:
            app: says how.
            level: the least that is logged where the environment does not say it.
        """
        from bookward.hearing import heard

        return heard(app.logs, level)

    def tuned(self) -> AbstractContextManager[None]:
        """Return what makes this process fit for many rows while it is entered."""
        from bookward.tuning import tuned

        return tuned()

    def init(self, folder: Path) -> Sequence[Path]:
        """Write a starter project and return its files."""
        from bookward.app import init

        return init(folder)

    def demo(self, console: Console, *, once: bool, again: bool, users: int, port: int) -> int:
        """Tell the demo story, or serve what the last one left; return its exit code.

        Raises:
            ExtraMissing: the packages of the demo are not installed.
        """
        try:
            from bookward.demo.story import run_demo, serve_again
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _DEMO_EXTRA:
                raise
            raise ExtraMissing(
                f"The demo needs the package {error.name!r}, which is not installed.",
                remedy="Run: pip install 'bookward[demo]'",
            ) from error
        if again:
            return serve_again(console, serve=self._serve_demo, port=port)
        return run_demo(console, once=once, serve=self._serve_demo, users=users, port=port)

    def _serve_demo(self, app: App, on_ready: Callable[[str, str | None], None]) -> None:
        from bookward.errors import SettingInvalid

        serve = partial(
            self.serve, app, host="127.0.0.1", url=None, host_names=(), user="demo", on_ready=on_ready, runs=2
        )
        try:
            serve(port=8000)
        except SettingInvalid:  # something else listens there
            serve(port=0)

    def serve(
        self,
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
        """Serve a project until the process is told to stop; see ``process.serve``."""
        from bookward.web.process import serve

        serve(
            app,
            host=host,
            port=port,
            url=url,
            host_names=host_names,
            user=user,
            on_ready=on_ready,
            runs=runs,
        )

    def browse(self, address: str) -> None:
        """Open an address in the person's browser, if there is one."""
        webbrowser.open(address)
