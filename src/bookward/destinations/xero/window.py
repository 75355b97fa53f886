"""What is known about an organisation's present minute: how many calls are left, and when it is over.

Xero counts calls in windows of sixty seconds whose beginning it does not tell. Source: Xero, Limits. Two
facts give it away: within one window each answer says fewer calls left than the one before, so a figure that
does not fall belongs to a new window; and a window that an answer belongs to is over sixty seconds after that
answer came, at the latest. Nothing in here waits or looks at a clock: moments are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

PERIOD = timedelta(seconds=60)
IN_FLIGHT = 5
"""Calls that Xero allows at the same time. Source: Xero, Limits."""

_PEEK = timedelta(seconds=2)
"""So long before a window must be over, one call that was held back looks whether it is over already."""
_RESERVE = 1
"""Calls of a minute that are left alone, for what else may use the same count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A call on its way, and what was known when it left."""

    at: datetime
    window: int
    left: int | None


class MinuteWindow(msgspec.Struct):
    """The present window of one organisation; all processes that call it share one, as a text."""

    left: int | None = None  #: calls left as last said, None when nothing was said in this window
    over_by: datetime | None = None  #: the window is over then, if not earlier
    heard: bool = False  #: anything was said at all
    _number: int = 0
    _said: set[int] = msgspec.field(default_factory=set)  # figures heard in this window
    _most: int = 0  # the highest figure ever heard
    _since: datetime | None = None  # when the first call of this window left
    _began: datetime | None = None  # when this window was known to have begun
    _regular: bool = False  # windows follow each other without gaps, whatever is sent
    _irregular: bool = False  # proven not to

    @classmethod
    def read(cls, text: str, ahead: timedelta = timedelta()) -> MinuteWindow:
        """Return a window that was written down, by a clock that is ``ahead`` of the present one."""
        window = msgspec.json.decode(text, type=cls)
        if ahead > timedelta():
            for name in ("over_by", "_since", "_began"):
                moment = getattr(window, name)
                setattr(window, name, moment - ahead if moment else None)
        return window

    def text(self) -> str:
        """Return the window written down."""
        return msgspec.json.encode(self).decode()

    def admits(self, now: datetime, in_flight: int) -> bool:
        """Say whether a call may leave now, beside those in flight, without tripping the limit."""
        self._pass_over(now)
        if not self.heard:
            return in_flight == 0  # one call finds out where we stand
        return self.left is None or self.left - in_flight > self._floor(now)

    def opens(self, now: datetime) -> datetime:
        """Return the moment at which it is worth asking again, when no call is in flight."""
        if self.over_by is None:
            return now + PERIOD
        peek = self.over_by - _PEEK
        return peek if now < peek and not self._settled and self.left == _RESERVE + 1 else self.over_by

    def send(self, now: datetime) -> Sent:
        """Note that a call leaves."""
        self._since = self._since or now
        return Sent(at=now, window=self._number, left=self.left)

    def hear(self, sent: Sent, said: int | None, received: datetime, *, counted: bool) -> None:
        """Learn from an answer.

        Args:
            said: how many calls the answer says are left, None when it does not.
            counted: Xero surely counted the call; refused calls may not have been.
        """
        self.heard = True
        if said is None:
            return
        self._most = max(self._most, said)
        if sent.window != self._number:
            self._late(said)
            return
        if self._turned(sent, said, counted):
            self._prove_regular(received)
            self._turn(received, since=sent.at)
        self._note(said, received)

    def overhear(self, said: int, at: datetime, now: datetime) -> None:
        """Learn what was said at a moment in the past, of which no more is known."""
        if now - at >= PERIOD or (self._began is not None and at < self._began):
            return
        self.heard = True
        if self.left is not None and said > self.left + IN_FLIGHT:
            self._turn(at, since=at)
        self._note(said, at)

    def refused(self, until: datetime) -> None:
        """Learn from a call that was refused because of this limit."""
        self.heard = True
        self.left = 0
        self.over_by = until
        # Either others use the same count, or the windows are not what we took them for: stay safe.
        self._regular, self._irregular = False, True

    def _floor(self, now: datetime) -> int:
        peeking = self.over_by is not None and now < self.over_by - _PEEK and not self._settled
        return _RESERVE + 1 if peeking else _RESERVE

    @property
    def _settled(self) -> bool:
        return self._regular or self._irregular

    def _turned(self, sent: Sent, said: int, counted: bool) -> bool:
        if not counted:
            return sent.left is not None and said > sent.left
        return said in self._said or (sent.left is not None and said >= sent.left)

    def _prove_regular(self, received: datetime) -> None:
        # A window that our own first call had begun could not be over within its sixty seconds.
        ours = bool(self._said) and max(self._said) == self._most
        if ours and self._since is not None and received < self._since + PERIOD and not self._irregular:
            self._regular = True

    def _pass_over(self, now: datetime) -> None:
        if self.over_by is None or now < self.over_by:
            return
        over_by = self.over_by
        self._turn(over_by, since=None)
        if self._regular:
            self.over_by = over_by + PERIOD * ((now - over_by) // PERIOD + 1)

    def _turn(self, began: datetime, since: datetime | None) -> None:
        self._number += 1
        self._said = set()
        self._since = since
        self._began = began
        self.left = None
        self.over_by = None

    def _note(self, said: int, received: datetime) -> None:
        self._said.add(said)
        self.left = said if self.left is None else min(self.left, said)
        if self.over_by is None:
            self.over_by = received + PERIOD

    def _late(self, said: int) -> None:
        """Take over what fits this window from an answer to a call that left in the one before."""
        if self.left is not None and 0 < self.left - said <= IN_FLIGHT:
            self.left = said
