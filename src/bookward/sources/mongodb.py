"""MongoDB: collections, read document by document, then queried with SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.sources.aws import AwsSignIn
from bookward.sources.base import load_driver
from bookward.sources.collected import Page
from bookward.sources.iam import present_keys
from bookward.sources.paged import PagedSource
from bookward.spec.base import Spec
from bookward.spec.source import CaFile, SourceSpec

_BATCH = 2_000  # documents
_PAGE_BYTES = 2 * 1024 * 1024
_TOOK_TOO_LONG, _UNAUTHORISED = 50, 13
_NOT_SIGNED_IN = {11, 18, 8000}
_WRITES = {"$out", "$merge"}
_OPERATORS_BY_INDEX = {"$text", "$near", "$nearSphere"}  # there is no other way for them
_SPARE = 60  # seconds for the network, beyond what the server may take
_SERVER = re.compile(r"(mongodb(?:\+srv)?://)(?:[^@/]*@)?([^@/?]+)[^@]*")


class Collection(Spec):
    """A collection as a table."""

    collection: str | None = None
    """Name of the collection; by default the table's."""
    filter: str | None = None
    """Which documents, as JSON that MongoDB's `find` takes: `{"status": "open"}`. Dates and other types are
    written as in Extended JSON: `{"$date": "2026-01-31T00:00:00Z"}`."""
    pipeline: str | None = None
    """Instead of a filter, a list of stages of an aggregation, as JSON; none of them may write."""

    @model_validator(mode="after")
    def _queries(self) -> Self:
        if self.filter is not None and self.pipeline is not None:
            raise ValueError("say one of `filter` and `pipeline`")
        if self.filter is not None and not isinstance(_json("filter", self.filter), dict):
            raise ValueError("`filter` is a JSON object")
        stages = _json("pipeline", self.pipeline) if self.pipeline is not None else []
        if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
            raise ValueError("`pipeline` is a JSON list of objects")
        if writing := next((name for stage in stages for name in stage if name in _WRITES), None):
            raise ValueError(f"`pipeline` may only read, and {writing} writes")
        return self


def _as_collection(value: object) -> object:
    return {"collection": value} if isinstance(value, str) else value


Table = Annotated[Collection, BeforeValidator(_as_collection, json_schema_input_type=str | Collection)]


