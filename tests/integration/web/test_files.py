"""The project's files over HTTP: as a person wrote them, never overwritten unseen, with their past."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bookward.serving import Role
from tests.integration.editing.edited import git
from tests.integration.web.site import Site, code_of

FILES = "/api/v1/files"
SYNC = f"{FILES}/syncs/users"


@pytest.fixture
def in_git(root: Path) -> None:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")


def put(client: httpx.Client, path: str, etag: str, **said: object) -> httpx.Response:
    return client.put(path, json=said, headers={"If-Match": etag})


@pytest.mark.usefixtures("in_git")
def test_a_value_is_changed_and_the_rest_stays_as_it_was(site: Site, root: Path) -> None:
    before = (root / "syncs/users.yaml").read_text()
    with site.client(Role.EDITOR) as client:
        found = client.get(SYNC)
        values = found.json()["values"]
        assert found.headers["etag"] == f'"{found.json()["etag"]}"'
        values["fields"]["Name"] = "full_name"
        saved = put(client, SYNC, found.headers["etag"], values=values)
        assert (saved.status_code, saved.json()["files"]) == (200, ["syncs/users.yaml"])
        assert saved.headers["etag"] == client.get(SYNC).headers["etag"]
        past = client.get(f"{SYNC}/history").json()["items"]
        assert (past[0]["email"], past[0]["message"]) == ("editor@example.com", "Change syncs/users")
        diff = client.get(f"{SYNC}/history/{past[0]['id']}").json()["diff"]
        assert "-  Name: name   # the whole" in diff
        back = client.post(
            f"{SYNC}/revert", json={"version": past[1]["id"]}, headers={"If-Match": saved.headers["etag"]}
        )
        assert back.json()["file"]["text"] == before
    assert (root / "syncs/users.yaml").read_text() == before


@pytest.mark.usefixtures("in_git")
def test_a_difference_that_begins_in_the_middle_of_a_key_does_not_show_it(site: Site, root: Path) -> None:
    key = "private_key: |\n" + "".join(f"  hunter{line}\n" for line in range(9))
    source = root / "sources/vault.yaml"
    for said in ("a", "b"):
        source.write_text(f"type: sample\n{key}description: {said}\n")
        git(root, "add", ".")
        git(root, "commit", "--quiet", f"--message={said}")
    with site.client(Role.VIEWER) as client:
        newest = client.get(f"{FILES}/sources/vault/history").json()["items"][0]
        diff = client.get(f"{FILES}/sources/vault/history/{newest['id']}").json()["diff"]
    assert "-description: a\n+description: b\n" in diff
    assert "hunter" not in diff.partition("@@")[2]


def test_two_editors_never_overwrite_each_other(site: Site) -> None:
    with site.client(Role.EDITOR) as one, site.client(Role.APPROVER) as two:
        seen = one.get(SYNC)
        etag, values = seen.headers["etag"], seen.json()["values"]
        assert put(one, SYNC, etag, values=values | {"mode": "update"}).status_code == 200
        late = put(two, SYNC, etag, values=values | {"mode": "insert"})
        assert code_of(late) == (412, "edit_conflict")
        assert late.headers["etag"] == two.get(SYNC).headers["etag"]
        assert two.get(SYNC).json()["values"]["mode"] == "update"
        for blind in ({}, {"If-Match": "*"}, {"If-Match": ""}):
            for call in (
                lambda h: two.put(SYNC, json={"values": values}, headers=h),
                lambda h: two.delete(SYNC, headers=h),
                lambda h: two.post("/api/v1/syncs/users/rename", json={"slug": "people"}, headers=h),
            ):
                assert code_of(call(blind)) == (428, "version_needed")
        assert code_of(two.delete(SYNC, headers={"If-Match": etag})) == (412, "edit_conflict")


def test_of_many_who_save_at_once_one_wins(site: Site) -> None:
    with site.client(Role.EDITOR) as client, ThreadPoolExecutor(8) as pool:
        seen = client.get(SYNC)
        etag, values = seen.headers["etag"], seen.json()["values"]

        def save(number: int) -> int:
            fields = {"Name": f"name_{number}"}
            return put(client, SYNC, etag, values=values | {"fields": fields}).status_code

        codes = list(pool.map(save, range(8)))
    assert (codes.count(200), codes.count(412)) == (1, 7)


def test_what_is_edited_outside_is_seen_at_once(site: Site, root: Path) -> None:
    file = root / "syncs/users.yaml"
    with site.client(Role.EDITOR) as client:
        seen = client.get(SYNC)
        file.write_text(file.read_text().replace("contacts", "contcts"))
        broken = client.get(SYNC)
        assert "contcts" in broken.json()["problems"][0]["message"]
        assert broken.json()["problems"][0]["line"] == 3
        assert client.get("/api/v1/check").json()["ok"] is False
        assert code_of(put(client, SYNC, seen.headers["etag"], text="x: y\n")) == (412, "edit_conflict")
        wrong = put(client, SYNC, broken.headers["etag"], text=broken.json()["text"] + "no_such: key\n")
        assert code_of(wrong) == (422, "edit_refused")
        assert {each["path"] for each in wrong.json()["error"]["problems"]} == {"syncs/users.yaml"}


def test_a_model_is_created_renamed_is_a_sync_and_deleted_what_nobody_uses(site: Site, root: Path) -> None:
    model = {"source": "warehouse", "primary_key": "id", "sql": "SELECT id FROM users\n"}
    with site.client(Role.EDITOR) as client:
        made = client.post(f"{FILES}/models", json={"slug": "people", "values": model})
        assert (made.status_code, made.json()["files"]) == (201, ["models/people.yaml", "models/people.sql"])
        again = client.post(f"{FILES}/models", json={"slug": "people", "values": model})
        assert code_of(again) == (409, "files_in_the_way")
        assert client.get(f"{FILES}/models").json()["items"] == ["people", "users"]
        used = client.get(f"{FILES}/models/users").headers["etag"]
        refused = client.delete(f"{FILES}/models/users", headers={"If-Match": used})
        assert code_of(refused) == (409, "object_in_use")
        gone = client.delete(f"{FILES}/models/people", headers={"If-Match": made.headers["etag"]})
        assert (gone.status_code, gone.json()["file"]) == (200, None)
        assert code_of(client.get(f"{FILES}/models/people")) == (404, "name_unknown")
        etag = client.get(SYNC).headers["etag"]
        renamed = client.post(
            "/api/v1/syncs/users/rename", json={"slug": "customers"}, headers={"If-Match": etag}
        )
        assert renamed.json()["file"]["slug"] == "customers"
    assert (root / "syncs/customers.yaml").is_file()
    assert not (root / "syncs/users.yaml").exists()


@pytest.mark.parametrize("said", [
    {"slug": "x"}, {"slug": "x", "values": {}, "text": "a: b"},
    {"slug": "x", "values": {}, "sql": "SELECT 1"},
    {"slug": "x", "values": [], "more": 1}, {"slug": "../x", "text": "type: sample\n"},
    {"slug": "", "text": "type: sample\n"}, {"slug": "x", "text": ": :"}, {"slug": "x", "text": "\x00"},
])  # fmt: skip
def test_what_is_no_file_is_refused(site: Site, root: Path, said: object) -> None:
    before = sorted(root.rglob("*.yaml"))
    with site.client(Role.EDITOR) as client:
        assert client.post(f"{FILES}/sources", json=said).status_code == 422
        assert client.get(f"{FILES}/nothing").status_code == 422
    assert sorted(root.rglob("*.yaml")) == before


def test_only_an_approver_lets_the_guards_of_a_sync_hold_less(site: Site) -> None:
    with site.client(Role.EDITOR) as editor, site.client(Role.APPROVER) as approver:

        def saved(client: httpx.Client, guards: dict[str, object]) -> httpx.Response:
            now = client.get(SYNC)
            values = {**now.json()["values"], "guards": guards}
            return put(client, SYNC, now.headers["etag"], values=values)

        refused = (403, "role_too_low")
        assert saved(editor, {"max_changes": 10, "max_removals": "5%"}).is_success
        assert saved(editor, {"max_changes": 9, "max_removals": "4.5%", "max_amount": 100}).is_success
        for weaker in (
            {"max_changes": 9, "max_removals": "4.5%"},
            {"max_changes": 10, "max_removals": "4.5%", "max_amount": 100},
            {"max_changes": 9, "max_removals": 4, "max_amount": 100},
            {},
        ):
            assert code_of(saved(editor, weaker)) == refused
        etag = editor.get(SYNC).headers["etag"]
        assert code_of(editor.delete(SYNC, headers={"If-Match": etag})) == refused
        assert saved(approver, {"max_changes": 10}).is_success
        assert saved(approver, {}).is_success


def test_the_log_has_every_change_before_and_after(site: Site) -> None:
    with site.client(Role.EDITOR) as client, site.client(Role.ADMIN) as admin:
        etag = client.get(SYNC).headers["etag"]
        values = client.get(SYNC).json()["values"]
        put(client, SYNC, etag, values=values | {"mode": "update"})
        put(client, SYNC, etag, values=values)
        client.put("/api/v1/secrets/XERO_KEY", json={"value": "sealed-hunter2"})
        (secret,) = client.get("/api/v1/secrets").json()["items"]
        assert (secret["name"], secret["used_by"]) == ("XERO_KEY", [])
        client.delete("/api/v1/secrets/XERO_KEY")
        assert code_of(client.delete("/api/v1/secrets/XERO_KEY")) == (404, "name_unknown")
        assert code_of(client.put("/api/v1/secrets/X-Y", json={"value": "v"})) == (422, "edit_refused")
        log = admin.get("/api/v1/audit", params={"who": "editor@example.com", "limit": 4}).json()["items"]
    assert [(line["action"], line["target"], line["outcome"]) for line in log] == [
        ("secret.remove", "secrets/XERO_KEY", "done"),
        ("secret.set", "secrets/XERO_KEY", "done"),
        ("file.replace", "syncs/users", "edit_conflict"),
        ("file.replace", "syncs/users", "done"),
    ]
    assert "mode: update" not in log[3]["before"]["text"]
    assert "mode: update" in log[3]["after"]["text"]
    assert "hunter2" not in json.dumps(log)


def test_schemas_checks_previews_and_tests(site: Site) -> None:
    with site.client(Role.EDITOR) as client:
        assert client.get("/api/v1/schemas/syncs").json()["type"] == "object"
        assert client.get("/api/v1/check").json()["ok"] is True
        shown = client.get("/api/v1/models/users/preview", params={"limit": 3}).json()
        assert (len(shown["rows"]), shown["columns"][0]["name"], shown["is_whole"]) == (3, "id", False)
        assert code_of(client.get("/api/v1/models/nothing/preview")) == (404, "name_unknown")
        said = client.get("/api/v1/models/users/suggestion", params={"object": "contacts"}).json()
        assert "object: contacts" in said["yaml"]
        listed = client.get("/api/v1/sources/warehouse/tables").json()
        tables = listed["tables"]
        assert listed["quotes"] == '""'
        users = next(table for table in tables if table["name"] == "users")
        assert [column["name"] for column in users["columns"]] == [each["name"] for each in shown["columns"]]
        assert code_of(client.get("/api/v1/sources/nothing/tables")) == (404, "name_unknown")
        tested = client.post("/api/v1/sources/warehouse/test").json()
        assert (tested["ok"], tested["kind"]) == (True, "source")
        wrong = client.post("/api/v1/destinations/xero/test").json()
        assert wrong["ok"] is False
        assert wrong["steps"][-1]["remedy"]
        assert code_of(client.post("/api/v1/sources/nothing/test")) == (404, "name_unknown")


def test_numbers_are_exact_on_the_way_in_and_out(site: Site, root: Path) -> None:
    with site.client(Role.EDITOR) as client:
        found = client.get(SYNC)
        text = found.text.replace('"object":"contacts"', '"object":"contacts","guards":{"max_amount":1e2}')
        values = text[text.index('"values":') + 9 : text.index(',"problems":')]
        body = '{"values":' + values.replace("1e2", "12345678901234567.10") + "}"
        headers = {"If-Match": found.headers["etag"], "content-type": "application/json"}
        saved = client.put(SYNC, content=body, headers=headers)
        assert saved.status_code == 200, saved.text
        assert "12345678901234567.10" in client.get(SYNC).text
    assert "12345678901234567.10" in (root / "syncs/users.yaml").read_text()


def test_the_project_s_own_file_is_written_by_admins_alone(site: Site, root: Path) -> None:
    path = "/api/v1/files/project/project"
    with site.client(Role.ADMIN) as admin, site.client(Role.EDITOR) as editor:
        assert editor.get("/api/v1/files/project").json()["items"] == ["project"]
        assert "keep" in editor.get("/api/v1/schemas/project").json()["properties"]
        seen = editor.get(path)
        assert (seen.json()["path"], seen.json()["values"]) == ("project.yaml", {"name": "Books"})
        headers = {"If-Match": seen.headers["ETag"]}
        said = {"values": {"name": "Books", "keep": {"calls": 90}}}
        assert code_of(editor.put(path, json=said, headers=headers)) == (403, "role_too_low")
        wrong = {"values": {"name": "Books", "keep": {"calls": -1}, "alerts": ["nobody"]}}
        refused = admin.put(path, json=wrong, headers=headers)
        assert code_of(refused) == (422, "edit_refused")
        assert {each["field"] for each in refused.json()["error"]["problems"]} == {"keep.calls", "alerts.0"}
        assert (root / "project.yaml").read_text() == "name: Books\n"
        admin.put(path, json=said, headers=headers).raise_for_status()
        assert "calls: 90" in (root / "project.yaml").read_text()
        now = {"If-Match": admin.get(path).headers["ETag"]}
        assert code_of(admin.delete(path, headers=now)) == (409, "object_in_use")
        assert code_of(admin.get("/api/v1/files/project/other")) == (404, "name_unknown")
        made = admin.post("/api/v1/files/project", json={"slug": "project", "values": {"name": "x"}})
        assert code_of(made) == (409, "files_in_the_way")
        tested = admin.post(f"{path}/test", json={"values": {"name": "x"}})
        assert code_of(tested) == (404, "name_unknown")
