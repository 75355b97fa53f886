"""One sync with everything that it refers to at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bookward import exactjson
from bookward.clock import Clock
from bookward.destinations.base import Destination, ObjectType
from bookward.engine.mapping import Mapping as FieldMap
from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.spec.sync import SyncSpec
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
    memory_limit: str
    others: frozenset[str] = frozenset()  #: slugs of the other syncs that the project has

    @property
    def workspace(self) -> Workspace:
        """Where the files of one plan or fold lie, and how much memory it may use."""
        return Workspace(folder=self.store.folder / "work" / self.slug, memory_limit=self.memory_limit)

    @property
    def state(self) -> SyncState:
        """What is known about this sync between its runs."""
        return self.store.sync(self.slug)

    @property
    def plans(self) -> Path:
        """The folder that holds the plans."""
        return self.store.folder / "plans"

    @property
    def snapshots(self) -> Path:
        """The folder that holds the snapshots of this sync."""
        return self.store.folder / "snapshots" / self.slug

    def snapshot(self) -> Path | None:
        """Return the snapshot that counts now, None before the first run."""
        name = self.state.pointer().snapshot
        return self.snapshots / name if name else None

    def mapping(self) -> FieldMap:
        """Return the mapping of the present configuration."""
        return FieldMap.compile(self.spec, self.object_type.fields)

    def config(self) -> ConfigVersion:
        """Return the version of what decides the payloads: what a row was accepted under."""
        decides = self.spec.model_dump(mode="json", include={"object", "match", "fields", "look_up"})
        return self.state.config(exactjson.encode_sorted(decides).decode())

    def former_object(self) -> str | None:
        """Return the object that the rows were written to under the last configuration, if there is one."""
        said = self.state.newest_config() if self.state.has_records() else None
        return str(exactjson.decode(said)["object"]) if said else None

    def older_mapping(self, version: int) -> FieldMap:
        """Return the mapping of an earlier configuration."""
        said = exactjson.decode(self.state.config_body(version))
        return FieldMap.compile(
            SyncSpec.model_validate(self.spec.model_dump() | said), self.object_type.fields
        )
