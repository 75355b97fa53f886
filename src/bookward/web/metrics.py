"""Figures for Prometheus: how syncs stand, what limits leave, and how the server itself does."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from bookward import __version__
from bookward.app import App, TicketState
from bookward.serving import Role
from bookward.web.files import app_of
from bookward.web.routes import Routes

routes = Routes("metrics")

_MOST = 100_000  # tickets; there is one open for a sync, or two


@routes.route("GET", "/metrics", needs=Role.VIEWER, media="text/plain")
def metrics(request: Request) -> Response:
    """Return figures as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_Figures(app_of(request)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Figures(Collector):
    """What the state says at the moment when it is asked."""

    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> list[Metric]:
        return []  # or else it would be collected once more

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("bookward", "The release that runs.", value={"version": __version__})
        yield from self._runs()
        yield from self._rows()
        yield from self._quotas()
        yield self._waiting()

    def _runs(self) -> Iterator[Metric]:
        began = _gauge("last_run_start_seconds", "When a sync last began, since 1970.", "sync", "state")
        took = _gauge("last_run_duration_seconds", "How long its last run took.", "sync")
        read = _gauge("last_run_rows", "What its last run did, by outcome.", "sync", "outcome")
        for sync, run in sorted(self._app.listings.last_runs().items()):
            began.add_metric([sync, run.state.value], run.started_at.timestamp())
            if run.finished_at is not None:
                took.add_metric([sync], (run.finished_at - run.started_at).total_seconds())
            for name, count in sorted(run.counts.items()):
                if name.startswith("rows_"):
                    read.add_metric([sync, name.removeprefix("rows_")], count)
        yield from (began, took, read)

    def _rows(self) -> Iterator[Metric]:
        waiting = _gauge("rows_waiting", "Rows that the books do not show, by why.", "sync", "state")
        for sync, states in sorted(self._app.listings.waiting_rows().items()):
            for state, count in sorted(states.items()):
                waiting.add_metric([sync, state], count)
        yield waiting

    def _quotas(self) -> Iterator[Metric]:
        left = _gauge("calls_left", "Calls that an organisation's limit leaves.", "organisation", "limit")
        for quota in self._app.listings.quotas():
            for limit, count in (("minute", quota.minute_left), ("day", quota.day_left)):
                if count is not None:
                    left.add_metric([quota.name or quota.organisation, limit], count)
        yield left

    def _waiting(self) -> Metric:
        found = _gauge("tickets", "Work that was asked for and has not ended.", "state")
        states = (TicketState.WAITING, TicketState.WORKING)
        open_ = [ticket.state for ticket in self._app.queue.list(states=states, limit=_MOST)]
        for state in states:
            found.add_metric([state.value], open_.count(state))
        return found


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bookward_{name}", about, labels=labels)
