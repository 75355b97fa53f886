"""Connecting: the browser's visit, the exchange, the choice of the organisation."""

from __future__ import annotations

import socket
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bookward.destinations.base import Organisation
from bookward.destinations.xero.signin import ask_consent, enter, fitting, keep, sign_in
from bookward.errors import AccessDenied, SignInLost
from tests.unit.xero_client.fakes import BASE, NAME, TENANT, World, granted, is_token_call, script, shown

ONE = {"id": "c1", "tenantId": TENANT, "tenantType": "ORGANISATION", "tenantName": "Harbour Analytics"}
TWO = {"id": "c2", "tenantId": "t2", "tenantType": "ORGANISATION", "tenantName": "Harbour Ltd"}


def xero(*connections: dict) -> World:
    def handle(request: httpx.Request) -> httpx.Response:
        if is_token_call(request):
            return granted()
        assert request.url.path == "/connections"
        assert request.headers["authorization"] == "Bearer access-token-0002"
        return httpx.Response(200, json=list(connections))

    return World(handle, signed_in=None)


def nobody(organisations):
    """Choose where there is nothing to choose."""
    (only,) = organisations
    return only


class Browser:
    """Goes where a person would be sent after granting access."""

    def __init__(self, *paths: str, **answer: str) -> None:
        self.paths = paths
        self.answer = answer
        self.asked: dict[str, str] = {}
        self.pages: list[httpx.Response] = []

    def __call__(self, url: str) -> None:
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        back = urlsplit(self.asked["redirect_uri"])
        assert back.hostname == "localhost"
        with httpx.Client(trust_env=False) as http:
            for path in self.paths:
                self.pages.append(http.get(f"http://127.0.0.1:{back.port}{path}"))
            given = {"state": self.asked["state"], **self.answer}
            self.pages.append(http.get(f"http://127.0.0.1:{back.port}{back.path}", params=given))


def connect(world: World, show=None, choose=nobody, **more):
    browser = show or Browser(code="the-c0de-1234")
    return sign_in(
        NAME, world.spec, world.services, show=browser, choose=choose, transport=world.transport, **more
    )


def test_the_tokens_and_the_organisation_are_kept():
    world = xero(ONE)
    browser = Browser("/favicon.ico", "/callback", code="the-c0de-1234")

    kept = connect(world, browser)

    assert [page.status_code for page in browser.pages] == [404, 404, 200]
    assert "Go back to the terminal" in browser.pages[-1].text
    assert world.vault.tokens[NAME] == kept
    assert (kept.access_token, kept.refresh_token) == ("access-token-0002", "refresh-0002")
    assert (kept.tenant_id, kept.tenant_name) == (TENANT, "Harbour Analytics")
    assert world.vault.history == ["locked", "saved access-token-0002"]
    assert [call.purpose for call in world.calls.made] == ["exchange code", "list organisations"]
    assert "the-c0de-1234" not in "".join(shown(call) for call in world.calls.made)
    assert World(script(), signed_in=kept).client.tenant() == TENANT


def test_pkce_proves_that_the_asker_is_the_one_who_began():
    bodies: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return granted() if is_token_call(request) else httpx.Response(200, json=[ONE])

    world = World(handle, signed_in=None, client_secret=None)
    browser = Browser(code="c0de-c0de")
    connect(world, browser)
    assert browser.asked["code_challenge_method"] == "S256"
    verifier = parse_qs(bodies[0].decode())["code_verifier"][0]
    assert verifier not in "".join(shown(call) for call in world.calls.made)


def test_another_state_is_not_our_sign_in():
    browser = Browser(code="c0de-c0de", state="forged")
    world = World(script(), signed_in=None)
    with pytest.raises(SignInLost, match="another sign-in"):
        connect(world, browser)
    assert browser.pages[-1].status_code == 400
    assert world.vault.tokens == {}


