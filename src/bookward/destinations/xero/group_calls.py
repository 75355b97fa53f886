"""The calls that make groups, and those that put contacts into them or take them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from bookward.destinations.xero.batching import Cutter
from bookward.destinations.xero.client import Answer
from bookward.destinations.xero.contact_groups import GROUPS, ID, MEMBERSHIPS
from bookward.destinations.xero.delivery import MOST_REFUSALS, Delivery
from bookward.destinations.xero.elements import accepted, refused, rejected
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.letters import Letter
from bookward.destinations.xero.problems import messages
from bookward.destinations.xero.queries import Wanted
from bookward.errors import LookUpFailed, RemoteRefused
from bookward.records import Intent, Operation, OperationKind, Outcome, OutcomeStatus, Rejection


@dataclass(kw_only=True)
class GroupMaking(Delivery):
    """Makes groups; what becomes of them is no outcome of a row.

    Xero refuses more than a hundred: once it has refused some, others are not tried in the same run.
    """

    refusals: dict[str, Rejection] = field(default_factory=dict)  #: by the group's name

    def make(self, operation: Operation, name: str) -> None:
        """Make one group for an operation that needs it; ``refusals`` says when Xero does not.

        Raises:
            StopRun, RetryLater: nothing more can be sent.
        """
        if len(self.refusals) >= MOST_REFUSALS:
            self.refusals[name] = next(reversed(self.refusals.values()))
            return
        wanted = replace(
            operation, kind=OperationKind.INSERT, remote_id=None, payload={"Name": name}, before=None
        )
        for batch in Cutter(self.kind, self.size).cut([wanted]):
            self.send(batch)

    def _hopeless(self) -> bool:
        return False  # a refused group is no reason to keep contacts from being booked

    def _settle(
        self, letter: Letter, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()
    ) -> None:
        names = {operation.seq: operation.payload["Name"] for operation in letter.operations}
        self.refusals |= {names[o.seq]: o.rejection for o in outcomes if o.rejection is not None}
        super()._settle(letter, (), next_intents)


@dataclass(kw_only=True)
class StepDelivery(Delivery):
    """Takes steps: what is in doubt is not read back but taken again."""

    groups: XeroIndex
    passed: Callable[[Sequence[Outcome]], Sequence[Outcome]] = list
    """From the outcomes of steps to those of the rows that have no more steps to take."""

    def _judge(self, letter: Letter, answer: Answer, document: Any) -> list[Letter]:
        if answer.status >= 300:
            return self._not_taken(letter, answer, document)
        self._taken = True
        outcomes = _outcomes(letter.operations, document)
        self._learn([o for o, outcome in zip(letter.operations, outcomes, strict=True) if is_done(outcome)])
        self._settle(letter, outcomes)
        return []

    def _not_taken(self, letter: Letter, answer: Answer, document: Any) -> list[Letter]:
        joins = letter.intent.method == "PUT"
        if answer.status == 404 and joins and not letter.doubtful and self._group_is_gone(letter):
            name = letter.operations[0].payload["Name"]
            error = LookUpFailed(f"There is no contact group {name!r} in Xero any more.", field=GROUPS)
            self._settle(letter, [refused(operation, error) for operation in letter.operations])
            return []
        try:
            return self._refused(letter, answer.status, document)
        except RemoteRefused as error:
            # The contacts are booked: their rows say what is wrong, and no later run is held up by it.
            self._settle(letter, [rejected(operation, error.message) for operation in letter.operations])
            return []

    def _group_is_gone(self, letter: Letter) -> bool:
        id_ = letter.operations[0].payload[ID]
        found = self.groups.look_again(Wanted(ids=frozenset([id_]))).by_id
        return id_ not in found or found[id_].archived

    def _reconciled(
        self, letter: Letter, operations: Sequence[Operation]
    ) -> tuple[list[Outcome], list[Operation]]:
        self._wait_until_landed(letter)
        return [], list(operations)

    def _settle(
        self, letter: Letter, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()
    ) -> None:
        super()._settle(letter, self.passed(outcomes), next_intents)

    def _learn(self, taken: Sequence[Operation]) -> None:
        """Remember which groups contacts are in now: nobody says that lists of changes tell."""
        known = self.index.by_id(str(operation.remote_id) for operation in taken)
        bodies = {id_: dict(record.body) for id_, record in known.items()}
        for operation in taken:
            if (body := bodies.get(str(operation.remote_id))) is not None:
                id_ = operation.payload[ID]
                others = [g for g in body.get(GROUPS) or () if str(g.get(ID)).lower() != id_]
                joined = [dict(operation.payload)] if operation.kind is OperationKind.UPDATE else []
                body[GROUPS] = others + joined
        self.index.learn(bodies.values())


def is_done(outcome: Outcome) -> bool:
    """Return whether Xero has booked what an operation says."""
    return outcome.status is OutcomeStatus.ACCEPTED


def _outcomes(operations: Sequence[Operation], document: Any) -> list[Outcome]:
    """Return what became of steps that Xero took, but for contacts that it says something against."""
    elements = document.get(MEMBERSHIPS.envelope) if isinstance(document, dict) else None
    against = {
        MEMBERSHIPS.remote_id(element): " ".join(dict.fromkeys(said))
        for element in elements or ()
        if isinstance(element, dict) and (said := list(messages(element)))
    }
    return [
        rejected(o, against[str(o.remote_id)]) if o.remote_id in against else accepted(o, str(o.remote_id))
        for o in operations
    ]
