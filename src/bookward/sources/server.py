"""What all servers that answer SQL have in common, and those among them that a DB-API driver reads."""

from __future__ import annotations

import logging
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SecretStr

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import pa
from bookward.ports import Rows, SqlPushdown
from bookward.records import CheckStep, ListedTable
from bookward.sources import arrays, catalogue, select, tunnel
from bookward.sources.base import WHILE_READ, failed, guarded
from bookward.sources.ssh import SshSpec
from bookward.spec.source import SourceSpec

_LOG = logging.getLogger(__name__)
KEEPALIVE = {"IDLE": 30, "INTVL": 10, "CNT": 3}
"""Seconds and number of TCP's questions by which a server that vanished without a word is noticed within a
minute, by their names in ``socket``."""
_NOT_UNDERSTOOD = (ValueError, LookupError, TypeError, AttributeError)  # of what takes an answer apart


class ServerSpec(SourceSpec):
    """A server that is reached by its host's name."""

    host: str
    """Name or address of the server."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """Port of the server."""
    user: str
    """Who signs in; one who may only read is enough, and best."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which the server gives a query up; 0 for never."""
    tls_host: Annotated[str | None, Field(title="Name in the certificate")] = None
    """Name that the server's certificate has to have; by default `host`."""
    ssh: SshSpec | None = None
    """An SSH server through which this one is reached, as `host` and `port` are known there."""


def dialled(host: str, port: int, seconds: int) -> socket.socket:
    """Return a connection that notices when the other end has vanished.

    Raises:
        OSError: there is none within so many seconds.
    """
    found = socket.create_connection((host, port), seconds)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if option := getattr(socket, f"TCP_KEEP{name}", None):  # not every system has all of them
            found.setsockopt(socket.IPPROTO_TCP, option, value)
    return found


def trusting(file: str | None) -> ssl.SSLContext:
    """Return a context that trusts the certificates in ``file``, those of this machine where there is none.

    Raises:
        SourceFailed: they cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=file)
    except (ssl.SSLError, OSError) as error:
        raise SourceFailed(
            f"The certificates in {file} cannot be read: {error}.",
            remedy="Correct sslrootcert in the source's file: PEM certificates of who is trusted.",
        ) from error


class RemoteSource(ABC):
    """Reads a server that answers SQL."""

    dialect: ClassVar[str]
    who: ClassVar[str]  #: the query for who is signed in, and what answers, in words
    catalogue: ClassVar[str]  #: the query for what ``catalogue.listed`` takes

    _spec: Any  #: which each kind of source sets; a ``ServerSpec`` may lead through a tunnel

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
        """Give what takes one query, in a new read-only session with the source's settings.

        It dials what ``_spec`` says, which is the near end of a tunnel where there is one; certificates are
        held against its ``tls_host``, if there is one.

        Raises:
            SourceUnreachable: there is no connection.
            SourceFailed: the sign-in was refused.
            ExtraMissing: the driver is not installed.
        """

    @abstractmethod
    def answer(self, session: Any, query: str) -> Rows:
        """Run ``query`` in what ``session`` gives; the driver's errors are translated by who calls."""

    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """Return what the driver raises."""

    @abstractmethod
    def failure(self, what: str, error: Exception) -> BookwardError:
        """Return what an error of the driver means; ``what`` ends "the source ..."."""

    def check(self) -> Iterator[CheckStep]:
        if isinstance(self._spec, ServerSpec):
            for step in tunnel.steps(self._spec.ssh, self._spec.host, self._spec.port, self._name):
                yield step
                if not step.ok:
                    return
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
        with self._nearby() as source, source.session() as session:
            with self._translated("refused the query"):
                rows = self.answer(session, query)
            yield Rows(rows.schema, guarded(rows.batches, self._translated))

    def described(self, query: str) -> pa.Schema:
        """Return the columns of a model's query, as ``read`` gives them, without computing it."""
        with self.read(select.limited(query, 0, self.dialect)) as rows:
            return rows.schema

    def counted(self, batches: Iterator[pa.RecordBatch], rows: int | None) -> Iterator[pa.RecordBatch]:
        """Yield batches of a result that is said to have so many rows; fewer or more are an error."""
        came = 0
        for batch in batches:
            came += batch.num_rows
            yield batch
        if rows is not None and came != rows:
            raise self.lost(f"{came:,} of {rows:,} rows came.")

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
        remedy = "Correct the model's query, or grant the user what it needs; `bookward preview` tries it."
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
    def _nearby(self) -> Iterator[Self]:
        """Give the source as it is dialled: itself, or the near end of the tunnel to it."""
        spec = self._spec
        if not isinstance(spec, ServerSpec) or spec.ssh is None:
            yield self
            return
        with tunnel.tunnel(spec.ssh, spec.host, spec.port, self._name) as port:
            near, name = copy(self), spec.tls_host or spec.host
            changes = {"host": tunnel.NEAR_END, "port": port, "tls_host": name}
            near._spec = spec.model_copy(update=changes)  # noqa: SLF001 - it is ourselves
            yield near

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, UnicodeError, ArithmeticError) as error:
            raise self.refused(what, " ".join(str(error).split())) from error
        except Exception as error:
            if isinstance(error, (*self.errors(), OSError)):
                raise self.failure(what, error) from error
            if isinstance(error, _NOT_UNDERSTOOD):
                raise self._not_understood(what, error) from error
            raise

    def _not_understood(self, what: str, error: Exception) -> SourceFailed:
        """Return what an answer means that cannot be taken apart.

        Another service answers with nothing that could be read; later the fault may be Bookward's own.
        """
        if what == WHILE_READ:
            _LOG.error("A value of source %r cannot be read.", self._name, exc_info=error)
            return SourceFailed(
                f"Source {self._name!r} ({self._server}) {what}: a value cannot be read: {error!r}",
                remedy="Find the column with `bookward preview`, and cast it to text in the model's query. "
                "Please report it with what the log says.",
            )
        return SourceFailed(
            f"Source {self._name!r} ({self._server}) {what}: it answers with something else than it should: "
            f"{error!r}",
            remedy="Check the address in the source's file: another service may answer there.",
        )


class ServerSource(RemoteSource):
    """Reads a server through the cursor of a DB-API driver, which ``session`` gives."""

    @abstractmethod
    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        """Return the columns of the query that ``cursor`` has begun."""

    def answer(self, session: Any, query: str) -> Rows:
        session.execute(query)
        columns = self.columns(session)
        return Rows(arrays.schema(columns), self.batches(session, columns))

    def batches(self, cursor: Any, columns: Sequence[arrays.Taken]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the query that ``cursor`` has begun."""
        return arrays.batches(cursor.fetchmany, columns)
