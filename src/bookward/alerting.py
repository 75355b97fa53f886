"""The verbs of alerts: how everything stands, who is told, whether messages arrive, and what is silenced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bookward.alarming import Alarm
from bookward.alerts.channels.base import Rendered
from bookward.alerts.channels.registry import open_channel
from bookward.alerts.telling import acknowledge, link_to
from bookward.delivering import deliver
from bookward.digesting import Digester, compose
from bookward.digests import Digest
from bookward.errors import AlertUndelivered, BookwardError, NameUnknown
from bookward.ids import new_id, new_token
from bookward.nearest import choose_from
from bookward.recipients import is_there, recipients
from bookward.settings import is_here
from bookward.spec.alert import AlertSpec
from bookward.spec.digest import DigestSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message, Silence, Standing, Subject, Verdict
from bookward.store.outbox import Posted
from bookward.wiring import Wiring

__all__ = ["AlertView", "Alerting", "PostedMessage", "RenderedMessage"]

PostedMessage: TypeAlias = Posted
RenderedMessage: TypeAlias = Rendered

_A_DAY = timedelta(days=1)
_KINDS = ("syncs", "destinations", "sources", "alerts")
_NOT_AGAIN = (
    "It is not sent again by itself. See that the channel is up and that the alert's settings lead to it, "
    "and send it once more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert with what became of its messages lately."""

    slug: str
    type: str
    notify: str
    waiting: int  #: messages that are to be sent, now or later
    last_sent: datetime | None
    trouble: str  #: why the message before the others did not arrive yet; "" where none has failed
    links_to: str | None = None  #: where links in its messages lead; None where there are none

    @property
    def links_open(self) -> str:
        """Where its links can be opened: "everywhere", "here" on the server's own machine, or "nowhere"."""
        if self.links_to is None:
            return "nowhere"
        return "here" if is_here(self.links_to) else "everywhere"