class MongodbSpec(SourceSpec):
    """Collections of a MongoDB database, queried with SQL.

    A field of the documents is a column; what is nested in it is JSON, which DuckDB's SQL takes apart.
    """

    first: ClassVar[tuple[str, ...]] = ("url", "database", "user", "password")

    type: Literal["mongodb"] = "mongodb"
    """MongoDB."""
    url: SecretStr
    """The address, `mongodb://host:27017` or `mongodb+srv://cluster.example.net`, with options as MongoDB
    has them, as `${NAME}` when the password is in it."""
    user: str | None = None
    """Who signs in, where it does not stand in `url`; one who may only read is enough, and best."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    iam: AwsSignIn | None = None
    """Sign in by Amazon's IAM (MONGODB-AWS), as Atlas and DocumentDB have it, instead of a password."""
    database: str
    """The database whose collections are read."""
    tables: Annotated[dict[str, Table], Field(default_factory=dict)]
    """The name of each table in queries, and its collection: its name alone, or more settings. By default
    every collection of the database is a table."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, where it is not the system's."""
    sslcert: str | None = None
    """File with the certificate that Bookward shows, and its key; where nobody else signs in, it does
    (MONGODB-X509)."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds of work after which the server gives a read up; 0 for never."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.iam is not None and self.user is not None:
            raise ValueError("say one of `user` and `iam`")
        return self


class MongodbSource(PagedSource):
    """Reads a MongoDB database."""

    spec_class: ClassVar[type[SourceSpec]] = MongodbSpec

    def __init__(self, name: str, spec: MongodbSpec) -> None:
        found = _SERVER.fullmatch(spec.url.get_secret_value())
        super().__init__(name, f"{found[1]}{found[2]}/{spec.database}" if found else "the url given")
        self._spec = spec

    def names(self) -> Sequence[str]:
        if self._spec.tables:
            return list(self._spec.tables)
        with self._database() as database:
            found = database.list_collection_names(authorizedCollections=True)
        return sorted(name for name in found if not name.startswith("system."))

    def greeting(self) -> str:
        with self._database() as database:
            status = database.command("connectionStatus")
            version = database.client.server_info()["version"]
        users = [user["user"] for user in status["authInfo"]["authenticatedUsers"]]
        return f"as {', '.join(users) or 'anybody'}, version {version}"

    def columns(self, table: str) -> Sequence[str]:
        return ["_id"]

    def primary_key(self, table: str) -> Sequence[str]:
        # What a pipeline makes may have other keys.
        return () if table in self._spec.tables and self._spec.tables[table].pipeline else ("_id",)

    def pages(self, table: str) -> Generator[Page, None, None]:
        asked = self._spec.tables.get(table, Collection())
        with self._database(table) as database:
            import bson

            name = asked.collection or table
            # MongoDB reads one that is not there as one that is empty.
            if not database.list_collection_names(filter={"name": name}, authorizedCollections=True):
                raise SourceUnreachable(
                    f"{self.where(table)} has no collection {name!r} that the user may read.",
                    remedy="Check its name in the source's file, and the user's role.",
                )
            # A batch is of 16 MB at most, however large the documents are.
            with self._batches(database[name], asked) as batches:
                for batch in batches:
                    documents = map(_row, bson.decode_iter(batch, database.codec_options))
                    size = min(_BATCH, _BATCH * _PAGE_BYTES // len(batch) + 1)
                    while page := list(islice(documents, size)):
                        yield page

    def _batches(self, collection: Any, asked: Collection) -> Any:
        from bson import json_util

        most = self._spec.statement_timeout * 1000 or None
        if asked.pipeline is not None:
            stages = json_util.loads(asked.pipeline)
            options = {"maxTimeMS": most} if most else {}
            return collection.aggregate_raw_batches(stages, batchSize=_BATCH, allowDiskUse=True, **options)
        chosen = json_util.loads(asked.filter or "{}")
        # In an index, a document whose field changes during the read may move past it, and count as removed.
        stored = chosen and not _OPERATORS_BY_INDEX & _operators(chosen)
        order = [("$natural", 1)] if stored else None
        return collection.find_raw_batches(chosen, batch_size=_BATCH, max_time_ms=most, hint=order)

    @contextmanager
    def _database(self, table: str = "") -> Iterator[Any]:
        driver = _driver()
        from bson.codec_options import CodecOptions, DatetimeConversion
        from bson.errors import BSONError

        options = CodecOptions[dict[str, Any]](
            tz_aware=True, tzinfo=UTC, datetime_conversion=DatetimeConversion.DATETIME_CLAMP,
            uuid_representation=4,
        )  # fmt: skip
        client = self._client(driver)
        try:
            with client:
                yield client.get_database(self._spec.database, codec_options=options)
        except driver.errors.PyMongoError as error:
            raise self._failure(driver, table, error) from error
        except (BSONError, ValueError, TypeError) as error:
            raise SourceFailed(f"{self.where(table)} cannot be read: {_one_line(error)}") from error

    def _client(self, driver: ModuleType) -> Any:
        spec = self._spec
        given: dict[str, Any] = {**self._by_certificate(), **self._by_iam()}
        if spec.user is not None:
            given["username"] = spec.user
        if spec.password is not None:
            given["password"] = spec.password.get_secret_value()
        if spec.sslrootcert is not None:
            given["tlsCAFile"] = spec.sslrootcert
        if spec.statement_timeout:
            given["socketTimeoutMS"] = (spec.statement_timeout + _SPARE) * 1000
        wait = spec.connect_timeout * 1000
        try:
            return driver.MongoClient(
                spec.url.get_secret_value(), appname="bookward", connectTimeoutMS=wait,
                serverSelectionTimeoutMS=wait, **given,
            )  # fmt: skip
        except (driver.errors.PyMongoError, ValueError, TypeError, OSError):
            # Not with its words, nor as its cause: they may repeat a part of the password.
            raise SourceUnreachable(
                f"The url or the certificates of source {self._name!r} cannot be used.",
                remedy="Write mongodb://host:27017 or mongodb+srv://host, and give user and password one by "
                "one; sslrootcert is a file of PEM certificates, sslcert one with a certificate and its key.",
            ) from None

    def _by_certificate(self) -> dict[str, Any]:
        """Return the client's settings for a certificate that is shown; none where there is none."""
        spec = self._spec
        if spec.sslcert is None:
            return {}
        shown = {"tlsCertificateKeyFile": spec.sslcert}
        signs_in = spec.user is None and "@" not in spec.url.get_secret_value()
        return shown | ({"authMechanism": "MONGODB-X509"} if signs_in else {})

    def _by_iam(self) -> dict[str, Any]:
        """Return the client's settings for a sign-in by IAM; none where there is none."""
        if self._spec.iam is None:
            return {}
        load_driver("a sign-in at MongoDB by IAM", "aws", "pymongo_auth_aws")
        keys = present_keys(self._spec.iam, self._name)
        properties = {"AWS_SESSION_TOKEN": keys.token} if keys.token else {}
        return {
            "authMechanism": "MONGODB-AWS", "username": keys.access_key, "password": keys.secret_key,
            "authMechanismProperties": properties,
        }  # fmt: skip

    def _failure(self, driver: ModuleType, table: str, error: Exception) -> BookwardError:
        errors, said, where = driver.errors, _one_line(error), self.where(table)
        if isinstance(error, errors.ServerSelectionTimeoutError):
            return SourceUnreachable(f"{where} cannot be reached: {said}")
        code = error.code if isinstance(error, errors.OperationFailure) else None
        if code in _NOT_SIGNED_IN:
            return SourceFailed(
                f"{where} refused the sign-in: {said}",
                remedy="Check user and password or sslcert in the source's file, and authSource in its url.",
            )
        if code == _UNAUTHORISED:
            return SourceFailed(
                f"{where} may not be read: {said}", remedy="Grant the user the role `read` on the database."
            )
        if code == _TOOK_TOO_LONG:
            remedy = "Narrow the filter, or raise statement_timeout in the source's file."
            return SourceFailed(f"{where} was given up: {said}", remedy=remedy)
        if code is not None and not isinstance(error, errors.CursorNotFound):
            return SourceFailed(
                f"{where} refused the query: {said}",
                remedy="Correct filter or pipeline in the source's file.",
            )
        return self.lost(table, said)


def _driver() -> ModuleType:
    return load_driver("MongoDB", "mongodb", "pymongo", "pymongo.errors")


def _operators(chosen: Any) -> set[str]:
    """Return the names that stand anywhere in a filter."""
    if isinstance(chosen, dict):
        return set(chosen).union(*map(_operators, chosen.values()))
    return set().union(*map(_operators, chosen)) if isinstance(chosen, list) else set()


def _row(document: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in document.items()}


def _plain(value: Any) -> Any:
    """Return a value of BSON as one that other sources may have, too."""
    from bson import Decimal128

    if isinstance(value, dict):
        return _row(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, (str, bool, int, float, datetime)):
        return value
    return str(value)  # an ObjectId is its 24 digits so, a UUID its 36 letters


def _json(setting: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"`{setting}` is no JSON: {error}") from None


def _one_line(error: Exception) -> str:
    # What follows repeats the whole topology, or the whole answer.
    return " ".join(re.split(r", Timeout: |, full error: ", str(error))[0].split())
