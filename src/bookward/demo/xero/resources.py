"""What stands behind one path of the Accounting API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bookward.demo.xero.answers import Answer
from bookward.demo.xero.books import Books
from bookward.demo.xero.exchange import Incoming

Serve = Callable[[Books, Incoming], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: the scopes that write it (``.read`` added: that read it) and a function per method."""

    scopes: Sequence[str]
    methods: Mapping[str, Serve]

    def scopes_for(self, method: str) -> Sequence[str]:
        """Return the scopes of which a caller needs one."""
        return [*self.scopes, *(f"{scope}.read" for scope in self.scopes if method == "GET")]