class Alerting:
    """What can be done with the alerts of one project."""

    def __init__(self, wiring: Wiring) -> None:
        """Use the state of ``wiring``; it is opened when it is first needed."""
        self._wiring = wiring
        self._alarm = Alarm(wiring)
        self._digester = Digester(wiring)

    def turn(self) -> None:
        """See what people are to be told of, and tell them; any number of processes may do so at once."""
        with self._wiring.steady():
            if self._is_out_of_sight():
                return
            self._alarm.turn()
            self._digester.turn()
            deliver(self._wiring, self._judge)

    def _is_out_of_sight(self) -> bool:
        """Return whether the folder cannot be looked into now: then nobody is gone from it."""
        project = self._wiring.project
        return not project.documents or any(problem.path == "alerts" for problem in project.problems)

    def list(self) -> Sequence[AlertView]:
        """Return every alert whose file is good, by name."""
        with self._wiring.steady():
            specs = sorted(self._wiring.project.alerts.items())
        return [self._view(slug, spec) for slug, spec in specs]

    def messages(self, alert: str | None = None, limit: int = 50) -> Sequence[Posted]:
        """Return messages, the newest first, with what became of them."""
        return self._wiring.store.outbox.list(alert, limit)

    def preview(self, alert: str, level: Level = Level.CRITICAL) -> Rendered:
        """Return what an alert would be sent of a run that failed, or is well again; nothing is sent.

        Raises:
            NameUnknown, ProjectInvalid: there is no such alert, or its file is broken.
        """
        with self._wiring.steady():
            channel = open_channel(alert, self._spec(alert))
            return channel.render([self._sample(alert, level)], new_token())

    def test(self, alert: str) -> None:
        """Send a test message, at once and whatever is silenced; it has arrived when this returns.

        Raises:
            NameUnknown, ProjectInvalid: there is no such alert, or its file is broken.
            AlertRefused, AlertUndelivered, ExtraMissing: it did not arrive.
        """
        with self._wiring.steady():
            channel = open_channel(alert, self._spec(alert))
            message = replace(self._sample(alert, Level.OK), test=True, said="", run=None, link=None)
            self._at_once(alert, lambda: channel.send([message], new_token(), again=False))

    def digest(self, alert: str | None = None, time: timedelta | None = None) -> Digest:
        """Return what was synced, until now; nothing is sent.

        Args:
            alert: as its digest would tell it; None for all syncs.
            time: for so long; when left out since the alert's last digest, or else for a day.

        Raises:
            NameUnknown, ProjectInvalid: there is no such alert, or its file is broken.
        """
        with self._wiring.steady():
            said = self._spec(alert).digest if alert is not None else None
            until, since = self._wiring.clock.now(), None
            if alert is not None and time is None:
                since = self._wiring.store.digests.since(alert)
            since = since or until - (time or _A_DAY)
            return compose(self._wiring, since, until, said or DigestSpec(), alert=alert or "")

    def render_digest(self, digest: Digest) -> Rendered:
        """Return what the alert of a digest would be sent; see ``digest``."""
        with self._wiring.steady():
            return open_channel(digest.alert, self._spec(digest.alert)).render_digest(digest, new_token())

    def send_digest(self, digest: Digest) -> None:
        """Send a digest to its alert, at once; it has arrived when this returns.

        The digests that are sent by themselves know nothing of it.

        Raises:
            NameUnknown, ProjectInvalid: there is no such alert, or its file is broken.
            AlertRefused, AlertUndelivered, ExtraMissing: it did not arrive.
        """
        with self._wiring.steady():
            channel = open_channel(digest.alert, self._spec(digest.alert))
            self._at_once(digest.alert, lambda: channel.send_digest(digest, new_token(), again=False))

    def states(self, *, well: bool = False) -> Sequence[Standing]:
        """Return everything that is not well, the worst first; with ``well``, also what is well again.

        What is deleted has no state any more, also before its recipients are told that it is over.
        """
        found = self._wiring.store.standings.list(all_=well)
        with self._wiring.steady():
            if self._is_out_of_sight():
                return found
            project = self._wiring.project
            return [one for one in found if is_there(project, one.subject)]

    def silences(self) -> Sequence[Silence]:
        """Return what nobody wants to hear of now."""
        now = self._wiring.clock.now()
        found = self._wiring.store.standings.silences()
        return [one for one in found if one.until is None or one.until > now]

    def silence(
        self, subject: Subject, who: str, *, trigger: Trigger | None = None, time: timedelta | None = None
    ) -> Silence:
        """Hold back what is to be told of a subject: for some time, or until it is wanted again.

        PagerDuty is told that somebody sees to what is not well now. States go on all the same.
        What is over before the silence is, is not told at all.

        Args:
            subject: a sync, destination, source or alert.
            who: does so.
            trigger: only this one.
            time: how long; None until ``unsilence``.

        Raises:
            NameUnknown: the project has no such thing.
        """
        self._require(subject)
        now = self._wiring.clock.now()
        until = now + time if time is not None else None
        silence = Silence(subject=subject, trigger=trigger, until=until, by=who, at=now)
        told = recipients(self._wiring.project, subject)
        with self._wiring.store.standings.changing() as changing:
            changing.silence(silence)
            for one in changing.not_well():
                if silence.covers(one.subject, one.trigger, now):
                    acknowledge(changing, one, who, now, told)
        return silence

    def unsilence(self, subject: Subject, trigger: Trigger | None = None) -> None:
        """End a silence; what it held back is told, unless it is over.

        Raises:
            NameUnknown: there is none.
        """
        if not self._wiring.store.standings.end_silence(subject, trigger, self._wiring.clock.now()):
            raise NameUnknown(
                f"Nothing is silenced of {subject}{f', {trigger}' if trigger else ''}.",
                remedy="`bookward alert state` lists what is.",
            )

    def _at_once(self, alert: str, send: Callable[[], None]) -> None:
        try:
            send()
        except AlertUndelivered as error:
            raise AlertUndelivered(error.message, wait=error.wait, remedy=_NOT_AGAIN) from None
        except BookwardError:
            raise
        except Exception as error:  # noqa: BLE001  a stranger's library; its words may hold secrets
            failed = f"Alert {alert!r} failed with {type(error).__name__}."
            raise AlertUndelivered(failed, remedy=_NOT_AGAIN) from None
        subject = Subject("alerts", alert)
        self._judge(Verdict(subject=subject, trigger=Trigger.ALERT_UNDELIVERED, level=Level.OK))

    def _judge(self, verdict: Verdict) -> None:
        self._alarm.judge([verdict], self._wiring.clock.now())

    def _spec(self, alert: str) -> AlertSpec:
        spec: AlertSpec = self._wiring.named("alerts", alert)
        return spec

    def _view(self, slug: str, spec: AlertSpec) -> AlertView:
        outbox = self._wiring.store.outbox
        posted = outbox.open(slug) if self._wiring.has_state else []
        failed = (one.said for one in posted if one.attempts and one.said)
        return AlertView(
            slug=slug,
            type=spec.type,
            notify=spec.notify,
            waiting=len(posted),
            last_sent=outbox.last_sent(slug),
            trouble=next(failed, ""),
            links_to=self._wiring.settings.url,
        )

    def _require(self, subject: Subject) -> None:
        with self._wiring.steady():
            project = self._wiring.project
            if subject.kind not in _KINDS:
                raise NameUnknown(
                    f"There is no kind {subject.kind!r}.", remedy=choose_from(subject.kind, _KINDS)
                )
            if not is_there(project, subject):
                known = getattr(project, subject.kind)
                said = f"There is no {subject.kind.removesuffix('s')} {subject.slug!r}."
                raise NameUnknown(said, remedy=choose_from(subject.slug, known))

    def _sample(self, alert: str, level: Level) -> Message:
        now = self._wiring.clock.now()
        sync = min(self._wiring.project.syncs, default="invoices")
        subject, run = Subject("syncs", sync), new_id(now)
        return Message(
            id=f"{run}-{alert}",
            alert=alert,
            level=level,
            actual=level,
            before=Level.OK if level is not Level.OK else Level.CRITICAL,
            subject=subject,
            trigger=Trigger.RUN_FAILED,
            said=f"Sync {sync!r} failed: this is what such a message looks like.",
            remedy="Nothing: it is an example.",
            at=now,
            began=now - timedelta(minutes=90) if level is Level.OK else now,
            episode=f"example@{subject}@{new_token()}",
            run=run,
            link=link_to(self._wiring.settings.url, subject, run),
        )
