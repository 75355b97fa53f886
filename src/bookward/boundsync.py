"""One sync with everything that it refers to at hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bookward import exactjson
from bookward.clock import Clock
from bookward.destinations.base import Destination, ObjectType
from bookward.engine.mapping import Mapping as FieldMap
from bookward.engine.planfile import Plan
from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.spec.sync import SyncSpec
from bookward.store.files import plan_name
from bookward.store.store import Store
from bookward.store.syncs import ConfigVersion, SyncState


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
        return Workspace(folder=self.work / self.slug, memory_limit=self.memory_limit)

    @property
    def state(self) -> SyncState:
        """What is known about this sync between its runs."""
        return self.store.sync(self.slug)

    @property
    def plans(self) -> Path:
        """The folder that holds the plans."""
        return self.store.folder / "plans"

    @property
    def unfinished(self) -> Path:
        """The folder for the plan or the snapshot that is being written."""
        return self.store.files.unfinished(self.slug)

    def snapshot_name(self, name: str) -> str:
        """Return the name that a snapshot of this sync has among the files of the state."""
        return f"snapshots/{self.slug}/{name}"

    def snapshot(self) -> Path | None:
        """Return the snapshot that counts now, None before the first run."""
        name = self.state.pointer().snapshot
        return self.store.files.fetch(self.snapshot_name(name)) if name else None

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
        specs = {"sync": self.spec, "model": self.model.spec}
        return exactjson.encode_sorted(
            {name: spec.model_dump(mode="json", exclude={"description"}) for name, spec in specs.items()}
        ).decode()

    def settings(self) -> str:
        """Return the digest of that: a plan made under another one is stale."""
        return hashlib.sha256(self.resolved().encode()).hexdigest()

    def former(self) -> tuple[str, tuple[str, ...]] | None:
        """Return the object and the primary key that the rows were written with, None when there are none."""
        run = self.state.pointer().run if self.state.has_records() else None
        if run is None:
            return None
        said = exactjson.decode(self.store.runs.config(run))
        return str(said["sync"]["object"]), tuple(said["model"]["primary_key"])

    def older_mapping(self, version: int) -> FieldMap:
        """Return the mapping of an earlier configuration."""
        said = exactjson.decode(self.state.config_body(version))
        return FieldMap.compile(
            SyncSpec.model_validate(self.spec.model_dump() | said),
            self.object_type.fields,
            self.destination.zone,
        )
