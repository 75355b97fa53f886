"""A digest and what it tells, written down at the same moment by processes of one state."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from bookward.digests import Digest
from bookward.settings import Settings
from bookward.store.digests import Told, told_from
from bookward.store.refusals import Patience
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_POSTGRES
from tests.unit.store.test_store import NOW, accepted, operation

HOUR = timedelta(hours=1)
DIGEST = Digest(alert="team", project="Books", since=NOW, until=NOW + HOUR, timezone="UTC")
TOLD = Told(since=NOW, seen=NOW)


@pytest.fixture
def begun(store: Store) -> Store:
    """Return a state with a recipient who was told everything until now, and a run that is to be folded."""
    store.digests.told({"team": "said"}, NOW)
    store.runs.begin("run-1", "a", NOW, "{}")
    store.journal("run-1").expect([operation(0)], [accepted(0)])
    return store


def fold(store: Store, at: datetime) -> None:
    store.sync("a").fold("run-1", "books", "one", Patience(at=at, park_after=8))


def take(store: Store, final: int = 0) -> bool:
    return store.digests.take(DIGEST, TOLD, final=final)


def test_what_was_final_in_the_time_of_a_digest_must_be_in_it(begun: Store) -> None:
    fold(begun, NOW)
    assert (take(begun), begun.outbox.open("team")) == (False, [])
    assert begun.digests.since("team") == NOW
    assert begun.digests.final(NOW, NOW + HOUR) == 1
    assert take(begun, final=1)
    assert not take(begun, final=1)


def test_what_is_final_after_a_digest_is_in_the_next_one_whatever_the_clock_says(begun: Store) -> None:
    assert take(begun)
    fold(begun, NOW - HOUR)
    assert begun.digests.final(datetime.min.replace(tzinfo=UTC), NOW + HOUR) == 0
    assert begun.digests.final(NOW + HOUR, NOW + 2 * HOUR) == 1


@ONLY_POSTGRES
def test_a_digest_waits_for_what_is_being_written_down(begun: Store, settings: Settings) -> None:
    with closing(Store(settings, FakeClock())) as other, ThreadPoolExecutor(1) as thread:
        with other._database.writing() as connection:
            at = told_from(connection, NOW)
            taking: Future[bool] = thread.submit(take, begun)
            with pytest.raises(TimeoutError):
                taking.result(timeout=0.5)
            connection.exec_driver_sql("UPDATE runs SET folded_at = %s", (at,))
        assert taking.result() is False


@ONLY_POSTGRES
def test_what_is_written_down_waits_for_a_digest(begun: Store, settings: Settings) -> None:
    with closing(Store(settings, FakeClock())) as other, ThreadPoolExecutor(1) as thread:
        with other._database.writing() as connection:
            moved = "UPDATE digests SET since = %s, seen = %s"
            connection.exec_driver_sql(moved, (NOW + HOUR, NOW + HOUR))
            folding = thread.submit(fold, begun, NOW)
            with pytest.raises(TimeoutError):
                folding.result(timeout=0.5)
        folding.result()
    assert begun.digests.final(NOW + HOUR, NOW + 2 * HOUR) == 1
