"""A destination that is connected to other books while a plan or a run is under way: nothing goes there."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from bookward.demo.xero.options import Company
from bookward.demo.xero.server import LocalXero
from bookward.errors import NotConnected, OrganisationChanged
from bookward.ports import Progress
from bookward.store.runs import RunState
from tests.integration.world import World, moving

OTHER = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Other Ltd")
ROWS = 1000  # twenty batches, of which a few are under way at once


@pytest.fixture
def mine(world: World) -> Company:
    company = world.xero.options.companies[0]
    world.xero.options = replace(world.xero.options, companies=(company, OTHER))
    return company


def reconnecting(world: World, when: Callable[[Progress], bool]) -> Callable[[Progress], None]:
    """Return what connects to the other books once, as soon as ``when`` holds."""
    done: list[Progress] = []

    def watch(progress: Progress) -> None:
        if not done and when(progress):
            done.append(progress)
            world.connect(OTHER.id)

    return watch


def test_the_rest_of_a_run_does_not_go_into_other_books(world: World, mine: Company) -> None:
    world.many(ROWS)
    report = world.run(on_progress=reconnecting(world, lambda progress: progress.sent > 0))
    assert (report.run.state, report.run.error_code) == (RunState.FAILED, "organisation_changed")
    assert report.run.error_message == (
        f"Destination 'xero' led to organisation {mine.name!r} ({mine.id}) when this began; "
        f"it now leads to 'Other Ltd' ({OTHER.id})."
    )
    assert world.xero.contacts(OTHER.id) == []
    booked = report.run.counts["rows_accepted"]
    assert 0 < booked < ROWS
    assert len(world.xero.contacts(mine.id)) == booked
    assert report.run.counts["rows_pending"] == ROWS - booked

    again = world.run().run  # it leads to other books than those that have the first rows
    assert (again.state, again.error_code) == (RunState.FAILED, "organisation_changed")
    assert world.xero.contacts(OTHER.id) == []

    world.connect(mine.id)
    assert world.run().run.counts["rows_accepted"] == ROWS - booked
    assert len(world.xero.contacts(mine.id)) == len(world.contacts()) == ROWS
    world.api_calls()
    assert world.run().run.counts["calls"] == 0


@pytest.mark.parametrize("phase", ["reading", "matching", "sending"])
def test_a_run_that_has_sent_nothing_is_planned_anew_for_the_other_books(
    world: World, mine: Company, phase: str
) -> None:
    world.many(3)
    run = world.run(on_progress=reconnecting(world, lambda progress: progress.phase == phase)).run
    assert (run.state, run.error_code) == (RunState.FAILED, "organisation_changed")
    assert world.xero.contacts(mine.id) == world.xero.contacts(OTHER.id) == []
    assert world.run().run.state is RunState.DONE
    assert world.xero.contacts(mine.id) == []
    assert len(world.xero.contacts(OTHER.id)) == 3


def test_a_plan_is_not_made_of_two_books(world: World, mine: Company) -> None:
    world.many(3)
    with pytest.raises(OrganisationChanged, match=re.escape(f"led to organisation {mine.name!r}")):
        world.plan(on_progress=reconnecting(world, lambda progress: progress.phase == "matching"))
    assert world.plan().header.organisation == OTHER.id


def test_a_sign_in_does_not_follow_its_file_to_another_server(world: World) -> None:
    world.many(3)
    with LocalXero.running(None, clock=world.clock) as other:
        world.edit("destinations/xero.yaml", "${XERO_URL}", other.url.replace("127.0.0.1", "localhost"))
        moving(world.clock).jump(hours=1)  # the sign-in is to be renewed
        with pytest.raises(NotConnected, match=r"was connected at http://127\.0\.0\.1, .*http://localhost"):
            world.run()
        assert other.calls == []
        with closing(world.app()) as app:
            done = app.disconnect("xero", lambda _: None)
        assert (done.connection_ended, done.sign_in_revoked, other.calls) == (False, False, [])
        world.connect()
        assert world.run().run.state is RunState.DONE
        assert len(other.contacts()) == 3


def test_a_sign_in_of_an_older_release_is_not_said_to_be_one_of_xero_itself(world: World) -> None:
    with closing(world.app()) as app:
        vault = app._wiring.store.vault
        tokens = vault.load("xero")
        assert tokens is not None
        vault.save("xero", replace(tokens, at=None))
    with pytest.raises(NotConnected, match="at Xero itself, or somewhere that was not written down, and its"):
        world.run()
