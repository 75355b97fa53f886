"""Keeps the index of one kind of record filled, in as few calls as the question needs.

A kind that was read whole is kept so by one call for what changed since. Until then, the few records that a
plan wants are asked for by their keys wherever that takes fewer calls than reading every page: one query at
once, since no reading takes less; more than one only when the first page has told how many pages there are.
What was asked for so is known, and known to be missing, in that plan alone. Nothing is read before an
operation has to be resolved. Kinds without pages are read whole each time: that is one call, and tells what
is gone too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import RLock
from typing import Any

from bookward.clock import Clock
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pages import PAGE_SIZE, Pages, Unanswerable, item_count, page_count
from bookward.destinations.xero.queries import Query, Wanted, queries
from bookward.errors import RemoteUnavailable
from bookward.ports import RemoteIndex
from bookward.records import RemoteRecord

OVERLAP = timedelta(minutes=2)
"""How far back a refresh reaches behind the last one: ``If-Modified-Since`` is exact to the second only."""

HIGH_VOLUME = 100_000
"""Source: Xero, High volume: from so many records on, only filters that it has indexes for are taken."""

_FRESH = timedelta(minutes=10)
_SCANS = 3
_DATE = re.compile(r"/Date\((-?\d+)")


@dataclass(kw_only=True)
class _Known:
    """What one plan knows of a kind."""

    whole: bool = False  #: every record
    asked: Wanted = field(default_factory=Wanted)  #: else these, and which of them are not there
    seen: set[str] = field(default_factory=set)  #: records as they are now; others may be out of date
    queries: int = 0  #: how many were made
    first: Any = None  #: the first page, once it was read
    names: dict[str, Mapping[str, str]] = field(default_factory=dict)  #: by field, once they were asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was looked for, as it was when all of it had been read."""

    by_id: Mapping[str, RemoteRecord]
    by_key: Mapping[tuple[str, str], Sequence[RemoteRecord]]  #: by field and folded value


