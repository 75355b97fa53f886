"""Warehouses that a vendor runs, reached by an account."""

from __future__ import annotations

from source_facts.about import About

CLOUDS = {
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
            """Arrays, maps and rows are text as Athena writes it. Moments with a zone are read in UTC;
in the hour that comes twice when clocks are set back, write them `AT TIME ZONE 'UTC'`. A line
of a result may have half a megabyte. Athena knows no primary keys.""",
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
}
