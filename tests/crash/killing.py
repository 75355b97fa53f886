"""Runs in a process of their own, which ends without any cleaning up at a named place."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx

from bookward.app import App
from bookward.clock import Uptime
from bookward.errors import BookwardError
from tests.crash.forked import run_forked
from tests.integration.world import World

_NO_TLS = httpx.create_ssl_context(verify=False)  # the local Xero speaks plain HTTP, so load no certificates


class BorrowedClock:
    """The clock of a local Xero in another process; sleeping moves it."""

    def __init__(self, xero_url: str) -> None:
        self._xero = httpx.Client(base_url=xero_url, verify=_NO_TLS, timeout=60)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._xero.get("/_control/clock").json()["now"])

    def uptime(self) -> Uptime:
        return Uptime(**self._xero.get("/_control/clock").json()["uptime"])

    def sleep(self, seconds: float) -> None:
        self._xero.post("/_control/clock", json={"jump": seconds}).raise_for_status()


def run_by_the_clock_of_xero(world: World, place: str, sync: str = "feed") -> int:
    """Run a sync in a process that is killed at ``place`` if it comes there; return its exit code."""
    environ = os.environ | world.environ | {"BOOKWARD_FAILPOINT": place}
    code, said = run_forked(_run, world.root, sync, environ=environ, seconds=120)
    assert not said, said
    return code


def _run(root: str, sync: str) -> None:
    with closing(App(Path(root), clock=BorrowedClock(os.environ["XERO_URL"]), environ=os.environ)) as app:
        try:
            app.run(sync)
        except BookwardError as error:
            sys.exit(f"{error.code}: {error.message}")
