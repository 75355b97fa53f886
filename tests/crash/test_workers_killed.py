"""Workers that are killed, whatever they are doing: others go on, and every row is booked once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.worker import Worker
from tests.crash.forked import bookward, run_forked
from tests.crash.test_killed import books_are_the_model
from tests.integration.world import SYNC, World
from tests.peers.databases import new_database
from tests.peers.postgres import Postgres, wait_until

ROWS = 240
WORKERS = 3
# With shorter leases, since a killed worker's must end first; what they last is in test_machines.
_PROGRAM = """
from datetime import timedelta
from bookward.store import leases
leases.LASTS, leases.RENEWED_EVERY = timedelta(seconds=10), timedelta(seconds=2)
from bookward.cli.main import main
main()
"""


@pytest.fixture
def shared(
    request: pytest.FixtureRequest, world: World, postgres: Postgres, tmp_path: Path
) -> Iterator[World]:
    """A project whose workers share a state in either kind of database."""
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 3")
    world.xero.options = Options(minute_limit=10_000)
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.05, times=None))
    if request.param == "sqlite":
        yield world
        return
    with new_database(postgres) as url:
        world.environ |= {"BOOKWARD_DATABASE_URL": url, "BOOKWARD_FILES": f"file://{tmp_path / 'files'}"}
        world.connect()
        yield world


def worker(world: World, number: int) -> subprocess.Popen[bytes]:
    # Each as if on a machine of its own, where the database is what they share.
    own = {"BOOKWARD_STATE": str(world.root / f".state-{number}")} if _shares(world) else {}
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "-C", world.root, "worker", "--runs", "1"],
        env=os.environ | world.environ | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _shares(world: World) -> bool:
    return "BOOKWARD_DATABASE_URL" in world.environ


def at_night_on(kind: str) -> pytest.MarkDecorator:
    """Run a test with the state in either kind of database, with this one only at night."""
    kinds = [
        pytest.param(each, marks=pytest.mark.nightly if each == kind else ())
        for each in ("sqlite", "postgresql")
    ]
    return pytest.mark.parametrize("shared", kinds, indirect=True)


@pytest.mark.timeout(300)
@at_night_on("sqlite")
def test_two_of_three_workers_are_killed_and_every_row_is_booked_once(shared: World) -> None:
    shared.many(ROWS)
    chance = random.Random(7)
    with ExitStack() as entered, closing(shared.app()) as app:
        workers = [entered.enter_context(worker(shared, number)) for number in range(WORKERS)]
        entered.callback(lambda: [process.terminate() for process in workers])
        ticket = app.queue.ask("customers", who="ann@example.com")
        for _ in range(2):
            booked = len(shared.contacts())
            more = booked + chance.randrange(3, 40)
            wait_until(lambda m=more: len(shared.contacts()) >= m, "nothing more is booked", 100)
            victim = at_work(workers)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            workers.remove(victim)
        wait_until(lambda: app.queue.get(ticket.id).ended_at is not None, "it has not ended", 150)
        assert app.queue.get(ticket.id).said is None
        assert app.find_run(str(app.queue.get(ticket.id).run)).state == "done"
    books_are_the_model(shared)
    assert shared.run().run.counts["calls"] == 0


def at_work(workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Return the process that runs the sync: it has the sync's lock open."""
    return next(process for process in workers if _holds_lock(process))


def _holds_lock(process: subprocess.Popen[bytes]) -> bool:
    opened = [fd.readlink() for fd in Path(f"/proc/{process.pid}/fd").iterdir() if fd.is_symlink()]
    return any("sync-customers.lock" in file.name for file in opened)


@pytest.mark.parametrize("place", ["before-send:2", "after-send:2", "before-pointer"])
def test_a_plan_whose_worker_is_killed_is_settled_and_ends_there(world: World, place: str) -> None:
    world.many(130)
    with closing(world.app()) as app:
        plan = app.plan("customers").header.id
        ticket = app.queue.ask("customers", wishes={"plan": plan}, who="ann@example.com")
        environ = os.environ | world.environ | {"BOOKWARD_FAILPOINT": place}
        code, said = run_forked(bookward, "-C", world.root, "worker", environ=environ, seconds=60)
        assert code == -signal.SIGKILL, said
        another = Worker(app)
        another.start()
        wait_until(lambda: app.queue.get(ticket.id).ended_at is not None, "it has not ended", 60)
        another.stop()
        done, (run,) = app.queue.get(ticket.id), app.history()
        assert (run.state, done.run, run.plan, run.folded) == ("interrupted", run.id, plan, True)
        left = 130 - len(world.contacts())
        assert run.counts.get("rows_pending", 0) == left
        rest = f"{130 - left} of 130 records were sent. Plan again for the rest."
        assert (run.error_code, run.error_remedy) == (("run_cut_off", rest) if left else (None, None))
        assert done.said == (f"{run.error_message} {rest}" if left else None)
        assert app.plan("customers").header.operations == ({"insert": left} if left else {})
    world.run()
    books_are_the_model(world)


@at_night_on("postgresql")
def test_a_schedule_of_many_workers_runs_each_time_once(shared: World) -> None:
    shared.many(1)
    shared.write("syncs/customers.yaml", SYNC + "schedule: {cron: '* * * * *'}\n")
    with closing(shared.app()) as app:
        turns = app._wiring.store.turns
        said = {"customers": app._wiring.project.syncs["customers"].schedule.model_dump_json()}
        first = shared.clock.now().replace(second=0, microsecond=0)
        began = turns.since(said, first - timedelta(minutes=2))["customers"]
        with ExitStack() as entered:
            workers = [entered.enter_context(worker(shared, number)) for number in range(WORKERS)]
            entered.callback(lambda: [process.terminate() for process in workers])
            wait_until(lambda: any(t.ended_at for t in app.queue.list()), "nothing is run", 90)
            moved = turns.since(said, shared.clock.now())["customers"]
        assert moved > began
        # One run makes up for all that was missed, and each minute that came meanwhile has one.
        times = 1 + (shared.clock.now() - first) // timedelta(minutes=1)
        assert 1 <= len(app.queue.list()) <= times
