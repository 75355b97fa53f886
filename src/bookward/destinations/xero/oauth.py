"""The messages of OAuth 2, made and read without sending anything.

Source: Xero, OAuth 2.0; RFC 6749.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from bookward.destinations.base import SignInLife
from bookward.destinations.xero.exchange import Answer, Asked
from bookward.destinations.xero.faults import Unavailable, raise_for, reason, retry_after
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AccessDenied, AnswerLost, SignInLost
from bookward.pkce import challenge
from bookward.ports import Tokens
from bookward.records import Organisation

_TOKEN = re.compile(r"[\x21-\x7e]+")
_LIFETIME = 1_800  # seconds; an access token's, where the answer does not say
_UNUSED = timedelta(days=60)
"""So long a refresh token lasts that nobody uses. Source: Xero, OAuth 2.0, token lifetimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the token endpoint gave."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str


def signed_in(tokens: Tokens) -> SignInLife:
    """Return when a sign-in was last renewed, and when it ends unless it is renewed again."""
    at = tokens.expires_at - timedelta(seconds=_LIFETIME)
    return SignInLife(at=at, until=at + _UNUSED if tokens.refresh_token else None)


def uses_pkce(spec: XeroSpec) -> bool:
    """Say whether the app is of the kind without a secret."""
    return spec.client_secret is None


def authorize_url(spec: XeroSpec, redirect_uri: str, state: str, verifier: str | None) -> str:
    """Return the address at which a person grants access; ``verifier`` only for apps that use PKCE."""
    query = {
        "response_type": "code",
        "client_id": spec.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(spec.scopes),
        "state": state,
    }
    if verifier is not None:
        query |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return f"{spec.endpoints.authorize}?{urlencode(query, quote_via=quote)}"


def read_visit(query: Mapping[str, str], state: str) -> str:
    """Return the authorisation code that the browser has brought back from the question of ``state``.

    Raises:
        SignInLost: access was not granted, or the visit is not the answer to this question.
    """
    if query.get("state") != state:
        raise SignInLost("The browser came back from another sign-in than this one.")
    if not query.get("code"):
        said = ": ".join(query[name] for name in ("error", "error_description") if query.get(name))
        raise SignInLost(
            f"Access was not granted ({said[:200] or 'no reason given'}).",
            remedy="Sign in again, and press the button that allows access.",
        )
    return query["code"]


def code_request(spec: XeroSpec, code: str, redirect_uri: str, verifier: str | None) -> Asked:
    """Return the request that exchanges an authorisation code for tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if verifier is not None:
        form["code_verifier"] = verifier
    return _token_request(spec, form, "exchange code")


def refresh_request(spec: XeroSpec, refresh_token: str) -> Asked:
    """Return the request that exchanges a refresh token for new tokens; the old one dies soon after."""
    return _token_request(
        spec, {"grant_type": "refresh_token", "refresh_token": refresh_token}, "refresh token"
    )


def client_credentials_request(spec: XeroSpec) -> Asked:
    """Return the request of a Custom Connection for an access token."""
    # Without a person there is nothing to be offline from: the token endpoint would refuse that scope.
    scopes = [scope for scope in spec.scopes if scope != "offline_access"]
    return _token_request(spec, {"grant_type": "client_credentials", "scope": " ".join(scopes)}, "get token")


def connections_request(spec: XeroSpec, access_token: str) -> Asked:
    """Return the request for the organisations that an access token reaches."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {access_token}"}
    return Asked(method="GET", url=spec.endpoints.connections, headers=headers, purpose="list organisations")


def disconnection_request(spec: XeroSpec, access_token: str, connection: str) -> Asked:
    """Return the request that ends one connection, by the connection's own id."""
    return Asked(
        method="DELETE",
        url=f"{spec.endpoints.connections}/{quote(connection, safe='')}",
        headers={"Accept": "application/json", "Authorization": f"Bearer {access_token}"},
        purpose="disconnect",
    )


def revocation_request(spec: XeroSpec, refresh_token: str) -> Asked:
    """Return the request that ends all that the user of a refresh token gave the app."""
    return _token_request(spec, {"token": refresh_token}, "revoke sign-in", spec.endpoints.revocation)


def read_grant(answer: Answer, now: datetime, *, scopes: list[str]) -> Grant:
    """Return the tokens in an answer of the token endpoint.

    Raises:
        SignInLost: Xero refused.
        Unavailable: Xero failed, or asks to come back later.
        AnswerLost: the answer is not what the token endpoint gives.
    """
    _raise_for(answer, "sign in", now)
    if answer.status != 200:
        raise _sign_in_refused(answer)
    value = answer.json()
    if not isinstance(value, dict) or not _is_token(value.get("access_token")):
        raise AnswerLost("Xero answered the sign-in without a usable access token.")
    renewed = value.get("refresh_token")
    return Grant(
        access_token=value["access_token"],
        refresh_token=renewed if _is_token(renewed) else None,
        expires_at=now + timedelta(seconds=_seconds(value.get("expires_in"))),
        scope=str(value.get("scope") or " ".join(scopes)),
    )


