"""What asks for runs when their time has come: one sync, or one failure, does not keep it from the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from rich.text import Text

from bookward import exactjson
from bookward.app import App
from bookward.awaiting import awaited
from bookward.cli.remote.reading import upcoming_of
from bookward.cli.render.upcoming import upcoming_view
from bookward.errors import StoreFailed
from bookward.jobwatch import PACE
from bookward.records import Person
from bookward.store.jobs import Ended
from bookward.store.runs import RunState
from bookward.workdocuments import upcoming_document
from tests.fakes import FakeClock

SYNC = "model: users\ndestination: xero\nobject: contacts\nmatch: {ContactNumber: id}\nfields: {Name: name}\n"
NEVER = "The sync never runs by itself: whenever it is due, the books are closed."
CLOSED = "blackouts: [{cron: '0 0 * * *', hours: 6}]\n"
WITHOUT_END = "blackouts: [{cron: '0 0 * * *', hours: 24, reason: Stopped}]\n"
FILES = {
    "project.yaml": "name: Scheduled\n",
    "sources/warehouse.yaml": "type: postgres\nurl: postgresql://127.0.0.1:1/x\n",
    "models/users.yaml": "source: warehouse\nprimary_key: id\n",
    "models/users.sql": "SELECT id, name FROM users\n",
    "destinations/xero.yaml": "type: xero\nclient_id: x\n",
    "destinations/other.yaml": "type: xero\nclient_id: x\n",
}
Opens = Callable[..., App]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def project(tmp_path: Path, clock: FakeClock) -> Iterator[Opens]:
    """Open a project whose syncs have these schedules, and whose books are closed like this."""
    with ExitStack() as opened:

        def open_(closed: str = "", **schedules: str) -> App:
            said = {slug: f"{SYNC}schedule: {{{schedule}}}\n" for slug, schedule in schedules.items()}
            syncs = {f"syncs/{slug}.yaml": text for slug, text in said.items()}
            shut = {"destinations/xero.yaml": FILES["destinations/xero.yaml"] + closed}
            for name, text in (FILES | shut | syncs).items():
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(text)
            app = App(tmp_path, clock=clock, environ={"BOOKWARD_KEY_FILE": str(tmp_path / "key")})
            opened.callback(app.close)
            app.queue.work()
            return app

        yield open_


def asked(app: App) -> list[str]:
    return [ticket.sync for ticket in reversed(app.queue.list())]


def test_a_sync_that_is_never_due_keeps_no_other_from_running(project: Opens, clock: FakeClock) -> None:
    app = project(CLOSED, never="at: '03:00', missed: skip", daily="at: '12:00'")
    scheduler = app.queue.scheduler()
    assert scheduler.tick() == 0
    for day in range(1, 4):
        clock.jump(days=1)
        assert scheduler.tick() == 1
        assert asked(app) == ["daily"] * day
        app.queue.end(app.queue.take())
    found = {one.sync: (len(one.times), one.problem) for one in app.queue.upcoming()}
    assert found == {"never": (0, NEVER), "daily": (5, None)}


def test_a_check_warns_of_a_sync_that_is_never_due(project: Opens) -> None:
    rare = {"skips": "at: '03:00', missed: skip", "runs": "at: '03:00'", "follows": "after: runs"}
    report = project(CLOSED, **rare).check(connect=False)
    assert report.ok
    (warning,) = report.warnings
    assert (warning.path, warning.line, warning.field) == ("syncs/skips.yaml", 6, "schedule")
    assert warning.message == NEVER
    assert "destinations/xero.yaml" in warning.remedy
    stopped = project(WITHOUT_END, **rare).check(connect=False)
    assert [each.path for each in stopped.warnings] == [f"syncs/{slug}.yaml" for slug in sorted(rare)]


def test_what_was_asked_for_before_the_books_were_closed_for_good_is_looked_at_once_a_day(
    project: Opens, clock: FakeClock
) -> None:
    app = project(hourly="every: 1h")
    scheduler = app.queue.scheduler()
    scheduler.tick()
    clock.jump(hours=1)
    assert scheduler.tick() == 1
    app = project(WITHOUT_END, hourly="every: 1h")
    assert app.queue.take() is None
    (waits,) = app.queue.list()
    tomorrow = clock.now() + timedelta(days=1)
    assert (waits.said, waits.not_before) == ("The books are closed: Stopped.", tomorrow)
    (one,) = app.queue.upcoming()
    assert one.closed is not None
    assert (one.closed.until, one.closed.reason) == (None, "Stopped")
    sent = json.loads(exactjson.encode(upcoming_document(one)))
    shown = [str(each) for each in upcoming_view([upcoming_of(sent)]) if isinstance(each, Text)]
    assert "hourly: the books are closed without an end (Stopped)." in shown


@pytest.mark.parametrize("at_first", [StoreFailed("The state is busy."), {}])
def test_schedules_are_looked_up_until_the_state_has_told_them(
    project: Opens, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, at_first: StoreFailed | dict[str, Any]
) -> None:
    app = project(hourly="every: 1h", follows="after: hourly")
    scheduler, turns = app.queue.scheduler(), app._wiring.store.turns
    with monkeypatch.context() as patch:
        if isinstance(at_first, StoreFailed):
            patch.setattr(turns, "since", Mock(side_effect=at_first))
            with pytest.raises(StoreFailed):
                scheduler.tick()
        else:  # another process, which has other files, has just written down what its schedules say
            patch.setattr(turns, "since", Mock(return_value=at_first))
            assert scheduler.tick() == 0
    assert scheduler.tick() == 0
    clock.jump(hours=1)
    assert scheduler.tick() == 1
    assert asked(app) == ["hourly"]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("schedule", ["cron: '0 * * * *'", "cron: '0 * * * *', missed: skip", "every: 1h"])
def test_schedules_go_on_after_a_clock_that_was_a_month_ahead(
    project: Opens, clock: FakeClock, schedule: str, restarted: bool
) -> None:
    app = project(hourly=schedule)
    scheduler = app.queue.scheduler()
    scheduler.tick()
    clock.misset(days=30)
    scheduler.tick()
    clock.misset(days=-30)
    if restarted:
        scheduler = app.queue.scheduler()
    done = 0
    for _ in range(24 * 60):
        clock.jump(minutes=5)
        scheduler.tick()
        if (ticket := app.queue.take()) is not None:
            app.queue.end(ticket)
            done += 1
    assert done in {120, 121}  # one more where the wrong clock has asked for one


def test_times_that_were_seen_to_are_not_seen_to_again_by_a_clock_that_is_a_little_behind(
    project: Opens, clock: FakeClock
) -> None:
    app = project(hourly="cron: '0 * * * *'")
    app.queue.scheduler().tick()
    clock.jump(hours=1)
    assert app.queue.scheduler().tick() == 1
    clock.misset(seconds=-30)
    behind = app.queue.scheduler()
    for _ in range(10):
        assert behind.tick() == 0
        clock.jump(seconds=30)


def test_a_sync_follows_others_once_though_their_end_lies_ahead(project: Opens, clock: FakeClock) -> None:
    app = project(first="every: 30d", follows="after: first")
    runs, scheduler = app._wiring.store.runs, app.queue.scheduler()
    scheduler.tick()
    clock.misset(days=30)
    runs.begin("run-1", "first", clock.now(), "{}")
    runs.end("run-1", RunState.DONE, clock.now(), {})
    assert follows(app, scheduler.tick()) == 1
    clock.misset(days=-30)
    assert [follows(app, scheduler.tick()) for _ in range(3)] == [0, 0, 0]
    clock.jump(hours=1)
    runs.begin("run-2", "first", clock.now(), "{}")
    runs.end("run-2", RunState.DONE, clock.now(), {})
    assert [follows(app, scheduler.tick()) for _ in range(3)] == [1, 0, 0]


def follows(app: App, _: int) -> int:
    """Return how many runs of what follows were asked for since this was asked last."""
    taken = list(iter(app.queue.take, None))
    for ticket in taken:
        app.queue.end(ticket)
    return [ticket.sync for ticket in taken].count("follows")


def test_a_job_elsewhere_is_followed_once_when_its_end_is_past_by_our_clock(
    project: Opens, clock: FakeClock, tmp_path: Path
) -> None:
    app = project(waits="after_dbt_cloud: {job: 7}")
    cloud = "dbt_cloud: {url: 'https://cloud.getdbt.com', account: 1, token: x}\n"
    (tmp_path / "project.yaml").write_text(FILES["project.yaml"] + cloud)
    jobs, scheduler = app._wiring.store.jobs, app.queue.scheduler()
    (job,) = awaited(app._wiring.project)
    assert scheduler.tick() == 0
    clock.misset(days=30)
    scheduler.tick()
    assert jobs.take_turn(job, clock.now(), clock.now() + PACE)
    clock.misset(days=-30)
    assert jobs.known([job])[job].due(clock.now())
    assert jobs.take_turn(job, clock.now(), clock.now() + PACE)
    assert not jobs.take_turn(job, clock.now(), clock.now() + PACE)
    jobs.answered(job, {"success": Ended(run="run-1", at=clock.now() + timedelta(minutes=10))})
    assert [scheduler.tick(), scheduler.tick()] == [0, 0]
    clock.jump(minutes=10)
    assert [scheduler.tick(), app.queue.scheduler().tick(), scheduler.tick()] == [1, 0, 0]


def test_a_sync_that_is_made_anew_under_the_name_of_a_deleted_one_has_missed_nothing(
    project: Opens, clock: FakeClock
) -> None:
    app = project(hourly="cron: '0 * * * *'", other="cron: '0 * * * *'")
    scheduler, ann = app.queue.scheduler(), Person(name="Ann", email="ann@example.com")
    scheduler.tick()
    found = app.files.get("syncs", "hourly")
    app.files.delete("syncs", "hourly", ann, found.etag)
    clock.jump(hours=1)
    assert scheduler.tick() == 1
    clock.jump(minutes=30)
    app.files.create("syncs", "hourly", ann, text=found.text)
    assert scheduler.tick() == 0
    clock.jump(minutes=30)
    assert scheduler.tick() == 2
    assert sorted(asked(app)) == ["hourly", "other"]
