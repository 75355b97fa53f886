"""Where a plan or run stands, counted in one place and told to whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, RLock
from typing import Any, Protocol

from bookward.errors import Cancelled
from bookward.ports import BudgetState, CallLog, OnProgress, Progress
from bookward.records import ApiCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """One plan or run among several that one process has under way."""

    cancelled: Event  #: is set when this one is to end cleanly
    began: Callable[[str], None] = lambda _: None  #: is told its id
    asked_by: str | None = None  #: the person; None for a schedule
    reason: str = "by hand"  #: why it begins, in a few words


class Observer(Protocol):
    """Is told what a plan or run does, possibly from several threads."""

    def phase(self, name: str) -> None:
        """Take note of the phase that it is in; the same may be told often."""

    def call(self, call: ApiCall) -> None:
        """Take note of a call that has ended."""


class Meter:
    """Counts what happens and tells the watcher; also the ``ports.CallLog`` that the work writes to."""

    def __init__(
        self,
        run: str | None,
        calls: CallLog,
        on_progress: OnProgress = lambda _: None,
        cancelled: Event | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Count for ``run``, under whose id every call is kept.

        Args:
            run: id of the run, or of the plan when nothing is executed; None for what is neither.
            calls: where the calls are kept.
            on_progress: is told of every step, possibly from several threads.
            cancelled: is set when a person wants to stop.
            observer: is told of every phase and call.
        """
        self._run = run
        self._observer = observer
        self._calls = calls
        self._on_progress = on_progress
        self._lock = RLock()
        self.cancelled = cancelled or Event()
        self.progress = Progress(phase="starting")

    def record(self, call: ApiCall) -> None:
        self._calls.record(replace(call, run=self._run))
        if self._observer is not None:
            self._observer.call(call)
        with self._lock:
            self.tell(calls=self.progress.calls + 1)

    def tell(self, **changes: Any) -> None:
        """Take over some of the figures of ``ports.Progress`` and pass them on."""
        with self._lock:
            self.progress = replace(self.progress, **changes)
            if self._observer is not None and "phase" in changes:
                self._observer.phase(changes["phase"])
            self._on_progress(self.progress)

    def check(self) -> None:
        """Go on, unless a person wants to stop.

        Raises:
            Cancelled: so it is.
        """
        if self.cancelled.is_set():
            raise Cancelled("The run was stopped by hand.")

    def tell_budget(self, budget: BudgetState) -> None:
        """Take over what is known about the calls left."""
        self.tell(minute_left=budget.minute_left, day_left=budget.day_left, wait_until=budget.blocked_until)

    def read(self, rows: int) -> None:
        """Take note that so many more rows were read."""
        self.tell(rows_read=self.progress.rows_read + rows)
