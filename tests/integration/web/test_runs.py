"""Runs, rows and calls over HTTP: page by page, as they happen, and without what viewers must not see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from shutil import rmtree
from typing import Any

import httpx
import jsonschema
import pytest

from bookward.serving import Role
from tests.integration.web.site import Site, code_of
from tests.integration.world import World

RUNS = "/api/v1/runs"
SCHEMAS: dict[str, Any] = {}


@pytest.fixture
def busy(world: World) -> Iterator[Site]:
    """Serve a project that has had three runs; the last was refused two rows."""
    world.many(7)
    world.run()
    world.run()
    world.customers((8, "Acme Ltd", "pay@acme.example"), (9, None), (10, "x" * 600))
    world.run()
    with closing(world.app()) as app, Site.running(app) as site:
        yield site


def pages(client: httpx.Client, path: str, size: int, **asked: Any) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    while True:
        response = client.get(path, params={"limit": size} | asked)
        conforms(client, response, path)
        part = response.json()
        assert len(part["items"]) <= size
        seen += part["items"]
        if part["next"] is None:
            return seen
        assert part["items"]
        asked["cursor"] = part["next"]


def whole(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    response = client.get(path)
    conforms(client, response, path)
    assert response.json()["next"] is None
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def conforms(client: httpx.Client, response: httpx.Response, path: str) -> None:
    """Hold an answer against what the API's description says of it."""
    assert response.status_code == 200, response.text
    if not SCHEMAS:
        SCHEMAS.update(client.get("/api/openapi.json").json())
    parts = path.split("/")
    (shape,) = [
        said["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for name, said in SCHEMAS["paths"].items()
        if "get" in said and _fits(name.split("/"), parts)
    ][:1]
    jsonschema.validate(response.json(), shape | {"components": SCHEMAS["components"]})


def _fits(name: list[str], parts: list[str]) -> bool:
    return len(name) == len(parts) and all(
        a == b or a.startswith("{") for a, b in zip(name, parts, strict=True)
    )


def test_runs_are_listed_page_by_page_the_newest_first(busy: Site) -> None:
    with busy.client(Role.VIEWER) as client:
        whole = pages(client, RUNS, 50)
        assert [each["sync"] for each in whole] == ["customers"] * 3
        for size in (1, 2, 3):
            assert pages(client, RUNS, size) == whole
        assert pages(client, RUNS, 1, sync="customers", state="done") == whole
        assert pages(client, RUNS, 1, state="failed") == pages(client, RUNS, 1, sync="none") == []
        assert pages(client, RUNS, 1, cursor="nothing") == []
        last = client.get(f"{RUNS}/last")
        conforms(client, last, f"{RUNS}/last")
        assert last.json() == whole[0]
        assert code_of(client.get(f"{RUNS}/nothing")) == (404, "name_unknown")


def test_rows_are_listed_searched_and_told_why(busy: Site) -> None:
    with busy.client(Role.VIEWER) as client:
        path = f"{RUNS}/last/rows"
        whole = pages(client, path, 50)
        assert [each["key"] for each in whole] == ["8", "9", "10"] or len(whole) == 3
        assert pages(client, path, 1) == whole
        rejected = pages(client, path, 1, status="rejected")
        assert {each["key"] for each in rejected} == {"9", "10"}
        assert all(each["rejection"]["remedy"] for each in rejected)
        accepted = pages(client, path, 10, status="accepted")
        assert pages(client, path, 10, search=accepted[0]["remote_id"][:13]) == accepted
        stand = pages(client, "/api/v1/syncs/customers/rows", 4)
        assert len(stand) == 10
        assert stand == pages(client, "/api/v1/syncs/customers/rows", 500)
        waiting = pages(client, "/api/v1/syncs/customers/rows", 1, state=["rejected", "parked"])
        assert {each["key"] for each in waiting} == {"9", "10"}
        assert code_of(client.get("/api/v1/syncs/nothing/rows")) == (404, "name_unknown")


def test_rows_are_known_by_their_records_names_but_not_to_viewers(busy: Site) -> None:
    with busy.client(Role.EDITOR) as client, busy.client(Role.VIEWER) as viewer:
        path = f"{RUNS}/last/rows"
        rows = pages(client, path, 1)
        assert [each["brief"]["called"] for each in rows if each["key"] == "8"] == ["Acme Ltd"]
        assert [each["key"] for each in pages(client, path, 1, search="ACME")] == ["8"]
        assert pages(client, path, 1, search="acme", status="rejected") == []
        assert {each["brief"] for each in pages(viewer, path, 50)} == {None}
        assert pages(viewer, path, 50, search="acme") == []


def test_rows_of_a_sync_are_known_by_the_plans_of_their_runs(busy: Site) -> None:
    with busy.client(Role.EDITOR) as client, busy.client(Role.VIEWER) as viewer:
        path = "/api/v1/syncs/customers/rows"
        rows = {each["key"]: each for each in pages(client, path, 3)}
        assert len({each["run"] for each in rows.values()}) == 2
        plans = [pages(client, f"{RUNS}/{each['id']}/rows", 50) for each in pages(client, RUNS, 50)]
        told = {each["key"]: each["brief"] for rows in reversed(plans) for each in rows}
        assert {key: each["brief"] for key, each in rows.items()} == told
        assert (rows["8"]["brief"]["called"], rows["9"]["brief"]["called"]) == ("Acme Ltd", "")
        assert [each["key"] for each in pages(client, path, 1, search="ACME")] == ["8"]
        first = rows["1"]["brief"]["called"]
        assert "1" in [each["key"] for each in pages(client, path, 1, search=first.upper())]
        assert pages(client, path, 1, search="acme", state="rejected") == []
        assert pages(client, path, 1, search="acme", named=False) == []
        assert {each["brief"] for each in pages(client, path, 50, named=False)} == {None}
        assert {each["brief"] for each in pages(viewer, path, 50)} == {None}
        assert pages(viewer, path, 50, search="acme") == []


def test_rows_of_a_sync_are_told_without_the_plans_that_are_gone(world: World) -> None:
    world.customers((1, "Acme Ltd", "pay@acme.example"))
    world.run()
    rmtree(world.root / ".bookward" / "plans")
    with closing(world.app()) as app, Site.running(app) as site, site.client(Role.EDITOR) as client:
        path = "/api/v1/syncs/customers/rows"
        assert [(each["key"], each["brief"]) for each in pages(client, path, 5)] == [("1", None)]
        assert pages(client, path, 5, search="acme") == []


def test_what_was_refused_is_told_by_reason(busy: Site) -> None:
    with busy.client(Role.VIEWER) as client:
        found = whole(client, f"{RUNS}/last/reasons")
        assert {(each["code"], each["field"], each["rows"]) for each in found} == {
            ("field_required", "Name", 1),
            ("field_invalid", "Name", 1),
        }
        for each in found:
            assert each["statuses"] == {"rejected": 1}
            rows = pages(client, f"{RUNS}/last/rows", 1, reason=each["id"])
            assert [row["rejection"]["code"] for row in rows] == [each["code"]]
            assert pages(client, f"{RUNS}/last/rows", 9, reason=each["id"], search=rows[0]["key"]) == rows
        assert pages(client, f"{RUNS}/last/rows", 9, reason="none") == []
        plan = busy.app.plan("customers").header.id
        path = f"/api/v1/syncs/customers/plans/{plan}"
        planned = whole(client, f"{path}/reasons")
        assert {each["id"] for each in planned} == {each["id"] for each in found}
        (operation,) = pages(client, f"{path}/operations", 1, reason=planned[0]["id"])
        assert operation["rejection"]["code"] == planned[0]["code"]
        assert code_of(client.get(f"{RUNS}/nothing/reasons")) == (404, "name_unknown")


def test_a_row_of_a_sync_is_told_as_of_the_run_that_brought_it_where_it_stands(busy: Site) -> None:
    path = "/api/v1/syncs/customers/row"
    with busy.client(Role.EDITOR) as client, busy.client(Role.VIEWER) as viewer:
        stands = {each["key"]: each for each in pages(client, "/api/v1/syncs/customers/rows", 50)}
        for key, status in (("1", "accepted"), ("9", "rejected")):
            answer = client.get(path, params={"key": key})
            conforms(client, answer, path)
            story = answer.json()
            assert (story["key"], story["run"], story["status"]) == (key, stands[key]["run"], status)
            assert story["source"] is not None
            assert viewer.get(path, params={"key": key}).json()["source"] is None
        assert code_of(client.get(path, params={"key": "nothing"})) == (404, "name_unknown")


def test_all_that_is_known_of_one_row_is_told(busy: Site) -> None:
    with busy.client(Role.EDITOR) as client, busy.client(Role.VIEWER) as viewer:
        rows = {each["key"]: each for each in pages(client, f"{RUNS}/last/rows", 50)}
        path = f"{RUNS}/last/rows/{rows['8']['seq']}"
        answer = client.get(path)
        conforms(client, answer, path)
        story = answer.json()
        assert rows["8"].items() <= story.items()
        assert (story["source"]["name"], story["former"]) == ("Acme Ltd", None)
        assert (story["payload"]["Name"], story["brief"]["called"]) == ("Acme Ltd", "Acme Ltd")
        assert story["at"] is not None
        assert "<h1>Acme Ltd</h1>" in httpx.get(story["page"]).text
        (number,) = story["calls"]
        call = client.get(f"{RUNS}/last/calls/{number}").json()
        assert (call["method"], "Acme Ltd" in call["request_body"]) == ("PUT", True)
        refused = client.get(f"{RUNS}/last/rows/{rows['9']['seq']}").json()
        assert (refused["calls"], refused["at"], refused["source"]["name"]) == ([], None, None)
        seen = viewer.get(path).json()
        hidden = dict.fromkeys(("source", "former", "payload", "brief"))
        assert seen == story | hidden | {"hidden": True}
        for wrong in (99, -1, 2**70):
            assert code_of(client.get(f"{RUNS}/last/rows/{wrong}")) == (404, "name_unknown")


def test_calls_are_listed_and_followed_as_they_happen(busy: Site) -> None:
    with busy.client(Role.EDITOR) as client:
        run = client.get(RUNS).json()["items"][-1]["id"]
        path = f"{RUNS}/{run}/calls"
        whole = pages(client, path, 100)
        assert len(whole) >= 2
        assert pages(client, path, 1) == whole
        assert pages(client, path, 5, failed=True) == []
        assert pages(client, path, 5, status=200) == whole
        assert pages(client, path, 5, search="Customer 3")
        sent = [each for each in whole if each["method"] == "PUT"]
        one = client.get(f"{path}/{sent[0]['number']}")
        conforms(client, one, f"{path}/1")
        assert "Customer 3" in one.json()["request_body"]
        assert one.json()["hidden"] is False
        for number in (0, sent[0]["number"] + 1000, -1, 2**70):
            assert code_of(client.get(f"{path}/{number}")) == (404, "name_unknown")
        seen: list[Any] = []
        after = 0
        while True:
            live = client.get(f"{RUNS}/{run}/live", params={"after": after, "limit": 1})
            conforms(client, live, f"{RUNS}/{run}/live")
            if not live.json()["calls"]:
                break
            seen += live.json()["calls"]
            after = live.json()["next"]
        assert seen == whole
        assert live.json()["outcomes"] == {"accepted": 7}


def test_viewers_see_neither_bodies_nor_queries_nor_find_by_them(busy: Site) -> None:
    with busy.client(Role.VIEWER) as viewer, busy.client(Role.EDITOR) as editor:
        run = viewer.get(RUNS).json()["items"][-1]["id"]
        path = f"{RUNS}/{run}/calls"
        shown, whole = pages(viewer, path, 1), pages(editor, path, 100)
        assert any("?" in each["url"] and "[hidden]" not in each["url"] for each in whole)
        assert len(shown) == len(whole)
        for mine, theirs in zip(shown, whole, strict=True):
            assert mine["hidden"] is True
            address, query, _ = theirs["url"].partition("?")
            assert mine["url"] == (f"{address}?[hidden]" if query else address)
            one = viewer.get(f"{path}/{mine['number']}")
            conforms(viewer, one, f"{path}/1")
            assert "Customer" not in one.text
            assert set(one.json()["request_headers"].values()) <= {"[hidden]"}
            assert one.json()["response_body"] == "[hidden]"
        assert pages(viewer, path, 5, search="Customer 3") == []
        assert pages(viewer, path, 5, search="page=") == []
        assert pages(viewer, path, 5, search="contacts")
        live = viewer.get(f"{RUNS}/{run}/live").json()["calls"]
        assert live == shown
        assert code_of(viewer.get("/api/v1/models/customers/preview")) == (403, "role_too_low")


def test_all_calls_of_a_run_are_exported_and_hidden_from_viewers_alike(busy: Site) -> None:
    with busy.client(Role.VIEWER) as viewer, busy.client(Role.EDITOR) as editor:
        run = viewer.get(RUNS).json()["items"][-1]["id"]
        path, whole = f"{RUNS}/{run}/export", pages(editor, f"{RUNS}/{run}/calls", 100)
        answer = editor.get(path)
        assert answer.headers["content-disposition"] == f'attachment; filename="{run}.har"'
        har = answer.json()["log"]
        assert (har["version"], har["creator"]["name"]) == ("1.2", "Bookward")
        entries = har["entries"]
        assert [each["_number"] for each in entries] == [each["number"] for each in whole]
        assert [each["request"]["url"] for each in entries] == [each["url"] for each in whole]
        assert [each["response"]["status"] for each in entries] == [each["status"] for each in whole]
        (sent,) = [each["request"] for each in entries if each["request"]["method"] == "PUT"]
        assert "Customer 3" in sent["postData"]["text"]
        assert sent["postData"]["mimeType"] == "application/json"
        asked = {pair["name"] for each in entries for pair in each["request"]["queryString"]}
        assert "page" in asked
        for each in entries:
            assert each["time"] == sum(each["timings"].values())
            content = each["response"]["content"]
            assert content["size"] == len(content["text"].encode())
            bearers = [pair for pair in each["request"]["headers"] if pair["name"].lower() == "authorization"]
            assert {pair["value"] for pair in bearers} == {"Bearer [secret]"}
        lines = editor.get(path, params={"format": "ndjson"}).text.splitlines()
        first = editor.get(f"{RUNS}/{run}/calls/{whole[0]['number']}").json()
        assert json.loads(lines[0]) == first
        assert len(lines) == len(whole)
        for kind in ("har", "ndjson"):
            shown = viewer.get(path, params={"format": kind}).text
            assert "Customer" not in shown
            assert "page=" not in shown
        assert code_of(viewer.get(f"{RUNS}/nothing/export")) == (404, "name_unknown")


def test_what_the_limits_leave_is_told_by_organisation(busy: Site) -> None:
    with busy.client(Role.VIEWER) as client:
        found = client.get("/api/v1/quotas")
        conforms(client, found, "/api/v1/quotas")
        (quota,) = found.json()["items"]
    assert quota["name"]
    assert 0 < quota["day_left"] < 5000


def test_a_connection_is_tested_and_closed_again(busy: Site) -> None:
    with busy.client(Role.EDITOR) as client:
        for _ in range(3):
            tested = client.post("/api/v1/destinations/xero/test").json()
            assert tested["ok"], tested
    assert busy.app._wiring._opened == []
