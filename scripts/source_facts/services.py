"""Documents, sheets and services, whose tables are brought here whole and queried; and one that ended."""

from __future__ import annotations

from source_facts.about import PAGES, About

SERVICES = {
    "mongodb": About(
        title="MongoDB",
        extra="mongodb",
        how="compatible server",
        tests="tests/contract/sources/test_mongodb.py",
        tested="a compatible server (SecantusDB 0.7, MongoDB's protocol 8.2); MongoDB itself was not at hand",
        notes=(
            f"""The collections of the tables that a query names are read whole, through their filter or
pipeline, and then queried with DuckDB's SQL; joins between collections are possible. {PAGES}""",
            """With a `filter` the collection is read in the order in which it is stored and not by an index,
in which a document whose fields change meanwhile could be missed, and count as removed. Which order a
`pipeline` takes is left to the server: one that begins with `{"$match": ...}` is faster where an index
answers it, and is for fields that do not change. `$text` and `$near` are answered by their index in both.""",
            """With `iam`, a key, a role or what the machine has of Amazon's signs in by MONGODB-AWS (`pip
install 'bookward[aws]'`). That was tested at a gate that checks signatures, before the same server.""",
            """With `sslcert` and nobody else who signs in, the subject of the certificate does (X.509). That
was tested at a gate that demands certificates, before the same server. A passphrase of the key may stand in
`url`, as `tlsCertificateKeyFilePassword`.""",
            """Decimal128 is exact, a date is a moment in UTC, an ObjectId its 24 digits, a UUID its 36
letters, bytes are written as hexadecimal digits.""",
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
