"""The dashboard for Grafana and the rules for Prometheus name figures, labels and states that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bookward.rowstate import RowState
from bookward.serving import Role
from bookward.store.runs import RunState
from bookward.store.tickets import TicketState
from tests.integration.web.site import Site
from tests.integration.world import World

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "packaging/monitoring/grafana.json").read_text())
RULES = YAML(typ="safe").load((ROOT / "packaging/monitoring/prometheus-rules.yaml").read_text())

_FIGURE = re.compile(r"\b(bookward_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\bby \(([^)]*)\)")
_VALUES = {
    "bookward_last_run_start_seconds": {"state": set(RunState)},
    "bookward_rows_waiting": {"state": set(RowState)},
    "bookward_tickets": {"state": set(TicketState)},
    "bookward_calls_left": {"limit": {"day", "minute"}},
}


def expressions() -> Iterator[tuple[str, str]]:
    """Yield every expression with its place."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


@pytest.fixture
def labels(world: World) -> dict[str, set[str]]:
    """Return the labels of each figure of a company where something was run, is rejected, and waits."""
    world.customers((1, "Ann"), (2, ""))
    world.run()
    with closing(world.app()) as app, Site.running(app) as site, site.client(Role.VIEWER) as client:
        app.queue.ask("customers", who="ann@example.com")
        text = client.get("/api/v1/metrics").text
    families = text_string_to_metric_families(text)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_every_expression_names_what_there_is(labels: dict[str, set[str]]) -> None:
    named = set()
    for place, expression in expressions():
        figures = _FIGURE.findall(expression)
        assert figures, (place, expression)
        for figure, matchers in figures:
            named.add(figure)
            assert figure in labels, (place, figure)
            for label, value in _MATCHER.findall(matchers):
                assert label in labels[figure], (place, figure, label)
                known = _VALUES.get(figure, {}).get(label)
                assert value == "$sync" or known is None or set(value.split("|")) <= known, (place, value)
        grouped = {label.strip() for each in _GROUPING.findall(expression) for label in each.split(",")}
        assert grouped <= set.union(*(labels[figure] for figure, _ in figures)), (place, grouped)
    assert named == labels.keys()  # none is left out


def test_every_figure_stands_in_the_documentation_with_its_labels(labels: dict[str, set[str]]) -> None:
    page = (ROOT / "docs/how-to/monitoring.md").read_text()
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `bookward_")]
    told = {name.strip(" `"): {one.strip(" `") for one in said.split(",")} for name, said in rows}
    assert {name: said - {""} for name, said in told.items()} == labels


def test_every_name_in_the_words_of_a_rule_is_a_label_that_is_left(labels: dict[str, set[str]]) -> None:
    for group in RULES["groups"]:
        for rule in group["rules"]:
            groupings = _GROUPING.findall(rule["expr"])
            (figure, _), *_ = _FIGURE.findall(rule["expr"])
            left = set(groupings[0].split(", ")) if groupings else labels[figure]
            said = " ".join(rule["annotations"].values())
            assert set(re.findall(r"\$labels\.(\w+)", said)) <= left, rule["alert"]
            assert {"summary", "remedy"} == rule["annotations"].keys()
            assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_panels_lie_side_by_side_and_ask_the_chosen_prometheus() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        assert not _overlap(one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    chosen = {"type": "prometheus", "uid": "${source}"}
    asked = [each["datasource"] for panel in panels for each in (panel, *panel["targets"])]
    assert all(each == chosen for each in asked)
    assert DASHBOARD["templating"]["list"][0]["name"] == "source"


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "w"), ("y", "h"))
    )
