"""What a sync has written so far, and whether its files still mean the same rows."""

from __future__ import annotations

from bookward.asking import Asked
from bookward.boundsync import BoundSync
from bookward.engine.planfile import Plan
from bookward.errors import KeyChanged, ObjectChanged, RunUnsettled
from bookward.rowstate import RowState


def refuse_other_object(sync: BoundSync) -> None:
    """Refuse to go on with rows that are another object's.

    Raises:
        ObjectChanged: the sync's file names another object.
    """
    was, now = sync.former_object(), sync.spec.object
    if was not in (None, now):
        raise ObjectChanged(f"Sync {sync.slug!r} has written {was}; its file says {now} now.")


def refuse_other_key(sync: BoundSync, asked: Asked, plan: Plan | None = None) -> None:
    """Refuse rows under another key than the one they are known by, unless a person goes on with it.

    Args:
        sync: all that it had sent is settled.
        asked: whether a person goes on under the new key.
        plan: one made before, perhaps for just that.

    Raises:
        KeyChanged: nobody has said so.
        RunUnsettled: there are rows of which nobody knows whether they were booked.
    """
    former = sync.former_key()
    if not former:
        return
    if not asked.new_key and (plan is None or plan.header.former_key != former):
        was, now = ", ".join(former), ", ".join(sync.primary_key)
        raise KeyChanged(
            f"The rows of sync {sync.slug!r} are known by {was}; the primary_key is {now} now.",
            remedy=f"Put the former key back, or say `bookward run {sync.slug} --new-key`: every row then "
            "finds its record anew by what the sync matches by, and nothing is made twice.",
        )
    if uncertain := sync.store.row_states(sync.slug).counts().get(RowState.UNCERTAIN):
        raise RunUnsettled(
            f"Sync {sync.slug!r} has uncertain rows ({uncertain:,}): under another key they may be booked "
            "twice.",
            remedy=f"Put the former key back, settle them with `bookward settle {sync.slug}`, and run once "
            "under it.",
        )