def test_a_person_who_says_no_is_believed():
    browser = Browser(error="access_denied", error_description="<b>No</b>")
    with pytest.raises(SignInLost, match="access_denied"):
        connect(World(script(), signed_in=None), browser)
    assert "<b>No</b>" not in browser.pages[-1].text
    assert "&lt;b&gt;" in browser.pages[-1].text


def test_nobody_coming_ends_the_wait():
    with pytest.raises(SignInLost, match="Nobody granted access"):
        connect(World(script(), signed_in=None), lambda url: None, patience=0.01)


def test_a_silent_connection_does_not_keep_the_browser_out():
    def show(url: str) -> None:
        port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
        with socket.create_connection(("127.0.0.1", port)):
            Browser(code="c0de-c0de")(url)

    assert connect(xero(ONE), show).tenant_id == TENANT


def test_the_browser_may_come_later_and_hang_up_early():
    def show(url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        port = urlsplit(asked["redirect_uri"]).port

        def visit() -> None:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                line = f"GET /callback?code=c0de-c0de&state={asked['state']} HTTP/1.1\r\n\r\n"
                connection.sendall(line.encode())

        threads.append(Thread(target=visit))
        threads[-1].start()

    threads: list[Thread] = []
    assert connect(xero(ONE), show, patience=20).tenant_id == TENANT
    threads[0].join()


def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SignInLost, match=str(port)):
            connect(World(script(), signed_in=None), port=port)


def test_a_custom_connection_needs_no_browser():
    world = World(
        lambda request: granted(refresh=None) if is_token_call(request) else httpx.Response(200, json=[ONE]),
        signed_in=None,
        grant="client_credentials",
    )
    kept = connect(world, nobody)
    assert kept.refresh_token is None
    assert kept.tenant_id == TENANT


def test_a_refused_code_keeps_the_former_sign_in():
    world = World(script(httpx.Response(400, json={"error": "invalid_grant"})))
    before = world.vault.tokens[NAME]
    with pytest.raises(SignInLost):
        connect(world)
    assert world.vault.tokens[NAME] == before


A, B = Organisation(id="T1", name="Harbour"), Organisation(id="T2", name="Harbour")
C = Organisation(id="T3", name="Other")


@pytest.mark.parametrize(
    ("reached", "wanted", "picked"),
    [
        ([A], None, A),
        ([A, C], "other", C),
        ([A, B], "t2", B),
        ([A, B, C], " Harbour ", B),
        ([A, B, C], None, C),
    ],
)
def test_the_organisation_is_the_wanted_the_only_or_the_chosen_one(reached, wanted, picked):
    assert fitting(reached, wanted)[-1] == picked


def test_an_organisation_out_of_reach_is_named_with_those_in_reach():
    with pytest.raises(AccessDenied, match=r"'Harbor'.*'Harbour', 'Other'"):
        fitting([A, C], "Harbor")
    with pytest.raises(AccessDenied, match="no organisation"):
        fitting([], None)


MOVED = "http://mine.example/xero"


def test_the_answer_to_a_consent_is_not_sent_to_another_place_than_it_was_asked_at():
    world = xero(ONE)
    consent = ask_consent(world.spec, "http://localhost:8765/callback", "state")
    moved = world.spec.model_copy(update={"base_url": MOVED})
    visit = {"state": "state", "code": "the-c0de-1234"}
    with pytest.raises(SignInLost, match=f"granted at {BASE}, .* now leads to {MOVED}"):
        enter(NAME, moved, world.services, consent, visit, world.transport)
    assert world.calls.made == []
    assert enter(NAME, world.spec, world.services, consent, visit, world.transport).organisations


def test_a_sign_in_that_waits_for_a_choice_is_of_the_place_where_it_was_made():
    world = xero(ONE, TWO)
    consent = ask_consent(world.spec, "http://localhost:8765/callback", "state")
    visit = {"state": "state", "code": "the-c0de-1234"}
    signed_in = enter(NAME, world.spec, world.services, consent, visit, world.transport)
    assert keep(NAME, world.services, signed_in, signed_in.organisations[1]).at == BASE
