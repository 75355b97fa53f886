"""Which channel an alert's `type` stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bookward.alerts.channels.apprise import AppriseChannel
from bookward.alerts.channels.base import Channel
from bookward.alerts.channels.email import Email
from bookward.alerts.channels.pagerduty import PagerDuty
from bookward.alerts.channels.slack import SlackBot, SlackWebhook
from bookward.alerts.channels.sms import Sms
from bookward.alerts.channels.webhook import Webhook
from bookward.spec.alert import AlertSpec

_CHANNELS: Mapping[str, Callable[[str, Any], Channel]] = {
    "email": Email,
    "webhook": Webhook,
    "slack": SlackBot,
    "slack_webhook": SlackWebhook,
    "pagerduty": PagerDuty,
    "sms": Sms,
    "apprise": AppriseChannel,
}


def open_channel(name: str, spec: AlertSpec) -> Channel:
    """Return the channel of an alert; nothing is asked yet."""
    return _CHANNELS[spec.type](name, spec)
