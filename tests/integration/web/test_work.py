"""Work over HTTP: a run is asked for, followed and cancelled; a plan beyond the guards needs an approver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookward.app import App
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.server import LocalXero
from bookward.serving import Role
from bookward.worker import Worker
from tests.fakes import FakeClock
from tests.integration.test_payments import feed, payment
from tests.integration.web.site import Site, code_of
from tests.integration.world import SYNC, World
from tests.peers.postgres import Postgres, running_postgres, wait_until


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def world(postgres: Postgres, tmp_path: Any) -> Iterator[World]:
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=clock)
        made.prepare()
        yield made


@pytest.fixture
def app(world: World) -> Iterator[App]:
    with closing(world.app()) as opened:
        yield opened


@pytest.fixture
def working(app: App) -> Iterator[None]:
    worker = Worker(app)
    worker.start()
    yield
    worker.stop()


def ended(client: Any, ticket: dict[str, Any]) -> dict[str, Any]:
    def now() -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"/api/v1/tickets/{ticket['id']}").raise_for_status().json()
        return found

    wait_until(lambda: now()["ended_at"] is not None, "the ticket has not ended", 60)
    return now()


@pytest.mark.usefixtures("working")
def test_a_run_is_asked_for_planned_first_and_followed(world: World, site: Site) -> None:
    world.many(3)
    with site.client(Role.EDITOR) as client:
        asked = client.post("/api/v1/syncs/customers/plans", json={})
        assert asked.status_code == 202
        planned = ended(client, asked.json())
        plan = client.get(f"/api/v1/syncs/customers/plans/{planned['run']}").json()
        assert (plan["operations"], world.contacts()) == ({"insert": 3}, {})
        run = ended(client, client.post("/api/v1/syncs/customers/runs", json={"plan": plan["id"]}).json())
        assert run["asked_by"] == "editor@example.com"
        live = client.get(f"/api/v1/runs/{run['run']}/live").json()
        assert (live["run"]["state"], live["outcomes"]) == ("done", {"accepted": 3})
        assert [each["id"] for each in client.get("/api/v1/tickets").json()["items"]] == [
            run["id"],
            planned["id"],
        ]
    assert len(world.contacts()) == 3
    with site.client(Role.ADMIN) as client:
        entries = client.get("/api/v1/audit", params={"target": "syncs/customers"}).json()["items"]
    assert [(e["action"], e["who"], e["outcome"]) for e in entries] == [
        ("run.ask", "editor@example.com", "done"),
        ("plan.ask", "editor@example.com", "done"),
    ]


@pytest.mark.usefixtures("working")
def test_a_plan_beyond_the_guards_waits_for_an_approver(world: World, site: Site) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    with site.client(Role.EDITOR) as client:
        parked = ended(client, client.post("/api/v1/syncs/customers/runs", json={}).json())
        assert client.get(f"/api/v1/runs/{parked['run']}").json()["state"] == "parked"
        refused = client.post("/api/v1/syncs/customers/approvals", json={"plan": "last"})
        assert code_of(refused) == (403, "role_too_low")
        for part in ({"keys": ["1"]}, {"limit": 1}):
            refused = client.post("/api/v1/syncs/customers/runs", json=part)
            assert code_of(refused) == (403, "role_too_low")
    assert world.contacts() == {}
    with site.client(Role.APPROVER) as client:
        approved = client.post("/api/v1/syncs/customers/approvals", json={"plan": "last"}).json()
        assert ended(client, approved)["said"] is None
    assert len(world.contacts()) == 3
    with site.client(Role.ADMIN) as client:
        (entry, *_) = client.get("/api/v1/audit", params={"target": "syncs/customers"}).json()["items"]
    assert (entry["action"], entry["who"]) == ("run.approve", "approver@example.com")
    assert "max_changes" in entry["before"]["tripped"][0] or "3" in entry["before"]["tripped"][0]


def test_what_waits_is_shown_and_cancelled(world: World, site: Site) -> None:
    world.edit("syncs/customers.yaml", "model:", "schedule: {every: 1h}\nmodel:")
    with site.client(Role.EDITOR) as client:
        ticket = client.post("/api/v1/syncs/customers/runs", json={"limit": 5}).json()
        (shown,) = client.get("/api/v1/schedule").json()["items"]
        assert (shown["sync"], len(shown["next"]), shown["schedule"]["every"]) == ("customers", 5, "1h")
        assert [each["id"] for each in shown["tickets"]] == [ticket["id"]]
        cancelled = client.post(f"/api/v1/tickets/{ticket['id']}/cancel").json()
        assert (cancelled["state"], cancelled["wishes"]) == ("cancelled", {"limit": 5})
        assert code_of(client.post("/api/v1/syncs/nothing/runs", json={})) == (404, "name_unknown")
        assert code_of(client.get("/api/v1/tickets/nothing")) == (404, "name_unknown")


@pytest.mark.parametrize("part", [{"limit": 1}, {"keys": ["1"]}, {"keys": []}, {"full": True}])
def test_a_plan_is_executed_whole_or_not_at_all(site: Site, part: dict[str, Any]) -> None:
    (field,) = part
    with site.client(Role.EDITOR) as client:
        wishes = {"plan": "last"} | part
        refused = client.post("/api/v1/syncs/customers/runs", json=wishes)
        assert code_of(refused) == (422, "request_invalid")
        (problem,) = refused.json()["error"]["problems"]
        assert (problem["field"], "executed whole" in problem["message"]) == (f"body.{field}", True)
        assert client.get("/api/v1/tickets").json()["items"] == []


def test_the_times_of_a_schedule_are_known_before_it_is_written(world: World, site: Site) -> None:
    weekdays = {"at": ["07:00"], "days": ["mon", "fri"], "timezone": "Pacific/Auckland"}
    with site.client(Role.EDITOR) as client:

        def times(schedule: dict[str, Any], **said: str) -> Any:
            return client.post("/api/v1/syncs/new/times", json={"schedule": schedule, **said})

        found = [datetime.fromisoformat(each) for each in times(weekdays).raise_for_status().json()["next"]]
        local = [each.astimezone(ZoneInfo("Pacific/Auckland")).strftime("%a %H:%M") for each in found]
        assert sorted(set(local)) == ["Fri 07:00", "Mon 07:00"]
        assert len(found) == 5
        assert times({"after": ["customers"]}).json() == {"next": []}
        shut = found[0].date().isoformat()
        world.edit(
            "destinations/xero.yaml",
            "type: xero",
            f"type: xero\nblackouts: [{{begins: {shut}T00:00Z, ends: {found[1].date()}T00:00Z}}]",
        )
        assert times(weekdays, destination="xero").json()["next"][0] > times(weekdays).json()["next"][0]
        assert code_of(times({"every": "soon"}))[0] == 422
        assert code_of(times(weekdays, destination="nowhere")) == (404, "name_unknown")
        assert client.get("/api/v1/files/syncs/new").status_code == 404


@pytest.mark.usefixtures("working")
def test_refused_rows_are_retried(world: World, site: Site) -> None:
    feed(world).rows(payment("1", number=9))  # there is no such invoice
    with site.client(Role.EDITOR) as client:
        ended(client, client.post("/api/v1/syncs/feed/runs", json={}).json())
        assert client.post("/api/v1/syncs/feed/retry", json={}).json() == {"keys": ["1"]}


@pytest.mark.usefixtures("working")
def test_a_plan_that_waits_tells_what_became_of_it(world: World, site: Site) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
        first = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        world.clock.jump(minutes=1)
        second = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        assert editor.get(f"/api/v1/runs/{first}").json()["parked"]["state"] == "open"
        offers = editor.get(f"{sync}/plans").raise_for_status().json()["items"]
        assert [(each["id"], each["made_by"], each["sends"]) for each in offers] == [
            (second, "editor@example.com", 3),
            (first, "editor@example.com", 3),
        ]
        assert all(each["tripped"] and each["needs_approval"] for each in offers)
        run = ended(approver, approver.post(f"{sync}/approvals", json={"plan": second}).json())["run"]
        found = {each["id"]: each for each in editor.get("/api/v1/runs").json()["items"]}
        standing = editor.get(f"{sync}/plans/{second}").json()["standing"]
        assert editor.get(f"{sync}/plans").json()["items"] == []
        gone = {second: f"it was executed by run {run}.", first: "the sync has run since."}
        for plan, why in gone.items():
            refused = approver.post(f"{sync}/approvals", json={"plan": plan})
            assert code_of(refused) == (409, "plan_stale")
            assert refused.json()["error"]["message"].endswith(f": {why}")
    assert (found[run]["reason"], found[run]["asked_by"]) == ("approval", "approver@example.com")
    assert found[run]["plan_made_by"] == "editor@example.com"
    assert found[run]["parked"] is None
    executed = {"state": "executed", "run": run, "by": "approver@example.com", "why": None}
    assert found[second]["parked"] == executed | {"at": found[run]["started_at"]}
    assert standing == found[second]["parked"]
    assert found[first]["parked"]["state"] == "superseded"


@pytest.mark.usefixtures("working")
def test_a_plan_that_was_made_is_of_use_until_its_time_is_over_or_the_sync_is_edited(
    world: World, site: Site
) -> None:
    world.many(2)
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor:
        plan = ended(editor, editor.post(f"{sync}/plans", json={}).json())["run"]
        made = editor.get(f"{sync}/plans/{plan}").json()
        assert (made["made_by"], made["standing"]["state"]) == ("editor@example.com", "open")
        world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
        edited = editor.get(f"{sync}/plans/{plan}").json()["standing"]
        assert (edited["state"], edited["why"]) == (
            "superseded",
            "The sync or its model has been edited since.",
        )
        world.edit("syncs/customers.yaml", "guards: {max_changes: 1}\nmodel:", "model:")
        world.clock.jump(hours=24)
        over = editor.get(f"{sync}/plans/{plan}").json()
        assert (over["standing"]["state"], over["standing"]["at"]) == ("expired", over["expires"])
        assert editor.get(f"{sync}/plans").json()["items"] == []
        refused = editor.post(f"{sync}/runs", json={"plan": plan})
        assert code_of(refused) == (409, "plan_stale")
        assert refused.json()["error"]["message"].endswith(": its time is over.")
        world.write("syncs/other.yaml", SYNC)
        refused = editor.post("/api/v1/syncs/other/runs", json={"plan": plan})
        assert code_of(refused) == (409, "plan_stale")
        assert refused.json()["error"]["message"].endswith(": it is a plan of another sync.")


@pytest.mark.usefixtures("working")
def test_what_is_beyond_the_guards_is_not_run_by_and_by_whatever_became_of_its_plan(
    world: World, site: Site
) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 2}\nmodel:")
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:

        def may_run_one() -> bool:
            world.clock.jump(minutes=1)
            asked = editor.post(f"{sync}/runs", json={"limit": 1})
            if asked.status_code == 202:
                ended(editor, asked.json())
                return True
            assert code_of(asked) == (403, "role_too_low")
            return False

        parked = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        editor.post(f"{sync}/plans/{parked}/discard", json={}).raise_for_status()
        assert not may_run_one()
        world.edit("syncs/customers.yaml", "max_changes: 2", "max_changes: 1")
        assert not may_run_one()
        world.clock.jump(hours=25)
        assert not may_run_one()
        ended(editor, editor.post(f"{sync}/plans", json={"assume": True}).json())
        assert not may_run_one()
        assert ended(approver, approver.post(f"{sync}/runs", json={"limit": 1}).json())["said"] is None
        assert len(world.contacts()) == 1
        assert not may_run_one()
        world.edit("syncs/customers.yaml", "max_changes: 1", "max_changes: 2")
        ended(editor, editor.post(f"{sync}/plans", json={}).json())
        assert may_run_one()
        assert len(world.contacts()) == 2


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("way", ["it is executed", "a later run is within the guards"])
def test_rows_are_run_one_by_one_again_once(world: World, site: Site, way: str) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 2}\nmodel:")
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
        parked = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        world.clock.jump(minutes=1)
        if way == "it is executed":
            ended(approver, approver.post(f"{sync}/approvals", json={"plan": parked}).json())
        else:
            world.warehouse.execute("DELETE FROM customers WHERE id > 2")
            ended(editor, editor.post(f"{sync}/runs", json={}).json())
        assert editor.post(f"{sync}/runs", json={"limit": 1}).status_code == 202


@pytest.mark.usefixtures("working")
def test_the_rest_of_an_approved_plan_that_was_cut_short_is_not_run_by_and_by(
    world: World, site: Site
) -> None:
    world.many(3)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 1")
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    limit = {"kind": FaultKind.RATE_LIMIT, "seconds": 54_000, "problem": "day"}
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
        parked = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        world.clock.jump(minutes=1)
        world.xero.faults.add(Fault(method="PUT", path="*/Contacts", skip=1, **limit))
        run = ended(approver, approver.post(f"{sync}/approvals", json={"plan": parked}).json())["run"]
        assert editor.get(f"/api/v1/runs/{run}").json()["state"] == "paused"
        assert code_of(editor.post(f"{sync}/runs", json={"limit": 1})) == (403, "role_too_low")
        world.edit("syncs/customers.yaml", "max_changes: 1", "max_changes: 2")
        world.clock.jump(hours=24)
        ended(editor, editor.post(f"{sync}/plans", json={}).json())
        assert editor.post(f"{sync}/runs", json={"limit": 1}).status_code == 202


@pytest.mark.usefixtures("working")
def test_a_discarded_plan_is_not_executed(world: World, site: Site) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    sync = "/api/v1/syncs/customers"
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
        parked = ended(editor, editor.post(f"{sync}/runs", json={}).json())["run"]
        said = approver.post(f"{sync}/plans/{parked}/discard", json={"why": "May is missing."})
        standing = said.raise_for_status().json()["standing"]
        assert (standing["state"], standing["by"]) == ("discarded", "approver@example.com")
        assert editor.get(f"/api/v1/runs/{parked}").json()["parked"] == standing
        again = approver.post(f"{sync}/plans/{parked}/discard", json={})
        assert code_of(again) == (409, "plan_stale")
        for way in ("approvals", "runs"):
            refused = approver.post(f"{sync}/{way}", json={"plan": parked})
            assert code_of(refused) == (409, "plan_stale")
            assert refused.json()["error"]["message"].endswith(
                ": it was discarded by approver@example.com: May is missing."
            )
        assert len(editor.get("/api/v1/tickets").json()["items"]) == 1
    assert world.contacts() == {}
    with site.client(Role.ADMIN) as client:
        entries = client.get("/api/v1/audit", params={"target": "syncs/customers"}).json()["items"]
    who = [(each["who"], each["before"]["why"]) for each in entries if each["action"] == "plan.discard"]
    assert ("approver@example.com", "May is missing.") in who
