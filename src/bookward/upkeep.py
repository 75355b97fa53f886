"""Looking after a project: its secrets and keys, its names, its backups, and its files' schemas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from sqlalchemy import Connection

from bookward.project.schema import write_schemas
from bookward.renaming import rename
from bookward.repointing import repoint
from bookward.serving import Serving
from bookward.sources.base import source_specs
from bookward.store.backup import read_backup, refuse_backup
from bookward.store.holdings import Holding
from bookward.store.secrets import Secrets
from bookward.wiring import destination_specs, steady


class Upkeep(Serving):
    """The verbs that change neither files nor books."""

    @property
    def secrets(self) -> Secrets:
        """The secrets that are sealed in the state, by the names that the project's files call them."""
        self._wiring.require_project()
        return self._wiring.store.secrets

    def seal(
        self, name: str, value: str, set_by: str, also: Callable[[Connection], object] = lambda _: None
    ) -> None:
        """Seal a secret under the name that files call it by; see ``Secrets.set``.

        Raises:
            EditRefused: also where the environment or `.env` sets the name, so that it would not be used.
        """
        self._wiring.refuse_set_outside([name])
        self.secrets.set(name, value, set_by, also)

    def set_outside(self, names: Iterable[str]) -> Collection[str]:
        """Return the names that the environment or `.env` sets: what is sealed under them is not used."""
        return self._wiring.set_outside(names)

    def rotate_key(self) -> int:
        """Seal all sign-ins and secrets anew with the first key; return how many things these are.

        Raises:
            StoreFailed: something was sealed with a key that is not given; nothing is changed.
        """
        return self.secrets.reseal()

    @steady
    def rename(self, sync: str, new: str) -> None:
        """Give a sync another name, with everything that is known about it; see ``renaming.rename``."""
        rename(self._wiring, sync, new)

    @steady
    def repoint(self, source: str, new: str) -> Sequence[str]:
        """Move the models of a source to another; return their slugs. See ``repointing.repoint``."""
        return repoint(self._wiring, source, new)

    @steady
    def backup(self, file: Path) -> int:
        """Write the state into a new file and return its size in bytes.

        Raises:
            BackupRefused: the state is in a database that has means of its own.
            StateMissing: there is no state, so this would be a backup of nothing.
            FilesInTheWay: there is such a file.
            SyncBusy: a sync is being run.
            StoreFailed: something cannot be read or written.
        """
        refuse_backup(self._wiring.settings.database_url is not None)
        self._wiring.require_state()
        return self._store.backup(self._wiring.project.syncs, file)

    def restore(self, file: Path) -> None:
        """Put a backup where no state is.

        Raises:
            FilesInTheWay: there is a state.
            StoreFailed: the file is no backup, or cannot be read or written.
        """
        self._wiring.require_project()
        refuse_backup(self._wiring.settings.database_url is not None)
        read_backup(file, self._wiring.settings.state)

    def holdings(self) -> Sequence[Holding]:
        """Return what the state holds, and how much room it takes; see ``holdings.holdings``."""
        return self._store.holdings()

    def write_schemas(self, folder: Path) -> Sequence[Path]:
        """Write the JSON Schemas of the project's files, for editors."""
        self._wiring.require_project()
        return write_schemas(folder, source_specs(), destination_specs())
