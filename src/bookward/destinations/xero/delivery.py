"""Delivers one batch for certain: written down, sent, and settled row by row whatever the answer.

- An answer that got lost: the same bytes go again under the same key while the key lives.
- A dead key, a server error, or an answer that cannot be right: what was booked is read back, and only what
  is missing goes again, under a new key; after a killed process that is for the next plan to decide.
- A whole request refused: it is halved down to the bad rows.
- A row that needs more than its record (``FollowUp``): what is still to be done is written down in the
  transaction that settles the batch, and the row has no outcome before that is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import Any, Protocol

from bookward.clock import Clock
from bookward.destinations.xero.batching import Batch, BatchSize, Cutter
from bookward.destinations.xero.client import Answer, Unavailable
from bookward.destinations.xero.elements import (
    Contradiction,
    accepted,
    check_new_ids,
    outcomes_of,
    refused,
    rejected,
    saved,
)
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.letters import Letter, Post, write_letter
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.problems import messages, whole_refusal
from bookward.destinations.xero.reconcile import reconcile
from bookward.errors import (
    AccessDenied,
    AnswerLost,
    NotConnected,
    OrganisationChanged,
    RateLimited,
    RecordMissing,
    RemoteRefused,
    RetryLater,
    SignInLost,
)
from bookward.failpoints import failpoint
from bookward.ports import Journal
from bookward.records import Intent, Operation, OperationKind, Outcome, OutcomeStatus

MOST_REFUSALS = 20
"""Whole requests that Xero may refuse, while it has taken none, until the run is stopped."""

MOST_SENDINGS = 4
"""Under how many keys a row is sent at most: the first, and three after reading back found it missing."""

_READ_PAUSES = (5.0, 15.0, 60.0, 120.0)
_TOO_LARGE = 413
_SPLITTING = (400, 404, _TOO_LARGE, 414)


class FollowUp(Protocol):
    """What has to be booked beside the records of a run before their rows count as accepted."""

    def prepare(self, operations: Sequence[Operation]) -> None:
        """Make, before a batch leaves, what it will need.

        Raises:
            StopRun, RetryLater: nothing more can be sent; the batch has not left.
        """

    def after(
        self, operations: Sequence[Operation], outcomes: Sequence[Outcome]
    ) -> tuple[Sequence[Outcome], Sequence[Intent]]:
        """Return the outcomes that are final, and what is written down as still to be done for the others."""


@dataclass(kw_only=True)
class Delivery:
    """What all batches of one run share; used by several threads."""

    post: Post
    index: XeroIndex
    kind: XeroObject
    match_field: str  #: by which the sync finds records
    clock: Clock
    journal: Journal
    run: str
    size: BatchSize
    settled: Callable[[Sequence[Outcome]], None]  #: is given outcomes as soon as they are on disk
    follow_up: FollowUp | None = None
    stopped: Event = field(default_factory=Event)  #: nothing new leaves once this is set
    edited: bool = False  #: the next plan may look for records by something else
    _refusals: int = 0
    _taken: bool = False
    _lock: Lock = field(default_factory=Lock)

    def send(self, batch: Batch) -> None:
        """Write a new batch down and deliver it.

        Raises:
            StopRun, RetryLater: nothing more can be sent; what is known is settled.
        """
        if self.follow_up is not None:
            self.follow_up.prepare(batch.operations)
        letter = write_letter(self.run, batch, self.clock)
        self.journal.intend(letter.intent)
        failpoint("after-intent")
        self._deliver(letter)

    def resume(self, intent: Intent, operations: Sequence[Operation]) -> None:
        """Deliver a batch that an earlier process wrote down and did not settle.

        Raises:
            StopRun, RetryLater: as for ``send``.
        """
        self._deliver(self.post.taken_up(intent, operations))

    def _deliver(self, letter: Letter) -> None:
        letters = [letter]
        try:
            while letters:
                letters += reversed(self._carry(letters.pop()))
        finally:
            for unsent in letters:
                self._close(unsent)

    def _carry(self, letter: Letter) -> list[Letter]:
        """Take one batch as far as its settlement; return the batches that carry the rest."""
        if self.stopped.is_set() and not letter.doubtful:
            self._close(letter)
            return []
        if letter.doubtful and self.post.key_is_dead(letter):
            return self._read_back(letter)
        try:
            answer, document = self.post.answer(letter)
        except (AnswerLost, Unavailable) as error:
            if letter.doubtful:
                return self._read_back(letter, error)
            self._close(letter)
            raise
        except (RateLimited, SignInLost, AccessDenied, NotConnected, OrganisationChanged):
            self._close(letter)
            raise
        return self._judge(letter, answer, document)

    def _judge(self, letter: Letter, answer: Answer, document: Any) -> list[Letter]:
        if answer.status >= 300:
            return self._refused(letter, answer.status, document)
        self._taken = True
        try:
            outcomes = outcomes_of(self.kind, letter.operations, document)
            check_new_ids(self.kind, self.match_field, letter.operations, outcomes, self.index.by_id)
        except Contradiction as error:
            return self._contradicted(letter, error)
        if letter.doubtful or letter.sendings > 1:
            outcomes = self._forgiven(letter, outcomes)
        self._settle(letter, outcomes)
        if letter.intent.method != "DELETE":
            self.index.learn(saved(self.kind, outcomes, document))
        return []

    def _forgiven(self, letter: Letter, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Accept what was refused only because an earlier sending had, or may have, booked it already."""
        refused_ = {outcome.seq for outcome in outcomes if outcome.rejection is not None}
        doubted = [operation for operation in letter.operations if operation.seq in refused_]
        if not doubted:
            return list(outcomes)
        found = self._reconciled(letter, doubted)[0]
        booked = {o.seq: o for o in found if o.status is not OutcomeStatus.REJECTED}
        return [booked.get(outcome.seq, outcome) for outcome in outcomes]

    def _refused(self, letter: Letter, status: int, document: Any) -> list[Letter]:
        """Halve a batch that was refused as a whole; a single row that is refused is the bad one."""
        reason = whole_refusal(status, document)
        if letter.doubtful:
            # An earlier sending may have been booked, and this refusal says nothing about that one.
            if letter.sendings >= MOST_SENDINGS:
                raise RemoteRefused(reason)
            return self._read_back(letter)
        if len(letter.operations) == 1 and (said := _about_the_row(status, document)):
            return self._refused_row(letter, rejected(letter.operations[0], said))
        if status not in _SPLITTING or self._hopeless():
            self._close(letter)
            raise RemoteRefused(reason)
        if status == _TOO_LARGE:
            self.size.failed(len(letter.operations))
        if len(letter.operations) == 1:
            return self._refused_row(letter, self._outcome(letter.operations[0], status, document, reason))
        halves = Cutter(self.kind, self.size).halves(letter.operations)
        return self._follow(letter, [], halves, letter.sendings)

    def _refused_row(self, letter: Letter, outcome: Outcome) -> list[Letter]:
        """Settle a row that Xero refused, unless there is something else to do about it."""
        instead = self.kind.after_refusal(letter.operations[0]) if outcome.rejection else None
        if instead is None:
            self._settle(letter, [outcome])
            return []
        return self._follow(letter, [], Cutter(self.kind, self.size).cut([instead]), letter.sendings)

    def _outcome(self, operation: Operation, status: int, document: Any, reason: str) -> Outcome:
        if status != 404 or operation.kind is OperationKind.INSERT:
            # A page instead of an answer need not have to do with the row.
            return rejected(operation, reason, passing=document is None)
        if operation.kind is OperationKind.DELETE:
            return accepted(operation, str(operation.remote_id))
        missing = f"There is no {self.kind.noun} {operation.remote_id} in Xero any more."
        return refused(operation, RecordMissing(missing))

    def _hopeless(self) -> bool:
        with self._lock:
            self._refusals += 1
            return not self._taken and self._refusals > MOST_REFUSALS

    def _contradicted(self, letter: Letter, error: Contradiction) -> list[Letter]:
        letter.doubtful = True
        if letter.sendings < MOST_SENDINGS:
            return self._read_back(letter)
        text = f"Xero's answers did not fit what was sent ({error}), and reading back, it is not there."
        outcomes, missing = self._reconciled(letter, letter.operations)
        self._settle(letter, [*outcomes, *(rejected(o, text, passing=True) for o in missing)])
        return []

    def _read_back(self, letter: Letter, error: RetryLater | None = None) -> list[Letter]:
        """Settle what was booked; return what carries the rest, under new keys.

        Raises:
            RetryLater: Xero cannot be read, and the batch stays open; or it failed too often.
        """
        outcomes, missing = self._reconciled(letter, letter.operations)
        if letter.resumed:
            self._settle(letter, outcomes)  # whether the rest is still wanted, the next plan decides
            return []
        if missing and error is not None and letter.sendings >= MOST_SENDINGS:
            self._settle(letter, outcomes)
            raise error
        batches = Cutter(self.kind, self.size).cut(missing)
        return self._follow(letter, outcomes, batches, letter.sendings + 1)

    def _reconciled(
        self, letter: Letter, operations: Sequence[Operation]
    ) -> tuple[list[Outcome], list[Operation]]:
        if letter.resumed and self._landing(letter) > 0:
            # Most likely it has landed long ago, and what is booked already needs no waiting.
            outcomes, missing = self._read(operations)
            if not missing and all(outcome.status is OutcomeStatus.ACCEPTED for outcome in outcomes):
                return outcomes, missing
        self._wait_until_landed(letter)
        return self._read(operations)

    def _read(self, operations: Sequence[Operation]) -> tuple[list[Outcome], list[Operation]]:
        read = partial(reconcile, self.kind, self.index, self.match_field, operations, edited=self.edited)
        for pause in _READ_PAUSES:
            try:
                return read()
            except (AnswerLost, Unavailable):
                if not self.post.pauses.wait(pause):
                    raise
        return read()

    def _landing(self, letter: Letter) -> float:
        return letter.landed_by - self.clock.uptime().seconds

    def _wait_until_landed(self, letter: Letter) -> None:
        if not self.post.pauses.wait(self._landing(letter)):
            raise AnswerLost("Stopped before it could be read back what Xero has booked.")

    def _follow(
        self, letter: Letter, outcomes: Sequence[Outcome], batches: Sequence[Batch], sendings: int
    ) -> list[Letter]:
        letters = [write_letter(self.run, batch, self.clock, sendings) for batch in batches]
        self._settle(letter, outcomes, [follower.intent for follower in letters])
        return letters

    def _settle(
        self, letter: Letter, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()
    ) -> None:
        if self.follow_up is not None:
            outcomes, more = self.follow_up.after(letter.operations, outcomes)
            next_intents = (*next_intents, *more)
        self.journal.settle(letter.intent.batch, outcomes, next_intents)
        failpoint("after-settle")
        if outcomes:
            self.settled(outcomes)

    def _close(self, letter: Letter) -> None:
        """Close a batch that Xero certainly did not take: its rows have no outcome and can still be sent."""
        if not letter.doubtful:
            self.journal.settle(letter.intent.batch, ())


def _about_the_row(status: int, document: Any) -> str:
    """Return what Xero says against the one row that was sent, nothing when it refused the request.

    Source: Xero, Accounting API, Response codes: a validation exception lists the elements that it refuses.
    """
    if status != 400 or not isinstance(document, dict) or not document.get("Elements"):
        return ""
    return " ".join(dict.fromkeys(messages(document["Elements"])))
