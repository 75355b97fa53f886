"""Everything that one local Xero consists of, apart from HTTP."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import NamedTuple

from bookward.clock import Clock
from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.faults import Faults
from bookward.demo.xero.idempotency import IdempotencyCache
from bookward.demo.xero.limits import Limits
from bookward.demo.xero.options import Options
from bookward.demo.xero.storage import Storage
from bookward.demo.xero.tokens import Tokens

_CALLS_KEPT = 100_000


class Call(NamedTuple):
    """One request that came in; ``status`` is 0 where no answer went out."""

    method: str
    path: str
    status: int


class World:
    """The books, the sign-ins, the limits, the faults, and the time."""

    def __init__(self, path: Path | None, clock: Clock, options: Options) -> None:
        self.options = options
        self.clock = SettableClock(clock)
        self.storage = Storage(path)
        self.tokens = Tokens(self.storage)
        self.idempotency = IdempotencyCache(self.storage)
        self.limits = Limits()
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)

    def reset(self) -> None:
        """Empty the books, forget sign-ins, faults, limits and calls; options and clock stay."""
        self.faults.clear()
        self.storage.forget_all()
        self.limits.forget()
        self.calls.clear()

    def close(self) -> None:
        self.storage.close()
