"""Syncs that run after a job of dbt Cloud: once for each of its runs that ended as wanted, whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from bookward.app import App
from bookward.jobwatch import PACE
from tests.integration.test_run_all import bookward
from tests.integration.test_worker import ended, until, working
from tests.integration.world import PROJECT, SYNC, World, moving
from tests.peers.databases import new_database
from tests.peers.dbtcloud import DbtCloudStub
from tests.planting import DBT_CLOUD_TOKEN

JOB = 4711
WAITS = f"schedule: {{after_dbt_cloud: {{job: {JOB}}}}}\n"


@pytest.fixture
def cloud() -> Iterator[DbtCloudStub]:
    with DbtCloudStub(account=42, token=DBT_CLOUD_TOKEN).running() as stub:
        yield stub


@pytest.fixture
def waiting(world: World, cloud: DbtCloudStub) -> World:
    world.write(
        "project.yaml",
        f"{PROJECT}dbt_cloud: {{account: 42, token: '${{DBT_CLOUD_TOKEN}}', url: '{cloud.url}'}}\n",
    )
    world.environ["DBT_CLOUD_TOKEN"] = DBT_CLOUD_TOKEN
    world.write("syncs/customers.yaml", SYNC + WAITS)
    with closing(world.app()) as app:
        app.queue.scheduler().tick()  # from now on it waits
    return world


def ends(world: World, cloud: DbtCloudStub, status: str = "success", job: int = JOB) -> int:
    """Let time pass, then a run of the job end, then time pass until it is seen."""
    moving(world.clock).jump(seconds=10)
    number = cloud.add(job, status, world.clock.now())
    moving(world.clock).jump(seconds=PACE.total_seconds() + 1)
    return number


def look(app: App) -> list[tuple[str, str]]:
    """Look as a worker does, once; return what has been asked for until now."""
    app.queue.job_watch().look()
    app.queue.scheduler().tick()
    return [(ticket.sync, ticket.reason) for ticket in reversed(app.queue.list())]


def done(app: App) -> None:
    """Do what waits, so that the next turn is asked for anew."""
    app.queue.work()
    while ticket := app.queue.take():
        app.queue.end(ticket)


def test_a_worker_runs_the_sync_when_the_job_has_ended(waiting: World, cloud: DbtCloudStub) -> None:
    waiting.many(2)
    with working(waiting) as app:
        number = ends(waiting, cloud)
        until(lambda: bool(app.queue.list()), "no run was asked for")
        ticket = ended(app, app.queue.list()[0])
    assert (ticket.reason, ticket.said, ticket.asked_by) == (f"after dbt Cloud run {number}", None, None)
    assert len(waiting.contacts()) == 2


def test_a_run_that_ends_well_counts_once_also_after_a_restart(waiting: World, cloud: DbtCloudStub) -> None:
    first = ends(waiting, cloud)
    with closing(waiting.app()) as app:
        assert look(app) == [("customers", f"after dbt Cloud run {first}")]
        done(app)
        moving(waiting.clock).jump(minutes=2)
        assert len(look(app)) == 1
    with closing(waiting.app()) as app:
        moving(waiting.clock).jump(minutes=2)
        assert len(look(app)) == 1
        second = ends(waiting, cloud)
        assert look(app)[1:] == [("customers", f"after dbt Cloud run {second}")]


def test_only_ends_that_are_wanted_count(waiting: World, cloud: DbtCloudStub) -> None:
    wanted = f"schedule: {{after_dbt_cloud: {{job: {JOB}, ended: [success, error]}}}}\n"
    waiting.write("syncs/all.yaml", SYNC + wanted)
    with closing(waiting.app()) as app:
        look(app)
        for status in ("queued", "starting", "running", "cancelled"):
            ends(waiting, cloud, status)
            assert look(app) == []
        ends(waiting, cloud, "success", job=JOB + 1)
        assert look(app) == []
        failed = ends(waiting, cloud, "error")
        assert look(app) == [("all", f"after dbt Cloud run {failed}")]


def test_what_ended_before_it_waited_does_not_count(waiting: World, cloud: DbtCloudStub) -> None:
    cloud.add(JOB, "success", waiting.clock.now() - timedelta(minutes=5))
    with closing(waiting.app()) as app:
        assert look(app) == []
        moving(waiting.clock).jump(minutes=5)
        assert look(app) == []


def test_one_question_for_all_syncs_and_machines(waiting: World, cloud: DbtCloudStub) -> None:
    waiting.write("syncs/second.yaml", SYNC + WAITS)
    with new_database(waiting.warehouse) as url:
        waiting.environ |= {"BOOKWARD_DATABASE_URL": url, "BOOKWARD_FILES": (waiting.root / "files").as_uri()}
        with closing(waiting.app()) as one, closing(waiting.app()) as other:
            look(one)
            number = ends(waiting, cloud)
            cloud.calls.clear()
            for app in (one, other, one, other):
                found = look(app)
    assert cloud.calls == [f"job_definition_id={JOB}&status=10&order_by=-finished_at&limit=1"]
    assert sorted(found) == [(sync, f"after dbt Cloud run {number}") for sync in ("customers", "second")]


def test_closed_books_keep_it_waiting(waiting: World, cloud: DbtCloudStub) -> None:
    closing_time = "blackouts: [{begins: 2026-11-02 09:00, ends: 2026-11-02 12:00}]"
    waiting.edit("destinations/xero.yaml", "batch_size", f"{closing_time}\nbatch_size")
    ends(waiting, cloud)
    with closing(waiting.app()) as app:
        assert look(app) == []
        moving(waiting.clock).jump(hours=3)
        assert len(look(app)) == 1


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"token": "another"}, "dbt Cloud does not accept the token for account 42 (401)"),
        ({"account": 43}, "dbt Cloud answers 404 for account 42"),
        ({"down": 503}, "dbt Cloud answers 503"),
        ({"down": 200}, "dbt Cloud answers with something else than a list of runs"),
    ],
)
def test_trouble_is_seen_and_ends_by_itself(
    waiting: World, cloud: DbtCloudStub, trouble: dict[str, object], said: str
) -> None:
    good = {name: getattr(cloud, name) for name in trouble}
    vars(cloud).update(trouble)
    with closing(waiting.app()) as app:
        assert look(app) == []
    shown = bookward(waiting, "schedule").stdout
    assert said in " ".join(shown.split())
    assert DBT_CLOUD_TOKEN not in shown
    vars(cloud).update(good)
    with closing(waiting.app()) as app:
        ends(waiting, cloud)
        assert len(look(app)) == 1
        assert [one.problem for one in app.queue.upcoming()] == [None]


def test_an_unreachable_cloud_is_asked_less_and_less_often(waiting: World, cloud: DbtCloudStub) -> None:
    cloud.down, cloud.headers = 429, {"Retry-After": "1200"}
    with closing(waiting.app()) as app:
        look(app)
        moving(waiting.clock).jump(seconds=1190)
        look(app)
        assert len(cloud.calls) == 1
        cloud.headers = {}
        moving(waiting.clock).jump(seconds=20)
        look(app)
        for calls, minutes in enumerate((2, 4, 8, 15, 15), start=2):
            moving(waiting.clock).jump(minutes=minutes, seconds=-1)
            look(app)
            assert len(cloud.calls) == calls
            moving(waiting.clock).jump(seconds=1)
            look(app)
            assert len(cloud.calls) == calls + 1


def test_nobody_there_is_seen(waiting: World) -> None:
    waiting.write(
        "project.yaml", f"{PROJECT}dbt_cloud: {{account: 42, token: x, url: 'http://localhost:1'}}\n"
    )
    with closing(waiting.app()) as app:
        assert look(app) == []
        assert "dbt Cloud does not answer: ConnectError." in str(app.queue.upcoming()[0].problem)


def test_the_token_is_nowhere(waiting: World, cloud: DbtCloudStub) -> None:
    ends(waiting, cloud)
    with closing(waiting.app()) as app:
        look(app)
        kept = b"".join(path.read_bytes() for path in app._wiring.settings.state.glob("state.db*"))
        assert DBT_CLOUD_TOKEN not in repr(app._wiring.project.spec)
    assert DBT_CLOUD_TOKEN.encode() not in kept


def test_a_job_without_an_account_is_a_problem_of_the_sync(world: World) -> None:
    world.write("syncs/customers.yaml", SYNC + WAITS)
    with closing(world.app()) as app:
        (problem,) = app._wiring.project.problems
    assert (problem.path, problem.field) == ("syncs/customers.yaml", "schedule.after_dbt_cloud")
    assert "project.yaml names no account" in problem.message


def test_an_address_without_protection_is_refused(waiting: World) -> None:
    waiting.write(
        "project.yaml", f"{PROJECT}dbt_cloud: {{account: 42, token: x, url: 'http://emea.dbt.com'}}\n"
    )
    with closing(waiting.app()) as app:
        assert "https://emea.dbt.com" in app._wiring.project.problems[0].message
