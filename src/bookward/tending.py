"""Tending to one sync at a time: holding it, so that nobody else works on it, and settling what waits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import Event

from bookward.boundsync import BoundSync
from bookward.checking import problems_of
from bookward.meter import Meter
from bookward.renaming import former_name, minding_former_names, renamed_by_hand
from bookward.run import Runner
from bookward.settling import UncertainRow, forgiven, settle, uncertain_rows
from bookward.store.doubts import Decision
from bookward.store.runs import Run
from bookward.upkeep import Upkeep
from bookward.wiring import invalid, steady


class Tending(Upkeep):
    """The verbs that settle what earlier runs left to be settled."""

    @steady
    def retry(self, sync: str, keys: Collection[str] | None = None) -> Sequence[str]:
        """Let rows that the destination refused be sent again by the next run; return their keys.

        Args:
            sync: its name.
            keys: of the rows; None for all that were refused.

        Raises:
            NameUnknown: there is no such sync, or one of the rows was not refused.
            SyncBusy: the sync is being run.
        """
        self._require_sync(sync)
        with self._store.locks.running(sync):
            return forgiven(self._store.row_states(sync), sync, keys)

    @steady
    def uncertain(self, sync: str) -> Sequence[UncertainRow]:
        """Return the rows of which a person has to say whether they are booked; see ``settling``."""
        meter = self._unwatched()
        with self._held(sync, meter) as bound:
            return uncertain_rows(bound, meter)

    @steady
    def settle(self, sync: str, key: str, booked_as: str | None = None) -> Decision:
        """Take down what a person says of an uncertain row; see ``settling.settle``."""
        meter = self._unwatched()
        with self._held(sync, meter) as bound:
            return settle(bound, meter, key, booked_as)

    @steady
    def tie_up(self, sync: str, run: str, cancelled: Event) -> Run:
        """Settle what an earlier run of a sync left open, send nothing new, and return how it stands then.

        Args:
            sync: its name.
            run: id of the run.
            cancelled: is set when this is to end early.
        """
        meter = Meter(run, self._wiring.store.calls, cancelled=cancelled)
        with self._held(sync, meter) as bound:
            return Runner(bound, meter).tie_up(run)

    @contextmanager
    def _held(self, sync: str, meter: Meter, *, as_new: bool = False) -> Iterator[BoundSync]:
        if problems := problems_of(self._wiring, sync):
            raise invalid(problems)
        if not as_new and (former := former_name(self._wiring, sync)) is not None:
            raise renamed_by_hand(former, sync)
        with self._wiring.store.locks.running(sync):
            self._wiring.store.sweep.all(sync)
            bound = self._wiring.sync(sync, meter, meter.cancelled)
            try:
                yield minding_former_names(self._wiring, bound)
            finally:
                self._wiring.let_go(bound.destination)

    def _unwatched(self) -> Meter:
        """Return a meter for what is neither a run nor a plan."""
        return Meter(None, self._wiring.store.calls)
