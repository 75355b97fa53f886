"""What Prometheus reads, parsed by its own parser."""

from __future__ import annotations

from contextlib import closing

from prometheus_client.parser import text_string_to_metric_families

from bookward import __version__
from bookward.serving import Role
from tests.integration.web.site import Site
from tests.integration.world import World

METRICS = "/api/v1/metrics"


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_empty_project_has_its_release_and_no_runs(site: Site) -> None:
    with site.client(Role.VIEWER) as client:
        answer = client.get(METRICS)
    found = samples(answer.text)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found[("bookward_info", (__version__,))] == 1
    assert found[("bookward_tickets", ("waiting",))] == 0
    assert not any(name == "bookward_last_run_rows" for name, _ in found)


def test_runs_rows_and_limits(world: World) -> None:
    world.customers((1, "Ann"), (2, "Ann"), (3, "Bob"))
    run = world.run().run
    with closing(world.app()) as app, Site.running(app) as site, site.client(Role.VIEWER) as client:
        found = samples(client.get(METRICS).text)
    assert found[("bookward_last_run_start_seconds", ("customers", "done"))] == run.started_at.timestamp()
    assert found[("bookward_last_run_rows", ("accepted", "customers"))] == 1
    assert found[("bookward_last_run_rows", ("customers", "rejected"))] == 2
    assert found[("bookward_rows_waiting", ("customers", "rejected"))] == 2
    (left,) = [value for (name, labels), value in found.items() if "day" in labels]
    assert 0 < left < 5_000
