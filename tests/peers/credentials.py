"""A stub of the two calls by which Redshift lends a password, for Amazon's own client, signed requests only.

Redshift answers `GetClusterCredentials` in XML to a form, its serverless kind `GetCredentials` in JSON;
bodies, names and errors are those of botocore's model of the two services.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.web.site import listening
from tests.peers.awssigned import signed

KEY, KNOWN = "AKIDEXAMPLE", "books"
_LENT = """<GetClusterCredentialsResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/">
<GetClusterCredentialsResult><DbUser>{user}</DbUser><DbPassword>{password}</DbPassword>
<Expiration>2030-01-01T00:00:00Z</Expiration></GetClusterCredentialsResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetClusterCredentialsResponse>"""
_REFUSED = """<ErrorResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><Error><Type>Sender</Type>
<Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


@dataclass
class RedshiftApi:
    """One account with one cluster and one workgroup, both called ``books``."""

    secret: str
    user: str  #: who may sign in at the database behind
    password: str
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        target = request.headers.get("x-amz-target")
        service = "redshift-serverless" if target else "redshift"
        if not signed(request, body, self.url, KEY, self.secret, service):
            return _refused("SignatureDoesNotMatch", "The request signature does not match.", 403)
        return self._workgroup(json.loads(body)) if target else self._cluster(dict(parse_qsl(body.decode())))

    def _cluster(self, asked: dict[str, str]) -> Response:
        assert asked["Action"] == "GetClusterCredentials"
        if asked["ClusterIdentifier"] != KNOWN:
            return _refused("ClusterNotFound", f"Cluster {asked['ClusterIdentifier']} not found.", 404)
        self.asked.append(
            {
                "cluster": asked["ClusterIdentifier"],
                "database": asked["DbName"],
                "user": asked["DbUser"],
                "creates": asked["AutoCreate"] == "true",
            }
        )
        return Response(_LENT.format(user=self.user, password=self.password), media_type="text/xml")

    def _workgroup(self, asked: dict[str, str]) -> Response:
        self.asked.append({"workgroup": asked["workgroupName"], "database": asked["dbName"]})
        lent = {"dbUser": self.user, "dbPassword": self.password, "expiration": 1_900_000_000}
        return JSONResponse(lent, media_type="application/x-amz-json-1.1")


def _refused(code: str, message: str, status: int) -> Response:
    return Response(_REFUSED.format(code=code, message=message), status, media_type="text/xml")


@contextmanager
def running_redshift_api(secret: str, user: str, password: str) -> Iterator[RedshiftApi]:
    """Give the API; what it lends is the sign-in of somebody whom the database knows."""
    api = RedshiftApi(secret, user, password)
    routes = [Route("/", api.answer, methods=["POST"])]
    with listening(lambda _: Starlette(routes=routes)) as api.url:
        yield api
