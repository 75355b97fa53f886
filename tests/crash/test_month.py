"""A month of failures and recoveries, told by every channel exactly as it should be, also when killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bookward.app import App
from bookward.demo.xero.clock import SettableClock
from bookward.errors import BookwardError
from bookward.standings import Subject
from bookward.store.outbox import MessageState
from bookward.worker import Worker
from tests.crash.forked import run_forked
from tests.crash.killing import BorrowedClock
from tests.integration.alerts.catcher import Catcher, Caught, Reply
from tests.integration.alerts.test_email import Mailbox, serving
from tests.integration.alerts.test_pagerduty import ACCEPTED, KEY
from tests.integration.alerts.test_slack import TOKEN, Workspace
from tests.integration.alerts.test_sms import ACCOUNT, Twilio
from tests.integration.world import World

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday."""
ALERTS = {
    "chat": "type: slack\ntoken: ${TOKEN}\nchannel: C1\napi_url: %(url)s/slack/\n",
    "hook": "type: webhook\nurl: %(url)s/hook\nsecret: ${SECRET}\ndigest: {at: '07:00'}\n",
    "mail": (
        "type: email\nhost: localhost\nport: %(port)d\nsecurity: none\nsender: b@example.com\n"
        "to: ann@example.com\ndigest: {at: '08:00', days: mon}\n"
    ),
    "pager": "type: pagerduty\nrouting_key: ${SECRET}\nurl: %(url)s/v2/enqueue\nnotify: critical\n",
    "phone": (
        f"type: sms\naccount: {ACCOUNT}\ntoken: hunter2\nsender: '+6421000000'\nto: '+6421111111'\n"
        "api_url: %(url)s\nnotify: critical\ntriggers: [run_failed, sign_in]\n"
    ),
}
ALL = {"chat", "hook", "mail", "pager", "phone"}
LOUD = ALL - {"phone"}  # who hear of whatever is critical
CALM = ALL - {"pager", "phone"}  # who hear of warnings, too
FAILED, REJECTED = "customers, run failed", "customers, rows not synced"
WAITS, LATE = "customers, a plan waits for approval", "customers, has not run in time"
SIGN_IN, DEAD = "xero, sign-in", "chat, alert undelivered"
PLACES = ["after-alert-state", "before-alert-sent", "after-alert-sent", "after-digest-taken"]

Told = set[tuple[str, str]]


def told(what: str, *to: str) -> Told:
    return {(name, what) for name in to}


@dataclass
class Month:
    """A company in which things happen, and what its people are told."""

    world: World
    app: App
    clock: SettableClock
    catcher: Catcher
    box: Mailbox
    workspace: Workspace = field(default_factory=Workspace)
    twilio: Twilio = field(default_factory=Twilio)
    dead: bool = False  #: whether Slack is
    heard: dict[str, str] = field(default_factory=dict)  #: headline by what tells a message from all others
    daily: dict[str, dict[str, Any]] = field(default_factory=dict)  #: digests by the end of their time
    weekly: set[str] = field(default_factory=set)  #: the ids of mails that are digests
    killed: int = 0

    def answer(self, caught: Caught) -> Reply:
        """Answer as each service does, and note what a receiver that tells two of one apart has heard."""
        if caught.path.startswith("/slack/"):
            return Reply(503) if self.dead else self.workspace(caught)
        if caught.path.startswith("/2010-04-01/"):
            return self.twilio(caught)
        body = caught.json()
        if caught.path.startswith("/v2/"):
            key = f"pager {body['dedup_key']} {body['payload']['summary']}"
            self.heard.setdefault(key, body["payload"]["summary"])
            return ACCEPTED
        if body["type"] == "digest":
            assert self.daily.setdefault(body["digest"]["until"], body) == body
        else:
            self.heard.setdefault(f"hook {caught.headers['webhook-id']}", body["title"])
        return Reply(204, b"")

    def new(self) -> Told:
        """Return what was told since this was asked last, digests aside."""
        heard, self.heard = list(self.heard.items()), {}
        found = [(key.partition(" ")[0], said) for key, said in heard]
        found += [("chat", one["text"]) for one in self.workspace.posted]
        found += [("phone", one["body"].partition(". ")[0]) for one in self.twilio.sent]
        mails = {str(mail["message-id"]): str(mail["subject"]).strip() for mail in self.box.mails}
        self.weekly |= {id_ for id_, said in mails.items() if said.startswith("Test company,")}
        found += [("mail", said) for id_, said in mails.items() if id_ not in self.weekly]
        for kept in (self.workspace.posted, self.twilio.sent, self.box.mails):
            kept.clear()
        assert len(set(found)) == len(found)
        return set(found)

    def turn(self, place: str = "") -> None:
        """Take a turn in a process that is killed at ``place``, if any; then others go on."""
        self.clock.jump(minutes=2)
        if place:
            environ = os.environ | self.world.environ | {"BOOKWARD_FAILPOINT": place}
            code, said = run_forked(_turn, self.world.root, environ=environ, seconds=60)
            assert (code in (0, -signal.SIGKILL), said) == (True, "")
            self.killed += code != 0
        for _ in range(2):
            self.app.alerts.turn()
            self.clock.jump(minutes=2)

    def pass_until(self, moment: datetime) -> None:
        """Let time pass, in which somebody looks once a day."""
        while self.clock.now() + timedelta(days=1) < moment:
            self.clock.jump(days=1)
            self.app.alerts.turn()
        self.clock.set(moment)

    def run(self, **options: Any) -> None:
        with suppress(BookwardError):
            self.app.run("customers", **options)

    def sql(self, statement: str) -> None:
        self.world.warehouse.execute(statement)


