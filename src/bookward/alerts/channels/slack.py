"""Slack, by a bot or by an incoming webhook: Block Kit, with a button that leads to the run.

Source: Slack, Block Kit: a message has at most 50 blocks, a header at most 150 characters, a section 3,000.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, missing, refusal, unreachable
from bookward.alerts.rendering import facts, headline, lines, text, title
from bookward.digests import Digest
from bookward.errors import AlertRefused, AlertUndelivered, BookwardError
from bookward.spec.alert import SlackSpec, SlackWebhookSpec
from bookward.standings import Level, Message

_SIGNS = {Level.OK: ":large_green_circle:", Level.WARNING: ":warning:", Level.CRITICAL: ":red_circle:"}
_HEADER, _SECTION = 150, 3_000
_MAY_PASS = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"}
_EVENT = "bookward_alert"
_FENCE = "```"


class _Slack:
    together = 10  # of at most four blocks each

    def __init__(self, name: str, spec: Any) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        return Rendered(
            subject=headline(messages), text=text(messages), document={"blocks": blocks(messages)}
        )

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        said, document = digestwords.text(digest), {"blocks": digest_blocks(digest)}
        return Rendered(subject=digestwords.headline(digest), text=said, document=document)

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        self._post(headline(messages), blocks(messages), delivery, again=again)

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        self._post(digestwords.headline(digest), digest_blocks(digest), delivery, again=again)

    def _post(self, said: str, parts: list[dict[str, Any]], delivery: str, *, again: bool) -> None:
        raise NotImplementedError


class SlackBot(_Slack):
    """One channel that a bot writes to.

    Every message carries the id of its delivery as metadata. After a crash the channel's newest messages are
    looked at first, where the bot may read them (`channels:history`); where it may not, the message is sent
    again.
    """

    _spec: SlackSpec

    def _post(self, said: str, parts: list[dict[str, Any]], delivery: str, *, again: bool) -> None:
        try:
            from slack_sdk import WebClient
            from slack_sdk.errors import SlackApiError
        except ImportError:
            raise missing("slack") from None
        spec = self._spec
        client = WebClient(
            spec.token.get_secret_value(), base_url=spec.api_url, timeout=max(1, int(spec.timeout))
        )
        try:
            if again and _is_there(client, spec.channel, delivery):
                return
            client.chat_postMessage(
                channel=spec.channel,
                text=_plain(said),
                blocks=parts,
                metadata={"event_type": _EVENT, "event_payload": {"delivery": delivery}},
                unfurl_links=False,
            )
        except SlackApiError as error:
            raise self._told(error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise unreachable(self._name, type(error).__name__) from None

    def _told(self, error: Any) -> BookwardError:
        status, headers = error.response.status_code, error.response.headers
        if status != 200:
            retry_after = next(
                (value for name, value in headers.items() if name.lower() == "retry-after"), None
            )
            return refusal(self._name, status, retry_after)
        code = str(error.response.get("error", "unknown"))
        said = f"Slack does not take what alert {self._name!r} sends: {code}."
        return AlertUndelivered(said) if code in _MAY_PASS else AlertRefused(said)


class SlackWebhook(_Slack):
    """One channel that an incoming webhook leads to; Slack cannot tell a message that is sent twice."""

    _spec: SlackWebhookSpec

    def _post(self, said: str, parts: list[dict[str, Any]], delivery: str, *, again: bool) -> None:
        try:
            from slack_sdk.webhook import WebhookClient
        except ImportError:
            raise missing("slack_webhook") from None
        spec = self._spec
        client = WebhookClient(spec.webhook_url.get_secret_value(), timeout=max(1, int(spec.timeout)))
        try:
            answer = client.send(text=_plain(said), blocks=parts)
        except (OSError, HTTPException, ValueError) as error:
            raise unreachable(self._name, type(error).__name__) from None
        if answer.status_code != 200:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            raise refusal(self._name, answer.status_code, headers.get("retry-after"))


def _is_there(client: Any, channel: str, delivery: str) -> bool:
    from slack_sdk.errors import SlackApiError

    try:
        found = client.conversations_history(channel=channel, limit=50, include_all_metadata=True)
    except SlackApiError:
        return False  # it may not look: better told twice than never
    payloads = (one.get("metadata", {}).get("event_payload", {}) for one in found.get("messages", ()))
    return any(payload.get("delivery") == delivery for payload in payloads)


def blocks(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return messages as Block Kit has them."""
    return [block for message in messages for block in _blocks(message)]


def digest_blocks(digest: Digest) -> list[dict[str, Any]]:
    """Return a digest as Block Kit has it: each of its tables in letters of one width, so far as it fits."""
    parts = [_header(digestwords.headline(digest)), _context(digestwords.period(digest))]
    for section in digestwords.sections(digest):
        said = f"*{section.title}*"
        if lines := list(digestwords.table(section)):
            said += f"\n{_FENCE}{_fitting(lines)}{_FENCE}"
        parts.append({"type": "section", "text": {"type": "mrkdwn", "text": said}})
        if section.notes:
            parts.append(_context(" ".join(section.notes)))
    if digest.link:
        parts.append(_button("Show it in Bookward", digest.link))
    return parts


def _fitting(lines: Sequence[str]) -> str:
    """Return as many lines as a section has room for, and how many there are beside them."""
    kept, room = list[str](), _SECTION - 200
    for line in lines:
        plain = _plain(line.replace(_FENCE, "'''"))
        room -= len(plain) + 1
        if room < 0:
            kept.append(f"and {len(lines) - len(kept):,} more")
            break
        kept.append(plain)
    return "\n".join(kept)


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    yield _header(f"{_SIGNS[message.level]} {title(message)}")
    said = "\n".join(lines(message))
    yield {"type": "section", "text": {"type": "mrkdwn", "text": _escaped(said)}}
    if message.link:
        yield _button("Show the run" if message.run else "Show it in Bookward", message.link)
    if known := " · ".join(f"{name}: {value}" for name, value in facts(message)):
        yield _context(known)


def _header(said: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(said, _HEADER)}}


def _context(said: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _escaped(said)}]}


def _button(said: str, url: str) -> dict[str, Any]:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": said},
        "url": url,
        "action_id": "show",
    }
    return {"type": "actions", "elements": [button]}


def _escaped(said: str) -> str:
    """Return text of which Slack takes nothing for a mention, a link or an entity."""
    return _cut(_plain(said), _SECTION)


def _plain(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else said[: most - 1] + "…"
