"""Text messages by Twilio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, missing, refusal, unreachable
from bookward.alerts.rendering import headline, lines
from bookward.digests import Digest
from bookward.spec.alert import SmsSpec
from bookward.standings import Message

_LONGEST = 300
"""In characters: two or three parts, which is what people pay for."""
_LOOKED_AT = 50


class Sms:
    """One or several numbers.

    Each message ends with a short mark. After a crash, and where a number of several was reached and the next
    was not, what was sent today is looked at first, so that nobody is told twice.
    """

    together = 50

    def __init__(self, name: str, spec: SmsSpec) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        return Rendered(subject=headline(messages), text=_text(messages, delivery))

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        self._post(_text(messages, delivery), delivery, again=again)

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        said = digestwords.headline(digest)
        return Rendered(subject=said, text=_fitting(said, digest.link, delivery))

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        self._post(self.render_digest(digest, delivery).text, delivery, again=again)

    def _post(self, said: str, delivery: str, *, again: bool) -> None:
        try:
            from requests import RequestException
            from twilio.base.exceptions import TwilioException, TwilioRestException
        except ImportError:
            raise missing("sms") from None
        client = self._client()
        try:
            for number in self._spec.to:
                if not (again and self._has(client, number, _mark(delivery))):
                    client.messages.create(to=number, body=said, **self._from())
        except TwilioRestException as error:
            # Twilio's own words may repeat numbers; its code leads to them in its documentation.
            raise refusal(self._name, error.status, said=f"Twilio's error {error.code}") from None
        except (RequestException, TwilioException, OSError) as error:
            raise unreachable(self._name, type(error).__name__) from None

    def _from(self) -> dict[str, str]:
        sender = self._spec.sender
        return {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}

    def _has(self, client: Any, number: str, mark: str) -> bool:
        today = datetime.now(UTC).date()
        sent = client.messages.list(to=number, date_sent_after=today, limit=_LOOKED_AT)
        return any(mark in (one.body or "") for one in sent)

    def _client(self) -> Any:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        elsewhere = urlsplit(self._spec.api_url)

        class Elsewhere(TwilioHttpClient):  # type: ignore[misc]  # the library has no types of its own
            def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
                there = urlsplit(url)._replace(scheme=elsewhere.scheme, netloc=elsewhere.netloc)
                return super().request(method, urlunsplit(there), *args, **more)

        http = Elsewhere(timeout=self._spec.timeout, max_retries=0)
        return Client(self._spec.account, self._spec.token.get_secret_value(), http_client=http)


def _text(messages: Sequence[Message], delivery: str) -> str:
    said = headline(messages)
    if len(messages) == 1:
        said += f". {next(lines(messages[0]))}"
    return _fitting(said, messages[0].link if len(messages) == 1 else None, delivery)


def _fitting(said: str, link: str | None, delivery: str) -> str:
    end = f"{f' {link}' if link else ''} {_mark(delivery)}"
    room = _LONGEST - len(end)
    return (said if len(said) <= room else said[: room - 3] + "...") + end


def _mark(delivery: str) -> str:
    return f"[{delivery[-6:]}]"
