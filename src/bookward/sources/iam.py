"""What Amazon Web Services give instead of a password: a token or a user for one connection.

Sources: Amazon RDS, "IAM database authentication"; Amazon Redshift, `GetClusterCredentials`, and Redshift
Serverless, `GetCredentials`; Amazon OpenSearch Service, "Signing HTTP requests".
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Self

import httpx
from pydantic import SecretStr, model_validator

from bookward.errors import SourceFailed
from bookward.sources import aws
from bookward.sources.base import load_driver

ENCRYPTED = ("require", "verify-ca", "verify-full")
"""The ways to connect that do not show a token to others."""


class DatabaseSignIn(aws.AwsSignIn):
    """A sign-in at a database of Amazon's by IAM: a token for each connection, and no password."""

    region: str
    """Region of the database, such as `ap-southeast-2`."""


class SearchSignIn(aws.AwsSignIn):
    """A sign-in at Amazon OpenSearch Service by IAM: every request is signed."""

    region: str
    """Region of the domain, such as `ap-southeast-2`."""


class RedshiftSignIn(DatabaseSignIn):
    """A sign-in at Amazon Redshift by IAM: a password for each connection, and none that is kept."""

    cluster: str | None = None
    """Identifier of the cluster; `user` signs in there."""
    workgroup: str | None = None
    """Name of the workgroup of Redshift Serverless, instead; who signs in is whom IAM knows."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.cluster is None) == (self.workgroup is None):
            raise ValueError("give either `cluster` or `workgroup`")
        return self


def require_encryption(sign_in: object, password: SecretStr | None, sslmode: str | None) -> None:
    """Check what goes with a sign-in by IAM.

    Raises:
        ValueError: there is a password, too, or the token could be read on its way.
    """
    if sign_in is not None and password is not None:
        raise ValueError("give either `password` or `iam`")
    if sign_in is not None and sslmode not in ENCRYPTED:
        raise ValueError(
            f"with `iam`, set `sslmode` to one of {', '.join(ENCRYPTED)}: who has the token signs in"
        )


def rds_token(sign_in: DatabaseSignIn, host: str, port: int, user: str, source: str) -> SecretStr:
    """Return the token by which ``user`` signs in at a database of RDS or Aurora within 15 minutes.

    Args:
        host: as the database is called, not the near end of a tunnel; so with the port.
        source: its name, for errors.

    Raises:
        SourceFailed: there are no keys, or the role cannot be taken on.
        ExtraMissing: boto3 is not installed.
    """
    boto3 = _driver()
    with _translated(source):
        rds = aws.session(sign_in, boto3).client("rds")
        return SecretStr(rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user))


def present_keys(sign_in: aws.AwsSignIn, source: str) -> Any:
    """Return keys as they are now: ``access_key``, ``secret_key`` and ``token``.

    Args:
        sign_in: whose keys they are.
        source: its name, for errors.

    Raises:
        SourceFailed: there are none, or the role cannot be taken on.
        ExtraMissing: boto3 is not installed.
    """
    boto3 = _driver()
    with _translated(source):
        return aws.keys(aws.session(sign_in, boto3)).get_frozen_credentials()


def redshift_user(sign_in: RedshiftSignIn, database: str, user: str, source: str) -> tuple[str, SecretStr]:
    """Return who signs in at Redshift, and the password that is good for 15 minutes.

    Raises:
        SourceFailed: Amazon does not give it.
        ExtraMissing: boto3 is not installed.
    """
    boto3 = _driver()
    with _translated(source):
        session = aws.session(sign_in, boto3)
        if sign_in.workgroup is not None:
            serverless = session.client("redshift-serverless")
            given = serverless.get_credentials(workgroupName=sign_in.workgroup, dbName=database)
            return given["dbUser"], SecretStr(given["dbPassword"])
        cluster = session.client("redshift")
        given = cluster.get_cluster_credentials(
            DbUser=user, DbName=database, ClusterIdentifier=sign_in.cluster, AutoCreate=False
        )
        return given["DbUser"], SecretStr(given["DbPassword"])


class SignedRequests(httpx.Auth):
    """Signs requests as Amazon OpenSearch Service wants it (Signature Version 4)."""

    requires_request_body = True

    def __init__(self, sign_in: SearchSignIn, source: str) -> None:
        """Find out with what to sign.

        Args:
            sign_in: whose requests they are.
            source: its name, for errors.

        Raises:
            SourceFailed: there are no keys, or the role cannot be taken on.
            ExtraMissing: boto3 is not installed.
        """
        boto3 = _driver()
        self._region, self._source = sign_in.region, source
        with _translated(source):
            self._keys = aws.keys(aws.session(sign_in, boto3))

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        host, body = request.url.netloc.decode(), request.content
        headers = {"Host": host, "X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest()}
        asked = AWSRequest(request.method, str(request.url), headers, body)
        with _translated(self._source):
            SigV4Auth(self._keys.get_frozen_credentials(), "es", self._region).add_auth(asked)
        request.headers.update(dict(asked.headers))
        yield request


@contextmanager
def _translated(source: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise SourceFailed(
            f"Source {source!r} got no sign-in from Amazon Web Services: {' '.join(str(error).split())}",
            remedy="Check `iam` in the source's file: region, keys, role, and what IAM allows.",
        ) from error


def _driver() -> ModuleType:
    return load_driver("a sign-in by IAM", "aws", "boto3")
