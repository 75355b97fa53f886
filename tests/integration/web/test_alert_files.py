"""Alerts over HTTP: made, read, changed and removed like every other file, and secrets never shown."""

from __future__ import annotations

from pathlib import Path

from bookward.app import App
from bookward.serving import Role
from tests.integration.web.site import Site, code_of

FILES = "/api/v1/files"
HOOK = {"type": "webhook", "url": "https://example.com/hook", "secret": "${XERO_SECRET}"}


def test_an_alert_is_made_read_changed_used_and_removed(site: Site, app: App, root: Path) -> None:
    with site.client(Role.EDITOR) as client:
        made = client.post(f"{FILES}/alerts", json={"slug": "finance", "values": HOOK})
        assert (made.status_code, made.json()["files"]) == (201, ["alerts/finance.yaml"])
        assert client.get(f"{FILES}/alerts").json()["items"] == ["finance"]
        assert client.get(f"{FILES}/alerts/finance").json()["values"] == HOOK
        schema = client.get("/api/v1/schemas/alerts").json()
        assert "pagerduty" in {kind["properties"]["type"]["const"] for kind in schema["oneOf"]}

        changed = client.put(
            f"{FILES}/alerts/finance",
            json={"values": HOOK | {"notify": "critical"}},
            headers={"If-Match": made.headers["etag"]},
        )
        assert changed.status_code == 200
        assert app.files.get("alerts", "finance").values == HOOK | {"notify": "critical"}

        sync = client.get(f"{FILES}/syncs/users")
        named = sync.json()["values"] | {"alerts": ["finance"]}
        used = client.put(
            f"{FILES}/syncs/users", json={"values": named}, headers={"If-Match": sync.headers["etag"]}
        )
        assert used.status_code == 200
        mark = {"If-Match": changed.headers["etag"]}
        assert code_of(client.delete(f"{FILES}/alerts/finance", headers=mark)) == (409, "object_in_use")
        del named["alerts"]
        etag = {"If-Match": used.headers["etag"]}
        assert client.put(f"{FILES}/syncs/users", json={"values": named}, headers=etag).status_code == 200
        assert client.delete(f"{FILES}/alerts/finance", headers=mark).status_code == 200
    assert not (root / "alerts/finance.yaml").exists()


def test_an_alert_that_is_wrong_or_holds_a_secret_is_refused(site: Site, root: Path) -> None:
    with site.client(Role.EDITOR) as client:
        for values in (HOOK | {"secret": "hunter2"}, HOOK | {"notify": "never"}, {"type": "pigeon"}):
            refused = client.post(f"{FILES}/alerts", json={"slug": "finance", "values": values})
            assert code_of(refused) == (422, "edit_refused")
            assert "hunter2" not in refused.text
        sync = client.get(f"{FILES}/syncs/users")
        named = client.put(
            f"{FILES}/syncs/users",
            json={"values": sync.json()["values"] | {"alerts": ["nobody"]}},
            headers={"If-Match": sync.headers["etag"]},
        )
        assert code_of(named) == (422, "edit_refused")
    with site.client(Role.VIEWER) as client:
        (root / "alerts").mkdir()
        (root / "alerts/old.yaml").write_text("type: pagerduty\nrouting_key: hunter2\n")
        found = client.get(f"{FILES}/alerts/old")
        assert (found.status_code, found.json()["values"]["routing_key"]) == (200, "[hidden]")
        assert "hunter2" not in found.text
        refused = client.post(f"{FILES}/alerts", json={"slug": "finance", "values": HOOK})
        assert code_of(refused) == (403, "role_too_low")
