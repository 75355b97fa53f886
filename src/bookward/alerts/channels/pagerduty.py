"""PagerDuty by its Events API v2: one incident for each episode.

Source: PagerDuty, Events API v2: `dedup_key` joins the events of one alert, and has at most 255 characters.
What is no trouble is a change event, which goes to another address and wakes nobody; nothing joins two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, post
from bookward.alerts.rendering import facts, headline, lines, title
from bookward.digests import Digest
from bookward.spec.alert import PagerDutySpec
from bookward.standings import Level, Message

_LONGEST_SUMMARY = 1024
_HIDDEN = "[hidden]"
_ALERTS, _CHANGES = "/v2/enqueue", "/v2/change/enqueue"


class PagerDuty:
    """One recipient by PagerDuty. An event that is sent twice makes no second incident."""

    together = 1

    def __init__(self, name: str, spec: PagerDutySpec) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        document = self._event(messages[0], _HIDDEN)
        return Rendered(subject=headline(messages), text=json.dumps(document, indent=2), document=document)

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        for event in self._events(messages[0]):
            post(self._spec.url, timeout=self._spec.timeout, name=self._name, json=event)

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        document = self._change(digest, _HIDDEN)
        said = json.dumps(document, indent=2)
        return Rendered(subject=digestwords.headline(digest), text=said, document=document)

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        change = self._change(digest, self._spec.routing_key.get_secret_value())
        url = self._spec.url.removesuffix(_ALERTS) + _CHANGES
        post(url, timeout=self._spec.timeout, name=self._name, json=change)

    def _change(self, digest: Digest, key: str) -> dict[str, Any]:
        change: dict[str, Any] = {
            "routing_key": key,
            "payload": {
                "summary": digestwords.headline(digest)[:_LONGEST_SUMMARY],
                "source": digest.project or "Bookward",
                "timestamp": digest.until.isoformat(),
                "custom_details": {"text": digestwords.text(digest)},
            },
        }
        return change | ({"links": [{"href": digest.link, "text": "Show it"}]} if digest.link else {})

    def _events(self, message: Message) -> list[dict[str, Any]]:
        event = self._event(message, self._spec.routing_key.get_secret_value())
        # Nobody is to be called by a test, nor to close what it has opened.
        return [event, event | {"event_action": "resolve"}] if message.test else [event]

    def _event(self, message: Message, key: str) -> dict[str, Any]:
        event: dict[str, Any] = {
            "routing_key": key,
            "event_action": _action(message),
            "dedup_key": dedup_key(message.episode),
            "payload": {
                "summary": title(message)[:_LONGEST_SUMMARY],
                "source": str(message.subject),
                "severity": "info" if message.level is Level.OK else message.level.value,
                "timestamp": message.at.isoformat(),
                "component": message.subject.slug,
                "class": message.trigger.value,
                "custom_details": {"text": "\n".join(lines(message))} | dict(facts(message)),
            },
            "client": "Bookward",
        }
        if message.link:
            event |= {"client_url": message.link, "links": [{"href": message.link, "text": "Show it"}]}
        return event


def _action(message: Message) -> str:
    if message.acknowledged_by:
        return "acknowledge"
    return "resolve" if message.level is Level.OK and not message.test else "trigger"


def dedup_key(episode: str) -> str:
    """Return what joins the events of an episode."""
    return f"bookward-{hashlib.sha256(episode.encode()).hexdigest()[:40]}"
