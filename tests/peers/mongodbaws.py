"""A gate before a server that lets everybody in: who signs in has to do it by MONGODB-AWS.

Source: MongoDB, "Driver Authentication", MONGODB-AWS. A real server asks Amazon whose signature it is; here
it is made anew.
"""

from __future__ import annotations

import base64
import secrets
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import bson

from tests.peers.awssigned import signature_is_right
from tests.peers.wire import exactly

KEY, KEY_SECRET, KEY_TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session-token-secret"
_HOST = "sts.ap-southeast-2.amazonaws.com"
_ASKED = b"Action=GetCallerIdentity&Version=2011-06-15"
_MESSAGE = 2013
_OPEN = {"hello", "ismaster", "isMaster", "endSessions"}


class _Gate(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Connection(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        self.signed_in, self.nonce = False, b""
        with suppress(OSError, EOFError), socket.create_connection(("127.0.0.1", self.server.behind)) as far:
            threading.Thread(target=_pump, args=(far, self.request), daemon=True).start()
            while True:
                head = exactly(self.request, 16)
                length, number, _, kind = struct.unpack("<iiii", head)
                body = exactly(self.request, length - 16)
                said = self._answered(bson.decode(body[5:])) if kind == _MESSAGE else None
                if said is None:
                    far.sendall(head + body)
                else:
                    self._say(number, said)

    def _answered(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what the gate itself says; None where the server is to be asked."""
        if "saslStart" in asked:
            assert asked["mechanism"] == "MONGODB-AWS"
            assert asked["$db"] == "$external"
            self.nonce = bytes(bson.decode(asked["payload"])["r"]) + secrets.token_bytes(32)
            return _step(bson.encode({"s": self.nonce, "h": _HOST}), done=False)
        if "saslContinue" in asked:
            self.signed_in = self._is_signed(bson.decode(asked["payload"]))
            return _step(b"", done=True) if self.signed_in else _refused(18, "Authentication failed.")
        if self.signed_in or next(iter(asked)) in _OPEN:
            return None
        return _refused(13, "command requires authentication")

    def _is_signed(self, given: Mapping[str, str]) -> bool:
        headers = {
            "authorization": given["a"], "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(_ASKED)), "host": _HOST, "x-amz-date": given["d"],
            "x-mongodb-server-nonce": base64.b64encode(self.nonce).decode(), "x-mongodb-gs2-cb-flag": "n",
            "x-amz-security-token": given.get("t", ""),
        }  # fmt: skip
        signed = ("POST", f"https://{_HOST}/", headers, _ASKED, KEY, KEY_SECRET, "sts")
        return given.get("t") == KEY_TOKEN and signature_is_right(*signed)

    def _say(self, number: int, said: Mapping[str, Any]) -> None:
        body = struct.pack("<Ib", 0, 0) + bson.encode(said)
        self.request.sendall(struct.pack("<iiii", len(body) + 16, 0, number, _MESSAGE) + body)


def _step(payload: bytes, *, done: bool) -> Mapping[str, Any]:
    return {"conversationId": 1, "done": done, "payload": payload, "ok": 1}


def _refused(code: int, message: str) -> Mapping[str, Any]:
    return {"ok": 0, "code": code, "errmsg": message}


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


@contextmanager
def running_gate(behind: int) -> Iterator[int]:
    """Give the port of a gate before the server at the port ``behind``."""
    with _Gate(("127.0.0.1", 0), _Connection) as gate:
        gate.behind = behind  # type: ignore[attr-defined]
        thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield gate.server_address[1]
        finally:
            gate.shutdown()
            thread.join()
