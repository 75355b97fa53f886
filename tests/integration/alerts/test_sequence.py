"""A scripted sequence of real runs against the messages that people should get, and no others."""

from __future__ import annotations

import base64
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from standardwebhooks import Webhook as Judge

from bookward.app import App
from bookward.errors import AlertRefused, AlertUndelivered, ConfigError, NameUnknown
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject
from bookward.store.outbox import MessageState
from bookward.store.standings import Changing
from tests.integration.alerts.catcher import Catcher, Caught, Reply
from tests.integration.world import SYNC, World, moving

SECRET = "whsec_" + base64.b64encode(b"as long as a secret should be").decode()
HOOK = "type: webhook\nurl: {url}/{name}\nsecret: ${{HOOK_SECRET}}\n"
SUBJECT = Subject("syncs", "customers")


class Told:
    """A company whose alerts lead to a catcher, and what came there."""

    def __init__(self, world: World, catcher: Catcher) -> None:
        self.world = world
        self.catcher = catcher
        self.dead: set[str] = set()
        catcher.answer = lambda caught: Reply(503 if caught.path.strip("/") in self.dead else 200)
        world.environ |= {"HOOK_SECRET": SECRET, "BOOKWARD_URL": "https://books.example.com/"}
        self.alert("team")
        world.write("project.yaml", "name: Test company\nalerts: [team]\n")

    def alert(self, name: str, more: str = "") -> None:
        self.world.write(f"alerts/{name}.yaml", HOOK.format(url=self.catcher.url, name=name) + more)

    def run(self, sync: str = "customers", minutes: float = 1, **options: Any) -> list[tuple[str, ...]]:
        """Run a sync, look at it as a worker does, and return what was told of it by whom."""
        with suppress(ConfigError):  # which a run raises, after it has written down how it ended
            self.world.run(sync, **options)
        return self.turn(minutes)

    def turn(self, minutes: float = 0) -> list[tuple[str, ...]]:
        moving(self.world.clock).jump(minutes=minutes)
        with closing(self.app()) as app:
            app.alerts.turn()
        return self.new()

    def app(self) -> App:
        return self.world.app()

    def new(self) -> list[tuple[str, ...]]:
        caught, self.catcher.caught = self.catcher.caught, []
        arrived = [one for one in caught if one.path.strip("/") not in self.dead]
        return [self._told(one) for one in arrived]

    def _told(self, caught: Caught) -> tuple[str, ...]:
        body = Judge(SECRET).verify(caught.body, caught.headers)
        return caught.path.strip("/"), body["level"], body["trigger"], body["subject"]


@pytest.fixture
def told(world: World, catcher: Catcher) -> Told:
    world.warehouse.execute("DROP TABLE IF EXISTS clients")
    world.many(20)
    return Told(world, catcher)


def about(level: str, trigger: str, subject: str = "syncs/customers", by: str = "team") -> tuple[str, ...]:
    return by, level, trigger, subject


def test_runs_are_told_by_state_and_not_one_by_one(told: Told) -> None:
    world = told.world
    assert told.run() == []

    world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    assert told.run() == [about("critical", "run_failed")]
    assert [told.run() for _ in range(3)] == [[], [], []]
    world.warehouse.execute("ALTER TABLE clients RENAME TO customers")
    assert told.run() == [about("ok", "run_failed")]
    assert told.run() == []

    world.customers((100, ""))  # a contact has to have a name
    assert told.run() == [about("warning", "rows_rejected")]
    world.warehouse.execute("UPDATE customers SET name = '' WHERE id IN (1, 2, 3)")
    assert told.run() == [about("critical", "rows_rejected")]
    assert told.run() == []
    world.warehouse.execute("DELETE FROM customers WHERE id = 100")
    world.warehouse.execute("UPDATE customers SET name = 'Customer ' || id")
    assert told.run() == [about("ok", "rows_rejected")]

    world.warehouse.execute("DELETE FROM customers WHERE id > 8")
    assert told.run() == [about("warning", "rows_dropped")]
    assert told.turn(10_000) == []


