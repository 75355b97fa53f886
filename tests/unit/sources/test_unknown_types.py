"""A type that nobody here knows is text, whatever its values are; it never stops a read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from google.cloud.bigquery import SchemaField

from bookward.sources.athena import types as athena
from bookward.sources.bigquery import types as bigquery
from bookward.sources.clickhouse import types as clickhouse
from bookward.sources.databricks import types as databricks
from bookward.sources.firebolt import types as firebolt
from bookward.sources.mysql import types as mysql
from bookward.sources.redshift import types as redshift
from bookward.sources.sqlserver import types as sqlserver
from bookward.sources.trino import types as trino


def in_trino(type_: str) -> Any:
    return trino.column({"name": "c", "typeSignature": {"rawType": type_, "arguments": []}})


UNKNOWN = {
    "mysql": (
        mysql.column(SimpleNamespace(name="c", type_code=200, flags=0, length=0, scale=0, charsetnr=33)),
        ["x", None],
        ["x", None],
    ),
    "redshift, a geometry": (
        redshift.column({"label": b"c", "type_oid": 3000, "type_modifier": -1}),
        ["0101", None],
        ["0101", None],
    ),
    "sqlserver, a sql_variant": (
        sqlserver.column(("c", 98, None, None, None, None, True)),
        [7, Decimal("1.50"), "x", None],
        ["7", "1.50", "x", None],
    ),
    "trino, an address": (in_trino("ipaddress"), ["10.0.0.1", None], ["10.0.0.1", None]),
    "trino, a span": (in_trino("interval day to second"), ["1 00:00:00.000"], ["1 00:00:00.000"]),
    "trino, what comes as a number": (in_trino("tdigest"), [7, None], ["7", None]),
    "firebolt": (firebolt.column("c", "geography null"), ["0101", None], ["0101", None]),
    "bigquery, a geography": (
        bigquery.column(SchemaField("c", "GEOGRAPHY")),
        pa.array(["POINT(1 2)", None]),
        ["POINT(1 2)", None],
    ),
    "bigquery, a range": (
        bigquery.column(SchemaField("c", "RANGE")),
        pa.array([{"start": date(2026, 1, 31), "end": None}, None]),
        ['{"start": "2026-01-31", "end": null}', None],
    ),
    "databricks, a span": (
        databricks.column({"name": "c", "type_name": "INTERVAL"}),
        pa.array(["1 00:00:00", None]),
        ["1 00:00:00", None],
    ),
    "databricks, of no name": (databricks.column({"name": "c"}), pa.array([7, None]), ["7", None]),
    "athena, an address": (
        athena.column({"Name": "c", "Type": "ipaddress", "Precision": 0, "Scale": 0}),
        pa.array(["10.0.0.1", None]),
        ["10.0.0.1", None],
    ),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_nobody_knows_is_text(kind: str) -> None:
    column, values, read = UNKNOWN[kind]
    assert column.field.type == pa.string()
    assert column.build(values).to_pylist() == read


def test_clickhouse_is_asked_for_text_where_a_type_is_unknown() -> None:
    query = clickhouse.readable("SELECT c FROM t", [("c", "IntervalDay")], "clickhouse")
    assert query.startswith('SELECT * REPLACE (CAST("c" AS String) AS "c")')
