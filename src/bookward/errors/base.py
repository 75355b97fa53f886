"""The groups of errors, by what the caller should do."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """When a row that was not synced is tried again."""

    PLAN = "plan"  #: every plan looks at it anew, which costs no call that writes
    LATER = "later"  #: it may pass by itself: sent again after a while, and parked when it does not
    NEVER = "never"  #: sent again once the row or its mapping changed, or a person asks for it


class BookwardError(Exception):
    """Base of all errors that Bookward raises on purpose."""

    code: ClassVar[str] = "error"
    remedy: str = ""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy


class ConfigError(BookwardError):
    """Fix a file or the command line."""


class StopRun(BookwardError):
    """The run cannot go on; nothing more is sent."""


class RetryLater(BookwardError):
    """Wait, then try again; ``wait`` is how long at least, when known."""

    def __init__(self, message: str, *, wait: timedelta | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.wait = wait


class RowError(BookwardError):
    """One row cannot be synced; the others go on. ``field`` names the destination's field, if any."""

    retry: Retry = Retry.PLAN

    def __init__(self, message: str, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.field = field


class RequestRefused(BookwardError):
    """Correct the request to the server, or ask whoever may do it."""
