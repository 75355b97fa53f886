"""The spans of ``tracing`` by OpenTelemetry's SDK, sent by OTLP over HTTP; the extra `otel` has it.

Everything is set by the SDK's own variables: the endpoint and its headers, the name of the service, sampling.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from bookward import __version__

_KINDS = {"internal": SpanKind.INTERNAL, "producer": SpanKind.PRODUCER, "consumer": SpanKind.CONSUMER}
_CARRIED = "traceparent"
_LEAST_BAD = 400  # statuses of answers


class _OtelSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, **known: str | int | None) -> None:
        _set(self._span, known)

    def fail(self, said: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, said))


class OtelTracer:
    """Makes spans and sends them, in the background and again where the receiver is away for a moment."""

    def __init__(self) -> None:
        resource = Resource.create({"service.version": __version__} | _named())
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("bookward", __version__)
        self._carrier = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, parent: str | None, kind: str) -> Iterator[_OtelSpan]:
        context: Context | None = self._carrier.extract({_CARRIED: parent}) if parent else None
        with self._tracer.start_as_current_span(
            name, context, _KINDS[kind], record_exception=False, set_status_on_exception=False
        ) as span:
            made = _OtelSpan(span)
            try:
                yield made
            except BaseException as error:
                made.fail(f"{getattr(error, 'code', type(error).__name__)}")
                raise

    def here(self) -> str | None:
        carried: dict[str, str] = {}
        self._carrier.inject(carried)
        return carried.get(_CARRIED)

    def begin(self, name: str) -> trace.Span:
        return self._tracer.start_span(name)

    def call(
        self, name: str, ms: float, inside: trace.Span | None, known: Mapping[str, str | int | None]
    ) -> None:
        context = trace.set_span_in_context(inside) if inside is not None else None
        span = self._tracer.start_span(
            name, context, SpanKind.CLIENT, start_time=time.time_ns() - int(ms * 1_000_000)
        )
        _set(span, known)
        status = known.get("http__response__status_code")
        if status is None or int(status) >= _LEAST_BAD:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def close(self) -> None:
        self._provider.shutdown()


def _set(span: trace.Span, known: Mapping[str, str | int | None]) -> None:
    said: dict[str, Any] = {name.replace("__", "."): value for name, value in known.items()}
    span.set_attributes({name: value for name, value in said.items() if value is not None})


def _named() -> dict[str, str]:
    """Return the name of the service, unless the SDK's own variables say it."""
    said = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    return {} if said else {"service.name": "bookward"}
