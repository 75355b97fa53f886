"""A plan or run as the log and the traces tell it: its phases, its calls, and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from bookward import tracing
from bookward.boundsync import BoundSync
from bookward.errors import BookwardError
from bookward.logs import bound
from bookward.meter import Attended
from bookward.records import ApiCall
from bookward.store.runs import Run

_LOG = logging.getLogger("bookward.run")
_BAD = frozenset({"failed", "interrupted"})
_TOLD = ("rows_read", "rows_accepted", "rows_rejected", "rows_parked", "rows_uncertain", "calls")


class Observation:
    """One plan or run; phases and calls may come from several threads."""

    def __init__(self, work: str, known: dict[str, str], span: tracing.Span) -> None:
        self._work = work
        self._known = known
        self._span = span
        self._phase = ""
        self._phases = tracing.Phases()

    def phase(self, name: str) -> None:
        if name != self._phase:
            self._phase = name
            self._say(logging.DEBUG, f"{name.capitalize()}.", phase=name)
            self._phases.begin(name)

    def call(self, call: ApiCall) -> None:
        path = urlsplit(call.url).path
        self._say(
            logging.DEBUG,
            "Called.",
            purpose=call.purpose,
            method=call.method,
            path=path,
            status=call.status,
            ms=round(call.duration_ms),
            rows=call.rows,
        )
        self._phases.call(
            call.method,
            call.url,
            call.duration_ms,
            http__response__status_code=call.status,
            bookward__purpose=call.purpose,
            bookward__rows=call.rows,
            bookward__sync=self._known["sync"],
            bookward__run=self._known["run"],
        )

    def into(self, sync: BoundSync) -> None:
        """Take note of the books that the sync leads to, where that is known."""
        with suppress(BookwardError):
            self._known["organisation"] = sync.destination.organisation().id
            self._span.set(bookward__organisation=self._known["organisation"])

    def ended(self, run: Run) -> None:
        """Say how a run ended."""
        bad = run.state.value in _BAD
        counts = {name: run.counts[name] for name in _TOLD if name in run.counts}
        took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
        error = {"code": run.error_code, "error": run.error_message} if run.error_code else {}
        level = logging.WARNING if bad else logging.INFO
        self._say(level, "The run ended.", state=run.state.value, seconds=took, **counts, **error)
        self._span.set(
            bookward__state=run.state.value, **{f"bookward__{name}": count for name, count in counts.items()}
        )
        if bad:
            self._span.fail(run.error_code or run.state.value)

    def close(self) -> None:
        """End the last phase."""
        self._phases.close()

    def _say(self, level: int, said: str, **more: Any) -> None:
        if _LOG.isEnabledFor(level):
            _LOG.log(level, said, extra=self._known | more)


@contextmanager
def observed(work: str, id_: str, sync: str, attended: Attended) -> Iterator[Observation]:
    """Log and trace a plan or run while the block goes on; whatever it logs in this thread says of which.

    Args:
        work: "run" or "plan".
        id_: its id.
        sync: its name.
        attended: why it begins.
    """
    with bound(run=id_, sync=sync), tracing.span(f"{work} {sync}") as span:
        span.set(bookward__run=id_, bookward__sync=sync, bookward__reason=attended.reason)
        seen = Observation(work, {"run": id_, "sync": sync}, span)
        _LOG.info("The %s begins.", work, extra={"reason": attended.reason})
        try:
            yield seen
        except BookwardError as error:
            _LOG.warning("The %s could not go on.", work, extra={"code": error.code, "error": error.message})
            raise
        finally:
            seen.close()
