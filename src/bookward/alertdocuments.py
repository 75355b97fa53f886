"""What the command line and the API print of alerts: records as plain documents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bookward.app import AlertView, PostedMessage, RenderedMessage
from bookward.digests import Digest
from bookward.standings import Level, Silence, Standing


def alert_document(view: AlertView) -> dict[str, Any]:
    """Return an alert with what became of its messages lately."""
    return {
        "alert": view.slug,
        "type": view.type,
        "notify": view.notify,
        "waiting": view.waiting,
        "last_sent": view.last_sent,
        "trouble": view.trouble,
        "links_to": view.links_to,
        "links_open": view.links_open,
    }


def standing_document(one: Standing) -> dict[str, Any]:
    """Return what is not well."""
    return {
        "subject": str(one.subject),
        "trigger": one.trigger.value,
        "level": one.level.value,
        "since": one.since,
        "began": one.began,
        "episode": one.episode,
        "message": one.said,
        "remedy": one.remedy,
        "run": one.run,
    }


def silence_document(one: Silence) -> dict[str, Any]:
    """Return what nobody wants to hear of."""
    return {
        "subject": str(one.subject),
        "trigger": one.trigger.value if one.trigger else None,
        "until": one.until,
        "by": one.by,
        "at": one.at,
    }


def message_document(one: PostedMessage) -> dict[str, Any]:
    """Return a message with what became of it."""
    message = one.message
    if isinstance(message, Digest):
        about = {
            "subject": f"alerts/{message.alert}",
            "trigger": "digest",
            "level": Level.OK.value,
            "at": message.until,
            "run": None,
        }
    else:
        about = {
            "subject": str(message.subject),
            "trigger": message.trigger.value,
            "level": message.level.value,
            "at": message.at,
            "run": message.run,
        }
    return {
        "id": message.id,
        "alert": message.alert,
        **about,
        "state": one.state.value,
        "not_before": one.not_before,
        "attempts": one.attempts,
        "sent_at": one.sent_at,
        "said": one.said,
    }


def digest_document(digest: Digest) -> dict[str, Any]:
    """Return what was synced in some time, money as the numbers that they are."""
    return asdict(digest)


def rendered_document(one: RenderedMessage) -> dict[str, Any]:
    """Return what would be sent."""
    return {"subject": one.subject, "text": one.text, "html": one.html, "document": one.document}
