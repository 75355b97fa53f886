"""Takes one protection away, in a test's process and in those that it starts, to see that a test notices.

A plugin of pytest: ``UNPROTECTED=key pytest -p tests.crash.removing ...``; nothing of it is in Bookward.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bookward import clock, disk
from bookward.destinations.xero import client, delivery, letters
from bookward.engine import parquet, planfile
from bookward.store import files
from bookward.store.epochs import Epochs
from bookward.store.journal import RunJournal


def _intent() -> None:
    """Write nothing down before it is sent."""
    RunJournal.intend = lambda self, intent: None  # type: ignore[method-assign]


def _key() -> None:
    """Send requests without an idempotency key."""
    with_key = client._headers
    client._headers = lambda tenant, body, key, since: with_key(tenant, body, None, since)


def _fsync_and_rename() -> None:
    """Give files their names without asking the disk to know them."""

    def moved(partial: Path, path: Path) -> None:
        os.rename(partial, path)  # noqa: PTH104 - the test looks at what Bookward itself calls

    for module in (disk, parquet, planfile, files):
        for name, instead in (("move_to_disk", moved), ("sync", lambda _path: None)):
            if hasattr(module, name):
                setattr(module, name, instead)


def _epoch() -> None:
    """Let a process go on that was overtaken."""
    Epochs._compare = lambda self, sync, line: None  # type: ignore[method-assign]


def _reading_back() -> None:
    """Take what was not answered for not booked."""
    delivery.reconcile = lambda kind, index, match_field, operations: ([], list(operations))


def _uptime() -> None:
    """Tell by the time of day alone how old a key is."""

    def by_the_wall(clock_: clock.Clock, at: Any, uptime: object) -> Any:
        return clock_.now() - at

    letters.age = by_the_wall


def _one_organisation() -> None:
    """Go wherever the sign-in leads at the moment."""
    client.XeroClient.organisation = lambda self: self._led_to()  # type: ignore[method-assign]


PROTECTIONS: Mapping[str, Callable[[], None]] = {
    "intent": _intent,
    "key": _key,
    "fsync and rename": _fsync_and_rename,
    "epoch": _epoch,
    "reading back": _reading_back,
    "uptime": _uptime,
    "one organisation": _one_organisation,
}


def pytest_configure() -> None:
    """Take a protection away here and, by what Python reads as it starts, in the processes of the tests."""
    remove_what_the_environment_names()
    here = Path(__file__).parent
    os.environ["PYTHONPATH"] = os.pathsep.join([str(here / "unprotected"), str(here.parents[1])])


def remove_what_the_environment_names() -> None:
    """Take the protection away that ``UNPROTECTED`` names."""
    PROTECTIONS[os.environ["UNPROTECTED"]]()
