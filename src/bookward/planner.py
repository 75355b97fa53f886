"""One plan, from the source to an immutable file; nothing is written at the destination."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby, islice
from pathlib import Path

from msgspec.structs import replace

from bookward.asking import PLAINLY, Asked, assumed
from bookward.bookings import Moved
from bookward.boundsync import BoundSync
from bookward.drafting import Drafter, Spool, older_maps
from bookward.engine.changes import read_changes
from bookward.engine.diff import DiffCounts, diff
from bookward.engine.doubles import Doubles
from bookward.engine.drifting import column_notes
from bookward.engine.findings import Reconciled
from bookward.engine.gathering import Gathering, bad_lines, gather
from bookward.engine.guarding import drifted, tripped
from bookward.engine.keys import KeyProblem, bad_keys
from bookward.engine.metadata import recorded_sorts
from bookward.engine.planfile import Plan, PlanWriter
from bookward.engine.planheader import PlanHeader
from bookward.engine.sorts import sorts_of
from bookward.engine.staging import stage
from bookward.errors import ModelEmpty, NameUnknown, RemovalHeldBack, RemovalUnset, StoreFailed
from bookward.failpoints import failpoint
from bookward.heavy import pa, pq
from bookward.meter import Meter
from bookward.narrowing import reading
from bookward.planledger import PlanLedger
from bookward.reconciling import Reconciling
from bookward.records import (
    REFUSED,
    REMOVING,
    SENDING,
    ChangeKind,
    Draft,
    Operation,
    OperationKind,
    Rejection,
)
from bookward.refusals import Refusals
from bookward.sources.base import NotANumber
from bookward.store.files import plan_name
from bookward.store.rekeying import UnderNewKey
from bookward.trial import left

PLAN_LIFE = timedelta(hours=24)
_PART = 1_000  # drafts resolved together: enough to look records up in bulk, small enough to stay in memory


@contextmanager
def state_errors() -> Iterator[None]:
    """Say clearly what is wrong when a file of Bookward's own cannot be read or written.

    Raises:
        StoreFailed: instead of what the file system or the Parquet reader says.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise StoreFailed(
            f"A file of Bookward's own state cannot be used: {error}",
            remedy="Make room on the disk. If files are kept by URL, set BOOKWARD_FILES as it was. If one "
            "was deleted or damaged, bring back a backup of the state folder; without one, "
            f"{StoreFailed.last_resort}",
        ) from error


def make_plan(sync: BoundSync, meter: Meter, id_: str, asked: Asked = PLAINLY) -> Plan:
    """Read the model, compare it with the snapshot, and write the plan of what to do about it.

    Args:
        meter: is told of every step.
        id_: the id that the plan gets.
        asked: what a person wants of it beyond what differs.

    Raises:
        ConfigError: the model or the mapping has to be put right.
        StopRun: the source failed, or the model is suspiciously empty.
        RetryLater: the destination cannot be read now.
    """
    sync.store.files.reach()
    sync.model.refuse_unfit()
    work = sync.workspace.folder
    with state_errors():
        shutil.rmtree(work, ignore_errors=True)  # what a killed process left behind
        work.mkdir(parents=True)
        try:
            put = partial(sync.store.files.put, name=plan_name(id_))
            with PlanWriter(sync.plans, id_, sync.unfinished / id_, put) as writer:
                return _Planning(sync, meter, work, writer, asked, id_).plan(id_)
        finally:
            shutil.rmtree(work, ignore_errors=True)  # it holds the rows as the source gave them


