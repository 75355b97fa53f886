"""Many rows of one key gathered into one row that lists them: an invoice from its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookward.engine.columns import Array
from bookward.engine.compare import group_sql, order_sql, text_sql, value_sql
from bookward.engine.keys import KeyProblem, null_keys, said
from bookward.engine.parquet import new_file
from bookward.engine.text import shown
from bookward.engine.workspace import Scan, Workspace, arrow_batches
from bookward.errors import ColumnMissing, LineDuplicate, LinesDisagree, RowError
from bookward.heavy import duckdb, pa, pc
from bookward.records import Rejection, row_key
from bookward.spec.model import LINES, ModelSpec

_TWICE = -1  #: instead of the place of a column that differs: two lines have the same place


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Which rows are gathered into one, and what of them."""

    keys: Sequence[str]
    common: Sequence[str]  #: the columns besides the keys that all lines of a row must agree in
    order_by: Sequence[str]
    columns: Sequence[str]  #: what each line holds; none when nobody asks for the lines

    @classmethod
    def of(cls, model: ModelSpec, wanted: Sequence[str]) -> Gathering | None:
        """Return how to get the columns that a sync wants of a model; None when it gathers nothing.

        Raises:
            ColumnMissing: one of them belongs to the lines.
        """
        if model.lines is None:
            return None
        common = [name for name in wanted if name not in model.primary_key and name != LINES]
        for name in common:
            if name in model.own_columns:
                raise ColumnMissing(
                    f"Column {name!r} may differ from line to line, so the row as a whole does not have it.",
                    remedy=f"Map it inside of {{each: {LINES}, fields: ...}}, or select it once more under "
                    "another name.",
                )
        return cls(
            keys=model.primary_key,
            common=common,
            order_by=model.lines.order_by,
            columns=model.lines.columns if LINES in wanted else (),
        )

    @property
    def reads(self) -> list[str]:
        """The columns of the rows to be gathered."""
        return list(dict.fromkeys([*self.keys, *self.common, *self.order_by, *self.columns]))


def gather(read: Path, gathering: Gathering, out: Path, workspace: Workspace) -> int:
    """Write one row per key, in key order, with its lines in order; return how many rows there are.

    What cannot be gathered is left as it is: rows with a null in their key, and all the rows of a key that
    ``bad_lines`` names. A diff sets both aside for their keys, as null and as duplicate.

    Args:
        read: the staged rows, with the columns that the gathering reads.
        out: the file, of columns in canonical types.

    Raises:
        StoreFailed: the work could not be done for want of disk or memory.
    """
    scan = Scan(read, "n")
    held = list(dict.fromkeys([*gathering.keys, *gathering.common, *gathering.columns]))
    row = [scan.field(name) for name in (*gathering.keys, *gathering.common)]
    line = pa.struct([scan.field(name) for name in gathering.columns])
    schema = pa.schema([*row, pa.field(LINES, pa.list_(line))] if gathering.columns else row)
    with workspace.connect() as connection, new_file(out, schema, durable=False) as file:
        _find_bad(connection, scan, gathering)
        width = len(gathering.keys) + 1
        query = _sorted_query(scan, gathering, held)
        for table, firsts in _whole_rows(arrow_batches(connection, query), width):
            columns = {
                name: table.column(width + place).combine_chunks().cast(scan.field(name).type)
                for place, name in enumerate(held)
            }
            file.write(_gathered(columns, firsts, gathering, schema))
        return file.rows


def bad_lines(read: Path, gathering: Gathering, workspace: Workspace) -> Iterator[KeyProblem]:
    """Yield what ``gather`` could not gather.

    First rows with a null key in the order of the file, then the keys whose lines disagree or share a place,
    in key order.
    """
    yield from null_keys(read, gathering.keys, workspace)
    scan = Scan(read, "n")
    with workspace.connect() as connection:
        _find_bad(connection, scan, gathering)
        for batch in arrow_batches(connection, _bad_query(scan, gathering)):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield _problem(gathering, *values)


def _gathered(
    columns: Mapping[str, Array], firsts: Array, gathering: Gathering, schema: pa.Schema
) -> pa.RecordBatch:
    arrays: list[Any] = [columns[name].take(firsts) for name in (*gathering.keys, *gathering.common)]
    if gathering.columns:
        lists: Any = schema.field(LINES).type
        parts = [columns[name] for name in gathering.columns]
        lines = pa.StructArray.from_arrays(parts, fields=list(lists.value_type))
        ends: Any = pa.concat_arrays([firsts, pa.array([len(lines)], pa.int32())])
        arrays.append(pa.ListArray.from_arrays(ends, lines).cast(lists))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _names(prefix: str, forms: Sequence[str]) -> list[str]:
    return [f"{prefix}{place}" for place in range(len(forms))]


def _aliased(prefix: str, forms: Sequence[str]) -> str:
    return ", ".join(f"{form} AS {name}" for form, name in zip(forms, _names(prefix, forms), strict=True))


def _key_forms(scan: Scan, gathering: Gathering) -> list[str]:
    return [group_sql(scan.field(key), scan.column(key)) for key in gathering.keys]


def _value_forms(scan: Scan, names: Sequence[str]) -> list[str]:
    return [value_sql(scan.field(name), scan.field(name), scan.column(name)) for name in names]


def _texts(scan: Scan, names: Sequence[str]) -> list[str]:
    return [text_sql(scan.field(name), scan.column(name)) for name in names]


