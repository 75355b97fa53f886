"""What the file of a Looker source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from bookward.sources.addresses import SafeAddress
from bookward.spec.source import CaFile, SourceSpec


class LookerSpec(SourceSpec):
    """Looks and queries of Looker: as tables that are queried with SQL, or as models of another source."""

    first: ClassVar[tuple[str, ...]] = ("url", "client_id", "client_secret")

    type: Literal["looker"] = "looker"
    """Looker."""
    url: SafeAddress
    """Address of Looker, `https://example.cloud.looker.com`, with the API's port where it has another."""
    client_id: Annotated[str, Field(min_length=1)]
    """Id of an API key of Looker."""
    client_secret: SecretStr
    """Its secret, as `${NAME}`; its user needs to see the Looks and to download them without a limit."""
    tables: dict[str, str] = Field(default_factory=dict)
    """The name of each table in queries, and the address of its Look or query: `.../looks/42`,
    `.../explore/shop/orders?qid=...` or `.../x/...`."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, where it is not the system's."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 3600
    """Seconds to wait for the next part of an answer."""
