"""What the file of a Xero destination says, and which addresses follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bookward.settings import is_here
from bookward.spec.destination import DestinationSpec

DEFAULT_SCOPES = (
    "offline_access",
    "accounting.settings",
    "accounting.contacts",
    "accounting.invoices",
    "accounting.payments",
)
"""The least that Bookward needs. Source: Xero, Scopes (the granular ones, since March 2026)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The addresses that Bookward talks to."""

    authorize: str  #: where a person grants access
    token: str
    revocation: str
    connections: str
    api: str  #: the accounting API's root, without a slash at the end

    @classmethod
    def at(cls, base_url: str | None) -> Endpoints:
        """Return Xero's own addresses, or those of a local Xero at ``base_url``."""
        base = (base_url or "").rstrip("/")
        return cls(
            authorize=f"{base or 'https://login.xero.com'}/identity/connect/authorize",
            token=f"{base or 'https://identity.xero.com'}/connect/token",
            revocation=f"{base or 'https://identity.xero.com'}/connect/revocation",
            connections=f"{base or 'https://api.xero.com'}/connections",
            api=f"{base or 'https://api.xero.com'}/api.xro/2.0",
        )


class XeroSpec(DestinationSpec):
    """One Xero organisation."""

    type: Literal["xero"]
    """Xero."""
    client_id: Annotated[str, Field(min_length=1)]
    """Client id of your own app, from Xero's developer site."""
    client_secret: SecretStr | None = None
    """The app's client secret, as `${NAME}`. Leave it out for an app of the kind that uses PKCE."""
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    """How Bookward signs in: `authorization_code` by a person in the browser, `client_credentials` for a
    Custom Connection, without a browser."""
    organisation: str | None = None
    """Name or tenant id of the organisation to write to, where the sign-in reaches several."""
    scopes: Annotated[list[str], Field(default_factory=lambda: list(DEFAULT_SCOPES))]
    """What Bookward asks to be allowed to do. Apps made before March 2026 may only have the broad scopes."""
    base_url: str | None = None
    """Address of a local Xero that stands in for all of Xero's hosts."""
    batch_size: Annotated[int, Field(ge=1)] | None = None
    """How many rows one call carries; left out, Bookward finds the best size by itself."""
    day_reserve: Annotated[float, Field(ge=0, lt=1)] = 0.02
    """Share of the day's calls that Bookward never uses, so that some are left for other work."""
    timeout_seconds: Annotated[float, Field(gt=0, le=100)] = 30
    """How long one call may take altogether, from connecting to the last byte of the answer."""
    patience_seconds: Annotated[float, Field(ge=0)] = 120
    """How long a run waits by itself for Xero's limits; when it would be longer, the run pauses."""

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    @model_validator(mode="after")
    def _secret_where_needed(self) -> Self:
        if self.grant == "client_credentials" and self.client_secret is None:
            raise ValueError("a Custom Connection (grant: client_credentials) needs the client_secret")
        return self

    @property
    def endpoints(self) -> Endpoints:
        """Return the addresses that this destination talks to."""
        return Endpoints.at(self.base_url)

    @property
    def stand_in(self) -> str | None:
        """Return what stands in for Xero, whose sign-ins are sent to nobody else; None for Xero itself.

        A local Xero on this machine is the same one on another port, which may be another each time.
        """
        if self.base_url is not None and is_here(self.base_url):
            return f"http://{urlsplit(self.base_url).hostname}"
        return self.base_url and self.base_url.rstrip("/")


def is_meant(id_: str, name: str, wanted: str | None) -> bool:
    """Return whether an organisation is the one named by id or name; every one is when none is named."""
    return wanted is None or wanted.strip().casefold() in (id_.casefold(), name.strip().casefold())
