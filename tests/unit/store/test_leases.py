"""Leases between machines: each store here has a state folder of its own, and all share one database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bookward.errors import SyncBusy
from bookward.settings import Settings
from bookward.store import leases as leases_
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.peers.postgres import wait_until
from tests.unit.store.conftest import POSTGRES
from tests.unit.store.test_budgets import in_flight
from tests.unit.store.test_store import NOW


@pytest.fixture
def kind() -> str:
    return POSTGRES


@pytest.fixture
def machine(environ: dict[str, str], tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Open the state as another machine does, or as another process of the same machine."""
    with ExitStack() as opened:

        def open_(name: str) -> Store:
            settings = Settings.read(tmp_path, environ | {"BOOKWARD_STATE": str(tmp_path / name)})
            return opened.enter_context(closing(Store(settings, FakeClock())))

        yield open_


Machine = Callable[[str], Store]


def expire(store: Store, name: str) -> None:
    """Let the database's clock be where a lease has ended."""
    with store._database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE leases SET expires = now() - interval '1 s' WHERE name LIKE %s", (name,)
        )


def held(store: Store) -> list[str]:
    with store._database.reading() as connection:
        found = connection.exec_driver_sql("SELECT name FROM leases WHERE expires > now() ORDER BY name")
        return list(found.scalars())


def test_of_two_machines_one_runs_a_sync(machine: Machine) -> None:
    one, other = machine("one"), machine("other")
    with one.locks.running("a"):
        with pytest.raises(SyncBusy, match="by another process, on ") as caught, other.locks.running("a"):
            pass
        assert "the sync is free 45 seconds later" in caught.value.remedy
        with other.locks.running("b"):
            assert held(one) == ["sync-a", "sync-b"]
    with other.locks.running("a"):
        assert held(one) == ["sync-a"]
    assert held(one) == []


def test_processes_of_one_machine_need_the_kernel_only(machine: Machine) -> None:
    one, same = machine("one"), machine("one")
    with one.locks.running("a"), pytest.raises(SyncBusy), same.locks.running("a"):
        pass
    with same.locks.running("a"), same.locks.if_free("sync-b") as free:
        assert free


def test_what_is_left_by_a_dead_process_of_this_machine_is_free_at_once(machine: Machine) -> None:
    one, same, other = machine("one"), machine("one"), machine("other")
    assert one.locks._leases.take("sync-a")  # and no kernel lock: it has died
    with pytest.raises(SyncBusy), other.locks.running("a"):
        pass
    with same.locks.running("a"):
        assert held(one) == ["sync-a"]


def test_what_is_left_by_a_dead_machine_is_free_when_its_lease_ends(machine: Machine) -> None:
    one, other, third = machine("one"), machine("other"), machine("third")
    with one.locks.running("a"):
        expire(one, "sync-a")
        with other.locks.running("a"), pytest.raises(SyncBusy), third.locks.running("a"):
            pass
    with third.locks.running("a"):
        pass


def test_who_has_lost_a_lease_does_not_let_go_of_that_of_its_successor(machine: Machine) -> None:
    one, other, third = machine("one"), machine("other"), machine("third")
    with ExitStack() as successor:
        with one.locks.running("a"):
            expire(one, "sync-a")
            successor.enter_context(other.locks.running("a"))
        with pytest.raises(SyncBusy), third.locks.running("a"):
            pass


def test_leases_are_renewed_as_long_as_they_are_held(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_, "RENEWED_EVERY", leases_.RENEWED_EVERY / 500)
    one = machine("one")

    def until() -> list[object]:
        with one._database.reading() as connection:
            return list(connection.exec_driver_sql("SELECT expires FROM leases ORDER BY name").scalars())

    with one.locks.running("a"), one.locks.running("b"):
        first = until()
        wait_until(lambda: all(a > b for a, b in zip(until(), first, strict=True)), "nothing is renewed")
        expire(one, "sync-%")
        wait_until(lambda: held(one) == ["sync-a", "sync-b"], "a late renewal, before anybody came, is none")
    time.sleep(0.1)
    assert held(one) == []


def test_a_lease_that_another_has_taken_is_not_renewed_by_who_had_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_, "RENEWED_EVERY", leases_.RENEWED_EVERY / 500)
    one = machine("one")
    lost = "UPDATE leases SET holder = 'successor', home = 'other' WHERE name = 'sync-a' RETURNING expires"
    with one.locks.running("a"), one.locks.running("b"):
        with one._database.writing() as connection:
            before = connection.exec_driver_sql(lost).scalar()
        since = expiry(one, "sync-b")
        wait_until(lambda: expiry(one, "sync-b") > since, "nothing is renewed")
        assert expiry(one, "sync-a") == before
    assert names(one) == ["sync-a"]


def expiry(store: Store, name: str) -> Any:
    with store._database.reading() as connection:
        return connection.exec_driver_sql("SELECT expires FROM leases WHERE name = %s", (name,)).scalar()


def test_one_machine_refreshes_a_sign_in_at_a_time(machine: Machine) -> None:
    one, other = machine("one"), machine("other")
    seen: list[str] = []

    def refresh() -> None:
        with other.vault.refreshing("xero"):
            seen.append("other")

    with one.vault.refreshing("xero"):
        waiting = Thread(target=refresh)
        waiting.start()
        waiting.join(timeout=0.6)
        assert seen == []
        seen.append("one")
    waiting.join()
    assert seen == ["one", "other"]


def test_calls_of_a_machine_that_is_gone_are_not_in_flight(machine: Machine) -> None:
    one, other = machine("one"), machine("other")
    for store in (one, other):
        store.budgets.enter("t-1", NOW, lambda known, _: known)
    assert in_flight(one) == in_flight(other) == 2
    expire(one, f"living-{one.budgets._holder}")
    assert in_flight(other) == 1
    other.budgets.close()
    assert in_flight(one) == 0


def test_calls_of_a_dead_process_of_this_machine_are_not_in_flight_at_once(machine: Machine) -> None:
    one, same = machine("one"), machine("one")
    one.locks._leases.take(f"living-{one.budgets._holder}")
    one.budgets._begun = True  # and no kernel lock
    one.budgets.enter("t-1", NOW, lambda known, _: known)
    assert in_flight(same) == 0


def test_leases_that_nobody_wants_any_more_are_forgotten(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_, "RENEWED_EVERY", leases_.RENEWED_EVERY / 500)
    one = machine("one")
    with one._database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO leases VALUES ('living-x', 'x', 'x', 'x', now() - interval '2 days')"
        )
    with one.locks.running("a"):
        wait_until(lambda: names(one) == ["sync-a"], "it is still there")


def names(store: Store) -> list[str]:
    with store._database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM leases ORDER BY name").scalars())


def test_a_database_that_is_away_for_a_moment_costs_no_lease(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases_, "RENEWED_EVERY", leases_.RENEWED_EVERY / 500)
    one = machine("one")
    with one.locks.running("a"):
        with one._database.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        expire(one, "sync-a")
        wait_until(lambda: held(one) == ["sync-a"], "it is not renewed any more")