def _turn(root: str) -> None:
    with closing(App(Path(root), clock=BorrowedClock(os.environ["XERO_URL"]), environ=os.environ)) as app:
        app.alerts.turn()


# What happens, and who is told of it


def first_run(month: Month) -> Told:
    month.run()
    return set()


def table_gone(month: Month) -> Told:
    month.sql("ALTER TABLE customers RENAME TO clients")
    month.run()
    month.run()
    return told(f"CRITICAL: {FAILED}", *ALL)


def table_back(month: Month) -> Told:
    month.sql("ALTER TABLE clients RENAME TO customers")
    month.run()
    return told(f"Well again: {FAILED}", *ALL)


def one_row_bad(month: Month) -> Told:
    month.sql("UPDATE customers SET name = '' WHERE id = 1")
    month.run()
    return told(f"WARNING: {REJECTED}", *CALM)


def many_rows_bad(month: Month) -> Told:
    month.sql("UPDATE customers SET name = '' WHERE id <= 10")
    month.run()
    return told(f"CRITICAL: {REJECTED}", *LOUD)


def most_rows_good(month: Month) -> Told:
    month.sql("UPDATE customers SET name = 'Customer ' || id WHERE id > 1")
    month.run()
    return told(f"WARNING: {REJECTED}", *CALM) | told(f"No longer critical: {REJECTED}", "pager")


def all_rows_good(month: Month) -> Told:
    month.sql("UPDATE customers SET name = 'Customer ' || id")
    month.run()
    return told(f"Well again: {REJECTED}", *CALM)


def plan_parked(month: Month) -> Told:
    month.world.edit("syncs/customers.yaml", "on_removal", "guards: {max_removals: 2}\non_removal")
    month.sql("DELETE FROM customers WHERE id <= 5")
    month.run()
    return told(f"WARNING: {WAITS}", *CALM)


def plan_still_waits(month: Month) -> Told:
    month.clock.jump(hours=2)
    return told(f"CRITICAL: {WAITS}", *LOUD)


def plan_approved(month: Month) -> Told:
    month.run(approved=True)
    return told(f"Well again: {WAITS}", *LOUD)


def sign_in_lost(month: Month) -> Told:
    month.world.customers((50, "New"))
    month.app.disconnect("xero", lambda _: None)
    month.run()
    return told(f"CRITICAL: {SIGN_IN}", *ALL)


def signed_in(month: Month) -> Told:
    month.world.connect()
    month.run()
    return told(f"Well again: {SIGN_IN}", *ALL)


def chat_dies(month: Month) -> Told:
    month.dead = True
    return {one for one in table_gone(month) if one[0] != "chat"}


def chat_is_dead(month: Month) -> Told:
    for _ in range(4):
        month.turn()
    return told(f"CRITICAL: {DEAD}", *LOUD - {"chat"})


