"""Rows of which nobody but a person can say whether they were booked, and what persons have said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from bookward.bookings import Bookings, Posting
from bookward.errors import BookingUncertain, SettlementRefused
from bookward.records import OperationKind, Rejection
from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.digests import told_from
from bookward.store.refusals import NO_REFUSAL
from bookward.store.tables import decisions, rows, run_rows

_MOST_VALUES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One row that is uncertain."""

    key: str
    run: str  #: whose answer was lost
    kind: str  #: of the operation: "insert", "replace"
    rejection: Rejection
    candidates: tuple[str, ...]  #: ids of the records that may be the row's


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person said about an uncertain row."""

    key: str
    run: str  #: whose answer was lost
    at: datetime
    booked_as: str | None  #: id of the record that is the row's; None: none of the candidates is
    candidates: tuple[str, ...]
    message: str  #: what was uncertain


class Doubts:
    """The uncertain rows of one sync; what was decided is added to, never changed."""

    def __init__(self, database: Database, sync: str) -> None:
        self._database = database
        self._sync = sync

    def open(self) -> Mapping[str, Doubt]:
        """Return the uncertain rows by their key, in the order of the keys."""
        sent = (run_rows.c.run == rows.c.run) & (run_rows.c.key == rows.c.key)
        kind = func.coalesce(run_rows.c.kind, OperationKind.INSERT)  # earlier releases forgot the run's rows
        query = (
            select(rows, kind.label("kind"))
            .select_from(rows.outerjoin(run_rows, sent))
            .where(rows.c.sync == self._sync, rows.c.state == RowState.UNCERTAIN)
        )
        with self._database.reading() as connection:
            lines = connection.execute(query.order_by(rows.c.key)).mappings().all()
        return {
            line["key"]: Doubt(
                key=line["key"],
                run=line["run"],
                kind=line["kind"],
                rejection=Rejection(
                    code=line["code"] or BookingUncertain.code,
                    message=line["message"] or "",
                    remedy=line["remedy"] or BookingUncertain.remedy,
                ),
                candidates=tuple(line["candidates"] or ()),
            )
            for line in lines
        }

    def decide(
        self, doubt: Doubt, booked_as: str | None, now: datetime, postings: Iterable[Posting] = ()
    ) -> Decision:
        """Write down what a person said, and move the row, in one transaction; return what is kept of it.

        Args:
            doubt: as it was when the person was asked.
            booked_as: id of the record that is the row's; None sets the row free to be sent again.
            now: this moment.
            postings: what that record books.

        Raises:
            SettlementRefused: it is not uncertain any more.
        """
        said = {"remote_id": booked_as, "state": RowState.ADOPTED if booked_as else RowState.REJECTED}
        again = {"code": BookingUncertain.code, "message": "Said not to be booked; the next run sends it."}
        row = (rows.c.sync == self._sync, rows.c.key == doubt.key, rows.c.state == RowState.UNCERTAIN)
        moved = {**NO_REFUSAL, **said, **({} if booked_as else again), "candidates": None, "made": False}
        bookings = Bookings()
        bookings.add(doubt.kind, postings)
        booked = {"kind": doubt.kind, "booked": [asdict(each) for each in bookings.lines()]}
        with self._database.writing() as connection:
            kept = Decision(
                key=doubt.key,
                run=doubt.run,
                at=told_from(connection, now),
                booked_as=booked_as,
                candidates=doubt.candidates,
                message=doubt.rejection.message,
            )
            if not connection.execute(update(rows).where(*row).values(moved)).rowcount:
                raise SettlementRefused(f"Row {doubt.key!r} is not uncertain any more.")
            line = asdict(kept) | {"sync": self._sync, "candidates": list(kept.candidates)}
            connection.execute(insert(decisions).values(line | (booked if booked_as else {})))
        return kept

    def decided(self, limit: int | None = None) -> Sequence[Decision]:
        """Return what was decided, the newest first, at most so many."""
        columns = [decisions.c[name] for name in Decision.__dataclass_fields__]
        query = select(*columns).where(decisions.c.sync == self._sync).limit(limit)
        with self._database.reading() as connection:
            lines = connection.execute(query.order_by(decisions.c.position.desc())).mappings().all()
        return [Decision(**{**line, "candidates": tuple(line["candidates"])}) for line in lines]

    def disowned(self, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return, for the rows that a person said are not booked, the records that are not theirs."""
        found: dict[str, list[str]] = defaultdict(list)
        query = select(decisions.c.key, decisions.c.candidates).where(
            decisions.c.sync == self._sync, decisions.c.booked_as.is_(None)
        )
        with self._database.reading() as connection:
            for start in range(0, len(keys), _MOST_VALUES):
                part = decisions.c.key.in_(keys[start : start + _MOST_VALUES])
                for key, candidates in connection.execute(query.where(part)):
                    found[key] += candidates
        return found