class XeroIndex:
    """The records of one kind in one organisation, as last seen."""

    def __init__(self, client: XeroClient, store: RemoteIndex, clock: Clock, kind: XeroObject) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._pages = Pages(client, kind)
        self._known = _Known()
        self._fresh_until: datetime | None = None
        self._lock = RLock()
        self.kind = kind

    def refresh(self, wanted: Wanted) -> None:
        """Bring what is wanted up to date, unless this plan has done so already."""
        if self._fresh_until is None or self._clock.now() >= self._fresh_until:
            self._known = _Known()
            self._read_changes()
            self._fresh_until = self._clock.now() + _FRESH
        self._find(wanted)

    def expire(self) -> None:
        """Say that another plan begins."""
        self._fresh_until = None

    def look_again(self, wanted: Wanted) -> Sight:
        """Read what is wanted anew, whatever was read before, and return it.

        Used by several threads. Each has to go by what is returned here: while another one reads, the index
        itself knows less than it will, and what is there could be taken for missing.
        """
        with self._lock:
            known = self._known
            known.whole, known.first, known.queries, known.asked = False, None, 0, known.asked - wanted
            known.seen -= wanted.ids | {id_ for name, value in wanted.keys for id_ in self._held(name, value)}
            self._read_changes()
            self._find(wanted)
            return self._sight(wanted)

    def read_whole(self) -> Iterator[RemoteRecord]:
        """Read every record anew, and return all that there are; the plan reads none of them again.

        Raises:
            RemoteUnavailable: they keep changing, so that nobody can say that every one was seen.
        """
        self._known = _Known()
        if not self.kind.paged:
            self._read_changes()
        elif not self._read_pages(None):
            raise RemoteUnavailable(
                f"The {self.kind.name} kept changing while they were read, so some may have been missed.",
                remedy="Try again when fewer people and programs are at work in Xero.",
            )
        self._known.whole = True
        self._fresh_until = self._clock.now() + _FRESH
        ids = sorted(self._known.seen)
        parts = (ids[start : start + PAGE_SIZE] for start in range(0, len(ids), PAGE_SIZE))
        return chain.from_iterable(self.by_id(part).values() for part in parts)

    def by_id(self, remote_ids: Iterable[str]) -> Mapping[str, RemoteRecord]:
        """Return the known ones of some records, by their id."""
        found = self._store.by_id(self._organisation, self.kind.name, sorted(set(remote_ids)))
        return {id_: record for id_, record in found.items() if self._is_current(record)}

    def by_key(self, field: str, folded: Iterable[str]) -> Mapping[str, Sequence[RemoteRecord]]:
        """Return the records that have one of the folded values in ``field``, by that value."""
        found = self._store.by_key(self._organisation, self.kind.name, field, sorted(set(folded)))
        current = {value: [r for r in records if self._is_current(r)] for value, records in found.items()}
        return {value: records for value, records in current.items() if records}

    def names(self, field: str) -> Mapping[str, str]:
        """Return the values in ``field`` of all records in use, each with what people know the record by.

        Of a kind that is not read whole each time, nothing.
        """
        if self.kind.paged:
            return {}
        if field not in self._known.names:
            bodies = [record.body for record in self.by_id(self._known.seen).values() if not record.archived]
            found = {
                str(body[field]): str(body.get(self.kind.title) or "") for body in bodies if body.get(field)
            }
            self._known.names[field] = dict(sorted(found.items()))
        return self._known.names[field]

    def ask_for(self, remote_ids: Sequence[str]) -> None:
        """Read some records by their id, whether they changed or not."""
        wanted = Wanted(ids=frozenset(remote_ids)) - self._known.asked
        asking = queries(self.kind, wanted, self._pages.params) if wanted and self.kind.takes_ids else None
        if asking:  # else the list that was just read is all that can be known
            self._ask(asking)

    def learn(self, bodies: Iterable[Any]) -> None:
        """Remember records as an answer showed them."""
        self._keep([body for body in bodies if self.kind.remote_id(body)])

    @property
    def _organisation(self) -> str:
        return self._client.tenant()

    def _sight(self, wanted: Wanted) -> Sight:
        values: dict[str, list[str]] = {}
        for name, folded in wanted.keys:
            values.setdefault(name, []).append(folded)
        found = ((name, self.by_key(name, folded)) for name, folded in values.items())
        by_key = {(name, value): records for name, held in found for value, records in held.items()}
        return Sight(by_id=self.by_id(wanted.ids), by_key=by_key)

    def _is_current(self, record: RemoteRecord) -> bool:
        return self._known.whole or record.remote_id in self._known.seen

    def _held(self, field: str, folded: str) -> list[str]:
        held = self._store.by_key(self._organisation, self.kind.name, field, [folded])
        return [record.remote_id for record in held.get(folded, ())]

    def _read_changes(self) -> None:
        """Read what changed since the last time, where all was read then."""
        watermark = self._store.mark(self._organisation, self.kind.name).watermark
        if not self.kind.paged:
            records = [self.kind.record(body) for body in self._pages.whole()[self.kind.envelope]]
            self._store.replace(self._organisation, self.kind.name, records)
            self._known.seen = {record.remote_id for record in records}
        elif watermark is not None:
            self._read_pages(watermark)
        else:
            return
        self._known.whole = True

    def _find(self, wanted: Wanted) -> None:
        """Read what is wanted and not yet known, in the fewest calls."""
        known = self._known
        if known.whole or not (wanted := wanted - known.asked):
            return
        asking = queries(self.kind, wanted, self._pages.params)
        if asking is None or known.queries + len(asking) > 1:
            asking = self._chosen(asking, wanted)
        if asking is not None and self._ask(asking):
            known.asked |= wanted
            return
        self._read_pages(None, known.first)
        known.whole, known.first = True, None

    def _chosen(self, asking: list[Query] | None, wanted: Wanted) -> list[Query] | None:
        """Return the queries where they take fewer calls than the pages behind the first, else None."""
        known = self._known
        if known.first is None:
            known.first = self._pages.page(1)
            self._keep(known.first[self.kind.envelope])
        if asking is None:
            return None
        items, left = item_count(known.first), page_count(known.first) - 1
        if items >= HIGH_VOLUME and any(query.parameter == "where" for query in asking):
            return None
        rest = Wanted(ids=wanted.ids - known.seen, keys=wanted.keys)
        asking = queries(self.kind, rest, self._pages.params) or []
        return asking if known.queries + len(asking) < left else None

    def _ask(self, asking: list[Query]) -> bool:
        """Read what some queries pick; return whether Xero took them all."""
        self._known.queries += len(asking)
        with suppress(Unanswerable):
            for page in self._pages.picked(asking):
                self._keep(page[self.kind.envelope])
            return True
        return False

    def _read_pages(self, since: str | None, first: Any = None) -> bool:
        """Read all pages, a few times where needed; return whether every record was seen in one go."""
        for _ in range(_SCANS):
            if self._read_all(since, first):
                return True
            first = None
        return False

    def _read_all(self, since: str | None, first: Any) -> bool:
        """Read all pages; return whether every record was seen.

        Whoever edits a record meanwhile moves it to the last page, and the others move up by one: one
        of them may slip from a page not yet read to one that was. So the records are counted.
        """
        first = first or self._pages.page(1, since)
        seen = set(self._keep(first[self.kind.envelope]))
        for page in self._pages.rest(first, since):
            seen.update(self._keep(page[self.kind.envelope]))
        if len(seen) < item_count(first):
            return False
        # Only now: a watermark set before the last page would hide the pages that a crash left unread.
        self._store.put(self._organisation, self.kind.name, (), watermark=_watermark(first))
        return True

    def _keep(self, bodies: Sequence[Any]) -> list[str]:
        records = [self.kind.record(body) for body in bodies]
        if records:
            self._store.put(self._organisation, self.kind.name, records)
        self._known.seen.update(record.remote_id for record in records)
        return [record.remote_id for record in records]


def _watermark(answer: Mapping[str, Any]) -> str | None:
    """Return the server's own time, less the overlap, as ``If-Modified-Since`` takes it."""
    found = _DATE.search(str(answer.get("DateTimeUTC", "")))
    if found is None:
        return None
    said = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    return (said - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")
