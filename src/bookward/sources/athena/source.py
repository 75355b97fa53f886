"""Amazon Athena, asked through boto3; the CSV file that it writes a result to is read as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

from bookward.errors import BookwardError
from bookward.heavy import pa
from bookward.records import CheckStep, ListedColumn, ListedTable
from bookward.sources import arrays, arrowtables, aws
from bookward.sources.athena import types
from bookward.sources.athena.query import Query, QueryRefused, QuerySlow
from bookward.sources.athena.spec import AthenaSpec
from bookward.sources.base import load_driver
from bookward.sources.server import ServerSource
from bookward.spec.source import SourceSpec

_SIGNED_OUT = {
    "UnrecognizedClientException", "InvalidSignatureException", "InvalidClientTokenId", "ExpiredToken",
    "ExpiredTokenException", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied",
    "AccessDeniedException",
}  # fmt: skip


class AthenaSource(ServerSource):
    """Reads what Amazon Athena can query."""

    spec_class: ClassVar[type[SourceSpec]] = AthenaSpec
    dialect: ClassVar[str] = "trino"  # which is what Athena runs a SELECT with
    who: ClassVar[str] = "SELECT '' AS who, 'Athena' AS version"

    def __init__(self, name: str, spec: AthenaSpec) -> None:
        place = spec.endpoint_url or f"Athena in {spec.region or 'the region of the machine'}"
        super().__init__(name, f"{place}/{spec.catalog}")
        self._spec = spec

    def check(self) -> Iterator[CheckStep]:
        spec = self._spec
        who = spec.role_arn or spec.access_key_id or "what the machine has"
        for step in super().check():
            signed_in = step.ok and step.name == "sign in"
            yield replace(step, detail=f"as {who}") if signed_in else step

    def tables(self) -> Iterator[ListedTable]:
        with self._clients() as (athena, _), self._translated("refused to list its tables"):
            databases = athena.get_paginator("list_databases").paginate(CatalogName=self._spec.catalog)
            for database in (each["Name"] for page in databases for each in page["DatabaseList"]):
                pages = athena.get_paginator("list_table_metadata").paginate(
                    CatalogName=self._spec.catalog, DatabaseName=database
                )
                for table in (each for page in pages for each in page["TableMetadataList"]):
                    yield _listed(database, table)

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._clients() as (athena, s3):
            yield Query(athena, s3, self._spec)

    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        return [types.column(each) for each in cursor.columns]

    def batches(self, cursor: Any, columns: Sequence[arrays.Taken]) -> Iterator[pa.RecordBatch]:
        return arrowtables.batches(cursor.tables(), columns)

    def errors(self) -> tuple[type[Exception], ...]:
        from botocore.exceptions import BotoCoreError, ClientError

        return (BotoCoreError, ClientError, QueryRefused, QuerySlow)

    def failure(self, what: str, error: Exception) -> BookwardError:
        from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError

        message = " ".join(str(error).split())
        if isinstance(error, QuerySlow):
            return self.gave_up(message)
        if isinstance(error, QueryRefused):
            return self.refused(what, message)
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return self.turned_away(message)
        if isinstance(error, ClientError):
            told = error.response.get("Error", {})
            said = f"{told.get('Code', '')}: {told.get('Message', '')}"
            return self.turned_away(said) if told.get("Code") in _SIGNED_OUT else self.refused(what, said)
        return self.lost(message) if what.startswith("failed") else self.unreachable(message)

    @contextmanager
    def _clients(self) -> Iterator[tuple[Any, Any]]:
        boto3, spec = _driver(), self._spec
        from botocore.config import Config

        waits = Config(
            connect_timeout=spec.connect_timeout, read_timeout=60, retries={"mode": "standard"},
            user_agent_extra="app/bookward",
            s3={"addressing_style": "path"} if spec.s3_endpoint_url else None,
        )  # fmt: skip
        with self._translated("refused the sign-in"):
            session = aws.session(spec, boto3, waits)
            athena = session.client("athena", endpoint_url=spec.endpoint_url, config=waits)
            s3 = session.client("s3", endpoint_url=spec.s3_endpoint_url, config=waits)
        try:
            yield athena, s3
        finally:
            athena.close()
            s3.close()


def _listed(database: str, table: dict[str, Any]) -> ListedTable:
    columns = [*table.get("Columns", []), *table.get("PartitionKeys", [])]
    return ListedTable(
        schema=database,
        name=table["Name"],
        columns=tuple(
            ListedColumn(name=each["Name"], type=each.get("Type", ""), nullable=True) for each in columns
        ),
        primary_key=(),
    )


def _driver() -> ModuleType:
    return load_driver("Athena", "athena", "boto3")
