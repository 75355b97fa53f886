"""Digests: what happened in some time is added up, and whoever is to be told is told at certain times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bookward import exactjson
from bookward.alerts.telling import link_to
from bookward.destinations.base import destination_classes
from bookward.digests import Digest, Refused, Spent, Sum, SyncDone, Trouble
from bookward.errors import meaning_of
from bookward.failpoints import failpoint
from bookward.records import REMOVING, OperationKind, OutcomeStatus
from bookward.schedule import Timetable
from bookward.spec.digest import DigestSpec
from bookward.spec.schedule import Schedule
from bookward.standings import Subject
from bookward.store.runs import Run, RunState
from bookward.store.tallies import Reason
from bookward.wiring import Wiring

_BETWEEN_LOOKS = timedelta(minutes=1)
_SETTLED = timedelta(minutes=1)
"""So long after its end a digest is made: what ended just before is written down by then."""
_NAMED = 10
"""So many runs that did not end well are named; the others are counted."""
_ENDED_BADLY = (RunState.FAILED, RunState.PARKED, RunState.INTERRUPTED)
_CHANGED = (OperationKind.UPDATE, OperationKind.REPLACE)


class Digester:
    """Looks, now and then, whose digest is due. Any number of processes may do so at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._looked: datetime | None = None

    def turn(self) -> None:
        """Once a minute, make the digests whose time has come, each once; ``delivering`` sends them."""
        now = self._wiring.clock.now()
        if self._looked is not None and timedelta() <= now - self._looked < _BETWEEN_LOOKS:
            return
        self._looked = now
        alerts, store = self._wiring.project.alerts, self._wiring.store
        specs = {slug: spec.digest for slug, spec in alerts.items() if spec.digest is not None}
        broken = {slug for kind, slug in self._wiring.project.documents if kind == "alerts"} - alerts.keys()
        store.digests.keep(specs.keys() | broken)
        said = {slug: spec.model_dump_json() for slug, spec in specs.items()}
        for slug, told in store.digests.told(said, now).items():
            due = _times(specs[slug]).due(max(told.since, told.seen), now - _SETTLED)
            if due is not None:
                final = store.digests.final(told.since, due)
                digest = compose(self._wiring, told.since, due, specs[slug], alert=slug)
                skip = digest.quiet and specs[slug].when_quiet == "skip"
                store.digests.take(digest, told, final=final, skip=skip)
                failpoint("after-digest-taken")


def _times(spec: DigestSpec) -> Timetable:
    return Timetable(sync="", schedule=Schedule(at=[spec.at], days=spec.days, timezone=spec.timezone))


def compose(wiring: Wiring, since: datetime, until: datetime, spec: DigestSpec, *, alert: str = "") -> Digest:
    """Return what happened from one moment to before another.

    Args:
        wiring: of the project.
        since: what happened from then on counts.
        until: to before then.
        spec: which syncs it is about, and in which zone people are told the times.
        alert: slug of the recipient.
    """
    return _Composing(wiring, since, until, spec).digest(alert)


