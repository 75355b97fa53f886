"""Waiting that ends early when the run is to end at once."""

from __future__ import annotations

from threading import Event

from bookward.clock import Clock

_STEP = 1.0  # seconds; so often a waiting thread looks whether it still should


class Pauses:
    """The pauses between tries; shared by the threads of one run."""

    def __init__(self, clock: Clock, stopped: Event) -> None:
        """Wait by ``clock``, and no more once a person has ``stopped`` the run."""
        self._clock = clock
        self._stopped = stopped
        self._over = Event()

    def end(self) -> None:
        """End all pauses, now and from now on."""
        self._over.set()

    def wait(self, seconds: float) -> bool:
        """Return after ``seconds``, or sooner with False when pauses have ended."""
        while seconds > 0 and not self._have_ended():
            self._clock.sleep(min(seconds, _STEP))
            seconds -= _STEP
        return not self._have_ended()

    def _have_ended(self) -> bool:
        return self._over.is_set() or self._stopped.is_set()
