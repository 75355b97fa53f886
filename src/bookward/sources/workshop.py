"""Working in a warehouse with tables of Bookward's own, where no session holds them together.

Services that answer statement by statement know no transaction over several of them and no temporary table.
What is made is therefore a table like any other, named after its plan, and dropped when it is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bookward.errors import BookwardError, RightsMissing, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.sources.select import quoted


class Hand(Protocol):
    """What runs statements in a warehouse, as its driver does; errors are the driver's."""

    def do(self, statement: str) -> None:
        """Run a statement that returns nothing."""

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the few rows of a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What is needed of a source to work in its warehouse."""

    name: str
    dialect: str
    schema: Sequence[str]  #: where Bookward's tables are, catalog and all
    hand: Callable[[], AbstractContextManager[Hand]]
    """Opens a session that may write."""
    read: Callable[[str], AbstractContextManager[Rows]]
    """Reads one of Bookward's own queries, in its order, in the types that a model's have."""
    described: Callable[[str], pa.Schema]
    """Tells the columns of a model's query; raises where it is more than a query."""
    translated: Callable[[str], AbstractContextManager[None]]
    there: Callable[[Any], bool]
    """Tells whether the schema is there, of what ``hand`` gives."""
    denied: Callable[[Exception], bool]
    """Tells whether an error of the driver is about a right that is missing."""
    who: str  #: the query for whom rights are granted to
    make: Callable[[Any], str]
    """Gives the statement that makes the schema, of the same."""
    grant: Callable[[str], str]
    """Gives the statement that lets somebody keep tables in the schema, and work there."""
    create: str = "CREATE TABLE"

    @contextmanager
    def opened(self) -> Iterator[Bench]:
        """Open a session in a schema that is there, and made where it is not.

        Raises:
            RightsMissing: there is no place for the tables.
            SourceUnreachable, SourceFailed, ExtraMissing: as a source.
        """
        with self.hand() as hand:
            bench = Bench(self, hand)
            bench.make_room()
            yield bench


class Bench:
    """One session in the schema."""

    def __init__(self, workshop: Workshop, hand: Hand) -> None:
        self._workshop = workshop
        self._hand = hand
        self._there = True

    def make_room(self) -> None:
        with self._said():
            self._there = self._workshop.there(self._hand)
        if not self._there:
            self.do(self._make())
            self._there = True

    def do(self, *statements: str) -> None:
        """Run statements that return nothing."""
        for statement in statements:
            with self._said():
                self._hand.do(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the few rows of a query."""
        with self._said():
            return self._hand.ask(query)

    def make(self, table: str, query: str) -> None:
        """Make a table of what a query gives, in the place of the one that may be there."""
        self.do(f"DROP TABLE IF EXISTS {table}", f"{self._workshop.create} {table} AS {query}")

    def drop(self, *tables: str) -> None:
        """Drop tables that may be there; one that stays does no harm, and goes with its plan's others."""
        for table in tables:
            with suppress(BookwardError):
                self.do(f"DROP TABLE IF EXISTS {table}")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            with self._workshop.translated("refused what `diff: warehouse` needs"):
                yield
        except SourceFailed as error:
            cause = error.__cause__
            if not isinstance(cause, Exception) or not self._workshop.denied(cause):
                raise
            raise self._missing(cause) from error

    def _make(self) -> str:
        with self._workshop.translated("refused to say where its data are"):
            return self._workshop.make(self._hand)

    def _missing(self, cause: Exception) -> RightsMissing:
        shop = self._workshop
        with shop.translated("refused to say who is signed in"):
            who = str(self._hand.ask(shop.who)[0][0])
        needed = shop.grant(who) if self._there else f"{self._make()}; {shop.grant(who)}"
        where = ".".join(quoted(part, shop.dialect) for part in shop.schema)
        return RightsMissing(
            f"Source {shop.name!r} does not let {who!r} keep Bookward's tables in schema {where}, which "
            f"`diff: warehouse` needs. Missing: {needed}; ({' '.join(str(cause).split())[:300]})"
        )


def literal(text: str) -> str:
    """Return a text as an expression of strings, without what some dialects take for an escape."""
    safe = text.replace("\\", "\0\\\0").replace("'", "\0'\0").split("\0")
    parts = [f"CHR({ord(part)})" if part in ("\\", "'") else f"'{part}'" for part in safe]
    return " || ".join(parts)
