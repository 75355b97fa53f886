"""The OpenID provider at which people sign in, as far as it is asked: about itself, its keys, a code.

Source: OpenID Connect Core 1.0 and Discovery 1.0.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bookward.clock import Clock
from bookward.errors import ProviderUnavailable, SettingInvalid, SignInRefused
from bookward.pkce import challenge
from bookward.settings import OpenIdSettings, is_safe

SCOPES = "openid email profile"
KEPT = timedelta(hours=1)
"""How long what the provider says of itself, and its keys, are believed without asking again."""

_SECONDS = 10
_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the provider says of itself."""

    authorize: str
    token: str
    keys: str
    userinfo: str | None
    secret_in_body: bool  #: the token endpoint takes the client's secret there, and not in a header


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the provider gave for a code. Used at once and kept nowhere."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


class Provider:
    """Asks the provider; may be shared by threads."""

    def __init__(self, settings: OpenIdSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = Lock()
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def authorize_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address at which a person signs in.

        Raises:
            ProviderUnavailable: it does not say of itself where that is.
            SettingInvalid: it says that it is another one.
        """
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = self.metadata().authorize
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query, quote_via=quote)}"

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Granted:
        """Return what the provider gives for a code.

        Raises:
            SignInRefused: it gives nothing.
            ProviderUnavailable: it cannot be asked.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.settings.client_id,
        }
        metadata, secret, auth = self.metadata(), self.settings.client_secret, None
        if secret is not None and metadata.secret_in_body:
            form["client_secret"] = secret
        elif secret is not None:
            auth = httpx.BasicAuth(quote(self.settings.client_id, safe=""), quote(secret, safe=""))
        status, said = self._ask("POST", metadata.token, data=form, auth=auth)
        if status != 200 or not isinstance(said.get("id_token"), str):
            reason = str(said.get("error") or f"status {status}, without an ID token")
            raise SignInRefused(
                f"The provider does not give a sign-in for what the browser brought: {reason[:100]}.",
                remedy="Sign in again. If it stays so, compare client id and secret, and the redirect URI "
                f"{redirect_uri}, with what is entered at the provider.",
            )
        return Granted(id_token=said["id_token"], access_token=str(said.get("access_token") or ""))

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """Return what else the provider says of a person, nothing where it has no place for that."""
        address = self.metadata().userinfo
        if address is None or not access_token:
            return {}
        status, said = self._ask("GET", address, headers={"Authorization": f"Bearer {access_token}"})
        return said if status == 200 else {}

    def keys(self, *, anew: bool = False) -> KeySet:
        """Return the keys with which the provider signs.

        Args:
            anew: ask, however lately they were asked for: the provider may have changed them since.
        """
        with self._lock:
            if not anew and self._keys is not None and self._clock.now() < self._keys[0] + KEPT:
                return self._keys[1]
        status, said = self._ask("GET", self.metadata().keys)
        try:
            found = KeySet.import_key_set({"keys": said["keys"]}) if status == 200 else None
        except (JoseError, KeyError, TypeError, ValueError):
            found = None
        if found is None:
            raise ProviderUnavailable(f"The provider does not show its keys (status {status}).")
        with self._lock:
            self._keys = self._clock.now(), found
        return found

    def metadata(self) -> Metadata:
        """Return what the provider says of itself.

        Raises:
            ProviderUnavailable: it does not say it.
            SettingInvalid: it says that it is another one.
        """
        with self._lock:
            if self._metadata is not None and self._clock.now() < self._metadata[0] + KEPT:
                return self._metadata[1]
        issuer = self.settings.issuer
        status, said = self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if status != 200:
            raise ProviderUnavailable(f"The provider does not say what it is (status {status}).")
        if said.get("issuer") != issuer:
            raise SettingInvalid(
                f"The provider at {issuer} calls itself {str(said.get('issuer'))[:200]!r}.",
                remedy="Set BOOKWARD_OIDC_ISSUER to that, exactly so, if it is the right one.",
            )
        found = _metadata(said)
        with self._lock:
            self._metadata = self._clock.now(), found
        return found

    def _ask(self, method: str, url: str, **more: Any) -> tuple[int, Mapping[str, Any]]:
        """Return the status and the JSON object that is answered, an empty one where it is none."""
        try:
            status, body = _exchanged(method, url, **more)
        except httpx.HTTPError as error:
            # What httpx raises holds the request, and so the secret: only its kind goes on.
            fault = type(error).__name__
        else:
            if status < 500:
                return status, _object(body)
            fault = f"status {status}"
        raise ProviderUnavailable(f"The provider at {httpx.URL(url).host} cannot be asked: {fault}.")


@cache
def _trusted() -> ssl.SSLContext:
    """Return the authorities that are trusted, read once: it takes longer than many a request."""
    return httpx.create_ssl_context()


def _exchanged(method: str, url: str, **more: Any) -> tuple[int, bytes]:
    with (
        httpx.Client(timeout=_SECONDS, follow_redirects=False, verify=_trusted()) as client,
        client.stream(method, url, **more) as response,
    ):
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LONGEST:
                raise httpx.ReadError("the answer has no end")
        return response.status_code, body


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _metadata(said: Mapping[str, Any]) -> Metadata:
    named = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    unsafe = [name for name, url in named.items() if not isinstance(url, str) or not is_safe(url)]
    if unsafe:
        raise ProviderUnavailable(f"The provider says no https address for {', '.join(unsafe)}.")
    userinfo = said.get("userinfo_endpoint")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        authorize=str(named["authorization_endpoint"]),
        token=str(named["token_endpoint"]),
        keys=str(named["jwks_uri"]),
        userinfo=userinfo if isinstance(userinfo, str) and is_safe(userinfo) else None,
        secret_in_body="client_secret_basic" not in methods,
    )
