"""The project at a glance, and what a plan does row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bookward.app import Trial
from bookward.serving import Role
from tests.integration.web.site import Site, code_of
from tests.integration.web.test_runs import conforms, pages
from tests.integration.world import World

SYNCS = "/api/v1/syncs"
OPERATIONS = f"{SYNCS}/customers/plans/last/operations"


@pytest.fixture
def served(world: World) -> Iterator[Site]:
    with closing(world.app()) as app, Site.running(app) as site:
        yield site


def test_a_sync_stands_as_its_files_its_last_run_and_its_rows_say(world: World, served: Site) -> None:
    def health() -> tuple[str, str | None, dict[str, int]]:
        answer = client.get(SYNCS)
        conforms(client, answer, SYNCS)
        (found,) = answer.json()["items"]
        return found["health"], (found["last_run"] or {"id": None})["id"], found["waiting"]

    with served.client(Role.VIEWER) as client:
        assert health() == ("new", None, {})
        world.many(2)
        first = world.run().run.id
        assert health() == ("good", first, {})
        world.many(2, start=3)
        part = world.run(trial=Trial(limit=1)).run.id
        assert health() == ("attention", part, {})
        assert client.get(SYNCS).json()["items"][0]["last_run"]["counts"]["rows_left"] == 1
        world.run()
        world.customers((5, None))
        second = world.run().run.id
        assert health() == ("attention", second, {"rejected": 1})
        (world.root / "syncs" / "customers.yaml").write_text("model: nowhere\n")
        assert health() == ("broken", second, {"rejected": 1})


def test_what_was_synced_and_rejected_is_counted_by_the_days_of_a_zone(world: World, served: Site) -> None:
    path = "/api/v1/activity"

    def active(**asked: object) -> list[dict[str, object]]:
        answer = client.get(path, params=asked)
        conforms(client, answer, path)
        return [each for each in answer.json()["items"] if each["runs"]]

    with served.client(Role.VIEWER) as client:
        assert len(client.get(path).json()["items"]) == 30
        assert active() == []
        world.many(3)
        world.run()  # at 09:00 in UTC, at 22:00 in Auckland
        world.clock.jump(hours=5)
        world.customers((4, "Acme Ltd", "pay@acme.example"), (5, None))
        world.run()
        first = {"runs": 1, "failed": 0, "rows_accepted": 3, "rows_rejected": 0}
        second = {"runs": 1, "failed": 0, "rows_accepted": 1, "rows_rejected": 1}
        both = {"runs": 2, "failed": 0, "rows_accepted": 4, "rows_rejected": 1}
        assert active() == [{"day": "2026-11-02"} | both]
        auckland = {"timezone": "Pacific/Auckland"}
        assert active(**auckland) == [{"day": "2026-11-02"} | first, {"day": "2026-11-03"} | second]
        assert active(days=1, **auckland) == [{"day": "2026-11-03"} | second]
        assert code_of(client.get(path, params={"timezone": "Mars/Olympus"})) == (404, "name_unknown")


def test_the_project_at_a_glance_has_the_broken_ones_too(world: World, served: Site) -> None:
    (world.root / "models" / "broken.yaml").write_text("source: [\n")
    (world.root / "alerts").mkdir()
    alert = "type: webhook\ntitle: The team\nurl: ${URL}\nsecret: ${SECRET}\n"
    (world.root / "alerts" / "team.yaml").write_text(alert)
    (world.root / "alerts" / "desk.yaml").write_text("type: webhook\nurl: ${URL}\nsecret: ${SECRET}\n")
    sync = world.root / "syncs" / "customers.yaml"
    sync.write_text(f"{sync.read_text()}alerts: [desk]\n")
    with served.client(Role.VIEWER) as client:
        answer = client.get("/api/v1/project")
        conforms(client, answer, "/api/v1/project")
        found = {(each["kind"], each["slug"]): each for each in answer.json()["items"]}
    assert found["models", "broken"]["problems"] == 1
    assert found["syncs", "customers"]["about"]["object"] == "contacts"
    assert found["syncs", "customers"]["problems"] == 0
    told_of = {"named": False, "named_by": []}
    assert found["alerts", "team"]["about"] == {"type": "webhook", "title": "The team"} | told_of
    told_of = {"named": True, "named_by": ["syncs/customers"]}
    assert found["alerts", "desk"]["about"] == {"type": "webhook"} | told_of
    destinations = [each["about"] for each in found.values() if each["kind"] == "destinations"]
    assert [set(each) - {"type", "description"} for each in destinations] == [set()]


def test_a_plan_is_read_page_by_page_and_searched(world: World, served: Site) -> None:
    world.many(7)
    world.customers((8, None))
    world.plan()
    with served.client(Role.EDITOR) as client:
        everything = pages(client, OPERATIONS, 3)
        assert [each["key"] for each in everything] == [str(n) for n in range(1, 9)]
        assert [each["key"] for each in pages(client, OPERATIONS, 3, kind="insert")] == list("1234567")
        assert [each["key"] for each in pages(client, OPERATIONS, 3, search="7")] == ["7"]
        (rejected,) = pages(client, OPERATIONS, 3, kind=["reject", "park"])
        assert rejected["rejection"]["message"]
        assert everything[0]["payload"]["Name"]
        assert code_of(client.get(f"{SYNCS}/customers/plans/nothing/operations")) == (404, "name_unknown")


def test_viewers_do_not_see_what_a_plan_sends(world: World, served: Site) -> None:
    world.many(2)
    world.plan()
    with served.client(Role.VIEWER) as client:
        shown = pages(client, OPERATIONS, 10)
        assert [(each["key"], each["payload"], each["before"]) for each in shown] == [
            ("1", None, None),
            ("2", None, None),
        ]
