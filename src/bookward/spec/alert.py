"""An alert: where people are told that something is wrong, and that it is well again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.spec.base import Spec, as_list
from bookward.spec.digest import DigestSpec
from bookward.spec.schedule import TimeOfDay, Zone
from bookward.spec.triggers import Trigger, Triggers

Slugs: TypeAlias = Annotated[
    list[str],
    BeforeValidator(as_list, json_schema_input_type=str | list[str]),
    Field(default_factory=list),
]
_Addresses: TypeAlias = Annotated[
    list[Annotated[str, Field(min_length=3, max_length=320)]],
    BeforeValidator(as_list, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
_Seconds: TypeAlias = Annotated[float, Field(gt=0, le=60)]


class Alerting(Spec):
    """What the project, a destination and a sync say alike of whom to tell what."""

    alerts: Slugs
    """Slugs of the alerts that are told; those of the project, of the destination and of the sync add up."""
    triggers: Annotated[Triggers, Field(default_factory=Triggers)]
    """What they are told of, and from where on."""


class QuietHours(Spec):
    """Times in which nobody is told of what can wait."""

    begin: TimeOfDay
    """When they begin, such as `"22:00"`."""
    end: TimeOfDay
    """When they end, such as `"07:00"`; the next day, where that is before they begin."""
    days: (
        Annotated[
            list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
            BeforeValidator(as_list, json_schema_input_type=str | list[str]),
            Field(min_length=1),
        ]
        | None
    ) = None
    """The days on which they begin; all when left out."""
    timezone: Zone = "UTC"
    """The time zone of both."""
    critical: Literal["send", "hold"] = "send"
    """What is critical: `send` it all the same, or `hold` it until they end like everything else."""

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.begin == self.end:
            raise ValueError("Quiet hours do not end when they begin. To hear nothing, remove the alert")
        return self


class AlertSpec(Spec):
    """Where people are told that something is wrong, and that it is well again."""

    acknowledges: ClassVar[bool] = False
    """Whether the channel wants to know that a person has seen to something."""
    type: str
    """Which channel this is, for example `email`."""
    notify: Literal["warning", "critical"] = "warning"
    """`warning`: told of everything. `critical`: only of what is critical, and when it is over."""
    triggers: Annotated[
        list[Trigger] | None,
        BeforeValidator(as_list, json_schema_input_type=Trigger | list[Trigger] | None),
        Field(min_length=1),
    ] = None
    """Only told of these; of all when left out."""
    quiet_hours: Annotated[list[QuietHours], Field(default_factory=list)]
    """Times in which what can wait is held back. What is over by their end is not told at all."""
    digest: DigestSpec | None = None
    """Told at certain times what was synced, whether anything is wrong or not."""
    timeout: _Seconds = 10
    """So many seconds an attempt may take."""
    title: str = ""
    """Its name for people, where that is not the slug."""
    description: str = ""
    """For people; Bookward does not read it."""


class EmailSpec(AlertSpec):
    """An e-mail by SMTP, as HTML and as plain text."""

    type: Literal["email"]
    """E-mail."""
    host: str
    """The mail server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Its port; when left out 587 with `starttls`, 465 with `tls`, 25 with `none`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is protected: `starttls` (refused where the server does not offer it), `tls` from
    the first byte, or `none`, which sends no password."""
    user: str | None = None
    """Who signs in there, where that is needed."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    sender: str
    """The address that it comes from, such as `Bookward <bookward@example.com>`."""
    to: _Addresses
    """The addresses that it goes to."""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password stand together")
        if self.password is not None and self.security == "none":
            raise ValueError("A password is not sent without encryption. Use security: starttls or tls")
        return self


class WebhookSpec(AlertSpec):
    """A request with a JSON document for a program of your own, signed with HMAC-SHA256."""

    type: Literal["webhook"]
    """Webhook."""
    url: SecretStr
    """Where your program listens; each message is a POST request to it. Such an address often holds a key, so
    it is kept like a password."""
    secret: SecretStr
    """What both sides sign with, as `${NAME}`."""


class SlackSpec(AlertSpec):
    """A message of a Slack bot, with a button that leads to the run."""

    type: Literal["slack"]
    """Slack."""
    token: SecretStr
    """The bot's token (`xoxb-...`), as `${NAME}`; it needs the scope `chat:write`."""
    channel: str
    """Id or name of the channel that the bot is in."""
    api_url: str = "https://slack.com/api/"
    """Where Slack's API is reached."""


class SlackWebhookSpec(AlertSpec):
    """A message by way of an incoming webhook of Slack, with a button that leads to the run."""

    type: Literal["slack_webhook"]
    """Slack, by an incoming webhook."""
    webhook_url: SecretStr
    """The webhook's address, as `${NAME}`: whoever has it may write there."""


class PagerDutySpec(AlertSpec):
    """One incident of PagerDuty for each episode, resolved when it is over (Events API v2)."""

    acknowledges: ClassVar[bool] = True
    type: Literal["pagerduty"]
    """PagerDuty."""
    routing_key: SecretStr
    """The integration key of the service, as `${NAME}`."""
    url: str = "https://events.pagerduty.com/v2/enqueue"
    """Where events are sent; `https://events.eu.pagerduty.com/v2/enqueue` in the EU service region."""


class SmsSpec(AlertSpec):
    """A text message by Twilio."""

    type: Literal["sms"]
    """SMS."""
    account: str
    """The SID of the account (`AC...`)."""
    token: SecretStr
    """Its auth token, as `${NAME}`."""
    sender: str
    """The number that it comes from, as `+6421...`, or the SID of a messaging service (`MG...`)."""
    to: _Addresses
    """The numbers that it goes to, as `+6421...`."""
    api_url: str = "https://api.twilio.com"
    """Where Twilio's API is reached."""


class AppriseSpec(AlertSpec):
    """Any service that Apprise knows: Microsoft Teams, Telegram, Discord, Matrix, ntfy and many more."""

    type: Literal["apprise"]
    """Apprise."""
    secret_url: SecretStr
    """The service as Apprise writes it, such as `tgram://...`, as `${NAME}`."""


ALERT_SPECS: Mapping[str, type[AlertSpec]] = {
    "email": EmailSpec,
    "webhook": WebhookSpec,
    "slack": SlackSpec,
    "slack_webhook": SlackWebhookSpec,
    "pagerduty": PagerDutySpec,
    "sms": SmsSpec,
    "apprise": AppriseSpec,
}
"""Every channel by the name that stands under `type`."""
