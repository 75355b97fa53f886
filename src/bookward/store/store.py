"""The whole of Bookward's state, opened once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from bookward.clock import Clock
from bookward.records import Organisation
from bookward.settings import Settings
from bookward.store.backup import write_backup
from bookward.store.budgets import Budgets
from bookward.store.calls import Calls
from bookward.store.digests import Digests
from bookward.store.doubts import Doubts
from bookward.store.epochs import Epochs
from bookward.store.files import Files, plan_name, snapshot_name
from bookward.store.folderfiles import FolderFiles
from bookward.store.health import faults
from bookward.store.holdings import Holding, holdings
from bookward.store.index import Index
from bookward.store.jobs import AwaitedJobs
from bookward.store.journal import RunJournal, forget_bodies
from bookward.store.keeper import Keeper
from bookward.store.listings import Listings
from bookward.store.locks import Locks
from bookward.store.objects import Objects
from bookward.store.opening import lease_database, open_database
from bookward.store.organisations import known_organisation
from bookward.store.outbox import Outbox
from bookward.store.plans import Plans
from bookward.store.published import PublishedProject
from bookward.store.rekeying import UnderNewKey
from bookward.store.renaming import rename_state, rename_subject
from bookward.store.retention import Keep, Retention
from bookward.store.rowstates import RowStates
from bookward.store.runs import Runs
from bookward.store.seal import Seal
from bookward.store.secrets import Secrets
from bookward.store.sendings import Sendings
from bookward.store.sharedlocks import SharedLocks
from bookward.store.standings import Standings
from bookward.store.storedfiles import StoredFiles
from bookward.store.sweep import Sweep
from bookward.store.syncs import SyncState
from bookward.store.tallies import Tallies
from bookward.store.tickets import Tickets
from bookward.store.turns import Turns
from bookward.store.vault import Vault


class Store:
    """Bookward's own state: one member per thing it remembers."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Open the state folder, making it where needed.

        Raises:
            StoreFailed: it cannot be read or written.
        """
        self.database = self._database = open_database(settings)
        self._clock = clock
        self.folder = settings.state
        self.locks = _locks(settings)
        self.epochs = Epochs(self._database)
        keeper = Keeper(self._database, settings.state)
        self.files = _files(settings, self.locks, keeper)
        self.sweep = Sweep(
            files=self.files,
            locks=self.locks,
            epochs=self.epochs,
            work=settings.work,
            snapshot=lambda sync: self.sync(sync).pointer().snapshot,
        )
        self.runs = Runs(self._database, self.epochs)
        self.plans = Plans(self._database)
        self.calls = Calls(self._database)
        self.sendings = Sendings(self._database)
        self.listings = Listings(self._database)
        self.budgets = Budgets(self._database, self.locks)
        self.index = Index(self._database)
        self.tickets = Tickets(self._database, self.locks, clock)
        self.turns = Turns(self._database, self.tickets)
        self.standings = Standings(self._database)
        self.outbox = Outbox(self._database)
        self.digests = Digests(self._database)
        self.tallies = Tallies(self._database)
        self.jobs = AwaitedJobs(self._database)
        self.published = PublishedProject(self._database)
        self.seal = seal = Seal.from_settings(settings)
        self.vault = Vault(self._database, self.locks, seal)
        self.secrets = Secrets(self._database, clock, seal)

    def sync(self, slug: str) -> SyncState:
        """Return the state of one sync."""
        return SyncState(self._database, self.epochs, slug)

    def under_new_key(self, slug: str) -> UnderNewKey:
        """Return the state of one sync as a plan under another key has to see it."""
        return UnderNewKey(self._database, self.epochs, slug)

    def row_states(self, slug: str) -> RowStates:
        """Return where the rows of one sync stand."""
        return RowStates(self._database, slug)

    def doubts(self, slug: str) -> Doubts:
        """Return the uncertain rows of one sync."""
        return Doubts(self._database, slug)

    def organisation(self, id_: str) -> Organisation:
        """Return an organisation that was written to, by the name that it had last."""
        with self._database.reading() as connection:
            return known_organisation(connection, id_)

    def journal(self, run: str) -> RunJournal:
        """Return the journal of one run."""
        return RunJournal(self._database, self._clock, self.epochs, run)

    def rename(self, old: str, new: str) -> None:
        """Move what is known about a sync to another name; see ``rename_state``."""
        rename_state(self._database, self.epochs, self.files, old, new)

    def rename_file(self, kind: str, old: str, new: str) -> None:
        """Move what is known about a source, model, destination or alert to another name."""
        if kind == "destinations":
            self.vault.move(old, new)
        rename_subject(self._database, kind, old, new)

    def backup(self, syncs: Iterable[str], file: Path) -> int:
        """Write the whole state into a file; see ``write_backup``."""
        known = {*syncs, *self.runs.syncs()}
        return write_backup(self.folder, self.locks, known, file, lambda: self._bring(known))

    def _bring(self, syncs: Iterable[str]) -> None:
        """Bring the snapshots that count, and the plans of runs that are not finished, into the folder."""
        for sync in sorted(syncs):
            if name := self.sync(sync).pointer().snapshot:
                self.files.fetch(snapshot_name(sync, name))
            for run in self.runs.unfolded(sync):
                if run.plan:
                    self.files.fetch(plan_name(run.plan))

    def forget(self, now: datetime, keep: Keep) -> None:
        """Drop what has been kept long enough; what calls and batches carried is personal and bank data."""
        if keep.call_bodies is not None:
            before = now - keep.call_bodies
            self.calls.forget_bodies(before)
            forget_bodies(self._database, before)
            self.tickets.forget(before)
            self.outbox.forget(before)
        if keep.runs is not None:
            self.plans.forget(now - keep.runs)
        Retention(self._database).forget(now, keep)

    def faults(self) -> str:
        """Return what is wrong with the database's file, "" where all is well."""
        return faults(self._database)

    def holdings(self) -> Sequence[Holding]:
        """Return what is held, and how much room it takes; see ``holdings.holdings``."""
        return holdings(self._database, self.folder)

    def close(self) -> None:
        """Close the database."""
        self.tickets.close()
        self.budgets.close()
        self.locks.close()
        self._database.close()


def _locks(settings: Settings) -> Locks:
    folder = settings.state / "locks"
    leases = lease_database(settings)
    return SharedLocks(folder, leases) if leases else Locks(folder)


def _files(settings: Settings, locks: Locks, keeper: Keeper) -> Files:
    if settings.files is not None:
        return StoredFiles(settings.state, Objects(settings.files), locks, keeper)
    return (
        Files(settings.state) if settings.database_url is None else FolderFiles(settings.state, locks, keeper)
    )
