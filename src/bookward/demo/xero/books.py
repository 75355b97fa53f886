"""One organisation's books, open in one transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bookward.demo.xero.envelope import millis
from bookward.demo.xero.options import Company, Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What all work on an organisation's records needs."""

    db: sqlite3.Connection
    company: Company
    provider: str  #: name of the app that is at them
    options: Options
    now: datetime

    @property
    def millis(self) -> int:
        """Return the moment of the work in milliseconds since 1970."""
        return millis(self.now)
