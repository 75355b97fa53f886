"""What people are told of each kind of source beside its settings: above all, what it was tested against."""

from __future__ import annotations

from dataclasses import dataclass

HOW = (
    "real server", "real files", "real engine", "compatible server", "emulator", "protocol stub",
    "nothing to test",
)  # fmt: skip
"""What a kind of source can be tested against, the surest first."""


@dataclass(frozen=True, kw_only=True)
class About:
    """A kind of source."""

    title: str
    extra: str = ""  #: of the package; "" where the driver comes along
    how: str  #: it is tested: one of HOW, or several
    tests: str  #: the file of its own tests
    tested: str  #: against what exactly
    notes: tuple[str, ...] = ()  #: how its types are read, where that is not plain


TUNNEL = """With `ssh`, the server is reached through an SSH host, whose key is pinned (`host_key`; without it
the error shows the one that was seen). `pip install 'bookward[sftp]'` brings what it needs. Certificates
go on being held against the server's own name."""

PAGES = """A column has the type that holds all of its values exactly: whole
numbers and others together are decimals, values that do not go together are text, and what is nested is JSON
(`customer ->> '$.name'` takes it apart). Decimals of more than 38 digits are exact text."""

ABOUT = {
    "sample": About(
        title="The sample warehouse",
        how="real files",
        tests="tests/unit/sources/test_sample.py",
        tested="itself: a real DuckDB file",
    ),
    "files": About(
        title="CSV, Parquet, JSON and Excel files",
        extra="excel",
        how="real files",
        tests="tests/contract/sources/test_files.py",
        tested="real files, damaged ones too, and a real HTTP server",
        notes=(
            """Models are SQL as DuckDB has it, over the tables that the source names; joins between files are
possible. A query reads no other file of the machine. The extra is needed for Excel files only.""",
            """A path leads into the project's folder, or into one that whoever runs Bookward names in
`BOOKWARD_DATA`; nothing that is hidden is read. An address has to say how long its file is.""",
            """An empty field of a CSV file is null. A line with fewer or more fields than the first, a file
that was cut off, and letters in another encoding stop the read with the place: never is a part taken for
the whole. Numbers of JSON keep their digits; what is nested in them is JSON text. Numbers of Excel
have the 15 digits that Excel itself keeps, days are written as 2026-01-31.""",
        ),
    ),
    "s3": About(
        title="Files in Amazon S3",
        how="real server",
        tests="tests/contract/sources/test_s3.py",
        tested="a real server (SeaweedFS, which checks every signature); Amazon itself was not at hand",
        notes=(
            """The objects of the tables that a query names are fetched whole and then read as
[files](files.md) are. `**` in a path goes through folders, and parts such as `year=2026/` become columns
of Parquet files. A role is taken on with what the machine has, and its keys are renewed while files are
fetched; roles and temporary keys were tested at a stub of Amazon's STS, and open buckets not at all.""",
        ),
    ),
    "sftp": About(
        title="Files over SFTP",
        extra="sftp",
        how="real server",
        tests="tests/contract/sources/test_sftp.py",
        tested="a real server (OpenSSH 9.2); passwords on a server made of paramiko",
        notes=(
            """The files of the tables that a query names are fetched whole and then read as
[files](files.md) are. `**` in a path goes through folders; names that begin with a dot match no pattern,
and links to folders are not followed. A file that changes while it is read stops the read.""",
            """`host_key` is what the server proves itself by. Leave it out once: the error shows the one that
was seen, which whoever runs the server can confirm.""",
        ),
    ),
    "sqlite": About(
        title="SQLite files",
        how="real files",
        tests="tests/contract/sources/test_sqlite.py",
        tested="real SQLite files, damaged ones too",
        notes=(
            """A column has the type of the values that a query finds in it, and these are read for it before
the rows are: whole numbers, floats, bytes, or text. Whole and other numbers in one column are read
as exact decimals.""",
        ),
    ),
    "duckdb": About(
        title="DuckDB files",
        how="real files",
        tests="tests/contract/sources/test_battery.py",
        tested="a real DuckDB file",
    ),
    "mongodb": About(
        title="MongoDB",
        extra="mongodb",
        how="compatible server",
        tests="tests/contract/sources/test_mongodb.py",
        tested="a compatible server (SecantusDB 0.7, MongoDB's protocol 8.2); MongoDB itself was not at hand",
        notes=(
            f"""The collections of the tables that a query names are read whole, through their filter or
pipeline, and then queried with DuckDB's SQL; joins between collections are possible. {PAGES}""",
            """With `iam`, a key, a role or what the machine has of Amazon's signs in by MONGODB-AWS (`pip
install 'bookward[aws]'`). That was tested at a gate that checks signatures, before the same server.""",
            """Decimal128 is exact, a date is a moment in UTC, an ObjectId its 24 digits, a UUID its 36
letters, bytes are written as hexadecimal digits.""",
        ),
    ),
    "airtable": About(
        title="Airtable",
        how="protocol stub",
        tests="tests/contract/sources/test_airtable.py",
        tested="a stub of its API that Airtable's own client for Python fills and reads, too; Airtable "
        "itself was not at hand",
        notes=(
            f"""The tables of the base that a query names are read whole, through their view and formula, and
then queried with DuckDB's SQL; joins between tables are possible. {PAGES}""",
            """Links, attachments and people are JSON, and so is what a formula makes of an error.""",
            """A personal access token signs in, best one of a service account's. OAuth is not offered: when a
refresh token is used, Airtable gives another and forgets that one, and Bookward writes no secrets back.""",
        ),
    ),
    "looker": About(
        title="Looker",
        how="protocol stub",
        tests="tests/contract/sources/test_looker.py",
        tested="a stub of its API that is held against Looker's published OpenAPI and read by Looker's own "
        "client for Python, too; Looker itself was not at hand",
        notes=(
            """A Look or a query is a model by its address: [how](../../how-to/looker.md). Its SQL runs in the
warehouse that the model names as its source; or Looker itself is the source and gives the rows. As tables of
this source, Looks can be joined.""",
            """The dots in names become `_`: the field `orders.id` is the column `orders_id`. Rows come
as Looker writes them in JSON, numbers with all their digits. """
            + PAGES,
            """All rows are asked for, whatever limit the Look has; a result of exactly so many rows as Looker
cuts at is an error. Without `tables`, `bookward tables` lists every Look that the API key's user sees, in its
folder.""",
        ),
    ),
    "metabase": About(
        title="Metabase",
        how="protocol stub",
        tests="tests/contract/sources/test_metabase.py",
        tested="a stub of its API that runs questions and SQL; Metabase itself was not at hand",
        notes=(
            f"""The questions of the tables that a query names are exported whole and then queried with
DuckDB's SQL; joins between questions are possible. {PAGES}""",
            """Days and moments are text, as Metabase exports them. An export that Metabase cuts, or in which
columns of one name have become one, is an error. SQL has to be one SELECT, in the words of the database's
engine, for which Metabase is asked; a user who may only read, whom Metabase signs in as there, is the surer
wall.""",
        ),
    ),
    "google_sheets": About(
        title="Google Sheets",
        extra="google",
        how="protocol stub",
        tests="tests/contract/sources/test_google_sheets.py",
        tested="a stub of its API that Google's own libraries sign in to and read, too; Google itself was "
        "not at hand",
        notes=(
            f"""The sheets that a query names are read whole and then queried with DuckDB's SQL; joins between
sheets are possible. Rows in which nothing stands are left out. {PAGES}""",
            """A number has the 15 digits that are shown; a day is a date, a moment is text, since a sheet
has no zone. A formula that failed stops the read with its row.""",
        ),
    ),
    "elasticsearch": About(
        title="Elasticsearch and OpenSearch",
        how="compatible server, protocol stub",
        tests="tests/contract/sources/test_elasticsearch.py",
        tested="an engine compatible with OpenSearch 3.8 (osmem), also behind a stub of Elasticsearch's "
        "routes that its own client talks to; Elasticsearch itself was not at hand",
        notes=(
            f"""The indices of the tables that a query names are read whole, from one point in time and
through their query, and then queried with DuckDB's SQL; joins between indices are possible. {PAGES}""",
            """Values are those that were sent to be indexed (`_source`), digit by digit: a date is the text
that it was.""",
            """With `iam`, requests to a domain of Amazon OpenSearch Service are signed (`pip install
'bookward[aws]'`); OpenSearch Serverless is not read.""",
        ),
    ),
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
    "snowflake": About(
        title="Snowflake",
        extra="snowflake",
        how="emulator, protocol stub",
        tests="tests/contract/sources/test_snowflake.py",
        tested="""a stub of its protocol, with the vendor's own client and every query executed, and an
emulator of its dialect (fakesnow); Snowflake itself was not at hand""",
        notes=(
            """Names fold to capitals, as they do in Snowflake: `id` in a query is the column `ID`. `INTEGER`
is `NUMBER(38,0)` there, and a decimal without places here. Variants, objects and arrays are JSON text.
A `TIMESTAMP_LTZ` or `TIMESTAMP_TZ` is read in UTC, to microseconds.""",
            """Give Bookward a role that may only read, and a warehouse of the smallest size. A query is run
within `SELECT * FROM (...)`, so nothing can be written.""",
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
            """Certificates are held against those of the machine and the ones that Amazon's driver brings.
One signs in by password, by IAM (`iam`), or by a token of Microsoft Entra ID where Redshift knows it as an
identity provider (`entra`). The driver's other ways are not offered: they wait for a person at a browser
(Azure, SAML, IAM Identity Center), or hand a person's password to a page of Okta, Ping or ADFS.""",
        ),
    ),
    "firebolt": About(
        title="Firebolt",
        extra="firebolt",
        how="protocol stub",
        tests="tests/contract/sources/test_firebolt.py",
        tested="a stub of the protocol that the tests keep, read through Firebolt's own SDK, whose SQL "
        "DuckDB runs; neither an account nor Firebolt Core was at hand, and TLS is as the SDK has it",
        notes=(
            """A `timestamptz` is read in UTC. Structs, and arrays of anything but plain values, are JSON;
decimals in them are text. Firebolt names no primary keys.""",
            """A query runs within a SELECT, where Firebolt takes nothing else: its `ORDER BY` need not hold
in a preview. After `statement_timeout` Bookward closes the connection, which ends a SELECT.""",
        ),
    ),
    "bigquery": About(
        title="Google BigQuery",
        extra="bigquery",
        how="emulator, protocol stub",
        tests="tests/contract/sources/test_bigquery.py",
        tested="""a stub of its REST interface, with Google's own client and every query executed, and an
emulator that has the Storage Read API too (bqemulator); BigQuery itself was not at hand""",
        notes=(
            """The account needs the roles BigQuery Job User and BigQuery Data Viewer, and BigQuery Read
Session User for the Storage Read API; without that one, results are read page by page. Every query is
first run dry, which costs nothing, to see that it is a SELECT.""",
            """`NUMERIC` is exact with nine places; `BIGNUMERIC` is exact text. Structures are JSON text, and
so are lists of them. How many places `NUMERIC(12, 2)` has is known only of a table's own columns.""",
        ),
    ),
    "databricks": About(
        title="Databricks",
        how="protocol stub",
        tests="tests/contract/sources/test_databricks.py",
        tested="""a stub of its Statement Execution API, in which every query is executed; Databricks itself
was not at hand""",
        notes=(
            """Models are read through a SQL warehouse; whoever signs in needs the right to use it, and to
read what the models name. The tables of one catalog of Unity Catalog are listed, with primary keys.""",
            """Arrays, structures and maps are JSON text. A `TIMESTAMP` is read in UTC.""",
            """Of Azure Databricks, `entra` lets a service principal of Microsoft Entra ID sign in, or the
machine's managed identity; it has to be one of the workspace's principals.""",
        ),
    ),
    "foundry": About(
        title="Palantir Foundry",
        how="protocol stub",
        tests="tests/contract/sources/test_foundry.py",
        tested="""a stub of its SQL queries, in which every query is executed, and of its ontologies, which
Palantir's own client for Python reads, too; Foundry itself was not at hand""",
        notes=(
            """Models are SQL as Spark has it, over datasets by path or id: "SELECT * FROM
`/Acme/sales/customers`". Whoever signs in needs to view them. Datasets are not listed for the table
picker.""",
            """Or a model is an object type of an ontology, which the picker lists:
`table: acme."Customer"`, by both API names. Its objects are read as of one moment; a query may choose and
rename properties and have a LIMIT, and no more. An application needs the scope `api:ontologies-read`.""",
            """Decimals are exact, timestamps in UTC. Structures, arrays of them and places are JSON with
decimals and longs as text; a type that Bookward does not know is text, as `bookward tables` says.""",
            """Foundry gives out a million rows of a result, unless Palantir has raised that, and does not
say that there are more. So every query is counted first, and a result of fewer rows is an error; so are
fewer objects than there are said to be. Of types in Object Storage V1 it gives 10,000, and says so.""",
        ),
    ),
    "athena": About(
        title="Amazon Athena",
        extra="athena",
        how="protocol stub",
        tests="tests/contract/sources/test_athena.py",
        tested="""a stub of its interface, with Amazon's own client and every query executed, and a real S3
server for the results (SeaweedFS); Athena itself was not at hand""",
        notes=(
            """Whoever signs in may start, look at and stop queries in the work group, see the catalogue, and
read and write where results lie. Results stay there until a rule of the bucket removes them. Roles
were tested at a stub of Amazon's STS.""",
            """Arrays, maps and rows are text as Athena writes it. Moments with a zone are read in UTC. A line
of a result may have half a megabyte. Athena knows no primary keys.""",
        ),
    ),
    "rockset": About(
        title="Rockset (retired)",
        how="nothing to test",
        tests="tests/unit/sources/test_rockset.py",
        tested="nothing: the service ended in 2024",
        notes=(
            """No new source of this kind can be made. A file that is there stays readable, so that its models
can be moved: `bookward repoint OLD NEW` lets every model of one source read from another, and translates
the queries, from Presto's SQL, which is the nearest to Rockset's, into that of the new source. Names of
tables and fields stay, and so do functions that nobody knows: look at each model with `bookward preview`.
What is known of the syncs stays as long as the primary keys do.""",
        ),
    ),
}
