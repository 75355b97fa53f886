"""Slack through its official SDK, against a server that checks what it gets as Slack does."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.models.blocks import Block

from bookward.alerts.channels.registry import open_channel
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import AlertSpec, SlackSpec, SlackWebhookSpec
from bookward.standings import Level, Message
from tests.integration.alerts.catcher import Catcher, Caught, Reply
from tests.unit.alerts.samples import message

TOKEN = "xoxb-hunter2"


class Workspace:
    """What Slack keeps of one channel."""

    def __init__(self, error: str = "", may_read: bool = True) -> None:
        self.posted: list[dict[str, Any]] = []
        self.error = error
        self.may_read = may_read

    def __call__(self, caught: Caught) -> Reply:
        if caught.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(200, {"ok": False, "error": "invalid_auth"})
        method = caught.path.rpartition("/")[2]
        if method == "conversations.history":
            if not self.may_read:
                return Reply(200, {"ok": False, "error": "missing_scope"})
            return Reply(200, {"ok": True, "messages": list(reversed(self.posted))})
        assert method == "chat.postMessage"
        if self.error:
            return Reply(200, {"ok": False, "error": self.error})
        said = said_by(caught)
        check_blocks(said["blocks"])
        self.posted.append(said)
        return Reply(200, {"ok": True, "ts": "1.0", "message": said})


def said_by(caught: Caught) -> dict[str, Any]:
    if "json" in caught.headers["content-type"]:
        said: dict[str, Any] = caught.json()
    else:
        said = {name: values[0] for name, values in parse_qs(caught.body.decode()).items()}
    for name in ("blocks", "metadata"):
        if isinstance(said.get(name), str):
            said[name] = json.loads(said[name])
    return said


def check_blocks(blocks: list[dict[str, Any]]) -> None:
    """Look at blocks as Slack does: known to its own models, and within its limits."""
    assert 1 <= len(blocks) <= 50
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= 150
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000


def bot(catcher: Catcher, token: str = TOKEN) -> SlackSpec:
    return SlackSpec(type="slack", token=token, channel="C1", api_url=f"{catcher.url}/api/")


def send(spec: AlertSpec, *messages: Message, again: bool = False, delivery: str = "d1") -> None:
    open_channel("team", spec).send(messages or [message()], delivery, again=again)


def buttons(blocks: list[dict[str, Any]]) -> list[str]:
    return [part["url"] for block in blocks if block["type"] == "actions" for part in block["elements"]]


def test_a_bot_posts_blocks_with_a_button_to_the_run(catcher: Catcher) -> None:
    catcher.answer = workspace = Workspace()
    send(bot(catcher))
    (posted,) = workspace.posted
    assert (posted["channel"], posted["text"]) == ("C1", "CRITICAL: invoices, run failed")
    assert buttons(posted["blocks"]) == [message().link]
    section = next(block for block in posted["blocks"] if block["type"] == "section")
    assert "&lt;Table&gt; &amp;" in section["text"]["text"]


def test_many_messages_go_as_one_and_long_ones_are_cut(catcher: Catcher) -> None:
    catcher.answer = workspace = Workspace()
    long = [message(said="x" * 5_000) for _ in range(10)]
    send(bot(catcher), *long)
    (posted,) = workspace.posted
    assert (posted["text"], len(buttons(posted["blocks"]))) == ("Bookward: 10 critical", 10)


def test_after_a_crash_a_bot_looks_whether_its_message_is_there(catcher: Catcher) -> None:
    catcher.answer = workspace = Workspace()
    send(bot(catcher))
    send(bot(catcher), again=True)
    assert len(workspace.posted) == 1
    send(bot(catcher), again=True, delivery="d2")
    assert len(workspace.posted) == 2
    workspace.may_read = False
    send(bot(catcher), again=True)
    assert len(workspace.posted) == 3


@pytest.mark.parametrize(
    ("error", "kind"), [("channel_not_found", AlertRefused), ("internal_error", AlertUndelivered)]
)
def test_what_slack_says_is_told_by_its_code(catcher: Catcher, error: str, kind: type[Exception]) -> None:
    catcher.answer = Workspace(error)
    with pytest.raises(kind, match=error):
        send(bot(catcher))


def test_a_wrong_token_is_refused_and_never_repeated(catcher: Catcher) -> None:
    catcher.answer = Workspace()
    with pytest.raises(AlertRefused, match="invalid_auth") as told:
        send(bot(catcher, "xoxb-other-hunter2"))
    assert "hunter2" not in repr(told.value)


def test_when_slack_has_enough_it_is_asked_later(catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"})
    with pytest.raises(AlertUndelivered) as told:
        send(bot(catcher))
    assert told.value.wait is not None
    assert told.value.wait.total_seconds() == 30


def test_an_incoming_webhook_gets_the_same_blocks(catcher: Catcher) -> None:
    spec = SlackWebhookSpec(type="slack_webhook", webhook_url=f"{catcher.url}/services/T/B/hunter2")
    catcher.answer = lambda _: Reply(200, b"ok", {"Content-Type": "text/plain"})
    send(spec, message(Level.OK))
    (caught,) = catcher.caught
    check_blocks(caught.json()["blocks"])
    assert caught.path == "/services/T/B/hunter2"
    assert caught.json()["text"] == "Well again: invoices, run failed"
    catcher.answer = lambda _: Reply(404, b"no_service", {"Content-Type": "text/plain"})
    with pytest.raises(AlertRefused) as told:
        send(spec)
    assert "hunter2" not in repr(told.value)
