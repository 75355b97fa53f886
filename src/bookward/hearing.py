"""What a process of Bookward's own tells of itself while it works: its log, and its traces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bookward import logs, tracing
from bookward.settings import LogSettings


@contextmanager
def heard(settings: LogSettings, level: str) -> Iterator[None]:
    """Log, and trace where the environment asks for it, until the block is left; see ``logs.written``."""
    with logs.written(settings, level):
        tracing.set_up()
        try:
            yield
        finally:
            tracing.close()
