"""What the file of a Databricks source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bookward.sources.addresses import SafeAddress
from bookward.sources.entra import EntraSignIn
from bookward.spec.base import shaped
from bookward.spec.source import CaFile, SourceSpec


class DatabricksSpec(SourceSpec):
    """A catalog in Databricks, read through a SQL warehouse."""

    first: ClassVar[tuple[str, ...]] = ("host", "warehouse_id", "catalog", "token")

    type: Literal["databricks"] = "databricks"
    """Databricks."""
    host: SafeAddress
    """Address of the workspace, `https://dbc-a1b2c3d4-e5f6.cloud.databricks.com`."""
    warehouse_id: Annotated[str, shaped(r"^[A-Za-z0-9_-]+$", "an id of letters and digits")]
    """Id of the SQL warehouse that computes."""
    token: SecretStr | None = None
    """A personal access token, as `${NAME}`."""
    client_id: str | None = None
    """Id of the service principal that signs in by OAuth."""
    client_secret: SecretStr | None = None
    """Its OAuth secret, as `${NAME}`."""
    entra: EntraSignIn | None = None
    """Sign in by Microsoft Entra ID: a service principal of Azure's, or the machine's identity there."""
    catalog: Annotated[str, Field(min_length=1)]
    """The catalog whose tables are listed, and looked for where a query names none."""
    default_schema: str | None = None
    """The schema in which tables without one are looked for."""
    bookward_schema: Annotated[str, Field(min_length=1, max_length=255)] = "bookward"
    """Schema that Bookward's own tables are kept in, for syncs with `diff: warehouse`."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, instead of those of the machine."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 3600
    """Seconds after which a query is cancelled."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("`client_id` and `client_secret` go together")
        if [self.token, self.client_secret, self.entra].count(None) != 2:
            raise ValueError("say one of `token`, `client_secret` and `entra`")
        return self
