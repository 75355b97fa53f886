"""One sync with everything that it refers to at hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookward import exactjson
from bookward.clock import Clock
from bookward.destinations.base import Destination, ObjectType
from bookward.engine.mapping import Mapping as FieldMap
from bookward.engine.planfile import Plan
from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.spec.model import ModelSpec
from bookward.spec.sync import SyncSpec
from bookward.store.doubts import Doubts
from bookward.store.files import plan_name, snapshot_name
from bookward.store.store import Store
from bookward.store.syncs import ConfigVersion, SyncState

_SAYS_NOTHING = {"title", "description", "schedule", "alerts", "triggers"}
"""What may change without anything that a sync writes being another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSync:
    """A sync with everything that it refers to at hand."""

    slug: str
    spec: SyncSpec
    primary_key: tuple[str, ...]
    model: Model
    destination: Destination
    object_type: ObjectType
    store: Store
    clock: Clock
    work: Path  #: the folder for temporary files of this project
    memory_limit: str
    others: frozenset[str] = frozenset()  #: slugs of the other syncs that the project has

    @property
    def workspace(self) -> Workspace:
        """Where the files of one plan or fold lie, and how much memory it may use."""
        folder = self.work / self.slug / str(self.store.epochs.taken(self.slug))
        return Workspace(folder=folder, memory_limit=self.memory_limit)

    @property
    def state(self) -> SyncState:
        """What is known about this sync between its runs."""
        return self.store.sync(self.slug)

    @property
    def doubts(self) -> Doubts:
        """The rows of which a person has to say whether they are booked."""
        return self.store.doubts(self.slug)

    @property
    def plans(self) -> Path:
        """The folder that holds the plans."""
        return self.store.folder / "plans"

    @property
    def unfinished(self) -> Path:
        """The folder for the plan or the snapshot that is being written."""
        return self.store.files.unfinished(self.slug)

    def snapshot(self) -> Path | None:
        """Return the snapshot that counts now, None before the first run."""
        name = self.state.pointer().snapshot
        return self.store.files.fetch(snapshot_name(self.slug, name)) if name else None

    def plan(self, id_: str) -> Plan:
        """Return a plan made before; see ``Plan.open``."""
        return Plan.open(self.store.files.fetch(plan_name(id_)))

    def mapping(self) -> FieldMap:
        """Return the mapping of the present configuration."""
        return FieldMap.compile(self.spec, self.object_type.fields, self.destination.zone)

    def config(self) -> ConfigVersion:
        """Return the version of what decides the payloads: what a row was accepted under."""
        decides = self.spec.model_dump(mode="json", include={"object", "match", "fields", "look_up"})
        return self.state.config(exactjson.encode_sorted(decides).decode())

    def resolved(self) -> str:
        """Return all that was configured for the sync and its model, in one form for one meaning."""
        return _resolved(self.spec, self.model.spec)

    def settings(self) -> str:
        """Return the digest of that: a plan made under another one is stale."""
        return settings_of(self.spec, self.model.spec)

    def former_object(self) -> str | None:
        """Return the object that the rows were written to, None when there are none, or it is not known."""
        said = self._said_last() if self.state.has_records() else None
        return str(said["sync"]["object"]) if said else None

    def former_key(self, run: str | None = None) -> tuple[str, ...]:
        """Return the key by which the rows are known, if it is not the present one; else nothing.

        Args:
            run: a run whose key is meant, not the present one.
        """
        accepted = self.state.pointer().snapshot is not None or self.state.has_records()
        said = self._said_last() if accepted else None
        former = _key_in(said) if said else ()
        now = self.key_of(run) if run else self.primary_key
        return former if former != now else ()

    def key_of(self, run: str) -> tuple[str, ...]:
        """Return the key that the model had when a run began."""
        return _key_in(exactjson.decode(self.store.runs.config(run)))

    def spec_of(self, run: str) -> SyncSpec:
        """Return the sync as it was configured when a run began."""
        said = exactjson.decode(self.store.runs.config(run))
        return SyncSpec.model_validate(self.spec.model_dump() | said["sync"])

    def _said_last(self) -> dict[str, Any] | None:
        said = self.state.last_settings()
        return exactjson.decode(said) if said else None

    def older_mapping(self, version: int) -> FieldMap:
        """Return the mapping of an earlier configuration."""
        said = exactjson.decode(self.state.config_body(version))
        return FieldMap.compile(
            SyncSpec.model_validate(self.spec.model_dump() | said),
            self.object_type.fields,
            self.destination.zone,
        )


def _key_in(said: dict[str, Any]) -> tuple[str, ...]:
    return tuple(said["model"]["primary_key"])


def settings_of(sync: SyncSpec, model: ModelSpec) -> str:
    """Return the digest of all that is configured for a sync and its model."""
    return hashlib.sha256(_resolved(sync, model).encode()).hexdigest()


def _resolved(sync: SyncSpec, model: ModelSpec) -> str:
    specs = {"sync": sync, "model": model}
    return exactjson.encode_sorted(
        {name: spec.model_dump(mode="json", exclude=_SAYS_NOTHING) for name, spec in specs.items()}
    ).decode()
