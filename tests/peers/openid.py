"""An OpenID provider in a process of its own: oidc-provider-mock, and a hand on what it signs.

Run as a program it serves, prints its port, and takes at PUT /tampering what is to be wrong from then on:
``claims`` to be put over those of ID tokens (null takes one away), ``alg`` ("none" or "HS256"), ``stranger``
(sign with a key that is not shown), ``nameless`` (keys without a `kid`), ``rotate`` (go over to a new key),
``metadata`` to be put over what it says of itself, ``down`` (503 for everything else).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "bookward", "provider s3cret: with / and %"


@dataclass
class Provider:
    """The provider, as tests reach it."""

    url: str

    def person(self, subject: str, **claims: Any) -> None:
        """Have somebody who can sign in."""
        response = httpx.put(f"{self.url}/users/{subject}", json=claims, trust_env=False)
        response.raise_for_status()

    def tamper(self, **wrong: Any) -> None:
        """Let something be wrong from now on, and nothing else."""
        httpx.put(f"{self.url}/tampering", json=wrong, trust_env=False).raise_for_status()

    def token_requests(self) -> list[dict[str, Any]]:
        """Return what the token endpoint was sent."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/tampering", trust_env=False).json()
        return found


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run the provider until the block is left."""
    environ = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "tests.peers.openid"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ) as process:
        try:
            assert process.stdout
            yield Provider(f"http://localhost:{int(process.stdout.readline())}")
        finally:
            process.kill()


class Hand:
    """Changes what the provider answers."""

    def __init__(self) -> None:
        self.wrong: dict[str, Any] = {}
        self.keys = [RSAKey.generate_key(2048, {"kid": "first"})]
        self.stranger = RSAKey.generate_key(2048, {"kid": "first"})
        self.asked: list[dict[str, Any]] = []

    def told(self, wrong: dict[str, Any]) -> None:
        self.wrong = wrong
        self.asked.clear()
        if wrong.get("rotate"):
            self.keys = [RSAKey.generate_key(2048, {"kid": f"after {self.keys[0].kid}"})]

    def tokens(self, said: dict[str, Any]) -> dict[str, Any]:
        return said | {"id_token": self._signed(said["id_token"])} if "id_token" in said else said

    def shown_keys(self) -> dict[str, Any]:
        shown = [key.as_dict(private=False) for key in self.keys]
        if self.wrong.get("nameless"):
            shown = [*shown, self.stranger.as_dict(private=False)]
            shown = [{name: value for name, value in key.items() if name != "kid"} for key in shown]
        return {"keys": shown}

    def _signed(self, token: str) -> str:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        claims |= self.wrong.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.stranger if self.wrong.get("stranger") else self.keys[0]
        header = {"alg": self.wrong.get("alg", "RS256")}
        if not self.wrong.get("nameless"):
            header["kid"] = str(key.kid)
        signing = f"{_part(header)}.{_part(claims)}"
        if header["alg"] == "none":
            return f"{signing}."
        if header["alg"] == "HS256":  # what is public of the key, taken for a secret
            mac = hmac.digest(key.as_pem(private=False), signing.encode(), "sha256")
            return f"{signing}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        return jwt.encode(header, claims, key)


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _serve() -> None:
    import flask
    import oidc_provider_mock
    from werkzeug.serving import make_server

    app, hand = oidc_provider_mock.app(), Hand()

    @app.route("/tampering", methods=["PUT", "GET"])
    def tampering() -> Any:
        if flask.request.method == "PUT":
            hand.told(flask.request.get_json())
        return flask.jsonify(hand.asked)

    @app.before_request
    def before() -> Any:
        request = flask.request
        if request.path == "/oauth2/token":
            hand.asked.append(
                dict(request.form) | {"authorization": request.headers.get("authorization", "")}
            )
        return ("Down.", 503) if hand.wrong.get("down") and request.path != "/tampering" else None

    @app.after_request
    def after(response: flask.Response) -> flask.Response:
        path, said = flask.request.path, response.get_json(silent=True) or {}
        if path == "/oauth2/token":
            response.set_data(json.dumps(hand.tokens(said)))
        elif path == "/jwks":
            response.set_data(json.dumps(hand.shown_keys()))
        elif path == "/.well-known/openid-configuration":
            response.set_data(json.dumps(said | hand.wrong.get("metadata", {})))
        elif path == "/oauth2/authorize" and "state=" not in response.headers.get("location", "state="):
            # It forgets the state where somebody says no, which the standard asks for.
            response.headers["location"] += f"&state={flask.request.args['state']}"
        return response

    server = make_server("localhost", 0, app, threaded=True)
    print(server.server_port, flush=True)  # noqa: T201 - said to who started it
    server.serve_forever()


if __name__ == "__main__":
    _serve()
