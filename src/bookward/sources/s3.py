"""Files in Amazon S3, or in a storage that speaks its protocol: fetched whole, then queried as files are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.fs as pafs
from pydantic import Field, SecretStr, model_validator

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.sources.files.source import FilesSource
from bookward.sources.files.spec import FileTable, TablesSpec
from bookward.spec.source import SourceSpec

_PIECE = 4 * 1024 * 1024
_TIMEOUT: dict[str, Any] = {"connect_timeout": 10, "request_timeout": 60}  # seconds
_REFUSED = re.compile(r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE|HTTP status 40[13]")
_WILD = re.compile(r"[*?\[]")


class S3Spec(TablesSpec):
    """CSV, Parquet, JSON or Excel files in a bucket, queried with SQL.

    What is said of files holds here too: columns of CSV and Excel files are text as it is written.
    """

    type: Literal["s3"] = "s3"
    """Amazon S3."""
    bucket: Annotated[str, Field(min_length=3)]
    """Name of the bucket; the paths of the tables begin in it."""
    region: str | None = None
    """Region of the bucket, such as `ap-southeast-2`; found by itself at Amazon."""
    endpoint_url: str | None = None
    """Address of another storage that speaks S3, such as `https://storage.example.com`."""
    access_key_id: str | None = None
    """The key; without it, what the machine has is used: environment, profile, or role."""
    secret_access_key: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    session_token: SecretStr | None = None
    """Token of a temporary key, as `${NAME}`."""
    role_arn: str | None = None
    """A role to take on, `arn:aws:iam::123456789012:role/bookward`."""
    external_id: str | None = None
    """What the role asks for to be taken on."""
    anonymous: bool = False
    """Sign nothing: the bucket is open to everybody."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` go together")
        ways = [self.access_key_id is not None, self.role_arn is not None, self.anonymous]
        if sum(ways) > 1:
            raise ValueError("say one of `access_key_id`, `role_arn` and `anonymous`")
        return self


class S3Source(FilesSource):
    """Reads files in a bucket as tables."""

    spec_class: ClassVar[type[SourceSpec]] = S3Spec

    def __init__(self, name: str, spec: S3Spec) -> None:
        super().__init__(name, spec)
        self._bucket = spec

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        """Fetch the objects of a table, under the names that they have."""
        where = f"Table {name!r} of source {self._name!r}"
        found = self._listed(where, table.path)
        total = sum(int(info.size) for info in found)
        if total > self._spec.most_bytes:
            raise SourceFailed(
                f"{where} has {total:,} bytes, which is more than {self._spec.most_bytes:,}.",
                remedy="Raise `most_bytes` in the source's file, or narrow the pattern.",
            )
        return [self._fetched(where, info, folder / "objects" / info.path) for info in found]

    def _listed(self, where: str, pattern: str) -> list[Any]:
        whole = f"{self._bucket.bucket}/{pattern.lstrip('/')}"
        wild = _WILD.search(whole)
        try:
            if wild is None:
                found = [self._storage.get_file_info(whole)]
            else:
                root = whole[: wild.start()].rpartition("/")[0]
                selector = pafs.FileSelector(root, recursive=True, allow_not_found=True)
                found = self._storage.get_file_info(selector)
        except (OSError, pa.ArrowException) as error:
            raise self._failure(where, error) from error
        fits = re.compile(_expression(whole)) if wild is not None else None
        files = [info for info in found if info.is_file and (fits is None or fits.fullmatch(info.path))]
        if not files:
            raise SourceUnreachable(
                f"{where} has no object at s3://{whole}.",
                remedy="Check the bucket, and the path or pattern in the source's file.",
            )
        if odd := next((info.path for info in files if {"", ".", ".."} & set(info.path.split("/"))), None):
            raise SourceFailed(f"{where}: the key {odd!r} is no path.", remedy="Rename the object.")
        return sorted(files, key=lambda info: str(info.path))

    def _fetched(self, where: str, info: Any, target: Path) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Not decompressed by its name: that is done where it is read, which notices a missing end.
            opened = self._storage.open_input_stream(info.path, compression=None)
            with opened as stream, target.open("wb") as file:
                while piece := stream.read(_PIECE):
                    file.write(piece)
        except (OSError, pa.ArrowException) as error:
            raise self._failure(where, error) from error
        came = target.stat().st_size
        if came != info.size:
            raise SourceFailed(
                f"{where}: s3://{info.path} had {info.size:,} bytes, of which {came:,} came.",
                remedy="It was changed while it was read; run again.",
            )
        return target

    def _failure(self, where: str, error: Exception) -> BookwardError:
        said = " ".join(str(error).split())
        if _REFUSED.search(said):
            return SourceFailed(
                f"{where}: the storage refuses the sign-in, or the right to read: {said}",
                remedy="Check the keys, and that they allow s3:ListBucket and s3:GetObject there.",
            )
        return SourceUnreachable(f"{where} cannot be read: {said}")

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
            "external_id": spec.external_id,
            "anonymous": spec.anonymous or None,
        }
        given = {name: value for name, value in (_TIMEOUT | ways).items() if value is not None}
        return pafs.S3FileSystem(**given)


def _expression(pattern: str) -> str:
    """Return a pattern of paths as a regular expression; two stars go through folders."""
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(part) or re.escape(part) for part in parts)
