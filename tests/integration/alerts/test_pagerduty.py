"""PagerDuty's Events API v2, held to its published schema: one incident for each episode, and resolved."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from bookward.alerts.channels.registry import open_channel
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import PagerDutySpec
from bookward.standings import Level, Message
from tests.integration.alerts.catcher import Catcher, Reply
from tests.unit.alerts.samples import message

KEY = "0123456789abcdef0123456789abcdef"
EVENT: dict[str, Any] = {
    # As PagerDuty documents the body of POST /v2/enqueue.
    "type": "object",
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "maxLength": 255},
        "client": {"type": "string"},
        "client_url": {"type": "string", "format": "uri"},
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "maxLength": 1024},
                "source": {"type": "string"},
                "severity": {"enum": ["critical", "warning", "error", "info"]},
                "timestamp": {"type": "string", "format": "date-time"},
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
        },
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["href"],
                "properties": {"href": {"type": "string", "format": "uri"}, "text": {"type": "string"}},
            },
        },
        "images": {"type": "array"},
    },
}
ACCEPTED = Reply(202, {"status": "success", "message": "Event processed", "dedup_key": "k"})


def send(catcher: Catcher, *messages: Message) -> list[dict[str, Any]]:
    """Send messages one by one; return the events that came of them, after a look at their schema."""
    spec = PagerDutySpec(type="pagerduty", routing_key=KEY, url=f"{catcher.url}/v2/enqueue")
    channel = open_channel("pager", spec)
    for each in messages:
        channel.send([each], "d1", again=False)
    events = [caught.json() for caught in catcher.caught]
    for event in events:
        jsonschema.Draft202012Validator(EVENT).validate(event)
    return events


def incidents(events: list[dict[str, Any]]) -> dict[str, str]:
    """Return what PagerDuty makes of events: by key, whether the incident is open."""
    found: dict[str, str] = {}
    for event in events:
        if event["event_action"] == "trigger":
            found[event["dedup_key"]] = event["payload"]["severity"]
        elif event["dedup_key"] in found:
            found[event["dedup_key"]] = "resolved"
    return found


def test_an_episode_is_one_incident_however_bad_it_gets_and_is_resolved(catcher: Catcher) -> None:
    catcher.answer = lambda _: ACCEPTED
    told = [message(Level.WARNING), message(Level.CRITICAL), message(Level.CRITICAL)]
    assert list(incidents(send(catcher, *told)).values()) == ["critical"]
    events = send(catcher, message(Level.OK))
    assert list(incidents(events).values()) == ["resolved"]
    other = send(catcher, message(episode="another"))
    assert list(incidents(other).values()) == ["resolved", "critical"]
    assert events[0]["links"] == [{"href": message().link, "text": "Show it"}]
    assert events[0]["payload"]["summary"] == "WARNING: invoices, run failed"


def test_a_test_opens_nothing_that_somebody_has_to_close(catcher: Catcher) -> None:
    catcher.answer = lambda _: ACCEPTED
    events = send(catcher, message(Level.OK, test=True, run=None, link=None))
    assert [event["event_action"] for event in events] == ["trigger", "resolve"]
    assert list(incidents(events).values()) == ["resolved"]


def test_a_wrong_key_is_refused_and_too_many_events_wait(catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(400, {"status": "invalid event", "errors": ["routing_key"]})
    with pytest.raises(AlertRefused):
        send(catcher, message())
    catcher.answer = lambda _: Reply(429, {})
    with pytest.raises(AlertUndelivered):
        send(catcher, message())
