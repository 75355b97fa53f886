"""What the file of a Foundry source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bookward.sources.addresses import SafeAddress
from bookward.spec.source import SourceSpec


class FoundrySpec(SourceSpec):
    """Datasets in Palantir Foundry, queried with its SQL (Spark's), and objects of its ontologies."""

    first: ClassVar[tuple[str, ...]] = ("host", "token")

    type: Literal["foundry"] = "foundry"
    """Palantir Foundry."""
    host: SafeAddress
    """Address of the enrolment, `https://acme.palantirfoundry.com`."""
    token: SecretStr | None = None
    """A user's token, as `${NAME}`."""
    client_id: str | None = None
    """Id of the application that signs in by OAuth."""
    client_secret: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    branches: Annotated[list[str], Field(default_factory=list)]
    """Branches in which datasets are looked for, the first that has it; by default the enrolment's own."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 3600
    """Seconds after which a query is cancelled."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("`client_id` and `client_secret` go together")
        if (self.token is None) == (self.client_secret is None):
            raise ValueError("say one of `token` and `client_secret`")
        return self
