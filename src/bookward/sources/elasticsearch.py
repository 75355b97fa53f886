"""Elasticsearch and OpenSearch: indices, read from a point in time to its end, then queried with SQL."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import quote

import httpx
from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.errors import BookwardError, SourceFailed
from bookward.sources.collected import Page
from bookward.sources.iam import SearchSignIn, SignedRequests
from bookward.sources.service import ServiceSource, Signed
from bookward.spec.base import Spec, as_list
from bookward.spec.source import CaFile, SourceSpec

_KEEP = "10m"  # between two pages
_KEY = ("_index", "_id")
# Parts of an index may not answer, and the rest be given for the whole.
_WHOLE = {"allow_partial_search_results": "false"}


class Index(Spec):
    """An index as a table."""

    index: str | None = None
    """Name of the index, an alias or a pattern such as `invoices-*`; by default the table's name."""
    query: str | None = None
    """Which documents, as JSON of the query language: `{"term": {"status": "open"}}`."""
    fields: Annotated[list[str], BeforeValidator(as_list)] = Field(default_factory=list)
    """Which fields of the documents; by default all."""

    @model_validator(mode="after")
    def _is_query(self) -> Self:
        try:
            asked = {} if self.query is None else json.loads(self.query)
        except ValueError as error:
            raise ValueError(f"`query` is no JSON: {error}") from None
        if not isinstance(asked, dict):
            raise ValueError("`query` is a JSON object")  # noqa: TRY004 - pydantic takes no other
        return self


def _as_index(value: object) -> object:
    return {"index": value} if isinstance(value, str) else value


Table = Annotated[Index, BeforeValidator(_as_index, json_schema_input_type=str | Index)]


class ElasticsearchSpec(SourceSpec):
    """Indices of Elasticsearch or OpenSearch, queried with SQL.

    A field of the documents is a column, with the values that were sent to be indexed; what is nested in it
    is JSON, which DuckDB's SQL takes apart.
    """

    first: ClassVar[tuple[str, ...]] = ("url", "api_key", "user", "password")

    type: Literal["elasticsearch"] = "elasticsearch"
    """Elasticsearch or OpenSearch."""
    url: str
    """The address, such as `https://search.example.com:9200`; of Elastic Cloud, the endpoint's, and not the
    cloud id."""
    api_key: SecretStr | None = None
    """The key as Elasticsearch encodes it, as `${NAME}`."""
    user: str | None = None
    """Who signs in, where there is no key."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    iam: SearchSignIn | None = None
    """Sign in at Amazon OpenSearch Service by IAM, instead of a key or a password."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, where it is not the system's."""
    tables: Annotated[dict[str, Table], Field(default_factory=dict)]
    """The name of each table in queries, and its index: its name alone, or more settings. By default every
    open index that is not hidden is a table."""
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    """Documents that are asked for at once; fewer where they are large."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 600
    """Seconds after which a page is given up."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if [self.api_key, self.user, self.iam].count(None) < 2:
            raise ValueError("say one of `api_key`, `user` and `iam`")
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        return self


