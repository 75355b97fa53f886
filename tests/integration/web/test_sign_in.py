"""Signing in, inviting, tokens and the log of it all, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bookward.access.throttle import MOST_HERE
from bookward.app import App
from bookward.serving import Role
from tests.fakes import FakeClock
from tests.integration.web.site import PASSWORD, Site, code_of, email_of

SESSION, TOKENS, PEOPLE = "/api/v1/session", "/api/v1/tokens", "/api/v1/people"


def signed_in(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    response = client.post(SESSION, json={"email": email, "password": password})
    if response.status_code == 201:
        client.headers["X-CSRF-Token"] = response.json()["csrf"]
    return response


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    with site.client() as client:
        response = signed_in(client, email_of(Role.EDITOR))
        cookie = response.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert client.get(SESSION).json() == response.json()
        assert client.delete(SESSION).status_code == 204
        assert code_of(client.get(SESSION)) == (401, "sign_in_needed")


def test_a_session_that_was_copied_is_worth_nothing_after_signing_out(site: Site) -> None:
    with site.client(Role.EDITOR) as client, site.client(Role.EDITOR) as thief:
        assert client.delete(SESSION).status_code == 204
        assert code_of(thief.get(SESSION)) == (401, "sign_in_needed")


def test_one_sees_and_ends_ones_own_sessions_and_an_admin_those_of_all(site: Site) -> None:
    with site.client() as one, site.client() as two, site.client(Role.ADMIN) as admin:
        signed_in(one, email_of(Role.EDITOR))
        signed_in(two, email_of(Role.EDITOR))
        mine = one.get(f"{SESSION}/all").json()["items"]
        assert [each["current"] for each in mine].count(True) == 1
        assert any(each["agent"].startswith("python-httpx") for each in mine)
        other = two.get(SESSION).json()["via"].removeprefix("session:")
        assert one.delete(f"{SESSION}/all/{other}").status_code == 204
        assert code_of(two.get(SESSION)) == (401, "sign_in_needed")
        me = one.get(SESSION).json()
        listed = admin.get(f"{PEOPLE}/{me['id']}/sessions").json()["items"]
        current = me["via"].removeprefix("session:")
        assert current in {each["id"] for each in listed}
        assert admin.delete(f"{PEOPLE}/{me['id']}/sessions/{current}").status_code == 204
        assert code_of(one.get(SESSION)) == (401, "sign_in_needed")


def test_a_session_and_a_token_end_with_their_time(site: Site, clock: FakeClock) -> None:
    with site.client() as client:
        signed_in(client, email_of(Role.EDITOR))
        made = client.post(TOKENS, json={"name": "ci", "role": "viewer", "days": 1}).json()
        with site.client(token=made["token"]) as script:
            assert script.get(SESSION).json() | {"id": ""} == {
                "id": "", "email": "editor@example.com", "name": "Editor", "role": "viewer",
                "via": f"token:{made['id']}", "csrf": None,
            }  # fmt: skip
            clock.jump(days=1)
            assert code_of(script.get(SESSION)) == (401, "sign_in_needed")
        assert client.get(SESSION).status_code == 200
        clock.jump(days=2)
        assert code_of(client.get(SESSION)) == (401, "sign_in_needed")


def test_a_token_is_shown_once_and_revoked(site: Site) -> None:
    with site.client(Role.EDITOR) as client, site.client(Role.ADMIN) as admin:
        made = client.post(TOKENS, json={"name": "ci", "role": "editor"}).json()
        assert code_of(client.post(TOKENS, json={"name": "ci", "role": "admin"})) == (403, "role_too_low")
        shown = client.get(TOKENS).json()["items"]
        assert [each["id"] for each in shown] == [made["id"]]
        assert made["token"] not in client.get(TOKENS).text
        of_admin = admin.post(TOKENS, json={"name": "ops"}).json()
        assert code_of(client.delete(f"{TOKENS}/{of_admin['id']}")) == (404, "name_unknown")
        assert len(admin.get(TOKENS).json()["items"]) == 2
        with site.client(token=made["token"]) as script:
            assert script.get("/api/v1/secrets").status_code == 200
            assert admin.delete(f"{TOKENS}/{made['id']}").status_code == 204
            assert code_of(script.get("/api/v1/secrets")) == (401, "sign_in_needed")


def test_who_guesses_waits_and_is_told_how_long(site: Site, clock: FakeClock) -> None:
    with site.client() as client:
        for _ in range(MOST_HERE):
            assert code_of(signed_in(client, email_of(Role.ADMIN), "guess")) == (401, "sign_in_refused")
        refused = signed_in(client, email_of(Role.ADMIN))
        assert code_of(refused) == (429, "too_many_requests")
        assert refused.headers["retry-after"] == "900"
        assert signed_in(client, email_of(Role.EDITOR)).status_code == 201
        clock.jump(seconds=900)
        assert signed_in(client, email_of(Role.ADMIN)).status_code == 201


def test_nobody_learns_who_there_is(site: Site) -> None:
    with site.client() as client:
        known = signed_in(client, email_of(Role.ADMIN), "guess").json()
        unknown = signed_in(client, "nobody@example.com", "guess").json()
    assert known == unknown


def test_a_password_is_changed_in_a_session_only(site: Site) -> None:
    with site.client() as client, site.client(Role.VIEWER) as other:
        signed_in(client, email_of(Role.VIEWER))
        token = client.post(TOKENS, json={"name": "ci"}).json()["token"]
        said = {"old": PASSWORD, "new": "another one altogether"}
        with site.client(token=token) as script:
            assert code_of(script.put(f"{SESSION}/password", json=said)) == (403, "session_needed")
        wrong = client.put(f"{SESSION}/password", json=said | {"old": "wrong"})
        assert code_of(wrong) == (401, "sign_in_refused")
        assert client.put(f"{SESSION}/password", json=said).status_code == 204
        assert client.get(SESSION).status_code == 200
        assert code_of(other.get(SESSION)) == (401, "sign_in_needed")
        assert code_of(signed_in(client, email_of(Role.VIEWER))) == (401, "sign_in_refused")


def test_an_invitation_is_looked_at_taken_or_withdrawn(site: Site, clock: FakeClock) -> None:
    with site.client(Role.ADMIN) as admin, site.client() as client:
        made = admin.post("/api/v1/invitations", json={"email": "Di@example.com", "role": "approver"}).json()
        secret = made["url"].partition("#")[2]
        looked = client.post("/api/v1/join/look", json={"secret": secret}).json()
        assert looked == {"email": "di@example.com", "role": "approver", "is_reset": False}
        (listed,) = admin.get("/api/v1/invitations").json()["items"]
        assert (listed["id"], secret in str(listed)) == (made["id"], False)
        weak = client.post("/api/v1/join", json={"secret": secret, "name": "Di", "password": "weak"})
        assert code_of(weak) == (422, "password_weak")
        taking = {"secret": secret, "name": "Di", "password": PASSWORD}
        for email in ("", "di"):  # the link says whose it is, yet what is no address is not passed over
            none = client.post("/api/v1/join", json=taking | {"email": email})
            assert code_of(none) == (422, "request_invalid")
        joined = client.post("/api/v1/join", json=taking)
        assert joined.json()["role"] == "approver"
        assert code_of(client.post("/api/v1/join/look", json={"secret": secret})) == (410, "link_dead")
        again = admin.post("/api/v1/invitations", json={"email": "di@example.com"})
        assert code_of(again) == (409, "person_known")
        for hours in (True, "1", 1.5):
            odd = admin.post("/api/v1/invitations", json={"email": "ed@example.com", "hours": hours})
            assert code_of(odd) == (422, "request_invalid")
        late = admin.post("/api/v1/invitations", json={"email": "ed@example.com", "hours": 1.0}).json()
        clock.jump(hours=1)
        dead = client.post("/api/v1/join/look", json={"secret": late["url"].partition("#")[2]})
        assert code_of(dead) == (410, "link_dead")
        gone = admin.post("/api/v1/invitations", json={"email": "flo@example.com"}).json()
        assert admin.delete(f"/api/v1/invitations/{gone['id']}").status_code == 204
        assert code_of(admin.delete(f"/api/v1/invitations/{gone['id']}")) == (404, "name_unknown")


def test_people_are_changed_and_the_log_says_by_whom(site: Site) -> None:
    with site.client(Role.ADMIN) as admin, site.client(Role.EDITOR) as editor:
        people = {each["email"]: each for each in admin.get(PEOPLE).json()["items"]}
        id_ = people[email_of(Role.EDITOR)]["id"]
        changed = admin.patch(f"{PEOPLE}/{id_}", json={"role": "viewer", "name": "Eddie"}).json()
        assert changed == admin.get(f"{PEOPLE}/{id_}").json()
        assert (changed["role"], changed["name"]) == ("viewer", "Eddie")
        assert code_of(editor.get("/api/v1/secrets")) == (403, "role_too_low")
        own = people[email_of(Role.ADMIN)]["id"]
        for change in ({"role": "viewer"}, {"disabled": True}):
            assert code_of(admin.patch(f"{PEOPLE}/{own}", json=change)) == (409, "last_admin")
        link = admin.post(f"{PEOPLE}/{id_}/reset").json()["url"]
        assert link.startswith(f"{site.url.replace('127.0.0.1', 'localhost')}/join#bwl_")
        assert admin.patch(f"{PEOPLE}/{id_}", json={"disabled": True}).json()["disabled"]
        assert code_of(editor.get(SESSION)) == (401, "sign_in_needed")
        log = admin.get("/api/v1/audit", params={"target": f"people/{id_}", "action": "person."}).json()[
            "items"
        ]
        assert [(line["action"], line["who"]) for line in log] == [
            ("person.change", "admin@example.com"),
            ("person.change", "admin@example.com"),
            ("person.join", "editor@example.com"),
        ]
        assert (log[1]["before"]["role"], log[1]["after"]["role"]) == ("editor", "viewer")


def test_the_log_comes_page_by_page(site: Site) -> None:
    with site.client(Role.ADMIN) as admin:
        whole = admin.get("/api/v1/audit", params={"limit": 500}).json()["items"]
        seen: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            part = admin.get("/api/v1/audit", params={"limit": 3} | cursor).json()
            seen += part["items"]
            if part["next"] is None:
                break
            cursor = {"cursor": part["next"]}
    assert seen == whole
    assert len(whole) > 6


def test_a_request_that_is_sent_twice_is_done_once(site: Site) -> None:
    said, headers = {"name": "ci", "role": "viewer"}, {"Idempotency-Key": "k-1"}
    with site.client(Role.EDITOR) as client:
        first = client.post(TOKENS, json=said, headers=headers)
        second = client.post(TOKENS, json=said, headers=headers)
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert "idempotency-replayed" not in first.headers
        assert second.headers["idempotency-replayed"] == "true"
        assert len(client.get(TOKENS).json()["items"]) == 1
        other = client.post(TOKENS, json=said | {"name": "other"}, headers=headers)
        assert code_of(other) == (422, "key_reused")
        assert code_of(client.post(TOKENS, json=said, headers={"Idempotency-Key": ""})) == (
            422,
            "request_invalid",
        )
        with site.client(token=first.json()["token"]) as script:
            stolen = script.post(TOKENS, json=said, headers=headers)
            assert code_of(stolen) == (403, "role_too_low")
        with site.client(Role.VIEWER) as another:
            assert another.post(TOKENS, json=said, headers=headers).json()["id"] != first.json()["id"]


def test_a_refusal_is_given_again_and_a_malformed_request_may_be_put_right(site: Site) -> None:
    headers = {"Idempotency-Key": "k-2"}
    with site.client(Role.EDITOR) as client:
        assert client.post(TOKENS, json={}, headers=headers).status_code == 422
        said = {"name": "x", "role": "admin"}
        refused = [client.post(TOKENS, json=said, headers=headers) for _ in range(2)]
        assert {code_of(each) for each in refused} == {(403, "role_too_low")}
        assert [each.headers.get("idempotency-replayed") for each in refused] == [None, "true"]


def test_a_request_that_comes_many_times_at_once_is_done_once(site: Site) -> None:
    said, headers = {"email": "gil@example.com"}, {"Idempotency-Key": "k-3"}
    with site.client(Role.ADMIN) as admin, ThreadPoolExecutor(8) as pool:

        def send(_: int) -> httpx.Response:
            return admin.post("/api/v1/invitations", json=said, headers=headers)

        answers = list(pool.map(send, range(16)))
        assert len(admin.get("/api/v1/invitations").json()["items"]) == 1
    done = [each.text for each in answers if each.status_code == 201]
    assert len(set(done)) == 1
    assert {code_of(each) for each in answers if each.status_code != 201} <= {(409, "request_unfinished")}


def test_many_threads_use_one_app(site: Site, app: App) -> None:
    paths = ["/readyz", "/api/v1/check", "/api/v1/files/syncs/users", "/api/v1/people", "/api/v1/runs"]
    with site.client(Role.ADMIN) as admin, ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(lambda number: admin.get(paths[number % len(paths)]).status_code, range(200)))
    assert set(codes) == {200}


@pytest.mark.parametrize("attempt", range(3))
def test_the_state_is_opened_once_however_many_ask_first(app: App, attempt: int) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: (id(app.access), id(app._wiring.store)), range(64)))
    assert len(set(found)) == 1
