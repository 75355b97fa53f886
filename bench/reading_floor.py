"""Reads a query in a process of its own, as Bookward or the bare driver does, and prints what it took.

Usage: reading_floor.py ours|driver TYPE SPEC QUERY. The driver's rows are taken in the way that its makers
show first, and thrown away: they are neither checked nor made into Arrow where the driver has none.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

_SIZE = 10_000  # rows of one fetch
_PAGE = os.sysconf("SC_PAGE_SIZE")

Floor = Callable[[Mapping[str, Any], str], Iterator[int]]


def postgres(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(spec["url"]) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        for batch in cursor.fetch_record_batch():
            yield batch.num_rows


def mysql(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import pymysql

    names = ("host", "port", "user", "password", "database")
    with pymysql.connect(**{name: spec[name] for name in names}) as connection:
        yield from _fetched(connection.cursor(pymysql.cursors.SSCursor), query)


def redshift(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import redshift_connector

    names = ("host", "port", "user", "password", "database")
    with redshift_connector.connect(**{name: spec[name] for name in names}, ssl=False) as connection:
        yield from _fetched(connection.cursor(), query)


def clickhouse(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import clickhouse_connect

    client = clickhouse_connect.get_client(
        host=spec["host"], port=spec["port"], username=spec["user"], password=spec["password"],
        database=spec["database"], compress=False,
    )  # fmt: skip
    with client, client.query_arrow_stream(query) as batches:
        for batch in batches:
            yield batch.num_rows


def sqlserver(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import pytds

    names = ("port", "user", "password", "database")
    with pytds.connect(spec["host"], **{name: spec[name] for name in names}) as connection:
        yield from _fetched(connection.cursor(), query)


def trino(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    from trino.dbapi import connect

    with connect(
        host=spec["host"], port=spec["port"], user=spec["user"], catalog=spec["catalog"],
        schema=spec["default_schema"], http_scheme="http",
    ) as connection:  # fmt: skip
        yield from _fetched(connection.cursor(), query)


def snowflake(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import snowflake.connector

    host, _, port = str(spec["url"]).removeprefix("http://").partition(":")
    connection = snowflake.connector.connect(
        account=spec["account"], user=spec["user"], password=spec["password"], host=host, port=int(port),
        protocol="http", database=spec["database"], schema=spec["default_schema"],
        enable_server_session_keep_alive_auto_detection=False,
    )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(query)
        for table in cursor.fetch_arrow_batches():
            yield table.num_rows


def bigquery(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    from google.cloud import bigquery
    from google.oauth2.service_account import Credentials

    key = Credentials.from_service_account_info(json.loads(spec["service_account_key"]))
    options = {"api_endpoint": spec["url"]}
    client = bigquery.Client(spec["project"], credentials=key, client_options=options)
    with client:
        config = bigquery.QueryJobConfig(default_dataset=f"{spec['project']}.{spec['default_dataset']}")
        for batch in client.query(query, job_config=config).result(page_size=5_000).to_arrow_iterable():
            yield batch.num_rows


def firebolt(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    from firebolt.client.auth import FireboltCore
    from firebolt.db import connect

    with connect(auth=FireboltCore(), url=spec["url"], database=spec["database"]) as connection:
        cursor = connection.cursor()
        cursor.execute_stream(query)
        while rows := cursor.fetchmany(_SIZE):
            yield len(rows)


def databricks(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import httpx
    import pyarrow as pa

    statements = "/api/2.0/sql/statements"
    asked = {
        "statement": query, "warehouse_id": spec["warehouse_id"], "catalog": spec["catalog"],
        "schema": spec["default_schema"], "disposition": "EXTERNAL_LINKS", "format": "ARROW_STREAM",
        "wait_timeout": "30s",
    }  # fmt: skip
    signed_in = {"Authorization": f"Bearer {spec['token']}"}
    with httpx.Client(base_url=spec["host"], headers=signed_in, timeout=60) as client, httpx.Client() as kept:
        answer = client.post(statements, json=asked).json()
        result = answer["result"]
        while links := result.get("external_links"):
            for link in links:
                yield pa.ipc.open_stream(kept.get(link["external_link"]).content).read_all().num_rows
            next_ = links[-1].get("next_chunk_index")
            chunk = f"{statements}/{answer['statement_id']}/result/chunks/{next_}"
            result = {} if next_ is None else client.get(chunk).json()


def athena(spec: Mapping[str, Any], query: str) -> Iterator[int]:
    import boto3
    import pyarrow.csv as pacsv

    session = boto3.Session(spec["access_key_id"], spec["secret_access_key"], region_name=spec["region"])
    client = session.client("athena", endpoint_url=spec["endpoint_url"])
    begun = client.start_query_execution(
        QueryString=query, QueryExecutionContext={"Database": spec["database"]},
        ResultConfiguration={"OutputLocation": spec["output_location"]},
    )  # fmt: skip
    state = "QUEUED"
    while state in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
        found = client.get_query_execution(QueryExecutionId=begun["QueryExecutionId"])["QueryExecution"]
        state = found["Status"]["State"]
    place = found["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").split("/", 1)
    s3 = session.client("s3", endpoint_url=spec["s3_endpoint_url"])
    for batch in pacsv.open_csv(s3.get_object(Bucket=place[0], Key=place[1])["Body"]):
        yield batch.num_rows


def _fetched(cursor: Any, query: str) -> Iterator[int]:
    cursor.execute(query)
    while rows := cursor.fetchmany(_SIZE):
        yield len(rows)


_SERVERS = (postgres, mysql, redshift, clickhouse, sqlserver, trino, firebolt)
_CLOUDS = (snowflake, bigquery, databricks, athena)
FLOORS: Mapping[str, Floor] = {each.__name__: each for each in (*_SERVERS, *_CLOUDS)}


def ours(kind: str) -> Floor:
    """Return what reads a query as Bookward does."""
    from bookward.sources.base import open_source, source_classes

    def read(spec: Mapping[str, Any], query: str) -> Iterator[int]:
        with open_source("warehouse", source_classes()[kind].spec_class(**spec)).read(query) as rows:
            for batch in rows.batches:
                yield batch.num_rows

    return read


def main(who: str, kind: str, spec: str, query: str) -> None:
    read, given = (ours(kind) if who == "ours" else FLOORS[kind]), json.loads(spec)
    sum(read(given, f"SELECT * FROM ({query}) AS few WHERE id <= 10"))  # so that everything is imported
    before = _resident()
    with _Watch() as watch:
        start, cpu = time.perf_counter(), time.process_time()
        rows = sum(read(given, query))
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    said = {"rows": rows, "seconds": seconds, "cpu": cpu, "grown": max(0.0, watch.most - before)}
    sys.stdout.write(json.dumps(said))


class _Watch:
    """Looks at how much memory is in use while something is done."""

    def __init__(self) -> None:
        self.most = 0.0  #: megabytes
        self._over = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.01):
            self.most = max(self.most, _resident())


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
