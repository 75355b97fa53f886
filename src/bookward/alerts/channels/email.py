"""E-mail by SMTP."""

from __future__ import annotations

import hashlib
import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, unreachable
from bookward.alerts.rendering import headline, html, text
from bookward.digests import Digest
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import EmailSpec
from bookward.standings import Level, Message

_LOG = logging.getLogger(__name__)
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_URGENT = {"X-Priority": "1", "Importance": "high"}


class Email:
    """One recipient by e-mail.

    The same delivery has the same Message-ID: what takes mail may use it to drop the second of two.
    """

    together = 50

    def __init__(self, name: str, spec: EmailSpec) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        return Rendered(subject=headline(messages), text=text(messages), html=html(messages))

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        self._post(self._mail(messages, delivery))

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        said, page = digestwords.text(digest), digestwords.html(digest)
        return Rendered(subject=digestwords.headline(digest), text=said, html=page)

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        self._post(self._letter(self.render_digest(digest, delivery), digest.until, delivery))

    def _post(self, mail: EmailMessage) -> None:
        try:
            with self._connected() as server:
                refused = server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused(*next(iter(error.recipients.values()))) from None
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            raise AlertRefused(
                f"The mail server of alert {self._name!r} does not offer what its file asks for.",
                remedy="Set `security` to what the server offers: starttls, tls or none.",
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise unreachable(self._name, _why(error)) from None
        if refused:  # the others have it, and would get it twice
            _LOG.warning(
                "The mail server of alert %s takes no mail for %d of its addresses.", self._name, len(refused)
            )

    def _mail(self, messages: Sequence[Message], delivery: str) -> EmailMessage:
        mail = self._letter(
            self.render(messages, delivery), max(message.at for message in messages), delivery
        )
        if len(messages) == 1:  # what is told of one trouble stands together
            episode = hashlib.sha256(messages[0].episode.encode()).hexdigest()[:32]
            mail["References"] = f"<{episode}@{self._domain}>"
        if any(message.level is Level.CRITICAL for message in messages):
            for header, value in _URGENT.items():
                mail[header] = value
        return mail

    def _letter(self, said: Rendered, at: datetime, delivery: str) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = said.subject
        mail["From"] = self._spec.sender
        mail["To"] = ", ".join(self._spec.to)
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{delivery}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(said.text)
        mail.add_alternative(said.html, subtype="html")
        return mail

    @property
    def _domain(self) -> str:
        return parseaddr(self._spec.sender)[1].rpartition("@")[2] or "localhost"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        spec = self._spec
        port = spec.port or _PORTS[spec.security]
        context = ssl.create_default_context()
        if spec.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(spec.host, port, timeout=spec.timeout, context=context)
        else:
            server = smtplib.SMTP(spec.host, port, timeout=spec.timeout)
        with server:
            if spec.security == "starttls":
                server.starttls(context=context)
            if spec.user is not None and spec.password is not None:
                self._sign_in(server, spec.user, spec.password.get_secret_value())
            yield server

    def _sign_in(self, server: smtplib.SMTP, user: str, password: str) -> None:
        try:
            server.login(user, password)
        except smtplib.SMTPServerDisconnected:
            raise AlertRefused(f"The mail server of alert {self._name!r} hangs up at the sign-in.") from None

    def _refused(self, code: int, said: bytes | str) -> AlertRefused | AlertUndelivered:
        # Its own words may repeat what was sent; the code says enough.
        told = f"The mail server of alert {self._name!r} answered with {code}."
        return AlertUndelivered(told) if 400 <= code < 500 else AlertRefused(told)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
