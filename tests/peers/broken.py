"""An answer that ends before its end, as when a server dies while it sends."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send


class CutOff:
    """Announces a body and sends half of it."""

    def __init__(self, body: bytes, media_type: str = "application/octet-stream") -> None:
        self._body = body
        self._type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-length", str(len(self._body)).encode()),
            (b"content-type", self._type.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = self._body[: len(self._body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": False})
