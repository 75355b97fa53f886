"""Files in Amazon S3, or in a storage that speaks its protocol: fetched whole, then queried as files are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import pa, pafs
from bookward.sources.aws import AwsSignIn
from bookward.sources.files.elsewhere import Store, Stored, StoredFilesSource
from bookward.sources.files.spec import FileTable, TablesSpec
from bookward.spec.source import SourceSpec

_PIECE = 4 * 1024 * 1024
_STATE = ("ETag", "Last-Modified", "Content-Length")
_TIMEOUT: dict[str, Any] = {"connect_timeout": 10, "request_timeout": 60}  # seconds
_REFUSED = re.compile(r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE|HTTP status 40[13]")


class S3Spec(AwsSignIn, TablesSpec):
    """CSV, Parquet, JSON or Excel files in a bucket, queried with SQL.

    What is said of files holds here too: columns of CSV and Excel files are text as it is written.
    """

    first: ClassVar[tuple[str, ...]] = ("bucket", "region", "access_key_id", "secret_access_key")

    type: Literal["s3"] = "s3"
    """Amazon S3."""
    bucket: Annotated[str, Field(min_length=3)]
    """Name of the bucket; the paths of the tables begin in it."""
    endpoint_url: str | None = None
    """Address of another storage that speaks S3, such as `https://storage.example.com`."""
    anonymous: bool = False
    """Sign nothing: the bucket is open to everybody."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        ways = [self.access_key_id is not None, self.role_arn is not None, self.anonymous]
        if sum(ways) > 1:
            raise ValueError("say one of `access_key_id`, `role_arn` and `anonymous`")
        return self


class S3Source(StoredFilesSource):
    """Reads files in a bucket as tables."""

    spec_class: ClassVar[type[SourceSpec]] = S3Spec

    def __init__(self, name: str, spec: S3Spec) -> None:
        super().__init__(name, spec)
        self._bucket = spec

    @contextmanager
    def store(self, where: str) -> Iterator[Store]:
        yield _Bucket(where, self._bucket.bucket, self._storage)

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        begun = table.model_copy(update={"path": table.path.lstrip("/")})
        return super()._files(name, begun, folder)

    @cached_property
    def _storage(self) -> pafs.S3FileSystem:
        spec = self._bucket
        scheme, _, host = (spec.endpoint_url or "").rstrip("/").rpartition("://")
        ways: dict[str, Any] = {
            "region": spec.region,
            "endpoint_override": host or None,
            "scheme": scheme or None,
            "access_key": spec.access_key_id,
            "secret_key": spec.secret_access_key and spec.secret_access_key.get_secret_value(),
            "session_token": spec.session_token and spec.session_token.get_secret_value(),
            "role_arn": spec.role_arn,
            "session_name": spec.role_arn and "bookward",
            "external_id": spec.external_id,
            "anonymous": spec.anonymous or None,
        }
        given = {name: value for name, value in (_TIMEOUT | ways).items() if value is not None}
        return pafs.S3FileSystem(**given)


class _Bucket:
    """A bucket, whose objects are its files."""

    def __init__(self, where: str, bucket: str, storage: pafs.S3FileSystem) -> None:
        self._where = where
        self._bucket = bucket
        self._storage = storage

    def address(self, path: str) -> str:
        return f"s3://{self._bucket}/{path}"

    def one(self, path: str) -> Iterator[Stored]:
        return self._stored([f"{self._bucket}/{path.lstrip('/')}"])

    def below(self, folder: str, pattern: str) -> Iterator[Stored]:
        root = f"{self._bucket}/{folder}".rstrip("/")
        return self._stored(pafs.FileSelector(root, recursive=True, allow_not_found=True))

    def fetch(self, file: Stored, target: Path) -> None:
        try:
            with self._opened(file) as stream, target.open("wb") as written:
                before = stream.metadata()
                while piece := stream.read(_PIECE):
                    written.write(piece)
            # Each piece is asked for by itself: another object may have taken the place of the first one's.
            with self._opened(file) as again:
                after = again.metadata()
        except (OSError, pa.ArrowException) as error:
            raise self._failure(error) from error
        if any(before.get(fact) != after.get(fact) for fact in _STATE):
            raise SourceFailed(
                f"{self._where}: {self.address(file.path)} was changed while it was read.",
                remedy="Run again when it is written; best is to give each export a name of its own.",
            )

    def _opened(self, file: Stored) -> Any:
        # Not decompressed by its name: that is done where it is read, which notices a missing end.
        return self._storage.open_input_stream(f"{self._bucket}/{file.path}", compression=None)

    def _stored(self, asked: Any) -> Iterator[Stored]:
        try:
            found = self._storage.get_file_info(asked)
        except (OSError, pa.ArrowException) as error:
            raise self._failure(error) from error
        prefix = f"{self._bucket}/"
        return (Stored(info.path.removeprefix(prefix), int(info.size)) for info in found if info.is_file)

    def _failure(self, error: Exception) -> BookwardError:
        said = " ".join(str(error).split())
        if _REFUSED.search(said):
            return SourceFailed(
                f"{self._where}: the storage refuses the sign-in, or the right to read: {said}",
                remedy="Check the keys, and that they allow s3:ListBucket and s3:GetObject there.",
            )
        return SourceUnreachable(f"{self._where} cannot be read: {said}")
