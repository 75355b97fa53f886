"""Sends one written-down batch until there is a whole answer, under one key and while that key lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from bookward.clock import Clock, age
from bookward.destinations.xero.batching import Batch, BatchSize
from bookward.destinations.xero.client import Answer, Unavailable, XeroClient
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pauses import Pauses
from bookward.errors import AnswerLost
from bookward.failpoints import failpoint
from bookward.ports import Journal
from bookward.records import Intent, Operation

KEY_LIFE = timedelta(minutes=6)
"""How long Xero repeats its first answer to a key, errors too. Source: Xero, Idempotent requests."""

DEADLINE = timedelta(seconds=30)
"""After so long a request that nobody waits for any more can no longer be at work."""

_PAUSES = (1.0, 5.0, 15.0)
_SETTLING = timedelta(seconds=2)
_GATEWAY_ERRORS = (502, 504)


@dataclass(kw_only=True)
class Letter:
    """A batch on its way, and what is known about its fate."""

    intent: Intent
    operations: Sequence[Operation]
    sendings: int = 1  #: under how many keys its rows have been sent, this one included
    doubtful: bool = False  #: it may have been booked
    resumed: bool = False  #: written down by an earlier process: what is not booked is not sent any more
    landed_by: float = 0.0  #: nothing is read back before this uptime, in seconds


def write_letter(run: str, batch: Batch, clock: Clock, sendings: int = 1) -> Letter:
    """Return a batch with a key of its own, ready to be journalled."""
    name = uuid4().hex
    intent = Intent(
        batch=name,
        run=run,
        seqs=tuple(operation.seq for operation in batch.operations),
        method=batch.method,
        path=batch.path,
        body=batch.body,
        idempotency_key=name,
        at=clock.now(),
        uptime=clock.uptime(),
    )
    return Letter(intent=intent, operations=batch.operations, sendings=sendings)


@dataclass(kw_only=True)
class Post:
    """Carries letters to Xero; used by several threads."""

    client: XeroClient
    clock: Clock
    pauses: Pauses
    journal: Journal
    run: str
    kind: XeroObject
    size: BatchSize
    patience: timedelta = timedelta(minutes=2)  #: how long the client may wait for limits before it sends

    def taken_up(self, intent: Intent, operations: Sequence[Operation]) -> Letter:
        """Return a batch that a process which is no more wrote down, and may have sent until a moment ago.

        It has sent nothing once its patience was over or the key was dead, and nothing since this process
        took its sync over.
        """
        passed = age(self.clock, intent.at, intent.uptime)
        latest = max(KEY_LIFE, self.patience + DEADLINE)
        left = DEADLINE if passed is None else min(DEADLINE, max(latest - passed, timedelta()))
        landed_by = self.clock.uptime().seconds + left.total_seconds()
        return Letter(intent=intent, operations=operations, doubtful=True, resumed=True, landed_by=landed_by)

    def answer(self, letter: Letter) -> tuple[Answer, Any]:
        """Return Xero's answer and the JSON in it, None when it holds none.

        Raises:
            AnswerLost, Unavailable: there is none; ``letter.doubtful`` says whether it may be booked.
            StopRun, RateLimited: Xero did not take the request.
        """
        for pause in _PAUSES:
            try:
                return self._once(letter)
            except (AnswerLost, Unavailable) as error:
                if _status(error) is not None or self.key_is_dead(letter, timedelta(seconds=pause)):
                    raise
                if not self.pauses.wait(pause):
                    raise
        return self._once(letter)

    def key_is_dead(self, letter: Letter, later: timedelta = timedelta()) -> bool:
        """Say whether a request begun now, or ``later``, could reach Xero when it has forgotten the key."""
        return self._dies_within(letter, later + self.patience)

    def _dies_within(self, letter: Letter, later: timedelta = timedelta()) -> bool:
        """Say whether Xero may have forgotten the key when a request comes in that leaves ``later``."""
        passed = age(self.clock, letter.intent.at, letter.intent.uptime)
        return passed is None or passed + later + DEADLINE >= KEY_LIFE

    def _check(self, letter: Letter) -> None:
        """Keep a request here that may not leave any more, however long the limits or the machine held it.

        Raises:
            RunOvertaken: another process works on the sync: it settles the batch.
            Unavailable: it may have been booked before, and Xero may have forgotten its key.
        """
        self.journal.check()
        if letter.doubtful and self._dies_within(letter):
            raise Unavailable(f"A batch was held back for too long to {self._purpose} under its key again.")

    def _once(self, letter: Letter) -> tuple[Answer, Any]:
        failpoint("before-send")
        intent = letter.intent
        # Source: Xero, Idempotent requests: the key is for requests that have a body.
        key = intent.idempotency_key if intent.body else None
        try:
            answer = self.client.request(
                intent.method,
                intent.path,
                purpose=self._purpose,
                run=self.run,
                params=self.kind.params(intent.method),
                body=intent.body,
                idempotency_key=key,
                rows=len(letter.operations),
                before_leaving=partial(self._check, letter),
            )
            document = answer.json() if answer.is_json else None
        except (AnswerLost, Unavailable) as error:
            self._doubt(letter, error)
            raise
        failpoint("after-send")
        if answer.status < 300:
            self.size.succeeded(len(letter.operations), answer.seconds)
        return answer, document

    @property
    def _purpose(self) -> str:
        return f"send {self.kind.name}"

    def _doubt(self, letter: Letter, error: AnswerLost | Unavailable) -> None:
        status = _status(error)
        if isinstance(error, Unavailable) and status is None:
            return  # nothing left
        self.size.failed(len(letter.operations))
        letter.doubtful = True
        at_work = status is None or status in _GATEWAY_ERRORS
        lasting = DEADLINE if at_work else _SETTLING
        letter.landed_by = self.clock.uptime().seconds + lasting.total_seconds()
        failpoint("in-doubt")


def _status(error: AnswerLost | Unavailable) -> int | None:
    return error.status if isinstance(error, Unavailable) else None
