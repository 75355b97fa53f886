"""Puts booked contacts into their groups and takes them out of others, before their rows count as accepted.

When contacts are booked, the steps still to be taken for them are written down in the same transaction, one
batch a group. Once all contacts are through, the steps of all of them leave together: one call a group, or as
many as its contacts need. A step may be taken twice without harm, so whatever the journal shows as not
settled is simply taken again; only groups are never made twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from threading import RLock

from msgspec.structs import replace

from bookward.destinations.xero.batching import Batch, BatchSize, Cutter
from bookward.destinations.xero.contact_groups import (
    CONTACT_GROUPS,
    GROUPS,
    ID,
    MEMBER,
    MEMBERSHIPS,
    changes_groups_only,
    contacts_of,
    steps,
)
from bookward.destinations.xero.group_calls import GroupMaking, StepDelivery, is_done
from bookward.destinations.xero.letters import write_letter
from bookward.destinations.xero.queries import Wanted
from bookward.destinations.xero.writer import Job, Stage, batches
from bookward.errors import RecordIncomplete
from bookward.records import Intent, Operation, OperationKind, Outcome, OutcomeStatus, Rejection

_NO_GROUP = Rejection(code="", message="Xero did not make the group.")


class Memberships:
    """The groups of all contacts of one run (``delivery.FollowUp``)."""

    def __init__(self, making: GroupMaking, delivery: StepDelivery) -> None:
        """Make missing groups by ``making`` and take the steps by ``delivery``."""
        self._making = making
        self._delivery = delivery
        delivery.passed = self._passed
        self._lock = RLock()
        self._aside: dict[int, Operation] = {}  #: by place; whose records need not be sent any more
        self._open: dict[tuple[int, str, OperationKind], Operation] = {}
        self._parked: list[str] = []
        self._left: Counter[int] = Counter()
        self._failed: set[int] = set()
        self._warnings: dict[int, tuple[str, ...]] = {}

    def set_aside(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        """Yield operations, and keep those that change nothing but groups."""
        for operation in operations:
            if changes_groups_only(operation):
                self._aside[operation.seq] = operation
            else:
                yield operation

    def take_up(self, intent: Intent, operations: Sequence[Operation]) -> None:
        """Take over all steps of the rows in a batch that an earlier process left unsettled."""
        by_seq = {operation.seq: operation for operation in operations}
        for seq, contact in zip(intent.seqs, contacts_of(intent), strict=False):
            self._aside[seq] = replace(by_seq[seq], remote_id=contact)
        self._park((), [intent])

    def prepare(self, operations: Sequence[Operation]) -> None:
        wanted = {
            name: operation
            for operation in operations
            for name, group in (operation.payload.get(GROUPS) or {}).items()
            if group[MEMBER] and not group.get(ID)
        }
        with self._lock:
            for name, operation in wanted.items():
                if name not in self._making.refusals and not self._id(name):
                    self._making.index.refresh(Wanted())
                    if not self._id(name):
                        self._making.make(operation, name)

    def after(
        self, operations: Sequence[Operation], outcomes: Sequence[Outcome]
    ) -> tuple[Sequence[Outcome], Sequence[Intent]]:
        by_seq = {operation.seq: operation for operation in operations}
        self.prepare([by_seq[outcome.seq] for outcome in outcomes if is_done(outcome)])
        final: list[Outcome] = []
        following: list[Operation] = []
        for outcome in outcomes:
            todo = list(steps(by_seq[outcome.seq], str(outcome.remote_id))) if is_done(outcome) else []
            ready, impossible = self._with_ids(todo)
            following += ready
            if impossible:
                self._failed.add(outcome.seq)
                final.append(impossible[0])
            elif ready:
                self._warnings[outcome.seq] = outcome.warnings
            else:
                final.append(outcome)
        batches = Cutter(MEMBERSHIPS, BatchSize(max(len(following), 1))).cut(following)
        intents = [write_letter(self._making.run, batch, self._making.clock).intent for batch in batches]
        self._park(following, intents)
        return final, intents

    def stages(self) -> Sequence[Stage]:
        """Return what has to be done once all contacts are through."""
        return [(self._steps(), self._delivery), (iter([self._close_parked]), self._delivery)]

    def _steps(self) -> Iterator[Job]:
        """Yield what takes all steps."""
        self.prepare(list(self._aside.values()))
        for operation in self._aside.values():
            ready, impossible = self._with_ids(steps(operation, str(operation.remote_id)))
            self._park(ready, ())
            if impossible:
                self._give_up(impossible[0])
        self._left = Counter(seq for seq, _, _ in self._open)
        cutter = Cutter(MEMBERSHIPS, self._delivery.size)
        for batch in batches(cutter, iter(sorted(self._open.values(), key=_place))):
            yield partial(self._delivery.send, batch)

    def _close_parked(self) -> None:
        for batch in self._parked:
            self._making.journal.settle(batch, ())

    def _park(self, todo: Iterable[Operation], intents: Iterable[Intent]) -> None:
        with self._lock:
            self._open |= {(step.seq, step.payload[ID], step.kind): step for step in todo}
            self._parked += [intent.batch for intent in intents]

    def _with_ids(self, todo: Iterable[Operation]) -> tuple[list[Operation], list[Outcome]]:
        """Return steps with the ids of groups made meanwhile, and the outcomes of the impossible ones."""
        ready: list[Operation] = []
        impossible: list[Outcome] = []
        for step in todo:
            name = step.payload["Name"]
            if id_ := step.payload.get(ID) or self._id(name):
                ready.append(replace(step, payload={ID: id_, "Name": name}))
            else:
                said = self._making.refusals.get(name)
                impossible.append(_incomplete(step, said or _NO_GROUP))
        return ready, impossible

    def _id(self, name: str) -> str | None:
        folded = CONTACT_GROUPS.fold("Name", name)
        records = self._making.index.by_key("Name", [folded]).get(folded, ())
        return next((record.remote_id for record in records), None)

    def _give_up(self, outcome: Outcome) -> None:
        """Write down the outcome of a row that cannot get into all of its groups."""
        self._failed.add(outcome.seq)
        batch = Batch(method="PUT", path=GROUPS, operations=(), body=b"")
        self._making.journal.settle(
            write_letter(self._making.run, batch, self._making.clock).intent.batch, [outcome]
        )
        self._making.settled([outcome])

    def _passed(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcomes of the rows for which the last step is taken, or the first one refused."""
        final: list[Outcome] = []
        with self._lock:
            for outcome in outcomes:
                if outcome.seq in self._failed:
                    continue
                self._left[outcome.seq] -= 1
                if outcome.rejection is not None:
                    self._failed.add(outcome.seq)
                    final.append(_incomplete(outcome, outcome.rejection))
                elif not self._left[outcome.seq]:
                    final.append(replace(outcome, warnings=self._warnings.get(outcome.seq, ())))
        return final


def _place(step: Operation) -> int:
    return step.seq


def _incomplete(row: Operation | Outcome, said: Rejection) -> Outcome:
    error = RecordIncomplete(
        f"The contact is booked, but not in all of its groups: {said.message}",
        field=GROUPS,
        remedy=said.remedy or None,
    )
    return Outcome(
        seq=row.seq,
        key=row.key,
        status=OutcomeStatus.REJECTED,
        remote_id=row.remote_id,
        rejection=Rejection.of(error),
    )
