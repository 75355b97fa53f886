"""Gives the project to workers that have no folder of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from bookward.clock import Clock
from bookward.errors import StoreFailed
from bookward.project.bundle import bundle
from bookward.project.watching import Fingerprint, fingerprint
from bookward.project.writing import editing_lock
from bookward.store.store import Store


class Publisher:
    """Publishes the project of a folder whenever it has changed."""

    def __init__(self, root: Path, state: Path, store: Callable[[], Store], clock: Clock) -> None:
        self._root = root
        self._state = state
        self._store = store
        self._clock = clock
        self._seen: Fingerprint | None = None
        self._lock = Lock()

    def publish(self) -> None:
        """Publish the project as it is now, unless that is done.

        Raises:
            StoreFailed: a file cannot be read; what was published before stays.
            ProjectReadOnly: nor can an edit that was cut off be finished.
        """
        with self._lock:
            if fingerprint(self._root) == self._seen:
                return
            store = self._store()
            try:
                # Never half of an edit: one under way is waited for, one that was cut off is finished.
                with editing_lock(self._root, self._state):
                    seen, found = fingerprint(self._root), bundle(self._root)
            except OSError as error:
                raise StoreFailed(
                    f"The project cannot be published to the workers: {error}.",
                    remedy="Give this user the right to read all files of the project.",
                ) from error
            if store.published.digest() != found.digest:
                store.published.put(found.digest, found.data, self._clock.now())
            self._seen = seen
