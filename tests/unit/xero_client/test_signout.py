"""Disconnecting: what is ended at Xero, what is left, and what is forgotten here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest

from bookward.destinations.base import Organisation
from bookward.destinations.xero.faults import Unavailable
from bookward.destinations.xero.signout import sign_out
from bookward.errors import AnswerLost, NotConnected
from bookward.records import SignedOut
from bookward.spec.destination import DestinationSpec
from tests.unit.xero_client.fakes import NAME, TENANT, World, granted, is_token_call, shown, spec, tokens

ONE = {"id": "connection-1", "tenantId": TENANT, "tenantName": "Harbour Analytics"}
TWO = {"id": "connection-2", "tenantId": "t2", "tenantName": "Harbour Ltd"}
ALL = ["GET /connections", "DELETE /connections/connection-1", "POST /connect/revocation"]


class Xero:
    """A Xero that ends what it is told to, unless an answer is set."""

    def __init__(self, *connections: Mapping[str, str], **answers: httpx.Response | Exception) -> None:
        self.connections = connections or (TWO, ONE)
        self.answers = answers
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        name = {"GET": "listed", "DELETE": "ended"}.get(request.method, "revoked")
        if is_token_call(request):
            name = "renewed"
        defaults = {
            "listed": httpx.Response(200, json=list(self.connections)),
            "ended": httpx.Response(204),
            "revoked": httpx.Response(200),
            "renewed": granted(),
        }
        answer = self.answers.get(name, defaults[name])
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.seen]


def disconnect(world: World, others: Mapping[str, DestinationSpec] | None = None, **more) -> SignedOut:
    more = {"confirm": lambda _: None} | more
    return sign_out(NAME, world.spec, world.services, others=others or {}, transport=world.transport, **more)


def test_the_connection_is_ended_the_sign_in_revoked_and_the_tokens_forgotten():
    xero = Xero()
    world = World(xero)
    asked: list[Organisation] = []
    done = disconnect(world, confirm=asked.append)
    assert done == SignedOut(
        organisation=Organisation(id=TENANT, name="Harbour Analytics"),
        connection_ended=True,
        sign_in_revoked=True,
        remarks=(),
    )
    assert asked == [done.organisation]
    assert xero.asked == ALL
    assert parse_qs(xero.seen[-1].content.decode()) == {"token": ["refresh-0001"]}
    assert xero.seen[-1].headers["authorization"].startswith("Basic ")
    assert world.vault.tokens == {}
    assert world.vault.history == ["locked", "forgotten"]
    assert [call.purpose for call in world.calls.made] == [
        "list organisations",
        "disconnect",
        "revoke sign-in",
    ]
    assert "refresh-0001" not in "".join(map(shown, world.calls.made))


def test_an_app_without_a_secret_says_who_it_is_in_the_form():
    xero = Xero()
    disconnect(World(xero, client_secret=None))
    assert parse_qs(xero.seen[-1].content.decode()) == {"token": ["refresh-0001"], "client_id": ["CLIENT"]}
    assert "authorization" not in xero.seen[-1].headers


def test_nothing_happens_when_the_person_says_no():
    def no(_: Organisation) -> None:
        raise KeyboardInterrupt

    xero = Xero()
    world = World(xero)
    with pytest.raises(KeyboardInterrupt):
        disconnect(world, confirm=no)
    assert (xero.asked, list(world.vault.tokens)) == ([], [NAME])


def test_where_nobody_is_signed_in_there_is_nothing_to_end():
    with pytest.raises(NotConnected, match="is not connected"):
        disconnect(World(Xero(), signed_in=None))


def test_tokens_that_ran_out_are_renewed_to_say_goodbye():
    xero = Xero()
    done = disconnect(World(xero, signed_in=tokens(lives=-5)))
    assert (done.connection_ended, done.sign_in_revoked) == (True, True)
    assert xero.asked == ["POST /connect/token", *ALL]
    assert parse_qs(xero.seen[-1].content.decode())["token"] == ["refresh-0002"]


@pytest.mark.parametrize("lives", [1800, -5])
def test_a_dead_sign_in_is_only_forgotten(lives: float):
    refused = httpx.Response(401, json={"Title": "Unauthorized", "Detail": "TokenExpired"})
    xero = Xero(listed=refused, renewed=httpx.Response(400, json={"error": "invalid_grant"}))
    world = World(xero, signed_in=tokens(lives=lives))
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (False, False)
    (remark,) = done.remarks
    assert remark.startswith("Xero does not accept the sign-in, so nothing ended there. ")
    assert remark.endswith("Xero refused the sign-in (400): invalid_grant")
    assert "POST /connect/revocation" not in xero.asked
    assert world.vault.tokens == {}


@pytest.mark.parametrize("more", [{}, {"ended": httpx.Response(404)}], ids=["not listed", "gone meanwhile"])
def test_a_connection_that_is_gone_already_is_no_error(more: dict):
    xero = Xero(ONE, **more) if more else Xero(TWO)
    world = World(xero)
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (False, True)
    assert done.remarks == ("The organisation was not connected any more.",)
    assert world.vault.tokens == {}


def test_what_the_sign_in_may_not_do_is_said_and_the_rest_is_done():
    denied = httpx.Response(403, json={"Title": "Forbidden", "Detail": "not you"})
    world = World(Xero(ended=denied))
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (False, True)
    assert done.remarks == (
        "The connection was not ended. Xero does not allow this sign-in to disconnect: Forbidden: not you",
    )
    assert world.vault.tokens == {}


def test_a_revocation_that_is_refused_is_said():
    world = World(Xero(revoked=httpx.Response(400, json={"error": "invalid_client"})))
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (True, False)
    assert done.remarks == ("The sign-in was not revoked. Xero does not know this app: invalid_client",)
    assert world.vault.tokens == {}


@pytest.mark.parametrize("step", ["listed", "ended", "revoked"])
@pytest.mark.parametrize(
    "trouble",
    [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "5"}), httpx.ReadError("cut")],
)
def test_when_xero_cannot_be_told_nothing_is_forgotten_and_it_can_be_done_again(
    step: str, trouble: httpx.Response | Exception
):
    xero = Xero(**{step: trouble})
    world = World(xero)
    with pytest.raises((Unavailable, AnswerLost)):
        disconnect(world)
    assert list(world.vault.tokens) == [NAME]
    xero.answers.clear()
    assert disconnect(world).sign_in_revoked
    assert world.vault.tokens == {}


def test_a_custom_connection_has_no_sign_in_to_revoke():
    xero = Xero()
    done = disconnect(World(xero, signed_in=tokens(refresh=None), grant="client_credentials"))
    assert (done.connection_ended, done.sign_in_revoked, done.remarks) == (True, False, ())
    assert xero.asked == ALL[:2]


def test_another_destination_of_the_same_app_stays_signed_in():
    xero = Xero()
    world = World(xero)
    world.vault.tokens["other"] = replace(tokens(), tenant_id="t2")
    done = disconnect(world, {"other": spec()})
    assert (done.connection_ended, done.sign_in_revoked) == (True, False)
    assert done.remarks == ("The sign-in was not revoked: that would sign out 'other' too.",)
    assert list(world.vault.tokens) == ["other"]


def test_another_destination_of_the_same_organisation_keeps_the_connection():
    xero = Xero()
    world = World(xero)
    world.vault.tokens["other"] = tokens()
    done = disconnect(world, {"other": spec()})
    assert (done.connection_ended, done.sign_in_revoked) == (False, False)
    assert xero.asked == []
    assert done.remarks == (
        "The connection stays: destination 'other' uses it too.",
        "The sign-in was not revoked: that would sign out 'other' too.",
    )
    assert list(world.vault.tokens) == ["other"]


def test_destinations_of_another_app_or_without_a_sign_in_do_not_count():
    world = World(Xero())
    world.vault.tokens["other app"] = tokens()
    others = {"other app": spec(client_id="ANOTHER"), "never connected": spec()}
    assert disconnect(world, others).sign_in_revoked


def test_a_sign_in_that_was_made_elsewhere_is_forgotten_and_sent_nowhere():
    xero = Xero()
    world = World(xero)
    world.spec = spec(base_url="http://mine.example")
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (False, False)
    (remark,) = done.remarks
    assert remark.startswith(
        "Nothing was ended there. Destination 'xero-production' was connected at http://xero"
    )
    assert xero.asked == []
    assert NAME not in world.vault.tokens
