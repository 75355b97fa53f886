"""Run in fakesnow's own environment: the emulator, with what newer clients want of a sign-in. Usage: PORT."""

from __future__ import annotations

import json
import sys
from typing import Any

import fakesnow.server
import uvicorn

_WANTED = {"masterToken": "m", "masterValidityInSeconds": 14400, "validityInSeconds": 3600, "sessionId": 1}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or "login-request" not in scope["path"]:
        await fakesnow.server.app(scope, receive, send)
        return
    start: dict[str, Any] = {}

    async def completed(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        answer = json.loads(message["body"])
        answer["data"] = {**_WANTED, **answer["data"]}
        body = json.dumps(answer).encode()
        start["headers"] = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send(start)
        await send({"type": "http.response.body", "body": body})

    await fakesnow.server.app(scope, receive, completed)


if __name__ == "__main__":
    uvicorn.run(application, port=int(sys.argv[1]), log_level="info")
