"""`run --wait`: limits and outages are waited out, and nothing is booked twice over it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.ports import Progress
from bookward.store.runs import Run, RunState
from tests.fakes import FakeClock
from tests.integration.world import World, moving

CONTACTS = "*/Contacts"


def history(world: World) -> list[Run]:
    with closing(world.app()) as app:
        return list(app.history())


def numbers(world: World) -> list[int]:
    assert len(world.contacts()) == len(world.xero.contacts())
    return sorted(int(number) for number in world.contacts())


def test_the_day_limit_is_waited_out(world: World) -> None:
    world.many(120)
    clock = moving(world.clock)
    begun = clock.now()
    world.xero.faults.add(
        Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path=CONTACTS, skip=1, seconds=54_000, problem="day")
    )
    seen: list[Progress] = []
    report = world.run(wait=True, on_progress=seen.append)
    assert report.run.state is RunState.DONE
    assert numbers(world) == list(range(1, 121))
    assert clock.now() - begun >= timedelta(seconds=54_000)
    last, first = history(world)
    assert (first.state, first.error_code) == (RunState.PAUSED, "rate_limited")
    assert first.resume_at is not None
    assert begun + timedelta(seconds=54_000) <= first.resume_at <= begun + timedelta(seconds=54_030)
    assert last.resume_at is None
    assert (report.paused, report.recovered) == ((first,), ())
    (wait,) = [progress for progress in seen if progress.phase == "waiting"]
    assert wait.wait_until == first.resume_at


def test_without_waiting_the_run_says_when_it_can_go_on(world: World) -> None:
    world.many(60)
    world.xero.faults.add(
        Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path=CONTACTS, seconds=4_000, problem="day")
    )
    run = world.run().run
    assert run.state is RunState.PAUSED
    assert run.finished_at is not None
    assert run.resume_at is not None
    assert timedelta(seconds=3_970) <= run.resume_at - run.finished_at <= timedelta(seconds=4_000)


def test_a_long_outage_is_waited_out_with_growing_pauses(world: World) -> None:
    world.many(60)
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=503, path=CONTACTS, times=9))
    seen: list[datetime] = []

    def watch(progress: Progress) -> None:
        if progress.phase == "waiting" and progress.wait_until is not None:
            seen.append(progress.wait_until)

    report = world.run(wait=True, on_progress=watch)
    assert report.run.state is RunState.DONE
    assert len(report.paused) == len(seen)
    assert numbers(world) == list(range(1, 61))
    states = [run.state for run in reversed(history(world))]
    assert states == [*[RunState.PAUSED] * len(seen), RunState.DONE]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(seen)]
    assert gaps == sorted(gaps)
    assert len(gaps) > 3


class Impatient(FakeClock):
    """Somebody presses Ctrl-C during the first long wait."""

    def sleep(self, seconds: float) -> None:
        if seconds >= 10:
            raise KeyboardInterrupt
        super().sleep(seconds)


def test_ctrl_c_ends_the_wait_and_the_next_run_goes_on(world: World) -> None:
    world.many(120)
    world.xero.faults.add(
        Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path=CONTACTS, skip=1, seconds=54_000, problem="day")
    )
    patient = world.clock
    world.clock = Impatient(patient.now())
    with pytest.raises(KeyboardInterrupt):
        world.run(wait=True)
    assert [run.state for run in history(world)] == [RunState.PAUSED]
    moving(patient).jump(days=1)
    world.clock = patient
    assert world.run().run.state is RunState.DONE
    assert numbers(world) == list(range(1, 121))


def test_what_cannot_be_cured_by_waiting_ends_the_run(world: World) -> None:
    world.many(10)
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=403, path=CONTACTS, times=None))
    assert world.run(wait=True).run.state is RunState.FAILED
    assert moving(world.clock).now() < datetime(2026, 11, 3, tzinfo=UTC)