def chat_lives(month: Month) -> Told:
    month.dead = False
    return told(f"CRITICAL: {FAILED}", "chat") | told(f"Well again: {DEAD}", *LOUD - {"chat"})


def silenced(month: Month) -> Told:
    month.app.alerts.silence(Subject("syncs", "customers"), "ann", time=timedelta(hours=4))
    table_gone(month)
    month.turn()
    table_back(month)
    return set()


def scheduled(month: Month) -> Told:
    month.world.edit("syncs/customers.yaml", "on_removal", "schedule: {at: '10:00'}\non_removal")
    month.app.queue.scheduler().tick()
    month.clock.jump(hours=2)
    month.app.queue.scheduler().tick()
    month.clock.jump(hours=2)
    return told(f"WARNING: {LATE}", *CALM)


def nobody_works(_: Month) -> Told:
    return told(f"CRITICAL: {LATE}", *LOUD)


def somebody_works(month: Month) -> Told:
    assert Worker(month.app, runs=1)._take_one()
    return told(f"Well again: {LATE}", *LOUD)


STORY: list[tuple[float, Callable[[Month], Told]]] = [
    (0.01, first_run),
    (1, table_gone),
    (2, table_back),
    (4, one_row_bad),
    (5, many_rows_bad),
    (6, most_rows_good),
    (7, all_rows_good),
    (9, plan_parked),
    (9.95, plan_still_waits),
    (11, plan_approved),
    (13, sign_in_lost),
    (14, signed_in),
    (16, chat_dies),
    (16.2, chat_is_dead),
    (16.5, chat_lives),
    (17, table_back),
    (19, silenced),
    (23, scheduled),
    (23.5, nobody_works),
    (24, somebody_works),
]
"""What happens, in days after the start."""


@contextmanager
def a_month(world: World, clock: SettableClock) -> Iterator[Month]:
    clock.set(START)
    world.many(40)
    world.environ |= {"SECRET": KEY, "TOKEN": TOKEN}
    box = Mailbox()
    with Catcher.running() as catcher, serving(box) as port:
        for name, text in ALERTS.items():
            world.write(f"alerts/{name}.yaml", text % {"url": catcher.url, "port": port})
        world.write("project.yaml", f"name: Test company\nalerts: [{', '.join(sorted(ALL))}]\n")
        world.connect()
        with closing(world.app()) as app:
            month = Month(world, app, clock, catcher, box)
            catcher.answer = month.answer
            app.alerts.turn()
            yield month


@pytest.mark.parametrize(
    "places",
    [
        pytest.param({2: "before-alert-sent", 4: "after-alert-sent", 10: "after-alert-state"}, id="at-times"),
        *(
            pytest.param(dict.fromkeys(range(len(STORY)), place), id=place, marks=pytest.mark.nightly)
            for place in PLACES
        ),
    ],
)
def test_a_month_is_told_exactly(world: World, clock: SettableClock, places: dict[int, str]) -> None:
    with a_month(world, clock) as month:
        for number, (days, happens) in enumerate(STORY):
            month.pass_until(START + timedelta(days=days))
            assert (happens, month.new()) == (happens, set())
            expected = happens(month)
            month.turn(places.get(number, ""))
            assert (happens.__name__, month.new()) == (happens.__name__, expected)
        month.pass_until(START + timedelta(days=28, hours=1))
        month.turn("after-digest-taken")
        assert month.new() == set()
        assert month.killed
        states = {posted.state for posted in month.app.alerts.messages(limit=1_000)}
        assert (states, month.app.alerts.states()) == ({MessageState.SENT, MessageState.DROPPED}, [])
        digests = [one["digest"] for one in month.daily.values()]
        assert len(month.weekly) == 4
    # Every time is told, once, and together they say what is in the books.
    assert [one["until"][:16] for one in digests] == [f"2026-11-{day:02}T07:00" for day in range(3, 31)]
    assert [one["since"] for one in digests[1:]] == [one["until"] for one in digests[:-1]]
    made = sum(done["inserted"] for one in digests for done in one["syncs"])
    assert made == len(world.contacts()) + len(world.contacts("ARCHIVED")) == 41
