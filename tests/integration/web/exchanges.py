"""Keeps what went over the wire in these tests, for `make api-examples`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx

_KEPT_IN = "KEPT_EXCHANGES"


def keep_exchange(response: httpx.Response) -> None:
    """Write down an exchange that went well, where the environment says where."""
    file = os.environ.get(_KEPT_IN)
    if not file or not response.is_success:
        return
    sent, got = response.request.content, response.content
    is_json = "json" in response.headers.get("content-type", "")
    said = {
        "method": response.request.method,
        "path": response.request.url.path,
        "status": response.status_code,
        "request": json.loads(sent) if sent else None,
        "answer": json.loads(got) if got and is_json else None,
    }
    with Path(file).open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(said) + "\n")
