"""What a request sends, and what becomes of every kind of answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import httpx
import pytest

from bookward.destinations.xero.client import Answer, Unavailable
from bookward.errors import AccessDenied, AnswerLost, NotConnected, RemoteUnavailable, SignInLost
from bookward.ports import BudgetState
from tests.unit.xero_client.fakes import (
    NAME,
    TENANT,
    World,
    granted,
    is_token_call,
    limits,
    ok,
    script,
    tokens,
)


def test_a_request_carries_what_xero_needs():
    seen: list[httpx.Request] = []
    world = World(lambda request: seen.append(request) or ok({"Contacts": []}))

    world.post(
        b'{"Contacts":[{}]}',
        run="run-1",
        params={"summarizeErrors": "false", "IDs": "a,b", "where": 'Name="O\'Brien & Co"'},
        idempotency_key="key-1",
        modified_since="2026-11-01T10:00:00",
        rows=1,
    )

    request = seen[0]
    assert str(request.url) == (
        "http://xero.test/api.xro/2.0/Contacts?summarizeErrors=false&IDs=a,b"
        "&where=Name%3D%22O%27Brien%20%26%20Co%22"
    )
    assert request.headers["authorization"] == "Bearer access-token-0001"
    assert request.headers["xero-tenant-id"] == TENANT
    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["if-modified-since"] == "2026-11-01T10:00:00"
    call = world.calls.made[0]
    assert (call.run, call.destination, call.purpose, call.rows) == ("run-1", NAME, "send contacts", 1)
    assert (call.method, call.status, call.request_body) == ("POST", 200, b'{"Contacts":[{}]}')


def test_a_path_is_encoded_but_its_slashes_stay():
    seen: list[httpx.Request] = []
    world = World(lambda request: seen.append(request) or ok())
    world.get("Contacts/Ärger 50%")
    assert seen[0].url.raw_path == b"/api.xro/2.0/Contacts/%C3%84rger%2050%25"


def test_money_arrives_exact():
    world = World(script(httpx.Response(200, content=b'{"Total":0.10000000000000000001}', headers=limits())))
    assert world.get().json() == {"Total": Decimal("0.10000000000000000001")}


@pytest.mark.parametrize("status", [200, 204, 304, 400, 404, 409, 412, 413, 414, 418])
def test_answers_about_the_request_itself_are_the_callers_to_judge(status):
    world = World(
        script(httpx.Response(status, text="<html>no</html>", headers={"Content-Type": "text/html"}))
    )
    answer = world.get()
    assert answer.status == status
    assert not answer.is_json


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html><title>Service Unavailable</title></html>", b'{"Message":"The Organisation is offline"}'],
)
def test_a_failing_xero_is_unavailable_with_its_status(status, body):
    world = World(script(httpx.Response(status, content=body, headers={"Retry-After": "300"})))
    with pytest.raises(RemoteUnavailable, match=str(status)) as caught:
        world.post()
    assert isinstance(caught.value, Unavailable)
    assert caught.value.status == status
    assert caught.value.wait == timedelta(minutes=5)


def test_the_reason_of_a_failure_is_shown_without_its_markup():
    page = "<html><style>p{color:red}</style><h1>Service\n Unavailable</h1>" + "<p>x</p>" * 90_000
    world = World(script(httpx.Response(503, text=page)))
    with pytest.raises(Unavailable, match="Service Unavailable x x") as caught:
        world.get()
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({}, b"", "no reason given"),
        ({"WWW-Authenticate": 'Bearer error="insufficient_scope"'}, b"", "insufficient_scope"),
        (
            {"Content-Type": "application/json"},
            b'{"Title":"Forbidden","Detail":"No access"}',
            "Forbidden: No access",
        ),
        ({"Content-Type": "application/json"}, b'[{"Message":"AuthenticationUnsuccessful"}]', "Unsuccessful"),
        ({"Content-Type": "application/json"}, b'{"Title":', "Title"),
        ({"Content-Type": "application/json"}, b"[[[[", "no|\\["),
        ({"Content-Type": "application/json"}, b"null", "no reason given"),
        ({"Content-Type": "application/json"}, b'"plain"', "plain"),
        ({"Content-Type": "text/html"}, b"\xff\xfe\x00<b>denied</b>", "denied"),
    ],
)
def test_a_403_is_denied_with_the_reason_in_whatever_shape(headers, body, said):
    world = World(script(httpx.Response(403, content=body, headers=headers)))
    with pytest.raises(AccessDenied, match=said):
        world.get()


def test_a_401_about_scopes_is_denied_without_a_refresh():
    answer = httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    world = World(script(answer))
    with pytest.raises(AccessDenied, match="insufficient_scope"):
        world.get()


@pytest.mark.parametrize("body", [b'{"Contacts":[{"Name":"Har', b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_not_whole_json_is_a_lost_answer(body):
    answer = Answer(status=200, headers={"content-type": "application/json"}, body=body)
    with pytest.raises(AnswerLost, match="whole JSON") as caught:
        answer.json()
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.WriteError("gone")]
)
def test_a_request_that_may_have_left_is_a_lost_answer(fault):
    world = World(script(fault))
    with pytest.raises(AnswerLost, match=str(fault)) as caught:
        world.post()
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert [(call.status, call.error) for call in world.calls.made] == [
        (None, f"{type(fault).__name__}: {fault}")
    ]


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("")]
)
def test_a_request_that_never_left_finds_xero_unavailable(fault):
    world = World(script(fault))
    with pytest.raises(Unavailable) as caught:
        world.post()
    assert caught.value.status is None
    assert len(world.calls.made) == 1


def test_without_a_sign_in_nothing_is_sent():
    world = World(script(), signed_in=None)
    for attempt in (world.get, world.client.tenant):
        with pytest.raises(NotConnected, match=NAME):
            attempt()
    assert world.client.budget() == BudgetState()
    assert world.calls.made == []


def test_a_401_takes_the_tokens_that_another_process_has_renewed():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer renewed-elsewhere":
            return ok()
        world.vault.tokens[NAME] = tokens("renewed-elsewhere")
        return httpx.Response(401)

    world = World(answer)
    assert world.get().status == 200
    assert world.calls.statuses == [401, 200]
    assert world.vault.history == []


def test_a_401_is_cured_by_one_refresh_whose_tokens_are_kept_before_they_are_used():
    def answer(request: httpx.Request) -> httpx.Response:
        if is_token_call(request):
            assert b"refresh_token=refresh-0001" in request.content
            return granted()
        if request.headers["authorization"] == "Bearer access-token-0001":
            return httpx.Response(401)
        assert world.vault.tokens[NAME].refresh_token == "refresh-0002"
        return ok()

    world = World(answer)
    assert world.get().status == 200
    assert [call.purpose for call in world.calls.made] == ["read contacts", "refresh token", "read contacts"]
    kept = world.vault.tokens[NAME]
    assert (kept.access_token, kept.tenant_id) == ("access-token-0002", TENANT)
    assert kept.expires_at == world.clock.now() + timedelta(minutes=30)


def test_a_401_that_no_refresh_cures_loses_the_sign_in():
    world = World(lambda request: granted() if is_token_call(request) else httpx.Response(401))
    with pytest.raises(SignInLost):
        world.get()
    assert world.calls.statuses == [401, 200, 401]


def test_a_dead_refresh_token_loses_the_sign_in():
    dead = httpx.Response(400, json={"error": "invalid_grant"})
    world = World(script(dead), signed_in=tokens(lives=-1))
    with pytest.raises(SignInLost, match="invalid_grant"):
        world.get()


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(503, text="<html>"),
        httpx.Response(429),
        httpx.Response(200, content=b'{"access_tok'),
        httpx.Response(200, json=["?"]),
        httpx.Response(200, json={"access_token": "with a\nline"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
    ],
)
def test_a_token_endpoint_in_trouble_is_asked_again_later_and_nothing_is_forgotten(failure):
    world = World(script(failure), signed_in=tokens(lives=-1))
    with pytest.raises(Unavailable):
        world.post()
    assert world.vault.tokens[NAME].refresh_token == "refresh-0001"
    assert len(world.calls.made) == 1


def test_tokens_are_renewed_ahead_of_their_end():
    world = World(lambda request: granted() if is_token_call(request) else ok(), signed_in=tokens(lives=50))
    world.get()
    assert world.calls.statuses == [200, 200]
    world.get()
    assert world.calls.statuses == [200, 200, 200]


def test_a_sign_in_without_a_refresh_token_is_lost_when_it_runs_out():
    world = World(script(), signed_in=tokens(lives=-1, refresh=None))
    with pytest.raises(SignInLost):
        world.get()


def test_a_custom_connection_asks_for_a_new_token_with_its_own_secret():
    seen: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if is_token_call(request):
            seen.append(request.content)
            return granted(refresh=None)
        return ok()

    world = World(handle, signed_in=tokens(lives=-1, refresh=None), grant="client_credentials")
    world.get()
    assert b"grant_type=client_credentials" in seen[0]
    assert b"offline_access" not in seen[0]


def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one():
    world = World(
        lambda request: granted(refresh=None) if is_token_call(request) else ok(), signed_in=tokens(lives=-1)
    )
    world.get()
    assert world.vault.tokens[NAME].refresh_token == "refresh-0001"


@pytest.mark.parametrize("known_to_be_over", [True, False])
def test_two_threads_with_dead_tokens_refresh_once(known_to_be_over):
    meet = Barrier(2)
    first_two = iter([True, True])

    def handle(request: httpx.Request) -> httpx.Response:
        if is_token_call(request):
            return granted()
        if request.headers["authorization"] != "Bearer access-token-0001":
            return ok()
        if next(first_two, False):
            meet.wait(10)
        return httpx.Response(401)

    world = World(handle, signed_in=tokens(lives=-1 if known_to_be_over else 1800))
    # So that both calls may leave at once: the very first call otherwise goes alone.
    world.budget.states[TENANT] = BudgetState(minute_left=50, seen_at=world.clock.now())
    statuses: list[int] = []
    threads = [Thread(target=lambda: statuses.append(world.get().status)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert statuses == [200, 200]
    assert [call.purpose for call in world.calls.made].count("refresh token") == 1


def test_a_request_that_is_interrupted_is_still_written_down():
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    world = World(interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.post()
    assert [call.error for call in world.calls.made] == ["interrupted"]


@pytest.mark.parametrize("lives", [1800, 10], ids=["in use", "to be renewed"])
@pytest.mark.parametrize("grant", ["authorization_code", "client_credentials"])
@pytest.mark.parametrize(
    ("made_at", "leads_to"),
    [
        (None, "http://mine.example"),
        (None, "http://127.0.0.1:9"),
        ("http://xero.test", "http://mine.example"),
        ("http://127.0.0.1", "http://mine.example:9"),
        ("http://xero.test", None),
    ],
)
def test_a_sign_in_is_sent_to_nobody_but_where_it_was_made(
    made_at: str | None, leads_to: str | None, grant: str, lives: float
) -> None:
    seen: list[httpx.Request] = []
    world = World(lambda request: seen.append(request) or ok(), base_url=leads_to, grant=grant)
    world.vault.tokens[NAME] = replace(tokens(lives=lives), at=made_at)
    for ask in (world.get, world.client.tenant):
        with pytest.raises(NotConnected, match=f"connected at {made_at or 'Xero itself'}, ") as error:
            ask()
        assert "its sign-in is not sent there" in error.value.message
        assert error.value.remedy == f"Correct `base_url` in its file, or run `bookward connect {NAME}`."
    assert seen == []
    assert world.client.budget() == BudgetState()


@pytest.mark.parametrize(
    ("made_at", "leads_to"),
    [
        (None, None),
        ("http://xero.test", "http://xero.test/"),
        ("http://127.0.0.1", "http://127.0.0.1:8080"),  # a local Xero that was started anew
    ],
)
def test_a_sign_in_goes_on_where_it_was_made(made_at: str | None, leads_to: str | None) -> None:
    world = World(lambda _: ok(), base_url=leads_to)
    world.vault.tokens[NAME] = replace(tokens(), at=made_at)
    assert world.get().status == 200
