from __future__ import annotations

import httpx
import pytest

from bookward.cli.remote.app import RemoteApp
from bookward.cli.remote.client import Client
from bookward.cli.remote.server import Server


def test_rows_that_are_only_counted_are_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.URL] = []

    def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        items = [{"state": "accepted"}, {"state": "accepted"}, {"state": "rejected"}]
        return httpx.Response(200, json={"items": items, "next": None})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    app = RemoteApp(Client(Server(url="http://localhost:8000", token="t"), tell=print))
    assert app.row_counts("contacts") == {"accepted": 2, "rejected": 1}
    assert dict(asked[0].params) == {"named": "false", "limit": "500"}  # names cost a look into every row
    app.close()
