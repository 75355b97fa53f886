"""What all servers that are read through a DB-API driver have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import Field, SecretStr

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.ports import Rows, SqlPushdown
from bookward.records import CheckStep, ListedTable
from bookward.sources import arrays, catalogue
from bookward.sources.base import failed, guarded
from bookward.spec.source import SourceSpec


class ServerSpec(SourceSpec):
    """A server that is reached by its host's name."""

    host: str
    """Name or address of the server."""
    user: str
    """Who signs in; one who may only read is enough, and best."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which the server gives a query up; 0 for never."""


class ServerSource(ABC):
    """Reads a server through the cursor of a DB-API driver."""

    who: ClassVar[str]  #: the query for who is signed in, and what answers, in words
    catalogue: ClassVar[str]  #: the query for what ``catalogue.listed`` takes

    def __init__(self, name: str, server: str) -> None:
        """Connect to nothing yet.

        Args:
            name: of the source.
            server: its address as people may see it.
        """
        self._name = name
        self._server = server

    @abstractmethod
    def session(self) -> AbstractContextManager[Any]:
        """Give a cursor that takes one query, in a new read-only session with the source's settings.

        Raises:
            SourceUnreachable: there is no connection.
            SourceFailed: the sign-in was refused.
            ExtraMissing: the driver is not installed.
        """

    @abstractmethod
    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        """Return the columns of the query that ``cursor`` has begun."""

    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """Return what the driver raises."""

    @abstractmethod
    def failure(self, what: str, error: Exception) -> SourceFailed:
        """Return what an error of the driver means; ``what`` ends "the source ..."."""

    def check(self) -> Iterator[CheckStep]:
        try:
            with self.read(self.who) as rows:
                who, version = next(rows.batches).to_pylist()[0].values()
        except SourceUnreachable as error:
            yield failed("reach", error)
        except SourceFailed as error:
            yield CheckStep(name="reach", ok=True, detail=f"{self._server} answers")
            yield failed("sign in", error)
        except BookwardError as error:
            yield failed("driver", error)
        else:
            yield CheckStep(name="reach", ok=True, detail=f"{self._server} answers")
            yield CheckStep(name="sign in", ok=True, detail=f"as {who}")
            yield CheckStep(name="read", ok=True, detail=f"{version}, read-only")

    def tables(self) -> Iterator[ListedTable]:
        with self.read(self.catalogue) as rows:
            yield from catalogue.listed(rows)

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        with self.session() as cursor:
            with self._translated("refused the query"):
                cursor.execute(query)
                columns = self.columns(cursor)
            yield Rows(
                arrays.schema(columns), guarded(arrays.batches(cursor.fetchmany, columns), self._translated)
            )

    def pushdown(self) -> SqlPushdown | None:
        """Return nothing: rows are compared on Bookward's side."""
        return None

    def lost(self, message: str) -> SourceFailed:
        """Return the error for a connection that was lost while reading."""
        return SourceFailed(
            f"The connection to source {self._name!r} ({self._server}) was lost while reading: {message}",
            remedy="See why the server or the network went away, then run again; nothing was sent.",
        )

    def gave_up(self, message: str) -> SourceFailed:
        """Return the error for a query that took longer than it may."""
        remedy = "Make the query cheaper, or raise statement_timeout in the source's file."
        return SourceFailed(f"Source {self._name!r} gave the query up: {message}", remedy=remedy)

    def refused(self, what: str, message: str) -> SourceFailed:
        """Return the error for a query that the server does not answer, with the server's own words."""
        remedy = "Correct the model, or grant the user what it needs; `bookward preview` tries it."
        return SourceFailed(f"Source {self._name!r} {what}: {message}", remedy=remedy)

    def unreachable(self, message: str) -> SourceUnreachable:
        """Return the error for a server that does not answer."""
        return SourceUnreachable(f"Source {self._name!r} cannot be reached at {self._server}: {message}")

    def turned_away(self, message: str) -> SourceFailed:
        """Return the error for a sign-in that the server refused."""
        return SourceFailed(
            f"Source {self._name!r} ({self._server}) refused the sign-in: {message}",
            remedy="Check user, password and what else signs in, in the source's file.",
        )

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, UnicodeError, ArithmeticError) as error:
            raise self.refused(what, " ".join(str(error).split())) from error
        except Exception as error:
            if isinstance(error, (*self.errors(), OSError)):
                raise self.failure(what, error) from error
            raise