def _find_bad(connection: duckdb.DuckDBPyConnection, scan: Scan, gathering: Gathering) -> None:
    """Make the table ``bad`` of the keys that cannot be gathered, with the reason.

    That is the number of the first common column that differs, or the place in the order that lines share.
    """
    forms = _key_forms(scan, gathering)
    keys = ", ".join(_names("k", forms))
    there = " AND ".join(f"{column} IS NOT NULL" for column in scan.columns(gathering.keys))
    hashes = [f"hash({form})" for form in _value_forms(scan, gathering.common)]
    cases = " ".join(f"WHEN min({h}) <> max({h}) THEN {at}" for at, h in enumerate(_names("h", hashes)))
    differs = f"CASE {cases} END" if hashes else "NULL"
    places = f"[{', '.join(_texts(scan, gathering.order_by))}]"
    order = _value_forms(scan, gathering.order_by)
    connection.execute(f"""
        CREATE TEMP TABLE bad AS
        SELECT * FROM (
            SELECT {keys}, ({differs})::INTEGER AS differs, NULL::VARCHAR[] AS place
            FROM (SELECT {", ".join([_aliased("k", forms), *([_aliased("h", hashes)] if hashes else [])])}
                  FROM {scan.sql} WHERE {there})
            GROUP BY {keys})
        WHERE differs IS NOT NULL""")
    connection.execute(f"""
        INSERT INTO bad
        SELECT {keys}, {_TWICE}, min(place) FROM (
            SELECT {keys}, min(place) AS place
            FROM (SELECT {_aliased("k", forms)}, {_aliased("o", order)}, {places} AS place
                  FROM {scan.sql} WHERE {there})
            GROUP BY {", ".join([keys, *_names("o", order)])} HAVING count(*) > 1
        ) AS twice ANTI JOIN bad USING ({keys})
        GROUP BY {keys}""")


def _sorted_query(scan: Scan, gathering: Gathering, held: Sequence[str]) -> str:
    forms = _key_forms(scan, gathering)
    null = " OR ".join(f"{column} IS NULL" for column in scan.columns(gathering.keys))
    order = [part for name in gathering.order_by for part in order_sql(scan.field(name), scan.column(name))]
    return f"""
        SELECT {null} OR bad.differs IS NOT NULL, {", ".join([*forms, *scan.columns(held)])}
        FROM {scan.sql} LEFT JOIN bad ON {_same(forms)}
        ORDER BY {", ".join(f"{part} NULLS LAST" for part in [*forms, *order])}, {scan.row}"""


def _bad_query(scan: Scan, gathering: Gathering) -> str:
    forms = _key_forms(scan, gathering)
    names = ", ".join(f"bad.{name}" for name in _names("k", forms))
    texts = ", ".join(f"min({text})" for text in _texts(scan, gathering.keys))
    cases = " ".join(f"WHEN {place} THEN {text}" for place, text in enumerate(_texts(scan, gathering.common)))
    value = f"CASE bad.differs {cases} END" if cases else "NULL::VARCHAR"
    return f"""
        SELECT count(*), bad.differs, any_value(bad.place),
               min({value}), max({value}), count({value}), [{texts}]
        FROM {scan.sql} JOIN bad ON {_same(forms)}
        GROUP BY {names}, bad.differs ORDER BY {names}"""


def _same(forms: Sequence[str]) -> str:
    return " AND ".join(f"{form} = bad.{name}" for form, name in zip(forms, _names("k", forms), strict=True))


def _whole_rows(batches: Iterator[pa.RecordBatch], width: int) -> Iterator[tuple[pa.Table, Array]]:
    """Yield sorted lines in tables that no row is cut by, each with the places of its rows' first lines."""
    waiting: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = table if waiting is None else pa.concat_tables([waiting, table])
        firsts = _firsts(table.select(range(width)))
        last = firsts[len(firsts) - 1].as_py()
        if last:
            yield table.slice(0, last), firsts.slice(0, len(firsts) - 1)
        waiting = table.slice(last)
    if waiting is not None:
        yield waiting, _firsts(waiting.select(range(width)))


def _firsts(marks: pa.Table) -> Array:
    """Return the places at which another row begins; ``marks``: whether a line stands alone, and its key."""
    alone, *keys = [column.combine_chunks() for column in marks.columns]
    begins: Any = alone.slice(1)
    for key in keys:
        differs: Any = pc.not_equal(key.slice(1), key.slice(0, len(key) - 1))
        begins = pc.or_(begins, differs.fill_null(True))
    places = pc.add(pc.indices_nonzero(begins).cast(pa.int32()), pa.scalar(1, pa.int32()))
    return pa.concat_arrays([pa.array([0], pa.int32()), places])


def _problem(
    gathering: Gathering,
    rows: int,
    differs: int,
    place: list[str | None] | None,
    low: str | None,
    high: str | None,
    filled: int,
    key: list[str],
) -> KeyProblem:
    row = said(zip(gathering.keys, key, strict=True))
    error: RowError
    if place is not None:
        where = said(zip(gathering.order_by, place, strict=True))
        error = LineDuplicate(f"More than one of the {rows} lines with the key {row} has {where}.")
    else:
        other = shown(high) if filled == rows else "null"
        error = LinesDisagree(
            f"The {rows} lines with the key {row} differ in column {gathering.common[differs]!r}: "
            f"{shown(low)} and {other}."
        )
    return KeyProblem(key=row_key(key), rows=rows, rejection=Rejection.of(error))
