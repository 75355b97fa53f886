"""Several processes call one organisation at once: together they keep its limits."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from threading import Event, Thread

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from tests.crash.test_at_once import started, told
from tests.integration.world import SYNC, World
from tests.peers.postgres import wait_until

PARTS = 3
MOST = 5  # calls in flight. Source: Xero, Limits


def divided(world: World, rows: int) -> list[str]:
    """Let several syncs share the customers; return their names."""
    world.many(rows * PARTS)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    names = [f"part-{part}" for part in range(PARTS)]
    for part, name in enumerate(names):
        world.write(f"models/{name}.yaml", "source: warehouse\nprimary_key: id\n")
        world.write(f"models/{name}.sql", f"SELECT * FROM customers WHERE id % {PARTS} = {part}\n")
        world.write(f"syncs/{name}.yaml", SYNC.replace("model: customers", f"model: {name}"))
    return names


def refused(world: World) -> list[str]:
    return [path for _, path, status in world.xero.calls if status == 429]


class Watch:
    """Looks, over and over, how many calls are in flight."""

    def __init__(self, world: World) -> None:
        self.most = 0
        self._world = world
        self._over = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self.most = max(self.most, self._world.xero.in_flight())


def test_processes_share_the_calls_in_flight(world: World) -> None:
    names = divided(world, 60)
    world.xero.options = Options(minute_limit=10_000)
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.1, times=None))
    with Watch(world) as watch, ExitStack() as entered:
        runs = [entered.enter_context(started(world, "run", name)) for name in names]
        ended = [told(run) for run in runs]
    assert [code for code, _ in ended] == [0] * PARTS
    assert refused(world) == []
    assert watch.most == MOST
    assert len(world.contacts()) == 60 * PARTS


def test_the_places_of_a_killed_process_are_free_at_once(world: World) -> None:
    first, second, _ = divided(world, 60)
    world.xero.options = Options(minute_limit=10_000, concurrent_limit=2 * MOST)
    world.xero.faults.add(Fault(kind=FaultKind.HOLD, path="*/Contacts", method="PUT", times=None))
    with started(world, "run", first) as run:
        wait_until(lambda: world.xero.in_flight() == MOST, "the calls do not hang", 60)
        run.send_signal(signal.SIGKILL)
    world.xero.faults.clear()
    assert told(started(world, "run", second))[0] == 0
    assert refused(world) == []
    world.xero.faults.release()


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_processes_share_the_minute(world: World) -> None:
    names = divided(world, 120)
    with ExitStack() as entered:
        runs = [entered.enter_context(started(world, "run", name)) for name in names]
        ended = [told(run, 500) for run in runs]
    assert [code for code, _ in ended] == [0] * PARTS
    assert refused(world) == []
    assert len(world.contacts()) == 120 * PARTS
