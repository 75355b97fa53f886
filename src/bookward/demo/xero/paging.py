"""``page`` and ``pageSize``. Source: Xero, Requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_SIZE = 100
MAX_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, counted from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def object(self, items: int) -> dict[str, int]:
        """Return the ``pagination`` object for a list of so many records."""
        return {
            "page": self.number,
            "pageSize": self.size,
            "pageCount": -(-items // self.size),
            "itemCount": items,
        }


def wanted_page(query: Mapping[str, str]) -> Page | None:
    """Return the page asked for, None where the whole list is; sizes out of range are clamped."""
    if "page" not in query and "pagesize" not in query:
        return None
    size = _number(query.get("pagesize"), DEFAULT_SIZE)
    return Page(max(1, _number(query.get("page"), 1)), min(max(1, size), MAX_SIZE))


def _number(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
