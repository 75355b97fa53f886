"""Reads lists of one kind of record: whole, page by page, or what a query picks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from typing import Any

from bookward.destinations.xero.client import Answer, XeroClient
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Query
from bookward.errors import RemoteRefused

PAGE_SIZE = 1000
"""Source: Xero, Paging: the most records a page can hold."""

IN_FLIGHT = 5
"""Source: Xero, Limits: calls at one time for one organisation."""

_TOO_LONG = (400, 404, 414)


class Unanswerable(Exception):
    """Xero takes a query neither as it is nor in parts."""


class Pages:
    """The lists of one kind in one organisation; used by several threads."""

    def __init__(self, client: XeroClient, kind: XeroObject) -> None:
        self._client = client
        self._kind = kind
        self.params = {"page": "1", "pageSize": str(PAGE_SIZE), **kind.list_params}

    def whole(self) -> Any:
        """Return the answer that holds all records, of a kind without pages."""
        return self._checked(self._ask(self._kind.list_params))

    def page(self, number: int, since: str | None = None, query: Query | None = None) -> Any:
        """Return one page of all records, of those changed since then, or of those that a query picks."""
        return self._checked(self._ask(self._paged(number, query), since))

    def rest(self, first: Any, since: str | None = None) -> Iterator[Any]:
        """Yield the pages behind the first one, a few of them on their way at a time."""
        count = page_count(first)
        if count < 2:
            return
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            coming: deque[Future[Any]] = deque()
            for number in range(2, count + 1):
                coming.append(pool.submit(self.page, number, since))
                if len(coming) >= IN_FLIGHT:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()

    def picked(self, queries: list[Query]) -> Iterator[Any]:
        """Yield the pages of what some queries pick, a few of them on their way at a time.

        Raises:
            Unanswerable: Xero refuses one of them.
        """
        if len(queries) == 1:
            yield from self._picked(queries[0])
            return
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            for pages in pool.map(self._picked, queries):
                yield from pages

    def _picked(self, query: Query) -> list[Any]:
        """Return all pages of what a query picks.

        Source: XeroAPI/xero-node#404 and others: a query that is too long is answered 404, 414, or 400 as
        HTML. On a list that never means that nothing was found.
        """
        answer = self._ask(self._paged(1, query))
        if answer.status in _TOO_LONG:
            halves = [] if answer.is_json else query.halves()
            if not halves:
                raise Unanswerable
            return [page for half in halves for page in self._picked(half)]
        first = self._checked(answer)
        return [first, *(self.page(n, query=query) for n in range(2, page_count(first) + 1))]

    def _paged(self, number: int, query: Query | None) -> Mapping[str, str]:
        return {**self.params, "page": str(number), **(query.params if query else {})}

    def _ask(self, params: Mapping[str, str], since: str | None = None) -> Answer:
        purpose = f"index {self._kind.name}"
        return self._client.request(
            "GET", self._kind.path, purpose=purpose, params=params, modified_since=since
        )

    def _checked(self, answer: Answer) -> Any:
        if answer.status == 304:
            return {self._kind.envelope: []}
        if answer.status != 200 or not answer.is_json:
            raise RemoteRefused(f"Xero answered {answer.status} when asked for {self._kind.name}.")
        return answer.json()


def item_count(page: Any) -> int:
    """Return how many records a list has of which this is a page."""
    return int((page.get("pagination") or {}).get("itemCount", 0))


def page_count(page: Any) -> int:
    """Return how many pages a list has of which this is one."""
    size = int((page.get("pagination") or {}).get("pageSize", PAGE_SIZE))
    return ceil(item_count(page) / max(size, 1))
