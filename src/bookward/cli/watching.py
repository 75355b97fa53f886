"""Who watches a plan or run: a live display on a terminal, plain lines in a log, nobody for JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from rich.console import Console, RenderableType
from rich.live import Live

from bookward.cli.render.progress import progress_line, progress_view
from bookward.cli.session import Session
from bookward.ports import OnProgress, Progress

_TENTHS = 10


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def watched(session: Session, sync: str) -> Iterator[OnProgress]:
    """Show the progress of a sync on stderr while the context lasts."""
    console = session.terminal.err
    if console.is_terminal:
        with LiveDisplay(console, sync).shown() as on_progress:
            yield on_progress
    elif session.json:
        yield lambda _: None
    else:
        yield Lines(sync, lambda line: console.print(line, soft_wrap=True))


class LiveDisplay:
    """A display that is drawn anew a few times a second and gone at the end."""

    def __init__(
        self,
        console: Console,
        sync: str,
        seconds: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Watch ``sync``; ``seconds`` measures how long things take, ``now`` tells whether a wait is over."""
        self._console = console
        self._sync = sync
        self._seconds = seconds
        self._now = now
        self._began = seconds()
        self._sending_since: float | None = None
        self._progress = Progress(phase="starting")

    @contextmanager
    def shown(self) -> Iterator[OnProgress]:
        """Draw until the context ends."""
        with Live(console=self._console, get_renderable=self.view, refresh_per_second=5, transient=True):
            yield self.take

    def take(self, progress: Progress) -> None:
        """Take over where things stand; called from several threads."""
        if not progress.to_send:
            self._sending_since = None  # a run begins, perhaps after another that paused
        elif self._sending_since is None:
            self._sending_since = self._seconds()
        self._progress = progress

    def view(self) -> RenderableType:
        """Return what to draw now."""
        progress = _without_past_wait(self._progress, self._now())
        return progress_view(self._sync, progress, self._seconds() - self._began, self._to_go())

    def _to_go(self) -> float | None:
        progress = self._progress
        if not progress.sent or self._sending_since is None:
            return None
        a_row = (self._seconds() - self._sending_since) / progress.sent
        return max(0.0, a_row * (progress.to_send - progress.sent))


class Lines:
    """A line per phase and per tenth sent."""

    def __init__(self, sync: str, write: Callable[[str], object], now: Callable[[], datetime] = _now) -> None:
        self._sync = sync
        self._write = write
        self._now = now
        self._lock = Lock()
        self._said: tuple[object, ...] = ()

    def __call__(self, progress: Progress) -> None:
        """Write a line when there is something new; called from several threads."""
        progress = _without_past_wait(progress, self._now())
        tenth = _TENTHS * progress.sent // progress.to_send if progress.to_send else 0
        news = (progress.phase, progress.wait_until, tenth)
        with self._lock:
            if news != self._said and progress.phase not in ("starting", "done"):
                self._said = news
                self._write(progress_line(self._sync, progress))


def _without_past_wait(progress: Progress, now: datetime) -> Progress:
    over = progress.wait_until is not None and progress.wait_until <= now
    return replace(progress, wait_until=None) if over else progress
