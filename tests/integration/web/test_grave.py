"""What is grave over HTTP: resets, removals after a reconciliation, uncertain rows; and drafts of files."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from bookward.reportdocument import report_document
from bookward.serving import Role
from bookward.worker import Worker
from tests.integration.test_uncertain import ids_of, in_doubt, state
from tests.integration.web.site import Site, code_of
from tests.integration.web.test_runs import conforms
from tests.integration.web.test_work import ended
from tests.integration.world import World

SYNC = "/api/v1/syncs/customers"


def planned(client: Any, **wishes: Any) -> dict[str, Any]:
    """Ask for a plan, and return it."""
    ticket = ended(client, client.post(f"{SYNC}/plans", json=wishes).json())
    assert ticket["said"] is None
    found: dict[str, Any] = client.get(f"{SYNC}/plans/{ticket['run']}").json()
    return found


def test_a_reset_is_planned_by_an_editor_and_done_by_an_approver(world: World) -> None:
    world.many(3)
    with closing(world.app()) as app, Site.running(app) as site:
        worker = Worker(app)
        worker.start()
        with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
            plan = planned(editor, assume=True)
            assert plan["operations"] == {"assume": 3}
            (offer,) = editor.get(f"{SYNC}/plans").raise_for_status().json()["items"]
            assert (offer["id"], offer["tripped"], offer["needs_approval"]) == (plan["id"], False, True)
            refused = editor.post(f"{SYNC}/runs", json={"plan": plan["id"]})
            assert code_of(refused) == (403, "role_too_low")
            assert "resets the sync" in refused.json()["error"]["message"]
            asked = approver.post(f"{SYNC}/approvals", json={"plan": plan["id"]})
            run = ended(approver, asked.json())["run"]
            assert editor.get(f"/api/v1/runs/{run}").json()["counts"]["rows_assumed"] == 3
            report = editor.get(f"/api/v1/runs/{run}/report").text
        with site.client(Role.ADMIN) as admin:
            asked = {"action": "run.approve"}
            (approval,) = admin.get("/api/v1/audit", params=asked).raise_for_status().json()["items"]
        grave = plan["grave"]
        assert approval["before"]["grave"] == grave
        assert report_document(app.report(run))["grave"] == grave
        assert grave in report
        worker.stop()
    assert world.contacts() == {}


def test_the_last_plan_is_the_one_that_was_the_last_when_it_was_asked_for(world: World) -> None:
    world.many(3)
    with closing(world.app()) as app, Site.running(app) as site:
        seen = app.plan("customers").header.id
        world.clock.jump(minutes=1)
        with site.client(Role.EDITOR) as editor:
            reset = editor.post(f"{SYNC}/plans", json={"assume": True}).json()
            ticket = editor.post(f"{SYNC}/runs", json={"plan": "last"}).json()
            assert ticket["wishes"] == {"plan": seen}
            worker = Worker(app)
            worker.start()
            assert ended(editor, reset)["said"] is None
            ended(editor, ticket)
            run = editor.get(f"/api/v1/runs/{ended(editor, ticket)['run']}").json()
            worker.stop()
    assert (run["state"], run["plan"], run["counts"]["rows_accepted"]) == ("done", seen, 3)


def test_a_plan_that_is_to_be_executed_already_is_not_asked_for_again(world: World) -> None:
    world.many(3)
    with closing(world.app()) as app, Site.running(app) as site:
        plan = {"plan": app.plan("customers").header.id}
        with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
            editor.post(f"{SYNC}/runs", json=plan).raise_for_status()
            refused = editor.post(f"{SYNC}/runs", json=plan)
            assert code_of(refused) == (409, "plan_stale")
            assert "editor@example.com has asked for that" in refused.json()["error"]["message"]
            once = {"Idempotency-Key": "one"}
            first, again = (approver.post(f"{SYNC}/approvals", json=plan, headers=once) for _ in range(2))
            assert (first.status_code, again.status_code) == (202, 202)
            assert first.json() == again.json()
            assert code_of(approver.post(f"{SYNC}/approvals", json=plan)) == (409, "plan_stale")
            assert code_of(editor.post(f"{SYNC}/runs", json=plan)) == (409, "plan_stale")
            for ticket in editor.get("/api/v1/tickets").json()["items"]:
                editor.post(f"/api/v1/tickets/{ticket['id']}/cancel").raise_for_status()
            assert approver.post(f"{SYNC}/approvals", json=plan).status_code == 202


@pytest.mark.parametrize("wishes", [{"assume": True}, {"reconcile": True, "remove": ["left-behind"]}])
def test_what_is_grave_is_parked_where_nobody_wants_it_so(world: World, wishes: dict[str, Any]) -> None:
    world.many(3)
    with closing(world.app()) as app:
        plan = app.plan("customers", **wishes).header
        run = app.run("customers", plan=plan.id).run
        assert (run.state, run.error_code) == ("parked", "guard_tripped")
        assert plan.grave in str(run.error_message)
        assert app.row_counts("customers") == {}
        assert app.run("customers", plan=plan.id, confirmed=True).run.state == "done"


def test_what_a_reconciliation_found_is_removed_by_an_approver_alone(world: World) -> None:
    world.many(3)
    world.run()
    with closing(world.app()) as app, Site.running(app) as site:
        worker = Worker(app)
        worker.start()
        with site.client(Role.EDITOR) as editor:
            wrong = editor.post(f"{SYNC}/plans", json={"remove": ["twice"]})
            assert code_of(wrong) == (422, "request_invalid")
            plan = planned(editor, reconcile=True, remove=["left-behind", "twice"])
            assert plan["reconciled"]["removing"] == ["left-behind", "twice"]
            assert code_of(editor.post(f"{SYNC}/runs", json={"plan": plan["id"]})) == (403, "role_too_low")
            plain = planned(editor, reconcile=True)
            assert plain["reconciled"]["agrees"]
            assert ended(editor, editor.post(f"{SYNC}/runs", json={"plan": plain["id"]}).json())["run"]
        worker.stop()


def test_an_uncertain_row_is_shown_and_settled(world: World) -> None:
    _, own, other = in_doubt(world)
    path = "/api/v1/syncs/feed/uncertain"
    with closing(world.app()) as app, Site.running(app) as site:
        with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:
            answer = editor.get(path)
            conforms(editor, answer, path)
            (row,) = answer.json()["uncertain"]
            assert {each["id"] for each in row["candidates"]} == {own, other}
            said = {"key": row["key"], "booked_as": own}
            assert code_of(editor.post("/api/v1/syncs/feed/settle", json=said)) == (403, "role_too_low")
            both = said | {"not_booked": True}
            assert code_of(approver.post("/api/v1/syncs/feed/settle", json=both)) == (422, "request_invalid")
            decision = approver.post("/api/v1/syncs/feed/settle", json=said).raise_for_status().json()
            assert (decision["key"], decision["booked_as"]) == (row["key"], own)
            assert editor.get(path).json()["uncertain"] == []
            assert [each["booked_as"] for each in editor.get(path).json()["settled"]] == [own]
        with site.client(Role.ADMIN) as admin:
            entries = admin.get("/api/v1/audit", params={"target": "syncs/feed"}).json()["items"]
    assert [(each["action"], each["who"]) for each in entries] == [("row.settle", "approver@example.com")]
    assert (state(world).state, state(world).remote_id) == ("adopted", own)
    assert set(ids_of(world)) == {own, other}


@pytest.mark.parametrize("kind", ["models", "syncs"])
def test_a_draft_is_checked_and_nothing_is_written(world: World, kind: str) -> None:
    good = (world.root / kind / "customers.yaml").read_text()
    files = sorted(world.root.rglob("*.yaml"))
    with closing(world.app()) as app, Site.running(app) as site, site.client(Role.EDITOR) as client:
        for slug in ("customers", "another"):
            path = f"/api/v1/files/{kind}/{slug}/check"
            sql = {"sql": "SELECT 1 AS id"} if kind == "models" else {}
            well = client.post(path, json={"text": good} | sql).json()
            assert well == {"ok": True, "problems": []}, slug
            bad = client.post(path, json={"text": good + "\nnonsense: 1\n"} | sql).json()
            assert not bad["ok"]
            assert any("nonsense" in each["message"] and each["line"] for each in bad["problems"])
        refused = client.post(f"/api/v1/files/{kind}/Not A Slug/check", json={"text": good})
        assert refused.status_code == 422
    assert (world.root / kind / "customers.yaml").read_text() == good
    assert sorted(world.root.rglob("*.yaml")) == files


def test_a_model_is_previewed_before_it_is_saved(world: World) -> None:
    world.many(3)
    values = {
        "source": "warehouse",
        "primary_key": "n",
        "sql": "SELECT 7 AS n, 1.10::numeric(9, 2) AS amount",
    }
    with closing(world.app()) as app, Site.running(app) as site, site.client(Role.EDITOR) as client:
        shown = client.post("/api/v1/models/not-there/preview", json={"values": values})
        conforms_to = shown.raise_for_status().json()
        assert conforms_to["columns"] == [
            {"name": "n", "type": "integer", "numeric": True, "of_line": False},
            {"name": "amount", "type": "decimal(9,2)", "numeric": True, "of_line": False},
        ]
        assert conforms_to["is_whole"] is True
        assert '"amount":1.10' in shown.text.replace(" ", "")
        wrong = client.post("/api/v1/models/not-there/preview", json={"values": values | {"sql": "SELEC 7"}})
        assert wrong.status_code in {409, 422}
        assert wrong.json()["error"]["message"]
    assert not (world.root / "models" / "not-there.yaml").exists()