def test_a_message_leads_to_its_run_and_says_what_to_do(told: Told) -> None:
    told.world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    report = told.world.run()
    with closing(told.app()) as app:
        app.alerts.turn()
        (standing,) = app.alerts.states()
        (view,) = app.alerts.list()
    body = told.catcher.caught[0].json()
    assert (body["run"], body["link"]) == (report.run.id, f"https://books.example.com/runs/{report.run.id}")
    assert "Preview on the page of the model tries it." in body["text"]
    assert "bookward preview" in standing.remedy
    assert (standing.level, standing.run) == (Level.CRITICAL, report.run.id)
    assert (view.slug, view.waiting, view.trouble, view.last_sent) == ("team", 0, "", told.world.clock.now())


def test_a_link_leads_to_where_the_server_listens_and_without_one_the_command_is_told(told: Told) -> None:
    del told.world.environ["BOOKWARD_URL"]
    told.world.customers((100, ""))
    report = told.world.run()
    with closing(told.app()) as app:
        assert [(one.links_to, one.links_open) for one in app.alerts.list()] == [(None, "nowhere")]
        app.alerts.turn()
    (body,) = (caught.json() for caught in told.catcher.caught)
    assert body["link"] is None
    shows = f"`bookward rows {report.run.id} --rejected` shows them with their reasons."
    assert f"What to do: {shows}" in body["text"]
    told.alert("desk")
    told.world.write("project.yaml", "name: Test company\nalerts: [desk]\n")
    with closing(told.app()) as app:
        app.listen_at("http://localhost:8000")
        assert [one.links_open for one in app.alerts.list()] == ["here", "here"]
        app.alerts.turn()
    body = told.catcher.caught[-1].json()
    assert body["link"] == f"http://localhost:8000/runs/{report.run.id}"
    assert "What to do: The page that the link leads to shows them with their reasons." in body["text"]


def test_who_is_named_while_something_is_not_well_is_told_of_it_once(told: Told) -> None:
    good = (told.world.root / "models/customers.sql").read_text()
    told.world.write("models/customers.sql", "SELECT * FROM nowhere\n")
    assert told.run() == [about("critical", "run_failed")]
    told.alert("desk")
    told.alert("night", "triggers: [quota]\n")
    told.world.write("project.yaml", "name: Test company\nalerts: [team, desk, night]\n")
    assert told.turn(1) == [about("critical", "run_failed", by="desk")]
    assert told.turn(2) == []
    assert told.run() == []
    told.alert("late")
    told.dead.add("late")
    told.world.write("project.yaml", "name: Test company\nalerts: [team, desk, late]\n")
    assert [told.turn(1) for _ in range(3)] == [[], [], []]
    told.dead.clear()
    assert about("critical", "run_failed", by="late") in told.turn(60)
    told.world.write("models/customers.sql", good)
    ends = [about("ok", "run_failed", by=by) for by in ("desk", "late", "team")]
    assert sorted(one for one in told.run() if one[2] == "run_failed") == ends


