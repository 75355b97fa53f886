"""The SQL by which a warehouse tells which rows may differ from those last accepted.

Per sync the warehouse keeps a table of keys, each with a hash of the values that were accepted under it; a
null in place of the hash says that the key is to be looked at whatever its rows say. Statements are written
once, in PostgreSQL's words, and said by sqlglot in the words of each dialect; only what is hashed, and how,
is written by hand for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from bookward.sources.select import quoted


@dataclass(frozen=True, slots=True)
class Encoder:
    """How a dialect makes a 64-bit number of a row: equal numbers must mean equal rows.

    Equal rows may have different numbers, when a scale or an encoding changed: that costs a look at them.
    """

    dialect: str
    hash64: str  #: function of text

    def row(self, names: Sequence[str]) -> str:
        """Return the SQL of the number for columns of these names."""
        return f"{self.hash64}({_said(' || '.join(map(_part, names)), self.dialect)})"


class PostgresEncoder(Encoder):
    """PostgreSQL writes a row out as one text, in which nulls, quotes and commas cannot be mistaken."""

    def row(self, names: Sequence[str]) -> str:
        row = f"ROW({', '.join(map(_identifier, names))})"
        return f'{self.hash64}(CAST({row} AS TEXT) COLLATE "C", 0)'


def _part(name: str) -> str:
    # The length in front keeps apart what would else run together; no text looks like a null.
    column = _identifier(name)
    text = f"CAST({column} AS TEXT)"
    return f"CASE WHEN {column} IS NULL THEN '-' ELSE CAST(LENGTH({text}) AS TEXT) || ':' || {text} END"


ENCODERS = {
    encoder.dialect: encoder
    for encoder in (
        PostgresEncoder("postgres", "HASHTEXTEXTENDED"),
        Encoder("snowflake", "MD5_NUMBER_LOWER64"),
        Encoder("bigquery", "FARM_FINGERPRINT"),
        Encoder("databricks", "XXHASH64"),
        Encoder("redshift", "FARMFINGERPRINT64"),
    )
}
"""Those of dialects without a source yet are proven as text only."""


def _said(sql: str, dialect: str) -> str:
    """Return a statement or expression in the words of a dialect."""
    return sqlglot.parse_one(sql, read="postgres").sql(dialect=dialect)


_SUM = "SUM(CAST({} AS DECIMAL(38, 0)))"  # in whatever order the rows of a key come


@dataclass(frozen=True, slots=True, kw_only=True)
class PushdownSql:
    """The statements about one sync.

    Tables whose names begin with an underscore are the session's own, and end with it.
    """

    encoder: Encoder
    schema: str
    rows: str  #: table of the keys with their hashes
    stage: str  #: table of what one plan has looked at
    keys: int  #: how many key columns there are

    def model(self, query: str, names: Sequence[str], keys: Sequence[str]) -> str:
        """Return the query of the model's rows, each with a number, its key and its hash.

        Args:
            query: gives the columns ``names``.
            keys: the key's columns in a form in which equal ones are the same row's to anybody, as SQL.
        """
        dialect = self.encoder.dialect
        columns = [quoted(name, dialect) for name in names]
        parts = [
            f"{_said('ROW_NUMBER() OVER (ORDER BY NULL)', dialect)} AS {self._name('row')}",
            *(f"{key} AS {self._name(f'k{place}')}" for place, key in enumerate(keys)),
            f"{self.encoder.row(names)} AS {self._name('hash')}",
            *(f"{column} AS {self._name(f'c{place}')}" for place, column in enumerate(columns)),
        ]
        return f"SELECT {', '.join(parts)} FROM (\n{query}\n) AS {self._name('model')}"

    def differing(self) -> str:
        """Return the query of the keys that are new (n), gone (o), or there with another hash (both)."""
        old = self._table(self.rows)
        return self._say(
            f"SELECT {self._renamed('n', 'n')}, {self._renamed('o', 'o')} "
            f"FROM (SELECT {self._keys('m')}, {_SUM.format('m.hash')} AS hash FROM _bookward_model AS m "
            f"WHERE {self._there('m')} GROUP BY {self._keys('m')}) AS n "
            f"FULL JOIN {old} AS o ON {self._same('n', 'o')} "
            "WHERE n.k0 IS NULL OR o.k0 IS NULL OR o.hash IS NULL OR n.hash <> o.hash"
        )

    def counts(self) -> str:
        """Return the query of how many keys are gone, and how many are there with another hash."""
        both = "CASE WHEN NOT n0 IS NULL AND NOT o0 IS NULL THEN 1 ELSE 0 END"
        return self._say(
            f"SELECT COUNT(*) - COUNT(n0) AS gone, COALESCE(SUM({both}), 0) AS other FROM _bookward_differing"
        )

    def staged(self, *, whole: bool) -> str:
        """Return the query of the rows to be looked at, in order, with the keys that are gone after them."""
        columns = f"m.row AS row, {self._keys('m')}, m.hash AS hash"
        if whole:
            return self._say(f"SELECT m.row - 1 AS place, {columns} FROM _bookward_model AS m")
        same = " AND ".join(f"d.n{place} = m.k{place}" for place in range(self.keys))
        looked_at = (
            f"EXISTS (SELECT 1 FROM _bookward_differing AS d WHERE {same}) OR NOT ({self._there('m')})"
        )
        gone = ", ".join(f"d.o{place} AS k{place}" for place in range(self.keys))
        rows = f"SELECT 0 AS part, {columns} FROM _bookward_model AS m WHERE {looked_at}"
        lost = f"SELECT 1 AS part, NULL AS row, {gone}, NULL AS hash FROM _bookward_differing AS d"
        return self._say(
            f"SELECT ROW_NUMBER() OVER (ORDER BY s.part, s.row) - 1 AS place, s.row AS row, "
            f"{self._keys('s')}, s.hash AS hash "
            f"FROM ({rows} UNION ALL {lost} WHERE d.n0 IS NULL) AS s"
        )

    def read_rows(self, names: Sequence[str]) -> str:
        """Return the query of the rows to be looked at, in the order of their places."""
        columns = ", ".join(f"m.c{place} AS {_identifier(name)}" for place, name in enumerate(names))
        return self._say(
            f"SELECT {columns} FROM _bookward_model AS m JOIN {self._table(self.stage)} AS s "
            "ON s.row = m.row ORDER BY s.place"
        )

    def read_gone(self, names: Sequence[str]) -> str:
        """Return the query of the keys that are gone, in the order of their places."""
        columns = ", ".join(f"s.k{place} AS {_identifier(name)}" for place, name in enumerate(names))
        return self._say(
            f"SELECT {columns} FROM {self._table(self.stage)} AS s WHERE s.row IS NULL ORDER BY s.place"
        )

    def accepted(self) -> str:
        """Return the query of the keys looked at that the new snapshot has, each with its hash or null.

        A row's values count for it unless its place is open; then the snapshot has the key if it is held.
        """
        settled = "COUNT(o.place) = 0"
        return self._say(
            f"SELECT {self._keys('s')}, CASE WHEN {settled} THEN {_SUM.format('s.hash')} END AS hash "
            f"FROM {self._table(self.stage)} AS s LEFT JOIN _bookward_open AS o ON o.place = s.place "
            f"WHERE {self._there('s')} GROUP BY {self._keys('s')} "
            f"HAVING ({settled} AND COUNT(s.row) > 0) OR MAX(CASE WHEN o.held THEN 1 ELSE 0 END) = 1"
        )

    def leave(self) -> str:
        """Return the statement that takes out the keys that a plan has looked at."""
        return self._say(
            f"DELETE FROM {self._table(self.rows)} AS r WHERE EXISTS "
            f"(SELECT 1 FROM {self._table(self.stage)} AS s WHERE {self._same('s', 'r')})"
        )

    def strays(self, types: Sequence[str]) -> str:
        """Return the query of keys given as text, in their own types, without a hash."""
        keys = ", ".join(f"CAST(s.k{place} AS {type_}) AS k{place}" for place, type_ in enumerate(types))
        return self._say(f"SELECT {keys}, CAST(NULL AS DECIMAL(38, 0)) AS hash FROM _bookward_strays AS s")

    def into_rows(self, query: str) -> str:
        """Return the statement that adds what a query gives."""
        names = ", ".join(self._name(name) for name in (*(f"k{place}" for place in range(self.keys)), "hash"))
        return f"INSERT INTO {self.table(self.rows)} ({names}) {query}"

    def table(self, name: str) -> str:
        """Return a table of Bookward's schema in the words of the dialect."""
        return self._say(self._table(name))

    def _table(self, name: str) -> str:
        return f"{_identifier(self.schema)}.{_identifier(name)}"

    def _keys(self, alias: str) -> str:
        return ", ".join(f"{alias}.k{place}" for place in range(self.keys))

    def _renamed(self, alias: str, to: str) -> str:
        return ", ".join(f"{alias}.k{place} AS {to}{place}" for place in range(self.keys))

    def _same(self, one: str, other: str) -> str:
        return " AND ".join(f"{one}.k{place} = {other}.k{place}" for place in range(self.keys))

    def _there(self, alias: str) -> str:
        return " AND ".join(f"{alias}.k{place} IS NOT NULL" for place in range(self.keys))

    def _name(self, name: str) -> str:
        return quoted(name, self.encoder.dialect)

    def _say(self, sql: str) -> str:
        tree = sqlglot.parse_one(sql, read="postgres")
        for identifier in tree.find_all(exp.Identifier):
            identifier.set("quoted", True)
        return tree.sql(dialect=self.encoder.dialect)


def _identifier(name: str) -> str:
    return quoted(name, "postgres")
