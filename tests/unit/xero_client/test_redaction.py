"""No secret in anything that is written down or raised, whatever Xero sends back."""

from __future__ import annotations

import base64
import html
import json
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.destinations.xero.redaction import MASK, Redactor
from bookward.errors import BookwardError
from tests.unit.xero_client.fakes import World, granted, is_token_call, ok, shown, tokens

JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJ4ZXJvX3VzZXJpZCI6IjEifQ.{'s' * 40}"

graphic = [letter for letter in string.printable if letter.isprintable() and letter != " "]
# Odd letters at both ends, so that no word of our own messages is ever drawn as a secret.
secrets_ = st.text(st.sampled_from(graphic), max_size=60).map(lambda text: f"q7{text}Zx9w")

SPELLINGS: list[Callable[[str], str]] = [
    str,
    quote,
    quote_plus,
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").lower() if text.islower() else quote(text, safe=""),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps({"access_token": text}),
    lambda text: json.dumps({"sent": {"refresh_token": text, "n": [text]}}),
    lambda text: f"<p>grant_type=refresh_token&refresh_token={quote_plus(text)}&x=1</p>",
    html.escape,
    repr,
]


def chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from (str(error), repr(error), str(vars(error)))
        error = error.__cause__ or error.__context__


@given(
    access=secrets_,
    refresh=secrets_,
    fresh=secrets_,
    client=secrets_,
    spell=st.sampled_from(SPELLINGS),
    status=st.sampled_from([200, 400, 401, 403, 404, 500, 503]),
    token_status=st.sampled_from([200, 200, 400, 500]),
    kind=st.sampled_from(["application/json", "text/html", "application/x-www-form-urlencoded"]),
    over=st.booleans(),
    breaks=st.booleans(),
)
def test_secrets_never_show_whatever_xero_echoes(
    access, refresh, fresh, client, spell, status, token_status, kind, over, breaks
):
    basic = base64.b64encode(f"CLIENT:{client}".encode()).decode()
    told = [client]  # what Xero was told or told us so far

    def echo(status: int) -> httpx.Response:
        spelt = [spell(secret) for secret in told]
        if breaks:
            raise httpx.RemoteProtocolError(f"illegal header line: {' '.join(spelt)!r}")
        headers = {"Content-Type": kind, "Set-Cookie": f"sid={spelt[0]}", "X-Echo": quote(spelt[-1])}
        return httpx.Response(status, text=f"you sent {' and '.join(spelt)}", headers=headers)

    def handle(request: httpx.Request) -> httpx.Response:
        if is_token_call(request):
            told.extend([refresh, basic])
            if token_status != 200:
                return echo(token_status)
            told.append(fresh)
            return granted(fresh, fresh, id_token=JWT)
        told.append(request.headers["authorization"].removeprefix("Bearer "))
        return echo(status)

    world = World(
        handle, signed_in=tokens(access, refresh=refresh, lives=-1 if over else 1800), client_secret=client
    )
    said: list[str] = []
    try:
        said.append(str(world.get()))
    except BookwardError as error:
        said.extend(chain(error))
    said.extend(shown(call) for call in world.calls.made)

    for secret in told:
        for text in said:
            assert secret not in text
            assert json.dumps(secret)[1:-1] not in text
            assert quote(secret, safe="") not in text
    assert JWT not in "".join(said)


def test_a_recorded_token_call_keeps_its_shape():
    world = World(
        lambda request: granted(id_token=JWT) if is_token_call(request) else ok(), signed_in=tokens(lives=-1)
    )
    world.get()
    refresh, read = world.calls.made

    assert refresh.request_body == b"grant_type=refresh_token&refresh_token=[secret]"
    assert refresh.request_headers["Authorization"] == "Basic [secret]"
    assert json.loads(refresh.response_body) == {
        "access_token": MASK,
        "refresh_token": MASK,
        "id_token": MASK,
        "expires_in": 1800,
        "token_type": "Bearer",
        "scope": "a b",
    }
    assert read.request_headers["Authorization"] == "Bearer [secret]"


def test_a_pkce_app_shows_its_client_id_only():
    world = World(
        lambda request: granted() if is_token_call(request) else ok(),
        signed_in=tokens(lives=-1),
        client_secret=None,
    )
    world.get()
    assert (
        world.calls.made[0].request_body
        == b"grant_type=refresh_token&refresh_token=[secret]&client_id=CLIENT"
    )


def test_business_data_stays_as_it_is():
    body = '{"Contacts":[{"Name":"Bearer & Sons, code=7","Code":"x","Note":"Ärger"}]}'.encode()
    assert Redactor().body(body) == body


def test_a_tokens_answer_cut_in_half_shows_nothing():
    assert Redactor().body(b'{"access_token":"abcdefgh') == b'{"access_token":"[secret]'


@pytest.mark.parametrize(
    "text", [f"Authorization: Bearer {'a1' * 12}", f"token {JWT} given", "/cb?code=abc&state=1"]
)
def test_what_looks_like_a_secret_is_hidden_though_never_seen_before(text):
    shown = Redactor().text(text)
    assert MASK in shown
    assert "a1a1" not in shown
    assert "eyJ" not in shown
    assert "abc" not in shown


def test_only_the_newest_secrets_are_remembered():
    redactor = Redactor()
    for number in range(200):
        redactor.learn([f"secret-{number:06}"])
    assert redactor.values(b"secret-000199 secret-000001") == b"[secret] secret-000001"


def test_a_value_too_short_to_hide_everywhere_is_hidden_in_its_place():
    redactor = Redactor()
    redactor.learn(["abc", None, ""])
    assert redactor.text("abcdef") == "abcdef"
    assert redactor.headers({"Cookie": "abc"}) == {"Cookie": MASK}