def test_one_cause_is_told_once_however_many_syncs_it_stops(told: Told) -> None:
    for number in range(5):
        told.world.write(f"syncs/more-{number}.yaml", SYNC)
    names = ["customers", *(f"more-{number}" for number in range(5))]
    url = told.world.environ["WAREHOUSE_URL"]
    told.world.environ["WAREHOUSE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    messages = [message for name in names for message in told.run(name, as_new=True)]
    assert messages == [about("critical", "source_unreachable", "sources/warehouse")]
    told.world.environ["WAREHOUSE_URL"] = url
    assert told.run() == [about("ok", "source_unreachable", "sources/warehouse")]


def test_a_sign_in_that_is_lost_is_told_once_and_is_well_after_another(told: Told) -> None:
    told.run()
    told.world.customers((50, "New"))
    with closing(told.app()) as app:
        app.disconnect("xero", lambda _: None)
    lost = [about("critical", "sign_in", "destinations/xero")]
    assert [told.run() for _ in range(2)] == [lost, []]
    moving(told.world.clock).jump(minutes=5)
    told.world.connect()
    assert told.turn() == [about("ok", "sign_in", "destinations/xero")]
    assert told.turn(60 * 24 * 52) == []
    assert told.turn(60 * 24 * 2) == [about("warning", "sign_in", "destinations/xero")]


def test_a_plan_that_waits_is_told_gets_worse_and_is_over_when_approved(told: Told) -> None:
    told.run()
    told.world.edit("syncs/customers.yaml", "on_removal", "guards: {max_removals: 2}\non_removal")
    told.world.warehouse.execute("DELETE FROM customers WHERE id < 6")
    assert told.run() == [about("warning", "approval_waits")]
    assert told.run() == []
    assert told.turn(60 * 23) == []
    assert told.turn(60 * 2) == [about("critical", "approval_waits")]
    told.world.run(approved=True)
    assert about("ok", "approval_waits") in told.turn()


def test_a_plan_that_is_discarded_waits_no_longer(told: Told) -> None:
    told.run()
    told.world.edit("syncs/customers.yaml", "on_removal", "guards: {max_removals: 2}\non_removal")
    told.world.warehouse.execute("DELETE FROM customers WHERE id < 6")
    assert told.run() == [about("warning", "approval_waits")]
    with closing(told.app()) as app:
        app.discard_plan(app.open_plan("last", "customers"), "ann@example.com", "Not now.")
    assert told.turn(2) == [about("ok", "approval_waits")]


def test_each_is_told_what_its_file_says(told: Told) -> None:
    told.alert("pager", "notify: critical\n")
    told.alert("books", "triggers: [rows_rejected]\n")
    told.world.edit("destinations/xero.yaml", "batch_size", "alerts: [books]\nbatch_size")
    told.world.write(
        "syncs/customers.yaml", SYNC + "alerts: [pager]\ntriggers: {rows_rejected: {warning: 2}}\n"
    )
    told.world.customers((100, ""))
    assert told.run() == []
    told.world.customers((101, ""))
    assert (
        told.run() == [about("warning", "rows_rejected"), about("warning", "rows_rejected", by="books")][::-1]
    )
    told.world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    assert told.run() == [about("critical", "run_failed", by="pager"), about("critical", "run_failed")]


def test_at_night_what_can_wait_waits_and_what_is_over_by_morning_is_not_told(told: Told) -> None:
    night = "quiet_hours: [{begin: '09:00', end: '17:00'}]\n"  # it is 9 in UTC
    told.alert("team", night)
    told.world.customers((100, ""))
    assert told.run() == []
    told.world.warehouse.execute("DELETE FROM customers WHERE id = 100")
    assert told.run() == []
    told.world.customers((101, ""))
    assert told.run() == []
    assert told.turn(60 * 8) == [about("warning", "rows_rejected")]
    with closing(told.app()) as app:
        states = [posted.state for posted in app.alerts.messages()]
    assert sorted(states) == [MessageState.DROPPED, MessageState.SENT]


def test_what_is_snoozed_or_muted_is_told_afterwards_if_it_still_is(told: Told) -> None:
    with closing(told.app()) as app:
        app.alerts.silence(SUBJECT, "ann", time=timedelta(hours=2))
        with pytest.raises(NameUnknown):
            app.alerts.silence(Subject("syncs", "custmers"), "ann")
    told.world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    assert told.run() == []
    assert told.turn(60) == []
    assert told.turn(60) == [about("critical", "run_failed")]
    with closing(told.app()) as app:
        app.alerts.silence(SUBJECT, "ann", trigger=Trigger.RUN_FAILED)
        assert [(one.until, one.by) for one in app.alerts.silences()] == [(None, "ann")]
    told.world.warehouse.execute("ALTER TABLE clients RENAME TO customers")
    assert told.run() == []
    assert told.turn(60 * 24 * 3) == []
    with closing(told.app()) as app:
        app.alerts.unsilence(SUBJECT, Trigger.RUN_FAILED)
        with pytest.raises(NameUnknown):
            app.alerts.unsilence(SUBJECT, Trigger.RUN_FAILED)
    assert told.turn() == [about("ok", "run_failed")]


def test_a_dead_channel_is_told_elsewhere_and_gets_everything_once_when_it_lives(told: Told) -> None:
    told.alert("other")
    told.world.write("project.yaml", "name: Test company\nalerts: [team, other]\n")
    told.dead.add("team")
    told.world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    assert told.run() == [about("critical", "run_failed", by="other")]
    undelivered = about("critical", "alert_undelivered", "alerts/team", by="other")
    told_later = [message for _ in range(6) for message in told.turn(1)]
    assert told_later == [undelivered]
    told.world.warehouse.execute("ALTER TABLE clients RENAME TO customers")
    assert told.run() == [about("ok", "run_failed", by="other")]
    told.dead.clear()
    after = [message for _ in range(4) for message in told.turn(60)]
    assert [one for one in after if one[0] == "team"] == [
        about("critical", "run_failed"),
        about("ok", "run_failed"),
    ]
    assert [one for one in after if one[0] == "other"] == [
        about("ok", "alert_undelivered", "alerts/team", by="other")
    ]


def test_a_file_that_cannot_be_read_any_more_is_told_elsewhere_too(told: Told) -> None:
    told.alert("other")
    told.world.write("project.yaml", "name: Test company\nalerts: [team, other]\n")
    told.world.write("alerts/team.yaml", "type: webhook\n")
    undelivered = about("critical", "alert_undelivered", "alerts/team", by="other")
    assert [told.turn(2), told.turn(2)] == [[undelivered], []]
    told.alert("team")
    assert told.turn(2) == [about("ok", "alert_undelivered", "alerts/team", by="other")]


def test_a_test_arrives_at_once_and_says_why_it_does_not(told: Told) -> None:
    with closing(told.app()) as app:
        app.alerts.test("team")
        assert told.catcher.caught.pop().json()["type"] == "test"
        told.catcher.answer = lambda _: Reply(401)
        with pytest.raises(AlertRefused, match="401"):
            app.alerts.test("team")
        told.catcher.answer = lambda _: Reply(503)
        with pytest.raises(AlertUndelivered, match="503") as undelivered:
            app.alerts.test("team")
        assert "not sent again" in undelivered.value.remedy
        with pytest.raises(NameUnknown):
            app.alerts.test("taem")
        preview = app.alerts.preview("team")
        assert preview.document["title"] == "CRITICAL: customers, run failed"
        assert SECRET not in repr(preview)


def test_a_sync_that_is_removed_or_renamed_leaves_nothing_that_is_wrong_for_ever(told: Told) -> None:
    told.world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    assert told.run() == [about("critical", "run_failed")]
    with closing(told.app()) as app:
        app.rename("customers", "clients")
        (standing,) = app.alerts.states()
        assert standing.subject == Subject("syncs", "clients")
    assert told.turn(5) == []
    (told.world.root / "syncs/clients.yaml").unlink()
    assert told.turn(5) == [about("ok", "run_failed", "syncs/clients")]


def test_who_snoozes_acknowledges_the_incident_and_its_end_still_resolves_it(told: Told) -> None:
    world = told.world
    world.environ["PAGER_KEY"] = "0123456789abcdef0123456789abcdef"
    pager = f"type: pagerduty\nurl: {told.catcher.url}/pager\nrouting_key: ${{PAGER_KEY}}\n"
    world.write("alerts/pager.yaml", pager)
    world.write("project.yaml", "name: Test company\nalerts: [team, pager]\n")

    def events() -> list[dict[str, Any]]:
        caught, told.catcher.caught = told.catcher.caught, []
        return [one.json() for one in caught if one.path == "/pager"]

    def runs_and_looks() -> list[dict[str, Any]]:
        with suppress(ConfigError):
            world.run()
        moving(world.clock).jump(minutes=1)
        with closing(told.app()) as app:
            app.alerts.turn()
        return events()

    good = (world.root / "models/customers.sql").read_text()
    world.write("models/customers.sql", "SELECT * FROM nowhere\n")
    (opened,) = runs_and_looks()
    with closing(told.app()) as app:
        with patch.object(Changing, "post", side_effect=KeyboardInterrupt), suppress(KeyboardInterrupt):
            app.alerts.silence(SUBJECT, "ann")
        assert app.alerts.silences() == []  # never without its acknowledgement
        app.alerts.silence(SUBJECT, "ann", time=timedelta(minutes=30))
        app.alerts.turn()
        app.alerts.silence(Subject("destinations", "xero"), "ann")  # of which nothing is wrong
        app.alerts.turn()
    caught = told.catcher.caught
    assert [one.path for one in caught] == ["/pager"]  # nobody else is told of it
    (acknowledged,) = events()
    assert (opened["event_action"], acknowledged["event_action"]) == ("trigger", "acknowledge")
    assert acknowledged["dedup_key"] == opened["dedup_key"]
    world.write("models/customers.sql", good)
    assert runs_and_looks() == []
    moving(world.clock).jump(minutes=31)
    with closing(told.app()) as app:
        app.alerts.turn()
    (resolved,) = events()
    assert (resolved["event_action"], resolved["dedup_key"]) == ("resolve", opened["dedup_key"])
