"""Gives the project to workers that have no folder of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from bookward.clock import Clock
from bookward.errors import StoreFailed
from bookward.project.bundle import bundle
from bookward.project.watching import Fingerprint, fingerprint
from bookward.store.store import Store


class Publisher:
    """Publishes the project of a folder whenever it has changed."""

    def __init__(self, root: Path, store: Callable[[], Store], clock: Clock) -> None:
        self._root = root
        self._store = store
        self._clock = clock
        self._seen: Fingerprint | None = None
        self._lock = Lock()

    def publish(self) -> None:
        """Publish the project as it is now, unless that is done.

        Raises:
            StoreFailed: a file cannot be read; what was published before stays.
        """
        with self._lock:
            seen = fingerprint(self._root)
            if seen == self._seen:
                return
            try:
                found = bundle(self._root)
            except OSError as error:
                raise StoreFailed(
                    f"The project cannot be published to the workers: {error}.",
                    remedy="Give this user the right to read all files of the project.",
                ) from error
            published = self._store().published
            if published.digest() != found.digest:
                published.put(found.digest, found.data, self._clock.now())
            self._seen = seen
