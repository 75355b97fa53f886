"""Databases that somebody runs, reached by the name of a host."""

from __future__ import annotations

from source_facts.about import TUNNEL, About

DATABASES = {
    "postgres": About(
        title="PostgreSQL",
        extra="postgres",
        how="real server",
        tests="tests/contract/sources/test_postgres.py",
        tested="a real server (PostgreSQL), also behind a real SSH host",
        notes=(TUNNEL,),
    ),
    "mysql": About(
        title="MySQL and MariaDB",
        extra="mysql",
        how="real server",
        tests="tests/contract/sources/test_mysql.py",
        tested="a real server (MariaDB 10.11), also behind a real SSH host; MySQL itself was not at hand",
        notes=(
            """A `TINYINT(1)`, which is what MySQL makes of a boolean, is a small integer. A `TIME` is text:
it is a span of up to 838 hours. A `TIMESTAMP` is read in UTC, a `DATETIME` has no zone. Decimals of more
than 38 digits are exact text. The day `0000-00-00` is read as 0001-01-01.""",
            """A query within a query loses its order in MariaDB: a preview shows some rows, and not those
that an `ORDER BY` puts first.""",
            TUNNEL,
        ),
    ),
    "clickhouse": About(
        title="ClickHouse",
        extra="clickhouse",
        how="real engine, protocol stub",
        tests="tests/contract/sources/test_clickhouse.py",
        tested="the real engine (chDB 26.9) behind an HTTP server of the tests' own, each night, and a stub "
        "of the protocol on each change, both through ClickHouse's own client; a whole server and ClickHouse "
        "Cloud were not at hand",
        notes=(
            """Every DateTime is a moment, and is read in UTC. Enums, addresses, a FixedString and a Time are
text. Decimals of more than 38 digits and integers of more than 64 bits are exact text. Tuples, maps, JSON
and arrays of arrays are JSON. A String may hold bytes that are no text, which is an error; read `hex()` of
it.""",
            """A query runs with `readonly = 2`: it may have SETTINGS of its own, and writes nothing. A user
whom the server lets change no settings keeps the server's; `statement_timeout` does not hold then.""",
            """The primary key of a table sorts its rows, and does not keep two of them from having the same
values: a model's key is held against the rows as always.""",
        ),
    ),
    "sqlserver": About(
        title="SQL Server",
        extra="sqlserver",
        how="protocol stub",
        tests="tests/contract/sources/test_sqlserver.py",
        tested="a stub of the protocol that the tests keep, with and without TLS, whose SQL DuckDB runs; "
        "neither SQL Server itself nor Azure SQL was at hand",
        notes=(
            """`money` is decimal(19,4), a `datetimeoffset` is read in UTC, `datetime2` and `datetime` have no
zone, `xml` is text, and a geography is bytes. A `datetime2(7)` keeps six of its seven places.""",
            """SQL Server has no session that may only read: a query runs in a transaction that is never
committed. Give Bookward a user that may only read. After `statement_timeout` Bookward closes the
connection, which ends the query.""",
            """A model's `ORDER BY` without `TOP` gets an `OFFSET 0 ROWS`, without which SQL Server takes none
within another query; its `WITH` is put first. An `OPTION` has no place there: make such a query a view.""",
            """Names of instances are not looked up: give the instance's port. There is no sign-in by
Kerberos: the driver's needs a C library that is no longer kept (`kerberos`). Give a login of SQL Server's,
or `entra`.""",
        ),
    ),
    "trino": About(
        title="Trino",
        extra="trino",
        how="protocol stub",
        tests="tests/contract/sources/test_trino.py",
        tested="a stub of the protocol that the tests keep, with and without TLS, read through Trino's own "
        "client, whose SQL DuckDB runs; Trino itself was not at hand",
        notes=(
            """A `timestamp with time zone` is read in UTC, by `at_timezone` in Trino. Times and timestamps
keep six places. Rows, maps, and arrays of either are JSON with the rows' names; decimals and moments in
them are text. Intervals and addresses are text.""",
            """Queries run in `START TRANSACTION READ ONLY`. Leaving early cancels the query. Trino names no
primary keys. It drops the order of a query within a query: a preview shows some rows, and not those that an
`ORDER BY` puts first.""",
            """One signs in by password, token, certificate, or as a client that gets a token from a provider
(`oauth_client_id`; whom the token names has to be `user`, or one who may stand in for that one). The
client library's other ways are not offered: its OAuth 2.0 waits for a person at a browser, and its Kerberos
needs libraries in C that it does not bring.""",
            """A password or token is sent over TLS only. Rows come from the coordinator itself: spooled
segments are not asked for.""",
        ),
    ),
    "redshift": About(
        title="Amazon Redshift",
        extra="redshift",
        how="protocol stub",
        tests="tests/contract/sources/test_redshift.py",
        tested="a real server (PostgreSQL) behind a front of Redshift's, through Amazon's own driver, with "
        "and without TLS; Redshift itself was not at hand",
        notes=(
            """A `SUPER` is JSON, a `VARBYTE` is bytes; intervals and geometries are text. A `TIMESTAMPTZ` is
read in UTC.""",
            """Rows are fetched a thousand at a time from a cursor of the cluster, which keeps the whole
result meanwhile: its limits for the size of a cursor's result hold for a model, too. Queries run in
`BEGIN READ ONLY`.""",
            """Large results are not brought by `UNLOAD`, which is faster: it takes a bucket, and a role of
the cluster's that may write there. Where a model is too large for a cursor, let Redshift itself unload it at
set times, and read [what lies in S3](s3.md).""",
            """Certificates are held against those of the machine and the ones that Amazon's driver brings.
One signs in by password, by IAM (`iam`), or by a token of Microsoft Entra ID where Redshift knows it as an
identity provider (`entra`). The driver's other ways are not offered: they wait for a person at a browser
(Azure, SAML, IAM Identity Center), or hand a person's password to a page of Okta, Ping or ADFS.""",
        ),
    ),
}
