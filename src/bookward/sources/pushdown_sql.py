"""The SQL by which a warehouse tells which rows may differ from those last accepted.

Per sync the warehouse keeps a table of keys, each with a hash of the values that were accepted under it; a
null in place of the hash says that the key is to be looked at whatever its rows say. Statements are written
once, in PostgreSQL's words, and said by sqlglot in the words of each dialect; only what is hashed, and how,
is written by hand for each (``rowhash``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bookward.heavy import exp, sqlglot
from bookward.sources.select import quoted

_SUM = "SUM(CAST({} AS DECIMAL(38, 0)))"  # in whatever order the rows of a key come


@dataclass(frozen=True, slots=True, kw_only=True)
class PushdownSql:
    """The statements about one sync.

    Working tables are the session's own and end with it, or stand beside the others, under the plan's id.
    """

    dialect: str
    schema: Sequence[str]  #: where the tables are, catalog and all
    rows: str  #: table of the keys with their hashes
    stage: str  #: table of what one plan has looked at
    keys: int  #: how many key columns there are
    work: str | None = None  #: what the names of working tables end with; None: they are the session's own

    def model(self, query: str, names: Sequence[str], keys: Sequence[str], hashed: str) -> str:
        """Return the query of the model's rows, each with a number, its key and its hash.

        Args:
            query: gives the columns ``names``.
            keys: the key's columns in a form in which equal ones are the same row's to anybody, as SQL.
            hashed: the 64-bit number of a row, as SQL.
        """
        columns = [quoted(name, self.dialect) for name in names]
        parts = [
            f"{self.say('ROW_NUMBER() OVER (ORDER BY NULL)')} AS {self._name('row')}",
            *(f"{key} AS {self._name(f'k{place}')}" for place, key in enumerate(keys)),
            f"{hashed} AS {self._name('hash')}",
            *(f"{column} AS {self._name(f'c{place}')}" for place, column in enumerate(columns)),
        ]
        return f"SELECT {', '.join(parts)} FROM (\n{query}\n) AS {self._name('model')}"

    def differing(self) -> str:
        """Return the query of the keys that are new (n), gone (o), or there with another hash (both)."""
        old, model = self.named(self.rows), self.working("model")
        return self.say(
            f"SELECT {self._renamed('n', 'n')}, {self._renamed('o', 'o')} "
            f"FROM (SELECT {self._keys('m')}, {_SUM.format('m.hash')} AS hash FROM {model} AS m "
            f"WHERE {self._there('m')} GROUP BY {self._keys('m')}) AS n "
            f"FULL JOIN {old} AS o ON {self._same('n', 'o')} "
            "WHERE n.k0 IS NULL OR o.k0 IS NULL OR o.hash IS NULL OR n.hash <> o.hash"
        )

    def counts(self) -> str:
        """Return the query of how many keys are gone, and how many are there with another hash."""
        both = "CASE WHEN NOT n0 IS NULL AND NOT o0 IS NULL THEN 1 ELSE 0 END"
        return self.say(
            f"SELECT COUNT(*) - COUNT(n0) AS gone, COALESCE(SUM({both}), 0) AS other "
            f"FROM {self.working('differing')}"
        )

    def staged(self, *, whole: bool) -> str:
        """Return the query of the rows to be looked at, in order, with the keys that are gone after them."""
        columns = f"m.row AS row, {self._keys('m')}, m.hash AS hash"
        if whole:
            return self.say(f"SELECT m.row - 1 AS place, {columns} FROM {self.working('model')} AS m")
        model, differing = self.working("model"), self.working("differing")
        same = " AND ".join(f"d.n{place} = m.k{place}" for place in range(self.keys))
        gone = ", ".join(f"d.o{place} AS k{place}" for place in range(self.keys))
        # Not "EXISTS or no key", which some warehouses cannot make a join of.
        rows = f"SELECT 0 AS part, {columns} FROM {model} AS m JOIN {differing} AS d ON {same}"
        bad = f"SELECT 0 AS part, {columns} FROM {model} AS m WHERE NOT ({self._there('m')})"
        none = f"CAST(NULL AS BIGINT) AS row, {gone}, CAST(NULL AS BIGINT) AS hash"
        lost = f"SELECT 1 AS part, {none} FROM {differing} AS d"
        return self.say(
            f"SELECT ROW_NUMBER() OVER (ORDER BY s.part, s.row) - 1 AS place, s.row AS row, "
            f"{self._keys('s')}, s.hash AS hash "
            f"FROM ({rows} UNION ALL {bad} UNION ALL {lost} WHERE d.n0 IS NULL) AS s"
        )

    def read_rows(self, names: Sequence[str], *more: str) -> str:
        """Return the query of the rows to be looked at, in the order of their places.

        Args:
            more: columns of the stage, such as ``place``, that come last.
        """
        own = [f"m.c{place} AS {_identifier(name)}" for place, name in enumerate(names)]
        columns = ", ".join((*own, *(f"s.{name}" for name in more)))
        return self.say(
            f"SELECT {columns} FROM {self.working('model')} AS m JOIN {self.named(self.stage)} AS s "
            "ON s.row = m.row ORDER BY s.place"
        )

    def read_gone(self, names: Sequence[str], *more: str) -> str:
        """Return the query of the keys that are gone, in the order of their places, as ``read_rows``."""
        own = [f"s.k{place} AS {_identifier(name)}" for place, name in enumerate(names)]
        columns = ", ".join((*own, *(f"s.{name}" for name in more)))
        return self.say(
            f"SELECT {columns} FROM {self.named(self.stage)} AS s WHERE s.row IS NULL ORDER BY s.place"
        )

    def accepted(self) -> str:
        """Return the query of the keys looked at that the new snapshot has, each with its hash or null.

        A row's values count for it unless its place is open; then the snapshot has the key if it is held.
        """
        settled = "COUNT(o.place) = 0"
        return self.say(
            f"SELECT {self._keys('s')}, CASE WHEN {settled} THEN {_SUM.format('s.hash')} END AS hash "
            f"FROM {self.named(self.stage)} AS s LEFT JOIN {self.working('open')} AS o ON o.place = s.place "
            f"WHERE {self._there('s')} GROUP BY {self._keys('s')} "
            f"HAVING ({settled} AND COUNT(s.row) > 0) OR MAX(CASE WHEN o.held THEN 1 ELSE 0 END) = 1"
        )

    def leave(self) -> str:
        """Return the statement that takes out the keys that a plan has looked at."""
        return self.say(
            f"DELETE FROM {self.named(self.rows)} AS r WHERE EXISTS "
            f"(SELECT 1 FROM {self.named(self.stage)} AS s WHERE {self._same('s', 'r')})"
        )

    def left(self) -> str:
        """Return the query of what is kept of the keys that a plan has not looked at."""
        looked_at = f"SELECT 1 FROM {self.named(self.stage)} AS s WHERE {self._same('s', 'r')}"
        return self.say(
            f"SELECT {self._keys('r')}, r.hash AS hash FROM {self.named(self.rows)} AS r "
            f"WHERE NOT EXISTS ({looked_at})"
        )

    def opened(self, ranges: str) -> str:
        """Return the query of the open places, of a table of their ranges: first, last, held."""
        return self.say(
            f"SELECT s.place AS place, r.held AS held FROM {self.named(self.stage)} AS s "
            f"JOIN {self.named(ranges)} AS r ON s.place BETWEEN r.first AND r.last"
        )

    def strays(self, types: Sequence[str]) -> str:
        """Return the query of keys given as text, in their own types, without a hash."""
        keys = ", ".join(f"CAST(s.k{place} AS {type_}) AS k{place}" for place, type_ in enumerate(types))
        none = "CAST(NULL AS DECIMAL(38, 0))"
        return self.say(f"SELECT {keys}, {none} AS hash FROM {self.working('strays')} AS s")

    def into_rows(self, query: str) -> str:
        """Return the statement that adds what a query gives."""
        names = ", ".join(self._name(name) for name in (*(f"k{place}" for place in range(self.keys)), "hash"))
        return f"INSERT INTO {self.table(self.rows)} ({names}) {query}"

    def table(self, name: str) -> str:
        """Return a table of Bookward's schema in the words of the dialect."""
        return ".".join(self._name(part) for part in (*self.schema, name))

    def working(self, name: str) -> str:
        """Return a working table in PostgreSQL's words."""
        return f"_bookward_{name}" if self.work is None else self.named(f"{name}_{self.work}")

    def named(self, name: str) -> str:
        """Return a table of Bookward's schema in PostgreSQL's words."""
        return ".".join(_identifier(part) for part in (*self.schema, name))

    def _keys(self, alias: str) -> str:
        return ", ".join(f"{alias}.k{place}" for place in range(self.keys))

    def _renamed(self, alias: str, to: str) -> str:
        return ", ".join(f"{alias}.k{place} AS {to}{place}" for place in range(self.keys))

    def _same(self, one: str, other: str) -> str:
        return " AND ".join(f"{one}.k{place} = {other}.k{place}" for place in range(self.keys))

    def _there(self, alias: str) -> str:
        return " AND ".join(f"{alias}.k{place} IS NOT NULL" for place in range(self.keys))

    def _name(self, name: str) -> str:
        return quoted(name, self.dialect)

    def say(self, sql: str) -> str:
        """Return a statement in PostgreSQL's words in those of the dialect, every name in it exact."""
        tree = sqlglot.parse_one(sql, read="postgres")
        for identifier in tree.find_all(exp.Identifier):
            identifier.set("quoted", True)
        return tree.sql(dialect=self.dialect)


def _identifier(name: str) -> str:
    return quoted(name, "postgres")
