"""A source is tested before its file is written, and a destination gets its name after the sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from bookward.app import App
from bookward.ports import Tokens
from bookward.serving import Role
from tests.integration.web.site import Site, code_of

CLOSED = {
    "type": "postgres",
    "host": "127.0.0.1",
    "port": 1,
    "database": "d",
    "user": "u",
    "password": "${NEW_PASSWORD}",
}


@pytest.fixture
def admin(clients: Callable[[Role], httpx.Client]) -> Iterator[httpx.Client]:
    client = clients(Role.ADMIN)
    client.base_url = f"{client.base_url}/api/v1/"
    return client


def test_a_source_that_is_not_written_yet_is_tested(admin: httpx.Client) -> None:
    good = admin.post("files/sources/new/test", json={"values": {"type": "sample"}}).json()
    assert (good["ok"], good["slug"]) == (True, "new")
    assert good["steps"]
    assert admin.get("files/sources/new").status_code == 404


def test_a_secret_for_a_test_is_used_and_not_kept(admin: httpx.Client) -> None:
    asked = {"values": CLOSED, "secrets": {"NEW_PASSWORD": "never to be seen"}}
    refused = admin.post("files/sources/new/test", json=asked)
    assert refused.json()["ok"] is False
    assert refused.json()["steps"][-1]["remedy"]
    assert refused.json()["steps"][-1]["detail"].startswith("The source cannot be reached at 127.0.0.1:1/d: ")
    assert "never to be seen" not in refused.text
    assert admin.get("secrets").json()["items"] == []
    unknown = admin.post("files/sources/new/test", json={"values": CLOSED})
    assert code_of(unknown)[1] == "edit_refused"


def test_secrets_are_sealed_with_the_file_that_names_them_or_not_at_all(admin: httpx.Client) -> None:
    def sealed() -> list[str]:
        return [each["name"] for each in admin.get("secrets").json()["items"]]

    said = {"values": CLOSED, "secrets": {"NEW_PASSWORD": "never to be seen"}}
    wrong = {**said, "slug": "closed", "values": CLOSED | {"port": 0}}
    assert code_of(admin.post("files/sources", json=wrong))[1] == "edit_refused"
    assert sealed() == []
    made = admin.post("files/sources", json={**said, "slug": "closed"})
    assert made.raise_for_status().json()["file"]["values"]["password"] == "${NEW_PASSWORD}"
    assert sealed() == ["NEW_PASSWORD"]
    other = {"values": CLOSED | {"password": "${OTHER}"}, "secrets": {"OTHER": "never to be seen"}}
    stale = admin.put("files/sources/closed", json=other, headers={"If-Match": '"former"'})
    assert (stale.status_code, sealed()) == (412, ["NEW_PASSWORD"])
    seen = {"If-Match": made.headers["ETag"]}
    admin.put("files/sources/closed", json=other, headers=seen).raise_for_status()
    assert sealed() == ["NEW_PASSWORD", "OTHER"]
    log = admin.get("audit").text
    assert '"secrets":["OTHER"]' in log
    assert "never to be seen" not in log + made.text


def test_a_secret_that_the_environment_sets_is_not_sealed_in_vain(admin: httpx.Client, app: App) -> None:
    (app._wiring.root / ".env").write_text("NEW_PASSWORD=another\n")
    said = {"values": CLOSED, "secrets": {"NEW_PASSWORD": "never to be seen"}}
    for path, body in (("files/sources", {**said, "slug": "closed"}), ("files/sources/closed/test", said)):
        refused = admin.post(path, json=body)
        assert code_of(refused)[1] == "edit_refused"
        assert "NEW_PASSWORD, which goes before what is sealed" in refused.text
        assert "never to be seen" not in refused.text
    alone = admin.put("secrets/NEW_PASSWORD", json={"value": "never to be seen"})
    assert code_of(alone) == (422, "edit_refused")
    assert "NEW_PASSWORD, which goes before what is sealed" in alone.text
    assert admin.get("secrets").json()["items"] == []
    assert "secret.set" not in admin.get("audit").text


def test_a_sealed_secret_that_the_environment_sets_by_now_is_said_not_to_be_used(
    admin: httpx.Client, app: App
) -> None:
    for name in ("NEW_PASSWORD", "OTHER"):
        admin.put(f"secrets/{name}", json={"value": "never to be seen"}).raise_for_status()
    (app._wiring.root / ".env").write_text("NEW_PASSWORD=another\n")
    said = {each["name"]: each["set_outside"] for each in admin.get("secrets").json()["items"]}
    assert said == {"NEW_PASSWORD": True, "OTHER": False}


def test_a_destination_is_renamed_with_its_sign_in(admin: httpx.Client, app: App, site: Site) -> None:
    values = {"type": "xero", "client_id": "abc"}
    admin.post("files/destinations", json={"slug": "provisional", "values": values}).raise_for_status()
    tokens = Tokens(
        access_token="a",
        refresh_token="r",
        expires_at=app.clock.now(),
        scope="",
        tenant_id="t",
        tenant_name="Books",
    )
    app._wiring.store.vault.save("provisional", tokens)
    seen = admin.get("files/destinations/provisional").headers["ETag"]
    said = {"slug": "xero-production"}
    renamed = admin.post("destinations/provisional/rename", json=said, headers={"If-Match": seen})
    assert renamed.raise_for_status().json()["file"]["slug"] == "xero-production"
    assert admin.get("destinations/xero-production/connection").json()["organisation"]["name"] == "Books"
    assert admin.get("files/destinations/provisional").status_code == 404


def test_a_destination_in_use_or_a_name_that_is_taken_is_not_renamed(admin: httpx.Client) -> None:
    seen = {"If-Match": admin.get("files/destinations/xero").headers["ETag"]}
    used = admin.post("destinations/xero/rename", json={"slug": "other"}, headers=seen)
    assert code_of(used)[1] == "object_in_use"
    taken = admin.post("destinations/xero/rename", json={"slug": "xero"}, headers=seen)
    assert code_of(taken)[1] == "files_in_the_way"
    blind = admin.post("destinations/xero/rename", json={"slug": "other"})
    assert blind.status_code == 428
