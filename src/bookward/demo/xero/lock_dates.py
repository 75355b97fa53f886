"""Dates up to which the books are closed. Source: Xero, Organisation, lock dates."""

from __future__ import annotations

from datetime import date


def before_lock(what: str, lock: date) -> str:
    """Return the message about a document in a closed period. Source: waynerobinson/xeroizer#92."""
    return f"The document date cannot be before the {what} lock date, currently set at {lock:%d-%b-%Y}"


def lock_problems(day: str | None, *, period: date | None, year: date | None) -> list[str]:
    """Return what stands against a document of a day (``YYYY-MM-DD``); a lock holds on its own day too."""
    locks = (("period", period), ("end of year", year))
    return [before_lock(what, lock) for what, lock in locks if lock and day and day <= lock.isoformat()]
