"""What is known when the state of a sync, a destination or a source is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bookward.spec.triggers import Triggers


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run that has ended."""

    id: str
    state: str  #: "done", "failed", "paused", "parked", "cancelled" or "interrupted"
    started_at: datetime
    finished_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    read_source: bool = True  #: whether it made its plan itself
    code: str | None = None
    message: str = ""
    remedy: str = ""
    plan: str = "open"  #: what became of its plan, where it is parked, by the word of its standing

    @property
    def whole(self) -> bool:
        """Whether it was about all rows, and saw to each of them."""
        return self.state == "done" and not self.counts.get("rows_left")

    @property
    def duration(self) -> timedelta:
        """How long it took."""
        return self.finished_at - self.started_at

    @property
    def rows_read(self) -> int:
        """How many rows its model returned."""
        return self.counts.get("rows_read", 0)

    @property
    def changes(self) -> int:
        """How many rows had changed."""
        kinds = ("added", "changed", "removed")
        return sum(self.counts.get(f"changes_{kind}", 0) for kind in kinds)

    @property
    def not_synced(self) -> int:
        """How many rows are not synced, for a reason that a person may have to see to."""
        kinds = ("rejected", "parked", "deferred", "uncertain")
        return sum(self.counts.get(f"rows_{kind}", 0) for kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFacts:
    """A sync with its newest runs."""

    sync: str
    source: str | None  #: slug of what its model reads from, where that is known
    destination: str
    triggers: Triggers  #: every one is set
    runs: Sequence[RunFacts]  #: that have ended, the newest first
    changed_at: datetime | None = None  #: when a run last found a change, where that is asked for
    waits_since: datetime | None = None  #: since when a run waits that its schedule asked for
    waits_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationFacts:
    """A destination."""

    destination: str
    triggers: Triggers
    signed_in_at: datetime | None = None  #: when the sign-in was last renewed, where there is one
    signed_in_until: datetime | None = None  #: when it ends unless it is renewed, where it ends
    calls_left: int | None = None  #: of this day, where that is known
    day_is_new: bool = False  #: whether nothing was heard of the calls of this day yet
