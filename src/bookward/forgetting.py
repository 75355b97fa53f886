"""Drops what holds personal data, and what nobody looks at any more, once its time is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from bookward.errors import StorageRefused, StorageUnreachable
from bookward.ids import id_of
from bookward.planner import PLAN_LIFE
from bookward.store.files import plan_name
from bookward.wiring import Wiring


def forget_old_data(wiring: Wiring) -> None:
    """Drop the bodies of calls, settled batches, plans and ended tickets of some time ago."""
    project, store = wiring.project, wiring.store
    assert project.spec is not None
    now = wiring.clock.now()
    before = now - timedelta(days=project.spec.keep_call_bodies_days)
    store.forget(before)
    needed = {plan_name(str(run.plan)) for slug in project.sync_files for run in store.runs.unfolded(slug)}
    with suppress(StorageRefused, StorageUnreachable):  # the run itself says so if it needs them
        store.files.forget("plans", plan_name(id_of(before)), needed)
        store.files.make_room("plans", plan_name(id_of(now - PLAN_LIFE)), needed)
