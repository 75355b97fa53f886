"""What Ctrl-C does to a run: the first ends it cleanly, the second at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from bookward.cli.session import Session

if TYPE_CHECKING:
    from bookward.app import App

_STOPPING = "Finishing what is in flight. Ctrl-C again stops at once."
_ASKING = "Asking the server to end it cleanly. Ctrl-C again leaves at once, and it goes on there."


@contextmanager
def stopping(session: Session, app: App) -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end what ``app`` is doing cleanly; yield whether there was one."""
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked or not app.cancel():
            signal.default_int_handler(number, frame)
        asked = True
        if not session.json:
            session.terminal.tell(_STOPPING if session.server is None else _ASKING)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def asking() -> Iterator[None]:
    """Let Ctrl-C end the verb at once, for nothing is in flight while a person is asked."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
