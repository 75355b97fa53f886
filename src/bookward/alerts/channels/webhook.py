"""A request of one's own, signed as the Standard Webhooks say.

Source: Standard Webhooks 1.0: the signature is the base64 of HMAC-SHA256 over `id.timestamp.body`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, post
from bookward.alerts.rendering import headline, lines, title
from bookward.digests import Digest
from bookward.errors import AlertRefused
from bookward.spec.alert import WebhookSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message

_PREFIX = "whsec_"


class AlertBody(BaseModel):
    """What is sent to a webhook: one change of one state."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    type: Literal["alert", "test"]
    """`test`: somebody tries whether messages arrive."""
    id: str
    """Of this change for this recipient."""
    episode: str
    """The same from the first message about a trouble to the one that says that it is over."""
    level: Level
    """`ok` when all is well again, or when what this recipient hears of is over."""
    before: Level
    """What this recipient was told last."""
    trigger: Trigger
    """What it is about."""
    subject: str = Field(examples=["syncs/invoices"])
    """The file that it is about, without its ending."""
    title: str
    """One line for people."""
    text: str
    """The sentences for people."""
    at: datetime
    """When the state changed."""
    began: datetime
    """When the trouble began."""
    run: str | None
    """Id of the run that shows it."""
    link: str | None
    """Where people can see it."""
    concerns: list[str]
    """Names of the syncs that share the trouble."""


class DigestBody(BaseModel):
    """What is sent to a webhook at certain times: what was synced since the last time."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    type: Literal["digest"]
    id: str
    """Of this digest for this recipient."""
    title: str
    """One line for people."""
    text: str
    """The whole of it for people."""
    digest: Digest
    """The figures; amounts of money are texts, so that nothing rounds them."""


class Webhook:
    """One recipient by a webhook. The same delivery has the same `webhook-id`, also when it is sent again."""

    together = 1

    def __init__(self, name: str, spec: WebhookSpec) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        body = body_of(messages[0])
        document = body.model_dump(mode="json")
        return Rendered(subject=headline(messages), text=body.model_dump_json(indent=2), document=document)

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        self._post(body_of(messages[0]), delivery)

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        body = digest_body(digest)
        document = body.model_dump(mode="json")
        return Rendered(subject=body.title, text=body.model_dump_json(indent=2), document=document)

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        self._post(digest_body(digest), delivery)

    def _post(self, body: BaseModel, delivery: str) -> None:
        content = body.model_dump_json().encode()
        at = int(datetime.now(UTC).timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{self._signature(f'{delivery}.{at}.'.encode() + content)}",
        }
        url = self._spec.url.get_secret_value()
        post(url, timeout=self._spec.timeout, name=self._name, content=content, headers=headers)

    def _signature(self, signed: bytes) -> str:
        secret = self._spec.secret.get_secret_value()
        try:
            key = (
                base64.b64decode(secret.removeprefix(_PREFIX) + "==") if secret.startswith(_PREFIX) else None
            )
        except binascii.Error:
            raise AlertRefused(
                f"The secret of alert {self._name!r} begins with {_PREFIX} and does not go on in base64."
            ) from None
        digest = hmac.new(secret.encode() if key is None else key, signed, hashlib.sha256).digest()
        return base64.b64encode(digest).decode()


def digest_body(digest: Digest) -> DigestBody:
    """Return what a webhook is told at certain times."""
    said = digestwords.headline(digest), digestwords.text(digest)
    return DigestBody(type="digest", id=digest.id, title=said[0], text=said[1], digest=digest)


def body_of(message: Message) -> AlertBody:
    """Return what a webhook is told."""
    return AlertBody(
        type="test" if message.test else "alert",
        id=message.id,
        episode=message.episode,
        level=message.level,
        before=message.before,
        trigger=message.trigger,
        subject=str(message.subject),
        title=title(message),
        text="\n".join(lines(message)),
        at=message.at,
        began=message.began,
        run=message.run,
        link=message.link,
        concerns=list(message.concerns),
    )
