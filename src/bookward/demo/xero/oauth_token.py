"""The token and revocation endpoints, and discovery. Source: Xero, OAuth 2.0 flows."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import unquote_plus
from uuid import uuid4

from bookward.demo.xero.answers import Answer, Refused, empty_answer, json_answer
from bookward.demo.xero.envelope import millis
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.options import GRANULAR_SCOPES, App, AppKind
from bookward.demo.xero.tokens import ACCESS_SECONDS
from bookward.demo.xero.world import World

REFRESH_MS = 60 * 24 * 3600 * 1000
GRACE_MS = 30 * 60 * 1000
APP_SCOPE = "app.connections"


class _Open:
    """A handler that lets everybody in."""

    def __init__(self, world: World) -> None:
        self._world = world

    def admit(self, incoming: Incoming) -> Admission:
        return Admission()


class Token(_Open):
    """Gives tokens for codes, refresh tokens and client credentials."""

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        form = {name: values[-1] for name, values in incoming.form.items()}
        app = proven_app(self._world, incoming, form)
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "client_credentials": self._by_credentials,
        }
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            raise _error("unsupported_grant_type")
        with self._world.storage.transaction() as db:
            return grant(db, app, form)

    def _by_code(self, db: sqlite3.Connection, app: App, form: Mapping[str, str]) -> Answer:
        row = db.execute("SELECT * FROM codes WHERE code = ?", (form.get("code"),)).fetchone()
        db.execute("UPDATE codes SET used = 1 WHERE code = ?", (form.get("code"),))
        sound = (
            row is not None
            and row["app"] == app.id
            and not row["used"]
            and row["expires"] > millis(self._world.clock.now())
            and row["redirect_uri"] == form.get("redirect_uri")
            and _verified(row["challenge"], form.get("code_verifier"))
        )
        if not sound:
            return _error("invalid_grant").answer
        return self._granted(db, app, row["event"], row["scope"])

    def _by_refresh(self, db: sqlite3.Connection, app: App, form: Mapping[str, str]) -> Answer:
        now = millis(self._world.clock.now())
        row = db.execute(
            "SELECT * FROM refresh_tokens WHERE token = ? AND app = ? AND issued > ?",
            (form.get("refresh_token"), app.id, now - REFRESH_MS),
        ).fetchone()
        if row is None or (row["retired"] is not None and row["retired"] <= now - GRACE_MS):
            raise _error("invalid_grant")
        db.execute(
            "UPDATE refresh_tokens SET retired = COALESCE(retired, ?) WHERE token = ?", (now, row["token"])
        )
        return self._granted(db, app, row["event"], row["scope"])

    def _by_credentials(self, db: sqlite3.Connection, app: App, form: Mapping[str, str]) -> Answer:
        if app.kind is AppKind.PKCE:
            raise _error("unauthorized_client")
        allowed = app.scopes if app.kind is AppKind.CUSTOM else {APP_SCOPE}
        asked = form.get("scope", "").split() or sorted(allowed - {"offline_access"})
        if not set(asked) <= allowed:
            raise _error("invalid_scope")
        event, now = str(uuid4()), self._world.clock.now()
        if app.kind is AppKind.CUSTOM:
            db.execute(
                "INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (app, tenant) DO NOTHING",
                (str(uuid4()), app.id, app.tenant, event, millis(now), millis(now)),
            )
        token = self._world.tokens.access(app, event, asked, now, user=False)
        return _tokens({"access_token": token, "scope": " ".join(asked)})

    def _granted(self, db: sqlite3.Connection, app: App, event: str, scope: str) -> Answer:
        now, scopes = self._world.clock.now(), scope.split()
        given = {"access_token": self._world.tokens.access(app, event, scopes, now, user=True)}
        if "openid" in scopes:
            given["id_token"] = self._world.tokens.identity(app, now)
        if "offline_access" in scopes:
            given["refresh_token"] = secrets.token_urlsafe(32)
            row = (given["refresh_token"], app.id, event, scope, millis(now))
            db.execute("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, NULL)", row)
        return _tokens(given | {"scope": scope})


class Revocation(_Open):
    """Ends a sign-in, and with it every connection that the user gave the app."""

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        form = {name: values[-1] for name, values in incoming.form.items()}
        app = proven_app(self._world, incoming, form)
        with self._world.storage.transaction() as db:
            token = (form.get("token"), app.id)
            if db.execute("SELECT 1 FROM refresh_tokens WHERE token = ? AND app = ?", token).fetchone():
                db.execute(
                    "INSERT OR IGNORE INTO dead_events SELECT event FROM refresh_tokens WHERE app = ?",
                    (app.id,),
                )
                db.execute("DELETE FROM refresh_tokens WHERE app = ?", (app.id,))
                db.execute("DELETE FROM connections WHERE app = ?", (app.id,))
        return empty_answer(200)


class Discovery(_Open):
    """Tells where the endpoints are."""

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        base = incoming.base_url
        return json_answer(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/identity/connect/authorize",
                "token_endpoint": f"{base}/connect/token",
                "revocation_endpoint": f"{base}/connect/revocation",
                "scopes_supported": sorted(GRANULAR_SCOPES),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["HS256"],
            }
        )


def proven_app(world: World, incoming: Incoming, form: Mapping[str, str]) -> App:
    """Return the app that sent a request, by Basic authentication or by the form.

    Raises:
        Refused: the app is unknown or its secret is wrong.
    """
    id_, secret = _basic(incoming.headers.get("authorization", "")) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    app = world.options.app(id_)
    if app is None or not hmac.compare_digest((app.secret or "").encode(), secret.encode()):
        raise _error("invalid_client")
    return app


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        id_, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise _error("invalid_client") from None
    return unquote_plus(id_), unquote_plus(secret)


def _verified(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    digest = sha256((verifier or "").encode()).digest()
    return hmac.compare_digest(urlsafe_b64encode(digest).rstrip(b"="), challenge.encode())


def _tokens(given: Mapping[str, str]) -> Answer:
    value = {**given, "expires_in": ACCESS_SECONDS, "token_type": "Bearer"}
    return json_answer(value, headers={"Cache-Control": "no-store"})


def _error(code: str) -> Refused:
    return Refused(json_answer({"error": code}, 400))
