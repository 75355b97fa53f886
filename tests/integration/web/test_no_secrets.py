"""Secrets that are planted everywhere come back from nowhere: no answer, no log, no audit entry."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bookward.app import App
from tests.fakes import FakeClock
from tests.integration.web.site import PASSWORD, Site
from tests.integration.web.test_roles import EXPECTED

IN_ENVIRONMENT, SEALED, IN_FILE, IN_URL = (f"planted-{name}-77" for name in ("env", "sealed", "file", "url"))
NEW_PASSWORD = "planted password four"


@pytest.fixture
def site(root: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("XERO_SECRET", IN_ENVIRONMENT)
    (root / "sources/plain.yaml").write_text(f"type: postgres\nurl: postgresql://u:{IN_URL}@localhost:1/x\n")
    (root / "sources/broken.yaml").write_text(f"type: postgrs\npassword: {IN_FILE}\n")
    (root / "destinations/old.yaml").write_text(f"type: xero\nclient_id: x\nclient_secret: {IN_FILE}\n")
    (root / "models/plain.yaml").write_text("source: plain\nprimary_key: id\nsql: SELECT 1 AS id\n")
    with closing(App(root, clock=clock)) as app, Site.running(app) as running:
        yield running


def test_no_secret_comes_back(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with site.client() as client:
        client.headers["X-CSRF-Token"] = client.post(
            "/api/v1/session", json={"email": "admin@example.com", "password": PASSWORD}
        ).json()["csrf"]
        bearer = client.cookies["bookward_session"]
        token = client.post("/api/v1/tokens", json={"name": "t"}).json()["token"]
        link = client.post("/api/v1/invitations", json={"email": "x@example.com"}).json()["url"]
        secret = link.partition("#")[2]
        said += [
            client.put("/api/v1/secrets/SEALED", json={"value": SEALED}).text,
            client.put("/api/v1/secrets/S-S", json={"value": SEALED}).text,
            client.put("/api/v1/secrets/SEALED", json={"value": [SEALED]}).text,
            client.post("/api/v1/join", json={"secret": secret, "password": PASSWORD}).text,
            client.post("/api/v1/join", json={"secret": secret + "x", "password": NEW_PASSWORD}).text,
            client.put("/api/v1/session/password", json={"old": NEW_PASSWORD, "new": "x"}).text,
            client.post("/api/v1/sources/plain/test").text,
            client.post("/api/v1/sources/broken/test").text,
            client.get("/api/v1/models/plain/preview").text,
        ]
        for kind, slug in (("sources", "plain"), ("sources", "broken"), ("destinations", "old")):
            path = f"/api/v1/files/{kind}/{slug}"
            found = client.get(path)
            said += [found.text, client.get(f"{path}/history").text]
            for change in (
                {"text": f"type: postgres\npassword: {IN_FILE}\n"},
                {"values": {"password": IN_FILE}},
            ):
                said.append(client.put(path, json=change, headers={"If-Match": found.headers["etag"]}).text)
            deleted = client.delete(path, headers={"If-Match": found.headers["etag"]})
            said.append(deleted.text)
        for name in EXPECTED:
            method, path = name.split()
            if method == "GET" and "{" not in path:
                said.append(client.get(path).text)
        said += [client.get("/api/v1/audit", params={"limit": 500}).text]
    # Not what the client of this test logs of itself.
    logged = [each.getMessage() for each in caplog.records if not each.name.startswith("http")]
    planted = [IN_ENVIRONMENT, SEALED, IN_FILE, IN_URL, PASSWORD, NEW_PASSWORD, bearer, token, secret]
    assert [each for each in planted if each in "\n".join(said + logged)] == []
    assert '"action":"file.delete"' in said[-1]
    kept = b"".join(file.read_bytes() for file in site.app._wiring.settings.state.glob("state.db*"))
    assert [each for each in planted if each.encode() in kept] == []
