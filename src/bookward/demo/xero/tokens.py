"""Access tokens: JSON Web Tokens signed with a key that stays in the company's file."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from bookward import exactjson
from bookward.demo.xero.options import App, Options
from bookward.demo.xero.storage import Storage

ACCESS_SECONDS = 30 * 60
IDENTITY_SECONDS = 5 * 60
USER_ID = str(uuid5(NAMESPACE_URL, "demo-user"))


@dataclass(frozen=True, slots=True)
class Session:
    """Who a valid access token speaks for."""

    app: App
    event: str  #: the authentication event: one consent, or one grant of client credentials
    scopes: frozenset[str]
    user: bool  #: False for client credentials


class TokenInvalid(Exception):
    """The token is not one of ours, over, or revoked."""


class Tokens:
    """Makes and reads access tokens."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._key = self._secret("signing-key").encode()
        self._epoch = self._secret("token-epoch")

    def access(self, app: App, event: str, scopes: Iterable[str], now: datetime, *, user: bool) -> str:
        """Return a new access token."""
        claims = self._claims(app, now, ACCESS_SECONDS) | {"aud": "/resources", "scope": sorted(scopes)}
        claims |= {"jti": uuid4().hex, "authentication_event_id": event, "global_session_id": self._epoch}
        if user:
            claims |= {"sub": sha256(USER_ID.encode()).hexdigest()[:32], "xero_userid": USER_ID}
        return self._signed(claims)

    def identity(self, app: App, now: datetime) -> str:
        """Return an id token about the demo user."""
        claims = self._claims(app, now, IDENTITY_SECONDS) | {"aud": app.id, "xero_userid": USER_ID}
        return self._signed(
            claims | {"email": "demo@example.com", "given_name": "Demo", "family_name": "User"}
        )

    def read(self, token: str, now: datetime, options: Options) -> Session:
        """Return whom ``token`` speaks for.

        Raises:
            TokenInvalid: it speaks for nobody.
        """
        claims = self._verified(token)
        app = options.app(claims.get("client_id"))
        if app is None or "jti" not in claims:
            raise TokenInvalid("AuthenticationUnsuccessful")
        if claims["exp"] <= now.timestamp() or claims["global_session_id"] != self._epoch:
            raise TokenInvalid("TokenExpired")
        event = claims["authentication_event_id"]
        with self._storage.transaction() as db:
            if db.execute("SELECT 1 FROM dead_events WHERE event = ?", (event,)).fetchone():
                raise TokenInvalid("TokenRevoked")
        return Session(app, event, frozenset(claims["scope"]), "xero_userid" in claims)

    def expire_all(self) -> None:
        """Make all access tokens made until now invalid; refresh tokens live on."""
        with self._storage.transaction() as db:
            db.execute("DELETE FROM secrets WHERE name = 'token-epoch'")
            self._epoch = self._secret("token-epoch")

    def _secret(self, name: str) -> str:
        with self._storage.transaction() as db:
            db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secrets.token_hex(32)))
            return str(db.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()[0])

    def _claims(self, app: App, now: datetime, seconds: int) -> dict[str, Any]:
        start = int(now.timestamp())
        return {"iss": "local-xero", "nbf": start, "exp": start + seconds, "client_id": app.id}

    def _signed(self, claims: dict[str, Any]) -> str:
        head = _base64(exactjson.encode({"alg": "HS256", "typ": "JWT"}))
        content = f"{head}.{_base64(exactjson.encode(claims))}"
        return f"{content}.{self._signature(content)}"

    def _signature(self, content: str) -> str:
        return _base64(hmac.digest(self._key, content.encode(), "sha256"))

    def _verified(self, token: str) -> dict[str, Any]:
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(content).encode(), signature.encode()):
            raise TokenInvalid("AuthenticationUnsuccessful")
        claims = content.partition(".")[2]
        value: dict[str, Any] = exactjson.decode(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return value


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
