"""Messages on their way: gathered, once among several who send, given up, and of alerts that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bookward.app import App
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject, Verdict
from bookward.store.outbox import MessageState
from bookward.worker import Worker
from tests.fakes import FakeClock
from tests.integration.alerts.catcher import Catcher, Reply
from tests.integration.editing.edited import ANA, FILES, open_app
from tests.peers.postgres import wait_until

BOT = "type: slack\ntoken: ${XERO_SECRET}\nchannel: C1\napi_url: %s/api/\n"
HOOK = "type: webhook\nurl: %s\nsecret: ${XERO_SECRET}\n"
OF_RUNS = [Trigger.RUN_FAILED, Trigger.ROWS_REJECTED, Trigger.SLOWER, Trigger.ROWS_DROPPED]
OK = Reply(200, {"ok": True, "ts": "1.0"})


@pytest.fixture
def app(tmp_path: Path, catcher: Catcher) -> Iterator[App]:
    catcher.answer = lambda _: OK
    files = FILES | {"project.yaml": "name: Books\nalerts: [team]\n", "alerts/team.yaml": HOOK % catcher.url}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with closing(open_app(tmp_path)) as opened:
        yield opened


def clock_of(app: App) -> FakeClock:
    assert isinstance(app.clock, FakeClock)
    return app.clock


def write(app: App, path: str, text: str) -> None:
    (app._wiring.root / path).write_text(text)


def fails(app: App, *triggers: Trigger, level: Level = Level.CRITICAL) -> None:
    for trigger in triggers or (Trigger.RUN_FAILED,):
        said = "It failed." if level is not Level.OK else ""
        app.alerts._judge(Verdict(subject=Subject("syncs", "users"), trigger=trigger, level=level, said=said))


def turn(app: App, seconds: float = 0) -> None:
    clock_of(app).jump(seconds=seconds)
    app.alerts.turn()


def states(app: App) -> list[MessageState]:
    return [one.state for one in reversed(app.alerts.messages())]


def test_the_first_goes_at_once_and_what_follows_within_a_minute_goes_together(
    app: App, catcher: Catcher
) -> None:
    write(app, "alerts/team.yaml", BOT % catcher.url)
    fails(app)
    turn(app)
    fails(app, Trigger.SLOWER)
    turn(app, 5)
    fails(app, Trigger.ROWS_REJECTED, Trigger.ROWS_DROPPED)
    turn(app, 5)
    assert len(catcher.caught) == 1
    turn(app, 51)
    said = [caught.json()["text"] for caught in catcher.caught]
    assert said == ["CRITICAL: users, run failed", "Bookward: 3 critical"]
    turn(app, 120)
    assert len(catcher.caught) == 2


def test_a_message_is_sent_once_however_many_take_turns(app: App, catcher: Catcher) -> None:
    fails(app, *OF_RUNS)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(app.alerts.turn) for _ in range(8)]:
            done.result()
    turn(app)
    assert sorted(caught.json()["trigger"] for caught in catcher.caught) == sorted(OF_RUNS)


def test_a_worker_tells(app: App, catcher: Catcher) -> None:
    worker = Worker(app, runs=1)
    worker.start()
    try:
        fails(app)
        wait_until(lambda: len(catcher.caught) == 1, "nobody was told", 30)
    finally:
        worker.stop()
    assert states(app) == [MessageState.SENT]


def test_a_message_that_never_arrives_is_given_up_after_a_day_and_nothing_overtakes_it(
    app: App, catcher: Catcher
) -> None:
    catcher.answer = lambda _: Reply(500)
    fails(app)
    turn(app)
    fails(app, level=Level.OK)
    for _ in range(26):
        turn(app, 3600)
        levels = {caught.json()["level"] for caught in catcher.caught}
        if states(app)[0] is not MessageState.FAILED:
            assert levels == {"critical"}
    assert states(app)[0] is MessageState.FAILED
    assert "500" in str(app.alerts.messages()[-1].said)
    catcher.answer = lambda _: OK
    turn(app, 3600)
    assert (states(app)[1], catcher.caught[-1].json()["level"]) == (MessageState.SENT, "ok")


def test_one_that_is_refused_does_not_keep_the_others(app: App, catcher: Catcher) -> None:
    catcher.answer = lambda caught: Reply(400 if b"run_failed" in caught.body else 200)
    fails(app, Trigger.RUN_FAILED, Trigger.SLOWER)
    turn(app)
    turn(app)
    assert states(app)[:2] == [MessageState.WAITING, MessageState.SENT]


def test_of_an_alert_that_is_gone_nothing_is_sent_and_one_that_is_broken_waits(
    app: App, catcher: Catcher
) -> None:
    fails(app)
    write(app, "alerts/team.yaml", "type: webhook\n")
    turn(app)
    assert (states(app), catcher.caught) == ([MessageState.WAITING], [])
    write(app, "alerts/team.yaml", HOOK % catcher.url)
    turn(app, 60)
    assert states(app) == [MessageState.SENT]
    fails(app, Trigger.SLOWER)
    write(app, "project.yaml", "name: Books\n")
    (app._wiring.root / "alerts/team.yaml").unlink()
    turn(app)
    assert (states(app)[-1], len(catcher.caught)) == (MessageState.DROPPED, 1)


def test_what_waits_goes_to_an_alert_under_its_new_name(app: App, catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(503, {})
    fails(app)
    turn(app)
    app.files.rename("alerts", "team", "office", ANA, app.files.get("alerts", "team").etag)
    catcher.answer = lambda _: OK
    turn(app, 3_600)
    assert [one.state for one in app.alerts.messages("office")] == [MessageState.SENT]
    assert app.alerts.messages("team") == []
