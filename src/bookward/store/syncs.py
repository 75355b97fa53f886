"""What is known about a sync between its runs: its snapshot, its configurations, its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Select, case, delete, func, literal, select, update

from bookward.errors import (
    KeyDuplicate,
    KeyNull,
    KeysLeftOut,
    OrganisationChanged,
    RecordIncomplete,
    RecordRemoved,
)
from bookward.records import ChangeKind, OperationKind, OutcomeStatus
from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.digests import told_from
from bookward.store.epochs import Epochs
from bookward.store.organisations import known_organisation
from bookward.store.refusals import NO_REFUSAL, Patience, put_off, said_of, set_by
from bookward.store.runs import handed_over
from bookward.store.tables import CAME_BACK, configs, decisions, outcomes, pointers, rows, run_rows, runs
from bookward.store.upserts import insert

_MOST_VALUES = 500


class Pointer(NamedTuple):
    """Which snapshot of a sync counts, and the run that made it."""

    snapshot: str | None
    organisation: str | None  #: whose books the rows were written to
    run: str | None


class ConfigVersion(NamedTuple):
    """One version of what decides a sync's payloads."""

    version: int
    digest: str
    body: str


class SyncState:
    """The state of one sync; what ``ports.RowLedger`` needs to know."""

    def __init__(self, database: Database, epochs: Epochs, sync: str) -> None:
        self._database = database
        self._epochs = epochs
        self.sync = sync

    def pointer(self) -> Pointer:
        """Return which snapshot counts now."""
        query = select(pointers.c.snapshot, pointers.c.organisation, pointers.c.run).where(
            pointers.c.sync == self.sync
        )
        with self._database.reading() as connection:
            line = connection.execute(query).one_or_none()
        return Pointer(*line) if line else Pointer(None, None, None)

    def last_settings(self) -> str | None:
        """Return the resolved configuration of the run that made the snapshot; None where it is not known."""
        query = select(runs.c.config).join(pointers, pointers.c.run == runs.c.id)
        with self._database.reading() as connection:
            said: str | None = connection.scalar(query.where(pointers.c.sync == self.sync))
        return said

    def known_columns(self) -> Sequence[str] | None:
        """Return the columns that the model had in the last run, None where that is not known."""
        query = select(pointers.c.columns).where(pointers.c.sync == self.sync)
        with self._database.reading() as connection:
            columns: Sequence[str] | None = connection.scalar(query)
        return columns

    def config(self, body: str) -> ConfigVersion:
        """Return the version of a configuration, numbering it when it is new."""
        digest = hashlib.sha256(body.encode()).hexdigest()
        of_sync = configs.c.sync == self.sync
        with self._database.writing(alone=f"config {self.sync}") as connection:
            known = connection.scalar(select(configs.c.version).where(of_sync, configs.c.digest == digest))
            if known is None:
                newest = connection.scalar(select(func.max(configs.c.version)).where(of_sync))
                known = (newest or 0) + 1
                connection.execute(
                    configs.insert().values(sync=self.sync, version=known, digest=digest, body=body)
                )
        return ConfigVersion(known, digest, body)

    def config_body(self, version: int) -> str:
        """Return what a version of the configuration said."""
        query = select(configs.c.body).where(configs.c.sync == self.sync, configs.c.version == version)
        with self._database.reading() as connection:
            body: str = connection.execute(query).scalar_one()
        return body

    def remote_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self._pairs(rows.c.remote_id, rows.c.key, keys, rows.c.state != RowState.REMOVED)

    def former_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self._pairs(rows.c.remote_id, rows.c.key, keys, rows.c.state == RowState.REMOVED)

    def owners(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        return self._pairs(rows.c.key, rows.c.remote_id, remote_ids, rows.c.state != RowState.REMOVED)

    def had(self, remote_ids: Sequence[str]) -> dict[str, str]:
        """Return, for the records that a row of this sync has or had, the key of that row."""
        return dict(self._pairs(rows.c.key, rows.c.remote_id, remote_ids))

    def made(self, remote_ids: Sequence[str]) -> set[str]:
        return set(self._pairs(rows.c.key, rows.c.remote_id, remote_ids, rows.c.made))

    def owned_by(
        self, syncs: Collection[str], remote_ids: Sequence[str], *, former: bool = False
    ) -> set[str]:
        """Return those of the records that rows of ``syncs`` have that are not about to leave their model.

        Args:
            former: and those of rows that left it, or are about to.
        """
        query = select(rows.c.remote_id).where(rows.c.sync.in_(syncs))
        if not former:
            query = query.where(rows.c.state.not_in([RowState.REMOVED, RowState.LEAVING]))
        found: set[str] = set()
        with self._database.reading() as connection:
            for start in range(0, len(remote_ids), _MOST_VALUES):
                part = remote_ids[start : start + _MOST_VALUES]
                found.update(connection.scalars(query.where(rows.c.remote_id.in_(part))))
        return found

    def has_records(self) -> bool:
        """Return whether any row of this sync has a record at the destination, or may have one."""
        with self._database.reading() as connection:
            return connection.execute(self._with_records).first() is not None

    @property
    def _with_records(self) -> Select[tuple[str]]:
        has = rows.c.remote_id.is_not(None) | (rows.c.state == RowState.UNCERTAIN)
        return select(rows.c.key).where(rows.c.sync == self.sync, has).limit(1)

    def fold(
        self,
        run: str,
        organisation: str,
        snapshot: str | None,
        patience: Patience,
        *,
        whole: bool = True,
        former_key: Sequence[str] = (),
        columns: Sequence[str] = (),
    ) -> None:
        """Move the pointer to a new snapshot and the rows to their new states, in one transaction.

        Args:
            run: whose outcomes are folded.
            organisation: id of the one that it wrote to.
            snapshot: name of the new one.
            patience: for the rows that were refused.
            whole: the run was about all rows, so that those it does not know of wait for nothing any more.
            columns: those that the model had; nothing where that is not known.
            former_key: the columns of the key that the run's rows go over from, if they do.

        Raises:
            OrganisationChanged: the records of this sync are another organisation's.
            RunOvertaken: another process works on this sync by now.
        """
        moved: dict[str, Any] = {"organisation": organisation, "snapshot": snapshot, "run": run}
        if columns:
            moved["columns"] = list(columns)
        with self._database.writing() as connection:
            self._epochs.require(connection, self.sync)
            self._refuse_other_books(connection, run, organisation)
            pointer = insert(connection, pointers).values(sync=self.sync, **moved)
            connection.execute(pointer.on_conflict_do_update(index_elements=[pointers.c.sync], set_=moved))
            if former_key:
                set_aside(connection, self.sync, former_key)
            self._move_rows(connection, run, patience)
            put_off(connection, self.sync, run, patience)
            if whole:
                self._release_waiting(connection, run)
            self._let_records_go(connection, run)
            if former_key:
                forget_without_record(connection, self.sync, run)
            final = {"folded": True, "folded_at": told_from(connection, patience.at)}
            connection.execute(update(runs).where(runs.c.id == run).values(final))

    def _refuse_other_books(self, connection: Connection, run: str, organisation: str) -> None:
        had = connection.scalar(select(pointers.c.organisation).where(pointers.c.sync == self.sync))
        if had == organisation or connection.execute(self._with_records).first() is None:
            return
        before, now = (known_organisation(connection, id_) for id_ in (str(had), organisation))
        raise OrganisationChanged(
            f"Sync {self.sync!r} has records of organisation {before}; run {run} wrote to {now}."
        )

    def _move_rows(self, connection: Connection, run: str, patience: Patience) -> None:
        status = outcomes.c.status
        removed = run_rows.c.change == ChangeKind.REMOVED
        state = case(
            (removed & (status == OutcomeStatus.HELD) & ~handed_over(), RowState.LEAVING),
            (status == OutcomeStatus.REJECTED, RowState.REJECTED),
            (status == OutcomeStatus.ASSUMED, RowState.ASSUMED),
            # Only what was assumed to be booked is in the snapshot without a record.
            ((status == OutcomeStatus.UNCHANGED) & outcomes.c.remote_id.is_(None), RowState.ASSUMED),
            (status == OutcomeStatus.SKIPPED, RowState.SKIPPED),
            (status == OutcomeStatus.UNCERTAIN, RowState.UNCERTAIN),
            (removed, RowState.REMOVED),
            (status == OutcomeStatus.ADOPTED, RowState.ADOPTED),
            else_=RowState.ACCEPTED,
        )
        # A rejected row has what it had before: the record that it met is not its own yet, unless it is
        # booked and only incomplete.
        incomplete = outcomes.c.code == RecordIncomplete.code
        remote_id = case(
            (incomplete, outcomes.c.remote_id),
            (status == OutcomeStatus.REJECTED, None),
            else_=outcomes.c.remote_id,
        )
        inserted = run_rows.c.kind.in_([OperationKind.INSERT, OperationKind.REPLACE])
        same_row = (run_rows.c.run == outcomes.c.run) & (run_rows.c.seq == outcomes.c.seq)
        # A row without a key of its own is not a row that could have a state.
        keyless = outcomes.c.code.in_([KeyNull.code, KeyDuplicate.code, KeysLeftOut.code])
        waiting = status.in_([OutcomeStatus.DEFERRED, OutcomeStatus.PARKED]) | (
            run_rows.c.kind == OperationKind.UNCERTAIN
        )
        said = {
            "sync": literal(self.sync),
            "key": run_rows.c.key,
            "state": state,
            "remote_id": remote_id,
            "run": run_rows.c.run,
            "made": inserted & (status == OutcomeStatus.ACCEPTED),
            "candidates": outcomes.c.candidates,
        } | said_of(patience)
        moved = (
            select(*said.values())
            .select_from(run_rows.join(outcomes, same_row))
            .where(run_rows.c.run == run, ~waiting, outcomes.c.code.is_(None) | ~keyless)
        )
        line = insert(connection, rows).from_select(list(said), moved)
        still_out = (rows.c.state == RowState.REMOVED) & (line.excluded.state == RowState.REJECTED)
        has_now = func.coalesce(line.excluded.remote_id, rows.c.remote_id)
        has_none = (line.excluded.code == RecordRemoved.code) | (line.excluded.state == RowState.UNCERTAIN)
        keeps = has_now.is_not_distinct_from(rows.c.remote_id)
        connection.execute(
            line.on_conflict_do_update(
                index_elements=[rows.c.sync, rows.c.key],
                set_={
                    "state": case((still_out, rows.c.state), else_=line.excluded.state),
                    "remote_id": case((has_none, None), else_=has_now),
                    "run": line.excluded.run,
                    "made": line.excluded.made | (rows.c.made & keeps),
                    "candidates": line.excluded.candidates,
                }
                | set_by(line),
            )
        )

    def _release_waiting(self, connection: Connection, run: str) -> None:
        """End the waiting of rows that are not in the plan: they say again what was accepted, or are gone."""
        waits = rows.c.state.in_([RowState.REJECTED, RowState.PARKED, RowState.SKIPPED, RowState.LEAVING])
        # Not by NOT IN: PostgreSQL would go through all planned keys for each row that waits.
        waiting = select(rows.c.key).where(rows.c.sync == self.sync, waits | CAME_BACK).correlate(None)
        released = waiting.except_(select(run_rows.c.key).where(run_rows.c.run == run))
        has_record = rows.c.remote_id.is_not(None) & (rows.c.state != RowState.REMOVED)
        state = case((has_record, RowState.ACCEPTED), else_=RowState.REMOVED)
        connection.execute(
            update(rows)
            .where(rows.c.sync == self.sync, rows.c.key.in_(released))
            .values({"state": state, **NO_REFUSAL})
        )

    def _let_records_go(self, connection: Connection, run: str) -> None:
        """Take from removed rows the records that other rows own by now: they must not come back to them.

        That this sync has made them goes over too.
        """
        made = select(rows.c.remote_id).where(
            rows.c.sync == self.sync, rows.c.state == RowState.REMOVED, rows.c.made
        )
        heirs = (rows.c.sync == self.sync, rows.c.run == run, rows.c.state != RowState.REMOVED)
        connection.execute(update(rows).where(*heirs, rows.c.remote_id.in_(made)).values(made=True))
        owned = select(rows.c.remote_id).where(*heirs)
        former = (rows.c.sync == self.sync, rows.c.state == RowState.REMOVED, rows.c.remote_id.in_(owned))
        connection.execute(update(rows).where(*former).values(remote_id=None))

    def _pairs(
        self, wanted: Column[str], given: Column[str], values: Sequence[str], *conditions: ColumnElement[bool]
    ) -> Mapping[str, str]:
        found: dict[str, str] = {}
        query = select(given, wanted).where(rows.c.sync == self.sync, wanted.is_not(None), *conditions)
        with self._database.reading() as connection:
            for start in range(0, len(values), _MOST_VALUES):
                part = values[start : start + _MOST_VALUES]
                found |= {line[0]: line[1] for line in connection.execute(query.where(given.in_(part)))}
        return found


def set_aside(connection: Connection, sync: str, former: Sequence[str]) -> None:
    """Make room for the rows of another key: those of the former one have left, and keep their records.

    Args:
        former: the columns of the former key; a row that was "17" is "id = 17" from now on.
    """
    prefix = literal(f"{', '.join(former)} = ")
    nowhere = f"{sync} set aside"  # no sync has such a name, so no row meets another in between
    aside = {"sync": nowhere, "key": prefix + rows.c.key, "state": RowState.REMOVED, **NO_REFUSAL}
    connection.execute(update(rows).where(rows.c.sync == sync).values(aside))
    connection.execute(update(rows).where(rows.c.sync == nowhere).values(sync=sync))
    said = update(decisions).where(decisions.c.sync == sync)
    connection.execute(said.values(key=prefix + decisions.c.key))


def forget_without_record(connection: Connection, sync: str, run: str) -> None:
    """Forget the rows of a former key whose records those of a run have taken, and those that had none."""
    connection.execute(delete(rows).where(rows.c.sync == sync, rows.c.run != run, rows.c.remote_id.is_(None)))
