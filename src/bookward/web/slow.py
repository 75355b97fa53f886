"""Work that takes long: only so much of it at once, so that the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from bookward.errors import ServerBusy

AT_ONCE = 3


class Slow:
    """Lets a few pieces of slow work in, and sends others away at once."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._places = BoundedSemaphore(at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            ServerBusy: there is none.
        """
        if not self._places.acquire(blocking=False):
            raise ServerBusy("The server is busy with other people's tests and previews.")
        try:
            yield
        finally:
            self._places.release()
