"""What the file of a BigQuery source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bookward.sources.addresses import SafeAddress
from bookward.spec.base import shaped
from bookward.spec.source import SourceSpec


class BigQuerySpec(SourceSpec):
    """Datasets in Google BigQuery."""

    first: ClassVar[tuple[str, ...]] = ("project", "service_account_key", "default_dataset")

    type: Literal["bigquery"] = "bigquery"
    """Google BigQuery."""
    project: Annotated[str, Field(min_length=1)]
    """The project that pays for the queries, and whose datasets are listed."""
    service_account_key: SecretStr | None = None
    """The JSON of a service account's key, as `${NAME}`; without any, what the machine has is used, workload
    identity federation included."""
    user_credentials: SecretStr | None = None
    """Instead, the JSON of a person who has agreed, as `gcloud auth application-default login` writes it,
    as `${NAME}`."""
    default_dataset: str | None = None
    """The dataset in which tables without one are looked for."""
    bookward_schema: Annotated[
        str, shaped(r"^\w+$", "letters, digits and underscores"), Field(max_length=1024)
    ] = "bookward"
    """Dataset that Bookward's own tables are kept in, for syncs with `diff: warehouse`."""
    location: str | None = None
    """Where the datasets are, such as `australia-southeast1`; found by itself from a query's tables."""
    labels: dict[str, str] = Field(default_factory=lambda: {"application": "bookward"})
    """How Bookward's queries are marked in BigQuery's logs and bills."""
    maximum_bytes_billed: Annotated[int, Field(ge=1)] | None = None
    """A query that would be billed for more bytes is refused."""
    storage_api: bool = True
    """Read large results by the Storage Read API, which is much faster, where the account may use it."""
    url: SafeAddress | None = None
    """Where BigQuery is reached when not under Google's own name: a private endpoint, `https://...`."""
    connect_timeout: Annotated[int, Field(ge=1)] = 30
    """Seconds to try again for when there is no answer."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which BigQuery gives a query up; 0 for never."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.service_account_key is not None and self.user_credentials is not None:
            raise ValueError("say one of `service_account_key` and `user_credentials`")
        return self
