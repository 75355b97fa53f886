"""Traces by OTLP: a receiver that reads the real protobuf sees one trace from a schedule to each API call."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from bookward import tracing
from bookward.app import TicketState
from bookward.worker import Worker
from tests.integration.alerts.catcher import Catcher, Caught, Reply
from tests.integration.world import World, moving

OK, ERROR = 0, 2  # as opentelemetry.proto.trace.v1.Status has them; 0 is unset
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Receiver:
    """What takes traces, as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        self.headers: list[dict[str, str]] = []

    def __call__(self, caught: Caught) -> Reply:
        assert (caught.path, caught.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
        self.headers.append(caught.headers)
        asked = ExportTraceServiceRequest.FromString(caught.body)
        for of_resource in asked.resource_spans:
            self.services.add(attributes(of_resource.resource)["service.name"])
            self.spans += [span for scope in of_resource.scope_spans for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return Reply(200, answer, {"Content-Type": "application/x-protobuf"})

    def named(self, name: str) -> Any:
        (span,) = [span for span in self.spans if span.name == name]
        return span

    def below(self, span: Any) -> list[Any]:
        """Return the spans right below one, in the order of their beginnings."""
        found = [one for one in self.spans if one.parent_span_id == span.span_id]
        return sorted(found, key=lambda one: one.start_time_unix_nano)


def attributes(of: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Catcher.running() as catcher:
        catcher.answer = receiver = Receiver()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(ENDPOINT, catcher.url)
            patch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=books")
            yield receiver
            tracing.close()


def test_one_trace_leads_from_a_schedule_through_another_process_to_each_call(
    world: World, receiver: Receiver
) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "on_removal", "schedule: {at: '10:00'}\non_removal")
    with closing(world.app()) as app:
        app.queue.scheduler().tick()
        moving(world.clock).jump(hours=1, minutes=1)
        tracing.set_up()
        assert app.queue.scheduler().tick() == 1
        tracing.close()  # whoever looks at the clock is not whoever works
        (ticket,) = app.queue.list(states=[TicketState.WAITING])
        tracing.set_up()
        assert Worker(app, runs=1)._take_one()
        tracing.close()
        (run,) = app.history()
        calls = [call for _, call in app.calls(run.id)]

    assert receiver.services == {"bookward"}
    assert {headers["x-team"] for headers in receiver.headers} == {"books"}
    assert len({span.trace_id for span in receiver.spans}) == 1
    turn = receiver.named("schedule customers")
    assert str(ticket.traceparent).split("-")[1:3] == [turn.trace_id.hex(), turn.span_id.hex()]
    (work,) = receiver.below(turn)
    (whole,) = receiver.below(work)
    assert (work.name, whole.name) == ("work customers", "run customers")
    told = attributes(whole)
    assert (told["bookward.run"], told["bookward.reason"], told["bookward.rows_accepted"]) == (
        run.id,
        "schedule",
        3,
    )
    assert told["bookward.organisation"] == run.organisation
    phases = receiver.below(whole)
    names = ["reading", "comparing", "mapping", "matching", "sending", "folding", "done"]
    assert [phase.name for phase in phases] == names
    assert all(phase.end_time_unix_nano for phase in receiver.spans)
    found = {span.name: attributes(span) for phase in phases for span in receiver.below(phase)}
    assert sum(len(receiver.below(phase)) for phase in phases) == len(calls) > 1
    (sent,) = receiver.below(phases[names.index("sending")])
    sent_as = attributes(sent)
    assert sent.name == "PUT Contacts"
    assert (sent_as["http.response.status_code"], sent_as["bookward.rows"]) == (200, 3)
    assert sent_as["url.full"] == f"{world.xero.url}/api.xro/2.0/Contacts"
    assert not [each for each in found.values() if "?" in each["url.full"]]
    assert turn.start_time_unix_nano < work.start_time_unix_nano < sent.start_time_unix_nano


def test_what_does_not_end_well_says_so_by_its_code(world: World, receiver: Receiver) -> None:
    world.edit("models/customers.sql", "customers", "nothing")
    tracing.set_up()
    with closing(world.app()) as app:
        app.run("customers")
    tracing.close()
    whole = receiver.named("run customers")
    assert (whole.status.code, whole.status.message) == (ERROR, "source_failed")
    assert "nothing" not in str(receiver.spans)


def test_a_command_traces_where_the_environment_asks_for_it(world: World, receiver: Receiver) -> None:
    command = [Path(sys.executable).with_name("bookward"), "-C", world.root, "run", "customers"]
    for more in ({"OTEL_SERVICE_NAME": "books"}, {"OTEL_SDK_DISABLED": "true"}, {ENDPOINT: ""}):
        subprocess.run(command, env=os.environ | world.environ | more, capture_output=True, check=True)
    assert receiver.services == {"books"}
    assert len([span for span in receiver.spans if span.name == "run customers"]) == 1


def test_without_the_packages_it_warns_and_goes_on(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "bookward.otel", None)
    with caplog.at_level(logging.WARNING):
        tracing.set_up()
    assert "pip install 'bookward[otel]'" in caplog.text
    with tracing.span("anything") as span:
        span.set(known=1)
        assert tracing.here() is None
    assert receiver.spans == []
