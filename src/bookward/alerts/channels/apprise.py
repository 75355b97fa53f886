"""Whatever else Apprise can reach."""

from __future__ import annotations

from collections.abc import Sequence

from bookward import digestwords
from bookward.alerts.channels.base import Rendered, missing, unreachable
from bookward.alerts.rendering import headline, text
from bookward.digests import Digest
from bookward.errors import AlertRefused
from bookward.spec.alert import AppriseSpec
from bookward.standings import Level, Message


class AppriseChannel:
    """One recipient by a service of Apprise, which cannot tell a message that is sent twice."""

    together = 20

    def __init__(self, name: str, spec: AppriseSpec) -> None:
        self._name = name
        self._spec = spec

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        return Rendered(subject=headline(messages), text=text(messages))

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        worst = max((message.level for message in messages), key=lambda level: level.rank)
        self._notify(headline(messages), text(messages), worst)

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        return Rendered(subject=digestwords.headline(digest), text=digestwords.text(digest))

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        self._notify(digestwords.headline(digest), digestwords.text(digest), None)

    def _notify(self, title: str, said: str, level: Level | None) -> None:
        """Send a text; without a level it is neither good nor bad."""
        try:
            from apprise import Apprise, NotifyFormat, NotifyType
        except ImportError:
            raise missing("apprise") from None
        kinds = {
            None: NotifyType.INFO,
            Level.OK: NotifyType.SUCCESS,
            Level.WARNING: NotifyType.WARNING,
            Level.CRITICAL: NotifyType.FAILURE,
        }
        service = Apprise()
        if not service.add(self._spec.secret_url.get_secret_value()):
            raise AlertRefused(
                f"The address of alert {self._name!r} is none that Apprise knows.",
                remedy="See Apprise's documentation for how the address of the service is written.",
            )
        arrived = service.notify(
            title=title,
            body=said,
            notify_type=kinds[level],
            body_format=NotifyFormat.TEXT,
        )
        if not arrived:
            raise unreachable(self._name, "Apprise could not deliver the message")
