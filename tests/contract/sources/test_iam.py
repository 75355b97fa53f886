"""Sign-ins by IAM: real servers that take a token for a password, and Redshift's API by its own client.

No IAM can be had for tests. A database of Amazon's asks IAM whether a token is good; here it is read and its
signature made anew by the published rule, and the server has it for the password of the user that it names.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from pydantic import ValidationError

from bookward.errors import SourceFailed
from bookward.sources import iam
from bookward.sources.mysql.source import MysqlSource, MysqlSpec
from bookward.sources.postgres import PostgresSource
from bookward.sources.postgres.address import PostgresSpec
from bookward.sources.redshift.source import RedshiftSource, RedshiftSpec
from tests.contract.sources.test_mysql import certificate  # noqa: F401 - a fixture
from tests.contract.sources.test_postgres_tls import pem, server  # noqa: F401 - fixtures
from tests.peers.credentials import RedshiftApi, running_redshift_api
from tests.peers.mariadb import MariaDB
from tests.peers.postgres import Postgres
from tests.peers.redshift import Redshift

REGION, KEY, SECRET = "ap-southeast-2", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SIGN_IN = {"region": REGION, "access_key_id": KEY, "secret_access_key": SECRET}
WHO = "SELECT current_user AS who"


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a token be the same however often it is asked for: it tells the second."""
    moment = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: moment.replace(tzinfo=None))


def token(host: str, port: int, user: str) -> str:
    sign_in = iam.DatabaseSignIn(**SIGN_IN)
    return iam.rds_token(sign_in, host, port, user, "warehouse").get_secret_value()


