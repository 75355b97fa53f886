"""Every request to a local Xero of this process and the true answer to it, for judges to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bookward import exactjson
from bookward.demo.xero.accounting import Accounting
from bookward.demo.xero.answers import Answer
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.server import API


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request that was let in, and what was answered before any fault spoiled it."""

    method: str
    path: str  #: below the API's root
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} ({self.status})"

    @property
    def document(self) -> Any:
        """Return the JSON of the answer, None when it has none."""
        return exactjson.decode(self.answer) if self.answer.startswith(b"{") else None


@contextmanager
def recorded() -> Iterator[list[Exchange]]:
    """Yield a list that grows by every exchange while the block lasts."""
    found: list[Exchange] = []
    handle = Accounting.handle

    def noting(self: Accounting, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        answer = handle(self, incoming, admission, fault)
        found.append(
            Exchange(
                method=incoming.method,
                path=incoming.path.removeprefix(API),
                query=incoming.query_text,
                headers=incoming.headers,
                body=incoming.body,
                status=answer.status,
                answer=answer.body,
            )
        )
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Accounting, "handle", noting)
        yield found
