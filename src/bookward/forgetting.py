"""Drops what holds personal data, and what nobody looks at any more, once its time is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock

from bookward.errors import StorageRefused, StorageUnreachable
from bookward.ids import id_of
from bookward.planner import PLAN_LIFE
from bookward.spec.project import KeepSpec
from bookward.store.files import plan_name
from bookward.store.retention import Keep
from bookward.wiring import Wiring

_PAUSE = timedelta(hours=1)


class Forgetting:
    """Drops what is old, now and then: it goes through everything, and its time is counted in days."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._latest: datetime | None = None
        self._lock = Lock()  # several threads may look at once

    def look(self) -> None:
        """Drop what is old, unless this process did so within the hour."""
        if self._is_time():
            _forget_old_data(self._wiring)

    def _is_time(self) -> bool:
        now = self._wiring.clock.now()
        with self._lock:
            if self._latest is not None and timedelta() <= now - self._latest < _PAUSE:
                return False
            if self._wiring.project.spec is None:  # it is broken, and does not say how long what is kept
                return False
            self._latest = now
            return True


def _forget_old_data(wiring: Wiring) -> None:
    """Drop the bodies of calls, settled batches, plans and ended tickets of some time ago."""
    project, store = wiring.project, wiring.store
    assert project.spec is not None
    now = wiring.clock.now()
    keep = _kept(project.spec.keep)
    store.forget(now, keep)
    if keep.call_bodies is None:
        return
    before = now - max(keep.call_bodies, PLAN_LIFE)  # others may be about to execute what is younger
    # A sync whose file is gone, for a moment or by mistake, is settled once that is back.
    needed = {plan_name(str(run.plan)) for slug in store.runs.syncs() for run in store.runs.unfolded(slug)}
    with suppress(StorageRefused, StorageUnreachable):  # the run itself says so if it needs them
        store.files.forget("plans", plan_name(id_of(before)), needed)
        store.files.make_room("plans", plan_name(id_of(now - PLAN_LIFE)), needed)


def _kept(said: KeepSpec) -> Keep:
    days = said.model_dump()
    return Keep(**{kind: None if number is None else timedelta(days=number) for kind, number in days.items()})
