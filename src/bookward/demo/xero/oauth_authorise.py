"""The authorisation endpoint: checks, consent, code. Source: Xero, OAuth 2.0 flows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from bookward.demo.xero import consent
from bookward.demo.xero.answers import Answer, Refused, empty_answer
from bookward.demo.xero.envelope import millis
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.options import BROAD_SCOPES, App, AppKind, Company, Options
from bookward.demo.xero.world import World

CODE_MS = 5 * 60 * 1000
_ANY_LOCALHOST = "http://localhost"


class Authorise:
    """Shows the consent page and takes the decision."""

    def __init__(self, world: World) -> None:
        self._world = world

    def admit(self, incoming: Incoming) -> Admission:
        return Admission()

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        query, options = incoming.query, self._world.options
        app = _checked_app(query, options)
        scopes = _checked_scopes(app, query.get("scope", ""))
        _check_grant(app, query)
        several = query.get("acr_values") != "bulk_connect:false"
        if incoming.method == "GET":
            return consent.page(app, options.companies, scopes, several=several)
        back = {"state": query["state"]} if "state" in query else {}
        if incoming.form.get("decision") != ["allow"]:
            return _sent_back(query["redirect_uri"], {"error": "access_denied"} | back)
        companies = _chosen(incoming.form.get("tenant", []), options, several=several)
        code = self._granted(app, scopes, query, companies)
        return _sent_back(query["redirect_uri"], {"code": code, "scope": " ".join(scopes)} | back)

    def _granted(
        self, app: App, scopes: Sequence[str], query: Mapping[str, str], companies: Sequence[Company]
    ) -> str:
        """Connect the organisations and return a code for the tokens."""
        code, event, now = secrets.token_urlsafe(24), str(uuid4()), millis(self._world.clock.now())
        challenge = query.get("code_challenge")
        with self._world.storage.transaction() as db:
            for company in companies:
                db.execute(
                    "INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (app, tenant)"
                    " DO UPDATE SET event = excluded.event, updated = excluded.updated",
                    (str(uuid4()), app.id, company.id, event, now, now),
                )
            db.execute(
                "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (code, app.id, event, query["redirect_uri"], " ".join(scopes), challenge, now + CODE_MS),
            )
        return code


def redirect_allowed(app: App, uri: str) -> bool:
    """Return whether the app may be sent back to ``uri``: registered, and https or http://localhost."""
    parts = urlsplit(uri)
    local = parts.scheme == "http" and parts.hostname == "localhost"
    if not (local or parts.scheme == "https") or parts.fragment:
        return False
    return uri in app.redirect_uris or (local and _ANY_LOCALHOST in app.redirect_uris)


def _checked_app(query: Mapping[str, str], options: Options) -> App:
    app = options.app(query.get("client_id"))
    if app is None or app.kind is AppKind.CUSTOM:
        raise _stop("unauthorized_client", "There is no such app.")
    if not redirect_allowed(app, query.get("redirect_uri", "")):
        raise _stop("invalid_request", "Invalid redirect_uri: https, or http://localhost, as registered.")
    return app


def _checked_scopes(app: App, text: str) -> list[str]:
    scopes = text.split()
    unknown = [scope for scope in scopes if scope not in app.scopes]
    if unknown and set(unknown) <= BROAD_SCOPES:
        raise _stop("unauthorized_client", f"This app may not ask for {' '.join(unknown)}.")
    if unknown or not scopes:
        raise _stop("invalid_scope", f"Invalid scope: {' '.join(unknown) or 'none given'}.")
    return scopes


def _check_grant(app: App, query: Mapping[str, str]) -> None:
    if query.get("response_type") != "code":
        raise _stop("unsupported_response_type", "response_type must be code.")
    if app.kind is AppKind.PKCE and not query.get("code_challenge"):
        raise _stop("invalid_request", "code challenge required")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        raise _stop("invalid_request", "code_challenge_method must be S256.")


def _chosen(tenants: Sequence[str], options: Options, *, several: bool) -> list[Company]:
    companies = [company for company in options.companies if company.id in tenants]
    if not tenants:
        companies = [options.companies[0]]
    if not companies or (len(companies) > 1 and not several):
        raise _stop("invalid_request", "Choose an organisation.")
    return companies


def _stop(code: str, explanation: str) -> Refused:
    return Refused(consent.error_page(code, explanation))


def _sent_back(uri: str, values: Mapping[str, str]) -> Answer:
    joint = "&" if urlsplit(uri).query else "?"
    return empty_answer(302, {"Location": uri + joint + urlencode(values)})
