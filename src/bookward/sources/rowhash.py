"""A 64-bit number of a row, as each warehouse makes it: equal numbers must mean rows that are read as equal.

Equal rows may have different numbers, when a scale or an encoding changed: that costs a look at them. So
nothing is hashed that its text leaves out: Snowflake's texts of moments and floats are rounded, and its own
function takes the values instead; Redshift's TEXT ends after 256 characters; Databricks' moments say nothing
of the hour that comes twice when clocks go back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from bookward.heavy import pa
from bookward.sources.select import quoted
from bookward.sources.shape import kind_of

RowHash: TypeAlias = "Callable[[pa.Schema], str]"


def _postgres(row: pa.Schema) -> str:
    """PostgreSQL writes a row out as one text, in which nulls, quotes and commas cannot be mistaken."""
    names = ", ".join(quoted(name, "postgres") for name in row.names)
    return f'HASHTEXTEXTENDED(CAST(ROW({names}) AS TEXT) COLLATE "C", 0)'


def _snowflake(row: pa.Schema) -> str:
    return f"HASH({', '.join(quoted(name, 'snowflake') for name in row.names)})"


def _bigquery(row: pa.Schema) -> str:
    fields = [f"{quoted(name, 'bigquery')} AS `c{place}`" for place, name in enumerate(row.names)]
    return f"FARM_FINGERPRINT(TO_JSON_STRING(STRUCT({', '.join(fields)})))"


def _databricks(row: pa.Schema) -> str:
    # XXHASH64 of several values passes over nulls, whichever of them it is.
    return f"XXHASH64(CONCAT({', '.join(map(_databricks_part, row))}))"


def _databricks_part(field: pa.Field[Any]) -> str:
    # The length in front keeps apart what would else run together; no text looks like a null.
    column, text = quoted(field.name, "databricks"), text_of("databricks", field)
    return f"CASE WHEN {column} IS NULL THEN '-' ELSE CONCAT(CAST(LENGTH({text}) AS STRING), ':', {text}) END"


def _redshift(row: pa.Schema) -> str:
    # Each by itself: a text of all of them may be longer than a text can be.
    return f"FARMFINGERPRINT64({' || '.join(map(_redshift_part, row))})"


def _redshift_part(field: pa.Field[Any]) -> str:
    column = quoted(field.name, "redshift")
    whole = column if pa.types.is_binary(field.type) else text_of("redshift", field)
    if kind_of(field) == "json":
        whole = f"JSON_SERIALIZE_TO_VARBYTE({column})"
    return f"COALESCE(CAST(FARMFINGERPRINT64({whole}) AS VARCHAR(20)), '-') || ','"


ROW_HASHES: dict[str, RowHash] = {
    "postgres": _postgres,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
    "databricks": _databricks,
    "redshift": _redshift,
}

_TO_TEXT: Mapping[str, Mapping[str, str]] = {
    "snowflake": {
        "binary": "HEX_ENCODE({})",
        "json": "TO_JSON({})",
        "": "CAST({} AS VARCHAR)",
    },
    "bigquery": {"binary": "TO_HEX({})", "json": "TO_JSON_STRING({})", "": "CAST({} AS STRING)"},
    "databricks": {
        "binary": "HEX({})",
        "json": "TO_JSON({}, MAP('timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSSXXX'))",
        "moment": "CAST(UNIX_MICROS({}) AS STRING)",
        "": "CAST({} AS STRING)",
    },
    "redshift": {
        "binary": "FROM_VARBYTE({}, 'hex')",
        "json": "JSON_SERIALIZE({})",
        "flag": "CASE WHEN {0} THEN '1' WHEN NOT {0} THEN '0' END",
        "": "CAST({} AS VARCHAR(65535))",
    },
}


def text_of(dialect: str, field: pa.Field[Any]) -> str:
    """Return the SQL of a column's text, from which no two values have the same."""
    ways = _TO_TEXT[dialect]
    return ways.get(_sort(field), ways[""]).format(quoted(field.name, dialect))


def key_of(dialect: str, field: pa.Field[Any]) -> str:
    """Return the SQL of a key's column that is equal for two rows just when they are read as equal."""
    as_it_is = _sort(field) in ("", "flag", "moment") and not pa.types.is_nested(field.type)
    return quoted(field.name, dialect) if as_it_is else text_of(dialect, field)


def _sort(field: pa.Field[Any]) -> str:
    if kind_of(field) == "json" or pa.types.is_nested(field.type):
        return "json"
    if pa.types.is_binary(field.type):
        return "binary"
    if pa.types.is_boolean(field.type):
        return "flag"
    return "moment" if isinstance(field.type, pa.TimestampType) and field.type.tz else ""
