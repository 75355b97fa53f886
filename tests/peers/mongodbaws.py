"""A gate before a server that lets everybody in: who signs in has to do it by MONGODB-AWS.

Source: MongoDB, "Driver Authentication", MONGODB-AWS. A real server asks Amazon whose signature it is; here
it is made anew.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

import bson

from tests.peers.awssigned import signature_is_right
from tests.peers.mongodbgate import Connection, refused

KEY, KEY_SECRET, KEY_TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session-token-secret"
_HOST = "sts.ap-southeast-2.amazonaws.com"
_ASKED = b"Action=GetCallerIdentity&Version=2011-06-15"


class SignedByAmazon(Connection):
    """Lets in whom a signature names that Amazon would take."""

    nonce = b""

    def sign_in(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if "saslStart" in asked:
            assert asked["mechanism"] == "MONGODB-AWS"
            assert asked["$db"] == "$external"
            self.nonce = bytes(bson.decode(asked["payload"])["r"]) + secrets.token_bytes(32)
            return _step(bson.encode({"s": self.nonce, "h": _HOST}), done=False)
        if "saslContinue" in asked:
            self.signed_in = self._is_signed(bson.decode(asked["payload"]))
            return _step(b"", done=True) if self.signed_in else refused(18, "Authentication failed.")
        return None

    def _is_signed(self, given: Mapping[str, str]) -> bool:
        headers = {
            "authorization": given["a"], "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(_ASKED)), "host": _HOST, "x-amz-date": given["d"],
            "x-mongodb-server-nonce": base64.b64encode(self.nonce).decode(), "x-mongodb-gs2-cb-flag": "n",
            "x-amz-security-token": given.get("t", ""),
        }  # fmt: skip
        signed = ("POST", f"https://{_HOST}/", headers, _ASKED, KEY, KEY_SECRET, "sts")
        return given.get("t") == KEY_TOKEN and signature_is_right(*signed)


def _step(payload: bytes, *, done: bool) -> Mapping[str, Any]:
    return {"conversationId": 1, "done": done, "payload": payload, "ok": 1}
