"""Which channel an alert's `type` stands for; one is imported when an alert names it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from bookward.alerts.channels.base import Channel
from bookward.spec.alert import AlertSpec

_CHANNELS: Mapping[str, str] = {
    "email": "email.Email",
    "webhook": "webhook.Webhook",
    "slack": "slack.SlackBot",
    "slack_webhook": "slack.SlackWebhook",
    "pagerduty": "pagerduty.PagerDuty",
    "sms": "sms.Sms",
    "apprise": "apprise.AppriseChannel",
}


def open_channel(name: str, spec: AlertSpec) -> Channel:
    """Return the channel of an alert; nothing is asked yet."""
    module, _, kind = _CHANNELS[spec.type].partition(".")
    opened = getattr(import_module(f"{__package__}.{module}"), kind)
    return cast("Channel", opened(name, spec))
