"""What the file of a Snowflake source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bookward.sources.addresses import SafeAddress, SafeUrl
from bookward.spec.base import shaped
from bookward.spec.source import SourceSpec


class SnowflakeSpec(SourceSpec):
    """A database in Snowflake.

    One of `private_key`, `token`, `oauth_client_secret` and `password` signs in.
    """

    first: ClassVar[tuple[str, ...]] = ("account", "user", "private_key", "database", "warehouse", "role")

    type: Literal["snowflake"] = "snowflake"
    """Snowflake."""
    account: Annotated[str, shaped(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", "a name such as myorg-account123")]
    """Name of the account, such as `myorg-account123`."""
    user: str | None = None
    """Who signs in; not needed with OAuth."""
    private_key: SecretStr | None = None
    """The user's private key, PEM, as `${NAME}`; the best way for a program to sign in."""
    private_key_passphrase: SecretStr | None = None
    """What the private key is encrypted with, as `${NAME}`."""
    token: SecretStr | None = None
    """A programmatic access token, as `${NAME}`."""
    oauth_client_id: str | None = None
    """Id of the client that signs in by OAuth with its own credentials."""
    oauth_client_secret: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    oauth_token_url: SafeUrl | None = None
    """Where the provider gives tokens out, `https://login.example.com/oauth2/token`."""
    oauth_scope: str | None = None
    """Scope that is asked for; without it, one named after the role."""
    password: SecretStr | None = None
    """The password, as `${NAME}`; Snowflake lets programs use it less and less."""
    warehouse: str | None = None
    """The warehouse that computes; without it, the user's default."""
    role: str | None = None
    """The role that reads; without it, the user's default. One that may only read is enough, and best."""
    database: Annotated[str, Field(min_length=1)]
    """The database whose tables are listed, and looked for where a query names none."""
    default_schema: str | None = None
    """The schema in which tables without one are looked for."""
    bookward_schema: Annotated[str, Field(min_length=1, max_length=255)] = "bookward"
    """Schema that Bookward's own tables are kept in, for syncs with `diff: warehouse`."""
    query_tag: str = "bookward"
    """How Bookward's queries are marked in Snowflake's query history."""
    url: SafeAddress | None = None
    """Where Snowflake is reached when not under the account's name: a private link, `https://...`."""
    connect_timeout: Annotated[int, Field(ge=1)] = 30
    """Seconds to wait for the sign-in."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which Snowflake gives a query up; 0 for the longest that the account allows."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        ways = {
            "private_key": self.private_key,
            "token": self.token,
            "oauth_client_secret": self.oauth_client_secret,
            "password": self.password,
        }
        if sum(way is not None for way in ways.values()) != 1:
            raise ValueError(f"say one of {', '.join(f'`{name}`' for name in ways)}")
        if self.oauth_client_secret is None:
            if self.user is None:
                raise ValueError("`user` is needed with everything but OAuth")
        elif self.oauth_client_id is None or self.oauth_token_url is None:
            raise ValueError("`oauth_client_secret` needs `oauth_client_id` and `oauth_token_url`")
        return self
