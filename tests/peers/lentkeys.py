"""Amazon's STS, and a gate before an object storage that takes the key that STS has lent only.

The storage of the tests knows no keys but its own: what was signed with the lent one is signed anew for it.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

import httpx
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.peers.awssigned import signature_is_right
from tests.peers.http import Answer, Asked, Stub
from tests.peers.objectstore import READER, ObjectStore

OWNER, OWNER_SECRET = "AKIDOWNER", "owner-secret"
LENT, LENT_SECRET, LENT_TOKEN = "ASIALENT", "lent-secret", "lent-token-secret"
ROLE, EXTERNAL = "arn:aws:iam::123456789012:role/books", "ours"
_GIVEN = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>{LENT}</AccessKeyId><SecretAccessKey>{LENT_SECRET}</SecretAccessKey>
<SessionToken>{LENT_TOKEN}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""
_REFUSED = "<{0}><Error><Code>AccessDenied</Code><Message>Not allowed.</Message></Error></{0}>"
_KEPT = ("content-type", "content-range", "etag", "last-modified", "accept-ranges")


class LentKeys(Stub):
    """One role that the owner of a key may take on, and the bucket that it may read."""

    def __init__(self, storage: ObjectStore) -> None:
        super().__init__()
        self._storage = f"http://127.0.0.1:{storage.ports[3]}"
        self.sessions: list[str] = []  #: names under which the role was taken on

    def answer(self, asked: Asked) -> Answer:
        return self._role(asked) if (asked.method, asked.path) == ("POST", "/") else self._object(asked)

    def _role(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.body.decode()))
        right = ("AssumeRole", ROLE, EXTERNAL)
        signed = (asked.method, f"{self.url}/", asked.headers, asked.body, OWNER, OWNER_SECRET, "sts")
        if (given["Action"], given["RoleArn"], given.get("ExternalId")) != right or not (
            signature_is_right(*signed)
        ):
            return Answer(_REFUSED.format("ErrorResponse").encode(), 403, {"Content-Type": "text/xml"})
        self.sessions.append(given["RoleSessionName"])
        return Answer(_GIVEN.encode(), headers={"Content-Type": "text/xml"})

    def _object(self, asked: Asked) -> Answer:
        place = f"{asked.path}?{urlencode(asked.query, quote_via=quote, safe='')}"
        signed = (asked.method, self.url + place, asked.headers, asked.body, LENT, LENT_SECRET, "s3")
        shown = asked.headers.get("x-amz-security-token")
        if shown != LENT_TOKEN or not signature_is_right(*signed, signer=S3SigV4Auth):
            return Answer(_REFUSED.format("S3").encode(), 403, {"Content-Type": "application/xml"})
        headers = {name: value for name, value in asked.headers.items() if name == "range"}
        anew = AWSRequest("GET", self._storage + place, headers)
        keys = Credentials(READER["AWS_ACCESS_KEY_ID"], READER["AWS_SECRET_ACCESS_KEY"])
        S3SigV4Auth(keys, "s3", "us-east-1").add_auth(anew)
        found = httpx.get(self._storage + place, headers=dict(anew.headers))
        kept = {name.title(): found.headers[name] for name in _KEPT if name in found.headers}
        return Answer(found.content, found.status_code, kept)
