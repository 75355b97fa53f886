"""E-mail against a real SMTP server, with and without TLS, sign-in and refusals."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bookward.alerts.channels.registry import open_channel
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import EmailSpec
from bookward.standings import Level, Message
from tests.peers.certificates import write_certificate
from tests.unit.alerts.samples import message

ANN, BOB = "ann@example.com", "bob@example.com"


class Mailbox:
    """What a mail server takes; recipients in ``unknown`` are refused."""

    def __init__(self, unknown: tuple[str, ...] = (), answer: str = "250 OK") -> None:
        self.mails: list[EmailMessage] = []
        self.tls: list[bool] = []
        self.unknown = unknown
        self.answer = answer

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any) -> str:  # noqa: N802
        if address in self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.tls.append(session.ssl is not None)
        return self.answer


class FreePort(Controller):
    """A mail server on a port that is free, which its library can only begin with a port that it knows."""

    @property
    def address(self) -> tuple[str, int]:
        assert self.server is not None
        found: tuple[str, int] = self.server.sockets[0].getsockname()
        return found

    def _trigger_server(self) -> None:
        socket.create_connection(self.address, 5).close()


@contextmanager
def serving(box: Mailbox, **options: Any) -> Iterator[int]:
    controller = FreePort(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.address[1]
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of this machine with its key, which nobody else trusts."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    return file


def context(certificate: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificate)
    return found


def send(port: int, *messages: Message, **more: Any) -> None:
    said = {"host": "localhost", "port": port, "security": "none", "sender": f"Bookward <{ANN}>", "to": [BOB]}
    spec = EmailSpec.model_validate({"type": "email", "timeout": 5} | said | more)
    open_channel("team", spec).send(messages or [message()], "d1", again=False)


class Tags(HTMLParser):
    """What an HTML document links to, loads and says."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.loaded: list[str] = []
        self.text = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name == "href"]
        if tag in {"img", "script", "link", "iframe"}:
            self.loaded.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_mail_is_text_and_html_and_leads_to_the_run() -> None:
    box = Mailbox()
    with serving(box) as port:
        send(port)
    (mail,) = box.mails
    assert (mail["subject"], mail["to"], mail["message-id"]) == (
        "CRITICAL: invoices, run failed",
        BOB,
        "<d1@example.com>",
    )
    assert (mail["auto-submitted"], mail["importance"]) == ("auto-generated", "high")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == [
        "Sync 'invoices' failed: <Table> & \"invoices\" is gone.",
        "What to do: Look at the model.",
        "https://books.example.com/runs/20261102-090000-3f9c21",
        "Since: 2026-11-02 09:00 UTC",
        "Run: 20261102-090000-3f9c21",
    ]
    tags = Tags(html.get_content())
    assert (tags.links, tags.loaded) == ([message().link], [])
    assert '<Table> & "invoices" is gone.' in tags.text


def test_that_it_is_over_stands_with_the_trouble() -> None:
    box = Mailbox()
    with serving(box) as port:
        send(port)
        send(port, message(Level.OK))
        send(port, message(), message(Level.OK))
    trouble, over, both = box.mails
    assert (over["subject"], over["importance"]) == ("Well again: invoices, run failed", None)
    assert over["references"] == trouble["references"]
    said = over.get_body(("plain",))
    assert said is not None
    assert said.get_content().startswith("It lasted 1 hour 30 minutes. It was: Sync 'invoices' failed")
    assert both["subject"] == "Bookward: 1 critical, 1 well again"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_goes_through_tls_only_to_a_server_whose_certificate_holds(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    seen: list[bytes] = []

    def allow(_: SMTP, __: Session, ___: Envelope, ____: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        seen.append(given.password)
        return AuthResult(success=given.password == b"hunter2", handled=False)

    box, own = Mailbox(), context(certificate)
    options = {"tls_context": own, "require_starttls": True} if security == "starttls" else {}
    options |= {"authenticator": allow, "auth_require_tls": security == "starttls"}
    if security == "tls":
        options["ssl_context"] = own
    said = {"security": security, "user": "ann", "password": "hunter2"}
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with serving(box, **options) as port:
        with pytest.raises(AlertUndelivered, match="certificate does not hold"):
            send(port, **said)
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(port, **said)
        assert (seen, len(box.mails)) == ([b"hunter2"], 1)
        with pytest.raises(AlertRefused, match="535") as told:
            send(port, **said | {"password": "wrong-hunter2"})
        assert "hunter2" not in str(told.value)


def test_a_server_without_what_the_file_asks_for_is_refused() -> None:
    with serving(Mailbox()) as port, pytest.raises(AlertRefused, match="does not offer"):
        send(port, security="starttls")


@pytest.mark.parametrize(("answer", "kind"), [("451 later", AlertUndelivered), ("554 spam", AlertRefused)])
def test_what_a_server_answers_decides_whether_it_is_tried_again(answer: str, kind: type[Exception]) -> None:
    with serving(Mailbox(answer=answer)) as port, pytest.raises(kind, match=answer[:3]):
        send(port)


def test_of_several_recipients_those_that_are_known_get_it_once(caplog: pytest.LogCaptureFixture) -> None:
    box = Mailbox(unknown=(BOB,))
    with serving(box) as port:
        send(port, to=[ANN, BOB])
        with pytest.raises(AlertRefused, match="550"):
            send(port, to=[BOB])
    assert len(box.mails) == 1
    assert "1 of its addresses" in caplog.text


def test_without_a_server_it_is_tried_again() -> None:
    with pytest.raises(AlertUndelivered, match="cannot be reached"):
        send(1)
