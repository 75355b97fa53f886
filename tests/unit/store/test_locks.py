from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bookward.errors import SyncBusy
from bookward.store.store import Store


def test_a_run_that_begins_during_a_sweep_waits_for_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = store.locks.waiting
    with ExitStack() as sweep:
        assert sweep.enter_context(store.locks.if_free("sync-customers"))

        @contextmanager
        def until_it_ends(name: str) -> Iterator[None]:
            assert name == "sweep"
            sweep.close()
            with waiting(name):
                yield

        monkeypatch.setattr(store.locks, "waiting", until_it_ends)
        with store.locks.running("customers"), store.locks.if_free("sweep") as free:
            assert free


def test_what_is_held_is_not_free(store: Store) -> None:
    with store.locks.running("customers"):
        with store.locks.if_free("sync-customers") as free:
            assert not free
        with pytest.raises(SyncBusy), store.locks.running("customers"):
            pass
    with store.locks.if_free("sync-customers") as free:
        assert free
