"""Sign-ins, limits and organisations that change during a run, for every object."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Company
from bookward.ports import Progress
from bookward.store.runs import RunState
from tests.contract.local_xero.driver import token_request
from tests.integration.kinds import OBJECTS, Kind
from tests.integration.world import World, moving

OTHER = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Other Ltd")


def booked(world: World, kind: Kind) -> list[str]:
    return sorted(kind.booked(world), key=int)


@pytest.mark.parametrize("object_", OBJECTS)
def test_a_run_outlives_its_token_and_the_days_limit(world: World, object_: str) -> None:
    kind = OBJECTS[object_]
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 1")
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0]).rows(*kind.rows(1, 2))

    expired: list[Progress] = []

    def expire(progress: Progress) -> None:
        if progress.phase == "sending" and not expired:
            expired.append(progress)
            world.xero.expire_tokens()

    assert feed.run(on_progress=expire).run.state is RunState.DONE
    assert 401 in {status for _, _, status in world.api_calls()}
    assert booked(world, kind) == ["1", "2"]

    limit = Fault(kind=FaultKind.RATE_LIMIT, method="PUT", skip=1, times=None, seconds=7200, problem="day")
    world.xero.faults.add(limit)
    run = feed.rows(*kind.rows(1, 2, 3, 4, 5)).run().run
    assert (run.state, run.error_code) == (RunState.PAUSED, "rate_limited")
    assert run.resume_at is not None
    assert timedelta(hours=1) < run.resume_at - world.clock.now() <= timedelta(hours=2)
    assert len(booked(world, kind)) == 3
    world.xero.faults.clear()
    moving(world.clock).jump(hours=2)
    assert feed.run().run.state is RunState.DONE
    assert booked(world, kind) == ["1", "2", "3", "4", "5"]
    assert len(kind.made(world)) == 5


@pytest.mark.parametrize("object_", OBJECTS)
def test_a_server_that_is_dead_or_dies_loses_nothing_and_the_organisation_stays_the_same(
    world: World, object_: str
) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0]).rows(*kind.rows(1, 2))
    url = world.environ["XERO_URL"]
    world.environ["XERO_URL"] = "http://127.0.0.1:9"
    run = feed.run().run
    assert (run.state, run.error_code) == (RunState.PAUSED, "remote_unavailable")
    assert run.error_remedy
    world.environ["XERO_URL"] = url
    world.xero.faults.add(
        Fault(kind=FaultKind.CUT, method="PUT", when="after", times=None),
        Fault(kind=FaultKind.CUT, method="GET", path=f"*/{kind.plural}", times=None, skip=1),
    )
    run = feed.run().run
    assert (run.state, run.error_code) == (RunState.PAUSED, "answer_lost")
    assert run.error_remedy
    world.xero.faults.clear()

    first = world.xero.options.companies[0].id
    world.xero.options = replace(world.xero.options, companies=(*world.xero.options.companies, OTHER))
    world.connect(OTHER.id)
    assert feed.run().run.error_code == "organisation_changed"
    theirs = {record[kind.title] for record in world.xero.records(kind.plural, OTHER.id)}
    assert not theirs & {row[kind.title] for row in kind.rows(1, 2)}
    world.connect(first)
    assert feed.run().run.state is RunState.DONE
    assert booked(world, kind) == ["1", "2"]
    assert len(kind.made(world)) == 2


@pytest.mark.parametrize(("later", "state"), [(29, RunState.DONE), (31, RunState.FAILED)])
def test_a_refresh_token_that_somebody_has_used_lives_for_half_an_hour(
    world: World, later: int, state: RunState
) -> None:
    kind = OBJECTS["contacts"]
    feed = kind.feed(world).rows(*kind.rows(1))
    with closing(world.app()) as app:
        tokens = app._wiring.store.vault.load("xero")
    assert tokens is not None
    form = {"grant_type": "refresh_token", "refresh_token": str(tokens.refresh_token)}
    assert token_request(world.xero, **form).status_code == 200
    world.xero.expire_tokens()
    moving(world.clock).jump(minutes=later)
    run = feed.run().run
    assert (run.state, run.error_code) == (state, None if state is RunState.DONE else "sign_in_lost")
    assert booked(world, kind) == (["1"] if state is RunState.DONE else [])
    assert state is RunState.DONE or "connect" in str(run.error_remedy)
