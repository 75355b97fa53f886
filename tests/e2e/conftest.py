"""A demo company, its local Xero, a real `bookward serve`, and a real browser before it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.server import LocalXero
from tests.integration.web.test_process import secret_of, serving
from tests.planting import Outputs, leaks_of, planted_bearers, refuse

PASSWORD = "four words you like"
USERS = 1000
_REFUSED = re.compile(r"status of (4\d\d|502)")  # what the server does not do is said by the page

expect.set_options(timeout=20_000)  # of a machine with other work


@dataclass
class Office:
    """A server with its people, by role."""

    url: str
    root: Path
    admin: httpx.Client = field(init=False)
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def app(self) -> App:
        """Return the server's project, as another process beside it would open it."""
        return App(self.root, environ=self.environ)

    def client(self, email: str) -> httpx.Client:
        # A kept connection may end at the server in the moment when it is used again.
        unkept = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=30, limits=unkept)
        said = client.post("/session", json={"email": email, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = said.raise_for_status().json()["csrf"]
        return client


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    root = tmp_path_factory.mktemp("e2e") / "books"
    make_company(root, USERS)
    with planted_bearers(), LocalXero.running(root / "local-xero.db", port=0) as xero:
        point_to(root, xero.url)
        with closing(App(root)) as app:
            app.files.begin_history("The demo company")
            app.connect("xero-demo", allow_access, lambda found: found[0])
        with serving(root) as process:
            secret = secret_of(process.first_admin)
            who = {"email": "ana@example.com", "name": "Ana Lima", "password": PASSWORD}
            httpx.post(f"{process.url}/api/v1/join", json={"secret": secret, **who}).raise_for_status()
            office = Office(process.url, root)
            office.admin = office.client("ana@example.com")
            for role in ("viewer", "editor", "approver"):
                _join(office, role)
            with closing(office.admin):
                yield office
                cookie = office.admin.cookies["bookward_session"]
    own = {"password of a person": PASSWORD, "session cookie of the admin": cookie}
    refuse(leaks_of(root, Outputs(), own))


def _join(office: Office, role: str) -> None:
    link = office.admin.post("/invitations", json={"email": f"{role}@example.com", "role": role}).json()
    said = {"secret": secret_of(link["url"]), "name": role.title(), "password": PASSWORD}
    office.admin.post("/join", json=said).raise_for_status()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = which("chromium")
    assert chromium, "Chromium is missing: make peers"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page_of(browser: Browser, office: Office) -> Iterator[Callable[[str | None], Page]]:
    """Return what opens a page, signed in as a role or not; what the browser complains of fails the test."""
    contexts, complaints = [], list[str]()

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _REFUSED.search(message.text):
            complaints.append(message.text)

    def opened(role: str | None) -> Page:
        context = browser.new_context(base_url=office.url, viewport={"width": 1280, "height": 860})
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if role:
            email = "ana@example.com" if role == "admin" else f"{role}@example.com"
            said = {"email": email, "password": PASSWORD}
            assert context.request.post("/api/v1/session", data=said).ok
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
