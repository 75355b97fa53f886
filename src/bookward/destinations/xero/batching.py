"""Cuts operations into batches: how many go in one request, and which never go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from threading import Lock

from bookward import exactjson
from bookward.destinations.xero.objects import Route, XeroObject
from bookward.records import Operation

MAX_BODY = 3_500_000
"""Bytes of one body. Source: Xero, Limits: 3.5 MB advised, 10 MB refused."""

FIRST_SIZE = 100
"""Rows in the first batch: of the size that Xero advises, about 50, but enough to tell a row's time by.

Source: Xero, Requests and responses.
"""

MAX_SIZE = 2000
"""Rows in the largest batch; that many have been taken in one call, several thousand timed out."""

TARGET_SECONDS = 5.0
"""At five calls in flight and sixty a minute, a call that takes this long meets both limits at once."""

GROWTH = 1.25
"""A size that would have to grow by less than this is right."""

SHRINKING = 2.0
"""A call has to take so many times the target before the size shrinks: more rows a call do not slow a run."""

MOST_GROWTH = 8.0
"""How much larger the next batch is at most, however fast the last one was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Operations that leave in one request."""

    method: str
    path: str
    operations: tuple[Operation, ...]
    body: bytes


class BatchSize:
    """How many rows a batch may hold: fixed, or steered by how long Xero takes.

    A call takes some time for itself and some for each row. The first call tells their sum only, so the
    second is made larger by what is missing to the target, which takes less than that; the two together tell
    both times, and so the size. Until it is found, calls go one by one, since each that leaves too small is a
    call wasted.
    """

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed is not None
        self._size: float = fixed or FIRST_SIZE
        self._lock = Lock()
        self._last: tuple[int, float] | None = None  #: rows and seconds of the last full call
        self.learning = not self._fixed

    @property
    def rows(self) -> int:
        return int(self._size)

    def succeeded(self, rows: int, seconds: float) -> None:
        """Learn from a call that Xero answered as it should."""
        with self._lock:
            if self._fixed:
                return
            if rows < self.rows / GROWTH:
                # It was not full: there are no more rows, or something else keeps batches small.
                self.learning = False
                return
            calculated = self._last is not None
            wanted = self._wanted(rows, seconds)
            if wanted > rows * MOST_GROWTH:
                wanted, calculated = rows * MOST_GROWTH, False
            self._last = rows, seconds
            if wanted >= rows * GROWTH or wanted * SHRINKING <= rows:
                self._size = min(max(wanted, 1), MAX_SIZE)
            if calculated or wanted < rows * GROWTH or self._size == MAX_SIZE:
                self.learning = False

    def _wanted(self, rows: int, seconds: float) -> float:
        """Return how many rows are expected to take as long as a call may."""
        if self._last is not None and self._last[0] < rows and self._last[1] < seconds:
            a_row = (seconds - self._last[1]) / (rows - self._last[0])
            return rows + (TARGET_SECONDS - seconds) / a_row
        return rows * TARGET_SECONDS / max(seconds, 0.001)

    def failed(self, rows: int) -> None:
        """Learn from a call of so many rows that was too much: too large, too slow, or a server error."""
        with self._lock:
            if not self._fixed:
                self.learning = False
                # Several calls of one size fail together; that is one lesson, not five.
                self._size = max(min(self._size, rows / 2), 1)


class Cutter:
    """Collects operations until a batch is full.

    Operations of different routes never share one. Inserts travel apart from all else, by PUT: sent so, a
    record that has appeared since the plan makes Xero refuse the row and is not overwritten.
    """

    def __init__(self, kind: XeroObject, size: BatchSize, max_body: int = MAX_BODY) -> None:
        self._kind = kind
        self._size = size
        self._max_body = max_body
        self._waiting: dict[Route, _Pile] = {}

    def add(self, operation: Operation) -> Iterator[Batch]:
        """Take one more operation; yield the batch that is full now, if one is."""
        route = self._kind.route(operation)
        element = exactjson.encode(self._kind.element(operation))
        pile = self._waiting.setdefault(route, _Pile())
        if pile.operations and self._length(pile) + len(element) + 1 > self._max_body:
            yield self._take(route)
            pile = self._waiting.setdefault(route, _Pile())
        pile.add(operation, element)
        if len(pile.operations) >= self._most_rows(operation):
            yield self._take(route)

    def rest(self) -> Iterator[Batch]:
        """Yield what is left."""
        for route in list(self._waiting):
            yield self._take(route)

    def cut(self, operations: Sequence[Operation], rows: int | None = None) -> list[Batch]:
        """Return all of some operations in batches, of ``rows`` each when given."""
        cutter = Cutter(self._kind, self._size if rows is None else BatchSize(rows), self._max_body)
        batches = [batch for operation in operations for batch in cutter.add(operation)]
        return batches + list(cutter.rest())

    def halves(self, operations: Sequence[Operation]) -> list[Batch]:
        """Return some operations in two batches."""
        return self.cut(operations, ceil(len(operations) / 2))

    def _most_rows(self, operation: Operation) -> int:
        return min(self._size.rows, self._kind.most_rows_of(operation.kind) or self._size.rows)

    def _length(self, pile: _Pile) -> int:
        return len(self._kind.envelope) + 7 + pile.bytes

    def _take(self, route: Route) -> Batch:
        pile = self._waiting.pop(route)
        return Batch(
            method=route.method,
            path=route.path,
            operations=tuple(pile.operations),
            body=self._kind.body(route, pile.elements),
        )


class _Pile:
    """Operations that wait for their batch to be full."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.elements: list[bytes] = []
        self.bytes = 0

    def add(self, operation: Operation, element: bytes) -> None:
        self.operations.append(operation)
        self.elements.append(element)
        self.bytes += len(element) + 1
