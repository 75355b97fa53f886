"""What the file of an Athena source says."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bookward.sources.addresses import SafeAddress
from bookward.sources.aws import AwsSignIn
from bookward.spec.base import shaped
from bookward.spec.source import SourceSpec

_InS3 = Annotated[str, shaped(r"^s3://[^/]+/?", "an address such as s3://bucket/results/")]


class AthenaSpec(AwsSignIn, SourceSpec):
    """Tables over files in S3, queried by Amazon Athena."""

    first: ClassVar[tuple[str, ...]] = (
        "region",
        "database",
        "work_group",
        "output_location",
        "access_key_id",
        "secret_access_key",
    )

    type: Literal["athena"] = "athena"
    """Amazon Athena."""
    catalog: str = "AwsDataCatalog"
    """The catalog whose tables are listed, and looked for where a query names none."""
    database: str | None = None
    """The database in which tables without one are looked for."""
    work_group: str = "primary"
    """The work group that queries run in; it bounds what they may cost."""
    output_location: _InS3 | None = None
    """Where Athena writes results, `s3://bucket/prefix/`; without it, where the work group says."""
    endpoint_url: SafeAddress | None = None
    """Where Athena is reached when not under Amazon's own name: a private endpoint, `https://...`."""
    s3_endpoint_url: SafeAddress | None = None
    """The same for S3, where results are read from."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 1800
    """Seconds after which a query is stopped."""
