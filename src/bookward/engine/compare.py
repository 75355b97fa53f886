"""SQL by which values of two files compare, also when a column's type is not the same in both."""

from __future__ import annotations

from functools import cache

from bookward.engine.columns import ArrowType, Field, Kind, common_decimal, common_type, kind
from bookward.heavy import pa

_NUMBERS = frozenset({Kind.EXACT, Kind.DECIMAL_TEXT, Kind.FLOAT, Kind.TEXT})
_TIMES = frozenset({Kind.DATE, Kind.LOCAL_TIME, Kind.TIME})


def value_sql(field: Field, other: Field, sql: str) -> str:
    """Return the SQL of ``field``'s values in the form in which they compare with ``other``'s.

    Equal values have equal forms, whatever the two types; where types leave it open, the forms differ,
    since a change reported for nothing costs one rendering and a change overlooked is lost.
    """
    kinds = {kind(field), kind(other)}
    if field.type.equals(other.type) and kinds in ({kind(field)}, {Kind.TEXT}):
        return _same_type_sql(field, sql)
    if pa.types.is_nested(field.type) and (both := common_type(field.type, other.type)) is not None:
        return _nested_sql(f"CAST({sql} AS {type_sql(both)})")
    if kinds == {Kind.EXACT} and (common := common_decimal(field.type, other.type)) is not None:
        return f"CAST({sql} AS DECIMAL({common.precision}, {common.scale}))"
    if kinds == {Kind.EXACT, Kind.BOOLEAN}:
        bit = f"CAST({sql} AS TINYINT)"
        return f"CAST({bit} AS VARCHAR)" if kind(field) is Kind.BOOLEAN else _number_text(field, sql)
    if kinds <= _NUMBERS:
        return _number_text(field, sql)
    if kinds & _TIMES and kinds <= _TIMES | {Kind.TEXT}:
        return _time_text(kinds, sql)
    return f"CAST({sql} AS VARCHAR)"


def _same_type_sql(field: Field, sql: str) -> str:
    if kind(field) is Kind.DECIMAL_TEXT:
        return _number_text(field, sql)
    if pa.types.is_nested(field.type):
        return _nested_sql(sql)
    return sql


def _nested_sql(sql: str) -> str:
    # DuckDB hashes an empty list and a null alike, and JSON shortens decimals; together they see all.
    return f"hash({sql}, to_json({sql}))"


def type_sql(type_: ArrowType) -> str:
    """Return DuckDB's name of a canonical type."""
    if pa.types.is_list(type_):
        return f"{type_sql(type_.value_type)}[]"
    if pa.types.is_struct(type_):
        return f"STRUCT({', '.join(f'{quoted(field.name)} {type_sql(field.type)}' for field in type_)})"
    if pa.types.is_map(type_):
        return f"MAP({type_sql(type_.key_type)}, {type_sql(type_.item_type)})"
    if pa.types.is_decimal(type_):
        return f"DECIMAL({type_.precision}, {type_.scale})"
    if pa.types.is_timestamp(type_):
        return "TIMESTAMPTZ" if type_.tz else "TIMESTAMP"
    return _names()[type_]


@cache
def _names() -> dict[ArrowType, str]:
    return {
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.time64("us"): "TIME",
        pa.binary(): "BLOB",
        pa.string(): "VARCHAR",
    }


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def key_sql(field: Field, other: Field, sql: str) -> str:
    """Return the SQL of a key column's values in the form in which they are joined with ``other``'s.

    Unlike ``value_sql`` it never takes two texts for one number: "1" and "1.0" may both be keys.
    """
    if kind(field) is Kind.TEXT:
        return sql
    if pa.types.is_nested(field.type):
        return f"CAST({sql} AS VARCHAR)"
    if kind(other) is Kind.TEXT:
        return text_sql(field, sql)
    return value_sql(field, other, sql)


def group_sql(field: Field, sql: str) -> str:
    """Return the SQL of a key column's values in a form in which equal ones are equal to anybody."""
    # To others than DuckDB no not-a-number is equal to another.
    return _number_text(field, sql) if kind(field) is Kind.FLOAT else key_sql(field, field, sql)


def order_sql(field: Field, sql: str) -> list[str]:
    """Return the SQL of what rows are sorted by to be in the order of a column's values."""
    if kind(field) is Kind.DECIMAL_TEXT:
        return [f"TRY_CAST({sql} AS DOUBLE)", f"TRY_CAST({sql} AS DECIMAL(38, 6))", sql]
    return [sql]


def text_sql(field: Field, sql: str) -> str:
    """Return the SQL of the text under which a key column's values are known outside the snapshot.

    It is what ``str`` gives, but for decimals: those are written plain and without trailing zeros, so
    that a row keeps its name when the scale of its key changes.
    """
    of = kind(field)
    if of is Kind.BOOLEAN:
        return f"CASE WHEN {sql} THEN 'True' WHEN NOT {sql} THEN 'False' END"
    if of in (Kind.LOCAL_TIME, Kind.TIME):
        local = f"CAST({sql} AS TIMESTAMP)"
        zone = "+00:00" if of is Kind.TIME else ""
        fraction = f"CASE WHEN microsecond({local}) % 1000000 = 0 THEN '' ELSE strftime({local}, '.%f') END"
        whole = f"strftime({local}, '%Y-%m-%d %H:%M:%S')"
        finite = f"{whole} || {fraction} || '{zone}'"
        return f"CASE WHEN isfinite({local}) THEN {finite} ELSE CAST({local} AS VARCHAR) END"
    if of in (Kind.EXACT, Kind.DECIMAL_TEXT):
        return _number_text(field, sql)
    return f"CAST({sql} AS VARCHAR)"


def _number_text(field: Field, sql: str) -> str:
    """Return the SQL of numbers as plain text without trailing zeros; other texts stay as they are."""
    if pa.types.is_integer(field.type):
        return f"CAST({sql} AS VARCHAR)"
    if kind(field) is Kind.EXACT:
        text = f"CAST({sql} AS VARCHAR)"
        return f"rtrim(rtrim({text}, '0'), '.')" if field.type.scale else text
    if kind(field) is Kind.FLOAT:
        sql = f"CAST({sql} + 0.0::DOUBLE AS VARCHAR)"  # adding nothing makes -0.0 an ordinary zero
    trimmable = f"ends_with({sql}, '0') AND contains({sql}, '.') AND NOT contains(lower({sql}), 'e')"
    return f"CASE WHEN {trimmable} THEN rtrim(rtrim({sql}, '0'), '.') ELSE {sql} END"


def _time_text(kinds: set[Kind], sql: str) -> str:
    type_ = "TIMESTAMPTZ" if Kind.TIME in kinds else "TIMESTAMP"
    return f"coalesce(CAST(TRY_CAST({sql} AS {type_}) AS VARCHAR), CAST({sql} AS VARCHAR))"
