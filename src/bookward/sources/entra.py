"""A sign-in by Microsoft Entra ID: a service principal, or the identity of the machine in Azure.

Sources: Microsoft identity platform, client credentials; Azure, managed identities, "How to use managed
identities on a virtual machine to acquire an access token".
"""

from __future__ import annotations

from typing import Any, Self

import httpx
from pydantic import SecretStr, model_validator

from bookward.errors import SourceFailed
from bookward.sources.addresses import SafeAddress
from bookward.spec.base import Spec

_PATIENCE = 30.0  # seconds for a token


class EntraSignIn(Spec):
    """Who signs in by Microsoft Entra ID."""

    tenant: str | None = None
    """The directory (tenant) id; with `client_id` and `client_secret`, a service principal signs in."""
    client_id: str | None = None
    """The application (client) id; of a managed identity, where the machine has several."""
    client_secret: SecretStr | None = None
    """The application's secret, as `${NAME}`. Without it, the machine's managed identity signs in."""
    authority: SafeAddress = "https://login.microsoftonline.com"
    """Where tokens are given to service principals; `https://login.microsoftonline.us` for US Government."""
    identity_url: str = "http://169.254.169.254"
    """Where the machine asks for the token of its managed identity."""

    @model_validator(mode="after")
    def _whole_principal(self) -> Self:
        parts = (self.tenant, self.client_secret)
        if any(parts) and not (all(parts) and self.client_id):
            raise ValueError("a service principal has `tenant`, `client_id` and `client_secret`")
        return self


def token(sign_in: EntraSignIn, resource: str, source: str) -> str:
    """Return an access token.

    Args:
        resource: what it is for, as Entra knows it.
        source: its name, for errors.

    Raises:
        SourceFailed: there is none to be had.
    """
    of_machine = sign_in.client_secret is None  # a proxy would ask for its own machine, and read the token
    try:
        with httpx.Client(timeout=_PATIENCE, trust_env=not of_machine) as client:
            answer = client.send(_request(client, sign_in, resource))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _refused(source, str(error) or type(error).__name__) from error
    given = _object(answer)
    if not answer.is_success or not isinstance(given.get("access_token"), str):
        raise _refused(source, _said(given) or f"HTTP {answer.status_code}")
    return str(given["access_token"])


def _request(client: httpx.Client, sign_in: EntraSignIn, resource: str) -> httpx.Request:
    if sign_in.client_secret is None:
        asked = {"api-version": "2018-02-01", "resource": resource}
        asked |= {"client_id": sign_in.client_id} if sign_in.client_id else {}
        url = f"{sign_in.identity_url}/metadata/identity/oauth2/token"
        return client.build_request("GET", url, params=asked, headers={"Metadata": "true"})
    form = {
        "grant_type": "client_credentials",
        "client_id": sign_in.client_id,
        "client_secret": sign_in.client_secret.get_secret_value(),
        "scope": f"{resource.rstrip('/')}/.default",
    }
    return client.build_request(
        "POST", f"{sign_in.authority.rstrip('/')}/{sign_in.tenant}/oauth2/v2.0/token", data=form
    )


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return what an answer holds; nothing where it is no object, as the page of a gateway."""
    try:
        given = answer.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _said(given: dict[str, Any]) -> str:
    """Return what Entra says of a refusal: its first line, since the others tell ids of the request."""
    found = given.get("error_description") or given.get("error")
    return str(found or "").strip().partition("\n")[0].strip()


def _refused(source: str, said: str) -> SourceFailed:
    return SourceFailed(
        f"Source {source!r} got no token from Microsoft Entra ID: {said}",
        remedy="Check `entra` in the source's file; without client_secret it needs a machine in Azure with a "
        "managed identity.",
    )
