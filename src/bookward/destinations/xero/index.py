"""Keeps the index of one kind of record filled, in as few calls as the question needs.

The first time every page is read; later one call asks for what changed since. Nothing is read before an
operation has to be resolved, and once is enough for a plan. Kinds without pages are read whole each time:
that is one call, and tells what is gone too.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from bookward.clock import Clock
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.objects import XeroObject
from bookward.errors import RemoteRefused
from bookward.ports import RemoteIndex
from bookward.records import RemoteRecord

PAGE_SIZE = 1000
"""Source: Xero, Paging: the most records a page can hold."""

IN_FLIGHT = 5
"""Source: Xero, Limits: calls at one time for one organisation."""

OVERLAP = timedelta(minutes=2)
"""How far back a refresh reaches behind the last one: ``If-Modified-Since`` is exact to the second only."""

IDS_A_CALL = 50
"""Source: Xero refuses queries over 2,048 characters, as 404; 50 ids and the rest stay under 2,000."""

_FRESH = timedelta(minutes=10)
_SCANS = 3
_DATE = re.compile(r"/Date\((-?\d+)")


class XeroIndex:
    """The records of one kind in one organisation, as last seen."""

    def __init__(self, client: XeroClient, store: RemoteIndex, clock: Clock, kind: XeroObject) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self.kind = kind
        self._fresh_until: datetime | None = None

    def refresh(self) -> None:
        """Bring the index up to date, unless this plan has done so already."""
        if self._fresh_until is None or self._clock.now() >= self._fresh_until:
            self.read_changes()
            self._fresh_until = self._clock.now() + _FRESH

    def expire(self) -> None:
        """Say that another plan begins."""
        self._fresh_until = None

    def read_changes(self) -> None:
        """Read what changed since the last time, or everything when there was none."""
        if not self.kind.paged:
            records = [
                self.kind.record(body) for body in self._get(self.kind.list_params)[self.kind.envelope]
            ]
            self._store.replace(self._organisation, self.kind.name, records)
            return
        watermark = self._store.mark(self._organisation, self.kind.name).watermark
        for _ in range(_SCANS):
            if self._read_pages(watermark):
                return

    def by_id(self, remote_ids: Iterable[str]) -> Mapping[str, RemoteRecord]:
        """Return the known ones of some records, by their id."""
        return self._store.by_id(self._organisation, self.kind.name, sorted(set(remote_ids)))

    def by_key(self, field: str, folded: Iterable[str]) -> Mapping[str, Sequence[RemoteRecord]]:
        """Return the records that have one of the folded values in ``field``, by that value."""
        return self._store.by_key(self._organisation, self.kind.name, field, sorted(set(folded)))

    def ask_for(self, remote_ids: Sequence[str]) -> None:
        """Read some records by their id, whether they changed or not."""
        if not self.kind.takes_ids:
            return  # the list that was just read is all that can be known
        for start in range(0, len(remote_ids), IDS_A_CALL):
            ids = ",".join(remote_ids[start : start + IDS_A_CALL])
            self.learn(self._get({"IDs": ids, **self.kind.list_params})[self.kind.envelope])

    def learn(self, bodies: Iterable[Any]) -> None:
        """Remember records as an answer showed them."""
        records = [self.kind.record(body) for body in bodies if self.kind.remote_id(body)]
        if records:
            self._store.put(self._organisation, self.kind.name, records)

    @property
    def _organisation(self) -> str:
        return self._client.tenant()

    def _read_pages(self, since: str | None) -> bool:
        """Read all pages; return whether every record was seen.

        Whoever edits a record meanwhile moves it to the last page, and the others move up by one: one
        of them may slip from a page not yet read to one that was. So the records are counted.
        """
        first = self._page(1, since)
        facts = first.get("pagination") or {}
        seen: set[str] = set()
        for page in self._pages(first, since, facts):
            seen.update(self._keep(page))
        if len(seen) < facts.get("itemCount", 0):
            return False
        # Only now: a watermark set before the last page would hide the pages that a crash left unread.
        self._store.put(self._organisation, self.kind.name, (), watermark=_watermark(first))
        return True

    def _pages(self, first: Any, since: str | None, facts: Mapping[str, int]) -> Iterator[Any]:
        """Yield the first page and the rest, a few of them on their way at a time."""
        yield first
        count = ceil(facts.get("itemCount", 0) / max(facts.get("pageSize", PAGE_SIZE), 1))
        if count < 2:
            return
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            coming: deque[Future[Any]] = deque()
            for number in range(2, count + 1):
                coming.append(pool.submit(self._page, number, since))
                if len(coming) >= IN_FLIGHT:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()

    def _keep(self, page: Any) -> list[str]:
        records = [self.kind.record(body) for body in page[self.kind.envelope]]
        self._store.put(self._organisation, self.kind.name, records)
        return [record.remote_id for record in records]

    def _page(self, number: int, since: str | None) -> Any:
        params = {"page": str(number), "pageSize": str(PAGE_SIZE)}
        return self._get({**params, **self.kind.list_params}, since)

    def _get(self, params: Mapping[str, str], since: str | None = None) -> Any:
        answer = self._client.request(
            "GET", self.kind.path, purpose=f"index {self.kind.name}", params=params, modified_since=since
        )
        if answer.status == 304:
            return {self.kind.envelope: []}
        if answer.status != 200 or not answer.is_json:
            raise RemoteRefused(f"Xero answered {answer.status} when asked for {self.kind.name}.")
        return answer.json()


def _watermark(answer: Mapping[str, Any]) -> str | None:
    """Return the server's own time, less the overlap, as ``If-Modified-Since`` takes it."""
    found = _DATE.search(str(answer.get("DateTimeUTC", "")))
    if found is None:
        return None
    said = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    return (said - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")
