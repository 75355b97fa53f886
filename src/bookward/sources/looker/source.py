"""Looker: the rows of Looks and queries as it streams them, or the SQL that it would run for them.

Source: Looker, API 4.0, in its published OpenAPI.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

import httpx

from bookward.errors import BookwardError, ModelRefused, SourceFailed
from bookward.records import ListedTable
from bookward.sources import jsontext
from bookward.sources.collected import Page
from bookward.sources.looker.places import Place, as_model, place_of, refuse_without_sql, undotted
from bookward.sources.looker.spec import LookerSpec
from bookward.sources.oauth import ClientCredentials
from bookward.sources.service import ServiceSource
from bookward.spec.source import SourceSpec

_API = "/api/4.0"
_PAGE = 2_000  # rows
_LOOKS_AT_ONCE = 500
_ALL = {"limit": "-1", "apply_formatting": "false", "apply_vis": "false", "cache": "false"}
_CUTS = 5_000  # rows, for users who may not download more
_FAILED = "looker_error"


class LookerSource(ServiceSource):
    """Reads Looks and queries."""

    spec_class: ClassVar[type[SourceSpec]] = LookerSpec

    def __init__(self, name: str, spec: LookerSpec) -> None:
        waits = {"connect": spec.connect_timeout, "answer": spec.statement_timeout}
        super().__init__(name, spec.url, trusted=spec.sslrootcert, **waits)
        self._spec = spec
        self._tables = dict(spec.tables)

    def auth(self) -> httpx.Auth:
        spec = self._spec
        form = {"client_id": spec.client_id, "client_secret": spec.client_secret.get_secret_value()}
        return ClientCredentials(httpx.Request("POST", f"{self._server}{_API}/login", data=form))

    def greeting(self) -> str:
        with self.client() as client:
            user = self.ask(client, "GET", f"{_API}/user", params={"fields": "id,display_name"})
        return f"as {user.get('display_name') or user['id']}"

    def names(self) -> Sequence[str]:
        return list(self._tables)

    def add(self, url: str) -> str:
        """Let queries name one more Look or query; return the name of its table.

        Raises:
            ModelRefused: the address leads to none.
        """
        place = place_of(url, self._server)
        name = f"look {place.look}" if place.look else f"query {place.slug}"
        self._tables[name] = url
        return name

    def sql(self, url: str, dialect: str) -> str:
        """Return the query that Looker would run for all rows of a Look or query.

        Raises:
            ModelRefused, QueryRefused: it has none that gives its rows.
            SourceUnreachable, SourceFailed: as ``read``.
        """
        what = f"{url!r}"
        with self.translated(), self.client() as client:
            refuse_without_sql(self._query(client, url), what)
            path = self._run(client, url, "sql")
            with self.opened(client, "GET", path, params=_ALL) as answer:
                said = answer.read().decode()
        return as_model(said, what, dialect)

    def tables(self) -> Iterator[ListedTable]:
        """Yield the tables that the source names; where it names none, all Looks, each in its folder.

        A Look is listed with where it is, to be chosen as a model; its columns are not looked at.
        """
        if self._spec.tables:
            yield from super().tables()
            return
        with self.translated(), self.client() as client:
            found = sorted(self._looks(client), key=lambda look: (look["folder"]["name"], look["title"]))
        for look in found:
            name = f"looks/{look['id']} {look['title']}"
            yield ListedTable(schema=look["folder"]["name"], name=name, columns=(), primary_key=())

    def pages(self, table: str) -> Generator[Page, None, None]:
        url, read = self._tables[table], 0
        with self.client() as client:
            limit = str(self._query(client, url).get("limit") or "")
            path = self._run(client, url, "json")
            with self.opened(client, "GET", path, table, params=_ALL) as answer:
                rows = jsontext.elements(answer.iter_text())
                while page := self._taken(table, rows):
                    yield page
                    read += len(page)
        if read and str(read) in (limit, str(_CUTS)):
            raise SourceFailed(
                f"{self.where(table)} has {read:,} rows, at which Looker cuts results.",
                remedy="Let its user download without a limit (`download_without_limit`), or narrow it.",
            )

    def columns_if_empty(self, table: str) -> Sequence[str]:
        with self.client() as client:
            fields = self._query(client, self._tables[table]).get("fields") or ()
        return [undotted(name) for name in fields] or super().columns_if_empty(table)

    def said(self, answer: httpx.Response) -> str:
        try:
            return " ".join(str(answer.json()["message"]).split())
        except (ValueError, LookupError, TypeError):
            return super().said(answer)

    def refusal(self, table: str, answer: httpx.Response) -> BookwardError:
        path = answer.request.url.path
        if path.endswith("/login") or answer.status_code == httpx.codes.UNAUTHORIZED:
            return SourceFailed(
                f"{self.where(table)} refuses the sign-in: {answer.status_code} {self.said(answer)}",
                remedy="Check client_id and client_secret in the source's file; Looker shows them under the "
                "user's API keys.",
            )
        if answer.status_code == httpx.codes.NOT_FOUND:
            return SourceFailed(
                f"{self.where(table)} has no such Look or query: {path.removeprefix(_API)}",
                remedy="Open its address in the browser as the API key's user: it may be deleted, or not "
                "shared with them.",
            )
        return super().refusal(table, answer)

    def _looks(self, client: httpx.Client) -> Iterator[Mapping[str, Any]]:
        for start in range(0, 1_000_000, _LOOKS_AT_ONCE):
            asked = {
                "fields": "id,title,folder(id,name)", "deleted": "false", "sorts": "id",
                "limit": str(_LOOKS_AT_ONCE), "offset": str(start),
            }  # fmt: skip
            found = self.ask(client, "GET", f"{_API}/looks/search", params=asked)
            yield from found
            if len(found) < _LOOKS_AT_ONCE:
                return

    def _query(self, client: httpx.Client, url: str) -> Mapping[str, Any]:
        """Return what a Look or query asks for."""
        place = self._place(url)
        if place.look is not None:
            look = self.ask(client, "GET", f"{_API}/looks/{place.look}")
            if look.get("deleted"):
                raise SourceFailed(
                    f"{self.where()} has Look {place.look} in the trash.",
                    remedy="Restore it in Looker, or let the model read another one.",
                )
            found: Mapping[str, Any] = look["query"]
            return found
        query: Mapping[str, Any] = self.ask(client, "GET", f"{_API}/queries/slug/{place.slug}")
        return query

    def _run(self, client: httpx.Client, url: str, form: str) -> str:
        """Return the path under which a Look or query is run."""
        place = self._place(url)
        if place.look is not None:
            return f"{_API}/looks/{place.look}/run/{form}"
        return f"{_API}/queries/{self._query(client, url)['id']}/run/{form}"

    def _place(self, url: str) -> Place:
        try:
            return place_of(url, self._server)
        except ModelRefused as error:
            raise SourceFailed(error.message, remedy=error.remedy) from error

    def _taken(self, table: str, rows: Iterator[Any]) -> Page:
        try:
            page = list(islice(rows, _PAGE))
        except ValueError as error:
            raise SourceFailed(
                f"{self.where(table)} failed while it was read, or is not whole: {error}",
                remedy="Run it in Looker, where the error shows; then run again.",
            ) from error
        for row in page:
            if set(row) == {_FAILED}:
                raise SourceFailed(
                    f"{self.where(table)} failed in Looker: {' '.join(str(row[_FAILED]).split())}",
                    remedy="Run it in Looker, where the error shows; then run again.",
                )
        return [{undotted(name): value for name, value in row.items()} for row in page]
