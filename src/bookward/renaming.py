"""Syncs under another name: given by `bookward rename`, or by hand in the project's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from bookward import exactjson
from bookward.boundsync import BoundSync
from bookward.engine.planfile import rename_plans
from bookward.errors import FilesInTheWay, NameUnknown, SyncRenamed
from bookward.failpoints import failpoint
from bookward.project.renaming import follow, rename_file, require_slug
from bookward.spec.sync import SyncSpec
from bookward.store.files import plan_name
from bookward.store.store import Store
from bookward.wiring import Wiring

_ALIKE = ("model", "destination", "object", "match")


def rename(wiring: Wiring, old: str, new: str) -> Sequence[str]:
    """Give a sync another name, with everything that is known about it; return other files that changed.

    The file goes first. A process that is killed behind it leaves what a rename by hand leaves: the sync does
    not run under its new name before this has been done again.

    Raises:
        ProjectInvalid: the new name is no slug, or the file cannot be renamed.
        NameUnknown: there is no such sync, or it has no file under either name.
        FilesInTheWay: there is a sync of the new name already.
        SyncBusy: one of the two is being run.
        StoreFailed: the state cannot be read or written.
    """
    require_slug(new)
    files, store = wiring.project.sync_files, wiring.store
    if old not in files and not _known(store, old):
        wiring.named("syncs", old)
    if _known(store, new) or files >= {old, new}:
        raise FilesInTheWay(f"There is a sync {new!r} already.", remedy="Name another one.")
    if not files & {old, new}:
        raise NameUnknown(
            f"The project has neither syncs/{old}.yaml nor syncs/{new}.yaml.",
            remedy="Bring the sync's file back first.",
        )
    with store.locks.running(old), store.locks.running(new):
        failpoint("before-rename-file")
        rename_file(wiring.root, old, new)
        others = follow(wiring.root, wiring.settings.state, old, new)
        wiring.look_anew()
        failpoint("after-rename-file")
        for plan in rename_plans(store.folder / "plans", old, new):
            store.files.put(plan, plan_name(plan.name))
        store.rename(old, new)
    return others


def former_name(wiring: Wiring, sync: str) -> str | None:
    """Return the sync that this one seems to have been, of which nothing is known under its own name.

    It is one that was run, has no file any more, and said the same of model, destination, object and match.
    """
    return former_names(wiring, {sync}).get(sync)


def former_names(wiring: Wiring, syncs: Set[str]) -> Mapping[str, str]:
    """Return those of some syncs that seem to have been others, each with its former name."""
    store, known = wiring.store, set(wiring.store.runs.syncs())
    gone = sorted(known - wiring.project.sync_files)
    found = {}
    for sync in syncs - known if gone else ():
        spec = wiring.project.syncs.get(sync)
        alike = (name for name in gone if spec and _has_rows(store, name) and _is_like(store, name, spec))
        if (former := next(alike, None)) is not None:
            found[sync] = former
    return found


def minding_former_names(wiring: Wiring, sync: BoundSync) -> BoundSync:
    """Return a sync that leaves the records of others alone also where these have been renamed by hand.

    Their rows are known under the former name until `bookward rename` has moved them.
    """
    return replace(sync, others=sync.others | set(former_names(wiring, sync.others).values()))


def renamed_by_hand(former: str, sync: str) -> SyncRenamed:
    """Return the error for a sync that looks like one that is gone."""
    return SyncRenamed(
        f"Sync {former!r} is not in the project any more, and {sync!r} looks like it: the same model, "
        "destination, object and match.",
        remedy=f"`bookward rename {former} {sync}` keeps its history. If it is another sync, say so once: "
        f"`bookward run {sync} --as-new`.",
    )


def _known(store: Store, sync: str) -> bool:
    return store.runs.newest(sync) is not None


def _has_rows(store: Store, sync: str) -> bool:
    return store.sync(sync).pointer().run is not None or bool(store.runs.unfolded(sync))


def _is_like(store: Store, gone: str, spec: SyncSpec) -> bool:
    newest = store.runs.newest(gone)
    said: dict[str, Any] = exactjson.decode(store.runs.config(newest.id))["sync"] if newest else {}
    return all(said.get(name) == getattr(spec, name) for name in _ALIKE)
