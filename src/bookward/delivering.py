"""Sends the messages that wait: each once, in order, and again where a channel could not take it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from bookward.alerts.channels.base import Channel
from bookward.alerts.channels.registry import open_channel
from bookward.alerts.quiet import held_until
from bookward.digests import Digest
from bookward.errors import AlertUndelivered, BookwardError
from bookward.failpoints import failpoint
from bookward.ids import new_token
from bookward.spec.alert import AlertSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message, Subject, Verdict
from bookward.store.outbox import MessageState, Posted
from bookward.wiring import Wiring

_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900, 3600))
_GIVEN_UP = timedelta(days=1)
_DEAD_AFTER = 3  # attempts; one that is refused is not tried before somebody is told
REST = timedelta(minutes=1)
"""After a sending, what comes is gathered for so long where a channel takes several messages at once."""


def deliver(wiring: Wiring, judge: Callable[[Verdict], None]) -> None:
    """Send what is to be sent now; any number of processes may do so at once.

    Args:
        wiring: of the project.
        judge: is told whether each alert can be delivered.
    """
    for slug in wiring.store.outbox.recipients(wiring.clock.now()):
        with wiring.store.locks.if_free_everywhere(f"alert-{slug}") as mine:
            if mine:
                _Delivery(wiring, slug, judge).work()


class _Delivery:
    """What is to be sent to one recipient; its lock is held by the caller."""

    def __init__(self, wiring: Wiring, slug: str, judge: Callable[[Verdict], None]) -> None:
        self._wiring = wiring
        self._slug = slug
        self._judge = judge
        self._outbox = wiring.store.outbox

    def work(self) -> None:
        spec = self._wiring.project.alerts.get(self._slug)
        posted = self._outbox.open(self._slug)
        if spec is None:
            self._without_file(posted)
            return
        channel = open_channel(self._slug, spec)
        now = self._wiring.clock.now()
        for batch in _begun(posted):
            due = batch[0].state is MessageState.SENDING or batch[0].not_before <= now
            if due and not self._send(channel, batch, again=True):
                return
        for one in posted:
            new = isinstance(one.message, Digest) and one.delivery is None
            if new and not self._send(channel, [one], again=False):
                return
        for batch in self._batches(posted, spec, channel.together):
            if not self._send(channel, batch, again=False):
                return

    def _batches(
        self, posted: Sequence[Posted], spec: AlertSpec, together: int
    ) -> Iterator[Sequence[Posted]]:
        """Yield what is due, in order; of one subject and trigger nothing overtakes what came before it."""
        now = self._wiring.clock.now()
        due: list[Posted] = []
        behind = set[tuple[Subject, Trigger]]()
        for one in posted:
            if isinstance(one.message, Digest):
                continue  # it has a time of its own, and is about everything
            about = (one.message.subject, one.message.trigger)
            if one.delivery is not None:
                if one.not_before > now:
                    behind.add(about)  # it failed, and is not tried again yet
                continue
            if about in behind or one.not_before > now or self._is_held(one, one.message, spec, now):
                behind.add(about)
            else:
                due.append(one)
        if due and together > 1:
            last = self._outbox.last_sent(self._slug)
            if last is not None and timedelta() <= now - last < REST:
                self._outbox.postpone(due, last + REST)
                return
        for place in range(0, len(due), together):
            yield due[place : place + together]

    def _is_held(self, one: Posted, message: Message, spec: AlertSpec, now: datetime) -> bool:
        if message.acknowledged_by:
            return False
        silences = self._wiring.store.standings.silences()
        until = held_until(spec.quiet_hours, silences, message.subject, message.trigger, message.weight, now)
        if until is not None:
            self._outbox.hold([one], until)
        return until is not None

    def _send(self, channel: Channel, batch: Sequence[Posted], *, again: bool) -> bool:
        """Send messages as one; return whether they have arrived."""
        delivery = batch[0].delivery or new_token()
        self._outbox.begin(batch, delivery)
        failpoint("before-alert-sent")
        try:
            _hand_over(channel, batch, delivery, again=again)
        except BookwardError as error:
            self._failed(batch, error)
            return False
        except Exception as error:  # noqa: BLE001  a stranger's library; its words may hold secrets
            self._failed(batch, AlertUndelivered(f"Alert {self._slug!r} failed with {type(error).__name__}."))
            return False
        failpoint("after-alert-sent")
        self._outbox.sent(batch, self._wiring.clock.now())
        self._judge(self._verdict(Level.OK))
        return True

    def _failed(self, batch: Sequence[Posted], error: BookwardError) -> None:
        now = self._wiring.clock.now()
        attempts = max(one.attempts for one in batch) + 1
        if now - min(_time_of(one) for one in batch) > _GIVEN_UP and attempts > len(_WAITS):
            self._outbox.give_up(batch, error.message)
        else:
            said = error.wait if isinstance(error, AlertUndelivered) else None
            wait = said or _WAITS[min(attempts, len(_WAITS)) - 1]
            self._outbox.postpone(batch, now + wait, error.message)
        if attempts >= _DEAD_AFTER or not isinstance(error, AlertUndelivered):
            self._judge(self._verdict(Level.CRITICAL, error))

    def _without_file(self, posted: Sequence[Posted]) -> None:
        waiting = [one for one in posted if one.not_before <= self._wiring.clock.now()]
        if ("alerts", self._slug) in self._wiring.project.documents:
            until = self._wiring.clock.now() + _WAITS[2]
            self._outbox.postpone(waiting, until, "The file of the alert is wrong.")
        else:
            self._outbox.give_up(posted, "The alert is gone.", MessageState.DROPPED)

    def _verdict(self, level: Level, error: BookwardError | None = None) -> Verdict:
        return Verdict(
            subject=Subject("alerts", self._slug),
            trigger=Trigger.ALERT_UNDELIVERED,
            level=level,
            said=error.message if error else "",
            remedy=error.remedy if error else "",
        )


def _hand_over(channel: Channel, batch: Sequence[Posted], delivery: str, *, again: bool) -> None:
    """Give a channel what goes together: one digest, or messages."""
    digests = [one.message for one in batch if isinstance(one.message, Digest)]
    if digests:
        channel.send_digest(digests[0], delivery, again=again)
    else:
        messages = [one.message for one in batch if isinstance(one.message, Message)]
        channel.send(messages, delivery, again=again)


def _time_of(one: Posted) -> datetime:
    return one.message.until if isinstance(one.message, Digest) else one.message.at


def _begun(posted: Sequence[Posted]) -> Iterator[Sequence[Posted]]:
    """Yield what was sent before, as it went together: by a process that died, or without success."""
    begun: dict[str, list[Posted]] = {}
    for one in posted:
        if one.delivery is not None:
            begun.setdefault(one.delivery, []).append(one)
    yield from begun.values()
