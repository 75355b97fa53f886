"""A server of a small project, in a thread of this process, with somebody of every role."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

import httpx
import uvicorn
from starlette.types import ASGIApp

from bookward.app import App
from bookward.serving import Role, csrf_of, shell
from bookward.web.server import create
from tests.integration.editing.edited import FILES

PASSWORD = "correct horse battery"


def make_project(root: Path) -> Path:
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def listening(make: Callable[[str], ASGIApp], certificate: Path | None = None) -> Iterator[str]:
    """Serve an application, made for the address that people use, on a free port; yield where it listens.

    Encrypted where there is a certificate for ``localhost`` with its key.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make(f"http://localhost:{listener.getsockname()[1]}")
        secured = {"ssl_certfile": certificate, "ssl_keyfile": certificate} if certificate else {}
        config = uvicorn.Config(
            server, log_config=None, access_log=False, timeout_graceful_shutdown=5, **secured
        )  # fmt: skip
        running = _Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert running.listens.wait(30)
        yield f"{'https://localhost' if certificate else 'http://127.0.0.1'}:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join()


@dataclass
class Site:
    app: App
    url: str
    bearers: dict[Role, str] = field(default_factory=dict)
    hear: ClassVar[Callable[[httpx.Response], None]] = lambda _response: None  #: sees every answer

    @classmethod
    @contextmanager
    def running(cls, app: App, *, people: bool = True, **options: Any) -> Iterator[Site]:
        def make(url: str) -> ASGIApp:
            return create(app, **({"requests_a_minute": 1_000_000, "url": url} | options))

        with listening(make) as url:
            site = cls(app, url)
            for role in reversed(Role) if people else ():
                site.bearers[role] = site.session(role)
            yield site

    def session(self, role: Role) -> str:
        """Return the bearer of a new session of the person of a role."""
        access, email = self.app.access, email_of(role)
        if not any(each.email == email for each in access.people.list()):
            first = access.links.first(shell("root"))
            secret = first or access.links.invite(shell("root"), email, role)[0]
            access.links.accept(secret, PASSWORD, name=role.value.title(), email=email)
        return access.sessions.begin(access.people.find(email), "10.0.0.1", "tests")[0]

    @contextmanager
    def client(self, role: Role | None = None, token: str | None = None) -> Iterator[httpx.Client]:
        """Yield a client: of a role's session, of a token, or of nobody."""
        hooks = {"response": [type(self).hear]}
        with httpx.Client(base_url=self.url, timeout=60, event_hooks=hooks) as client:
            if token is not None:
                client.headers["Authorization"] = f"Bearer {token}"
            if role is not None:
                client.cookies.set("bookward_session", self.bearers[role])
                client.headers["X-CSRF-Token"] = csrf_of(self.bearers[role])
            yield client


def email_of(role: Role) -> str:
    return f"{role.value}@example.com"


def code_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error, after a look at its shape."""
    error: Mapping[str, Any] = response.json()["error"]
    assert error.keys() - {"problems"} == {"code", "message", "remedy"}
    assert error["message"]
    assert response.headers["content-type"] == "application/json"
    return response.status_code, error["code"]
