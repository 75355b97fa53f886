"""Whether a request is signed as Amazon Web Services want it (Signature Version 4), by their own library."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request


def signed(request: Request, body: bytes, url: str, key: str, secret: str, service: str) -> bool:
    """Return whether a request to the root of ``url`` has the signature of a key; its region is its own."""
    return signature_is_right(request.method, f"{url}/", request.headers, body, key, secret, service)


def signature_is_right(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    key: str,
    secret: str,
    service: str,
    *,
    signer: type[SigV4Auth] = SigV4Auth,
) -> bool:
    """Return whether a request has the signature of a key; its region is its own."""
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        return False
    given = dict(part.strip().split("=", 1) for part in headers["authorization"].partition(" ")[2].split(","))
    who, _, region, *_ = given["Credential"].split("/")
    if who != key:
        return False
    again = AWSRequest(method, url, {name: headers[name] for name in given["SignedHeaders"].split(";")}, body)
    again.context["timestamp"] = headers["x-amz-date"]
    auth = signer(Credentials(key, secret), service, region)
    expected = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
    return hmac.compare_digest(expected, given["Signature"])
