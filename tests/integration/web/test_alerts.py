"""Alerts over HTTP: tried, looked at, silenced, and every act written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bookward.app import App
from bookward.serving import Role
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject, Verdict
from tests.fakes import FakeClock
from tests.integration.alerts.catcher import Catcher, Reply
from tests.integration.web.site import Site, code_of

API = "/api/v1"
SYNC = Subject("syncs", "users")


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with Catcher.running() as running:
        yield running


@pytest.fixture
def alerted(site: Site, catcher: Catcher) -> Site:
    """Return a site whose project has an alert."""
    with site.client(Role.EDITOR) as client:
        values = {"type": "webhook", "url": catcher.url, "secret": "${XERO_SECRET}"}
        made = client.post(f"{API}/files/alerts", json={"slug": "team", "values": values})
        assert made.status_code == 201
        project = site.app._wiring.root / "project.yaml"
        project.write_text("name: Books\nalerts: [team]\n")
    return site


def fails(app: App) -> None:
    verdict = Verdict(subject=SYNC, trigger=Trigger.RUN_FAILED, level=Level.CRITICAL, said="It failed.")
    app.alerts._judge(verdict)


def test_an_alert_is_tried_and_previewed(alerted: Site, catcher: Catcher) -> None:
    with alerted.client(Role.EDITOR) as client:
        assert client.post(f"{API}/alerts/team/test").json() == {"alert": "team", "arrived": True}
        (caught,) = catcher.caught
        assert caught.json()["type"] == "test"
        preview = client.post(f"{API}/alerts/team/preview?level=ok")
        assert preview.json()["document"]["title"] == "Well again: users, run failed"
        assert len(catcher.caught) == 1
        catcher.answer = lambda _: Reply(404)
        assert code_of(client.post(f"{API}/alerts/team/test")) == (422, "alert_refused")
        catcher.answer = lambda _: Reply(503, headers={"Retry-After": "7"})
        later = client.post(f"{API}/alerts/team/test")
        assert (code_of(later), later.headers["retry-after"]) == ((503, "alert_undelivered"), "7")
        assert code_of(client.post(f"{API}/alerts/nobody/test")) == (404, "name_unknown")
    with alerted.client(Role.VIEWER) as client:
        assert code_of(client.post(f"{API}/alerts/team/test")) == (403, "role_too_low")
    with alerted.client(Role.ADMIN) as client:
        log = client.get(f"{API}/audit").json()["items"]
    assert [one["target"] for one in log if one["action"] == "alert.test"][-1] == "alerts/team"


def test_what_is_not_well_is_listed_with_what_was_told(alerted: Site, catcher: Catcher) -> None:
    fails(alerted.app)
    with alerted.client(Role.VIEWER) as client:
        (state,) = client.get(f"{API}/states").json()["items"]
        assert (state["subject"], state["level"], state["message"]) == (
            "syncs/users",
            "critical",
            "It failed.",
        )
        (waiting,) = client.get(f"{API}/alerts/team/messages").json()["items"]
        assert waiting["state"] == "waiting"
        catcher.answer = lambda _: Reply(401)
        alerted.app.alerts.turn()
        (alert,) = client.get(f"{API}/alerts").json()["items"]
        assert (alert["alert"], alert["waiting"], "401" in alert["trouble"]) == ("team", 1, True)


def test_what_is_well_again_is_listed_on_demand(alerted: Site) -> None:
    fails(alerted.app)
    well = Verdict(subject=SYNC, trigger=Trigger.RUN_FAILED, level=Level.OK)
    alerted.app.alerts._judge(well)
    with alerted.client(Role.VIEWER) as client:
        assert client.get(f"{API}/states").json()["items"] == []
        (state,) = client.get(f"{API}/states?well=true").json()["items"]
    assert (state["subject"], state["trigger"], state["level"]) == ("syncs/users", "run_failed", "ok")


def test_a_sync_that_is_deleted_has_no_state_any_more_at_once(alerted: Site) -> None:
    fails(alerted.app)
    with alerted.client(Role.EDITOR) as client:
        seen = {"If-Match": client.get(f"{API}/files/syncs/users").headers["ETag"]}
        assert client.delete(f"{API}/files/syncs/users", headers=seen).status_code == 200
        assert client.get(f"{API}/states?well=true").json()["items"] == []


def test_a_silence_is_made_seen_and_ended(alerted: Site, catcher: Catcher, clock: FakeClock) -> None:
    with alerted.client(Role.EDITOR) as client:
        said = {"subject": "syncs/users", "trigger": "run_failed", "minutes": 60}
        made = client.post(f"{API}/silences", json=said)
        assert (made.status_code, made.json()["by"]) == (201, "editor@example.com")
        assert client.get(f"{API}/silences").json()["items"] == [made.json()]
        fails(alerted.app)
        alerted.app.alerts.turn()
        assert catcher.caught == []
        ended = client.delete(f"{API}/silences/syncs/users?trigger=run_failed")
        assert ended.status_code == 204
        alerted.app.alerts.turn()
        assert [caught.json()["level"] for caught in catcher.caught] == ["critical"]
        gone = client.delete(f"{API}/silences/syncs/users?trigger=run_failed")
        assert code_of(gone) == (404, "name_unknown")
        client.post(f"{API}/silences", json=said)
        clock.jump(seconds=timedelta(hours=2).total_seconds())
        assert client.get(f"{API}/silences").json()["items"] == []
        for wrong in (
            {"subject": "users"},
            {"subject": "syncs/nobody"},
            {"subject": "syncs/users", "minutes": 0},
        ):
            assert client.post(f"{API}/silences", json=wrong).status_code in {404, 422}