class _Planning:
    """The steps of making one plan, and the files between them."""

    def __init__(
        self, sync: BoundSync, meter: Meter, work: Path, writer: PlanWriter, asked: Asked, id_: str
    ) -> None:
        self._sync = sync
        self._meter = meter
        self._work = work
        self._writer = writer
        self._asked = asked
        self._trial = asked.trial
        self._reconciling: Reconciling | None = None
        self._reconciled: Reconciled | None = None
        self._sending = 0
        self._seen: set[str] = set()  #: of the rows that a trial asks for
        self._former_key = sync.former_key() if asked.new_key else ()
        under_new_key = sync.store.under_new_key(sync.slug)
        self._state = under_new_key if self._former_key else sync.state
        self._doubts = under_new_key.doubts if self._former_key else sync.doubts
        self._mapping = sync.mapping()
        self._config = sync.config()
        self._removed: set[str] = set()  # 95 MB a million, measured: the most that a plan holds per row
        self._beside: Counter[str] = Counter()
        self._money: dict[str, Moved] = {}
        self._first: Mapping[str, int] = {}
        columns = list(dict.fromkeys([*sync.primary_key, *self._mapping.columns]))
        self._gathering = Gathering.of(sync.model.spec, columns)
        self._columns = self._gathering.reads if self._gathering else columns
        before = None if self._former_key else sync.snapshot()
        self._reading = reading(sync, id_, work, before, full=asked.full)
        self._as_read = work / "read.parquet"
        self._current = work / "current.parquet" if self._gathering else self._as_read

    def plan(self, id_: str) -> Plan:
        self._refuse_unset_removal()
        snapshot = self._sync.snapshot()
        rows = self._read()
        if not rows and not self._asked.allow_empty:
            self._refuse_emptying(snapshot)
        counts = self._compare()
        if self._asked.reconcile:
            self._meter.tell(phase="matching")
            self._reconciling = Reconciling(self._sync)
        self._draft_and_resolve(counts)
        if counts.bad_keys:
            self._writer.add_key_problems(self._key_problems())
        untouched = sorted((self._trial.keys or frozenset()) - self._seen)
        self._refuse_unknown(untouched)
        operations = {kind.value: n for kind, n in self._writer.operations.items()}
        created = self._sync.clock.now()
        books = self._sync.destination.organisation()
        names = self._sync.model.columns().names
        return self._writer.finish(
            PlanHeader(
                id=id_,
                sync=self._sync.slug,
                created=created,
                expires=created + PLAN_LIFE,
                organisation=books.id,
                organisation_name=books.name,
                config_version=self._config.version,
                config_hash=self._config.digest,
                settings=self._sync.settings(),
                base_snapshot=snapshot.name if snapshot else None,
                rows_read=rows,
                changes=_by_kind(counts),
                first=self._first,
                forecast=self._forecast(),
                money=self._money,
                reconciled=self._reconciled,
                untouched=tuple(untouched),
                columns=tuple(names),
                notes=tuple(column_notes(self._sync.state.known_columns(), names, self._columns)),
                former_key=self._former_key,
                left_behind=self._left_behind(),
                tripped=self._tripped(snapshot, operations),
            )
        )

    def _read(self) -> int:
        """Write down the rows as they are compared and return how many there are."""
        self._meter.tell(phase="reading")
        try:
            return self._read_once()
        except NotANumber as error:
            self._sync.model.loosen(error.column)
            return self._read()

    def _read_once(self) -> int:
        with self._reading.read(self._columns) as read:
            rows = stage(
                read.schema,
                read.batches,
                self._as_read,
                self._tell_read,
                lines=self._mapping.lines,
            )
        if self._gathering is not None:
            rows = gather(self._as_read, self._gathering, self._current, self._sync.workspace)
        return rows + self._reading.unread

    def _tell_read(self, rows: int) -> None:
        failpoint("while-reading")
        self._meter.check()
        self._meter.tell(rows_read=rows)

    def _key_problems(self) -> Iterator[KeyProblem]:
        if self._gathering is None:
            return bad_keys(self._as_read, self._sync.primary_key, self._sync.workspace)
        return bad_lines(self._as_read, self._gathering, self._sync.workspace)

    def _refuse_unset_removal(self) -> None:
        if self._asked.remove and self._sync.spec.on_removal == "keep":
            slug = self._sync.slug
            raise RemovalUnset(
                f"Sync {slug!r} does not say how a record is removed.",
                remedy=f"Set `on_removal` in syncs/{slug}.yaml to something else than `keep`.",
            )

    def _refuse_emptying(self, snapshot: Path | None) -> None:
        before = pq.read_metadata(snapshot).num_rows if snapshot else 0
        if before and self._sync.spec.on_removal != "keep":
            raise ModelEmpty(
                f"Model {self._sync.spec.model!r} returns no row. {before} rows were synced before, and "
                f"`on_removal: {self._sync.spec.on_removal}` would apply to all of their records."
            )

    def _refuse_unknown(self, keys: Sequence[str]) -> None:
        """Refuse a trial of rows that neither the model has nor the sync ever had."""
        known = self._sync.store.row_states(self._sync.slug).known(keys) if keys else set[str]()
        if unknown := [key for key in keys if key not in known]:
            raise NameUnknown(
                f"Model {self._sync.spec.model!r} has no row {unknown[0]!r}.",
                remedy="Name rows by their primary key, as `bookward rows SYNC` shows it.",
            )

    def _compare(self) -> DiffCounts:
        self._meter.tell(phase="comparing")
        counts = diff(
            self._current,
            self._reading.compared_with(self._as_read, self._current),
            self._sync.primary_key,
            self._config.version,
            self._writer.changes,
            self._sync.workspace,
            full=self._asked.full,
        )
        self._meter.tell(changes=counts.changes)
        return self._reading.note(self._writer.changes, counts)

    def _draft_and_resolve(self, counts: DiffCounts) -> None:
        """Map all rows, then match them: whether a value is claimed twice is known only after the last."""
        if not counts.changes and not self._reconciling:
            return
        self._meter.tell(phase="mapping")
        spool = Spool(self._work / "drafts")
        with Doubles(self._work / "claims.parquet", self._sync.workspace) as doubles:
            spool.write(self._drafts(doubles, counts))
        claimed_twice = doubles.found()
        failpoint("before-matching")
        self._meter.tell(phase="matching")
        ledger = PlanLedger(self._state, self._doubts, self._removed, self._sync.others, doubles)
        refusals = Refusals(self._sync)
        for part in spool.read():
            # Removed rows come last, and by themselves: what the others take or claim decides about them.
            for _, group in groupby(part, lambda draft: draft.change is ChangeKind.REMOVED):
                self._meter.check()
                drafts = list(group)
                operations = self._resolve(drafts, ledger, refusals, claimed_twice)
                ledger.note(drafts, operations)
                self._take_over(operations)
                self._writer.add(operations)
                self._beside.update(self._sync.destination.beside(operations))
                self._add_up(operations)
                if self._reconciling:
                    self._reconciling.note(drafts, operations)
        self._first = ledger.made_first()
        if self._reconciling:
            self._reconciled = self._reconcile(self._reconciling, ledger, counts)

    def _reconcile(self, reconciling: Reconciling, ledger: PlanLedger, counts: DiffCounts) -> Reconciled:
        """Write down what the books hold beside the rows, and plan the removals that are asked for."""
        self._meter.check()
        findings = reconciling.findings(sure=not counts.bad_keys)
        self._writer.add_findings(findings)
        no_removals = self._no_removals(counts.bad_keys)
        going = reconciling.removals(findings, self._asked.remove, self._writer.next_place)
        ledger.strays = {draft.key: remote_id for draft, remote_id in going}
        for start in range(0, len(going), _PART):
            drafts = [replace(draft, rejection=no_removals) for draft, _ in going[start : start + _PART]]
            operations = self._sync.destination.resolve(self._sync.spec, drafts, ledger, {})
            self._writer.add(operations)
            self._add_up(operations)
        calls = self._meter.progress.calls
        return reconciling.report(findings, self._asked.remove, left_out=counts.bad_keys, calls=calls)

    def _resolve(
        self,
        drafts: Sequence[Draft],
        ledger: PlanLedger,
        refusals: Refusals,
        claimed_twice: Mapping[str, Sequence[str]],
    ) -> list[Operation]:
        decided = refusals.uncertain(drafts)
        if self._asked.assume:
            return [decided.get(draft.seq) or assumed(draft) for draft in drafts]
        chosen = self._trial.chosen(drafts, self._sending, ledger.handing_over)
        if not self._asked.full and not self._former_key:
            decided = refusals.waiting(chosen, ledger) | decided
        if open_ := [draft for draft in chosen if draft.seq not in decided]:
            found = self._sync.destination.resolve(self._sync.spec, open_, ledger, claimed_twice)
            kept = self._trial.cut(refusals.marked(open_, found), self._sending)
            self._sending += sum(operation.kind in SENDING for operation in kept)
            decided |= {operation.seq: operation for operation in kept}
        return [decided.get(draft.seq) or left(draft) for draft in drafts]

    def _drafts(self, doubles: Doubles, counts: DiffCounts) -> Iterator[Sequence[Draft]]:
        older = older_maps(self._config.version, self._mapping, self._sync.older_mapping)
        match_field = next(iter(self._sync.spec.match))
        no_removals = self._no_removals(counts.bad_keys)
        drafter = Drafter(
            self._sync.object_type, match_field, self._mapping, older, no_removals, full=self._asked.full
        )
        changes = (change for part in read_changes(self._writer.changes) for change in part)
        while part := [drafter.draft(change) for change in islice(changes, _PART)]:
            self._meter.check()
            doubles.add(part)
            self._seen.update(self._trial.keys & {draft.key for draft in part} if self._trial.keys else ())
            self._removed.update(draft.key for draft in part if draft.change is ChangeKind.REMOVED)
            yield part

    def _no_removals(self, bad_keys: int) -> Rejection | None:
        if not bad_keys or self._sync.spec.on_removal == "keep":
            return None
        rows = "1 row has" if bad_keys == 1 else f"{bad_keys} rows have"
        why = "no key of their own" if self._gathering is None else "no key, or lines that are no row"
        return Rejection.of(RemovalHeldBack(f"{rows} {why}, and any may be this row."))

    def _take_over(self, operations: Sequence[Operation]) -> None:
        if isinstance(self._state, UnderNewKey):
            self._state.take([o.remote_id for o in operations if o.remote_id and o.kind not in REFUSED])

    def _left_behind(self) -> int:
        return self._state.left_behind() if isinstance(self._state, UnderNewKey) else 0

    def _add_up(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            brief = operation.brief
            if brief is None or operation.kind not in SENDING or not self._sync.object_type.has_amount:
                continue
            if brief.amount is not None or operation.kind in REMOVING:
                before = Decimal() if operation.kind is OperationKind.INSERT else brief.former
                so_far = self._money.get(brief.currency, Moved())
                self._money[brief.currency] = so_far.and_one(before, brief.amount)

    def _tripped(self, snapshot: Path | None, operations: Mapping[str, int]) -> tuple[str, ...]:
        guards = self._sync.spec.guards
        if snapshot is None:
            return tuple(tripped(guards, operations, 0, self._money))
        synced = pq.read_metadata(snapshot).num_rows
        before, now = recorded_sorts(pq.read_schema(snapshot)), sorts_of(pq.read_schema(self._current))
        drift = drifted(before, now) if any(kind in operations for kind in SENDING) else ()
        return (*drift, *tripped(guards, operations, synced, self._money))

    def _forecast(self) -> Mapping[str, object]:
        sending = {kind.value: n for kind, n in self._writer.operations.items() if kind in SENDING}
        bytes_, first = self._writer.bytes_to_send, sum(self._first.values())
        return asdict(self._sync.destination.forecast(self._sync.spec, sending, bytes_, self._beside, first))


def _by_kind(counts: DiffCounts) -> dict[str, int]:
    kinds = {kind.value: getattr(counts, kind.value) for kind in ChangeKind}
    return {"same": counts.same} | {kind: n for kind, n in kinds.items() if n}