class ElasticsearchSource(ServiceSource):
    """Reads Elasticsearch or OpenSearch."""

    spec_class: ClassVar[type[SourceSpec]] = ElasticsearchSpec

    def __init__(self, name: str, spec: ElasticsearchSpec) -> None:
        wait = spec.statement_timeout + spec.connect_timeout
        super().__init__(name, spec.url, trusted=spec.sslrootcert, connect=spec.connect_timeout, answer=wait)
        self._spec = spec

    def auth(self) -> httpx.Auth | None:
        spec = self._spec
        if spec.iam is not None:
            return SignedRequests(spec.iam, self._name)
        if spec.user is not None and spec.password is not None:
            return httpx.BasicAuth(spec.user, spec.password.get_secret_value())
        return Signed(spec.api_key, "ApiKey ") if spec.api_key is not None else None

    def said(self, answer: httpx.Response) -> str:
        try:
            found = json.loads(answer.content)["error"]
            return _reason(found) if isinstance(found, dict) else str(found)
        except (ValueError, KeyError, TypeError):
            return super().said(answer)

    def greeting(self) -> str:
        with self.client() as client:
            version = self.ask(client, "GET", "/")["version"]
        return f"to {version.get('distribution', 'elasticsearch')} {version['number']}"

    def names(self) -> Sequence[str]:
        if self._spec.tables:
            return list(self._spec.tables)
        with self.client() as client:
            asked = {"format": "json", "h": "index,status"}
            found = self.ask(client, "GET", "/_cat/indices", params=asked)
        return sorted(
            each["index"] for each in found
            if each["status"] == "open" and not each["index"].startswith(".")
        )  # fmt: skip

    def columns(self, table: str) -> Sequence[str]:
        with self.client() as client:
            mappings = self.ask(client, "GET", f"/{self._index(table)}/_mapping", table)
        fields = (name for each in mappings.values() for name in each["mappings"].get("properties", ()))
        wanted = {name.partition(".")[0] for name in self._chosen(table).fields}
        return list(dict.fromkeys((*_KEY, *(name for name in fields if not wanted or name in wanted))))

    def primary_key(self, table: str) -> Sequence[str]:
        return _KEY

    def pages(self, table: str) -> Generator[Page, None, None]:
        with self.client() as client, self._point_in_time(client, table) as (point, sort):
            asked = self._asked(table, point, sort)
            read, total = 0, None
            while True:
                answer = self.ask(client, "POST", "/_search", table, params=_WHOLE, json=asked)
                self._refuse_parts(table, answer)
                hits, total = answer["hits"]["hits"], total or _total(answer)
                if not hits:
                    break
                yield [self._row(table, hit) for hit in hits]
                read += len(hits)
                asked["pit"]["id"] = answer.get("pit_id", point)
                asked["search_after"] = [_sent(value) for value in hits[-1]["sort"]]
                asked["track_total_hits"] = False
        if read != total:
            raise self.lost(table, f"{read:,} of {total} documents came.")

    def _chosen(self, table: str) -> Index:
        return self._spec.tables.get(table, Index())

    def _index(self, table: str) -> str:
        return quote(self._chosen(table).index or table, safe="*,")

    def _asked(self, table: str, point: str, sort: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        query, fields = self._chosen(table).query, self._chosen(table).fields
        return {
            "_source": fields or True,
            "size": self._spec.page_size,
            "query": json.loads(query) if query else {"match_all": {}},
            "pit": {"id": point, "keep_alive": _KEEP},
            "sort": list(sort),
            "track_total_hits": True,
            "timeout": f"{self._spec.statement_timeout}s",
        }

    @contextmanager
    def _point_in_time(
        self, client: httpx.Client, table: str
    ) -> Iterator[tuple[str, Sequence[Mapping[str, str]]]]:
        """Give the name of a frozen view of an index, and an order that leaves no two documents equal."""
        opensearch = self.ask(client, "GET", "/")["version"].get("distribution") == "opensearch"
        asked = {"keep_alive": _KEEP}
        if opensearch:
            path, name, order = "_search/point_in_time", "pit_id", [{"_index": "asc"}, {"_id": "asc"}]
        else:
            path, name, order = "_pit", "id", [{"_shard_doc": "asc"}]
        answer = self.ask(client, "POST", f"/{self._index(table)}/{path}", table, params=asked)
        self._refuse_parts(table, answer)
        point = answer[name]
        try:
            yield point, order
        finally:
            with suppress(BookwardError):  # it ends by itself, only later
                gone = {"pit_id": [point]} if opensearch else {"id": point}
                self.ask(client, "DELETE", f"/{path}", table, json=gone)

    def _refuse_parts(self, table: str, answer: Mapping[str, Any]) -> None:
        """Refuse an answer of which some shards, or all from some moment on, had no part."""
        if answer.get("timed_out"):
            raise SourceFailed(
                f"{self.where(table)} gave the query up after {self._spec.statement_timeout} seconds.",
                remedy="Make page_size smaller, or raise statement_timeout in the source's file.",
            )
        shards = answer.get("_shards", {})
        failed, total = (int(shards.get(name, "0")) for name in ("failed", "total"))
        if failed or shards.get("failures"):
            reasons = {_reason(each.get("reason", {})) for each in shards.get("failures", ())}
            raise SourceFailed(
                f"{self.where(table)}: {failed} of {total} shards failed: {'; '.join(sorted(reasons))}",
                remedy="See why they failed, then run again; a part is never taken for the whole.",
            )

    def _row(self, table: str, hit: Mapping[str, Any]) -> Mapping[str, Any]:
        if "_source" not in hit:
            raise SourceFailed(
                f"{self.where(table)} does not keep the documents that it indexes.",
                remedy="Let the index keep `_source`, and index the documents again.",
            )
        return {"_index": hit["_index"], "_id": hit["_id"], **hit["_source"]}


def _total(answer: Mapping[str, Any]) -> int:
    total = answer["hits"]["total"]
    return int(total["value"] if isinstance(total, dict) else total)


def _sent(value: Any) -> Any:
    """Return a value of a sort as it is sent back."""
    return json.loads(value) if isinstance(value, str) and type(value) is not str else value


def _reason(error: Mapping[str, Any]) -> str:
    """Return the words of an error, of its cause if that has other."""
    cause = next(iter(error.get("root_cause", ())), error)
    return f"{cause.get('type', 'error')}: {cause.get('reason', '')}".strip()