def read_connections(answer: Answer, now: datetime) -> list[Organisation]:
    """Return the organisations in an answer of the connections endpoint.

    Raises:
        SignInLost: Xero refused the access token.
        AccessDenied: the sign-in may not ask.
        Unavailable: Xero failed.
        AnswerLost: the answer is not a list of connections.
    """
    return [
        Organisation(id=str(each["tenantId"]), name=str(each.get("tenantName") or each["tenantId"]))
        for each in _connections(answer, now)
        if _is_organisation(each)
    ]


def connection_to(tenant: str, answer: Answer, now: datetime) -> str | None:
    """Return the id of the connection to an organisation in an answer of the connections endpoint, if any.

    Raises:
        SignInLost, AccessDenied, Unavailable, AnswerLost: as ``read_connections``.
    """
    ids = (each.get("id") for each in _connections(answer, now) if each["tenantId"] == tenant)
    return next((str(id_) for id_ in ids if id_), None)


def read_disconnection(answer: Answer, now: datetime) -> bool:
    """Return whether a connection was ended, False when there was none any more.

    Raises:
        SignInLost: Xero refused the access token.
        AccessDenied: the sign-in may not end it.
        Unavailable: Xero failed.
    """
    _raise_for(answer, "disconnect", now)
    if answer.status == 401:
        raise SignInLost(f"Xero refuses the access token: {reason(answer)}")
    if answer.status not in (200, 204, 404):
        raise AccessDenied(f"Xero does not end the connection ({answer.status}): {reason(answer)}")
    return answer.status != 404


def read_revocation(answer: Answer, now: datetime) -> None:
    """Make sure that a sign-in was revoked; one that Xero does not know counts as such (RFC 7009).

    Raises:
        SignInLost: Xero refused.
        AccessDenied: the app may not.
        Unavailable: Xero failed.
    """
    _raise_for(answer, "revoke the sign-in", now)
    if answer.status != 200:
        raise _sign_in_refused(answer)


def _connections(answer: Answer, now: datetime) -> list[Mapping[str, Any]]:
    _raise_for(answer, "list organisations", now)
    if answer.status == 401:
        raise SignInLost(f"Xero refuses the access token: {reason(answer)}")
    if answer.status != 200:
        raise AccessDenied(f"Xero does not list the organisations ({answer.status}): {reason(answer)}")
    value = answer.json()
    if not isinstance(value, list):
        raise AnswerLost("Xero answered the request for organisations with something that is not a list.")
    return [each for each in value if isinstance(each, Mapping) and each.get("tenantId")]


def _token_request(spec: XeroSpec, form: dict[str, str], purpose: str, url: str | None = None) -> Asked:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if spec.client_secret is None:
        form = {**form, "client_id": spec.client_id}
    else:
        pair = f"{spec.client_id}:{spec.client_secret.get_secret_value()}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return Asked(
        method="POST",
        url=url or spec.endpoints.token,
        headers=headers,
        body=urlencode(form).encode(),
        purpose=purpose,
    )


def _raise_for(answer: Answer, what: str, now: datetime) -> None:
    raise_for(answer, what, now)
    if answer.status == 429:
        wait = retry_after(answer, now)
        raise Unavailable(f"Xero asks to {what} later: too many calls.", status=429, wait=wait)


def _sign_in_refused(answer: Answer) -> SignInLost:
    said = reason(answer)
    if "invalid_client" in said or "unauthorized_client" in said:
        return SignInLost(
            f"Xero does not know this app: {said}",
            remedy="Compare client_id and client_secret with those on Xero's developer site.",
        )
    if "invalid_scope" in said:
        return SignInLost(
            f"Xero does not grant these scopes to this app: {said}",
            remedy="Set `scopes` to what the app may ask for; newer apps know only the granular ones.",
        )
    return SignInLost(f"Xero refused the sign-in ({answer.status}): {said}")


def _is_token(value: Any) -> bool:
    # Anything else could not stand in a header, and would be quoted by the error that says so.
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _is_organisation(connection: Mapping[str, Any]) -> bool:
    return str(connection.get("tenantType") or "ORGANISATION").upper() == "ORGANISATION"


def _seconds(value: Any) -> float:
    try:
        return min(max(float(value), 0.0), 86_400.0)
    except (TypeError, ValueError):
        return _LIFETIME