def signature(address: str) -> str:
    """Return the signature of a request for a connection, made anew (AWS Signature Version 4)."""
    found = urlsplit(f"https://{address}")
    given = [(name, value) for name, value in parse_qsl(found.query) if name != "X-Amz-Signature"]
    values = dict(given)
    query = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in sorted(given))
    body = hashlib.sha256(b"").hexdigest()
    canonical = "\n".join(["GET", "/", query, f"host:{found.netloc}", "", "host", body])
    scope = values["X-Amz-Credential"].split("/", 1)[1]
    said = ["AWS4-HMAC-SHA256", values["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, "\n".join(said).encode(), "sha256").hex()


def test_a_token_names_the_database_and_the_user_and_is_signed() -> None:
    made = token("books.example.com", 5432, "loader")
    values = dict(parse_qsl(urlsplit(f"https://{made}").query))
    assert made.startswith("books.example.com:5432/?")
    assert (values["Action"], values["DBUser"], values["X-Amz-Expires"]) == ("connect", "loader", "900")
    assert values["X-Amz-Credential"] == f"{KEY}/20261102/{REGION}/rds-db/aws4_request"
    assert values["X-Amz-Signature"] == signature(made)


def test_postgres_is_given_a_token_for_its_own_name_and_the_user(
    server: Postgres,  # noqa: F811
) -> None:
    server.execute(f"CREATE ROLE loader LOGIN PASSWORD '{token('localhost', server.port, 'loader')}'")
    spec = PostgresSpec(
        host="localhost", port=server.port, database="postgres", user="loader", sslmode="require",
        iam=iam.DatabaseSignIn(**SIGN_IN),
    )  # fmt: skip
    with PostgresSource("warehouse", spec).read(f"{WHO}, 1 AS one") as rows:
        assert [row["who"] for batch in rows.batches for row in batch.to_pylist()] == ["loader"]
    other = spec.model_copy(update={"iam": iam.DatabaseSignIn(**SIGN_IN | {"region": "eu-west-1"})})
    with pytest.raises(SourceFailed, match="refused the sign-in"), PostgresSource("w", other).read(WHO):
        pass


def test_mysql_is_given_a_token_for_its_own_name_and_the_user(
    mariadb: MariaDB,
    certificate: str,  # noqa: F811
) -> None:
    made = token("127.0.0.1", mariadb.port, "loader")
    mariadb.execute(f"CREATE USER loader IDENTIFIED BY '{made}'")
    spec = MysqlSpec(
        type="mysql", host="127.0.0.1", port=mariadb.port, user="loader", sslmode="require",
        iam=iam.DatabaseSignIn(**SIGN_IN),
    )  # fmt: skip
    with MysqlSource("warehouse", spec).read(WHO) as rows:
        assert [row["who"] for batch in rows.batches for row in batch.to_pylist()] == ["loader@%"]
    mariadb.execute("DROP USER loader")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, postgres: Postgres) -> Iterator[RedshiftApi]:
    with running_redshift_api(SECRET, postgres.user, postgres.password) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        yield running


def at_redshift(front: Redshift, sign_in: dict[str, Any], **more: Any) -> RedshiftSource:
    spec = RedshiftSpec(
        host="127.0.0.1", port=front.port, database="postgres", sslmode="disable", **more
    )  # fmt: skip
    # Only here is nothing encrypted: the front has no certificate.
    return RedshiftSource("warehouse", spec.model_copy(update={"iam": iam.RedshiftSignIn(**sign_in)}))


@pytest.mark.parametrize("place", [{"cluster": "books"}, {"workgroup": "books"}])
def test_redshift_gives_a_user_and_a_password_for_one_connection(
    redshift: Redshift, postgres: Postgres, api: RedshiftApi, place: dict[str, str]
) -> None:
    source = at_redshift(redshift, SIGN_IN | place, user=postgres.user)
    with source.read("SELECT current_user::varchar AS who") as rows:
        assert [row["who"] for batch in rows.batches for row in batch.to_pylist()] == [postgres.user]
    (asked,) = api.asked
    assert asked == ({"cluster": "books", "database": "postgres", "user": postgres.user, "creates": False}
                     if "cluster" in place else {"workgroup": "books", "database": "postgres"})  # fmt: skip


def test_what_redshift_does_not_give_is_said_with_what_to_check(redshift: Redshift, api: RedshiftApi) -> None:
    for wrong, said in (
        ({"cluster": "nowhere"}, "ClusterNotFound"),
        ({"cluster": "books", "secret_access_key": "guessed"}, "SignatureDoesNotMatch"),
    ):
        source = at_redshift(redshift, SIGN_IN | wrong, user="loader")
        with pytest.raises(SourceFailed, match=said) as failed, source.read("SELECT 1 AS one"):
            pass
        assert "`iam`" in str(failed.value.remedy)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"iam": SIGN_IN, "password": "x", "sslmode": "require"}, "either `password` or `iam`"),
        ({"iam": SIGN_IN}, "set `sslmode`"),
        ({"iam": SIGN_IN, "sslmode": "prefer"}, "set `sslmode`"),
        ({"iam": {"access_key_id": KEY, "secret_access_key": SECRET}, "sslmode": "require"}, "region"),
        (
            {"iam": {"region": "us-east-1", "session_token": "x"}, "sslmode": "require"},
            "`session_token` goes",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(more: dict[str, Any], said: str) -> None:
    for spec in (
        lambda: PostgresSpec(host="h", database="d", user="u", **more),
        lambda: MysqlSpec(type="mysql", host="h", user="u", **more),
    ):
        with pytest.raises(ValidationError, match=said):
            spec()


def test_redshift_wants_one_place_and_somebody_to_sign_in() -> None:
    with pytest.raises(ValidationError, match="either `cluster` or `workgroup`"):
        iam.RedshiftSignIn(**SIGN_IN)
    with pytest.raises(ValidationError, match="who signs in"):
        RedshiftSpec(host="h", database="d", iam=iam.RedshiftSignIn(**SIGN_IN, cluster="c"))
    assert RedshiftSpec(host="h", database="d", iam=iam.RedshiftSignIn(**SIGN_IN, workgroup="w"))


def test_without_any_key_it_is_said_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SourceFailed, match="Unable to locate credentials"):
        iam.rds_token(iam.DatabaseSignIn(region=REGION), "h", 5432, "u", "warehouse")