class _Composing:
    """Adds up one digest."""

    def __init__(self, wiring: Wiring, since: datetime, until: datetime, spec: DigestSpec) -> None:
        self._wiring = wiring
        self._tallies = wiring.store.tallies
        self._time = (since, until)
        self._spec = spec
        found = self._tallies.runs(since, until)
        project = set(wiring.project.sync_files)
        self._happened = self._tallies.happened(since, until)
        busy = {run.sync for run in found} | {one.sync for one in self._happened}
        self._syncs = set(spec.syncs) if spec.syncs is not None else project | busy
        self._runs = [run for run in found if run.sync in self._syncs]
        self._waiting = [reason for reason in self._tallies.waiting() if reason.sync in self._syncs]

    def digest(self, alert: str) -> Digest:
        since, until = self._time
        bad = [run for run in reversed(self._runs) if run.state in _ENDED_BADLY]
        about = self._wiring.project.spec
        return Digest(
            alert=alert,
            project=about.name if about else "",
            since=since,
            until=until,
            timezone=self._spec.timezone,
            syncs=list(self._done()),
            sums=list(self._sums()),
            refused=list(self._refused()),
            troubles=[self._trouble(run) for run in bad[:_NAMED]],
            more_troubles=max(0, len(bad) - _NAMED),
            spent=self._spent(),
            link=self._wiring.settings.url,
        )

    def _done(self) -> Iterator[SyncDone]:
        happened: dict[str, Counter[str]] = defaultdict(Counter)
        for sync, kind, status, rows in self._happened:
            happened[sync][_called(kind, status)] += rows
        runs = Counter(run.sync for run in self._runs)
        failed = Counter(run.sync for run in self._runs if run.state in _ENDED_BADLY)
        for sync in sorted(self._syncs):
            counts = happened[sync]
            yield SyncDone(
                sync=sync,
                runs=runs[sync],
                failed=failed[sync],
                inserted=counts["inserted"],
                updated=counts["updated"],
                removed=counts["removed"],
                adopted=counts["adopted"],
                waiting=sum(reason.rows for reason in self._waiting if reason.sync == sync),
            )

    def _sums(self) -> Iterator[Sum]:
        sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
        for entry in self._tallies.booked(*self._time):
            if entry.sync in self._syncs:
                for each in entry.booked:
                    key = (entry.books, _object(entry.config), each.currency)
                    sums[key][each.kind in _CHANGED] += each.amount
        for (organisation, object_, currency), (inserted, updated) in sorted(sums.items()):
            yield Sum(
                organisation=organisation,
                object=object_,
                currency=currency,
                inserted=inserted,
                updated=updated,
            )

    def _refused(self) -> Iterator[Refused]:
        none = Reason("", "", 0, 0)
        known = {(one.sync, one.code): one for one in self._waiting}
        found = {(one.sync, one.code): one for one in self._tallies.refused(*self._time)}
        for sync, code in sorted(known.keys() | found.keys()):
            if sync in self._syncs:
                now, then = known.get((sync, code), none), found.get((sync, code), none)
                yield Refused(
                    sync=sync,
                    code=code,
                    said=meaning_of(code).said,
                    rows=then.rows,
                    waiting=now.rows,
                    parked=now.parked,
                )

    def _trouble(self, run: Run) -> Trouble:
        assert run.finished_at is not None
        return Trouble(
            sync=run.sync,
            run=run.id,
            at=run.finished_at,
            state=run.state.value,
            said=run.error_message or "Its process ended without a word.",
            link=link_to(self._wiring.settings.url, Subject("syncs", run.sync), run.id),
        )

    def _spent(self) -> Sequence[Spent]:
        """Return what was used of the limits of every organisation that the syncs write to."""
        into = {spec.destination for slug, spec in self._wiring.project.syncs.items() if slug in self._syncs}
        specs = {slug: spec for slug, spec in self._wiring.project.destinations.items() if slug in into}
        metered = {slug: destination_classes()[spec.type].metered for slug, spec in specs.items()}
        signed_in = {slug: self._wiring.store.vault.load(slug) for slug in specs}
        now_at = {slug: tokens.tenant_id for slug, tokens in signed_in.items() if tokens is not None}
        calls: Counter[str] = Counter(dict.fromkeys(now_at.values(), 0))
        for (slug, organisation), count in self._tallies.calls(*self._time, metered).items():
            if id_ := organisation or now_at.get(slug):
                calls[id_] += count
        today = self._wiring.clock.now().date()
        quotas = {one.organisation: one for one in self._wiring.store.listings.quotas()}
        left = {
            id_: one.day_left for id_, one in quotas.items() if one.seen_at and one.seen_at.date() == today
        }
        names = {id_: one.name for id_, one in quotas.items()}
        return [
            Spent(organisation=names.get(id_) or id_, calls=count, left=left.get(id_))
            for id_, count in sorted(calls.items())
        ]


def _called(kind: str, status: str) -> str:
    """Return under what a row is counted, "" where it is not."""
    if status == OutcomeStatus.ADOPTED:
        return "adopted"
    if status != OutcomeStatus.ACCEPTED:
        return ""
    if kind == OperationKind.INSERT:
        return "inserted"
    return "removed" if kind in REMOVING else "updated"


def _object(config: str) -> str:
    """Return what the sync of a configuration writes, with its type where that is a constant."""
    sync: Mapping[str, object] = exactjson.decode(config)["sync"]
    fields = sync.get("fields")
    said = fields.get("Type") if isinstance(fields, dict) else None
    type_ = said.get("value") if isinstance(said, dict) else None
    return f"{sync['object']} {type_}" if isinstance(type_, str) else str(sync["object"])
